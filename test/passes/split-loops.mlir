// RUN: alpa-opt %S/Inputs/stacked-layers.mlir --pass-pipeline='builtin.module(split-loops{ranges=2},canonicalize,cse,dce)' | FileCheck %s
// RUN: alpa-opt %s --split-input-file --verify-diagnostics --pass-pipeline='builtin.module(split-loops{ranges=2})'

// Two layers in each loop; the second loop runs from the last layer to the first. What the first writes for the second
// never becomes one tensor, the update runs on pieces, and sums of all elements begin with those of the range before.

// CHECK-LABEL: func.func @main
// CHECK:       %[[W1:.*]] = stablehlo.slice %arg0 [0:2, 0:8, 0:8]
// CHECK:       %[[A:.*]]:3 = stablehlo.while(%[[I:[a-zA-Z0-9_]+]] = %{{.*}}, %[[X:[a-zA-Z0-9_]+]] = %arg1, %[[Y:[a-zA-Z0-9_]+]] = %{{.*}}) : tensor<i32>, tensor<2x8xf32>, tensor<2x2x8xf32>
// CHECK:         stablehlo.constant dense<2> : tensor<i32>
// CHECK:         compare LT, %[[I]]
// CHECK:         dynamic_slice %[[W1]], %[[I]],
// CHECK:         dynamic_update_slice %[[Y]], %{{.*}}, %[[I]],
// CHECK:       %[[W2:.*]] = stablehlo.slice %arg0 [2:4, 0:8, 0:8]
// CHECK:       %[[B:.*]]:3 = stablehlo.while(%[[I2:[a-zA-Z0-9_]+]] = %{{.*}}, %{{.*}} = %[[A]]#1, %{{.*}} = %{{.*}}) : tensor<i32>, tensor<2x8xf32>, tensor<2x2x8xf32>
// CHECK:         dynamic_slice %[[W2]], %[[I2]],
// The number of the layer, where it is more than an index.
// CHECK:         stablehlo.add %[[I2]]
// CHECK:       %[[C:.*]]:3 = stablehlo.while(%[[K:[a-zA-Z0-9_]+]] = %{{.*}}, %{{.*}} = %[[B]]#1, %{{.*}} = %{{.*}}) : tensor<i32>, tensor<2x8xf32>, tensor<2x8x8xf32>
// CHECK:         %[[AT:.*]] = stablehlo.subtract %{{.*}}, %[[K]]
// CHECK:         dynamic_slice %[[W2]], %[[AT]],
// CHECK:         dynamic_slice %[[B]]#2, %[[AT]],
// CHECK:       %[[D:.*]]:3 = stablehlo.while({{.*}} = %[[C]]#1, {{.*}}) : tensor<i32>, tensor<2x8xf32>, tensor<2x8x8xf32>
// CHECK:         dynamic_slice %[[W1]],
// CHECK:         dynamic_slice %[[A]]#2,
// CHECK:       %[[S1:.*]] = stablehlo.reduce(%[[D]]#2 init: %{{.*}}) applies stablehlo.add across dimensions = [0, 1, 2]
// CHECK:       %[[S2:.*]] = stablehlo.reduce(%[[C]]#2 init: %[[S1]]) applies stablehlo.add across dimensions = [0, 1, 2]
// CHECK:       %[[L1:.*]] = stablehlo.reduce(%[[D]]#2 init: %{{.*}}) applies stablehlo.add across dimensions = [1, 2] : (tensor<2x8x8xf32>, tensor<f32>) -> tensor<2xf32>
// CHECK:       stablehlo.broadcast_in_dim %[[L1]], dims = [0] : (tensor<2xf32>) -> tensor<2x8x8xf32>
// CHECK:       %[[U1:.*]] = stablehlo.subtract %[[W1]]
// CHECK:       %[[U2:.*]] = stablehlo.subtract %[[W2]]
// CHECK:       %[[U:.*]] = stablehlo.concatenate %[[U1]], %[[U2]], dim = 0
// CHECK:       return %[[U]],

// The same weights in every iteration, as in a recurrence over time: ranges would share them.

func.func @main(%w: tensor<8x8xf32> {tf.aliasing_output = 0 : i32}, %x: tensor<2x8xf32>) -> (tensor<8x8xf32>, tensor<2x8xf32>) {
  %zero = stablehlo.constant dense<0> : tensor<i32>
  // expected-remark @below {{stays one loop, and its layers in one stage: its iterations do not each take weights of their own}}
  %0:2 = stablehlo.while(%i = %zero, %h = %x) : tensor<i32>, tensor<2x8xf32>
  cond {
    %n = stablehlo.constant dense<4> : tensor<i32>
    %c = stablehlo.compare LT, %i, %n, SIGNED : (tensor<i32>, tensor<i32>) -> tensor<i1>
    stablehlo.return %c : tensor<i1>
  } do {
    %one = stablehlo.constant dense<1> : tensor<i32>
    %y = stablehlo.dot_general %h, %w, contracting_dims = [1] x [0] : (tensor<2x8xf32>, tensor<8x8xf32>) -> tensor<2x8xf32>
    %next = stablehlo.add %i, %one : tensor<i32>
    stablehlo.return %next, %y : tensor<i32>, tensor<2x8xf32>
  }
  return %w, %0#1 : tensor<8x8xf32>, tensor<2x8xf32>
}

// -----

// Every second layer.

