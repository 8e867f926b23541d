// What the verifiers of chlo refuse.
// RUN: alpa-opt %s -split-input-file -verify-diagnostics

func.func @f(%a: tensor<2xi32>) {
  // expected-error @below {{expects the operand to be a tensor of floats, got 'tensor<2xi32>'}}
  %0 = "chlo.erf"(%a) : (tensor<2xi32>) -> tensor<2xi32>
  return
}

// -----

func.func @f(%a: tensor<2xi32>) {
  // expected-error @below {{expects the operand to be a tensor of floats or complex numbers, got 'tensor<2xi32>'}}
  %0 = "chlo.acos"(%a) : (tensor<2xi32>) -> tensor<2xi32>
  return
}

// -----

func.func @f(%a: tensor<2xf32>, %b: tensor<2xf32>) {
  // expected-error @below {{expects the operand to be a tensor of integers, got 'tensor<2xf32>'}}
  %0 = "chlo.mulhi"(%a, %b) : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
  return
}

// -----

func.func @f(%a: tensor<2xf32>, %b: tensor<3xf32>) {
  // expected-error @below {{expects all operands to have one type, got 'tensor<2xf32>' and 'tensor<3xf32>'}}
  %0 = "chlo.next_after"(%a, %b) : (tensor<2xf32>, tensor<3xf32>) -> tensor<2xf32>
  return
}

// -----

func.func @f(%a: tensor<2xf32>) {
  // expected-error @below {{expects result #0 of type 'tensor<2xi1>', got 'tensor<2xf32>'}}
  %0 = "chlo.is_inf"(%a) : (tensor<2xf32>) -> tensor<2xf32>
  return
}

// -----

func.func @f(%a: tensor<2xf32>) {
  // expected-error @below {{expects result #0 of type 'tensor<2xf32>', got 'tensor<3xf32>'}}
  %0 = "chlo.square"(%a) : (tensor<2xf32>) -> tensor<3xf32>
  return
}

// -----

func.func @f(%a: tensor<4x3xf32>, %b: tensor<2xf32>) {
  // expected-error @below {{cannot broadcast sizes 3 and 2 to each other}}
  %0 = "chlo.broadcast_add"(%a, %b) : (tensor<4x3xf32>, tensor<2xf32>) -> tensor<4x3xf32>
  return
}

// -----

func.func @f(%a: tensor<3xf32>, %b: tensor<3xf64>) {
  // expected-error @below {{expects the first operand and the second to have the same element type, got 'tensor<3xf32>' and 'tensor<3xf64>'}}
  %0 = "chlo.broadcast_add"(%a, %b) : (tensor<3xf32>, tensor<3xf64>) -> tensor<3xf32>
  return
}

// -----

func.func @f(%a: tensor<4x3xf32>, %b: tensor<3xf32>) {
  // expected-error @below {{expects broadcast_dimensions to have as many elements as the operand of lower rank has dimensions (1), got 2}}
  %0 = "chlo.broadcast_add"(%a, %b) <{broadcast_dimensions = array<i64: 0, 1>}> : (tensor<4x3xf32>, tensor<3xf32>) -> tensor<4x3xf32>
  return
}

// -----

func.func @f(%a: tensor<4x3xf32>, %b: tensor<3xf32>) {
  // expected-error @below {{expects each element of broadcast_dimensions to be in [0, 2), got 2}}
  %0 = "chlo.broadcast_add"(%a, %b) <{broadcast_dimensions = array<i64: 2>}> : (tensor<4x3xf32>, tensor<3xf32>) -> tensor<4x3xf32>
  return
}

// -----

func.func @f(%a: tensor<4x3xf32>, %b: tensor<4xf32>) {
  // expected-error @below {{expects result #0 of type 'tensor<4x3xf32>', got 'tensor<4x4xf32>'}}
  %0 = "chlo.broadcast_add"(%a, %b) <{broadcast_dimensions = array<i64: 0>}> : (tensor<4x3xf32>, tensor<4xf32>) -> tensor<4x4xf32>
  return
}

// -----

func.func @f(%a: tensor<3xi32>, %b: tensor<3xi32>) {
  // expected-error @below {{expects the real part to be a tensor of f32 or f64, got 'tensor<3xi32>'}}
  %0 = "chlo.broadcast_complex"(%a, %b) : (tensor<3xi32>, tensor<3xi32>) -> tensor<3xcomplex<f32>>
  return
}

// -----

func.func @f(%a: tensor<3xi32>, %b: tensor<3xf32>, %c: tensor<3xf32>) {
  // expected-error @below {{expects the predicate to be a tensor of i1, got 'tensor<3xi32>'}}
  %0 = "chlo.broadcast_select"(%a, %b, %c) : (tensor<3xi32>, tensor<3xf32>, tensor<3xf32>) -> tensor<3xf32>
  return
}

// -----

func.func @f(%a: tensor<2x3xi1>, %b: tensor<3xf32>, %c: tensor<3xf32>) {
  // expected-error @below {{expects a predicate of no more dimensions than the other operands (1), got 'tensor<2x3xi1>'}}
  %0 = "chlo.broadcast_select"(%a, %b, %c) : (tensor<2x3xi1>, tensor<3xf32>, tensor<3xf32>) -> tensor<3xf32>
  return
}

// -----

func.func @f(%a: tensor<2x4xf32>) {
  // expected-error @below {{expects k to be in [0, 4], the size of the last dimension, got 5}}
  %0:2 = "chlo.top_k"(%a) <{k = 5 : i64}> : (tensor<2x4xf32>) -> (tensor<2x5xf32>, tensor<2x5xi32>)
  return
}

// -----

