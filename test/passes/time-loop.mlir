// RUN: alpa-opt %s --split-input-file --pass-pipeline='builtin.module(microbatch{count=4},time-loop,canonicalize,cse,dce)' | FileCheck %s
// RUN: alpa-opt %s --split-input-file --pass-pipeline='builtin.module(microbatch,time-loop)' | FileCheck %s --check-prefix=ONE

// Slices of the batch, an accumulator, the update behind the loop; layers and stages survive, also on the sum.

// ONE-NOT:     dynamic_slice
// CHECK-LABEL: func.func @main
// CHECK:       %[[T:.*]] = stablehlo.tanh %arg0
// CHECK:       %[[L:.*]]:2 = stablehlo.while(%[[I:[a-zA-Z0-9_]+]] = %{{.*}}, %[[ACC:[a-zA-Z0-9_]+]] = %{{.*}}) : tensor<i32>, tensor<8x2xf32> attributes {alpa.microbatches = 4 : i64}
// CHECK:       do {
// CHECK:       %[[AT:.*]] = stablehlo.multiply %[[I]], %{{[a-z0-9_]+}} : tensor<i32>
// CHECK:       %[[N:.*]] = stablehlo.add %[[I]]
// CHECK:       %[[X:.*]] = stablehlo.dynamic_slice %arg1, %[[AT]], %{{.*}}, sizes = [2, 2] {alpa.phase = "body"}
// CHECK:       %[[Y:.*]] = stablehlo.dot_general %[[X]], %[[T]]
// CHECK-SAME:  alpa.layer = 3 : i64, alpa.phase = "body"
// CHECK-SAME:  (tensor<2x2xf32>, tensor<2x8xf32>) -> tensor<2x8xf32>
// CHECK:       %[[G:.*]] = stablehlo.dot_general %[[Y]], %[[X]]
// CHECK:       %[[S:.*]] = stablehlo.add %[[ACC]], %[[G]]
// CHECK-SAME:  alpa.layer = 3 : i64
// CHECK:       stablehlo.return %[[N]], %[[S]]
// CHECK-NOT:   alpa.time
// CHECK:       %[[U:.*]] = stablehlo.transpose %[[L]]#1
// CHECK:       stablehlo.subtract %arg0, %[[U]]
func.func @main(%w: tensor<2x8xf32> {tf.aliasing_output = 0 : i32}, %x: tensor<8x2xf32>) -> tensor<2x8xf32> {
  %0 = stablehlo.tanh %w : tensor<2x8xf32>
  %1 = stablehlo.dot_general %x, %0, contracting_dims = [1] x [0] {alpa.layer = 3 : i64} : (tensor<8x2xf32>, tensor<2x8xf32>) -> tensor<8x8xf32>
  %2 = stablehlo.dot_general %1, %x, contracting_dims = [0] x [0] {alpa.layer = 3 : i64} : (tensor<8x8xf32>, tensor<8x2xf32>) -> tensor<8x2xf32>
  %3 = stablehlo.transpose %2, dims = [1, 0] : (tensor<8x2xf32>) -> tensor<2x8xf32>
  %4 = stablehlo.subtract %w, %3 : tensor<2x8xf32>
  return %4 : tensor<2x8xf32>
}

// -----

// Positions begin where the micro-batch does; a result of the whole batch is put together.

