// Meshes, and shardings of functions.
// RUN: alpa-opt %s -split-input-file -verify-diagnostics

// expected-error @below {{names axis "x" twice}}
sdy.mesh @mesh = <["x"=2, "x"=4]>

// -----

// expected-error @below {{expects axis "x" to have a size of at least 1, got 0}}
sdy.mesh @mesh = <["x"=0]>

// -----

// expected-error @below {{expects as many device_ids as the axes have devices (2), got 1}}
sdy.mesh @mesh = <["x"=2], device_ids=[0]>

// -----

// expected-error @below {{expects device_ids to be in [0, 2), got 2}}
sdy.mesh @mesh = <["x"=2], device_ids=[0, 2]>

// -----

// expected-error @below {{names device 1 twice in device_ids}}
sdy.mesh @mesh = <["x"=2], device_ids=[1, 1]>

// -----

// expected-error @below {{expects a device id of at least 0, got -1}}
sdy.mesh @mesh = <[], device_ids=[-1]>

// -----

// expected-error @below {{has more devices than 64 bits can count}}
sdy.mesh @mesh = <["x"=4294967296, "y"=4294967296]>

// -----

// expected-error @below {{a mesh of 17 axes is not supported, at most 16 are}}
sdy.mesh @mesh = <["a0"=1, "a1"=1, "a2"=1, "a3"=1, "a4"=1, "a5"=1, "a6"=1, "a7"=1, "a8"=1, "a9"=1, "a10"=1, "a11"=1, "a12"=1, "a13"=1, "a14"=1, "a15"=1, "a16"=1]>

// -----

sdy.mesh @mesh = <["x"=2, "y"=4]>

// expected-error @below {{names axis "z", which mesh @mesh does not have}}
func.func @f(%a: tensor<8xf32> {sdy.sharding = #sdy.sharding<@mesh, [{"z"}]>}) {
  return
}

// -----

sdy.mesh @mesh = <["x"=2, "y"=4]>

// expected-error @below {{has a sharding of 2 dimensions for 'tensor<8xf32>'}}
func.func @f(%a: tensor<8xf32>) -> (tensor<8xf32> {sdy.sharding = #sdy.sharding<@mesh, [{}, {}]>}) {
  return %a : tensor<8xf32>
}

// -----

sdy.mesh @mesh = <["x"=2, "y"=4]>

// expected-error @below {{expects a #sdy.sharding attribute}}
func.func @f(%a: tensor<8xf32> {sdy.sharding = "x"}) {
  return
}
