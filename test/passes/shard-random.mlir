// RUN: alpa-opt %s --pass-pipeline='builtin.module(shard-random{seed=1 mesh=2x2})' > %t.1
// RUN: alpa-opt %s --pass-pipeline='builtin.module(shard-random{seed=1 mesh=2x2})' > %t.2
// RUN: alpa-opt %s --pass-pipeline='builtin.module(shard-random{seed=2 mesh=2x2})' > %t.3
// RUN: diff %t.1 %t.2
// RUN: not diff %t.1 %t.3
// RUN: FileCheck %s < %t.1

// Every value gets a sharding, and the seed decides which.
// CHECK: sdy.mesh @mesh = <["a"=2, "b"=2]>
// CHECK: %arg0: tensor<8x8xf32> {sdy.sharding = #sdy.sharding<@mesh
// CHECK: stablehlo.negate %arg0 {sdy.sharding = #sdy.sharding_per_value<[<@mesh
func.func @main(%x: tensor<8x8xf32>) -> tensor<8x8xf32> {
  %0 = stablehlo.negate %x : tensor<8x8xf32>
  return %0 : tensor<8x8xf32>
}
