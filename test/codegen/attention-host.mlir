// RUN: not alpa-opt %s --pass-pipeline='builtin.module(fuse{attention=true},codegen)' 2>&1 | FileCheck %s
// CHECK: error: 'kernel.fused' op of kind 'attention' is for GPUs: 'fuse' without 'attention' makes none
func.func @main(%q: tensor<2x32x16xf32>, %k: tensor<2x48x16xf32>, %v: tensor<2x48x16xf32>) -> tensor<2x32x16xf32> {
  %low = stablehlo.constant dense<0xFF800000> : tensor<f32>
  %s = stablehlo.dot_general %q, %k, batching_dims = [0] x [0], contracting_dims = [2] x [2] : (tensor<2x32x16xf32>, tensor<2x48x16xf32>) -> tensor<2x32x48xf32>
  %m = stablehlo.reduce(%s init: %low) applies stablehlo.maximum across dimensions = [2] : (tensor<2x32x48xf32>, tensor<f32>) -> tensor<2x32xf32>
  %ms = stablehlo.broadcast_in_dim %m, dims = [0, 1] : (tensor<2x32xf32>) -> tensor<2x32x48xf32>
  %d = stablehlo.subtract %s, %ms : tensor<2x32x48xf32>
  %e = stablehlo.exponential %d : tensor<2x32x48xf32>
  %o = stablehlo.dot_general %e, %v, batching_dims = [0] x [0], contracting_dims = [2] x [1] : (tensor<2x32x48xf32>, tensor<2x48x16xf32>) -> tensor<2x32x16xf32>
  return %o : tensor<2x32x16xf32>
}
