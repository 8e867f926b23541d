// RUN: alpa run %s --no-cache --backend=interpreter
// RUN: alpa run %s --no-cache

// stablehlo.cosine

module {
  func.func public @main() {
    %in:4 = call @inputs() : () -> (tensor<4xf16>, tensor<4xbf16>, tensor<4xf32>, tensor<4xf64>)
    %ex:4 = call @expected() : () -> (tensor<4xf16>, tensor<4xbf16>, tensor<4xf32>, tensor<4xf64>)
    %r1 = stablehlo.cosine %in#0 : tensor<4xf16>
    stablehlo.custom_call @check.expect_close(%r1, %ex#0) {has_side_effect = true, max_ulp_difference = 3 : i64} : (tensor<4xf16>, tensor<4xf16>) -> ()
    %r2 = stablehlo.cosine %in#1 : tensor<4xbf16>
    stablehlo.custom_call @check.expect_close(%r2, %ex#1) {has_side_effect = true, max_ulp_difference = 3 : i64} : (tensor<4xbf16>, tensor<4xbf16>) -> ()
    %r3 = stablehlo.cosine %in#2 : tensor<4xf32>
    stablehlo.custom_call @check.expect_close(%r3, %ex#2) {has_side_effect = true, max_ulp_difference = 3 : i64} : (tensor<4xf32>, tensor<4xf32>) -> ()
    %r4 = stablehlo.cosine %in#3 : tensor<4xf64>
    stablehlo.custom_call @check.expect_close(%r4, %ex#3) {has_side_effect = true, max_ulp_difference = 3 : i64} : (tensor<4xf64>, tensor<4xf64>) -> ()
    return
  }
  func.func private @inputs() -> (tensor<4xf16>, tensor<4xbf16>, tensor<4xf32>, tensor<4xf64>) {
    %0 = stablehlo.constant dense<[-2.5, -0.5, 0.75, 3.0]> : tensor<4xf16>
    %1 = stablehlo.constant dense<[-2.5, -0.5, 0.75, 3.0]> : tensor<4xbf16>
    %2 = stablehlo.constant dense<[-2.5, -0.5, 0.75, 3.0]> : tensor<4xf32>
    %3 = stablehlo.constant dense<[-2.5, -0.5, 0.75, 3.0]> : tensor<4xf64>
    return %0, %1, %2, %3 : tensor<4xf16>, tensor<4xbf16>, tensor<4xf32>, tensor<4xf64>
  }
  func.func private @expected() -> (tensor<4xf16>, tensor<4xbf16>, tensor<4xf32>, tensor<4xf64>) {
    %0 = stablehlo.constant dense<[-0.801269531, 0.877441406, 0.731445312, -0.990234375]> : tensor<4xf16>
    %1 = stablehlo.constant dense<[-0.80078125, 0.87890625, 0.73046875, -0.98828125]> : tensor<4xbf16>
    %2 = stablehlo.constant dense<[-0.801143587, 0.87758255, 0.731688857, -0.989992499]> : tensor<4xf32>
    %3 = stablehlo.constant dense<[-0.8011436155469337, 0.8775825618903728, 0.7316888688738209, -0.9899924966004454]> : tensor<4xf64>
    return %0, %1, %2, %3 : tensor<4xf16>, tensor<4xbf16>, tensor<4xf32>, tensor<4xf64>
  }
}
