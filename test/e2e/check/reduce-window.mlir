// RUN: alpa run %s --no-cache --backend=interpreter
// RUN: alpa run %s --no-cache

// stablehlo.reduce_window with strides and padding

module {
  func.func public @main() {
    %in:6 = call @inputs() : () -> (tensor<6xi32>, tensor<i32>, tensor<6xf32>, tensor<f32>, tensor<6xbf16>, tensor<bf16>)
    %ex:3 = call @expected() : () -> (tensor<3xi32>, tensor<3xf32>, tensor<3xbf16>)
    %r1 = "stablehlo.reduce_window"(%in#0, %in#1) <{padding = dense<[[1, 1]]> : tensor<1x2xi64>, window_dimensions = array<i64: 3>, window_strides = array<i64: 2>}> ({
    ^bb0(%p: tensor<i32>, %q: tensor<i32>):
      %s = stablehlo.add %p, %q : tensor<i32>
      stablehlo.return %s : tensor<i32>
    }) : (tensor<6xi32>, tensor<i32>) -> tensor<3xi32>
    stablehlo.custom_call @check.expect_eq(%r1, %ex#0) {has_side_effect = true} : (tensor<3xi32>, tensor<3xi32>) -> ()
    %r2 = "stablehlo.reduce_window"(%in#2, %in#3) <{padding = dense<[[1, 1]]> : tensor<1x2xi64>, window_dimensions = array<i64: 3>, window_strides = array<i64: 2>}> ({
    ^bb0(%p: tensor<f32>, %q: tensor<f32>):
      %s = stablehlo.add %p, %q : tensor<f32>
      stablehlo.return %s : tensor<f32>
    }) : (tensor<6xf32>, tensor<f32>) -> tensor<3xf32>
    stablehlo.custom_call @check.expect_eq(%r2, %ex#1) {has_side_effect = true} : (tensor<3xf32>, tensor<3xf32>) -> ()
    %r3 = "stablehlo.reduce_window"(%in#4, %in#5) <{padding = dense<[[1, 1]]> : tensor<1x2xi64>, window_dimensions = array<i64: 3>, window_strides = array<i64: 2>}> ({
    ^bb0(%p: tensor<bf16>, %q: tensor<bf16>):
      %s = stablehlo.add %p, %q : tensor<bf16>
      stablehlo.return %s : tensor<bf16>
    }) : (tensor<6xbf16>, tensor<bf16>) -> tensor<3xbf16>
    stablehlo.custom_call @check.expect_eq(%r3, %ex#2) {has_side_effect = true} : (tensor<3xbf16>, tensor<3xbf16>) -> ()
    return
  }
  func.func private @inputs() -> (tensor<6xi32>, tensor<i32>, tensor<6xf32>, tensor<f32>, tensor<6xbf16>, tensor<bf16>) {
    %0 = stablehlo.constant dense<[0, 1, 2, 3, 4, 5]> : tensor<6xi32>
    %1 = stablehlo.constant dense<0> : tensor<i32>
    %2 = stablehlo.constant dense<[0.0, 1.0, 2.0, 3.0, 4.0, 5.0]> : tensor<6xf32>
    %3 = stablehlo.constant dense<0.0> : tensor<f32>
    %4 = stablehlo.constant dense<[0.0, 1.0, 2.0, 3.0, 4.0, 5.0]> : tensor<6xbf16>
    %5 = stablehlo.constant dense<0.0> : tensor<bf16>
    return %0, %1, %2, %3, %4, %5 : tensor<6xi32>, tensor<i32>, tensor<6xf32>, tensor<f32>, tensor<6xbf16>, tensor<bf16>
  }
  func.func private @expected() -> (tensor<3xi32>, tensor<3xf32>, tensor<3xbf16>) {
    %0 = stablehlo.constant dense<[1, 6, 12]> : tensor<3xi32>
    %1 = stablehlo.constant dense<[1.0, 6.0, 12.0]> : tensor<3xf32>
    %2 = stablehlo.constant dense<[1.0, 6.0, 12.0]> : tensor<3xbf16>
    return %0, %1, %2 : tensor<3xi32>, tensor<3xf32>, tensor<3xbf16>
  }
}
