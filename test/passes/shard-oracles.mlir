// The plans of Alpa's own tests: small train steps (tools/export_oracles.py) on four devices, whose best plans and costs
// are known in closed form.  Units are thousandths: AR(B) = 1 + 2 * 3/4 * B + 0.01 on one axis of four with alpha = beta
// = 1; the loss is a scalar that takes an all-reduce of its own, AR(4) = 7.01, where the batch is split.
//
// DEFINE: %{plan} = alpa-opt --pass-pipeline='builtin.module(inline,canonicalize,cse,dce,shard{cluster=host:4 cost-model=alpa-osdi22},insert-collectives)'
// DEFINE: %{grid} = alpa-opt --pass-pipeline='builtin.module(inline,canonicalize,cse,dce,shard{cluster=host:4 mesh=2x2 cost-model=alpa-osdi22 beta=1,0.1},insert-collectives)'

// Data parallel: 6 (AR(W) + AR(b)) + AR(4), with W of 4096 and b of 128 bytes.  Weights are replicated.
// RUN: %{plan} %S/Inputs/mlp-b256-h32.mlir | FileCheck %s --check-prefix=DP
// DP: bound_ps = 38035130 : i64,
// DP-SAME: cost_ps = 38035130 : i64
// DP: func.func public @main(
// DP-SAME: %arg1: tensor<32x32xf32>
// DP-COUNT-13: stablehlo.all_reduce
// DP-NOT: {{all_reduce|reduce_scatter|all_gather|all_to_all}}

// The optimizer state costs nothing as long as it fits.
// RUN: %{plan} %S/Inputs/mlp-b256-h32-adam.mlir | FileCheck %s --check-prefix=DP

// Columns and rows of the weights in turn: 5 AR(32 x 256 x 4).
// RUN: %{plan} %S/Inputs/mlp-b32-h256.mlir | FileCheck %s --check-prefix=TP
// TP: bound_ps = 245765050 : i64,
// TP-SAME: cost_ps = 245765050 : i64
// TP: func.func public @main(
// TP-SAME: %arg1: tensor<256x64xf32>
// TP-SAME: %arg3: tensor<64x256xf32>
// TP-SAME: %arg5: tensor<256x64xf32>
// TP-SAME: %arg7: tensor<64x256xf32>
// TP-SAME: %arg9: tensor<256x64xf32>
// TP-SAME: %arg11: tensor<64x256xf32>
// TP-SAME: %arg12: tensor<32x256xf32>
// TP-COUNT-5: stablehlo.all_reduce
// TP-NOT: {{all_reduce|reduce_scatter|all_gather|all_to_all}}

// Two axes, the second ten times as fast: the batch over both, and each gradient is scattered along the fast axis,
// reduced along the slow one and gathered again: 6 (2460.7 + 79.8) + 6.4.  (Alpa's plan, 21265, is dearer.)
// RUN: %{grid} %S/Inputs/mlp-b256-h32.mlir | FileCheck %s --check-prefix=GRID
// GRID: bound_ps = 15250152 : i64,
// GRID-SAME: cost_ps = 15250152 : i64
// GRID: func.func public @main(
// GRID-SAME: %arg1: tensor<32x32xf32>

// Megatron's layers: (4 x 2 - 1) AR(8 x 8 x 128 x 4); of each layer, heads (qkv, arg9) and the inner dimension (up,
// arg11, and down, arg1) by columns, what follows by rows.
// RUN: %{plan} %S/Inputs/bert-b8-s8-h128.mlir | FileCheck %s --check-prefix=BERT
// BERT: bound_ps = 344071070 : i64,
// BERT-SAME: cost_ps = 344071070 : i64
// BERT: func.func public @main(
// BERT-SAME: %arg1: tensor<128x128xf32>
// BERT-SAME: %arg7: tensor<32x128xf32>
// BERT-SAME: %arg9: tensor<128x3x32xf32>
// BERT-SAME: %arg11: tensor<128x128xf32>
// BERT-COUNT-7: stablehlo.all_reduce
// BERT-NOT: {{all_reduce|reduce_scatter|all_gather|all_to_all}}

// The same with a long batch of narrow layers is data parallel: one all-reduce for each of the 24 parameters and the loss.
// RUN: %{plan} %S/Inputs/bert-b64-s64-h32.mlir | FileCheck %s --check-prefix=BERTDP
// BERTDP: bound_ps = 152479250 : i64,
// BERTDP-SAME: cost_ps = 152479250 : i64
// BERTDP: func.func public @main(
// BERTDP-COUNT-25: stablehlo.all_reduce
// BERTDP-NOT: {{all_reduce|reduce_scatter|all_gather|all_to_all}}

// Wide convolutions: output and input channels in turn, 3 AR(8 x 4 x 4 x 256 x 4).
// RUN: %{plan} %S/Inputs/conv-b8-i4-c256.mlir | FileCheck %s --check-prefix=CONV
// CONV: bound_ps = 589827030 : i64,
// CONV-SAME: cost_ps = 589827030 : i64
// CONV: func.func public @main(
// CONV-SAME: %arg0: tensor<3x3x256x64xf32>
// CONV-SAME: %arg1: tensor<3x3x64x256xf32>
// CONV-SAME: %arg2: tensor<3x3x256x64xf32>
// CONV-SAME: %arg3: tensor<3x3x64x256xf32>
// CONV-COUNT-3: stablehlo.all_reduce
// CONV-NOT: {{all_reduce|reduce_scatter|all_gather|all_to_all}}

// Narrow ones: data parallel, 3 AR(3 x 3 x 4 x 4 x 4) + AR(4).
// RUN: %{plan} %S/Inputs/conv-b16-i16-c4.mlir | FileCheck %s --check-prefix=CONVDP
// CONVDP: bound_ps = 2602040 : i64,
// CONVDP-SAME: cost_ps = 2602040 : i64
// CONVDP: func.func public @main(
// CONVDP-COUNT-4: stablehlo.all_reduce
// CONVDP-NOT: {{all_reduce|reduce_scatter|all_gather|all_to_all}}

// A mixture of experts: the experts are split, the batch is not, so that tokens need not move to them.  Alpa's plan, four
// all-to-alls of 524288 bytes, would cost 786436.
// RUN: %{plan} %S/Inputs/moe-b64-s16-h64.mlir | FileCheck %s --check-prefix=MOE
// MOE: bound_ps = 402443122 : i64,
// MOE-SAME: cost_ps = 402443122 : i64
// MOE: func.func public @main(
// MOE-SAME: %arg0: tensor<4x256x64xf32>
// MOE-SAME: %arg1: tensor<64x16xf32>
// MOE-SAME: %arg2: tensor<4x64x256xf32>
// MOE-SAME: %arg3: tensor<64x16x64xf32>
// MOE-COUNT-2: stablehlo.all_to_all
