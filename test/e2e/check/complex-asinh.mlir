// RUN: alpa run %s --no-cache --backend=interpreter
// RUN: alpa run %s --no-cache

// chlo.asinh

module {
  func.func public @main() {
    %in:2 = call @inputs() : () -> (tensor<4xcomplex<f32>>, tensor<4xcomplex<f64>>)
    %ex:2 = call @expected() : () -> (tensor<4xcomplex<f32>>, tensor<4xcomplex<f64>>)
    %r1 = chlo.asinh %in#0 : tensor<4xcomplex<f32>> -> tensor<4xcomplex<f32>>
    stablehlo.custom_call @check.expect_almost_eq(%r1, %ex#0) {has_side_effect = true} : (tensor<4xcomplex<f32>>, tensor<4xcomplex<f32>>) -> ()
    %r2 = chlo.asinh %in#1 : tensor<4xcomplex<f64>> -> tensor<4xcomplex<f64>>
    stablehlo.custom_call @check.expect_almost_eq(%r2, %ex#1) {has_side_effect = true} : (tensor<4xcomplex<f64>>, tensor<4xcomplex<f64>>) -> ()
    return
  }
  func.func private @inputs() -> (tensor<4xcomplex<f32>>, tensor<4xcomplex<f64>>) {
    %0 = stablehlo.constant dense<[(0.5, 0.25), (-1.5, 0.75), (2.0, -1.0), (0.125, -3.0)]> : tensor<4xcomplex<f32>>
    %1 = stablehlo.constant dense<[(0.5, 0.25), (-1.5, 0.75), (2.0, -1.0), (0.125, -3.0)]> : tensor<4xcomplex<f64>>
    return %0, %1 : tensor<4xcomplex<f32>>, tensor<4xcomplex<f64>>
  }
  func.func private @expected() -> (tensor<4xcomplex<f32>>, tensor<4xcomplex<f64>>) {
    %0 = stablehlo.constant dense<[(0.492675692, 0.224328458), (-1.26507509, 0.402910829), (1.52857089, -0.427078575), (1.76378167, -1.52663624)]> : tensor<4xcomplex<f32>>
    %1 = stablehlo.constant dense<[(0.4926756834207706, 0.2243284526346675), (-1.2650750428933686, 0.4029108301465699), (1.5285709194809982, -0.42707858639247614), (1.7637816499875794, -1.5266362630472592)]> : tensor<4xcomplex<f64>>
    return %0, %1 : tensor<4xcomplex<f32>>, tensor<4xcomplex<f64>>
  }
}
