// RUN: alpa run %s --no-cache --backend=interpreter
// RUN: alpa run %s --no-cache

// stablehlo.sign

module {
  func.func public @main() {
    %in:7 = call @inputs() : () -> (tensor<5xi8>, tensor<5xi32>, tensor<5xi64>, tensor<4xf16>, tensor<4xbf16>, tensor<4xf32>, tensor<4xf64>)
    %ex:7 = call @expected() : () -> (tensor<5xi8>, tensor<5xi32>, tensor<5xi64>, tensor<4xf16>, tensor<4xbf16>, tensor<4xf32>, tensor<4xf64>)
    %r1 = stablehlo.sign %in#0 : tensor<5xi8>
    stablehlo.custom_call @check.expect_eq(%r1, %ex#0) {has_side_effect = true} : (tensor<5xi8>, tensor<5xi8>) -> ()
    %r2 = stablehlo.sign %in#1 : tensor<5xi32>
    stablehlo.custom_call @check.expect_eq(%r2, %ex#1) {has_side_effect = true} : (tensor<5xi32>, tensor<5xi32>) -> ()
    %r3 = stablehlo.sign %in#2 : tensor<5xi64>
    stablehlo.custom_call @check.expect_eq(%r3, %ex#2) {has_side_effect = true} : (tensor<5xi64>, tensor<5xi64>) -> ()
    %r4 = stablehlo.sign %in#3 : tensor<4xf16>
    stablehlo.custom_call @check.expect_eq(%r4, %ex#3) {has_side_effect = true} : (tensor<4xf16>, tensor<4xf16>) -> ()
    %r5 = stablehlo.sign %in#4 : tensor<4xbf16>
    stablehlo.custom_call @check.expect_eq(%r5, %ex#4) {has_side_effect = true} : (tensor<4xbf16>, tensor<4xbf16>) -> ()
    %r6 = stablehlo.sign %in#5 : tensor<4xf32>
    stablehlo.custom_call @check.expect_eq(%r6, %ex#5) {has_side_effect = true} : (tensor<4xf32>, tensor<4xf32>) -> ()
    %r7 = stablehlo.sign %in#6 : tensor<4xf64>
    stablehlo.custom_call @check.expect_eq(%r7, %ex#6) {has_side_effect = true} : (tensor<4xf64>, tensor<4xf64>) -> ()
    return
  }
  func.func private @inputs() -> (tensor<5xi8>, tensor<5xi32>, tensor<5xi64>, tensor<4xf16>, tensor<4xbf16>, tensor<4xf32>, tensor<4xf64>) {
    %0 = stablehlo.constant dense<[-128, 127, 3, 7, 42]> : tensor<5xi8>
    %1 = stablehlo.constant dense<[-2147483648, 2147483647, 3, 7, 715827882]> : tensor<5xi32>
    %2 = stablehlo.constant dense<[-9223372036854775808, 9223372036854775807, 3, 7, 3074457345618258602]> : tensor<5xi64>
    %3 = stablehlo.constant dense<[-2.5, -0.5, 0.75, 3.0]> : tensor<4xf16>
    %4 = stablehlo.constant dense<[-2.5, -0.5, 0.75, 3.0]> : tensor<4xbf16>
    %5 = stablehlo.constant dense<[-2.5, -0.5, 0.75, 3.0]> : tensor<4xf32>
    %6 = stablehlo.constant dense<[-2.5, -0.5, 0.75, 3.0]> : tensor<4xf64>
    return %0, %1, %2, %3, %4, %5, %6 : tensor<5xi8>, tensor<5xi32>, tensor<5xi64>, tensor<4xf16>, tensor<4xbf16>, tensor<4xf32>, tensor<4xf64>
  }
  func.func private @expected() -> (tensor<5xi8>, tensor<5xi32>, tensor<5xi64>, tensor<4xf16>, tensor<4xbf16>, tensor<4xf32>, tensor<4xf64>) {
    %0 = stablehlo.constant dense<[-1, 1, 1, 1, 1]> : tensor<5xi8>
    %1 = stablehlo.constant dense<[-1, 1, 1, 1, 1]> : tensor<5xi32>
    %2 = stablehlo.constant dense<[-1, 1, 1, 1, 1]> : tensor<5xi64>
    %3 = stablehlo.constant dense<[-1.0, -1.0, 1.0, 1.0]> : tensor<4xf16>
    %4 = stablehlo.constant dense<[-1.0, -1.0, 1.0, 1.0]> : tensor<4xbf16>
    %5 = stablehlo.constant dense<[-1.0, -1.0, 1.0, 1.0]> : tensor<4xf32>
    %6 = stablehlo.constant dense<[-1.0, -1.0, 1.0, 1.0]> : tensor<4xf64>
    return %0, %1, %2, %3, %4, %5, %6 : tensor<5xi8>, tensor<5xi32>, tensor<5xi64>, tensor<4xf16>, tensor<4xbf16>, tensor<4xf32>, tensor<4xf64>
  }
}