func.func @f(%a: tensor<f32>) {
  // expected-error @below {{expects an operand of at least one dimension, got 'tensor<f32>'}}
  %0:2 = "chlo.top_k"(%a) <{k = 1 : i64}> : (tensor<f32>) -> (tensor<f32>, tensor<i32>)
  return
}

// -----

func.func @f(%a: tensor<2x4xf32>) {
  // expected-error @below {{expects result #1 of type 'tensor<2x3xi32>', got 'tensor<2x3xi64>'}}
  %0:2 = "chlo.top_k"(%a) <{k = 3 : i64}> : (tensor<2x4xf32>) -> (tensor<2x3xf32>, tensor<2x3xi64>)
  return
}

// -----

func.func @f(%a: tensor<2xf32>) {
  // expected-error @below {{expects value to be a number}}
  %0 = "chlo.constant_like"(%a) <{value = "one"}> : (tensor<2xf32>) -> tensor<2xf32>
  return
}

// -----

func.func @f(%a: tensor<2xf32>) {
  // expected-error @below {{expects result #0 of type 'tensor<2xf64>', got 'tensor<2xf32>'}}
  %0 = "chlo.constant_like"(%a) <{value = 1.0 : f64}> : (tensor<2xf32>) -> tensor<2xf32>
  return
}

// -----

func.func @f(%a: tensor<8x4xf32>, %b: tensor<3x4x5xf32>, %c: tensor<3xi32>) {
  // expected-error @below {{expects one dimension in lhs_ragged_dimensions, got 0}}
  %0 = "chlo.ragged_dot"(%a, %b, %c) <{ragged_dot_dimension_numbers = #chlo.ragged_dot<lhs_batching_dimensions = [], rhs_batching_dimensions = [], lhs_contracting_dimensions = [1], rhs_contracting_dimensions = [1], lhs_ragged_dimensions = [], rhs_group_dimensions = [0]>}> : (tensor<8x4xf32>, tensor<3x4x5xf32>, tensor<3xi32>) -> tensor<8x5xf32>
  return
}

// -----

func.func @f(%a: tensor<8x4xf32>, %b: tensor<3x4x5xf32>, %c: tensor<3xi32>) {
  // expected-error @below {{expects 1 elements in rhs_group_dimensions, as the ragged dimension is neither batching nor contracting, got 0}}
  %0 = "chlo.ragged_dot"(%a, %b, %c) <{ragged_dot_dimension_numbers = #chlo.ragged_dot<lhs_batching_dimensions = [], rhs_batching_dimensions = [], lhs_contracting_dimensions = [1], rhs_contracting_dimensions = [1], lhs_ragged_dimensions = [0], rhs_group_dimensions = []>}> : (tensor<8x4xf32>, tensor<3x4x5xf32>, tensor<3xi32>) -> tensor<8x5xf32>
  return
}

// -----

func.func @f(%a: tensor<8x4xf32>, %b: tensor<3x4x5xf32>, %c: tensor<3xi32>) {
  // expected-error @below {{lhs_contracting_dimensions and rhs_contracting_dimensions must have the same sizes, got 4 and 5}}
  %0 = "chlo.ragged_dot"(%a, %b, %c) <{ragged_dot_dimension_numbers = #chlo.ragged_dot<lhs_batching_dimensions = [], rhs_batching_dimensions = [], lhs_contracting_dimensions = [1], rhs_contracting_dimensions = [2], lhs_ragged_dimensions = [0], rhs_group_dimensions = [0]>}> : (tensor<8x4xf32>, tensor<3x4x5xf32>, tensor<3xi32>) -> tensor<8x4xf32>
  return
}

// -----

func.func @f(%a: tensor<8x4xf32>, %b: tensor<3x4x5xf32>, %c: tensor<2xi32>) {
  // expected-error @below {{expects as many matrices in rhs as there are group sizes (2), got 3}}
  %0 = "chlo.ragged_dot"(%a, %b, %c) <{ragged_dot_dimension_numbers = #chlo.ragged_dot<lhs_batching_dimensions = [], rhs_batching_dimensions = [], lhs_contracting_dimensions = [1], rhs_contracting_dimensions = [1], lhs_ragged_dimensions = [0], rhs_group_dimensions = [0]>}> : (tensor<8x4xf32>, tensor<3x4x5xf32>, tensor<2xi32>) -> tensor<8x5xf32>
  return
}

// -----

func.func @f(%a: tensor<8x4xf32>, %b: tensor<3x4x5xf32>, %c: tensor<i32>) {
  // expected-error @below {{expects group sizes of at least one dimension, got 'tensor<i32>'}}
  %0 = "chlo.ragged_dot"(%a, %b, %c) <{ragged_dot_dimension_numbers = #chlo.ragged_dot<lhs_batching_dimensions = [], rhs_batching_dimensions = [], lhs_contracting_dimensions = [1], rhs_contracting_dimensions = [1], lhs_ragged_dimensions = [0], rhs_group_dimensions = [0]>}> : (tensor<8x4xf32>, tensor<3x4x5xf32>, tensor<i32>) -> tensor<8x5xf32>
  return
}

// -----

func.func @f(%a: tensor<8x4xf32>, %b: tensor<3x4x5xf32>, %c: tensor<3xi32>) {
  // expected-error @below {{computes a result of type 'tensor<8x5xf32>', got 'tensor<5x8xf32>'}}
  %0 = "chlo.ragged_dot"(%a, %b, %c) <{ragged_dot_dimension_numbers = #chlo.ragged_dot<lhs_batching_dimensions = [], rhs_batching_dimensions = [], lhs_contracting_dimensions = [1], rhs_contracting_dimensions = [1], lhs_ragged_dimensions = [0], rhs_group_dimensions = [0]>}> : (tensor<8x4xf32>, tensor<3x4x5xf32>, tensor<3xi32>) -> tensor<5x8xf32>
  return
}
