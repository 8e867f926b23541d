// RUN: alpa-opt %s --pass-pipeline='builtin.module(fuse{attention=true})' | FileCheck %s
// RUN: alpa-opt %s --pass-pipeline='builtin.module(fuse)' | FileCheck %s --check-prefix=OFF
// OFF-NOT: kind attention

// A softmax of scores with both products is one kernel, which gives the products' result, and what others read of rows.
// CHECK-LABEL: func.func @forward
// CHECK:         %[[K:.*]]:2 = "kernel.fused"(%arg0, %arg1, %arg2) <{domain = array<i64: 2, 3, 32, 48>, kind = #kernel<kind attention>}>
// CHECK:           stablehlo.dot_general
// CHECK:           stablehlo.dot_general
// CHECK:           stablehlo.transpose
// CHECK:         }) : {{.*}} -> (tensor<2x3x32xf32>, tensor<2x32x3x16xf32>)
// CHECK-NEXT:    return %[[K]]#1, %[[K]]#0
func.func @forward(%q: tensor<2x32x3x16xf32>, %k: tensor<2x48x3x16xf32>, %v: tensor<2x48x3x16xf32>) -> (tensor<2x32x3x16xf32>, tensor<2x3x32xf32>) {
  %low = stablehlo.constant dense<0xFF800000> : tensor<f32>
  %zero = stablehlo.constant dense<0.0> : tensor<f32>
  %s = stablehlo.dot_general %q, %k, batching_dims = [0, 2] x [0, 2], contracting_dims = [3] x [3] : (tensor<2x32x3x16xf32>, tensor<2x48x3x16xf32>) -> tensor<2x3x32x48xf32>
  %m = stablehlo.reduce(%s init: %low) applies stablehlo.maximum across dimensions = [3] : (tensor<2x3x32x48xf32>, tensor<f32>) -> tensor<2x3x32xf32>
  %ms = stablehlo.broadcast_in_dim %m, dims = [0, 1, 2] : (tensor<2x3x32xf32>) -> tensor<2x3x32x48xf32>
  %d = stablehlo.subtract %s, %ms : tensor<2x3x32x48xf32>
  %e = stablehlo.exponential %d : tensor<2x3x32x48xf32>
  %n = stablehlo.reduce(%e init: %zero) applies stablehlo.add across dimensions = [3] : (tensor<2x3x32x48xf32>, tensor<f32>) -> tensor<2x3x32xf32>
  %ns = stablehlo.broadcast_in_dim %n, dims = [0, 1, 2] : (tensor<2x3x32xf32>) -> tensor<2x3x32x48xf32>
  %p = stablehlo.divide %e, %ns : tensor<2x3x32x48xf32>
  %t = stablehlo.dot_general %v, %p, batching_dims = [0, 2] x [0, 1], contracting_dims = [1] x [3] : (tensor<2x48x3x16xf32>, tensor<2x3x32x48xf32>) -> tensor<2x3x16x32xf32>
  %o = stablehlo.transpose %t, dims = [0, 3, 1, 2] : (tensor<2x3x16x32xf32>) -> tensor<2x32x3x16xf32>
  return %o, %m : tensor<2x32x3x16xf32>, tensor<2x3x32xf32>
}

