// RUN: alpa run %s --no-cache --backend=interpreter
// RUN: alpa run %s --no-cache

// stablehlo.sort, stable, of two operands; chlo.top_k

module {
  func.func public @main() {
    %in:8 = call @inputs() : () -> (tensor<4xi16>, tensor<4xi32>, tensor<4xui8>, tensor<4xi32>, tensor<4xf32>, tensor<4xi32>, tensor<4xf64>, tensor<4xi32>)
    %ex:16 = call @expected() : () -> (tensor<4xi16>, tensor<4xi32>, tensor<2xi16>, tensor<2xi32>, tensor<4xui8>, tensor<4xi32>, tensor<2xui8>, tensor<2xi32>, tensor<4xf32>, tensor<4xi32>, tensor<2xf32>, tensor<2xi32>, tensor<4xf64>, tensor<4xi32>, tensor<2xf64>, tensor<2xi32>)
    %r1:2 = "stablehlo.sort"(%in#0, %in#1) <{dimension = 0 : i64, is_stable = true}> ({
    ^bb0(%a: tensor<i16>, %b: tensor<i16>, %c: tensor<i32>, %d: tensor<i32>):
      %p = stablehlo.compare LT, %a, %b : (tensor<i16>, tensor<i16>) -> tensor<i1>
      stablehlo.return %p : tensor<i1>
    }) : (tensor<4xi16>, tensor<4xi32>) -> (tensor<4xi16>, tensor<4xi32>)
    stablehlo.custom_call @check.expect_eq(%r1#0, %ex#0) {has_side_effect = true} : (tensor<4xi16>, tensor<4xi16>) -> ()
    stablehlo.custom_call @check.expect_eq(%r1#1, %ex#1) {has_side_effect = true} : (tensor<4xi32>, tensor<4xi32>) -> ()
    %r2:2 = chlo.top_k(%in#0, k = 2) : tensor<4xi16> -> (tensor<2xi16>, tensor<2xi32>)
    stablehlo.custom_call @check.expect_eq(%r2#0, %ex#2) {has_side_effect = true} : (tensor<2xi16>, tensor<2xi16>) -> ()
    stablehlo.custom_call @check.expect_eq(%r2#1, %ex#3) {has_side_effect = true} : (tensor<2xi32>, tensor<2xi32>) -> ()
    %r3:2 = "stablehlo.sort"(%in#2, %in#3) <{dimension = 0 : i64, is_stable = true}> ({
    ^bb0(%a: tensor<ui8>, %b: tensor<ui8>, %c: tensor<i32>, %d: tensor<i32>):
      %p = stablehlo.compare LT, %a, %b : (tensor<ui8>, tensor<ui8>) -> tensor<i1>
      stablehlo.return %p : tensor<i1>
    }) : (tensor<4xui8>, tensor<4xi32>) -> (tensor<4xui8>, tensor<4xi32>)
    stablehlo.custom_call @check.expect_eq(%r3#0, %ex#4) {has_side_effect = true} : (tensor<4xui8>, tensor<4xui8>) -> ()
    stablehlo.custom_call @check.expect_eq(%r3#1, %ex#5) {has_side_effect = true} : (tensor<4xi32>, tensor<4xi32>) -> ()
    %r4:2 = chlo.top_k(%in#2, k = 2) : tensor<4xui8> -> (tensor<2xui8>, tensor<2xi32>)
    stablehlo.custom_call @check.expect_eq(%r4#0, %ex#6) {has_side_effect = true} : (tensor<2xui8>, tensor<2xui8>) -> ()
    stablehlo.custom_call @check.expect_eq(%r4#1, %ex#7) {has_side_effect = true} : (tensor<2xi32>, tensor<2xi32>) -> ()
    %r5:2 = "stablehlo.sort"(%in#4, %in#5) <{dimension = 0 : i64, is_stable = true}> ({
    ^bb0(%a: tensor<f32>, %b: tensor<f32>, %c: tensor<i32>, %d: tensor<i32>):
      %p = stablehlo.compare LT, %a, %b : (tensor<f32>, tensor<f32>) -> tensor<i1>
      stablehlo.return %p : tensor<i1>
    }) : (tensor<4xf32>, tensor<4xi32>) -> (tensor<4xf32>, tensor<4xi32>)
    stablehlo.custom_call @check.expect_eq(%r5#0, %ex#8) {has_side_effect = true} : (tensor<4xf32>, tensor<4xf32>) -> ()
    stablehlo.custom_call @check.expect_eq(%r5#1, %ex#9) {has_side_effect = true} : (tensor<4xi32>, tensor<4xi32>) -> ()
    %r6:2 = chlo.top_k(%in#4, k = 2) : tensor<4xf32> -> (tensor<2xf32>, tensor<2xi32>)
    stablehlo.custom_call @check.expect_eq(%r6#0, %ex#10) {has_side_effect = true} : (tensor<2xf32>, tensor<2xf32>) -> ()
    stablehlo.custom_call @check.expect_eq(%r6#1, %ex#11) {has_side_effect = true} : (tensor<2xi32>, tensor<2xi32>) -> ()
    %r7:2 = "stablehlo.sort"(%in#6, %in#7) <{dimension = 0 : i64, is_stable = true}> ({
    ^bb0(%a: tensor<f64>, %b: tensor<f64>, %c: tensor<i32>, %d: tensor<i32>):
      %p = stablehlo.compare LT, %a, %b : (tensor<f64>, tensor<f64>) -> tensor<i1>
      stablehlo.return %p : tensor<i1>
    }) : (tensor<4xf64>, tensor<4xi32>) -> (tensor<4xf64>, tensor<4xi32>)
    stablehlo.custom_call @check.expect_eq(%r7#0, %ex#12) {has_side_effect = true} : (tensor<4xf64>, tensor<4xf64>) -> ()
    stablehlo.custom_call @check.expect_eq(%r7#1, %ex#13) {has_side_effect = true} : (tensor<4xi32>, tensor<4xi32>) -> ()
    %r8:2 = chlo.top_k(%in#6, k = 2) : tensor<4xf64> -> (tensor<2xf64>, tensor<2xi32>)
    stablehlo.custom_call @check.expect_eq(%r8#0, %ex#14) {has_side_effect = true} : (tensor<2xf64>, tensor<2xf64>) -> ()
    stablehlo.custom_call @check.expect_eq(%r8#1, %ex#15) {has_side_effect = true} : (tensor<2xi32>, tensor<2xi32>) -> ()
    return
  }
  func.func private @inputs() -> (tensor<4xi16>, tensor<4xi32>, tensor<4xui8>, tensor<4xi32>, tensor<4xf32>, tensor<4xi32>, tensor<4xf64>, tensor<4xi32>) {
    %0 = stablehlo.constant dense<[3, 1, 2, 1]> : tensor<4xi16>
    %1 = stablehlo.constant dense<[0, 1, 2, 3]> : tensor<4xi32>
    %2 = stablehlo.constant dense<[3, 1, 2, 1]> : tensor<4xui8>
    %3 = stablehlo.constant dense<[0, 1, 2, 3]> : tensor<4xi32>
    %4 = stablehlo.constant dense<[3.0, 1.0, 2.0, 1.0]> : tensor<4xf32>
    %5 = stablehlo.constant dense<[0, 1, 2, 3]> : tensor<4xi32>
    %6 = stablehlo.constant dense<[3.0, 1.0, 2.0, 1.0]> : tensor<4xf64>
    %7 = stablehlo.constant dense<[0, 1, 2, 3]> : tensor<4xi32>
    return %0, %1, %2, %3, %4, %5, %6, %7 : tensor<4xi16>, tensor<4xi32>, tensor<4xui8>, tensor<4xi32>, tensor<4xf32>, tensor<4xi32>, tensor<4xf64>, tensor<4xi32>
  }
  func.func private @expected() -> (tensor<4xi16>, tensor<4xi32>, tensor<2xi16>, tensor<2xi32>, tensor<4xui8>, tensor<4xi32>, tensor<2xui8>, tensor<2xi32>, tensor<4xf32>, tensor<4xi32>, tensor<2xf32>, tensor<2xi32>, tensor<4xf64>, tensor<4xi32>, tensor<2xf64>, tensor<2xi32>) {
    %0 = stablehlo.constant dense<[1, 1, 2, 3]> : tensor<4xi16>
    %1 = stablehlo.constant dense<[1, 3, 2, 0]> : tensor<4xi32>
    %2 = stablehlo.constant dense<[3, 2]> : tensor<2xi16>
    %3 = stablehlo.constant dense<[0, 2]> : tensor<2xi32>
    %4 = stablehlo.constant dense<[1, 1, 2, 3]> : tensor<4xui8>
    %5 = stablehlo.constant dense<[1, 3, 2, 0]> : tensor<4xi32>
    %6 = stablehlo.constant dense<[3, 2]> : tensor<2xui8>
    %7 = stablehlo.constant dense<[0, 2]> : tensor<2xi32>
    %8 = stablehlo.constant dense<[1.0, 1.0, 2.0, 3.0]> : tensor<4xf32>
    %9 = stablehlo.constant dense<[1, 3, 2, 0]> : tensor<4xi32>
    %10 = stablehlo.constant dense<[3.0, 2.0]> : tensor<2xf32>
    %11 = stablehlo.constant dense<[0, 2]> : tensor<2xi32>
    %12 = stablehlo.constant dense<[1.0, 1.0, 2.0, 3.0]> : tensor<4xf64>
    %13 = stablehlo.constant dense<[1, 3, 2, 0]> : tensor<4xi32>
    %14 = stablehlo.constant dense<[3.0, 2.0]> : tensor<2xf64>
    %15 = stablehlo.constant dense<[0, 2]> : tensor<2xi32>
    return %0, %1, %2, %3, %4, %5, %6, %7, %8, %9, %10, %11, %12, %13, %14, %15 : tensor<4xi16>, tensor<4xi32>, tensor<2xi16>, tensor<2xi32>, tensor<4xui8>, tensor<4xi32>, tensor<2xui8>, tensor<2xi32>, tensor<4xf32>, tensor<4xi32>, tensor<2xf32>, tensor<2xi32>, tensor<4xf64>, tensor<4xi32>, tensor<2xf64>, tensor<2xi32>
  }
}
