// A square broadcast that exchanges dimensions is not computed in place.
func.func public @main() -> (tensor<5x6xui32> {jax.result_info = "tolerance=0.000e+00"}, tensor<2x5xui32> {jax.result_info = "tolerance=0.000e+00"}) {
  %v2c = stablehlo.constant dense<[[2, 1], [0, 3], [1, 3], [3, 2], [1, 0]]> : tensor<5x2xui32>
  %v2 = stablehlo.optimization_barrier %v2c : tensor<5x2xui32>
  %v8c = stablehlo.constant dense<[[1, 3, 4, 4, 0, 0], [1, 1, 3, 2, 0, 4], [2, 2, 3, 0, 0, 0], [1, 4, 1, 0, 4, 2], [2, 4, 3, 1, 4, 3]]> : tensor<5x6xui32>
  %v8 = stablehlo.optimization_barrier %v8c : tensor<5x6xui32>
  %v9c = stablehlo.constant dense<[[0, 3, 1, 1, 4, 3, 4, 3, 2, 4], [2, 3, 1, 1, 4, 0, 4, 2, 2, 3], [4, 4, 1, 2, 1, 2, 4, 2, 4, 0], [4, 4, 1, 2, 1, 0, 2, 2, 1, 2], [0, 3, 2, 3, 2, 3, 1, 3, 0, 1]]> : tensor<5x10xui32>
  %v9 = stablehlo.optimization_barrier %v9c : tensor<5x10xui32>
  %v10 = stablehlo.broadcast_in_dim %v2, dims = [1, 0] : (tensor<5x2xui32>) -> tensor<2x5xui32>
  %v11c = stablehlo.constant dense<true> : tensor<i1>
  %v11 = stablehlo.optimization_barrier %v11c : tensor<i1>
  %v25 = "stablehlo.if"(%v11) ({
    %v15 = stablehlo.constant dense<4294967295> : tensor<ui32>
    %v16 = stablehlo.convert %v11 : (tensor<i1>) -> tensor<ui16>
    stablehlo.return %v8 : tensor<5x6xui32>
  }, {
    %v22, %v23 = "stablehlo.sort"(%v9, %v9) <{dimension = 1 : i64, is_stable = true}> ({
  ^bb0(%v17: tensor<ui32>, %v18: tensor<ui32>, %v19: tensor<ui32>, %v20: tensor<ui32>):
    %v21 = stablehlo.compare GT, %v17, %v18 : (tensor<ui32>, tensor<ui32>) -> tensor<i1>
    stablehlo.return %v21 : tensor<i1>
  }) : (tensor<5x10xui32>, tensor<5x10xui32>) -> (tensor<5x10xui32>, tensor<5x10xui32>)
    %v24 = stablehlo.broadcast_in_dim %v23, dims = [2, 3] : (tensor<5x10xui32>) -> tensor<4x3x5x10xui32>
    stablehlo.return %v8 : tensor<5x6xui32>
  }) : (tensor<i1>) -> tensor<5x6xui32>
  %v41 = "stablehlo.multiply"(%v10, %v10) : (tensor<2x5xui32>, tensor<2x5xui32>) -> tensor<2x5xui32>
  return %v25, %v41 : tensor<5x6xui32>, tensor<2x5xui32>
}
