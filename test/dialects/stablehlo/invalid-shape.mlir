// Ops that move elements: dimensions, sizes and indices.
// RUN: alpa-opt %s -split-input-file -verify-diagnostics

func.func @f(%a: tensor<2xf32>) {
  // expected-error @below {{expects each element of broadcast_sizes to be at least 0, got -1}}
  %0 = "stablehlo.broadcast"(%a) <{broadcast_sizes = array<i64: -1>}> : (tensor<2xf32>) -> tensor<2x2xf32>
  return
}

// -----

func.func @f(%a: tensor<2xf32>) {
  // expected-error @below {{expects result #0 of type 'tensor<3x2xf32>', got 'tensor<2x2xf32>'}}
  %0 = "stablehlo.broadcast"(%a) <{broadcast_sizes = array<i64: 3>}> : (tensor<2xf32>) -> tensor<2x2xf32>
  return
}

// -----

func.func @f(%a: tensor<2x3xf32>) {
  // expected-error @below {{expects permutation to have as many elements as the operand has dimensions (2), got 1}}
  %0 = "stablehlo.transpose"(%a) <{permutation = array<i64: 0>}> : (tensor<2x3xf32>) -> tensor<3x2xf32>
  return
}

// -----

func.func @f(%a: tensor<2x3xf32>) {
  // expected-error @below {{expects the elements of permutation to be unique, got 1 twice}}
  %0 = "stablehlo.transpose"(%a) <{permutation = array<i64: 1, 1>}> : (tensor<2x3xf32>) -> tensor<3x2xf32>
  return
}

// -----

func.func @f(%a: tensor<2x3xf32>) {
  // expected-error @below {{expects each element of permutation to be in [0, 2), got 2}}
  %0 = "stablehlo.transpose"(%a) <{permutation = array<i64: 1, 2>}> : (tensor<2x3xf32>) -> tensor<3x2xf32>
  return
}

// -----

func.func @f(%a: tensor<2x3xf32>) {
  // expected-error @below {{expects result #0 of type 'tensor<3x2xf32>', got 'tensor<2x3xf32>'}}
  %0 = "stablehlo.transpose"(%a) <{permutation = array<i64: 1, 0>}> : (tensor<2x3xf32>) -> tensor<2x3xf32>
  return
}

// -----

func.func @f() {
  // expected-error @below {{expects at least one operand, got none}}
  %0 = "stablehlo.concatenate"() <{dimension = 0 : i64}> : () -> tensor<2xf32>
  return
}

// -----

func.func @f(%a: tensor<2xf32>, %b: tensor<2xf32>) {
  // expected-error @below {{expects dimension to be in [0, 1), got 1}}
  %0 = "stablehlo.concatenate"(%a, %b) <{dimension = 1 : i64}> : (tensor<2xf32>, tensor<2xf32>) -> tensor<4xf32>
  return
}

// -----

func.func @f(%a: tensor<2xf32>, %b: tensor<2xf16>) {
  // expected-error @below {{expects the first operand and every other one to have the same element type, got 'tensor<2xf32>' and 'tensor<2xf16>'}}
  %0 = "stablehlo.concatenate"(%a, %b) <{dimension = 0 : i64}> : (tensor<2xf32>, tensor<2xf16>) -> tensor<4xf32>
  return
}

// -----

func.func @f(%a: tensor<2xf32>, %b: tensor<2x1xf32>) {
  // expected-error @below {{expects operands of the same rank, got 'tensor<2xf32>' and 'tensor<2x1xf32>'}}
  %0 = "stablehlo.concatenate"(%a, %b) <{dimension = 0 : i64}> : (tensor<2xf32>, tensor<2x1xf32>) -> tensor<4xf32>
  return
}

// -----

func.func @f(%a: tensor<2x3xf32>, %b: tensor<2x4xf32>) {
  // expected-error @below {{expects operands that differ in dimension 0 only, got 'tensor<2x3xf32>' and 'tensor<2x4xf32>'}}
  %0 = "stablehlo.concatenate"(%a, %b) <{dimension = 0 : i64}> : (tensor<2x3xf32>, tensor<2x4xf32>) -> tensor<4x3xf32>
  return
}

// -----

