// RUN: alpa run %s --no-cache --backend=interpreter
// RUN: alpa run %s --no-cache

// stablehlo.minimum

module {
  func.func public @main() {
    %in:26 = call @inputs() : () -> (tensor<4xi1>, tensor<4xi1>, tensor<5xi8>, tensor<5xi8>, tensor<5xi16>, tensor<5xi16>, tensor<5xi32>, tensor<5xi32>, tensor<5xi64>, tensor<5xi64>, tensor<5xui8>, tensor<5xui8>, tensor<5xui16>, tensor<5xui16>, tensor<5xui32>, tensor<5xui32>, tensor<5xui64>, tensor<5xui64>, tensor<4xf16>, tensor<4xf16>, tensor<4xbf16>, tensor<4xbf16>, tensor<4xf32>, tensor<4xf32>, tensor<4xf64>, tensor<4xf64>)
    %ex:13 = call @expected() : () -> (tensor<4xi1>, tensor<5xi8>, tensor<5xi16>, tensor<5xi32>, tensor<5xi64>, tensor<5xui8>, tensor<5xui16>, tensor<5xui32>, tensor<5xui64>, tensor<4xf16>, tensor<4xbf16>, tensor<4xf32>, tensor<4xf64>)
    %r1 = stablehlo.minimum %in#0, %in#1 : tensor<4xi1>
    stablehlo.custom_call @check.expect_eq(%r1, %ex#0) {has_side_effect = true} : (tensor<4xi1>, tensor<4xi1>) -> ()
    %r2 = stablehlo.minimum %in#2, %in#3 : tensor<5xi8>
    stablehlo.custom_call @check.expect_eq(%r2, %ex#1) {has_side_effect = true} : (tensor<5xi8>, tensor<5xi8>) -> ()
    %r3 = stablehlo.minimum %in#4, %in#5 : tensor<5xi16>
    stablehlo.custom_call @check.expect_eq(%r3, %ex#2) {has_side_effect = true} : (tensor<5xi16>, tensor<5xi16>) -> ()
    %r4 = stablehlo.minimum %in#6, %in#7 : tensor<5xi32>
    stablehlo.custom_call @check.expect_eq(%r4, %ex#3) {has_side_effect = true} : (tensor<5xi32>, tensor<5xi32>) -> ()
    %r5 = stablehlo.minimum %in#8, %in#9 : tensor<5xi64>
    stablehlo.custom_call @check.expect_eq(%r5, %ex#4) {has_side_effect = true} : (tensor<5xi64>, tensor<5xi64>) -> ()
    %r6 = stablehlo.minimum %in#10, %in#11 : tensor<5xui8>
    stablehlo.custom_call @check.expect_eq(%r6, %ex#5) {has_side_effect = true} : (tensor<5xui8>, tensor<5xui8>) -> ()
    %r7 = stablehlo.minimum %in#12, %in#13 : tensor<5xui16>
    stablehlo.custom_call @check.expect_eq(%r7, %ex#6) {has_side_effect = true} : (tensor<5xui16>, tensor<5xui16>) -> ()
    %r8 = stablehlo.minimum %in#14, %in#15 : tensor<5xui32>
    stablehlo.custom_call @check.expect_eq(%r8, %ex#7) {has_side_effect = true} : (tensor<5xui32>, tensor<5xui32>) -> ()
    %r9 = stablehlo.minimum %in#16, %in#17 : tensor<5xui64>
    stablehlo.custom_call @check.expect_eq(%r9, %ex#8) {has_side_effect = true} : (tensor<5xui64>, tensor<5xui64>) -> ()
    %r10 = stablehlo.minimum %in#18, %in#19 : tensor<4xf16>
    stablehlo.custom_call @check.expect_eq(%r10, %ex#9) {has_side_effect = true} : (tensor<4xf16>, tensor<4xf16>) -> ()
    %r11 = stablehlo.minimum %in#20, %in#21 : tensor<4xbf16>
    stablehlo.custom_call @check.expect_eq(%r11, %ex#10) {has_side_effect = true} : (tensor<4xbf16>, tensor<4xbf16>) -> ()
    %r12 = stablehlo.minimum %in#22, %in#23 : tensor<4xf32>
    stablehlo.custom_call @check.expect_eq(%r12, %ex#11) {has_side_effect = true} : (tensor<4xf32>, tensor<4xf32>) -> ()
    %r13 = stablehlo.minimum %in#24, %in#25 : tensor<4xf64>
    stablehlo.custom_call @check.expect_eq(%r13, %ex#12) {has_side_effect = true} : (tensor<4xf64>, tensor<4xf64>) -> ()
    return
  }
  func.func private @inputs() -> (tensor<4xi1>, tensor<4xi1>, tensor<5xi8>, tensor<5xi8>, tensor<5xi16>, tensor<5xi16>, tensor<5xi32>, tensor<5xi32>, tensor<5xi64>, tensor<5xi64>, tensor<5xui8>, tensor<5xui8>, tensor<5xui16>, tensor<5xui16>, tensor<5xui32>, tensor<5xui32>, tensor<5xui64>, tensor<5xui64>, tensor<4xf16>, tensor<4xf16>, tensor<4xbf16>, tensor<4xbf16>, tensor<4xf32>, tensor<4xf32>, tensor<4xf64>, tensor<4xf64>) {
    %0 = stablehlo.constant dense<[false, false, true, true]> : tensor<4xi1>
    %1 = stablehlo.constant dense<[false, true, false, true]> : tensor<4xi1>
    %2 = stablehlo.constant dense<[-128, 127, 3, 7, 42]> : tensor<5xi8>
    %3 = stablehlo.constant dense<[2, 5, -3, 1, 4]> : tensor<5xi8>
    %4 = stablehlo.constant dense<[-32768, 32767, 3, 7, 10922]> : tensor<5xi16>
    %5 = stablehlo.constant dense<[2, 5, -3, 1, 4]> : tensor<5xi16>
    %6 = stablehlo.constant dense<[-2147483648, 2147483647, 3, 7, 715827882]> : tensor<5xi32>
    %7 = stablehlo.constant dense<[2, 5, -3, 1, 4]> : tensor<5xi32>
    %8 = stablehlo.constant dense<[-9223372036854775808, 9223372036854775807, 3, 7, 3074457345618258602]> : tensor<5xi64>
    %9 = stablehlo.constant dense<[2, 5, -3, 1, 4]> : tensor<5xi64>
    %10 = stablehlo.constant dense<[0, 255, 3, 7, 85]> : tensor<5xui8>
    %11 = stablehlo.constant dense<[2, 5, 3, 1, 4]> : tensor<5xui8>
    %12 = stablehlo.constant dense<[0, 65535, 3, 7, 21845]> : tensor<5xui16>
    %13 = stablehlo.constant dense<[2, 5, 3, 1, 4]> : tensor<5xui16>
    %14 = stablehlo.constant dense<[0, 4294967295, 3, 7, 1431655765]> : tensor<5xui32>
    %15 = stablehlo.constant dense<[2, 5, 3, 1, 4]> : tensor<5xui32>
    %16 = stablehlo.constant dense<[0, 18446744073709551615, 3, 7, 6148914691236517205]> : tensor<5xui64>
    %17 = stablehlo.constant dense<[2, 5, 3, 1, 4]> : tensor<5xui64>
    %18 = stablehlo.constant dense<[-2.5, -0.5, 0.75, 3.0]> : tensor<4xf16>
    %19 = stablehlo.constant dense<[1.5, -0.25, 2.0, -3.0]> : tensor<4xf16>
    %20 = stablehlo.constant dense<[-2.5, -0.5, 0.75, 3.0]> : tensor<4xbf16>
    %21 = stablehlo.constant dense<[1.5, -0.25, 2.0, -3.0]> : tensor<4xbf16>
    %22 = stablehlo.constant dense<[-2.5, -0.5, 0.75, 3.0]> : tensor<4xf32>
    %23 = stablehlo.constant dense<[1.5, -0.25, 2.0, -3.0]> : tensor<4xf32>
    %24 = stablehlo.constant dense<[-2.5, -0.5, 0.75, 3.0]> : tensor<4xf64>
    %25 = stablehlo.constant dense<[1.5, -0.25, 2.0, -3.0]> : tensor<4xf64>
    return %0, %1, %2, %3, %4, %5, %6, %7, %8, %9, %10, %11, %12, %13, %14, %15, %16, %17, %18, %19, %20, %21, %22, %23, %24, %25 : tensor<4xi1>, tensor<4xi1>, tensor<5xi8>, tensor<5xi8>, tensor<5xi16>, tensor<5xi16>, tensor<5xi32>, tensor<5xi32>, tensor<5xi64>, tensor<5xi64>, tensor<5xui8>, tensor<5xui8>, tensor<5xui16>, tensor<5xui16>, tensor<5xui32>, tensor<5xui32>, tensor<5xui64>, tensor<5xui64>, tensor<4xf16>, tensor<4xf16>, tensor<4xbf16>, tensor<4xbf16>, tensor<4xf32>, tensor<4xf32>, tensor<4xf64>, tensor<4xf64>
  }
  func.func private @expected() -> (tensor<4xi1>, tensor<5xi8>, tensor<5xi16>, tensor<5xi32>, tensor<5xi64>, tensor<5xui8>, tensor<5xui16>, tensor<5xui32>, tensor<5xui64>, tensor<4xf16>, tensor<4xbf16>, tensor<4xf32>, tensor<4xf64>) {
    %0 = stablehlo.constant dense<[false, false, false, true]> : tensor<4xi1>
    %1 = stablehlo.constant dense<[-128, 5, -3, 1, 4]> : tensor<5xi8>
    %2 = stablehlo.constant dense<[-32768, 5, -3, 1, 4]> : tensor<5xi16>
    %3 = stablehlo.constant dense<[-2147483648, 5, -3, 1, 4]> : tensor<5xi32>
    %4 = stablehlo.constant dense<[-9223372036854775808, 5, -3, 1, 4]> : tensor<5xi64>
    %5 = stablehlo.constant dense<[0, 5, 3, 1, 4]> : tensor<5xui8>
    %6 = stablehlo.constant dense<[0, 5, 3, 1, 4]> : tensor<5xui16>
    %7 = stablehlo.constant dense<[0, 5, 3, 1, 4]> : tensor<5xui32>
    %8 = stablehlo.constant dense<[0, 5, 3, 1, 4]> : tensor<5xui64>
    %9 = stablehlo.constant dense<[-2.5, -0.5, 0.75, -3.0]> : tensor<4xf16>
    %10 = stablehlo.constant dense<[-2.5, -0.5, 0.75, -3.0]> : tensor<4xbf16>
    %11 = stablehlo.constant dense<[-2.5, -0.5, 0.75, -3.0]> : tensor<4xf32>
    %12 = stablehlo.constant dense<[-2.5, -0.5, 0.75, -3.0]> : tensor<4xf64>
    return %0, %1, %2, %3, %4, %5, %6, %7, %8, %9, %10, %11, %12 : tensor<4xi1>, tensor<5xi8>, tensor<5xi16>, tensor<5xi32>, tensor<5xi64>, tensor<5xui8>, tensor<5xui16>, tensor<5xui32>, tensor<5xui64>, tensor<4xf16>, tensor<4xbf16>, tensor<4xf32>, tensor<4xf64>
  }
}
