// RUN: alpa run %s --no-cache --backend=interpreter
// RUN: alpa run %s --no-cache

// stablehlo.count_leading_zeros

module {
  func.func public @main() {
    %in:8 = call @inputs() : () -> (tensor<5xi8>, tensor<5xi16>, tensor<5xi32>, tensor<5xi64>, tensor<5xui8>, tensor<5xui16>, tensor<5xui32>, tensor<5xui64>)
    %ex:8 = call @expected() : () -> (tensor<5xi8>, tensor<5xi16>, tensor<5xi32>, tensor<5xi64>, tensor<5xui8>, tensor<5xui16>, tensor<5xui32>, tensor<5xui64>)
    %r1 = stablehlo.count_leading_zeros %in#0 : tensor<5xi8>
    stablehlo.custom_call @check.expect_eq(%r1, %ex#0) {has_side_effect = true} : (tensor<5xi8>, tensor<5xi8>) -> ()
    %r2 = stablehlo.count_leading_zeros %in#1 : tensor<5xi16>
    stablehlo.custom_call @check.expect_eq(%r2, %ex#1) {has_side_effect = true} : (tensor<5xi16>, tensor<5xi16>) -> ()
    %r3 = stablehlo.count_leading_zeros %in#2 : tensor<5xi32>
    stablehlo.custom_call @check.expect_eq(%r3, %ex#2) {has_side_effect = true} : (tensor<5xi32>, tensor<5xi32>) -> ()
    %r4 = stablehlo.count_leading_zeros %in#3 : tensor<5xi64>
    stablehlo.custom_call @check.expect_eq(%r4, %ex#3) {has_side_effect = true} : (tensor<5xi64>, tensor<5xi64>) -> ()
    %r5 = stablehlo.count_leading_zeros %in#4 : tensor<5xui8>
    stablehlo.custom_call @check.expect_eq(%r5, %ex#4) {has_side_effect = true} : (tensor<5xui8>, tensor<5xui8>) -> ()
    %r6 = stablehlo.count_leading_zeros %in#5 : tensor<5xui16>
    stablehlo.custom_call @check.expect_eq(%r6, %ex#5) {has_side_effect = true} : (tensor<5xui16>, tensor<5xui16>) -> ()
    %r7 = stablehlo.count_leading_zeros %in#6 : tensor<5xui32>
    stablehlo.custom_call @check.expect_eq(%r7, %ex#6) {has_side_effect = true} : (tensor<5xui32>, tensor<5xui32>) -> ()
    %r8 = stablehlo.count_leading_zeros %in#7 : tensor<5xui64>
    stablehlo.custom_call @check.expect_eq(%r8, %ex#7) {has_side_effect = true} : (tensor<5xui64>, tensor<5xui64>) -> ()
    return
  }
  func.func private @inputs() -> (tensor<5xi8>, tensor<5xi16>, tensor<5xi32>, tensor<5xi64>, tensor<5xui8>, tensor<5xui16>, tensor<5xui32>, tensor<5xui64>) {
    %0 = stablehlo.constant dense<[-128, 127, 3, 7, 42]> : tensor<5xi8>
    %1 = stablehlo.constant dense<[-32768, 32767, 3, 7, 10922]> : tensor<5xi16>
    %2 = stablehlo.constant dense<[-2147483648, 2147483647, 3, 7, 715827882]> : tensor<5xi32>
    %3 = stablehlo.constant dense<[-9223372036854775808, 9223372036854775807, 3, 7, 3074457345618258602]> : tensor<5xi64>
    %4 = stablehlo.constant dense<[0, 255, 3, 7, 85]> : tensor<5xui8>
    %5 = stablehlo.constant dense<[0, 65535, 3, 7, 21845]> : tensor<5xui16>
    %6 = stablehlo.constant dense<[0, 4294967295, 3, 7, 1431655765]> : tensor<5xui32>
    %7 = stablehlo.constant dense<[0, 18446744073709551615, 3, 7, 6148914691236517205]> : tensor<5xui64>
    return %0, %1, %2, %3, %4, %5, %6, %7 : tensor<5xi8>, tensor<5xi16>, tensor<5xi32>, tensor<5xi64>, tensor<5xui8>, tensor<5xui16>, tensor<5xui32>, tensor<5xui64>
  }
  func.func private @expected() -> (tensor<5xi8>, tensor<5xi16>, tensor<5xi32>, tensor<5xi64>, tensor<5xui8>, tensor<5xui16>, tensor<5xui32>, tensor<5xui64>) {
    %0 = stablehlo.constant dense<[0, 1, 6, 5, 2]> : tensor<5xi8>
    %1 = stablehlo.constant dense<[0, 1, 14, 13, 2]> : tensor<5xi16>
    %2 = stablehlo.constant dense<[0, 1, 30, 29, 2]> : tensor<5xi32>
    %3 = stablehlo.constant dense<[0, 1, 62, 61, 2]> : tensor<5xi64>
    %4 = stablehlo.constant dense<[8, 0, 6, 5, 1]> : tensor<5xui8>
    %5 = stablehlo.constant dense<[16, 0, 14, 13, 1]> : tensor<5xui16>
    %6 = stablehlo.constant dense<[32, 0, 30, 29, 1]> : tensor<5xui32>
    %7 = stablehlo.constant dense<[64, 0, 62, 61, 1]> : tensor<5xui64>
    return %0, %1, %2, %3, %4, %5, %6, %7 : tensor<5xi8>, tensor<5xi16>, tensor<5xi32>, tensor<5xi64>, tensor<5xui8>, tensor<5xui16>, tensor<5xui32>, tensor<5xui64>
  }
}
