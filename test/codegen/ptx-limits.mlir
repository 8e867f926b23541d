// REQUIRES: ptxas
// DEFINE: %{arch} = sm_90a
// DEFINE: %{codegen} = alpa-opt %s --pass-pipeline='builtin.module(fuse,codegen{target=ptx arch=%{arch} n-cores=8})' -o %t.ptx
// DEFINE: %{assemble} = ptxas -arch=%{arch} -v %t.ptx -o %t.cubin
// RUN: %{codegen} && FileCheck %s --check-prefix=KINDS --input-file=%t.ptx
// RUN: %{assemble} 2>&1 | FileCheck %s
// REDEFINE: %{arch} = sm_80
// RUN: %{codegen} && %{assemble} 2>&1 | FileCheck %s

// The largest tiles of every kind of product fill the registers that their limits leave, and none is spilled; wgmma is
// not serialised, which ptxas would say.
// KINDS: wgmma.mma_async.sync.aligned.m64n256k16.f32.bf16.bf16
// KINDS: wgmma.mma_async.sync.aligned.m64n256k8.f32.tf32.tf32
// CHECK-NOT: {{[1-9][0-9]* bytes (stack|spill)|warning|C75}}
#tf32 = #stablehlo.dot_algorithm<lhs_precision_type = tf32, rhs_precision_type = tf32, accumulation_type = f32, lhs_component_count = 1, rhs_component_count = 1, num_primitive_operations = 1, allow_imprecise_accumulation = false>
func.func @main(%a: tensor<1024x512xbf16>, %b: tensor<512x1024xbf16>, %c: tensor<1024x512xf32>, %d: tensor<1024x512xf32>,
                %x: tensor<8x32x32x64xf32>, %w: tensor<3x3x64x128xf32>)
    -> (tensor<1024x1024xbf16>, tensor<1024x1024xf32>, tensor<1024x1024xf32>, tensor<8x32x32x128xf32>) {
  %0 = stablehlo.dot_general %a, %b, contracting_dims = [1] x [0] : (tensor<1024x512xbf16>, tensor<512x1024xbf16>) -> tensor<1024x1024xbf16>
  %1 = stablehlo.tanh %0 : tensor<1024x1024xbf16>
  %2 = "stablehlo.dot_general"(%c, %d) <{dot_dimension_numbers = #stablehlo.dot<lhs_contracting_dimensions = [1], rhs_contracting_dimensions = [1]>, algorithm = #tf32}> : (tensor<1024x512xf32>, tensor<1024x512xf32>) -> tensor<1024x1024xf32>
  %3 = stablehlo.dot_general %c, %d, contracting_dims = [1] x [1] : (tensor<1024x512xf32>, tensor<1024x512xf32>) -> tensor<1024x1024xf32>
  %4 = stablehlo.convolution(%x, %w) dim_numbers = [b, 0, 1, f]x[0, 1, i, o]->[b, 0, 1, f], window = {pad = [[1, 1], [1, 1]]} {batch_group_count = 1 : i64, feature_group_count = 1 : i64} : (tensor<8x32x32x64xf32>, tensor<3x3x64x128xf32>) -> tensor<8x32x32x128xf32>
  return %1, %2, %3, %4 : tensor<1024x1024xbf16>, tensor<1024x1024xf32>, tensor<1024x1024xf32>, tensor<8x32x32x128xf32>
}
