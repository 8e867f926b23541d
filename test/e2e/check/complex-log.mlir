// RUN: alpa run %s --no-cache --backend=interpreter
// RUN: alpa run %s --no-cache

// stablehlo.log

module {
  func.func public @main() {
    %in:2 = call @inputs() : () -> (tensor<4xcomplex<f32>>, tensor<4xcomplex<f64>>)
    %ex:2 = call @expected() : () -> (tensor<4xcomplex<f32>>, tensor<4xcomplex<f64>>)
    %r1 = stablehlo.log %in#0 : tensor<4xcomplex<f32>>
    stablehlo.custom_call @check.expect_almost_eq(%r1, %ex#0) {has_side_effect = true} : (tensor<4xcomplex<f32>>, tensor<4xcomplex<f32>>) -> ()
    %r2 = stablehlo.log %in#1 : tensor<4xcomplex<f64>>
    stablehlo.custom_call @check.expect_almost_eq(%r2, %ex#1) {has_side_effect = true} : (tensor<4xcomplex<f64>>, tensor<4xcomplex<f64>>) -> ()
    return
  }
  func.func private @inputs() -> (tensor<4xcomplex<f32>>, tensor<4xcomplex<f64>>) {
    %0 = stablehlo.constant dense<[(0.5, 0.25), (-1.5, 0.75), (2.0, -1.0), (0.125, -3.0)]> : tensor<4xcomplex<f32>>
    %1 = stablehlo.constant dense<[(0.5, 0.25), (-1.5, 0.75), (2.0, -1.0), (0.125, -3.0)]> : tensor<4xcomplex<f64>>
    return %0, %1 : tensor<4xcomplex<f32>>, tensor<4xcomplex<f64>>
  }
  func.func private @expected() -> (tensor<4xcomplex<f32>>, tensor<4xcomplex<f64>>) {
    %0 = stablehlo.constant dense<[(-0.581575394, 0.463647604), (0.517036855, 2.67794514), (0.804718971, -0.463647604), (1.09947956, -1.5291537)]> : tensor<4xcomplex<f32>>
    %1 = stablehlo.constant dense<[(-0.5815754049028404, 0.4636476090008061), (0.5170368837652692, 2.677945044588987), (0.8047189562170501, -0.4636476090008061), (1.099479591574214, -1.5291537476963082)]> : tensor<4xcomplex<f64>>
    return %0, %1 : tensor<4xcomplex<f32>>, tensor<4xcomplex<f64>>
  }
}
