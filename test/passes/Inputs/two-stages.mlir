module @jit_step attributes {alpa.microbatches = 4 : i64, alpa.stages = [{devices = array<i64: 0, 1>, mesh = "2"}, {devices = array<i64: 2, 3>, mesh = "2"}]} {
  func.func public @main(%w0: tensor<8x16xf32> {tf.aliasing_output = 0 : i32}, %w1: tensor<16x4xf32> {tf.aliasing_output = 1 : i32}, %x: tensor<32x8xf32>, %y: tensor<32x4xf32>) -> (tensor<8x16xf32>, tensor<16x4xf32>, tensor<f32>) {
    %zero = stablehlo.constant dense<0> : tensor<i32>
    %four = stablehlo.constant dense<4> : tensor<i32>
    %one = stablehlo.constant dense<1> : tensor<i32>
    %eight = stablehlo.constant dense<8> : tensor<i32>
    %lr = stablehlo.constant dense<0.1> : tensor<f32>
    %f0 = stablehlo.constant dense<0.0> : tensor<f32>
    %a0 = stablehlo.constant dense<0.0> : tensor<8x16xf32>
    %a1 = stablehlo.constant dense<0.0> : tensor<16x4xf32>
    %r:4 = stablehlo.while(%i = %zero, %g0 = %a0, %g1 = %a1, %loss = %f0) : tensor<i32>, tensor<8x16xf32>, tensor<16x4xf32>, tensor<f32>
      attributes {alpa.microbatches = 4 : i64}
    cond {
      %c = stablehlo.compare LT, %i, %four : (tensor<i32>, tensor<i32>) -> tensor<i1>
      stablehlo.return %c : tensor<i1>
    } do {
      %row = stablehlo.multiply %i, %eight : tensor<i32>
      %xs = stablehlo.dynamic_slice %x, %row, %zero, sizes = [8, 8] : (tensor<32x8xf32>, tensor<i32>, tensor<i32>) -> tensor<8x8xf32>
      %h = stablehlo.dot_general %xs, %w0, contracting_dims = [1] x [0] {alpa.stage = 0 : i64, alpa.forward} : (tensor<8x8xf32>, tensor<8x16xf32>) -> tensor<8x16xf32>
      %t = stablehlo.tanh %h {alpa.stage = 0 : i64, alpa.forward} : tensor<8x16xf32>
      %ys = stablehlo.dynamic_slice %y, %row, %zero, sizes = [8, 4] : (tensor<32x4xf32>, tensor<i32>, tensor<i32>) -> tensor<8x4xf32>
      %o = stablehlo.dot_general %t, %w1, contracting_dims = [1] x [0] {alpa.stage = 1 : i64, alpa.forward} : (tensor<8x16xf32>, tensor<16x4xf32>) -> tensor<8x4xf32>
      %d = stablehlo.subtract %o, %ys {alpa.stage = 1 : i64, alpa.forward} : tensor<8x4xf32>
      %sq = stablehlo.multiply %d, %d {alpa.stage = 1 : i64, alpa.forward} : tensor<8x4xf32>
      %s = stablehlo.reduce(%sq init: %f0) applies stablehlo.add across dimensions = [0, 1] {alpa.stage = 1 : i64, alpa.forward} : (tensor<8x4xf32>, tensor<f32>) -> tensor<f32>
      %gw1 = stablehlo.dot_general %t, %d, contracting_dims = [0] x [0] {alpa.stage = 1 : i64} : (tensor<8x16xf32>, tensor<8x4xf32>) -> tensor<16x4xf32>
      %gt = stablehlo.dot_general %d, %w1, contracting_dims = [1] x [1] {alpa.stage = 1 : i64} : (tensor<8x4xf32>, tensor<16x4xf32>) -> tensor<8x16xf32>
      %tt = stablehlo.multiply %t, %t {alpa.stage = 0 : i64} : tensor<8x16xf32>
      %gh0 = stablehlo.multiply %gt, %tt {alpa.stage = 0 : i64} : tensor<8x16xf32>
      %gh = stablehlo.subtract %gt, %gh0 {alpa.stage = 0 : i64} : tensor<8x16xf32>
      %gw0 = stablehlo.dot_general %xs, %gh, contracting_dims = [0] x [0] {alpa.stage = 0 : i64} : (tensor<8x8xf32>, tensor<8x16xf32>) -> tensor<8x16xf32>
      %i2 = stablehlo.add %i, %one : tensor<i32>
      %n0 = stablehlo.add %g0, %gw0 {alpa.stage = 0 : i64} : tensor<8x16xf32>
      %n1 = stablehlo.add %g1, %gw1 {alpa.stage = 1 : i64} : tensor<16x4xf32>
      %nl = stablehlo.add %loss, %s {alpa.stage = 1 : i64, alpa.forward} : tensor<f32>
      stablehlo.return %i2, %n0, %n1, %nl : tensor<i32>, tensor<8x16xf32>, tensor<16x4xf32>, tensor<f32>
    }
    %s0 = stablehlo.multiply %r#1, %r#1 {alpa.stage = 0 : i64} : tensor<8x16xf32>
    %q0 = stablehlo.reduce(%s0 init: %f0) applies stablehlo.add across dimensions = [0, 1] {alpa.stage = 0 : i64} : (tensor<8x16xf32>, tensor<f32>) -> tensor<f32>
    %s1 = stablehlo.multiply %r#2, %r#2 {alpa.stage = 1 : i64} : tensor<16x4xf32>
    %q1 = stablehlo.reduce(%s1 init: %f0) applies stablehlo.add across dimensions = [0, 1] {alpa.stage = 1 : i64} : (tensor<16x4xf32>, tensor<f32>) -> tensor<f32>
    %norm = stablehlo.add %q0, %q1 : tensor<f32>
    %scale = stablehlo.divide %lr, %norm : tensor<f32>
    %b0 = stablehlo.broadcast_in_dim %scale, dims = [] {alpa.stage = 0 : i64} : (tensor<f32>) -> tensor<8x16xf32>
    %u0 = stablehlo.multiply %r#1, %b0 {alpa.stage = 0 : i64} : tensor<8x16xf32>
    %p0 = stablehlo.subtract %w0, %u0 {alpa.stage = 0 : i64} : tensor<8x16xf32>
    %b1 = stablehlo.broadcast_in_dim %scale, dims = [] {alpa.stage = 1 : i64} : (tensor<f32>) -> tensor<16x4xf32>
    %u1 = stablehlo.multiply %r#2, %b1 {alpa.stage = 1 : i64} : tensor<16x4xf32>
    %p1 = stablehlo.subtract %w1, %u1 {alpa.stage = 1 : i64} : tensor<16x4xf32>
    return %p0, %p1, %r#3 : tensor<8x16xf32>, tensor<16x4xf32>, tensor<f32>
  }
}
