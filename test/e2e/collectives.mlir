// RUN: alpa run %s --no-cache --cluster=host:4 --mesh=2x2 --backend=interpreter
// RUN: alpa run %s --no-cache --cluster=host:4 --mesh=2x2
// RUN: alpa run %s --no-cache --cluster=host:4 --mesh=2x2 --method=given

// Collectives that a manual computation writes out: to and from one device, in groups of different sizes, with devices
// in no group, and with a computation that is no single op.

module {
  sdy.mesh @mesh = <["x"=2, "y"=2]>
  func.func public @main() {
    %x = stablehlo.constant dense<[1, 4, 7, 10, 13, 16, 19, 22]> : tensor<8xi32>
    %x_in = stablehlo.optimization_barrier %x : tensor<8xi32>
    %r:7 = sdy.manual_computation(%x_in) in_shardings=[<@mesh, [{"x", "y"}]>] out_shardings=[<@mesh, [{"x", "y"}]>, <@mesh, [{"x", "y"}]>, <@mesh, [{"x", "y"}]>, <@mesh, [{"x", "y"}]>, <@mesh, [{"x", "y"}]>, <@mesh, [{"x"}]>, <@mesh, []>] manual_axes={"x", "y"} (%a: tensor<2xi32>) {
      %broadcast = "stablehlo.collective_broadcast"(%a) <{replica_groups = dense<[[2, 0, 3], [1, -1, -1]]> : tensor<2x3xi64>, channel_handle = #stablehlo.channel_handle<handle = 1, type = 1>}> : (tensor<2xi32>) -> tensor<2xi32>
      %reduce = "stablehlo.collective_reduce"(%a) <{replica_groups = dense<[[2, 0, 3], [1, -1, -1]]> : tensor<2x3xi64>, use_global_device_ids, channel_handle = #stablehlo.channel_handle<handle = 1, type = 1>}> ({
      ^bb0(%p: tensor<i32>, %q: tensor<i32>):
        %s = stablehlo.add %p, %q : tensor<i32>
        stablehlo.return %s : tensor<i32>
      }) : (tensor<2xi32>) -> tensor<2xi32>
      %all_reduce = "stablehlo.all_reduce"(%a) <{replica_groups = dense<[[2, 0, 3], [1, -1, -1]]> : tensor<2x3xi64>, use_global_device_ids, channel_handle = #stablehlo.channel_handle<handle = 1, type = 1>}> ({
      ^bb0(%p: tensor<i32>, %q: tensor<i32>):
        %s = stablehlo.add %p, %q : tensor<i32>
        %m = stablehlo.multiply %p, %q : tensor<i32>
        %c = stablehlo.add %s, %m : tensor<i32>
        stablehlo.return %c : tensor<i32>
      }) : (tensor<2xi32>) -> tensor<2xi32>
      %scatter = "stablehlo.reduce_scatter"(%a) <{replica_groups = dense<[[0, 1], [3, 2]]> : tensor<2x2xi64>, scatter_dimension = 0 : i64, use_global_device_ids, channel_handle = #stablehlo.channel_handle<handle = 1, type = 1>}> ({
      ^bb0(%p: tensor<i32>, %q: tensor<i32>):
        %s = stablehlo.add %p, %q : tensor<i32>
        %m = stablehlo.multiply %p, %q : tensor<i32>
        %c = stablehlo.add %s, %m : tensor<i32>
        stablehlo.return %c : tensor<i32>
      }) : (tensor<2xi32>) -> tensor<1xi32>
      %some = "stablehlo.collective_broadcast"(%a) <{replica_groups = dense<[[1, 0]]> : tensor<1x2xi64>, channel_handle = #stablehlo.channel_handle<handle = 1, type = 1>}> : (tensor<2xi32>) -> tensor<2xi32>
      %half = "stablehlo.all_gather"(%a) <{all_gather_dim = 0 : i64, replica_groups = dense<[[0, 1], [2, 3]]> : tensor<2x2xi64>, use_global_device_ids, channel_handle = #stablehlo.channel_handle<handle = 1, type = 1>}> : (tensor<2xi32>) -> tensor<4xi32>
      %one = stablehlo.constant dense<1> : tensor<i32>
      %count = "stablehlo.all_reduce"(%one) <{replica_groups = dense<[[0, 1, 2, 3]]> : tensor<1x4xi64>, use_global_device_ids, channel_handle = #stablehlo.channel_handle<handle = 1, type = 1>}> ({
      ^bb0(%p: tensor<i32>, %q: tensor<i32>):
        %s = stablehlo.add %p, %q : tensor<i32>
        stablehlo.return %s : tensor<i32>
      }) : (tensor<i32>) -> tensor<i32>
      sdy.return %broadcast, %reduce, %all_reduce, %scatter, %some, %half, %count : tensor<2xi32>, tensor<2xi32>, tensor<2xi32>, tensor<1xi32>, tensor<2xi32>, tensor<4xi32>, tensor<i32>
    } : (tensor<8xi32>) -> (tensor<8xi32>, tensor<8xi32>, tensor<8xi32>, tensor<4xi32>, tensor<8xi32>, tensor<8xi32>, tensor<i32>)
    %broadcast_ex = stablehlo.constant dense<[13, 16, 7, 10, 13, 16, 13, 16]> : tensor<8xi32>
    stablehlo.custom_call @check.expect_eq(%r#0, %broadcast_ex) {has_side_effect = true} : (tensor<8xi32>, tensor<8xi32>) -> ()
    %reduce_ex = stablehlo.constant dense<[0, 0, 7, 10, 33, 42, 0, 0]> : tensor<8xi32>
    stablehlo.custom_call @check.expect_eq(%r#1, %reduce_ex) {has_side_effect = true} : (tensor<8xi32>, tensor<8xi32>) -> ()
    %all_reduce_ex = stablehlo.constant dense<[559, 1954, 7, 10, 559, 1954, 559, 1954]> : tensor<8xi32>
    stablehlo.custom_call @check.expect_eq(%r#2, %all_reduce_ex) {has_side_effect = true} : (tensor<8xi32>, tensor<8xi32>) -> ()
    %scatter_ex = stablehlo.constant dense<[15, 54, 390, 279]> : tensor<4xi32>
    stablehlo.custom_call @check.expect_eq(%r#3, %scatter_ex) {has_side_effect = true} : (tensor<4xi32>, tensor<4xi32>) -> ()
    %some_ex = stablehlo.constant dense<[7, 10, 7, 10, 0, 0, 0, 0]> : tensor<8xi32>
    stablehlo.custom_call @check.expect_eq(%r#4, %some_ex) {has_side_effect = true} : (tensor<8xi32>, tensor<8xi32>) -> ()
    %half_ex = stablehlo.constant dense<[1, 4, 7, 10, 13, 16, 19, 22]> : tensor<8xi32>
    stablehlo.custom_call @check.expect_eq(%r#5, %half_ex) {has_side_effect = true} : (tensor<8xi32>, tensor<8xi32>) -> ()
    %count_ex = stablehlo.constant dense<4> : tensor<i32>
    stablehlo.custom_call @check.expect_eq(%r#6, %count_ex) {has_side_effect = true} : (tensor<i32>, tensor<i32>) -> ()
    return
  }
}
