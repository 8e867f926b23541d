// RUN: alpa-opt %s --split-input-file --pass-pipeline='builtin.module(insert-collectives,canonicalize,cse,dce)' | FileCheck %s

// Changes of state: each becomes the collective that moves least.

sdy.mesh @mesh = <["a"=2, "b"=2]>
// CHECK-LABEL: func.func @main
// CHECK-SAME:    %arg0: tensor<4x4xf32> {alpa.global_type = tensor<8x8xf32>, sdy.sharding = #sdy.sharding<@mesh, [{"a"}, {"b"}]>}
// CHECK-SAME:    -> (tensor<8x2xf32> {alpa.global_type = tensor<8x8xf32>, sdy.sharding = #sdy.sharding<@mesh, [{}, {"b", "a"}]>},
// CHECK:         %[[T:.*]] = "stablehlo.all_to_all"(%arg0) <{{{.*}}concat_dimension = 0{{.*}}dense<{{\[\[}}0, 2], [1, 3]]>{{.*}}split_dimension = 1
// CHECK:         %[[G:.*]] = "stablehlo.all_gather"(%arg0) <{all_gather_dim = 1{{.*}}dense<{{\[\[}}0, 1], [2, 3]]>
// CHECK:         %[[P:.*]] = "stablehlo.collective_permute"(%arg0) <{{{.*}}dense<{{\[\[}}0, 0], [2, 1], [1, 2], [3, 3]]>
// CHECK:         return %[[T]], %[[G]], %[[P]]
func.func @main(%x: tensor<8x8xf32> {sdy.sharding = #sdy.sharding<@mesh, [{"a"}, {"b"}]>}) ->
    (tensor<8x8xf32> {sdy.sharding = #sdy.sharding<@mesh, [{}, {"b", "a"}]>},
     tensor<8x8xf32> {sdy.sharding = #sdy.sharding<@mesh, [{"a"}, {}]>},
     tensor<8x8xf32> {sdy.sharding = #sdy.sharding<@mesh, [{"b"}, {"a"}]>}) {
  return %x, %x, %x : tensor<8x8xf32>, tensor<8x8xf32>, tensor<8x8xf32>
}

// -----

// A contraction over a sharded dimension: partial, then all-reduced or reduce-scattered.

sdy.mesh @mesh = <["a"=2]>
// CHECK-LABEL: func.func @main
// CHECK:         %[[D:.*]] = stablehlo.dot_general %arg0, %arg1, contracting_dims = [1] x [0] : (tensor<8x3xf32>, tensor<3x4xf32>) -> tensor<8x4xf32>
// CHECK-DAG:     %[[R:.*]] = "stablehlo.all_reduce"(%[[D]])
// CHECK-DAG:     %[[S:.*]] = "stablehlo.reduce_scatter"(%[[D]]){{.*}}scatter_dimension = 0
// CHECK:         return %[[R]], %[[S]]
func.func @main(%x: tensor<8x6xf32> {sdy.sharding = #sdy.sharding<@mesh, [{}, {"a"}]>},
                %w: tensor<6x4xf32> {sdy.sharding = #sdy.sharding<@mesh, [{"a"}, {}]>}) ->
    (tensor<8x4xf32> {sdy.sharding = #sdy.sharding<@mesh, [{}, {}]>},
     tensor<8x4xf32> {sdy.sharding = #sdy.sharding<@mesh, [{"a"}, {}]>}) {
  %0 = stablehlo.dot_general %x, %w, contracting_dims = [1] x [0] {sdy.sharding = #sdy.sharding_per_value<[<@mesh, [{}, {}], unreduced={"a"}>]>} : (tensor<8x6xf32>, tensor<6x4xf32>) -> tensor<8x4xf32>
  return %0, %0 : tensor<8x4xf32>, tensor<8x4xf32>
}

// -----

// Padding: five rows on two devices are three each; what sums over them masks the sixth.

sdy.mesh @mesh = <["a"=2]>
// CHECK-LABEL: func.func @main
// CHECK-SAME:    %arg0: tensor<3x4xf32>
// CHECK:         %[[I:.*]] = stablehlo.iota dim = 0 : tensor<3x4xi32>
// CHECK:         %[[M:.*]] = stablehlo.compare LT, %[[I]]
// CHECK:         %[[V:.*]] = stablehlo.select %[[M]], %arg0
// CHECK:         %[[S:.*]] = stablehlo.reduce(%[[V]] init: {{.*}} across dimensions = [0] : (tensor<3x4xf32>, tensor<f32>) -> tensor<4xf32>
// CHECK:         "stablehlo.all_reduce"(%[[S]])
func.func @main(%x: tensor<5x4xf32> {sdy.sharding = #sdy.sharding<@mesh, [{"a"}, {}]>}) -> tensor<4xf32> {
  %zero = stablehlo.constant dense<0.000000e+00> : tensor<f32>
  %0 = stablehlo.reduce(%x init: %zero) applies stablehlo.add across dimensions = [0] {sdy.sharding = #sdy.sharding_per_value<[<@mesh, [{}]>]>} : (tensor<5x4xf32>, tensor<f32>) -> tensor<4xf32>
  return %0 : tensor<4xf32>
}

// -----

// Embedding split by vocabulary: a masked local gather, summed.

sdy.mesh @mesh = <["a"=2]>
// CHECK-LABEL: func.func @main
// CHECK:         %[[G:.*]] = "stablehlo.gather"(%arg0, %{{.*}}) {{.*}} : (tensor<5x6xf32>, tensor<4x1xi32>) -> tensor<4x6xf32>
// CHECK:         %[[M:.*]] = stablehlo.select %{{.*}}, %[[G]], %{{.*}} : tensor<4x6xi1>, tensor<4x6xf32>
// CHECK:         "stablehlo.all_reduce"(%[[M]])
func.func @main(%t: tensor<10x6xf32> {sdy.sharding = #sdy.sharding<@mesh, [{"a"}, {}]>}, %i: tensor<4x1xi32>) -> tensor<4x6xf32> {
  %0 = "stablehlo.gather"(%t, %i) <{dimension_numbers = #stablehlo.gather<offset_dims = [1], collapsed_slice_dims = [0], start_index_map = [0], index_vector_dim = 1>, slice_sizes = array<i64: 1, 6>}> {sdy.sharding = #sdy.sharding_per_value<[<@mesh, [{}, {}]>]>} : (tensor<10x6xf32>, tensor<4x1xi32>) -> tensor<4x6xf32>
  return %0 : tensor<4x6xf32>
}

// -----

// Windows over a sharded dimension: neighbours exchange borders, the op's padding becomes a mask.

sdy.mesh @mesh = <["a"=2]>
// CHECK-LABEL: func.func @main
// CHECK-DAG:     "stablehlo.collective_permute"(%{{.*}}) <{{{.*}}dense<{{\[\[}}0, 1]]>
// CHECK-DAG:     "stablehlo.collective_permute"(%{{.*}}) <{{{.*}}dense<{{\[\[}}1, 0]]>
// CHECK:         stablehlo.convolution({{.*}}) {{.*}} : (tensor<1x6x2xf32>, tensor<3x2x2xf32>) -> tensor<1x4x2xf32>
func.func @main(%x: tensor<1x8x2xf32> {sdy.sharding = #sdy.sharding<@mesh, [{}, {"a"}, {}]>}, %k: tensor<3x2x2xf32>) -> tensor<1x8x2xf32> {
  %0 = stablehlo.convolution(%x, %k) dim_numbers = [b, 0, f]x[0, i, o]->[b, 0, f], window = {pad = [[1, 1]]} {batch_group_count = 1 : i64, feature_group_count = 1 : i64, sdy.sharding = #sdy.sharding_per_value<[<@mesh, [{}, {"a"}, {}]>]>} : (tensor<1x8x2xf32>, tensor<3x2x2xf32>) -> tensor<1x8x2xf32>
  return %0 : tensor<1x8x2xf32>
}

// -----

// Devices with numbers of their own: groups and offsets follow device_ids.

sdy.mesh @mesh = <["a"=2], device_ids=[1, 0]>
// CHECK-LABEL: func.func @main
// CHECK:         stablehlo.constant dense<[4, 0]> : tensor<2xi32>
// CHECK:         "stablehlo.all_gather"{{.*}}dense<{{\[\[}}1, 0]]>
func.func @main(%x: tensor<8xf32> {sdy.sharding = #sdy.sharding<@mesh, [{"a"}]>}, %y: tensor<8xf32> {sdy.sharding = #sdy.sharding<@mesh, [{}]>}) -> (tensor<8xf32> {sdy.sharding = #sdy.sharding<@mesh, [{}]>}, tensor<8xf32> {sdy.sharding = #sdy.sharding<@mesh, [{"a"}]>}) {
  return %x, %y : tensor<8xf32>, tensor<8xf32>
}

// -----

// A computation on constants is repeated where it is wanted, behind what an earlier user was given of its operands.

sdy.mesh @mesh = <["a"=2]>
// CHECK-LABEL: func.func @main
// CHECK:         %[[P:.*]] = stablehlo.concatenate
// CHECK:         %[[S:.*]] = stablehlo.dynamic_slice %[[P]]
// CHECK:         %[[A:.*]] = stablehlo.add %arg0, %[[S]] : tensor<4xf32>
// CHECK:         %[[N:.*]] = stablehlo.negate %[[S]] : tensor<4xf32>
// CHECK:         stablehlo.multiply %[[A]], %[[N]] : tensor<4xf32>
func.func @main(%x: tensor<8xf32> {sdy.sharding = #sdy.sharding<@mesh, [{"a"}]>}) -> (tensor<8xf32> {sdy.sharding = #sdy.sharding<@mesh, [{"a"}]>}) {
  %0 = stablehlo.iota dim = 0 {sdy.sharding = #sdy.sharding_per_value<[<@mesh, [{}]>]>} : tensor<4xf32>
  %1 = stablehlo.concatenate %0, %0, dim = 0 {sdy.sharding = #sdy.sharding_per_value<[<@mesh, [{}]>]>} : (tensor<4xf32>, tensor<4xf32>) -> tensor<8xf32>
  %2 = stablehlo.negate %1 {sdy.sharding = #sdy.sharding_per_value<[<@mesh, [{}]>]>} : tensor<8xf32>
  %3 = stablehlo.add %x, %1 {sdy.sharding = #sdy.sharding_per_value<[<@mesh, [{"a"}]>]>} : tensor<8xf32>
  %4 = stablehlo.multiply %3, %2 {sdy.sharding = #sdy.sharding_per_value<[<@mesh, [{"a"}]>]>} : tensor<8xf32>
  return %4 : tensor<8xf32>
}
