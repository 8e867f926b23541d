// RUN: alpa run %s --no-cache --backend=interpreter
// RUN: alpa run %s --no-cache

// stablehlo.log

module {
  func.func public @main() {
    %in:4 = call @inputs() : () -> (tensor<4xf16>, tensor<4xbf16>, tensor<4xf32>, tensor<4xf64>)
    %ex:4 = call @expected() : () -> (tensor<4xf16>, tensor<4xbf16>, tensor<4xf32>, tensor<4xf64>)
    %r1 = stablehlo.log %in#0 : tensor<4xf16>
    stablehlo.custom_call @check.expect_close(%r1, %ex#0) {has_side_effect = true, max_ulp_difference = 3 : i64} : (tensor<4xf16>, tensor<4xf16>) -> ()
    %r2 = stablehlo.log %in#1 : tensor<4xbf16>
    stablehlo.custom_call @check.expect_close(%r2, %ex#1) {has_side_effect = true, max_ulp_difference = 3 : i64} : (tensor<4xbf16>, tensor<4xbf16>) -> ()
    %r3 = stablehlo.log %in#2 : tensor<4xf32>
    stablehlo.custom_call @check.expect_close(%r3, %ex#2) {has_side_effect = true, max_ulp_difference = 3 : i64} : (tensor<4xf32>, tensor<4xf32>) -> ()
    %r4 = stablehlo.log %in#3 : tensor<4xf64>
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
    %0 = stablehlo.constant dense<[-1.38671875, 0.0, 0.916503906, 1.94628906]> : tensor<4xf16>
    %1 = stablehlo.constant dense<[-1.3828125, 0.0, 0.91796875, 1.9453125]> : tensor<4xbf16>
    %2 = stablehlo.constant dense<[-1.38629436, 0.0, 0.91629076, 1.9459101]> : tensor<4xf32>
    %3 = stablehlo.constant dense<[-1.3862943611198906, 0.0, 0.9162907318741551, 1.9459101490553132]> : tensor<4xf64>
    return %0, %1, %2, %3 : tensor<4xf16>, tensor<4xbf16>, tensor<4xf32>, tensor<4xf64>
  }
}
