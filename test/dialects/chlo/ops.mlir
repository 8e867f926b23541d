// The syntax of chlo, both ways.
// RUN: alpa-opt %s | FileCheck %s
// RUN: alpa-opt %s | alpa-opt | FileCheck %s
// RUN: alpa-opt %s --mlir-print-op-generic | alpa-opt | FileCheck %s

// CHECK-LABEL: func.func @unary
func.func @unary(%a: tensor<4x?xf32>, %c: tensor<2xcomplex<f32>>) {
  // CHECK: chlo.square %{{.*}} : tensor<4x?xf32> -> tensor<4x?xf32>
  %0 = chlo.square %a : tensor<4x?xf32> -> tensor<4x?xf32>
  // CHECK: chlo.erf_inv %{{.*}} {note = "x"} : tensor<4x?xf32> -> tensor<4x?xf32>
  %1 = chlo.erf_inv %a {note = "x"} : tensor<4x?xf32> -> tensor<4x?xf32>
  // CHECK: chlo.conj %{{.*}} : tensor<2xcomplex<f32>> -> tensor<2xcomplex<f32>>
  %2 = chlo.conj %c : tensor<2xcomplex<f32>> -> tensor<2xcomplex<f32>>
  // CHECK: chlo.is_pos_inf %{{.*}} : tensor<4x?xf32> -> tensor<4x?xi1>
  %3 = chlo.is_pos_inf %a : tensor<4x?xf32> -> tensor<4x?xi1>
  return
}

// CHECK-LABEL: func.func @binary
func.func @binary(%a: tensor<4x3xf32>, %b: tensor<3xf32>, %i: tensor<3xi32>, %p: tensor<i1>) {
  // CHECK: chlo.next_after %{{.*}}, %{{.*}} : tensor<3xf32>, tensor<3xf32> -> tensor<3xf32>
  %0 = chlo.next_after %b, %b : tensor<3xf32>, tensor<3xf32> -> tensor<3xf32>
  // CHECK: chlo.mulhi %{{.*}}, %{{.*}} : tensor<3xi32>, tensor<3xi32> -> tensor<3xi32>
  %1 = chlo.mulhi %i, %i : tensor<3xi32>, tensor<3xi32> -> tensor<3xi32>
  // CHECK: chlo.broadcast_add %{{.*}}, %{{.*}} : (tensor<4x3xf32>, tensor<3xf32>) -> tensor<4x3xf32>
  %2 = chlo.broadcast_add %a, %b : (tensor<4x3xf32>, tensor<3xf32>) -> tensor<4x3xf32>
  // CHECK: chlo.broadcast_compare %{{.*}}, %{{.*}} {broadcast_dimensions = array<i64: 1>, comparison_direction = #chlo<comparison_direction LT>} : (tensor<4x3xf32>, tensor<3xf32>) -> tensor<4x3xi1>
  %3 = chlo.broadcast_compare %a, %b {broadcast_dimensions = array<i64: 1>, comparison_direction = #chlo<comparison_direction LT>} : (tensor<4x3xf32>, tensor<3xf32>) -> tensor<4x3xi1>
  // CHECK: chlo.broadcast_select %{{.*}}, %{{.*}}, %{{.*}} : (tensor<i1>, tensor<4x3xf32>, tensor<3xf32>) -> tensor<4x3xf32>
  %4 = chlo.broadcast_select %p, %a, %b : (tensor<i1>, tensor<4x3xf32>, tensor<3xf32>) -> tensor<4x3xf32>
  return
}

// CHECK-LABEL: func.func @others
func.func @others(%a: tensor<4x8xf32>, %w: tensor<3x8x5xf32>, %g: tensor<3xi32>) {
  // CHECK: chlo.constant dense<[1.000000e+00, 2.000000e+00]> : tensor<2xf32>
  %0 = chlo.constant dense<[1.0, 2.0]> : tensor<2xf32>
  // CHECK: "chlo.constant_like"(%{{.*}}) <{value = 3.000000e+00 : f64}> : (tensor<4x8xf32>) -> tensor<4x8xf64>
  %1 = "chlo.constant_like"(%a) <{value = 3.0 : f64}> : (tensor<4x8xf32>) -> tensor<4x8xf64>
  // CHECK: chlo.top_k(%{{.*}}, k = 3) : tensor<4x8xf32> -> (tensor<4x3xf32>, tensor<4x3xi32>)
  %2:2 = chlo.top_k(%a, k = 3) : tensor<4x8xf32> -> (tensor<4x3xf32>, tensor<4x3xi32>)
  // CHECK: chlo.top_k(%{{.*}}, k = 3, is_stable = true) {note} : tensor<4x8xf32> -> (tensor<4x3xf32>, tensor<4x3xi32>)
  %3:2 = chlo.top_k(%a, k = 3, is_stable = true) {note} : tensor<4x8xf32> -> (tensor<4x3xf32>, tensor<4x3xi32>)
  // CHECK: "chlo.ragged_dot"(%{{.*}}) <{precision_config = [#chlo<precision DEFAULT>, #chlo<precision HIGHEST>], ragged_dot_dimension_numbers = #chlo.ragged_dot<lhs_contracting_dimensions = [1], rhs_contracting_dimensions = [1], lhs_ragged_dimensions = [0], rhs_group_dimensions = [0]>}> : (tensor<4x8xf32>, tensor<3x8x5xf32>, tensor<3xi32>) -> tensor<4x5xf32>
  %4 = "chlo.ragged_dot"(%a, %w, %g) <{precision_config = [#chlo<precision DEFAULT>, #chlo<precision HIGHEST>], ragged_dot_dimension_numbers = #chlo.ragged_dot<lhs_contracting_dimensions = [1], rhs_contracting_dimensions = [1], lhs_ragged_dimensions = [0], rhs_group_dimensions = [0]>}> : (tensor<4x8xf32>, tensor<3x8x5xf32>, tensor<3xi32>) -> tensor<4x5xf32>
  return
}
