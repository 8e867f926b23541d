// RUN: alpa run %s --no-cache --backend=interpreter
// RUN: alpa run %s --no-cache
// RUN: alpa run %s --no-cache --cluster=host:4 --method=largest

// A constant index outside is as harmless as any other.

module {
  func.func public @main() {
    %index = stablehlo.constant dense<1048576> : tensor<1xi64>
    %in:2 = call @inputs() : () -> (tensor<1x5xf32>, tensor<1xf32>)
    %ex = call @expected() : () -> tensor<1x5xf32>
    %r = "stablehlo.scatter"(%in#0, %index, %in#1) <{scatter_dimension_numbers = #stablehlo.scatter<update_window_dims = [0], inserted_window_dims = [1], scatter_dims_to_operand_dims = [1]>}> ({
    ^bb0(%a: tensor<f32>, %b: tensor<f32>):
      stablehlo.return %b : tensor<f32>
    }) : (tensor<1x5xf32>, tensor<1xi64>, tensor<1xf32>) -> tensor<1x5xf32>
    stablehlo.custom_call @check.expect_eq(%r, %ex) {has_side_effect = true} : (tensor<1x5xf32>, tensor<1x5xf32>) -> ()
    return
  }
  func.func private @inputs() -> (tensor<1x5xf32>, tensor<1xf32>) {
    %0 = stablehlo.constant dense<[[1.0, 2.0, 3.0, 4.0, 5.0]]> : tensor<1x5xf32>
    %1 = stablehlo.constant dense<9.0> : tensor<1xf32>
    return %0, %1 : tensor<1x5xf32>, tensor<1xf32>
  }
  func.func private @expected() -> tensor<1x5xf32> {
    %0 = stablehlo.constant dense<[[1.0, 2.0, 3.0, 4.0, 5.0]]> : tensor<1x5xf32>
    return %0 : tensor<1x5xf32>
  }
}
