module @jit_step attributes {mhlo.num_partitions = 1 : i32, mhlo.num_replicas = 1 : i32} {
  func.func public @main(%arg0: tensor<32xf32> {tf.aliasing_output = 0 : i32}, %arg1: tensor<128x32xf32> {tf.aliasing_output = 1 : i32}, %arg2: tensor<32xf32> {tf.aliasing_output = 2 : i32}, %arg3: tensor<32xf32> {tf.aliasing_output = 3 : i32}, %arg4: tensor<32xf32> {tf.aliasing_output = 4 : i32}, %arg5: tensor<32xf32> {tf.aliasing_output = 5 : i32}, %arg6: tensor<32xf32> {tf.aliasing_output = 6 : i32}, %arg7: tensor<32x32xf32> {tf.aliasing_output = 7 : i32}, %arg8: tensor<3x32xf32> {tf.aliasing_output = 8 : i32}, %arg9: tensor<32x3x32xf32> {tf.aliasing_output = 9 : i32}, %arg10: tensor<128xf32> {tf.aliasing_output = 10 : i32}, %arg11: tensor<32x128xf32> {tf.aliasing_output = 11 : i32}, %arg12: tensor<32xf32> {tf.aliasing_output = 12 : i32}, %arg13: tensor<128x32xf32> {tf.aliasing_output = 13 : i32}, %arg14: tensor<32xf32> {tf.aliasing_output = 14 : i32}, %arg15: tensor<32xf32> {tf.aliasing_output = 15 : i32}, %arg16: tensor<32xf32> {tf.aliasing_output = 16 : i32}, %arg17: tensor<32xf32> {tf.aliasing_output = 17 : i32}, %arg18: tensor<32xf32> {tf.aliasing_output = 18 : i32}, %arg19: tensor<32x32xf32> {tf.aliasing_output = 19 : i32}, %arg20: tensor<3x32xf32> {tf.aliasing_output = 20 : i32}, %arg21: tensor<32x3x32xf32> {tf.aliasing_output = 21 : i32}, %arg22: tensor<128xf32> {tf.aliasing_output = 22 : i32}, %arg23: tensor<32x128xf32> {tf.aliasing_output = 23 : i32}, %arg24: tensor<64x64x32xf32>, %arg25: tensor<64x64x32xf32>) -> (tensor<32xf32> {jax.result_info = "result[0][0]['down']['bias']"}, tensor<128x32xf32> {jax.result_info = "result[0][0]['down']['kernel']"}, tensor<32xf32> {jax.result_info = "result[0][0]['norm1']['bias']"}, tensor<32xf32> {jax.result_info = "result[0][0]['norm1']['scale']"}, tensor<32xf32> {jax.result_info = "result[0][0]['norm2']['bias']"}, tensor<32xf32> {jax.result_info = "result[0][0]['norm2']['scale']"}, tensor<32xf32> {jax.result_info = "result[0][0]['out']['bias']"}, tensor<32x32xf32> {jax.result_info = "result[0][0]['out']['kernel']"}, tensor<3x32xf32> {jax.result_info = "result[0][0]['qkv']['bias']"}, tensor<32x3x32xf32> {jax.result_info = "result[0][0]['qkv']['kernel']"}, tensor<128xf32> {jax.result_info = "result[0][0]['up']['bias']"}, tensor<32x128xf32> {jax.result_info = "result[0][0]['up']['kernel']"}, tensor<32xf32> {jax.result_info = "result[0][1]['down']['bias']"}, tensor<128x32xf32> {jax.result_info = "result[0][1]['down']['kernel']"}, tensor<32xf32> {jax.result_info = "result[0][1]['norm1']['bias']"}, tensor<32xf32> {jax.result_info = "result[0][1]['norm1']['scale']"}, tensor<32xf32> {jax.result_info = "result[0][1]['norm2']['bias']"}, tensor<32xf32> {jax.result_info = "result[0][1]['norm2']['scale']"}, tensor<32xf32> {jax.result_info = "result[0][1]['out']['bias']"}, tensor<32x32xf32> {jax.result_info = "result[0][1]['out']['kernel']"}, tensor<3x32xf32> {jax.result_info = "result[0][1]['qkv']['bias']"}, tensor<32x3x32xf32> {jax.result_info = "result[0][1]['qkv']['kernel']"}, tensor<128xf32> {jax.result_info = "result[0][1]['up']['bias']"}, tensor<32x128xf32> {jax.result_info = "result[0][1]['up']['kernel']"}, tensor<f32> {jax.result_info = "result[2]"}) {
    %0 = stablehlo.dot_general %arg24, %arg9, contracting_dims = [2] x [0], precision = [DEFAULT, DEFAULT] : (tensor<64x64x32xf32>, tensor<32x3x32xf32>) -> tensor<64x64x3x32xf32>
    %1 = stablehlo.broadcast_in_dim %arg8, dims = [2, 3] : (tensor<3x32xf32>) -> tensor<1x1x3x32xf32>
    %2 = stablehlo.broadcast_in_dim %1, dims = [0, 1, 2, 3] : (tensor<1x1x3x32xf32>) -> tensor<64x64x3x32xf32>
    %3 = stablehlo.add %0, %2 : tensor<64x64x3x32xf32>
    %4 = stablehlo.slice %3 [0:64, 0:64, 0:1, 0:32] : (tensor<64x64x3x32xf32>) -> tensor<64x64x1x32xf32>
    %5 = stablehlo.reshape %4 : (tensor<64x64x1x32xf32>) -> tensor<64x64x32xf32>
    %6 = stablehlo.reshape %5 : (tensor<64x64x32xf32>) -> tensor<64x64x8x4xf32>
    %7 = stablehlo.slice %3 [0:64, 0:64, 1:2, 0:32] : (tensor<64x64x3x32xf32>) -> tensor<64x64x1x32xf32>
    %8 = stablehlo.reshape %7 : (tensor<64x64x1x32xf32>) -> tensor<64x64x32xf32>
    %9 = stablehlo.reshape %8 : (tensor<64x64x32xf32>) -> tensor<64x64x8x4xf32>
    %10 = stablehlo.slice %3 [0:64, 0:64, 2:3, 0:32] : (tensor<64x64x3x32xf32>) -> tensor<64x64x1x32xf32>
    %11 = stablehlo.reshape %10 : (tensor<64x64x1x32xf32>) -> tensor<64x64x32xf32>
    %12 = stablehlo.reshape %11 : (tensor<64x64x32xf32>) -> tensor<64x64x8x4xf32>
    %13 = stablehlo.dot_general %6, %9, batching_dims = [0, 2] x [0, 2], contracting_dims = [3] x [3], precision = [DEFAULT, DEFAULT] : (tensor<64x64x8x4xf32>, tensor<64x64x8x4xf32>) -> tensor<64x8x64x64xf32>
    %cst = stablehlo.constant dense<2.000000e+00> : tensor<f32>
    %14 = stablehlo.broadcast_in_dim %cst, dims = [] : (tensor<f32>) -> tensor<64x8x64x64xf32>
    %15 = stablehlo.divide %13, %14 : tensor<64x8x64x64xf32>
    %cst_0 = stablehlo.constant dense<0xFF800000> : tensor<f32>
    %16 = stablehlo.reduce(%15 init: %cst_0) applies stablehlo.maximum across dimensions = [3] : (tensor<64x8x64x64xf32>, tensor<f32>) -> tensor<64x8x64xf32>
    %17 = stablehlo.reshape %16 : (tensor<64x8x64xf32>) -> tensor<64x8x64x1xf32>
    %18 = stablehlo.broadcast_in_dim %17, dims = [0, 1, 2, 3] : (tensor<64x8x64x1xf32>) -> tensor<64x8x64x64xf32>
    %19 = stablehlo.compare EQ, %15, %18, FLOAT : (tensor<64x8x64x64xf32>, tensor<64x8x64x64xf32>) -> tensor<64x8x64x64xi1>
    %20 = stablehlo.convert %19 : (tensor<64x8x64x64xi1>) -> tensor<64x8x64x64xf32>
    %cst_1 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %21 = stablehlo.reduce(%20 init: %cst_1) applies stablehlo.add across dimensions = [3] : (tensor<64x8x64x64xf32>, tensor<f32>) -> tensor<64x8x64xf32>
    %cst_2 = stablehlo.constant dense<0xFF800000> : tensor<f32>
    %22 = stablehlo.broadcast_in_dim %cst_2, dims = [] : (tensor<f32>) -> tensor<64x8x64xf32>
    %23 = stablehlo.maximum %22, %16 : tensor<64x8x64xf32>
    %24 = stablehlo.compare EQ, %16, %23, FLOAT : (tensor<64x8x64xf32>, tensor<64x8x64xf32>) -> tensor<64x8x64xi1>
    %cst_3 = stablehlo.constant dense<1.000000e+00> : tensor<f32>
    %25 = stablehlo.broadcast_in_dim %cst_3, dims = [] : (tensor<f32>) -> tensor<64x8x64xf32>
    %cst_4 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %26 = stablehlo.broadcast_in_dim %cst_4, dims = [] : (tensor<f32>) -> tensor<64x8x64xf32>
    %27 = stablehlo.select %24, %25, %26 : tensor<64x8x64xi1>, tensor<64x8x64xf32>
    %cst_5 = stablehlo.constant dense<0xFF800000> : tensor<f32>
    %28 = stablehlo.broadcast_in_dim %cst_5, dims = [] : (tensor<f32>) -> tensor<64x8x64xf32>
    %29 = stablehlo.compare EQ, %28, %23, FLOAT : (tensor<64x8x64xf32>, tensor<64x8x64xf32>) -> tensor<64x8x64xi1>
    %cst_6 = stablehlo.constant dense<2.000000e+00> : tensor<f32>
    %30 = stablehlo.broadcast_in_dim %cst_6, dims = [] : (tensor<f32>) -> tensor<64x8x64xf32>
    %cst_7 = stablehlo.constant dense<1.000000e+00> : tensor<f32>
    %31 = stablehlo.broadcast_in_dim %cst_7, dims = [] : (tensor<f32>) -> tensor<64x8x64xf32>
    %32 = stablehlo.select %29, %30, %31 : tensor<64x8x64xi1>, tensor<64x8x64xf32>
    %33 = stablehlo.divide %27, %32 : tensor<64x8x64xf32>
    %34 = stablehlo.broadcast_in_dim %23, dims = [0, 1, 2] : (tensor<64x8x64xf32>) -> tensor<64x8x64x1xf32>
    %35 = stablehlo.broadcast_in_dim %34, dims = [0, 1, 2, 3] : (tensor<64x8x64x1xf32>) -> tensor<64x8x64x64xf32>
    %36 = stablehlo.subtract %15, %35 : tensor<64x8x64x64xf32>
    %37 = stablehlo.exponential %36 : tensor<64x8x64x64xf32>
    %cst_8 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %38 = stablehlo.reduce(%37 init: %cst_8) applies stablehlo.add across dimensions = [3] : (tensor<64x8x64x64xf32>, tensor<f32>) -> tensor<64x8x64xf32>
    %39 = stablehlo.broadcast_in_dim %38, dims = [0, 1, 2] : (tensor<64x8x64xf32>) -> tensor<64x8x64x1xf32>
    %40 = stablehlo.broadcast_in_dim %39, dims = [0, 1, 2, 3] : (tensor<64x8x64x1xf32>) -> tensor<64x8x64x64xf32>
    %41 = stablehlo.divide %37, %40 : tensor<64x8x64x64xf32>
    %42 = stablehlo.multiply %39, %39 : tensor<64x8x64x1xf32>
    %cst_9 = stablehlo.constant dense<1.000000e+00> : tensor<f32>
    %43 = stablehlo.broadcast_in_dim %cst_9, dims = [] : (tensor<f32>) -> tensor<64x8x64x1xf32>
    %44 = stablehlo.divide %43, %42 : tensor<64x8x64x1xf32>
    %45 = stablehlo.dot_general %12, %41, batching_dims = [0, 2] x [0, 1], contracting_dims = [1] x [3], precision = [DEFAULT, DEFAULT] : (tensor<64x64x8x4xf32>, tensor<64x8x64x64xf32>) -> tensor<64x8x4x64xf32>
    %46 = stablehlo.transpose %45, dims = [0, 3, 1, 2] : (tensor<64x8x4x64xf32>) -> tensor<64x64x8x4xf32>
    %47 = stablehlo.reshape %46 : (tensor<64x64x8x4xf32>) -> tensor<64x64x32xf32>
    %48 = stablehlo.dot_general %47, %arg7, contracting_dims = [2] x [0], precision = [DEFAULT, DEFAULT] : (tensor<64x64x32xf32>, tensor<32x32xf32>) -> tensor<64x64x32xf32>
    %49 = stablehlo.broadcast_in_dim %arg6, dims = [2] : (tensor<32xf32>) -> tensor<1x1x32xf32>
    %50 = stablehlo.broadcast_in_dim %49, dims = [0, 1, 2] : (tensor<1x1x32xf32>) -> tensor<64x64x32xf32>
    %51 = stablehlo.add %48, %50 : tensor<64x64x32xf32>
    %52 = stablehlo.add %arg24, %51 : tensor<64x64x32xf32>
    %cst_10 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %53 = stablehlo.reduce(%52 init: %cst_10) applies stablehlo.add across dimensions = [2] : (tensor<64x64x32xf32>, tensor<f32>) -> tensor<64x64xf32>
    %54 = stablehlo.broadcast_in_dim %53, dims = [0, 1] : (tensor<64x64xf32>) -> tensor<64x64x1xf32>
    %cst_11 = stablehlo.constant dense<3.200000e+01> : tensor<f32>
    %55 = stablehlo.broadcast_in_dim %cst_11, dims = [] : (tensor<f32>) -> tensor<64x64x1xf32>
    %56 = stablehlo.divide %54, %55 : tensor<64x64x1xf32>
    %57 = stablehlo.broadcast_in_dim %56, dims = [0, 1, 2] : (tensor<64x64x1xf32>) -> tensor<64x64x32xf32>
    %58 = stablehlo.subtract %52, %57 : tensor<64x64x32xf32>
    %59 = chlo.square %58 : tensor<64x64x32xf32> -> tensor<64x64x32xf32>
    %cst_12 = stablehlo.constant dense<2.000000e+00> : tensor<f32>
    %60 = stablehlo.broadcast_in_dim %cst_12, dims = [] : (tensor<f32>) -> tensor<64x64x32xf32>
    %61 = stablehlo.multiply %60, %58 : tensor<64x64x32xf32>
    %cst_13 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %62 = stablehlo.reduce(%59 init: %cst_13) applies stablehlo.add across dimensions = [2] : (tensor<64x64x32xf32>, tensor<f32>) -> tensor<64x64xf32>
    %63 = stablehlo.broadcast_in_dim %62, dims = [0, 1] : (tensor<64x64xf32>) -> tensor<64x64x1xf32>
    %cst_14 = stablehlo.constant dense<3.200000e+01> : tensor<f32>
    %64 = stablehlo.broadcast_in_dim %cst_14, dims = [] : (tensor<f32>) -> tensor<64x64x1xf32>
    %65 = stablehlo.divide %63, %64 : tensor<64x64x1xf32>
    %66 = stablehlo.broadcast_in_dim %56, dims = [0, 1, 2] : (tensor<64x64x1xf32>) -> tensor<64x64x32xf32>
    %67 = stablehlo.subtract %52, %66 : tensor<64x64x32xf32>
    %cst_15 = stablehlo.constant dense<9.99999974E-6> : tensor<f32>
    %68 = stablehlo.broadcast_in_dim %cst_15, dims = [] : (tensor<f32>) -> tensor<64x64x1xf32>
    %69 = stablehlo.add %65, %68 : tensor<64x64x1xf32>
    %70 = stablehlo.rsqrt %69 : tensor<64x64x1xf32>
    %71 = stablehlo.divide %70, %69 : tensor<64x64x1xf32>
    %cst_16 = stablehlo.constant dense<-5.000000e-01> : tensor<f32>
    %72 = stablehlo.broadcast_in_dim %cst_16, dims = [] : (tensor<f32>) -> tensor<64x64x1xf32>
    %73 = stablehlo.multiply %72, %71 : tensor<64x64x1xf32>
    %74 = stablehlo.broadcast_in_dim %70, dims = [0, 1, 2] : (tensor<64x64x1xf32>) -> tensor<64x64x32xf32>
    %75 = stablehlo.multiply %67, %74 : tensor<64x64x32xf32>
    %76 = stablehlo.broadcast_in_dim %arg3, dims = [2] : (tensor<32xf32>) -> tensor<1x1x32xf32>
    %77 = stablehlo.broadcast_in_dim %76, dims = [0, 1, 2] : (tensor<1x1x32xf32>) -> tensor<64x64x32xf32>
    %78 = stablehlo.multiply %75, %77 : tensor<64x64x32xf32>
    %79 = stablehlo.broadcast_in_dim %arg2, dims = [2] : (tensor<32xf32>) -> tensor<1x1x32xf32>
    %80 = stablehlo.broadcast_in_dim %79, dims = [0, 1, 2] : (tensor<1x1x32xf32>) -> tensor<64x64x32xf32>
    %81 = stablehlo.add %78, %80 : tensor<64x64x32xf32>
    %82 = stablehlo.dot_general %81, %arg11, contracting_dims = [2] x [0], precision = [DEFAULT, DEFAULT] : (tensor<64x64x32xf32>, tensor<32x128xf32>) -> tensor<64x64x128xf32>
    %83 = stablehlo.broadcast_in_dim %arg10, dims = [2] : (tensor<128xf32>) -> tensor<1x1x128xf32>
    %84 = stablehlo.broadcast_in_dim %83, dims = [0, 1, 2] : (tensor<1x1x128xf32>) -> tensor<64x64x128xf32>
    %85 = stablehlo.add %82, %84 : tensor<64x64x128xf32>
    %86 = stablehlo.multiply %85, %85 : tensor<64x64x128xf32>
    %87 = stablehlo.multiply %86, %85 : tensor<64x64x128xf32>
    %88 = stablehlo.multiply %85, %85 : tensor<64x64x128xf32>
    %cst_17 = stablehlo.constant dense<3.000000e+00> : tensor<f32>
    %89 = stablehlo.broadcast_in_dim %cst_17, dims = [] : (tensor<f32>) -> tensor<64x64x128xf32>
    %90 = stablehlo.multiply %89, %88 : tensor<64x64x128xf32>
    %cst_18 = stablehlo.constant dense<4.471500e-02> : tensor<f32>
    %91 = stablehlo.broadcast_in_dim %cst_18, dims = [] : (tensor<f32>) -> tensor<64x64x128xf32>
    %92 = stablehlo.multiply %91, %87 : tensor<64x64x128xf32>
    %93 = stablehlo.add %85, %92 : tensor<64x64x128xf32>
    %cst_19 = stablehlo.constant dense<0.797884583> : tensor<f32>
    %94 = stablehlo.broadcast_in_dim %cst_19, dims = [] : (tensor<f32>) -> tensor<64x64x128xf32>
    %95 = stablehlo.multiply %94, %93 : tensor<64x64x128xf32>
    %96 = stablehlo.tanh %95 : tensor<64x64x128xf32>
    %cst_20 = stablehlo.constant dense<1.000000e+00> : tensor<f32>
    %97 = stablehlo.broadcast_in_dim %cst_20, dims = [] : (tensor<f32>) -> tensor<64x64x128xf32>
    %98 = stablehlo.subtract %97, %96 : tensor<64x64x128xf32>
    %cst_21 = stablehlo.constant dense<1.000000e+00> : tensor<f32>
    %99 = stablehlo.broadcast_in_dim %cst_21, dims = [] : (tensor<f32>) -> tensor<64x64x128xf32>
    %100 = stablehlo.add %99, %96 : tensor<64x64x128xf32>
    %cst_22 = stablehlo.constant dense<5.000000e-01> : tensor<f32>
    %101 = stablehlo.broadcast_in_dim %cst_22, dims = [] : (tensor<f32>) -> tensor<64x64x128xf32>
    %102 = stablehlo.multiply %101, %100 : tensor<64x64x128xf32>
    %103 = stablehlo.multiply %85, %102 : tensor<64x64x128xf32>
    %104 = stablehlo.dot_general %103, %arg1, contracting_dims = [2] x [0], precision = [DEFAULT, DEFAULT] : (tensor<64x64x128xf32>, tensor<128x32xf32>) -> tensor<64x64x32xf32>
    %105 = stablehlo.broadcast_in_dim %arg0, dims = [2] : (tensor<32xf32>) -> tensor<1x1x32xf32>
    %106 = stablehlo.broadcast_in_dim %105, dims = [0, 1, 2] : (tensor<1x1x32xf32>) -> tensor<64x64x32xf32>
    %107 = stablehlo.add %104, %106 : tensor<64x64x32xf32>
    %108 = stablehlo.add %81, %107 : tensor<64x64x32xf32>
    %cst_23 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %109 = stablehlo.reduce(%108 init: %cst_23) applies stablehlo.add across dimensions = [2] : (tensor<64x64x32xf32>, tensor<f32>) -> tensor<64x64xf32>
    %110 = stablehlo.broadcast_in_dim %109, dims = [0, 1] : (tensor<64x64xf32>) -> tensor<64x64x1xf32>
    %cst_24 = stablehlo.constant dense<3.200000e+01> : tensor<f32>
    %111 = stablehlo.broadcast_in_dim %cst_24, dims = [] : (tensor<f32>) -> tensor<64x64x1xf32>
    %112 = stablehlo.divide %110, %111 : tensor<64x64x1xf32>
    %113 = stablehlo.broadcast_in_dim %112, dims = [0, 1, 2] : (tensor<64x64x1xf32>) -> tensor<64x64x32xf32>
    %114 = stablehlo.subtract %108, %113 : tensor<64x64x32xf32>
    %115 = chlo.square %114 : tensor<64x64x32xf32> -> tensor<64x64x32xf32>
    %cst_25 = stablehlo.constant dense<2.000000e+00> : tensor<f32>
    %116 = stablehlo.broadcast_in_dim %cst_25, dims = [] : (tensor<f32>) -> tensor<64x64x32xf32>
    %117 = stablehlo.multiply %116, %114 : tensor<64x64x32xf32>
    %cst_26 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %118 = stablehlo.reduce(%115 init: %cst_26) applies stablehlo.add across dimensions = [2] : (tensor<64x64x32xf32>, tensor<f32>) -> tensor<64x64xf32>
    %119 = stablehlo.broadcast_in_dim %118, dims = [0, 1] : (tensor<64x64xf32>) -> tensor<64x64x1xf32>
    %cst_27 = stablehlo.constant dense<3.200000e+01> : tensor<f32>
    %120 = stablehlo.broadcast_in_dim %cst_27, dims = [] : (tensor<f32>) -> tensor<64x64x1xf32>
    %121 = stablehlo.divide %119, %120 : tensor<64x64x1xf32>
    %122 = stablehlo.broadcast_in_dim %112, dims = [0, 1, 2] : (tensor<64x64x1xf32>) -> tensor<64x64x32xf32>
    %123 = stablehlo.subtract %108, %122 : tensor<64x64x32xf32>
    %cst_28 = stablehlo.constant dense<9.99999974E-6> : tensor<f32>
    %124 = stablehlo.broadcast_in_dim %cst_28, dims = [] : (tensor<f32>) -> tensor<64x64x1xf32>
    %125 = stablehlo.add %121, %124 : tensor<64x64x1xf32>
    %126 = stablehlo.rsqrt %125 : tensor<64x64x1xf32>
    %127 = stablehlo.divide %126, %125 : tensor<64x64x1xf32>
    %cst_29 = stablehlo.constant dense<-5.000000e-01> : tensor<f32>
    %128 = stablehlo.broadcast_in_dim %cst_29, dims = [] : (tensor<f32>) -> tensor<64x64x1xf32>
    %129 = stablehlo.multiply %128, %127 : tensor<64x64x1xf32>
    %130 = stablehlo.broadcast_in_dim %126, dims = [0, 1, 2] : (tensor<64x64x1xf32>) -> tensor<64x64x32xf32>
    %131 = stablehlo.multiply %123, %130 : tensor<64x64x32xf32>
    %132 = stablehlo.broadcast_in_dim %arg5, dims = [2] : (tensor<32xf32>) -> tensor<1x1x32xf32>
    %133 = stablehlo.broadcast_in_dim %132, dims = [0, 1, 2] : (tensor<1x1x32xf32>) -> tensor<64x64x32xf32>
    %134 = stablehlo.multiply %131, %133 : tensor<64x64x32xf32>
    %135 = stablehlo.broadcast_in_dim %arg4, dims = [2] : (tensor<32xf32>) -> tensor<1x1x32xf32>
    %136 = stablehlo.broadcast_in_dim %135, dims = [0, 1, 2] : (tensor<1x1x32xf32>) -> tensor<64x64x32xf32>
    %137 = stablehlo.add %134, %136 : tensor<64x64x32xf32>
    %138 = stablehlo.dot_general %137, %arg21, contracting_dims = [2] x [0], precision = [DEFAULT, DEFAULT] : (tensor<64x64x32xf32>, tensor<32x3x32xf32>) -> tensor<64x64x3x32xf32>
    %139 = stablehlo.broadcast_in_dim %arg20, dims = [2, 3] : (tensor<3x32xf32>) -> tensor<1x1x3x32xf32>
    %140 = stablehlo.broadcast_in_dim %139, dims = [0, 1, 2, 3] : (tensor<1x1x3x32xf32>) -> tensor<64x64x3x32xf32>
    %141 = stablehlo.add %138, %140 : tensor<64x64x3x32xf32>
    %142 = stablehlo.slice %141 [0:64, 0:64, 0:1, 0:32] : (tensor<64x64x3x32xf32>) -> tensor<64x64x1x32xf32>
    %143 = stablehlo.reshape %142 : (tensor<64x64x1x32xf32>) -> tensor<64x64x32xf32>
    %144 = stablehlo.reshape %143 : (tensor<64x64x32xf32>) -> tensor<64x64x8x4xf32>
    %145 = stablehlo.slice %141 [0:64, 0:64, 1:2, 0:32] : (tensor<64x64x3x32xf32>) -> tensor<64x64x1x32xf32>
    %146 = stablehlo.reshape %145 : (tensor<64x64x1x32xf32>) -> tensor<64x64x32xf32>
    %147 = stablehlo.reshape %146 : (tensor<64x64x32xf32>) -> tensor<64x64x8x4xf32>
    %148 = stablehlo.slice %141 [0:64, 0:64, 2:3, 0:32] : (tensor<64x64x3x32xf32>) -> tensor<64x64x1x32xf32>
    %149 = stablehlo.reshape %148 : (tensor<64x64x1x32xf32>) -> tensor<64x64x32xf32>
    %150 = stablehlo.reshape %149 : (tensor<64x64x32xf32>) -> tensor<64x64x8x4xf32>
    %151 = stablehlo.dot_general %144, %147, batching_dims = [0, 2] x [0, 2], contracting_dims = [3] x [3], precision = [DEFAULT, DEFAULT] : (tensor<64x64x8x4xf32>, tensor<64x64x8x4xf32>) -> tensor<64x8x64x64xf32>
    %cst_30 = stablehlo.constant dense<2.000000e+00> : tensor<f32>
    %152 = stablehlo.broadcast_in_dim %cst_30, dims = [] : (tensor<f32>) -> tensor<64x8x64x64xf32>
    %153 = stablehlo.divide %151, %152 : tensor<64x8x64x64xf32>
    %cst_31 = stablehlo.constant dense<0xFF800000> : tensor<f32>
    %154 = stablehlo.reduce(%153 init: %cst_31) applies stablehlo.maximum across dimensions = [3] : (tensor<64x8x64x64xf32>, tensor<f32>) -> tensor<64x8x64xf32>
    %155 = stablehlo.reshape %154 : (tensor<64x8x64xf32>) -> tensor<64x8x64x1xf32>
    %156 = stablehlo.broadcast_in_dim %155, dims = [0, 1, 2, 3] : (tensor<64x8x64x1xf32>) -> tensor<64x8x64x64xf32>
    %157 = stablehlo.compare EQ, %153, %156, FLOAT : (tensor<64x8x64x64xf32>, tensor<64x8x64x64xf32>) -> tensor<64x8x64x64xi1>
    %158 = stablehlo.convert %157 : (tensor<64x8x64x64xi1>) -> tensor<64x8x64x64xf32>
    %cst_32 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %159 = stablehlo.reduce(%158 init: %cst_32) applies stablehlo.add across dimensions = [3] : (tensor<64x8x64x64xf32>, tensor<f32>) -> tensor<64x8x64xf32>
    %cst_33 = stablehlo.constant dense<0xFF800000> : tensor<f32>
    %160 = stablehlo.broadcast_in_dim %cst_33, dims = [] : (tensor<f32>) -> tensor<64x8x64xf32>
    %161 = stablehlo.maximum %160, %154 : tensor<64x8x64xf32>
    %162 = stablehlo.compare EQ, %154, %161, FLOAT : (tensor<64x8x64xf32>, tensor<64x8x64xf32>) -> tensor<64x8x64xi1>
    %cst_34 = stablehlo.constant dense<1.000000e+00> : tensor<f32>
    %163 = stablehlo.broadcast_in_dim %cst_34, dims = [] : (tensor<f32>) -> tensor<64x8x64xf32>
    %cst_35 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %164 = stablehlo.broadcast_in_dim %cst_35, dims = [] : (tensor<f32>) -> tensor<64x8x64xf32>
    %165 = stablehlo.select %162, %163, %164 : tensor<64x8x64xi1>, tensor<64x8x64xf32>
    %cst_36 = stablehlo.constant dense<0xFF800000> : tensor<f32>
    %166 = stablehlo.broadcast_in_dim %cst_36, dims = [] : (tensor<f32>) -> tensor<64x8x64xf32>
    %167 = stablehlo.compare EQ, %166, %161, FLOAT : (tensor<64x8x64xf32>, tensor<64x8x64xf32>) -> tensor<64x8x64xi1>
    %cst_37 = stablehlo.constant dense<2.000000e+00> : tensor<f32>
    %168 = stablehlo.broadcast_in_dim %cst_37, dims = [] : (tensor<f32>) -> tensor<64x8x64xf32>
    %cst_38 = stablehlo.constant dense<1.000000e+00> : tensor<f32>
    %169 = stablehlo.broadcast_in_dim %cst_38, dims = [] : (tensor<f32>) -> tensor<64x8x64xf32>
    %170 = stablehlo.select %167, %168, %169 : tensor<64x8x64xi1>, tensor<64x8x64xf32>
    %171 = stablehlo.divide %165, %170 : tensor<64x8x64xf32>
    %172 = stablehlo.broadcast_in_dim %161, dims = [0, 1, 2] : (tensor<64x8x64xf32>) -> tensor<64x8x64x1xf32>
    %173 = stablehlo.broadcast_in_dim %172, dims = [0, 1, 2, 3] : (tensor<64x8x64x1xf32>) -> tensor<64x8x64x64xf32>
    %174 = stablehlo.subtract %153, %173 : tensor<64x8x64x64xf32>
    %175 = stablehlo.exponential %174 : tensor<64x8x64x64xf32>
    %cst_39 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %176 = stablehlo.reduce(%175 init: %cst_39) applies stablehlo.add across dimensions = [3] : (tensor<64x8x64x64xf32>, tensor<f32>) -> tensor<64x8x64xf32>
    %177 = stablehlo.broadcast_in_dim %176, dims = [0, 1, 2] : (tensor<64x8x64xf32>) -> tensor<64x8x64x1xf32>
    %178 = stablehlo.broadcast_in_dim %177, dims = [0, 1, 2, 3] : (tensor<64x8x64x1xf32>) -> tensor<64x8x64x64xf32>
    %179 = stablehlo.divide %175, %178 : tensor<64x8x64x64xf32>
    %180 = stablehlo.multiply %177, %177 : tensor<64x8x64x1xf32>
    %cst_40 = stablehlo.constant dense<1.000000e+00> : tensor<f32>
    %181 = stablehlo.broadcast_in_dim %cst_40, dims = [] : (tensor<f32>) -> tensor<64x8x64x1xf32>
    %182 = stablehlo.divide %181, %180 : tensor<64x8x64x1xf32>
    %183 = stablehlo.dot_general %150, %179, batching_dims = [0, 2] x [0, 1], contracting_dims = [1] x [3], precision = [DEFAULT, DEFAULT] : (tensor<64x64x8x4xf32>, tensor<64x8x64x64xf32>) -> tensor<64x8x4x64xf32>
    %184 = stablehlo.transpose %183, dims = [0, 3, 1, 2] : (tensor<64x8x4x64xf32>) -> tensor<64x64x8x4xf32>
    %185 = stablehlo.reshape %184 : (tensor<64x64x8x4xf32>) -> tensor<64x64x32xf32>
    %186 = stablehlo.dot_general %185, %arg19, contracting_dims = [2] x [0], precision = [DEFAULT, DEFAULT] : (tensor<64x64x32xf32>, tensor<32x32xf32>) -> tensor<64x64x32xf32>
    %187 = stablehlo.broadcast_in_dim %arg18, dims = [2] : (tensor<32xf32>) -> tensor<1x1x32xf32>
    %188 = stablehlo.broadcast_in_dim %187, dims = [0, 1, 2] : (tensor<1x1x32xf32>) -> tensor<64x64x32xf32>
    %189 = stablehlo.add %186, %188 : tensor<64x64x32xf32>
    %190 = stablehlo.add %137, %189 : tensor<64x64x32xf32>
    %cst_41 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %191 = stablehlo.reduce(%190 init: %cst_41) applies stablehlo.add across dimensions = [2] : (tensor<64x64x32xf32>, tensor<f32>) -> tensor<64x64xf32>
    %192 = stablehlo.broadcast_in_dim %191, dims = [0, 1] : (tensor<64x64xf32>) -> tensor<64x64x1xf32>
    %cst_42 = stablehlo.constant dense<3.200000e+01> : tensor<f32>
    %193 = stablehlo.broadcast_in_dim %cst_42, dims = [] : (tensor<f32>) -> tensor<64x64x1xf32>
    %194 = stablehlo.divide %192, %193 : tensor<64x64x1xf32>
    %195 = stablehlo.broadcast_in_dim %194, dims = [0, 1, 2] : (tensor<64x64x1xf32>) -> tensor<64x64x32xf32>
    %196 = stablehlo.subtract %190, %195 : tensor<64x64x32xf32>
    %197 = chlo.square %196 : tensor<64x64x32xf32> -> tensor<64x64x32xf32>
    %cst_43 = stablehlo.constant dense<2.000000e+00> : tensor<f32>
    %198 = stablehlo.broadcast_in_dim %cst_43, dims = [] : (tensor<f32>) -> tensor<64x64x32xf32>
    %199 = stablehlo.multiply %198, %196 : tensor<64x64x32xf32>
    %cst_44 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %200 = stablehlo.reduce(%197 init: %cst_44) applies stablehlo.add across dimensions = [2] : (tensor<64x64x32xf32>, tensor<f32>) -> tensor<64x64xf32>
    %201 = stablehlo.broadcast_in_dim %200, dims = [0, 1] : (tensor<64x64xf32>) -> tensor<64x64x1xf32>
    %cst_45 = stablehlo.constant dense<3.200000e+01> : tensor<f32>
    %202 = stablehlo.broadcast_in_dim %cst_45, dims = [] : (tensor<f32>) -> tensor<64x64x1xf32>
    %203 = stablehlo.divide %201, %202 : tensor<64x64x1xf32>
    %204 = stablehlo.broadcast_in_dim %194, dims = [0, 1, 2] : (tensor<64x64x1xf32>) -> tensor<64x64x32xf32>
    %205 = stablehlo.subtract %190, %204 : tensor<64x64x32xf32>
    %cst_46 = stablehlo.constant dense<9.99999974E-6> : tensor<f32>
    %206 = stablehlo.broadcast_in_dim %cst_46, dims = [] : (tensor<f32>) -> tensor<64x64x1xf32>
    %207 = stablehlo.add %203, %206 : tensor<64x64x1xf32>
    %208 = stablehlo.rsqrt %207 : tensor<64x64x1xf32>
    %209 = stablehlo.divide %208, %207 : tensor<64x64x1xf32>
    %cst_47 = stablehlo.constant dense<-5.000000e-01> : tensor<f32>
    %210 = stablehlo.broadcast_in_dim %cst_47, dims = [] : (tensor<f32>) -> tensor<64x64x1xf32>
    %211 = stablehlo.multiply %210, %209 : tensor<64x64x1xf32>
    %212 = stablehlo.broadcast_in_dim %208, dims = [0, 1, 2] : (tensor<64x64x1xf32>) -> tensor<64x64x32xf32>
    %213 = stablehlo.multiply %205, %212 : tensor<64x64x32xf32>
    %214 = stablehlo.broadcast_in_dim %arg15, dims = [2] : (tensor<32xf32>) -> tensor<1x1x32xf32>
    %215 = stablehlo.broadcast_in_dim %214, dims = [0, 1, 2] : (tensor<1x1x32xf32>) -> tensor<64x64x32xf32>
    %216 = stablehlo.multiply %213, %215 : tensor<64x64x32xf32>
    %217 = stablehlo.broadcast_in_dim %arg14, dims = [2] : (tensor<32xf32>) -> tensor<1x1x32xf32>
    %218 = stablehlo.broadcast_in_dim %217, dims = [0, 1, 2] : (tensor<1x1x32xf32>) -> tensor<64x64x32xf32>
    %219 = stablehlo.add %216, %218 : tensor<64x64x32xf32>
    %220 = stablehlo.dot_general %219, %arg23, contracting_dims = [2] x [0], precision = [DEFAULT, DEFAULT] : (tensor<64x64x32xf32>, tensor<32x128xf32>) -> tensor<64x64x128xf32>
    %221 = stablehlo.broadcast_in_dim %arg22, dims = [2] : (tensor<128xf32>) -> tensor<1x1x128xf32>
    %222 = stablehlo.broadcast_in_dim %221, dims = [0, 1, 2] : (tensor<1x1x128xf32>) -> tensor<64x64x128xf32>
    %223 = stablehlo.add %220, %222 : tensor<64x64x128xf32>
    %224 = stablehlo.multiply %223, %223 : tensor<64x64x128xf32>
    %225 = stablehlo.multiply %224, %223 : tensor<64x64x128xf32>
    %226 = stablehlo.multiply %223, %223 : tensor<64x64x128xf32>
    %cst_48 = stablehlo.constant dense<3.000000e+00> : tensor<f32>
    %227 = stablehlo.broadcast_in_dim %cst_48, dims = [] : (tensor<f32>) -> tensor<64x64x128xf32>
    %228 = stablehlo.multiply %227, %226 : tensor<64x64x128xf32>
    %cst_49 = stablehlo.constant dense<4.471500e-02> : tensor<f32>
    %229 = stablehlo.broadcast_in_dim %cst_49, dims = [] : (tensor<f32>) -> tensor<64x64x128xf32>
    %230 = stablehlo.multiply %229, %225 : tensor<64x64x128xf32>
    %231 = stablehlo.add %223, %230 : tensor<64x64x128xf32>
    %cst_50 = stablehlo.constant dense<0.797884583> : tensor<f32>
    %232 = stablehlo.broadcast_in_dim %cst_50, dims = [] : (tensor<f32>) -> tensor<64x64x128xf32>
    %233 = stablehlo.multiply %232, %231 : tensor<64x64x128xf32>
    %234 = stablehlo.tanh %233 : tensor<64x64x128xf32>
    %cst_51 = stablehlo.constant dense<1.000000e+00> : tensor<f32>
    %235 = stablehlo.broadcast_in_dim %cst_51, dims = [] : (tensor<f32>) -> tensor<64x64x128xf32>
    %236 = stablehlo.subtract %235, %234 : tensor<64x64x128xf32>
    %cst_52 = stablehlo.constant dense<1.000000e+00> : tensor<f32>
    %237 = stablehlo.broadcast_in_dim %cst_52, dims = [] : (tensor<f32>) -> tensor<64x64x128xf32>
    %238 = stablehlo.add %237, %234 : tensor<64x64x128xf32>
    %cst_53 = stablehlo.constant dense<5.000000e-01> : tensor<f32>
    %239 = stablehlo.broadcast_in_dim %cst_53, dims = [] : (tensor<f32>) -> tensor<64x64x128xf32>
    %240 = stablehlo.multiply %239, %238 : tensor<64x64x128xf32>
    %241 = stablehlo.multiply %223, %240 : tensor<64x64x128xf32>
    %242 = stablehlo.dot_general %241, %arg13, contracting_dims = [2] x [0], precision = [DEFAULT, DEFAULT] : (tensor<64x64x128xf32>, tensor<128x32xf32>) -> tensor<64x64x32xf32>
    %243 = stablehlo.broadcast_in_dim %arg12, dims = [2] : (tensor<32xf32>) -> tensor<1x1x32xf32>
    %244 = stablehlo.broadcast_in_dim %243, dims = [0, 1, 2] : (tensor<1x1x32xf32>) -> tensor<64x64x32xf32>
    %245 = stablehlo.add %242, %244 : tensor<64x64x32xf32>
    %246 = stablehlo.add %219, %245 : tensor<64x64x32xf32>
    %cst_54 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %247 = stablehlo.reduce(%246 init: %cst_54) applies stablehlo.add across dimensions = [2] : (tensor<64x64x32xf32>, tensor<f32>) -> tensor<64x64xf32>
    %248 = stablehlo.broadcast_in_dim %247, dims = [0, 1] : (tensor<64x64xf32>) -> tensor<64x64x1xf32>
    %cst_55 = stablehlo.constant dense<3.200000e+01> : tensor<f32>
    %249 = stablehlo.broadcast_in_dim %cst_55, dims = [] : (tensor<f32>) -> tensor<64x64x1xf32>
    %250 = stablehlo.divide %248, %249 : tensor<64x64x1xf32>
    %251 = stablehlo.broadcast_in_dim %250, dims = [0, 1, 2] : (tensor<64x64x1xf32>) -> tensor<64x64x32xf32>
    %252 = stablehlo.subtract %246, %251 : tensor<64x64x32xf32>
    %253 = chlo.square %252 : tensor<64x64x32xf32> -> tensor<64x64x32xf32>
    %cst_56 = stablehlo.constant dense<2.000000e+00> : tensor<f32>
    %254 = stablehlo.broadcast_in_dim %cst_56, dims = [] : (tensor<f32>) -> tensor<64x64x32xf32>
    %255 = stablehlo.multiply %254, %252 : tensor<64x64x32xf32>
    %cst_57 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %256 = stablehlo.reduce(%253 init: %cst_57) applies stablehlo.add across dimensions = [2] : (tensor<64x64x32xf32>, tensor<f32>) -> tensor<64x64xf32>
    %257 = stablehlo.broadcast_in_dim %256, dims = [0, 1] : (tensor<64x64xf32>) -> tensor<64x64x1xf32>
    %cst_58 = stablehlo.constant dense<3.200000e+01> : tensor<f32>
    %258 = stablehlo.broadcast_in_dim %cst_58, dims = [] : (tensor<f32>) -> tensor<64x64x1xf32>
    %259 = stablehlo.divide %257, %258 : tensor<64x64x1xf32>
    %260 = stablehlo.broadcast_in_dim %250, dims = [0, 1, 2] : (tensor<64x64x1xf32>) -> tensor<64x64x32xf32>
    %261 = stablehlo.subtract %246, %260 : tensor<64x64x32xf32>
    %cst_59 = stablehlo.constant dense<9.99999974E-6> : tensor<f32>
    %262 = stablehlo.broadcast_in_dim %cst_59, dims = [] : (tensor<f32>) -> tensor<64x64x1xf32>
    %263 = stablehlo.add %259, %262 : tensor<64x64x1xf32>
    %264 = stablehlo.rsqrt %263 : tensor<64x64x1xf32>
    %265 = stablehlo.divide %264, %263 : tensor<64x64x1xf32>
    %cst_60 = stablehlo.constant dense<-5.000000e-01> : tensor<f32>
    %266 = stablehlo.broadcast_in_dim %cst_60, dims = [] : (tensor<f32>) -> tensor<64x64x1xf32>
    %267 = stablehlo.multiply %266, %265 : tensor<64x64x1xf32>
    %268 = stablehlo.broadcast_in_dim %264, dims = [0, 1, 2] : (tensor<64x64x1xf32>) -> tensor<64x64x32xf32>
    %269 = stablehlo.multiply %261, %268 : tensor<64x64x32xf32>
    %270 = stablehlo.broadcast_in_dim %arg17, dims = [2] : (tensor<32xf32>) -> tensor<1x1x32xf32>
    %271 = stablehlo.broadcast_in_dim %270, dims = [0, 1, 2] : (tensor<1x1x32xf32>) -> tensor<64x64x32xf32>
    %272 = stablehlo.multiply %269, %271 : tensor<64x64x32xf32>
    %273 = stablehlo.broadcast_in_dim %arg16, dims = [2] : (tensor<32xf32>) -> tensor<1x1x32xf32>
    %274 = stablehlo.broadcast_in_dim %273, dims = [0, 1, 2] : (tensor<1x1x32xf32>) -> tensor<64x64x32xf32>
    %275 = stablehlo.add %272, %274 : tensor<64x64x32xf32>
    %276 = stablehlo.subtract %275, %arg25 : tensor<64x64x32xf32>
    %277 = chlo.square %276 : tensor<64x64x32xf32> -> tensor<64x64x32xf32>
    %cst_61 = stablehlo.constant dense<2.000000e+00> : tensor<f32>
    %278 = stablehlo.broadcast_in_dim %cst_61, dims = [] : (tensor<f32>) -> tensor<64x64x32xf32>
    %279 = stablehlo.multiply %278, %276 : tensor<64x64x32xf32>
    %cst_62 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %280 = stablehlo.reduce(%277 init: %cst_62) applies stablehlo.add across dimensions = [0, 1, 2] : (tensor<64x64x32xf32>, tensor<f32>) -> tensor<f32>
    %cst_63 = stablehlo.constant dense<1.310720e+05> : tensor<f32>
    %281 = stablehlo.divide %280, %cst_63 : tensor<f32>
    %cst_64 = stablehlo.constant dense<1.000000e+00> : tensor<f32>
    %cst_65 = stablehlo.constant dense<1.310720e+05> : tensor<f32>
    %282 = stablehlo.divide %cst_64, %cst_65 : tensor<f32>
    %283 = stablehlo.broadcast_in_dim %282, dims = [] : (tensor<f32>) -> tensor<64x64x32xf32>
    %284 = stablehlo.multiply %283, %279 : tensor<64x64x32xf32>
    %cst_66 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %285 = stablehlo.reduce(%284 init: %cst_66) applies stablehlo.add across dimensions = [0, 1] : (tensor<64x64x32xf32>, tensor<f32>) -> tensor<32xf32>
    %286 = stablehlo.reshape %285 : (tensor<32xf32>) -> tensor<1x1x32xf32>
    %cst_67 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %287 = stablehlo.reduce(%286 init: %cst_67) applies stablehlo.add across dimensions = [0, 1] : (tensor<1x1x32xf32>, tensor<f32>) -> tensor<32xf32>
    %288 = stablehlo.multiply %269, %284 : tensor<64x64x32xf32>
    %cst_68 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %289 = stablehlo.reduce(%288 init: %cst_68) applies stablehlo.add across dimensions = [0, 1] : (tensor<64x64x32xf32>, tensor<f32>) -> tensor<32xf32>
    %290 = stablehlo.reshape %289 : (tensor<32xf32>) -> tensor<1x1x32xf32>
    %291 = stablehlo.broadcast_in_dim %270, dims = [0, 1, 2] : (tensor<1x1x32xf32>) -> tensor<64x64x32xf32>
    %292 = stablehlo.multiply %284, %291 : tensor<64x64x32xf32>
    %cst_69 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %293 = stablehlo.reduce(%290 init: %cst_69) applies stablehlo.add across dimensions = [0, 1] : (tensor<1x1x32xf32>, tensor<f32>) -> tensor<32xf32>
    %294 = stablehlo.multiply %261, %292 : tensor<64x64x32xf32>
    %cst_70 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %295 = stablehlo.reduce(%294 init: %cst_70) applies stablehlo.add across dimensions = [2] : (tensor<64x64x32xf32>, tensor<f32>) -> tensor<64x64xf32>
    %296 = stablehlo.reshape %295 : (tensor<64x64xf32>) -> tensor<64x64x1xf32>
    %297 = stablehlo.broadcast_in_dim %264, dims = [0, 1, 2] : (tensor<64x64x1xf32>) -> tensor<64x64x32xf32>
    %298 = stablehlo.multiply %292, %297 : tensor<64x64x32xf32>
    %299 = stablehlo.multiply %296, %267 : tensor<64x64x1xf32>
    %300 = stablehlo.negate %298 : tensor<64x64x32xf32>
    %cst_71 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %301 = stablehlo.reduce(%300 init: %cst_71) applies stablehlo.add across dimensions = [2] : (tensor<64x64x32xf32>, tensor<f32>) -> tensor<64x64xf32>
    %302 = stablehlo.reshape %301 : (tensor<64x64xf32>) -> tensor<64x64x1xf32>
    %cst_72 = stablehlo.constant dense<3.200000e+01> : tensor<f32>
    %303 = stablehlo.broadcast_in_dim %cst_72, dims = [] : (tensor<f32>) -> tensor<64x64x1xf32>
    %304 = stablehlo.divide %299, %303 : tensor<64x64x1xf32>
    %cst_73 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %305 = stablehlo.reduce(%304 init: %cst_73) applies stablehlo.add across dimensions = [2] : (tensor<64x64x1xf32>, tensor<f32>) -> tensor<64x64xf32>
    %306 = stablehlo.broadcast_in_dim %305, dims = [0, 1] : (tensor<64x64xf32>) -> tensor<64x64x32xf32>
    %307 = stablehlo.multiply %306, %255 : tensor<64x64x32xf32>
    %308 = stablehlo.negate %307 : tensor<64x64x32xf32>
    %cst_74 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %309 = stablehlo.reduce(%308 init: %cst_74) applies stablehlo.add across dimensions = [2] : (tensor<64x64x32xf32>, tensor<f32>) -> tensor<64x64xf32>
    %310 = stablehlo.reshape %309 : (tensor<64x64xf32>) -> tensor<64x64x1xf32>
    %311 = stablehlo.add %298, %307 : tensor<64x64x32xf32>
    %312 = stablehlo.add %302, %310 : tensor<64x64x1xf32>
    %cst_75 = stablehlo.constant dense<3.200000e+01> : tensor<f32>
    %313 = stablehlo.broadcast_in_dim %cst_75, dims = [] : (tensor<f32>) -> tensor<64x64x1xf32>
    %314 = stablehlo.divide %312, %313 : tensor<64x64x1xf32>
    %cst_76 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %315 = stablehlo.reduce(%314 init: %cst_76) applies stablehlo.add across dimensions = [2] : (tensor<64x64x1xf32>, tensor<f32>) -> tensor<64x64xf32>
    %316 = stablehlo.broadcast_in_dim %315, dims = [0, 1] : (tensor<64x64xf32>) -> tensor<64x64x32xf32>
    %317 = stablehlo.add %311, %316 : tensor<64x64x32xf32>
    %cst_77 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %318 = stablehlo.reduce(%317 init: %cst_77) applies stablehlo.add across dimensions = [0, 1] : (tensor<64x64x32xf32>, tensor<f32>) -> tensor<32xf32>
    %319 = stablehlo.reshape %318 : (tensor<32xf32>) -> tensor<1x1x32xf32>
    %cst_78 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %320 = stablehlo.reduce(%319 init: %cst_78) applies stablehlo.add across dimensions = [0, 1] : (tensor<1x1x32xf32>, tensor<f32>) -> tensor<32xf32>
    %321 = stablehlo.dot_general %317, %241, contracting_dims = [0, 1] x [0, 1], precision = [DEFAULT, DEFAULT] : (tensor<64x64x32xf32>, tensor<64x64x128xf32>) -> tensor<32x128xf32>
    %322 = stablehlo.transpose %321, dims = [1, 0] : (tensor<32x128xf32>) -> tensor<128x32xf32>
    %323 = stablehlo.dot_general %317, %arg13, contracting_dims = [2] x [1], precision = [DEFAULT, DEFAULT] : (tensor<64x64x32xf32>, tensor<128x32xf32>) -> tensor<64x64x128xf32>
    %324 = stablehlo.multiply %223, %323 : tensor<64x64x128xf32>
    %325 = stablehlo.multiply %323, %240 : tensor<64x64x128xf32>
    %cst_79 = stablehlo.constant dense<5.000000e-01> : tensor<f32>
    %326 = stablehlo.broadcast_in_dim %cst_79, dims = [] : (tensor<f32>) -> tensor<64x64x128xf32>
    %327 = stablehlo.multiply %326, %324 : tensor<64x64x128xf32>
    %328 = stablehlo.multiply %327, %236 : tensor<64x64x128xf32>
    %329 = stablehlo.multiply %328, %234 : tensor<64x64x128xf32>
    %330 = stablehlo.add %328, %329 : tensor<64x64x128xf32>
    %cst_80 = stablehlo.constant dense<0.797884583> : tensor<f32>
    %331 = stablehlo.broadcast_in_dim %cst_80, dims = [] : (tensor<f32>) -> tensor<64x64x128xf32>
    %332 = stablehlo.multiply %331, %330 : tensor<64x64x128xf32>
    %333 = stablehlo.add %325, %332 : tensor<64x64x128xf32>
    %cst_81 = stablehlo.constant dense<4.471500e-02> : tensor<f32>
    %334 = stablehlo.broadcast_in_dim %cst_81, dims = [] : (tensor<f32>) -> tensor<64x64x128xf32>
    %335 = stablehlo.multiply %334, %332 : tensor<64x64x128xf32>
    %336 = stablehlo.multiply %335, %228 : tensor<64x64x128xf32>
    %337 = stablehlo.add %333, %336 : tensor<64x64x128xf32>
    %cst_82 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %338 = stablehlo.reduce(%337 init: %cst_82) applies stablehlo.add across dimensions = [0, 1] : (tensor<64x64x128xf32>, tensor<f32>) -> tensor<128xf32>
    %339 = stablehlo.reshape %338 : (tensor<128xf32>) -> tensor<1x1x128xf32>
    %cst_83 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %340 = stablehlo.reduce(%339 init: %cst_83) applies stablehlo.add across dimensions = [0, 1] : (tensor<1x1x128xf32>, tensor<f32>) -> tensor<128xf32>
    %341 = stablehlo.dot_general %337, %219, contracting_dims = [0, 1] x [0, 1], precision = [DEFAULT, DEFAULT] : (tensor<64x64x128xf32>, tensor<64x64x32xf32>) -> tensor<128x32xf32>
    %342 = stablehlo.transpose %341, dims = [1, 0] : (tensor<128x32xf32>) -> tensor<32x128xf32>
    %343 = stablehlo.dot_general %337, %arg23, contracting_dims = [2] x [1], precision = [DEFAULT, DEFAULT] : (tensor<64x64x128xf32>, tensor<32x128xf32>) -> tensor<64x64x32xf32>
    %344 = stablehlo.add %317, %343 : tensor<64x64x32xf32>
    %cst_84 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %345 = stablehlo.reduce(%344 init: %cst_84) applies stablehlo.add across dimensions = [0, 1] : (tensor<64x64x32xf32>, tensor<f32>) -> tensor<32xf32>
    %346 = stablehlo.reshape %345 : (tensor<32xf32>) -> tensor<1x1x32xf32>
    %cst_85 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %347 = stablehlo.reduce(%346 init: %cst_85) applies stablehlo.add across dimensions = [0, 1] : (tensor<1x1x32xf32>, tensor<f32>) -> tensor<32xf32>
    %348 = stablehlo.multiply %213, %344 : tensor<64x64x32xf32>
    %cst_86 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %349 = stablehlo.reduce(%348 init: %cst_86) applies stablehlo.add across dimensions = [0, 1] : (tensor<64x64x32xf32>, tensor<f32>) -> tensor<32xf32>
    %350 = stablehlo.reshape %349 : (tensor<32xf32>) -> tensor<1x1x32xf32>
    %351 = stablehlo.broadcast_in_dim %214, dims = [0, 1, 2] : (tensor<1x1x32xf32>) -> tensor<64x64x32xf32>
    %352 = stablehlo.multiply %344, %351 : tensor<64x64x32xf32>
    %cst_87 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %353 = stablehlo.reduce(%350 init: %cst_87) applies stablehlo.add across dimensions = [0, 1] : (tensor<1x1x32xf32>, tensor<f32>) -> tensor<32xf32>
    %354 = stablehlo.multiply %205, %352 : tensor<64x64x32xf32>
    %cst_88 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %355 = stablehlo.reduce(%354 init: %cst_88) applies stablehlo.add across dimensions = [2] : (tensor<64x64x32xf32>, tensor<f32>) -> tensor<64x64xf32>
    %356 = stablehlo.reshape %355 : (tensor<64x64xf32>) -> tensor<64x64x1xf32>
    %357 = stablehlo.broadcast_in_dim %208, dims = [0, 1, 2] : (tensor<64x64x1xf32>) -> tensor<64x64x32xf32>
    %358 = stablehlo.multiply %352, %357 : tensor<64x64x32xf32>
    %359 = stablehlo.multiply %356, %211 : tensor<64x64x1xf32>
    %360 = stablehlo.negate %358 : tensor<64x64x32xf32>
    %cst_89 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %361 = stablehlo.reduce(%360 init: %cst_89) applies stablehlo.add across dimensions = [2] : (tensor<64x64x32xf32>, tensor<f32>) -> tensor<64x64xf32>
    %362 = stablehlo.reshape %361 : (tensor<64x64xf32>) -> tensor<64x64x1xf32>
    %cst_90 = stablehlo.constant dense<3.200000e+01> : tensor<f32>
    %363 = stablehlo.broadcast_in_dim %cst_90, dims = [] : (tensor<f32>) -> tensor<64x64x1xf32>
    %364 = stablehlo.divide %359, %363 : tensor<64x64x1xf32>
    %cst_91 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %365 = stablehlo.reduce(%364 init: %cst_91) applies stablehlo.add across dimensions = [2] : (tensor<64x64x1xf32>, tensor<f32>) -> tensor<64x64xf32>
    %366 = stablehlo.broadcast_in_dim %365, dims = [0, 1] : (tensor<64x64xf32>) -> tensor<64x64x32xf32>
    %367 = stablehlo.multiply %366, %199 : tensor<64x64x32xf32>
    %368 = stablehlo.negate %367 : tensor<64x64x32xf32>
    %cst_92 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %369 = stablehlo.reduce(%368 init: %cst_92) applies stablehlo.add across dimensions = [2] : (tensor<64x64x32xf32>, tensor<f32>) -> tensor<64x64xf32>
    %370 = stablehlo.reshape %369 : (tensor<64x64xf32>) -> tensor<64x64x1xf32>
    %371 = stablehlo.add %358, %367 : tensor<64x64x32xf32>
    %372 = stablehlo.add %362, %370 : tensor<64x64x1xf32>
    %cst_93 = stablehlo.constant dense<3.200000e+01> : tensor<f32>
    %373 = stablehlo.broadcast_in_dim %cst_93, dims = [] : (tensor<f32>) -> tensor<64x64x1xf32>
    %374 = stablehlo.divide %372, %373 : tensor<64x64x1xf32>
    %cst_94 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %375 = stablehlo.reduce(%374 init: %cst_94) applies stablehlo.add across dimensions = [2] : (tensor<64x64x1xf32>, tensor<f32>) -> tensor<64x64xf32>
    %376 = stablehlo.broadcast_in_dim %375, dims = [0, 1] : (tensor<64x64xf32>) -> tensor<64x64x32xf32>
    %377 = stablehlo.add %371, %376 : tensor<64x64x32xf32>
    %cst_95 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %378 = stablehlo.reduce(%377 init: %cst_95) applies stablehlo.add across dimensions = [0, 1] : (tensor<64x64x32xf32>, tensor<f32>) -> tensor<32xf32>
    %379 = stablehlo.reshape %378 : (tensor<32xf32>) -> tensor<1x1x32xf32>
    %cst_96 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %380 = stablehlo.reduce(%379 init: %cst_96) applies stablehlo.add across dimensions = [0, 1] : (tensor<1x1x32xf32>, tensor<f32>) -> tensor<32xf32>
    %381 = stablehlo.dot_general %377, %185, contracting_dims = [0, 1] x [0, 1], precision = [DEFAULT, DEFAULT] : (tensor<64x64x32xf32>, tensor<64x64x32xf32>) -> tensor<32x32xf32>
    %382 = stablehlo.transpose %381, dims = [1, 0] : (tensor<32x32xf32>) -> tensor<32x32xf32>
    %383 = stablehlo.dot_general %377, %arg19, contracting_dims = [2] x [1], precision = [DEFAULT, DEFAULT] : (tensor<64x64x32xf32>, tensor<32x32xf32>) -> tensor<64x64x32xf32>
    %384 = stablehlo.reshape %383 : (tensor<64x64x32xf32>) -> tensor<64x64x8x4xf32>
    %385 = stablehlo.transpose %384, dims = [0, 2, 3, 1] : (tensor<64x64x8x4xf32>) -> tensor<64x8x4x64xf32>
    %386 = stablehlo.dot_general %385, %150, batching_dims = [0, 1] x [0, 2], contracting_dims = [2] x [3], precision = [DEFAULT, DEFAULT] : (tensor<64x8x4x64xf32>, tensor<64x64x8x4xf32>) -> tensor<64x8x64x64xf32>
    %387 = stablehlo.dot_general %385, %179, batching_dims = [0, 1] x [0, 1], contracting_dims = [3] x [2], precision = [DEFAULT, DEFAULT] : (tensor<64x8x4x64xf32>, tensor<64x8x64x64xf32>) -> tensor<64x8x4x64xf32>
    %388 = stablehlo.transpose %387, dims = [0, 3, 1, 2] : (tensor<64x8x4x64xf32>) -> tensor<64x64x8x4xf32>
    %389 = stablehlo.broadcast_in_dim %182, dims = [0, 1, 2, 3] : (tensor<64x8x64x1xf32>) -> tensor<64x8x64x64xf32>
    %390 = stablehlo.multiply %386, %389 : tensor<64x8x64x64xf32>
    %391 = stablehlo.multiply %390, %175 : tensor<64x8x64x64xf32>
    %cst_97 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %392 = stablehlo.reduce(%391 init: %cst_97) applies stablehlo.add across dimensions = [3] : (tensor<64x8x64x64xf32>, tensor<f32>) -> tensor<64x8x64xf32>
    %393 = stablehlo.reshape %392 : (tensor<64x8x64xf32>) -> tensor<64x8x64x1xf32>
    %394 = stablehlo.negate %393 : tensor<64x8x64x1xf32>
    %395 = stablehlo.broadcast_in_dim %177, dims = [0, 1, 2, 3] : (tensor<64x8x64x1xf32>) -> tensor<64x8x64x64xf32>
    %396 = stablehlo.divide %386, %395 : tensor<64x8x64x64xf32>
    %cst_98 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %397 = stablehlo.reduce(%394 init: %cst_98) applies stablehlo.add across dimensions = [3] : (tensor<64x8x64x1xf32>, tensor<f32>) -> tensor<64x8x64xf32>
    %398 = stablehlo.broadcast_in_dim %397, dims = [0, 1, 2] : (tensor<64x8x64xf32>) -> tensor<64x8x64x64xf32>
    %399 = stablehlo.add %396, %398 : tensor<64x8x64x64xf32>
    %400 = stablehlo.multiply %399, %175 : tensor<64x8x64x64xf32>
    %cst_99 = stablehlo.constant dense<2.000000e+00> : tensor<f32>
    %401 = stablehlo.broadcast_in_dim %cst_99, dims = [] : (tensor<f32>) -> tensor<64x8x64x64xf32>
    %402 = stablehlo.divide %400, %401 : tensor<64x8x64x64xf32>
    %403 = stablehlo.dot_general %402, %144, batching_dims = [0, 1] x [0, 2], contracting_dims = [2] x [1], precision = [DEFAULT, DEFAULT] : (tensor<64x8x64x64xf32>, tensor<64x64x8x4xf32>) -> tensor<64x8x64x4xf32>
    %404 = stablehlo.transpose %403, dims = [0, 2, 1, 3] : (tensor<64x8x64x4xf32>) -> tensor<64x64x8x4xf32>
    %405 = stablehlo.dot_general %402, %147, batching_dims = [0, 1] x [0, 2], contracting_dims = [3] x [1], precision = [DEFAULT, DEFAULT] : (tensor<64x8x64x64xf32>, tensor<64x64x8x4xf32>) -> tensor<64x8x64x4xf32>
    %406 = stablehlo.transpose %405, dims = [0, 2, 1, 3] : (tensor<64x8x64x4xf32>) -> tensor<64x64x8x4xf32>
    %407 = stablehlo.reshape %388 : (tensor<64x64x8x4xf32>) -> tensor<64x64x32xf32>
    %408 = stablehlo.broadcast_in_dim %407, dims = [0, 1, 3] : (tensor<64x64x32xf32>) -> tensor<64x64x1x32xf32>
    %cst_100 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %409 = stablehlo.pad %408, %cst_100, low = [0, 0, 2, 0], high = [0, 0, 0, 0], interior = [0, 0, 0, 0] : (tensor<64x64x1x32xf32>, tensor<f32>) -> tensor<64x64x3x32xf32>
    %410 = stablehlo.reshape %404 : (tensor<64x64x8x4xf32>) -> tensor<64x64x32xf32>
    %411 = stablehlo.broadcast_in_dim %410, dims = [0, 1, 3] : (tensor<64x64x32xf32>) -> tensor<64x64x1x32xf32>
    %cst_101 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %412 = stablehlo.pad %411, %cst_101, low = [0, 0, 1, 0], high = [0, 0, 1, 0], interior = [0, 0, 0, 0] : (tensor<64x64x1x32xf32>, tensor<f32>) -> tensor<64x64x3x32xf32>
    %413 = stablehlo.add %409, %412 : tensor<64x64x3x32xf32>
    %414 = stablehlo.reshape %406 : (tensor<64x64x8x4xf32>) -> tensor<64x64x32xf32>
    %415 = stablehlo.broadcast_in_dim %414, dims = [0, 1, 3] : (tensor<64x64x32xf32>) -> tensor<64x64x1x32xf32>
    %cst_102 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %416 = stablehlo.pad %415, %cst_102, low = [0, 0, 0, 0], high = [0, 0, 2, 0], interior = [0, 0, 0, 0] : (tensor<64x64x1x32xf32>, tensor<f32>) -> tensor<64x64x3x32xf32>
    %417 = stablehlo.add %413, %416 : tensor<64x64x3x32xf32>
    %cst_103 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %418 = stablehlo.reduce(%417 init: %cst_103) applies stablehlo.add across dimensions = [0, 1] : (tensor<64x64x3x32xf32>, tensor<f32>) -> tensor<3x32xf32>
    %419 = stablehlo.reshape %418 : (tensor<3x32xf32>) -> tensor<1x1x3x32xf32>
    %cst_104 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %420 = stablehlo.reduce(%419 init: %cst_104) applies stablehlo.add across dimensions = [0, 1] : (tensor<1x1x3x32xf32>, tensor<f32>) -> tensor<3x32xf32>
    %421 = stablehlo.dot_general %417, %137, contracting_dims = [0, 1] x [0, 1], precision = [DEFAULT, DEFAULT] : (tensor<64x64x3x32xf32>, tensor<64x64x32xf32>) -> tensor<3x32x32xf32>
    %422 = stablehlo.transpose %421, dims = [2, 0, 1] : (tensor<3x32x32xf32>) -> tensor<32x3x32xf32>
    %423 = stablehlo.dot_general %417, %arg21, contracting_dims = [2, 3] x [1, 2], precision = [DEFAULT, DEFAULT] : (tensor<64x64x3x32xf32>, tensor<32x3x32xf32>) -> tensor<64x64x32xf32>
    %424 = stablehlo.add %377, %423 : tensor<64x64x32xf32>
    %cst_105 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %425 = stablehlo.reduce(%424 init: %cst_105) applies stablehlo.add across dimensions = [0, 1] : (tensor<64x64x32xf32>, tensor<f32>) -> tensor<32xf32>
    %426 = stablehlo.reshape %425 : (tensor<32xf32>) -> tensor<1x1x32xf32>
    %cst_106 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %427 = stablehlo.reduce(%426 init: %cst_106) applies stablehlo.add across dimensions = [0, 1] : (tensor<1x1x32xf32>, tensor<f32>) -> tensor<32xf32>
    %428 = stablehlo.multiply %131, %424 : tensor<64x64x32xf32>
    %cst_107 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %429 = stablehlo.reduce(%428 init: %cst_107) applies stablehlo.add across dimensions = [0, 1] : (tensor<64x64x32xf32>, tensor<f32>) -> tensor<32xf32>
    %430 = stablehlo.reshape %429 : (tensor<32xf32>) -> tensor<1x1x32xf32>
    %431 = stablehlo.broadcast_in_dim %132, dims = [0, 1, 2] : (tensor<1x1x32xf32>) -> tensor<64x64x32xf32>
    %432 = stablehlo.multiply %424, %431 : tensor<64x64x32xf32>
    %cst_108 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %433 = stablehlo.reduce(%430 init: %cst_108) applies stablehlo.add across dimensions = [0, 1] : (tensor<1x1x32xf32>, tensor<f32>) -> tensor<32xf32>
    %434 = stablehlo.multiply %123, %432 : tensor<64x64x32xf32>
    %cst_109 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %435 = stablehlo.reduce(%434 init: %cst_109) applies stablehlo.add across dimensions = [2] : (tensor<64x64x32xf32>, tensor<f32>) -> tensor<64x64xf32>
    %436 = stablehlo.reshape %435 : (tensor<64x64xf32>) -> tensor<64x64x1xf32>
    %437 = stablehlo.broadcast_in_dim %126, dims = [0, 1, 2] : (tensor<64x64x1xf32>) -> tensor<64x64x32xf32>
    %438 = stablehlo.multiply %432, %437 : tensor<64x64x32xf32>
    %439 = stablehlo.multiply %436, %129 : tensor<64x64x1xf32>
    %440 = stablehlo.negate %438 : tensor<64x64x32xf32>
    %cst_110 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %441 = stablehlo.reduce(%440 init: %cst_110) applies stablehlo.add across dimensions = [2] : (tensor<64x64x32xf32>, tensor<f32>) -> tensor<64x64xf32>
    %442 = stablehlo.reshape %441 : (tensor<64x64xf32>) -> tensor<64x64x1xf32>
    %cst_111 = stablehlo.constant dense<3.200000e+01> : tensor<f32>
    %443 = stablehlo.broadcast_in_dim %cst_111, dims = [] : (tensor<f32>) -> tensor<64x64x1xf32>
    %444 = stablehlo.divide %439, %443 : tensor<64x64x1xf32>
    %cst_112 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %445 = stablehlo.reduce(%444 init: %cst_112) applies stablehlo.add across dimensions = [2] : (tensor<64x64x1xf32>, tensor<f32>) -> tensor<64x64xf32>
    %446 = stablehlo.broadcast_in_dim %445, dims = [0, 1] : (tensor<64x64xf32>) -> tensor<64x64x32xf32>
    %447 = stablehlo.multiply %446, %117 : tensor<64x64x32xf32>
    %448 = stablehlo.negate %447 : tensor<64x64x32xf32>
    %cst_113 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %449 = stablehlo.reduce(%448 init: %cst_113) applies stablehlo.add across dimensions = [2] : (tensor<64x64x32xf32>, tensor<f32>) -> tensor<64x64xf32>
    %450 = stablehlo.reshape %449 : (tensor<64x64xf32>) -> tensor<64x64x1xf32>
    %451 = stablehlo.add %438, %447 : tensor<64x64x32xf32>
    %452 = stablehlo.add %442, %450 : tensor<64x64x1xf32>
    %cst_114 = stablehlo.constant dense<3.200000e+01> : tensor<f32>
    %453 = stablehlo.broadcast_in_dim %cst_114, dims = [] : (tensor<f32>) -> tensor<64x64x1xf32>
    %454 = stablehlo.divide %452, %453 : tensor<64x64x1xf32>
    %cst_115 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %455 = stablehlo.reduce(%454 init: %cst_115) applies stablehlo.add across dimensions = [2] : (tensor<64x64x1xf32>, tensor<f32>) -> tensor<64x64xf32>
    %456 = stablehlo.broadcast_in_dim %455, dims = [0, 1] : (tensor<64x64xf32>) -> tensor<64x64x32xf32>
    %457 = stablehlo.add %451, %456 : tensor<64x64x32xf32>
    %cst_116 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %458 = stablehlo.reduce(%457 init: %cst_116) applies stablehlo.add across dimensions = [0, 1] : (tensor<64x64x32xf32>, tensor<f32>) -> tensor<32xf32>
    %459 = stablehlo.reshape %458 : (tensor<32xf32>) -> tensor<1x1x32xf32>
    %cst_117 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %460 = stablehlo.reduce(%459 init: %cst_117) applies stablehlo.add across dimensions = [0, 1] : (tensor<1x1x32xf32>, tensor<f32>) -> tensor<32xf32>
    %461 = stablehlo.dot_general %457, %103, contracting_dims = [0, 1] x [0, 1], precision = [DEFAULT, DEFAULT] : (tensor<64x64x32xf32>, tensor<64x64x128xf32>) -> tensor<32x128xf32>
    %462 = stablehlo.transpose %461, dims = [1, 0] : (tensor<32x128xf32>) -> tensor<128x32xf32>
    %463 = stablehlo.dot_general %457, %arg1, contracting_dims = [2] x [1], precision = [DEFAULT, DEFAULT] : (tensor<64x64x32xf32>, tensor<128x32xf32>) -> tensor<64x64x128xf32>
    %464 = stablehlo.multiply %85, %463 : tensor<64x64x128xf32>
    %465 = stablehlo.multiply %463, %102 : tensor<64x64x128xf32>
    %cst_118 = stablehlo.constant dense<5.000000e-01> : tensor<f32>
    %466 = stablehlo.broadcast_in_dim %cst_118, dims = [] : (tensor<f32>) -> tensor<64x64x128xf32>
    %467 = stablehlo.multiply %466, %464 : tensor<64x64x128xf32>
    %468 = stablehlo.multiply %467, %98 : tensor<64x64x128xf32>
    %469 = stablehlo.multiply %468, %96 : tensor<64x64x128xf32>
    %470 = stablehlo.add %468, %469 : tensor<64x64x128xf32>
    %cst_119 = stablehlo.constant dense<0.797884583> : tensor<f32>
    %471 = stablehlo.broadcast_in_dim %cst_119, dims = [] : (tensor<f32>) -> tensor<64x64x128xf32>
    %472 = stablehlo.multiply %471, %470 : tensor<64x64x128xf32>
    %473 = stablehlo.add %465, %472 : tensor<64x64x128xf32>
    %cst_120 = stablehlo.constant dense<4.471500e-02> : tensor<f32>
    %474 = stablehlo.broadcast_in_dim %cst_120, dims = [] : (tensor<f32>) -> tensor<64x64x128xf32>
    %475 = stablehlo.multiply %474, %472 : tensor<64x64x128xf32>
    %476 = stablehlo.multiply %475, %90 : tensor<64x64x128xf32>
    %477 = stablehlo.add %473, %476 : tensor<64x64x128xf32>
    %cst_121 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %478 = stablehlo.reduce(%477 init: %cst_121) applies stablehlo.add across dimensions = [0, 1] : (tensor<64x64x128xf32>, tensor<f32>) -> tensor<128xf32>
    %479 = stablehlo.reshape %478 : (tensor<128xf32>) -> tensor<1x1x128xf32>
    %cst_122 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %480 = stablehlo.reduce(%479 init: %cst_122) applies stablehlo.add across dimensions = [0, 1] : (tensor<1x1x128xf32>, tensor<f32>) -> tensor<128xf32>
    %481 = stablehlo.dot_general %477, %81, contracting_dims = [0, 1] x [0, 1], precision = [DEFAULT, DEFAULT] : (tensor<64x64x128xf32>, tensor<64x64x32xf32>) -> tensor<128x32xf32>
    %482 = stablehlo.transpose %481, dims = [1, 0] : (tensor<128x32xf32>) -> tensor<32x128xf32>
    %483 = stablehlo.dot_general %477, %arg11, contracting_dims = [2] x [1], precision = [DEFAULT, DEFAULT] : (tensor<64x64x128xf32>, tensor<32x128xf32>) -> tensor<64x64x32xf32>
    %484 = stablehlo.add %457, %483 : tensor<64x64x32xf32>
    %cst_123 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %485 = stablehlo.reduce(%484 init: %cst_123) applies stablehlo.add across dimensions = [0, 1] : (tensor<64x64x32xf32>, tensor<f32>) -> tensor<32xf32>
    %486 = stablehlo.reshape %485 : (tensor<32xf32>) -> tensor<1x1x32xf32>
    %cst_124 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %487 = stablehlo.reduce(%486 init: %cst_124) applies stablehlo.add across dimensions = [0, 1] : (tensor<1x1x32xf32>, tensor<f32>) -> tensor<32xf32>
    %488 = stablehlo.multiply %75, %484 : tensor<64x64x32xf32>
    %cst_125 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %489 = stablehlo.reduce(%488 init: %cst_125) applies stablehlo.add across dimensions = [0, 1] : (tensor<64x64x32xf32>, tensor<f32>) -> tensor<32xf32>
    %490 = stablehlo.reshape %489 : (tensor<32xf32>) -> tensor<1x1x32xf32>
    %491 = stablehlo.broadcast_in_dim %76, dims = [0, 1, 2] : (tensor<1x1x32xf32>) -> tensor<64x64x32xf32>
    %492 = stablehlo.multiply %484, %491 : tensor<64x64x32xf32>
    %cst_126 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %493 = stablehlo.reduce(%490 init: %cst_126) applies stablehlo.add across dimensions = [0, 1] : (tensor<1x1x32xf32>, tensor<f32>) -> tensor<32xf32>
    %494 = stablehlo.multiply %67, %492 : tensor<64x64x32xf32>
    %cst_127 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %495 = stablehlo.reduce(%494 init: %cst_127) applies stablehlo.add across dimensions = [2] : (tensor<64x64x32xf32>, tensor<f32>) -> tensor<64x64xf32>
    %496 = stablehlo.reshape %495 : (tensor<64x64xf32>) -> tensor<64x64x1xf32>
    %497 = stablehlo.broadcast_in_dim %70, dims = [0, 1, 2] : (tensor<64x64x1xf32>) -> tensor<64x64x32xf32>
    %498 = stablehlo.multiply %492, %497 : tensor<64x64x32xf32>
    %499 = stablehlo.multiply %496, %73 : tensor<64x64x1xf32>
    %500 = stablehlo.negate %498 : tensor<64x64x32xf32>
    %cst_128 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %501 = stablehlo.reduce(%500 init: %cst_128) applies stablehlo.add across dimensions = [2] : (tensor<64x64x32xf32>, tensor<f32>) -> tensor<64x64xf32>
    %502 = stablehlo.reshape %501 : (tensor<64x64xf32>) -> tensor<64x64x1xf32>
    %cst_129 = stablehlo.constant dense<3.200000e+01> : tensor<f32>
    %503 = stablehlo.broadcast_in_dim %cst_129, dims = [] : (tensor<f32>) -> tensor<64x64x1xf32>
    %504 = stablehlo.divide %499, %503 : tensor<64x64x1xf32>
    %cst_130 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %505 = stablehlo.reduce(%504 init: %cst_130) applies stablehlo.add across dimensions = [2] : (tensor<64x64x1xf32>, tensor<f32>) -> tensor<64x64xf32>
    %506 = stablehlo.broadcast_in_dim %505, dims = [0, 1] : (tensor<64x64xf32>) -> tensor<64x64x32xf32>
    %507 = stablehlo.multiply %506, %61 : tensor<64x64x32xf32>
    %508 = stablehlo.negate %507 : tensor<64x64x32xf32>
    %cst_131 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %509 = stablehlo.reduce(%508 init: %cst_131) applies stablehlo.add across dimensions = [2] : (tensor<64x64x32xf32>, tensor<f32>) -> tensor<64x64xf32>
    %510 = stablehlo.reshape %509 : (tensor<64x64xf32>) -> tensor<64x64x1xf32>
    %511 = stablehlo.add %498, %507 : tensor<64x64x32xf32>
    %512 = stablehlo.add %502, %510 : tensor<64x64x1xf32>
    %cst_132 = stablehlo.constant dense<3.200000e+01> : tensor<f32>
    %513 = stablehlo.broadcast_in_dim %cst_132, dims = [] : (tensor<f32>) -> tensor<64x64x1xf32>
    %514 = stablehlo.divide %512, %513 : tensor<64x64x1xf32>
    %cst_133 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %515 = stablehlo.reduce(%514 init: %cst_133) applies stablehlo.add across dimensions = [2] : (tensor<64x64x1xf32>, tensor<f32>) -> tensor<64x64xf32>
    %516 = stablehlo.broadcast_in_dim %515, dims = [0, 1] : (tensor<64x64xf32>) -> tensor<64x64x32xf32>
    %517 = stablehlo.add %511, %516 : tensor<64x64x32xf32>
    %cst_134 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %518 = stablehlo.reduce(%517 init: %cst_134) applies stablehlo.add across dimensions = [0, 1] : (tensor<64x64x32xf32>, tensor<f32>) -> tensor<32xf32>
    %519 = stablehlo.reshape %518 : (tensor<32xf32>) -> tensor<1x1x32xf32>
    %cst_135 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %520 = stablehlo.reduce(%519 init: %cst_135) applies stablehlo.add across dimensions = [0, 1] : (tensor<1x1x32xf32>, tensor<f32>) -> tensor<32xf32>
    %521 = stablehlo.dot_general %517, %47, contracting_dims = [0, 1] x [0, 1], precision = [DEFAULT, DEFAULT] : (tensor<64x64x32xf32>, tensor<64x64x32xf32>) -> tensor<32x32xf32>
    %522 = stablehlo.transpose %521, dims = [1, 0] : (tensor<32x32xf32>) -> tensor<32x32xf32>
    %523 = stablehlo.dot_general %517, %arg7, contracting_dims = [2] x [1], precision = [DEFAULT, DEFAULT] : (tensor<64x64x32xf32>, tensor<32x32xf32>) -> tensor<64x64x32xf32>
    %524 = stablehlo.reshape %523 : (tensor<64x64x32xf32>) -> tensor<64x64x8x4xf32>
    %525 = stablehlo.transpose %524, dims = [0, 2, 3, 1] : (tensor<64x64x8x4xf32>) -> tensor<64x8x4x64xf32>
    %526 = stablehlo.dot_general %525, %12, batching_dims = [0, 1] x [0, 2], contracting_dims = [2] x [3], precision = [DEFAULT, DEFAULT] : (tensor<64x8x4x64xf32>, tensor<64x64x8x4xf32>) -> tensor<64x8x64x64xf32>
    %527 = stablehlo.dot_general %525, %41, batching_dims = [0, 1] x [0, 1], contracting_dims = [3] x [2], precision = [DEFAULT, DEFAULT] : (tensor<64x8x4x64xf32>, tensor<64x8x64x64xf32>) -> tensor<64x8x4x64xf32>
    %528 = stablehlo.transpose %527, dims = [0, 3, 1, 2] : (tensor<64x8x4x64xf32>) -> tensor<64x64x8x4xf32>
    %529 = stablehlo.broadcast_in_dim %44, dims = [0, 1, 2, 3] : (tensor<64x8x64x1xf32>) -> tensor<64x8x64x64xf32>
    %530 = stablehlo.multiply %526, %529 : tensor<64x8x64x64xf32>
    %531 = stablehlo.multiply %530, %37 : tensor<64x8x64x64xf32>
    %cst_136 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %532 = stablehlo.reduce(%531 init: %cst_136) applies stablehlo.add across dimensions = [3] : (tensor<64x8x64x64xf32>, tensor<f32>) -> tensor<64x8x64xf32>
    %533 = stablehlo.reshape %532 : (tensor<64x8x64xf32>) -> tensor<64x8x64x1xf32>
    %534 = stablehlo.negate %533 : tensor<64x8x64x1xf32>
    %535 = stablehlo.broadcast_in_dim %39, dims = [0, 1, 2, 3] : (tensor<64x8x64x1xf32>) -> tensor<64x8x64x64xf32>
    %536 = stablehlo.divide %526, %535 : tensor<64x8x64x64xf32>
    %cst_137 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %537 = stablehlo.reduce(%534 init: %cst_137) applies stablehlo.add across dimensions = [3] : (tensor<64x8x64x1xf32>, tensor<f32>) -> tensor<64x8x64xf32>
    %538 = stablehlo.broadcast_in_dim %537, dims = [0, 1, 2] : (tensor<64x8x64xf32>) -> tensor<64x8x64x64xf32>
    %539 = stablehlo.add %536, %538 : tensor<64x8x64x64xf32>
    %540 = stablehlo.multiply %539, %37 : tensor<64x8x64x64xf32>
    %cst_138 = stablehlo.constant dense<2.000000e+00> : tensor<f32>
    %541 = stablehlo.broadcast_in_dim %cst_138, dims = [] : (tensor<f32>) -> tensor<64x8x64x64xf32>
    %542 = stablehlo.divide %540, %541 : tensor<64x8x64x64xf32>
    %543 = stablehlo.dot_general %542, %6, batching_dims = [0, 1] x [0, 2], contracting_dims = [2] x [1], precision = [DEFAULT, DEFAULT] : (tensor<64x8x64x64xf32>, tensor<64x64x8x4xf32>) -> tensor<64x8x64x4xf32>
    %544 = stablehlo.transpose %543, dims = [0, 2, 1, 3] : (tensor<64x8x64x4xf32>) -> tensor<64x64x8x4xf32>
    %545 = stablehlo.dot_general %542, %9, batching_dims = [0, 1] x [0, 2], contracting_dims = [3] x [1], precision = [DEFAULT, DEFAULT] : (tensor<64x8x64x64xf32>, tensor<64x64x8x4xf32>) -> tensor<64x8x64x4xf32>
    %546 = stablehlo.transpose %545, dims = [0, 2, 1, 3] : (tensor<64x8x64x4xf32>) -> tensor<64x64x8x4xf32>
    %547 = stablehlo.reshape %528 : (tensor<64x64x8x4xf32>) -> tensor<64x64x32xf32>
    %548 = stablehlo.broadcast_in_dim %547, dims = [0, 1, 3] : (tensor<64x64x32xf32>) -> tensor<64x64x1x32xf32>
    %cst_139 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %549 = stablehlo.pad %548, %cst_139, low = [0, 0, 2, 0], high = [0, 0, 0, 0], interior = [0, 0, 0, 0] : (tensor<64x64x1x32xf32>, tensor<f32>) -> tensor<64x64x3x32xf32>
    %550 = stablehlo.reshape %544 : (tensor<64x64x8x4xf32>) -> tensor<64x64x32xf32>
    %551 = stablehlo.broadcast_in_dim %550, dims = [0, 1, 3] : (tensor<64x64x32xf32>) -> tensor<64x64x1x32xf32>
    %cst_140 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %552 = stablehlo.pad %551, %cst_140, low = [0, 0, 1, 0], high = [0, 0, 1, 0], interior = [0, 0, 0, 0] : (tensor<64x64x1x32xf32>, tensor<f32>) -> tensor<64x64x3x32xf32>
    %553 = stablehlo.add %549, %552 : tensor<64x64x3x32xf32>
    %554 = stablehlo.reshape %546 : (tensor<64x64x8x4xf32>) -> tensor<64x64x32xf32>
    %555 = stablehlo.broadcast_in_dim %554, dims = [0, 1, 3] : (tensor<64x64x32xf32>) -> tensor<64x64x1x32xf32>
    %cst_141 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %556 = stablehlo.pad %555, %cst_141, low = [0, 0, 0, 0], high = [0, 0, 2, 0], interior = [0, 0, 0, 0] : (tensor<64x64x1x32xf32>, tensor<f32>) -> tensor<64x64x3x32xf32>
    %557 = stablehlo.add %553, %556 : tensor<64x64x3x32xf32>
    %cst_142 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %558 = stablehlo.reduce(%557 init: %cst_142) applies stablehlo.add across dimensions = [0, 1] : (tensor<64x64x3x32xf32>, tensor<f32>) -> tensor<3x32xf32>
    %559 = stablehlo.reshape %558 : (tensor<3x32xf32>) -> tensor<1x1x3x32xf32>
    %cst_143 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %560 = stablehlo.reduce(%559 init: %cst_143) applies stablehlo.add across dimensions = [0, 1] : (tensor<1x1x3x32xf32>, tensor<f32>) -> tensor<3x32xf32>
    %561 = stablehlo.dot_general %557, %arg24, contracting_dims = [0, 1] x [0, 1], precision = [DEFAULT, DEFAULT] : (tensor<64x64x3x32xf32>, tensor<64x64x32xf32>) -> tensor<3x32x32xf32>
    %562 = stablehlo.transpose %561, dims = [2, 0, 1] : (tensor<3x32x32xf32>) -> tensor<32x3x32xf32>
    %cst_144 = stablehlo.constant dense<1.000000e-01> : tensor<f32>
    %563 = stablehlo.broadcast_in_dim %cst_144, dims = [] : (tensor<f32>) -> tensor<32xf32>
    %564 = stablehlo.multiply %563, %460 : tensor<32xf32>
    %565 = stablehlo.subtract %arg0, %564 : tensor<32xf32>
    %cst_145 = stablehlo.constant dense<1.000000e-01> : tensor<f32>
    %566 = stablehlo.broadcast_in_dim %cst_145, dims = [] : (tensor<f32>) -> tensor<128x32xf32>
    %567 = stablehlo.multiply %566, %462 : tensor<128x32xf32>
    %568 = stablehlo.subtract %arg1, %567 : tensor<128x32xf32>
    %cst_146 = stablehlo.constant dense<1.000000e-01> : tensor<f32>
    %569 = stablehlo.broadcast_in_dim %cst_146, dims = [] : (tensor<f32>) -> tensor<32xf32>
    %570 = stablehlo.multiply %569, %487 : tensor<32xf32>
    %571 = stablehlo.subtract %arg2, %570 : tensor<32xf32>
    %cst_147 = stablehlo.constant dense<1.000000e-01> : tensor<f32>
    %572 = stablehlo.broadcast_in_dim %cst_147, dims = [] : (tensor<f32>) -> tensor<32xf32>
    %573 = stablehlo.multiply %572, %493 : tensor<32xf32>
    %574 = stablehlo.subtract %arg3, %573 : tensor<32xf32>
    %cst_148 = stablehlo.constant dense<1.000000e-01> : tensor<f32>
    %575 = stablehlo.broadcast_in_dim %cst_148, dims = [] : (tensor<f32>) -> tensor<32xf32>
    %576 = stablehlo.multiply %575, %427 : tensor<32xf32>
    %577 = stablehlo.subtract %arg4, %576 : tensor<32xf32>
    %cst_149 = stablehlo.constant dense<1.000000e-01> : tensor<f32>
    %578 = stablehlo.broadcast_in_dim %cst_149, dims = [] : (tensor<f32>) -> tensor<32xf32>
    %579 = stablehlo.multiply %578, %433 : tensor<32xf32>
    %580 = stablehlo.subtract %arg5, %579 : tensor<32xf32>
    %cst_150 = stablehlo.constant dense<1.000000e-01> : tensor<f32>
    %581 = stablehlo.broadcast_in_dim %cst_150, dims = [] : (tensor<f32>) -> tensor<32xf32>
    %582 = stablehlo.multiply %581, %520 : tensor<32xf32>
    %583 = stablehlo.subtract %arg6, %582 : tensor<32xf32>
    %cst_151 = stablehlo.constant dense<1.000000e-01> : tensor<f32>
    %584 = stablehlo.broadcast_in_dim %cst_151, dims = [] : (tensor<f32>) -> tensor<32x32xf32>
    %585 = stablehlo.multiply %584, %522 : tensor<32x32xf32>
    %586 = stablehlo.subtract %arg7, %585 : tensor<32x32xf32>
    %cst_152 = stablehlo.constant dense<1.000000e-01> : tensor<f32>
    %587 = stablehlo.broadcast_in_dim %cst_152, dims = [] : (tensor<f32>) -> tensor<3x32xf32>
    %588 = stablehlo.multiply %587, %560 : tensor<3x32xf32>
    %589 = stablehlo.subtract %arg8, %588 : tensor<3x32xf32>
    %cst_153 = stablehlo.constant dense<1.000000e-01> : tensor<f32>
    %590 = stablehlo.broadcast_in_dim %cst_153, dims = [] : (tensor<f32>) -> tensor<32x3x32xf32>
    %591 = stablehlo.multiply %590, %562 : tensor<32x3x32xf32>
    %592 = stablehlo.subtract %arg9, %591 : tensor<32x3x32xf32>
    %cst_154 = stablehlo.constant dense<1.000000e-01> : tensor<f32>
    %593 = stablehlo.broadcast_in_dim %cst_154, dims = [] : (tensor<f32>) -> tensor<128xf32>
    %594 = stablehlo.multiply %593, %480 : tensor<128xf32>
    %595 = stablehlo.subtract %arg10, %594 : tensor<128xf32>
    %cst_155 = stablehlo.constant dense<1.000000e-01> : tensor<f32>
    %596 = stablehlo.broadcast_in_dim %cst_155, dims = [] : (tensor<f32>) -> tensor<32x128xf32>
    %597 = stablehlo.multiply %596, %482 : tensor<32x128xf32>
    %598 = stablehlo.subtract %arg11, %597 : tensor<32x128xf32>
    %cst_156 = stablehlo.constant dense<1.000000e-01> : tensor<f32>
    %599 = stablehlo.broadcast_in_dim %cst_156, dims = [] : (tensor<f32>) -> tensor<32xf32>
    %600 = stablehlo.multiply %599, %320 : tensor<32xf32>
    %601 = stablehlo.subtract %arg12, %600 : tensor<32xf32>
    %cst_157 = stablehlo.constant dense<1.000000e-01> : tensor<f32>
    %602 = stablehlo.broadcast_in_dim %cst_157, dims = [] : (tensor<f32>) -> tensor<128x32xf32>
    %603 = stablehlo.multiply %602, %322 : tensor<128x32xf32>
    %604 = stablehlo.subtract %arg13, %603 : tensor<128x32xf32>
    %cst_158 = stablehlo.constant dense<1.000000e-01> : tensor<f32>
    %605 = stablehlo.broadcast_in_dim %cst_158, dims = [] : (tensor<f32>) -> tensor<32xf32>
    %606 = stablehlo.multiply %605, %347 : tensor<32xf32>
    %607 = stablehlo.subtract %arg14, %606 : tensor<32xf32>
    %cst_159 = stablehlo.constant dense<1.000000e-01> : tensor<f32>
    %608 = stablehlo.broadcast_in_dim %cst_159, dims = [] : (tensor<f32>) -> tensor<32xf32>
    %609 = stablehlo.multiply %608, %353 : tensor<32xf32>
    %610 = stablehlo.subtract %arg15, %609 : tensor<32xf32>
    %cst_160 = stablehlo.constant dense<1.000000e-01> : tensor<f32>
    %611 = stablehlo.broadcast_in_dim %cst_160, dims = [] : (tensor<f32>) -> tensor<32xf32>
    %612 = stablehlo.multiply %611, %287 : tensor<32xf32>
    %613 = stablehlo.subtract %arg16, %612 : tensor<32xf32>
    %cst_161 = stablehlo.constant dense<1.000000e-01> : tensor<f32>
    %614 = stablehlo.broadcast_in_dim %cst_161, dims = [] : (tensor<f32>) -> tensor<32xf32>
    %615 = stablehlo.multiply %614, %293 : tensor<32xf32>
    %616 = stablehlo.subtract %arg17, %615 : tensor<32xf32>
    %cst_162 = stablehlo.constant dense<1.000000e-01> : tensor<f32>
    %617 = stablehlo.broadcast_in_dim %cst_162, dims = [] : (tensor<f32>) -> tensor<32xf32>
    %618 = stablehlo.multiply %617, %380 : tensor<32xf32>
    %619 = stablehlo.subtract %arg18, %618 : tensor<32xf32>
    %cst_163 = stablehlo.constant dense<1.000000e-01> : tensor<f32>
    %620 = stablehlo.broadcast_in_dim %cst_163, dims = [] : (tensor<f32>) -> tensor<32x32xf32>
    %621 = stablehlo.multiply %620, %382 : tensor<32x32xf32>
    %622 = stablehlo.subtract %arg19, %621 : tensor<32x32xf32>
    %cst_164 = stablehlo.constant dense<1.000000e-01> : tensor<f32>
    %623 = stablehlo.broadcast_in_dim %cst_164, dims = [] : (tensor<f32>) -> tensor<3x32xf32>
    %624 = stablehlo.multiply %623, %420 : tensor<3x32xf32>
    %625 = stablehlo.subtract %arg20, %624 : tensor<3x32xf32>
    %cst_165 = stablehlo.constant dense<1.000000e-01> : tensor<f32>
    %626 = stablehlo.broadcast_in_dim %cst_165, dims = [] : (tensor<f32>) -> tensor<32x3x32xf32>
    %627 = stablehlo.multiply %626, %422 : tensor<32x3x32xf32>
    %628 = stablehlo.subtract %arg21, %627 : tensor<32x3x32xf32>
    %cst_166 = stablehlo.constant dense<1.000000e-01> : tensor<f32>
    %629 = stablehlo.broadcast_in_dim %cst_166, dims = [] : (tensor<f32>) -> tensor<128xf32>
    %630 = stablehlo.multiply %629, %340 : tensor<128xf32>
    %631 = stablehlo.subtract %arg22, %630 : tensor<128xf32>
    %cst_167 = stablehlo.constant dense<1.000000e-01> : tensor<f32>
    %632 = stablehlo.broadcast_in_dim %cst_167, dims = [] : (tensor<f32>) -> tensor<32x128xf32>
    %633 = stablehlo.multiply %632, %342 : tensor<32x128xf32>
    %634 = stablehlo.subtract %arg23, %633 : tensor<32x128xf32>
    return %565, %568, %571, %574, %577, %580, %583, %586, %589, %592, %595, %598, %601, %604, %607, %610, %613, %616, %619, %622, %625, %628, %631, %634, %281 : tensor<32xf32>, tensor<128x32xf32>, tensor<32xf32>, tensor<32xf32>, tensor<32xf32>, tensor<32xf32>, tensor<32xf32>, tensor<32x32xf32>, tensor<3x32xf32>, tensor<32x3x32xf32>, tensor<128xf32>, tensor<32x128xf32>, tensor<32xf32>, tensor<128x32xf32>, tensor<32xf32>, tensor<32xf32>, tensor<32xf32>, tensor<32xf32>, tensor<32xf32>, tensor<32x32xf32>, tensor<3x32xf32>, tensor<32x3x32xf32>, tensor<128xf32>, tensor<32x128xf32>, tensor<f32>
  }
}
