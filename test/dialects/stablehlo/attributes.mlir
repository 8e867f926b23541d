// The attributes of StableHLO: fields in any order, older spellings, both forms of convolution dimensions.
// RUN: alpa-opt %s | FileCheck %s
// RUN: alpa-opt %s | alpa-opt | FileCheck %s
// RUN: alpa-opt %s --mlir-print-op-generic | alpa-opt | FileCheck %s

// CHECK-LABEL: module
// CHECK-SAME: x.accuracy = #stablehlo.result_accuracy<rtol = 1.000000e-05, ulps = 2, mode = #stablehlo.result_accuracy_mode<TOLERANCE>>
// CHECK-SAME: x.alias = #stablehlo.output_operand_alias<output_tuple_indices = [], operand_index = 0, operand_tuple_indices = [1]>
// CHECK-SAME: x.bounds = #stablehlo.bounds<4, ?>
// CHECK-SAME: x.channel = #stablehlo.channel_handle<handle = 1, type = 0>
// CHECK-SAME: x.conv = #stablehlo.conv<[b, 0, 1, f]x[0, 1, i, o]->[b, 0, 1, f]>
// CHECK-SAME: x.empty_conv = #stablehlo.conv<[f, b]x[o, i]->[b, f]>
// CHECK-SAME: x.gather = #stablehlo.gather<offset_dims = [1], collapsed_slice_dims = [0], start_index_map = [0]>
// CHECK-SAME: x.odd_conv = #stablehlo.conv<raw input_batch_dimension = 0, input_feature_dimension = 0, input_spatial_dimensions = [1]
// CHECK-SAME: x.old_bounds = #stablehlo.bounds<4, ?>
module attributes {
  x.accuracy = #stablehlo.result_accuracy<mode = #stablehlo.result_accuracy_mode<TOLERANCE>, ulps = 2, rtol = 1.0e-5>,
  x.alias = #stablehlo.output_operand_alias<output_tuple_indices = [], operand_index = 0, operand_tuple_indices = [1]>,
  x.bounds = #stablehlo.bounds<4, ?>,
  x.channel = #stablehlo.channel_handle<type = 0, handle = 1>,
  x.conv = #stablehlo.conv<raw input_batch_dimension = 0, input_feature_dimension = 3, input_spatial_dimensions = [1, 2], kernel_input_feature_dimension = 2, kernel_output_feature_dimension = 3, kernel_spatial_dimensions = [0, 1], output_batch_dimension = 0, output_feature_dimension = 3, output_spatial_dimensions = [1, 2]>,
  x.empty_conv = #stablehlo.conv<[f, b]x[o, i]->[b, f]>,
  x.gather = #stablehlo.gather<index_vector_dim = 0, start_index_map = [0], offset_dims = [1], operand_batching_dims = [], collapsed_slice_dims = [0]>,
  x.odd_conv = #stablehlo.conv<raw input_batch_dimension = 0, input_feature_dimension = 0, input_spatial_dimensions = [1], kernel_input_feature_dimension = 2, kernel_output_feature_dimension = 0, kernel_spatial_dimensions = [1], output_batch_dimension = 0, output_feature_dimension = 2, output_spatial_dimensions = [1]>,
  x.old_bounds = #stablehlo.type_extensions<bounds = [4, ?]>
} {

// CHECK-LABEL: func.func @dot_algorithm
func.func @dot_algorithm(%a: tensor<2x3xf32>, %b: tensor<3x4xf32>) {
  // CHECK: algorithm = <lhs_precision_type = tf32, rhs_precision_type = tf32, accumulation_type = f32, lhs_component_count = 1, rhs_component_count = 1, num_primitive_operations = 3, allow_imprecise_accumulation = false>
  %0 = stablehlo.dot_general %a, %b, contracting_dims = [1] x [0], precision = [DEFAULT, DEFAULT], algorithm = <lhs_precision_type = tf32, rhs_precision_type = tf32, accumulation_type = f32, lhs_component_count = 1, rhs_component_count = 1, num_primitive_operations = 3, allow_imprecise_accumulation = false> : (tensor<2x3xf32>, tensor<3x4xf32>) -> tensor<2x4xf32>
  return
}

// Numbers were dense tensors, and enums were strings.
// CHECK-LABEL: func.func @older
func.func @older(%a: tensor<4x4xf32>, %b: tensor<f32>) {
  // CHECK: stablehlo.transpose %{{.*}}, dims = [1, 0]
  %0 = "stablehlo.transpose"(%a) {permutation = dense<[1, 0]> : tensor<2xi64>} : (tensor<4x4xf32>) -> tensor<4x4xf32>
  // CHECK: stablehlo.slice %{{.*}} [1:3, 1:3]
  %1 = "stablehlo.slice"(%a) {start_indices = dense<1> : tensor<2xi64>, limit_indices = dense<3> : tensor<2xi64>, strides = dense<1> : tensor<2xi64>} : (tensor<4x4xf32>) -> tensor<2x2xf32>
  // CHECK: stablehlo.broadcast_in_dim %{{.*}}, dims = []
  %2 = "stablehlo.broadcast_in_dim"(%b) {broadcast_dimensions = dense<> : tensor<0xi64>} : (tensor<f32>) -> tensor<4xf32>
  // CHECK: stablehlo.compare LT, %{{.*}}, %{{.*}}, FLOAT
  %3 = "stablehlo.compare"(%a, %a) {comparison_direction = "LT", compare_type = "FLOAT"} : (tensor<4x4xf32>, tensor<4x4xf32>) -> tensor<4x4xi1>
  return
}
}
