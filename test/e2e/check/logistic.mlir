// RUN: alpa run %s --no-cache --backend=interpreter
// RUN: alpa run %s --no-cache

// stablehlo.logistic

module {
  func.func public @main() {
    %in:4 = call @inputs() : () -> (tensor<4xf16>, tensor<4xbf16>, tensor<4xf32>, tensor<4xf64>)
    %ex:4 = call @expected() : () -> (tensor<4xf16>, tensor<4xbf16>, tensor<4xf32>, tensor<4xf64>)
    %r1 = stablehlo.logistic %in#0 : tensor<4xf16>
    stablehlo.custom_call @check.expect_close(%r1, %ex#0) {has_side_effect = true, max_ulp_difference = 3 : i64} : (tensor<4xf16>, tensor<4xf16>) -> ()
    %r2 = stablehlo.logistic %in#1 : tensor<4xbf16>
    stablehlo.custom_call @check.expect_close(%r2, %ex#1) {has_side_effect = true, max_ulp_difference = 3 : i64} : (tensor<4xbf16>, tensor<4xbf16>) -> ()
    %r3 = stablehlo.logistic %in#2 : tensor<4xf32>
    stablehlo.custom_call @check.expect_close(%r3, %ex#2) {has_side_effect = true, max_ulp_difference = 3 : i64} : (tensor<4xf32>, tensor<4xf32>) -> ()
    %r4 = stablehlo.logistic %in#3 : tensor<4xf64>
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
    %0 = stablehlo.constant dense<[0.0758666992, 0.377441406, 0.679199219, 0.952636719]> : tensor<4xf16>
    %1 = stablehlo.constant dense<[0.0756835938, 0.376953125, 0.6796875, 0.953125]> : tensor<4xbf16>
    %2 = stablehlo.constant dense<[0.0758581832, 0.377540678, 0.679178715, 0.952574134]> : tensor<4xf32>
    %3 = stablehlo.constant dense<[0.07585818002124355, 0.37754066879814546, 0.679178699175393, 0.9525741268224333]> : tensor<4xf64>
    return %0, %1, %2, %3 : tensor<4xf16>, tensor<4xbf16>, tensor<4xf32>, tensor<4xf64>
  }
}
