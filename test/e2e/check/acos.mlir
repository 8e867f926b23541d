// RUN: alpa run %s --no-cache --backend=interpreter
// RUN: alpa run %s --no-cache

// chlo.acos

module {
  func.func public @main() {
    %in:4 = call @inputs() : () -> (tensor<4xf16>, tensor<4xbf16>, tensor<4xf32>, tensor<4xf64>)
    %ex:4 = call @expected() : () -> (tensor<4xf16>, tensor<4xbf16>, tensor<4xf32>, tensor<4xf64>)
    %r1 = chlo.acos %in#0 : tensor<4xf16> -> tensor<4xf16>
    stablehlo.custom_call @check.expect_close(%r1, %ex#0) {has_side_effect = true, max_ulp_difference = 3 : i64} : (tensor<4xf16>, tensor<4xf16>) -> ()
    %r2 = chlo.acos %in#1 : tensor<4xbf16> -> tensor<4xbf16>
    stablehlo.custom_call @check.expect_close(%r2, %ex#1) {has_side_effect = true, max_ulp_difference = 3 : i64} : (tensor<4xbf16>, tensor<4xbf16>) -> ()
    %r3 = chlo.acos %in#2 : tensor<4xf32> -> tensor<4xf32>
    stablehlo.custom_call @check.expect_close(%r3, %ex#2) {has_side_effect = true, max_ulp_difference = 3 : i64} : (tensor<4xf32>, tensor<4xf32>) -> ()
    %r4 = chlo.acos %in#3 : tensor<4xf64> -> tensor<4xf64>
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
    %0 = stablehlo.constant dense<[2.41796875, 1.69628906, 1.265625, 0.451171875]> : tensor<4xf16>
    %1 = stablehlo.constant dense<[2.421875, 1.6953125, 1.265625, 0.455078125]> : tensor<4xbf16>
    %2 = stablehlo.constant dense<[2.41885829, 1.6961242, 1.26610363, 0.451026857]> : tensor<4xf32>
    %3 = stablehlo.constant dense<[2.4188584057763776, 1.696124157962962, 1.2661036727794992, 0.45102681179626236]> : tensor<4xf64>
    return %0, %1, %2, %3 : tensor<4xf16>, tensor<4xbf16>, tensor<4xf32>, tensor<4xf64>
  }
}