// The gradients: sums of rows, dq, and dk with dv, each from scores that it computes again.  What the program says of
// rows alone stays an ordinary kernel.
// CHECK-LABEL: func.func @backward
// CHECK:         kind attention
// CHECK:           stablehlo.maximum
// CHECK:         kind attention
// CHECK-COUNT-2:   stablehlo.dot_general
// CHECK-NOT:       stablehlo.dot_general
// CHECK:           applies stablehlo.add
// CHECK:         kind attention
// CHECK-COUNT-3:   stablehlo.dot_general
// CHECK-NOT:       stablehlo.dot_general
// CHECK:         kind attention
// CHECK-COUNT-4:   stablehlo.dot_general
// CHECK:           "kernel.yield"({{.*}}, {{.*}})
// CHECK-NOT:     "kernel.fused"
// CHECK:         return
func.func @backward(%q: tensor<2x32x16xf32>, %k: tensor<2x48x16xf32>, %v: tensor<2x48x16xf32>, %g: tensor<2x32x16xf32>) -> (tensor<2x32x16xf32>, tensor<2x48x16xf32>, tensor<2x48x16xf32>) {
  %low = stablehlo.constant dense<0xFF800000> : tensor<f32>
  %zero = stablehlo.constant dense<0.0> : tensor<f32>
  %s = stablehlo.dot_general %q, %k, batching_dims = [0] x [0], contracting_dims = [2] x [2] : (tensor<2x32x16xf32>, tensor<2x48x16xf32>) -> tensor<2x32x48xf32>
  %m = stablehlo.reduce(%s init: %low) applies stablehlo.maximum across dimensions = [2] : (tensor<2x32x48xf32>, tensor<f32>) -> tensor<2x32xf32>
  %ms = stablehlo.broadcast_in_dim %m, dims = [0, 1] : (tensor<2x32xf32>) -> tensor<2x32x48xf32>
  %d = stablehlo.subtract %s, %ms : tensor<2x32x48xf32>
  %e = stablehlo.exponential %d : tensor<2x32x48xf32>
  %n = stablehlo.reduce(%e init: %zero) applies stablehlo.add across dimensions = [2] : (tensor<2x32x48xf32>, tensor<f32>) -> tensor<2x32xf32>
  %ns = stablehlo.broadcast_in_dim %n, dims = [0, 1] : (tensor<2x32xf32>) -> tensor<2x32x48xf32>
  %p = stablehlo.divide %e, %ns : tensor<2x32x48xf32>
  %dv = stablehlo.dot_general %p, %g, batching_dims = [0] x [0], contracting_dims = [1] x [1] : (tensor<2x32x48xf32>, tensor<2x32x16xf32>) -> tensor<2x48x16xf32>
  %dp = stablehlo.dot_general %g, %v, batching_dims = [0] x [0], contracting_dims = [2] x [2] : (tensor<2x32x16xf32>, tensor<2x48x16xf32>) -> tensor<2x32x48xf32>
  %pp = stablehlo.multiply %dp, %p : tensor<2x32x48xf32>
  %r = stablehlo.reduce(%pp init: %zero) applies stablehlo.add across dimensions = [2] : (tensor<2x32x48xf32>, tensor<f32>) -> tensor<2x32xf32>
  %rs = stablehlo.broadcast_in_dim %r, dims = [0, 1] : (tensor<2x32xf32>) -> tensor<2x32x48xf32>
  %pr = stablehlo.multiply %p, %rs : tensor<2x32x48xf32>
  %ds = stablehlo.subtract %pp, %pr : tensor<2x32x48xf32>
  %dq = stablehlo.dot_general %ds, %k, batching_dims = [0] x [0], contracting_dims = [2] x [1] : (tensor<2x32x48xf32>, tensor<2x48x16xf32>) -> tensor<2x32x16xf32>
  %dk = stablehlo.dot_general %ds, %q, batching_dims = [0] x [0], contracting_dims = [1] x [1] : (tensor<2x32x48xf32>, tensor<2x32x16xf32>) -> tensor<2x48x16xf32>
  return %dq, %dk, %dv : tensor<2x32x16xf32>, tensor<2x48x16xf32>, tensor<2x48x16xf32>
}

// With the forward pass, sums of rows come from its result, not from scores.
// CHECK-LABEL: func.func @with_forward
// CHECK:         %[[F:.*]]:3 = "kernel.fused"
// CHECK-SAME:      kind attention
// CHECK:         %[[R:.*]] = "kernel.fused"(%arg3, %[[F]]#2) <{domain = array<i64: 2, 32, 16>, kind = #kernel<kind rows>
// CHECK-COUNT-2: kind attention
// CHECK-NOT:     kind
// CHECK:         return
func.func @with_forward(%q: tensor<2x32x16xf32>, %k: tensor<2x48x16xf32>, %v: tensor<2x48x16xf32>, %g: tensor<2x32x16xf32>) -> (tensor<2x32x16xf32>, tensor<2x32x16xf32>, tensor<2x48x16xf32>, tensor<2x48x16xf32>) {
  %low = stablehlo.constant dense<0xFF800000> : tensor<f32>
  %zero = stablehlo.constant dense<0.0> : tensor<f32>
  %s = stablehlo.dot_general %q, %k, batching_dims = [0] x [0], contracting_dims = [2] x [2] : (tensor<2x32x16xf32>, tensor<2x48x16xf32>) -> tensor<2x32x48xf32>
  %m = stablehlo.reduce(%s init: %low) applies stablehlo.maximum across dimensions = [2] : (tensor<2x32x48xf32>, tensor<f32>) -> tensor<2x32xf32>
  %ms = stablehlo.broadcast_in_dim %m, dims = [0, 1] : (tensor<2x32xf32>) -> tensor<2x32x48xf32>
  %d = stablehlo.subtract %s, %ms : tensor<2x32x48xf32>
  %e = stablehlo.exponential %d : tensor<2x32x48xf32>
  %n = stablehlo.reduce(%e init: %zero) applies stablehlo.add across dimensions = [2] : (tensor<2x32x48xf32>, tensor<f32>) -> tensor<2x32xf32>
  %ns = stablehlo.broadcast_in_dim %n, dims = [0, 1] : (tensor<2x32xf32>) -> tensor<2x32x48xf32>
  %p = stablehlo.divide %e, %ns : tensor<2x32x48xf32>
  %o = stablehlo.dot_general %p, %v, batching_dims = [0] x [0], contracting_dims = [2] x [1] : (tensor<2x32x48xf32>, tensor<2x48x16xf32>) -> tensor<2x32x16xf32>
  %dv = stablehlo.dot_general %p, %g, batching_dims = [0] x [0], contracting_dims = [1] x [1] : (tensor<2x32x48xf32>, tensor<2x32x16xf32>) -> tensor<2x48x16xf32>
  %dp = stablehlo.dot_general %g, %v, batching_dims = [0] x [0], contracting_dims = [2] x [2] : (tensor<2x32x16xf32>, tensor<2x48x16xf32>) -> tensor<2x32x48xf32>
  %pp = stablehlo.multiply %dp, %p : tensor<2x32x48xf32>
  %r = stablehlo.reduce(%pp init: %zero) applies stablehlo.add across dimensions = [2] : (tensor<2x32x48xf32>, tensor<f32>) -> tensor<2x32xf32>
  %rs = stablehlo.broadcast_in_dim %r, dims = [0, 1] : (tensor<2x32xf32>) -> tensor<2x32x48xf32>
  %pr = stablehlo.multiply %p, %rs : tensor<2x32x48xf32>
  %ds = stablehlo.subtract %pp, %pr : tensor<2x32x48xf32>
  %dq = stablehlo.dot_general %ds, %k, batching_dims = [0] x [0], contracting_dims = [2] x [1] : (tensor<2x32x48xf32>, tensor<2x48x16xf32>) -> tensor<2x32x16xf32>
  %dk = stablehlo.dot_general %ds, %q, batching_dims = [0] x [0], contracting_dims = [1] x [1] : (tensor<2x32x48xf32>, tensor<2x32x16xf32>) -> tensor<2x48x16xf32>
  return %o, %dq, %dk, %dv : tensor<2x32x16xf32>, tensor<2x32x16xf32>, tensor<2x48x16xf32>, tensor<2x48x16xf32>
}

