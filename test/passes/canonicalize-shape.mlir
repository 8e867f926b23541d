// RUN: alpa-opt %s --pass-pipeline='builtin.module(func.func(canonicalize))' | FileCheck %s

// CHECK-LABEL: func.func @reshape
// CHECK:         %[[R:.*]] = stablehlo.reshape %arg0 : (tensor<6xf32>) -> tensor<3x2xf32>
// CHECK:         %[[B:.*]] = stablehlo.broadcast_in_dim %arg1, dims = [] : (tensor<f32>) -> tensor<6xf32>
// CHECK:         return %arg0, %[[R]], %[[B]]
func.func @reshape(%x: tensor<6xf32>, %s: tensor<f32>) -> (tensor<6xf32>, tensor<3x2xf32>, tensor<6xf32>) {
  %0 = stablehlo.reshape %x : (tensor<6xf32>) -> tensor<2x3xf32>
  %1 = stablehlo.reshape %0 : (tensor<2x3xf32>) -> tensor<6xf32>
  %2 = stablehlo.reshape %0 : (tensor<2x3xf32>) -> tensor<3x2xf32>
  %3 = stablehlo.broadcast_in_dim %s, dims = [] : (tensor<f32>) -> tensor<2x3xf32>
  %4 = stablehlo.reshape %3 : (tensor<2x3xf32>) -> tensor<6xf32>
  return %1, %2, %4 : tensor<6xf32>, tensor<3x2xf32>, tensor<6xf32>
}

// CHECK-LABEL: func.func @transpose
// CHECK:         %[[T:.*]] = stablehlo.transpose %arg0, dims = [2, 0, 1]
// CHECK:         return %[[T]], %arg0
func.func @transpose(%x: tensor<2x3x4xf32>) -> (tensor<4x2x3xf32>, tensor<2x3x4xf32>) {
  %0 = stablehlo.transpose %x, dims = [0, 2, 1] : (tensor<2x3x4xf32>) -> tensor<2x4x3xf32>
  %1 = stablehlo.transpose %0, dims = [1, 0, 2] : (tensor<2x4x3xf32>) -> tensor<4x2x3xf32>
  %2 = stablehlo.transpose %0, dims = [0, 2, 1] : (tensor<2x4x3xf32>) -> tensor<2x3x4xf32>
  return %1, %2 : tensor<4x2x3xf32>, tensor<2x3x4xf32>
}

// CHECK-LABEL: func.func @broadcast
// CHECK-DAG:     %[[C:.*]] = stablehlo.constant dense<2.500000e+00> : tensor<8x128xf32>
// CHECK-DAG:     %[[B:.*]] = stablehlo.broadcast_in_dim %arg0, dims = [2] : (tensor<4xf32>) -> tensor<2x3x4xf32>
// CHECK:         return %[[C]], %[[B]]
func.func @broadcast(%x: tensor<4xf32>) -> (tensor<8x128xf32>, tensor<2x3x4xf32>) {
  %c = stablehlo.constant dense<2.5> : tensor<f32>
  %0 = stablehlo.broadcast_in_dim %c, dims = [] : (tensor<f32>) -> tensor<8x128xf32>
  %1 = stablehlo.broadcast_in_dim %x, dims = [1] : (tensor<4xf32>) -> tensor<3x4xf32>
  %2 = stablehlo.broadcast_in_dim %1, dims = [1, 2] : (tensor<3x4xf32>) -> tensor<2x3x4xf32>
  return %0, %2 : tensor<8x128xf32>, tensor<2x3x4xf32>
}

// A broadcast that stretches a dimension is no identity, whatever its dims.
// CHECK-LABEL: func.func @stretch
// CHECK:         stablehlo.broadcast_in_dim %arg0, dims = [0, 1] : (tensor<1x4xf32>) -> tensor<3x4xf32>
func.func @stretch(%x: tensor<1x4xf32>) -> tensor<3x4xf32> {
  %0 = stablehlo.broadcast_in_dim %x, dims = [0, 1] : (tensor<1x4xf32>) -> tensor<3x4xf32>
  return %0 : tensor<3x4xf32>
}

// CHECK-LABEL: func.func @slice
// CHECK:         %[[A:.*]] = stablehlo.slice %arg0 [3:8:2] : (tensor<10xf32>) -> tensor<3xf32>
// CHECK:         %[[B:.*]] = stablehlo.slice %arg1 [1:3] : (tensor<4xf32>) -> tensor<2xf32>
// CHECK:         return %arg0, %[[A]], %[[B]]
func.func @slice(%x: tensor<10xf32>, %y: tensor<4xf32>) -> (tensor<10xf32>, tensor<3xf32>, tensor<2xf32>) {
  %0 = stablehlo.slice %x [0:10] : (tensor<10xf32>) -> tensor<10xf32>
  %1 = stablehlo.slice %x [1:10:2] : (tensor<10xf32>) -> tensor<5xf32>
  %2 = stablehlo.slice %1 [1:4] : (tensor<5xf32>) -> tensor<3xf32>
  %3 = stablehlo.concatenate %x, %y, dim = 0 : (tensor<10xf32>, tensor<4xf32>) -> tensor<14xf32>
  %4 = stablehlo.slice %3 [11:13] : (tensor<14xf32>) -> tensor<2xf32>
  return %0, %2, %4 : tensor<10xf32>, tensor<3xf32>, tensor<2xf32>
}

