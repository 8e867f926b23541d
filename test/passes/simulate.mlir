// RUN: alpa-opt %S/Inputs/two-stages.mlir --pass-pipeline='builtin.module(split-stages,builtin.module(shard{cluster=host:4}),outline,builtin.module(builtin.module(insert-collectives)),schedule{kind=1f1b},simulate{cluster=host:4})' > %t
// RUN: alpa-opt %S/Inputs/two-stages.mlir --pass-pipeline='builtin.module(split-stages,builtin.module(shard{cluster=host:4}),outline,builtin.module(builtin.module(insert-collectives)),schedule{kind=gpipe},simulate{cluster=host:4})' >> %t
// RUN: alpa-opt %S/Inputs/two-stages.mlir --pass-pipeline='builtin.module(split-stages,builtin.module(shard{cluster=host:4}),outline{split-backward=true},builtin.module(builtin.module(insert-collectives)),schedule{kind=zb-h1},simulate{cluster=host:4})' >> %t
// RUN: FileCheck %s < %t
// RUN: alpa-opt %models/gpt/step.mlir --pass-pipeline='builtin.module(simplify,cluster-layers{layers=8},stages{count=4 cluster=host:4},microbatch{count=4},time-loop,split-stages,builtin.module(shard{cluster=host:4}),outline,builtin.module(builtin.module(insert-collectives)),schedule,simulate{cluster=host:4})' 2>&1 | FileCheck %s --check-prefix=GPT
// RUN: not alpa-opt %S/Inputs/two-stages.mlir --pass-pipeline='builtin.module(split-stages,outline,schedule,simulate)' 2>&1 | FileCheck %s --check-prefix=CLUSTER
// RUN: not alpa-opt %S/Inputs/two-stages.mlir --pass-pipeline='builtin.module(split-stages,outline,simulate{cluster=host:4})' 2>&1 | FileCheck %s --check-prefix=SCHEDULE
// RUN: not alpa-opt %S/Inputs/two-stages.mlir --pass-pipeline='builtin.module(schedule,simulate{cluster=host:4})' 2>&1 | FileCheck %s --check-prefix=OUTLINE

// A micro-batch keeps 512 bytes on submesh 0, the result of tanh; on submesh 1 these and the 128 of the difference.
// Two of them are in flight on submesh 0 with 1f1b, one on submesh 1; all four with gpipe.  An activation of 512 bytes
// is sent for each micro-batch, and its gradient back.

// CHECK: kind = "1f1b"{{.*}}alpa.simulation = {bubble = {{.*}}, busy_ps = array<i64: {{[0-9]+, [0-9]+}}>, iteration_ps = {{[0-9]+}} : i64
// CHECK-SAME: peak_bytes = array<i64: [[#FIRST:]], [[#SECOND:]]>, sent_bytes = 4096 : i64}
// CHECK: kind = "gpipe"
// CHECK-SAME: peak_bytes = array<i64: [[#FIRST+1024]], [[#SECOND+1920]]>, sent_bytes = 4096 : i64}
// What W needs is kept until then: one more micro-batch on submesh 1, 640 bytes, of which 128 are saved as B and W apart
// take less than together.
// CHECK: kind = "zb-h1"
// CHECK-SAME: peak_bytes = array<i64: [[#FIRST]], [[#SECOND+512]]>, sent_bytes = 4096 : i64}

// gpt: the activations of a micro-batch, 4 x 64 x 128 floats, over three borders, four times, and as many gradients.
// GPT: sent_bytes = 3145728 : i64

// CLUSTER: simulate needs a cluster, as in simulate{cluster=host:8}
// SCHEDULE: has no alpa.schedule; run the pass schedule
// OUTLINE: pass 'simulate' requires 'outlined'
