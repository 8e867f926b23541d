// RUN: alpa-opt %s --split-input-file --verify-diagnostics --pass-pipeline='builtin.module(shard{cluster=host:4})'
// RUN: not alpa-opt %S/Inputs/conv-b16-i16-c4.mlir --pass-pipeline='builtin.module(shard)' 2>&1 | FileCheck %s --check-prefix=CLUSTER
// RUN: not alpa-opt %S/Inputs/conv-b16-i16-c4.mlir --pass-pipeline='builtin.module(shard{cluster=host:4 mesh=3})' 2>&1 | FileCheck %s --check-prefix=MESH
// RUN: not alpa-opt %S/Inputs/conv-b16-i16-c4.mlir --pass-pipeline='builtin.module(shard{cluster=host:4 mesh=2*2})' 2>&1 | FileCheck %s --check-prefix=SHAPE
// RUN: not alpa-opt %S/Inputs/conv-b16-i16-c4.mlir --pass-pipeline='builtin.module(shard{cluster=host:4 cost-model=alpa-osdi22 alpha=x})' 2>&1 | FileCheck %s --check-prefix=ALPHA
// RUN: not alpa-opt %S/Inputs/conv-b16-i16-c4.mlir --pass-pipeline='builtin.module(shard{cluster=host:4 cost-model=alpa-osdi22 alpha=1,2})' 2>&1 | FileCheck %s --check-prefix=COUNT
// RUN: not alpa-opt %S/Inputs/conv-b16-i16-c4.mlir --pass-pipeline='builtin.module(shard{cluster=host:4 cost-model=alpa-osdi22 beta=-1})' 2>&1 | FileCheck %s --check-prefix=BETA
// RUN: not alpa-opt %S/Inputs/conv-b16-i16-c4.mlir --pass-pipeline='builtin.module(shard{cluster=host:4 cost-model=guess})' 2>&1 | FileCheck %s --check-prefix=MODEL
// RUN: not alpa-opt %S/Inputs/conv-b16-i16-c4.mlir --pass-pipeline='builtin.module(shard{cluster=none:4})' 2>&1 | FileCheck %s --check-prefix=PRESET

// CLUSTER: error: shard needs a cluster, as in shard{cluster=host:8}
// MESH: error: mesh 3 has 3 devices, cluster 'host:4' has 4
// SHAPE: error: {{.*}}cannot be given the mesh '2*2': expects sizes as in '8', '2x4' or 'data=2,model=4'
// ALPHA: error: option 'alpha' must be a list of non-negative numbers, got 'x'
// COUNT: error: option 'alpha' has 2 numbers, but the mesh has 1 axes: give one for all, or one for each
// BETA: error: option 'beta' must be a list of non-negative numbers, got '-1'
// MODEL: {{.*}}guess
// PRESET: error: 'none:4' is neither a file nor a cluster preset; presets are host:N, p3.16xlarge:N

// Three rows on four devices: no shard that the annotation allows.
sdy.mesh @mesh = <["a"=4]>
// expected-error @below {{argument #0 with type 'tensor<3x8xf32>' cannot be sharded as annotated: a dimension is smaller}}
func.func @main(%x: tensor<3x8xf32> {sdy.sharding = #sdy.sharding<@mesh, [{"a"}, {}]>}) -> tensor<3x8xf32> {
  return %x : tensor<3x8xf32>
}

// -----

sdy.mesh @mesh = <["a"=4]>
func.func @main(%x: tensor<3x8xf32>) -> tensor<3x8xf32> {
  // expected-error @below {{value with type 'tensor<3x8xf32>' cannot be sharded as annotated}}
  %0 = sdy.sharding_constraint %x <@mesh, [{"a"}, {}]> : tensor<3x8xf32>
  return %0 : tensor<3x8xf32>
}

// -----

sdy.mesh @mesh = <["a"=4]>
// expected-error @below {{result #0 with type 'tensor<3x8xf32>' cannot be sharded as annotated}}
func.func @main(%x: tensor<3x8xf32>) -> (tensor<3x8xf32> {sdy.sharding = #sdy.sharding<@mesh, [{"a"}, {}]>}) {
  return %x : tensor<3x8xf32>
}

// -----

// expected-error @below {{argument #0 aliases result #3, but there are 1 results}}
func.func @main(%x: tensor<4xf32> {tf.aliasing_output = 3 : i32}) -> tensor<4xf32> {
  return %x : tensor<4xf32>
}

// -----

sdy.mesh @mesh = <["a"=2]>
// expected-error @unknown {{mesh mesh has 2 devices, cluster 'host:4' has 4}}
func.func @main(%x: tensor<4xf32>) -> tensor<4xf32> {
  return %x : tensor<4xf32>
}

// -----

func.func @inner(%x: tensor<4xf32>) -> tensor<4xf32> {
  return %x : tensor<4xf32>
}
func.func @main(%x: tensor<4xf32>) -> tensor<4xf32> {
  // expected-error @below {{run 'inline' before 'shard'}}
  %0 = call @inner(%x) : (tensor<4xf32>) -> tensor<4xf32>
  return %0 : tensor<4xf32>
}
