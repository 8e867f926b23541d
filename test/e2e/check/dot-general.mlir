// RUN: alpa run %s --no-cache --backend=interpreter
// RUN: alpa run %s --no-cache

// stablehlo.dot_general with a batch dimension

module {
  func.func public @main() {
    %in:14 = call @inputs() : () -> (tensor<2x2x3xi8>, tensor<2x3x2xi8>, tensor<2x2x3xi32>, tensor<2x3x2xi32>, tensor<2x2x3xf16>, tensor<2x3x2xf16>, tensor<2x2x3xbf16>, tensor<2x3x2xbf16>, tensor<2x2x3xf32>, tensor<2x3x2xf32>, tensor<2x2x3xf64>, tensor<2x3x2xf64>, tensor<2x2x3xcomplex<f32>>, tensor<2x3x2xcomplex<f32>>)
    %ex:7 = call @expected() : () -> (tensor<2x2x2xi8>, tensor<2x2x2xi32>, tensor<2x2x2xf16>, tensor<2x2x2xbf16>, tensor<2x2x2xf32>, tensor<2x2x2xf64>, tensor<2x2x2xcomplex<f32>>)
    %r1 = stablehlo.dot_general %in#0, %in#1, batching_dims = [0] x [0], contracting_dims = [2] x [1] : (tensor<2x2x3xi8>, tensor<2x3x2xi8>) -> tensor<2x2x2xi8>
    stablehlo.custom_call @check.expect_eq(%r1, %ex#0) {has_side_effect = true} : (tensor<2x2x2xi8>, tensor<2x2x2xi8>) -> ()
    %r2 = stablehlo.dot_general %in#2, %in#3, batching_dims = [0] x [0], contracting_dims = [2] x [1] : (tensor<2x2x3xi32>, tensor<2x3x2xi32>) -> tensor<2x2x2xi32>
    stablehlo.custom_call @check.expect_eq(%r2, %ex#1) {has_side_effect = true} : (tensor<2x2x2xi32>, tensor<2x2x2xi32>) -> ()
    %r3 = stablehlo.dot_general %in#4, %in#5, batching_dims = [0] x [0], contracting_dims = [2] x [1] : (tensor<2x2x3xf16>, tensor<2x3x2xf16>) -> tensor<2x2x2xf16>
    stablehlo.custom_call @check.expect_eq(%r3, %ex#2) {has_side_effect = true} : (tensor<2x2x2xf16>, tensor<2x2x2xf16>) -> ()
    %r4 = stablehlo.dot_general %in#6, %in#7, batching_dims = [0] x [0], contracting_dims = [2] x [1] : (tensor<2x2x3xbf16>, tensor<2x3x2xbf16>) -> tensor<2x2x2xbf16>
    stablehlo.custom_call @check.expect_eq(%r4, %ex#3) {has_side_effect = true} : (tensor<2x2x2xbf16>, tensor<2x2x2xbf16>) -> ()
    %r5 = stablehlo.dot_general %in#8, %in#9, batching_dims = [0] x [0], contracting_dims = [2] x [1] : (tensor<2x2x3xf32>, tensor<2x3x2xf32>) -> tensor<2x2x2xf32>
    stablehlo.custom_call @check.expect_eq(%r5, %ex#4) {has_side_effect = true} : (tensor<2x2x2xf32>, tensor<2x2x2xf32>) -> ()
    %r6 = stablehlo.dot_general %in#10, %in#11, batching_dims = [0] x [0], contracting_dims = [2] x [1] : (tensor<2x2x3xf64>, tensor<2x3x2xf64>) -> tensor<2x2x2xf64>
    stablehlo.custom_call @check.expect_eq(%r6, %ex#5) {has_side_effect = true} : (tensor<2x2x2xf64>, tensor<2x2x2xf64>) -> ()
    %r7 = stablehlo.dot_general %in#12, %in#13, batching_dims = [0] x [0], contracting_dims = [2] x [1] : (tensor<2x2x3xcomplex<f32>>, tensor<2x3x2xcomplex<f32>>) -> tensor<2x2x2xcomplex<f32>>
    stablehlo.custom_call @check.expect_eq(%r7, %ex#6) {has_side_effect = true} : (tensor<2x2x2xcomplex<f32>>, tensor<2x2x2xcomplex<f32>>) -> ()
    return
  }
  func.func private @inputs() -> (tensor<2x2x3xi8>, tensor<2x3x2xi8>, tensor<2x2x3xi32>, tensor<2x3x2xi32>, tensor<2x2x3xf16>, tensor<2x3x2xf16>, tensor<2x2x3xbf16>, tensor<2x3x2xbf16>, tensor<2x2x3xf32>, tensor<2x3x2xf32>, tensor<2x2x3xf64>, tensor<2x3x2xf64>, tensor<2x2x3xcomplex<f32>>, tensor<2x3x2xcomplex<f32>>) {
    %0 = stablehlo.constant dense<[[[0, 1, 2], [3, 0, 1]], [[2, 3, 0], [1, 2, 3]]]> : tensor<2x2x3xi8>
    %1 = stablehlo.constant dense<[[[0, 1], [2, 0], [1, 2]], [[0, 1], [2, 0], [1, 2]]]> : tensor<2x3x2xi8>
    %2 = stablehlo.constant dense<[[[0, 1, 2], [3, 0, 1]], [[2, 3, 0], [1, 2, 3]]]> : tensor<2x2x3xi32>
    %3 = stablehlo.constant dense<[[[0, 1], [2, 0], [1, 2]], [[0, 1], [2, 0], [1, 2]]]> : tensor<2x3x2xi32>
    %4 = stablehlo.constant dense<[[[0.0, 1.0, 2.0], [3.0, 0.0, 1.0]], [[2.0, 3.0, 0.0], [1.0, 2.0, 3.0]]]> : tensor<2x2x3xf16>
    %5 = stablehlo.constant dense<[[[0.0, 1.0], [2.0, 0.0], [1.0, 2.0]], [[0.0, 1.0], [2.0, 0.0], [1.0, 2.0]]]> : tensor<2x3x2xf16>
    %6 = stablehlo.constant dense<[[[0.0, 1.0, 2.0], [3.0, 0.0, 1.0]], [[2.0, 3.0, 0.0], [1.0, 2.0, 3.0]]]> : tensor<2x2x3xbf16>
    %7 = stablehlo.constant dense<[[[0.0, 1.0], [2.0, 0.0], [1.0, 2.0]], [[0.0, 1.0], [2.0, 0.0], [1.0, 2.0]]]> : tensor<2x3x2xbf16>
    %8 = stablehlo.constant dense<[[[0.0, 1.0, 2.0], [3.0, 0.0, 1.0]], [[2.0, 3.0, 0.0], [1.0, 2.0, 3.0]]]> : tensor<2x2x3xf32>
    %9 = stablehlo.constant dense<[[[0.0, 1.0], [2.0, 0.0], [1.0, 2.0]], [[0.0, 1.0], [2.0, 0.0], [1.0, 2.0]]]> : tensor<2x3x2xf32>
    %10 = stablehlo.constant dense<[[[0.0, 1.0, 2.0], [3.0, 0.0, 1.0]], [[2.0, 3.0, 0.0], [1.0, 2.0, 3.0]]]> : tensor<2x2x3xf64>
    %11 = stablehlo.constant dense<[[[0.0, 1.0], [2.0, 0.0], [1.0, 2.0]], [[0.0, 1.0], [2.0, 0.0], [1.0, 2.0]]]> : tensor<2x3x2xf64>
    %12 = stablehlo.constant dense<[[[(0.0, 0.0), (1.0, 0.0), (2.0, 0.0)], [(3.0, 0.0), (0.0, 0.0), (1.0, 0.0)]], [[(2.0, 0.0), (3.0, 0.0), (0.0, 0.0)], [(1.0, 0.0), (2.0, 0.0), (3.0, 0.0)]]]> : tensor<2x2x3xcomplex<f32>>
    %13 = stablehlo.constant dense<[[[(0.0, 0.0), (1.0, 0.0)], [(2.0, 0.0), (0.0, 0.0)], [(1.0, 0.0), (2.0, 0.0)]], [[(0.0, 0.0), (1.0, 0.0)], [(2.0, 0.0), (0.0, 0.0)], [(1.0, 0.0), (2.0, 0.0)]]]> : tensor<2x3x2xcomplex<f32>>
    return %0, %1, %2, %3, %4, %5, %6, %7, %8, %9, %10, %11, %12, %13 : tensor<2x2x3xi8>, tensor<2x3x2xi8>, tensor<2x2x3xi32>, tensor<2x3x2xi32>, tensor<2x2x3xf16>, tensor<2x3x2xf16>, tensor<2x2x3xbf16>, tensor<2x3x2xbf16>, tensor<2x2x3xf32>, tensor<2x3x2xf32>, tensor<2x2x3xf64>, tensor<2x3x2xf64>, tensor<2x2x3xcomplex<f32>>, tensor<2x3x2xcomplex<f32>>
  }
  func.func private @expected() -> (tensor<2x2x2xi8>, tensor<2x2x2xi32>, tensor<2x2x2xf16>, tensor<2x2x2xbf16>, tensor<2x2x2xf32>, tensor<2x2x2xf64>, tensor<2x2x2xcomplex<f32>>) {
    %0 = stablehlo.constant dense<[[[4, 4], [1, 5]], [[6, 2], [7, 7]]]> : tensor<2x2x2xi8>
    %1 = stablehlo.constant dense<[[[4, 4], [1, 5]], [[6, 2], [7, 7]]]> : tensor<2x2x2xi32>
    %2 = stablehlo.constant dense<[[[4.0, 4.0], [1.0, 5.0]], [[6.0, 2.0], [7.0, 7.0]]]> : tensor<2x2x2xf16>
    %3 = stablehlo.constant dense<[[[4.0, 4.0], [1.0, 5.0]], [[6.0, 2.0], [7.0, 7.0]]]> : tensor<2x2x2xbf16>
    %4 = stablehlo.constant dense<[[[4.0, 4.0], [1.0, 5.0]], [[6.0, 2.0], [7.0, 7.0]]]> : tensor<2x2x2xf32>
    %5 = stablehlo.constant dense<[[[4.0, 4.0], [1.0, 5.0]], [[6.0, 2.0], [7.0, 7.0]]]> : tensor<2x2x2xf64>
    %6 = stablehlo.constant dense<[[[(4.0, 0.0), (4.0, 0.0)], [(1.0, 0.0), (5.0, 0.0)]], [[(6.0, 0.0), (2.0, 0.0)], [(7.0, 0.0), (7.0, 0.0)]]]> : tensor<2x2x2xcomplex<f32>>
    return %0, %1, %2, %3, %4, %5, %6 : tensor<2x2x2xi8>, tensor<2x2x2xi32>, tensor<2x2x2xf16>, tensor<2x2x2xbf16>, tensor<2x2x2xf32>, tensor<2x2x2xf64>, tensor<2x2x2xcomplex<f32>>
  }
}
