// RUN: alpa-opt %s --pass-pipeline='builtin.module(builtin.module(dce))' | FileCheck %s

// In a nested module, what stands around it says nothing of what is alive.
// CHECK-LABEL: module @inner
// CHECK: stablehlo.add
// CHECK-NEXT: stablehlo.multiply
// CHECK-NOT: stablehlo.negate
module {
  func.func @before(%x: tensor<f32>) -> tensor<f32> {
    return %x : tensor<f32>
  }
  module @inner {
    func.func @main(%x: tensor<f32>) -> tensor<f32> {
      %0 = stablehlo.add %x, %x : tensor<f32>
      %1 = stablehlo.multiply %0, %0 : tensor<f32>
      %2 = stablehlo.negate %1 : tensor<f32>
      return %1 : tensor<f32>
    }
  }
}
