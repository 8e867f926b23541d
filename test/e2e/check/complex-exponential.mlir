// RUN: alpa run %s --no-cache --backend=interpreter
// RUN: alpa run %s --no-cache

// stablehlo.exponential

module {
  func.func public @main() {
    %in:2 = call @inputs() : () -> (tensor<4xcomplex<f32>>, tensor<4xcomplex<f64>>)
    %ex:2 = call @expected() : () -> (tensor<4xcomplex<f32>>, tensor<4xcomplex<f64>>)
    %r1 = stablehlo.exponential %in#0 : tensor<4xcomplex<f32>>
    stablehlo.custom_call @check.expect_almost_eq(%r1, %ex#0) {has_side_effect = true} : (tensor<4xcomplex<f32>>, tensor<4xcomplex<f32>>) -> ()
    %r2 = stablehlo.exponential %in#1 : tensor<4xcomplex<f64>>
    stablehlo.custom_call @check.expect_almost_eq(%r2, %ex#1) {has_side_effect = true} : (tensor<4xcomplex<f64>>, tensor<4xcomplex<f64>>) -> ()
    return
  }
  func.func private @inputs() -> (tensor<4xcomplex<f32>>, tensor<4xcomplex<f64>>) {
    %0 = stablehlo.constant dense<[(0.5, 0.25), (-1.5, 0.75), (2.0, -1.0), (0.125, -3.0)]> : tensor<4xcomplex<f32>>
    %1 = stablehlo.constant dense<[(0.5, 0.25), (-1.5, 0.75), (2.0, -1.0), (0.125, -3.0)]> : tensor<4xcomplex<f64>>
    return %0, %1 : tensor<4xcomplex<f32>>, tensor<4xcomplex<f64>>
  }
  func.func private @expected() -> (tensor<4xcomplex<f32>>, tensor<4xcomplex<f64>>) {
    %0 = stablehlo.constant dense<[(1.59746647, 0.407900184), (0.163261861, 0.15209417), (3.99232411, -6.21767616), (-1.12180841, -0.159909919)]> : tensor<4xcomplex<f32>>
    %1 = stablehlo.constant dense<[(1.5974665191199127, 0.40790017007835977), (0.16326185449063912, 0.15209416568738368), (3.9923240484412714, -6.217676312367968), (-1.12180846607056, -0.15990991882981662)]> : tensor<4xcomplex<f64>>
    return %0, %1 : tensor<4xcomplex<f32>>, tensor<4xcomplex<f64>>
  }
}
