// Kernels must not wait for each other through collectives between ops that are far apart.
func.func public @main() -> (tensor<4x7xf32> {jax.result_info = "tolerance=2.711e-04"}, tensor<4x1x7xui32> {jax.result_info = "tolerance=0.000e+00"}, tensor<4x1x7xi1> {jax.result_info = "tolerance=0.000e+00"}) {
  %v1c = stablehlo.constant dense<[[[2, 0, 2, 4, 4, 0, 2]], [[3, 0, 2, 0, 2, 2, 0]], [[2, 3, 4, 4, 1, 2, 1]], [[0, 1, 4, 4, 2, 2, 3]]]> : tensor<4x1x7xui32>
  %v1 = stablehlo.optimization_barrier %v1c : tensor<4x1x7xui32>
  %v2c = stablehlo.constant dense<[[[-3.0, 3.0, 1.0, -4.0, -3.0, -4.0, 4.0]], [[-3.0, 4.0, 2.0, 3.0, -4.0, 3.0, -2.0]], [[2.0, -3.0, 4.0, 1.0, -3.0, 1.0, 3.0]], [[-1.0, -2.0, 3.0, -3.0, -3.0, 1.0, 3.0]]]> : tensor<4x1x7xf32>
  %v2 = stablehlo.optimization_barrier %v2c : tensor<4x1x7xf32>
  %v5 = chlo.mulhi %v1, %v1 : tensor<4x1x7xui32>, tensor<4x1x7xui32> -> tensor<4x1x7xui32>
  %v6 = stablehlo.constant dense<1> : tensor<4x1x7xui32>
  %v7 = "stablehlo.or"(%v5, %v6) : (tensor<4x1x7xui32>, tensor<4x1x7xui32>) -> tensor<4x1x7xui32>
  %v8 = "stablehlo.remainder"(%v5, %v7) : (tensor<4x1x7xui32>, tensor<4x1x7xui32>) -> tensor<4x1x7xui32>
  %v9 = "stablehlo.exponential"(%v2) : (tensor<4x1x7xf32>) -> tensor<4x1x7xf32>
  %v11c = stablehlo.constant dense<[[[1.0, -4.0, 2.0, -4.0]], [[3.0, -1.0, 0.0, 1.0]], [[-4.0, 4.0, -4.0, -1.0]], [[1.0, -4.0, -2.0, -2.0]], [[-4.0, 1.0, 2.0, -4.0]], [[1.0, 4.0, -2.0, -2.0]], [[-1.0, 1.0, -3.0, 2.0]]]> : tensor<7x1x4xf32>
  %v11 = stablehlo.optimization_barrier %v11c : tensor<7x1x4xf32>
  %v12 = "stablehlo.dot_general"(%v9, %v11) <{dot_dimension_numbers = #stablehlo.dot<lhs_batching_dimensions = [0, 2], rhs_batching_dimensions = [2, 0], lhs_contracting_dimensions = [1], rhs_contracting_dimensions = [1]>}> : (tensor<4x1x7xf32>, tensor<7x1x4xf32>) -> tensor<4x7xf32>
  %v13c = stablehlo.constant dense<[[[2, 0, 1, 4, 2, 2, 3]], [[3, 3, 3, 1, 1, 1, 3]], [[0, 0, 0, 0, 4, 4, 0]], [[4, 3, 3, 4, 4, 1, 4]]]> : tensor<4x1x7xui32>
  %v13 = stablehlo.optimization_barrier %v13c : tensor<4x1x7xui32>
  %v14 = stablehlo.constant dense<1> : tensor<4x1x7xui32>
  %v15 = "stablehlo.or"(%v13, %v14) : (tensor<4x1x7xui32>, tensor<4x1x7xui32>) -> tensor<4x1x7xui32>
  %v16 = "stablehlo.divide"(%v8, %v15) : (tensor<4x1x7xui32>, tensor<4x1x7xui32>) -> tensor<4x1x7xui32>
  %v18 = chlo.mulhi %v15, %v13 : tensor<4x1x7xui32>, tensor<4x1x7xui32> -> tensor<4x1x7xui32>
  %v43 = stablehlo.compare LE, %v18, %v5, UNSIGNED : (tensor<4x1x7xui32>, tensor<4x1x7xui32>) -> tensor<4x1x7xi1>
  return %v12, %v16, %v43 : tensor<4x7xf32>, tensor<4x1x7xui32>, tensor<4x1x7xi1>
}
