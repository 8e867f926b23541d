// RUN: alpa run %s --no-cache --backend=interpreter
// RUN: alpa run %s --no-cache

// stablehlo.bitcast_convert, widths equal, narrower and wider

module {
  func.func public @main() {
    %in:2 = call @inputs() : () -> (tensor<2xf32>, tensor<2x2xi32>)
    %ex:3 = call @expected() : () -> (tensor<2xi32>, tensor<2x4xui8>, tensor<2xi64>)
    %r1 = stablehlo.bitcast_convert %in#0 : (tensor<2xf32>) -> tensor<2xi32>
    stablehlo.custom_call @check.expect_eq(%r1, %ex#0) {has_side_effect = true} : (tensor<2xi32>, tensor<2xi32>) -> ()
    %r2 = stablehlo.bitcast_convert %in#0 : (tensor<2xf32>) -> tensor<2x4xui8>
    stablehlo.custom_call @check.expect_eq(%r2, %ex#1) {has_side_effect = true} : (tensor<2x4xui8>, tensor<2x4xui8>) -> ()
    %r3 = stablehlo.bitcast_convert %in#1 : (tensor<2x2xi32>) -> tensor<2xi64>
    stablehlo.custom_call @check.expect_eq(%r3, %ex#2) {has_side_effect = true} : (tensor<2xi64>, tensor<2xi64>) -> ()
    return
  }
  func.func private @inputs() -> (tensor<2xf32>, tensor<2x2xi32>) {
    %0 = stablehlo.constant dense<[1.5, -2.0]> : tensor<2xf32>
    %1 = stablehlo.constant dense<[[1, 2], [3, 4]]> : tensor<2x2xi32>
    return %0, %1 : tensor<2xf32>, tensor<2x2xi32>
  }
  func.func private @expected() -> (tensor<2xi32>, tensor<2x4xui8>, tensor<2xi64>) {
    %0 = stablehlo.constant dense<[1069547520, -1073741824]> : tensor<2xi32>
    %1 = stablehlo.constant dense<[[0, 0, 192, 63], [0, 0, 0, 192]]> : tensor<2x4xui8>
    %2 = stablehlo.constant dense<[8589934593, 17179869187]> : tensor<2xi64>
    return %0, %1, %2 : tensor<2xi32>, tensor<2x4xui8>, tensor<2xi64>
  }
}
