module @jit_step attributes {mhlo.num_partitions = 1 : i32, mhlo.num_replicas = 1 : i32} {
  func.func public @main(%arg0: tensor<16x256x64xf32> {tf.aliasing_output = 0 : i32}, %arg1: tensor<64x16xf32> {tf.aliasing_output = 1 : i32}, %arg2: tensor<16x64x256xf32> {tf.aliasing_output = 2 : i32}, %arg3: tensor<64x16x64xf32>, %arg4: tensor<64x16x64xf32>) -> (tensor<16x256x64xf32> {jax.result_info = "result[0]['down']"}, tensor<64x16xf32> {jax.result_info = "result[0]['gate']"}, tensor<16x64x256xf32> {jax.result_info = "result[0]['up']"}, tensor<f32> {jax.result_info = "result[2]"}) {
    %0 = stablehlo.reshape %arg3 : (tensor<64x16x64xf32>) -> tensor<32x32x64xf32>
    %1 = stablehlo.dot_general %0, %arg1, contracting_dims = [2] x [0], precision = [DEFAULT, DEFAULT] : (tensor<32x32x64xf32>, tensor<64x16xf32>) -> tensor<32x32x16xf32>
    %cst = stablehlo.constant dense<0xFF800000> : tensor<f32>
    %2 = stablehlo.reduce(%1 init: %cst) applies stablehlo.maximum across dimensions = [2] : (tensor<32x32x16xf32>, tensor<f32>) -> tensor<32x32xf32>
    %3 = stablehlo.reshape %2 : (tensor<32x32xf32>) -> tensor<32x32x1xf32>
    %4 = stablehlo.broadcast_in_dim %3, dims = [0, 1, 2] : (tensor<32x32x1xf32>) -> tensor<32x32x16xf32>
    %5 = stablehlo.compare EQ, %1, %4, FLOAT : (tensor<32x32x16xf32>, tensor<32x32x16xf32>) -> tensor<32x32x16xi1>
    %6 = stablehlo.convert %5 : (tensor<32x32x16xi1>) -> tensor<32x32x16xf32>
    %cst_0 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %7 = stablehlo.reduce(%6 init: %cst_0) applies stablehlo.add across dimensions = [2] : (tensor<32x32x16xf32>, tensor<f32>) -> tensor<32x32xf32>
    %cst_1 = stablehlo.constant dense<0xFF800000> : tensor<f32>
    %8 = stablehlo.broadcast_in_dim %cst_1, dims = [] : (tensor<f32>) -> tensor<32x32xf32>
    %9 = stablehlo.maximum %8, %2 : tensor<32x32xf32>
    %10 = stablehlo.compare EQ, %2, %9, FLOAT : (tensor<32x32xf32>, tensor<32x32xf32>) -> tensor<32x32xi1>
    %cst_2 = stablehlo.constant dense<1.000000e+00> : tensor<f32>
    %11 = stablehlo.broadcast_in_dim %cst_2, dims = [] : (tensor<f32>) -> tensor<32x32xf32>
    %cst_3 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %12 = stablehlo.broadcast_in_dim %cst_3, dims = [] : (tensor<f32>) -> tensor<32x32xf32>
    %13 = stablehlo.select %10, %11, %12 : tensor<32x32xi1>, tensor<32x32xf32>
    %cst_4 = stablehlo.constant dense<0xFF800000> : tensor<f32>
    %14 = stablehlo.broadcast_in_dim %cst_4, dims = [] : (tensor<f32>) -> tensor<32x32xf32>
    %15 = stablehlo.compare EQ, %14, %9, FLOAT : (tensor<32x32xf32>, tensor<32x32xf32>) -> tensor<32x32xi1>
    %cst_5 = stablehlo.constant dense<2.000000e+00> : tensor<f32>
    %16 = stablehlo.broadcast_in_dim %cst_5, dims = [] : (tensor<f32>) -> tensor<32x32xf32>
    %cst_6 = stablehlo.constant dense<1.000000e+00> : tensor<f32>
    %17 = stablehlo.broadcast_in_dim %cst_6, dims = [] : (tensor<f32>) -> tensor<32x32xf32>
    %18 = stablehlo.select %15, %16, %17 : tensor<32x32xi1>, tensor<32x32xf32>
    %19 = stablehlo.divide %13, %18 : tensor<32x32xf32>
    %20 = stablehlo.broadcast_in_dim %9, dims = [0, 1] : (tensor<32x32xf32>) -> tensor<32x32x1xf32>
    %21 = stablehlo.broadcast_in_dim %20, dims = [0, 1, 2] : (tensor<32x32x1xf32>) -> tensor<32x32x16xf32>
    %22 = stablehlo.subtract %1, %21 : tensor<32x32x16xf32>
    %23 = stablehlo.exponential %22 : tensor<32x32x16xf32>
    %cst_7 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %24 = stablehlo.reduce(%23 init: %cst_7) applies stablehlo.add across dimensions = [2] : (tensor<32x32x16xf32>, tensor<f32>) -> tensor<32x32xf32>
    %25 = stablehlo.broadcast_in_dim %24, dims = [0, 1] : (tensor<32x32xf32>) -> tensor<32x32x1xf32>
    %26 = stablehlo.broadcast_in_dim %25, dims = [0, 1, 2] : (tensor<32x32x1xf32>) -> tensor<32x32x16xf32>
    %27 = stablehlo.divide %23, %26 : tensor<32x32x16xf32>
    %28 = stablehlo.multiply %25, %25 : tensor<32x32x1xf32>
    %cst_8 = stablehlo.constant dense<1.000000e+00> : tensor<f32>
    %29 = stablehlo.broadcast_in_dim %cst_8, dims = [] : (tensor<f32>) -> tensor<32x32x1xf32>
    %30 = stablehlo.divide %29, %28 : tensor<32x32x1xf32>
    %31 = call @argmax(%27) : (tensor<32x32x16xf32>) -> tensor<32x32xi32>
    %32 = call @_one_hot(%31) : (tensor<32x32xi32>) -> tensor<32x32x16xf32>
    %33 = call @cumsum(%32) : (tensor<32x32x16xf32>) -> tensor<32x32x16xf32>
    %34 = stablehlo.multiply %33, %32 : tensor<32x32x16xf32>
    %35 = stablehlo.subtract %34, %32 : tensor<32x32x16xf32>
    %36 = stablehlo.convert %35 : (tensor<32x32x16xf32>) -> tensor<32x32x16xi32>
    %37 = call @_one_hot_1(%36) : (tensor<32x32x16xi32>) -> tensor<32x32x16x4xf32>
    %38 = stablehlo.broadcast_in_dim %32, dims = [0, 1, 2] : (tensor<32x32x16xf32>) -> tensor<32x32x16x1xf32>
    %39 = stablehlo.broadcast_in_dim %38, dims = [0, 1, 2, 3] : (tensor<32x32x16x1xf32>) -> tensor<32x32x16x4xf32>
    %40 = stablehlo.multiply %37, %39 : tensor<32x32x16x4xf32>
    %41 = stablehlo.multiply %27, %32 : tensor<32x32x16xf32>
    %cst_9 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %42 = stablehlo.reduce(%41 init: %cst_9) applies stablehlo.add across dimensions = [2] : (tensor<32x32x16xf32>, tensor<f32>) -> tensor<32x32xf32>
    %43 = stablehlo.broadcast_in_dim %42, dims = [0, 1] : (tensor<32x32xf32>) -> tensor<32x32x1x1xf32>
    %44 = stablehlo.broadcast_in_dim %43, dims = [0, 1, 2, 3] : (tensor<32x32x1x1xf32>) -> tensor<32x32x16x4xf32>
    %45 = stablehlo.multiply %40, %44 : tensor<32x32x16x4xf32>
    %46 = stablehlo.dot_general %0, %40, batching_dims = [0] x [0], contracting_dims = [1] x [1], precision = [DEFAULT, DEFAULT] : (tensor<32x32x64xf32>, tensor<32x32x16x4xf32>) -> tensor<32x64x16x4xf32>
    %47 = stablehlo.transpose %46, dims = [2, 0, 3, 1] : (tensor<32x64x16x4xf32>) -> tensor<16x32x4x64xf32>
    %48 = stablehlo.dot_general %47, %arg2, batching_dims = [0] x [0], contracting_dims = [3] x [1], precision = [DEFAULT, DEFAULT] : (tensor<16x32x4x64xf32>, tensor<16x64x256xf32>) -> tensor<16x32x4x256xf32>
    %49 = call @relu(%48) : (tensor<16x32x4x256xf32>) -> tensor<16x32x4x256xf32>
    %cst_10 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %50 = stablehlo.broadcast_in_dim %cst_10, dims = [] : (tensor<f32>) -> tensor<16x32x4x256xf32>
    %51 = stablehlo.compare GT, %48, %50, FLOAT : (tensor<16x32x4x256xf32>, tensor<16x32x4x256xf32>) -> tensor<16x32x4x256xi1>
    %cst_11 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %52 = stablehlo.broadcast_in_dim %cst_11, dims = [] : (tensor<f32>) -> tensor<16x32x4x256xf32>
    %53 = stablehlo.dot_general %49, %arg0, batching_dims = [0] x [0], contracting_dims = [3] x [1], precision = [DEFAULT, DEFAULT] : (tensor<16x32x4x256xf32>, tensor<16x256x64xf32>) -> tensor<16x32x4x64xf32>
    %54 = stablehlo.dot_general %45, %53, batching_dims = [0] x [1], contracting_dims = [3, 2] x [2, 0], precision = [DEFAULT, DEFAULT] : (tensor<32x32x16x4xf32>, tensor<16x32x4x64xf32>) -> tensor<32x32x64xf32>
    %55 = stablehlo.reshape %54 : (tensor<32x32x64xf32>) -> tensor<64x16x64xf32>
    %56 = stablehlo.subtract %55, %arg4 : tensor<64x16x64xf32>
    %57 = chlo.square %56 : tensor<64x16x64xf32> -> tensor<64x16x64xf32>
    %cst_12 = stablehlo.constant dense<2.000000e+00> : tensor<f32>
    %58 = stablehlo.broadcast_in_dim %cst_12, dims = [] : (tensor<f32>) -> tensor<64x16x64xf32>
    %59 = stablehlo.multiply %58, %56 : tensor<64x16x64xf32>
    %cst_13 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %60 = stablehlo.reduce(%57 init: %cst_13) applies stablehlo.add across dimensions = [0, 1, 2] : (tensor<64x16x64xf32>, tensor<f32>) -> tensor<f32>
    %cst_14 = stablehlo.constant dense<6.553600e+04> : tensor<f32>
    %61 = stablehlo.divide %60, %cst_14 : tensor<f32>
    %cst_15 = stablehlo.constant dense<1.000000e+00> : tensor<f32>
    %cst_16 = stablehlo.constant dense<6.553600e+04> : tensor<f32>
    %62 = stablehlo.divide %cst_15, %cst_16 : tensor<f32>
    %63 = stablehlo.broadcast_in_dim %62, dims = [] : (tensor<f32>) -> tensor<64x16x64xf32>
    %64 = stablehlo.multiply %63, %59 : tensor<64x16x64xf32>
    %65 = stablehlo.reshape %64 : (tensor<64x16x64xf32>) -> tensor<32x32x64xf32>
    %66 = stablehlo.dot_general %65, %45, batching_dims = [0] x [0], contracting_dims = [1] x [1], precision = [DEFAULT, DEFAULT] : (tensor<32x32x64xf32>, tensor<32x32x16x4xf32>) -> tensor<32x64x16x4xf32>
    %67 = stablehlo.transpose %66, dims = [2, 0, 3, 1] : (tensor<32x64x16x4xf32>) -> tensor<16x32x4x64xf32>
    %68 = stablehlo.dot_general %65, %53, batching_dims = [0] x [1], contracting_dims = [2] x [3], precision = [DEFAULT, DEFAULT] : (tensor<32x32x64xf32>, tensor<16x32x4x64xf32>) -> tensor<32x32x16x4xf32>
    %69 = stablehlo.dot_general %67, %49, batching_dims = [0] x [0], contracting_dims = [1, 2] x [1, 2], precision = [DEFAULT, DEFAULT] : (tensor<16x32x4x64xf32>, tensor<16x32x4x256xf32>) -> tensor<16x64x256xf32>
    %70 = stablehlo.transpose %69, dims = [0, 2, 1] : (tensor<16x64x256xf32>) -> tensor<16x256x64xf32>
    %71 = stablehlo.dot_general %67, %arg0, batching_dims = [0] x [0], contracting_dims = [3] x [2], precision = [DEFAULT, DEFAULT] : (tensor<16x32x4x64xf32>, tensor<16x256x64xf32>) -> tensor<16x32x4x256xf32>
    %cst_17 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %72 = stablehlo.broadcast_in_dim %cst_17, dims = [] : (tensor<f32>) -> tensor<16x32x4x256xf32>
    %73 = stablehlo.select %51, %71, %72 : tensor<16x32x4x256xi1>, tensor<16x32x4x256xf32>
    %74 = stablehlo.dot_general %73, %47, batching_dims = [0] x [0], contracting_dims = [1, 2] x [1, 2], precision = [DEFAULT, DEFAULT] : (tensor<16x32x4x256xf32>, tensor<16x32x4x64xf32>) -> tensor<16x256x64xf32>
    %75 = stablehlo.transpose %74, dims = [0, 2, 1] : (tensor<16x256x64xf32>) -> tensor<16x64x256xf32>
    %76 = stablehlo.multiply %40, %68 : tensor<32x32x16x4xf32>
    %cst_18 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %77 = stablehlo.reduce(%76 init: %cst_18) applies stablehlo.add across dimensions = [2, 3] : (tensor<32x32x16x4xf32>, tensor<f32>) -> tensor<32x32xf32>
    %78 = stablehlo.reshape %77 : (tensor<32x32xf32>) -> tensor<32x32x1x1xf32>
    %cst_19 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %79 = stablehlo.reduce(%78 init: %cst_19) applies stablehlo.add across dimensions = [2, 3] : (tensor<32x32x1x1xf32>, tensor<f32>) -> tensor<32x32xf32>
    %80 = stablehlo.broadcast_in_dim %79, dims = [0, 1] : (tensor<32x32xf32>) -> tensor<32x32x16xf32>
    %81 = stablehlo.multiply %80, %32 : tensor<32x32x16xf32>
    %82 = stablehlo.broadcast_in_dim %30, dims = [0, 1, 2] : (tensor<32x32x1xf32>) -> tensor<32x32x16xf32>
    %83 = stablehlo.multiply %81, %82 : tensor<32x32x16xf32>
    %84 = stablehlo.multiply %83, %23 : tensor<32x32x16xf32>
    %cst_20 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %85 = stablehlo.reduce(%84 init: %cst_20) applies stablehlo.add across dimensions = [2] : (tensor<32x32x16xf32>, tensor<f32>) -> tensor<32x32xf32>
    %86 = stablehlo.reshape %85 : (tensor<32x32xf32>) -> tensor<32x32x1xf32>
    %87 = stablehlo.negate %86 : tensor<32x32x1xf32>
    %88 = stablehlo.broadcast_in_dim %25, dims = [0, 1, 2] : (tensor<32x32x1xf32>) -> tensor<32x32x16xf32>
    %89 = stablehlo.divide %81, %88 : tensor<32x32x16xf32>
    %cst_21 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %90 = stablehlo.reduce(%87 init: %cst_21) applies stablehlo.add across dimensions = [2] : (tensor<32x32x1xf32>, tensor<f32>) -> tensor<32x32xf32>
    %91 = stablehlo.broadcast_in_dim %90, dims = [0, 1] : (tensor<32x32xf32>) -> tensor<32x32x16xf32>
    %92 = stablehlo.add %89, %91 : tensor<32x32x16xf32>
    %93 = stablehlo.multiply %92, %23 : tensor<32x32x16xf32>
    %94 = stablehlo.dot_general %93, %0, contracting_dims = [0, 1] x [0, 1], precision = [DEFAULT, DEFAULT] : (tensor<32x32x16xf32>, tensor<32x32x64xf32>) -> tensor<16x64xf32>
    %95 = stablehlo.transpose %94, dims = [1, 0] : (tensor<16x64xf32>) -> tensor<64x16xf32>
    %cst_22 = stablehlo.constant dense<1.000000e-01> : tensor<f32>
    %96 = stablehlo.broadcast_in_dim %cst_22, dims = [] : (tensor<f32>) -> tensor<16x256x64xf32>
    %97 = stablehlo.multiply %96, %70 : tensor<16x256x64xf32>
    %98 = stablehlo.subtract %arg0, %97 : tensor<16x256x64xf32>
    %cst_23 = stablehlo.constant dense<1.000000e-01> : tensor<f32>
    %99 = stablehlo.broadcast_in_dim %cst_23, dims = [] : (tensor<f32>) -> tensor<64x16xf32>
    %100 = stablehlo.multiply %99, %95 : tensor<64x16xf32>
    %101 = stablehlo.subtract %arg1, %100 : tensor<64x16xf32>
    %cst_24 = stablehlo.constant dense<1.000000e-01> : tensor<f32>
    %102 = stablehlo.broadcast_in_dim %cst_24, dims = [] : (tensor<f32>) -> tensor<16x64x256xf32>
    %103 = stablehlo.multiply %102, %75 : tensor<16x64x256xf32>
    %104 = stablehlo.subtract %arg2, %103 : tensor<16x64x256xf32>
    return %98, %101, %104, %61 : tensor<16x256x64xf32>, tensor<64x16xf32>, tensor<16x64x256xf32>, tensor<f32>
  }
  func.func private @argmax(%arg0: tensor<32x32x16xf32>) -> tensor<32x32xi32> {
    %0 = stablehlo.iota dim = 2 : tensor<32x32x16xi32>
    %cst = stablehlo.constant dense<0xFF800000> : tensor<f32>
    %c = stablehlo.constant dense<0> : tensor<i32>
    %1:2 = stablehlo.reduce(%arg0 init: %cst), (%0 init: %c) across dimensions = [2] : (tensor<32x32x16xf32>, tensor<32x32x16xi32>, tensor<f32>, tensor<i32>) -> (tensor<32x32xf32>, tensor<32x32xi32>)
     reducer(%arg1: tensor<f32>, %arg3: tensor<f32>) (%arg2: tensor<i32>, %arg4: tensor<i32>)  {
      %2 = stablehlo.compare GT, %arg1, %arg3, FLOAT : (tensor<f32>, tensor<f32>) -> tensor<i1>
      %3 = stablehlo.compare NE, %arg1, %arg1, FLOAT : (tensor<f32>, tensor<f32>) -> tensor<i1>
      %4 = stablehlo.or %2, %3 : tensor<i1>
      %5 = stablehlo.compare EQ, %arg1, %arg3, FLOAT : (tensor<f32>, tensor<f32>) -> tensor<i1>
      %6 = stablehlo.compare LT, %arg2, %arg4, SIGNED : (tensor<i32>, tensor<i32>) -> tensor<i1>
      %7 = stablehlo.and %5, %6 : tensor<i1>
      %8 = stablehlo.or %4, %7 : tensor<i1>
      %9 = stablehlo.select %4, %arg1, %arg3 : tensor<i1>, tensor<f32>
      %10 = stablehlo.select %8, %arg2, %arg4 : tensor<i1>, tensor<i32>
      stablehlo.return %9, %10 : tensor<f32>, tensor<i32>
    }
    return %1#1 : tensor<32x32xi32>
  }
  func.func private @_one_hot(%arg0: tensor<32x32xi32>) -> tensor<32x32x16xf32> {
    %0 = stablehlo.broadcast_in_dim %arg0, dims = [0, 1] : (tensor<32x32xi32>) -> tensor<32x32x1xi32>
    %1 = stablehlo.iota dim = 2 : tensor<1x1x16xi32>
    %2 = stablehlo.broadcast_in_dim %0, dims = [0, 1, 2] : (tensor<32x32x1xi32>) -> tensor<32x32x16xi32>
    %3 = stablehlo.broadcast_in_dim %1, dims = [0, 1, 2] : (tensor<1x1x16xi32>) -> tensor<32x32x16xi32>
    %4 = stablehlo.compare EQ, %2, %3, SIGNED : (tensor<32x32x16xi32>, tensor<32x32x16xi32>) -> tensor<32x32x16xi1>
    %5 = stablehlo.convert %4 : (tensor<32x32x16xi1>) -> tensor<32x32x16xf32>
    return %5 : tensor<32x32x16xf32>
  }
  func.func private @cumsum(%arg0: tensor<32x32x16xf32>) -> tensor<32x32x16xf32> {
    %0 = call @cumsum_0(%arg0) : (tensor<32x32x16xf32>) -> tensor<32x32x16xf32>
    return %0 : tensor<32x32x16xf32>
  }
  func.func private @cumsum_0(%arg0: tensor<32x32x16xf32>) -> tensor<32x32x16xf32> {
    %cst = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %0 = stablehlo.broadcast_in_dim %cst, dims = [] : (tensor<f32>) -> tensor<f32>
    %1 = "stablehlo.reduce_window"(%arg0, %0) <{base_dilations = array<i64: 1, 1, 1>, padding = dense<[[0, 0], [31, 0], [0, 0]]> : tensor<3x2xi64>, window_dilations = array<i64: 1, 1, 1>, window_dimensions = array<i64: 1, 32, 1>, window_strides = array<i64: 1, 1, 1>}> ({
    ^bb0(%arg1: tensor<f32>, %arg2: tensor<f32>):
      %2 = stablehlo.add %arg1, %arg2 : tensor<f32>
      stablehlo.return %2 : tensor<f32>
    }) : (tensor<32x32x16xf32>, tensor<f32>) -> tensor<32x32x16xf32>
    return %1 : tensor<32x32x16xf32>
  }
  func.func private @_one_hot_1(%arg0: tensor<32x32x16xi32>) -> tensor<32x32x16x4xf32> {
    %0 = stablehlo.broadcast_in_dim %arg0, dims = [0, 1, 2] : (tensor<32x32x16xi32>) -> tensor<32x32x16x1xi32>
    %1 = stablehlo.iota dim = 3 : tensor<1x1x1x4xi32>
    %2 = stablehlo.broadcast_in_dim %0, dims = [0, 1, 2, 3] : (tensor<32x32x16x1xi32>) -> tensor<32x32x16x4xi32>
    %3 = stablehlo.broadcast_in_dim %1, dims = [0, 1, 2, 3] : (tensor<1x1x1x4xi32>) -> tensor<32x32x16x4xi32>
    %4 = stablehlo.compare EQ, %2, %3, SIGNED : (tensor<32x32x16x4xi32>, tensor<32x32x16x4xi32>) -> tensor<32x32x16x4xi1>
    %5 = stablehlo.convert %4 : (tensor<32x32x16x4xi1>) -> tensor<32x32x16x4xf32>
    return %5 : tensor<32x32x16x4xf32>
  }
  func.func private @relu(%arg0: tensor<16x32x4x256xf32>) -> tensor<16x32x4x256xf32> {
    %cst = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %0 = stablehlo.broadcast_in_dim %cst, dims = [] : (tensor<f32>) -> tensor<16x32x4x256xf32>
    %1 = stablehlo.maximum %arg0, %0 : tensor<16x32x4x256xf32>
    return %1 : tensor<16x32x4x256xf32>
  }
}
