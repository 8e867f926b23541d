// Convolution: dimension numbers, groups and windows.
// RUN: alpa-opt %s -split-input-file -verify-diagnostics

func.func @f(%a: tensor<4x8x8x6xf32>, %b: tensor<3x3x6x12xf32>) {
  // expected-error @below {{computes a result of type 'tensor<4x6x6x12xf32>', got 'tensor<4x8x8x12xf32>'}}
  %0 = "stablehlo.convolution"(%a, %b) <{batch_group_count = 1 : i64, dimension_numbers = #stablehlo.conv<[b, 0, 1, f]x[0, 1, i, o]->[b, 0, 1, f]>, feature_group_count = 1 : i64}> : (tensor<4x8x8x6xf32>, tensor<3x3x6x12xf32>) -> tensor<4x8x8x12xf32>
  return
}

// -----

func.func @f(%a: tensor<4x8x8x6xf32>, %b: tensor<3x6x12xf32>) {
  // expected-error @below {{expects input, kernel and result to have the same rank of at least 2, got 'tensor<4x8x8x6xf32>', 'tensor<3x6x12xf32>' and 'tensor<4x6x6x12xf32>'}}
  %0 = "stablehlo.convolution"(%a, %b) <{batch_group_count = 1 : i64, dimension_numbers = #stablehlo.conv<[b, 0, 1, f]x[0, 1, i, o]->[b, 0, 1, f]>, feature_group_count = 1 : i64}> : (tensor<4x8x8x6xf32>, tensor<3x6x12xf32>) -> tensor<4x6x6x12xf32>
  return
}

// -----

func.func @f(%a: tensor<4x8x8x6xf32>, %b: tensor<3x3x6x12xf32>) {
  // expected-error @below {{expects dim_numbers to name all 4 dimensions of the input, got 3}}
  %0 = "stablehlo.convolution"(%a, %b) <{batch_group_count = 1 : i64, dimension_numbers = #stablehlo.conv<[b, 0, f]x[0, i, o]->[b, 0, f]>, feature_group_count = 1 : i64}> : (tensor<4x8x8x6xf32>, tensor<3x3x6x12xf32>) -> tensor<4x6x6x12xf32>
  return
}

// -----

func.func @f(%a: tensor<4x8x8x6xf32>, %b: tensor<3x3x6x12xf32>) {
  // expected-error @below {{expects dim_numbers of the input to name each dimension in [0, 4) once, got 0 and 4 besides the spatial ones}}
  %0 = "stablehlo.convolution"(%a, %b) <{batch_group_count = 1 : i64, dimension_numbers = #stablehlo.conv<raw input_batch_dimension = 0, input_feature_dimension = 4, input_spatial_dimensions = [1, 2], kernel_input_feature_dimension = 2, kernel_output_feature_dimension = 3, kernel_spatial_dimensions = [0, 1], output_batch_dimension = 0, output_feature_dimension = 3, output_spatial_dimensions = [1, 2]>, feature_group_count = 1 : i64}> : (tensor<4x8x8x6xf32>, tensor<3x3x6x12xf32>) -> tensor<4x6x6x12xf32>
  return
}

// -----

func.func @f(%a: tensor<4x8x8x6xf32>, %b: tensor<3x3x6x12xf32>) {
  // expected-error @below {{expects the elements of kernel_spatial_dimensions to be unique, got 0 twice}}
  %0 = "stablehlo.convolution"(%a, %b) <{batch_group_count = 1 : i64, dimension_numbers = #stablehlo.conv<raw input_batch_dimension = 0, input_feature_dimension = 3, input_spatial_dimensions = [1, 2], kernel_input_feature_dimension = 2, kernel_output_feature_dimension = 3, kernel_spatial_dimensions = [0, 0], output_batch_dimension = 0, output_feature_dimension = 3, output_spatial_dimensions = [1, 2]>, feature_group_count = 1 : i64}> : (tensor<4x8x8x6xf32>, tensor<3x3x6x12xf32>) -> tensor<4x6x6x12xf32>
  return
}

// -----

func.func @f(%a: tensor<4x8x8x6xf32>, %b: tensor<3x3x6x12xf32>) {
  // expected-error @below {{expects feature_group_count and batch_group_count to be at least 1, got 0 and 1}}
  %0 = "stablehlo.convolution"(%a, %b) <{batch_group_count = 1 : i64, dimension_numbers = #stablehlo.conv<[b, 0, 1, f]x[0, 1, i, o]->[b, 0, 1, f]>, feature_group_count = 0 : i64}> : (tensor<4x8x8x6xf32>, tensor<3x3x6x12xf32>) -> tensor<4x6x6x12xf32>
  return
}

// -----

func.func @f(%a: tensor<4x8x8x6xf32>, %b: tensor<3x3x6x12xf32>) {
  // expected-error @below {{expects one of feature_group_count and batch_group_count to be 1, got 2 and 2}}
  %0 = "stablehlo.convolution"(%a, %b) <{batch_group_count = 2 : i64, dimension_numbers = #stablehlo.conv<[b, 0, 1, f]x[0, 1, i, o]->[b, 0, 1, f]>, feature_group_count = 2 : i64}> : (tensor<4x8x8x6xf32>, tensor<3x3x6x12xf32>) -> tensor<4x6x6x12xf32>
  return
}

// -----

func.func @f(%a: tensor<4x8x8x6xf32>, %b: tensor<3x3x6x12xf32>) {
  // expected-error @below {{expects the input's batch size (4) to be divisible by batch_group_count (3)}}
  %0 = "stablehlo.convolution"(%a, %b) <{batch_group_count = 3 : i64, dimension_numbers = #stablehlo.conv<[b, 0, 1, f]x[0, 1, i, o]->[b, 0, 1, f]>, feature_group_count = 1 : i64}> : (tensor<4x8x8x6xf32>, tensor<3x3x6x12xf32>) -> tensor<4x6x6x12xf32>
  return
}

// -----

func.func @f(%a: tensor<4x8x8x6xf32>, %b: tensor<3x3x6x12xf32>) {
  // expected-error @below {{expects the input's feature size (6) to be divisible by feature_group_count (4)}}
  %0 = "stablehlo.convolution"(%a, %b) <{batch_group_count = 1 : i64, dimension_numbers = #stablehlo.conv<[b, 0, 1, f]x[0, 1, i, o]->[b, 0, 1, f]>, feature_group_count = 4 : i64}> : (tensor<4x8x8x6xf32>, tensor<3x3x6x12xf32>) -> tensor<4x6x6x12xf32>
  return
}

// -----

func.func @f(%a: tensor<4x8x8x6xf32>, %b: tensor<3x3x3x13xf32>) {
  // expected-error @below {{expects the kernel's output feature size (13) to be divisible by feature_group_count (2)}}
  %0 = "stablehlo.convolution"(%a, %b) <{batch_group_count = 1 : i64, dimension_numbers = #stablehlo.conv<[b, 0, 1, f]x[0, 1, i, o]->[b, 0, 1, f]>, feature_group_count = 2 : i64}> : (tensor<4x8x8x6xf32>, tensor<3x3x3x13xf32>) -> tensor<4x6x6x12xf32>
  return
}

// -----

func.func @f(%a: tensor<4x8x8x6xf32>, %b: tensor<3x3x6x13xf32>) {
  // expected-error @below {{expects the kernel's output feature size (13) to be divisible by batch_group_count (2)}}
  %0 = "stablehlo.convolution"(%a, %b) <{batch_group_count = 2 : i64, dimension_numbers = #stablehlo.conv<[b, 0, 1, f]x[0, 1, i, o]->[b, 0, 1, f]>, feature_group_count = 1 : i64}> : (tensor<4x8x8x6xf32>, tensor<3x3x6x13xf32>) -> tensor<4x6x6x12xf32>
  return
}

// -----

func.func @f(%a: tensor<4x8x8x6xf32>, %b: tensor<3x3x6x12xf32>) {
  // expected-error @below {{expects the kernel's input feature size to be the input's over feature_group_count (3), got 6}}
  %0 = "stablehlo.convolution"(%a, %b) <{batch_group_count = 1 : i64, dimension_numbers = #stablehlo.conv<[b, 0, 1, f]x[0, 1, i, o]->[b, 0, 1, f]>, feature_group_count = 2 : i64}> : (tensor<4x8x8x6xf32>, tensor<3x3x6x12xf32>) -> tensor<4x6x6x12xf32>
  return
}

// -----

func.func @f(%a: tensor<4x8x8x6xf32>, %b: tensor<3x3x6x12xf32>) {
  // expected-error @below {{expects window_strides to have as many elements as the window has dimensions (2), got 1}}
  %0 = "stablehlo.convolution"(%a, %b) <{batch_group_count = 1 : i64, dimension_numbers = #stablehlo.conv<[b, 0, 1, f]x[0, 1, i, o]->[b, 0, 1, f]>, feature_group_count = 1 : i64, window_strides = array<i64: 1>}> : (tensor<4x8x8x6xf32>, tensor<3x3x6x12xf32>) -> tensor<4x6x6x12xf32>
  return
}

// -----

func.func @f(%a: tensor<4x8x8x6xf32>, %b: tensor<3x3x6x12xf32>) {
  // expected-error @below {{expects each element of window_strides to be at least 1, got 0}}
  %0 = "stablehlo.convolution"(%a, %b) <{batch_group_count = 1 : i64, dimension_numbers = #stablehlo.conv<[b, 0, 1, f]x[0, 1, i, o]->[b, 0, 1, f]>, feature_group_count = 1 : i64, window_strides = array<i64: 1, 0>}> : (tensor<4x8x8x6xf32>, tensor<3x3x6x12xf32>) -> tensor<4x6x6x12xf32>
  return
}

// -----

func.func @f(%a: tensor<4x8x8x6xf32>, %b: tensor<3x3x6x12xf32>) {
  // expected-error @below {{expects each element of lhs_dilation to be at least 1, got 0}}
  %0 = "stablehlo.convolution"(%a, %b) <{batch_group_count = 1 : i64, dimension_numbers = #stablehlo.conv<[b, 0, 1, f]x[0, 1, i, o]->[b, 0, 1, f]>, feature_group_count = 1 : i64, lhs_dilation = array<i64: 1, 0>}> : (tensor<4x8x8x6xf32>, tensor<3x3x6x12xf32>) -> tensor<4x6x6x12xf32>
  return
}

// -----

func.func @f(%a: tensor<4x8x8x6xf32>, %b: tensor<3x3x6x12xf32>) {
  // expected-error @below {{expects each element of rhs_dilation to be at least 1, got 0}}
  %0 = "stablehlo.convolution"(%a, %b) <{batch_group_count = 1 : i64, dimension_numbers = #stablehlo.conv<[b, 0, 1, f]x[0, 1, i, o]->[b, 0, 1, f]>, feature_group_count = 1 : i64, rhs_dilation = array<i64: 1, 0>}> : (tensor<4x8x8x6xf32>, tensor<3x3x6x12xf32>) -> tensor<4x6x6x12xf32>
  return
}

// -----

func.func @f(%a: tensor<4x8x8x6xf32>, %b: tensor<3x3x6x12xf32>) {
  // expected-error @below {{expects padding to be of type 'tensor<2x2xi64>', got 'tensor<1x2xi64>'}}
  %0 = "stablehlo.convolution"(%a, %b) <{batch_group_count = 1 : i64, dimension_numbers = #stablehlo.conv<[b, 0, 1, f]x[0, 1, i, o]->[b, 0, 1, f]>, feature_group_count = 1 : i64, padding = dense<0> : tensor<1x2xi64>}> : (tensor<4x8x8x6xf32>, tensor<3x3x6x12xf32>) -> tensor<4x6x6x12xf32>
  return
}

// -----

func.func @f(%a: tensor<4x8x8x6xf32>, %b: tensor<3x3x6x12xf32>) {
  // expected-error @below {{expects window_reversal to have as many elements as the window has dimensions (2), got 1}}
  %0 = "stablehlo.convolution"(%a, %b) <{batch_group_count = 1 : i64, dimension_numbers = #stablehlo.conv<[b, 0, 1, f]x[0, 1, i, o]->[b, 0, 1, f]>, feature_group_count = 1 : i64, window_reversal = array<i1: true>}> : (tensor<4x8x8x6xf32>, tensor<3x3x6x12xf32>) -> tensor<4x6x6x12xf32>
  return
}

// -----

func.func @f(%a: tensor<4x8x8x6xf32>, %b: tensor<3x3x6x12xf32>) {
  // expected-error @below {{padding of -9 and 0 makes the size 8 of a dimension negative}}
  %0 = "stablehlo.convolution"(%a, %b) <{batch_group_count = 1 : i64, dimension_numbers = #stablehlo.conv<[b, 0, 1, f]x[0, 1, i, o]->[b, 0, 1, f]>, feature_group_count = 1 : i64, padding = dense<[[-9, 0], [0, 0]]> : tensor<2x2xi64>}> : (tensor<4x8x8x6xf32>, tensor<3x3x6x12xf32>) -> tensor<4x6x6x12xf32>
  return
}

// -----

func.func @f(%a: tensor<4x8x8x6xf32>, %b: tensor<3x3x6x12xf32>) {
  // expected-error @below {{size of the padded operand or of the dilated window exceeds 64 bits}}
  %0 = "stablehlo.convolution"(%a, %b) <{batch_group_count = 1 : i64, dimension_numbers = #stablehlo.conv<[b, 0, 1, f]x[0, 1, i, o]->[b, 0, 1, f]>, feature_group_count = 1 : i64, padding = dense<[[9223372036854775807, 0], [0, 0]]> : tensor<2x2xi64>}> : (tensor<4x8x8x6xf32>, tensor<3x3x6x12xf32>) -> tensor<4x6x6x12xf32>
  return
}

// -----

func.func @f(%a: tensor<4x8x8x6xf32>, %b: tensor<3x3x6x12xf32>) {
  // expected-error @below {{expects precision_config to have at most 2 elements, got 3}}
  %0 = "stablehlo.convolution"(%a, %b) <{batch_group_count = 1 : i64, dimension_numbers = #stablehlo.conv<[b, 0, 1, f]x[0, 1, i, o]->[b, 0, 1, f]>, feature_group_count = 1 : i64, precision_config = [#stablehlo<precision DEFAULT>, #stablehlo<precision DEFAULT>, #stablehlo<precision DEFAULT>]}> : (tensor<4x8x8x6xf32>, tensor<3x3x6x12xf32>) -> tensor<4x6x6x12xf32>
  return
}

// -----

func.func @f(%a: tensor<4x8x8x6xf32>, %b: tensor<3x3x6x12xf16>) {
  // expected-error @below {{expects the input and the kernel to have the same element type, got 'tensor<4x8x8x6xf32>' and 'tensor<3x3x6x12xf16>'}}
  %0 = "stablehlo.convolution"(%a, %b) <{batch_group_count = 1 : i64, dimension_numbers = #stablehlo.conv<[b, 0, 1, f]x[0, 1, i, o]->[b, 0, 1, f]>, feature_group_count = 1 : i64}> : (tensor<4x8x8x6xf32>, tensor<3x3x6x12xf16>) -> tensor<4x6x6x12xf32>
  return
}

// -----

func.func @f(%a: tensor<4x8x8x6xf32>, %b: tensor<3x0x6x12xf32>) {
  // expected-error @below {{expects a kernel of at least one element in each spatial dimension, got 'tensor<3x0x6x12xf32>'}}
  %0 = "stablehlo.convolution"(%a, %b) <{batch_group_count = 1 : i64, dimension_numbers = #stablehlo.conv<[b, 0, 1, f]x[0, 1, i, o]->[b, 0, 1, f]>, feature_group_count = 1 : i64}> : (tensor<4x8x8x6xf32>, tensor<3x0x6x12xf32>) -> tensor<4x6x6x12xf32>
  return
}

// -----

func.func @f(%a: tensor<4x8x8x6xf32>, %b: tensor<3x3x6x12xf32>, %c: tensor<2x2xi64>) {
  // expected-error @below {{computes a result of type 'tensor<4x?x?x12xf32>', got 'tensor<4x?x?x13xf32>'}}
  %0 = "stablehlo.dynamic_conv"(%a, %b, %c) <{batch_group_count = 1 : i64, dimension_numbers = #stablehlo.conv<[b, 0, 1, f]x[0, 1, i, o]->[b, 0, 1, f]>, feature_group_count = 1 : i64}> : (tensor<4x8x8x6xf32>, tensor<3x3x6x12xf32>, tensor<2x2xi64>) -> tensor<4x?x?x13xf32>
  return
}

// -----

func.func @f(%a: tensor<4x8x8x6xf32>, %b: tensor<3x3x6x12xf32>, %c: tensor<2xi64>) {
  // expected-error @below {{expects the padding operand to have one pair for each spatial dimension, got 'tensor<2xi64>'}}
  %0 = "stablehlo.dynamic_conv"(%a, %b, %c) <{batch_group_count = 1 : i64, dimension_numbers = #stablehlo.conv<[b, 0, 1, f]x[0, 1, i, o]->[b, 0, 1, f]>, feature_group_count = 1 : i64}> : (tensor<4x8x8x6xf32>, tensor<3x3x6x12xf32>, tensor<2xi64>) -> tensor<4x6x6x12xf32>
  return
}
