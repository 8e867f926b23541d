// A train step of four layers whose weights are stacked: a loop over them, one back that begins with the last layer, and
// an update that is scaled by the sum of the gradient, and by that of each layer's.
func.func @main(%w: tensor<4x8x8xf32> {tf.aliasing_output = 0 : i32}, %x: tensor<2x8xf32>)
    -> (tensor<4x8x8xf32>, tensor<f32>) {
  %zero = stablehlo.constant dense<0> : tensor<i32>
  %zeros = stablehlo.constant dense<0.0> : tensor<4x2x8xf32>
  %no_gradient = stablehlo.constant dense<0.0> : tensor<4x8x8xf32>
  %0:3 = stablehlo.while(%i = %zero, %h = %x, %saved = %zeros) : tensor<i32>, tensor<2x8xf32>, tensor<4x2x8xf32>
  cond {
    %n = stablehlo.constant dense<4> : tensor<i32>
    %c = stablehlo.compare LT, %i, %n, SIGNED : (tensor<i32>, tensor<i32>) -> tensor<i1>
    stablehlo.return %c : tensor<i1>
  } do {
    %one = stablehlo.constant dense<1> : tensor<i32>
    %c0 = stablehlo.constant dense<0> : tensor<i32>
    %w1 = stablehlo.dynamic_slice %w, %i, %c0, %c0, sizes = [1, 8, 8] : (tensor<4x8x8xf32>, tensor<i32>, tensor<i32>, tensor<i32>) -> tensor<1x8x8xf32>
    %w2 = stablehlo.reshape %w1 : (tensor<1x8x8xf32>) -> tensor<8x8xf32>
    %y = stablehlo.dot_general %h, %w2, contracting_dims = [1] x [0] : (tensor<2x8xf32>, tensor<8x8xf32>) -> tensor<2x8xf32>
    %f = stablehlo.convert %i : (tensor<i32>) -> tensor<f32>
    %b = stablehlo.broadcast_in_dim %f, dims = [] : (tensor<f32>) -> tensor<2x8xf32>
    %z = stablehlo.add %y, %b : tensor<2x8xf32>
    %keep = stablehlo.reshape %h : (tensor<2x8xf32>) -> tensor<1x2x8xf32>
    %s = stablehlo.dynamic_update_slice %saved, %keep, %i, %c0, %c0 : (tensor<4x2x8xf32>, tensor<1x2x8xf32>, tensor<i32>, tensor<i32>, tensor<i32>) -> tensor<4x2x8xf32>
    %next = stablehlo.add %i, %one : tensor<i32>
    stablehlo.return %next, %z, %s : tensor<i32>, tensor<2x8xf32>, tensor<4x2x8xf32>
  }
  %1:3 = stablehlo.while(%i = %zero, %d = %0#1, %g = %no_gradient) : tensor<i32>, tensor<2x8xf32>, tensor<4x8x8xf32>
  cond {
    %n = stablehlo.constant dense<4> : tensor<i32>
    %c = stablehlo.compare LT, %i, %n, SIGNED : (tensor<i32>, tensor<i32>) -> tensor<i1>
    stablehlo.return %c : tensor<i1>
  } do {
    %one = stablehlo.constant dense<1> : tensor<i32>
    %c0 = stablehlo.constant dense<0> : tensor<i32>
    %four = stablehlo.constant dense<4> : tensor<i32>
    %left = stablehlo.subtract %four, %i : tensor<i32>
    %j = stablehlo.subtract %left, %one : tensor<i32>
    %is_before = stablehlo.compare LT, %j, %c0, SIGNED : (tensor<i32>, tensor<i32>) -> tensor<i1>
    %wrapped = stablehlo.add %j, %four : tensor<i32>
    %k = stablehlo.select %is_before, %wrapped, %j : tensor<i1>, tensor<i32>
    %w1 = stablehlo.dynamic_slice %w, %k, %c0, %c0, sizes = [1, 8, 8] : (tensor<4x8x8xf32>, tensor<i32>, tensor<i32>, tensor<i32>) -> tensor<1x8x8xf32>
    %w2 = stablehlo.reshape %w1 : (tensor<1x8x8xf32>) -> tensor<8x8xf32>
    %s1 = stablehlo.dynamic_slice %0#2, %k, %c0, %c0, sizes = [1, 2, 8] : (tensor<4x2x8xf32>, tensor<i32>, tensor<i32>, tensor<i32>) -> tensor<1x2x8xf32>
    %s2 = stablehlo.reshape %s1 : (tensor<1x2x8xf32>) -> tensor<2x8xf32>
    %y = stablehlo.dot_general %d, %w2, contracting_dims = [1] x [1] : (tensor<2x8xf32>, tensor<8x8xf32>) -> tensor<2x8xf32>
    %gw = stablehlo.dot_general %s2, %d, contracting_dims = [0] x [0] : (tensor<2x8xf32>, tensor<2x8xf32>) -> tensor<8x8xf32>
    %g1 = stablehlo.reshape %gw : (tensor<8x8xf32>) -> tensor<1x8x8xf32>
    %g2 = stablehlo.dynamic_update_slice %g, %g1, %k, %c0, %c0 : (tensor<4x8x8xf32>, tensor<1x8x8xf32>, tensor<i32>, tensor<i32>, tensor<i32>) -> tensor<4x8x8xf32>
    %next = stablehlo.add %i, %one : tensor<i32>
    stablehlo.return %next, %y, %g2 : tensor<i32>, tensor<2x8xf32>, tensor<4x8x8xf32>
  }
  %float_zero = stablehlo.constant dense<0.0> : tensor<f32>
  %norm = stablehlo.reduce(%1#2 init: %float_zero) applies stablehlo.add across dimensions = [0, 1, 2] : (tensor<4x8x8xf32>, tensor<f32>) -> tensor<f32>
  %small = stablehlo.constant dense<1.0e-15> : tensor<f32>
  %rate = stablehlo.multiply %norm, %small : tensor<f32>
  %by = stablehlo.broadcast_in_dim %rate, dims = [] : (tensor<f32>) -> tensor<4x8x8xf32>
  %scaled = stablehlo.multiply %1#2, %by : tensor<4x8x8xf32>
  %of_layer = stablehlo.reduce(%1#2 init: %float_zero) applies stablehlo.add across dimensions = [1, 2] : (tensor<4x8x8xf32>, tensor<f32>) -> tensor<4xf32>
  %by_layer = stablehlo.broadcast_in_dim %of_layer, dims = [0] : (tensor<4xf32>) -> tensor<4x8x8xf32>
  %ratio = stablehlo.multiply %scaled, %by_layer : tensor<4x8x8xf32>
  %new = stablehlo.subtract %w, %ratio : tensor<4x8x8xf32>
  %squares = stablehlo.multiply %0#1, %0#1 : tensor<2x8xf32>
  %loss = stablehlo.reduce(%squares init: %float_zero) applies stablehlo.add across dimensions = [0, 1] : (tensor<2x8xf32>, tensor<f32>) -> tensor<f32>
  return %new, %loss : tensor<4x8x8xf32>, tensor<f32>
}
