// RUN: alpa-opt %s --pass-pipeline='builtin.module(annotate{method=data mesh=2x2})' | FileCheck %s --check-prefix=DATA
// RUN: alpa-opt %s --pass-pipeline='builtin.module(annotate{method=zero-2 mesh=4})' | FileCheck %s --check-prefix=ZERO2
// RUN: alpa-opt %s --pass-pipeline='builtin.module(annotate{method=zero-3 mesh=4})' | FileCheck %s --check-prefix=ZERO3
// RUN: alpa-opt %s --pass-pipeline='builtin.module(annotate{method=data mesh=data=2,model=2 axes=data split=.w:1:model})' | FileCheck %s --check-prefix=NAMED
// RUN: alpa-opt %s --pass-pipeline='builtin.module(annotate{method=zero-3 mesh=4},propagate,insert-collectives,canonicalize,cse,dce)' | FileCheck %s --check-prefix=STEP
// RUN: not alpa-opt %s --pass-pipeline='builtin.module(annotate{mesh=2x})' 2>&1 | FileCheck %s --check-prefix=MESH
// RUN: not alpa-opt %s --pass-pipeline='builtin.module(annotate{mesh=2 axes=model})' 2>&1 | FileCheck %s --check-prefix=AXIS
// RUN: not alpa-opt %s --pass-pipeline='builtin.module(annotate{mesh=2 split=w})' 2>&1 | FileCheck %s --check-prefix=RULE
// RUN: alpa-opt %s --pass-pipeline='builtin.module(annotate{mesh=16})' 2>&1 | FileCheck %s --check-prefix=BATCH

// A step of gradient descent with momentum: weight, momentum, batch.

// DATA:       sdy.mesh @mesh = <["a"=2, "b"=2]>
// DATA:       %arg0: tensor<8x6xf32> {sdy.sharding = #sdy.sharding<@mesh, [{}, {}]>
// DATA-SAME:  %arg1: tensor<8x6xf32> {sdy.sharding = #sdy.sharding<@mesh, [{}, {}]>
// DATA-SAME:  %arg2: tensor<12x8xf32> {sdy.sharding = #sdy.sharding<@mesh, [{"a", "b"}, {}]>

// ZERO2:      %arg0: tensor<8x6xf32> {sdy.sharding = #sdy.sharding<@mesh, [{}, {}]>
// ZERO2-SAME: %arg1: tensor<8x6xf32> {sdy.sharding = #sdy.sharding<@mesh, [{"a"}p1, {}]>

// ZERO3:      %arg0: tensor<8x6xf32> {sdy.sharding = #sdy.sharding<@mesh, [{"a"}p1, {}]>
// ZERO3-SAME: %arg1: tensor<8x6xf32> {sdy.sharding = #sdy.sharding<@mesh, [{"a"}p1, {}]>

// NAMED:      %arg0: tensor<8x6xf32> {sdy.sharding = #sdy.sharding<@mesh, [{}, {"model"}]>
// NAMED-SAME: %arg2: tensor<12x8xf32> {sdy.sharding = #sdy.sharding<@mesh, [{"data"}, {}]>

// STEP:       func.func @main(%arg0: tensor<2x6xf32>
// STEP:       "stablehlo.all_gather"(%arg0)
// STEP-DAG:   "stablehlo.reduce_scatter"
// STEP-DAG:   "stablehlo.all_reduce"
// STEP-NOT:   stablehlo.all_to_all

// MESH:  error: {{.*}}cannot be given the mesh '2x': expects sizes as in '8', '2x4' or 'data=2,model=4'
// AXIS:  error: {{.*}}cannot be annotated along axis 'model', which mesh @mesh does not have
// RULE:  error: {{.*}}cannot be annotated by 'w': expects name:dimension:axis
// BATCH: remark: {{.*}}has a batch of 12 in argument 2, which is not split along axis 'a' of 16
func.func @main(%w: tensor<8x6xf32> {tf.aliasing_output = 0 : i32}, %m: tensor<8x6xf32> {tf.aliasing_output = 1 : i32}, %x: tensor<12x8xf32>)
    -> (tensor<8x6xf32> {jax.result_info = "result[0]['w']"}, tensor<8x6xf32> {jax.result_info = "result[1]['w']"}, tensor<f32>) {
  %zero = stablehlo.constant dense<0.000000e+00> : tensor<f32>
  %0 = stablehlo.dot_general %x, %w, contracting_dims = [1] x [0] : (tensor<12x8xf32>, tensor<8x6xf32>) -> tensor<12x6xf32>
  %1 = stablehlo.tanh %0 : tensor<12x6xf32>
  %2 = stablehlo.reduce(%1 init: %zero) applies stablehlo.add across dimensions = [0, 1] : (tensor<12x6xf32>, tensor<f32>) -> tensor<f32>
  %3 = stablehlo.dot_general %x, %1, contracting_dims = [0] x [0] : (tensor<12x8xf32>, tensor<12x6xf32>) -> tensor<8x6xf32>
  %4 = stablehlo.add %m, %3 : tensor<8x6xf32>
  %5 = stablehlo.subtract %w, %4 : tensor<8x6xf32>
  return %5, %4, %2 : tensor<8x6xf32>, tensor<8x6xf32>, tensor<f32>
}
