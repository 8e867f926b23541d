// RUN: alpa run %s --no-cache --backend=interpreter
// RUN: alpa run %s --no-cache

// stablehlo.power

module {
  func.func public @main() {
    %in:10 = call @inputs() : () -> (tensor<5xi8>, tensor<5xi8>, tensor<5xi32>, tensor<5xi32>, tensor<5xi64>, tensor<5xi64>, tensor<5xui8>, tensor<5xui8>, tensor<5xui32>, tensor<5xui32>)
    %ex:5 = call @expected() : () -> (tensor<5xi8>, tensor<5xi32>, tensor<5xi64>, tensor<5xui8>, tensor<5xui32>)
    %r1 = stablehlo.power %in#0, %in#1 : tensor<5xi8>
    stablehlo.custom_call @check.expect_eq(%r1, %ex#0) {has_side_effect = true} : (tensor<5xi8>, tensor<5xi8>) -> ()
    %r2 = stablehlo.power %in#2, %in#3 : tensor<5xi32>
    stablehlo.custom_call @check.expect_eq(%r2, %ex#1) {has_side_effect = true} : (tensor<5xi32>, tensor<5xi32>) -> ()
    %r3 = stablehlo.power %in#4, %in#5 : tensor<5xi64>
    stablehlo.custom_call @check.expect_eq(%r3, %ex#2) {has_side_effect = true} : (tensor<5xi64>, tensor<5xi64>) -> ()
    %r4 = stablehlo.power %in#6, %in#7 : tensor<5xui8>
    stablehlo.custom_call @check.expect_eq(%r4, %ex#3) {has_side_effect = true} : (tensor<5xui8>, tensor<5xui8>) -> ()
    %r5 = stablehlo.power %in#8, %in#9 : tensor<5xui32>
    stablehlo.custom_call @check.expect_eq(%r5, %ex#4) {has_side_effect = true} : (tensor<5xui32>, tensor<5xui32>) -> ()
    return
  }
  func.func private @inputs() -> (tensor<5xi8>, tensor<5xi8>, tensor<5xi32>, tensor<5xi32>, tensor<5xi64>, tensor<5xi64>, tensor<5xui8>, tensor<5xui8>, tensor<5xui32>, tensor<5xui32>) {
    %0 = stablehlo.constant dense<[2, 3, 5, 7, 0]> : tensor<5xi8>
    %1 = stablehlo.constant dense<[5, 3, 2, 1, 0]> : tensor<5xi8>
    %2 = stablehlo.constant dense<[2, 3, 5, 7, 0]> : tensor<5xi32>
    %3 = stablehlo.constant dense<[5, 3, 2, 1, 0]> : tensor<5xi32>
    %4 = stablehlo.constant dense<[2, 3, 5, 7, 0]> : tensor<5xi64>
    %5 = stablehlo.constant dense<[5, 3, 2, 1, 0]> : tensor<5xi64>
    %6 = stablehlo.constant dense<[2, 3, 5, 7, 0]> : tensor<5xui8>
    %7 = stablehlo.constant dense<[5, 3, 2, 1, 0]> : tensor<5xui8>
    %8 = stablehlo.constant dense<[2, 3, 5, 7, 0]> : tensor<5xui32>
    %9 = stablehlo.constant dense<[5, 3, 2, 1, 0]> : tensor<5xui32>
    return %0, %1, %2, %3, %4, %5, %6, %7, %8, %9 : tensor<5xi8>, tensor<5xi8>, tensor<5xi32>, tensor<5xi32>, tensor<5xi64>, tensor<5xi64>, tensor<5xui8>, tensor<5xui8>, tensor<5xui32>, tensor<5xui32>
  }
  func.func private @expected() -> (tensor<5xi8>, tensor<5xi32>, tensor<5xi64>, tensor<5xui8>, tensor<5xui32>) {
    %0 = stablehlo.constant dense<[32, 27, 25, 7, 1]> : tensor<5xi8>
    %1 = stablehlo.constant dense<[32, 27, 25, 7, 1]> : tensor<5xi32>
    %2 = stablehlo.constant dense<[32, 27, 25, 7, 1]> : tensor<5xi64>
    %3 = stablehlo.constant dense<[32, 27, 25, 7, 1]> : tensor<5xui8>
    %4 = stablehlo.constant dense<[32, 27, 25, 7, 1]> : tensor<5xui32>
    return %0, %1, %2, %3, %4 : tensor<5xi8>, tensor<5xi32>, tensor<5xi64>, tensor<5xui8>, tensor<5xui32>
  }
}