// Constant start indices are clamped as at run time.
// CHECK-LABEL: func.func @dynamic_slice
// CHECK:         %[[A:.*]] = stablehlo.slice %arg0 [7:10] : (tensor<10xf32>) -> tensor<3xf32>
// CHECK:         %[[B:.*]] = stablehlo.dynamic_slice
// CHECK:         return %[[A]], %[[B]]
func.func @dynamic_slice(%x: tensor<10xf32>, %i: tensor<i32>) -> (tensor<3xf32>, tensor<3xf32>) {
  %c = stablehlo.constant dense<99> : tensor<i32>
  %0 = stablehlo.dynamic_slice %x, %c, sizes = [3] : (tensor<10xf32>, tensor<i32>) -> tensor<3xf32>
  %1 = stablehlo.dynamic_slice %x, %i, sizes = [3] : (tensor<10xf32>, tensor<i32>) -> tensor<3xf32>
  return %0, %1 : tensor<3xf32>, tensor<3xf32>
}

// CHECK-LABEL: func.func @pad
// CHECK-NEXT:    return %arg0
func.func @pad(%x: tensor<4xf32>, %v: tensor<f32>) -> tensor<4xf32> {
  %0 = stablehlo.pad %x, %v, low = [0], high = [0], interior = [0] : (tensor<4xf32>, tensor<f32>) -> tensor<4xf32>
  return %0 : tensor<4xf32>
}

// CHECK-LABEL: func.func @concatenate
// CHECK:         %[[C:.*]] = stablehlo.concatenate %arg0, %arg1, %arg0, dim = 0
// CHECK:         return %arg0, %[[C]]
func.func @concatenate(%x: tensor<2xf32>, %y: tensor<3xf32>, %e: tensor<0xf32>) -> (tensor<2xf32>, tensor<7xf32>) {
  %0 = stablehlo.concatenate %x, dim = 0 : (tensor<2xf32>) -> tensor<2xf32>
  %1 = stablehlo.concatenate %x, %y, dim = 0 : (tensor<2xf32>, tensor<3xf32>) -> tensor<5xf32>
  %2 = stablehlo.concatenate %1, %e, %x, dim = 0 : (tensor<5xf32>, tensor<0xf32>, tensor<2xf32>) -> tensor<7xf32>
  return %0, %2 : tensor<2xf32>, tensor<7xf32>
}

// A transposition in front of a contraction becomes dimension numbers unless it reorders free dimensions.
// CHECK-LABEL: func.func @contraction
// CHECK:         stablehlo.dot_general %arg0, %arg1, contracting_dims = [0] x [0] : (tensor<5x2xf32>, tensor<5x3xf32>) -> tensor<2x3xf32>
// CHECK:         %[[T:.*]] = stablehlo.transpose %arg2, dims = [1, 0, 2]
// CHECK:         stablehlo.dot_general %arg2, %arg3, batching_dims = [1] x [0], contracting_dims = [2] x [1]
// CHECK:         stablehlo.dot_general %[[T]], %arg4
func.func @contraction(%a: tensor<5x2xf32>, %b: tensor<5x3xf32>, %c: tensor<6x7x8xf32>, %d: tensor<7x8x9xf32>, %e: tensor<8xf32>)
    -> (tensor<2x3xf32>, tensor<7x6x9xf32>, tensor<7x6xf32>) {
  %0 = stablehlo.transpose %a, dims = [1, 0] : (tensor<5x2xf32>) -> tensor<2x5xf32>
  %1 = stablehlo.dot_general %0, %b, contracting_dims = [1] x [0] : (tensor<2x5xf32>, tensor<5x3xf32>) -> tensor<2x3xf32>
  %2 = stablehlo.transpose %c, dims = [1, 0, 2] : (tensor<6x7x8xf32>) -> tensor<7x6x8xf32>
  %3 = stablehlo.dot_general %2, %d, batching_dims = [0] x [0], contracting_dims = [2] x [1] : (tensor<7x6x8xf32>, tensor<7x8x9xf32>) -> tensor<7x6x9xf32>
  %4 = stablehlo.dot_general %2, %e, contracting_dims = [2] x [0] : (tensor<7x6x8xf32>, tensor<8xf32>) -> tensor<7x6xf32>
  return %1, %3, %4 : tensor<2x3xf32>, tensor<7x6x9xf32>, tensor<7x6xf32>
}
