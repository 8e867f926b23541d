module @jit_step attributes {mhlo.num_partitions = 1 : i32, mhlo.num_replicas = 1 : i32} {
  func.func public @main(%arg0: tensor<32xf32> {tf.aliasing_output = 0 : i32}, %arg1: tensor<32x32xf32> {tf.aliasing_output = 1 : i32}, %arg2: tensor<32xf32> {tf.aliasing_output = 2 : i32}, %arg3: tensor<32x32xf32> {tf.aliasing_output = 3 : i32}, %arg4: tensor<32xf32> {tf.aliasing_output = 4 : i32}, %arg5: tensor<32x32xf32> {tf.aliasing_output = 5 : i32}, %arg6: tensor<32xf32> {tf.aliasing_output = 6 : i32}, %arg7: tensor<32x32xf32> {tf.aliasing_output = 7 : i32}, %arg8: tensor<32xf32> {tf.aliasing_output = 8 : i32}, %arg9: tensor<32x32xf32> {tf.aliasing_output = 9 : i32}, %arg10: tensor<32xf32> {tf.aliasing_output = 10 : i32}, %arg11: tensor<32x32xf32> {tf.aliasing_output = 11 : i32}, %arg12: tensor<32xf32> {tf.aliasing_output = 12 : i32}, %arg13: tensor<32x32xf32> {tf.aliasing_output = 13 : i32}, %arg14: tensor<32xf32> {tf.aliasing_output = 14 : i32}, %arg15: tensor<32x32xf32> {tf.aliasing_output = 15 : i32}, %arg16: tensor<32xf32> {tf.aliasing_output = 16 : i32}, %arg17: tensor<32x32xf32> {tf.aliasing_output = 17 : i32}, %arg18: tensor<32xf32> {tf.aliasing_output = 18 : i32}, %arg19: tensor<32x32xf32> {tf.aliasing_output = 19 : i32}, %arg20: tensor<32xf32> {tf.aliasing_output = 20 : i32}, %arg21: tensor<32x32xf32> {tf.aliasing_output = 21 : i32}, %arg22: tensor<32xf32> {tf.aliasing_output = 22 : i32}, %arg23: tensor<32x32xf32> {tf.aliasing_output = 23 : i32}, %arg24: tensor<32xf32> {tf.aliasing_output = 24 : i32}, %arg25: tensor<32x32xf32> {tf.aliasing_output = 25 : i32}, %arg26: tensor<32xf32> {tf.aliasing_output = 26 : i32}, %arg27: tensor<32x32xf32> {tf.aliasing_output = 27 : i32}, %arg28: tensor<32xf32> {tf.aliasing_output = 28 : i32}, %arg29: tensor<32x32xf32> {tf.aliasing_output = 29 : i32}, %arg30: tensor<32xf32> {tf.aliasing_output = 30 : i32}, %arg31: tensor<32x32xf32> {tf.aliasing_output = 31 : i32}, %arg32: tensor<32xf32> {tf.aliasing_output = 32 : i32}, %arg33: tensor<32x32xf32> {tf.aliasing_output = 33 : i32}, %arg34: tensor<32xf32> {tf.aliasing_output = 34 : i32}, %arg35: tensor<32x32xf32> {tf.aliasing_output = 35 : i32}, %arg36: tensor<256x32xf32>, %arg37: tensor<256x32xf32>) -> (tensor<32xf32> {jax.result_info = "result[0][0]['bias']"}, tensor<32x32xf32> {jax.result_info = "result[0][0]['kernel']"}, tensor<32xf32> {jax.result_info = "result[0][1]['bias']"}, tensor<32x32xf32> {jax.result_info = "result[0][1]['kernel']"}, tensor<32xf32> {jax.result_info = "result[0][2]['bias']"}, tensor<32x32xf32> {jax.result_info = "result[0][2]['kernel']"}, tensor<32xf32> {jax.result_info = "result[0][3]['bias']"}, tensor<32x32xf32> {jax.result_info = "result[0][3]['kernel']"}, tensor<32xf32> {jax.result_info = "result[0][4]['bias']"}, tensor<32x32xf32> {jax.result_info = "result[0][4]['kernel']"}, tensor<32xf32> {jax.result_info = "result[0][5]['bias']"}, tensor<32x32xf32> {jax.result_info = "result[0][5]['kernel']"}, tensor<32xf32> {jax.result_info = "result[1][0][0]['bias']"}, tensor<32x32xf32> {jax.result_info = "result[1][0][0]['kernel']"}, tensor<32xf32> {jax.result_info = "result[1][0][1]['bias']"}, tensor<32x32xf32> {jax.result_info = "result[1][0][1]['kernel']"}, tensor<32xf32> {jax.result_info = "result[1][0][2]['bias']"}, tensor<32x32xf32> {jax.result_info = "result[1][0][2]['kernel']"}, tensor<32xf32> {jax.result_info = "result[1][0][3]['bias']"}, tensor<32x32xf32> {jax.result_info = "result[1][0][3]['kernel']"}, tensor<32xf32> {jax.result_info = "result[1][0][4]['bias']"}, tensor<32x32xf32> {jax.result_info = "result[1][0][4]['kernel']"}, tensor<32xf32> {jax.result_info = "result[1][0][5]['bias']"}, tensor<32x32xf32> {jax.result_info = "result[1][0][5]['kernel']"}, tensor<32xf32> {jax.result_info = "result[1][1][0]['bias']"}, tensor<32x32xf32> {jax.result_info = "result[1][1][0]['kernel']"}, tensor<32xf32> {jax.result_info = "result[1][1][1]['bias']"}, tensor<32x32xf32> {jax.result_info = "result[1][1][1]['kernel']"}, tensor<32xf32> {jax.result_info = "result[1][1][2]['bias']"}, tensor<32x32xf32> {jax.result_info = "result[1][1][2]['kernel']"}, tensor<32xf32> {jax.result_info = "result[1][1][3]['bias']"}, tensor<32x32xf32> {jax.result_info = "result[1][1][3]['kernel']"}, tensor<32xf32> {jax.result_info = "result[1][1][4]['bias']"}, tensor<32x32xf32> {jax.result_info = "result[1][1][4]['kernel']"}, tensor<32xf32> {jax.result_info = "result[1][1][5]['bias']"}, tensor<32x32xf32> {jax.result_info = "result[1][1][5]['kernel']"}, tensor<f32> {jax.result_info = "result[2]"}) {
    %0 = stablehlo.dot_general %arg36, %arg1, contracting_dims = [1] x [0], precision = [DEFAULT, DEFAULT] : (tensor<256x32xf32>, tensor<32x32xf32>) -> tensor<256x32xf32>
    %1 = stablehlo.broadcast_in_dim %arg0, dims = [1] : (tensor<32xf32>) -> tensor<1x32xf32>
    %2 = stablehlo.broadcast_in_dim %1, dims = [0, 1] : (tensor<1x32xf32>) -> tensor<256x32xf32>
    %3 = stablehlo.add %0, %2 : tensor<256x32xf32>
    %4 = call @relu(%3) : (tensor<256x32xf32>) -> tensor<256x32xf32>
    %cst = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %5 = stablehlo.broadcast_in_dim %cst, dims = [] : (tensor<f32>) -> tensor<256x32xf32>
    %6 = stablehlo.compare GT, %3, %5, FLOAT : (tensor<256x32xf32>, tensor<256x32xf32>) -> tensor<256x32xi1>
    %cst_0 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %7 = stablehlo.broadcast_in_dim %cst_0, dims = [] : (tensor<f32>) -> tensor<256x32xf32>
    %8 = stablehlo.dot_general %4, %arg3, contracting_dims = [1] x [0], precision = [DEFAULT, DEFAULT] : (tensor<256x32xf32>, tensor<32x32xf32>) -> tensor<256x32xf32>
    %9 = stablehlo.broadcast_in_dim %arg2, dims = [1] : (tensor<32xf32>) -> tensor<1x32xf32>
    %10 = stablehlo.broadcast_in_dim %9, dims = [0, 1] : (tensor<1x32xf32>) -> tensor<256x32xf32>
    %11 = stablehlo.add %8, %10 : tensor<256x32xf32>
    %12 = call @relu(%11) : (tensor<256x32xf32>) -> tensor<256x32xf32>
    %cst_1 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %13 = stablehlo.broadcast_in_dim %cst_1, dims = [] : (tensor<f32>) -> tensor<256x32xf32>
    %14 = stablehlo.compare GT, %11, %13, FLOAT : (tensor<256x32xf32>, tensor<256x32xf32>) -> tensor<256x32xi1>
    %cst_2 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %15 = stablehlo.broadcast_in_dim %cst_2, dims = [] : (tensor<f32>) -> tensor<256x32xf32>
    %16 = stablehlo.dot_general %12, %arg5, contracting_dims = [1] x [0], precision = [DEFAULT, DEFAULT] : (tensor<256x32xf32>, tensor<32x32xf32>) -> tensor<256x32xf32>
    %17 = stablehlo.broadcast_in_dim %arg4, dims = [1] : (tensor<32xf32>) -> tensor<1x32xf32>
    %18 = stablehlo.broadcast_in_dim %17, dims = [0, 1] : (tensor<1x32xf32>) -> tensor<256x32xf32>
    %19 = stablehlo.add %16, %18 : tensor<256x32xf32>
    %20 = call @relu(%19) : (tensor<256x32xf32>) -> tensor<256x32xf32>
    %cst_3 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %21 = stablehlo.broadcast_in_dim %cst_3, dims = [] : (tensor<f32>) -> tensor<256x32xf32>
    %22 = stablehlo.compare GT, %19, %21, FLOAT : (tensor<256x32xf32>, tensor<256x32xf32>) -> tensor<256x32xi1>
    %cst_4 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %23 = stablehlo.broadcast_in_dim %cst_4, dims = [] : (tensor<f32>) -> tensor<256x32xf32>
    %24 = stablehlo.dot_general %20, %arg7, contracting_dims = [1] x [0], precision = [DEFAULT, DEFAULT] : (tensor<256x32xf32>, tensor<32x32xf32>) -> tensor<256x32xf32>
    %25 = stablehlo.broadcast_in_dim %arg6, dims = [1] : (tensor<32xf32>) -> tensor<1x32xf32>
    %26 = stablehlo.broadcast_in_dim %25, dims = [0, 1] : (tensor<1x32xf32>) -> tensor<256x32xf32>
    %27 = stablehlo.add %24, %26 : tensor<256x32xf32>
    %28 = call @relu(%27) : (tensor<256x32xf32>) -> tensor<256x32xf32>
    %cst_5 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %29 = stablehlo.broadcast_in_dim %cst_5, dims = [] : (tensor<f32>) -> tensor<256x32xf32>
    %30 = stablehlo.compare GT, %27, %29, FLOAT : (tensor<256x32xf32>, tensor<256x32xf32>) -> tensor<256x32xi1>
    %cst_6 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %31 = stablehlo.broadcast_in_dim %cst_6, dims = [] : (tensor<f32>) -> tensor<256x32xf32>
    %32 = stablehlo.dot_general %28, %arg9, contracting_dims = [1] x [0], precision = [DEFAULT, DEFAULT] : (tensor<256x32xf32>, tensor<32x32xf32>) -> tensor<256x32xf32>
    %33 = stablehlo.broadcast_in_dim %arg8, dims = [1] : (tensor<32xf32>) -> tensor<1x32xf32>
    %34 = stablehlo.broadcast_in_dim %33, dims = [0, 1] : (tensor<1x32xf32>) -> tensor<256x32xf32>
    %35 = stablehlo.add %32, %34 : tensor<256x32xf32>
    %36 = call @relu(%35) : (tensor<256x32xf32>) -> tensor<256x32xf32>
    %cst_7 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %37 = stablehlo.broadcast_in_dim %cst_7, dims = [] : (tensor<f32>) -> tensor<256x32xf32>
    %38 = stablehlo.compare GT, %35, %37, FLOAT : (tensor<256x32xf32>, tensor<256x32xf32>) -> tensor<256x32xi1>
    %cst_8 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %39 = stablehlo.broadcast_in_dim %cst_8, dims = [] : (tensor<f32>) -> tensor<256x32xf32>
    %40 = stablehlo.dot_general %36, %arg11, contracting_dims = [1] x [0], precision = [DEFAULT, DEFAULT] : (tensor<256x32xf32>, tensor<32x32xf32>) -> tensor<256x32xf32>
    %41 = stablehlo.broadcast_in_dim %arg10, dims = [1] : (tensor<32xf32>) -> tensor<1x32xf32>
    %42 = stablehlo.broadcast_in_dim %41, dims = [0, 1] : (tensor<1x32xf32>) -> tensor<256x32xf32>
    %43 = stablehlo.add %40, %42 : tensor<256x32xf32>
    %44 = stablehlo.subtract %43, %arg37 : tensor<256x32xf32>
    %45 = chlo.square %44 : tensor<256x32xf32> -> tensor<256x32xf32>
    %cst_9 = stablehlo.constant dense<2.000000e+00> : tensor<f32>
    %46 = stablehlo.broadcast_in_dim %cst_9, dims = [] : (tensor<f32>) -> tensor<256x32xf32>
    %47 = stablehlo.multiply %46, %44 : tensor<256x32xf32>
    %cst_10 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %48 = stablehlo.reduce(%45 init: %cst_10) applies stablehlo.add across dimensions = [0, 1] : (tensor<256x32xf32>, tensor<f32>) -> tensor<f32>
    %cst_11 = stablehlo.constant dense<8.192000e+03> : tensor<f32>
    %49 = stablehlo.divide %48, %cst_11 : tensor<f32>
    %cst_12 = stablehlo.constant dense<1.000000e+00> : tensor<f32>
    %cst_13 = stablehlo.constant dense<8.192000e+03> : tensor<f32>
    %50 = stablehlo.divide %cst_12, %cst_13 : tensor<f32>
    %51 = stablehlo.broadcast_in_dim %50, dims = [] : (tensor<f32>) -> tensor<256x32xf32>
    %52 = stablehlo.multiply %51, %47 : tensor<256x32xf32>
    %cst_14 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %53 = stablehlo.reduce(%52 init: %cst_14) applies stablehlo.add across dimensions = [0] : (tensor<256x32xf32>, tensor<f32>) -> tensor<32xf32>
    %54 = stablehlo.reshape %53 : (tensor<32xf32>) -> tensor<1x32xf32>
    %cst_15 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %55 = stablehlo.reduce(%54 init: %cst_15) applies stablehlo.add across dimensions = [0] : (tensor<1x32xf32>, tensor<f32>) -> tensor<32xf32>
    %56 = stablehlo.dot_general %52, %36, contracting_dims = [0] x [0], precision = [DEFAULT, DEFAULT] : (tensor<256x32xf32>, tensor<256x32xf32>) -> tensor<32x32xf32>
    %57 = stablehlo.transpose %56, dims = [1, 0] : (tensor<32x32xf32>) -> tensor<32x32xf32>
    %58 = stablehlo.dot_general %52, %arg11, contracting_dims = [1] x [1], precision = [DEFAULT, DEFAULT] : (tensor<256x32xf32>, tensor<32x32xf32>) -> tensor<256x32xf32>
    %cst_16 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %59 = stablehlo.broadcast_in_dim %cst_16, dims = [] : (tensor<f32>) -> tensor<256x32xf32>
    %60 = stablehlo.select %38, %58, %59 : tensor<256x32xi1>, tensor<256x32xf32>
    %cst_17 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %61 = stablehlo.reduce(%60 init: %cst_17) applies stablehlo.add across dimensions = [0] : (tensor<256x32xf32>, tensor<f32>) -> tensor<32xf32>
    %62 = stablehlo.reshape %61 : (tensor<32xf32>) -> tensor<1x32xf32>
    %cst_18 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %63 = stablehlo.reduce(%62 init: %cst_18) applies stablehlo.add across dimensions = [0] : (tensor<1x32xf32>, tensor<f32>) -> tensor<32xf32>
    %64 = stablehlo.dot_general %60, %28, contracting_dims = [0] x [0], precision = [DEFAULT, DEFAULT] : (tensor<256x32xf32>, tensor<256x32xf32>) -> tensor<32x32xf32>
    %65 = stablehlo.transpose %64, dims = [1, 0] : (tensor<32x32xf32>) -> tensor<32x32xf32>
    %66 = stablehlo.dot_general %60, %arg9, contracting_dims = [1] x [1], precision = [DEFAULT, DEFAULT] : (tensor<256x32xf32>, tensor<32x32xf32>) -> tensor<256x32xf32>
    %cst_19 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %67 = stablehlo.broadcast_in_dim %cst_19, dims = [] : (tensor<f32>) -> tensor<256x32xf32>
    %68 = stablehlo.select %30, %66, %67 : tensor<256x32xi1>, tensor<256x32xf32>
    %cst_20 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %69 = stablehlo.reduce(%68 init: %cst_20) applies stablehlo.add across dimensions = [0] : (tensor<256x32xf32>, tensor<f32>) -> tensor<32xf32>
    %70 = stablehlo.reshape %69 : (tensor<32xf32>) -> tensor<1x32xf32>
    %cst_21 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %71 = stablehlo.reduce(%70 init: %cst_21) applies stablehlo.add across dimensions = [0] : (tensor<1x32xf32>, tensor<f32>) -> tensor<32xf32>
    %72 = stablehlo.dot_general %68, %20, contracting_dims = [0] x [0], precision = [DEFAULT, DEFAULT] : (tensor<256x32xf32>, tensor<256x32xf32>) -> tensor<32x32xf32>
    %73 = stablehlo.transpose %72, dims = [1, 0] : (tensor<32x32xf32>) -> tensor<32x32xf32>
    %74 = stablehlo.dot_general %68, %arg7, contracting_dims = [1] x [1], precision = [DEFAULT, DEFAULT] : (tensor<256x32xf32>, tensor<32x32xf32>) -> tensor<256x32xf32>
    %cst_22 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %75 = stablehlo.broadcast_in_dim %cst_22, dims = [] : (tensor<f32>) -> tensor<256x32xf32>
    %76 = stablehlo.select %22, %74, %75 : tensor<256x32xi1>, tensor<256x32xf32>
    %cst_23 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %77 = stablehlo.reduce(%76 init: %cst_23) applies stablehlo.add across dimensions = [0] : (tensor<256x32xf32>, tensor<f32>) -> tensor<32xf32>
    %78 = stablehlo.reshape %77 : (tensor<32xf32>) -> tensor<1x32xf32>
    %cst_24 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %79 = stablehlo.reduce(%78 init: %cst_24) applies stablehlo.add across dimensions = [0] : (tensor<1x32xf32>, tensor<f32>) -> tensor<32xf32>
    %80 = stablehlo.dot_general %76, %12, contracting_dims = [0] x [0], precision = [DEFAULT, DEFAULT] : (tensor<256x32xf32>, tensor<256x32xf32>) -> tensor<32x32xf32>
    %81 = stablehlo.transpose %80, dims = [1, 0] : (tensor<32x32xf32>) -> tensor<32x32xf32>
    %82 = stablehlo.dot_general %76, %arg5, contracting_dims = [1] x [1], precision = [DEFAULT, DEFAULT] : (tensor<256x32xf32>, tensor<32x32xf32>) -> tensor<256x32xf32>
    %cst_25 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %83 = stablehlo.broadcast_in_dim %cst_25, dims = [] : (tensor<f32>) -> tensor<256x32xf32>
    %84 = stablehlo.select %14, %82, %83 : tensor<256x32xi1>, tensor<256x32xf32>
    %cst_26 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %85 = stablehlo.reduce(%84 init: %cst_26) applies stablehlo.add across dimensions = [0] : (tensor<256x32xf32>, tensor<f32>) -> tensor<32xf32>
    %86 = stablehlo.reshape %85 : (tensor<32xf32>) -> tensor<1x32xf32>
    %cst_27 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %87 = stablehlo.reduce(%86 init: %cst_27) applies stablehlo.add across dimensions = [0] : (tensor<1x32xf32>, tensor<f32>) -> tensor<32xf32>
    %88 = stablehlo.dot_general %84, %4, contracting_dims = [0] x [0], precision = [DEFAULT, DEFAULT] : (tensor<256x32xf32>, tensor<256x32xf32>) -> tensor<32x32xf32>
    %89 = stablehlo.transpose %88, dims = [1, 0] : (tensor<32x32xf32>) -> tensor<32x32xf32>
    %90 = stablehlo.dot_general %84, %arg3, contracting_dims = [1] x [1], precision = [DEFAULT, DEFAULT] : (tensor<256x32xf32>, tensor<32x32xf32>) -> tensor<256x32xf32>
    %cst_28 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %91 = stablehlo.broadcast_in_dim %cst_28, dims = [] : (tensor<f32>) -> tensor<256x32xf32>
    %92 = stablehlo.select %6, %90, %91 : tensor<256x32xi1>, tensor<256x32xf32>
    %cst_29 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %93 = stablehlo.reduce(%92 init: %cst_29) applies stablehlo.add across dimensions = [0] : (tensor<256x32xf32>, tensor<f32>) -> tensor<32xf32>
    %94 = stablehlo.reshape %93 : (tensor<32xf32>) -> tensor<1x32xf32>
    %cst_30 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %95 = stablehlo.reduce(%94 init: %cst_30) applies stablehlo.add across dimensions = [0] : (tensor<1x32xf32>, tensor<f32>) -> tensor<32xf32>
    %96 = stablehlo.dot_general %92, %arg36, contracting_dims = [0] x [0], precision = [DEFAULT, DEFAULT] : (tensor<256x32xf32>, tensor<256x32xf32>) -> tensor<32x32xf32>
    %97 = stablehlo.transpose %96, dims = [1, 0] : (tensor<32x32xf32>) -> tensor<32x32xf32>
    %cst_31 = stablehlo.constant dense<0.899999976> : tensor<f32>
    %98 = stablehlo.broadcast_in_dim %cst_31, dims = [] : (tensor<f32>) -> tensor<32xf32>
    %99 = stablehlo.multiply %98, %arg12 : tensor<32xf32>
    %cst_32 = stablehlo.constant dense<1.000000e-01> : tensor<f32>
    %100 = stablehlo.broadcast_in_dim %cst_32, dims = [] : (tensor<f32>) -> tensor<32xf32>
    %101 = stablehlo.multiply %100, %95 : tensor<32xf32>
    %102 = stablehlo.add %99, %101 : tensor<32xf32>
    %cst_33 = stablehlo.constant dense<0.899999976> : tensor<f32>
    %103 = stablehlo.broadcast_in_dim %cst_33, dims = [] : (tensor<f32>) -> tensor<32x32xf32>
    %104 = stablehlo.multiply %103, %arg13 : tensor<32x32xf32>
    %cst_34 = stablehlo.constant dense<1.000000e-01> : tensor<f32>
    %105 = stablehlo.broadcast_in_dim %cst_34, dims = [] : (tensor<f32>) -> tensor<32x32xf32>
    %106 = stablehlo.multiply %105, %97 : tensor<32x32xf32>
    %107 = stablehlo.add %104, %106 : tensor<32x32xf32>
    %cst_35 = stablehlo.constant dense<0.899999976> : tensor<f32>
    %108 = stablehlo.broadcast_in_dim %cst_35, dims = [] : (tensor<f32>) -> tensor<32xf32>
    %109 = stablehlo.multiply %108, %arg14 : tensor<32xf32>
    %cst_36 = stablehlo.constant dense<1.000000e-01> : tensor<f32>
    %110 = stablehlo.broadcast_in_dim %cst_36, dims = [] : (tensor<f32>) -> tensor<32xf32>
    %111 = stablehlo.multiply %110, %87 : tensor<32xf32>
    %112 = stablehlo.add %109, %111 : tensor<32xf32>
    %cst_37 = stablehlo.constant dense<0.899999976> : tensor<f32>
    %113 = stablehlo.broadcast_in_dim %cst_37, dims = [] : (tensor<f32>) -> tensor<32x32xf32>
    %114 = stablehlo.multiply %113, %arg15 : tensor<32x32xf32>
    %cst_38 = stablehlo.constant dense<1.000000e-01> : tensor<f32>
    %115 = stablehlo.broadcast_in_dim %cst_38, dims = [] : (tensor<f32>) -> tensor<32x32xf32>
    %116 = stablehlo.multiply %115, %89 : tensor<32x32xf32>
    %117 = stablehlo.add %114, %116 : tensor<32x32xf32>
    %cst_39 = stablehlo.constant dense<0.899999976> : tensor<f32>
    %118 = stablehlo.broadcast_in_dim %cst_39, dims = [] : (tensor<f32>) -> tensor<32xf32>
    %119 = stablehlo.multiply %118, %arg16 : tensor<32xf32>
    %cst_40 = stablehlo.constant dense<1.000000e-01> : tensor<f32>
    %120 = stablehlo.broadcast_in_dim %cst_40, dims = [] : (tensor<f32>) -> tensor<32xf32>
    %121 = stablehlo.multiply %120, %79 : tensor<32xf32>
    %122 = stablehlo.add %119, %121 : tensor<32xf32>
    %cst_41 = stablehlo.constant dense<0.899999976> : tensor<f32>
    %123 = stablehlo.broadcast_in_dim %cst_41, dims = [] : (tensor<f32>) -> tensor<32x32xf32>
    %124 = stablehlo.multiply %123, %arg17 : tensor<32x32xf32>
    %cst_42 = stablehlo.constant dense<1.000000e-01> : tensor<f32>
    %125 = stablehlo.broadcast_in_dim %cst_42, dims = [] : (tensor<f32>) -> tensor<32x32xf32>
    %126 = stablehlo.multiply %125, %81 : tensor<32x32xf32>
    %127 = stablehlo.add %124, %126 : tensor<32x32xf32>
    %cst_43 = stablehlo.constant dense<0.899999976> : tensor<f32>
    %128 = stablehlo.broadcast_in_dim %cst_43, dims = [] : (tensor<f32>) -> tensor<32xf32>
    %129 = stablehlo.multiply %128, %arg18 : tensor<32xf32>
    %cst_44 = stablehlo.constant dense<1.000000e-01> : tensor<f32>
    %130 = stablehlo.broadcast_in_dim %cst_44, dims = [] : (tensor<f32>) -> tensor<32xf32>
    %131 = stablehlo.multiply %130, %71 : tensor<32xf32>
    %132 = stablehlo.add %129, %131 : tensor<32xf32>
    %cst_45 = stablehlo.constant dense<0.899999976> : tensor<f32>
    %133 = stablehlo.broadcast_in_dim %cst_45, dims = [] : (tensor<f32>) -> tensor<32x32xf32>
    %134 = stablehlo.multiply %133, %arg19 : tensor<32x32xf32>
    %cst_46 = stablehlo.constant dense<1.000000e-01> : tensor<f32>
    %135 = stablehlo.broadcast_in_dim %cst_46, dims = [] : (tensor<f32>) -> tensor<32x32xf32>
    %136 = stablehlo.multiply %135, %73 : tensor<32x32xf32>
    %137 = stablehlo.add %134, %136 : tensor<32x32xf32>
    %cst_47 = stablehlo.constant dense<0.899999976> : tensor<f32>
    %138 = stablehlo.broadcast_in_dim %cst_47, dims = [] : (tensor<f32>) -> tensor<32xf32>
    %139 = stablehlo.multiply %138, %arg20 : tensor<32xf32>
    %cst_48 = stablehlo.constant dense<1.000000e-01> : tensor<f32>
    %140 = stablehlo.broadcast_in_dim %cst_48, dims = [] : (tensor<f32>) -> tensor<32xf32>
    %141 = stablehlo.multiply %140, %63 : tensor<32xf32>
    %142 = stablehlo.add %139, %141 : tensor<32xf32>
    %cst_49 = stablehlo.constant dense<0.899999976> : tensor<f32>
    %143 = stablehlo.broadcast_in_dim %cst_49, dims = [] : (tensor<f32>) -> tensor<32x32xf32>
    %144 = stablehlo.multiply %143, %arg21 : tensor<32x32xf32>
    %cst_50 = stablehlo.constant dense<1.000000e-01> : tensor<f32>
    %145 = stablehlo.broadcast_in_dim %cst_50, dims = [] : (tensor<f32>) -> tensor<32x32xf32>
    %146 = stablehlo.multiply %145, %65 : tensor<32x32xf32>
    %147 = stablehlo.add %144, %146 : tensor<32x32xf32>
    %cst_51 = stablehlo.constant dense<0.899999976> : tensor<f32>
    %148 = stablehlo.broadcast_in_dim %cst_51, dims = [] : (tensor<f32>) -> tensor<32xf32>
    %149 = stablehlo.multiply %148, %arg22 : tensor<32xf32>
    %cst_52 = stablehlo.constant dense<1.000000e-01> : tensor<f32>
    %150 = stablehlo.broadcast_in_dim %cst_52, dims = [] : (tensor<f32>) -> tensor<32xf32>
    %151 = stablehlo.multiply %150, %55 : tensor<32xf32>
    %152 = stablehlo.add %149, %151 : tensor<32xf32>
    %cst_53 = stablehlo.constant dense<0.899999976> : tensor<f32>
    %153 = stablehlo.broadcast_in_dim %cst_53, dims = [] : (tensor<f32>) -> tensor<32x32xf32>
    %154 = stablehlo.multiply %153, %arg23 : tensor<32x32xf32>
    %cst_54 = stablehlo.constant dense<1.000000e-01> : tensor<f32>
    %155 = stablehlo.broadcast_in_dim %cst_54, dims = [] : (tensor<f32>) -> tensor<32x32xf32>
    %156 = stablehlo.multiply %155, %57 : tensor<32x32xf32>
    %157 = stablehlo.add %154, %156 : tensor<32x32xf32>
    %cst_55 = stablehlo.constant dense<9.900000e-01> : tensor<f32>
    %158 = stablehlo.broadcast_in_dim %cst_55, dims = [] : (tensor<f32>) -> tensor<32xf32>
    %159 = stablehlo.multiply %158, %arg24 : tensor<32xf32>
    %cst_56 = stablehlo.constant dense<0.00999999977> : tensor<f32>
    %160 = stablehlo.broadcast_in_dim %cst_56, dims = [] : (tensor<f32>) -> tensor<32xf32>
    %161 = stablehlo.multiply %160, %95 : tensor<32xf32>
    %162 = stablehlo.multiply %161, %95 : tensor<32xf32>
    %163 = stablehlo.add %159, %162 : tensor<32xf32>
    %cst_57 = stablehlo.constant dense<9.900000e-01> : tensor<f32>
    %164 = stablehlo.broadcast_in_dim %cst_57, dims = [] : (tensor<f32>) -> tensor<32x32xf32>
    %165 = stablehlo.multiply %164, %arg25 : tensor<32x32xf32>
    %cst_58 = stablehlo.constant dense<0.00999999977> : tensor<f32>
    %166 = stablehlo.broadcast_in_dim %cst_58, dims = [] : (tensor<f32>) -> tensor<32x32xf32>
    %167 = stablehlo.multiply %166, %97 : tensor<32x32xf32>
    %168 = stablehlo.multiply %167, %97 : tensor<32x32xf32>
    %169 = stablehlo.add %165, %168 : tensor<32x32xf32>
    %cst_59 = stablehlo.constant dense<9.900000e-01> : tensor<f32>
    %170 = stablehlo.broadcast_in_dim %cst_59, dims = [] : (tensor<f32>) -> tensor<32xf32>
    %171 = stablehlo.multiply %170, %arg26 : tensor<32xf32>
    %cst_60 = stablehlo.constant dense<0.00999999977> : tensor<f32>
    %172 = stablehlo.broadcast_in_dim %cst_60, dims = [] : (tensor<f32>) -> tensor<32xf32>
    %173 = stablehlo.multiply %172, %87 : tensor<32xf32>
    %174 = stablehlo.multiply %173, %87 : tensor<32xf32>
    %175 = stablehlo.add %171, %174 : tensor<32xf32>
    %cst_61 = stablehlo.constant dense<9.900000e-01> : tensor<f32>
    %176 = stablehlo.broadcast_in_dim %cst_61, dims = [] : (tensor<f32>) -> tensor<32x32xf32>
    %177 = stablehlo.multiply %176, %arg27 : tensor<32x32xf32>
    %cst_62 = stablehlo.constant dense<0.00999999977> : tensor<f32>
    %178 = stablehlo.broadcast_in_dim %cst_62, dims = [] : (tensor<f32>) -> tensor<32x32xf32>
    %179 = stablehlo.multiply %178, %89 : tensor<32x32xf32>
    %180 = stablehlo.multiply %179, %89 : tensor<32x32xf32>
    %181 = stablehlo.add %177, %180 : tensor<32x32xf32>
    %cst_63 = stablehlo.constant dense<9.900000e-01> : tensor<f32>
    %182 = stablehlo.broadcast_in_dim %cst_63, dims = [] : (tensor<f32>) -> tensor<32xf32>
    %183 = stablehlo.multiply %182, %arg28 : tensor<32xf32>
    %cst_64 = stablehlo.constant dense<0.00999999977> : tensor<f32>
    %184 = stablehlo.broadcast_in_dim %cst_64, dims = [] : (tensor<f32>) -> tensor<32xf32>
    %185 = stablehlo.multiply %184, %79 : tensor<32xf32>
    %186 = stablehlo.multiply %185, %79 : tensor<32xf32>
    %187 = stablehlo.add %183, %186 : tensor<32xf32>
    %cst_65 = stablehlo.constant dense<9.900000e-01> : tensor<f32>
    %188 = stablehlo.broadcast_in_dim %cst_65, dims = [] : (tensor<f32>) -> tensor<32x32xf32>
    %189 = stablehlo.multiply %188, %arg29 : tensor<32x32xf32>
    %cst_66 = stablehlo.constant dense<0.00999999977> : tensor<f32>
    %190 = stablehlo.broadcast_in_dim %cst_66, dims = [] : (tensor<f32>) -> tensor<32x32xf32>
    %191 = stablehlo.multiply %190, %81 : tensor<32x32xf32>
    %192 = stablehlo.multiply %191, %81 : tensor<32x32xf32>
    %193 = stablehlo.add %189, %192 : tensor<32x32xf32>
    %cst_67 = stablehlo.constant dense<9.900000e-01> : tensor<f32>
    %194 = stablehlo.broadcast_in_dim %cst_67, dims = [] : (tensor<f32>) -> tensor<32xf32>
    %195 = stablehlo.multiply %194, %arg30 : tensor<32xf32>
    %cst_68 = stablehlo.constant dense<0.00999999977> : tensor<f32>
    %196 = stablehlo.broadcast_in_dim %cst_68, dims = [] : (tensor<f32>) -> tensor<32xf32>
    %197 = stablehlo.multiply %196, %71 : tensor<32xf32>
    %198 = stablehlo.multiply %197, %71 : tensor<32xf32>
    %199 = stablehlo.add %195, %198 : tensor<32xf32>
    %cst_69 = stablehlo.constant dense<9.900000e-01> : tensor<f32>
    %200 = stablehlo.broadcast_in_dim %cst_69, dims = [] : (tensor<f32>) -> tensor<32x32xf32>
    %201 = stablehlo.multiply %200, %arg31 : tensor<32x32xf32>
    %cst_70 = stablehlo.constant dense<0.00999999977> : tensor<f32>
    %202 = stablehlo.broadcast_in_dim %cst_70, dims = [] : (tensor<f32>) -> tensor<32x32xf32>
    %203 = stablehlo.multiply %202, %73 : tensor<32x32xf32>
    %204 = stablehlo.multiply %203, %73 : tensor<32x32xf32>
    %205 = stablehlo.add %201, %204 : tensor<32x32xf32>
    %cst_71 = stablehlo.constant dense<9.900000e-01> : tensor<f32>
    %206 = stablehlo.broadcast_in_dim %cst_71, dims = [] : (tensor<f32>) -> tensor<32xf32>
    %207 = stablehlo.multiply %206, %arg32 : tensor<32xf32>
    %cst_72 = stablehlo.constant dense<0.00999999977> : tensor<f32>
    %208 = stablehlo.broadcast_in_dim %cst_72, dims = [] : (tensor<f32>) -> tensor<32xf32>
    %209 = stablehlo.multiply %208, %63 : tensor<32xf32>
    %210 = stablehlo.multiply %209, %63 : tensor<32xf32>
    %211 = stablehlo.add %207, %210 : tensor<32xf32>
    %cst_73 = stablehlo.constant dense<9.900000e-01> : tensor<f32>
    %212 = stablehlo.broadcast_in_dim %cst_73, dims = [] : (tensor<f32>) -> tensor<32x32xf32>
    %213 = stablehlo.multiply %212, %arg33 : tensor<32x32xf32>
    %cst_74 = stablehlo.constant dense<0.00999999977> : tensor<f32>
    %214 = stablehlo.broadcast_in_dim %cst_74, dims = [] : (tensor<f32>) -> tensor<32x32xf32>
    %215 = stablehlo.multiply %214, %65 : tensor<32x32xf32>
    %216 = stablehlo.multiply %215, %65 : tensor<32x32xf32>
    %217 = stablehlo.add %213, %216 : tensor<32x32xf32>
    %cst_75 = stablehlo.constant dense<9.900000e-01> : tensor<f32>
    %218 = stablehlo.broadcast_in_dim %cst_75, dims = [] : (tensor<f32>) -> tensor<32xf32>
    %219 = stablehlo.multiply %218, %arg34 : tensor<32xf32>
    %cst_76 = stablehlo.constant dense<0.00999999977> : tensor<f32>
    %220 = stablehlo.broadcast_in_dim %cst_76, dims = [] : (tensor<f32>) -> tensor<32xf32>
    %221 = stablehlo.multiply %220, %55 : tensor<32xf32>
    %222 = stablehlo.multiply %221, %55 : tensor<32xf32>
    %223 = stablehlo.add %219, %222 : tensor<32xf32>
    %cst_77 = stablehlo.constant dense<9.900000e-01> : tensor<f32>
    %224 = stablehlo.broadcast_in_dim %cst_77, dims = [] : (tensor<f32>) -> tensor<32x32xf32>
    %225 = stablehlo.multiply %224, %arg35 : tensor<32x32xf32>
    %cst_78 = stablehlo.constant dense<0.00999999977> : tensor<f32>
    %226 = stablehlo.broadcast_in_dim %cst_78, dims = [] : (tensor<f32>) -> tensor<32x32xf32>
    %227 = stablehlo.multiply %226, %57 : tensor<32x32xf32>
    %228 = stablehlo.multiply %227, %57 : tensor<32x32xf32>
    %229 = stablehlo.add %225, %228 : tensor<32x32xf32>
    %cst_79 = stablehlo.constant dense<1.000000e-01> : tensor<f32>
    %230 = stablehlo.broadcast_in_dim %cst_79, dims = [] : (tensor<f32>) -> tensor<32xf32>
    %231 = stablehlo.multiply %230, %102 : tensor<32xf32>
    %232 = stablehlo.sqrt %163 : tensor<32xf32>
    %cst_80 = stablehlo.constant dense<9.99999993E-9> : tensor<f32>
    %233 = stablehlo.broadcast_in_dim %cst_80, dims = [] : (tensor<f32>) -> tensor<32xf32>
    %234 = stablehlo.add %232, %233 : tensor<32xf32>
    %235 = stablehlo.divide %231, %234 : tensor<32xf32>
    %236 = stablehlo.subtract %arg0, %235 : tensor<32xf32>
    %cst_81 = stablehlo.constant dense<1.000000e-01> : tensor<f32>
    %237 = stablehlo.broadcast_in_dim %cst_81, dims = [] : (tensor<f32>) -> tensor<32x32xf32>
    %238 = stablehlo.multiply %237, %107 : tensor<32x32xf32>
    %239 = stablehlo.sqrt %169 : tensor<32x32xf32>
    %cst_82 = stablehlo.constant dense<9.99999993E-9> : tensor<f32>
    %240 = stablehlo.broadcast_in_dim %cst_82, dims = [] : (tensor<f32>) -> tensor<32x32xf32>
    %241 = stablehlo.add %239, %240 : tensor<32x32xf32>
    %242 = stablehlo.divide %238, %241 : tensor<32x32xf32>
    %243 = stablehlo.subtract %arg1, %242 : tensor<32x32xf32>
    %cst_83 = stablehlo.constant dense<1.000000e-01> : tensor<f32>
    %244 = stablehlo.broadcast_in_dim %cst_83, dims = [] : (tensor<f32>) -> tensor<32xf32>
    %245 = stablehlo.multiply %244, %112 : tensor<32xf32>
    %246 = stablehlo.sqrt %175 : tensor<32xf32>
    %cst_84 = stablehlo.constant dense<9.99999993E-9> : tensor<f32>
    %247 = stablehlo.broadcast_in_dim %cst_84, dims = [] : (tensor<f32>) -> tensor<32xf32>
    %248 = stablehlo.add %246, %247 : tensor<32xf32>
    %249 = stablehlo.divide %245, %248 : tensor<32xf32>
    %250 = stablehlo.subtract %arg2, %249 : tensor<32xf32>
    %cst_85 = stablehlo.constant dense<1.000000e-01> : tensor<f32>
    %251 = stablehlo.broadcast_in_dim %cst_85, dims = [] : (tensor<f32>) -> tensor<32x32xf32>
    %252 = stablehlo.multiply %251, %117 : tensor<32x32xf32>
    %253 = stablehlo.sqrt %181 : tensor<32x32xf32>
    %cst_86 = stablehlo.constant dense<9.99999993E-9> : tensor<f32>
    %254 = stablehlo.broadcast_in_dim %cst_86, dims = [] : (tensor<f32>) -> tensor<32x32xf32>
    %255 = stablehlo.add %253, %254 : tensor<32x32xf32>
    %256 = stablehlo.divide %252, %255 : tensor<32x32xf32>
    %257 = stablehlo.subtract %arg3, %256 : tensor<32x32xf32>
    %cst_87 = stablehlo.constant dense<1.000000e-01> : tensor<f32>
    %258 = stablehlo.broadcast_in_dim %cst_87, dims = [] : (tensor<f32>) -> tensor<32xf32>
    %259 = stablehlo.multiply %258, %122 : tensor<32xf32>
    %260 = stablehlo.sqrt %187 : tensor<32xf32>
    %cst_88 = stablehlo.constant dense<9.99999993E-9> : tensor<f32>
    %261 = stablehlo.broadcast_in_dim %cst_88, dims = [] : (tensor<f32>) -> tensor<32xf32>
    %262 = stablehlo.add %260, %261 : tensor<32xf32>
    %263 = stablehlo.divide %259, %262 : tensor<32xf32>
    %264 = stablehlo.subtract %arg4, %263 : tensor<32xf32>
    %cst_89 = stablehlo.constant dense<1.000000e-01> : tensor<f32>
    %265 = stablehlo.broadcast_in_dim %cst_89, dims = [] : (tensor<f32>) -> tensor<32x32xf32>
    %266 = stablehlo.multiply %265, %127 : tensor<32x32xf32>
    %267 = stablehlo.sqrt %193 : tensor<32x32xf32>
    %cst_90 = stablehlo.constant dense<9.99999993E-9> : tensor<f32>
    %268 = stablehlo.broadcast_in_dim %cst_90, dims = [] : (tensor<f32>) -> tensor<32x32xf32>
    %269 = stablehlo.add %267, %268 : tensor<32x32xf32>
    %270 = stablehlo.divide %266, %269 : tensor<32x32xf32>
    %271 = stablehlo.subtract %arg5, %270 : tensor<32x32xf32>
    %cst_91 = stablehlo.constant dense<1.000000e-01> : tensor<f32>
    %272 = stablehlo.broadcast_in_dim %cst_91, dims = [] : (tensor<f32>) -> tensor<32xf32>
    %273 = stablehlo.multiply %272, %132 : tensor<32xf32>
    %274 = stablehlo.sqrt %199 : tensor<32xf32>
    %cst_92 = stablehlo.constant dense<9.99999993E-9> : tensor<f32>
    %275 = stablehlo.broadcast_in_dim %cst_92, dims = [] : (tensor<f32>) -> tensor<32xf32>
    %276 = stablehlo.add %274, %275 : tensor<32xf32>
    %277 = stablehlo.divide %273, %276 : tensor<32xf32>
    %278 = stablehlo.subtract %arg6, %277 : tensor<32xf32>
    %cst_93 = stablehlo.constant dense<1.000000e-01> : tensor<f32>
    %279 = stablehlo.broadcast_in_dim %cst_93, dims = [] : (tensor<f32>) -> tensor<32x32xf32>
    %280 = stablehlo.multiply %279, %137 : tensor<32x32xf32>
    %281 = stablehlo.sqrt %205 : tensor<32x32xf32>
    %cst_94 = stablehlo.constant dense<9.99999993E-9> : tensor<f32>
    %282 = stablehlo.broadcast_in_dim %cst_94, dims = [] : (tensor<f32>) -> tensor<32x32xf32>
    %283 = stablehlo.add %281, %282 : tensor<32x32xf32>
    %284 = stablehlo.divide %280, %283 : tensor<32x32xf32>
    %285 = stablehlo.subtract %arg7, %284 : tensor<32x32xf32>
    %cst_95 = stablehlo.constant dense<1.000000e-01> : tensor<f32>
    %286 = stablehlo.broadcast_in_dim %cst_95, dims = [] : (tensor<f32>) -> tensor<32xf32>
    %287 = stablehlo.multiply %286, %142 : tensor<32xf32>
    %288 = stablehlo.sqrt %211 : tensor<32xf32>
    %cst_96 = stablehlo.constant dense<9.99999993E-9> : tensor<f32>
    %289 = stablehlo.broadcast_in_dim %cst_96, dims = [] : (tensor<f32>) -> tensor<32xf32>
    %290 = stablehlo.add %288, %289 : tensor<32xf32>
    %291 = stablehlo.divide %287, %290 : tensor<32xf32>
    %292 = stablehlo.subtract %arg8, %291 : tensor<32xf32>
    %cst_97 = stablehlo.constant dense<1.000000e-01> : tensor<f32>
    %293 = stablehlo.broadcast_in_dim %cst_97, dims = [] : (tensor<f32>) -> tensor<32x32xf32>
    %294 = stablehlo.multiply %293, %147 : tensor<32x32xf32>
    %295 = stablehlo.sqrt %217 : tensor<32x32xf32>
    %cst_98 = stablehlo.constant dense<9.99999993E-9> : tensor<f32>
    %296 = stablehlo.broadcast_in_dim %cst_98, dims = [] : (tensor<f32>) -> tensor<32x32xf32>
    %297 = stablehlo.add %295, %296 : tensor<32x32xf32>
    %298 = stablehlo.divide %294, %297 : tensor<32x32xf32>
    %299 = stablehlo.subtract %arg9, %298 : tensor<32x32xf32>
    %cst_99 = stablehlo.constant dense<1.000000e-01> : tensor<f32>
    %300 = stablehlo.broadcast_in_dim %cst_99, dims = [] : (tensor<f32>) -> tensor<32xf32>
    %301 = stablehlo.multiply %300, %152 : tensor<32xf32>
    %302 = stablehlo.sqrt %223 : tensor<32xf32>
    %cst_100 = stablehlo.constant dense<9.99999993E-9> : tensor<f32>
    %303 = stablehlo.broadcast_in_dim %cst_100, dims = [] : (tensor<f32>) -> tensor<32xf32>
    %304 = stablehlo.add %302, %303 : tensor<32xf32>
    %305 = stablehlo.divide %301, %304 : tensor<32xf32>
    %306 = stablehlo.subtract %arg10, %305 : tensor<32xf32>
    %cst_101 = stablehlo.constant dense<1.000000e-01> : tensor<f32>
    %307 = stablehlo.broadcast_in_dim %cst_101, dims = [] : (tensor<f32>) -> tensor<32x32xf32>
    %308 = stablehlo.multiply %307, %157 : tensor<32x32xf32>
    %309 = stablehlo.sqrt %229 : tensor<32x32xf32>
    %cst_102 = stablehlo.constant dense<9.99999993E-9> : tensor<f32>
    %310 = stablehlo.broadcast_in_dim %cst_102, dims = [] : (tensor<f32>) -> tensor<32x32xf32>
    %311 = stablehlo.add %309, %310 : tensor<32x32xf32>
    %312 = stablehlo.divide %308, %311 : tensor<32x32xf32>
    %313 = stablehlo.subtract %arg11, %312 : tensor<32x32xf32>
    return %236, %243, %250, %257, %264, %271, %278, %285, %292, %299, %306, %313, %102, %107, %112, %117, %122, %127, %132, %137, %142, %147, %152, %157, %163, %169, %175, %181, %187, %193, %199, %205, %211, %217, %223, %229, %49 : tensor<32xf32>, tensor<32x32xf32>, tensor<32xf32>, tensor<32x32xf32>, tensor<32xf32>, tensor<32x32xf32>, tensor<32xf32>, tensor<32x32xf32>, tensor<32xf32>, tensor<32x32xf32>, tensor<32xf32>, tensor<32x32xf32>, tensor<32xf32>, tensor<32x32xf32>, tensor<32xf32>, tensor<32x32xf32>, tensor<32xf32>, tensor<32x32xf32>, tensor<32xf32>, tensor<32x32xf32>, tensor<32xf32>, tensor<32x32xf32>, tensor<32xf32>, tensor<32x32xf32>, tensor<32xf32>, tensor<32x32xf32>, tensor<32xf32>, tensor<32x32xf32>, tensor<32xf32>, tensor<32x32xf32>, tensor<32xf32>, tensor<32x32xf32>, tensor<32xf32>, tensor<32x32xf32>, tensor<32xf32>, tensor<32x32xf32>, tensor<f32>
  }
  func.func private @relu(%arg0: tensor<256x32xf32>) -> tensor<256x32xf32> {
    %cst = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %0 = stablehlo.broadcast_in_dim %cst, dims = [] : (tensor<f32>) -> tensor<256x32xf32>
    %1 = stablehlo.maximum %arg0, %0 : tensor<256x32xf32>
    return %1 : tensor<256x32xf32>
  }
}
