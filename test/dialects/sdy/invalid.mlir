// What the verifiers of sdy refuse: axes that do not exist, are used twice or do not fit.
// RUN: alpa-opt %s -split-input-file -verify-diagnostics

sdy.mesh @mesh = <["x"=2, "y"=4]>

func.func @f(%a: tensor<8x8xf32>) {
  // expected-error @below {{has a sharding over @other, which is not a mesh of this module}}
  %0 = sdy.sharding_constraint %a <@other, [{}, {}]> : tensor<8x8xf32>
  return
}

// -----

sdy.mesh @mesh = <["x"=2, "y"=4]>

func.func @f(%a: tensor<8x8xf32>) {
  // expected-error @below {{names axis "z", which mesh @mesh does not have}}
  %0 = sdy.sharding_constraint %a <@mesh, [{"z"}, {}]> : tensor<8x8xf32>
  return
}

// -----

sdy.mesh @mesh = <["x"=2, "y"=4]>

func.func @f(%a: tensor<8x8xf32>) {
  // expected-error @below {{uses axis "x" twice}}
  %0 = sdy.sharding_constraint %a <@mesh, [{"x"}, {"x"}]> : tensor<8x8xf32>
  return
}

// -----

sdy.mesh @mesh = <["x"=2, "y"=4]>

func.func @f(%a: tensor<8x8xf32>) {
  // expected-error @below {{uses axis "x" twice}}
  %0 = sdy.sharding_constraint %a <@mesh, [{"x", "x"}, {}]> : tensor<8x8xf32>
  return
}

// -----

sdy.mesh @mesh = <["x"=2, "y"=4]>

func.func @f(%a: tensor<8x8xf32>) {
  // expected-error @below {{uses axis "y" twice}}
  %0 = sdy.sharding_constraint %a <@mesh, [{"y":(1)2}, {"y"}]> : tensor<8x8xf32>
  return
}

// -----

sdy.mesh @mesh = <["x"=2, "y"=4]>

func.func @f(%a: tensor<8x8xf32>) {
  // expected-error @below {{uses axis "y" twice}}
  %0 = sdy.sharding_constraint %a <@mesh, [{"y"}, {}], replicated={"y"}> : tensor<8x8xf32>
  return
}

// -----

sdy.mesh @mesh = <["x"=2, "y"=4]>

func.func @f(%a: tensor<8x8xf32>) {
  // expected-error @below {{uses axis "y" twice}}
  %0 = sdy.sharding_constraint %a <@mesh, [{"y"}, {}], unreduced={"y"}> : tensor<8x8xf32>
  return
}

// -----

sdy.mesh @mesh = <["x"=2, "y"=4]>

func.func @f(%a: tensor<8x8xf32>) {
  // expected-error @below {{uses axis "y" twice}}
  %0 = sdy.sharding_constraint %a <@mesh, [{}, {}], replicated={"y"}, unreduced={"y"}> : tensor<8x8xf32>
  return
}

// -----

sdy.mesh @mesh = <["x"=2, "y"=4]>

func.func @f(%a: tensor<8x8xf32>) {
  // expected-error @below {{has a sharding of 1 dimensions for 'tensor<8x8xf32>'}}
  %0 = sdy.sharding_constraint %a <@mesh, [{"x"}]> : tensor<8x8xf32>
  return
}

// -----

sdy.mesh @mesh = <["x"=2, "y"=4]>

func.func @f(%a: tensor<8x8xf32>) {
  // expected-error @below {{expects the replicated axes in the order of mesh @mesh, got "y" before "x"}}
  %0 = sdy.sharding_constraint %a <@mesh, [{}, {}], replicated={"y", "x"}> : tensor<8x8xf32>
  return
}

// -----

sdy.mesh @mesh = <["x"=2, "y"=4]>

func.func @f(%a: tensor<8x8xf32>) {
  // expected-error @below {{expects the unreduced axes in the order of mesh @mesh, got "y" before "x"}}
  %0 = sdy.sharding_constraint %a <@mesh, [{}, {}], unreduced=max{"y", "x"}> : tensor<8x8xf32>
  return
}

