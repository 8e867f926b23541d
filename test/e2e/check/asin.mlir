// RUN: alpa run %s --no-cache --backend=interpreter
// RUN: alpa run %s --no-cache

// chlo.asin

module {
  func.func public @main() {
    %in:4 = call @inputs() : () -> (tensor<4xf16>, tensor<4xbf16>, tensor<4xf32>, tensor<4xf64>)
    %ex:4 = call @expected() : () -> (tensor<4xf16>, tensor<4xbf16>, tensor<4xf32>, tensor<4xf64>)
    %r1 = chlo.asin %in#0 : tensor<4xf16> -> tensor<4xf16>
    stablehlo.custom_call @check.expect_close(%r1, %ex#0) {has_side_effect = true, max_ulp_difference = 3 : i64} : (tensor<4xf16>, tensor<4xf16>) -> ()
    %r2 = chlo.asin %in#1 : tensor<4xbf16> -> tensor<4xbf16>
    stablehlo.custom_call @check.expect_close(%r2, %ex#1) {has_side_effect = true, max_ulp_difference = 3 : i64} : (tensor<4xbf16>, tensor<4xbf16>) -> ()
    %r3 = chlo.asin %in#2 : tensor<4xf32> -> tensor<4xf32>
    stablehlo.custom_call @check.expect_close(%r3, %ex#2) {has_side_effect = true, max_ulp_difference = 3 : i64} : (tensor<4xf32>, tensor<4xf32>) -> ()
    %r4 = chlo.asin %in#3 : tensor<4xf64> -> tensor<4xf64>
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
    %0 = stablehlo.constant dense<[-0.848144531, -0.125366211, 0.3046875, 1.11914062]> : tensor<4xf16>
    %1 = stablehlo.constant dense<[-0.84765625, -0.125, 0.3046875, 1.1171875]> : tensor<4xbf16>
    %2 = stablehlo.constant dense<[-0.848062098, -0.125327826, 0.304692656, 1.11976945]> : tensor<4xf32>
    %3 = stablehlo.constant dense<[-0.848062078981481, -0.1253278311680654, 0.3046926540153975, 1.1197695149986342]> : tensor<4xf64>
    return %0, %1, %2, %3 : tensor<4xf16>, tensor<4xbf16>, tensor<4xf32>, tensor<4xf64>
  }
}
