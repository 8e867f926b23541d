// RUN: alpa-opt %s --pass-pipeline='builtin.module(fuse,codegen{target=ptx arch=sm_80})' | FileCheck %s
// RUN: alpa-opt %s --pass-pipeline='builtin.module(fuse,codegen{target=ptx arch=sm_90a})' | FileCheck %s --check-prefix=SM90
// RUN: alpa-opt %s --pass-pipeline='builtin.module(codegen)' | FileCheck %s --check-prefix=HOST
// RUN: not alpa-opt %s --pass-pipeline='builtin.module(codegen{target=ptx arch=sm_10})' 2>&1 | FileCheck %s --check-prefix=ARCH
// RUN: not alpa-opt %s --pass-pipeline='builtin.module(codegen{target=metal})' 2>&1 | FileCheck %s --check-prefix=TARGET

// SM90: .target sm_90a
// HOST: define void @kernel_0(ptr %0, i64 %1)
// ARCH: error: unknown GPU 'sm_10': expects sm_80 or sm_90a
// TARGET: 'metal' is none of the choices

// One thread for four elements, in 16-byte accesses; the function's memory is passed as addresses, threads behind the
// last element leave.
// CHECK: .target sm_80
// CHECK-LABEL: .visible .entry kernel_0(
// CHECK-NEXT:    .param .u64 kernel_0_param_0,
// CHECK-NEXT:    .param .u64 kernel_0_param_1,
// CHECK-NEXT:    .param .u64 kernel_0_param_2
// CHECK-NEXT:  )
// CHECK-NEXT:  .maxntid 64, 1, 1
// CHECK-DAG:     setp.{{.*}} 249
// CHECK-DAG:     ld.global.v4.f32
// CHECK:         st.global.v4.f32
// CHECK:         ret;
func.func @main(%a: tensor<25x40xf32>, %b: tensor<40xf32>) -> tensor<25x40xf32> {
  %0 = stablehlo.broadcast_in_dim %b, dims = [1] : (tensor<40xf32>) -> tensor<25x40xf32>
  %1 = stablehlo.add %a, %0 : tensor<25x40xf32>
  return %1 : tensor<25x40xf32>
}
