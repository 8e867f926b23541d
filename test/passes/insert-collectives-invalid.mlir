// RUN: alpa-opt %s --split-input-file --verify-diagnostics --pass-pipeline='builtin.module(insert-collectives)'

// expected-error @below {{declares no mesh to partition for: add 'sdy.mesh' or run 'propagate{mesh=...}' first}}
module {
  func.func @main(%x: tensor<8xf32>) -> tensor<8xf32> {
    return %x : tensor<8xf32>
  }
}

// -----

sdy.mesh @mesh = <["a"=2]>
func.func private @f(%x: tensor<8xf32>) -> tensor<8xf32> {
  return %x : tensor<8xf32>
}
func.func @main(%x: tensor<8xf32>) -> tensor<8xf32> {
  // expected-error @below {{cannot be partitioned: run the pass 'inline' first}}
  %0 = call @f(%x) : (tensor<8xf32>) -> tensor<8xf32>
  return %0 : tensor<8xf32>
}

// -----

sdy.mesh @mesh = <["a"=2]>
func.func @main(%x: tensor<8xf32>) -> tensor<16xf32> {
  // expected-error @below {{is a collective already: only programs for one device can be partitioned}}
  %0 = "stablehlo.all_gather"(%x) <{all_gather_dim = 0 : i64, replica_groups = dense<[[0, 1]]> : tensor<1x2xi64>}> : (tensor<8xf32>) -> tensor<16xf32>
  return %0 : tensor<16xf32>
}

// -----

// An op that cannot be split along a dimension says so.

sdy.mesh @mesh = <["a"=2]>
func.func @main(%x: tensor<8xf32> {sdy.sharding = #sdy.sharding<@mesh, [{"a"}]>}) -> tensor<8xf32> {
  // expected-remark @below {{cannot be split along dimension 0 of operand 0, which is gathered along axis 'a'}}
  %0 = stablehlo.reverse %x, dims = [0] {sdy.sharding = #sdy.sharding_per_value<[<@mesh, [{"a"}]>]>} : tensor<8xf32>
  return %0 : tensor<8xf32>
}

// -----

// A donated argument stays its own where the result lies in another way.

sdy.mesh @mesh = <["a"=2]>
// expected-remark @below {{keeps argument 0 and result 0 apart: their shardings differ}}
func.func @main(%x: tensor<8xf32> {tf.aliasing_output = 0 : i32, sdy.sharding = #sdy.sharding<@mesh, [{"a"}]>}) -> (tensor<8xf32> {sdy.sharding = #sdy.sharding<@mesh, [{}]>}) {
  return %x : tensor<8xf32>
}

// -----

sdy.mesh @mesh = <["a"=2]>
func.func @main() -> (tensor<4294967296xi8> {sdy.sharding = #sdy.sharding<@mesh, [{"a"}]>}) {
  // expected-error @below {{splits a dimension of 4294967296: at most 2147483647 can be addressed}}
  %0 = stablehlo.constant {sdy.sharding = #sdy.sharding_per_value<[<@mesh, [{"a"}]>]>} dense<1> : tensor<4294967296xi8>
  return %0 : tensor<4294967296xi8>
}
