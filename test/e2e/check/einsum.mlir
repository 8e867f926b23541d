// RUN: alpa run %s --no-cache --backend=interpreter
// RUN: alpa run %s --no-cache

// stablehlo.einsum, stablehlo.unary_einsum, stablehlo.dot

module {
  func.func public @main() {
    %in:4 = call @inputs() : () -> (tensor<2x3x4xf32>, tensor<4x5x2xf32>, tensor<3x4xi32>, tensor<4xi32>)
    %ex:9 = call @expected() : () -> (tensor<3x5xf32>, tensor<5x2x3xf32>, tensor<2x3x2x5xf32>, tensor<3xi32>, tensor<4x4xi32>, tensor<4x2xf32>, tensor<4x3xi32>, tensor<i32>, tensor<3xi32>)
    %r1 = stablehlo.einsum %in#0, %in#1, config = "abc,cda->bd" : (tensor<2x3x4xf32>, tensor<4x5x2xf32>) -> tensor<3x5xf32>
    stablehlo.custom_call @check.expect_eq(%r1, %ex#0) {has_side_effect = true} : (tensor<3x5xf32>, tensor<3x5xf32>) -> ()
    %r2 = stablehlo.einsum %in#0, %in#1, config = "abc,cda->dab" : (tensor<2x3x4xf32>, tensor<4x5x2xf32>) -> tensor<5x2x3xf32>
    stablehlo.custom_call @check.expect_eq(%r2, %ex#1) {has_side_effect = true} : (tensor<5x2x3xf32>, tensor<5x2x3xf32>) -> ()
    %r3 = stablehlo.einsum %in#0, %in#1, config = "abc,cde->ebad" : (tensor<2x3x4xf32>, tensor<4x5x2xf32>) -> tensor<2x3x2x5xf32>
    stablehlo.custom_call @check.expect_eq(%r3, %ex#2) {has_side_effect = true} : (tensor<2x3x2x5xf32>, tensor<2x3x2x5xf32>) -> ()
    %r4 = stablehlo.einsum %in#2, %in#3, config = "ab,b->a" : (tensor<3x4xi32>, tensor<4xi32>) -> tensor<3xi32>
    stablehlo.custom_call @check.expect_eq(%r4, %ex#3) {has_side_effect = true} : (tensor<3xi32>, tensor<3xi32>) -> ()
    %r5 = stablehlo.einsum %in#2, %in#3, config = "ab,c->cb" : (tensor<3x4xi32>, tensor<4xi32>) -> tensor<4x4xi32>
    stablehlo.custom_call @check.expect_eq(%r5, %ex#4) {has_side_effect = true} : (tensor<4x4xi32>, tensor<4x4xi32>) -> ()
    %r6 = stablehlo.unary_einsum %in#0, config = "abc->ca" : (tensor<2x3x4xf32>) -> tensor<4x2xf32>
    stablehlo.custom_call @check.expect_eq(%r6, %ex#5) {has_side_effect = true} : (tensor<4x2xf32>, tensor<4x2xf32>) -> ()
    %r7 = stablehlo.unary_einsum %in#2, config = "ab->ba" : (tensor<3x4xi32>) -> tensor<4x3xi32>
    stablehlo.custom_call @check.expect_eq(%r7, %ex#6) {has_side_effect = true} : (tensor<4x3xi32>, tensor<4x3xi32>) -> ()
    %r8 = stablehlo.unary_einsum %in#2, config = "ab->" : (tensor<3x4xi32>) -> tensor<i32>
    stablehlo.custom_call @check.expect_eq(%r8, %ex#7) {has_side_effect = true} : (tensor<i32>, tensor<i32>) -> ()
    %r9 = stablehlo.dot %in#2, %in#3 : (tensor<3x4xi32>, tensor<4xi32>) -> tensor<3xi32>
    stablehlo.custom_call @check.expect_eq(%r9, %ex#8) {has_side_effect = true} : (tensor<3xi32>, tensor<3xi32>) -> ()
    return
  }
  func.func private @inputs() -> (tensor<2x3x4xf32>, tensor<4x5x2xf32>, tensor<3x4xi32>, tensor<4xi32>) {
    %0 = stablehlo.constant dense<[[[0.000000000e+00, 0.000000000e+00, 2.000000000e+00, 3.000000000e+00], [-3.000000000e+00, -2.000000000e+00, 2.000000000e+00, 3.000000000e+00], [-2.000000000e+00, -1.000000000e+00, 3.000000000e+00, -1.000000000e+00]], [[-2.000000000e+00, 2.000000000e+00, -2.000000000e+00, -1.000000000e+00], [1.000000000e+00, 0.000000000e+00, -3.000000000e+00, -3.000000000e+00], [3.000000000e+00, 2.000000000e+00, 2.000000000e+00, 0.000000000e+00]]]> : tensor<2x3x4xf32>
    %1 = stablehlo.constant dense<[[[2.000000000e+00, -1.000000000e+00], [0.000000000e+00, 2.000000000e+00], [-3.000000000e+00, -1.000000000e+00], [-3.000000000e+00, 0.000000000e+00], [3.000000000e+00, -3.000000000e+00]], [[-1.000000000e+00, -1.000000000e+00], [3.000000000e+00, -2.000000000e+00], [0.000000000e+00, -2.000000000e+00], [-3.000000000e+00, 2.000000000e+00], [-3.000000000e+00, -2.000000000e+00]], [[0.000000000e+00, 0.000000000e+00], [-3.000000000e+00, 3.000000000e+00], [2.000000000e+00, 3.000000000e+00], [-3.000000000e+00, 2.000000000e+00], [-1.000000000e+00, 0.000000000e+00]], [[3.000000000e+00, -2.000000000e+00], [2.000000000e+00, -2.000000000e+00], [-1.000000000e+00, 3.000000000e+00], [-1.000000000e+00, 0.000000000e+00], [-1.000000000e+00, -3.000000000e+00]]]> : tensor<4x5x2xf32>
    %2 = stablehlo.constant dense<[[-1, 1, 0, 2], [-1, 1, 2, 3], [-1, -3, 2, 0]]> : tensor<3x4xi32>
    %3 = stablehlo.constant dense<[3, 0, -1, -3]> : tensor<4xi32>
    return %0, %1, %2, %3 : tensor<2x3x4xf32>, tensor<4x5x2xf32>, tensor<3x4xi32>, tensor<4xi32>
  }
  func.func private @expected() -> (tensor<3x5xf32>, tensor<5x2x3xf32>, tensor<2x3x2x5xf32>, tensor<3xi32>, tensor<4x4xi32>, tensor<4x2xf32>, tensor<4x3xi32>, tensor<i32>, tensor<3xi32>) {
    %0 = stablehlo.constant dense<[[1.100000000e+01, -1.200000000e+01, -1.000000000e+01, -9.000000000e+00, 0.000000000e+00], [1.000000000e+01, -7.000000000e+00, -9.000000000e+00, 0.000000000e+00, -2.000000000e+00], [-1.100000000e+01, -6.000000000e+00, 1.200000000e+01, 9.000000000e+00, -1.800000000e+01]]> : tensor<3x5xf32>
    %1 = stablehlo.constant dense<[[[9.000000000e+00, 5.000000000e+00, -6.000000000e+00], [2.000000000e+00, 5.000000000e+00, -5.000000000e+00]], [[0.000000000e+00, -6.000000000e+00, -1.400000000e+01], [-1.200000000e+01, -1.000000000e+00, 8.000000000e+00]], [[1.000000000e+00, 1.000000000e+01, 1.300000000e+01], [-1.100000000e+01, -1.900000000e+01, -1.000000000e+00]], [[-9.000000000e+00, 6.000000000e+00, 1.000000000e+00], [0.000000000e+00, -6.000000000e+00, 8.000000000e+00]], [[-5.000000000e+00, -8.000000000e+00, -5.000000000e+00], [5.000000000e+00, 6.000000000e+00, -1.300000000e+01]]]> : tensor<5x2x3xf32>
    %2 = stablehlo.constant dense<[[[[9.000000000e+00, 0.000000000e+00, 1.000000000e+00, -9.000000000e+00, -5.000000000e+00], [-9.000000000e+00, 1.000000000e+01, 3.000000000e+00, 7.000000000e+00, -9.000000000e+00]], [[5.000000000e+00, -6.000000000e+00, 1.000000000e+01, 6.000000000e+00, -8.000000000e+00], [-7.000000000e+00, 3.000000000e+00, -6.000000000e+00, 9.000000000e+00, 9.000000000e+00]], [[-6.000000000e+00, -1.400000000e+01, 1.300000000e+01, 1.000000000e+00, -5.000000000e+00], [4.000000000e+00, 0.000000000e+00, -5.000000000e+00, -2.100000000e+01, 1.000000000e+00]]], [[[-6.000000000e+00, 0.000000000e+00, 1.500000000e+01, 4.000000000e+00, -9.000000000e+00], [2.000000000e+00, -1.200000000e+01, -1.100000000e+01, 0.000000000e+00, 5.000000000e+00]], [[-1.000000000e+00, -2.000000000e+00, 2.200000000e+01, 0.000000000e+00, 4.000000000e+00], [5.000000000e+00, -1.000000000e+00, -1.900000000e+01, -6.000000000e+00, 6.000000000e+00]], [[5.000000000e+00, 9.000000000e+00, 1.000000000e+01, 4.000000000e+00, 1.100000000e+01], [-5.000000000e+00, 8.000000000e+00, -1.000000000e+00, 8.000000000e+00, -1.300000000e+01]]]]> : tensor<2x3x2x5xf32>
    %3 = stablehlo.constant dense<[-9, -14, -5]> : tensor<3xi32>
    %4 = stablehlo.constant dense<[[-9, -3, 12, 15], [0, 0, 0, 0], [3, 1, -4, -5], [9, 3, -12, -15]]> : tensor<4x4xi32>
    %5 = stablehlo.constant dense<[[-5.000000000e+00, 2.000000000e+00], [-3.000000000e+00, 4.000000000e+00], [7.000000000e+00, -3.000000000e+00], [5.000000000e+00, -4.000000000e+00]]> : tensor<4x2xf32>
    %6 = stablehlo.constant dense<[[-1, -1, -1], [1, 1, -3], [0, 2, 2], [2, 3, 0]]> : tensor<4x3xi32>
    %7 = stablehlo.constant dense<5> : tensor<i32>
    %8 = stablehlo.constant dense<[-9, -14, -5]> : tensor<3xi32>
    return %0, %1, %2, %3, %4, %5, %6, %7, %8 : tensor<3x5xf32>, tensor<5x2x3xf32>, tensor<2x3x2x5xf32>, tensor<3xi32>, tensor<4x4xi32>, tensor<4x2xf32>, tensor<4x3xi32>, tensor<i32>, tensor<3xi32>
  }
}
