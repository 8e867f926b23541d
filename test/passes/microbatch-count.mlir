// RUN: alpa-opt %s --pass-pipeline='builtin.module(microbatch)' | FileCheck %s --check-prefix=FOUND
// RUN: alpa-opt %s --pass-pipeline='builtin.module(microbatch{count=4})' | FileCheck %s --check-prefix=GIVEN

// Without a count, the number is the one that another pass has found; the user's has precedence.

// FOUND: module attributes {alpa.microbatches = 2 : i64
// FOUND: alpa.phase = "body"
// GIVEN: module attributes {alpa.microbatches = 4 : i64
module attributes {alpa.microbatches = 2 : i64} {
  func.func @main(%x: tensor<8xf32>) -> tensor<8xf32> {
    %0 = stablehlo.sine %x : tensor<8xf32>
    return %0 : tensor<8xf32>
  }
}
