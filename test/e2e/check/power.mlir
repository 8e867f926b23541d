// RUN: alpa run %s --no-cache --backend=interpreter
// RUN: alpa run %s --no-cache

// stablehlo.power of floats

module {
  func.func public @main() {
    %in:8 = call @inputs() : () -> (tensor<6xf16>, tensor<6xf16>, tensor<6xbf16>, tensor<6xbf16>, tensor<6xf32>, tensor<6xf32>, tensor<6xf64>, tensor<6xf64>)
    %ex:4 = call @expected() : () -> (tensor<6xf16>, tensor<6xbf16>, tensor<6xf32>, tensor<6xf64>)
    %r1 = stablehlo.power %in#0, %in#1 : tensor<6xf16>
    stablehlo.custom_call @check.expect_close(%r1, %ex#0) {has_side_effect = true, max_ulp_difference = 3 : i64} : (tensor<6xf16>, tensor<6xf16>) -> ()
    %r2 = stablehlo.power %in#2, %in#3 : tensor<6xbf16>
    stablehlo.custom_call @check.expect_close(%r2, %ex#1) {has_side_effect = true, max_ulp_difference = 3 : i64} : (tensor<6xbf16>, tensor<6xbf16>) -> ()
    %r3 = stablehlo.power %in#4, %in#5 : tensor<6xf32>
    stablehlo.custom_call @check.expect_close(%r3, %ex#2) {has_side_effect = true, max_ulp_difference = 3 : i64} : (tensor<6xf32>, tensor<6xf32>) -> ()
    %r4 = stablehlo.power %in#6, %in#7 : tensor<6xf64>
    stablehlo.custom_call @check.expect_close(%r4, %ex#3) {has_side_effect = true, max_ulp_difference = 3 : i64} : (tensor<6xf64>, tensor<6xf64>) -> ()
    return
  }
  func.func private @inputs() -> (tensor<6xf16>, tensor<6xf16>, tensor<6xbf16>, tensor<6xbf16>, tensor<6xf32>, tensor<6xf32>, tensor<6xf64>, tensor<6xf64>) {
    %0 = stablehlo.constant dense<[0.5, 2.25, 3.0, 1.5, -2.0, 0.0]> : tensor<6xf16>
    %1 = stablehlo.constant dense<[2.5, -1.5, 4.0, 0.0, 3.0, 2.0]> : tensor<6xf16>
    %2 = stablehlo.constant dense<[0.5, 2.25, 3.0, 1.5, -2.0, 0.0]> : tensor<6xbf16>
    %3 = stablehlo.constant dense<[2.5, -1.5, 4.0, 0.0, 3.0, 2.0]> : tensor<6xbf16>
    %4 = stablehlo.constant dense<[0.5, 2.25, 3.0, 1.5, -2.0, 0.0]> : tensor<6xf32>
    %5 = stablehlo.constant dense<[2.5, -1.5, 4.0, 0.0, 3.0, 2.0]> : tensor<6xf32>
    %6 = stablehlo.constant dense<[0.5, 2.25, 3.0, 1.5, -2.0, 0.0]> : tensor<6xf64>
    %7 = stablehlo.constant dense<[2.5, -1.5, 4.0, 0.0, 3.0, 2.0]> : tensor<6xf64>
    return %0, %1, %2, %3, %4, %5, %6, %7 : tensor<6xf16>, tensor<6xf16>, tensor<6xbf16>, tensor<6xbf16>, tensor<6xf32>, tensor<6xf32>, tensor<6xf64>, tensor<6xf64>
  }
  func.func private @expected() -> (tensor<6xf16>, tensor<6xbf16>, tensor<6xf32>, tensor<6xf64>) {
    %0 = stablehlo.constant dense<[0.176757812, 0.296386719, 81.0, 1.0, -8.0, 0.0]> : tensor<6xf16>
    %1 = stablehlo.constant dense<[0.176757812, 0.296875, 81.0, 1.0, -8.0, 0.0]> : tensor<6xbf16>
    %2 = stablehlo.constant dense<[0.176776692, 0.296296299, 81.0, 1.0, -8.0, 0.0]> : tensor<6xf32>
    %3 = stablehlo.constant dense<[0.1767766952966369, 0.2962962962962963, 81.0, 1.0, -8.0, 0.0]> : tensor<6xf64>
    return %0, %1, %2, %3 : tensor<6xf16>, tensor<6xbf16>, tensor<6xf32>, tensor<6xf64>
  }
}
