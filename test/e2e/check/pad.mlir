// RUN: alpa run %s --no-cache --backend=interpreter
// RUN: alpa run %s --no-cache

// stablehlo.pad: edges, between elements, negative

module {
  func.func public @main() {
    %in:8 = call @inputs() : () -> (tensor<3xi1>, tensor<i1>, tensor<3xi8>, tensor<i8>, tensor<3xf32>, tensor<f32>, tensor<3xcomplex<f64>>, tensor<complex<f64>>)
    %ex:8 = call @expected() : () -> (tensor<8xi1>, tensor<3xi1>, tensor<8xi8>, tensor<3xi8>, tensor<8xf32>, tensor<3xf32>, tensor<8xcomplex<f64>>, tensor<3xcomplex<f64>>)
    %r1 = stablehlo.pad %in#0, %in#1, low = [1], high = [2], interior = [1] : (tensor<3xi1>, tensor<i1>) -> tensor<8xi1>
    stablehlo.custom_call @check.expect_eq(%r1, %ex#0) {has_side_effect = true} : (tensor<8xi1>, tensor<8xi1>) -> ()
    %r2 = stablehlo.pad %in#0, %in#1, low = [-1], high = [1], interior = [0] : (tensor<3xi1>, tensor<i1>) -> tensor<3xi1>
    stablehlo.custom_call @check.expect_eq(%r2, %ex#1) {has_side_effect = true} : (tensor<3xi1>, tensor<3xi1>) -> ()
    %r3 = stablehlo.pad %in#2, %in#3, low = [1], high = [2], interior = [1] : (tensor<3xi8>, tensor<i8>) -> tensor<8xi8>
    stablehlo.custom_call @check.expect_eq(%r3, %ex#2) {has_side_effect = true} : (tensor<8xi8>, tensor<8xi8>) -> ()
    %r4 = stablehlo.pad %in#2, %in#3, low = [-1], high = [1], interior = [0] : (tensor<3xi8>, tensor<i8>) -> tensor<3xi8>
    stablehlo.custom_call @check.expect_eq(%r4, %ex#3) {has_side_effect = true} : (tensor<3xi8>, tensor<3xi8>) -> ()
    %r5 = stablehlo.pad %in#4, %in#5, low = [1], high = [2], interior = [1] : (tensor<3xf32>, tensor<f32>) -> tensor<8xf32>
    stablehlo.custom_call @check.expect_eq(%r5, %ex#4) {has_side_effect = true} : (tensor<8xf32>, tensor<8xf32>) -> ()
    %r6 = stablehlo.pad %in#4, %in#5, low = [-1], high = [1], interior = [0] : (tensor<3xf32>, tensor<f32>) -> tensor<3xf32>
    stablehlo.custom_call @check.expect_eq(%r6, %ex#5) {has_side_effect = true} : (tensor<3xf32>, tensor<3xf32>) -> ()
    %r7 = stablehlo.pad %in#6, %in#7, low = [1], high = [2], interior = [1] : (tensor<3xcomplex<f64>>, tensor<complex<f64>>) -> tensor<8xcomplex<f64>>
    stablehlo.custom_call @check.expect_eq(%r7, %ex#6) {has_side_effect = true} : (tensor<8xcomplex<f64>>, tensor<8xcomplex<f64>>) -> ()
    %r8 = stablehlo.pad %in#6, %in#7, low = [-1], high = [1], interior = [0] : (tensor<3xcomplex<f64>>, tensor<complex<f64>>) -> tensor<3xcomplex<f64>>
    stablehlo.custom_call @check.expect_eq(%r8, %ex#7) {has_side_effect = true} : (tensor<3xcomplex<f64>>, tensor<3xcomplex<f64>>) -> ()
    return
  }
  func.func private @inputs() -> (tensor<3xi1>, tensor<i1>, tensor<3xi8>, tensor<i8>, tensor<3xf32>, tensor<f32>, tensor<3xcomplex<f64>>, tensor<complex<f64>>) {
    %0 = stablehlo.constant dense<[true, false, true]> : tensor<3xi1>
    %1 = stablehlo.constant dense<true> : tensor<i1>
    %2 = stablehlo.constant dense<[5, 6, 7]> : tensor<3xi8>
    %3 = stablehlo.constant dense<9> : tensor<i8>
    %4 = stablehlo.constant dense<[5.0, 6.0, 7.0]> : tensor<3xf32>
    %5 = stablehlo.constant dense<9.0> : tensor<f32>
    %6 = stablehlo.constant dense<[(5.0, 0.0), (6.0, 0.0), (7.0, 0.0)]> : tensor<3xcomplex<f64>>
    %7 = stablehlo.constant dense<(9.0, 0.0)> : tensor<complex<f64>>
    return %0, %1, %2, %3, %4, %5, %6, %7 : tensor<3xi1>, tensor<i1>, tensor<3xi8>, tensor<i8>, tensor<3xf32>, tensor<f32>, tensor<3xcomplex<f64>>, tensor<complex<f64>>
  }
  func.func private @expected() -> (tensor<8xi1>, tensor<3xi1>, tensor<8xi8>, tensor<3xi8>, tensor<8xf32>, tensor<3xf32>, tensor<8xcomplex<f64>>, tensor<3xcomplex<f64>>) {
    %0 = stablehlo.constant dense<[true, true, true, false, true, true, true, true]> : tensor<8xi1>
    %1 = stablehlo.constant dense<[false, true, true]> : tensor<3xi1>
    %2 = stablehlo.constant dense<[9, 5, 9, 6, 9, 7, 9, 9]> : tensor<8xi8>
    %3 = stablehlo.constant dense<[6, 7, 9]> : tensor<3xi8>
    %4 = stablehlo.constant dense<[9.0, 5.0, 9.0, 6.0, 9.0, 7.0, 9.0, 9.0]> : tensor<8xf32>
    %5 = stablehlo.constant dense<[6.0, 7.0, 9.0]> : tensor<3xf32>
    %6 = stablehlo.constant dense<[(9.0, 0.0), (5.0, 0.0), (9.0, 0.0), (6.0, 0.0), (9.0, 0.0), (7.0, 0.0), (9.0, 0.0), (9.0, 0.0)]> : tensor<8xcomplex<f64>>
    %7 = stablehlo.constant dense<[(6.0, 0.0), (7.0, 0.0), (9.0, 0.0)]> : tensor<3xcomplex<f64>>
    return %0, %1, %2, %3, %4, %5, %6, %7 : tensor<8xi1>, tensor<3xi1>, tensor<8xi8>, tensor<3xi8>, tensor<8xf32>, tensor<3xf32>, tensor<8xcomplex<f64>>, tensor<3xcomplex<f64>>
  }
}
