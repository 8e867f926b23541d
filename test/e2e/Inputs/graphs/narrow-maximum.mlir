// A maximum of floats without infinities begins with the least number.
func.func public @main() -> (tensor<f8E4M3FN> {jax.result_info = "tolerance=0.000e+00"}) {
  %v3c = stablehlo.constant dense<[4.0, -4.0, 3.0, 1.0, -4.0, 2.0]> : tensor<6xf8E4M3FN>
  %v3 = stablehlo.optimization_barrier %v3c : tensor<6xf8E4M3FN>
  %v7 = stablehlo.constant dense<-440.0> : tensor<f8E4M3FN>
  %v8 = "stablehlo.reduce"(%v3, %v7) <{dimensions = array<i64: 0>}> ({
  ^bb0(%v4: tensor<f8E4M3FN>, %v5: tensor<f8E4M3FN>):
    %v6 = stablehlo.maximum %v4, %v5 : tensor<f8E4M3FN>
    stablehlo.return %v6 : tensor<f8E4M3FN>
  }) : (tensor<6xf8E4M3FN>, tensor<f8E4M3FN>) -> tensor<f8E4M3FN>
  return %v8 : tensor<f8E4M3FN>
}
