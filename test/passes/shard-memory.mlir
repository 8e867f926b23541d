// The optimizer state and the gradients go to where they fit: with less memory, more of them are split (ZeRO), at a
// cost that only latency adds; below what any plan needs, the message says how much that is.
//
// DEFINE: %{limit} = 1
// DEFINE: %{plan} = alpa-opt --pass-pipeline='builtin.module(inline,canonicalize,cse,dce,shard{cluster=host:4 cost-model=alpa-osdi22 memory=%{limit}},insert-collectives)' %S/Inputs/mlp-b256-h32-adam.mlir

// REDEFINE: %{limit} = 0.0002
// RUN: %{plan} | FileCheck %s --check-prefix=ALL
// ALL: cost_ps = 38035130 : i64
// ALL-NOT: stablehlo.reduce_scatter

// REDEFINE: %{limit} = 0.00015
// RUN: %{plan} | FileCheck %s --check-prefix=SOME
// SOME: cost_ps = 3803{{[6-9][0-9][0-9][0-9]}} : i64
// SOME-SAME: memory_bytes = 1{{[0-5][0-9][0-9][0-9][0-9]}} : i64
// SOME: stablehlo.reduce_scatter

// REDEFINE: %{limit} = 0.00012
// RUN: %{plan} | FileCheck %s --check-prefix=MOST
// MOST: cost_ps = 380{{(39|4[0-9])[0-9][0-9][0-9]}} : i64
// MOST-SAME: memory_bytes = 1{{[0-2][0-9][0-9][0-9][0-9]}} : i64
// MOST-COUNT-4: stablehlo.reduce_scatter

// REDEFINE: %{limit} = 0.00006
// RUN: not %{plan} 2>&1 >/dev/null | FileCheck %s --check-prefix=NONE
// NONE: error: no plan fits the 64424 bytes of memory of a device; the smallest one that was found needs [[#%u,NEEDS:]], {{[0-9]+}} more: allow at least {{[0-9.e-]+}} GiB, or use more devices
// NONE: note: {{[0-9]+}} bytes are for 'stablehlo.dot_general' with result type 'tensor<32x32xf32>'
