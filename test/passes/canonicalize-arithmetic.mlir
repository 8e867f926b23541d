// RUN: alpa-opt %s --pass-pipeline='builtin.module(func.func(canonicalize))' | FileCheck %s

// CHECK-LABEL: func.func @neutral
// CHECK-NEXT:    return %arg0, %arg0, %arg0, %arg0, %arg0, %arg0
func.func @neutral(%x: tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>) {
  %zero = stablehlo.constant dense<0.0> : tensor<4xf32>
  %one = stablehlo.constant dense<1.0> : tensor<4xf32>
  %low = stablehlo.constant dense<0xFF800000> : tensor<4xf32>
  %high = stablehlo.constant dense<0x7F800000> : tensor<4xf32>
  %0 = stablehlo.add %zero, %x : tensor<4xf32>
  %1 = stablehlo.subtract %x, %zero : tensor<4xf32>
  %2 = stablehlo.multiply %one, %x : tensor<4xf32>
  %3 = stablehlo.divide %x, %one : tensor<4xf32>
  %4 = stablehlo.maximum %low, %x : tensor<4xf32>
  %5 = stablehlo.minimum %x, %high : tensor<4xf32>
  return %0, %1, %2, %3, %4, %5 : tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>
}

// The neutral element may be broadcast.
// CHECK-LABEL: func.func @broadcast_neutral
// CHECK-NEXT:    return %arg0
func.func @broadcast_neutral(%x: tensor<2x3xbf16>) -> tensor<2x3xbf16> {
  %zero = stablehlo.constant dense<0.0> : tensor<bf16>
  %0 = stablehlo.broadcast_in_dim %zero, dims = [] : (tensor<bf16>) -> tensor<2x3xbf16>
  %1 = stablehlo.add %x, %0 : tensor<2x3xbf16>
  return %1 : tensor<2x3xbf16>
}

// CHECK-LABEL: func.func @whole_numbers
// CHECK-DAG:     %[[Z:.*]] = stablehlo.constant dense<0> : tensor<4xi32>
// CHECK-DAG:     %[[N:.*]] = stablehlo.negate %arg0
// CHECK:         return %[[Z1:.*]], %[[Z2:.*]], %[[N]]
func.func @whole_numbers(%x: tensor<4xi32>) -> (tensor<4xi32>, tensor<4xi32>, tensor<4xi32>) {
  %zero = stablehlo.constant dense<0> : tensor<4xi32>
  %0 = stablehlo.subtract %x, %x : tensor<4xi32>
  %1 = stablehlo.multiply %x, %zero : tensor<4xi32>
  %2 = stablehlo.subtract %zero, %x : tensor<4xi32>
  return %0, %1, %2 : tensor<4xi32>, tensor<4xi32>, tensor<4xi32>
}

// NaN and infinities: x - x and 0 * x stay for floats.
// CHECK-LABEL: func.func @not_for_floats
// CHECK:         stablehlo.subtract %arg0, %arg0
// CHECK:         stablehlo.multiply %arg0
func.func @not_for_floats(%x: tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>) {
  %zero = stablehlo.constant dense<0.0> : tensor<4xf32>
  %0 = stablehlo.subtract %x, %x : tensor<4xf32>
  %1 = stablehlo.multiply %x, %zero : tensor<4xf32>
  return %0, %1 : tensor<4xf32>, tensor<4xf32>
}

// CHECK-LABEL: func.func @power
// CHECK:         %[[S:.*]] = stablehlo.multiply %arg0, %arg0
// CHECK:         return %arg0, %[[S]]
func.func @power(%x: tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>) {
  %one = stablehlo.constant dense<1.0> : tensor<4xf32>
  %two = stablehlo.constant dense<2.0> : tensor<4xf32>
  %0 = stablehlo.power %x, %one : tensor<4xf32>
  %1 = stablehlo.power %x, %two : tensor<4xf32>
  return %0, %1 : tensor<4xf32>, tensor<4xf32>
}

