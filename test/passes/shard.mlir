// RUN: alpa-opt %s --split-input-file --pass-pipeline='builtin.module(shard{cluster=host:4})' | FileCheck %s
// RUN: alpa-opt %s --split-input-file --pass-pipeline='builtin.module(shard{cluster=host:4 uneven=false})' | FileCheck %s --check-prefix=EVEN

// The user's shardings of arguments and results are kept; what is open may be split further.
// CHECK-LABEL: @annotated(
// CHECK-SAME: %arg0: tensor<8x8xf32> {sdy.sharding = #sdy.sharding<@mesh, [{}, {"a"}]>}
// CHECK-SAME: -> (tensor<8x8xf32> {sdy.sharding = #sdy.sharding<@mesh, [{"a"}, {}]>})
sdy.mesh @mesh = <["a"=4]>
func.func public @annotated(%x: tensor<8x8xf32> {sdy.sharding = #sdy.sharding<@mesh, [{}, {"a"}]>})
    -> (tensor<8x8xf32> {sdy.sharding = #sdy.sharding<@mesh, [{"a"}, {}]>}) {
  %0 = stablehlo.tanh %x : tensor<8x8xf32>
  return %0 : tensor<8x8xf32>
}

// -----

// A constraint holds where it stands: its result is split although both ends are not.
// CHECK-LABEL: @constrained(
// CHECK: sdy.sharding_constraint %{{.*}} <@mesh, [{}, {"a"}]>
// CHECK-NEXT: %[[SPLIT:.*]] = sdy.reshard %{{.*}} <@mesh, [{}, {"a"}]>
// CHECK-NEXT: sdy.reshard %[[SPLIT]] <@mesh, [{}, {}]>
sdy.mesh @mesh = <["a"=4]>
func.func public @constrained(%x: tensor<8x8xf32> {sdy.sharding = #sdy.sharding<@mesh, [{}, {}]>})
    -> (tensor<8x8xf32> {sdy.sharding = #sdy.sharding<@mesh, [{}, {}]>}) {
  %0 = sdy.sharding_constraint %x <@mesh, [{}, {"a"}]> : tensor<8x8xf32>
  return %0 : tensor<8x8xf32>
}

// -----

// A donated argument and its result have one placement, that of the argument's annotation.
// CHECK-LABEL: @donated(
// CHECK-SAME: %arg0: tensor<8x8xf32> {sdy.sharding = #sdy.sharding<@mesh, [{"a"}, {}]>, tf.aliasing_output = 0 : i32}
// CHECK-SAME: -> (tensor<8x8xf32> {sdy.sharding = #sdy.sharding<@mesh, [{"a"}, {}]>})
sdy.mesh @mesh = <["a"=4]>
func.func public @donated(%x: tensor<8x8xf32> {sdy.sharding = #sdy.sharding<@mesh, [{"a"}, {}]>, tf.aliasing_output = 0 : i32},
                          %y: tensor<8x8xf32> {sdy.sharding = #sdy.sharding<@mesh, [{}, {"a"}]>}) -> tensor<8x8xf32> {
  %0 = stablehlo.tanh %y : tensor<8x8xf32>
  return %0 : tensor<8x8xf32>
}

// -----

// The sum that a loop accumulates over split rows stays partial in the loop; one reduction follows it.
// CHECK-LABEL: @loop(
// CHECK: stablehlo.while
// CHECK-NOT: sdy.reshard
// CHECK: stablehlo.dot_general
// CHECK-SAME: unreduced={"a"}
// CHECK: stablehlo.add
// CHECK-SAME: unreduced={"a"}
// CHECK: stablehlo.return
// CHECK: sdy.reshard %{{.*}}#1 <@mesh, [{}, {}]>
sdy.mesh @mesh = <["a"=4]>
func.func public @loop(%x: tensor<4096x64xf32> {sdy.sharding = #sdy.sharding<@mesh, [{"a"}, {}]>})
    -> (tensor<64x64xf32> {sdy.sharding = #sdy.sharding<@mesh, [{}, {}]>}) {
  %zero = stablehlo.constant dense<0.0> : tensor<64x64xf32>
  %begin = stablehlo.constant dense<0> : tensor<i32>
  %end = stablehlo.constant dense<10> : tensor<i32>
  %one = stablehlo.constant dense<1> : tensor<i32>
  %0:2 = stablehlo.while(%i = %begin, %sum = %zero) : tensor<i32>, tensor<64x64xf32>
    cond {
      %1 = stablehlo.compare LT, %i, %end : (tensor<i32>, tensor<i32>) -> tensor<i1>
      stablehlo.return %1 : tensor<i1>
    } do {
      %1 = stablehlo.dot_general %x, %x, contracting_dims = [0] x [0] : (tensor<4096x64xf32>, tensor<4096x64xf32>) -> tensor<64x64xf32>
      %2 = stablehlo.add %sum, %1 : tensor<64x64xf32>
      %3 = stablehlo.add %i, %one : tensor<i32>
      stablehlo.return %3, %2 : tensor<i32>, tensor<64x64xf32>
    }
  return %0#1 : tensor<64x64xf32>
}

// -----

// An odd size is split over four devices with padding, unless that is forbidden.
// CHECK-LABEL: @uneven(
// CHECK-SAME: %arg0: tensor<4099999xf32> {sdy.sharding = #sdy.sharding<@mesh, [{"a"}]>
// EVEN-LABEL: @uneven(
// EVEN-SAME: %arg0: tensor<4099999xf32> {sdy.sharding = #sdy.sharding<@mesh, [{}]>
func.func public @uneven(%x: tensor<4099999xf32> {tf.aliasing_output = 0 : i32}) -> tensor<4099999xf32> {
  %0 = stablehlo.tanh %x : tensor<4099999xf32>
  return %0 : tensor<4099999xf32>
}

// -----

// A result that is a constant or an iota lies as annotated, too.
// CHECK-LABEL: @free_results(
// CHECK-SAME: -> (tensor<32xf32> {sdy.sharding = #sdy.sharding<@mesh, [{"a"}]>}, tensor<32xi32> {sdy.sharding = #sdy.sharding<@mesh, [{"a"}]>}, tensor<32xi32> {sdy.sharding = #sdy.sharding<@mesh, [{}]>})
// CHECK: %[[ZERO:.*]] = sdy.reshard %cst <@mesh, [{"a"}]>
// CHECK: %[[IOTA:.*]] = stablehlo.iota
// CHECK-NEXT: %[[SPLIT:.*]] = sdy.reshard %[[IOTA]] <@mesh, [{"a"}]>
// CHECK-NEXT: return %[[ZERO]], %[[SPLIT]], %[[IOTA]]
sdy.mesh @mesh = <["a"=4]>
func.func public @free_results() -> (tensor<32xf32> {sdy.sharding = #sdy.sharding<@mesh, [{"a"}]>},
                                     tensor<32xi32> {sdy.sharding = #sdy.sharding<@mesh, [{"a"}]>}, tensor<32xi32>) {
  %0 = stablehlo.constant dense<0.0> : tensor<32xf32>
  %1 = stablehlo.iota dim = 0 : tensor<32xi32>
  return %0, %1, %1 : tensor<32xf32>, tensor<32xi32>, tensor<32xi32>
}

// -----

// What is said about the result of a donated argument holds for the argument.
// CHECK-LABEL: @donated_result(
// CHECK-SAME: %arg0: tensor<8x8xf32> {sdy.sharding = #sdy.sharding<@mesh, [{}, {"a"}]>, tf.aliasing_output = 0 : i32}
sdy.mesh @mesh = <["a"=4]>
func.func public @donated_result(%x: tensor<8x8xf32> {tf.aliasing_output = 0 : i32})
    -> (tensor<8x8xf32> {sdy.sharding = #sdy.sharding<@mesh, [{}, {"a"}]>}) {
  %0 = stablehlo.tanh %x : tensor<8x8xf32>
  return %0 : tensor<8x8xf32>
}
