// RUN: alpa run %s --no-cache --backend=interpreter
// RUN: alpa run %s --no-cache

// stablehlo.negate

module {
  func.func public @main() {
    %in:14 = call @inputs() : () -> (tensor<5xi8>, tensor<5xi16>, tensor<5xi32>, tensor<5xi64>, tensor<5xui8>, tensor<5xui16>, tensor<5xui32>, tensor<5xui64>, tensor<4xf16>, tensor<4xbf16>, tensor<4xf32>, tensor<4xf64>, tensor<4xcomplex<f32>>, tensor<4xcomplex<f64>>)
    %ex:14 = call @expected() : () -> (tensor<5xi8>, tensor<5xi16>, tensor<5xi32>, tensor<5xi64>, tensor<5xui8>, tensor<5xui16>, tensor<5xui32>, tensor<5xui64>, tensor<4xf16>, tensor<4xbf16>, tensor<4xf32>, tensor<4xf64>, tensor<4xcomplex<f32>>, tensor<4xcomplex<f64>>)
    %r1 = stablehlo.negate %in#0 : tensor<5xi8>
    stablehlo.custom_call @check.expect_eq(%r1, %ex#0) {has_side_effect = true} : (tensor<5xi8>, tensor<5xi8>) -> ()
    %r2 = stablehlo.negate %in#1 : tensor<5xi16>
    stablehlo.custom_call @check.expect_eq(%r2, %ex#1) {has_side_effect = true} : (tensor<5xi16>, tensor<5xi16>) -> ()
    %r3 = stablehlo.negate %in#2 : tensor<5xi32>
    stablehlo.custom_call @check.expect_eq(%r3, %ex#2) {has_side_effect = true} : (tensor<5xi32>, tensor<5xi32>) -> ()
    %r4 = stablehlo.negate %in#3 : tensor<5xi64>
    stablehlo.custom_call @check.expect_eq(%r4, %ex#3) {has_side_effect = true} : (tensor<5xi64>, tensor<5xi64>) -> ()
    %r5 = stablehlo.negate %in#4 : tensor<5xui8>
    stablehlo.custom_call @check.expect_eq(%r5, %ex#4) {has_side_effect = true} : (tensor<5xui8>, tensor<5xui8>) -> ()
    %r6 = stablehlo.negate %in#5 : tensor<5xui16>
    stablehlo.custom_call @check.expect_eq(%r6, %ex#5) {has_side_effect = true} : (tensor<5xui16>, tensor<5xui16>) -> ()
    %r7 = stablehlo.negate %in#6 : tensor<5xui32>
    stablehlo.custom_call @check.expect_eq(%r7, %ex#6) {has_side_effect = true} : (tensor<5xui32>, tensor<5xui32>) -> ()
    %r8 = stablehlo.negate %in#7 : tensor<5xui64>
    stablehlo.custom_call @check.expect_eq(%r8, %ex#7) {has_side_effect = true} : (tensor<5xui64>, tensor<5xui64>) -> ()
    %r9 = stablehlo.negate %in#8 : tensor<4xf16>
    stablehlo.custom_call @check.expect_eq(%r9, %ex#8) {has_side_effect = true} : (tensor<4xf16>, tensor<4xf16>) -> ()
    %r10 = stablehlo.negate %in#9 : tensor<4xbf16>
    stablehlo.custom_call @check.expect_eq(%r10, %ex#9) {has_side_effect = true} : (tensor<4xbf16>, tensor<4xbf16>) -> ()
    %r11 = stablehlo.negate %in#10 : tensor<4xf32>
    stablehlo.custom_call @check.expect_eq(%r11, %ex#10) {has_side_effect = true} : (tensor<4xf32>, tensor<4xf32>) -> ()
    %r12 = stablehlo.negate %in#11 : tensor<4xf64>
    stablehlo.custom_call @check.expect_eq(%r12, %ex#11) {has_side_effect = true} : (tensor<4xf64>, tensor<4xf64>) -> ()
    %r13 = stablehlo.negate %in#12 : tensor<4xcomplex<f32>>
    stablehlo.custom_call @check.expect_eq(%r13, %ex#12) {has_side_effect = true} : (tensor<4xcomplex<f32>>, tensor<4xcomplex<f32>>) -> ()
    %r14 = stablehlo.negate %in#13 : tensor<4xcomplex<f64>>
    stablehlo.custom_call @check.expect_eq(%r14, %ex#13) {has_side_effect = true} : (tensor<4xcomplex<f64>>, tensor<4xcomplex<f64>>) -> ()
    return
  }
  func.func private @inputs() -> (tensor<5xi8>, tensor<5xi16>, tensor<5xi32>, tensor<5xi64>, tensor<5xui8>, tensor<5xui16>, tensor<5xui32>, tensor<5xui64>, tensor<4xf16>, tensor<4xbf16>, tensor<4xf32>, tensor<4xf64>, tensor<4xcomplex<f32>>, tensor<4xcomplex<f64>>) {
    %0 = stablehlo.constant dense<[-128, 127, 3, 7, 42]> : tensor<5xi8>
    %1 = stablehlo.constant dense<[-32768, 32767, 3, 7, 10922]> : tensor<5xi16>
    %2 = stablehlo.constant dense<[-2147483648, 2147483647, 3, 7, 715827882]> : tensor<5xi32>
    %3 = stablehlo.constant dense<[-9223372036854775808, 9223372036854775807, 3, 7, 3074457345618258602]> : tensor<5xi64>
    %4 = stablehlo.constant dense<[0, 255, 3, 7, 85]> : tensor<5xui8>
    %5 = stablehlo.constant dense<[0, 65535, 3, 7, 21845]> : tensor<5xui16>
    %6 = stablehlo.constant dense<[0, 4294967295, 3, 7, 1431655765]> : tensor<5xui32>
    %7 = stablehlo.constant dense<[0, 18446744073709551615, 3, 7, 6148914691236517205]> : tensor<5xui64>
    %8 = stablehlo.constant dense<[-2.5, -0.5, 0.75, 3.0]> : tensor<4xf16>
    %9 = stablehlo.constant dense<[-2.5, -0.5, 0.75, 3.0]> : tensor<4xbf16>
    %10 = stablehlo.constant dense<[-2.5, -0.5, 0.75, 3.0]> : tensor<4xf32>
    %11 = stablehlo.constant dense<[-2.5, -0.5, 0.75, 3.0]> : tensor<4xf64>
    %12 = stablehlo.constant dense<[(0.5, 0.25), (-1.5, 0.75), (2.0, -1.0), (0.125, -3.0)]> : tensor<4xcomplex<f32>>
    %13 = stablehlo.constant dense<[(0.5, 0.25), (-1.5, 0.75), (2.0, -1.0), (0.125, -3.0)]> : tensor<4xcomplex<f64>>
    return %0, %1, %2, %3, %4, %5, %6, %7, %8, %9, %10, %11, %12, %13 : tensor<5xi8>, tensor<5xi16>, tensor<5xi32>, tensor<5xi64>, tensor<5xui8>, tensor<5xui16>, tensor<5xui32>, tensor<5xui64>, tensor<4xf16>, tensor<4xbf16>, tensor<4xf32>, tensor<4xf64>, tensor<4xcomplex<f32>>, tensor<4xcomplex<f64>>
  }
  func.func private @expected() -> (tensor<5xi8>, tensor<5xi16>, tensor<5xi32>, tensor<5xi64>, tensor<5xui8>, tensor<5xui16>, tensor<5xui32>, tensor<5xui64>, tensor<4xf16>, tensor<4xbf16>, tensor<4xf32>, tensor<4xf64>, tensor<4xcomplex<f32>>, tensor<4xcomplex<f64>>) {
    %0 = stablehlo.constant dense<[-128, -127, -3, -7, -42]> : tensor<5xi8>
    %1 = stablehlo.constant dense<[-32768, -32767, -3, -7, -10922]> : tensor<5xi16>
    %2 = stablehlo.constant dense<[-2147483648, -2147483647, -3, -7, -715827882]> : tensor<5xi32>
    %3 = stablehlo.constant dense<[-9223372036854775808, -9223372036854775807, -3, -7, -3074457345618258602]> : tensor<5xi64>
    %4 = stablehlo.constant dense<[0, 1, 253, 249, 171]> : tensor<5xui8>
    %5 = stablehlo.constant dense<[0, 1, 65533, 65529, 43691]> : tensor<5xui16>
    %6 = stablehlo.constant dense<[0, 1, 4294967293, 4294967289, 2863311531]> : tensor<5xui32>
    %7 = stablehlo.constant dense<[0, 1, 18446744073709551613, 18446744073709551609, 12297829382473034411]> : tensor<5xui64>
    %8 = stablehlo.constant dense<[2.5, 0.5, -0.75, -3.0]> : tensor<4xf16>
    %9 = stablehlo.constant dense<[2.5, 0.5, -0.75, -3.0]> : tensor<4xbf16>
    %10 = stablehlo.constant dense<[2.5, 0.5, -0.75, -3.0]> : tensor<4xf32>
    %11 = stablehlo.constant dense<[2.5, 0.5, -0.75, -3.0]> : tensor<4xf64>
    %12 = stablehlo.constant dense<[(-0.5, -0.25), (1.5, -0.75), (-2.0, 1.0), (-0.125, 3.0)]> : tensor<4xcomplex<f32>>
    %13 = stablehlo.constant dense<[(-0.5, -0.25), (1.5, -0.75), (-2.0, 1.0), (-0.125, 3.0)]> : tensor<4xcomplex<f64>>
    return %0, %1, %2, %3, %4, %5, %6, %7, %8, %9, %10, %11, %12, %13 : tensor<5xi8>, tensor<5xi16>, tensor<5xi32>, tensor<5xi64>, tensor<5xui8>, tensor<5xui16>, tensor<5xui32>, tensor<5xui64>, tensor<4xf16>, tensor<4xbf16>, tensor<4xf32>, tensor<4xf64>, tensor<4xcomplex<f32>>, tensor<4xcomplex<f64>>
  }
}
