// RUN: alpa run %s --no-cache --backend=interpreter
// RUN: alpa run %s --no-cache

// stablehlo.convolution with strides and padding

module {
  func.func public @main() {
    %in:4 = call @inputs() : () -> (tensor<1x6x1xf32>, tensor<3x1x1xf32>, tensor<1x6x1xf64>, tensor<3x1x1xf64>)
    %ex:2 = call @expected() : () -> (tensor<1x3x1xf32>, tensor<1x3x1xf64>)
    %r1 = stablehlo.convolution(%in#0, %in#1) dim_numbers = [b, 0, f]x[0, i, o]->[b, 0, f], window = {stride = [2], pad = [[1, 1]]} {batch_group_count = 1 : i64, feature_group_count = 1 : i64} : (tensor<1x6x1xf32>, tensor<3x1x1xf32>) -> tensor<1x3x1xf32>
    stablehlo.custom_call @check.expect_eq(%r1, %ex#0) {has_side_effect = true} : (tensor<1x3x1xf32>, tensor<1x3x1xf32>) -> ()
    %r2 = stablehlo.convolution(%in#2, %in#3) dim_numbers = [b, 0, f]x[0, i, o]->[b, 0, f], window = {stride = [2], pad = [[1, 1]]} {batch_group_count = 1 : i64, feature_group_count = 1 : i64} : (tensor<1x6x1xf64>, tensor<3x1x1xf64>) -> tensor<1x3x1xf64>
    stablehlo.custom_call @check.expect_eq(%r2, %ex#1) {has_side_effect = true} : (tensor<1x3x1xf64>, tensor<1x3x1xf64>) -> ()
    return
  }
  func.func private @inputs() -> (tensor<1x6x1xf32>, tensor<3x1x1xf32>, tensor<1x6x1xf64>, tensor<3x1x1xf64>) {
    %0 = stablehlo.constant dense<[[[0.0], [1.0], [2.0], [3.0], [4.0], [5.0]]]> : tensor<1x6x1xf32>
    %1 = stablehlo.constant dense<[[[1.0]], [[2.0]], [[3.0]]]> : tensor<3x1x1xf32>
    %2 = stablehlo.constant dense<[[[0.0], [1.0], [2.0], [3.0], [4.0], [5.0]]]> : tensor<1x6x1xf64>
    %3 = stablehlo.constant dense<[[[1.0]], [[2.0]], [[3.0]]]> : tensor<3x1x1xf64>
    return %0, %1, %2, %3 : tensor<1x6x1xf32>, tensor<3x1x1xf32>, tensor<1x6x1xf64>, tensor<3x1x1xf64>
  }
  func.func private @expected() -> (tensor<1x3x1xf32>, tensor<1x3x1xf64>) {
    %0 = stablehlo.constant dense<[[[3.0], [14.0], [26.0]]]> : tensor<1x3x1xf32>
    %1 = stablehlo.constant dense<[[[3.0], [14.0], [26.0]]]> : tensor<1x3x1xf64>
    return %0, %1 : tensor<1x3x1xf32>, tensor<1x3x1xf64>
  }
}
