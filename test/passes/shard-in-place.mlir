// What is written where a donated argument was takes no memory of its own, unless the argument is still read later; nor
// does a value of one element everywhere.
//
// RUN: alpa-opt --pass-pipeline='builtin.module(shard{cluster=host:1})' --split-input-file %s | FileCheck %s

// Three arguments of 4000 bytes, and the sum that is read twice.
// CHECK: alpa.plan = {{.*}}memory_bytes = 12000 : i64
func.func public @main(%w: tensor<1000xf32> {tf.aliasing_output = 0 : i32}, %m: tensor<1000xf32> {tf.aliasing_output = 1 : i32}, %g: tensor<1000xf32>) -> (tensor<1000xf32>, tensor<1000xf32>) {
  %0 = stablehlo.add %m, %g : tensor<1000xf32>
  %1 = stablehlo.subtract %w, %0 : tensor<1000xf32>
  return %1, %0 : tensor<1000xf32>, tensor<1000xf32>
}

// -----

// The old weights are returned, too: the new ones have a place of their own.
// CHECK: alpa.plan = {{.*}}memory_bytes = 12000 : i64
func.func public @main(%w: tensor<1000xf32> {tf.aliasing_output = 0 : i32}, %g: tensor<1000xf32>) -> (tensor<1000xf32>, tensor<1000xf32>) {
  %0 = stablehlo.add %w, %g : tensor<1000xf32>
  return %0, %w : tensor<1000xf32>, tensor<1000xf32>
}

// -----

// 4 bytes of a scalar beside argument and result.
// CHECK: alpa.plan = {{.*}}memory_bytes = 8004 : i64
func.func public @main(%a: tensor<1000xf32>, %s: tensor<f32>) -> tensor<1000xf32> {
  %0 = stablehlo.broadcast_in_dim %s, dims = [] : (tensor<f32>) -> tensor<1000xf32>
  %1 = stablehlo.add %a, %0 : tensor<1000xf32>
  %2 = stablehlo.multiply %1, %0 : tensor<1000xf32>
  return %2 : tensor<1000xf32>
}
