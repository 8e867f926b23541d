// RUN: alpa run %s --no-cache --backend=interpreter
// RUN: alpa run %s --no-cache

// stablehlo.reduce_precision

module {
  func.func public @main() {
    %in:2 = call @inputs() : () -> (tensor<4xf32>, tensor<4xf64>)
    %ex:2 = call @expected() : () -> (tensor<4xf32>, tensor<4xf64>)
    %r1 = stablehlo.reduce_precision %in#0, format = e8m7 : tensor<4xf32>
    stablehlo.custom_call @check.expect_eq(%r1, %ex#0) {has_side_effect = true} : (tensor<4xf32>, tensor<4xf32>) -> ()
    %r2 = stablehlo.reduce_precision %in#1, format = e8m23 : tensor<4xf64>
    stablehlo.custom_call @check.expect_eq(%r2, %ex#1) {has_side_effect = true} : (tensor<4xf64>, tensor<4xf64>) -> ()
    return
  }
  func.func private @inputs() -> (tensor<4xf32>, tensor<4xf64>) {
    %0 = stablehlo.constant dense<[1.00097656, 3.14159274, 1.00000002e+30, -1.0e-30]> : tensor<4xf32>
    %1 = stablehlo.constant dense<[1.0009765625, 3.14159274, 1.0e+30, -1.0e-30]> : tensor<4xf64>
    return %0, %1 : tensor<4xf32>, tensor<4xf64>
  }
  func.func private @expected() -> (tensor<4xf32>, tensor<4xf64>) {
    %0 = stablehlo.constant dense<[1.0, 3.140625, 1.00025555e+30, -9.98402083e-31]> : tensor<4xf32>
    %1 = stablehlo.constant dense<[1.0009765625, 3.1415927410125732, 1.0000000150474662e+30, -1.0000000031710769e-30]> : tensor<4xf64>
    return %0, %1 : tensor<4xf32>, tensor<4xf64>
  }
}