func.func @f(%a: tensor<4x4xf32>) {
  // expected-error @below {{expects start_indices to have as many elements as the operand has dimensions (2), got 1}}
  %0 = "stablehlo.slice"(%a) <{start_indices = array<i64: 0>, limit_indices = array<i64: 1, 4>, strides = array<i64: 1, 1>}> : (tensor<4x4xf32>) -> tensor<1x4xf32>
  return
}

// -----

func.func @f(%a: tensor<4xf32>) {
  // expected-error @below {{start index -1 of dimension 0 is negative}}
  %0 = "stablehlo.slice"(%a) <{start_indices = array<i64: -1>, limit_indices = array<i64: 1>, strides = array<i64: 1>}> : (tensor<4xf32>) -> tensor<2xf32>
  return
}

// -----

func.func @f(%a: tensor<4xf32>) {
  // expected-error @below {{limit index 5 is larger than the size 4 of dimension 0}}
  %0 = "stablehlo.slice"(%a) <{start_indices = array<i64: 0>, limit_indices = array<i64: 5>, strides = array<i64: 1>}> : (tensor<4xf32>) -> tensor<2xf32>
  return
}

// -----

func.func @f(%a: tensor<4xf32>) {
  // expected-error @below {{start index 3 is larger than the limit index 2 in dimension 0}}
  %0 = "stablehlo.slice"(%a) <{start_indices = array<i64: 3>, limit_indices = array<i64: 2>, strides = array<i64: 1>}> : (tensor<4xf32>) -> tensor<2xf32>
  return
}

// -----

func.func @f(%a: tensor<4xf32>) {
  // expected-error @below {{expects strides of at least 1, got 0 in dimension 0}}
  %0 = "stablehlo.slice"(%a) <{start_indices = array<i64: 0>, limit_indices = array<i64: 2>, strides = array<i64: 0>}> : (tensor<4xf32>) -> tensor<2xf32>
  return
}

// -----

func.func @f(%a: tensor<4xf32>) {
  // expected-error @below {{expects result #0 of type 'tensor<2xf32>', got 'tensor<3xf32>'}}
  %0 = "stablehlo.slice"(%a) <{start_indices = array<i64: 0>, limit_indices = array<i64: 3>, strides = array<i64: 2>}> : (tensor<4xf32>) -> tensor<3xf32>
  return
}

// -----

func.func @f(%a: tensor<4xf32>, %b: tensor<i32>, %c: tensor<i32>) {
  // expected-error @below {{expects as many start indices as the operand has dimensions (1), got 2}}
  %0 = "stablehlo.dynamic_slice"(%a, %b, %c) <{slice_sizes = array<i64: 2>}> : (tensor<4xf32>, tensor<i32>, tensor<i32>) -> tensor<2xf32>
  return
}

// -----

func.func @f(%a: tensor<4xf32>, %b: tensor<1xi32>) {
  // expected-error @below {{expects a start index to be a tensor of rank 0, got 'tensor<1xi32>'}}
  %0 = "stablehlo.dynamic_slice"(%a, %b) <{slice_sizes = array<i64: 2>}> : (tensor<4xf32>, tensor<1xi32>) -> tensor<2xf32>
  return
}

// -----

func.func @f(%a: tensor<4xf32>, %b: tensor<f32>) {
  // expected-error @below {{expects a start index to be a tensor of integers, got 'tensor<f32>'}}
  %0 = "stablehlo.dynamic_slice"(%a, %b) <{slice_sizes = array<i64: 2>}> : (tensor<4xf32>, tensor<f32>) -> tensor<2xf32>
  return
}

// -----

func.func @f(%a: tensor<4x4xf32>, %b: tensor<i32>, %c: tensor<i64>) {
  // expected-error @below {{expects the first start index and every other one to have the same element type, got 'tensor<i32>' and 'tensor<i64>'}}
  %0 = "stablehlo.dynamic_slice"(%a, %b, %c) <{slice_sizes = array<i64: 2, 2>}> : (tensor<4x4xf32>, tensor<i32>, tensor<i64>) -> tensor<2x2xf32>
  return
}

// -----

