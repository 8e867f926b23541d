// RUN: alpa run %s --no-cache --backend=interpreter
// RUN: alpa run %s --no-cache

// stablehlo.einsum and stablehlo.unary_einsum with diagonals and ellipses.

module {
  func.func public @main() {
    %k0_0 = stablehlo.constant dense<[[1, 4, 1], [-4, -4, -3], [3, 2, -2]]> : tensor<3x3xi32>
    %x0_0 = stablehlo.optimization_barrier %k0_0 : tensor<3x3xi32>
    %r0 = stablehlo.unary_einsum %x0_0, config = "ii->i" : (tensor<3x3xi32>) -> tensor<3xi32>
    %e0 = stablehlo.constant dense<[1, -4, -2]> : tensor<3xi32>
    stablehlo.custom_call @check.expect_eq(%r0, %e0) {has_side_effect = true} : (tensor<3xi32>, tensor<3xi32>) -> ()
    %k1_0 = stablehlo.constant dense<[[[0, 1, -2], [0, -2, 0]], [[3, 3, -3], [3, -4, 2]]]> : tensor<2x2x3xi32>
    %x1_0 = stablehlo.optimization_barrier %k1_0 : tensor<2x2x3xi32>
    %r1 = stablehlo.unary_einsum %x1_0, config = "iij->j" : (tensor<2x2x3xi32>) -> tensor<3xi32>
    %e1 = stablehlo.constant dense<[3, -3, 0]> : tensor<3xi32>
    stablehlo.custom_call @check.expect_eq(%r1, %e1) {has_side_effect = true} : (tensor<3xi32>, tensor<3xi32>) -> ()
    %k2_0 = stablehlo.constant dense<[[[3, 2, -3, -4], [-3, 4, 4, -1], [4, 3, -1, 2]], [[1, -3, -1, 0], [4, -3, 0, -4], [-1, -2, -4, 0]]]> : tensor<2x3x4xi32>
    %x2_0 = stablehlo.optimization_barrier %k2_0 : tensor<2x3x4xi32>
    %r2 = stablehlo.unary_einsum %x2_0, config = "...ab->...ba" : (tensor<2x3x4xi32>) -> tensor<2x4x3xi32>
    %e2 = stablehlo.constant dense<[[[3, -3, 4], [2, 4, 3], [-3, 4, -1], [-4, -1, 2]], [[1, 4, -1], [-3, -3, -2], [-1, 0, -4], [0, -4, 0]]]> : tensor<2x4x3xi32>
    stablehlo.custom_call @check.expect_eq(%r2, %e2) {has_side_effect = true} : (tensor<2x4x3xi32>, tensor<2x4x3xi32>) -> ()
    %k3_0 = stablehlo.constant dense<[[[-2, 3], [3, 4], [2, -1]], [[3, 3], [0, 1], [-1, 2]]]> : tensor<2x3x2xi32>
    %x3_0 = stablehlo.optimization_barrier %k3_0 : tensor<2x3x2xi32>
    %r3 = stablehlo.unary_einsum %x3_0, config = "a...->..." : (tensor<2x3x2xi32>) -> tensor<3x2xi32>
    %e3 = stablehlo.constant dense<[[1, 6], [3, 5], [1, 1]]> : tensor<3x2xi32>
    stablehlo.custom_call @check.expect_eq(%r3, %e3) {has_side_effect = true} : (tensor<3x2xi32>, tensor<3x2xi32>) -> ()
    %k4_0 = stablehlo.constant dense<[[[4, -4], [-2, 3]], [[3, 3], [-1, -4]]]> : tensor<2x2x2xi32>
    %x4_0 = stablehlo.optimization_barrier %k4_0 : tensor<2x2x2xi32>
    %r4 = stablehlo.unary_einsum %x4_0, config = "iii->" : (tensor<2x2x2xi32>) -> tensor<i32>
    %e4 = stablehlo.constant dense<0> : tensor<i32>
    stablehlo.custom_call @check.expect_eq(%r4, %e4) {has_side_effect = true} : (tensor<i32>, tensor<i32>) -> ()
    %k5_0 = stablehlo.constant dense<[[[4, 3], [3, -3], [-3, -1]], [[-4, 4], [2, 0], [1, 2]]]> : tensor<2x3x2xi32>
    %x5_0 = stablehlo.optimization_barrier %k5_0 : tensor<2x3x2xi32>
    %k5_1 = stablehlo.constant dense<[[[-2, 1, 3], [4, 0, 0]], [[3, 3, 0], [-4, -2, -4]]]> : tensor<2x2x3xi32>
    %x5_1 = stablehlo.optimization_barrier %k5_1 : tensor<2x2x3xi32>
    %r5 = stablehlo.einsum %x5_0, %x5_1, config = "...ab,...bc->...ac" : (tensor<2x3x2xi32>, tensor<2x2x3xi32>) -> tensor<2x3x3xi32>
    %e5 = stablehlo.constant dense<[[[4, 4, 12], [-18, 3, 9], [2, -3, -9]], [[-28, -20, -16], [6, 6, 0], [-5, -1, -8]]]> : tensor<2x3x3xi32>
    stablehlo.custom_call @check.expect_eq(%r5, %e5) {has_side_effect = true} : (tensor<2x3x3xi32>, tensor<2x3x3xi32>) -> ()
    %k6_0 = stablehlo.constant dense<[[[[3, -3], [3, 4], [0, -4]]], [[[-3, 4], [-2, -1], [-3, -2]]]]> : tensor<2x1x3x2xi32>
    %x6_0 = stablehlo.optimization_barrier %k6_0 : tensor<2x1x3x2xi32>
    %k6_1 = stablehlo.constant dense<[[3, -2], [2, -4]]> : tensor<2x2xi32>
    %x6_1 = stablehlo.optimization_barrier %k6_1 : tensor<2x2xi32>
    %r6 = stablehlo.einsum %x6_0, %x6_1, config = "...ab,bc->...ac" : (tensor<2x1x3x2xi32>, tensor<2x2xi32>) -> tensor<2x1x3x2xi32>
    %e6 = stablehlo.constant dense<[[[[3, 6], [17, -22], [-8, 16]]], [[[-1, -10], [-8, 8], [-13, 14]]]]> : tensor<2x1x3x2xi32>
    stablehlo.custom_call @check.expect_eq(%r6, %e6) {has_side_effect = true} : (tensor<2x1x3x2xi32>, tensor<2x1x3x2xi32>) -> ()
    %k7_0 = stablehlo.constant dense<[[[-2, 2], [2, -2], [3, 3]], [[-4, 2], [1, -3], [0, 2]]]> : tensor<2x3x2xi32>
    %x7_0 = stablehlo.optimization_barrier %k7_0 : tensor<2x3x2xi32>
    %k7_1 = stablehlo.constant dense<[-4]> : tensor<1xi32>
    %x7_1 = stablehlo.optimization_barrier %k7_1 : tensor<1xi32>
    %r7 = stablehlo.einsum %x7_0, %x7_1, config = "ab...,...->a..." : (tensor<2x3x2xi32>, tensor<1xi32>) -> tensor<2x2xi32>
    %e7 = stablehlo.constant dense<[[-12, -12], [12, -4]]> : tensor<2x2xi32>
    stablehlo.custom_call @check.expect_eq(%r7, %e7) {has_side_effect = true} : (tensor<2x2xi32>, tensor<2x2xi32>) -> ()
    %k8_0 = stablehlo.constant dense<[[[2, 1, -3]], [[-2, -3, 1]]]> : tensor<2x1x3xi32>
    %x8_0 = stablehlo.optimization_barrier %k8_0 : tensor<2x1x3xi32>
    %k8_1 = stablehlo.constant dense<[[0, -4, 3], [4, 1, 3], [-4, -1, -3], [0, 0, 2]]> : tensor<4x3xi32>
    %x8_1 = stablehlo.optimization_barrier %k8_1 : tensor<4x3xi32>
    %r8 = stablehlo.einsum %x8_0, %x8_1, config = "...a,...a->..." : (tensor<2x1x3xi32>, tensor<4x3xi32>) -> tensor<2x4xi32>
    %e8 = stablehlo.constant dense<[[-13, 0, 0, -6], [15, -8, 8, 2]]> : tensor<2x4xi32>
    stablehlo.custom_call @check.expect_eq(%r8, %e8) {has_side_effect = true} : (tensor<2x4xi32>, tensor<2x4xi32>) -> ()
    %k9_0 = stablehlo.constant dense<[[[4, 4, -2], [3, 1, 1]], [[0, 1, 4], [1, 4, -3]]]> : tensor<2x2x3xi32>
    %x9_0 = stablehlo.optimization_barrier %k9_0 : tensor<2x2x3xi32>
    %k9_1 = stablehlo.constant dense<[[-3, 4], [3, -4], [-1, 0]]> : tensor<3x2xi32>
    %x9_1 = stablehlo.optimization_barrier %k9_1 : tensor<3x2xi32>
    %r9 = stablehlo.einsum %x9_0, %x9_1, config = "iij,jk->ik" : (tensor<2x2x3xi32>, tensor<3x2xi32>) -> tensor<2x2xi32>
    %e9 = stablehlo.constant dense<[[2, 0], [12, -12]]> : tensor<2x2xi32>
    stablehlo.custom_call @check.expect_eq(%r9, %e9) {has_side_effect = true} : (tensor<2x2xi32>, tensor<2x2xi32>) -> ()
    %k10_0 = stablehlo.constant dense<[[[-2, -4, -1], [1, -3, -2]], [[0, -1, -4], [2, -4, 3]]]> : tensor<2x2x3xi32>
    %x10_0 = stablehlo.optimization_barrier %k10_0 : tensor<2x2x3xi32>
    %k10_1 = stablehlo.constant dense<[[[-2, 4], [-1, -4]], [[4, 0], [-2, -4]], [[-1, 4], [-3, 0]]]> : tensor<3x2x2xi32>
    %x10_1 = stablehlo.optimization_barrier %k10_1 : tensor<3x2x2xi32>
    %r10 = stablehlo.einsum %x10_0, %x10_1, config = "i...j,jkk->...k" : (tensor<2x2x3xi32>, tensor<3x2x2xi32>) -> tensor<2x2xi32>
    %e10 = stablehlo.constant dense<[[-11, 28], [-35, 16]]> : tensor<2x2xi32>
    stablehlo.custom_call @check.expect_eq(%r10, %e10) {has_side_effect = true} : (tensor<2x2xi32>, tensor<2x2xi32>) -> ()
    return
  }
}
