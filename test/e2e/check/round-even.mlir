// RUN: alpa run %s --no-cache --backend=interpreter
// RUN: alpa run %s --no-cache

// stablehlo.round_nearest_even

module {
  func.func public @main() {
    %in:4 = call @inputs() : () -> (tensor<5xf16>, tensor<5xbf16>, tensor<5xf32>, tensor<5xf64>)
    %ex:4 = call @expected() : () -> (tensor<5xf16>, tensor<5xbf16>, tensor<5xf32>, tensor<5xf64>)
    %r1 = stablehlo.round_nearest_even %in#0 : tensor<5xf16>
    stablehlo.custom_call @check.expect_eq(%r1, %ex#0) {has_side_effect = true} : (tensor<5xf16>, tensor<5xf16>) -> ()
    %r2 = stablehlo.round_nearest_even %in#1 : tensor<5xbf16>
    stablehlo.custom_call @check.expect_eq(%r2, %ex#1) {has_side_effect = true} : (tensor<5xbf16>, tensor<5xbf16>) -> ()
    %r3 = stablehlo.round_nearest_even %in#2 : tensor<5xf32>
    stablehlo.custom_call @check.expect_eq(%r3, %ex#2) {has_side_effect = true} : (tensor<5xf32>, tensor<5xf32>) -> ()
    %r4 = stablehlo.round_nearest_even %in#3 : tensor<5xf64>
    stablehlo.custom_call @check.expect_eq(%r4, %ex#3) {has_side_effect = true} : (tensor<5xf64>, tensor<5xf64>) -> ()
    return
  }
  func.func private @inputs() -> (tensor<5xf16>, tensor<5xbf16>, tensor<5xf32>, tensor<5xf64>) {
    %0 = stablehlo.constant dense<[-2.5, -0.5, 0.5, 1.5, 2.25]> : tensor<5xf16>
    %1 = stablehlo.constant dense<[-2.5, -0.5, 0.5, 1.5, 2.25]> : tensor<5xbf16>
    %2 = stablehlo.constant dense<[-2.5, -0.5, 0.5, 1.5, 2.25]> : tensor<5xf32>
    %3 = stablehlo.constant dense<[-2.5, -0.5, 0.5, 1.5, 2.25]> : tensor<5xf64>
    return %0, %1, %2, %3 : tensor<5xf16>, tensor<5xbf16>, tensor<5xf32>, tensor<5xf64>
  }
  func.func private @expected() -> (tensor<5xf16>, tensor<5xbf16>, tensor<5xf32>, tensor<5xf64>) {
    %0 = stablehlo.constant dense<[-2.0, -0.0, 0.0, 2.0, 2.0]> : tensor<5xf16>
    %1 = stablehlo.constant dense<[-2.0, -0.0, 0.0, 2.0, 2.0]> : tensor<5xbf16>
    %2 = stablehlo.constant dense<[-2.0, -0.0, 0.0, 2.0, 2.0]> : tensor<5xf32>
    %3 = stablehlo.constant dense<[-2.0, -0.0, 0.0, 2.0, 2.0]> : tensor<5xf64>
    return %0, %1, %2, %3 : tensor<5xf16>, tensor<5xbf16>, tensor<5xf32>, tensor<5xf64>
  }
}
