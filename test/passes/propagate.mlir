// RUN: alpa-opt %s --split-input-file --pass-pipeline='builtin.module(propagate)' | FileCheck %s
// RUN: alpa-opt %s --split-input-file --pass-pipeline='builtin.module(propagate{max-parts=2})' | FileCheck %s --check-prefix=CAP

// The two weights of a multi-layer perceptron decide everything else: Megatron's column and row splits, one all-reduce.

sdy.mesh @mesh = <["a"=2, "b"=4]>
// CHECK-LABEL: func.func @main
// CHECK-SAME:    %arg0: tensor<8x16xf32> {sdy.sharding = #sdy.sharding<@mesh, [{"a"}, {}]>}
// CHECK-SAME:    -> (tensor<8x16xf32> {sdy.sharding = #sdy.sharding<@mesh, [{"a"}, {}]>})
// CHECK:         stablehlo.dot_general %arg0, %arg1{{.*}}<@mesh, [{"a"}, {"b"}]>
// CHECK:         stablehlo.tanh{{.*}}<@mesh, [{"a"}, {"b"}]>
// CHECK:         %[[P:.*]] = stablehlo.dot_general{{.*}}<@mesh, [{"a"}, {}], unreduced={"b"}>
// CHECK-NEXT:    %[[R:.*]] = sdy.reshard %[[P]] <@mesh, [{"a"}, {}]>
// CHECK-NEXT:    return %[[R]]
func.func @main(%x: tensor<8x16xf32> {sdy.sharding = #sdy.sharding<@mesh, [{"a"}, {?}]>},
                %u: tensor<16x32xf32> {sdy.sharding = #sdy.sharding<@mesh, [{}, {"b"}]>},
                %d: tensor<32x16xf32> {sdy.sharding = #sdy.sharding<@mesh, [{"b"}, {}]>}) -> tensor<8x16xf32> {
  %0 = stablehlo.dot_general %x, %u, contracting_dims = [1] x [0] : (tensor<8x16xf32>, tensor<16x32xf32>) -> tensor<8x32xf32>
  %1 = stablehlo.tanh %0 : tensor<8x32xf32>
  %2 = stablehlo.dot_general %1, %d, contracting_dims = [1] x [0] : (tensor<8x32xf32>, tensor<32x16xf32>) -> tensor<8x16xf32>
  return %2 : tensor<8x16xf32>
}

// -----

// A cap on the number of parts holds for what propagation completes.

sdy.mesh @mesh = <["a"=2, "b"=4]>
// CHECK-LABEL: func.func @main
// CHECK:         stablehlo.negate{{.*}}<@mesh, [{"a", "b"}]>
// CAP-LABEL: func.func @main
// CAP: func.func @main
// CAP:           stablehlo.negate{{.*}}<@mesh, [{"a"}]>
func.func @main(%x: tensor<16xf32> {sdy.sharding = #sdy.sharding<@mesh, [{"a", "b"}]>}) -> tensor<16xf32> {
  %0 = stablehlo.negate %x : tensor<16xf32>
  return %0 : tensor<16xf32>
}

// -----

// Priorities: the first argument spreads before the second one.

sdy.mesh @mesh = <["a"=2]>
// CHECK-LABEL: func.func @main
// CHECK:         stablehlo.add{{.*}}<@mesh, [{}, {"a"}]>
func.func @main(%x: tensor<4x4xf32> {sdy.sharding = #sdy.sharding<@mesh, [{"a"}p1, {}]>},
                %y: tensor<4x4xf32> {sdy.sharding = #sdy.sharding<@mesh, [{}, {"a"}]>}) -> tensor<4x4xf32> {
  %0 = stablehlo.add %x, %y : tensor<4x4xf32>
  return %0 : tensor<4x4xf32>
}

// -----

// A constraint spreads to its operand; an argument and the result that takes its place are one value.

sdy.mesh @mesh = <["a"=2]>
// CHECK-LABEL: func.func @main
// CHECK-SAME:    %arg0: tensor<4x6xf32> {sdy.sharding = #sdy.sharding<@mesh, [{}, {"a"}]>, tf.aliasing_output = 0 : i32}
// CHECK-SAME:    -> (tensor<4x6xf32> {sdy.sharding = #sdy.sharding<@mesh, [{}, {"a"}]>})
// CHECK:         stablehlo.sine %arg0 {{.*}}<@mesh, [{}, {"a"}]>
// CHECK:         sdy.sharding_constraint %{{.*}} <@mesh, [{}, {"a"}]>
func.func @main(%x: tensor<4x6xf32> {tf.aliasing_output = 0 : i32}) -> tensor<4x6xf32> {
  %0 = stablehlo.sine %x : tensor<4x6xf32>
  %1 = sdy.sharding_constraint %0 <@mesh, [{}, {"a"}]> : tensor<4x6xf32>
  return %1 : tensor<4x6xf32>
}

// -----

// GSPMD strings, on arguments and on annotation calls.

sdy.mesh @mesh = <["a"=2, "b"=4]>
// CHECK-LABEL: func.func @main
// CHECK-SAME:    %arg0: tensor<8x8xf32> {mhlo.sharding = {{.*}}, sdy.sharding = #sdy.sharding<@mesh, [{"b"}, {}]>}
// CHECK:         %[[C:.*]] = stablehlo.custom_call @Sharding
// CHECK-NEXT:    %[[R:.*]] = sdy.reshard %[[C]] <@mesh, [{"b", "a"}, {}]>
// CHECK-NEXT:    return %[[R]]
func.func @main(%x: tensor<8x8xf32> {mhlo.sharding = "{devices=[4,1,2]<=[2,4]T(1,0) last_tile_dim_replicate}"}) -> tensor<8x8xf32> {
  %0 = stablehlo.custom_call @Sharding(%x) {mhlo.sharding = "{devices=[8,1]<=[2,4]T(1,0)}"} : (tensor<8x8xf32>) -> tensor<8x8xf32>
  return %0 : tensor<8x8xf32>
}

// -----

// Scopes: the batch of one contraction is split, the features of the other one.

sdy.mesh @mesh = <["a"=2]>
// CHECK-LABEL: func.func @main
// CHECK:         stablehlo.dot_general{{.*}}alpa.replicate = "a"{{.*}}<@mesh, [{"a"}, {}]>
// CHECK:         stablehlo.dot_general{{.*}}alpa.split = "a"{{.*}}<@mesh, [{}, {"a"}]>
func.func @main(%x: tensor<8x8xf32>, %w: tensor<8x8xf32>) -> tensor<8x8xf32> {
  %0 = stablehlo.dot_general %x, %w, contracting_dims = [1] x [0] {alpa.replicate = "a"} : (tensor<8x8xf32>, tensor<8x8xf32>) -> tensor<8x8xf32>
  %1 = stablehlo.dot_general %0, %w, contracting_dims = [1] x [0] {alpa.split = "a"} : (tensor<8x8xf32>, tensor<8x8xf32>) -> tensor<8x8xf32>
  return %1 : tensor<8x8xf32>
}

// -----

// A sum is reduced as late as nothing is lost: once behind the additions, once behind the loop.

sdy.mesh @mesh = <["a"=2]>
// CHECK-LABEL: func.func @main
// CHECK:         stablehlo.while{{.*}}<@mesh, [{}, {}], unreduced={"a"}>
// CHECK:         stablehlo.dot_general{{.*}}unreduced={"a"}
// CHECK:         stablehlo.add{{.*}}unreduced={"a"}
// CHECK-NOT:     sdy.reshard
// CHECK:         stablehlo.return
// CHECK:         sdy.reshard %{{.*}}#1 <@mesh, [{}, {}]>
func.func @main(%x: tensor<8x4xf32> {sdy.sharding = #sdy.sharding<@mesh, [{"a"}, {}]>}) -> tensor<4x4xf32> {
  %n = stablehlo.constant dense<3> : tensor<i32>
  %one = stablehlo.constant dense<1> : tensor<i32>
  %c = stablehlo.constant dense<0> : tensor<i32>
  %zero = stablehlo.constant dense<0.000000e+00> : tensor<4x4xf32>
  %0:2 = stablehlo.while(%i = %c, %sum = %zero) : tensor<i32>, tensor<4x4xf32>
   cond {
    %1 = stablehlo.compare LT, %i, %n, SIGNED : (tensor<i32>, tensor<i32>) -> tensor<i1>
    stablehlo.return %1 : tensor<i1>
  } do {
    %1 = stablehlo.dot_general %x, %x, contracting_dims = [0] x [0] : (tensor<8x4xf32>, tensor<8x4xf32>) -> tensor<4x4xf32>
    %2 = stablehlo.add %sum, %1 : tensor<4x4xf32>
    %3 = stablehlo.add %i, %one : tensor<i32>
    stablehlo.return %3, %2 : tensor<i32>, tensor<4x4xf32>
  }
  return %0#1 : tensor<4x4xf32>
}

// -----

// Values of a group have one sharding; a barrier lets shardings through one way only.

sdy.mesh @mesh = <["a"=2]>
// CHECK-LABEL: func.func @main
// CHECK:         stablehlo.sine %arg1 {{.*}}<@mesh, [{"a"}]>
// CHECK:         stablehlo.cosine %arg2 {{.*}}<@mesh, [{}]>
// CHECK:         stablehlo.tanh %{{.*}}<@mesh, [{"a"}]>
func.func @main(%x: tensor<8xf32> {sdy.sharding = #sdy.sharding<@mesh, [{"a"}]>}, %y: tensor<8xf32>, %z: tensor<8xf32>) -> (tensor<8xf32>, tensor<8xf32>) {
  sdy.sharding_group %x group_id=1 : tensor<8xf32>
  %0 = stablehlo.sine %y : tensor<8xf32>
  sdy.sharding_group %0 group_id=1 : tensor<8xf32>
  %1 = stablehlo.cosine %z : tensor<8xf32>
  %2 = sdy.propagation_barrier %1 allowed_direction=FORWARD : tensor<8xf32>
  %3 = stablehlo.add %2, %x : tensor<8xf32>
  %4 = stablehlo.tanh %3 : tensor<8xf32>
  return %0, %4 : tensor<8xf32>, tensor<8xf32>
}
