// RUN: alpa-opt %s --split-input-file --verify-diagnostics --pass-pipeline='builtin.module(propagate)'

sdy.mesh @mesh = <["a"=4]>
// expected-error @below {{shards by a part of axis 'a' (2 of 4): declare a mesh with the axis split}}
func.func @main(%x: tensor<8xf32> {sdy.sharding = #sdy.sharding<@mesh, [{"a":(1)2}]>}) -> tensor<8xf32> {
  return %x : tensor<8xf32>
}

// -----

sdy.mesh @mesh = <["a"=4]>
// expected-error @below {{has the sharding '{devices=[2]<=[2]}' over 2 devices, but mesh @mesh has 4}}
func.func @main(%x: tensor<8xf32> {mhlo.sharding = "{devices=[2]<=[2]}"}) -> tensor<8xf32> {
  return %x : tensor<8xf32>
}

// -----

sdy.mesh @mesh = <["a"=2, "b"=2]>
// expected-error @below {{has the sharding '{devices=[4]0,3,1,2}', which no list of axes of mesh @mesh gives}}
func.func @main(%x: tensor<8xf32> {mhlo.sharding = "{devices=[4]0,3,1,2}"}) -> tensor<8xf32> {
  return %x : tensor<8xf32>
}

// -----

sdy.mesh @mesh = <["a"=2, "b"=2]>
// expected-error @below {{has the sharding '{tiles}', which is not understood from 'tiles}' on}}
func.func @main(%x: tensor<8xf32> {mhlo.sharding = "{tiles}"}) -> tensor<8xf32> {
  return %x : tensor<8xf32>
}

// -----

sdy.mesh @mesh = <["a"=2]>
func.func @main(%x: tensor<8xf32>) -> tensor<8xf32> {
  // expected-error @below {{has 'alpa.split' along axis 'model', which mesh @mesh does not have}}
  %0 = stablehlo.negate %x {alpa.split = "model"} : tensor<8xf32>
  return %0 : tensor<8xf32>
}

// -----

sdy.mesh @mesh = <["a"=2]>
func.func @main(%x: tensor<8xf32>) -> tensor<8xf32> {
  // expected-error @below {{contradicts itself: 'alpa.replicate' and 'alpa.split' ask for different dimensions}}
  %0 = stablehlo.negate %x {alpa.replicate = "a", alpa.split = "a"} : tensor<8xf32>
  return %0 : tensor<8xf32>
}

// -----

// expected-error @below {{declares no mesh: add 'sdy.mesh' or set the option 'mesh', as in mesh=2x4}}
module {
  func.func @main(%x: tensor<8xf32>) -> tensor<8xf32> {
    return %x : tensor<8xf32>
  }
}