// Weights that the program returns are stored: nothing changes.
// CHECK-LABEL: func.func @returned
// CHECK-NOT:     kind attention
// CHECK:         return
func.func @returned(%q: tensor<2x32x16xf32>, %k: tensor<2x48x16xf32>, %v: tensor<2x48x16xf32>) -> (tensor<2x32x16xf32>, tensor<2x32x48xf32>) {
  %low = stablehlo.constant dense<0xFF800000> : tensor<f32>
  %s = stablehlo.dot_general %q, %k, batching_dims = [0] x [0], contracting_dims = [2] x [2] : (tensor<2x32x16xf32>, tensor<2x48x16xf32>) -> tensor<2x32x48xf32>
  %m = stablehlo.reduce(%s init: %low) applies stablehlo.maximum across dimensions = [2] : (tensor<2x32x48xf32>, tensor<f32>) -> tensor<2x32xf32>
  %ms = stablehlo.broadcast_in_dim %m, dims = [0, 1] : (tensor<2x32xf32>) -> tensor<2x32x48xf32>
  %d = stablehlo.subtract %s, %ms : tensor<2x32x48xf32>
  %e = stablehlo.exponential %d : tensor<2x32x48xf32>
  %o = stablehlo.dot_general %e, %v, batching_dims = [0] x [0], contracting_dims = [2] x [1] : (tensor<2x32x48xf32>, tensor<2x48x16xf32>) -> tensor<2x32x16xf32>
  return %o, %e : tensor<2x32x16xf32>, tensor<2x32x48xf32>
}

// Nor does it for one row of queries, for which there are too few blocks, nor for wide heads.
// CHECK-LABEL: func.func @narrow
// CHECK-NOT:     kind attention
// CHECK:         return
func.func @narrow(%q: tensor<2x8x16xf32>, %k: tensor<2x48x16xf32>, %v: tensor<2x48x16xf32>) -> tensor<2x8x16xf32> {
  %low = stablehlo.constant dense<0xFF800000> : tensor<f32>
  %s = stablehlo.dot_general %q, %k, batching_dims = [0] x [0], contracting_dims = [2] x [2] : (tensor<2x8x16xf32>, tensor<2x48x16xf32>) -> tensor<2x8x48xf32>
  %m = stablehlo.reduce(%s init: %low) applies stablehlo.maximum across dimensions = [2] : (tensor<2x8x48xf32>, tensor<f32>) -> tensor<2x8xf32>
  %ms = stablehlo.broadcast_in_dim %m, dims = [0, 1] : (tensor<2x8xf32>) -> tensor<2x8x48xf32>
  %d = stablehlo.subtract %s, %ms : tensor<2x8x48xf32>
  %e = stablehlo.exponential %d : tensor<2x8x48xf32>
  %o = stablehlo.dot_general %e, %v, batching_dims = [0] x [0], contracting_dims = [2] x [1] : (tensor<2x8x48xf32>, tensor<2x48x16xf32>) -> tensor<2x8x16xf32>
  return %o : tensor<2x8x16xf32>
}
