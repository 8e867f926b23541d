// Control flow, tuples and calls.
// RUN: alpa-opt %s -split-input-file -verify-diagnostics

func.func @f(%a: tensor<i32>) {
  // expected-error @below {{expects the condition to have one block, got none}}
  %0 = "stablehlo.while"(%a) ({}, {
  ^bb0(%x0: tensor<i32>):
    "stablehlo.return"(%x0) : (tensor<i32>) -> ()
  }) : (tensor<i32>) -> tensor<i32>
  return
}

// -----

func.func @f(%a: tensor<i32>) {
  // expected-error @below {{expects the body to take as many arguments as there are operands (1), got 2}}
  %0 = "stablehlo.while"(%a) ({
  ^bb0(%x0: tensor<i32>):
    %p = stablehlo.constant dense<true> : tensor<i1>
    "stablehlo.return"(%p) : (tensor<i1>) -> ()
  }, {
  ^bb0(%x0: tensor<i32>, %x1: tensor<i32>):
    "stablehlo.return"(%x0) : (tensor<i32>) -> ()
  }) : (tensor<i32>) -> tensor<i32>
  return
}

// -----

func.func @f(%a: tensor<i32>) {
  // expected-error @below {{expects argument 0 of the condition to have the type of the operand, 'tensor<i32>', got 'tensor<i64>'}}
  %0 = "stablehlo.while"(%a) ({
  ^bb0(%x0: tensor<i64>):
    %p = stablehlo.constant dense<true> : tensor<i1>
    "stablehlo.return"(%p) : (tensor<i1>) -> ()
  }, {
  ^bb0(%x0: tensor<i32>):
    "stablehlo.return"(%x0) : (tensor<i32>) -> ()
  }) : (tensor<i32>) -> tensor<i32>
  return
}

// -----

func.func @f(%a: tensor<i32>) {
  // expected-error @below {{expects the condition to return 1 value, got 2}}
  %0 = "stablehlo.while"(%a) ({
  ^bb0(%x0: tensor<i32>):
    %p = stablehlo.constant dense<true> : tensor<i1>
    "stablehlo.return"(%p, %p) : (tensor<i1>, tensor<i1>) -> ()
  }, {
  ^bb0(%x0: tensor<i32>):
    "stablehlo.return"(%x0) : (tensor<i32>) -> ()
  }) : (tensor<i32>) -> tensor<i32>
  return
}

// -----

func.func @f(%a: tensor<i32>) {
  // expected-error @below {{expects the value of the condition to be a tensor of i1, got 'tensor<i32>'}}
  %0 = "stablehlo.while"(%a) ({
  ^bb0(%x0: tensor<i32>):
    "stablehlo.return"(%x0) : (tensor<i32>) -> ()
  }, {
  ^bb0(%x0: tensor<i32>):
    "stablehlo.return"(%x0) : (tensor<i32>) -> ()
  }) : (tensor<i32>) -> tensor<i32>
  return
}

// -----

func.func @f(%a: tensor<i32>) {
  // expected-error @below {{expects the value of the condition to be a tensor of rank 0, got 'tensor<1xi1>'}}
  %0 = "stablehlo.while"(%a) ({
  ^bb0(%x0: tensor<i32>):
    %p = stablehlo.constant dense<true> : tensor<1xi1>
    "stablehlo.return"(%p) : (tensor<1xi1>) -> ()
  }, {
  ^bb0(%x0: tensor<i32>):
    "stablehlo.return"(%x0) : (tensor<i32>) -> ()
  }) : (tensor<i32>) -> tensor<i32>
  return
}

// -----

func.func @f(%a: tensor<i32>) {
  // expected-error @below {{expects the body to return as many values as there are results (1), got 2}}
  %0 = "stablehlo.while"(%a) ({
  ^bb0(%x0: tensor<i32>):
    %p = stablehlo.constant dense<true> : tensor<i1>
    "stablehlo.return"(%p) : (tensor<i1>) -> ()
  }, {
  ^bb0(%x0: tensor<i32>):
    "stablehlo.return"(%x0, %x0) : (tensor<i32>, tensor<i32>) -> ()
  }) : (tensor<i32>) -> tensor<i32>
  return
}

