// RUN: alpa run %s --no-cache --backend=interpreter
// RUN: alpa run %s --no-cache

// Complex functions where formulas cancel or overflow.

module {
  func.func public @main() {
    %x0, %y0 = call @log() : () -> (tensor<4xcomplex<f64>>, tensor<4xcomplex<f64>>)
    %r0 = stablehlo.log %x0 : tensor<4xcomplex<f64>>
    stablehlo.custom_call @check.expect_close(%r0, %y0) {has_side_effect = true, max_ulp_difference = 8 : i64} : (tensor<4xcomplex<f64>>, tensor<4xcomplex<f64>>) -> ()
    %x1, %y1 = call @log_plus_one() : () -> (tensor<4xcomplex<f64>>, tensor<4xcomplex<f64>>)
    %r1 = stablehlo.log_plus_one %x1 : tensor<4xcomplex<f64>>
    stablehlo.custom_call @check.expect_close(%r1, %y1) {has_side_effect = true, max_ulp_difference = 8 : i64} : (tensor<4xcomplex<f64>>, tensor<4xcomplex<f64>>) -> ()
    %x2, %y2 = call @tanh() : () -> (tensor<4xcomplex<f64>>, tensor<4xcomplex<f64>>)
    %r2 = stablehlo.tanh %x2 : tensor<4xcomplex<f64>>
    stablehlo.custom_call @check.expect_close(%r2, %y2) {has_side_effect = true, max_ulp_difference = 8 : i64} : (tensor<4xcomplex<f64>>, tensor<4xcomplex<f64>>) -> ()
    %x3, %y3 = call @tan() : () -> (tensor<4xcomplex<f64>>, tensor<4xcomplex<f64>>)
    %r3 = stablehlo.tan %x3 : tensor<4xcomplex<f64>>
    stablehlo.custom_call @check.expect_close(%r3, %y3) {has_side_effect = true, max_ulp_difference = 8 : i64} : (tensor<4xcomplex<f64>>, tensor<4xcomplex<f64>>) -> ()
    %x4, %y4 = call @exponential() : () -> (tensor<4xcomplex<f64>>, tensor<4xcomplex<f64>>)
    %r4 = stablehlo.exponential %x4 : tensor<4xcomplex<f64>>
    stablehlo.custom_call @check.expect_close(%r4, %y4) {has_side_effect = true, max_ulp_difference = 8 : i64} : (tensor<4xcomplex<f64>>, tensor<4xcomplex<f64>>) -> ()
    %x5, %y5 = call @sqrt() : () -> (tensor<4xcomplex<f64>>, tensor<4xcomplex<f64>>)
    %r5 = stablehlo.sqrt %x5 : tensor<4xcomplex<f64>>
    stablehlo.custom_call @check.expect_close(%r5, %y5) {has_side_effect = true, max_ulp_difference = 8 : i64} : (tensor<4xcomplex<f64>>, tensor<4xcomplex<f64>>) -> ()
    %x6, %y6 = call @logistic() : () -> (tensor<4xcomplex<f64>>, tensor<4xcomplex<f64>>)
    %r6 = stablehlo.logistic %x6 : tensor<4xcomplex<f64>>
    stablehlo.custom_call @check.expect_close(%r6, %y6) {has_side_effect = true, max_ulp_difference = 8 : i64} : (tensor<4xcomplex<f64>>, tensor<4xcomplex<f64>>) -> ()
    %x7, %y7 = call @rsqrt() : () -> (tensor<4xcomplex<f64>>, tensor<4xcomplex<f64>>)
    %r7 = stablehlo.rsqrt %x7 : tensor<4xcomplex<f64>>
    stablehlo.custom_call @check.expect_close(%r7, %y7) {has_side_effect = true, max_ulp_difference = 8 : i64} : (tensor<4xcomplex<f64>>, tensor<4xcomplex<f64>>) -> ()
    return
  }
  func.func private @log() -> (tensor<4xcomplex<f64>>, tensor<4xcomplex<f64>>) {
    %0 = stablehlo.constant dense<[(0.6, 0.80001), (0.8, -0.60001), (0.001, 1.0), (3.0, -4.0)]> : tensor<4xcomplex<f64>>
    %1 = stablehlo.constant dense<[(7.999985999868466e-06, 0.9273012179536125), (6.000013999749514e-06, -0.6435091087452846), (4.999997500001667e-07, 1.5697963271282298), (1.6094379124341003, -0.9272952180016122)]> : tensor<4xcomplex<f64>>
    return %0, %1 : tensor<4xcomplex<f64>>, tensor<4xcomplex<f64>>
  }
  func.func private @log_plus_one() -> (tensor<4xcomplex<f64>>, tensor<4xcomplex<f64>>) {
    %0 = stablehlo.constant dense<[(-0.4, 0.80001), (1.0e-20, 1.0e-12), (-0.5, 0.001), (2.0, 3.0)]> : tensor<4xcomplex<f64>>
    %1 = stablehlo.constant dense<[(7.999985999868466e-06, 0.9273012179536125), (1.0000499999999999e-20, 1.0e-12), (-0.6931451805639453, 0.0019999973333397333), (1.4451858789480823, 0.7853981633974483)]> : tensor<4xcomplex<f64>>
    return %0, %1 : tensor<4xcomplex<f64>>, tensor<4xcomplex<f64>>
  }
  func.func private @tanh() -> (tensor<4xcomplex<f64>>, tensor<4xcomplex<f64>>) {
    %0 = stablehlo.constant dense<[(-30.0, 1.0), (0.3, -2.5), (400.0, 1.0), (0.0, 1.5)]> : tensor<4xcomplex<f64>>
    %1 = stablehlo.constant dense<[(-1.0, 1.5924545408982667e-26), (0.4333549156747381, 0.6527168932010253), (1.0, 0.0), (0.0, 14.101419947171719)]> : tensor<4xcomplex<f64>>
    return %0, %1 : tensor<4xcomplex<f64>>, tensor<4xcomplex<f64>>
  }
  func.func private @tan() -> (tensor<4xcomplex<f64>>, tensor<4xcomplex<f64>>) {
    %0 = stablehlo.constant dense<[(1.0, 20.0), (-2.0, -0.25), (1.0, -300.0), (0.7, 0.0)]> : tensor<4xcomplex<f64>>
    %1 = stablehlo.constant dense<[(7.726035185161155e-18, 1.0), (1.5966892107707558, -1.099398135211779), (4.819997531428952e-261, -1.0), (0.8422883804630794, 0.0)]> : tensor<4xcomplex<f64>>
    return %0, %1 : tensor<4xcomplex<f64>>, tensor<4xcomplex<f64>>
  }
  func.func private @exponential() -> (tensor<4xcomplex<f64>>, tensor<4xcomplex<f64>>) {
    %0 = stablehlo.constant dense<[(-3.0, 2.0), (0.5, -1.0), (1.0, 0.0), (-800.0, 3.0)]> : tensor<4xcomplex<f64>>
    %1 = stablehlo.constant dense<[(-0.02071873100224288, 0.045271253156092976), (0.8908079042931286, -1.3873511113297634), (2.718281828459045, 0.0), (-0.0, 0.0)]> : tensor<4xcomplex<f64>>
    return %0, %1 : tensor<4xcomplex<f64>>, tensor<4xcomplex<f64>>
  }
  func.func private @sqrt() -> (tensor<4xcomplex<f64>>, tensor<4xcomplex<f64>>) {
    %0 = stablehlo.constant dense<[(-4.0, 1.0e-09), (3.0, -4.0), (0.0, 2.0), (-2.0, 0.0)]> : tensor<4xcomplex<f64>>
    %1 = stablehlo.constant dense<[(2.5e-10, 2.0), (2.0, -1.0), (1.0, 1.0), (0.0, 1.4142135623730951)]> : tensor<4xcomplex<f64>>
    return %0, %1 : tensor<4xcomplex<f64>>, tensor<4xcomplex<f64>>
  }
  func.func private @logistic() -> (tensor<4xcomplex<f64>>, tensor<4xcomplex<f64>>) {
    %0 = stablehlo.constant dense<[(-800.0, 1.0), (2.0, -1.0), (0.1, 2.1), (30.0, 2.0)]> : tensor<4xcomplex<f64>>
    %1 = stablehlo.constant dense<[(0.0, 0.0), (0.9214831024228917, -0.097788655032967), (0.6001350946216093, 0.8629365691761013), (1.0000000000000389, 8.508862486771929e-14)]> : tensor<4xcomplex<f64>>
    return %0, %1 : tensor<4xcomplex<f64>>, tensor<4xcomplex<f64>>
  }
  func.func private @rsqrt() -> (tensor<4xcomplex<f64>>, tensor<4xcomplex<f64>>) {
    %0 = stablehlo.constant dense<[(-4.0, 1.0e-09), (3.0, -4.0), (0.5, 2.0), (0.001, 0.0)]> : tensor<4xcomplex<f64>>
    %1 = stablehlo.constant dense<[(6.25e-11, -0.5), (0.4, 0.2), (0.5489618879741085, -0.4286164901454076), (31.622776601683793, 0.0)]> : tensor<4xcomplex<f64>>
    return %0, %1 : tensor<4xcomplex<f64>>, tensor<4xcomplex<f64>>
  }
}
