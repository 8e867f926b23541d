// Random numbers.
// RUN: alpa-opt %s -split-input-file -verify-diagnostics

func.func @f(%a: tensor<1xf32>, %b: tensor<f32>, %c: tensor<1xi64>) {
  // expected-error @below {{expects the first parameter of the distribution to be a tensor of rank 0, got 'tensor<1xf32>'}}
  %0 = "stablehlo.rng"(%a, %b, %c) <{rng_distribution = #stablehlo<rng_distribution UNIFORM>}> : (tensor<1xf32>, tensor<f32>, tensor<1xi64>) -> tensor<4xf32>
  return
}

// -----

func.func @f(%a: tensor<f32>, %b: tensor<1xf32>, %c: tensor<1xi64>) {
  // expected-error @below {{expects the second parameter of the distribution to be a tensor of rank 0, got 'tensor<1xf32>'}}
  %0 = "stablehlo.rng"(%a, %b, %c) <{rng_distribution = #stablehlo<rng_distribution UNIFORM>}> : (tensor<f32>, tensor<1xf32>, tensor<1xi64>) -> tensor<4xf32>
  return
}

// -----

func.func @f(%a: tensor<f32>, %b: tensor<f64>, %c: tensor<1xi64>) {
  // expected-error @below {{expects the first parameter and the second to have the same element type, got 'tensor<f32>' and 'tensor<f64>'}}
  %0 = "stablehlo.rng"(%a, %b, %c) <{rng_distribution = #stablehlo<rng_distribution UNIFORM>}> : (tensor<f32>, tensor<f64>, tensor<1xi64>) -> tensor<4xf32>
  return
}

// -----

func.func @f(%a: tensor<f32>, %b: tensor<f32>, %c: tensor<1xi64>) {
  // expected-error @below {{expects the first parameter and the result to have the same element type, got 'tensor<f32>' and 'tensor<4xf64>'}}
  %0 = "stablehlo.rng"(%a, %b, %c) <{rng_distribution = #stablehlo<rng_distribution UNIFORM>}> : (tensor<f32>, tensor<f32>, tensor<1xi64>) -> tensor<4xf64>
  return
}

// -----

func.func @f(%a: tensor<i32>, %b: tensor<i32>, %c: tensor<1xi64>) {
  // expected-error @below {{expects a normal distribution to be a tensor of floats, got 'tensor<4xi32>'}}
  %0 = "stablehlo.rng"(%a, %b, %c) <{rng_distribution = #stablehlo<rng_distribution NORMAL>}> : (tensor<i32>, tensor<i32>, tensor<1xi64>) -> tensor<4xi32>
  return
}

// -----

func.func @f(%a: tensor<f32>, %b: tensor<f32>, %c: tensor<1xf32>) {
  // expected-error @below {{expects the shape to be a tensor of integers, got 'tensor<1xf32>'}}
  %0 = "stablehlo.rng"(%a, %b, %c) <{rng_distribution = #stablehlo<rng_distribution UNIFORM>}> : (tensor<f32>, tensor<f32>, tensor<1xf32>) -> tensor<4xf32>
  return
}

// -----

func.func @f(%a: tensor<f32>, %b: tensor<f32>, %c: tensor<2xi64>) {
  // expected-error @below {{expects the shape to be a tensor of 1 integers, got 'tensor<2xi64>'}}
  %0 = "stablehlo.rng"(%a, %b, %c) <{rng_distribution = #stablehlo<rng_distribution UNIFORM>}> : (tensor<f32>, tensor<f32>, tensor<2xi64>) -> tensor<4xf32>
  return
}

// -----

func.func @f(%a: tensor<2xui64>) {
  // expected-error @below {{expects the initial state and the output state to have the same type, got 'tensor<2xui64>' and 'tensor<3xui64>'}}
  %0:2 = "stablehlo.rng_bit_generator"(%a) <{rng_algorithm = #stablehlo<rng_algorithm PHILOX>}> : (tensor<2xui64>) -> (tensor<3xui64>, tensor<4xui32>)
  return
}

// -----

func.func @f(%a: tensor<2xui64>) {
  // expected-error @below {{expects the output to be a tensor of integers or floats, got 'tensor<4xi1>'}}
  %0:2 = "stablehlo.rng_bit_generator"(%a) <{rng_algorithm = #stablehlo<rng_algorithm PHILOX>}> : (tensor<2xui64>) -> (tensor<2xui64>, tensor<4xi1>)
  return
}

// -----

func.func @f(%a: tensor<ui64>) {
  // expected-error @below {{expects a state of rank 1, got 'tensor<ui64>'}}
  %0:2 = "stablehlo.rng_bit_generator"(%a) <{rng_algorithm = #stablehlo<rng_algorithm PHILOX>}> : (tensor<ui64>) -> (tensor<ui64>, tensor<4xui32>)
  return
}

// -----

func.func @f(%a: tensor<3xui64>) {
  // expected-error @below {{expects a state of 2 'ui64' for THREE_FRY, got 'tensor<3xui64>'}}
  %0:2 = "stablehlo.rng_bit_generator"(%a) <{rng_algorithm = #stablehlo<rng_algorithm THREE_FRY>}> : (tensor<3xui64>) -> (tensor<3xui64>, tensor<4xui32>)
  return
}

// -----

func.func @f(%a: tensor<4xui64>) {
  // expected-error @below {{expects a state of 2 or 3 'ui64' for PHILOX, got 'tensor<4xui64>'}}
  %0:2 = "stablehlo.rng_bit_generator"(%a) <{rng_algorithm = #stablehlo<rng_algorithm PHILOX>}> : (tensor<4xui64>) -> (tensor<4xui64>, tensor<4xui32>)
  return
}

// -----

func.func @f(%a: tensor<f32>) {
  %s = stablehlo.constant dense<5> : tensor<1xi64>
  // expected-error @below {{expects result dimension 0 to have the size that the shape gives, 5, got 4}}
  %0 = "stablehlo.rng"(%a, %a, %s) <{rng_distribution = #stablehlo<rng_distribution UNIFORM>}> : (tensor<f32>, tensor<f32>, tensor<1xi64>) -> tensor<4xf32>
  return
}
