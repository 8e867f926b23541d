// A triangular system of constants.
func.func public @main() -> (tensor<2x3x3xf32> {jax.result_info = "tolerance=1e-6"}) {
  %v1c = stablehlo.constant dense<[[[2.0, 0.0, 0.0], [1.0, 2.0, 0.0], [3.0, 1.0, 4.0]], [[1.0, 0.0, 0.0], [1.0, 2.0, 0.0], [3.0, 1.0, 4.0]]]> : tensor<2x3x3xf32>
  %v1 = stablehlo.optimization_barrier %v1c : tensor<2x3x3xf32>
  %v2 = stablehlo.constant dense<3.0> : tensor<2x3x3xf32>
  %v3 = "stablehlo.triangular_solve"(%v1, %v2) <{left_side = true, lower = true, unit_diagonal = false, transpose_a = #stablehlo<transpose NO_TRANSPOSE>}> : (tensor<2x3x3xf32>, tensor<2x3x3xf32>) -> tensor<2x3x3xf32>
  return %v3 : tensor<2x3x3xf32>
}
