// RUN: alpa-opt %s --split-input-file --verify-diagnostics --pass-pipeline='builtin.module(time-loop)'

// Annotations can be edited; what they say must hold.

// expected-error @below {{expects 'alpa.microbatches' to say how many there are: run 'microbatch' first}}
module attributes {alpa.properties = ["time"]} {
  func.func @main(%x: tensor<8xf32>) -> tensor<8xf32> {
    return %x : tensor<8xf32>
  }
}

// -----

module attributes {alpa.microbatches = 4 : i64, alpa.properties = ["time"]} {
  // expected-error @below {{expects 'alpa.time' of argument 0 to be invariant or sharded<dimension>}}
  func.func @main(%x: tensor<8xf32>) -> tensor<8xf32> {
    return %x : tensor<8xf32>
  }
}

// -----

module attributes {alpa.microbatches = 4 : i64, alpa.properties = ["time"]} {
  func.func @main(%x: tensor<8xf32> {alpa.time = "sharded<0>"}) -> tensor<8xf32> {
    // expected-error @below {{expects 'alpa.phase' to be prologue, body or epilogue}}
    %0 = stablehlo.sine %x {alpa.time = ["sharded<0>"]} : tensor<8xf32>
    return %0 : tensor<8xf32>
  }
}

// -----

module attributes {alpa.microbatches = 4 : i64, alpa.properties = ["time"]} {
  func.func @main(%x: tensor<8xf32> {alpa.time = "sharded<0>"}) -> tensor<8xf32> {
    // expected-error @below {{expects state 0 of 'alpa.time' to be invariant, sharded<dimension>}}
    %0 = stablehlo.sine %x {alpa.phase = "body", alpa.time = ["sharded<1>"]} : tensor<8xf32>
    return %0 : tensor<8xf32>
  }
}

// -----

module attributes {alpa.microbatches = 4 : i64, alpa.properties = ["time"]} {
  func.func @main(%x: tensor<6xf32> {alpa.time = "invariant"}) -> tensor<6xf32> {
    // expected-error @below {{has dimension 0 of result 0, of 6, split over 4 micro-batches, which do not divide it}}
    %0 = stablehlo.sine %x {alpa.phase = "body", alpa.time = ["sharded<0>"]} : tensor<6xf32>
    return %0 : tensor<6xf32>
  }
}

// -----

module attributes {alpa.microbatches = 4 : i64, alpa.properties = ["time"]} {
  func.func @main(%x: tensor<8xf32> {alpa.time = "sharded<0>"}) -> tensor<8xf32> {
    // expected-error @below {{has a state of result 0 in 'alpa.time' that it does not give}}
    %0 = stablehlo.sine %x {alpa.phase = "body", alpa.time = ["partial<sum>"]} : tensor<8xf32>
    return %0 : tensor<8xf32>
  }
}

// -----

module attributes {alpa.microbatches = 4 : i64, alpa.properties = ["time"]} {
  func.func @main(%x: tensor<8xf32> {alpa.time = "sharded<0>"}) -> tensor<8xf32> {
    %0 = stablehlo.sine %x {alpa.phase = "body", alpa.time = ["sharded<0>"]} : tensor<8xf32>
    // expected-error @below {{is in the prologue, but reads what 'stablehlo.sine' computes in the body}}
    %1 = stablehlo.sine %0 {alpa.phase = "prologue", alpa.time = ["invariant"]} : tensor<8xf32>
    return %1 : tensor<8xf32>
  }
}

// -----

module attributes {alpa.microbatches = 4 : i64, alpa.properties = ["time"]} {
  func.func @main(%x: tensor<8xf32> {alpa.time = "sharded<0>"}, %p: tensor<i1> {alpa.time = "invariant"}) -> tensor<8xf32> {
    // expected-error @below {{has a state of result 0 in 'alpa.time' that a value tied to it does not have}}
    %0 = "stablehlo.if"(%p) ({
      stablehlo.return %x : tensor<8xf32>
    }, {
      stablehlo.return %x : tensor<8xf32>
    }) {alpa.phase = "body", alpa.time = ["partial<sum>"]} : (tensor<i1>) -> tensor<8xf32>
    return %0 : tensor<8xf32>
  }
}
