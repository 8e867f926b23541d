module {
  sdy.mesh @mesh = <["a"=4]>
  func.func @main(%x: tensor<6x5xf32> {sdy.sharding = #sdy.sharding<@mesh, [{"a"}, {}]>}, %w: tensor<6x6xf32>) -> (tensor<6x5xf32>, tensor<f32>) {
    %0 = stablehlo.multiply %x, %x : tensor<6x5xf32>
    %1 = stablehlo.dot_general %w, %0, contracting_dims = [1] x [0] : (tensor<6x6xf32>, tensor<6x5xf32>) -> tensor<6x5xf32>
    %2 = stablehlo.add %1, %x : tensor<6x5xf32>
    %zero = stablehlo.constant dense<0.0> : tensor<f32>
    %3 = stablehlo.reduce(%2 init: %zero) applies stablehlo.add across dimensions = [0, 1] : (tensor<6x5xf32>, tensor<f32>) -> tensor<f32>
    return %2, %3 : tensor<6x5xf32>, tensor<f32>
  }
}
