// RUN: alpa run %s --no-cache --backend=interpreter
// RUN: alpa run %s --no-cache

// Rounding to 8, 16 and fewer bits happens once, to even; what is too large becomes what the format has for it.

module {
  func.func public @main() {
    %in:3 = call @inputs() : () -> (tensor<9xf32>, tensor<3xf64>, tensor<3xf64>)
    %ex:7 = call @expected() : () -> (tensor<9xf32>, tensor<9xf32>, tensor<9xf32>, tensor<9xf32>, tensor<3xbf16>, tensor<3xf16>, tensor<9xf32>)
    %0 = stablehlo.convert %in#0 : (tensor<9xf32>) -> tensor<9xf8E4M3FN>
    %1 = stablehlo.convert %0 : (tensor<9xf8E4M3FN>) -> tensor<9xf32>
    stablehlo.custom_call @check.expect_eq(%1, %ex#0) {has_side_effect = true} : (tensor<9xf32>, tensor<9xf32>) -> ()
    %2 = stablehlo.convert %in#0 : (tensor<9xf32>) -> tensor<9xf8E5M2>
    %3 = stablehlo.convert %2 : (tensor<9xf8E5M2>) -> tensor<9xf32>
    stablehlo.custom_call @check.expect_eq(%3, %ex#1) {has_side_effect = true} : (tensor<9xf32>, tensor<9xf32>) -> ()
    %4 = stablehlo.convert %in#0 : (tensor<9xf32>) -> tensor<9xf8E4M3FNUZ>
    %5 = stablehlo.convert %4 : (tensor<9xf8E4M3FNUZ>) -> tensor<9xf32>
    stablehlo.custom_call @check.expect_eq(%5, %ex#2) {has_side_effect = true} : (tensor<9xf32>, tensor<9xf32>) -> ()
    %6 = stablehlo.convert %in#0 : (tensor<9xf32>) -> tensor<9xf4E2M1FN>
    %7 = stablehlo.convert %6 : (tensor<9xf4E2M1FN>) -> tensor<9xf32>
    stablehlo.custom_call @check.expect_eq(%7, %ex#3) {has_side_effect = true} : (tensor<9xf32>, tensor<9xf32>) -> ()
    %8 = stablehlo.convert %in#1 : (tensor<3xf64>) -> tensor<3xbf16>
    stablehlo.custom_call @check.expect_eq(%8, %ex#4) {has_side_effect = true} : (tensor<3xbf16>, tensor<3xbf16>) -> ()
    %9 = stablehlo.convert %in#2 : (tensor<3xf64>) -> tensor<3xf16>
    stablehlo.custom_call @check.expect_eq(%9, %ex#5) {has_side_effect = true} : (tensor<3xf16>, tensor<3xf16>) -> ()
    %10 = stablehlo.multiply %0, %0 : tensor<9xf8E4M3FN>
    %11 = stablehlo.convert %10 : (tensor<9xf8E4M3FN>) -> tensor<9xf32>
    stablehlo.custom_call @check.expect_eq(%11, %ex#6) {has_side_effect = true} : (tensor<9xf32>, tensor<9xf32>) -> ()
    return
  }
  func.func private @inputs() -> (tensor<9xf32>, tensor<3xf64>, tensor<3xf64>) {
    %0 = stablehlo.constant dense<[0.0, 448.0, 464.0, 480.0, 0.001953125, 0.0009765625, -0.0029296875, 0x7FC00000, -1.3125]> : tensor<9xf32>
    %1 = stablehlo.constant dense<[1.00390625, 1.00390625000001, -1.01171874999999]> : tensor<3xf64>
    %2 = stablehlo.constant dense<[1.00048828125, 1.00048828125001, 1.0e10]> : tensor<3xf64>
    return %0, %1, %2 : tensor<9xf32>, tensor<3xf64>, tensor<3xf64>
  }
  func.func private @expected() -> (tensor<9xf32>, tensor<9xf32>, tensor<9xf32>, tensor<9xf32>, tensor<3xbf16>, tensor<3xf16>, tensor<9xf32>) {
    %0 = stablehlo.constant dense<[0.0, 448.0, 448.0, 0x7FC00000, 0.001953125, 0.0, -0.00390625, 0x7FC00000, -1.25]> : tensor<9xf32>
    %1 = stablehlo.constant dense<[0.0, 448.0, 448.0, 512.0, 0.001953125, 0.0009765625, -0.0029296875, 0x7FC00000, -1.25]> : tensor<9xf32>
    %2 = stablehlo.constant dense<[0.0, 0x7FC00000, 0x7FC00000, 0x7FC00000, 0.001953125, 0.0009765625, -0.0029296875, 0x7FC00000, -1.25]> : tensor<9xf32>
    %3 = stablehlo.constant dense<[0.0, 6.0, 6.0, 6.0, 0.0, 0.0, -0.0, -0.0, -1.5]> : tensor<9xf32>
    %4 = stablehlo.constant dense<[1.0, 1.0078125, -1.0078125]> : tensor<3xbf16>
    %5 = stablehlo.constant dense<[1.0, 1.0009765625, 0x7C00]> : tensor<3xf16>
    %6 = stablehlo.constant dense<[0.0, 0x7FC00000, 0x7FC00000, 0x7FC00000, 0.0, 0.0, 0.0, 0x7FC00000, 1.5]> : tensor<9xf32>
    return %0, %1, %2, %3, %4, %5, %6 : tensor<9xf32>, tensor<9xf32>, tensor<9xf32>, tensor<9xf32>, tensor<3xbf16>, tensor<3xf16>, tensor<9xf32>
  }
}
