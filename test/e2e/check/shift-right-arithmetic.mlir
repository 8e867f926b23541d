// RUN: alpa run %s --no-cache --backend=interpreter
// RUN: alpa run %s --no-cache

// stablehlo.shift_right_arithmetic

module {
  func.func public @main() {
    %in:16 = call @inputs() : () -> (tensor<5xi8>, tensor<5xi8>, tensor<5xi16>, tensor<5xi16>, tensor<5xi32>, tensor<5xi32>, tensor<5xi64>, tensor<5xi64>, tensor<5xui8>, tensor<5xui8>, tensor<5xui16>, tensor<5xui16>, tensor<5xui32>, tensor<5xui32>, tensor<5xui64>, tensor<5xui64>)
    %ex:8 = call @expected() : () -> (tensor<5xi8>, tensor<5xi16>, tensor<5xi32>, tensor<5xi64>, tensor<5xui8>, tensor<5xui16>, tensor<5xui32>, tensor<5xui64>)
    %r1 = stablehlo.shift_right_arithmetic %in#0, %in#1 : tensor<5xi8>
    stablehlo.custom_call @check.expect_eq(%r1, %ex#0) {has_side_effect = true} : (tensor<5xi8>, tensor<5xi8>) -> ()
    %r2 = stablehlo.shift_right_arithmetic %in#2, %in#3 : tensor<5xi16>
    stablehlo.custom_call @check.expect_eq(%r2, %ex#1) {has_side_effect = true} : (tensor<5xi16>, tensor<5xi16>) -> ()
    %r3 = stablehlo.shift_right_arithmetic %in#4, %in#5 : tensor<5xi32>
    stablehlo.custom_call @check.expect_eq(%r3, %ex#2) {has_side_effect = true} : (tensor<5xi32>, tensor<5xi32>) -> ()
    %r4 = stablehlo.shift_right_arithmetic %in#6, %in#7 : tensor<5xi64>
    stablehlo.custom_call @check.expect_eq(%r4, %ex#3) {has_side_effect = true} : (tensor<5xi64>, tensor<5xi64>) -> ()
    %r5 = stablehlo.shift_right_arithmetic %in#8, %in#9 : tensor<5xui8>
    stablehlo.custom_call @check.expect_eq(%r5, %ex#4) {has_side_effect = true} : (tensor<5xui8>, tensor<5xui8>) -> ()
    %r6 = stablehlo.shift_right_arithmetic %in#10, %in#11 : tensor<5xui16>
    stablehlo.custom_call @check.expect_eq(%r6, %ex#5) {has_side_effect = true} : (tensor<5xui16>, tensor<5xui16>) -> ()
    %r7 = stablehlo.shift_right_arithmetic %in#12, %in#13 : tensor<5xui32>
    stablehlo.custom_call @check.expect_eq(%r7, %ex#6) {has_side_effect = true} : (tensor<5xui32>, tensor<5xui32>) -> ()
    %r8 = stablehlo.shift_right_arithmetic %in#14, %in#15 : tensor<5xui64>
    stablehlo.custom_call @check.expect_eq(%r8, %ex#7) {has_side_effect = true} : (tensor<5xui64>, tensor<5xui64>) -> ()
    return
  }
  func.func private @inputs() -> (tensor<5xi8>, tensor<5xi8>, tensor<5xi16>, tensor<5xi16>, tensor<5xi32>, tensor<5xi32>, tensor<5xi64>, tensor<5xi64>, tensor<5xui8>, tensor<5xui8>, tensor<5xui16>, tensor<5xui16>, tensor<5xui32>, tensor<5xui32>, tensor<5xui64>, tensor<5xui64>) {
    %0 = stablehlo.constant dense<[-128, 127, 3, 7, 42]> : tensor<5xi8>
    %1 = stablehlo.constant dense<[1, 7, 0, 8, 2]> : tensor<5xi8>
    %2 = stablehlo.constant dense<[-32768, 32767, 3, 7, 10922]> : tensor<5xi16>
    %3 = stablehlo.constant dense<[1, 7, 0, 16, 2]> : tensor<5xi16>
    %4 = stablehlo.constant dense<[-2147483648, 2147483647, 3, 7, 715827882]> : tensor<5xi32>
    %5 = stablehlo.constant dense<[1, 7, 0, 32, 2]> : tensor<5xi32>
    %6 = stablehlo.constant dense<[-9223372036854775808, 9223372036854775807, 3, 7, 3074457345618258602]> : tensor<5xi64>
    %7 = stablehlo.constant dense<[1, 7, 0, 64, 2]> : tensor<5xi64>
    %8 = stablehlo.constant dense<[0, 255, 3, 7, 85]> : tensor<5xui8>
    %9 = stablehlo.constant dense<[1, 7, 0, 8, 2]> : tensor<5xui8>
    %10 = stablehlo.constant dense<[0, 65535, 3, 7, 21845]> : tensor<5xui16>
    %11 = stablehlo.constant dense<[1, 7, 0, 16, 2]> : tensor<5xui16>
    %12 = stablehlo.constant dense<[0, 4294967295, 3, 7, 1431655765]> : tensor<5xui32>
    %13 = stablehlo.constant dense<[1, 7, 0, 32, 2]> : tensor<5xui32>
    %14 = stablehlo.constant dense<[0, 18446744073709551615, 3, 7, 6148914691236517205]> : tensor<5xui64>
    %15 = stablehlo.constant dense<[1, 7, 0, 64, 2]> : tensor<5xui64>
    return %0, %1, %2, %3, %4, %5, %6, %7, %8, %9, %10, %11, %12, %13, %14, %15 : tensor<5xi8>, tensor<5xi8>, tensor<5xi16>, tensor<5xi16>, tensor<5xi32>, tensor<5xi32>, tensor<5xi64>, tensor<5xi64>, tensor<5xui8>, tensor<5xui8>, tensor<5xui16>, tensor<5xui16>, tensor<5xui32>, tensor<5xui32>, tensor<5xui64>, tensor<5xui64>
  }
  func.func private @expected() -> (tensor<5xi8>, tensor<5xi16>, tensor<5xi32>, tensor<5xi64>, tensor<5xui8>, tensor<5xui16>, tensor<5xui32>, tensor<5xui64>) {
    %0 = stablehlo.constant dense<[-64, 0, 3, 0, 10]> : tensor<5xi8>
    %1 = stablehlo.constant dense<[-16384, 255, 3, 0, 2730]> : tensor<5xi16>
    %2 = stablehlo.constant dense<[-1073741824, 16777215, 3, 0, 178956970]> : tensor<5xi32>
    %3 = stablehlo.constant dense<[-4611686018427387904, 72057594037927935, 3, 0, 768614336404564650]> : tensor<5xi64>
    %4 = stablehlo.constant dense<[0, 255, 3, 0, 21]> : tensor<5xui8>
    %5 = stablehlo.constant dense<[0, 65535, 3, 0, 5461]> : tensor<5xui16>
    %6 = stablehlo.constant dense<[0, 4294967295, 3, 0, 357913941]> : tensor<5xui32>
    %7 = stablehlo.constant dense<[0, 18446744073709551615, 3, 0, 1537228672809129301]> : tensor<5xui64>
    return %0, %1, %2, %3, %4, %5, %6, %7 : tensor<5xi8>, tensor<5xi16>, tensor<5xi32>, tensor<5xi64>, tensor<5xui8>, tensor<5xui16>, tensor<5xui32>, tensor<5xui64>
  }
}