func.func @f(%a: tensor<4xf32>, %b: tensor<i32>) {
  // expected-error @below {{slice size 5 is larger than the size 4 of dimension 0}}
  %0 = "stablehlo.dynamic_slice"(%a, %b) <{slice_sizes = array<i64: 5>}> : (tensor<4xf32>, tensor<i32>) -> tensor<5xf32>
  return
}

// -----

func.func @f(%a: tensor<4xf32>, %b: tensor<i32>) {
  // expected-error @below {{expects each element of slice_sizes to be at least 0, got -1}}
  %0 = "stablehlo.dynamic_slice"(%a, %b) <{slice_sizes = array<i64: -1>}> : (tensor<4xf32>, tensor<i32>) -> tensor<5xf32>
  return
}

// -----

func.func @f(%a: tensor<4xf32>, %b: tensor<5xf32>, %c: tensor<i32>) {
  // expected-error @below {{update is larger than the operand in dimension 0: 'tensor<5xf32>' and 'tensor<4xf32>'}}
  %0 = "stablehlo.dynamic_update_slice"(%a, %b, %c) : (tensor<4xf32>, tensor<5xf32>, tensor<i32>) -> tensor<4xf32>
  return
}

// -----

func.func @f(%a: tensor<4xf32>, %b: tensor<f32>, %c: tensor<i32>) {
  // expected-error @below {{expects operand and update to have the same rank, got 'tensor<4xf32>' and 'tensor<f32>'}}
  %0 = "stablehlo.dynamic_update_slice"(%a, %b, %c) : (tensor<4xf32>, tensor<f32>, tensor<i32>) -> tensor<4xf32>
  return
}

// -----

func.func @f(%a: tensor<4xf32>, %b: tensor<2xf16>, %c: tensor<i32>) {
  // expected-error @below {{expects the operand and the update to have the same element type, got 'tensor<4xf32>' and 'tensor<2xf16>'}}
  %0 = "stablehlo.dynamic_update_slice"(%a, %b, %c) : (tensor<4xf32>, tensor<2xf16>, tensor<i32>) -> tensor<4xf32>
  return
}

// -----

func.func @f(%a: tensor<4xf32>, %b: tensor<1xf32>) {
  // expected-error @below {{expects the padding value to be a tensor of rank 0, got 'tensor<1xf32>'}}
  %0 = "stablehlo.pad"(%a, %b) <{edge_padding_low = array<i64: 1>, edge_padding_high = array<i64: 0>, interior_padding = array<i64: 0>}> : (tensor<4xf32>, tensor<1xf32>) -> tensor<5xf32>
  return
}

// -----

func.func @f(%a: tensor<4xf32>, %b: tensor<f16>) {
  // expected-error @below {{expects the operand and the padding value to have the same element type, got 'tensor<4xf32>' and 'tensor<f16>'}}
  %0 = "stablehlo.pad"(%a, %b) <{edge_padding_low = array<i64: 1>, edge_padding_high = array<i64: 0>, interior_padding = array<i64: 0>}> : (tensor<4xf32>, tensor<f16>) -> tensor<5xf32>
  return
}

// -----

func.func @f(%a: tensor<4xf32>, %b: tensor<f32>) {
  // expected-error @below {{expects each element of interior_padding to be at least 0, got -1}}
  %0 = "stablehlo.pad"(%a, %b) <{edge_padding_low = array<i64: 1>, edge_padding_high = array<i64: 0>, interior_padding = array<i64: -1>}> : (tensor<4xf32>, tensor<f32>) -> tensor<5xf32>
  return
}

// -----

func.func @f(%a: tensor<4xf32>, %b: tensor<f32>) {
  // expected-error @below {{padding makes the size of dimension 0 negative (-1)}}
  %0 = "stablehlo.pad"(%a, %b) <{edge_padding_low = array<i64: -3>, edge_padding_high = array<i64: -2>, interior_padding = array<i64: 0>}> : (tensor<4xf32>, tensor<f32>) -> tensor<5xf32>
  return
}

// -----

func.func @f(%a: tensor<4xf32>, %b: tensor<f32>) {
  // expected-error @below {{padded size of dimension 0 exceeds 64 bits}}
  %0 = "stablehlo.pad"(%a, %b) <{edge_padding_low = array<i64: 9223372036854775807>, edge_padding_high = array<i64: 0>, interior_padding = array<i64: 0>}> : (tensor<4xf32>, tensor<f32>) -> tensor<5xf32>
  return
}

