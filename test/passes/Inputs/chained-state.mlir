module attributes {alpa.microbatches = 1 : i64, alpa.stages = [{devices = array<i64: 0>, mesh = "1"}, {devices = array<i64: 1>, mesh = "1"}]} {
  func.func public @main(%a: tensor<4xf32> {tf.aliasing_output = 0 : i32}, %b: tensor<4xf32> {tf.aliasing_output = 1 : i32}, %c: tensor<4xf32> {tf.aliasing_output = 2 : i32}, %d: tensor<4xf32> {tf.aliasing_output = 3 : i32}, %e: tensor<4xf32> {tf.aliasing_output = 4 : i32}, %x: tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>) {
    %0 = stablehlo.add %x, %x {alpa.forward, alpa.stage = 0 : i64} : tensor<4xf32>
    %1 = stablehlo.add %0, %a {alpa.forward, alpa.stage = 1 : i64} : tensor<4xf32>
    %2 = stablehlo.add %a, %b : tensor<4xf32>
    %3 = stablehlo.add %b, %c : tensor<4xf32>
    %4 = stablehlo.add %c, %d : tensor<4xf32>
    %5 = stablehlo.add %d, %e : tensor<4xf32>
    %6 = stablehlo.add %e, %e : tensor<4xf32>
    return %2, %3, %4, %5, %6, %1 : tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>
  }
}
