// RUN: alpa run %s --no-cache --backend=interpreter
// RUN: alpa run %s --no-cache

// chlo.erf_inv

module {
  func.func public @main() {
    %in:4 = call @inputs() : () -> (tensor<4xf16>, tensor<4xbf16>, tensor<4xf32>, tensor<4xf64>)
    %ex:4 = call @expected() : () -> (tensor<4xf16>, tensor<4xbf16>, tensor<4xf32>, tensor<4xf64>)
    %r1 = chlo.erf_inv %in#0 : tensor<4xf16> -> tensor<4xf16>
    stablehlo.custom_call @check.expect_close(%r1, %ex#0) {has_side_effect = true, max_ulp_difference = 3 : i64} : (tensor<4xf16>, tensor<4xf16>) -> ()
    %r2 = chlo.erf_inv %in#1 : tensor<4xbf16> -> tensor<4xbf16>
    stablehlo.custom_call @check.expect_close(%r2, %ex#1) {has_side_effect = true, max_ulp_difference = 3 : i64} : (tensor<4xbf16>, tensor<4xbf16>) -> ()
    %r3 = chlo.erf_inv %in#2 : tensor<4xf32> -> tensor<4xf32>
    stablehlo.custom_call @check.expect_close(%r3, %ex#2) {has_side_effect = true, max_ulp_difference = 3 : i64} : (tensor<4xf32>, tensor<4xf32>) -> ()
    %r4 = chlo.erf_inv %in#3 : tensor<4xf64> -> tensor<4xf64>
    stablehlo.custom_call @check.expect_close(%r4, %ex#3) {has_side_effect = true, max_ulp_difference = 3 : i64} : (tensor<4xf64>, tensor<4xf64>) -> ()
    return
  }
  func.func private @inputs() -> (tensor<4xf16>, tensor<4xbf16>, tensor<4xf32>, tensor<4xf64>) {
    %0 = stablehlo.constant dense<[-0.75, -0.125, 0.300048828, 0.899902344]> : tensor<4xf16>
    %1 = stablehlo.constant dense<[-0.75, -0.125, 0.30078125, 0.8984375]> : tensor<4xbf16>
    %2 = stablehlo.constant dense<[-0.75, -0.125, 0.300000012, 0.899999976]> : tensor<4xf32>
    %3 = stablehlo.constant dense<[-0.75, -0.125, 0.3, 0.9]> : tensor<4xf64>
    return %0, %1, %2, %3 : tensor<4xf16>, tensor<4xbf16>, tensor<4xf32>, tensor<4xf64>
  }
  func.func private @expected() -> (tensor<4xf16>, tensor<4xbf16>, tensor<4xf32>, tensor<4xf64>) {
    %0 = stablehlo.constant dense<[-0.813476562, -0.111206055, 0.272460938, 1.16308594]> : tensor<4xf16>
    %1 = stablehlo.constant dense<[-0.8125, -0.111328125, 0.2734375, 1.15625]> : tensor<4xbf16>
    %2 = stablehlo.constant dense<[-0.813419819, -0.111235455, 0.272462726, 1.16308713]> : tensor<4xf32>
    %3 = stablehlo.constant dense<[-0.8134198475976185, -0.11123545184094996, 0.2724627147267543, 1.1630871536766743]> : tensor<4xf64>
    return %0, %1, %2, %3 : tensor<4xf16>, tensor<4xbf16>, tensor<4xf32>, tensor<4xf64>
  }
}