// CHECK-LABEL: func.func @main
// CHECK:       stablehlo.while(%[[I:[a-zA-Z0-9_]+]] = %{{.*}}, %[[OUT:[a-zA-Z0-9_]+]] = %{{.*}}) : tensor<i32>, tensor<8xf32>
// CHECK:       %[[AT:.*]] = stablehlo.multiply %[[I]], %{{[a-z0-9_]+}} : tensor<i32>
// CHECK:       %[[IOTA:.*]] = stablehlo.iota dim = 0 {{.*}}: tensor<2xf32>
// CHECK:       %[[OFFSET:.*]] = stablehlo.convert %[[AT]]
// CHECK:       %[[B:.*]] = stablehlo.broadcast_in_dim %[[OFFSET]]
// CHECK:       %[[P:.*]] = stablehlo.add %[[IOTA]], %[[B]]
// CHECK:       %[[X:.*]] = stablehlo.dynamic_slice %arg0, %[[AT]]
// CHECK:       %[[Y:.*]] = stablehlo.multiply %[[X]], %[[P]]
// CHECK:       stablehlo.dynamic_update_slice %[[OUT]], %[[Y]], %[[AT]]
func.func @main(%x: tensor<8xf32>) -> tensor<8xf32> {
  %0 = stablehlo.iota dim = 0 : tensor<8xf32>
  %1 = stablehlo.multiply %x, %0 : tensor<8xf32>
  return %1 : tensor<8xf32>
}

// -----

// A contraction whose result is accumulated gives f32 itself, and the chain up to the convert stays f32; other narrow
// values are converted where they are added, and the sum is rounded once.

// CHECK-LABEL: func.func @main
// CHECK:       %[[L:.*]]:3 = stablehlo.while
// CHECK-SAME:  tensor<i32>, tensor<2x2xf32>, tensor<2xf32>
// CHECK:       %[[G:.*]] = stablehlo.dot_general {{.*}} (tensor<2x2xbf16>, tensor<2x2xbf16>) -> tensor<2x2xf32>
// CHECK:       stablehlo.add %{{.*}}, %[[G]] {{.*}}: tensor<2x2xf32>
// CHECK:       %[[R:.*]] = stablehlo.reduce{{.*}}-> tensor<2xbf16>
// CHECK:       %[[W:.*]] = stablehlo.convert %[[R]] {{.*}}: (tensor<2xbf16>) -> tensor<2xf32>
// CHECK:       stablehlo.add %{{.*}}, %[[W]]
// CHECK:       %[[T:.*]] = stablehlo.transpose %[[L]]#1, {{.*}}: (tensor<2x2xf32>) -> tensor<2x2xf32>
// CHECK:       %[[N:.*]] = stablehlo.convert %[[L]]#2 : (tensor<2xf32>) -> tensor<2xbf16>
// CHECK:       stablehlo.sine %[[N]]
// CHECK:       return %[[T]]
func.func @main(%x: tensor<8x2xbf16>) -> (tensor<2x2xf32>, tensor<2xbf16>) {
  %0 = stablehlo.constant dense<0.0> : tensor<bf16>
  %1 = stablehlo.dot_general %x, %x, contracting_dims = [0] x [0] : (tensor<8x2xbf16>, tensor<8x2xbf16>) -> tensor<2x2xbf16>
  %2 = stablehlo.transpose %1, dims = [1, 0] : (tensor<2x2xbf16>) -> tensor<2x2xbf16>
  %3 = stablehlo.convert %2 : (tensor<2x2xbf16>) -> tensor<2x2xf32>
  %4 = stablehlo.reduce(%x init: %0) applies stablehlo.add across dimensions = [0] : (tensor<8x2xbf16>, tensor<bf16>) -> tensor<2xbf16>
  %5 = stablehlo.sine %4 : tensor<2xbf16>
  return %3, %5 : tensor<2x2xf32>, tensor<2xbf16>
}

// -----

// A loop that carries the batch carries parts of it; what it starts from is sliced, and sums in it stay partial.

