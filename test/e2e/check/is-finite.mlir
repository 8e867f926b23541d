// RUN: alpa run %s --no-cache --backend=interpreter
// RUN: alpa run %s --no-cache

// stablehlo.is_finite, chlo.is_inf, chlo.next_after

module {
  func.func public @main() {
    %in:8 = call @inputs() : () -> (tensor<4xf16>, tensor<4xbf16>, tensor<4xf32>, tensor<4xf64>, tensor<4xf32>, tensor<4xf32>, tensor<4xf64>, tensor<4xf64>)
    %ex:6 = call @expected() : () -> (tensor<4xi1>, tensor<4xi1>, tensor<4xi1>, tensor<4xi1>, tensor<4xf32>, tensor<4xf64>)
    %r1 = stablehlo.is_finite %in#0 : (tensor<4xf16>) -> tensor<4xi1>
    stablehlo.custom_call @check.expect_eq(%r1, %ex#0) {has_side_effect = true} : (tensor<4xi1>, tensor<4xi1>) -> ()
    %r2 = stablehlo.is_finite %in#1 : (tensor<4xbf16>) -> tensor<4xi1>
    stablehlo.custom_call @check.expect_eq(%r2, %ex#1) {has_side_effect = true} : (tensor<4xi1>, tensor<4xi1>) -> ()
    %r3 = stablehlo.is_finite %in#2 : (tensor<4xf32>) -> tensor<4xi1>
    stablehlo.custom_call @check.expect_eq(%r3, %ex#2) {has_side_effect = true} : (tensor<4xi1>, tensor<4xi1>) -> ()
    %r4 = stablehlo.is_finite %in#3 : (tensor<4xf64>) -> tensor<4xi1>
    stablehlo.custom_call @check.expect_eq(%r4, %ex#3) {has_side_effect = true} : (tensor<4xi1>, tensor<4xi1>) -> ()
    %r5 = chlo.next_after %in#4, %in#5 : tensor<4xf32>, tensor<4xf32> -> tensor<4xf32>
    stablehlo.custom_call @check.expect_eq(%r5, %ex#4) {has_side_effect = true} : (tensor<4xf32>, tensor<4xf32>) -> ()
    %r6 = chlo.next_after %in#6, %in#7 : tensor<4xf64>, tensor<4xf64> -> tensor<4xf64>
    stablehlo.custom_call @check.expect_eq(%r6, %ex#5) {has_side_effect = true} : (tensor<4xf64>, tensor<4xf64>) -> ()
    return
  }
  func.func private @inputs() -> (tensor<4xf16>, tensor<4xbf16>, tensor<4xf32>, tensor<4xf64>, tensor<4xf32>, tensor<4xf32>, tensor<4xf64>, tensor<4xf64>) {
    %0 = stablehlo.constant dense<[1.0, 0x7C00, 0xFC00, 0x7E00]> : tensor<4xf16>
    %1 = stablehlo.constant dense<[1.0, 0x7F80, 0xFF80, 0x7FC0]> : tensor<4xbf16>
    %2 = stablehlo.constant dense<[1.0, 0x7F800000, 0xFF800000, 0x7FC00000]> : tensor<4xf32>
    %3 = stablehlo.constant dense<[1.0, 0x7FF0000000000000, 0xFFF0000000000000, 0x7FF8000000000000]> : tensor<4xf64>
    %4 = stablehlo.constant dense<[1.0, 0.0, -2.0, 5.0]> : tensor<4xf32>
    %5 = stablehlo.constant dense<[2.0, -1.0, -1.0, 5.0]> : tensor<4xf32>
    %6 = stablehlo.constant dense<[1.0, 0.0, -2.0, 5.0]> : tensor<4xf64>
    %7 = stablehlo.constant dense<[2.0, -1.0, -1.0, 5.0]> : tensor<4xf64>
    return %0, %1, %2, %3, %4, %5, %6, %7 : tensor<4xf16>, tensor<4xbf16>, tensor<4xf32>, tensor<4xf64>, tensor<4xf32>, tensor<4xf32>, tensor<4xf64>, tensor<4xf64>
  }
  func.func private @expected() -> (tensor<4xi1>, tensor<4xi1>, tensor<4xi1>, tensor<4xi1>, tensor<4xf32>, tensor<4xf64>) {
    %0 = stablehlo.constant dense<[true, false, false, false]> : tensor<4xi1>
    %1 = stablehlo.constant dense<[true, false, false, false]> : tensor<4xi1>
    %2 = stablehlo.constant dense<[true, false, false, false]> : tensor<4xi1>
    %3 = stablehlo.constant dense<[true, false, false, false]> : tensor<4xi1>
    %4 = stablehlo.constant dense<[1.00000012, -1.40129846e-45, -1.99999988, 5.0]> : tensor<4xf32>
    %5 = stablehlo.constant dense<[1.0000000000000002, -5.0e-324, -1.9999999999999998, 5.0]> : tensor<4xf64>
    return %0, %1, %2, %3, %4, %5 : tensor<4xi1>, tensor<4xi1>, tensor<4xi1>, tensor<4xi1>, tensor<4xf32>, tensor<4xf64>
  }
}
