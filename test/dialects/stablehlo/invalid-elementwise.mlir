// Element types and shapes of elementwise ops.
// RUN: alpa-opt %s -split-input-file -verify-diagnostics

func.func @f(%a: tensor<2xui32>) {
  // expected-error @below {{expects the operand to be a tensor of signed integers, floats or complex numbers, got 'tensor<2xui32>'}}
  %0 = "stablehlo.abs"(%a) : (tensor<2xui32>) -> tensor<2xui32>
  return
}

// -----

func.func @f(%a: tensor<2xcomplex<f32>>) {
  // expected-error @below {{expects result #0 of type 'tensor<2xf32>', got 'tensor<2xcomplex<f32>>'}}
  %0 = "stablehlo.abs"(%a) : (tensor<2xcomplex<f32>>) -> tensor<2xcomplex<f32>>
  return
}

// -----

func.func @f(%a: tensor<2xi32>) {
  // expected-error @below {{expects the operand to be a tensor of floats or complex numbers, got 'tensor<2xi32>'}}
  %0 = "stablehlo.tanh"(%a) : (tensor<2xi32>) -> tensor<2xi32>
  return
}

// -----

func.func @f(%a: tensor<2xf32>) {
  // expected-error @below {{expects rtol of result_accuracy to be zero in the mode HIGHEST}}
  %0 = "stablehlo.tanh"(%a) <{result_accuracy = #stablehlo.result_accuracy<atol = 0.0, rtol = 1.0, mode = #stablehlo.result_accuracy_mode<HIGHEST>>}> : (tensor<2xf32>) -> tensor<2xf32>
  return
}

// -----

func.func @f(%a: tensor<2xf32>) {
  // expected-error @below {{expects result_accuracy to be a #stablehlo.result_accuracy attribute}}
  %0 = "stablehlo.tanh"(%a) <{result_accuracy = "fine"}> : (tensor<2xf32>) -> tensor<2xf32>
  return
}

// -----

func.func @f(%a: tensor<2xi32>) {
  // expected-error @below {{expects the operand to be a tensor of floats, got 'tensor<2xi32>'}}
  %0 = "stablehlo.floor"(%a) : (tensor<2xi32>) -> tensor<2xi32>
  return
}

// -----

func.func @f(%a: tensor<2xcomplex<f32>>) {
  // expected-error @below {{expects the operand to be a tensor of floats, got 'tensor<2xcomplex<f32>>'}}
  %0 = "stablehlo.is_finite"(%a) : (tensor<2xcomplex<f32>>) -> tensor<2xi1>
  return
}

// -----

func.func @f(%a: tensor<2xf32>) {
  // expected-error @below {{expects result #0 of type 'tensor<2xi1>', got 'tensor<2xf32>'}}
  %0 = "stablehlo.is_finite"(%a) : (tensor<2xf32>) -> tensor<2xf32>
  return
}

// -----

func.func @f(%a: tensor<2xi1>) {
  // expected-error @below {{expects the operand to be a tensor of integers, got 'tensor<2xi1>'}}
  %0 = "stablehlo.popcnt"(%a) : (tensor<2xi1>) -> tensor<2xi1>
  return
}

// -----

func.func @f(%a: tensor<2xf32>) {
  // expected-error @below {{expects the operand to be a tensor of integers or booleans, got 'tensor<2xf32>'}}
  %0 = "stablehlo.not"(%a) : (tensor<2xf32>) -> tensor<2xf32>
  return
}

// -----

func.func @f(%a: tensor<2xi1>, %b: tensor<2xi1>) {
  // expected-error @below {{expects the operand to be a tensor of integers, floats or complex numbers, got 'tensor<2xi1>'}}
  %0 = "stablehlo.subtract"(%a, %b) : (tensor<2xi1>, tensor<2xi1>) -> tensor<2xi1>
  return
}

// -----

func.func @f(%a: tensor<2xf32>, %b: tensor<3xf32>) {
  // expected-error @below {{expects all operands to have one type, got 'tensor<2xf32>' and 'tensor<3xf32>'}}
  %0 = "stablehlo.add"(%a, %b) : (tensor<2xf32>, tensor<3xf32>) -> tensor<2xf32>
  return
}

// -----

func.func @f(%a: tensor<2xf32>, %b: tensor<2xf16>) {
  // expected-error @below {{expects all operands to have one type, got 'tensor<2xf32>' and 'tensor<2xf16>'}}
  %0 = "stablehlo.multiply"(%a, %b) : (tensor<2xf32>, tensor<2xf16>) -> tensor<2xf32>
  return
}

// -----

func.func @f(%a: !stablehlo.token) {
  // expected-error @below {{operand #0 must be a ranked tensor, got '!stablehlo.token'}}
  %0 = "stablehlo.negate"(%a) : (!stablehlo.token) -> !stablehlo.token
  return
}

// -----

func.func @f(%a: tensor<2xf32>) {
  // expected-error @below {{expects the operand and the result to have the same shape, got 'tensor<2xf32>' and 'tensor<3xf16>'}}
  %0 = "stablehlo.convert"(%a) : (tensor<2xf32>) -> tensor<3xf16>
  return
}

// -----

func.func @f(%a: tensor<2xf32>) {
  // expected-error @below {{expects exponent_bits to be at least 1, got 0}}
  %0 = "stablehlo.reduce_precision"(%a) <{exponent_bits = 0 : i32, mantissa_bits = 3 : i32}> : (tensor<2xf32>) -> tensor<2xf32>
  return
}

// -----

func.func @f(%a: tensor<2xf32>) {
  // expected-error @below {{expects mantissa_bits to be at least 0, got -1}}
  %0 = "stablehlo.reduce_precision"(%a) <{exponent_bits = 5 : i32, mantissa_bits = -1 : i32}> : (tensor<2xf32>) -> tensor<2xf32>
  return
}

// -----

func.func @f(%a: tensor<2xf32>) {
  // expected-error @below {{requires attribute 'exponent_bits'}}
  %0 = "stablehlo.reduce_precision"(%a) <{mantissa_bits = 3 : i32}> : (tensor<2xf32>) -> tensor<2xf32>
  return
}

// -----

func.func @f(%a: tensor<2xf16>, %b: tensor<2xf16>) {
  // expected-error @below {{expects the real part to be a tensor of f32 or f64, got 'tensor<2xf16>'}}
  %0 = "stablehlo.complex"(%a, %b) : (tensor<2xf16>, tensor<2xf16>) -> tensor<2xcomplex<f32>>
  return
}

// -----

func.func @f(%a: tensor<2xi32>, %b: tensor<2xi32>) {
  // expected-error @below {{expects the real part to be a tensor of f32 or f64, got 'tensor<2xi32>'}}
  %0 = "stablehlo.complex"(%a, %b) : (tensor<2xi32>, tensor<2xi32>) -> tensor<2xcomplex<f32>>
  return
}

// -----

func.func @f(%a: tensor<2xf32>, %b: tensor<2xf64>) {
  // expected-error @below {{expects the real part and the imaginary part to have the same type, got 'tensor<2xf32>' and 'tensor<2xf64>'}}
  %0 = "stablehlo.complex"(%a, %b) : (tensor<2xf32>, tensor<2xf64>) -> tensor<2xcomplex<f32>>
  return
}

// -----

func.func @f(%a: tensor<2xf32>, %b: tensor<2xf32>) {
  // expected-error @below {{cannot compare 'tensor<2xf32>' as SIGNED}}
  %0 = "stablehlo.compare"(%a, %b) <{comparison_direction = #stablehlo<comparison_direction EQ>, compare_type = #stablehlo<comparison_type SIGNED>}> : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xi1>
  return
}

// -----

func.func @f(%a: tensor<2xcomplex<f32>>, %b: tensor<2xcomplex<f32>>) {
  // expected-error @below {{complex numbers compare as EQ or NE only, got LT}}
  %0 = "stablehlo.compare"(%a, %b) <{comparison_direction = #stablehlo<comparison_direction LT>}> : (tensor<2xcomplex<f32>>, tensor<2xcomplex<f32>>) -> tensor<2xi1>
  return
}

// -----

func.func @f(%a: tensor<2xf32>, %b: tensor<3xf32>) {
  // expected-error @below {{expects the first operand and the second to have the same shape, got 'tensor<2xf32>' and 'tensor<3xf32>'}}
  %0 = "stablehlo.compare"(%a, %b) <{comparison_direction = #stablehlo<comparison_direction EQ>}> : (tensor<2xf32>, tensor<3xf32>) -> tensor<2xi1>
  return
}

// -----

func.func @f(%a: tensor<2xf32>, %b: tensor<2xf16>) {
  // expected-error @below {{expects the first operand and the second to have the same element type, got 'tensor<2xf32>' and 'tensor<2xf16>'}}
  %0 = "stablehlo.compare"(%a, %b) <{comparison_direction = #stablehlo<comparison_direction EQ>}> : (tensor<2xf32>, tensor<2xf16>) -> tensor<2xi1>
  return
}

// -----

func.func @f(%a: tensor<2xi32>, %b: tensor<2xf32>, %c: tensor<2xf32>) {
  // expected-error @below {{expects the predicate to be a tensor of i1, got 'tensor<2xi32>'}}
  %0 = "stablehlo.select"(%a, %b, %c) : (tensor<2xi32>, tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
  return
}

// -----

func.func @f(%a: tensor<2xi1>, %b: tensor<2xf32>, %c: tensor<2xf16>) {
  // expected-error @below {{expects the second operand and the third to have the same type, got 'tensor<2xf32>' and 'tensor<2xf16>'}}
  %0 = "stablehlo.select"(%a, %b, %c) : (tensor<2xi1>, tensor<2xf32>, tensor<2xf16>) -> tensor<2xf32>
  return
}

// -----

func.func @f(%a: tensor<3xi1>, %b: tensor<2xf32>, %c: tensor<2xf32>) {
  // expected-error @below {{expects the predicate, which is not of rank 0, and the second operand to have the same shape, got 'tensor<3xi1>' and 'tensor<2xf32>'}}
  %0 = "stablehlo.select"(%a, %b, %c) : (tensor<3xi1>, tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
  return
}

// -----

func.func @f(%a: tensor<f16>, %b: tensor<2xf32>, %c: tensor<f32>) {
  // expected-error @below {{expects the minimum and the operand to have the same element type, got 'tensor<f16>' and 'tensor<2xf32>'}}
  %0 = "stablehlo.clamp"(%a, %b, %c) : (tensor<f16>, tensor<2xf32>, tensor<f32>) -> tensor<2xf32>
  return
}

// -----

func.func @f(%a: tensor<f32>, %b: tensor<2xf32>, %c: tensor<3xf32>) {
  // expected-error @below {{expects the maximum, which is not of rank 0, and the operand to have the same shape, got 'tensor<3xf32>' and 'tensor<2xf32>'}}
  %0 = "stablehlo.clamp"(%a, %b, %c) : (tensor<f32>, tensor<2xf32>, tensor<3xf32>) -> tensor<2xf32>
  return
}

// -----

func.func @f(%a: tensor<f32>, %b: tensor<2xf32>, %c: tensor<f16>) {
  // expected-error @below {{expects the maximum and the operand to have the same element type, got 'tensor<f16>' and 'tensor<2xf32>'}}
  %0 = "stablehlo.clamp"(%a, %b, %c) : (tensor<f32>, tensor<2xf32>, tensor<f16>) -> tensor<2xf32>
  return
}

// -----

func.func @f(%a: tensor<3xf32>, %b: tensor<2xf32>, %c: tensor<f32>) {
  // expected-error @below {{expects the minimum, which is not of rank 0, and the operand to have the same shape, got 'tensor<3xf32>' and 'tensor<2xf32>'}}
  %0 = "stablehlo.clamp"(%a, %b, %c) : (tensor<3xf32>, tensor<2xf32>, tensor<f32>) -> tensor<2xf32>
  return
}

// -----

func.func @f() {
  // expected-error @below {{expects result #0 of type 'tensor<2xf32>', got 'tensor<3xf32>'}}
  %0 = "stablehlo.constant"() <{value = dense<1.0> : tensor<2xf32>}> : () -> tensor<3xf32>
  return
}

// -----

func.func @f(%a: tensor<2xf32>) {
  // expected-error @below {{expects 2 operands, got 1}}
  %0 = "stablehlo.add"(%a) : (tensor<2xf32>) -> tensor<2xf32>
  return
}

// -----

func.func @f() {
  // expected-error @below {{expects result #0 of type 'tensor<ui32>', got 'tensor<i32>'}}
  %0 = "stablehlo.replica_id"() : () -> tensor<i32>
  return
}

// -----

func.func @f(%a: tensor<2xcomplex<f32>>) {
  // expected-error @below {{expects result #0 of type 'tensor<2xf32>', got 'tensor<2xf64>'}}
  %0 = "stablehlo.real"(%a) : (tensor<2xcomplex<f32>>) -> tensor<2xf64>
  return
}
