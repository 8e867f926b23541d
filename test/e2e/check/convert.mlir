// RUN: alpa run %s --no-cache --backend=interpreter
// RUN: alpa run %s --no-cache

// stablehlo.convert between classes

module {
  func.func public @main() {
    %in:16 = call @inputs() : () -> (tensor<4xf32>, tensor<4xf64>, tensor<4xf32>, tensor<4xf32>, tensor<4xf64>, tensor<4xi32>, tensor<4xi64>, tensor<4xi32>, tensor<4xui8>, tensor<4xi8>, tensor<4xi1>, tensor<4xf32>, tensor<4xbf16>, tensor<4xf16>, tensor<4xi32>, tensor<4xf32>)
    %ex:16 = call @expected() : () -> (tensor<4xi32>, tensor<4xi64>, tensor<4xf16>, tensor<4xbf16>, tensor<4xf32>, tensor<4xf32>, tensor<4xf64>, tensor<4xi8>, tensor<4xi32>, tensor<4xui8>, tensor<4xf32>, tensor<4xi1>, tensor<4xf32>, tensor<4xf64>, tensor<4xcomplex<f32>>, tensor<4xui8>)
    %r1 = stablehlo.convert %in#0 : (tensor<4xf32>) -> tensor<4xi32>
    stablehlo.custom_call @check.expect_eq(%r1, %ex#0) {has_side_effect = true} : (tensor<4xi32>, tensor<4xi32>) -> ()
    %r2 = stablehlo.convert %in#1 : (tensor<4xf64>) -> tensor<4xi64>
    stablehlo.custom_call @check.expect_eq(%r2, %ex#1) {has_side_effect = true} : (tensor<4xi64>, tensor<4xi64>) -> ()
    %r3 = stablehlo.convert %in#2 : (tensor<4xf32>) -> tensor<4xf16>
    stablehlo.custom_call @check.expect_eq(%r3, %ex#2) {has_side_effect = true} : (tensor<4xf16>, tensor<4xf16>) -> ()
    %r4 = stablehlo.convert %in#3 : (tensor<4xf32>) -> tensor<4xbf16>
    stablehlo.custom_call @check.expect_eq(%r4, %ex#3) {has_side_effect = true} : (tensor<4xbf16>, tensor<4xbf16>) -> ()
    %r5 = stablehlo.convert %in#4 : (tensor<4xf64>) -> tensor<4xf32>
    stablehlo.custom_call @check.expect_eq(%r5, %ex#4) {has_side_effect = true} : (tensor<4xf32>, tensor<4xf32>) -> ()
    %r6 = stablehlo.convert %in#5 : (tensor<4xi32>) -> tensor<4xf32>
    stablehlo.custom_call @check.expect_eq(%r6, %ex#5) {has_side_effect = true} : (tensor<4xf32>, tensor<4xf32>) -> ()
    %r7 = stablehlo.convert %in#6 : (tensor<4xi64>) -> tensor<4xf64>
    stablehlo.custom_call @check.expect_eq(%r7, %ex#6) {has_side_effect = true} : (tensor<4xf64>, tensor<4xf64>) -> ()
    %r8 = stablehlo.convert %in#7 : (tensor<4xi32>) -> tensor<4xi8>
    stablehlo.custom_call @check.expect_eq(%r8, %ex#7) {has_side_effect = true} : (tensor<4xi8>, tensor<4xi8>) -> ()
    %r9 = stablehlo.convert %in#8 : (tensor<4xui8>) -> tensor<4xi32>
    stablehlo.custom_call @check.expect_eq(%r9, %ex#8) {has_side_effect = true} : (tensor<4xi32>, tensor<4xi32>) -> ()
    %r10 = stablehlo.convert %in#9 : (tensor<4xi8>) -> tensor<4xui8>
    stablehlo.custom_call @check.expect_eq(%r10, %ex#9) {has_side_effect = true} : (tensor<4xui8>, tensor<4xui8>) -> ()
    %r11 = stablehlo.convert %in#10 : (tensor<4xi1>) -> tensor<4xf32>
    stablehlo.custom_call @check.expect_eq(%r11, %ex#10) {has_side_effect = true} : (tensor<4xf32>, tensor<4xf32>) -> ()
    %r12 = stablehlo.convert %in#11 : (tensor<4xf32>) -> tensor<4xi1>
    stablehlo.custom_call @check.expect_eq(%r12, %ex#11) {has_side_effect = true} : (tensor<4xi1>, tensor<4xi1>) -> ()
    %r13 = stablehlo.convert %in#12 : (tensor<4xbf16>) -> tensor<4xf32>
    stablehlo.custom_call @check.expect_eq(%r13, %ex#12) {has_side_effect = true} : (tensor<4xf32>, tensor<4xf32>) -> ()
    %r14 = stablehlo.convert %in#13 : (tensor<4xf16>) -> tensor<4xf64>
    stablehlo.custom_call @check.expect_eq(%r14, %ex#13) {has_side_effect = true} : (tensor<4xf64>, tensor<4xf64>) -> ()
    %r15 = stablehlo.convert %in#14 : (tensor<4xi32>) -> tensor<4xcomplex<f32>>
    stablehlo.custom_call @check.expect_eq(%r15, %ex#14) {has_side_effect = true} : (tensor<4xcomplex<f32>>, tensor<4xcomplex<f32>>) -> ()
    %r16 = stablehlo.convert %in#15 : (tensor<4xf32>) -> tensor<4xui8>
    stablehlo.custom_call @check.expect_eq(%r16, %ex#15) {has_side_effect = true} : (tensor<4xui8>, tensor<4xui8>) -> ()
    return
  }
  func.func private @inputs() -> (tensor<4xf32>, tensor<4xf64>, tensor<4xf32>, tensor<4xf32>, tensor<4xf64>, tensor<4xi32>, tensor<4xi64>, tensor<4xi32>, tensor<4xui8>, tensor<4xi8>, tensor<4xi1>, tensor<4xf32>, tensor<4xbf16>, tensor<4xf16>, tensor<4xi32>, tensor<4xf32>) {
    %0 = stablehlo.constant dense<[0.0, 1.0, -2.75, 100.400002]> : tensor<4xf32>
    %1 = stablehlo.constant dense<[0.0, 1.0, -2.75, 100.4]> : tensor<4xf64>
    %2 = stablehlo.constant dense<[0.0, 1.0, -2.75, 100.400002]> : tensor<4xf32>
    %3 = stablehlo.constant dense<[0.0, 1.0, -2.75, 100.400002]> : tensor<4xf32>
    %4 = stablehlo.constant dense<[0.0, 1.0, -2.75, 100.4]> : tensor<4xf64>
    %5 = stablehlo.constant dense<[0, 1, -2, 100]> : tensor<4xi32>
    %6 = stablehlo.constant dense<[0, 1, -2, 100]> : tensor<4xi64>
    %7 = stablehlo.constant dense<[0, 1, -2, 100]> : tensor<4xi32>
    %8 = stablehlo.constant dense<[0, 1, 3, 100]> : tensor<4xui8>
    %9 = stablehlo.constant dense<[0, 1, -2, 100]> : tensor<4xi8>
    %10 = stablehlo.constant dense<[false, true, true, false]> : tensor<4xi1>
    %11 = stablehlo.constant dense<[0.0, 1.0, -2.75, 100.400002]> : tensor<4xf32>
    %12 = stablehlo.constant dense<[0.0, 1.0, -2.75, 100.5]> : tensor<4xbf16>
    %13 = stablehlo.constant dense<[0.0, 1.0, -2.75, 100.375]> : tensor<4xf16>
    %14 = stablehlo.constant dense<[0, 1, -2, 100]> : tensor<4xi32>
    %15 = stablehlo.constant dense<[0.0, 1.0, 3.0, 100.0]> : tensor<4xf32>
    return %0, %1, %2, %3, %4, %5, %6, %7, %8, %9, %10, %11, %12, %13, %14, %15 : tensor<4xf32>, tensor<4xf64>, tensor<4xf32>, tensor<4xf32>, tensor<4xf64>, tensor<4xi32>, tensor<4xi64>, tensor<4xi32>, tensor<4xui8>, tensor<4xi8>, tensor<4xi1>, tensor<4xf32>, tensor<4xbf16>, tensor<4xf16>, tensor<4xi32>, tensor<4xf32>
  }
  func.func private @expected() -> (tensor<4xi32>, tensor<4xi64>, tensor<4xf16>, tensor<4xbf16>, tensor<4xf32>, tensor<4xf32>, tensor<4xf64>, tensor<4xi8>, tensor<4xi32>, tensor<4xui8>, tensor<4xf32>, tensor<4xi1>, tensor<4xf32>, tensor<4xf64>, tensor<4xcomplex<f32>>, tensor<4xui8>) {
    %0 = stablehlo.constant dense<[0, 1, -2, 100]> : tensor<4xi32>
    %1 = stablehlo.constant dense<[0, 1, -2, 100]> : tensor<4xi64>
    %2 = stablehlo.constant dense<[0.0, 1.0, -2.75, 100.375]> : tensor<4xf16>
    %3 = stablehlo.constant dense<[0.0, 1.0, -2.75, 100.5]> : tensor<4xbf16>
    %4 = stablehlo.constant dense<[0.0, 1.0, -2.75, 100.400002]> : tensor<4xf32>
    %5 = stablehlo.constant dense<[0.0, 1.0, -2.0, 100.0]> : tensor<4xf32>
    %6 = stablehlo.constant dense<[0.0, 1.0, -2.0, 100.0]> : tensor<4xf64>
    %7 = stablehlo.constant dense<[0, 1, -2, 100]> : tensor<4xi8>
    %8 = stablehlo.constant dense<[0, 1, 3, 100]> : tensor<4xi32>
    %9 = stablehlo.constant dense<[0, 1, 254, 100]> : tensor<4xui8>
    %10 = stablehlo.constant dense<[0.0, 1.0, 1.0, 0.0]> : tensor<4xf32>
    %11 = stablehlo.constant dense<[false, true, true, true]> : tensor<4xi1>
    %12 = stablehlo.constant dense<[0.0, 1.0, -2.75, 100.5]> : tensor<4xf32>
    %13 = stablehlo.constant dense<[0.0, 1.0, -2.75, 100.375]> : tensor<4xf64>
    %14 = stablehlo.constant dense<[(0.0, 0.0), (1.0, 0.0), (-2.0, 0.0), (100.0, 0.0)]> : tensor<4xcomplex<f32>>
    %15 = stablehlo.constant dense<[0, 1, 3, 100]> : tensor<4xui8>
    return %0, %1, %2, %3, %4, %5, %6, %7, %8, %9, %10, %11, %12, %13, %14, %15 : tensor<4xi32>, tensor<4xi64>, tensor<4xf16>, tensor<4xbf16>, tensor<4xf32>, tensor<4xf32>, tensor<4xf64>, tensor<4xi8>, tensor<4xi32>, tensor<4xui8>, tensor<4xf32>, tensor<4xi1>, tensor<4xf32>, tensor<4xf64>, tensor<4xcomplex<f32>>, tensor<4xui8>
  }
}
