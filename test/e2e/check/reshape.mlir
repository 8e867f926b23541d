// RUN: alpa run %s --no-cache --backend=interpreter
// RUN: alpa run %s --no-cache

// stablehlo.reshape

module {
  func.func public @main() {
    %in:6 = call @inputs() : () -> (tensor<2x3x4xi1>, tensor<2x3x4xi8>, tensor<2x3x4xui32>, tensor<2x3x4xbf16>, tensor<2x3x4xf64>, tensor<2x3x4xcomplex<f32>>)
    %ex:6 = call @expected() : () -> (tensor<4x6xi1>, tensor<4x6xi8>, tensor<4x6xui32>, tensor<4x6xbf16>, tensor<4x6xf64>, tensor<4x6xcomplex<f32>>)
    %r1 = stablehlo.reshape %in#0 : (tensor<2x3x4xi1>) -> tensor<4x6xi1>
    stablehlo.custom_call @check.expect_eq(%r1, %ex#0) {has_side_effect = true} : (tensor<4x6xi1>, tensor<4x6xi1>) -> ()
    %r2 = stablehlo.reshape %in#1 : (tensor<2x3x4xi8>) -> tensor<4x6xi8>
    stablehlo.custom_call @check.expect_eq(%r2, %ex#1) {has_side_effect = true} : (tensor<4x6xi8>, tensor<4x6xi8>) -> ()
    %r3 = stablehlo.reshape %in#2 : (tensor<2x3x4xui32>) -> tensor<4x6xui32>
    stablehlo.custom_call @check.expect_eq(%r3, %ex#2) {has_side_effect = true} : (tensor<4x6xui32>, tensor<4x6xui32>) -> ()
    %r4 = stablehlo.reshape %in#3 : (tensor<2x3x4xbf16>) -> tensor<4x6xbf16>
    stablehlo.custom_call @check.expect_eq(%r4, %ex#3) {has_side_effect = true} : (tensor<4x6xbf16>, tensor<4x6xbf16>) -> ()
    %r5 = stablehlo.reshape %in#4 : (tensor<2x3x4xf64>) -> tensor<4x6xf64>
    stablehlo.custom_call @check.expect_eq(%r5, %ex#4) {has_side_effect = true} : (tensor<4x6xf64>, tensor<4x6xf64>) -> ()
    %r6 = stablehlo.reshape %in#5 : (tensor<2x3x4xcomplex<f32>>) -> tensor<4x6xcomplex<f32>>
    stablehlo.custom_call @check.expect_eq(%r6, %ex#5) {has_side_effect = true} : (tensor<4x6xcomplex<f32>>, tensor<4x6xcomplex<f32>>) -> ()
    return
  }
  func.func private @inputs() -> (tensor<2x3x4xi1>, tensor<2x3x4xi8>, tensor<2x3x4xui32>, tensor<2x3x4xbf16>, tensor<2x3x4xf64>, tensor<2x3x4xcomplex<f32>>) {
    %0 = stablehlo.constant dense<[[[false, true, false, false], [true, false, false, true], [false, false, true, false]], [[false, true, false, false], [true, false, false, true], [false, false, true, false]]]> : tensor<2x3x4xi1>
    %1 = stablehlo.constant dense<[[[0, 1, 2, 3], [4, 5, 6, 7], [8, 9, 10, 11]], [[12, 13, 14, 15], [16, 17, 18, 19], [20, 21, 22, 23]]]> : tensor<2x3x4xi8>
    %2 = stablehlo.constant dense<[[[0, 1, 2, 3], [4, 5, 6, 7], [8, 9, 10, 11]], [[12, 13, 14, 15], [16, 17, 18, 19], [20, 21, 22, 23]]]> : tensor<2x3x4xui32>
    %3 = stablehlo.constant dense<[[[0.0, 1.0, 2.0, 3.0], [4.0, 5.0, 6.0, 7.0], [8.0, 9.0, 10.0, 11.0]], [[12.0, 13.0, 14.0, 15.0], [16.0, 17.0, 18.0, 19.0], [20.0, 21.0, 22.0, 23.0]]]> : tensor<2x3x4xbf16>
    %4 = stablehlo.constant dense<[[[0.0, 1.0, 2.0, 3.0], [4.0, 5.0, 6.0, 7.0], [8.0, 9.0, 10.0, 11.0]], [[12.0, 13.0, 14.0, 15.0], [16.0, 17.0, 18.0, 19.0], [20.0, 21.0, 22.0, 23.0]]]> : tensor<2x3x4xf64>
    %5 = stablehlo.constant dense<[[[(0.0, 0.0), (1.0, 0.0), (2.0, 0.0), (3.0, 0.0)], [(4.0, 0.0), (5.0, 0.0), (6.0, 0.0), (7.0, 0.0)], [(8.0, 0.0), (9.0, 0.0), (10.0, 0.0), (11.0, 0.0)]], [[(12.0, 0.0), (13.0, 0.0), (14.0, 0.0), (15.0, 0.0)], [(16.0, 0.0), (17.0, 0.0), (18.0, 0.0), (19.0, 0.0)], [(20.0, 0.0), (21.0, 0.0), (22.0, 0.0), (23.0, 0.0)]]]> : tensor<2x3x4xcomplex<f32>>
    return %0, %1, %2, %3, %4, %5 : tensor<2x3x4xi1>, tensor<2x3x4xi8>, tensor<2x3x4xui32>, tensor<2x3x4xbf16>, tensor<2x3x4xf64>, tensor<2x3x4xcomplex<f32>>
  }
  func.func private @expected() -> (tensor<4x6xi1>, tensor<4x6xi8>, tensor<4x6xui32>, tensor<4x6xbf16>, tensor<4x6xf64>, tensor<4x6xcomplex<f32>>) {
    %0 = stablehlo.constant dense<[[false, true, false, false, true, false], [false, true, false, false, true, false], [false, true, false, false, true, false], [false, true, false, false, true, false]]> : tensor<4x6xi1>
    %1 = stablehlo.constant dense<[[0, 1, 2, 3, 4, 5], [6, 7, 8, 9, 10, 11], [12, 13, 14, 15, 16, 17], [18, 19, 20, 21, 22, 23]]> : tensor<4x6xi8>
    %2 = stablehlo.constant dense<[[0, 1, 2, 3, 4, 5], [6, 7, 8, 9, 10, 11], [12, 13, 14, 15, 16, 17], [18, 19, 20, 21, 22, 23]]> : tensor<4x6xui32>
    %3 = stablehlo.constant dense<[[0.0, 1.0, 2.0, 3.0, 4.0, 5.0], [6.0, 7.0, 8.0, 9.0, 10.0, 11.0], [12.0, 13.0, 14.0, 15.0, 16.0, 17.0], [18.0, 19.0, 20.0, 21.0, 22.0, 23.0]]> : tensor<4x6xbf16>
    %4 = stablehlo.constant dense<[[0.0, 1.0, 2.0, 3.0, 4.0, 5.0], [6.0, 7.0, 8.0, 9.0, 10.0, 11.0], [12.0, 13.0, 14.0, 15.0, 16.0, 17.0], [18.0, 19.0, 20.0, 21.0, 22.0, 23.0]]> : tensor<4x6xf64>
    %5 = stablehlo.constant dense<[[(0.0, 0.0), (1.0, 0.0), (2.0, 0.0), (3.0, 0.0), (4.0, 0.0), (5.0, 0.0)], [(6.0, 0.0), (7.0, 0.0), (8.0, 0.0), (9.0, 0.0), (10.0, 0.0), (11.0, 0.0)], [(12.0, 0.0), (13.0, 0.0), (14.0, 0.0), (15.0, 0.0), (16.0, 0.0), (17.0, 0.0)], [(18.0, 0.0), (19.0, 0.0), (20.0, 0.0), (21.0, 0.0), (22.0, 0.0), (23.0, 0.0)]]> : tensor<4x6xcomplex<f32>>
    return %0, %1, %2, %3, %4, %5 : tensor<4x6xi1>, tensor<4x6xi8>, tensor<4x6xui32>, tensor<4x6xbf16>, tensor<4x6xf64>, tensor<4x6xcomplex<f32>>
  }
}