// CHECK-LABEL: func.func @logic
// CHECK-DAG:     %[[NOT:.*]] = stablehlo.not %arg0
// CHECK-DAG:     %[[F:.*]] = stablehlo.constant dense<false>
// CHECK:         return %arg0, %[[F]], %arg0, %[[NOT]], %arg0
func.func @logic(%p: tensor<i1>) -> (tensor<i1>, tensor<i1>, tensor<i1>, tensor<i1>, tensor<i1>) {
  %true = stablehlo.constant dense<true> : tensor<i1>
  %false = stablehlo.constant dense<false> : tensor<i1>
  %0 = stablehlo.and %true, %p : tensor<i1>
  %1 = stablehlo.and %p, %false : tensor<i1>
  %2 = stablehlo.or %p, %p : tensor<i1>
  %3 = stablehlo.xor %p, %true : tensor<i1>
  %4 = stablehlo.not %3 : tensor<i1>
  return %0, %1, %2, %3, %4 : tensor<i1>, tensor<i1>, tensor<i1>, tensor<i1>, tensor<i1>
}

// not(a < b) is a >= b for whole numbers only; constants go to the right.
// CHECK-LABEL: func.func @compare
// CHECK:         stablehlo.compare GE, %arg0, %arg1, SIGNED
// CHECK:         stablehlo.compare NE, %arg2, %arg3, FLOAT
// CHECK:         stablehlo.compare LT, %arg2, %arg3, FLOAT
// CHECK:         stablehlo.not
// CHECK:         stablehlo.compare GT, %arg0, %
func.func @compare(%a: tensor<i32>, %b: tensor<i32>, %x: tensor<f32>, %y: tensor<f32>) -> (tensor<i1>, tensor<i1>, tensor<i1>, tensor<i1>) {
  %c = stablehlo.constant dense<3> : tensor<i32>
  %0 = stablehlo.compare LT, %a, %b, SIGNED : (tensor<i32>, tensor<i32>) -> tensor<i1>
  %1 = stablehlo.not %0 : tensor<i1>
  %2 = stablehlo.compare EQ, %x, %y, FLOAT : (tensor<f32>, tensor<f32>) -> tensor<i1>
  %3 = stablehlo.not %2 : tensor<i1>
  %4 = stablehlo.compare LT, %x, %y, FLOAT : (tensor<f32>, tensor<f32>) -> tensor<i1>
  %5 = stablehlo.not %4 : tensor<i1>
  %6 = stablehlo.compare LT, %c, %a, SIGNED : (tensor<i32>, tensor<i32>) -> tensor<i1>
  return %1, %3, %5, %6 : tensor<i1>, tensor<i1>, tensor<i1>, tensor<i1>
}

// CHECK-LABEL: func.func @select
// CHECK:         %[[S:.*]] = stablehlo.select %arg0, %arg2, %arg1
// CHECK:         return %arg1, %arg1, %arg2, %[[S]]
func.func @select(%p: tensor<i1>, %x: tensor<f32>, %y: tensor<f32>) -> (tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>) {
  %true = stablehlo.constant dense<true> : tensor<i1>
  %false = stablehlo.constant dense<false> : tensor<i1>
  %0 = stablehlo.select %p, %x, %x : tensor<i1>, tensor<f32>
  %1 = stablehlo.select %true, %x, %y : tensor<i1>, tensor<f32>
  %2 = stablehlo.select %false, %x, %y : tensor<i1>, tensor<f32>
  %n = stablehlo.not %p : tensor<i1>
  %3 = stablehlo.select %n, %x, %y : tensor<i1>, tensor<f32>
  return %0, %1, %2, %3 : tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>
}

