// Three layers; two marks with nothing between them are one.
func.func @main(%w0: tensor<16x32xf32> {tf.aliasing_output = 0 : i32}, %w1: tensor<32x4xf32> {tf.aliasing_output = 1 : i32}, %x: tensor<8x16xf32>) -> (tensor<16x32xf32>, tensor<32x4xf32>, tensor<f32>) {
  %zero = stablehlo.constant dense<0.0> : tensor<f32>
  %a = stablehlo.dot_general %x, %w0, contracting_dims = [1] x [0] : (tensor<8x16xf32>, tensor<16x32xf32>) -> tensor<8x32xf32>
  stablehlo.custom_call @alpa.pipeline_boundary() {has_side_effect = true} : () -> ()
  stablehlo.custom_call @alpa.pipeline_boundary() {has_side_effect = true} : () -> ()
  %aa = stablehlo.tanh %a : tensor<8x32xf32>
  %b = stablehlo.dot_general %aa, %w1, contracting_dims = [1] x [0] : (tensor<8x32xf32>, tensor<32x4xf32>) -> tensor<8x4xf32>
  stablehlo.custom_call @alpa.pipeline_boundary() {has_side_effect = true} : () -> ()
  %bb = stablehlo.multiply %b, %b : tensor<8x4xf32>
  %loss = stablehlo.reduce(%bb init: %zero) applies stablehlo.add across dimensions = [0, 1] : (tensor<8x4xf32>, tensor<f32>) -> tensor<f32>
  %n0 = stablehlo.multiply %w0, %w0 : tensor<16x32xf32>
  %n1 = stablehlo.multiply %w1, %w1 : tensor<32x4xf32>
  return %n0, %n1, %loss : tensor<16x32xf32>, tensor<32x4xf32>, tensor<f32>
}
