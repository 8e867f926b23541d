// RUN: alpa-opt %s --inline --split-input-file --verify-diagnostics
// RUN: not alpa-opt %s --inline=max-ops=1 --split-input-file 2>&1 | FileCheck %s
// CHECK: 'func.func' op would have more than max-ops=1 ops after inlining

func.func public @direct(%x: tensor<f32>) -> tensor<f32> {
  // expected-error @below {{'func.call' op calls '@direct' recursively, which cannot be inlined}}
  %0 = call @direct(%x) : (tensor<f32>) -> tensor<f32>
  return %0 : tensor<f32>
}

// -----

func.func public @main(%x: tensor<f32>) -> tensor<f32> {
  %0 = call @a(%x) : (tensor<f32>) -> tensor<f32>
  return %0 : tensor<f32>
}
func.func private @a(%x: tensor<f32>) -> tensor<f32> {
  %0 = call @b(%x) : (tensor<f32>) -> tensor<f32>
  return %0 : tensor<f32>
}
func.func private @b(%x: tensor<f32>) -> tensor<f32> {
  // expected-error @below {{'func.call' op calls '@a' recursively, which cannot be inlined}}
  %0 = call @a(%x) : (tensor<f32>) -> tensor<f32>
  return %0 : tensor<f32>
}
