// RUN: alpa run %s --no-cache --backend=interpreter
// RUN: alpa run %s --no-cache

// comparisons with NaN, and the total order

module {
  func.func public @main() {
    %in:2 = call @inputs() : () -> (tensor<4xf32>, tensor<4xf32>)
    %ex:4 = call @expected() : () -> (tensor<4xi1>, tensor<4xi1>, tensor<4xi1>, tensor<4xi1>)
    %r1 = stablehlo.compare EQ, %in#0, %in#1, FLOAT : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xi1>
    stablehlo.custom_call @check.expect_eq(%r1, %ex#0) {has_side_effect = true} : (tensor<4xi1>, tensor<4xi1>) -> ()
    %r2 = stablehlo.compare NE, %in#0, %in#1, FLOAT : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xi1>
    stablehlo.custom_call @check.expect_eq(%r2, %ex#1) {has_side_effect = true} : (tensor<4xi1>, tensor<4xi1>) -> ()
    %r3 = stablehlo.compare LT, %in#0, %in#1, FLOAT : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xi1>
    stablehlo.custom_call @check.expect_eq(%r3, %ex#2) {has_side_effect = true} : (tensor<4xi1>, tensor<4xi1>) -> ()
    %r4 = stablehlo.compare LT, %in#0, %in#1, TOTALORDER : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xi1>
    stablehlo.custom_call @check.expect_eq(%r4, %ex#3) {has_side_effect = true} : (tensor<4xi1>, tensor<4xi1>) -> ()
    return
  }
  func.func private @inputs() -> (tensor<4xf32>, tensor<4xf32>) {
    %0 = stablehlo.constant dense<[0x7FC00000, 1.0, -0.0, 0xFF800000]> : tensor<4xf32>
    %1 = stablehlo.constant dense<[1.0, 0x7FC00000, 0.0, 0x7F800000]> : tensor<4xf32>
    return %0, %1 : tensor<4xf32>, tensor<4xf32>
  }
  func.func private @expected() -> (tensor<4xi1>, tensor<4xi1>, tensor<4xi1>, tensor<4xi1>) {
    %0 = stablehlo.constant dense<[false, false, true, false]> : tensor<4xi1>
    %1 = stablehlo.constant dense<[true, true, false, true]> : tensor<4xi1>
    %2 = stablehlo.constant dense<[false, false, false, true]> : tensor<4xi1>
    %3 = stablehlo.constant dense<[false, true, true, true]> : tensor<4xi1>
    return %0, %1, %2, %3 : tensor<4xi1>, tensor<4xi1>, tensor<4xi1>, tensor<4xi1>
  }
}
