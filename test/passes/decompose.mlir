// RUN: alpa-opt %s --pass-pipeline='builtin.module(decompose)' | FileCheck %s

// Ops that consist of others become these; what the user said about their results holds for the last part.

sdy.mesh @mesh = <["a"=2]>

// CHECK-LABEL: func.func @dot
// CHECK:         stablehlo.dot_general %arg0, %arg1, contracting_dims = [1] x [0], precision = [HIGHEST, DEFAULT] {sdy.sharding = #sdy.sharding_per_value<[<@mesh, [{"a"}, {}]>]>}
func.func @dot(%x: tensor<2x3xf32>, %y: tensor<3x4xf32>) -> tensor<2x4xf32> {
  %0 = stablehlo.dot %x, %y, precision = [HIGHEST, DEFAULT] {sdy.sharding = #sdy.sharding_per_value<[<@mesh, [{"a"}, {}]>]>} : (tensor<2x3xf32>, tensor<3x4xf32>) -> tensor<2x4xf32>
  return %0 : tensor<2x4xf32>
}

// CHECK-LABEL: func.func @einsum
// CHECK:         %[[S:.*]] = stablehlo.reduce(%arg0 init: %{{.*}}) applies stablehlo.add across dimensions = [2]
// CHECK:         %[[D:.*]] = stablehlo.dot_general %[[S]], %arg1, batching_dims = [0] x [1], contracting_dims = [1] x [0]
// CHECK:         stablehlo.transpose %[[D]], dims = [1, 0]
func.func @einsum(%x: tensor<2x3x4xf32>, %y: tensor<3x2x5xf32>) -> tensor<5x2xf32> {
  %0 = stablehlo.einsum %x, %y, config = "abc,bad->da" : (tensor<2x3x4xf32>, tensor<3x2x5xf32>) -> tensor<5x2xf32>
  return %0 : tensor<5x2xf32>
}

// A diagonal is what a mask leaves, summed.
// CHECK-LABEL: func.func @diagonal
// CHECK:         %[[M:.*]] = stablehlo.compare EQ
// CHECK:         %[[S:.*]] = stablehlo.select %[[M]], %arg0
// CHECK:         stablehlo.reduce(%[[S]] init: %{{.*}}) applies stablehlo.add across dimensions = [1]
func.func @diagonal(%x: tensor<3x3xf32>) -> tensor<3xf32> {
  %0 = stablehlo.unary_einsum %x, config = "aa->a" : (tensor<3x3xf32>) -> tensor<3xf32>
  return %0 : tensor<3xf32>
}

// What is no notation, or has no size yet, cannot be taken apart: both stay.
// CHECK-LABEL: func.func @stays
// CHECK:         stablehlo.unary_einsum
// CHECK:         chlo.broadcast_add
func.func @stays(%x: tensor<3x3xf32>, %y: tensor<?xf32>) -> (tensor<3xf32>, tensor<?xf32>) {
  %0 = stablehlo.unary_einsum %x, config = "a?->a" : (tensor<3x3xf32>) -> tensor<3xf32>
  %1 = chlo.broadcast_add %y, %y : (tensor<?xf32>, tensor<?xf32>) -> tensor<?xf32>
  return %0, %1 : tensor<3xf32>, tensor<?xf32>
}

// Narrow floats are normalised in f32; the variance is that of the batch.
// CHECK-LABEL: func.func @norm
// CHECK-NOT:     batch_norm
// CHECK:         stablehlo.convert %arg0 : (tensor<4x3xbf16>) -> tensor<4x3xf32>
// CHECK:         across dimensions = [0]
// CHECK:         stablehlo.rsqrt
// CHECK:         return
func.func @norm(%x: tensor<4x3xbf16>, %s: tensor<3xbf16>) -> tensor<4x3xbf16> {
  %0:3 = "stablehlo.batch_norm_training"(%x, %s, %s) <{epsilon = 0.1 : f32, feature_index = 1 : i64}> : (tensor<4x3xbf16>, tensor<3xbf16>, tensor<3xbf16>) -> (tensor<4x3xbf16>, tensor<3xbf16>, tensor<3xbf16>)
  return %0#0 : tensor<4x3xbf16>
}

// CHECK-LABEL: func.func @broadcasting
// CHECK:         %[[P:.*]] = stablehlo.broadcast_in_dim %arg1, dims = [0] : (tensor<3xf32>) -> tensor<3x4xf32>
// CHECK:         stablehlo.compare LT, %{{.*}}, %[[P]] : (tensor<3x4xf32>, tensor<3x4xf32>) -> tensor<3x4xi1>
func.func @broadcasting(%x: tensor<3x4xf32>, %y: tensor<3xf32>) -> tensor<3x4xi1> {
  %0 = chlo.broadcast_compare %x, %y {broadcast_dimensions = array<i64: 0>, comparison_direction = #chlo<comparison_direction LT>} : (tensor<3x4xf32>, tensor<3xf32>) -> tensor<3x4xi1>
  return %0 : tensor<3x4xi1>
}

// A size that is an operand and known all the same.
// CHECK-LABEL: func.func @known_size
// CHECK:         %[[R:.*]] = stablehlo.reshape %arg0 : (tensor<6xf32>) -> tensor<2x3xf32>
// CHECK:         stablehlo.broadcast_in_dim %[[R]], dims = [1, 2] : (tensor<2x3xf32>) -> tensor<4x2x3xf32>
func.func @known_size(%x: tensor<6xf32>, %s: tensor<2xi32>, %t: tensor<3xi32>) -> tensor<4x2x3xf32> {
  %0 = stablehlo.dynamic_reshape %x, %s : (tensor<6xf32>, tensor<2xi32>) -> tensor<2x3xf32>
  %1 = stablehlo.dynamic_broadcast_in_dim %0, %t, dims = [1, 2] : (tensor<2x3xf32>, tensor<3xi32>) -> tensor<4x2x3xf32>
  return %1 : tensor<4x2x3xf32>
}

// What JAX prints for CPUs: the factor fails where its diagonal is not positive.  An unknown letter, or a routine that
// StableHLO has no op for, stays.
// CHECK-LABEL: func.func @lapack
// CHECK:         %[[L:.*]] = stablehlo.cholesky %arg0, lower = true
// CHECK:         %[[T:.*]] = stablehlo.compare GE
// CHECK:         %[[F:.*]] = stablehlo.select %[[T]], %[[L]], %arg0
// CHECK:         %[[P:.*]] = stablehlo.compare GT, %[[L]], %{{.*}}
// CHECK:         stablehlo.not %[[P]]
// CHECK:         across dimensions = [1, 2] : (tensor<2x4x4xi32>, tensor<i32>) -> tensor<2xi32>
// CHECK:         "stablehlo.triangular_solve"(%[[F]], %arg1) <{left_side = true, lower = true, transpose_a = #stablehlo<transpose TRANSPOSE>, unit_diagonal = false}>
// CHECK:         stablehlo.custom_call @lapack_strsm_ffi
// CHECK:         stablehlo.custom_call @lapack_sgetrf_ffi
func.func @lapack(%x: tensor<2x4x4xf32>, %y: tensor<2x4x3xf32>) -> (tensor<2xi32>, tensor<2x4x3xf32>, tensor<2x4x3xf32>, tensor<2x4x4xf32>) {
  %0:2 = stablehlo.custom_call @lapack_spotrf_ffi(%x) {mhlo.backend_config = {uplo = 76 : ui8}} : (tensor<2x4x4xf32>) -> (tensor<2x4x4xf32>, tensor<2xi32>)
  %1 = stablehlo.custom_call @lapack_strsm_ffi(%0#0, %y) {mhlo.backend_config = {diag = 78 : ui8, side = 76 : ui8, trans_x = 84 : ui8, uplo = 76 : ui8}} : (tensor<2x4x4xf32>, tensor<2x4x3xf32>) -> tensor<2x4x3xf32>
  %2 = stablehlo.custom_call @lapack_strsm_ffi(%0#0, %y) {mhlo.backend_config = {diag = 78 : ui8, side = 90 : ui8, trans_x = 84 : ui8, uplo = 76 : ui8}} : (tensor<2x4x4xf32>, tensor<2x4x3xf32>) -> tensor<2x4x3xf32>
  %3 = stablehlo.custom_call @lapack_sgetrf_ffi(%x) : (tensor<2x4x4xf32>) -> tensor<2x4x4xf32>
  return %0#1, %1, %2, %3 : tensor<2xi32>, tensor<2x4x3xf32>, tensor<2x4x3xf32>, tensor<2x4x4xf32>
}
