// Flows of complex numbers are sums, whatever the indices beside them are.
func.func public @main() -> (tensor<5x4xcomplex<f64>> {jax.result_info = "tolerance=6.395e-14"}, tensor<4x7x4xi1> {jax.result_info = "tolerance=0.000e+00"}, tensor<4x7x4xf32> {jax.result_info = "tolerance=0.000e+00"}, tensor<1x3xcomplex<f64>> {jax.result_info = "tolerance=0.000e+00"}, tensor<1x1xui8> {jax.result_info = "tolerance=0.000e+00"}) {
  %v1c = stablehlo.constant dense<[[[3.0, 4.0, -4.0, 2.0], [4.0, 2.0, 3.0, 3.0], [-3.0, 0.0, 0.0, -2.0], [-4.0, 1.0, 0.0, -3.0], [4.0, 3.0, -2.0, -4.0], [4.0, 0.0, -1.0, -2.0], [-4.0, 1.0, 4.0, -3.0]], [[2.0, 3.0, -3.0, -1.0], [2.0, 4.0, 0.0, -4.0], [-4.0, 1.0, -1.0, -2.0], [-3.0, 3.0, 2.0, 4.0], [-1.0, -2.0, 1.0, -1.0], [-4.0, -1.0, 2.0, 3.0], [0.0, -3.0, -1.0, -3.0]], [[3.0, 0.0, -3.0, -3.0], [-1.0, 0.0, -1.0, 1.0], [4.0, 0.0, -1.0, -2.0], [4.0, 4.0, -3.0, -1.0], [-2.0, -4.0, 4.0, 0.0], [1.0, 4.0, 2.0, 3.0], [-2.0, -4.0, -4.0, -2.0]], [[2.0, -2.0, 0.0, 0.0], [-3.0, 1.0, 3.0, -4.0], [3.0, 4.0, 2.0, 2.0], [4.0, -2.0, 1.0, -4.0], [-1.0, -3.0, -1.0, 3.0], [-1.0, -3.0, -3.0, -2.0], [-3.0, -3.0, -1.0, 2.0]]]> : tensor<4x7x4xf32>
  %v1 = stablehlo.optimization_barrier %v1c : tensor<4x7x4xf32>
  %v2c = stablehlo.constant dense<[[(0.0, -3.0), (-2.0, -4.0), (4.0, -1.0), (4.0, 3.0)], [(4.0, -3.0), (4.0, 0.0), (0.0, 0.0), (4.0, -3.0)], [(-2.0, 3.0), (4.0, 0.0), (-3.0, -3.0), (3.0, -1.0)], [(2.0, -4.0), (2.0, 2.0), (4.0, 2.0), (2.0, -2.0)], [(-1.0, 0.0), (1.0, 3.0), (1.0, 2.0), (-4.0, 1.0)]]> : tensor<5x4xcomplex<f64>>
  %v2 = stablehlo.optimization_barrier %v2c : tensor<5x4xcomplex<f64>>
  %v3 = stablehlo.fft %v2, type = FFT, length = [4] : (tensor<5x4xcomplex<f64>>) -> tensor<5x4xcomplex<f64>>
  %v4 = stablehlo.compare EQ, %v1, %v1, FLOAT : (tensor<4x7x4xf32>, tensor<4x7x4xf32>) -> tensor<4x7x4xi1>
  %v5 = "stablehlo.negate"(%v2) : (tensor<5x4xcomplex<f64>>) -> tensor<5x4xcomplex<f64>>
  %v6c = stablehlo.constant dense<[[[4.0, -1.0, 4.0, -3.0], [4.0, -1.0, 4.0, -4.0], [-4.0, -3.0, 0.0, 0.0], [-4.0, 4.0, -1.0, -4.0], [1.0, 1.0, -1.0, 4.0], [3.0, -3.0, -2.0, -1.0], [1.0, -2.0, 1.0, 3.0]], [[-1.0, -4.0, -1.0, -3.0], [-4.0, 0.0, 4.0, -4.0], [-3.0, -1.0, 0.0, -3.0], [2.0, -1.0, 0.0, -2.0], [2.0, 1.0, -4.0, -2.0], [-4.0, 3.0, 2.0, -2.0], [2.0, -2.0, -4.0, -3.0]], [[2.0, -3.0, 4.0, -2.0], [2.0, 4.0, 0.0, 1.0], [-4.0, -4.0, -1.0, 1.0], [0.0, 4.0, 3.0, -4.0], [-2.0, -3.0, -2.0, 4.0], [4.0, -4.0, 1.0, 2.0], [4.0, -2.0, 3.0, 4.0]], [[1.0, 1.0, 1.0, 3.0], [-3.0, 2.0, -3.0, -1.0], [-3.0, 3.0, -3.0, 3.0], [3.0, 4.0, -1.0, 3.0], [3.0, 0.0, 2.0, -4.0], [-3.0, 3.0, -3.0, 3.0], [-3.0, -2.0, -2.0, 4.0]]]> : tensor<4x7x4xf32>
  %v6 = stablehlo.optimization_barrier %v6c : tensor<4x7x4xf32>
  %v7 = "stablehlo.add"(%v1, %v6) : (tensor<4x7x4xf32>, tensor<4x7x4xf32>) -> tensor<4x7x4xf32>
  %v8c = stablehlo.constant dense<4> : tensor<ui8>
  %v8 = stablehlo.optimization_barrier %v8c : tensor<ui8>
  %v9c = stablehlo.constant dense<4> : tensor<ui8>
  %v9 = stablehlo.optimization_barrier %v9c : tensor<ui8>
  %v10 = "stablehlo.dynamic_slice"(%v5, %v8, %v9) <{slice_sizes = array<i64: 1, 3>}> : (tensor<5x4xcomplex<f64>>, tensor<ui8>, tensor<ui8>) -> tensor<1x3xcomplex<f64>>
  %v12c = stablehlo.constant dense<[[3]]> : tensor<1x1xui8>
  %v12 = stablehlo.optimization_barrier %v12c : tensor<1x1xui8>
  return %v3, %v4, %v7, %v10, %v12 : tensor<5x4xcomplex<f64>>, tensor<4x7x4xi1>, tensor<4x7x4xf32>, tensor<1x3xcomplex<f64>>, tensor<1x1xui8>
}
