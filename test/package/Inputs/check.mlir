func.func public @main(%x: tensor<4xf32>, %y: tensor<4xf32> {jax.arg_name = "y"}) {
  %0 = stablehlo.add %x, %x : tensor<4xf32>
  stablehlo.custom_call @check.expect_eq(%0, %y) {has_side_effect = true} : (tensor<4xf32>, tensor<4xf32>) -> ()
  func.return
}
