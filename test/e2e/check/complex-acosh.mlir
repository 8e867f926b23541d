// RUN: alpa run %s --no-cache --backend=interpreter
// RUN: alpa run %s --no-cache

// chlo.acosh

module {
  func.func public @main() {
    %in:2 = call @inputs() : () -> (tensor<4xcomplex<f32>>, tensor<4xcomplex<f64>>)
    %ex:2 = call @expected() : () -> (tensor<4xcomplex<f32>>, tensor<4xcomplex<f64>>)
    %r1 = chlo.acosh %in#0 : tensor<4xcomplex<f32>> -> tensor<4xcomplex<f32>>
    stablehlo.custom_call @check.expect_almost_eq(%r1, %ex#0) {has_side_effect = true} : (tensor<4xcomplex<f32>>, tensor<4xcomplex<f32>>) -> ()
    %r2 = chlo.acosh %in#1 : tensor<4xcomplex<f64>> -> tensor<4xcomplex<f64>>
    stablehlo.custom_call @check.expect_almost_eq(%r2, %ex#1) {has_side_effect = true} : (tensor<4xcomplex<f64>>, tensor<4xcomplex<f64>>) -> ()
    return
  }
  func.func private @inputs() -> (tensor<4xcomplex<f32>>, tensor<4xcomplex<f64>>) {
    %0 = stablehlo.constant dense<[(0.5, 0.25), (-1.5, 0.75), (2.0, -1.0), (0.125, -3.0)]> : tensor<4xcomplex<f32>>
    %1 = stablehlo.constant dense<[(0.5, 0.25), (-1.5, 0.75), (2.0, -1.0), (0.125, -3.0)]> : tensor<4xcomplex<f64>>
    return %0, %1 : tensor<4xcomplex<f32>>, tensor<4xcomplex<f64>>
  }
  func.func private @expected() -> (tensor<4xcomplex<f32>>, tensor<4xcomplex<f64>>) {
    %0 = stablehlo.constant dense<[(0.281396061, 1.06918752), (1.16279209, 2.59508443), (1.46935177, -0.507356286), (1.81918716, -1.53128529)]> : tensor<4xcomplex<f32>>
    %1 = stablehlo.constant dense<[(0.2813960562452928, 1.0691874735193958), (1.1627920981631037, 2.595084383998309), (1.4693517443681852, -0.5073563032171445), (1.819187184014368, -1.5312853451349782)]> : tensor<4xcomplex<f64>>
    return %0, %1 : tensor<4xcomplex<f32>>, tensor<4xcomplex<f64>>
  }
}
