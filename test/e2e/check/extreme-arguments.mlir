// RUN: alpa run %s --no-cache --backend=interpreter
// RUN: alpa run %s --no-cache

// Functions at the ends of their ranges: large angles, tails, results near the limits of the type

module {
  func.func public @main() {
    %in:23 = call @inputs() : () -> (tensor<6xf32>, tensor<6xf32>, tensor<6xf32>, tensor<6xf64>, tensor<6xf64>, tensor<6xf64>, tensor<7xf32>, tensor<6xf64>, tensor<4xf32>, tensor<3xf64>, tensor<4xf32>, tensor<3xf64>, tensor<4xf32>, tensor<4xf64>, tensor<6xf32>, tensor<5xf64>, tensor<3xf32>, tensor<2xf64>, tensor<4xf32>, tensor<3xf64>, tensor<3xf64>, tensor<2xf64>, tensor<2xf64>)
    %ex:22 = call @expected() : () -> (tensor<6xf32>, tensor<6xf32>, tensor<6xf32>, tensor<6xf64>, tensor<6xf64>, tensor<6xf64>, tensor<7xf32>, tensor<6xf64>, tensor<4xf32>, tensor<3xf64>, tensor<4xf32>, tensor<3xf64>, tensor<4xf32>, tensor<4xf64>, tensor<6xf32>, tensor<5xf64>, tensor<3xf32>, tensor<2xf64>, tensor<4xf32>, tensor<3xf64>, tensor<3xf64>, tensor<2xf64>)
    %r1 = "stablehlo.cosine"(%in#0) : (tensor<6xf32>) -> tensor<6xf32>
    stablehlo.custom_call @check.expect_close(%r1, %ex#0) {has_side_effect = true, max_ulp_difference = 16 : ui64} : (tensor<6xf32>, tensor<6xf32>) -> ()
    %r2 = "stablehlo.sine"(%in#1) : (tensor<6xf32>) -> tensor<6xf32>
    stablehlo.custom_call @check.expect_close(%r2, %ex#1) {has_side_effect = true, max_ulp_difference = 4 : ui64} : (tensor<6xf32>, tensor<6xf32>) -> ()
    %r3 = "stablehlo.tan"(%in#2) : (tensor<6xf32>) -> tensor<6xf32>
    stablehlo.custom_call @check.expect_close(%r3, %ex#2) {has_side_effect = true, max_ulp_difference = 16 : ui64} : (tensor<6xf32>, tensor<6xf32>) -> ()
    %r4 = "stablehlo.cosine"(%in#3) : (tensor<6xf64>) -> tensor<6xf64>
    stablehlo.custom_call @check.expect_close(%r4, %ex#3) {has_side_effect = true, max_ulp_difference = 16 : ui64} : (tensor<6xf64>, tensor<6xf64>) -> ()
    %r5 = "stablehlo.sine"(%in#4) : (tensor<6xf64>) -> tensor<6xf64>
    stablehlo.custom_call @check.expect_close(%r5, %ex#4) {has_side_effect = true, max_ulp_difference = 4 : ui64} : (tensor<6xf64>, tensor<6xf64>) -> ()
    %r6 = "stablehlo.tan"(%in#5) : (tensor<6xf64>) -> tensor<6xf64>
    stablehlo.custom_call @check.expect_close(%r6, %ex#5) {has_side_effect = true, max_ulp_difference = 16 : ui64} : (tensor<6xf64>, tensor<6xf64>) -> ()
    %r7 = "chlo.erfc"(%in#6) : (tensor<7xf32>) -> tensor<7xf32>
    stablehlo.custom_call @check.expect_close(%r7, %ex#6) {has_side_effect = true, max_ulp_difference = 8 : ui64} : (tensor<7xf32>, tensor<7xf32>) -> ()
    %r8 = "chlo.erfc"(%in#7) : (tensor<6xf64>) -> tensor<6xf64>
    stablehlo.custom_call @check.expect_close(%r8, %ex#7) {has_side_effect = true, max_ulp_difference = 8 : ui64} : (tensor<6xf64>, tensor<6xf64>) -> ()
    %r9 = "chlo.sinh"(%in#8) : (tensor<4xf32>) -> tensor<4xf32>
    stablehlo.custom_call @check.expect_close(%r9, %ex#8) {has_side_effect = true, max_ulp_difference = 4 : ui64} : (tensor<4xf32>, tensor<4xf32>) -> ()
    %r10 = "chlo.sinh"(%in#9) : (tensor<3xf64>) -> tensor<3xf64>
    stablehlo.custom_call @check.expect_close(%r10, %ex#9) {has_side_effect = true, max_ulp_difference = 4 : ui64} : (tensor<3xf64>, tensor<3xf64>) -> ()
    %r11 = "chlo.cosh"(%in#10) : (tensor<4xf32>) -> tensor<4xf32>
    stablehlo.custom_call @check.expect_close(%r11, %ex#10) {has_side_effect = true, max_ulp_difference = 4 : ui64} : (tensor<4xf32>, tensor<4xf32>) -> ()
    %r12 = "chlo.cosh"(%in#11) : (tensor<3xf64>) -> tensor<3xf64>
    stablehlo.custom_call @check.expect_close(%r12, %ex#11) {has_side_effect = true, max_ulp_difference = 4 : ui64} : (tensor<3xf64>, tensor<3xf64>) -> ()
    %r13 = "chlo.asinh"(%in#12) : (tensor<4xf32>) -> tensor<4xf32>
    stablehlo.custom_call @check.expect_close(%r13, %ex#12) {has_side_effect = true, max_ulp_difference = 4 : ui64} : (tensor<4xf32>, tensor<4xf32>) -> ()
    %r14 = "chlo.asinh"(%in#13) : (tensor<4xf64>) -> tensor<4xf64>
    stablehlo.custom_call @check.expect_close(%r14, %ex#13) {has_side_effect = true, max_ulp_difference = 4 : ui64} : (tensor<4xf64>, tensor<4xf64>) -> ()
    %r15 = "chlo.acosh"(%in#14) : (tensor<6xf32>) -> tensor<6xf32>
    stablehlo.custom_call @check.expect_close(%r15, %ex#14) {has_side_effect = true, max_ulp_difference = 4 : ui64} : (tensor<6xf32>, tensor<6xf32>) -> ()
    %r16 = "chlo.acosh"(%in#15) : (tensor<5xf64>) -> tensor<5xf64>
    stablehlo.custom_call @check.expect_close(%r16, %ex#15) {has_side_effect = true, max_ulp_difference = 4 : ui64} : (tensor<5xf64>, tensor<5xf64>) -> ()
    %r17 = "chlo.atanh"(%in#16) : (tensor<3xf32>) -> tensor<3xf32>
    stablehlo.custom_call @check.expect_close(%r17, %ex#16) {has_side_effect = true, max_ulp_difference = 4 : ui64} : (tensor<3xf32>, tensor<3xf32>) -> ()
    %r18 = "chlo.atanh"(%in#17) : (tensor<2xf64>) -> tensor<2xf64>
    stablehlo.custom_call @check.expect_close(%r18, %ex#17) {has_side_effect = true, max_ulp_difference = 4 : ui64} : (tensor<2xf64>, tensor<2xf64>) -> ()
    %r19 = "stablehlo.logistic"(%in#18) : (tensor<4xf32>) -> tensor<4xf32>
    stablehlo.custom_call @check.expect_close(%r19, %ex#18) {has_side_effect = true, max_ulp_difference = 4 : ui64} : (tensor<4xf32>, tensor<4xf32>) -> ()
    %r20 = "stablehlo.logistic"(%in#19) : (tensor<3xf64>) -> tensor<3xf64>
    stablehlo.custom_call @check.expect_close(%r20, %ex#19) {has_side_effect = true, max_ulp_difference = 4 : ui64} : (tensor<3xf64>, tensor<3xf64>) -> ()
    %r21 = "chlo.digamma"(%in#20) : (tensor<3xf64>) -> tensor<3xf64>
    stablehlo.custom_call @check.expect_close(%r21, %ex#20) {has_side_effect = true, max_ulp_difference = 64 : ui64} : (tensor<3xf64>, tensor<3xf64>) -> ()
    %r22 = stablehlo.power %in#21, %in#22 : tensor<2xf64>
    stablehlo.custom_call @check.expect_close(%r22, %ex#21) {has_side_effect = true, max_ulp_difference = 4 : ui64} : (tensor<2xf64>, tensor<2xf64>) -> ()
    return
  }
  func.func private @inputs() -> (tensor<6xf32>, tensor<6xf32>, tensor<6xf32>, tensor<6xf64>, tensor<6xf64>, tensor<6xf64>, tensor<7xf32>, tensor<6xf64>, tensor<4xf32>, tensor<3xf64>, tensor<4xf32>, tensor<3xf64>, tensor<4xf32>, tensor<4xf64>, tensor<6xf32>, tensor<5xf64>, tensor<3xf32>, tensor<2xf64>, tensor<4xf32>, tensor<3xf64>, tensor<3xf64>, tensor<2xf64>, tensor<2xf64>) {
    %0 = stablehlo.constant dense<[1.000000000e+05, -3.000000000e+07, 1.500000027e+12, 3.000000005e+38, 3.300000000e+04, 7.499999974e+20]> : tensor<6xf32>
    %1 = stablehlo.constant dense<[1.000000000e+05, -3.000000000e+07, 1.500000027e+12, 3.000000005e+38, 3.300000000e+04, 7.499999974e+20]> : tensor<6xf32>
    %2 = stablehlo.constant dense<[1.000000000e+05, -3.000000000e+07, 1.500000027e+12, 3.000000005e+38, 3.300000000e+04, 7.499999974e+20]> : tensor<6xf32>
    %3 = stablehlo.constant dense<[1.00000000000000000e+07, -3.00000000000000000e+15, 1.50000000000000011e+40, 1.00000000000000005e+300, 2.20000000000000000e+06, 5.31937264832654142e+255]> : tensor<6xf64>
    %4 = stablehlo.constant dense<[1.00000000000000000e+07, -3.00000000000000000e+15, 1.50000000000000011e+40, 1.00000000000000005e+300, 2.20000000000000000e+06, 5.31937264832654142e+255]> : tensor<6xf64>
    %5 = stablehlo.constant dense<[1.00000000000000000e+07, -3.00000000000000000e+15, 1.50000000000000011e+40, 1.00000000000000005e+300, 2.20000000000000000e+06, 5.31937264832654142e+255]> : tensor<6xf64>
    %6 = stablehlo.constant dense<[4.000000000e+00, 4.199999809e+00, 7.500000000e+00, 9.899999619e+00, 1.000000000e+01, 5.000000000e-01, -3.000000000e+00]> : tensor<7xf32>
    %7 = stablehlo.constant dense<[5.50000000000000000e+00, 7.00999999999999979e+00, 1.20000000000000000e+01, 2.60000000000000000e+01, 9.00000000000000022e-01, -6.00000000000000000e+00]> : tensor<6xf64>
    %8 = stablehlo.constant dense<[8.900000000e+01, -8.919999695e+01, 2.100000000e+01, -3.000000000e+01]> : tensor<4xf32>
    %9 = stablehlo.constant dense<[7.10000000000000000e+02, -7.10200000000000045e+02, 5.00000000000000000e+01]> : tensor<3xf64>
    %10 = stablehlo.constant dense<[8.900000000e+01, -8.919999695e+01, 2.100000000e+01, -3.000000000e+01]> : tensor<4xf32>
    %11 = stablehlo.constant dense<[7.10000000000000000e+02, -7.10200000000000045e+02, 5.00000000000000000e+01]> : tensor<3xf64>
    %12 = stablehlo.constant dense<[1.000000015e+30, -3.000000005e+38, 9.000000000e+03, 0xFF800000]> : tensor<4xf32>
    %13 = stablehlo.constant dense<[1.00000000000000005e+300, -9.99999999999999970e+199, 3.00000000000000000e+08, 0x7FF0000000000000]> : tensor<4xf64>
    %14 = stablehlo.constant dense<[1.000000015e+30, 3.000000005e+38, 9.000000000e+03, 0x7F800000, -1.000000015e+30, 5.000000000e-01]> : tensor<6xf32>
    %15 = stablehlo.constant dense<[1.00000000000000005e+300, 9.99999999999999970e+199, 3.00000000000000000e+08, 0x7FF0000000000000, -1.00000000000000005e+300]> : tensor<5xf64>
    %16 = stablehlo.constant dense<[-9.999998808e-01, 9.999998808e-01, -3.000000119e-01]> : tensor<3xf32>
    %17 = stablehlo.constant dense<[-9.99999999999000022e-01, 9.99999999999000022e-01]> : tensor<2xf64>
    %18 = stablehlo.constant dense<[-8.700000000e+01, -1.000000000e+02, 1.000000000e+02, -8.850000000e+01]> : tensor<4xf32>
    %19 = stablehlo.constant dense<[-7.00000000000000000e+02, -7.40000000000000000e+02, 4.00000000000000000e+01]> : tensor<3xf64>
    %20 = stablehlo.constant dense<[-9.99999999999999945e-21, -1.00000000000000008e-05, -9.99900000000000011e-01]> : tensor<3xf64>
    %21 = stablehlo.constant dense<[1.52279999999999989e-88, 3.00000000000000000e+05]> : tensor<2xf64>
    %22 = stablehlo.constant dense<[-3.50667000000000018e+00, 5.65000000000000000e+01]> : tensor<2xf64>
    return %0, %1, %2, %3, %4, %5, %6, %7, %8, %9, %10, %11, %12, %13, %14, %15, %16, %17, %18, %19, %20, %21, %22 : tensor<6xf32>, tensor<6xf32>, tensor<6xf32>, tensor<6xf64>, tensor<6xf64>, tensor<6xf64>, tensor<7xf32>, tensor<6xf64>, tensor<4xf32>, tensor<3xf64>, tensor<4xf32>, tensor<3xf64>, tensor<4xf32>, tensor<4xf64>, tensor<6xf32>, tensor<5xf64>, tensor<3xf32>, tensor<2xf64>, tensor<4xf32>, tensor<3xf64>, tensor<3xf64>, tensor<2xf64>, tensor<2xf64>
  }
  func.func private @expected() -> (tensor<6xf32>, tensor<6xf32>, tensor<6xf32>, tensor<6xf64>, tensor<6xf64>, tensor<6xf64>, tensor<7xf32>, tensor<6xf64>, tensor<4xf32>, tensor<3xf64>, tensor<4xf32>, tensor<3xf64>, tensor<4xf32>, tensor<4xf64>, tensor<6xf32>, tensor<5xf64>, tensor<3xf32>, tensor<2xf64>, tensor<4xf32>, tensor<3xf64>, tensor<3xf64>, tensor<2xf64>) {
    %0 = stablehlo.constant dense<[-9.993607998e-01, -2.654294074e-01, 4.017069042e-01, -4.842947721e-01, 7.578619123e-01, 2.559485435e-01]> : tensor<6xf32>
    %1 = stablehlo.constant dense<[3.574879840e-02, -9.641302824e-01, 9.157682657e-01, 8.749048710e-01, 6.524150372e-01, -9.666904211e-01]> : tensor<6xf32>
    %2 = stablehlo.constant dense<[-3.577166423e-02, 3.632341623e+00, 2.279692650e+00, -1.806554437e+00, 8.608626723e-01, -3.776893377e+00]> : tensor<6xf32>
    %3 = stablehlo.constant dense<[-9.07270386181739608e-01, 9.98946364914577334e-01, -9.99999977033317555e-01, -5.75386111957549073e-01, 7.06227298459337627e-01, -4.68716592425462765e-19]> : tensor<6xf64>
    %4 = stablehlo.constant dense<[4.20547793190782504e-01, -4.58929191047178150e-02, 2.14320704629680770e-04, -8.17881912115908549e-01, -7.07985171391905421e-01, 1.00000000000000000e+00]> : tensor<6xf64>
    %5 = stablehlo.constant dense<[-4.63530827850189064e-01, -4.59413244960776707e-02, -2.14320709551916457e-04, 1.42144882387472449e+00, -1.00248910363052035e+00, -2.13348538575370394e+18]> : tensor<6xf64>
    %6 = stablehlo.constant dense<[1.541725858e-08, 2.855498948e-09, 2.776649254e-26, 1.541428311e-44, 1.401298464e-45, 4.795001149e-01, 1.999977946e+00]> : tensor<7xf32>
    %7 = stablehlo.constant dense<[7.35784791797439829e-15, 3.63179205372598710e-23, 1.35626116920590417e-64, 5.66319240885614319e-296, 2.03091787577167865e-01, 2.00000000000000000e+00]> : tensor<6xf64>
    %8 = stablehlo.constant dense<[2.244806389e+38, -2.741804323e+38, 6.594078720e+08, -5.343237112e+12]> : tensor<4xf32>
    %9 = stablehlo.constant dense<[1.11699738308085546e+308, -1.36430368455271073e+308, 2.59235276429353602e+21]> : tensor<3xf64>
    %10 = stablehlo.constant dense<[2.244806389e+38, 2.741804323e+38, 6.594078720e+08, 5.343237112e+12]> : tensor<4xf32>
    %11 = stablehlo.constant dense<[1.11699738308085546e+308, 1.36430368455271073e+308, 2.59235276429353602e+21]> : tensor<3xf64>
    %12 = stablehlo.constant dense<[6.977069855e+01, -8.928999329e+01, 9.798127174e+00, 0xFF800000]> : tensor<4xf32>
    %13 = stablehlo.constant dense<[6.91468675078773686e+02, -4.61210165779369106e+02, 2.02124402131804217e+01, 0x7FF0000000000000]> : tensor<4xf64>
    %14 = stablehlo.constant dense<[6.977069855e+01, 8.928999329e+01, 9.798127174e+00, 0x7F800000, 0x7FC00000, 0x7FC00000]> : tensor<6xf32>
    %15 = stablehlo.constant dense<[6.91468675078773686e+02, 4.61210165779369106e+02, 2.02124402131804217e+01, 0x7FF0000000000000, 0x7FF8000000000000]> : tensor<5xf64>
    %16 = stablehlo.constant dense<[-8.317766190e+00, 8.317766190e+00, -3.095196187e-01]> : tensor<3xf32>
    %17 = stablehlo.constant dense<[-1.41620952092264023e+01, 1.41620952092264023e+01]> : tensor<2xf64>
    %18 = stablehlo.constant dense<[1.645811454e-38, 3.783505854e-44, 1.000000000e+00, 3.672301610e-39]> : tensor<4xf32>
    %19 = stablehlo.constant dense<[9.85967654375977077e-305, 4.19955798965059563e-322, 1.00000000000000000e+00]> : tensor<3xf64>
    %20 = stablehlo.constant dense<[1.00000000000000000e+20, 9.99994227678856259e+04, -9.99957695117461481e+03]> : tensor<3xf64>
    %21 = stablehlo.constant dense<[8.84080341317762418e+307, 0x7FF0000000000000]> : tensor<2xf64>
    return %0, %1, %2, %3, %4, %5, %6, %7, %8, %9, %10, %11, %12, %13, %14, %15, %16, %17, %18, %19, %20, %21 : tensor<6xf32>, tensor<6xf32>, tensor<6xf32>, tensor<6xf64>, tensor<6xf64>, tensor<6xf64>, tensor<7xf32>, tensor<6xf64>, tensor<4xf32>, tensor<3xf64>, tensor<4xf32>, tensor<3xf64>, tensor<4xf32>, tensor<4xf64>, tensor<6xf32>, tensor<5xf64>, tensor<3xf32>, tensor<2xf64>, tensor<4xf32>, tensor<3xf64>, tensor<3xf64>, tensor<2xf64>
  }
}
