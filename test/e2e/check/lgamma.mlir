// RUN: alpa run %s --no-cache --backend=interpreter
// RUN: alpa run %s --no-cache

// chlo.lgamma

module {
  func.func public @main() {
    %in:4 = call @inputs() : () -> (tensor<4xf16>, tensor<4xbf16>, tensor<4xf32>, tensor<4xf64>)
    %ex:4 = call @expected() : () -> (tensor<4xf16>, tensor<4xbf16>, tensor<4xf32>, tensor<4xf64>)
    %r1 = chlo.lgamma %in#0 : tensor<4xf16> -> tensor<4xf16>
    stablehlo.custom_call @check.expect_close(%r1, %ex#0) {has_side_effect = true, max_ulp_difference = 8 : i64} : (tensor<4xf16>, tensor<4xf16>) -> ()
    %r2 = chlo.lgamma %in#1 : tensor<4xbf16> -> tensor<4xbf16>
    stablehlo.custom_call @check.expect_close(%r2, %ex#1) {has_side_effect = true, max_ulp_difference = 8 : i64} : (tensor<4xbf16>, tensor<4xbf16>) -> ()
    %r3 = chlo.lgamma %in#2 : tensor<4xf32> -> tensor<4xf32>
    stablehlo.custom_call @check.expect_close(%r3, %ex#2) {has_side_effect = true, max_ulp_difference = 8 : i64} : (tensor<4xf32>, tensor<4xf32>) -> ()
    %r4 = chlo.lgamma %in#3 : tensor<4xf64> -> tensor<4xf64>
    stablehlo.custom_call @check.expect_close(%r4, %ex#3) {has_side_effect = true, max_ulp_difference = 8 : i64} : (tensor<4xf64>, tensor<4xf64>) -> ()
    return
  }
  func.func private @inputs() -> (tensor<4xf16>, tensor<4xbf16>, tensor<4xf32>, tensor<4xf64>) {
    %0 = stablehlo.constant dense<[-1.5, 0.25, 4.5, 20.0]> : tensor<4xf16>
    %1 = stablehlo.constant dense<[-1.5, 0.25, 4.5, 20.0]> : tensor<4xbf16>
    %2 = stablehlo.constant dense<[-1.5, 0.25, 4.5, 20.0]> : tensor<4xf32>
    %3 = stablehlo.constant dense<[-1.5, 0.25, 4.5, 20.0]> : tensor<4xf64>
    return %0, %1, %2, %3 : tensor<4xf16>, tensor<4xbf16>, tensor<4xf32>, tensor<4xf64>
  }
  func.func private @expected() -> (tensor<4xf16>, tensor<4xbf16>, tensor<4xf32>, tensor<4xf64>) {
    %0 = stablehlo.constant dense<[0.859863281, 1.28808594, 2.453125, 39.34375]> : tensor<4xf16>
    %1 = stablehlo.constant dense<[0.859375, 1.2890625, 2.453125, 39.25]> : tensor<4xbf16>
    %2 = stablehlo.constant dense<[0.860047042, 1.28802252, 2.45373654, 39.3398857]> : tensor<4xf32>
    %3 = stablehlo.constant dense<[0.860047015376481, 1.2880225246980774, 2.4537365708424423, 39.339884187199495]> : tensor<4xf64>
    return %0, %1, %2, %3 : tensor<4xf16>, tensor<4xbf16>, tensor<4xf32>, tensor<4xf64>
  }
}
