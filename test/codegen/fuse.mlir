// RUN: alpa-opt %s --pass-pipeline='builtin.module(fuse)' | FileCheck %s

// A chain of elementwise ops is one loop; constants and broadcasts are computed inside.
// CHECK-LABEL: func.func @chain
// CHECK:         %[[K:.*]] = "kernel.fused"(%arg1, %arg0)
// CHECK-SAME:      domain = array<i64: 4, 6>
// CHECK-SAME:      kind = #kernel<kind loop>
// CHECK:           stablehlo.broadcast_in_dim
// CHECK:           stablehlo.add
// CHECK:           stablehlo.constant
// CHECK:           "kernel.yield"
// CHECK:         return %[[K]]
func.func @chain(%x: tensor<4x6xf32>, %b: tensor<6xf32>) -> tensor<4x6xf32> {
  %0 = stablehlo.broadcast_in_dim %b, dims = [1] : (tensor<6xf32>) -> tensor<4x6xf32>
  %1 = stablehlo.add %x, %0 : tensor<4x6xf32>
  %cst = stablehlo.constant dense<0.0> : tensor<4x6xf32>
  %2 = stablehlo.maximum %1, %cst : tensor<4x6xf32>
  return %2 : tensor<4x6xf32>
}

// A softmax is one kernel over rows: two reductions and what follows them.
// CHECK-LABEL: func.func @softmax
// CHECK-COUNT-1: "kernel.fused"
// CHECK-SAME:      kind = #kernel<kind rows>, rows = 1
// CHECK-COUNT-2: stablehlo.reduce
// CHECK-NOT:     "kernel.fused"
// CHECK:         return
func.func @softmax(%x: tensor<4x6xf32>) -> tensor<4x6xf32> {
  %low = stablehlo.constant dense<0xFF800000> : tensor<f32>
  %zero = stablehlo.constant dense<0.0> : tensor<f32>
  %0 = stablehlo.reduce(%x init: %low) applies stablehlo.maximum across dimensions = [1] : (tensor<4x6xf32>, tensor<f32>) -> tensor<4xf32>
  %1 = stablehlo.broadcast_in_dim %0, dims = [0] : (tensor<4xf32>) -> tensor<4x6xf32>
  %2 = stablehlo.subtract %x, %1 : tensor<4x6xf32>
  %3 = stablehlo.exponential %2 : tensor<4x6xf32>
  %4 = stablehlo.reduce(%3 init: %zero) applies stablehlo.add across dimensions = [1] : (tensor<4x6xf32>, tensor<f32>) -> tensor<4xf32>
  %5 = stablehlo.broadcast_in_dim %4, dims = [0] : (tensor<4xf32>) -> tensor<4x6xf32>
  %6 = stablehlo.divide %3, %5 : tensor<4x6xf32>
  return %6 : tensor<4x6xf32>
}

// A product takes transposes of its operands, the elementwise ops behind it and both values that are used later.
// CHECK-LABEL: func.func @product
// CHECK-COUNT-1: "kernel.fused"
// CHECK-SAME:      kind = #kernel<kind contraction>
// CHECK:           stablehlo.transpose
// CHECK:           stablehlo.dot_general
// CHECK:           stablehlo.tanh
// CHECK:           "kernel.yield"({{.*}}, {{.*}})
// CHECK-NOT:     "kernel.fused"
// CHECK:         return
func.func @product(%x: tensor<4x6xf32>, %w: tensor<8x6xf32>) -> (tensor<4x8xf32>, tensor<4x8xf32>) {
  %0 = stablehlo.transpose %w, dims = [1, 0] : (tensor<8x6xf32>) -> tensor<6x8xf32>
  %1 = stablehlo.dot_general %x, %0, contracting_dims = [1] x [0] : (tensor<4x6xf32>, tensor<6x8xf32>) -> tensor<4x8xf32>
  %2 = stablehlo.add %1, %1 : tensor<4x8xf32>
  %3 = stablehlo.tanh %2 : tensor<4x8xf32>
  return %2, %3 : tensor<4x8xf32>, tensor<4x8xf32>
}

// A transposed product is stored transposed.
// CHECK-LABEL: func.func @transposed_product
// CHECK-COUNT-1: "kernel.fused"
// CHECK-SAME:      domain = array<i64: 4, 8>, kind = #kernel<kind contraction>
// CHECK:           stablehlo.dot_general
// CHECK:           stablehlo.transpose
// CHECK-NOT:     "kernel.fused"
// CHECK:         return
func.func @transposed_product(%x: tensor<4x6xf32>, %w: tensor<6x8xf32>) -> tensor<8x4xf32> {
  %0 = stablehlo.dot_general %x, %w, contracting_dims = [1] x [0] : (tensor<4x6xf32>, tensor<6x8xf32>) -> tensor<4x8xf32>
  %1 = stablehlo.transpose %0, dims = [1, 0] : (tensor<4x8xf32>) -> tensor<8x4xf32>
  return %1 : tensor<8x4xf32>
}

// A reshape on its own is a view, not a kernel.
// CHECK-LABEL: func.func @view
// CHECK-NOT:     "kernel.fused"
// CHECK:         stablehlo.reshape
func.func @view(%x: tensor<4x6xf32>) -> tensor<24xf32> {
  %0 = stablehlo.reshape %x : (tensor<4x6xf32>) -> tensor<24xf32>
  return %0 : tensor<24xf32>
}

// Updates work in place: result 0 may share the memory of operand 1.
// CHECK-LABEL: func.func @update
// CHECK:         "kernel.fused"
// CHECK-SAME:      in_place = dense<{{\[\[}}0, [[N:[0-9]]]]]>
// CHECK-SAME:      kind = #kernel<kind update>
func.func @update(%x: tensor<4x6xf32>, %u: tensor<1x6xf32>, %i: tensor<i32>) -> tensor<4x6xf32> {
  %c = stablehlo.constant dense<0> : tensor<i32>
  %0 = stablehlo.add %u, %u : tensor<1x6xf32>
  %1 = stablehlo.dynamic_update_slice %x, %0, %i, %c : (tensor<4x6xf32>, tensor<1x6xf32>, tensor<i32>, tensor<i32>) -> tensor<4x6xf32>
  return %1 : tensor<4x6xf32>
}

// The body of a loop is fused; the loop stays.
// CHECK-LABEL: func.func @loop
// CHECK:         stablehlo.while
// CHECK:           "kernel.fused"
// CHECK:           stablehlo.return
// CHECK:           "kernel.fused"
// CHECK:           stablehlo.return
func.func @loop(%x: tensor<4xf32>) -> tensor<4xf32> {
  %c0 = stablehlo.constant dense<0> : tensor<i32>
  %0:2 = stablehlo.while(%i = %c0, %a = %x) : tensor<i32>, tensor<4xf32>
   cond {
    %n = stablehlo.constant dense<3> : tensor<i32>
    %1 = stablehlo.compare LT, %i, %n, SIGNED : (tensor<i32>, tensor<i32>) -> tensor<i1>
    stablehlo.return %1 : tensor<i1>
  } do {
    %one = stablehlo.constant dense<1> : tensor<i32>
    %2 = stablehlo.add %i, %one : tensor<i32>
    %3 = stablehlo.multiply %a, %a : tensor<4xf32>
    stablehlo.return %2, %3 : tensor<i32>, tensor<4xf32>
  }
  return %0#1 : tensor<4xf32>
}
