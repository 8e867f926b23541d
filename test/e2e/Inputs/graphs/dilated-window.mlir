// Windows over a dilated operand that begin before it.
func.func public @main() -> (tensor<5x8xf8E5M2> {jax.result_info = "tolerance=3.300e+01"}) {
  %v27c = stablehlo.constant dense<[[-2.0, -4.0, 4.0, -2.0, 4.0, -3.0, 2.0], [2.0, 3.0, 3.0, 2.0, 4.0, -4.0, -3.0]]> : tensor<2x7xf8E5M2>
  %v27 = stablehlo.optimization_barrier %v27c : tensor<2x7xf8E5M2>
  %v36 = stablehlo.constant dense<0x7C> : tensor<f8E5M2>
  %v37 = "stablehlo.reduce_window"(%v27, %v36) <{base_dilations = array<i64: 2, 2>, padding = dense<[[1, 1], [2, 0]]> : tensor<2x2xi64>, window_dilations = array<i64: 2, 1>, window_dimensions = array<i64: 1, 1>, window_strides = array<i64: 1, 2>}> ({
  ^bb0(%v33: tensor<f8E5M2>, %v34: tensor<f8E5M2>):
    %v35 = stablehlo.minimum %v33, %v34 : tensor<f8E5M2>
    stablehlo.return %v35 : tensor<f8E5M2>
  }) : (tensor<2x7xf8E5M2>, tensor<f8E5M2>) -> tensor<5x8xf8E5M2>
  return %v37 : tensor<5x8xf8E5M2>
}
