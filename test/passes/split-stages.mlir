// RUN: alpa-opt %S/Inputs/two-stages.mlir --pass-pipeline='builtin.module(split-stages)' | FileCheck %s
// RUN: alpa-opt %S/Inputs/two-stages.mlir --pass-pipeline='builtin.module(split-stages,builtin.module(shard{cluster=host:4}))' | FileCheck %s --check-prefix=SHARD
// RUN: alpa-opt %s --split-input-file --verify-diagnostics --pass-pipeline='builtin.module(split-stages)'
// RUN: alpa-opt %S/Inputs/chained-state.mlir --pass-pipeline='builtin.module(split-stages)' | FileCheck %s --check-prefix=CHAIN
// RUN: sed 's/array<i64: 2, 3>/array<i64: 1, 2>/' %S/Inputs/two-stages.mlir > %t
// RUN: not alpa-opt %t --pass-pipeline='builtin.module(split-stages)' 2>&1 | FileCheck %s --check-prefix=PARTLY
// PARTLY: error: {{.*}}has stages 0 and 1, which share some of their devices but not all
// RUN: not alpa-opt %S/Inputs/two-stages.mlir --pass-pipeline='builtin.module(split-stages,shard{cluster=host:4})' 2>&1 | FileCheck %s --check-prefix=OUTER
// OUTER: error: 'alpa.pipeline' op cannot be sharded; stages are, each for itself, by a nested pipeline

// The public function keeps its type; its body names the stages.
// CHECK-LABEL: func.func public @main
// CHECK: "alpa.pipeline"{{.*}}stages = [@stage0, @stage1]

// A stage has its arguments and results only; the loop carries what it accumulates and what it sends.
// CHECK-LABEL: module @stage0 attributes {alpa.devices = array<i64: 0, 2>, alpa.stage = 0 : i64}
// CHECK: sdy.mesh @mesh = <["a"=2]>
// CHECK: %arg0: tensor<8x16xf32> {alpa.argument = 0 : i64, tf.aliasing_output = 1 : i32}, %arg1: tensor<32x8xf32> {alpa.argument = 2 : i64}, %arg2: tensor<f32> {alpa.level = 2 : i64, alpa.receive = "[[$NORM:t[0-9]+]]"}, %arg3: tensor<8x16xf32> {alpa.phase = "body", alpa.receive = "[[$GRADIENT:t[0-9]+]]"}
// CHECK-SAME: alpa.send = "[[$ACTIVATION:t[0-9]+]]"
// CHECK-SAME: alpa.send = "[[$PART:t[0-9]+]]"
// CHECK: stablehlo.while{{.*}} : tensor<i32>, tensor<8x16xf32>, tensor<8x16xf32>
// CHECK: stablehlo.tanh
// CHECK-NOT: tensor<16x4xf32>

// CHECK-LABEL: module @stage1 attributes {alpa.devices = array<i64: 2, 2>
// CHECK: alpa.receive = "[[$PART]]"
// CHECK-SAME: alpa.receive = "[[$ACTIVATION]]"
// CHECK-SAME: alpa.send = "[[$GRADIENT]]"
// CHECK-SAME: alpa.send = "[[$NORM]]"
// CHECK-NOT: stablehlo.tanh
// The sum of both stages' parts is known after one transfer.
// CHECK: stablehlo.add %{{.*}} {alpa.level = 1 : i64} : tensor<f32>

// Each stage is planned alone.
// SHARD-COUNT-2: alpa.plan = {{.*}}optimal = true

// A stage that holds an argument returns its next value, and holds what that is computed from.
// CHAIN-LABEL: module @stage0
// CHAIN-NOT:   alpa.result
// CHAIN-LABEL: module @stage1
// CHAIN-COUNT-5: tf.aliasing_output
// CHAIN: -> ({{.*}}alpa.result = 4 : i64

// expected-error @below {{has no loop over micro-batches to cut into stages; run 'time-loop' first}}
func.func @main(%x: tensor<4xf32>) -> tensor<4xf32> {
  return %x : tensor<4xf32>
}

// -----

// expected-error @below {{does not say on which devices its stages run: expects 'alpa.stages', as 'stages' writes it}}
module {
  func.func @main(%x: tensor<4xf32>) -> tensor<4xf32> {
    %c = stablehlo.constant dense<0> : tensor<i32>
    %n = stablehlo.constant dense<2> : tensor<i32>
    %one = stablehlo.constant dense<1> : tensor<i32>
    %0:2 = stablehlo.while(%i = %c, %y = %x) : tensor<i32>, tensor<4xf32> attributes {alpa.microbatches = 2 : i64}
    cond {
      %1 = stablehlo.compare LT, %i, %n : (tensor<i32>, tensor<i32>) -> tensor<i1>
      stablehlo.return %1 : tensor<i1>
    } do {
      %1 = stablehlo.add %i, %one : tensor<i32>
      %2 = stablehlo.add %y, %y {alpa.forward, alpa.stage = 0 : i64} : tensor<4xf32>
      stablehlo.return %1, %2 : tensor<i32>, tensor<4xf32>
    }
    return %0#1 : tensor<4xf32>
  }
}

// -----

module attributes {alpa.stages = [{devices = array<i64: 0>, mesh = "1"}, {devices = array<i64: 1>, mesh = "1"}]} {
  func.func @main(%x: tensor<4xf32>) -> tensor<4xf32> {
    %c = stablehlo.constant dense<0> : tensor<i32>
    %n = stablehlo.constant dense<2> : tensor<i32>
    %one = stablehlo.constant dense<1> : tensor<i32>
    %0:2 = stablehlo.while(%i = %c, %y = %x) : tensor<i32>, tensor<4xf32> attributes {alpa.microbatches = 2 : i64}
    cond {
      %1 = stablehlo.compare LT, %i, %n : (tensor<i32>, tensor<i32>) -> tensor<i1>
      stablehlo.return %1 : tensor<i1>
    } do {
      %1 = stablehlo.add %i, %one : tensor<i32>
      %2 = stablehlo.add %x, %x {alpa.forward, alpa.stage = 1 : i64} : tensor<4xf32>
      // expected-error @below {{of stage 0's forward uses a value of stage 1's forward: stages would wait for each other}}
      %3 = stablehlo.add %2, %2 {alpa.forward, alpa.stage = 0 : i64} : tensor<4xf32>
      %4 = stablehlo.add %y, %3 {alpa.forward, alpa.stage = 0 : i64} : tensor<4xf32>
      stablehlo.return %1, %4 : tensor<i32>, tensor<4xf32>
    }
    return %0#1 : tensor<4xf32>
  }
}
