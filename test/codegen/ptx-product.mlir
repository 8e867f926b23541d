// RUN: alpa-opt %s --pass-pipeline='builtin.module(fuse,codegen{target=ptx arch=sm_80 n-cores=16})' | FileCheck %s --check-prefixes=SM80
// RUN: alpa-opt %s --pass-pipeline='builtin.module(fuse,codegen{target=ptx arch=sm_90a n-cores=16})' | FileCheck %s --check-prefixes=SM90

// bf16 runs on tensor cores: operands lie in shared memory as they lie in memory, one of them is transposed on the way
// out of it.  On sm_90a the tensor memory accelerator brings boxes that its maps describe.
// SM80:      .extern .shared .align 1024 .b8 alpa_shared[]
// SM80:      .visible .entry kernel_0(
// SM80:      .maxntid 256, 1, 1
// SM80:      .minnctapersm 2
// SM80:      cp.async.cg.shared.global
// SM80:      cp.async.wait_group 2
// SM80:      bar.sync 0
// SM80-DAG:  ldmatrix.sync.aligned.m8n8.x4.shared.b16
// SM80-DAG:  ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16
// SM80:      mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32
// SM80:      st.global.v4.{{[bu]16}}
// SM90:      .param .align 64 .b8 kernel_0_param_4[128]
// SM90:      mbarrier.init.shared::cta.b64
// SM90:      cp.async.bulk.tensor.2d.shared::cluster.global.mbarrier::complete_tx::bytes
// SM90:      mbarrier.try_wait.parity.shared::cta.b64
// SM90:      wgmma.mma_async.sync.aligned.m64n128k16.f32.bf16.bf16
// SM90:      wgmma.wait_group.sync.aligned 0

// f32 is multiplied exactly, by the threads, on both.
// SM80-LABEL: .visible .entry kernel_1(
// SM80-NOT:   mma.sync
// SM80:       fma.rn.f32
// SM90-LABEL: .visible .entry kernel_1(
// SM90-NOT:   wgmma
// SM90:       fma.rn.f32
func.func @main(%a: tensor<512x512xbf16>, %b: tensor<512x512xbf16>, %c: tensor<512xbf16>, %x: tensor<64x48xf32>,
                %y: tensor<48x64xf32>) -> (tensor<512x512xbf16>, tensor<64x64xf32>) {
  %0 = stablehlo.dot_general %a, %b, contracting_dims = [1] x [0] : (tensor<512x512xbf16>, tensor<512x512xbf16>) -> tensor<512x512xbf16>
  %1 = stablehlo.broadcast_in_dim %c, dims = [1] : (tensor<512xbf16>) -> tensor<512x512xbf16>
  %2 = stablehlo.add %0, %1 : tensor<512x512xbf16>
  %3 = stablehlo.dot_general %x, %y, contracting_dims = [1] x [0] : (tensor<64x48xf32>, tensor<48x64xf32>) -> tensor<64x64xf32>
  return %2, %3 : tensor<512x512xbf16>, tensor<64x64xf32>
}
