// RUN: alpa run %s --no-cache --backend=interpreter
// RUN: alpa run %s --no-cache

// chlo.atan

module {
  func.func public @main() {
    %in:4 = call @inputs() : () -> (tensor<4xf16>, tensor<4xbf16>, tensor<4xf32>, tensor<4xf64>)
    %ex:4 = call @expected() : () -> (tensor<4xf16>, tensor<4xbf16>, tensor<4xf32>, tensor<4xf64>)
    %r1 = chlo.atan %in#0 : tensor<4xf16> -> tensor<4xf16>
    stablehlo.custom_call @check.expect_close(%r1, %ex#0) {has_side_effect = true, max_ulp_difference = 3 : i64} : (tensor<4xf16>, tensor<4xf16>) -> ()
    %r2 = chlo.atan %in#1 : tensor<4xbf16> -> tensor<4xbf16>
    stablehlo.custom_call @check.expect_close(%r2, %ex#1) {has_side_effect = true, max_ulp_difference = 3 : i64} : (tensor<4xbf16>, tensor<4xbf16>) -> ()
    %r3 = chlo.atan %in#2 : tensor<4xf32> -> tensor<4xf32>
    stablehlo.custom_call @check.expect_close(%r3, %ex#2) {has_side_effect = true, max_ulp_difference = 3 : i64} : (tensor<4xf32>, tensor<4xf32>) -> ()
    %r4 = chlo.atan %in#3 : tensor<4xf64> -> tensor<4xf64>
    stablehlo.custom_call @check.expect_close(%r4, %ex#3) {has_side_effect = true, max_ulp_difference = 3 : i64} : (tensor<4xf64>, tensor<4xf64>) -> ()
    return
  }
  func.func private @inputs() -> (tensor<4xf16>, tensor<4xbf16>, tensor<4xf32>, tensor<4xf64>) {
    %0 = stablehlo.constant dense<[-2.5, -0.5, 0.75, 3.0]> : tensor<4xf16>
    %1 = stablehlo.constant dense<[-2.5, -0.5, 0.75, 3.0]> : tensor<4xbf16>
    %2 = stablehlo.constant dense<[-2.5, -0.5, 0.75, 3.0]> : tensor<4xf32>
    %3 = stablehlo.constant dense<[-2.5, -0.5, 0.75, 3.0]> : tensor<4xf64>
    return %0, %1, %2, %3 : tensor<4xf16>, tensor<4xbf16>, tensor<4xf32>, tensor<4xf64>
  }
  func.func private @expected() -> (tensor<4xf16>, tensor<4xbf16>, tensor<4xf32>, tensor<4xf64>) {
    %0 = stablehlo.constant dense<[-1.19042969, -0.463623047, 0.643554688, 1.24902344]> : tensor<4xf16>
    %1 = stablehlo.constant dense<[-1.1875, -0.462890625, 0.64453125, 1.25]> : tensor<4xbf16>
    %2 = stablehlo.constant dense<[-1.19028997, -0.463647604, 0.643501103, 1.24904573]> : tensor<4xf32>
    %3 = stablehlo.constant dense<[-1.1902899496825317, -0.4636476090008061, 0.6435011087932844, 1.2490457723982544]> : tensor<4xf64>
    return %0, %1, %2, %3 : tensor<4xf16>, tensor<4xbf16>, tensor<4xf32>, tensor<4xf64>
  }
}
