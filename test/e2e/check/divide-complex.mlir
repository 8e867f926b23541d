// RUN: alpa run %s --no-cache --backend=interpreter
// RUN: alpa run %s --no-cache

// stablehlo.divide of complex numbers

module {
  func.func public @main() {
    %in:4 = call @inputs() : () -> (tensor<4xcomplex<f32>>, tensor<4xcomplex<f32>>, tensor<4xcomplex<f64>>, tensor<4xcomplex<f64>>)
    %ex:2 = call @expected() : () -> (tensor<4xcomplex<f32>>, tensor<4xcomplex<f64>>)
    %r1 = stablehlo.divide %in#0, %in#1 : tensor<4xcomplex<f32>>
    stablehlo.custom_call @check.expect_close(%r1, %ex#0) {has_side_effect = true, max_ulp_difference = 3 : i64} : (tensor<4xcomplex<f32>>, tensor<4xcomplex<f32>>) -> ()
    %r2 = stablehlo.divide %in#2, %in#3 : tensor<4xcomplex<f64>>
    stablehlo.custom_call @check.expect_close(%r2, %ex#1) {has_side_effect = true, max_ulp_difference = 3 : i64} : (tensor<4xcomplex<f64>>, tensor<4xcomplex<f64>>) -> ()
    return
  }
  func.func private @inputs() -> (tensor<4xcomplex<f32>>, tensor<4xcomplex<f32>>, tensor<4xcomplex<f64>>, tensor<4xcomplex<f64>>) {
    %0 = stablehlo.constant dense<[(0.5, 0.25), (-1.5, 0.75), (2.0, -1.0), (0.125, -3.0)]> : tensor<4xcomplex<f32>>
    %1 = stablehlo.constant dense<[(1.5, -0.5), (0.25, 1.0), (-2.0, 0.5), (1.0, -1.0)]> : tensor<4xcomplex<f32>>
    %2 = stablehlo.constant dense<[(0.5, 0.25), (-1.5, 0.75), (2.0, -1.0), (0.125, -3.0)]> : tensor<4xcomplex<f64>>
    %3 = stablehlo.constant dense<[(1.5, -0.5), (0.25, 1.0), (-2.0, 0.5), (1.0, -1.0)]> : tensor<4xcomplex<f64>>
    return %0, %1, %2, %3 : tensor<4xcomplex<f32>>, tensor<4xcomplex<f32>>, tensor<4xcomplex<f64>>, tensor<4xcomplex<f64>>
  }
  func.func private @expected() -> (tensor<4xcomplex<f32>>, tensor<4xcomplex<f64>>) {
    %0 = stablehlo.constant dense<[(0.25, 0.25000003), (0.352941185, 1.58823526), (-1.05882359, 0.235294119), (1.5625, -1.4375)]> : tensor<4xcomplex<f32>>
    %1 = stablehlo.constant dense<[(0.25, 0.24999999999999997), (0.3529411764705882, 1.588235294117647), (-1.0588235294117647, 0.23529411764705882), (1.5625, -1.4375)]> : tensor<4xcomplex<f64>>
    return %0, %1 : tensor<4xcomplex<f32>>, tensor<4xcomplex<f64>>
  }
}
