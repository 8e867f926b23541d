// RUN: alpa run %s --no-cache --backend=interpreter
// RUN: alpa run %s --no-cache

// stablehlo.select and stablehlo.clamp

module {
  func.func public @main() {
    %in:30 = call @inputs() : () -> (tensor<3xi1>, tensor<3xi1>, tensor<3xi1>, tensor<3xi8>, tensor<3xi8>, tensor<3xui16>, tensor<3xui16>, tensor<3xi64>, tensor<3xi64>, tensor<3xbf16>, tensor<3xbf16>, tensor<3xf32>, tensor<3xf32>, tensor<3xcomplex<f64>>, tensor<3xcomplex<f64>>, tensor<3xi8>, tensor<i8>, tensor<i8>, tensor<3xui16>, tensor<ui16>, tensor<ui16>, tensor<3xi64>, tensor<i64>, tensor<i64>, tensor<3xf16>, tensor<f16>, tensor<f16>, tensor<3xf64>, tensor<f64>, tensor<f64>)
    %ex:12 = call @expected() : () -> (tensor<3xi1>, tensor<3xi8>, tensor<3xui16>, tensor<3xi64>, tensor<3xbf16>, tensor<3xf32>, tensor<3xcomplex<f64>>, tensor<3xi8>, tensor<3xui16>, tensor<3xi64>, tensor<3xf16>, tensor<3xf64>)
    %r1 = stablehlo.select %in#0, %in#1, %in#2 : tensor<3xi1>, tensor<3xi1>
    stablehlo.custom_call @check.expect_eq(%r1, %ex#0) {has_side_effect = true} : (tensor<3xi1>, tensor<3xi1>) -> ()
    %r2 = stablehlo.select %in#0, %in#3, %in#4 : tensor<3xi1>, tensor<3xi8>
    stablehlo.custom_call @check.expect_eq(%r2, %ex#1) {has_side_effect = true} : (tensor<3xi8>, tensor<3xi8>) -> ()
    %r3 = stablehlo.select %in#0, %in#5, %in#6 : tensor<3xi1>, tensor<3xui16>
    stablehlo.custom_call @check.expect_eq(%r3, %ex#2) {has_side_effect = true} : (tensor<3xui16>, tensor<3xui16>) -> ()
    %r4 = stablehlo.select %in#0, %in#7, %in#8 : tensor<3xi1>, tensor<3xi64>
    stablehlo.custom_call @check.expect_eq(%r4, %ex#3) {has_side_effect = true} : (tensor<3xi64>, tensor<3xi64>) -> ()
    %r5 = stablehlo.select %in#0, %in#9, %in#10 : tensor<3xi1>, tensor<3xbf16>
    stablehlo.custom_call @check.expect_eq(%r5, %ex#4) {has_side_effect = true} : (tensor<3xbf16>, tensor<3xbf16>) -> ()
    %r6 = stablehlo.select %in#0, %in#11, %in#12 : tensor<3xi1>, tensor<3xf32>
    stablehlo.custom_call @check.expect_eq(%r6, %ex#5) {has_side_effect = true} : (tensor<3xf32>, tensor<3xf32>) -> ()
    %r7 = stablehlo.select %in#0, %in#13, %in#14 : tensor<3xi1>, tensor<3xcomplex<f64>>
    stablehlo.custom_call @check.expect_eq(%r7, %ex#6) {has_side_effect = true} : (tensor<3xcomplex<f64>>, tensor<3xcomplex<f64>>) -> ()
    %r8 = stablehlo.clamp %in#16, %in#15, %in#17 : (tensor<i8>, tensor<3xi8>, tensor<i8>) -> tensor<3xi8>
    stablehlo.custom_call @check.expect_eq(%r8, %ex#7) {has_side_effect = true} : (tensor<3xi8>, tensor<3xi8>) -> ()
    %r9 = stablehlo.clamp %in#19, %in#18, %in#20 : (tensor<ui16>, tensor<3xui16>, tensor<ui16>) -> tensor<3xui16>
    stablehlo.custom_call @check.expect_eq(%r9, %ex#8) {has_side_effect = true} : (tensor<3xui16>, tensor<3xui16>) -> ()
    %r10 = stablehlo.clamp %in#22, %in#21, %in#23 : (tensor<i64>, tensor<3xi64>, tensor<i64>) -> tensor<3xi64>
    stablehlo.custom_call @check.expect_eq(%r10, %ex#9) {has_side_effect = true} : (tensor<3xi64>, tensor<3xi64>) -> ()
    %r11 = stablehlo.clamp %in#25, %in#24, %in#26 : (tensor<f16>, tensor<3xf16>, tensor<f16>) -> tensor<3xf16>
    stablehlo.custom_call @check.expect_eq(%r11, %ex#10) {has_side_effect = true} : (tensor<3xf16>, tensor<3xf16>) -> ()
    %r12 = stablehlo.clamp %in#28, %in#27, %in#29 : (tensor<f64>, tensor<3xf64>, tensor<f64>) -> tensor<3xf64>
    stablehlo.custom_call @check.expect_eq(%r12, %ex#11) {has_side_effect = true} : (tensor<3xf64>, tensor<3xf64>) -> ()
    return
  }
  func.func private @inputs() -> (tensor<3xi1>, tensor<3xi1>, tensor<3xi1>, tensor<3xi8>, tensor<3xi8>, tensor<3xui16>, tensor<3xui16>, tensor<3xi64>, tensor<3xi64>, tensor<3xbf16>, tensor<3xbf16>, tensor<3xf32>, tensor<3xf32>, tensor<3xcomplex<f64>>, tensor<3xcomplex<f64>>, tensor<3xi8>, tensor<i8>, tensor<i8>, tensor<3xui16>, tensor<ui16>, tensor<ui16>, tensor<3xi64>, tensor<i64>, tensor<i64>, tensor<3xf16>, tensor<f16>, tensor<f16>, tensor<3xf64>, tensor<f64>, tensor<f64>) {
    %0 = stablehlo.constant dense<[true, false, true]> : tensor<3xi1>
    %1 = stablehlo.constant dense<[true, false, true]> : tensor<3xi1>
    %2 = stablehlo.constant dense<[false, true, false]> : tensor<3xi1>
    %3 = stablehlo.constant dense<[1, 0, 1]> : tensor<3xi8>
    %4 = stablehlo.constant dense<[0, 1, 0]> : tensor<3xi8>
    %5 = stablehlo.constant dense<[1, 0, 1]> : tensor<3xui16>
    %6 = stablehlo.constant dense<[0, 1, 0]> : tensor<3xui16>
    %7 = stablehlo.constant dense<[1, 0, 1]> : tensor<3xi64>
    %8 = stablehlo.constant dense<[0, 1, 0]> : tensor<3xi64>
    %9 = stablehlo.constant dense<[1.0, 0.0, 1.0]> : tensor<3xbf16>
    %10 = stablehlo.constant dense<[0.0, 1.0, 0.0]> : tensor<3xbf16>
    %11 = stablehlo.constant dense<[1.0, 0.0, 1.0]> : tensor<3xf32>
    %12 = stablehlo.constant dense<[0.0, 1.0, 0.0]> : tensor<3xf32>
    %13 = stablehlo.constant dense<[(1.0, 0.0), (0.0, 0.0), (1.0, 0.0)]> : tensor<3xcomplex<f64>>
    %14 = stablehlo.constant dense<[(0.0, 0.0), (1.0, 0.0), (0.0, 0.0)]> : tensor<3xcomplex<f64>>
    %15 = stablehlo.constant dense<[1, 5, 9]> : tensor<3xi8>
    %16 = stablehlo.constant dense<3> : tensor<i8>
    %17 = stablehlo.constant dense<7> : tensor<i8>
    %18 = stablehlo.constant dense<[1, 5, 9]> : tensor<3xui16>
    %19 = stablehlo.constant dense<3> : tensor<ui16>
    %20 = stablehlo.constant dense<7> : tensor<ui16>
    %21 = stablehlo.constant dense<[1, 5, 9]> : tensor<3xi64>
    %22 = stablehlo.constant dense<3> : tensor<i64>
    %23 = stablehlo.constant dense<7> : tensor<i64>
    %24 = stablehlo.constant dense<[1.0, 5.0, 9.0]> : tensor<3xf16>
    %25 = stablehlo.constant dense<3.0> : tensor<f16>
    %26 = stablehlo.constant dense<7.0> : tensor<f16>
    %27 = stablehlo.constant dense<[1.0, 5.0, 9.0]> : tensor<3xf64>
    %28 = stablehlo.constant dense<3.0> : tensor<f64>
    %29 = stablehlo.constant dense<7.0> : tensor<f64>
    return %0, %1, %2, %3, %4, %5, %6, %7, %8, %9, %10, %11, %12, %13, %14, %15, %16, %17, %18, %19, %20, %21, %22, %23, %24, %25, %26, %27, %28, %29 : tensor<3xi1>, tensor<3xi1>, tensor<3xi1>, tensor<3xi8>, tensor<3xi8>, tensor<3xui16>, tensor<3xui16>, tensor<3xi64>, tensor<3xi64>, tensor<3xbf16>, tensor<3xbf16>, tensor<3xf32>, tensor<3xf32>, tensor<3xcomplex<f64>>, tensor<3xcomplex<f64>>, tensor<3xi8>, tensor<i8>, tensor<i8>, tensor<3xui16>, tensor<ui16>, tensor<ui16>, tensor<3xi64>, tensor<i64>, tensor<i64>, tensor<3xf16>, tensor<f16>, tensor<f16>, tensor<3xf64>, tensor<f64>, tensor<f64>
  }
  func.func private @expected() -> (tensor<3xi1>, tensor<3xi8>, tensor<3xui16>, tensor<3xi64>, tensor<3xbf16>, tensor<3xf32>, tensor<3xcomplex<f64>>, tensor<3xi8>, tensor<3xui16>, tensor<3xi64>, tensor<3xf16>, tensor<3xf64>) {
    %0 = stablehlo.constant dense<[true, true, true]> : tensor<3xi1>
    %1 = stablehlo.constant dense<[1, 1, 1]> : tensor<3xi8>
    %2 = stablehlo.constant dense<[1, 1, 1]> : tensor<3xui16>
    %3 = stablehlo.constant dense<[1, 1, 1]> : tensor<3xi64>
    %4 = stablehlo.constant dense<[1.0, 1.0, 1.0]> : tensor<3xbf16>
    %5 = stablehlo.constant dense<[1.0, 1.0, 1.0]> : tensor<3xf32>
    %6 = stablehlo.constant dense<[(1.0, 0.0), (1.0, 0.0), (1.0, 0.0)]> : tensor<3xcomplex<f64>>
    %7 = stablehlo.constant dense<[3, 5, 7]> : tensor<3xi8>
    %8 = stablehlo.constant dense<[3, 5, 7]> : tensor<3xui16>
    %9 = stablehlo.constant dense<[3, 5, 7]> : tensor<3xi64>
    %10 = stablehlo.constant dense<[3.0, 5.0, 7.0]> : tensor<3xf16>
    %11 = stablehlo.constant dense<[3.0, 5.0, 7.0]> : tensor<3xf64>
    return %0, %1, %2, %3, %4, %5, %6, %7, %8, %9, %10, %11 : tensor<3xi1>, tensor<3xi8>, tensor<3xui16>, tensor<3xi64>, tensor<3xbf16>, tensor<3xf32>, tensor<3xcomplex<f64>>, tensor<3xi8>, tensor<3xui16>, tensor<3xi64>, tensor<3xf16>, tensor<3xf64>
  }
}