// -----

func.func @f(%a: tensor<4xf32>, %b: tensor<f32>) {
  // expected-error @below {{computes a result of more bytes than 64 bits can count}}
  %0 = "stablehlo.pad"(%a, %b) <{edge_padding_low = array<i64: 9223372036854775000>, edge_padding_high = array<i64: 0>, interior_padding = array<i64: 0>}> : (tensor<4xf32>, tensor<f32>) -> tensor<5xf32>
  return
}

// -----

func.func @f(%a: tensor<4xf32>) {
  // expected-error @below {{expects dimension to be in [0, 1), got 1}}
  %0 = "stablehlo.get_dimension_size"(%a) <{dimension = 1 : i64}> : (tensor<4xf32>) -> tensor<i32>
  return
}

// -----

func.func @f() {
  // expected-error @below {{expects iota_dimension to be in [0, 1), got 1}}
  %0 = stablehlo.iota dim = 1 : tensor<4xf32>
  return
}

// -----

func.func @f() {
  // expected-error @below {{expects the result to be a tensor of integers, floats or complex numbers, got 'tensor<4xi1>'}}
  %0 = stablehlo.iota dim = 0 : tensor<4xi1>
  return
}

// -----

func.func @f(%a: tensor<4xf32>) {
  // expected-error @below {{expects as many elements in the result as in the operand (4), got 5}}
  %0 = "stablehlo.reshape"(%a) : (tensor<4xf32>) -> tensor<5xf32>
  return
}

// -----

func.func @f(%a: tensor<4xf32>) {
  // expected-error @below {{expects the operand and the result to have the same element type, got 'tensor<4xf32>' and 'tensor<4xf16>'}}
  %0 = "stablehlo.reshape"(%a) : (tensor<4xf32>) -> tensor<4xf16>
  return
}

// -----

func.func @f(%a: tensor<4xf64>) {
  // expected-error @below {{cannot convert between real and complex elements, got 'tensor<4xf64>' and 'tensor<4xcomplex<f32>>'}}
  %0 = "stablehlo.bitcast_convert"(%a) : (tensor<4xf64>) -> tensor<4xcomplex<f32>>
  return
}

// -----

func.func @f(%a: tensor<4xf32>) {
  // expected-error @below {{expects the operand and the result to have the same shape, got 'tensor<4xf32>' and 'tensor<5xi32>'}}
  %0 = "stablehlo.bitcast_convert"(%a) : (tensor<4xf32>) -> tensor<5xi32>
  return
}

// -----

func.func @f(%a: tensor<4xf32>) {
  // expected-error @below {{cannot see the bits of 'tensor<4xf32>' as 'tensor<4x3xi16>': expects the narrower one to have a last dimension of size 2 more}}
  %0 = "stablehlo.bitcast_convert"(%a) : (tensor<4xf32>) -> tensor<4x3xi16>
  return
}

// -----

func.func @f(%a: tensor<4xf32>) {
  // expected-error @below {{expects broadcast_dimensions to have as many elements as the operand has dimensions (1), got 2}}
  %0 = "stablehlo.broadcast_in_dim"(%a) <{broadcast_dimensions = array<i64: 0, 1>}> : (tensor<4xf32>) -> tensor<4x4xf32>
  return
}

// -----

func.func @f(%a: tensor<4xf32>) {
  // expected-error @below {{expects each element of broadcast_dimensions to be in [0, 2), got 2}}
  %0 = "stablehlo.broadcast_in_dim"(%a) <{broadcast_dimensions = array<i64: 2>}> : (tensor<4xf32>) -> tensor<4x4xf32>
  return
}

// -----

func.func @f(%a: tensor<4x4xf32>) {
  // expected-error @below {{expects the elements of broadcast_dimensions to be unique, got 0 twice}}
  %0 = "stablehlo.broadcast_in_dim"(%a) <{broadcast_dimensions = array<i64: 0, 0>}> : (tensor<4x4xf32>) -> tensor<4x4xf32>
  return
}

// -----