// -----

func.func @f(%a: tensor<i32>) {
  // expected-error @below {{expects value 0 of the body to have the type of the result, 'tensor<i32>', got 'tensor<i1>'}}
  %0 = "stablehlo.while"(%a) ({
  ^bb0(%x0: tensor<i32>):
    %p = stablehlo.constant dense<true> : tensor<i1>
    "stablehlo.return"(%p) : (tensor<i1>) -> ()
  }, {
  ^bb0(%x0: tensor<i32>):
    %p = stablehlo.constant dense<true> : tensor<i1>
    "stablehlo.return"(%p) : (tensor<i1>) -> ()
  }) : (tensor<i32>) -> tensor<i32>
  return
}

// -----

func.func @f(%a: tensor<i32>) {
  // expected-error @below {{expects result #0 of type 'tensor<i32>', got 'tensor<i64>'}}
  %0 = "stablehlo.while"(%a) ({
  ^bb0(%x0: tensor<i32>):
    %p = stablehlo.constant dense<true> : tensor<i1>
    "stablehlo.return"(%p) : (tensor<i1>) -> ()
  }, {
  ^bb0(%x0: tensor<i32>):
    "stablehlo.return"(%x0) : (tensor<i32>) -> ()
  }) : (tensor<i32>) -> tensor<i64>
  return
}

// -----

func.func @f(%a: tensor<i32>) {
  // expected-error @below {{expects the predicate to be a tensor of i1, got 'tensor<i32>'}}
  %0 = "stablehlo.if"(%a) ({
    %v = stablehlo.constant dense<0.0> : tensor<f32>
    "stablehlo.return"(%v) : (tensor<f32>) -> ()
  }, {
    %v = stablehlo.constant dense<0.0> : tensor<f32>
    "stablehlo.return"(%v) : (tensor<f32>) -> ()
  }) : (tensor<i32>) -> tensor<f32>
  return
}

// -----

func.func @f(%a: tensor<2xi1>) {
  // expected-error @below {{expects the predicate to be a tensor of rank 0, got 'tensor<2xi1>'}}
  %0 = "stablehlo.if"(%a) ({
    %v = stablehlo.constant dense<0.0> : tensor<f32>
    "stablehlo.return"(%v) : (tensor<f32>) -> ()
  }, {
    %v = stablehlo.constant dense<0.0> : tensor<f32>
    "stablehlo.return"(%v) : (tensor<f32>) -> ()
  }) : (tensor<2xi1>) -> tensor<f32>
  return
}

// -----

func.func @f(%a: tensor<i1>) {
  // expected-error @below {{expects branch 1 to take no arguments, got 1}}
  %0 = "stablehlo.if"(%a) ({
    %v = stablehlo.constant dense<0.0> : tensor<f32>
    "stablehlo.return"(%v) : (tensor<f32>) -> ()
  }, {
  ^bb0(%x0: tensor<f32>):
    "stablehlo.return"(%x0) : (tensor<f32>) -> ()
  }) : (tensor<i1>) -> tensor<f32>
  return
}

// -----

func.func @f(%a: tensor<i1>) {
  // expected-error @below {{expects value 0 of branch 1 to have the type of the result, 'tensor<f32>', got 'tensor<f64>'}}
  %0 = "stablehlo.if"(%a) ({
    %v = stablehlo.constant dense<0.0> : tensor<f32>
    "stablehlo.return"(%v) : (tensor<f32>) -> ()
  }, {
    %v = stablehlo.constant dense<0.0> : tensor<f64>
    "stablehlo.return"(%v) : (tensor<f64>) -> ()
  }) : (tensor<i1>) -> tensor<f32>
  return
}

// -----

func.func @f(%a: tensor<i1>) {
  // expected-error @below {{expects branch 1 to return as many values as there are results (1), got 0}}
  %0 = "stablehlo.if"(%a) ({
    %v = stablehlo.constant dense<0.0> : tensor<f32>
    "stablehlo.return"(%v) : (tensor<f32>) -> ()
  }, {
    "stablehlo.return"() : () -> ()
  }) : (tensor<i1>) -> tensor<f32>
  return
}

