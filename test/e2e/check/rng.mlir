// RUN: alpa run %s --no-cache --backend=interpreter
// RUN: alpa run %s --no-cache

// stablehlo.rng: numbers lie where they should, their mean too, and two ops give different ones.

module {
  func.func public @main() {
    %in:4 = call @inputs() : () -> (tensor<f32>, tensor<f32>, tensor<i32>, tensor<i32>)
    %ex:2 = call @expected() : () -> (tensor<i1>, tensor<f32>)
    %shape = stablehlo.constant dense<[50, 40]> : tensor<2xi64>
    %u = stablehlo.rng %in#0, %in#1, %shape, distribution = UNIFORM : (tensor<f32>, tensor<f32>, tensor<2xi64>) -> tensor<50x40xf32>
    %v = stablehlo.rng %in#0, %in#1, %shape, distribution = UNIFORM : (tensor<f32>, tensor<f32>, tensor<2xi64>) -> tensor<50x40xf32>
    %i = stablehlo.rng %in#2, %in#3, %shape, distribution = UNIFORM : (tensor<i32>, tensor<i32>, tensor<2xi64>) -> tensor<50x40xi32>
    %n = stablehlo.rng %in#0, %in#1, %shape, distribution = NORMAL : (tensor<f32>, tensor<f32>, tensor<2xi64>) -> tensor<50x40xf32>
    %low = stablehlo.broadcast_in_dim %in#0, dims = [] : (tensor<f32>) -> tensor<50x40xf32>
    %high = stablehlo.broadcast_in_dim %in#1, dims = [] : (tensor<f32>) -> tensor<50x40xf32>
    %first = stablehlo.broadcast_in_dim %in#2, dims = [] : (tensor<i32>) -> tensor<50x40xi32>
    %end = stablehlo.broadcast_in_dim %in#3, dims = [] : (tensor<i32>) -> tensor<50x40xi32>
    %c1 = stablehlo.compare GE, %u, %low : (tensor<50x40xf32>, tensor<50x40xf32>) -> tensor<50x40xi1>
    %c2 = stablehlo.compare LE, %u, %high : (tensor<50x40xf32>, tensor<50x40xf32>) -> tensor<50x40xi1>
    %c3 = stablehlo.compare NE, %u, %v : (tensor<50x40xf32>, tensor<50x40xf32>) -> tensor<50x40xi1>
    %c4 = stablehlo.compare GE, %i, %first : (tensor<50x40xi32>, tensor<50x40xi32>) -> tensor<50x40xi1>
    %c5 = stablehlo.compare LT, %i, %end : (tensor<50x40xi32>, tensor<50x40xi32>) -> tensor<50x40xi1>
    %a1 = stablehlo.and %c1, %c2 : tensor<50x40xi1>
    %a2 = stablehlo.and %a1, %c3 : tensor<50x40xi1>
    %a3 = stablehlo.and %c4, %c5 : tensor<50x40xi1>
    %a4 = stablehlo.and %a2, %a3 : tensor<50x40xi1>
    %true = stablehlo.constant dense<true> : tensor<i1>
    %all = stablehlo.reduce(%a4 init: %true) applies stablehlo.and across dimensions = [0, 1] : (tensor<50x40xi1>, tensor<i1>) -> tensor<i1>
    stablehlo.custom_call @check.expect_eq(%all, %ex#0) {has_side_effect = true} : (tensor<i1>, tensor<i1>) -> ()
    %zero = stablehlo.constant dense<0.0> : tensor<f32>
    %count = stablehlo.constant dense<2000.0> : tensor<f32>
    %sum = stablehlo.reduce(%n init: %zero) applies stablehlo.add across dimensions = [0, 1] : (tensor<50x40xf32>, tensor<f32>) -> tensor<f32>
    %mean = stablehlo.divide %sum, %count : tensor<f32>
    stablehlo.custom_call @check.expect_almost_eq(%mean, %ex#1) {has_side_effect = true, tolerance = 2.000000e-01 : f32} : (tensor<f32>, tensor<f32>) -> ()
    return
  }
  func.func private @inputs() -> (tensor<f32>, tensor<f32>, tensor<i32>, tensor<i32>) {
    %0 = stablehlo.constant dense<-1.5> : tensor<f32>
    %1 = stablehlo.constant dense<2.5> : tensor<f32>
    %2 = stablehlo.constant dense<-3> : tensor<i32>
    %3 = stablehlo.constant dense<4> : tensor<i32>
    return %0, %1, %2, %3 : tensor<f32>, tensor<f32>, tensor<i32>, tensor<i32>
  }
  func.func private @expected() -> (tensor<i1>, tensor<f32>) {
    %0 = stablehlo.constant dense<true> : tensor<i1>
    %1 = stablehlo.constant dense<-1.5> : tensor<f32>
    return %0, %1 : tensor<i1>, tensor<f32>
  }
}
