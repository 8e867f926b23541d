// RUN: alpa-opt %s --split-input-file --verify-diagnostics --pass-pipeline='builtin.module(microbatch{count=4})'
// RUN: not alpa-opt %S/Inputs/conv-b16-i16-c4.mlir --pass-pipeline='builtin.module(microbatch{count=4 batch=9})' 2>&1 | FileCheck %s --check-prefix=ARG
// RUN: not alpa-opt %S/Inputs/conv-b16-i16-c4.mlir --pass-pipeline='builtin.module(microbatch{count=4 batch=0:7})' 2>&1 | FileCheck %s --check-prefix=DIM
// RUN: not alpa-opt %S/Inputs/conv-b16-i16-c4.mlir --pass-pipeline='builtin.module(microbatch{count=4 batch=images})' 2>&1 | FileCheck %s --check-prefix=NAME

// ARG: error: 'func.func' op has no argument '9' to be the batch: expects the number of an argument
// DIM: error: 'func.func' op has no dimension '7' of argument 0 to be the batch: it is of rank
// NAME: error: 'func.func' op has no argument 'images' to be the batch

// expected-error @below {{has a batch of 6, which 4 micro-batches do not divide}}
func.func @main(%x: tensor<6x2xf32>) -> tensor<6x2xf32> {
  return %x : tensor<6x2xf32>
}

// -----

// expected-error @below {{is ambiguous: the arguments that are neither state nor scalar should carry one batch along dimension 0, but argument 0 has 8, argument 1 has 4: name the batch with the option 'batch'}}
func.func @main(%x: tensor<8x2xf32>, %classes: tensor<4xf32>) -> tensor<8x2xf32> {
  return %x : tensor<8x2xf32>
}

// -----

// expected-error @below {{has no batch: every argument is a scalar or state}}
func.func @main(%w: tensor<8x2xf32> {tf.aliasing_output = 0 : i32}, %rate: tensor<f32>) -> tensor<8x2xf32> {
  return %w : tensor<8x2xf32>
}

// -----

// A statistic of the batch in the forward pass: local ones are on offer.

func.func @main(%x: tensor<8x2xf32>, %w: tensor<2x2xf32> {tf.aliasing_output = 0 : i32}) -> tensor<2x2xf32> {
  %0 = stablehlo.constant dense<0.0> : tensor<f32>
  %1 = stablehlo.dot_general %x, %w, contracting_dims = [1] x [0] : (tensor<8x2xf32>, tensor<2x2xf32>) -> tensor<8x2xf32>
  %2 = stablehlo.reduce(%1 init: %0) applies stablehlo.add across dimensions = [0] : (tensor<8x2xf32>, tensor<f32>) -> tensor<2xf32>
  %3 = stablehlo.broadcast_in_dim %2, dims = [1] : (tensor<2xf32>) -> tensor<8x2xf32>
  // expected-error @below {{'stablehlo.subtract' op cannot run in micro-batches: combines the batch with operand 1, a statistic of the whole batch; set statistics=local if statistics of each micro-batch will do, else count=1}}
  %4 = stablehlo.subtract %1, %3 : tensor<8x2xf32>
  %5 = stablehlo.dot_general %4, %x, contracting_dims = [0] x [0] : (tensor<8x2xf32>, tensor<8x2xf32>) -> tensor<2x2xf32>
  return %5 : tensor<2x2xf32>
}

// -----

// Every example with every other: nothing helps.

func.func @main(%x: tensor<8x2xf32>) -> tensor<8x2xf32> {
  // expected-error @below {{cannot run in micro-batches: combines every element of the batch with every other: two of its dimensions are the batch; set count=1}}
  %0 = stablehlo.dot_general %x, %x, contracting_dims = [1] x [1] : (tensor<8x2xf32>, tensor<8x2xf32>) -> tensor<8x8xf32>
  %1 = stablehlo.dot_general %0, %x, contracting_dims = [1] x [0] : (tensor<8x8xf32>, tensor<8x2xf32>) -> tensor<8x2xf32>
  return %1 : tensor<8x2xf32>
}

// -----

// Groups of examples that are larger than a micro-batch.

func.func @main(%x: tensor<8x3x3xf32>) -> tensor<2x12x12xf32> {
  %0 = stablehlo.dot_general %x, %x, batching_dims = [0] x [0], contracting_dims = [2] x [1] : (tensor<8x3x3xf32>, tensor<8x3x3xf32>) -> tensor<8x3x3xf32>
  // expected-error @below {{cannot run in micro-batches: splits the batch into 2 groups, which 4 micro-batches do not divide; set count=1}}
  %1 = stablehlo.reshape %0 : (tensor<8x3x3xf32>) -> tensor<2x12x3xf32>
  %2 = stablehlo.dot_general %1, %1, batching_dims = [0] x [0], contracting_dims = [2] x [2] : (tensor<2x12x3xf32>, tensor<2x12x3xf32>) -> tensor<2x12x12xf32>
  return %2 : tensor<2x12x12xf32>
}

// -----

// A loop over the batch, and one that stops by what is in it.

func.func @main(%x: tensor<8x2xf32>) -> tensor<2xf32> {
  %0 = stablehlo.constant dense<0> : tensor<i32>
  %1 = stablehlo.constant dense<8> : tensor<i32>
  %2 = stablehlo.constant dense<1> : tensor<i32>
  %3 = stablehlo.constant dense<0.0> : tensor<2xf32>
  // expected-error @below {{'stablehlo.while' op cannot run in micro-batches: its 'stablehlo.dynamic_slice' needs the batch whole (dimension 0 of operand 0); set count=1}}
  %4:2 = stablehlo.while(%i = %0, %sum = %3) : tensor<i32>, tensor<2xf32>
    cond {
      %5 = stablehlo.compare LT, %i, %1 : (tensor<i32>, tensor<i32>) -> tensor<i1>
      stablehlo.return %5 : tensor<i1>
    } do {
      %6 = stablehlo.dynamic_slice %x, %i, %0, sizes = [1, 2] : (tensor<8x2xf32>, tensor<i32>, tensor<i32>) -> tensor<1x2xf32>
      %7 = stablehlo.reshape %6 : (tensor<1x2xf32>) -> tensor<2xf32>
      %8 = stablehlo.sine %sum : tensor<2xf32>
      %9 = stablehlo.add %8, %7 : tensor<2xf32>
      %10 = stablehlo.add %i, %2 : tensor<i32>
      stablehlo.return %10, %9 : tensor<i32>, tensor<2xf32>
    }
  return %4#1 : tensor<2xf32>
}

// -----

func.func @main(%x: tensor<8x2xf32>) -> tensor<8x2xf32> {
  %0 = stablehlo.constant dense<0.0> : tensor<f32>
  // expected-error @below {{'stablehlo.while' op cannot run in micro-batches: steps by a predicate that differs between micro-batches; set count=1}}
  %1 = stablehlo.while(%v = %x) : tensor<8x2xf32>
    cond {
      %2 = stablehlo.reduce(%v init: %0) applies stablehlo.add across dimensions = [0, 1] : (tensor<8x2xf32>, tensor<f32>) -> tensor<f32>
      %3 = stablehlo.compare LT, %2, %0 : (tensor<f32>, tensor<f32>) -> tensor<i1>
      stablehlo.return %3 : tensor<i1>
    } do {
      %4 = stablehlo.sine %v : tensor<8x2xf32>
      stablehlo.return %4 : tensor<8x2xf32>
    }
  return %1 : tensor<8x2xf32>
}
