// RUN: alpa run %s --no-cache --backend=interpreter
// RUN: alpa run %s --no-cache

// chlo.cosh

module {
  func.func public @main() {
    %in:4 = call @inputs() : () -> (tensor<4xf16>, tensor<4xbf16>, tensor<4xf32>, tensor<4xf64>)
    %ex:4 = call @expected() : () -> (tensor<4xf16>, tensor<4xbf16>, tensor<4xf32>, tensor<4xf64>)
    %r1 = chlo.cosh %in#0 : tensor<4xf16> -> tensor<4xf16>
    stablehlo.custom_call @check.expect_close(%r1, %ex#0) {has_side_effect = true, max_ulp_difference = 3 : i64} : (tensor<4xf16>, tensor<4xf16>) -> ()
    %r2 = chlo.cosh %in#1 : tensor<4xbf16> -> tensor<4xbf16>
    stablehlo.custom_call @check.expect_close(%r2, %ex#1) {has_side_effect = true, max_ulp_difference = 3 : i64} : (tensor<4xbf16>, tensor<4xbf16>) -> ()
    %r3 = chlo.cosh %in#2 : tensor<4xf32> -> tensor<4xf32>
    stablehlo.custom_call @check.expect_close(%r3, %ex#2) {has_side_effect = true, max_ulp_difference = 3 : i64} : (tensor<4xf32>, tensor<4xf32>) -> ()
    %r4 = chlo.cosh %in#3 : tensor<4xf64> -> tensor<4xf64>
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
    %0 = stablehlo.constant dense<[6.1328125, 1.12792969, 1.29492188, 10.0703125]> : tensor<4xf16>
    %1 = stablehlo.constant dense<[6.125, 1.125, 1.296875, 10.0625]> : tensor<4xbf16>
    %2 = stablehlo.constant dense<[6.13228941, 1.12762594, 1.29468334, 10.0676622]> : tensor<4xf32>
    %3 = stablehlo.constant dense<[6.132289479663686, 1.1276259652063807, 1.2946832846768448, 10.067661995777765]> : tensor<4xf64>
    return %0, %1, %2, %3 : tensor<4xf16>, tensor<4xbf16>, tensor<4xf32>, tensor<4xf64>
  }
}
