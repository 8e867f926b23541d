// RUN: alpa-opt %s --pass-pipeline='builtin.module(annotate{method=none mesh=2 replicate-scopes=features:a split-scopes=classifier:a})' | FileCheck %s
// RUN: not alpa-opt %s --pass-pipeline='builtin.module(annotate{method=none mesh=2 split-scopes=classifier})' 2>&1 | FileCheck %s --check-prefix=RULE

// Contractions are marked by the scope that their location names; other ops are not.
// CHECK:      stablehlo.dot_general %arg0, %arg1{{.*}}{alpa.replicate = "a"}
// CHECK:      stablehlo.tanh
// CHECK-NOT:  alpa.
// CHECK:      stablehlo.dot_general{{.*}}{alpa.split = "a"}
// RULE: error: {{.*}}cannot be annotated by 'classifier': expects scope:axis
func.func @main(%x: tensor<8x8xf32>, %w: tensor<8x8xf32>) -> tensor<8x8xf32> {
  %0 = stablehlo.dot_general %x, %w, contracting_dims = [1] x [0] : (tensor<8x8xf32>, tensor<8x8xf32>) -> tensor<8x8xf32> loc("jit(step)/features/dot_general")
  %1 = stablehlo.tanh %0 : tensor<8x8xf32> loc("jit(step)/features/tanh")
  %2 = stablehlo.dot_general %1, %w, contracting_dims = [1] x [0] : (tensor<8x8xf32>, tensor<8x8xf32>) -> tensor<8x8xf32> loc("jit(step)/classifier/dot_general")
  return %2 : tensor<8x8xf32>
}