func.func @main(%w: tensor<4x8x8xf32> {tf.aliasing_output = 0 : i32}, %x: tensor<2x8xf32>) -> (tensor<4x8x8xf32>, tensor<2x8xf32>) {
  %zero = stablehlo.constant dense<0> : tensor<i32>
  // expected-remark @below {{its counter goes up by more than one}}
  %0:2 = stablehlo.while(%i = %zero, %h = %x) : tensor<i32>, tensor<2x8xf32>
  cond {
    %n = stablehlo.constant dense<4> : tensor<i32>
    %c = stablehlo.compare LT, %i, %n, SIGNED : (tensor<i32>, tensor<i32>) -> tensor<i1>
    stablehlo.return %c : tensor<i1>
  } do {
    %two = stablehlo.constant dense<2> : tensor<i32>
    %c0 = stablehlo.constant dense<0> : tensor<i32>
    %w1 = stablehlo.dynamic_slice %w, %i, %c0, %c0, sizes = [1, 8, 8] : (tensor<4x8x8xf32>, tensor<i32>, tensor<i32>, tensor<i32>) -> tensor<1x8x8xf32>
    %w2 = stablehlo.reshape %w1 : (tensor<1x8x8xf32>) -> tensor<8x8xf32>
    %y = stablehlo.dot_general %h, %w2, contracting_dims = [1] x [0] : (tensor<2x8xf32>, tensor<8x8xf32>) -> tensor<2x8xf32>
    %next = stablehlo.add %i, %two : tensor<i32>
    stablehlo.return %next, %y : tensor<i32>, tensor<2x8xf32>
  }
  return %w, %0#1 : tensor<4x8x8xf32>, tensor<2x8xf32>
}

// -----

// Until something is small.

func.func @main(%w: tensor<4x8x8xf32> {tf.aliasing_output = 0 : i32}, %x: tensor<2x8xf32>, %limit: tensor<i32>) -> (tensor<4x8x8xf32>, tensor<2x8xf32>) {
  %zero = stablehlo.constant dense<0> : tensor<i32>
  // expected-remark @below {{how often it runs is not known}}
  %0:2 = stablehlo.while(%i = %zero, %h = %x) : tensor<i32>, tensor<2x8xf32>
  cond {
    %c = stablehlo.compare LT, %i, %limit, SIGNED : (tensor<i32>, tensor<i32>) -> tensor<i1>
    stablehlo.return %c : tensor<i1>
  } do {
    %one = stablehlo.constant dense<1> : tensor<i32>
    %c0 = stablehlo.constant dense<0> : tensor<i32>
    %w1 = stablehlo.dynamic_slice %w, %i, %c0, %c0, sizes = [1, 8, 8] : (tensor<4x8x8xf32>, tensor<i32>, tensor<i32>, tensor<i32>) -> tensor<1x8x8xf32>
    %w2 = stablehlo.reshape %w1 : (tensor<1x8x8xf32>) -> tensor<8x8xf32>
    %y = stablehlo.dot_general %h, %w2, contracting_dims = [1] x [0] : (tensor<2x8xf32>, tensor<8x8xf32>) -> tensor<2x8xf32>
    %next = stablehlo.add %i, %one : tensor<i32>
    stablehlo.return %next, %y : tensor<i32>, tensor<2x8xf32>
  }
  return %w, %0#1 : tensor<4x8x8xf32>, tensor<2x8xf32>
}

// -----

// Layers that are gathered in another order than one after the other.

func.func @main(%w: tensor<4x8x8xf32> {tf.aliasing_output = 0 : i32}, %x: tensor<2x8xf32>) -> (tensor<4x8x8xf32>, tensor<2x8xf32>) {
  %zero = stablehlo.constant dense<0> : tensor<i32>
  // expected-remark @below {{its iterations do not each take weights of their own}}
  %0:2 = stablehlo.while(%i = %zero, %h = %x) : tensor<i32>, tensor<2x8xf32>
  cond {
    %n = stablehlo.constant dense<4> : tensor<i32>
    %c = stablehlo.compare LT, %i, %n, SIGNED : (tensor<i32>, tensor<i32>) -> tensor<i1>
    stablehlo.return %c : tensor<i1>
  } do {
    %one = stablehlo.constant dense<1> : tensor<i32>
    %c0 = stablehlo.constant dense<0> : tensor<i32>
    %is_first = stablehlo.compare EQ, %i, %c0, SIGNED : (tensor<i32>, tensor<i32>) -> tensor<i1>
    %at = stablehlo.select %is_first, %one, %c0 : tensor<i1>, tensor<i32>
    %w1 = stablehlo.dynamic_slice %w, %at, %c0, %c0, sizes = [1, 8, 8] : (tensor<4x8x8xf32>, tensor<i32>, tensor<i32>, tensor<i32>) -> tensor<1x8x8xf32>
    %w2 = stablehlo.reshape %w1 : (tensor<1x8x8xf32>) -> tensor<8x8xf32>
    %y = stablehlo.dot_general %h, %w2, contracting_dims = [1] x [0] : (tensor<2x8xf32>, tensor<8x8xf32>) -> tensor<2x8xf32>
    %next = stablehlo.add %i, %one : tensor<i32>
    stablehlo.return %next, %y : tensor<i32>, tensor<2x8xf32>
  }
  return %w, %0#1 : tensor<4x8x8xf32>, tensor<2x8xf32>
}
