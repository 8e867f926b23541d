// RUN: alpa run %s --no-cache --backend=interpreter
// RUN: alpa run %s --no-cache

// stablehlo.sine

module {
  func.func public @main() {
    %in:4 = call @inputs() : () -> (tensor<4xf16>, tensor<4xbf16>, tensor<4xf32>, tensor<4xf64>)
    %ex:4 = call @expected() : () -> (tensor<4xf16>, tensor<4xbf16>, tensor<4xf32>, tensor<4xf64>)
    %r1 = stablehlo.sine %in#0 : tensor<4xf16>
    stablehlo.custom_call @check.expect_close(%r1, %ex#0) {has_side_effect = true, max_ulp_difference = 3 : i64} : (tensor<4xf16>, tensor<4xf16>) -> ()
    %r2 = stablehlo.sine %in#1 : tensor<4xbf16>
    stablehlo.custom_call @check.expect_close(%r2, %ex#1) {has_side_effect = true, max_ulp_difference = 3 : i64} : (tensor<4xbf16>, tensor<4xbf16>) -> ()
    %r3 = stablehlo.sine %in#2 : tensor<4xf32>
    stablehlo.custom_call @check.expect_close(%r3, %ex#2) {has_side_effect = true, max_ulp_difference = 3 : i64} : (tensor<4xf32>, tensor<4xf32>) -> ()
    %r4 = stablehlo.sine %in#3 : tensor<4xf64>
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
    %0 = stablehlo.constant dense<[-0.598632812, -0.479492188, 0.681640625, 0.141113281]> : tensor<4xf16>
    %1 = stablehlo.constant dense<[-0.59765625, -0.478515625, 0.6796875, 0.141601562]> : tensor<4xbf16>
    %2 = stablehlo.constant dense<[-0.598472118, -0.47942555, 0.681638777, 0.141120002]> : tensor<4xf32>
    %3 = stablehlo.constant dense<[-0.5984721441039565, -0.479425538604203, 0.6816387600233341, 0.1411200080598672]> : tensor<4xf64>
    return %0, %1, %2, %3 : tensor<4xf16>, tensor<4xbf16>, tensor<4xf32>, tensor<4xf64>
  }
}
