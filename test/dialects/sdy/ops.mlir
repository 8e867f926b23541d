// The syntax of sdy, both ways.
// RUN: alpa-opt %s | FileCheck %s
// RUN: alpa-opt %s | alpa-opt | FileCheck %s
// RUN: alpa-opt %s --mlir-print-op-generic | alpa-opt | FileCheck %s

// CHECK: sdy.mesh @mesh = <["x"=2, "y"=4, "z"=4]>
sdy.mesh @mesh = <["x"=2, "y"=4, "z"=4]>
// CHECK: sdy.mesh @order = <["a"=3, "b"=2], device_ids=[0, 2, 4, 1, 3, 5]>
sdy.mesh @order = <["a"=3, "b"=2], device_ids=[0, 2, 4, 1, 3, 5]>
// CHECK: sdy.mesh @maximal = <[], device_ids=[5]>
sdy.mesh @maximal = <[], device_ids=[5]>
// CHECK: sdy.mesh @empty = <[]> {stablehlo.mesh = {}}
sdy.mesh @empty = <[]> {stablehlo.mesh = {}}

// CHECK-LABEL: func.func @shardings
// CHECK-SAME: #sdy.sharding<@mesh, [{"x"}, {"y":(2)2, ?}p1], replicated={"y":(1)2}, unreduced={"z"}>
// CHECK-SAME: #sdy.sharding<mesh<["q"=8]>, [{?}, {"q"}p2]>
// CHECK-SAME: #sdy.sharding<@maximal, []>
func.func @shardings(%a: tensor<8x8xf32> {sdy.sharding = #sdy.sharding<@mesh, [{"x"}, {"y":(2)2, ?}p1], unreduced={"z"}, replicated={"y":(1)2}>},
                     %b: tensor<8x8xf32> {sdy.sharding = #sdy.sharding<mesh<["q"=8]>, [{?}, {"q"}p2]>})
    -> (tensor<f32> {sdy.sharding = #sdy.sharding<@maximal, []>}) {
  // CHECK: stablehlo.add {{.*}} {sdy.sharding = #sdy.sharding_per_value<[<@mesh, [{"x", ?}, {}], unreduced=max{"y", "z"}>]>} : tensor<8x8xf32>
  %0 = stablehlo.add %a, %b {sdy.sharding = #sdy.sharding_per_value<[<@mesh, [{"x", ?}, {}], unreduced=max{"y", "z"}>]>} : tensor<8x8xf32>
  // CHECK: sdy.sharding_constraint %{{.*}} <@mesh, [{"x"}, {}], unreduced=max{"y"}> : tensor<8x8xf32>
  %1 = sdy.sharding_constraint %0 <@mesh, [{"x"}, {}], unreduced=max{"y"}> : tensor<8x8xf32>
  // CHECK: sdy.reshard %{{.*}} <@mesh, [{}, {}], unreduced={"x", "z"}> {note} : tensor<8x8xf32>
  %2 = sdy.reshard %1 <@mesh, [{}, {}], unreduced={"x", "z"}> {note} : tensor<8x8xf32>
  %3 = stablehlo.constant dense<0.0> : tensor<f32>
  return %3 : tensor<f32>
}

// CHECK-LABEL: func.func @collectives
func.func @collectives(%a: tensor<8x8xf32>, %b: tensor<8x8x8x8xf32>) {
  // CHECK: sdy.all_gather [{"y", "z"}, {}] %{{.*}} out_sharding=<@mesh, [{"x"}, {}]> : tensor<8x8xf32>
  %0 = sdy.all_gather [{"y", "z"}, {}] %a out_sharding=<@mesh, [{"x"}, {}]> : tensor<8x8xf32>
  // CHECK: sdy.all_slice [{}, {"y":(1)2}] %{{.*}} out_sharding=<@mesh, [{"x"}, {"y"}]> : tensor<8x8xf32>
  %1 = sdy.all_slice [{}, {"y":(1)2}] %a out_sharding=<@mesh, [{"x"}, {"y"}]> : tensor<8x8xf32>
  // CHECK: sdy.all_to_all [{"x"}: 0->1, {"y"}: 2->3] %{{.*}} out_sharding=<@mesh, [{}, {"x"}, {}, {"y"}]> : tensor<8x8x8x8xf32>
  %2 = sdy.all_to_all [{"x"}: 0->1, {"y"}: 2->3] %b out_sharding=<@mesh, [{}, {"x"}, {}, {"y"}]> : tensor<8x8x8x8xf32>
  // CHECK: sdy.collective_permute %{{.*}} out_sharding=<@mesh, [{"y"}, {"x"}]> : tensor<8x8xf32>
  %3 = sdy.collective_permute %a out_sharding=<@mesh, [{"y"}, {"x"}]> : tensor<8x8xf32>
  // CHECK: sdy.all_reduce {"y"} %{{.*}} out_sharding=<@mesh, [{}, {"x"}]> : tensor<8x8xf32>
  %4 = sdy.all_reduce {"y"} %a out_sharding=<@mesh, [{}, {"x"}]> : tensor<8x8xf32>
  // CHECK: sdy.all_reduce max {"y"} %{{.*}} out_sharding=<@mesh, [{}, {"x"}]> : tensor<8x8xf32>
  %5 = sdy.all_reduce max {"y"} %a out_sharding=<@mesh, [{}, {"x"}]> : tensor<8x8xf32>
  // CHECK: sdy.reduce_scatter [{"y"}, {}] %{{.*}} out_sharding=<@mesh, [{"x", "y"}, {}]> : tensor<8x8xf32>
  %6 = sdy.reduce_scatter [{"y"}, {}] %a out_sharding=<@mesh, [{"x", "y"}, {}]> : tensor<8x8xf32>
  // CHECK: sdy.reduce_scatter min [{"y"}, {}] %{{.*}} out_sharding=<@mesh, [{"x", "y"}, {}]> : tensor<8x8xf32>
  %7 = sdy.reduce_scatter min [{"y"}, {}] %a out_sharding=<@mesh, [{"x", "y"}, {}]> : tensor<8x8xf32>
  // CHECK: sdy.sharded_to_unreduced [{"y"}, {}] %{{.*}} out_sharding=<@mesh, [{"x"}, {}], unreduced={"y", "z"}> : tensor<8x8xf32>
  %8 = sdy.sharded_to_unreduced [{"y"}, {}] %a out_sharding=<@mesh, [{"x"}, {}], unreduced={"y", "z"}> : tensor<8x8xf32>
  // CHECK: sdy.replicated_to_unreduced {"x"} %{{.*}} out_sharding=<@mesh, [{"y"}, {}], unreduced={"x"}> : tensor<8x8xf32>
  %9 = sdy.replicated_to_unreduced {"x"} %a out_sharding=<@mesh, [{"y"}, {}], unreduced={"x"}> : tensor<8x8xf32>
  return
}

// CHECK-LABEL: func.func @regions
func.func @regions(%a: tensor<8x8xf32>, %b: tensor<8xf32>) {
  // CHECK: sdy.manual_computation(%{{.*}}, %{{.*}}) in_shardings=[<@mesh, [{"x"}, {}]>, <@mesh, [{"x", "y"}]>] out_shardings=[<@mesh, [{"x"}, {}]>] manual_axes={"x"} (%{{.*}}: tensor<4x8xf32>, %{{.*}}: tensor<4xf32>) {
  // CHECK: sdy.return %{{.*}} : tensor<4x8xf32>
  // CHECK: } : (tensor<8x8xf32>, tensor<8xf32>) -> tensor<8x8xf32>
  %0 = sdy.manual_computation(%a, %b) in_shardings=[<@mesh, [{"x"}, {}]>, <@mesh, [{"x", "y"}]>] out_shardings=[<@mesh, [{"x"}, {}]>] manual_axes={"x"} (%x: tensor<4x8xf32>, %y: tensor<4xf32>) {
    sdy.return %x : tensor<4x8xf32>
  } : (tensor<8x8xf32>, tensor<8xf32>) -> tensor<8x8xf32>
  // CHECK: sdy.manual_computation() in_shardings=[] out_shardings=[] manual_axes={} () {
  // CHECK: sdy.return
  // CHECK: } : () -> ()
  sdy.manual_computation() in_shardings=[] out_shardings=[] manual_axes={} () {
    sdy.return
  } : () -> ()
  // CHECK: sdy.named_computation<"foo">(%{{.*}}) out_shardings=[<@mesh, [{}]>] (%{{.*}}: tensor<8xf32>) {
  %1 = sdy.named_computation<"foo">(%b) out_shardings=[<@mesh, [{}]>] (%x: tensor<8xf32>) {
    sdy.return %x : tensor<8xf32>
  } : (tensor<8xf32>) -> tensor<8xf32>
  return
}

// CHECK-LABEL: func.func @others
func.func @others(%a: tensor<8xf32>) {
  // CHECK: sdy.propagation_barrier %{{.*}} allowed_direction=BACKWARD : tensor<8xf32>
  %0 = sdy.propagation_barrier %a allowed_direction=BACKWARD : tensor<8xf32>
  // CHECK: sdy.sharding_group %{{.*}} group_id=21 : tensor<8xf32>
  sdy.sharding_group %0 group_id=21 : tensor<8xf32>
  // CHECK: sdy.data_flow_edge %{{.*}} sharding=<@mesh, [{"x"}]> : tensor<8xf32>
  %1 = sdy.data_flow_edge %0 sharding=<@mesh, [{"x"}]> : tensor<8xf32>
  // CHECK: sdy.data_flow_edge %{{.*}} : tensor<8xf32>
  %2 = sdy.data_flow_edge %0 : tensor<8xf32>
  // CHECK: sdy.func_data_flow_edge %{{.*}} : tensor<8xf32>
  %3 = sdy.func_data_flow_edge %0 : tensor<8xf32>
  // CHECK: sdy.constant dense<1.000000e+00> : tensor<8x16xf32>
  %4 = sdy.constant dense<1.0> : tensor<8x16xf32>
  // CHECK: stablehlo.abs %{{.*}} {sdy.sharding_rule = #sdy.op_sharding_rule<([i])->([i]) {i=8}>} : tensor<8xf32>
  %5 = stablehlo.abs %a {sdy.sharding_rule = #sdy.op_sharding_rule<([i])->([i]) {i=8}>} : tensor<8xf32>
  return
}
