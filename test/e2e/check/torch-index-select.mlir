// RUN: alpa run %s --no-cache --backend=interpreter
// RUN: alpa run %s --no-cache

// stablehlo.torch_index_select; an index outside is clamped

module {
  func.func public @main() {
    %in:2 = call @inputs() : () -> (tensor<2x4x3xi16>, tensor<2x3xi32>)
    %ex:3 = call @expected() : () -> (tensor<2x2x3x3xi16>, tensor<2x3x3xi16>, tensor<2x4x3xi16>)
    %r1 = "stablehlo.torch_index_select"(%in#0, %in#1) <{batch_dims = 0 : i64, dim = 1 : i64}> : (tensor<2x4x3xi16>, tensor<2x3xi32>) -> tensor<2x2x3x3xi16>
    stablehlo.custom_call @check.expect_eq(%r1, %ex#0) {has_side_effect = true} : (tensor<2x2x3x3xi16>, tensor<2x2x3x3xi16>) -> ()
    %r2 = "stablehlo.torch_index_select"(%in#0, %in#1) <{batch_dims = 1 : i64, dim = 1 : i64}> : (tensor<2x4x3xi16>, tensor<2x3xi32>) -> tensor<2x3x3xi16>
    stablehlo.custom_call @check.expect_eq(%r2, %ex#1) {has_side_effect = true} : (tensor<2x3x3xi16>, tensor<2x3x3xi16>) -> ()
    %r3 = "stablehlo.torch_index_select"(%in#0, %in#1) <{batch_dims = 1 : i64, dim = 2 : i64}> : (tensor<2x4x3xi16>, tensor<2x3xi32>) -> tensor<2x4x3xi16>
    stablehlo.custom_call @check.expect_eq(%r3, %ex#2) {has_side_effect = true} : (tensor<2x4x3xi16>, tensor<2x4x3xi16>) -> ()
    return
  }
  func.func private @inputs() -> (tensor<2x4x3xi16>, tensor<2x3xi32>) {
    %0 = stablehlo.constant dense<[[[0, 1, 2], [3, 4, 5], [6, 7, 8], [9, 10, 11]], [[12, 13, 14], [15, 16, 17], [18, 19, 20], [21, 22, 23]]]> : tensor<2x4x3xi16>
    %1 = stablehlo.constant dense<[[3, 0, 9], [1, 1, 2]]> : tensor<2x3xi32>
    return %0, %1 : tensor<2x4x3xi16>, tensor<2x3xi32>
  }
  func.func private @expected() -> (tensor<2x2x3x3xi16>, tensor<2x3x3xi16>, tensor<2x4x3xi16>) {
    %0 = stablehlo.constant dense<[[[[9, 10, 11], [0, 1, 2], [9, 10, 11]], [[3, 4, 5], [3, 4, 5], [6, 7, 8]]], [[[21, 22, 23], [12, 13, 14], [21, 22, 23]], [[15, 16, 17], [15, 16, 17], [18, 19, 20]]]]> : tensor<2x2x3x3xi16>
    %1 = stablehlo.constant dense<[[[9, 10, 11], [0, 1, 2], [9, 10, 11]], [[15, 16, 17], [15, 16, 17], [18, 19, 20]]]> : tensor<2x3x3xi16>
    %2 = stablehlo.constant dense<[[[2, 0, 2], [5, 3, 5], [8, 6, 8], [11, 9, 11]], [[13, 13, 14], [16, 16, 17], [19, 19, 20], [22, 22, 23]]]> : tensor<2x4x3xi16>
    return %0, %1, %2 : tensor<2x2x3x3xi16>, tensor<2x3x3xi16>, tensor<2x4x3xi16>
  }
}
