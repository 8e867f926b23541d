// RUN: alpa-opt %s --pass-pipeline='builtin.module(func.func(canonicalize))' | FileCheck %s
// RUN: alpa-opt %s --pass-pipeline='builtin.module(func.func(canonicalize,dce))' | FileCheck %s --check-prefix=DCE

// CHECK-LABEL: func.func @reduce_one
// CHECK:         %[[R:.*]] = stablehlo.reshape %arg0 : (tensor<1x4xf32>) -> tensor<4xf32>
// CHECK:         %[[S:.*]] = stablehlo.reduce(%arg0
// CHECK:         return %[[R]], %[[S]]
func.func @reduce_one(%x: tensor<1x4xf32>) -> (tensor<4xf32>, tensor<4xf32>) {
  %zero = stablehlo.constant dense<0.0> : tensor<f32>
  %one = stablehlo.constant dense<1.0> : tensor<f32>
  %0 = stablehlo.reduce(%x init: %zero) applies stablehlo.add across dimensions = [0] : (tensor<1x4xf32>, tensor<f32>) -> tensor<4xf32>
  %1 = stablehlo.reduce(%x init: %one) applies stablehlo.add across dimensions = [0] : (tensor<1x4xf32>, tensor<f32>) -> tensor<4xf32>
  return %0, %1 : tensor<4xf32>, tensor<4xf32>
}

// What the body passes on unchanged is seen from outside; dce then takes its slot away.
// CHECK-LABEL: func.func @invariant
// CHECK:         do
// CHECK:           stablehlo.add %{{.*}}, %arg1
// CHECK:         return %{{.*}}#1, %arg1
// DCE-LABEL: func.func @invariant
// DCE:         :2 = stablehlo.while
func.func @invariant(%n: tensor<i32>, %step: tensor<f32>) -> (tensor<f32>, tensor<f32>) {
  %zero = stablehlo.constant dense<0> : tensor<i32>
  %one = stablehlo.constant dense<1> : tensor<i32>
  %init = stablehlo.constant dense<0.0> : tensor<f32>
  %0:3 = stablehlo.while(%i = %n, %sum = %init, %s = %step) : tensor<i32>, tensor<f32>, tensor<f32>
  cond {
    %1 = stablehlo.compare GT, %i, %zero, SIGNED : (tensor<i32>, tensor<i32>) -> tensor<i1>
    stablehlo.return %1 : tensor<i1>
  } do {
    %1 = stablehlo.subtract %i, %one : tensor<i32>
    %2 = stablehlo.add %sum, %s : tensor<f32>
    stablehlo.return %1, %2, %s : tensor<i32>, tensor<f32>, tensor<f32>
  }
  return %0#1, %0#2 : tensor<f32>, tensor<f32>
}

// CHECK-LABEL: func.func @never
// CHECK-NEXT:    return %arg0
func.func @never(%x: tensor<f32>) -> tensor<f32> {
  %0 = stablehlo.while(%i = %x) : tensor<f32>
  cond {
    %c = stablehlo.constant dense<false> : tensor<i1>
    stablehlo.return %c : tensor<i1>
  } do {
    %1 = stablehlo.sine %i : tensor<f32>
    stablehlo.return %1 : tensor<f32>
  }
  return %0 : tensor<f32>
}

// CHECK-LABEL: func.func @branches
// CHECK-NOT:     stablehlo.if
// CHECK:         %[[A:.*]] = stablehlo.sine %arg0
// CHECK-NOT:     stablehlo.case
// CHECK:         %[[B:.*]] = stablehlo.cosine %arg0
// CHECK:         return %[[A]], %[[B]]
func.func @branches(%x: tensor<f32>) -> (tensor<f32>, tensor<f32>) {
  %true = stablehlo.constant dense<true> : tensor<i1>
  %far = stablehlo.constant dense<-5> : tensor<i32>
  %0 = "stablehlo.if"(%true) ({
    %2 = stablehlo.sine %x : tensor<f32>
    stablehlo.return %2 : tensor<f32>
  }, {
    stablehlo.return %x : tensor<f32>
  }) : (tensor<i1>) -> tensor<f32>
  %1 = "stablehlo.case"(%far) ({
    stablehlo.return %x : tensor<f32>
  }, {
    %2 = stablehlo.cosine %x : tensor<f32>
    stablehlo.return %2 : tensor<f32>
  }) : (tensor<i32>) -> tensor<f32>
  return %0, %1 : tensor<f32>, tensor<f32>
}

// CHECK-LABEL: func.func @barrier
// CHECK:         %[[A:.*]] = stablehlo.optimization_barrier %arg0 : tensor<f32>
// CHECK:         %[[B:.*]] = stablehlo.optimization_barrier %arg1 : tensor<4xf32>
// CHECK:         return %[[A]], %[[B]]
func.func @barrier(%x: tensor<f32>, %y: tensor<4xf32>) -> (tensor<f32>, tensor<4xf32>) {
  %0:2 = stablehlo.optimization_barrier %x, %y : tensor<f32>, tensor<4xf32>
  return %0#0, %0#1 : tensor<f32>, tensor<4xf32>
}

// CHECK-LABEL: func.func @tuples
// CHECK-NEXT:    %[[S:.*]] = stablehlo.add %arg0, %arg1
// CHECK-NEXT:    return %[[S]]
func.func @tuples(%x: tensor<4xf32>, %y: tensor<4xf32>) -> tensor<4xf32> {
  %0 = stablehlo.tuple %x, %y : tuple<tensor<4xf32>, tensor<4xf32>>
  %1 = stablehlo.tuple %0, %y : tuple<tuple<tensor<4xf32>, tensor<4xf32>>, tensor<4xf32>>
  %2 = stablehlo.get_tuple_element %1[0] : (tuple<tuple<tensor<4xf32>, tensor<4xf32>>, tensor<4xf32>>) -> tuple<tensor<4xf32>, tensor<4xf32>>
  %3 = stablehlo.get_tuple_element %2[0] : (tuple<tensor<4xf32>, tensor<4xf32>>) -> tensor<4xf32>
  %4 = stablehlo.get_tuple_element %1[1] : (tuple<tuple<tensor<4xf32>, tensor<4xf32>>, tensor<4xf32>>) -> tensor<4xf32>
  %5 = stablehlo.add %3, %4 : tensor<4xf32>
  return %5 : tensor<4xf32>
}
