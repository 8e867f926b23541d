// RUN: alpa-opt %S/Inputs/two-stages.mlir --pass-pipeline='builtin.module(split-stages,outline)' | FileCheck %s
// RUN: alpa-opt %S/Inputs/two-stages.mlir --pass-pipeline='builtin.module(split-stages,remat{what=full},outline)' | FileCheck %s --check-prefix=FULL
// RUN: alpa-opt %S/Inputs/two-stages.mlir --pass-pipeline='builtin.module(split-stages,remat{what=selective},outline)' | FileCheck %s --check-prefix=SELECTIVE
// RUN: alpa-opt %S/Inputs/two-stages.mlir --pass-pipeline='builtin.module(split-stages,outline{split-backward})' | FileCheck %s --check-prefix=SPLIT
// RUN: alpa-opt %S/Inputs/two-stages.mlir --pass-pipeline='builtin.module(split-stages,builtin.module(shard{cluster=host:4}),outline,builtin.module(builtin.module(insert-collectives)))' | FileCheck %s --check-prefix=LOCAL
// RUN: not alpa-opt %S/Inputs/two-stages.mlir --pass-pipeline='builtin.module(outline)' 2>&1 | FileCheck %s --check-prefix=NONE
// RUN: alpa-opt %S/Inputs/two-stages.mlir --pass-pipeline='builtin.module(split-stages)' | sed 's/alpa.level = 2/alpa.level = 4294967294/' > %t
// RUN: not alpa-opt %t --pass-pipeline='builtin.module(outline)' 2>&1 | FileCheck %s --check-prefix=LEVEL
// LEVEL: error: {{.*}}has something of level 4294967294; expects 0 to 4096
// NONE: has no stages to cut; run 'split-stages' first

// CHECK-LABEL: module @stage0
// The first value of the accumulator.
// CHECK: module @prologue attributes {alpa.phase = "prologue"}
// CHECK: -> (tensor<8x16xf32> {alpa.local = "[[SUM:c[0-9]+]]"})
// CHECK: module @forward
// CHECK: alpa.microbatch
// CHECK-SAME: alpa.local = "[[KEPT:m[0-9]+]]"
// CHECK: stablehlo.tanh
// The accumulator is updated in place; the slice of the batch is taken again.
// CHECK: module @backward
// CHECK: %arg0: tensor<8x16xf32> {alpa.local = "[[SUM]]", tf.aliasing_output = 0 : i32}
// CHECK-SAME: alpa.local = "[[KEPT]]"
// CHECK-NOT: stablehlo.tanh
// CHECK: stablehlo.dynamic_slice
// CHECK: module @epilogue attributes
// CHECK: alpa.send
// CHECK: module @epilogue2 attributes {alpa.level = 2 : i64, alpa.phase = "epilogue"}
// CHECK: %arg0: tensor<8x16xf32> {alpa.argument = 0 : i64, tf.aliasing_output = 0 : i32}

// Nothing is kept: the backward pass computes the forward pass again.
// FULL: module @stage0
// FULL: module @forward
// FULL-NOT: alpa.local = "m
// FULL: module @backward
// FULL: stablehlo.dot_general
// FULL: stablehlo.tanh

// The product is kept, what follows is computed again.
// SELECTIVE: module @stage0
// SELECTIVE: module @forward
// SELECTIVE: alpa.local = "m
// SELECTIVE: module @backward
// SELECTIVE-NOT: stablehlo.dot_general
// SELECTIVE: stablehlo.tanh

// Stage 0 sends no gradient: all of its backward pass is for weights.
// SPLIT: module @stage0
// SPLIT-NOT: module @backward
// SPLIT: module @weight
// SPLIT: module @stage1
// SPLIT: module @backward
// SPLIT: alpa.send
// SPLIT: module @weight

// LOCAL: module @stage1
// LOCAL: module @forward
// LOCAL: stablehlo.partition_id
