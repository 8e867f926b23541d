// RUN: alpa-opt %s --split-input-file --pass-pipeline='builtin.module(cluster-layers{layers=2})' | FileCheck %s
// RUN: alpa-opt %s --split-input-file --pass-pipeline='builtin.module(cluster-layers{layers=2},stages)' | FileCheck %s --check-prefix=STAGES

// One hint moves the boundary from the cheapest place; what is behind it follows, forward and backward.

// CHECK-LABEL: func.func @main
// CHECK:         stablehlo.dot_general {{.*}}alpa.forward, alpa.layer = 0 : i64{{.*}}tensor<8x16xf32>, tensor<16x32xf32>
// CHECK:         stablehlo.dot_general {{.*}}alpa.forward, alpa.layer = 1 : i64{{.*}}tensor<8x32xf32>, tensor<32x4xf32>
// CHECK:         stablehlo.dot_general {{.*}}alpa.forward, alpa.layer = 1 : i64{{.*}}tensor<8x4xf32>, tensor<4x16xf32>
// CHECK:         stablehlo.dot_general {{.*}}alpa.layer = 1 : i64{{.*}}tensor<8x4xf32>, tensor<8x16xf32>
// CHECK:         stablehlo.dot_general {{.*}}alpa.layer = 0 : i64{{.*}}tensor<8x16xf32>, tensor<8x32xf32>
// STAGES: alpa.stages = [{devices = array<i64: 0>, layers = array<i64: 0, 1>, mesh = "1"}]
func.func @main(%w0: tensor<16x32xf32> {tf.aliasing_output = 0 : i32}, %w1: tensor<32x4xf32> {tf.aliasing_output = 1 : i32}, %w2: tensor<4x16xf32> {tf.aliasing_output = 2 : i32}, %x: tensor<8x16xf32>) -> (tensor<16x32xf32>, tensor<32x4xf32>, tensor<4x16xf32>, tensor<f32>) {
  %zero = stablehlo.constant dense<0.0> : tensor<f32>
  %a = stablehlo.dot_general %x, %w0, contracting_dims = [1] x [0] : (tensor<8x16xf32>, tensor<16x32xf32>) -> tensor<8x32xf32>
  %b = stablehlo.dot_general %a, %w1, contracting_dims = [1] x [0] {alpa.layer = 1 : i64} : (tensor<8x32xf32>, tensor<32x4xf32>) -> tensor<8x4xf32>
  %c = stablehlo.dot_general %b, %w2, contracting_dims = [1] x [0] : (tensor<8x4xf32>, tensor<4x16xf32>) -> tensor<8x16xf32>
  %cc = stablehlo.multiply %c, %c : tensor<8x16xf32>
  %loss = stablehlo.reduce(%cc init: %zero) applies stablehlo.add across dimensions = [0, 1] : (tensor<8x16xf32>, tensor<f32>) -> tensor<f32>
  %dc = stablehlo.add %c, %c : tensor<8x16xf32>
  %d2 = stablehlo.dot_general %b, %dc, contracting_dims = [0] x [0] : (tensor<8x4xf32>, tensor<8x16xf32>) -> tensor<4x16xf32>
  %db = stablehlo.dot_general %dc, %w2, contracting_dims = [1] x [1] : (tensor<8x16xf32>, tensor<4x16xf32>) -> tensor<8x4xf32>
  %d1 = stablehlo.dot_general %a, %db, contracting_dims = [0] x [0] : (tensor<8x32xf32>, tensor<8x4xf32>) -> tensor<32x4xf32>
  %da = stablehlo.dot_general %db, %w1, contracting_dims = [1] x [1] : (tensor<8x4xf32>, tensor<32x4xf32>) -> tensor<8x32xf32>
  %d0 = stablehlo.dot_general %x, %da, contracting_dims = [0] x [0] : (tensor<8x16xf32>, tensor<8x32xf32>) -> tensor<16x32xf32>
  %n0 = stablehlo.subtract %w0, %d0 : tensor<16x32xf32>
  %n1 = stablehlo.subtract %w1, %d1 : tensor<32x4xf32>
  %n2 = stablehlo.subtract %w2, %d2 : tensor<4x16xf32>
  return %n0, %n1, %n2, %loss : tensor<16x32xf32>, tensor<32x4xf32>, tensor<4x16xf32>, tensor<f32>
}

// -----

// Markers say where layers end, and are gone; stages may be written, too.

