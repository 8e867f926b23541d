// RUN: alpa-opt --split-input-file --pass-pipeline='builtin.module(chlo-legalize)' %s | FileCheck %s

// Narrow floats are computed in f64 and rounded once; nothing of the op is left.
// CHECK-LABEL: func.func @narrow
// CHECK-NOT: chlo
// CHECK: stablehlo.convert %{{.*}} : (tensor<4xbf16>) -> tensor<4xf64>
// CHECK: stablehlo.log_plus_one
// CHECK-NOT: chlo
// CHECK: [[RESULT:%.*]] = stablehlo.convert %{{.*}} : (tensor<4xf64>) -> tensor<4xbf16>
// CHECK-NEXT: return [[RESULT]]
func.func @narrow(%x: tensor<4xbf16>) -> tensor<4xbf16> {
  %0 = chlo.lgamma %x : tensor<4xbf16> -> tensor<4xbf16>
  return %0 : tensor<4xbf16>
}

// -----

// In f64 there is nothing to convert.
// CHECK-LABEL: func.func @wide
// CHECK-NOT: stablehlo.convert
// CHECK: return
func.func @wide(%x: tensor<2x3xf64>) -> tensor<2x3xf64> {
  %0 = chlo.digamma %x : tensor<2x3xf64> -> tensor<2x3xf64>
  return %0 : tensor<2x3xf64>
}

// -----

// Inside regions too.
// CHECK-LABEL: func.func @region
// CHECK: stablehlo.if
// CHECK-NOT: chlo.next_after
// CHECK: stablehlo.bitcast_convert
func.func @region(%p: tensor<i1>, %x: tensor<f32>) -> tensor<f32> {
  %0 = "stablehlo.if"(%p) ({
    %1 = chlo.next_after %x, %x : tensor<f32>, tensor<f32> -> tensor<f32>
    stablehlo.return %1 : tensor<f32>
  }, {
    stablehlo.return %x : tensor<f32>
  }) : (tensor<i1>) -> tensor<f32>
  return %0 : tensor<f32>
}

// -----

// Real functions that have kernels stay; complex ones do not.
// CHECK-LABEL: func.func @complex
// CHECK: chlo.asin %{{.*}} : tensor<3xf32>
// CHECK-NOT: chlo.asin %
// CHECK: stablehlo.complex
func.func @complex(%x: tensor<3xf32>, %z: tensor<3xcomplex<f32>>) -> (tensor<3xf32>, tensor<3xcomplex<f32>>) {
  %0 = chlo.asin %x : tensor<3xf32> -> tensor<3xf32>
  %1 = chlo.asin %z : tensor<3xcomplex<f32>> -> tensor<3xcomplex<f32>>
  return %0, %1 : tensor<3xf32>, tensor<3xcomplex<f32>>
}

// -----

// CHECK-LABEL: func.func @top_k
// CHECK: "stablehlo.sort"
// CHECK: compare GT, {{.*}} TOTALORDER
// CHECK: stablehlo.slice %{{.*}} [0:2, 0:3]
func.func @top_k(%x: tensor<2x8xf32>) -> (tensor<2x3xf32>, tensor<2x3xi32>) {
  %0:2 = chlo.top_k(%x, k = 3) : tensor<2x8xf32> -> (tensor<2x3xf32>, tensor<2x3xi32>)
  return %0#0, %0#1 : tensor<2x3xf32>, tensor<2x3xi32>
}