// -----

func.func @f(%a: tensor<i1>) {
  // expected-error @below {{expects result #0 of type 'tensor<f32>', got 'tensor<f64>'}}
  %0 = "stablehlo.if"(%a) ({
    %v = stablehlo.constant dense<0.0> : tensor<f32>
    "stablehlo.return"(%v) : (tensor<f32>) -> ()
  }, {
    %v = stablehlo.constant dense<0.0> : tensor<f32>
    "stablehlo.return"(%v) : (tensor<f32>) -> ()
  }) : (tensor<i1>) -> tensor<f64>
  return
}

// -----

func.func @f(%a: tensor<i64>) {
  // expected-error @below {{expects the index to be 'tensor<i32>', got 'tensor<i64>'}}
  %0 = "stablehlo.case"(%a) ({
    %v = stablehlo.constant dense<0.0> : tensor<f32>
    "stablehlo.return"(%v) : (tensor<f32>) -> ()
  }) : (tensor<i64>) -> tensor<f32>
  return
}

// -----

func.func @f(%a: tensor<i32>) {
  // expected-error @below {{expects at least one branch, got none}}
  %0 = "stablehlo.case"(%a) : (tensor<i32>) -> tensor<f32>
  return
}

// -----

func.func @f(%a: tensor<f32>) {
  // expected-error @below {{expects the operand to be a tuple, got 'tensor<f32>'}}
  %0 = "stablehlo.get_tuple_element"(%a) <{index = 0 : i32}> : (tensor<f32>) -> tensor<f32>
  return
}

// -----

func.func @f(%a: tuple<tensor<f32>>) {
  // expected-error @below {{expects index to be in [0, 1), got 1}}
  %0 = "stablehlo.get_tuple_element"(%a) <{index = 1 : i32}> : (tuple<tensor<f32>>) -> tensor<f32>
  return
}

// -----

func.func @f(%a: tensor<f32>) {
  // expected-error @below {{expects a region of one op and its return}}
  %0 = "stablehlo.async_start"(%a) ({
  ^bb0(%x0: tensor<f32>):
    "stablehlo.return"(%x0) : (tensor<f32>) -> ()
  }) : (tensor<f32>) -> !stablehlo.future<tensor<f32>>
  return
}

// -----

func.func @f(%a: tensor<f32>) {
  // expected-error @below {{expects argument 0 of the region to have the type of the operand, 'tensor<f32>', got 'tensor<f64>'}}
  %0 = "stablehlo.async_start"(%a) ({
  ^bb0(%x0: tensor<f64>):
    %s = stablehlo.abs %x0 : tensor<f64>
    "stablehlo.return"(%s) : (tensor<f64>) -> ()
  }) : (tensor<f32>) -> !stablehlo.future<tensor<f64>>
  return
}

// -----

func.func @f(%a: tensor<f32>) {
  // expected-error @below {{expects a name of the form 'namespace.op', got 'a..b'}}
  %0 = "stablehlo.composite"(%a) <{name = "a..b", decomposition = @f}> : (tensor<f32>) -> tensor<f32>
  return
}

// -----

func.func @f(%a: tensor<f32>) {
  // expected-error @below {{expects a name of the form 'namespace.op', got 'a.%'}}
  %0 = "stablehlo.composite"(%a) <{name = "a.%", decomposition = @f}> : (tensor<f32>) -> tensor<f32>
  return
}

// -----

func.func @f(%a: tensor<f32>) {
  // expected-error @below {{expects a name of the form 'namespace.op', got ''}}
  %0 = "stablehlo.composite"(%a) <{name = "", decomposition = @f}> : (tensor<f32>) -> tensor<f32>
  return
}

// -----

func.func @f(%a: tensor<f32>) {
  // expected-error @below {{expects a token as the last operand}}
  %0 = "stablehlo.outfeed"(%a) : (tensor<f32>) -> !stablehlo.token
  return
}

// -----

