// RUN: alpa run %s --no-cache --backend=interpreter
// RUN: alpa run %s --no-cache

// stablehlo.not

module {
  func.func public @main() {
    %in:9 = call @inputs() : () -> (tensor<2xi1>, tensor<5xi8>, tensor<5xi16>, tensor<5xi32>, tensor<5xi64>, tensor<5xui8>, tensor<5xui16>, tensor<5xui32>, tensor<5xui64>)
    %ex:9 = call @expected() : () -> (tensor<2xi1>, tensor<5xi8>, tensor<5xi16>, tensor<5xi32>, tensor<5xi64>, tensor<5xui8>, tensor<5xui16>, tensor<5xui32>, tensor<5xui64>)
    %r1 = stablehlo.not %in#0 : tensor<2xi1>
    stablehlo.custom_call @check.expect_eq(%r1, %ex#0) {has_side_effect = true} : (tensor<2xi1>, tensor<2xi1>) -> ()
    %r2 = stablehlo.not %in#1 : tensor<5xi8>
    stablehlo.custom_call @check.expect_eq(%r2, %ex#1) {has_side_effect = true} : (tensor<5xi8>, tensor<5xi8>) -> ()
    %r3 = stablehlo.not %in#2 : tensor<5xi16>
    stablehlo.custom_call @check.expect_eq(%r3, %ex#2) {has_side_effect = true} : (tensor<5xi16>, tensor<5xi16>) -> ()
    %r4 = stablehlo.not %in#3 : tensor<5xi32>
    stablehlo.custom_call @check.expect_eq(%r4, %ex#3) {has_side_effect = true} : (tensor<5xi32>, tensor<5xi32>) -> ()
    %r5 = stablehlo.not %in#4 : tensor<5xi64>
    stablehlo.custom_call @check.expect_eq(%r5, %ex#4) {has_side_effect = true} : (tensor<5xi64>, tensor<5xi64>) -> ()
    %r6 = stablehlo.not %in#5 : tensor<5xui8>
    stablehlo.custom_call @check.expect_eq(%r6, %ex#5) {has_side_effect = true} : (tensor<5xui8>, tensor<5xui8>) -> ()
    %r7 = stablehlo.not %in#6 : tensor<5xui16>
    stablehlo.custom_call @check.expect_eq(%r7, %ex#6) {has_side_effect = true} : (tensor<5xui16>, tensor<5xui16>) -> ()
    %r8 = stablehlo.not %in#7 : tensor<5xui32>
    stablehlo.custom_call @check.expect_eq(%r8, %ex#7) {has_side_effect = true} : (tensor<5xui32>, tensor<5xui32>) -> ()
    %r9 = stablehlo.not %in#8 : tensor<5xui64>
    stablehlo.custom_call @check.expect_eq(%r9, %ex#8) {has_side_effect = true} : (tensor<5xui64>, tensor<5xui64>) -> ()
    return
  }
  func.func private @inputs() -> (tensor<2xi1>, tensor<5xi8>, tensor<5xi16>, tensor<5xi32>, tensor<5xi64>, tensor<5xui8>, tensor<5xui16>, tensor<5xui32>, tensor<5xui64>) {
    %0 = stablehlo.constant dense<[true, false]> : tensor<2xi1>
    %1 = stablehlo.constant dense<[-128, 127, 3, 7, 42]> : tensor<5xi8>
    %2 = stablehlo.constant dense<[-32768, 32767, 3, 7, 10922]> : tensor<5xi16>
    %3 = stablehlo.constant dense<[-2147483648, 2147483647, 3, 7, 715827882]> : tensor<5xi32>
    %4 = stablehlo.constant dense<[-9223372036854775808, 9223372036854775807, 3, 7, 3074457345618258602]> : tensor<5xi64>
    %5 = stablehlo.constant dense<[0, 255, 3, 7, 85]> : tensor<5xui8>
    %6 = stablehlo.constant dense<[0, 65535, 3, 7, 21845]> : tensor<5xui16>
    %7 = stablehlo.constant dense<[0, 4294967295, 3, 7, 1431655765]> : tensor<5xui32>
    %8 = stablehlo.constant dense<[0, 18446744073709551615, 3, 7, 6148914691236517205]> : tensor<5xui64>
    return %0, %1, %2, %3, %4, %5, %6, %7, %8 : tensor<2xi1>, tensor<5xi8>, tensor<5xi16>, tensor<5xi32>, tensor<5xi64>, tensor<5xui8>, tensor<5xui16>, tensor<5xui32>, tensor<5xui64>
  }
  func.func private @expected() -> (tensor<2xi1>, tensor<5xi8>, tensor<5xi16>, tensor<5xi32>, tensor<5xi64>, tensor<5xui8>, tensor<5xui16>, tensor<5xui32>, tensor<5xui64>) {
    %0 = stablehlo.constant dense<[false, true]> : tensor<2xi1>
    %1 = stablehlo.constant dense<[127, -128, -4, -8, -43]> : tensor<5xi8>
    %2 = stablehlo.constant dense<[32767, -32768, -4, -8, -10923]> : tensor<5xi16>
    %3 = stablehlo.constant dense<[2147483647, -2147483648, -4, -8, -715827883]> : tensor<5xi32>
    %4 = stablehlo.constant dense<[9223372036854775807, -9223372036854775808, -4, -8, -3074457345618258603]> : tensor<5xi64>
    %5 = stablehlo.constant dense<[255, 0, 252, 248, 170]> : tensor<5xui8>
    %6 = stablehlo.constant dense<[65535, 0, 65532, 65528, 43690]> : tensor<5xui16>
    %7 = stablehlo.constant dense<[4294967295, 0, 4294967292, 4294967288, 2863311530]> : tensor<5xui32>
    %8 = stablehlo.constant dense<[18446744073709551615, 0, 18446744073709551612, 18446744073709551608, 12297829382473034410]> : tensor<5xui64>
    return %0, %1, %2, %3, %4, %5, %6, %7, %8 : tensor<2xi1>, tensor<5xi8>, tensor<5xi16>, tensor<5xi32>, tensor<5xi64>, tensor<5xui8>, tensor<5xui16>, tensor<5xui32>, tensor<5xui64>
  }
}