// -----

sdy.mesh @mesh = <["x"=2, "y"=4]>

func.func @f(%a: tensor<8x8xf32>) {
  // expected-error @below {{expects a sub-axis of "y" to have a pre-size of at least 1 and a size of at least 2, got (1)1}}
  %0 = sdy.sharding_constraint %a <@mesh, [{"y":(1)1}, {}]> : tensor<8x8xf32>
  return
}

// -----

sdy.mesh @mesh = <["x"=2, "y"=4]>

func.func @f(%a: tensor<8x8xf32>) {
  // expected-error @below {{expects the pre-size times the size of a sub-axis to divide the size of axis "y" (4), got (2)3}}
  %0 = sdy.sharding_constraint %a <@mesh, [{"y":(2)3}, {}]> : tensor<8x8xf32>
  return
}

// -----

sdy.mesh @mesh = <["x"=2, "y"=4]>

func.func @f(%a: tensor<8x8xf32>) {
  // expected-error @below {{names all of axis "y" as a sub-axis, (1)4; write the axis alone}}
  %0 = sdy.sharding_constraint %a <@mesh, [{"y":(1)4}, {}]> : tensor<8x8xf32>
  return
}

// -----

sdy.mesh @mesh = <["x"=2, "y"=4]>

func.func @f(%a: tensor<8x8xf32>) {
  // expected-error @below {{gives a priority to dimension 0, which is closed and has no axes}}
  %0 = sdy.sharding_constraint %a <@mesh, [{}p1, {}]> : tensor<8x8xf32>
  return
}

// -----

sdy.mesh @mesh = <["x"=2, "y"=4]>

