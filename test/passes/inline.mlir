// RUN: alpa-opt %s --inline | FileCheck %s
// RUN: alpa-opt %s --inline --mlir-print-debuginfo --mlir-print-local-scope | FileCheck %s --check-prefix=LOC
// RUN: alpa-opt %s --inline --symbol-dce | FileCheck %s --check-prefix=DCE

// Calls of calls, twice each: callees are finished before they are copied.
// CHECK-LABEL: func.func public @main
// CHECK-NOT:     call
// CHECK:         %[[A:.*]] = stablehlo.add %arg0, %arg0
// CHECK:         %[[B:.*]] = stablehlo.multiply %[[A]], %[[A]]
// CHECK:         %[[C:.*]] = stablehlo.add %[[B]], %[[B]]
// CHECK:         %[[D:.*]] = stablehlo.multiply %[[C]], %[[C]]
// CHECK:         return %[[D]], %[[B]]
// LOC: stablehlo.add {{.*}} loc(callsite(callsite("double" at "squared") at "first"))
// LOC: stablehlo.add {{.*}} loc(callsite(callsite("double" at "squared") at "second"))
// DCE-NOT: private
func.func public @main(%x: tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>) {
  %0 = call @squared_double(%x) : (tensor<4xf32>) -> tensor<4xf32> loc("first")
  %1 = call @squared_double(%0) : (tensor<4xf32>) -> tensor<4xf32> loc("second")
  return %1, %0 : tensor<4xf32>, tensor<4xf32>
}

// The callee stays; symbol-dce takes it away.
// CHECK-LABEL: func.func private @squared_double
func.func private @squared_double(%x: tensor<4xf32>) -> tensor<4xf32> {
  %0 = call @double(%x) : (tensor<4xf32>) -> tensor<4xf32> loc("squared")
  %1 = stablehlo.multiply %0, %0 : tensor<4xf32>
  return %1 : tensor<4xf32>
}

func.func private @double(%x: tensor<4xf32>) -> tensor<4xf32> {
  %0 = stablehlo.add %x, %x : tensor<4xf32> loc("double")
  return %0 : tensor<4xf32>
}

// Inside regions; a callee may return its argument, or the same value twice.
// CHECK-LABEL: func.func public @in_loop
// CHECK:         stablehlo.while
// CHECK:         cond
// CHECK:           stablehlo.compare
// CHECK:         do
// CHECK:           %[[NEXT:.*]] = stablehlo.subtract
// CHECK-NEXT:      stablehlo.return %[[NEXT]] : tensor<i32>
func.func public @in_loop(%n: tensor<i32>) -> tensor<i32> {
  %0 = stablehlo.while(%i = %n) : tensor<i32>
  cond {
    %1 = func.call @is_positive(%i) : (tensor<i32>) -> tensor<i1>
    stablehlo.return %1 : tensor<i1>
  } do {
    %1:2 = func.call @same_and_less(%i) : (tensor<i32>) -> (tensor<i32>, tensor<i32>)
    stablehlo.return %1#1 : tensor<i32>
  }
  return %0 : tensor<i32>
}
func.func private @is_positive(%i: tensor<i32>) -> tensor<i1> {
  %c = stablehlo.constant dense<0> : tensor<i32>
  %0 = stablehlo.compare GT, %i, %c, SIGNED : (tensor<i32>, tensor<i32>) -> tensor<i1>
  return %0 : tensor<i1>
}
func.func private @same_and_less(%i: tensor<i32>) -> (tensor<i32>, tensor<i32>) {
  %c = stablehlo.constant dense<1> : tensor<i32>
  %0 = stablehlo.subtract %i, %c : tensor<i32>
  return %i, %0 : tensor<i32>, tensor<i32>
}

// A composite is a call of its decomposition.
// CHECK-LABEL: func.func public @composite
// CHECK-NOT:     stablehlo.composite
// CHECK:         stablehlo.add
func.func public @composite(%x: tensor<4xf32>) -> tensor<4xf32> {
  %0 = stablehlo.composite "my.double" %x {decomposition = @double} : (tensor<4xf32>) -> tensor<4xf32>
  return %0 : tensor<4xf32>
}
