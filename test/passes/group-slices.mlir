// RUN: alpa-opt %s --pass-pipeline='builtin.module(func.func(group-slices,dce))' | FileCheck %s

// A product with a bias, used in three parts: the parts get a dimension, the weight is reshaped where it is used.

// CHECK-LABEL: func.func @fused
// CHECK-DAG:     %[[W:.*]] = stablehlo.reshape %arg1 : (tensor<8x12xf32>) -> tensor<8x3x4xf32>
// CHECK-DAG:     %[[B:.*]] = stablehlo.reshape %arg2 : (tensor<12xf32>) -> tensor<3x4xf32>
// CHECK-DAG:     %[[D:.*]] = stablehlo.dot_general %arg0, %[[W]], contracting_dims = [2] x [0] : (tensor<2x5x8xf32>, tensor<8x3x4xf32>) -> tensor<2x5x3x4xf32>
// CHECK-DAG:     %[[C:.*]] = stablehlo.broadcast_in_dim %[[B]], dims = [2, 3] : (tensor<3x4xf32>) -> tensor<2x5x3x4xf32>
// CHECK:         %[[S:.*]] = stablehlo.add %[[D]], %[[C]]
// CHECK:         %[[P:.*]] = stablehlo.slice %[[S]] [0:2, 0:5, 0:1, 0:4]
// CHECK-NEXT:    stablehlo.reshape %[[P]] : (tensor<2x5x1x4xf32>) -> tensor<2x5x4xf32>
// CHECK:         stablehlo.slice %[[S]] [0:2, 0:5, 1:2, 0:4]
// CHECK:         stablehlo.slice %[[S]] [0:2, 0:5, 2:3, 0:4]
func.func @fused(%x: tensor<2x5x8xf32>, %w: tensor<8x12xf32>, %b: tensor<12xf32>) -> (tensor<2x5x4xf32>, tensor<2x5x4xf32>, tensor<2x5x4xf32>) {
  %0 = stablehlo.dot_general %x, %w, contracting_dims = [2] x [0] : (tensor<2x5x8xf32>, tensor<8x12xf32>) -> tensor<2x5x12xf32>
  %1 = stablehlo.broadcast_in_dim %b, dims = [2] : (tensor<12xf32>) -> tensor<2x5x12xf32>
  %2 = stablehlo.add %0, %1 : tensor<2x5x12xf32>
  %3 = stablehlo.slice %2 [0:2, 0:5, 0:4] : (tensor<2x5x12xf32>) -> tensor<2x5x4xf32>
  %4 = stablehlo.slice %2 [0:2, 0:5, 4:8] : (tensor<2x5x12xf32>) -> tensor<2x5x4xf32>
  %5 = stablehlo.slice %2 [0:2, 0:5, 8:12] : (tensor<2x5x12xf32>) -> tensor<2x5x4xf32>
  return %3, %4, %5 : tensor<2x5x4xf32>, tensor<2x5x4xf32>, tensor<2x5x4xf32>
}

// The gradient: joined parts that only products and sums use.

// CHECK-LABEL: func.func @gradient
// CHECK:         %[[J:.*]] = stablehlo.concatenate %{{.*}}, %{{.*}}, dim = 1 : (tensor<5x1x4xf32>, tensor<5x1x4xf32>) -> tensor<5x2x4xf32>
// CHECK:         stablehlo.reduce(%[[J]] init: %{{.*}}) applies stablehlo.add across dimensions = [0] : (tensor<5x2x4xf32>, tensor<f32>) -> tensor<2x4xf32>
// CHECK:         stablehlo.dot_general %[[J]], %arg2, contracting_dims = [0] x [0] : (tensor<5x2x4xf32>, tensor<5x3xf32>) -> tensor<2x4x3xf32>
// CHECK:         %[[W:.*]] = stablehlo.reshape %arg3 : (tensor<3x8xf32>) -> tensor<3x2x4xf32>
// CHECK:         stablehlo.dot_general %[[J]], %[[W]], contracting_dims = [1, 2] x [1, 2]
func.func @gradient(%p: tensor<5x4xf32>, %q: tensor<5x4xf32>, %x: tensor<5x3xf32>, %w: tensor<3x8xf32>) -> (tensor<8xf32>, tensor<8x3xf32>, tensor<5x3xf32>) {
  %zero = stablehlo.constant dense<0.000000e+00> : tensor<f32>
  %0 = stablehlo.concatenate %p, %q, dim = 1 : (tensor<5x4xf32>, tensor<5x4xf32>) -> tensor<5x8xf32>
  %1 = stablehlo.reduce(%0 init: %zero) applies stablehlo.add across dimensions = [0] : (tensor<5x8xf32>, tensor<f32>) -> tensor<8xf32>
  %2 = stablehlo.dot_general %0, %x, contracting_dims = [0] x [0] : (tensor<5x8xf32>, tensor<5x3xf32>) -> tensor<8x3xf32>
  %3 = stablehlo.dot_general %0, %w, contracting_dims = [1] x [1] : (tensor<5x8xf32>, tensor<3x8xf32>) -> tensor<5x3xf32>
  return %1, %2, %3 : tensor<8xf32>, tensor<8x3xf32>, tensor<5x3xf32>
}

// Unequal slices, and a value that is used whole, stay.

// CHECK-LABEL: func.func @unequal
// CHECK-NOT:     stablehlo.reshape
func.func @unequal(%x: tensor<5x8xf32>, %w: tensor<8x12xf32>) -> (tensor<5x4xf32>, tensor<5x8xf32>, tensor<5x12xf32>, tensor<5x6xf32>) {
  %0 = stablehlo.dot_general %x, %w, contracting_dims = [1] x [0] : (tensor<5x8xf32>, tensor<8x12xf32>) -> tensor<5x12xf32>
  %1 = stablehlo.slice %0 [0:5, 0:4] : (tensor<5x12xf32>) -> tensor<5x4xf32>
  %2 = stablehlo.slice %0 [0:5, 4:12] : (tensor<5x12xf32>) -> tensor<5x8xf32>
  %3 = stablehlo.tanh %x : tensor<5x8xf32>
  %4 = stablehlo.dot_general %3, %w, contracting_dims = [1] x [0] : (tensor<5x8xf32>, tensor<8x12xf32>) -> tensor<5x12xf32>
  %5 = stablehlo.slice %4 [0:5, 0:6] : (tensor<5x12xf32>) -> tensor<5x6xf32>
  return %1, %2, %4, %5 : tensor<5x4xf32>, tensor<5x8xf32>, tensor<5x12xf32>, tensor<5x6xf32>
}
