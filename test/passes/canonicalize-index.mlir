// RUN: alpa-opt %s --pass-pipeline='builtin.module(func.func(canonicalize))' | FileCheck %s

// One slice at constant indices is that slice.
// CHECK-LABEL: func.func @gather
// CHECK:         %[[S:.*]] = stablehlo.slice %arg0 [2:3, 0:4] : (tensor<3x4xf32>) -> tensor<1x4xf32>
// CHECK:         %[[R:.*]] = stablehlo.reshape %[[S]] : (tensor<1x4xf32>) -> tensor<4xf32>
// CHECK:         return %[[R]]
func.func @gather(%x: tensor<3x4xf32>) -> tensor<4xf32> {
  %c = stablehlo.constant dense<7> : tensor<1xi32>
  %0 = "stablehlo.gather"(%x, %c) <{dimension_numbers = #stablehlo.gather<offset_dims = [0], collapsed_slice_dims = [0], start_index_map = [0]>, indices_are_sorted = false, slice_sizes = array<i64: 1, 4>}> : (tensor<3x4xf32>, tensor<1xi32>) -> tensor<4xf32>
  return %0 : tensor<4xf32>
}

// x[arange(n), i] with the wrap of negative indices that JAX writes: the first column becomes a batching dimension.
// CHECK-LABEL: func.func @counted_column
// CHECK:         %[[I:.*]] = stablehlo.broadcast_in_dim %arg1, dims = [0] : (tensor<16xi32>) -> tensor<16x1xi32>
// CHECK:         "stablehlo.gather"(%arg0, %[[I]])
// CHECK-SAME:      collapsed_slice_dims = [1], operand_batching_dims = [0], start_indices_batching_dims = [0], start_index_map = [1], index_vector_dim = 1>
// CHECK-SAME:      slice_sizes = array<i64: 1, 1>
// CHECK-SAME:      (tensor<16x8xf32>, tensor<16x1xi32>) -> tensor<16xf32>
func.func @counted_column(%x: tensor<16x8xf32>, %y: tensor<16xi32>) -> tensor<16xf32> {
  %zero = stablehlo.constant dense<0> : tensor<16xi32>
  %n = stablehlo.constant dense<16> : tensor<16xi32>
  %0 = stablehlo.iota dim = 0 : tensor<16xi32>
  %1 = stablehlo.compare LT, %0, %zero, SIGNED : (tensor<16xi32>, tensor<16xi32>) -> tensor<16xi1>
  %2 = stablehlo.add %0, %n : tensor<16xi32>
  %3 = stablehlo.select %1, %2, %0 : tensor<16xi1>, tensor<16xi32>
  %4 = stablehlo.broadcast_in_dim %3, dims = [0] : (tensor<16xi32>) -> tensor<16x1xi32>
  %5 = stablehlo.broadcast_in_dim %y, dims = [0] : (tensor<16xi32>) -> tensor<16x1xi32>
  %6 = stablehlo.concatenate %4, %5, dim = 1 : (tensor<16x1xi32>, tensor<16x1xi32>) -> tensor<16x2xi32>
  %7 = "stablehlo.gather"(%x, %6) <{dimension_numbers = #stablehlo.gather<collapsed_slice_dims = [0, 1], start_index_map = [0, 1], index_vector_dim = 1>, indices_are_sorted = false, slice_sizes = array<i64: 1, 1>}> : (tensor<16x8xf32>, tensor<16x2xi32>) -> tensor<16xf32>
  return %7 : tensor<16xf32>
}

// Two counted columns of three, in the other order, through a reshape and a conversion.
// CHECK-LABEL: func.func @two_counted_columns
// CHECK:         "stablehlo.gather"(%arg0, %arg1)
// CHECK-SAME:      collapsed_slice_dims = [2], operand_batching_dims = [0, 1], start_indices_batching_dims = [1, 0], start_index_map = [2], index_vector_dim = 2>
func.func @two_counted_columns(%x: tensor<4x6x8xf32>, %y: tensor<6x4x1xi32>) -> tensor<6x4xf32> {
  %0 = stablehlo.iota dim = 0 : tensor<4xui8>
  %1 = stablehlo.convert %0 : (tensor<4xui8>) -> tensor<4xi32>
  %2 = stablehlo.broadcast_in_dim %1, dims = [1] : (tensor<4xi32>) -> tensor<6x4x1xi32>
  %3 = stablehlo.iota dim = 0 : tensor<6xi32>
  %4 = stablehlo.reshape %3 : (tensor<6xi32>) -> tensor<6x1xi32>
  %5 = stablehlo.broadcast_in_dim %4, dims = [0, 1] : (tensor<6x1xi32>) -> tensor<6x4xi32>
  %6 = stablehlo.reshape %5 : (tensor<6x4xi32>) -> tensor<6x4x1xi32>
  %7 = stablehlo.concatenate %2, %6, %y, dim = 2 : (tensor<6x4x1xi32>, tensor<6x4x1xi32>, tensor<6x4x1xi32>) -> tensor<6x4x3xi32>
  %8 = "stablehlo.gather"(%x, %7) <{dimension_numbers = #stablehlo.gather<collapsed_slice_dims = [0, 1, 2], start_index_map = [0, 1, 2], index_vector_dim = 2>, indices_are_sorted = false, slice_sizes = array<i64: 1, 1, 1>}> : (tensor<4x6x8xf32>, tensor<6x4x3xi32>) -> tensor<6x4xf32>
  return %8 : tensor<6x4xf32>
}

// The operand's dimension is longer than what is counted: no batching dimension.
// CHECK-LABEL: func.func @counts_part
// CHECK:         stablehlo.concatenate
// CHECK:         start_index_map = [0, 1]
func.func @counts_part(%x: tensor<20x8xf32>, %y: tensor<16x1xi32>) -> tensor<16xf32> {
  %0 = stablehlo.iota dim = 0 : tensor<16x1xi32>
  %1 = stablehlo.concatenate %0, %y, dim = 1 : (tensor<16x1xi32>, tensor<16x1xi32>) -> tensor<16x2xi32>
  %2 = "stablehlo.gather"(%x, %1) <{dimension_numbers = #stablehlo.gather<collapsed_slice_dims = [0, 1], start_index_map = [0, 1], index_vector_dim = 1>, indices_are_sorted = false, slice_sizes = array<i64: 1, 1>}> : (tensor<20x8xf32>, tensor<16x2xi32>) -> tensor<16xf32>
  return %2 : tensor<16xf32>
}

// CHECK-LABEL: func.func @scatter
// CHECK:         "stablehlo.scatter"(%arg0, %arg1, %arg2)
// CHECK-SAME:      inserted_window_dims = [1], input_batching_dims = [0], scatter_indices_batching_dims = [0], scatter_dims_to_operand_dims = [1], index_vector_dim = 1>
func.func @scatter(%x: tensor<16x8xf32>, %y: tensor<16x1xi32>, %u: tensor<16xf32>) -> tensor<16x8xf32> {
  %0 = stablehlo.iota dim = 0 : tensor<16x1xi32>
  %1 = stablehlo.concatenate %0, %y, dim = 1 : (tensor<16x1xi32>, tensor<16x1xi32>) -> tensor<16x2xi32>
  %2 = "stablehlo.scatter"(%x, %1, %u) <{indices_are_sorted = false, scatter_dimension_numbers = #stablehlo.scatter<inserted_window_dims = [0, 1], scatter_dims_to_operand_dims = [0, 1], index_vector_dim = 1>, unique_indices = false}> ({
  ^bb0(%a: tensor<f32>, %b: tensor<f32>):
    %3 = stablehlo.add %a, %b : tensor<f32>
    stablehlo.return %3 : tensor<f32>
  }) : (tensor<16x8xf32>, tensor<16x2xi32>, tensor<16xf32>) -> tensor<16x8xf32>
  return %2 : tensor<16x8xf32>
}