// A conversion through a wider type is one conversion; through a narrower one it rounds.  A float that was rounded to a
// type before returns to it unchanged; one that was not is rounded (an element of the field need not be of the format).
// CHECK-LABEL: func.func @convert
// CHECK:         %[[H:.*]] = stablehlo.convert %arg1 : (tensor<4xf32>) -> tensor<4xbf16>
// CHECK:         %[[W:.*]] = stablehlo.convert %[[H]] : (tensor<4xbf16>) -> tensor<4xf32>
// CHECK:         %[[D:.*]] = stablehlo.convert %arg2 : (tensor<4xi8>) -> tensor<4xf64>
// CHECK:         %[[E:.*]] = stablehlo.convert %arg0 : (tensor<4xbf16>) -> tensor<4xf64>
// CHECK:         %[[B:.*]] = stablehlo.convert %[[E]] : (tensor<4xf64>) -> tensor<4xbf16>
// CHECK:         return %[[H]], %[[W]], %[[D]], %[[E]], %[[B]]
func.func @convert(%h: tensor<4xbf16>, %x: tensor<4xf32>, %i: tensor<4xi8>) -> (tensor<4xbf16>, tensor<4xf32>, tensor<4xf64>, tensor<4xf64>, tensor<4xbf16>) {
  %0 = stablehlo.convert %x : (tensor<4xf32>) -> tensor<4xbf16>
  %1 = stablehlo.convert %0 : (tensor<4xbf16>) -> tensor<4xf32>
  %2 = stablehlo.convert %1 : (tensor<4xf32>) -> tensor<4xbf16>
  %3 = stablehlo.convert %i : (tensor<4xi8>) -> tensor<4xi32>
  %4 = stablehlo.convert %3 : (tensor<4xi32>) -> tensor<4xf64>
  %5 = stablehlo.convert %h : (tensor<4xbf16>) -> tensor<4xf32>
  %6 = stablehlo.convert %5 : (tensor<4xf32>) -> tensor<4xf64>
  %7 = stablehlo.convert %6 : (tensor<4xf64>) -> tensor<4xbf16>
  return %2, %1, %4, %6, %7 : tensor<4xbf16>, tensor<4xf32>, tensor<4xf64>, tensor<4xf64>, tensor<4xbf16>
}

// Hints stay on the op that they are about.
// CHECK-LABEL: func.func @annotated
// CHECK:         stablehlo.add
func.func @annotated(%x: tensor<4xf32>) -> tensor<4xf32> {
  %zero = stablehlo.constant dense<0.0> : tensor<4xf32>
  %0 = stablehlo.add %x, %zero {alpa.layer = 1 : i64} : tensor<4xf32>
  return %0 : tensor<4xf32>
}

// CHECK-LABEL: func.func @evaluated
// CHECK-DAG:     %[[A:.*]] = stablehlo.constant dense<[3, 5]> : tensor<2xi32>
// CHECK-DAG:     %[[B:.*]] = stablehlo.constant dense<true> : tensor<i1>
// CHECK:         return %[[A]], %[[B]]
func.func @evaluated() -> (tensor<2xi32>, tensor<i1>) {
  %0 = stablehlo.constant dense<[1, 2]> : tensor<2xi32>
  %1 = stablehlo.constant dense<[2, 3]> : tensor<2xi32>
  %2 = stablehlo.add %0, %1 : tensor<2xi32>
  %3 = stablehlo.constant dense<1> : tensor<i32>
  %4 = stablehlo.constant dense<2> : tensor<i32>
  %5 = stablehlo.compare LT, %3, %4, SIGNED : (tensor<i32>, tensor<i32>) -> tensor<i1>
  return %2, %5 : tensor<2xi32>, tensor<i1>
}

// Numbers from 0 to 7 against constants.
// CHECK-LABEL: func.func @compare_iota
// CHECK-DAG:     %[[T:.*]] = stablehlo.constant dense<true> : tensor<8xi1>
// CHECK-DAG:     %[[F:.*]] = stablehlo.constant dense<false> : tensor<8xi1>
// CHECK-DAG:     %[[C:.*]] = stablehlo.compare LT, %{{.*}}, %{{.*}} : (tensor<8xi32>, tensor<8xi32>)
// CHECK:         return %[[F]], %[[T]], %[[C]]
func.func @compare_iota() -> (tensor<8xi1>, tensor<8xi1>, tensor<8xi1>) {
  %0 = stablehlo.iota dim = 0 : tensor<8xi32>
  %zero = stablehlo.constant dense<0> : tensor<8xi32>
  %seven = stablehlo.constant dense<7> : tensor<8xi32>
  %1 = stablehlo.compare LT, %0, %zero : (tensor<8xi32>, tensor<8xi32>) -> tensor<8xi1>
  %2 = stablehlo.compare LE, %0, %seven : (tensor<8xi32>, tensor<8xi32>) -> tensor<8xi1>
  %3 = stablehlo.compare LT, %0, %seven : (tensor<8xi32>, tensor<8xi32>) -> tensor<8xi1>
  return %1, %2, %3 : tensor<8xi1>, tensor<8xi1>, tensor<8xi1>
}
