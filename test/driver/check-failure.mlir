// RUN: not alpa run %s --no-cache 2>&1 | FileCheck %s
// RUN: not alpa run %s --no-cache --backend=interpreter 2>&1 | FileCheck %s
// RUN: alpa plan %s --no-cache --cluster=host:2 -o %t.plan && not alpa run %s --no-cache --cluster=host:2 --plan=%t.plan 2>&1 | FileCheck %s

// A failed check says where it stands, what differs first and by how much; the checks behind it are made as well.

module {
  func.func public @main() -> tensor<2x2xf32> {
    %a, %b, %i = call @inputs() : () -> (tensor<2x2xf32>, tensor<2x2xf32>, tensor<2xi8>)
    // CHECK: failure.mlir:[[#@LINE+1]]:5: error: 'check.expect_close' failed: 2 of 4 elements differ, first [0, 1]: 1.00000048, expected 1; 4 ULPs apart, 0 to 3 allowed; at worst 8
    stablehlo.custom_call @check.expect_close(%a, %b) {has_side_effect = true} : (tensor<2x2xf32>, tensor<2x2xf32>) -> ()
    // CHECK: failure.mlir:[[#@LINE+1]]:5: error: 'check.expect_eq' failed: 3 of 4 elements differ, first [0, 0]: 1.00000012, expected 1; 1 ULPs apart
    stablehlo.custom_call @check.expect_eq(%a, %b) {has_side_effect = true} : (tensor<2x2xf32>, tensor<2x2xf32>) -> ()
    // CHECK-NOT: error
    stablehlo.custom_call @check.expect_close(%a, %b) {has_side_effect = true, max_ulp_difference = 8 : i64} : (tensor<2x2xf32>, tensor<2x2xf32>) -> ()
    stablehlo.custom_call @check.expect_almost_eq(%a, %b) {has_side_effect = true} : (tensor<2x2xf32>, tensor<2x2xf32>) -> ()
    // CHECK: failure.mlir:[[#@LINE+2]]:5: error: 'check.expect_eq' failed: 1 of 2 elements differ, first [1]: -7, expected 0{{$}}
    %zero = stablehlo.constant dense<0> : tensor<2xi8>
    stablehlo.custom_call @check.expect_eq(%i, %zero) {has_side_effect = true} : (tensor<2xi8>, tensor<2xi8>) -> ()
    return %a : tensor<2x2xf32>
  }
  func.func private @inputs() -> (tensor<2x2xf32>, tensor<2x2xf32>, tensor<2xi8>) {
    %0 = stablehlo.constant dense<[[0x3F800001, 0x3F800004], [0x3F800008, 2.0]]> : tensor<2x2xf32>
    %1 = stablehlo.constant dense<[[1.0, 1.0], [1.0, 2.0]]> : tensor<2x2xf32>
    %2 = stablehlo.constant dense<[0, -7]> : tensor<2xi8>
    return %0, %1, %2 : tensor<2x2xf32>, tensor<2x2xf32>, tensor<2xi8>
  }
}
