// RUN: alpa run %s --no-cache --backend=interpreter
// RUN: alpa run %s --no-cache

// control flow

module {
  func.func public @main() {
    %in:2 = call @inputs() : () -> (tensor<i32>, tensor<i32>)
    %ex:3 = call @expected() : () -> (tensor<i32>, tensor<i32>, tensor<i32>)
    %z = stablehlo.constant dense<0> : tensor<i32>
    %w:2 = stablehlo.while(%k = %in#0, %s = %z) : tensor<i32>, tensor<i32>
    cond {
      %c = stablehlo.compare GT, %k, %z : (tensor<i32>, tensor<i32>) -> tensor<i1>
      stablehlo.return %c : tensor<i1>
    } do {
      %one = stablehlo.constant dense<1> : tensor<i32>
      %n = stablehlo.subtract %k, %one : tensor<i32>
      %t = stablehlo.add %s, %k : tensor<i32>
      stablehlo.return %n, %t : tensor<i32>, tensor<i32>
    }
    stablehlo.custom_call @check.expect_eq(%w#1, %ex#0) {has_side_effect = true} : (tensor<i32>, tensor<i32>) -> ()
    %c = stablehlo.compare GT, %in#0, %in#1 : (tensor<i32>, tensor<i32>) -> tensor<i1>
    %q = "stablehlo.if"(%c) ({
      %a = stablehlo.multiply %in#0, %in#0 : tensor<i32>
      stablehlo.return %a : tensor<i32>
    }, {
      stablehlo.return %in#1 : tensor<i32>
    }) : (tensor<i1>) -> tensor<i32>
    stablehlo.custom_call @check.expect_eq(%q, %ex#1) {has_side_effect = true} : (tensor<i32>, tensor<i32>) -> ()
    %v = "stablehlo.case"(%in#1) ({
      stablehlo.return %in#0 : tensor<i32>
    }, {
      %b = stablehlo.add %in#0, %in#1 : tensor<i32>
      stablehlo.return %b : tensor<i32>
    }) : (tensor<i32>) -> tensor<i32>
    stablehlo.custom_call @check.expect_eq(%v, %ex#2) {has_side_effect = true} : (tensor<i32>, tensor<i32>) -> ()
    return
  }
  func.func private @inputs() -> (tensor<i32>, tensor<i32>) {
    %0 = stablehlo.constant dense<5> : tensor<i32>
    %1 = stablehlo.constant dense<1> : tensor<i32>
    return %0, %1 : tensor<i32>, tensor<i32>
  }
  func.func private @expected() -> (tensor<i32>, tensor<i32>, tensor<i32>) {
    %0 = stablehlo.constant dense<15> : tensor<i32>
    %1 = stablehlo.constant dense<25> : tensor<i32>
    %2 = stablehlo.constant dense<6> : tensor<i32>
    return %0, %1, %2 : tensor<i32>, tensor<i32>, tensor<i32>
  }
}
