// RUN: alpa-opt %s --pass-pipeline='builtin.module(func.func(dce))' | FileCheck %s

// CHECK-LABEL: func.func @unused
// CHECK-NEXT:    %[[A:.*]] = stablehlo.custom_call @keep(%arg0)
// CHECK-NEXT:    return %arg0
func.func @unused(%x: tensor<f32>) -> tensor<f32> {
  %0 = stablehlo.add %x, %x : tensor<f32>
  %1 = stablehlo.multiply %0, %0 : tensor<f32>
  %2 = stablehlo.custom_call @keep(%x) {has_side_effect = true} : (tensor<f32>) -> tensor<f32>
  return %x : tensor<f32>
}

// %j only feeds itself: its slot goes, and with it what computes it.
// CHECK-LABEL: func.func @carried_for_its_own_sake
// CHECK-SAME:    (%[[N:.*]]: tensor<i32>, %{{.*}}: tensor<f32>, %[[Z:.*]]: tensor<f32>)
// CHECK:         %[[R:.*]]:2 = stablehlo.while(%[[I:.*]] = %[[N]], %[[K:.*]] = %[[Z]])
// CHECK:         do
// CHECK-NOT:       stablehlo.sine
// CHECK:           stablehlo.cosine %[[K]]
// CHECK:         return %[[R]]#1
func.func @carried_for_its_own_sake(%n: tensor<i32>, %y: tensor<f32>, %z: tensor<f32>) -> tensor<f32> {
  %c = stablehlo.constant dense<0> : tensor<i32>
  %one = stablehlo.constant dense<1> : tensor<i32>
  %0:3 = stablehlo.while(%i = %n, %j = %y, %k = %z) : tensor<i32>, tensor<f32>, tensor<f32>
  cond {
    %1 = stablehlo.compare GT, %i, %c, SIGNED : (tensor<i32>, tensor<i32>) -> tensor<i1>
    stablehlo.return %1 : tensor<i1>
  } do {
    %1 = stablehlo.subtract %i, %one : tensor<i32>
    %2 = stablehlo.sine %j : tensor<f32>
    %3 = stablehlo.cosine %k : tensor<f32>
    stablehlo.return %1, %2, %3 : tensor<i32>, tensor<f32>, tensor<f32>
  }
  return %0#2 : tensor<f32>
}

// A slot stays when another live slot, or the condition, reads it.
// CHECK-LABEL: func.func @carried_for_another
// CHECK:         :2 = stablehlo.while
func.func @carried_for_another(%n: tensor<i32>, %y: tensor<i32>) -> tensor<i32> {
  %c = stablehlo.constant dense<0> : tensor<i32>
  %0:2 = stablehlo.while(%i = %n, %j = %y) : tensor<i32>, tensor<i32>
  cond {
    %1 = stablehlo.compare GT, %i, %c, SIGNED : (tensor<i32>, tensor<i32>) -> tensor<i1>
    stablehlo.return %1 : tensor<i1>
  } do {
    %1 = stablehlo.subtract %i, %j : tensor<i32>
    %2 = stablehlo.add %j, %j : tensor<i32>
    stablehlo.return %1, %2 : tensor<i32>, tensor<i32>
  }
  return %0#0 : tensor<i32>
}

// A loop that nothing needs goes as a whole; one with an effect inside stays.
// CHECK-LABEL: func.func @unused_loop
// CHECK-COUNT-1: stablehlo.while
// CHECK-NOT:     stablehlo.while
func.func @unused_loop(%n: tensor<i32>) {
  %c = stablehlo.constant dense<0> : tensor<i32>
  %0 = stablehlo.while(%i = %n) : tensor<i32>
  cond {
    %1 = stablehlo.compare GT, %i, %c, SIGNED : (tensor<i32>, tensor<i32>) -> tensor<i1>
    stablehlo.return %1 : tensor<i1>
  } do {
    %1 = stablehlo.add %i, %i : tensor<i32>
    stablehlo.return %1 : tensor<i32>
  }
  %2 = stablehlo.while(%i = %n) : tensor<i32>
  cond {
    %1 = stablehlo.compare GT, %i, %c, SIGNED : (tensor<i32>, tensor<i32>) -> tensor<i1>
    stablehlo.return %1 : tensor<i1>
  } do {
    %1 = stablehlo.custom_call @print(%i) {has_side_effect = true} : (tensor<i32>) -> tensor<i32>
    stablehlo.return %1 : tensor<i32>
  }
  return
}

// CHECK-LABEL: func.func @branch_result
// CHECK:         %[[R:.*]] = "stablehlo.if"
// CHECK-NEXT:      %[[S:.*]] = stablehlo.sine
// CHECK-NEXT:      stablehlo.return %[[S]]
// CHECK-NEXT:    }, {
// CHECK-NEXT:      stablehlo.return %arg1
// CHECK:         return %[[R]]
func.func @branch_result(%p: tensor<i1>, %x: tensor<f32>) -> tensor<f32> {
  %0:2 = "stablehlo.if"(%p) ({
    %1 = stablehlo.cosine %x : tensor<f32>
    %2 = stablehlo.sine %x : tensor<f32>
    stablehlo.return %1, %2 : tensor<f32>, tensor<f32>
  }, {
    stablehlo.return %x, %x : tensor<f32>, tensor<f32>
  }) : (tensor<i1>) -> (tensor<f32>, tensor<f32>)
  return %0#1 : tensor<f32>
}

// A collective that nobody waits for is left out by all devices alike, also inside a loop.
// CHECK-LABEL: func.func @unused_collectives
// CHECK-NOT:     all_gather
// CHECK:         stablehlo.while
// CHECK-NOT:     all_reduce
// CHECK:         return
func.func @unused_collectives(%n: tensor<i32>, %x: tensor<4xf32>) -> tensor<i32> {
  %0 = "stablehlo.all_gather"(%x) <{all_gather_dim = 0 : i64, replica_groups = dense<[[0, 1]]> : tensor<1x2xi64>}> : (tensor<4xf32>) -> tensor<8xf32>
  %c = stablehlo.constant dense<0> : tensor<i32>
  %one = stablehlo.constant dense<1> : tensor<i32>
  %1:2 = stablehlo.while(%i = %n, %j = %x) : tensor<i32>, tensor<4xf32>
  cond {
    %2 = stablehlo.compare GT, %i, %c, SIGNED : (tensor<i32>, tensor<i32>) -> tensor<i1>
    stablehlo.return %2 : tensor<i1>
  } do {
    %2 = stablehlo.subtract %i, %one : tensor<i32>
    %3 = "stablehlo.all_reduce"(%j) <{replica_groups = dense<[[0, 1]]> : tensor<1x2xi64>}> ({
    ^bb0(%a: tensor<f32>, %b: tensor<f32>):
      %4 = stablehlo.add %a, %b : tensor<f32>
      stablehlo.return %4 : tensor<f32>
    }) : (tensor<4xf32>) -> tensor<4xf32>
    stablehlo.return %2, %3 : tensor<i32>, tensor<4xf32>
  }
  return %1#0 : tensor<i32>
}
