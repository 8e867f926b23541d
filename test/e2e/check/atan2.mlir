// RUN: alpa run %s --no-cache --backend=interpreter
// RUN: alpa run %s --no-cache

// stablehlo.atan2

module {
  func.func public @main() {
    %in:8 = call @inputs() : () -> (tensor<4xf16>, tensor<4xf16>, tensor<4xbf16>, tensor<4xbf16>, tensor<4xf32>, tensor<4xf32>, tensor<4xf64>, tensor<4xf64>)
    %ex:4 = call @expected() : () -> (tensor<4xf16>, tensor<4xbf16>, tensor<4xf32>, tensor<4xf64>)
    %r1 = stablehlo.atan2 %in#0, %in#1 : tensor<4xf16>
    stablehlo.custom_call @check.expect_close(%r1, %ex#0) {has_side_effect = true, max_ulp_difference = 3 : i64} : (tensor<4xf16>, tensor<4xf16>) -> ()
    %r2 = stablehlo.atan2 %in#2, %in#3 : tensor<4xbf16>
    stablehlo.custom_call @check.expect_close(%r2, %ex#1) {has_side_effect = true, max_ulp_difference = 3 : i64} : (tensor<4xbf16>, tensor<4xbf16>) -> ()
    %r3 = stablehlo.atan2 %in#4, %in#5 : tensor<4xf32>
    stablehlo.custom_call @check.expect_close(%r3, %ex#2) {has_side_effect = true, max_ulp_difference = 3 : i64} : (tensor<4xf32>, tensor<4xf32>) -> ()
    %r4 = stablehlo.atan2 %in#6, %in#7 : tensor<4xf64>
    stablehlo.custom_call @check.expect_close(%r4, %ex#3) {has_side_effect = true, max_ulp_difference = 3 : i64} : (tensor<4xf64>, tensor<4xf64>) -> ()
    return
  }
  func.func private @inputs() -> (tensor<4xf16>, tensor<4xf16>, tensor<4xbf16>, tensor<4xbf16>, tensor<4xf32>, tensor<4xf32>, tensor<4xf64>, tensor<4xf64>) {
    %0 = stablehlo.constant dense<[0.5, -2.25, 3.0, 0.0]> : tensor<4xf16>
    %1 = stablehlo.constant dense<[2.5, -1.5, 0.0, -4.0]> : tensor<4xf16>
    %2 = stablehlo.constant dense<[0.5, -2.25, 3.0, 0.0]> : tensor<4xbf16>
    %3 = stablehlo.constant dense<[2.5, -1.5, 0.0, -4.0]> : tensor<4xbf16>
    %4 = stablehlo.constant dense<[0.5, -2.25, 3.0, 0.0]> : tensor<4xf32>
    %5 = stablehlo.constant dense<[2.5, -1.5, 0.0, -4.0]> : tensor<4xf32>
    %6 = stablehlo.constant dense<[0.5, -2.25, 3.0, 0.0]> : tensor<4xf64>
    %7 = stablehlo.constant dense<[2.5, -1.5, 0.0, -4.0]> : tensor<4xf64>
    return %0, %1, %2, %3, %4, %5, %6, %7 : tensor<4xf16>, tensor<4xf16>, tensor<4xbf16>, tensor<4xbf16>, tensor<4xf32>, tensor<4xf32>, tensor<4xf64>, tensor<4xf64>
  }
  func.func private @expected() -> (tensor<4xf16>, tensor<4xbf16>, tensor<4xf32>, tensor<4xf64>) {
    %0 = stablehlo.constant dense<[0.197387695, -2.15820312, 1.5703125, 3.140625]> : tensor<4xf16>
    %1 = stablehlo.constant dense<[0.197265625, -2.15625, 1.5703125, 3.140625]> : tensor<4xbf16>
    %2 = stablehlo.constant dense<[0.197395563, -2.15879893, 1.57079637, 3.14159274]> : tensor<4xf32>
    %3 = stablehlo.constant dense<[0.19739555984988075, -2.1587989303424644, 1.5707963267948966, 3.141592653589793]> : tensor<4xf64>
    return %0, %1, %2, %3 : tensor<4xf16>, tensor<4xbf16>, tensor<4xf32>, tensor<4xf64>
  }
}
