// RUN: alpa run %s --no-cache --backend=interpreter
// RUN: alpa run %s --no-cache

// stablehlo.gather of rows, stablehlo.scatter with add; indices outside

module {
  func.func public @main() {
    %in:6 = call @inputs() : () -> (tensor<4x3xi32>, tensor<3xi32>, tensor<3x3xi32>, tensor<4x3xf32>, tensor<3xi32>, tensor<3x3xf32>)
    %ex:4 = call @expected() : () -> (tensor<3x3xi32>, tensor<4x3xi32>, tensor<3x3xf32>, tensor<4x3xf32>)
    %r1 = "stablehlo.gather"(%in#0, %in#1) <{dimension_numbers = #stablehlo.gather<offset_dims = [1], collapsed_slice_dims = [0], start_index_map = [0], index_vector_dim = 1>, slice_sizes = array<i64: 1, 3>}> : (tensor<4x3xi32>, tensor<3xi32>) -> tensor<3x3xi32>
    stablehlo.custom_call @check.expect_eq(%r1, %ex#0) {has_side_effect = true} : (tensor<3x3xi32>, tensor<3x3xi32>) -> ()
    %r2 = "stablehlo.scatter"(%in#0, %in#1, %in#2) <{scatter_dimension_numbers = #stablehlo.scatter<update_window_dims = [1], inserted_window_dims = [0], scatter_dims_to_operand_dims = [0], index_vector_dim = 1>}> ({
    ^bb0(%p: tensor<i32>, %q: tensor<i32>):
      %s = stablehlo.add %p, %q : tensor<i32>
      stablehlo.return %s : tensor<i32>
    }) : (tensor<4x3xi32>, tensor<3xi32>, tensor<3x3xi32>) -> tensor<4x3xi32>
    stablehlo.custom_call @check.expect_eq(%r2, %ex#1) {has_side_effect = true} : (tensor<4x3xi32>, tensor<4x3xi32>) -> ()
    %r3 = "stablehlo.gather"(%in#3, %in#4) <{dimension_numbers = #stablehlo.gather<offset_dims = [1], collapsed_slice_dims = [0], start_index_map = [0], index_vector_dim = 1>, slice_sizes = array<i64: 1, 3>}> : (tensor<4x3xf32>, tensor<3xi32>) -> tensor<3x3xf32>
    stablehlo.custom_call @check.expect_eq(%r3, %ex#2) {has_side_effect = true} : (tensor<3x3xf32>, tensor<3x3xf32>) -> ()
    %r4 = "stablehlo.scatter"(%in#3, %in#4, %in#5) <{scatter_dimension_numbers = #stablehlo.scatter<update_window_dims = [1], inserted_window_dims = [0], scatter_dims_to_operand_dims = [0], index_vector_dim = 1>}> ({
    ^bb0(%p: tensor<f32>, %q: tensor<f32>):
      %s = stablehlo.add %p, %q : tensor<f32>
      stablehlo.return %s : tensor<f32>
    }) : (tensor<4x3xf32>, tensor<3xi32>, tensor<3x3xf32>) -> tensor<4x3xf32>
    stablehlo.custom_call @check.expect_eq(%r4, %ex#3) {has_side_effect = true} : (tensor<4x3xf32>, tensor<4x3xf32>) -> ()
    return
  }
  func.func private @inputs() -> (tensor<4x3xi32>, tensor<3xi32>, tensor<3x3xi32>, tensor<4x3xf32>, tensor<3xi32>, tensor<3x3xf32>) {
    %0 = stablehlo.constant dense<[[0, 1, 2], [3, 4, 5], [6, 7, 8], [9, 10, 11]]> : tensor<4x3xi32>
    %1 = stablehlo.constant dense<[2, 0, 7]> : tensor<3xi32>
    %2 = stablehlo.constant dense<[[1, 1, 1], [2, 2, 2], [5, 5, 5]]> : tensor<3x3xi32>
    %3 = stablehlo.constant dense<[[0.0, 1.0, 2.0], [3.0, 4.0, 5.0], [6.0, 7.0, 8.0], [9.0, 10.0, 11.0]]> : tensor<4x3xf32>
    %4 = stablehlo.constant dense<[2, 0, 7]> : tensor<3xi32>
    %5 = stablehlo.constant dense<[[1.0, 1.0, 1.0], [2.0, 2.0, 2.0], [5.0, 5.0, 5.0]]> : tensor<3x3xf32>
    return %0, %1, %2, %3, %4, %5 : tensor<4x3xi32>, tensor<3xi32>, tensor<3x3xi32>, tensor<4x3xf32>, tensor<3xi32>, tensor<3x3xf32>
  }
  func.func private @expected() -> (tensor<3x3xi32>, tensor<4x3xi32>, tensor<3x3xf32>, tensor<4x3xf32>) {
    %0 = stablehlo.constant dense<[[6, 7, 8], [0, 1, 2], [9, 10, 11]]> : tensor<3x3xi32>
    %1 = stablehlo.constant dense<[[2, 3, 4], [3, 4, 5], [7, 8, 9], [9, 10, 11]]> : tensor<4x3xi32>
    %2 = stablehlo.constant dense<[[6.0, 7.0, 8.0], [0.0, 1.0, 2.0], [9.0, 10.0, 11.0]]> : tensor<3x3xf32>
    %3 = stablehlo.constant dense<[[2.0, 3.0, 4.0], [3.0, 4.0, 5.0], [7.0, 8.0, 9.0], [9.0, 10.0, 11.0]]> : tensor<4x3xf32>
    return %0, %1, %2, %3 : tensor<3x3xi32>, tensor<4x3xi32>, tensor<3x3xf32>, tensor<4x3xf32>
  }
}
