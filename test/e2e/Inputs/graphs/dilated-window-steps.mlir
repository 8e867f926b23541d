// Windows over a dilated operand, by steps.
func.func public @main() -> (tensor<1x4xi8> {jax.result_info = "tolerance=0.000e+00"}) {
  %v10c = stablehlo.constant dense<[[1, -4, 0, 3]]> : tensor<1x4xi8>
  %v10 = stablehlo.optimization_barrier %v10c : tensor<1x4xi8>
  %v20 = stablehlo.constant dense<0> : tensor<i8>
  %v21 = "stablehlo.reduce_window"(%v10, %v20) <{base_dilations = array<i64: 1, 2>, padding = dense<[[0, 1], [2, 1]]> : tensor<2x2xi64>, window_dilations = array<i64: 2, 1>, window_dimensions = array<i64: 1, 3>, window_strides = array<i64: 2, 2>}> ({
  ^bb0(%v17: tensor<i8>, %v18: tensor<i8>):
    %v19 = stablehlo.or %v17, %v18 : tensor<i8>
    stablehlo.return %v19 : tensor<i8>
  }) : (tensor<1x4xi8>, tensor<i8>) -> tensor<1x4xi8>
  %v22c = stablehlo.constant dense<[[-1, -1, -2, 0]]> : tensor<1x4xi8>
  %v22 = stablehlo.optimization_barrier %v22c : tensor<1x4xi8>
  %v23 = "stablehlo.shift_right_logical"(%v21, %v22) : (tensor<1x4xi8>, tensor<1x4xi8>) -> tensor<1x4xi8>
  return %v23 : tensor<1x4xi8>
}
