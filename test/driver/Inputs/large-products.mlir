module {
  func.func @main(%x: tensor<65536x4096xf32>, %w: tensor<4096x16384xf32> {tf.aliasing_output = 0 : i32}) -> (tensor<4096x16384xf32>, tensor<f32>) {
    %0 = stablehlo.dot_general %x, %w, contracting_dims = [1] x [0] : (tensor<65536x4096xf32>, tensor<4096x16384xf32>) -> tensor<65536x16384xf32>
    %1 = stablehlo.multiply %0, %0 : tensor<65536x16384xf32>
    %zero = stablehlo.constant dense<0.0> : tensor<f32>
    %2 = stablehlo.reduce(%1 init: %zero) applies stablehlo.add across dimensions = [0, 1] : (tensor<65536x16384xf32>, tensor<f32>) -> tensor<f32>
    %3 = stablehlo.dot_general %x, %0, contracting_dims = [0] x [0] : (tensor<65536x4096xf32>, tensor<65536x16384xf32>) -> tensor<4096x16384xf32>
    %4 = stablehlo.subtract %w, %3 : tensor<4096x16384xf32>
    return %4, %2 : tensor<4096x16384xf32>, tensor<f32>
  }
}
