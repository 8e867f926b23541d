// What the verifiers of func and builtin refuse.
// RUN: alpa-opt %s -split-input-file -verify-diagnostics

// expected-error @below {{expects as many dictionaries in 'arg_attrs' as arguments (1), got 2}}
"func.func"() <{arg_attrs = [{}, {}], function_type = (tensor<f32>) -> (), sym_name = "f"}> ({
^bb0(%a: tensor<f32>):
  return
}) : () -> ()

// -----

// expected-error @below {{expects 'res_attrs' to hold dictionaries, entry 0 is none}}
"func.func"() <{res_attrs = [1 : i64], function_type = () -> (tensor<f32>), sym_name = "f", sym_visibility = "private"}> ({}) : () -> ()

// -----

// expected-error @below {{entry block must have 1 arguments to match the function type, got 0}}
"func.func"() <{function_type = (tensor<f32>) -> (), sym_name = "f"}> ({
  "func.return"() : () -> ()
}) : () -> ()

// -----

// expected-error @below {{type of entry block argument #0 ('tensor<f64>') must match the function type ('tensor<f32>')}}
"func.func"() <{function_type = (tensor<f32>) -> (), sym_name = "f"}> ({
^bb0(%a: tensor<f64>):
  "func.return"() : () -> ()
}) : () -> ()

// -----

// expected-error @below {{expects a function type, got 'tensor<f32>'}}
"func.func"() <{function_type = tensor<f32>, sym_name = "f"}> ({
  "func.return"() : () -> ()
}) : () -> ()

// -----

// expected-error @below {{visibility must be 'public', 'private' or 'nested', got 'secret'}}
"func.func"() <{function_type = () -> (), sym_name = "f", sym_visibility = "secret"}> ({
  "func.return"() : () -> ()
}) : () -> ()

// -----

// expected-error @below {{symbol declaration cannot have public visibility}}
func.func @f()

// -----

func.func @f() -> tensor<f32> {
  // expected-error @below {{has 0 operands, but enclosing function (@f) returns 1}}
  return
}

// -----

func.func @f(%a: tensor<f64>) -> tensor<f32> {
  // expected-error @below {{type of return operand 0 ('tensor<f64>') doesn't match function result type ('tensor<f32>')}}
  return %a : tensor<f64>
}

// -----

func.func @f() {
  // expected-error @below {{'g' does not reference a valid function}}
  call @g() : () -> ()
  return
}

// -----

func.func private @g(tensor<f32>)
func.func @f() {
  // expected-error @below {{passes 0 operands, but 'g' takes 1}}
  call @g() : () -> ()
  return
}

// -----

func.func private @g() -> tensor<f32>
func.func @f() {
  // expected-error @below {{expects 0 results, but 'g' returns 1}}
  call @g() : () -> ()
  return
}

// -----

func.func private @g(tensor<f32>)
func.func @f(%a: tensor<f64>) {
  // expected-error @below {{operand type mismatch: expected operand type 'tensor<f32>', but provided 'tensor<f64>' for operand number 0 of 'g'}}
  call @g(%a) : (tensor<f64>) -> ()
  return
}

// -----

func.func private @g() -> tensor<f32>
func.func @f() {
  // expected-error @below {{result type mismatch: 'g' returns 'tensor<f32>' as result 0, the call says 'tensor<f64>'}}
  %0 = call @g() : () -> tensor<f64>
  return
}

// -----

func.func @f(%a: tensor<i1>) {
  // expected-error @below {{expects branch 0 to end in 'stablehlo.return', got 'func.return'}}
  "stablehlo.if"(%a) ({
    // expected-error @below {{expects parent op 'func.func', got 'stablehlo.if'}}
    "func.return"() : () -> ()
  }, {
    "stablehlo.return"() : () -> ()
  }) : (tensor<i1>) -> ()
  return
}

// -----

// expected-error @below {{expects a block without arguments, got 1}}
"builtin.module"() ({
^bb0(%a: tensor<f32>):
}) : () -> ()
