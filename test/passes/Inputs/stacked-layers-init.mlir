// Weights and a batch for stacked-layers.mlir.
func.func @main() -> (tensor<4x8x8xf32>, tensor<2x8xf32>) {
  %0 = stablehlo.iota dim = 0 : tensor<256xf32>
  %c = stablehlo.constant dense<0.01> : tensor<256xf32>
  %1 = stablehlo.multiply %0, %c : tensor<256xf32>
  %2 = stablehlo.sine %1 : tensor<256xf32>
  %d = stablehlo.constant dense<0.2> : tensor<256xf32>
  %w = stablehlo.multiply %2, %d : tensor<256xf32>
  %3 = stablehlo.reshape %w : (tensor<256xf32>) -> tensor<4x8x8xf32>
  %4 = stablehlo.iota dim = 1 : tensor<2x8xf32>
  %5 = stablehlo.iota dim = 0 : tensor<2x8xf32>
  %6 = stablehlo.subtract %4, %5 : tensor<2x8xf32>
  return %3, %6 : tensor<4x8x8xf32>, tensor<2x8xf32>
}
