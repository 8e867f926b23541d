// RUN: alpa run %s --no-cache --backend=interpreter
// RUN: alpa run %s --no-cache

// stablehlo.log_plus_one

module {
  func.func public @main() {
    %in:4 = call @inputs() : () -> (tensor<4xf16>, tensor<4xbf16>, tensor<4xf32>, tensor<4xf64>)
    %ex:4 = call @expected() : () -> (tensor<4xf16>, tensor<4xbf16>, tensor<4xf32>, tensor<4xf64>)
    %r1 = stablehlo.log_plus_one %in#0 : tensor<4xf16>
    stablehlo.custom_call @check.expect_close(%r1, %ex#0) {has_side_effect = true, max_ulp_difference = 3 : i64} : (tensor<4xf16>, tensor<4xf16>) -> ()
    %r2 = stablehlo.log_plus_one %in#1 : tensor<4xbf16>
    stablehlo.custom_call @check.expect_close(%r2, %ex#1) {has_side_effect = true, max_ulp_difference = 3 : i64} : (tensor<4xbf16>, tensor<4xbf16>) -> ()
    %r3 = stablehlo.log_plus_one %in#2 : tensor<4xf32>
    stablehlo.custom_call @check.expect_close(%r3, %ex#2) {has_side_effect = true, max_ulp_difference = 3 : i64} : (tensor<4xf32>, tensor<4xf32>) -> ()
    %r4 = stablehlo.log_plus_one %in#3 : tensor<4xf64>
    stablehlo.custom_call @check.expect_close(%r4, %ex#3) {has_side_effect = true, max_ulp_difference = 3 : i64} : (tensor<4xf64>, tensor<4xf64>) -> ()
    return
  }
  func.func private @inputs() -> (tensor<4xf16>, tensor<4xbf16>, tensor<4xf32>, tensor<4xf64>) {
    %0 = stablehlo.constant dense<[0.25, 1.0, 2.5, 7.0]> : tensor<4xf16>
    %1 = stablehlo.constant dense<[0.25, 1.0, 2.5, 7.0]> : tensor<4xbf16>
    %2 = stablehlo.constant dense<[0.25, 1.0, 2.5, 7.0]> : tensor<4xf32>
    %3 = stablehlo.constant dense<[0.25, 1.0, 2.5, 7.0]> : tensor<4xf64>
    return %0, %1, %2, %3 : tensor<4xf16>, tensor<4xbf16>, tensor<4xf32>, tensor<4xf64>
  }
  func.func private @expected() -> (tensor<4xf16>, tensor<4xbf16>, tensor<4xf32>, tensor<4xf64>) {
    %0 = stablehlo.constant dense<[0.223144531, 0.693359375, 1.25292969, 2.08007812]> : tensor<4xf16>
    %1 = stablehlo.constant dense<[0.22265625, 0.69140625, 1.25, 2.078125]> : tensor<4xbf16>
    %2 = stablehlo.constant dense<[0.223143548, 0.693147182, 1.25276291, 2.07944155]> : tensor<4xf32>
    %3 = stablehlo.constant dense<[0.22314355131420976, 0.6931471805599453, 1.252762968495368, 2.0794415416798357]> : tensor<4xf64>
    return %0, %1, %2, %3 : tensor<4xf16>, tensor<4xbf16>, tensor<4xf32>, tensor<4xf64>
  }
}
