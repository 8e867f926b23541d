// RUN: alpa run %s --no-cache --backend=interpreter
// RUN: alpa run %s --no-cache

// stablehlo.dynamic_slice and dynamic_update_slice; starts are clamped

module {
  func.func public @main() {
    %in:10 = call @inputs() : () -> (tensor<i32>, tensor<i32>, tensor<3x4xi1>, tensor<2x2xi1>, tensor<3x4xi16>, tensor<2x2xi16>, tensor<3x4xf32>, tensor<2x2xf32>, tensor<3x4xcomplex<f64>>, tensor<2x2xcomplex<f64>>)
    %ex:8 = call @expected() : () -> (tensor<2x2xi1>, tensor<3x4xi1>, tensor<2x2xi16>, tensor<3x4xi16>, tensor<2x2xf32>, tensor<3x4xf32>, tensor<2x2xcomplex<f64>>, tensor<3x4xcomplex<f64>>)
    %r1 = stablehlo.dynamic_slice %in#2, %in#0, %in#1, sizes = [2, 2] : (tensor<3x4xi1>, tensor<i32>, tensor<i32>) -> tensor<2x2xi1>
    stablehlo.custom_call @check.expect_eq(%r1, %ex#0) {has_side_effect = true} : (tensor<2x2xi1>, tensor<2x2xi1>) -> ()
    %r2 = stablehlo.dynamic_update_slice %in#2, %in#3, %in#0, %in#1 : (tensor<3x4xi1>, tensor<2x2xi1>, tensor<i32>, tensor<i32>) -> tensor<3x4xi1>
    stablehlo.custom_call @check.expect_eq(%r2, %ex#1) {has_side_effect = true} : (tensor<3x4xi1>, tensor<3x4xi1>) -> ()
    %r3 = stablehlo.dynamic_slice %in#4, %in#0, %in#1, sizes = [2, 2] : (tensor<3x4xi16>, tensor<i32>, tensor<i32>) -> tensor<2x2xi16>
    stablehlo.custom_call @check.expect_eq(%r3, %ex#2) {has_side_effect = true} : (tensor<2x2xi16>, tensor<2x2xi16>) -> ()
    %r4 = stablehlo.dynamic_update_slice %in#4, %in#5, %in#0, %in#1 : (tensor<3x4xi16>, tensor<2x2xi16>, tensor<i32>, tensor<i32>) -> tensor<3x4xi16>
    stablehlo.custom_call @check.expect_eq(%r4, %ex#3) {has_side_effect = true} : (tensor<3x4xi16>, tensor<3x4xi16>) -> ()
    %r5 = stablehlo.dynamic_slice %in#6, %in#0, %in#1, sizes = [2, 2] : (tensor<3x4xf32>, tensor<i32>, tensor<i32>) -> tensor<2x2xf32>
    stablehlo.custom_call @check.expect_eq(%r5, %ex#4) {has_side_effect = true} : (tensor<2x2xf32>, tensor<2x2xf32>) -> ()
    %r6 = stablehlo.dynamic_update_slice %in#6, %in#7, %in#0, %in#1 : (tensor<3x4xf32>, tensor<2x2xf32>, tensor<i32>, tensor<i32>) -> tensor<3x4xf32>
    stablehlo.custom_call @check.expect_eq(%r6, %ex#5) {has_side_effect = true} : (tensor<3x4xf32>, tensor<3x4xf32>) -> ()
    %r7 = stablehlo.dynamic_slice %in#8, %in#0, %in#1, sizes = [2, 2] : (tensor<3x4xcomplex<f64>>, tensor<i32>, tensor<i32>) -> tensor<2x2xcomplex<f64>>
    stablehlo.custom_call @check.expect_eq(%r7, %ex#6) {has_side_effect = true} : (tensor<2x2xcomplex<f64>>, tensor<2x2xcomplex<f64>>) -> ()
    %r8 = stablehlo.dynamic_update_slice %in#8, %in#9, %in#0, %in#1 : (tensor<3x4xcomplex<f64>>, tensor<2x2xcomplex<f64>>, tensor<i32>, tensor<i32>) -> tensor<3x4xcomplex<f64>>
    stablehlo.custom_call @check.expect_eq(%r8, %ex#7) {has_side_effect = true} : (tensor<3x4xcomplex<f64>>, tensor<3x4xcomplex<f64>>) -> ()
    return
  }
  func.func private @inputs() -> (tensor<i32>, tensor<i32>, tensor<3x4xi1>, tensor<2x2xi1>, tensor<3x4xi16>, tensor<2x2xi16>, tensor<3x4xf32>, tensor<2x2xf32>, tensor<3x4xcomplex<f64>>, tensor<2x2xcomplex<f64>>) {
    %0 = stablehlo.constant dense<1> : tensor<i32>
    %1 = stablehlo.constant dense<9> : tensor<i32>
    %2 = stablehlo.constant dense<[[false, true, false, true], [false, true, false, true], [false, true, false, true]]> : tensor<3x4xi1>
    %3 = stablehlo.constant dense<[[true, false], [false, true]]> : tensor<2x2xi1>
    %4 = stablehlo.constant dense<[[0, 1, 2, 3], [4, 5, 6, 7], [8, 9, 10, 11]]> : tensor<3x4xi16>
    %5 = stablehlo.constant dense<[[1, 0], [0, 1]]> : tensor<2x2xi16>
    %6 = stablehlo.constant dense<[[0.0, 1.0, 2.0, 3.0], [4.0, 5.0, 6.0, 7.0], [8.0, 9.0, 10.0, 11.0]]> : tensor<3x4xf32>
    %7 = stablehlo.constant dense<[[1.0, 0.0], [0.0, 1.0]]> : tensor<2x2xf32>
    %8 = stablehlo.constant dense<[[(0.0, 0.0), (1.0, 0.0), (2.0, 0.0), (3.0, 0.0)], [(4.0, 0.0), (5.0, 0.0), (6.0, 0.0), (7.0, 0.0)], [(8.0, 0.0), (9.0, 0.0), (10.0, 0.0), (11.0, 0.0)]]> : tensor<3x4xcomplex<f64>>
    %9 = stablehlo.constant dense<[[(1.0, 0.0), (0.0, 0.0)], [(0.0, 0.0), (1.0, 0.0)]]> : tensor<2x2xcomplex<f64>>
    return %0, %1, %2, %3, %4, %5, %6, %7, %8, %9 : tensor<i32>, tensor<i32>, tensor<3x4xi1>, tensor<2x2xi1>, tensor<3x4xi16>, tensor<2x2xi16>, tensor<3x4xf32>, tensor<2x2xf32>, tensor<3x4xcomplex<f64>>, tensor<2x2xcomplex<f64>>
  }
  func.func private @expected() -> (tensor<2x2xi1>, tensor<3x4xi1>, tensor<2x2xi16>, tensor<3x4xi16>, tensor<2x2xf32>, tensor<3x4xf32>, tensor<2x2xcomplex<f64>>, tensor<3x4xcomplex<f64>>) {
    %0 = stablehlo.constant dense<[[false, true], [false, true]]> : tensor<2x2xi1>
    %1 = stablehlo.constant dense<[[false, true, false, true], [false, true, true, false], [false, true, false, true]]> : tensor<3x4xi1>
    %2 = stablehlo.constant dense<[[6, 7], [10, 11]]> : tensor<2x2xi16>
    %3 = stablehlo.constant dense<[[0, 1, 2, 3], [4, 5, 1, 0], [8, 9, 0, 1]]> : tensor<3x4xi16>
    %4 = stablehlo.constant dense<[[6.0, 7.0], [10.0, 11.0]]> : tensor<2x2xf32>
    %5 = stablehlo.constant dense<[[0.0, 1.0, 2.0, 3.0], [4.0, 5.0, 1.0, 0.0], [8.0, 9.0, 0.0, 1.0]]> : tensor<3x4xf32>
    %6 = stablehlo.constant dense<[[(6.0, 0.0), (7.0, 0.0)], [(10.0, 0.0), (11.0, 0.0)]]> : tensor<2x2xcomplex<f64>>
    %7 = stablehlo.constant dense<[[(0.0, 0.0), (1.0, 0.0), (2.0, 0.0), (3.0, 0.0)], [(4.0, 0.0), (5.0, 0.0), (1.0, 0.0), (0.0, 0.0)], [(8.0, 0.0), (9.0, 0.0), (0.0, 0.0), (1.0, 0.0)]]> : tensor<3x4xcomplex<f64>>
    return %0, %1, %2, %3, %4, %5, %6, %7 : tensor<2x2xi1>, tensor<3x4xi1>, tensor<2x2xi16>, tensor<3x4xi16>, tensor<2x2xf32>, tensor<3x4xf32>, tensor<2x2xcomplex<f64>>, tensor<3x4xcomplex<f64>>
  }
}
