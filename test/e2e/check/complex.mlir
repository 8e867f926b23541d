// RUN: alpa run %s --no-cache --backend=interpreter
// RUN: alpa run %s --no-cache

// stablehlo.complex, real, imag, abs

module {
  func.func public @main() {
    %in:2 = call @inputs() : () -> (tensor<2xf32>, tensor<2xf32>)
    %ex:4 = call @expected() : () -> (tensor<2xcomplex<f32>>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>)
    %z = stablehlo.complex %in#0, %in#1 : tensor<2xcomplex<f32>>
    stablehlo.custom_call @check.expect_eq(%z, %ex#0) {has_side_effect = true} : (tensor<2xcomplex<f32>>, tensor<2xcomplex<f32>>) -> ()
    %re = stablehlo.real %z : (tensor<2xcomplex<f32>>) -> tensor<2xf32>
    stablehlo.custom_call @check.expect_eq(%re, %ex#1) {has_side_effect = true} : (tensor<2xf32>, tensor<2xf32>) -> ()
    %im = stablehlo.imag %z : (tensor<2xcomplex<f32>>) -> tensor<2xf32>
    stablehlo.custom_call @check.expect_eq(%im, %ex#2) {has_side_effect = true} : (tensor<2xf32>, tensor<2xf32>) -> ()
    %ab = stablehlo.abs %z : (tensor<2xcomplex<f32>>) -> tensor<2xf32>
    stablehlo.custom_call @check.expect_close(%ab, %ex#3) {has_side_effect = true, max_ulp_difference = 3 : i64} : (tensor<2xf32>, tensor<2xf32>) -> ()
    return
  }
  func.func private @inputs() -> (tensor<2xf32>, tensor<2xf32>) {
    %0 = stablehlo.constant dense<[3.0, -1.5]> : tensor<2xf32>
    %1 = stablehlo.constant dense<[4.0, 2.0]> : tensor<2xf32>
    return %0, %1 : tensor<2xf32>, tensor<2xf32>
  }
  func.func private @expected() -> (tensor<2xcomplex<f32>>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>) {
    %0 = stablehlo.constant dense<[(3.0, 4.0), (-1.5, 2.0)]> : tensor<2xcomplex<f32>>
    %1 = stablehlo.constant dense<[3.0, -1.5]> : tensor<2xf32>
    %2 = stablehlo.constant dense<[4.0, 2.0]> : tensor<2xf32>
    %3 = stablehlo.constant dense<[5.0, 2.5]> : tensor<2xf32>
    return %0, %1, %2, %3 : tensor<2xcomplex<f32>>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>
  }
}
