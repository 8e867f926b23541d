// RUN: alpa run %s --no-cache --backend=interpreter
// RUN: alpa run %s --no-cache

// chlo.asin

module {
  func.func public @main() {
    %in:2 = call @inputs() : () -> (tensor<4xcomplex<f32>>, tensor<4xcomplex<f64>>)
    %ex:2 = call @expected() : () -> (tensor<4xcomplex<f32>>, tensor<4xcomplex<f64>>)
    %r1 = chlo.asin %in#0 : tensor<4xcomplex<f32>> -> tensor<4xcomplex<f32>>
    stablehlo.custom_call @check.expect_almost_eq(%r1, %ex#0) {has_side_effect = true} : (tensor<4xcomplex<f32>>, tensor<4xcomplex<f32>>) -> ()
    %r2 = chlo.asin %in#1 : tensor<4xcomplex<f64>> -> tensor<4xcomplex<f64>>
    stablehlo.custom_call @check.expect_almost_eq(%r2, %ex#1) {has_side_effect = true} : (tensor<4xcomplex<f64>>, tensor<4xcomplex<f64>>) -> ()
    return
  }
  func.func private @inputs() -> (tensor<4xcomplex<f32>>, tensor<4xcomplex<f64>>) {
    %0 = stablehlo.constant dense<[(0.5, 0.25), (-1.5, 0.75), (2.0, -1.0), (0.125, -3.0)]> : tensor<4xcomplex<f32>>
    %1 = stablehlo.constant dense<[(0.5, 0.25), (-1.5, 0.75), (2.0, -1.0), (0.125, -3.0)]> : tensor<4xcomplex<f64>>
    return %0, %1 : tensor<4xcomplex<f32>>, tensor<4xcomplex<f64>>
  }
  func.func private @expected() -> (tensor<4xcomplex<f32>>, tensor<4xcomplex<f64>>) {
    %0 = stablehlo.constant dense<[(0.501608849, 0.281396061), (-1.02428806, 1.16279209), (1.06343997, -1.46935177), (0.0395109802, -1.81918716)]> : tensor<4xcomplex<f32>>
    %1 = stablehlo.constant dense<[(0.5016088532755008, 0.2813960562452928), (-1.0242880572034125, 1.1627920981631037), (1.0634400235777521, -1.4693517443681852), (0.03951098165991842, -1.819187184014368)]> : tensor<4xcomplex<f64>>
    return %0, %1 : tensor<4xcomplex<f32>>, tensor<4xcomplex<f64>>
  }
}
