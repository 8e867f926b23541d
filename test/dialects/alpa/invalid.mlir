// What the verifier refuses of the attributes of alpa.
// RUN: alpa-opt %s -split-input-file -verify-diagnostics

func.func @f(%a: tensor<4xf32>) {
  // expected-error @below {{expects 'alpa.split' to be the name of a mesh axis}}
  %0 = stablehlo.abs %a {alpa.split = 1 : i64} : tensor<4xf32>
  return
}

// -----

func.func @f(%a: tensor<4xf32>) {
  // expected-error @below {{expects 'alpa.replicate' to be the name of a mesh axis}}
  %0 = stablehlo.abs %a {alpa.replicate} : tensor<4xf32>
  return
}

// -----

// expected-error @below {{expects 'alpa.plan' to be a dictionary}}
module attributes {alpa.plan = "x"} {}
