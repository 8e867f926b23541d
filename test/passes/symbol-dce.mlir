// RUN: alpa-opt %s --symbol-dce | FileCheck %s
// RUN: not alpa-opt %s --pass-pipeline='builtin.module(func.func(symbol-dce))' 2>&1 | FileCheck %s --check-prefix=FUNC

// FUNC: error: 'func.func' op was scheduled to run under symbol-dce, but does not define a symbol table

// CHECK-LABEL: func.func @main
func.func @main(%x: tensor<f32>) -> tensor<f32> {
  %0 = call @used(%x) : (tensor<f32>) -> tensor<f32>
  %1 = stablehlo.custom_call @target(%0) {called_computations = [@in_array], my.config = {f = @in_dictionary}} : (tensor<f32>) -> tensor<f32>
  return %1 : tensor<f32>
}
// CHECK: @used
func.func private @used(%x: tensor<f32>) -> tensor<f32> {
  %0 = call @used_by_used(%x) : (tensor<f32>) -> tensor<f32>
  return %0 : tensor<f32>
}
// CHECK: @used_by_used
func.func private @used_by_used(%x: tensor<f32>) -> tensor<f32> {
  return %x : tensor<f32>
}
// CHECK: @in_array
func.func private @in_array(%x: tensor<f32>) -> tensor<f32> {
  return %x : tensor<f32>
}
// CHECK: @in_dictionary
func.func private @in_dictionary(%x: tensor<f32>) -> tensor<f32> {
  return %x : tensor<f32>
}
// Those that only each other use go too.
// CHECK-NOT: @dead
func.func private @dead_a(%x: tensor<f32>) -> tensor<f32> {
  %0 = call @dead_b(%x) : (tensor<f32>) -> tensor<f32>
  return %0 : tensor<f32>
}
func.func private @dead_b(%x: tensor<f32>) -> tensor<f32> {
  %0 = call @dead_a(%x) : (tensor<f32>) -> tensor<f32>
  return %0 : tensor<f32>
}
