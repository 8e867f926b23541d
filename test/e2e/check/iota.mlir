// RUN: alpa run %s --no-cache --backend=interpreter
// RUN: alpa run %s --no-cache

// stablehlo.iota

module {
  func.func public @main() {
    %in = call @inputs() : () -> (tensor<i32>)
    %ex:6 = call @expected() : () -> (tensor<2x3xi8>, tensor<2x3xui16>, tensor<2x3xi64>, tensor<2x3xf16>, tensor<2x3xf64>, tensor<2x3xcomplex<f32>>)
    %r1 = stablehlo.iota dim = 1 : tensor<2x3xi8>
    stablehlo.custom_call @check.expect_eq(%r1, %ex#0) {has_side_effect = true} : (tensor<2x3xi8>, tensor<2x3xi8>) -> ()
    %r2 = stablehlo.iota dim = 1 : tensor<2x3xui16>
    stablehlo.custom_call @check.expect_eq(%r2, %ex#1) {has_side_effect = true} : (tensor<2x3xui16>, tensor<2x3xui16>) -> ()
    %r3 = stablehlo.iota dim = 1 : tensor<2x3xi64>
    stablehlo.custom_call @check.expect_eq(%r3, %ex#2) {has_side_effect = true} : (tensor<2x3xi64>, tensor<2x3xi64>) -> ()
    %r4 = stablehlo.iota dim = 1 : tensor<2x3xf16>
    stablehlo.custom_call @check.expect_eq(%r4, %ex#3) {has_side_effect = true} : (tensor<2x3xf16>, tensor<2x3xf16>) -> ()
    %r5 = stablehlo.iota dim = 1 : tensor<2x3xf64>
    stablehlo.custom_call @check.expect_eq(%r5, %ex#4) {has_side_effect = true} : (tensor<2x3xf64>, tensor<2x3xf64>) -> ()
    %r6 = stablehlo.iota dim = 1 : tensor<2x3xcomplex<f32>>
    stablehlo.custom_call @check.expect_eq(%r6, %ex#5) {has_side_effect = true} : (tensor<2x3xcomplex<f32>>, tensor<2x3xcomplex<f32>>) -> ()
    return
  }
  func.func private @inputs() -> (tensor<i32>) {
    %0 = stablehlo.constant dense<0> : tensor<i32>
    return %0 : tensor<i32>
  }
  func.func private @expected() -> (tensor<2x3xi8>, tensor<2x3xui16>, tensor<2x3xi64>, tensor<2x3xf16>, tensor<2x3xf64>, tensor<2x3xcomplex<f32>>) {
    %0 = stablehlo.constant dense<[[0, 1, 2], [0, 1, 2]]> : tensor<2x3xi8>
    %1 = stablehlo.constant dense<[[0, 1, 2], [0, 1, 2]]> : tensor<2x3xui16>
    %2 = stablehlo.constant dense<[[0, 1, 2], [0, 1, 2]]> : tensor<2x3xi64>
    %3 = stablehlo.constant dense<[[0.0, 1.0, 2.0], [0.0, 1.0, 2.0]]> : tensor<2x3xf16>
    %4 = stablehlo.constant dense<[[0.0, 1.0, 2.0], [0.0, 1.0, 2.0]]> : tensor<2x3xf64>
    %5 = stablehlo.constant dense<[[(0.0, 0.0), (1.0, 0.0), (2.0, 0.0)], [(0.0, 0.0), (1.0, 0.0), (2.0, 0.0)]]> : tensor<2x3xcomplex<f32>>
    return %0, %1, %2, %3, %4, %5 : tensor<2x3xi8>, tensor<2x3xui16>, tensor<2x3xi64>, tensor<2x3xf16>, tensor<2x3xf64>, tensor<2x3xcomplex<f32>>
  }
}
