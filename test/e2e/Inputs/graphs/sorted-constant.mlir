// A sort of one element beside a constant.
func.func public @main() -> (tensor<1xi32> {jax.result_info = "tolerance=0.000e+00"}) {
  %v12c = stablehlo.constant dense<[-2]> : tensor<1xi32>
  %v12 = stablehlo.optimization_barrier %v12c : tensor<1xi32>
  %v13 = "stablehlo.xor"(%v12, %v12) : (tensor<1xi32>, tensor<1xi32>) -> tensor<1xi32>
  %v14c = stablehlo.constant dense<[2]> : tensor<1xi32>
  %v14 = stablehlo.optimization_barrier %v14c : tensor<1xi32>
  %v20, %v21 = "stablehlo.sort"(%v14, %v13) <{dimension = 0 : i64, is_stable = true}> ({
  ^bb0(%v15: tensor<i32>, %v16: tensor<i32>, %v17: tensor<i32>, %v18: tensor<i32>):
    %v19 = stablehlo.compare GT, %v15, %v16 : (tensor<i32>, tensor<i32>) -> tensor<i1>
    stablehlo.return %v19 : tensor<i1>
  }) : (tensor<1xi32>, tensor<1xi32>) -> (tensor<1xi32>, tensor<1xi32>)
  return %v21 : tensor<1xi32>
}
