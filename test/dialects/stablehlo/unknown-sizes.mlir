// Dimensions that are not known agree with everything, and what depends on them is not known either; quantized elements
// are kept.
// RUN: alpa-opt %s | FileCheck %s
// RUN: alpa-opt %s | alpa-opt | FileCheck %s

// CHECK-LABEL: func.func @shapes
func.func @shapes(%a: tensor<?x4xf32>, %b: tensor<3x?xf32>, %i: tensor<i32>, %s: tensor<2xi64>) {
  // CHECK: -> tensor<3x4xi1>
  %0 = stablehlo.compare LT, %a, %b : (tensor<?x4xf32>, tensor<3x?xf32>) -> tensor<3x4xi1>
  // CHECK: -> tensor<?x4xf32>
  %1 = stablehlo.concatenate %a, %b, dim = 0 : (tensor<?x4xf32>, tensor<3x?xf32>) -> tensor<?x4xf32>
  // CHECK: -> tensor<1x4xf32>
  %2 = stablehlo.dynamic_slice %a, %i, %i, sizes = [1, 4] : (tensor<?x4xf32>, tensor<i32>, tensor<i32>) -> tensor<1x4xf32>
  // CHECK: -> tensor<3x?xf32>
  %3 = stablehlo.dot_general %b, %a, contracting_dims = [1] x [1] : (tensor<3x?xf32>, tensor<?x4xf32>) -> tensor<3x?xf32>
  // CHECK: -> tensor<2x?xf32>
  %4 = stablehlo.dynamic_reshape %a, %s : (tensor<?x4xf32>, tensor<2xi64>) -> tensor<2x?xf32>
  // CHECK: -> tensor<3x2x4xf32>
  %5 = stablehlo.broadcast_in_dim %b, dims = [0, 2] : (tensor<3x?xf32>) -> tensor<3x2x4xf32>
  return
}

!q = tensor<4x!quant.uniform<i8:f32, 2.0:15>>
!r = tensor<4x!quant.uniform<i8:f32, 3.0:15>>
// CHECK-LABEL: func.func @quantized
func.func @quantized(%a: !q, %b: !r, %f: tensor<4xf32>) {
  // CHECK: stablehlo.add %{{.*}}, %{{.*}} : (tensor<4x!quant.uniform<i8:f32, {{2.*}}:15>>, tensor<4x!quant.uniform<i8:f32, {{3.*}}:15>>) -> tensor<4x!quant.uniform<i8:f32, {{2.*}}:15>>
  %0 = stablehlo.add %a, %b : (!q, !r) -> !q
  // CHECK: stablehlo.tanh %{{.*}} : tensor<4x!quant.uniform<i8:f32, {{2.*}}:15>>
  %1 = stablehlo.tanh %a : !q
  // CHECK: stablehlo.uniform_quantize %{{.*}} : (tensor<4xf32>) -> tensor<4x!quant.uniform<i8:f32, {{2.*}}:15>>
  %2 = stablehlo.uniform_quantize %f : (tensor<4xf32>) -> !q
  // CHECK: stablehlo.uniform_dequantize %{{.*}} : (tensor<4x!quant.uniform<i8:f32, {{2.*}}:15>>) -> tensor<4xf32>
  %3 = stablehlo.uniform_dequantize %a : (!q) -> tensor<4xf32>
  return
}