// CHECK-LABEL: func.func @main
// CHECK-NOT:     custom_call
// CHECK:         stablehlo.tanh {{.*}}alpa.layer = 0 : i64
// CHECK:         stablehlo.dot_general {{.*}}alpa.layer = 1 : i64
// CHECK:         stablehlo.subtract {{.*}}alpa.layer = 0 : i64
// STAGES: alpa.stages = [{devices = array<i64: 0>, layers = array<i64: 0, 0>, mesh = "1"}, {devices = array<i64: 1>, layers = array<i64: 1, 1>, mesh = "1"}]
func.func @main(%w0: tensor<16x16xf32> {tf.aliasing_output = 0 : i32}, %w1: tensor<16x16xf32> {tf.aliasing_output = 1 : i32}, %x: tensor<8x16xf32>) -> (tensor<16x16xf32>, tensor<16x16xf32>, tensor<f32>) {
  %zero = stablehlo.constant dense<0.0> : tensor<f32>
  %a = stablehlo.dot_general %x, %w0, contracting_dims = [1] x [0] : (tensor<8x16xf32>, tensor<16x16xf32>) -> tensor<8x16xf32>
  %t = stablehlo.tanh %a : tensor<8x16xf32>
  %m = stablehlo.custom_call @alpa.pipeline_boundary(%t) : (tensor<8x16xf32>) -> tensor<8x16xf32>
  %b = stablehlo.dot_general %m, %w1, contracting_dims = [1] x [0] {alpa.stage = 1 : i64} : (tensor<8x16xf32>, tensor<16x16xf32>) -> tensor<8x16xf32>
  %loss = stablehlo.reduce(%b init: %zero) applies stablehlo.add across dimensions = [0, 1] : (tensor<8x16xf32>, tensor<f32>) -> tensor<f32>
  %d0 = stablehlo.dot_general %x, %m, contracting_dims = [0] x [0] : (tensor<8x16xf32>, tensor<8x16xf32>) -> tensor<16x16xf32>
  %n0 = stablehlo.subtract %w0, %d0 : tensor<16x16xf32>
  return %n0, %w1, %loss : tensor<16x16xf32>, tensor<16x16xf32>, tensor<f32>
}

// -----

// A function that learns nothing has no loss: all of it is forward. What reads arguments of a stage runs there, also
// through casts.

// CHECK-LABEL: func.func @main
// CHECK:         stablehlo.dot_general {{.*}}alpa.forward, alpa.layer = 0 : i64, alpa.stage = 0 : i64
// CHECK:         stablehlo.dot_general {{.*}}alpa.forward, alpa.layer = 1 : i64, alpa.stage = 1 : i64
// CHECK:         stablehlo.dot_general {{.*}}alpa.forward, alpa.layer = 1 : i64}
// STAGES: alpa.stages = [{devices = array<i64: 0>, layers = array<i64: 0, 0>, mesh = "1"}, {devices = array<i64: 1>, layers = array<i64: 1, 1>, mesh = "1"}]
func.func @main(%w0: tensor<16x16xf32> {alpa.batch = false, alpa.stage = 0 : i64}, %w1: tensor<16x16xbf16> {alpa.batch = false, alpa.stage = 1 : i64}, %w2: tensor<16x16xf32> {alpa.batch = false}, %x: tensor<8x16xf32> {alpa.batch = true}) -> (tensor<8x16xf32>, tensor<8xf32>) {
  %zero = stablehlo.constant dense<0.0> : tensor<f32>
  %a = stablehlo.dot_general %x, %w0, contracting_dims = [1] x [0] : (tensor<8x16xf32>, tensor<16x16xf32>) -> tensor<8x16xf32>
  %cast = stablehlo.convert %w1 : (tensor<16x16xbf16>) -> tensor<16x16xf32>
  %b = stablehlo.dot_general %a, %cast, contracting_dims = [1] x [0] : (tensor<8x16xf32>, tensor<16x16xf32>) -> tensor<8x16xf32>
  %c = stablehlo.dot_general %b, %w2, contracting_dims = [1] x [0] : (tensor<8x16xf32>, tensor<16x16xf32>) -> tensor<8x16xf32>
  %sum = stablehlo.reduce(%c init: %zero) applies stablehlo.add across dimensions = [1] : (tensor<8x16xf32>, tensor<f32>) -> tensor<8xf32>
  return %c, %sum : tensor<8x16xf32>, tensor<8xf32>
}
