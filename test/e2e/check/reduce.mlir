// RUN: alpa run %s --no-cache --backend=interpreter
// RUN: alpa run %s --no-cache

// stablehlo.reduce: sums, products, extremes, logic

module {
  func.func public @main() {
    %in:18 = call @inputs() : () -> (tensor<3x4xi8>, tensor<i8>, tensor<3x4xf32>, tensor<f32>, tensor<3x4xf64>, tensor<f64>, tensor<3x4xui16>, tensor<ui16>, tensor<3x4xbf16>, tensor<bf16>, tensor<3x4xi1>, tensor<i1>, tensor<3x4xi1>, tensor<i1>, tensor<3x4xcomplex<f32>>, tensor<complex<f32>>, tensor<3x4xi32>, tensor<i32>)
    %ex:9 = call @expected() : () -> (tensor<4xi8>, tensor<4xf32>, tensor<4xf64>, tensor<4xui16>, tensor<4xbf16>, tensor<4xi1>, tensor<4xi1>, tensor<4xcomplex<f32>>, tensor<4xi32>)
    %r1 = stablehlo.reduce(%in#0 init: %in#1) applies stablehlo.add across dimensions = [0] : (tensor<3x4xi8>, tensor<i8>) -> tensor<4xi8>
    stablehlo.custom_call @check.expect_eq(%r1, %ex#0) {has_side_effect = true} : (tensor<4xi8>, tensor<4xi8>) -> ()
    %r2 = stablehlo.reduce(%in#2 init: %in#3) applies stablehlo.add across dimensions = [0] : (tensor<3x4xf32>, tensor<f32>) -> tensor<4xf32>
    stablehlo.custom_call @check.expect_eq(%r2, %ex#1) {has_side_effect = true} : (tensor<4xf32>, tensor<4xf32>) -> ()
    %r3 = stablehlo.reduce(%in#4 init: %in#5) applies stablehlo.multiply across dimensions = [0] : (tensor<3x4xf64>, tensor<f64>) -> tensor<4xf64>
    stablehlo.custom_call @check.expect_eq(%r3, %ex#2) {has_side_effect = true} : (tensor<4xf64>, tensor<4xf64>) -> ()
    %r4 = stablehlo.reduce(%in#6 init: %in#7) applies stablehlo.maximum across dimensions = [0] : (tensor<3x4xui16>, tensor<ui16>) -> tensor<4xui16>
    stablehlo.custom_call @check.expect_eq(%r4, %ex#3) {has_side_effect = true} : (tensor<4xui16>, tensor<4xui16>) -> ()
    %r5 = stablehlo.reduce(%in#8 init: %in#9) applies stablehlo.minimum across dimensions = [0] : (tensor<3x4xbf16>, tensor<bf16>) -> tensor<4xbf16>
    stablehlo.custom_call @check.expect_eq(%r5, %ex#4) {has_side_effect = true} : (tensor<4xbf16>, tensor<4xbf16>) -> ()
    %r6 = stablehlo.reduce(%in#10 init: %in#11) applies stablehlo.or across dimensions = [0] : (tensor<3x4xi1>, tensor<i1>) -> tensor<4xi1>
    stablehlo.custom_call @check.expect_eq(%r6, %ex#5) {has_side_effect = true} : (tensor<4xi1>, tensor<4xi1>) -> ()
    %r7 = stablehlo.reduce(%in#12 init: %in#13) applies stablehlo.and across dimensions = [0] : (tensor<3x4xi1>, tensor<i1>) -> tensor<4xi1>
    stablehlo.custom_call @check.expect_eq(%r7, %ex#6) {has_side_effect = true} : (tensor<4xi1>, tensor<4xi1>) -> ()
    %r8 = stablehlo.reduce(%in#14 init: %in#15) applies stablehlo.add across dimensions = [0] : (tensor<3x4xcomplex<f32>>, tensor<complex<f32>>) -> tensor<4xcomplex<f32>>
    stablehlo.custom_call @check.expect_eq(%r8, %ex#7) {has_side_effect = true} : (tensor<4xcomplex<f32>>, tensor<4xcomplex<f32>>) -> ()
    %r9 = stablehlo.reduce(%in#16 init: %in#17) applies stablehlo.xor across dimensions = [0] : (tensor<3x4xi32>, tensor<i32>) -> tensor<4xi32>
    stablehlo.custom_call @check.expect_eq(%r9, %ex#8) {has_side_effect = true} : (tensor<4xi32>, tensor<4xi32>) -> ()
    return
  }
  func.func private @inputs() -> (tensor<3x4xi8>, tensor<i8>, tensor<3x4xf32>, tensor<f32>, tensor<3x4xf64>, tensor<f64>, tensor<3x4xui16>, tensor<ui16>, tensor<3x4xbf16>, tensor<bf16>, tensor<3x4xi1>, tensor<i1>, tensor<3x4xi1>, tensor<i1>, tensor<3x4xcomplex<f32>>, tensor<complex<f32>>, tensor<3x4xi32>, tensor<i32>) {
    %0 = stablehlo.constant dense<[[0, 1, 2, 3], [4, 0, 1, 2], [3, 4, 0, 1]]> : tensor<3x4xi8>
    %1 = stablehlo.constant dense<0> : tensor<i8>
    %2 = stablehlo.constant dense<[[0.0, 1.0, 2.0, 3.0], [4.0, 0.0, 1.0, 2.0], [3.0, 4.0, 0.0, 1.0]]> : tensor<3x4xf32>
    %3 = stablehlo.constant dense<0.0> : tensor<f32>
    %4 = stablehlo.constant dense<[[0.0, 1.0, 2.0, 3.0], [4.0, 0.0, 1.0, 2.0], [3.0, 4.0, 0.0, 1.0]]> : tensor<3x4xf64>
    %5 = stablehlo.constant dense<1.0> : tensor<f64>
    %6 = stablehlo.constant dense<[[0, 1, 2, 3], [4, 0, 1, 2], [3, 4, 0, 1]]> : tensor<3x4xui16>
    %7 = stablehlo.constant dense<0> : tensor<ui16>
    %8 = stablehlo.constant dense<[[0.0, 1.0, 2.0, 3.0], [4.0, 0.0, 1.0, 2.0], [3.0, 4.0, 0.0, 1.0]]> : tensor<3x4xbf16>
    %9 = stablehlo.constant dense<9.0> : tensor<bf16>
    %10 = stablehlo.constant dense<[[false, false, false, false], [true, false, false, false], [false, true, false, false]]> : tensor<3x4xi1>
    %11 = stablehlo.constant dense<false> : tensor<i1>
    %12 = stablehlo.constant dense<[[false, false, false, false], [true, false, false, false], [false, true, false, false]]> : tensor<3x4xi1>
    %13 = stablehlo.constant dense<true> : tensor<i1>
    %14 = stablehlo.constant dense<[[(0.0, 0.0), (1.0, 0.0), (2.0, 0.0), (3.0, 0.0)], [(4.0, 0.0), (0.0, 0.0), (1.0, 0.0), (2.0, 0.0)], [(3.0, 0.0), (4.0, 0.0), (0.0, 0.0), (1.0, 0.0)]]> : tensor<3x4xcomplex<f32>>
    %15 = stablehlo.constant dense<(0.0, 0.0)> : tensor<complex<f32>>
    %16 = stablehlo.constant dense<[[0, 1, 2, 3], [4, 0, 1, 2], [3, 4, 0, 1]]> : tensor<3x4xi32>
    %17 = stablehlo.constant dense<0> : tensor<i32>
    return %0, %1, %2, %3, %4, %5, %6, %7, %8, %9, %10, %11, %12, %13, %14, %15, %16, %17 : tensor<3x4xi8>, tensor<i8>, tensor<3x4xf32>, tensor<f32>, tensor<3x4xf64>, tensor<f64>, tensor<3x4xui16>, tensor<ui16>, tensor<3x4xbf16>, tensor<bf16>, tensor<3x4xi1>, tensor<i1>, tensor<3x4xi1>, tensor<i1>, tensor<3x4xcomplex<f32>>, tensor<complex<f32>>, tensor<3x4xi32>, tensor<i32>
  }
  func.func private @expected() -> (tensor<4xi8>, tensor<4xf32>, tensor<4xf64>, tensor<4xui16>, tensor<4xbf16>, tensor<4xi1>, tensor<4xi1>, tensor<4xcomplex<f32>>, tensor<4xi32>) {
    %0 = stablehlo.constant dense<[7, 5, 3, 6]> : tensor<4xi8>
    %1 = stablehlo.constant dense<[7.0, 5.0, 3.0, 6.0]> : tensor<4xf32>
    %2 = stablehlo.constant dense<[0.0, 0.0, 0.0, 6.0]> : tensor<4xf64>
    %3 = stablehlo.constant dense<[4, 4, 2, 3]> : tensor<4xui16>
    %4 = stablehlo.constant dense<[0.0, 0.0, 0.0, 1.0]> : tensor<4xbf16>
    %5 = stablehlo.constant dense<[true, true, false, false]> : tensor<4xi1>
    %6 = stablehlo.constant dense<[false, false, false, false]> : tensor<4xi1>
    %7 = stablehlo.constant dense<[(7.0, 0.0), (5.0, 0.0), (3.0, 0.0), (6.0, 0.0)]> : tensor<4xcomplex<f32>>
    %8 = stablehlo.constant dense<[7, 5, 3, 0]> : tensor<4xi32>
    return %0, %1, %2, %3, %4, %5, %6, %7, %8 : tensor<4xi8>, tensor<4xf32>, tensor<4xf64>, tensor<4xui16>, tensor<4xbf16>, tensor<4xi1>, tensor<4xi1>, tensor<4xcomplex<f32>>, tensor<4xi32>
  }
}