// CHECK-LABEL: func.func @main
// CHECK:       stablehlo.while
// CHECK-SAME:  attributes {alpa.microbatches = 4 : i64}
// CHECK:       %[[X:.*]] = stablehlo.dynamic_slice %arg0
// CHECK:       %[[IN:.*]]:3 = stablehlo.while(%{{.*}} = %{{.*}}, %{{.*}} = %[[X]], %{{.*}} = %{{.*}}) : tensor<i32>, tensor<2x2xf32>, tensor<2x2xf32>
// CHECK:       stablehlo.add %{{.*}}, %[[IN]]#2
func.func @main(%x: tensor<8x2xf32>) -> tensor<2x2xf32> {
  %0 = stablehlo.constant dense<0> : tensor<i32>
  %1 = stablehlo.constant dense<1> : tensor<i32>
  %2 = stablehlo.constant dense<3> : tensor<i32>
  %3 = stablehlo.constant dense<0.0> : tensor<2x2xf32>
  %4:3 = stablehlo.while(%i = %0, %v = %x, %sum = %3) : tensor<i32>, tensor<8x2xf32>, tensor<2x2xf32>
    cond {
      %5 = stablehlo.compare LT, %i, %2 : (tensor<i32>, tensor<i32>) -> tensor<i1>
      stablehlo.return %5 : tensor<i1>
    } do {
      %6 = stablehlo.sine %v : tensor<8x2xf32>
      %7 = stablehlo.dot_general %6, %6, contracting_dims = [0] x [0] : (tensor<8x2xf32>, tensor<8x2xf32>) -> tensor<2x2xf32>
      %8 = stablehlo.add %sum, %7 : tensor<2x2xf32>
      %9 = stablehlo.add %i, %1 : tensor<i32>
      stablehlo.return %9, %6, %8 : tensor<i32>, tensor<8x2xf32>, tensor<2x2xf32>
    }
  return %4#2 : tensor<2x2xf32>
}

// -----

// Shardings that the user wrote, on ops and in ops that say nothing else, hold for the parts of the batch as well.

sdy.mesh @mesh = <["a"=2]>
// CHECK-LABEL: func.func @main
// CHECK-SAME:  %arg0: tensor<8x4xf32> {sdy.sharding = #sdy.sharding<@mesh, [{"a"}, {}]>}
// CHECK:       stablehlo.sine %{{.*}}sdy.sharding = #sdy.sharding_per_value<[<@mesh, [{"a"}, {}]>]>{{.*}} tensor<2x4xf32>
// CHECK:       sdy.sharding_constraint %{{.*}} <@mesh, [{"a"}, {}]>{{.*}} tensor<2x4xf32>
func.func @main(%x: tensor<8x4xf32> {sdy.sharding = #sdy.sharding<@mesh, [{"a"}, {}]>}) -> tensor<8x4xf32> {
  %0 = stablehlo.sine %x {sdy.sharding = #sdy.sharding_per_value<[<@mesh, [{"a"}, {}]>]>} : tensor<8x4xf32>
  %1 = sdy.sharding_constraint %0 <@mesh, [{"a"}, {}]> : tensor<8x4xf32>
  %2 = stablehlo.cosine %1 : tensor<8x4xf32>
  return %2 : tensor<8x4xf32>
}

// -----

// A scatter into zeros (the gradient of an embedding) goes into the accumulator itself.

// CHECK-LABEL: func.func @main
// CHECK:       stablehlo.while(%{{.*}} = %{{.*}}, %[[ACC:[a-zA-Z0-9_]+]] = %{{.*}}) : tensor<i32>, tensor<5x2xf32>
// CHECK:       %[[S:.*]] = "stablehlo.scatter"(%[[ACC]], %
// CHECK:       stablehlo.return %{{.*}}, %[[S]]
func.func @main(%x: tensor<8x2xf32>, %i: tensor<8x1xi32>) -> tensor<5x2xf32> {
  %0 = stablehlo.constant dense<0.0> : tensor<5x2xf32>
  %1 = "stablehlo.scatter"(%0, %i, %x) <{scatter_dimension_numbers = #stablehlo.scatter<update_window_dims = [1], inserted_window_dims = [0], scatter_dims_to_operand_dims = [0], index_vector_dim = 1>}> ({
  ^bb0(%a: tensor<f32>, %b: tensor<f32>):
    %2 = stablehlo.add %a, %b : tensor<f32>
    stablehlo.return %2 : tensor<f32>
  }) : (tensor<5x2xf32>, tensor<8x1xi32>, tensor<8x2xf32>) -> tensor<5x2xf32>
  return %1 : tensor<5x2xf32>
}
