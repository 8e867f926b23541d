// RUN: alpa run %s --no-cache --backend=interpreter
// RUN: alpa run %s --no-cache

// chlo.zeta, chlo.polygamma

module {
  func.func public @main() {
    %in:6 = call @inputs() : () -> (tensor<11xf64>, tensor<11xf64>, tensor<11xf32>, tensor<11xf32>, tensor<7xf64>, tensor<7xf64>)
    %ex:3 = call @expected() : () -> (tensor<11xf64>, tensor<11xf32>, tensor<7xf64>)
    %r1 = chlo.zeta %in#0, %in#1 : tensor<11xf64>, tensor<11xf64> -> tensor<11xf64>
    stablehlo.custom_call @check.expect_close(%r1, %ex#0) {has_side_effect = true, max_ulp_difference = 8 : ui64} : (tensor<11xf64>, tensor<11xf64>) -> ()
    %r2 = chlo.zeta %in#2, %in#3 : tensor<11xf32>, tensor<11xf32> -> tensor<11xf32>
    stablehlo.custom_call @check.expect_close(%r2, %ex#1) {has_side_effect = true, max_ulp_difference = 1 : ui64} : (tensor<11xf32>, tensor<11xf32>) -> ()
    %r3 = chlo.polygamma %in#4, %in#5 : tensor<7xf64>, tensor<7xf64> -> tensor<7xf64>
    stablehlo.custom_call @check.expect_close(%r3, %ex#2) {has_side_effect = true, max_ulp_difference = 16 : ui64} : (tensor<7xf64>, tensor<7xf64>) -> ()
    return
  }
  func.func private @inputs() -> (tensor<11xf64>, tensor<11xf64>, tensor<11xf32>, tensor<11xf32>, tensor<7xf64>, tensor<7xf64>) {
    %0 = stablehlo.constant dense<[2.00000000000000000e+00, 3.00000000000000000e+00, 1.50000000000000000e+00, 4.00000000000000000e+00, 2.00000000000000000e+00, 1.00000000000000000e+01, 3.00000000000000000e+01, 1.10000000000000009e+00, 2.00000000000000000e+00, 1.00000000000000000e+00, 2.00000000000000000e+00]> : tensor<11xf64>
    %1 = stablehlo.constant dense<[1.00000000000000000e+00, 5.00000000000000000e-01, 3.25000000000000000e+00, -2.50000000000000000e+00, 1.00000000000000000e+02, 1.00000000000000002e-03, 7.00000000000000000e+00, 2.00000000000000000e+00, -3.00000000000000000e+00, 2.00000000000000000e+00, 1.00000000000000000e+10]> : tensor<11xf64>
    %2 = stablehlo.constant dense<[2.000000000e+00, 3.000000000e+00, 1.500000000e+00, 4.000000000e+00, 2.000000000e+00, 1.000000000e+01, 3.000000000e+01, 1.100000024e+00, 2.000000000e+00, 1.000000000e+00, 2.000000000e+00]> : tensor<11xf32>
    %3 = stablehlo.constant dense<[1.000000000e+00, 5.000000000e-01, 3.250000000e+00, -2.500000000e+00, 1.000000000e+02, 1.000000047e-03, 7.000000000e+00, 2.000000000e+00, -3.000000000e+00, 2.000000000e+00, 1.000000000e+10]> : tensor<11xf32>
    %4 = stablehlo.constant dense<[0.00000000000000000e+00, 1.00000000000000000e+00, 2.00000000000000000e+00, 3.00000000000000000e+00, 1.00000000000000000e+01, 1.00000000000000000e+00, 5.00000000000000000e-01]> : tensor<7xf64>
    %5 = stablehlo.constant dense<[2.50000000000000000e+00, 2.99999999999999989e-01, 7.00000000000000000e+00, 1.00000000000000000e+03, 1.50000000000000000e+00, -1.50000000000000000e+00, 1.00000000000000000e+00]> : tensor<7xf64>
    return %0, %1, %2, %3, %4, %5 : tensor<11xf64>, tensor<11xf64>, tensor<11xf32>, tensor<11xf32>, tensor<7xf64>, tensor<7xf64>
  }
  func.func private @expected() -> (tensor<11xf64>, tensor<11xf32>, tensor<7xf64>) {
    %0 = stablehlo.constant dense<[1.64493406684822641e+00, 8.41439832211715988e+00, 1.20121731137037169e+00, 3.24579793698646029e+01, 1.00501666633335714e-02, 9.99999999999999738e+29, 4.51993162045757150e-26, 9.58444846495080149e+00, 0x7FF0000000000000, 0x7FF0000000000000, 1.00000000005000000e-10]> : tensor<11xf64>
    %1 = stablehlo.constant dense<[1.644934058e+00, 8.414398193e+00, 1.201217294e+00, 3.245798111e+01, 1.005016640e-02, 9.999995617e+29, 4.519931706e-26, 9.584445953e+00, 0x7F800000, 0x7F800000, 1.000000013e-10]> : tensor<11xf32>
    %2 = stablehlo.constant dense<[7.03156640645243192e-01, 1.22453645461077318e+01, -2.35304729858552379e-02, 2.00300199999899997e-09, -4.21088587689754931e+04, 9.37924664498912364e+00, 0x7FF8000000000000]> : tensor<7xf64>
    return %0, %1, %2 : tensor<11xf64>, tensor<11xf32>, tensor<7xf64>
  }
}
