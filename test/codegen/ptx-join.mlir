// Kernels are compiled in batches whose texts are joined: one header, and tables that every batch has for itself.
// RUN: alpa-opt %s --pass-pipeline='builtin.module(fuse,codegen{target=ptx})' | FileCheck %s
// CHECK:         .version 8.0
// CHECK:         .global .align 4 .b8 values_$_f8E4M3FN_$_kernel_0[1024]
// CHECK:         .entry kernel_5(
// CHECK-NOT:     .version
// CHECK:         .global .align 4 .b8 values_$_f8E4M3FN_$_kernel_6[1024]
// CHECK-NOT:     .extern
// CHECK:         .entry kernel_6(
func.func @main(%x0: tensor<100x7xf8E4M3FN>, %x1: tensor<101x7xf8E4M3FN>, %x2: tensor<102x7xf8E4M3FN>, %x3: tensor<103x7xf8E4M3FN>, %x4: tensor<104x7xf8E4M3FN>, %x5: tensor<105x7xf8E4M3FN>, %x6: tensor<106x7xf8E4M3FN>, %x7: tensor<107x7xf8E4M3FN>, %x8: tensor<108x7xf8E4M3FN>) -> (tensor<100xf32>, tensor<101xf32>, tensor<102xf32>, tensor<103xf32>, tensor<104xf32>, tensor<105xf32>, tensor<106xf32>, tensor<107xf32>, tensor<108xf32>) {
  %s = stablehlo.constant dense<0.0> : tensor<f32>
  %c0 = stablehlo.convert %x0 : (tensor<100x7xf8E4M3FN>) -> tensor<100x7xf32>
  %r0 = stablehlo.reduce(%c0 init: %s) applies stablehlo.add across dimensions = [1] : (tensor<100x7xf32>, tensor<f32>) -> tensor<100xf32>
  %c1 = stablehlo.convert %x1 : (tensor<101x7xf8E4M3FN>) -> tensor<101x7xf32>
  %r1 = stablehlo.reduce(%c1 init: %s) applies stablehlo.add across dimensions = [1] : (tensor<101x7xf32>, tensor<f32>) -> tensor<101xf32>
  %c2 = stablehlo.convert %x2 : (tensor<102x7xf8E4M3FN>) -> tensor<102x7xf32>
  %r2 = stablehlo.reduce(%c2 init: %s) applies stablehlo.add across dimensions = [1] : (tensor<102x7xf32>, tensor<f32>) -> tensor<102xf32>
  %c3 = stablehlo.convert %x3 : (tensor<103x7xf8E4M3FN>) -> tensor<103x7xf32>
  %r3 = stablehlo.reduce(%c3 init: %s) applies stablehlo.add across dimensions = [1] : (tensor<103x7xf32>, tensor<f32>) -> tensor<103xf32>
  %c4 = stablehlo.convert %x4 : (tensor<104x7xf8E4M3FN>) -> tensor<104x7xf32>
  %r4 = stablehlo.reduce(%c4 init: %s) applies stablehlo.add across dimensions = [1] : (tensor<104x7xf32>, tensor<f32>) -> tensor<104xf32>
  %c5 = stablehlo.convert %x5 : (tensor<105x7xf8E4M3FN>) -> tensor<105x7xf32>
  %r5 = stablehlo.reduce(%c5 init: %s) applies stablehlo.add across dimensions = [1] : (tensor<105x7xf32>, tensor<f32>) -> tensor<105xf32>
  %c6 = stablehlo.convert %x6 : (tensor<106x7xf8E4M3FN>) -> tensor<106x7xf32>
  %r6 = stablehlo.reduce(%c6 init: %s) applies stablehlo.add across dimensions = [1] : (tensor<106x7xf32>, tensor<f32>) -> tensor<106xf32>
  %c7 = stablehlo.convert %x7 : (tensor<107x7xf8E4M3FN>) -> tensor<107x7xf32>
  %r7 = stablehlo.reduce(%c7 init: %s) applies stablehlo.add across dimensions = [1] : (tensor<107x7xf32>, tensor<f32>) -> tensor<107xf32>
  %c8 = stablehlo.convert %x8 : (tensor<108x7xf8E4M3FN>) -> tensor<108x7xf32>
  %r8 = stablehlo.reduce(%c8 init: %s) applies stablehlo.add across dimensions = [1] : (tensor<108x7xf32>, tensor<f32>) -> tensor<108xf32>
  return %r0, %r1, %r2, %r3, %r4, %r5, %r6, %r7, %r8 : tensor<100xf32>, tensor<101xf32>, tensor<102xf32>, tensor<103xf32>, tensor<104xf32>, tensor<105xf32>, tensor<106xf32>, tensor<107xf32>, tensor<108xf32>
}