func.func @f(%a: !stablehlo.token) {
  // expected-error @below {{expects a token as the last result}}
  %0 = "stablehlo.recv"(%a) <{channel_handle = #stablehlo.channel_handle<handle = 1, type = 1>}> : (!stablehlo.token) -> tensor<f32>
  return
}

// -----

func.func @f(%a: !stablehlo.token) {
  // expected-error @below {{expects every result but the last to be a tensor, got '!stablehlo.token'}}
  %0:2 = "stablehlo.infeed"(%a) : (!stablehlo.token) -> (!stablehlo.token, !stablehlo.token)
  return
}

// -----

func.func @f(%a: tensor<f32>, %b: !stablehlo.token) {
  // expected-error @below {{expects the type of channel_handle to be 1 where is_host_transfer is false, got 2}}
  %0 = "stablehlo.send"(%a, %b) <{channel_handle = #stablehlo.channel_handle<handle = 1, type = 2>}> : (tensor<f32>, !stablehlo.token) -> !stablehlo.token
  return
}

// -----

func.func @f(%a: !stablehlo.token) {
  // expected-error @below {{expects the type of channel_handle to be 3 where is_host_transfer is true, got 1}}
  %0:2 = "stablehlo.recv"(%a) <{channel_handle = #stablehlo.channel_handle<handle = 1, type = 1>, is_host_transfer = true}> : (!stablehlo.token) -> (tensor<f32>, !stablehlo.token)
  return
}

// -----

func.func @f(%a: tensor<f32>) {
  // expected-error @below {{expects backend_config to be a dictionary for api_version 4, got a string}}
  %0 = "stablehlo.custom_call"(%a) <{call_target_name = "f", api_version = 4 : i32, backend_config = "a"}> : (tensor<f32>) -> tensor<f32>
  return
}

// -----

func.func @f(%a: tensor<2x3xf32>) {
  // expected-error @below {{expects a layout in operand_layouts to be a permutation of [0, 2) for 'tensor<2x3xf32>'}}
  %0 = "stablehlo.custom_call"(%a) <{call_target_name = "f", operand_layouts = [dense<0> : tensor<2xindex>], result_layouts = [dense<> : tensor<0xindex>]}> : (tensor<2x3xf32>) -> tensor<f32>
  return
}

// -----

func.func @f(%a: tensor<f32>) {
  // expected-error @below {{expects the elements of result_layouts to be lists of dimensions}}
  %0 = "stablehlo.custom_call"(%a) <{call_target_name = "f", operand_layouts = [dense<> : tensor<0xindex>], result_layouts = [1 : i64]}> : (tensor<f32>) -> tensor<f32>
  return
}

// -----

func.func @f(%a: tensor<f32>) {
  // expected-error @below {{expects output_operand_aliases to hold #stablehlo.output_operand_alias attributes}}
  %0 = "stablehlo.custom_call"(%a) <{call_target_name = "f", output_operand_aliases = [1 : i64]}> : (tensor<f32>) -> tensor<f32>
  return
}

// -----

func.func @f(%a: tensor<f32>) {
  // expected-error @below {{expects operand_index of an alias to be in [0, 1), got 1}}
  %0 = "stablehlo.custom_call"(%a) <{call_target_name = "f", output_operand_aliases = [#stablehlo.output_operand_alias<output_tuple_indices = [], operand_index = 1, operand_tuple_indices = []>]}> : (tensor<f32>) -> tensor<f32>
  return
}

// -----

func.func @f(%a: tensor<f32>) {
  // expected-error @below {{output_tuple_indices of an alias lead to no result}}
  %0 = "stablehlo.custom_call"(%a) <{call_target_name = "f", output_operand_aliases = [#stablehlo.output_operand_alias<output_tuple_indices = [0], operand_index = 0, operand_tuple_indices = []>]}> : (tensor<f32>) -> tensor<f32>
  return
}

// -----

func.func @f(%a: tensor<f32>) {
  // expected-error @below {{operand_tuple_indices of an alias lead to no operand}}
  %0 = "stablehlo.custom_call"(%a) <{call_target_name = "f", output_operand_aliases = [#stablehlo.output_operand_alias<output_tuple_indices = [], operand_index = 0, operand_tuple_indices = [0]>]}> : (tensor<f32>) -> tensor<f32>
  return
}

// -----

func.func @f(%a: tensor<f32>) {
  // expected-error @below {{an alias joins an operand of type 'tensor<f32>' and a result of type 'tensor<f64>'}}
  %0 = "stablehlo.custom_call"(%a) <{call_target_name = "f", output_operand_aliases = [#stablehlo.output_operand_alias<output_tuple_indices = [], operand_index = 0, operand_tuple_indices = []>]}> : (tensor<f32>) -> tensor<f64>
  return
}

// -----

func.func @f(%a: tensor<f32>) {
  // expected-error @below {{expects a name of the form 'namespace.op', got '0.op'}}
  %0 = "stablehlo.composite"(%a) <{name = "0.op", decomposition = @f}> : (tensor<f32>) -> tensor<f32>
  return
}

// -----

func.func @f(%a: tensor<f32>) {
  // expected-error @below {{expects a call target name, got an empty one}}
  %0 = "stablehlo.custom_call"(%a) <{call_target_name = ""}> : (tensor<f32>) -> tensor<f32>
  return
}

// -----

func.func @f(%a: tensor<f32>) {
  // expected-error @below {{expects api_version to be in [0, 4], got 5}}
  %0 = "stablehlo.custom_call"(%a) <{call_target_name = "f", api_version = 5 : i32}> : (tensor<f32>) -> tensor<f32>
  return
}

// -----

func.func @f(%a: tensor<f32>) {
  // expected-error @below {{expects backend_config to be a string or a dictionary}}
  %0 = "stablehlo.custom_call"(%a) <{call_target_name = "f", backend_config = 1 : i64}> : (tensor<f32>) -> tensor<f32>
  return
}

// -----

func.func @f(%a: tensor<f32>) {
  // expected-error @below {{expects backend_config to be a string for api_version 2, got a dictionary, which api_version 4 takes}}
  %0 = "stablehlo.custom_call"(%a) <{call_target_name = "f", api_version = 2 : i32, backend_config = {a = 1 : i64}}> : (tensor<f32>) -> tensor<f32>
  return
}

// -----

func.func @f(%a: tensor<f32>) {
  // expected-error @below {{expects operand_layouts and result_layouts together, got only operand_layouts}}
  %0 = "stablehlo.custom_call"(%a) <{call_target_name = "f", operand_layouts = [dense<> : tensor<0xindex>]}> : (tensor<f32>) -> tensor<f32>
  return
}

// -----

func.func @f(%a: tensor<f32>) {
  // expected-error @below {{expects result_layouts to have as many elements as there are results (1), got 0}}
  %0 = "stablehlo.custom_call"(%a) <{call_target_name = "f", operand_layouts = [dense<> : tensor<0xindex>], result_layouts = []}> : (tensor<f32>) -> tensor<f32>
  return
}

// -----

func.func @f(%a: tensor<f32>) {
  // expected-error @below {{expects a name of the form 'namespace.op', got 'op'}}
  %0 = "stablehlo.composite"(%a) <{name = "op", decomposition = @f}> : (tensor<f32>) -> tensor<f32>
  return
}

// -----

func.func @f(%a: tensor<f32>) {
  // expected-error @below {{expects a version of at least 0, got -1}}
  %0 = "stablehlo.composite"(%a) <{name = "my.op", decomposition = @f, version = -1 : i32}> : (tensor<f32>) -> tensor<f32>
  return
}

// -----

func.func @f(%a: tensor<f32>) {
  // expected-error @below {{decomposition 'g' is not a function of the module}}
  %0 = "stablehlo.composite"(%a) <{name = "my.op", decomposition = @g}> : (tensor<f32>) -> tensor<f32>
  return
}

// -----

func.func @f(%a: tensor<f32>) {
  // expected-error @below {{operands and results do not match the type of 'f', '(tensor<f32>) -> ()'}}
  %0 = "stablehlo.composite"(%a) <{name = "my.op", decomposition = @f}> : (tensor<f32>) -> tensor<f32>
  return
}
