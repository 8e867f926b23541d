// RUN: alpa run %s --no-cache --backend=interpreter
// RUN: alpa run %s --no-cache

// chlo.broadcast_add and its like, chlo.constant_like, chlo.conj, chlo.mulhi

module {
  func.func public @main() {
    %in:12 = call @inputs() : () -> (tensor<2x3xi32>, tensor<3xi32>, tensor<2x1xi32>, tensor<3xcomplex<f64>>, tensor<3xi8>, tensor<3xi8>, tensor<3xui8>, tensor<3xui8>, tensor<5xi64>, tensor<5xi64>, tensor<3xui64>, tensor<3xui64>)
    %ex:11 = call @expected() : () -> (tensor<2x3xi32>, tensor<2x3xi32>, tensor<2x3xi32>, tensor<2x3xi32>, tensor<2x3xi1>, tensor<2x3xi32>, tensor<3xcomplex<f64>>, tensor<3xi8>, tensor<3xui8>, tensor<5xi64>, tensor<3xui64>)
    %r1 = chlo.broadcast_add %in#0, %in#1 : (tensor<2x3xi32>, tensor<3xi32>) -> tensor<2x3xi32>
    stablehlo.custom_call @check.expect_eq(%r1, %ex#0) {has_side_effect = true} : (tensor<2x3xi32>, tensor<2x3xi32>) -> ()
    %r2 = chlo.broadcast_multiply %in#0, %in#1 : (tensor<2x3xi32>, tensor<3xi32>) -> tensor<2x3xi32>
    stablehlo.custom_call @check.expect_eq(%r2, %ex#1) {has_side_effect = true} : (tensor<2x3xi32>, tensor<2x3xi32>) -> ()
    %r3 = chlo.broadcast_maximum %in#0, %in#1 : (tensor<2x3xi32>, tensor<3xi32>) -> tensor<2x3xi32>
    stablehlo.custom_call @check.expect_eq(%r3, %ex#2) {has_side_effect = true} : (tensor<2x3xi32>, tensor<2x3xi32>) -> ()
    %r4 = chlo.broadcast_subtract %in#2, %in#1 : (tensor<2x1xi32>, tensor<3xi32>) -> tensor<2x3xi32>
    stablehlo.custom_call @check.expect_eq(%r4, %ex#3) {has_side_effect = true} : (tensor<2x3xi32>, tensor<2x3xi32>) -> ()
    %r5 = chlo.broadcast_compare %in#0, %in#1 {comparison_direction = #chlo<comparison_direction GT>} : (tensor<2x3xi32>, tensor<3xi32>) -> tensor<2x3xi1>
    stablehlo.custom_call @check.expect_eq(%r5, %ex#4) {has_side_effect = true} : (tensor<2x3xi1>, tensor<2x3xi1>) -> ()
    %r6 = "chlo.constant_like"(%in#0) <{value = 7 : i32}> : (tensor<2x3xi32>) -> tensor<2x3xi32>
    stablehlo.custom_call @check.expect_eq(%r6, %ex#5) {has_side_effect = true} : (tensor<2x3xi32>, tensor<2x3xi32>) -> ()
    %r7 = chlo.conj %in#3 : tensor<3xcomplex<f64>> -> tensor<3xcomplex<f64>>
    stablehlo.custom_call @check.expect_eq(%r7, %ex#6) {has_side_effect = true} : (tensor<3xcomplex<f64>>, tensor<3xcomplex<f64>>) -> ()
    %r8 = chlo.mulhi %in#4, %in#5 : tensor<3xi8>, tensor<3xi8> -> tensor<3xi8>
    stablehlo.custom_call @check.expect_eq(%r8, %ex#7) {has_side_effect = true} : (tensor<3xi8>, tensor<3xi8>) -> ()
    %r9 = chlo.mulhi %in#6, %in#7 : tensor<3xui8>, tensor<3xui8> -> tensor<3xui8>
    stablehlo.custom_call @check.expect_eq(%r9, %ex#8) {has_side_effect = true} : (tensor<3xui8>, tensor<3xui8>) -> ()
    %r10 = chlo.mulhi %in#8, %in#9 : tensor<5xi64>, tensor<5xi64> -> tensor<5xi64>
    stablehlo.custom_call @check.expect_eq(%r10, %ex#9) {has_side_effect = true} : (tensor<5xi64>, tensor<5xi64>) -> ()
    %r11 = chlo.mulhi %in#10, %in#11 : tensor<3xui64>, tensor<3xui64> -> tensor<3xui64>
    stablehlo.custom_call @check.expect_eq(%r11, %ex#10) {has_side_effect = true} : (tensor<3xui64>, tensor<3xui64>) -> ()
    return
  }
  func.func private @inputs() -> (tensor<2x3xi32>, tensor<3xi32>, tensor<2x1xi32>, tensor<3xcomplex<f64>>, tensor<3xi8>, tensor<3xi8>, tensor<3xui8>, tensor<3xui8>, tensor<5xi64>, tensor<5xi64>, tensor<3xui64>, tensor<3xui64>) {
    %0 = stablehlo.constant dense<[[8, -6, -9], [8, 3, 4]]> : tensor<2x3xi32>
    %1 = stablehlo.constant dense<[7, 3, 7]> : tensor<3xi32>
    %2 = stablehlo.constant dense<[[6], [6]]> : tensor<2x1xi32>
    %3 = stablehlo.constant dense<[(1.0, 2.0), (-3.5, -1.0), (0.0, 0.0)]> : tensor<3xcomplex<f64>>
    %4 = stablehlo.constant dense<[-128, 127, 100]> : tensor<3xi8>
    %5 = stablehlo.constant dense<[-128, -1, 3]> : tensor<3xi8>
    %6 = stablehlo.constant dense<[255, 16, 3]> : tensor<3xui8>
    %7 = stablehlo.constant dense<[255, 16, 4]> : tensor<3xui8>
    %8 = stablehlo.constant dense<[-9223372036854775808, 4611686018427387904, -1, 123456789012345678, -5]> : tensor<5xi64>
    %9 = stablehlo.constant dense<[-9223372036854775808, -3, 1, 987654321987654321, 7]> : tensor<5xi64>
    %10 = stablehlo.constant dense<[18446744073709551615, 9223372036854775808, 1]> : tensor<3xui64>
    %11 = stablehlo.constant dense<[18446744073709551615, 3, 1]> : tensor<3xui64>
    return %0, %1, %2, %3, %4, %5, %6, %7, %8, %9, %10, %11 : tensor<2x3xi32>, tensor<3xi32>, tensor<2x1xi32>, tensor<3xcomplex<f64>>, tensor<3xi8>, tensor<3xi8>, tensor<3xui8>, tensor<3xui8>, tensor<5xi64>, tensor<5xi64>, tensor<3xui64>, tensor<3xui64>
  }
  func.func private @expected() -> (tensor<2x3xi32>, tensor<2x3xi32>, tensor<2x3xi32>, tensor<2x3xi32>, tensor<2x3xi1>, tensor<2x3xi32>, tensor<3xcomplex<f64>>, tensor<3xi8>, tensor<3xui8>, tensor<5xi64>, tensor<3xui64>) {
    %0 = stablehlo.constant dense<[[15, -3, -2], [15, 6, 11]]> : tensor<2x3xi32>
    %1 = stablehlo.constant dense<[[56, -18, -63], [56, 9, 28]]> : tensor<2x3xi32>
    %2 = stablehlo.constant dense<[[8, 3, 7], [8, 3, 7]]> : tensor<2x3xi32>
    %3 = stablehlo.constant dense<[[-1, 3, -1], [-1, 3, -1]]> : tensor<2x3xi32>
    %4 = stablehlo.constant dense<[[true, false, false], [true, false, false]]> : tensor<2x3xi1>
    %5 = stablehlo.constant dense<[[7, 7, 7], [7, 7, 7]]> : tensor<2x3xi32>
    %6 = stablehlo.constant dense<[(1.0, -2.0), (-3.5, 1.0), (0.0, -0.0)]> : tensor<3xcomplex<f64>>
    %7 = stablehlo.constant dense<[64, -1, 1]> : tensor<3xi8>
    %8 = stablehlo.constant dense<[254, 1, 0]> : tensor<3xui8>
    %9 = stablehlo.constant dense<[4611686018427387904, -1, -1, 6609981184730617, -1]> : tensor<5xi64>
    %10 = stablehlo.constant dense<[18446744073709551614, 1, 0]> : tensor<3xui64>
    return %0, %1, %2, %3, %4, %5, %6, %7, %8, %9, %10 : tensor<2x3xi32>, tensor<2x3xi32>, tensor<2x3xi32>, tensor<2x3xi32>, tensor<2x3xi1>, tensor<2x3xi32>, tensor<3xcomplex<f64>>, tensor<3xi8>, tensor<3xui8>, tensor<5xi64>, tensor<3xui64>
  }
}
