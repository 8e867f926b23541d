// RUN: alpa-opt %s --pass-pipeline='builtin.module(func.func(cse))' --allow-unregistered-dialect | FileCheck %s

// CHECK-LABEL: func.func @equal_ops
// CHECK-NEXT:    %[[A:.*]] = stablehlo.add %arg0, %arg1
// CHECK-NEXT:    %[[B:.*]] = stablehlo.multiply %[[A]], %[[A]]
// CHECK-NEXT:    return %[[B]]
func.func @equal_ops(%x: tensor<4xf32>, %y: tensor<4xf32>) -> tensor<4xf32> {
  %0 = stablehlo.add %x, %y : tensor<4xf32>
  %1 = stablehlo.add %x, %y : tensor<4xf32>
  %2 = stablehlo.multiply %0, %1 : tensor<4xf32>
  return %2 : tensor<4xf32>
}

// CHECK-LABEL: func.func @operand_order
// CHECK-COUNT-1: stablehlo.add
// CHECK-COUNT-2: stablehlo.subtract
// CHECK-NOT:     stablehlo.subtract
func.func @operand_order(%x: tensor<4xf32>, %y: tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>) {
  %0 = stablehlo.add %x, %y : tensor<4xf32>
  %1 = stablehlo.add %y, %x : tensor<4xf32>
  %2 = stablehlo.subtract %x, %y : tensor<4xf32>
  %3 = stablehlo.subtract %y, %x : tensor<4xf32>
  return %0, %1, %2, %3 : tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>
}

// Attributes count, discardable ones too.
// CHECK-LABEL: func.func @attributes
// CHECK-COUNT-3: stablehlo.exponential
// CHECK:         return
func.func @attributes(%x: tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>, tensor<4xf32>) {
  %0 = stablehlo.exponential %x : tensor<4xf32>
  %1 = stablehlo.exponential %x {my.note = 1 : i64} : tensor<4xf32>
  %2 = stablehlo.exponential %x {my.note = 2 : i64} : tensor<4xf32>
  return %0, %1, %2 : tensor<4xf32>, tensor<4xf32>, tensor<4xf32>
}

// CHECK-LABEL: func.func @regions
// CHECK:         %[[R:.*]] = stablehlo.reduce
// CHECK-SAME:      applies stablehlo.add
// CHECK:         %[[S:.*]] = stablehlo.reduce
// CHECK-SAME:      applies stablehlo.maximum
// CHECK-NEXT:    return %[[R]], %[[R]], %[[S]]
func.func @regions(%x: tensor<4xf32>) -> (tensor<f32>, tensor<f32>, tensor<f32>) {
  %z = stablehlo.constant dense<0.0> : tensor<f32>
  %0 = stablehlo.reduce(%x init: %z) applies stablehlo.add across dimensions = [0] : (tensor<4xf32>, tensor<f32>) -> tensor<f32>
  %1 = stablehlo.reduce(%x init: %z) applies stablehlo.add across dimensions = [0] : (tensor<4xf32>, tensor<f32>) -> tensor<f32>
  %2 = stablehlo.reduce(%x init: %z) applies stablehlo.maximum across dimensions = [0] : (tensor<4xf32>, tensor<f32>) -> tensor<f32>
  return %0, %1, %2 : tensor<f32>, tensor<f32>, tensor<f32>
}

// A region sees what is above it; what is inside is not seen from outside, nor by a sibling.
// CHECK-LABEL: func.func @scopes
// CHECK:         %[[E:.*]] = stablehlo.exponential %arg1
// CHECK:         "stablehlo.if"
// CHECK-NOT:       stablehlo.exponential
// CHECK:           stablehlo.sine
// CHECK:           stablehlo.sine
// CHECK:         stablehlo.sine
func.func @scopes(%p: tensor<i1>, %x: tensor<f32>) -> (tensor<f32>, tensor<f32>, tensor<f32>) {
  %0 = stablehlo.exponential %x : tensor<f32>
  %1 = "stablehlo.if"(%p) ({
    %3 = stablehlo.exponential %x : tensor<f32>
    %4 = stablehlo.sine %3 : tensor<f32>
    stablehlo.return %4 : tensor<f32>
  }, {
    %3 = stablehlo.sine %0 : tensor<f32>
    stablehlo.return %3 : tensor<f32>
  }) : (tensor<i1>) -> tensor<f32>
  %2 = stablehlo.sine %0 : tensor<f32>
  return %0, %1, %2 : tensor<f32>, tensor<f32>, tensor<f32>
}

// Effects stay, and so does what is unknown.
// CHECK-LABEL: func.func @effects
// CHECK-COUNT-2: stablehlo.custom_call
// CHECK-COUNT-2: "unknown.op"
// CHECK-COUNT-2: "stablehlo.all_gather"
func.func @effects(%x: tensor<4xf32>) {
  %0 = stablehlo.custom_call @f(%x) : (tensor<4xf32>) -> tensor<4xf32>
  %1 = stablehlo.custom_call @f(%x) : (tensor<4xf32>) -> tensor<4xf32>
  "unknown.op"(%x) : (tensor<4xf32>) -> ()
  "unknown.op"(%x) : (tensor<4xf32>) -> ()
  %2 = "stablehlo.all_gather"(%x) <{all_gather_dim = 0 : i64, replica_groups = dense<[[0, 1]]> : tensor<1x2xi64>}> : (tensor<4xf32>) -> tensor<8xf32>
  %3 = "stablehlo.all_gather"(%x) <{all_gather_dim = 0 : i64, replica_groups = dense<[[0, 1]]> : tensor<1x2xi64>}> : (tensor<4xf32>) -> tensor<8xf32>
  return
}
