// RUN: alpa-opt %s --split-input-file --pass-pipeline='builtin.module(drop-vacuous)' --mlir-pass-statistics 2>&1 | FileCheck %s
// RUN: alpa-opt %s --split-input-file --pass-pipeline='builtin.module(simplify,shard{cluster=host:4})' -o /dev/null

// A mesh without axes constrains nothing, in the main function and in those that it calls.
// CHECK-LABEL: @empty(
// CHECK-NEXT: call @inner(%{{.*}})
// CHECK-NEXT: stablehlo.add
// CHECK: @inner(%[[X:.*]]: tensor<2xui32>)
// CHECK-NEXT: return %[[X]]
sdy.mesh @empty_mesh = <[]>
func.func public @empty(%key: tensor<2xui32>) -> tensor<2xui32> {
  %0 = sdy.sharding_constraint %key <@empty_mesh, [{}]> : tensor<2xui32>
  %1 = call @inner(%0) : (tensor<2xui32>) -> tensor<2xui32>
  %2 = stablehlo.add %1, %0 : tensor<2xui32>
  return %2 : tensor<2xui32>
}
func.func private @inner(%x: tensor<2xui32>) -> tensor<2xui32> {
  %0 = sdy.sharding_constraint %x <@empty_mesh, [{}]> : tensor<2xui32>
  return %0 : tensor<2xui32>
}

// -----

// One with axes does.
// CHECK-LABEL: @split(
// CHECK-NEXT: sdy.sharding_constraint
// CHECK: (S) 2 dropped - constraints replaced by their operand
sdy.mesh @mesh = <["a"=4]>
func.func public @split(%x: tensor<8xf32>) -> tensor<8xf32> {
  %0 = sdy.sharding_constraint %x <@mesh, [{"a"}]> : tensor<8xf32>
  return %0 : tensor<8xf32>
}
