// RUN: alpa-opt %s --split-input-file --pass-pipeline='builtin.module(microbatch{count=4})' | FileCheck %s
// RUN: alpa-opt %s --split-input-file --pass-pipeline='builtin.module(microbatch)' | FileCheck %s --check-prefix=ONE
// RUN: alpa-opt %s --split-input-file --pass-pipeline='builtin.module(microbatch{count=4},microbatch{count=1})' | FileCheck %s --check-prefix=ONE

// A step of a linear model: the gradient is a partial sum that is accumulated, the update runs once afterwards, and what
// depends on no example runs once before.

// CHECK:       module attributes {alpa.microbatches = 4 : i64
// CHECK-SAME:  "accumulator-bytes" = 64 : i64, accumulators = 1 : i64
// CHECK-LABEL: func.func @main
// CHECK-SAME:  %arg1: tensor<8x2xf32> {alpa.time = "sharded<0>"}
// CHECK:       stablehlo.tanh{{.*}}alpa.phase = "prologue"{{.*}}alpa.time = ["invariant"]
// CHECK:       stablehlo.dot_general{{.*}}alpa.phase = "body", alpa.time = ["sharded<0>"]
// CHECK:       stablehlo.dot_general{{.*}}alpa.accumulates, alpa.phase = "body", alpa.time = ["partial<sum>"]
// CHECK:       stablehlo.transpose{{.*}}alpa.phase = "epilogue", alpa.time = ["partial<sum>"]
// CHECK:       stablehlo.exponential{{.*}}alpa.phase = "epilogue", alpa.time = ["invariant"]
// CHECK:       stablehlo.multiply{{.*}}alpa.phase = "epilogue", alpa.time = ["partial<sum>"]
// CHECK:       stablehlo.subtract{{.*}}alpa.phase = "epilogue", alpa.time = ["complete"]
// ONE:         module attributes {alpa.microbatches = 1 : i64
// ONE-NOT:     alpa.{{phase|time|accumulates|microbatching}}
func.func @main(%w: tensor<2x8xf32> {tf.aliasing_output = 0 : i32}, %x: tensor<8x2xf32>) -> tensor<2x8xf32> {
  %0 = stablehlo.tanh %w : tensor<2x8xf32>
  %1 = stablehlo.dot_general %x, %0, contracting_dims = [1] x [0] : (tensor<8x2xf32>, tensor<2x8xf32>) -> tensor<8x8xf32>
  %2 = stablehlo.dot_general %1, %x, contracting_dims = [0] x [0] : (tensor<8x8xf32>, tensor<8x2xf32>) -> tensor<8x2xf32>
  %3 = stablehlo.transpose %2, dims = [1, 0] : (tensor<8x2xf32>) -> tensor<2x8xf32>
  %4 = stablehlo.exponential %w : tensor<2x8xf32>
  %5 = stablehlo.multiply %3, %4 : tensor<2x8xf32>
  %6 = stablehlo.subtract %w, %5 : tensor<2x8xf32>
  return %6 : tensor<2x8xf32>
}

// -----

// What is broadcast over the batch is sunk: a micro-batch makes its own part; an iota, too.  The bias itself is read
// whole.  A value that the epilogue needs as well stays.

// CHECK-LABEL: func.func @main
// CHECK:       stablehlo.broadcast_in_dim{{.*}}alpa.phase = "body", alpa.time = ["sharded<0>"]
// CHECK:       stablehlo.iota{{.*}}alpa.phase = "body", alpa.time = ["sharded<0>"]
// CHECK:       stablehlo.iota{{.*}}alpa.phase = "prologue", alpa.time = ["invariant"]
func.func @main(%b: tensor<3xf32> {tf.aliasing_output = 0 : i32}, %x: tensor<8x3xf32>) -> (tensor<3xf32>, tensor<8x3xf32>, tensor<8x3xf32>) {
  %0 = stablehlo.broadcast_in_dim %b, dims = [1] : (tensor<3xf32>) -> tensor<8x3xf32>
  %1 = stablehlo.iota dim = 0 : tensor<8x3xf32>
  %2 = stablehlo.iota dim = 1 : tensor<8x3xf32>
  %3 = stablehlo.add %x, %0 : tensor<8x3xf32>
  %4 = stablehlo.multiply %3, %1 : tensor<8x3xf32>
  %5 = stablehlo.multiply %4, %2 : tensor<8x3xf32>
  return %b, %5, %2 : tensor<3xf32>, tensor<8x3xf32>, tensor<8x3xf32>
}

// -----

// The count of a mask is lifted: it comes from an argument without much work, so it is known before the first
// micro-batch.

// CHECK:       lifted = 3 : i64
// CHECK-LABEL: func.func @main
// CHECK:       stablehlo.convert{{.*}}alpa.phase = "prologue", alpa.time = ["sharded<0>"]
// CHECK:       stablehlo.reduce{{.*}}alpa.phase = "prologue", alpa.time = ["invariant"]
// CHECK:       stablehlo.broadcast_in_dim{{.*}}alpa.phase = "body", alpa.time = ["sharded<0>"]
// CHECK:       stablehlo.divide{{.*}}alpa.phase = "body", alpa.time = ["sharded<0>"]
func.func @main(%s: tensor<f32> {tf.aliasing_output = 0 : i32}, %x: tensor<8xf32>, %mask: tensor<8xi1>) -> (tensor<f32>, tensor<8xf32>) {
  %0 = stablehlo.constant dense<0.0> : tensor<f32>
  %1 = stablehlo.convert %mask : (tensor<8xi1>) -> tensor<8xf32>
  %2 = stablehlo.reduce(%1 init: %0) applies stablehlo.add across dimensions = [0] : (tensor<8xf32>, tensor<f32>) -> tensor<f32>
  %3 = stablehlo.broadcast_in_dim %2, dims = [] : (tensor<f32>) -> tensor<8xf32>
  %4 = stablehlo.divide %x, %3 : tensor<8xf32>
  return %s, %4 : tensor<f32>, tensor<8xf32>
}