func.func @f(%a: tensor<3xf32>) {
  // expected-error @below {{size 3 of operand dimension 0 is neither 1 nor the size 4 of result dimension 0}}
  %0 = "stablehlo.broadcast_in_dim"(%a) <{broadcast_dimensions = array<i64: 0>}> : (tensor<3xf32>) -> tensor<4x4xf32>
  return
}

// -----

func.func @f(%a: tensor<4xf32>) {
  // expected-error @below {{expects the operand and the result to have the same element type, got 'tensor<4xf32>' and 'tensor<4xf16>'}}
  %0 = "stablehlo.broadcast_in_dim"(%a) <{broadcast_dimensions = array<i64: 0>}> : (tensor<4xf32>) -> tensor<4xf16>
  return
}

// -----

func.func @f(%a: tensor<4xf32>) {
  // expected-error @below {{expects the elements of dimensions to be unique, got 0 twice}}
  %0 = "stablehlo.reverse"(%a) <{dimensions = array<i64: 0, 0>}> : (tensor<4xf32>) -> tensor<4xf32>
  return
}

// -----

func.func @f(%a: tensor<3xi64>) {
  // expected-error @below {{expects the shape to be a tensor of 2 integers, got 'tensor<3xi64>'}}
  %0 = "stablehlo.dynamic_iota"(%a) <{iota_dimension = 0 : i64}> : (tensor<3xi64>) -> tensor<?x?xf32>
  return
}

// -----

func.func @f(%a: tensor<4xf32>, %b: tensor<2xf32>) {
  // expected-error @below {{expects the shape to be a tensor of integers, got 'tensor<2xf32>'}}
  %0 = "stablehlo.dynamic_reshape"(%a, %b) : (tensor<4xf32>, tensor<2xf32>) -> tensor<?x?xf32>
  return
}

// -----

func.func @f(%a: tensor<?xf32>, %b: tensor<2xi64>) {
  // expected-error @below {{expects no dimension in both known_expanding_dimensions and known_nonexpanding_dimensions, got 0}}
  %0 = "stablehlo.dynamic_broadcast_in_dim"(%a, %b) <{broadcast_dimensions = array<i64: 1>, known_expanding_dimensions = array<i64: 0>, known_nonexpanding_dimensions = array<i64: 0>}> : (tensor<?xf32>, tensor<2xi64>) -> tensor<?x?xf32>
  return
}

// -----

func.func @f(%a: tensor<4xf32>, %b: tensor<1xi64>, %c: tensor<1xi64>, %d: tensor<1xi64>) {
  // expected-error @below {{expects operand and result to have the same rank, got 'tensor<4xf32>' and 'tensor<2x2xf32>'}}
  %0 = "stablehlo.real_dynamic_slice"(%a, %b, %c, %d) : (tensor<4xf32>, tensor<1xi64>, tensor<1xi64>, tensor<1xi64>) -> tensor<2x2xf32>
  return
}

// -----

func.func @f(%a: tensor<4xf32>, %b: tensor<f32>, %c: tensor<1xi64>, %d: tensor<2xi64>, %e: tensor<1xi64>) {
  // expected-error @below {{expects the high padding to be a tensor of 1 integers, got 'tensor<2xi64>'}}
  %0 = "stablehlo.dynamic_pad"(%a, %b, %c, %d, %e) : (tensor<4xf32>, tensor<f32>, tensor<1xi64>, tensor<2xi64>, tensor<1xi64>) -> tensor<?xf32>
  return
}

// -----

func.func @f(%a: tensor<4x3xf32>, %b: tensor<i32>) {
  // expected-error @below {{computes a result of type 'tensor<?x3xf32>', got 'tensor<2x4xf32>'}}
  %0 = "stablehlo.set_dimension_size"(%a, %b) <{dimension = 0 : i64}> : (tensor<4x3xf32>, tensor<i32>) -> tensor<2x4xf32>
  return
}

// -----

func.func @f(%a: tensor<4xf32>, %b: tensor<1xi32>) {
  // expected-error @below {{expects the size to be a tensor of rank 0, got 'tensor<1xi32>'}}
  %0 = "stablehlo.set_dimension_size"(%a, %b) <{dimension = 0 : i64}> : (tensor<4xf32>, tensor<1xi32>) -> tensor<4xf32>
  return
}
