// RUN: alpa run %s --no-cache --backend=interpreter
// RUN: alpa run %s --no-cache

// stablehlo.slice with strides

module {
  func.func public @main() {
    %in:6 = call @inputs() : () -> (tensor<2x3x4xi1>, tensor<2x3x4xi8>, tensor<2x3x4xui32>, tensor<2x3x4xbf16>, tensor<2x3x4xf64>, tensor<2x3x4xcomplex<f32>>)
    %ex:6 = call @expected() : () -> (tensor<2x2x2xi1>, tensor<2x2x2xi8>, tensor<2x2x2xui32>, tensor<2x2x2xbf16>, tensor<2x2x2xf64>, tensor<2x2x2xcomplex<f32>>)
    %r1 = stablehlo.slice %in#0 [0:2, 1:3, 0:4:3] : (tensor<2x3x4xi1>) -> tensor<2x2x2xi1>
    stablehlo.custom_call @check.expect_eq(%r1, %ex#0) {has_side_effect = true} : (tensor<2x2x2xi1>, tensor<2x2x2xi1>) -> ()
    %r2 = stablehlo.slice %in#1 [0:2, 1:3, 0:4:3] : (tensor<2x3x4xi8>) -> tensor<2x2x2xi8>
    stablehlo.custom_call @check.expect_eq(%r2, %ex#1) {has_side_effect = true} : (tensor<2x2x2xi8>, tensor<2x2x2xi8>) -> ()
    %r3 = stablehlo.slice %in#2 [0:2, 1:3, 0:4:3] : (tensor<2x3x4xui32>) -> tensor<2x2x2xui32>
    stablehlo.custom_call @check.expect_eq(%r3, %ex#2) {has_side_effect = true} : (tensor<2x2x2xui32>, tensor<2x2x2xui32>) -> ()
    %r4 = stablehlo.slice %in#3 [0:2, 1:3, 0:4:3] : (tensor<2x3x4xbf16>) -> tensor<2x2x2xbf16>
    stablehlo.custom_call @check.expect_eq(%r4, %ex#3) {has_side_effect = true} : (tensor<2x2x2xbf16>, tensor<2x2x2xbf16>) -> ()
    %r5 = stablehlo.slice %in#4 [0:2, 1:3, 0:4:3] : (tensor<2x3x4xf64>) -> tensor<2x2x2xf64>
    stablehlo.custom_call @check.expect_eq(%r5, %ex#4) {has_side_effect = true} : (tensor<2x2x2xf64>, tensor<2x2x2xf64>) -> ()
    %r6 = stablehlo.slice %in#5 [0:2, 1:3, 0:4:3] : (tensor<2x3x4xcomplex<f32>>) -> tensor<2x2x2xcomplex<f32>>
    stablehlo.custom_call @check.expect_eq(%r6, %ex#5) {has_side_effect = true} : (tensor<2x2x2xcomplex<f32>>, tensor<2x2x2xcomplex<f32>>) -> ()
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
  func.func private @expected() -> (tensor<2x2x2xi1>, tensor<2x2x2xi8>, tensor<2x2x2xui32>, tensor<2x2x2xbf16>, tensor<2x2x2xf64>, tensor<2x2x2xcomplex<f32>>) {
    %0 = stablehlo.constant dense<[[[true, true], [false, false]], [[true, true], [false, false]]]> : tensor<2x2x2xi1>
    %1 = stablehlo.constant dense<[[[4, 7], [8, 11]], [[16, 19], [20, 23]]]> : tensor<2x2x2xi8>
    %2 = stablehlo.constant dense<[[[4, 7], [8, 11]], [[16, 19], [20, 23]]]> : tensor<2x2x2xui32>
    %3 = stablehlo.constant dense<[[[4.0, 7.0], [8.0, 11.0]], [[16.0, 19.0], [20.0, 23.0]]]> : tensor<2x2x2xbf16>
    %4 = stablehlo.constant dense<[[[4.0, 7.0], [8.0, 11.0]], [[16.0, 19.0], [20.0, 23.0]]]> : tensor<2x2x2xf64>
    %5 = stablehlo.constant dense<[[[(4.0, 0.0), (7.0, 0.0)], [(8.0, 0.0), (11.0, 0.0)]], [[(16.0, 0.0), (19.0, 0.0)], [(20.0, 0.0), (23.0, 0.0)]]]> : tensor<2x2x2xcomplex<f32>>
    return %0, %1, %2, %3, %4, %5 : tensor<2x2x2xi1>, tensor<2x2x2xi8>, tensor<2x2x2xui32>, tensor<2x2x2xbf16>, tensor<2x2x2xf64>, tensor<2x2x2xcomplex<f32>>
  }
}