// -----

// The accumulator stands where it is smallest: behind the sum over columns, in front of the spread over rows.

// CHECK:       "accumulator-bytes" = 32 : i64
// CHECK-LABEL: func.func @main
// CHECK:       stablehlo.dot_general{{.*}}alpa.phase = "body"
// CHECK:       stablehlo.reduce{{.*}}alpa.accumulates, alpa.phase = "body"
// CHECK:       stablehlo.broadcast_in_dim{{.*}}alpa.phase = "epilogue"
func.func @main(%s: tensor<8xf32> {tf.aliasing_output = 0 : i32}, %x: tensor<8x8xf32>) -> (tensor<8xf32>, tensor<4x8xf32>) {
  %0 = stablehlo.constant dense<0.0> : tensor<f32>
  %1 = stablehlo.dot_general %x, %x, contracting_dims = [0] x [0] : (tensor<8x8xf32>, tensor<8x8xf32>) -> tensor<8x8xf32>
  %2 = stablehlo.reduce(%1 init: %0) applies stablehlo.add across dimensions = [1] : (tensor<8x8xf32>, tensor<f32>) -> tensor<8xf32>
  %3 = stablehlo.broadcast_in_dim %2, dims = [1] : (tensor<8xf32>) -> tensor<4x8xf32>
  return %s, %3 : tensor<8xf32>, tensor<4x8xf32>
}

// -----

// Sums of two layers are accumulated apart and added afterwards; a maximum is partial, too.

// CHECK:       accumulators = 3 : i64
// CHECK-LABEL: func.func @main
// CHECK:       stablehlo.dot_general{{.*}}alpa.accumulates
// CHECK:       stablehlo.dot_general{{.*}}alpa.accumulates
// CHECK:       stablehlo.add{{.*}}alpa.phase = "epilogue", alpa.time = ["partial<sum>"]
// CHECK:       stablehlo.reduce{{.*}}alpa.accumulates, alpa.phase = "body", alpa.time = ["partial<max>"]
func.func @main(%s: tensor<2x2xf32> {tf.aliasing_output = 0 : i32}, %x: tensor<8x2xf32>) -> (tensor<2x2xf32>, tensor<f32>) {
  %0 = stablehlo.dot_general %x, %x, contracting_dims = [0] x [0] {alpa.layer = 0 : i64} : (tensor<8x2xf32>, tensor<8x2xf32>) -> tensor<2x2xf32>
  %1 = stablehlo.sine %x {alpa.layer = 1 : i64} : tensor<8x2xf32>
  %2 = stablehlo.dot_general %1, %x, contracting_dims = [0] x [0] {alpa.layer = 1 : i64} : (tensor<8x2xf32>, tensor<8x2xf32>) -> tensor<2x2xf32>
  %3 = stablehlo.add %0, %2 {alpa.layer = 0 : i64} : tensor<2x2xf32>
  %4 = stablehlo.constant dense<0xFF800000> : tensor<f32>
  %5 = stablehlo.reduce(%x init: %4) applies stablehlo.maximum across dimensions = [0, 1] : (tensor<8x2xf32>, tensor<f32>) -> tensor<f32>
  return %3, %5 : tensor<2x2xf32>, tensor<f32>
}

// -----

// So does what a layer makes of another one's sum before it adds its own.

// CHECK-LABEL: func.func @main
// CHECK:       stablehlo.dot_general{{.*}}alpa.accumulates, alpa.layer = 1 : i64, alpa.phase = "body"
// CHECK:       stablehlo.transpose{{.*}}alpa.layer = 0 : i64, alpa.phase = "epilogue"
// CHECK:       stablehlo.dot_general{{.*}}alpa.accumulates, alpa.layer = 0 : i64, alpa.phase = "body"
// CHECK:       stablehlo.add{{.*}}alpa.layer = 0 : i64, alpa.phase = "epilogue"
func.func @main(%w: tensor<2x2xf32> {tf.aliasing_output = 0 : i32}, %x: tensor<8x2xf32>) -> tensor<2x2xf32> {
  %0 = stablehlo.sine %x {alpa.layer = 1 : i64} : tensor<8x2xf32>
  %1 = stablehlo.dot_general %0, %x, contracting_dims = [0] x [0] {alpa.layer = 1 : i64} : (tensor<8x2xf32>, tensor<8x2xf32>) -> tensor<2x2xf32>
  %2 = stablehlo.transpose %1, dims = [1, 0] {alpa.layer = 0 : i64} : (tensor<2x2xf32>) -> tensor<2x2xf32>
  %3 = stablehlo.dot_general %x, %x, contracting_dims = [0] x [0] {alpa.layer = 0 : i64} : (tensor<8x2xf32>, tensor<8x2xf32>) -> tensor<2x2xf32>
  %4 = stablehlo.add %2, %3 {alpa.layer = 0 : i64} : tensor<2x2xf32>
  %5 = stablehlo.subtract %w, %4 {alpa.layer = 0 : i64} : tensor<2x2xf32>
  return %5 : tensor<2x2xf32>
}
