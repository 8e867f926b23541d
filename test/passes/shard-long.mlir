// A loop of so many trips that its cost in picoseconds is more than the solver adds up is planned in a coarser unit:
// the plan is that of the shorter loop, and its cost is as many times more.  A cost beyond 64 bits is given as the largest.
//
// RUN: alpa-opt %s --split-input-file --pass-pipeline='builtin.module(shard{cluster=host:4})' | FileCheck %s

// CHECK: cost_ps = 4884790{{[0-9][0-9][0-9][0-9][0-9][0-9]}} : i64, {{.*}} optimal = true
// CHECK: func.func @main(%arg0: {{[^,]*}}, [{"a"}, {}]>}, %arg1: {{[^,]*}}, [{}, {}]>})
func.func @main(%x: tensor<2048x2048xf32>, %w: tensor<2048x2048xf32>) -> tensor<2048x2048xf32> {
  %zero = stablehlo.constant dense<0> : tensor<i64>
  %0:2 = stablehlo.while(%i = %zero, %y = %x) : tensor<i64>, tensor<2048x2048xf32>
  cond {
    %n = stablehlo.constant dense<100> : tensor<i64>
    %more = stablehlo.compare LT, %i, %n : (tensor<i64>, tensor<i64>) -> tensor<i1>
    stablehlo.return %more : tensor<i1>
  } do {
    %one = stablehlo.constant dense<1> : tensor<i64>
    %j = stablehlo.add %i, %one : tensor<i64>
    %z = stablehlo.dot_general %y, %w, contracting_dims = [1] x [0] : (tensor<2048x2048xf32>, tensor<2048x2048xf32>) -> tensor<2048x2048xf32>
    stablehlo.return %j, %z : tensor<i64>, tensor<2048x2048xf32>
  }
  return %0#1 : tensor<2048x2048xf32>
}

// -----

// CHECK: cost_ps = 4884790{{[0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9]}} : i64, {{.*}} optimal = true
// CHECK: func.func @main(%arg0: {{[^,]*}}, [{"a"}, {}]>}, %arg1: {{[^,]*}}, [{}, {}]>})
func.func @main(%x: tensor<2048x2048xf32>, %w: tensor<2048x2048xf32>) -> tensor<2048x2048xf32> {
  %zero = stablehlo.constant dense<0> : tensor<i64>
  %0:2 = stablehlo.while(%i = %zero, %y = %x) : tensor<i64>, tensor<2048x2048xf32>
  cond {
    %n = stablehlo.constant dense<100000000> : tensor<i64>
    %more = stablehlo.compare LT, %i, %n : (tensor<i64>, tensor<i64>) -> tensor<i1>
    stablehlo.return %more : tensor<i1>
  } do {
    %one = stablehlo.constant dense<1> : tensor<i64>
    %j = stablehlo.add %i, %one : tensor<i64>
    %z = stablehlo.dot_general %y, %w, contracting_dims = [1] x [0] : (tensor<2048x2048xf32>, tensor<2048x2048xf32>) -> tensor<2048x2048xf32>
    stablehlo.return %j, %z : tensor<i64>, tensor<2048x2048xf32>
  }
  return %0#1 : tensor<2048x2048xf32>
}

// -----

// CHECK: cost_ps = 9223372036854775807 : i64, {{.*}} optimal = true
func.func @main(%x: tensor<2048x2048xf32>, %w: tensor<2048x2048xf32>) -> tensor<2048x2048xf32> {
  %zero = stablehlo.constant dense<0> : tensor<i64>
  %0:2 = stablehlo.while(%i = %zero, %y = %x) : tensor<i64>, tensor<2048x2048xf32>
  cond {
    %n = stablehlo.constant dense<9000000000000000000> : tensor<i64>
    %more = stablehlo.compare LT, %i, %n : (tensor<i64>, tensor<i64>) -> tensor<i1>
    stablehlo.return %more : tensor<i1>
  } do {
    %one = stablehlo.constant dense<1> : tensor<i64>
    %j = stablehlo.add %i, %one : tensor<i64>
    %z = stablehlo.dot_general %y, %w, contracting_dims = [1] x [0] : (tensor<2048x2048xf32>, tensor<2048x2048xf32>) -> tensor<2048x2048xf32>
    stablehlo.return %j, %z : tensor<i64>, tensor<2048x2048xf32>
  }
  return %0#1 : tensor<2048x2048xf32>
}