func.func @f(%a: tensor<8xf32>) {
  // expected-error @below {{expects 'sdy.sharding' of an op to be a #sdy.sharding_per_value attribute}}
  %0 = stablehlo.abs %a {sdy.sharding = #sdy.sharding<@mesh, [{"x"}]>} : tensor<8xf32>
  return
}

// -----

sdy.mesh @mesh = <["x"=2, "y"=4]>

func.func @f(%a: tensor<8xf32>) {
  // expected-error @below {{expects 'sdy.sharding' to have a sharding for each result (1), got 2}}
  %0 = stablehlo.abs %a {sdy.sharding = #sdy.sharding_per_value<[<@mesh, [{"x"}]>, <@mesh, [{"x"}]>]>} : tensor<8xf32>
  return
}

// -----

sdy.mesh @mesh = <["x"=2, "y"=4]>

func.func @f(%a: tensor<8xf32>) {
  // expected-error @below {{has a sharding of 2 dimensions for 'tensor<8xf32>'}}
  %0 = stablehlo.abs %a {sdy.sharding = #sdy.sharding_per_value<[<@mesh, [{"x"}, {}]>]>} : tensor<8xf32>
  return
}

// -----

sdy.mesh @mesh = <["x"=2, "y"=4]>

func.func @f(%a: tensor<8x8xf32>) {
  // expected-error @below {{expects a list of axes for each of the 2 dimensions, got 1}}
  %0 = sdy.all_gather [{"x"}] %a out_sharding=<@mesh, [{}, {}]> : tensor<8x8xf32>
  return
}

// -----

sdy.mesh @mesh = <["x"=2, "y"=4]>

func.func @f(%a: tensor<8x8xf32>) {
  // expected-error @below {{expects out_sharding not to have axis "x" in a dimension}}
  %0 = sdy.all_gather [{"x"}, {}] %a out_sharding=<@mesh, [{"x"}, {}]> : tensor<8x8xf32>
  return
}

// -----

sdy.mesh @mesh = <["x"=2, "y"=4]>

func.func @f(%a: tensor<8x8xf32>) {
  // expected-error @below {{uses axis "x" twice}}
  %0 = sdy.all_gather [{"x"}, {"x"}] %a out_sharding=<@mesh, [{}, {}]> : tensor<8x8xf32>
  return
}

// -----

sdy.mesh @mesh = <["x"=2, "y"=4]>

func.func @f(%a: tensor<8x8xf32>) {
  // expected-error @below {{expects out_sharding to have axis "x" in dimension 0}}
  %0 = sdy.all_slice [{"x"}, {}] %a out_sharding=<@mesh, [{}, {"x"}]> : tensor<8x8xf32>
  return
}

// -----

sdy.mesh @mesh = <["x"=2, "y"=4]>

func.func @f(%a: tensor<8x8xf32>) {
  // expected-error @below {{expects out_sharding to have axis "x" in dimension 0}}
  %0 = sdy.reduce_scatter [{"x"}, {}] %a out_sharding=<@mesh, [{}, {}]> : tensor<8x8xf32>
  return
}

// -----

sdy.mesh @mesh = <["x"=2, "y"=4]>

func.func @f(%a: tensor<8x8xf32>) {
  // expected-error @below {{expects out_sharding to have axis "x" in dimension 1}}
  %0 = sdy.all_to_all [{"x"}: 0->1] %a out_sharding=<@mesh, [{"x"}, {}]> : tensor<8x8xf32>
  return
}

// -----

sdy.mesh @mesh = <["x"=2, "y"=4]>

func.func @f(%a: tensor<8x8xf32>) {
  // expected-error @below {{expects axes to move between two dimensions in [0, 2), got 0->2}}
  %0 = sdy.all_to_all [{"x"}: 0->2] %a out_sharding=<@mesh, [{"x"}, {}]> : tensor<8x8xf32>
  return
}

// -----

sdy.mesh @mesh = <["x"=2, "y"=4]>

func.func @f(%a: tensor<8x8xf32>) {
  // expected-error @below {{expects axes to move from dimension 0 to 1, got none}}
  %0 = sdy.all_to_all [{}: 0->1] %a out_sharding=<@mesh, [{"x"}, {}]> : tensor<8x8xf32>
  return
}

// -----

sdy.mesh @mesh = <["x"=2, "y"=4]>

func.func @f(%a: tensor<8x8xf32>) {
  // expected-error @below {{expects axes to move, got none}}
  %0 = sdy.all_to_all [] %a out_sharding=<@mesh, [{"x"}, {}]> : tensor<8x8xf32>
  return
}

// -----

sdy.mesh @mesh = <["x"=2, "y"=4]>

func.func @f(%a: tensor<8x8xf32>) {
  // expected-error @below {{expects out_sharding not to have axis "x" in a dimension}}
  %0 = sdy.all_reduce {"x"} %a out_sharding=<@mesh, [{"x"}, {}]> : tensor<8x8xf32>
  return
}

// -----

sdy.mesh @mesh = <["x"=2, "y"=4]>

func.func @f(%a: tensor<8x8xf32>) {
  // expected-error @below {{expects out_sharding not to have axis "x" among its unreduced axes}}
  %0 = sdy.all_reduce {"x"} %a out_sharding=<@mesh, [{}, {}], unreduced={"x"}> : tensor<8x8xf32>
  return
}

// -----

sdy.mesh @mesh = <["x"=2, "y"=4]>

func.func @f(%a: tensor<8x8xf32>) {
  // expected-error @below {{expects out_sharding to have axis "x" among its unreduced axes}}
  %0 = sdy.sharded_to_unreduced [{"x"}, {}] %a out_sharding=<@mesh, [{}, {}]> : tensor<8x8xf32>
  return
}

// -----

sdy.mesh @mesh = <["x"=2, "y"=4]>

func.func @f(%a: tensor<8x8xf32>) {
  // expected-error @below {{expects out_sharding to have axis "x" among its unreduced axes}}
  %0 = sdy.replicated_to_unreduced {"x"} %a out_sharding=<@mesh, [{}, {}]> : tensor<8x8xf32>
  return
}

// -----

sdy.mesh @mesh = <["x"=2, "y"=4]>

func.func @f(%a: tensor<8x8xf32> {sdy.sharding = #sdy.sharding<@mesh, [{"x"}, {}]>}) {
  // expected-error @below {{expects dimension 0 to stay in 2 shards, got 4}}
  %0 = sdy.collective_permute %a out_sharding=<@mesh, [{"y"}, {}]> : tensor<8x8xf32>
  return
}

// -----

sdy.mesh @mesh = <["x"=2, "y"=4]>

func.func @f(%a: tensor<8x8xf32>) {
  // expected-error @below {{splits axis "y" into sub-axes that follow each other; write them as one}}
  %0 = sdy.sharding_constraint %a <@mesh, [{"y":(1)2, "y":(2)2}, {}]> : tensor<8x8xf32>
  return
}

// -----

sdy.mesh @mesh = <["x"=2, "y"=4]>

func.func @f(%a: !stablehlo.token) {
  // expected-error @below {{has a sharding with axes for '!stablehlo.token', which is no tensor}}
  %0 = stablehlo.after_all %a {sdy.sharding = #sdy.sharding_per_value<[<@mesh, [], replicated={"x"}>]>} : !stablehlo.token
  return
}

// -----

sdy.mesh @mesh = <["x"=2, "y"=4]>

func.func @f(%a: tensor<8x8xf32> {sdy.sharding = #sdy.sharding<@mesh, [{}, {}], unreduced=max{"x"}>}) {
  // expected-error @below {{changes how axis "x" is to be reduced}}
  %0 = sdy.sharding_constraint %a <@mesh, [{}, {}], unreduced={"x"}> : tensor<8x8xf32>
  return
}

// -----

sdy.mesh @mesh = <["x"=2, "y"=4]>

func.func @f(%a: tensor<8x8xf32> {sdy.sharding = #sdy.sharding<@mesh, [{"y"}, {}]>}) {
  // expected-error @below {{does not lead from the operand's sharding to out_sharding in dimension 0}}
  %0 = sdy.all_gather [{"x"}, {}] %a out_sharding=<@mesh, [{"y"}, {}]> : tensor<8x8xf32>
  return
}

// -----

sdy.mesh @mesh = <["x"=2, "y"=4]>

func.func @f(%a: tensor<8x8xf32> {sdy.sharding = #sdy.sharding<@mesh, [{}, {"y"}]>}) {
  // expected-error @below {{does not lead from the operand's sharding to out_sharding in dimension 1}}
  %0 = sdy.all_slice [{"x"}, {}] %a out_sharding=<@mesh, [{"x"}, {}]> : tensor<8x8xf32>
  return
}

// -----

sdy.mesh @mesh = <["x"=2, "y"=4]>

func.func @f(%a: tensor<8x8xf32> {sdy.sharding = #sdy.sharding<@mesh, [{"x"}, {"y"}]>}) {
  // expected-error @below {{does not lead from the operand's sharding to out_sharding in dimension 1}}
  %0 = sdy.all_to_all [{"x"}: 0->1] %a out_sharding=<@mesh, [{}, {"x", "y"}]> : tensor<8x8xf32>
  return
}

// -----

sdy.mesh @mesh = <["x"=2, "y"=4]>

func.func @f(%a: tensor<8x8xf32> {sdy.sharding = #sdy.sharding<@mesh, [{}, {}], unreduced=max{"x"}>}) {
  // expected-error @below {{reduces axis "x" by 'sum', which the operand leaves to 'max'}}
  %0 = sdy.all_reduce {"x"} %a out_sharding=<@mesh, [{}, {}]> : tensor<8x8xf32>
  return
}

// -----

sdy.mesh @mesh = <["x"=2, "y"=4]>

func.func @f(%a: tensor<8x8xf32> {sdy.sharding = #sdy.sharding<@mesh, [{}, {}], unreduced={"x"}>}) {
  // expected-error @below {{makes axis "x" unreduced, which it is already}}
  %0 = sdy.replicated_to_unreduced {"x"} %a out_sharding=<@mesh, [{}, {}], unreduced={"x"}> : tensor<8x8xf32>
  return
}

// -----

sdy.mesh @mesh = <["x"=2, "y"=4]>

func.func @f(%a: tensor<8x8xf32> {sdy.sharding = #sdy.sharding<@mesh, [{}, {}], unreduced={"x"}>}) {
  // expected-error @below {{does not make axis "y" unreduced, as out_sharding has it}}
  %0 = sdy.all_reduce {"x"} %a out_sharding=<@mesh, [{}, {}], unreduced={"y"}> : tensor<8x8xf32>
  return
}

// -----

sdy.mesh @mesh = <["x"=2, "y"=4]>

func.func @f(%a: tensor<8x8xf32> {sdy.sharding = #sdy.sharding<@mesh, [{}, {}], unreduced={"x", "y"}>}) {
  // expected-error @below {{does not reduce axis "y", which out_sharding lacks}}
  %0 = sdy.all_reduce {"x"} %a out_sharding=<@mesh, [{}, {}]> : tensor<8x8xf32>
  return
}

// -----

sdy.mesh @mesh = <["x"=2, "y"=4]>

func.func @f(%a: tensor<8x8xf32>) {
  // expected-error @below {{makes axes unreduced that can only be summed, out_sharding says otherwise}}
  %0 = sdy.replicated_to_unreduced {"x"} %a out_sharding=<@mesh, [{}, {}], unreduced=max{"x"}> : tensor<8x8xf32>
  return
}

// -----

sdy.mesh @mesh = <["x"=2, "y"=4]>

func.func @f(%a: tensor<8x8xf32>) {
  // expected-error @below {{expects axes to make unreduced, got none}}
  %0 = sdy.replicated_to_unreduced {} %a out_sharding=<@mesh, [{}, {}]> : tensor<8x8xf32>
  return
}

// -----

sdy.mesh @mesh = <["x"=2, "y"=4]>

func.func @f(%a: tensor<8x8xf32>) {
  // expected-error @below {{expects the reduced axes in the order of mesh @mesh, got "y" before "x"}}
  %0 = sdy.all_reduce {"y", "x"} %a out_sharding=<@mesh, [{}, {}]> : tensor<8x8xf32>
  return
}

// -----

sdy.mesh @mesh = <["x"=2, "y"=4]>

func.func @f(%a: tensor<8x8xf32>) {
  // expected-error @below {{moves axes of a dimension twice, in 1->0}}
  %0 = sdy.all_to_all [{"x"}: 0->1, {"y"}: 1->0] %a out_sharding=<@mesh, [{"y"}, {"x"}]> : tensor<8x8xf32>
  return
}

// -----

sdy.mesh @mesh = <["x"=2, "y"=4]>

func.func @f(%a: tensor<8x8x8xf32>) {
  // expected-error @below {{expects the dimensions that axes move from in ascending order, got 2 before 0}}
  %0 = sdy.all_to_all [{"x"}: 2->1, {"y"}: 0->1] %a out_sharding=<@mesh, [{}, {"x"}, {}]> : tensor<8x8x8xf32>
  return
}

// -----

sdy.mesh @mesh = <["x"=2, "y"=4]>

func.func @f(%a: tensor<8x8xf32>) {
  // expected-error @below {{names manual axis "z", which mesh @mesh does not have}}
  %0 = sdy.manual_computation(%a) in_shardings=[<@mesh, [{"x"}, {}]>] out_shardings=[<@mesh, [{"x"}, {}]>] manual_axes={"x", "z"} (%x: tensor<4x8xf32>) {
    sdy.return %x : tensor<4x8xf32>
  } : (tensor<8x8xf32>) -> tensor<8x8xf32>
  return
}

// -----

sdy.mesh @mesh = <["x"=2, "y"=4]>

func.func @f(%a: tensor<8x8xf32>) {
  %0 = sdy.manual_computation(%a) in_shardings=[<@mesh, [{"x"}, {}]>] out_shardings=[<@mesh, [{"x"}, {}]>] manual_axes={"x"} (%x: tensor<4x8xf32>) {
    // expected-error @below {{shards over axis "x", which is manual in the computation around it}}
    %1 = sdy.sharding_constraint %x <@mesh, [{}, {"x"}]> : tensor<4x8xf32>
    sdy.return %1 : tensor<4x8xf32>
  } : (tensor<8x8xf32>) -> tensor<8x8xf32>
  return
}

// -----

sdy.mesh @mesh = <["x"=2, "y"=4]>

func.func @f(%a: tensor<8xf32>) {
  // expected-error @below {{expects allowed_direction to be FORWARD, BACKWARD or NONE, got BOTH, which bars nothing}}
  %0 = sdy.propagation_barrier %a allowed_direction=BOTH : tensor<8xf32>
  return
}

// -----

sdy.mesh @mesh = <["x"=2, "y"=4]>

func.func @f(%a: tensor<8x8xf32>) {
  // expected-error @below {{expects block argument 0 to be of type 'tensor<4x8xf32>' for operand of type 'tensor<8x8xf32>', got 'tensor<8x8xf32>'}}
  %0 = sdy.manual_computation(%a) in_shardings=[<@mesh, [{"x"}, {}]>] out_shardings=[<@mesh, [{"x"}, {}]>] manual_axes={"x"} (%x: tensor<8x8xf32>) {
    sdy.return %x : tensor<8x8xf32>
  } : (tensor<8x8xf32>) -> tensor<8x8xf32>
  return
}

// -----

sdy.mesh @mesh = <["x"=2, "y"=4]>

func.func @f(%a: tensor<8x8xf32>) {
  // expected-error @below {{expects returned value 0 to be of type 'tensor<8x8xf32>' for result of type 'tensor<8x8xf32>', got 'tensor<4x8xf32>'}}
  %0 = sdy.manual_computation(%a) in_shardings=[<@mesh, [{"x"}, {}]>] out_shardings=[<@mesh, [{}, {}]>] manual_axes={"x"} (%x: tensor<4x8xf32>) {
    sdy.return %x : tensor<4x8xf32>
  } : (tensor<8x8xf32>) -> tensor<8x8xf32>
  return
}

// -----

sdy.mesh @mesh = <["x"=2, "y"=4]>

func.func @f(%a: tensor<8x8xf32>) {
  // expected-error @below {{expects a sharding for each operand (1), got 2}}
  %0 = sdy.manual_computation(%a) in_shardings=[<@mesh, [{"x"}, {}]>, <@mesh, [{"x"}, {}]>] out_shardings=[<@mesh, [{"x"}, {}]>] manual_axes={"x"} (%x: tensor<4x8xf32>) {
    sdy.return %x : tensor<4x8xf32>
  } : (tensor<8x8xf32>) -> tensor<8x8xf32>
  return
}

// -----

sdy.mesh @mesh = <["x"=2, "y"=4]>

func.func @f(%a: tensor<8x8xf32>) {
  // expected-error @below {{expects the manual axes of a dimension before the other ones, got "x" behind}}
  %0 = sdy.manual_computation(%a) in_shardings=[<@mesh, [{"y", "x"}, {}]>] out_shardings=[<@mesh, [{"x"}, {}]>] manual_axes={"x"} (%x: tensor<4x8xf32>) {
    sdy.return %x : tensor<4x8xf32>
  } : (tensor<8x8xf32>) -> tensor<8x8xf32>
  return
}

// -----

sdy.mesh @mesh = <["x"=2, "y"=4]>

func.func @f(%a: tensor<7xf32>) {
  // expected-error @below {{expects dimension 0 of operand 0 (7) to be divisible by its manual axes (2)}}
  %0 = sdy.manual_computation(%a) in_shardings=[<@mesh, [{"x"}]>] out_shardings=[<@mesh, [{"x"}]>] manual_axes={"x"} (%x: tensor<3xf32>) {
    sdy.return %x : tensor<3xf32>
  } : (tensor<7xf32>) -> tensor<6xf32>
  return
}

// -----

sdy.mesh @mesh = <["x"=2, "y"=4]>

func.func @f(%a: tensor<8xf32>) {
  // expected-error @below {{expects as many block arguments as operands (1), got 0}}
  %0 = sdy.named_computation<"f">(%a) () {
    %c = stablehlo.constant dense<0.0> : tensor<8xf32>
    sdy.return %c : tensor<8xf32>
  } : (tensor<8xf32>) -> tensor<8xf32>
  return
}
