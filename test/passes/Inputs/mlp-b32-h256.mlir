module @jit_step attributes {mhlo.num_partitions = 1 : i32, mhlo.num_replicas = 1 : i32} {
  func.func public @main(%arg0: tensor<256xf32> {tf.aliasing_output = 0 : i32}, %arg1: tensor<256x256xf32> {tf.aliasing_output = 1 : i32}, %arg2: tensor<256xf32> {tf.aliasing_output = 2 : i32}, %arg3: tensor<256x256xf32> {tf.aliasing_output = 3 : i32}, %arg4: tensor<256xf32> {tf.aliasing_output = 4 : i32}, %arg5: tensor<256x256xf32> {tf.aliasing_output = 5 : i32}, %arg6: tensor<256xf32> {tf.aliasing_output = 6 : i32}, %arg7: tensor<256x256xf32> {tf.aliasing_output = 7 : i32}, %arg8: tensor<256xf32> {tf.aliasing_output = 8 : i32}, %arg9: tensor<256x256xf32> {tf.aliasing_output = 9 : i32}, %arg10: tensor<256xf32> {tf.aliasing_output = 10 : i32}, %arg11: tensor<256x256xf32> {tf.aliasing_output = 11 : i32}, %arg12: tensor<32x256xf32>, %arg13: tensor<32x256xf32>) -> (tensor<256xf32> {jax.result_info = "result[0][0]['bias']"}, tensor<256x256xf32> {jax.result_info = "result[0][0]['kernel']"}, tensor<256xf32> {jax.result_info = "result[0][1]['bias']"}, tensor<256x256xf32> {jax.result_info = "result[0][1]['kernel']"}, tensor<256xf32> {jax.result_info = "result[0][2]['bias']"}, tensor<256x256xf32> {jax.result_info = "result[0][2]['kernel']"}, tensor<256xf32> {jax.result_info = "result[0][3]['bias']"}, tensor<256x256xf32> {jax.result_info = "result[0][3]['kernel']"}, tensor<256xf32> {jax.result_info = "result[0][4]['bias']"}, tensor<256x256xf32> {jax.result_info = "result[0][4]['kernel']"}, tensor<256xf32> {jax.result_info = "result[0][5]['bias']"}, tensor<256x256xf32> {jax.result_info = "result[0][5]['kernel']"}, tensor<f32> {jax.result_info = "result[2]"}) {
    %0 = stablehlo.dot_general %arg12, %arg1, contracting_dims = [1] x [0], precision = [DEFAULT, DEFAULT] : (tensor<32x256xf32>, tensor<256x256xf32>) -> tensor<32x256xf32>
    %1 = stablehlo.broadcast_in_dim %arg0, dims = [1] : (tensor<256xf32>) -> tensor<1x256xf32>
    %2 = stablehlo.broadcast_in_dim %1, dims = [0, 1] : (tensor<1x256xf32>) -> tensor<32x256xf32>
    %3 = stablehlo.add %0, %2 : tensor<32x256xf32>
    %4 = call @relu(%3) : (tensor<32x256xf32>) -> tensor<32x256xf32>
    %cst = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %5 = stablehlo.broadcast_in_dim %cst, dims = [] : (tensor<f32>) -> tensor<32x256xf32>
    %6 = stablehlo.compare GT, %3, %5, FLOAT : (tensor<32x256xf32>, tensor<32x256xf32>) -> tensor<32x256xi1>
    %cst_0 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %7 = stablehlo.broadcast_in_dim %cst_0, dims = [] : (tensor<f32>) -> tensor<32x256xf32>
    %8 = stablehlo.dot_general %4, %arg3, contracting_dims = [1] x [0], precision = [DEFAULT, DEFAULT] : (tensor<32x256xf32>, tensor<256x256xf32>) -> tensor<32x256xf32>
    %9 = stablehlo.broadcast_in_dim %arg2, dims = [1] : (tensor<256xf32>) -> tensor<1x256xf32>
    %10 = stablehlo.broadcast_in_dim %9, dims = [0, 1] : (tensor<1x256xf32>) -> tensor<32x256xf32>
    %11 = stablehlo.add %8, %10 : tensor<32x256xf32>
    %12 = call @relu(%11) : (tensor<32x256xf32>) -> tensor<32x256xf32>
    %cst_1 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %13 = stablehlo.broadcast_in_dim %cst_1, dims = [] : (tensor<f32>) -> tensor<32x256xf32>
    %14 = stablehlo.compare GT, %11, %13, FLOAT : (tensor<32x256xf32>, tensor<32x256xf32>) -> tensor<32x256xi1>
    %cst_2 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %15 = stablehlo.broadcast_in_dim %cst_2, dims = [] : (tensor<f32>) -> tensor<32x256xf32>
    %16 = stablehlo.dot_general %12, %arg5, contracting_dims = [1] x [0], precision = [DEFAULT, DEFAULT] : (tensor<32x256xf32>, tensor<256x256xf32>) -> tensor<32x256xf32>
    %17 = stablehlo.broadcast_in_dim %arg4, dims = [1] : (tensor<256xf32>) -> tensor<1x256xf32>
    %18 = stablehlo.broadcast_in_dim %17, dims = [0, 1] : (tensor<1x256xf32>) -> tensor<32x256xf32>
    %19 = stablehlo.add %16, %18 : tensor<32x256xf32>
    %20 = call @relu(%19) : (tensor<32x256xf32>) -> tensor<32x256xf32>
    %cst_3 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %21 = stablehlo.broadcast_in_dim %cst_3, dims = [] : (tensor<f32>) -> tensor<32x256xf32>
    %22 = stablehlo.compare GT, %19, %21, FLOAT : (tensor<32x256xf32>, tensor<32x256xf32>) -> tensor<32x256xi1>
    %cst_4 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %23 = stablehlo.broadcast_in_dim %cst_4, dims = [] : (tensor<f32>) -> tensor<32x256xf32>
    %24 = stablehlo.dot_general %20, %arg7, contracting_dims = [1] x [0], precision = [DEFAULT, DEFAULT] : (tensor<32x256xf32>, tensor<256x256xf32>) -> tensor<32x256xf32>
    %25 = stablehlo.broadcast_in_dim %arg6, dims = [1] : (tensor<256xf32>) -> tensor<1x256xf32>
    %26 = stablehlo.broadcast_in_dim %25, dims = [0, 1] : (tensor<1x256xf32>) -> tensor<32x256xf32>
    %27 = stablehlo.add %24, %26 : tensor<32x256xf32>
    %28 = call @relu(%27) : (tensor<32x256xf32>) -> tensor<32x256xf32>
    %cst_5 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %29 = stablehlo.broadcast_in_dim %cst_5, dims = [] : (tensor<f32>) -> tensor<32x256xf32>
    %30 = stablehlo.compare GT, %27, %29, FLOAT : (tensor<32x256xf32>, tensor<32x256xf32>) -> tensor<32x256xi1>
    %cst_6 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %31 = stablehlo.broadcast_in_dim %cst_6, dims = [] : (tensor<f32>) -> tensor<32x256xf32>
    %32 = stablehlo.dot_general %28, %arg9, contracting_dims = [1] x [0], precision = [DEFAULT, DEFAULT] : (tensor<32x256xf32>, tensor<256x256xf32>) -> tensor<32x256xf32>
    %33 = stablehlo.broadcast_in_dim %arg8, dims = [1] : (tensor<256xf32>) -> tensor<1x256xf32>
    %34 = stablehlo.broadcast_in_dim %33, dims = [0, 1] : (tensor<1x256xf32>) -> tensor<32x256xf32>
    %35 = stablehlo.add %32, %34 : tensor<32x256xf32>
    %36 = call @relu(%35) : (tensor<32x256xf32>) -> tensor<32x256xf32>
    %cst_7 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %37 = stablehlo.broadcast_in_dim %cst_7, dims = [] : (tensor<f32>) -> tensor<32x256xf32>
    %38 = stablehlo.compare GT, %35, %37, FLOAT : (tensor<32x256xf32>, tensor<32x256xf32>) -> tensor<32x256xi1>
    %cst_8 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %39 = stablehlo.broadcast_in_dim %cst_8, dims = [] : (tensor<f32>) -> tensor<32x256xf32>
    %40 = stablehlo.dot_general %36, %arg11, contracting_dims = [1] x [0], precision = [DEFAULT, DEFAULT] : (tensor<32x256xf32>, tensor<256x256xf32>) -> tensor<32x256xf32>
    %41 = stablehlo.broadcast_in_dim %arg10, dims = [1] : (tensor<256xf32>) -> tensor<1x256xf32>
    %42 = stablehlo.broadcast_in_dim %41, dims = [0, 1] : (tensor<1x256xf32>) -> tensor<32x256xf32>
    %43 = stablehlo.add %40, %42 : tensor<32x256xf32>
    %44 = stablehlo.subtract %43, %arg13 : tensor<32x256xf32>
    %45 = chlo.square %44 : tensor<32x256xf32> -> tensor<32x256xf32>
    %cst_9 = stablehlo.constant dense<2.000000e+00> : tensor<f32>
    %46 = stablehlo.broadcast_in_dim %cst_9, dims = [] : (tensor<f32>) -> tensor<32x256xf32>
    %47 = stablehlo.multiply %46, %44 : tensor<32x256xf32>
    %cst_10 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %48 = stablehlo.reduce(%45 init: %cst_10) applies stablehlo.add across dimensions = [0, 1] : (tensor<32x256xf32>, tensor<f32>) -> tensor<f32>
    %cst_11 = stablehlo.constant dense<8.192000e+03> : tensor<f32>
    %49 = stablehlo.divide %48, %cst_11 : tensor<f32>
    %cst_12 = stablehlo.constant dense<1.000000e+00> : tensor<f32>
    %cst_13 = stablehlo.constant dense<8.192000e+03> : tensor<f32>
    %50 = stablehlo.divide %cst_12, %cst_13 : tensor<f32>
    %51 = stablehlo.broadcast_in_dim %50, dims = [] : (tensor<f32>) -> tensor<32x256xf32>
    %52 = stablehlo.multiply %51, %47 : tensor<32x256xf32>
    %cst_14 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %53 = stablehlo.reduce(%52 init: %cst_14) applies stablehlo.add across dimensions = [0] : (tensor<32x256xf32>, tensor<f32>) -> tensor<256xf32>
    %54 = stablehlo.reshape %53 : (tensor<256xf32>) -> tensor<1x256xf32>
    %cst_15 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %55 = stablehlo.reduce(%54 init: %cst_15) applies stablehlo.add across dimensions = [0] : (tensor<1x256xf32>, tensor<f32>) -> tensor<256xf32>
    %56 = stablehlo.dot_general %52, %36, contracting_dims = [0] x [0], precision = [DEFAULT, DEFAULT] : (tensor<32x256xf32>, tensor<32x256xf32>) -> tensor<256x256xf32>
    %57 = stablehlo.transpose %56, dims = [1, 0] : (tensor<256x256xf32>) -> tensor<256x256xf32>
    %58 = stablehlo.dot_general %52, %arg11, contracting_dims = [1] x [1], precision = [DEFAULT, DEFAULT] : (tensor<32x256xf32>, tensor<256x256xf32>) -> tensor<32x256xf32>
    %cst_16 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %59 = stablehlo.broadcast_in_dim %cst_16, dims = [] : (tensor<f32>) -> tensor<32x256xf32>
    %60 = stablehlo.select %38, %58, %59 : tensor<32x256xi1>, tensor<32x256xf32>
    %cst_17 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %61 = stablehlo.reduce(%60 init: %cst_17) applies stablehlo.add across dimensions = [0] : (tensor<32x256xf32>, tensor<f32>) -> tensor<256xf32>
    %62 = stablehlo.reshape %61 : (tensor<256xf32>) -> tensor<1x256xf32>
    %cst_18 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %63 = stablehlo.reduce(%62 init: %cst_18) applies stablehlo.add across dimensions = [0] : (tensor<1x256xf32>, tensor<f32>) -> tensor<256xf32>
    %64 = stablehlo.dot_general %60, %28, contracting_dims = [0] x [0], precision = [DEFAULT, DEFAULT] : (tensor<32x256xf32>, tensor<32x256xf32>) -> tensor<256x256xf32>
    %65 = stablehlo.transpose %64, dims = [1, 0] : (tensor<256x256xf32>) -> tensor<256x256xf32>
    %66 = stablehlo.dot_general %60, %arg9, contracting_dims = [1] x [1], precision = [DEFAULT, DEFAULT] : (tensor<32x256xf32>, tensor<256x256xf32>) -> tensor<32x256xf32>
    %cst_19 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %67 = stablehlo.broadcast_in_dim %cst_19, dims = [] : (tensor<f32>) -> tensor<32x256xf32>
    %68 = stablehlo.select %30, %66, %67 : tensor<32x256xi1>, tensor<32x256xf32>
    %cst_20 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %69 = stablehlo.reduce(%68 init: %cst_20) applies stablehlo.add across dimensions = [0] : (tensor<32x256xf32>, tensor<f32>) -> tensor<256xf32>
    %70 = stablehlo.reshape %69 : (tensor<256xf32>) -> tensor<1x256xf32>
    %cst_21 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %71 = stablehlo.reduce(%70 init: %cst_21) applies stablehlo.add across dimensions = [0] : (tensor<1x256xf32>, tensor<f32>) -> tensor<256xf32>
    %72 = stablehlo.dot_general %68, %20, contracting_dims = [0] x [0], precision = [DEFAULT, DEFAULT] : (tensor<32x256xf32>, tensor<32x256xf32>) -> tensor<256x256xf32>
    %73 = stablehlo.transpose %72, dims = [1, 0] : (tensor<256x256xf32>) -> tensor<256x256xf32>
    %74 = stablehlo.dot_general %68, %arg7, contracting_dims = [1] x [1], precision = [DEFAULT, DEFAULT] : (tensor<32x256xf32>, tensor<256x256xf32>) -> tensor<32x256xf32>
    %cst_22 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %75 = stablehlo.broadcast_in_dim %cst_22, dims = [] : (tensor<f32>) -> tensor<32x256xf32>
    %76 = stablehlo.select %22, %74, %75 : tensor<32x256xi1>, tensor<32x256xf32>
    %cst_23 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %77 = stablehlo.reduce(%76 init: %cst_23) applies stablehlo.add across dimensions = [0] : (tensor<32x256xf32>, tensor<f32>) -> tensor<256xf32>
    %78 = stablehlo.reshape %77 : (tensor<256xf32>) -> tensor<1x256xf32>
    %cst_24 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %79 = stablehlo.reduce(%78 init: %cst_24) applies stablehlo.add across dimensions = [0] : (tensor<1x256xf32>, tensor<f32>) -> tensor<256xf32>
    %80 = stablehlo.dot_general %76, %12, contracting_dims = [0] x [0], precision = [DEFAULT, DEFAULT] : (tensor<32x256xf32>, tensor<32x256xf32>) -> tensor<256x256xf32>
    %81 = stablehlo.transpose %80, dims = [1, 0] : (tensor<256x256xf32>) -> tensor<256x256xf32>
    %82 = stablehlo.dot_general %76, %arg5, contracting_dims = [1] x [1], precision = [DEFAULT, DEFAULT] : (tensor<32x256xf32>, tensor<256x256xf32>) -> tensor<32x256xf32>
    %cst_25 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %83 = stablehlo.broadcast_in_dim %cst_25, dims = [] : (tensor<f32>) -> tensor<32x256xf32>
    %84 = stablehlo.select %14, %82, %83 : tensor<32x256xi1>, tensor<32x256xf32>
    %cst_26 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %85 = stablehlo.reduce(%84 init: %cst_26) applies stablehlo.add across dimensions = [0] : (tensor<32x256xf32>, tensor<f32>) -> tensor<256xf32>
    %86 = stablehlo.reshape %85 : (tensor<256xf32>) -> tensor<1x256xf32>
    %cst_27 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %87 = stablehlo.reduce(%86 init: %cst_27) applies stablehlo.add across dimensions = [0] : (tensor<1x256xf32>, tensor<f32>) -> tensor<256xf32>
    %88 = stablehlo.dot_general %84, %4, contracting_dims = [0] x [0], precision = [DEFAULT, DEFAULT] : (tensor<32x256xf32>, tensor<32x256xf32>) -> tensor<256x256xf32>
    %89 = stablehlo.transpose %88, dims = [1, 0] : (tensor<256x256xf32>) -> tensor<256x256xf32>
    %90 = stablehlo.dot_general %84, %arg3, contracting_dims = [1] x [1], precision = [DEFAULT, DEFAULT] : (tensor<32x256xf32>, tensor<256x256xf32>) -> tensor<32x256xf32>
    %cst_28 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %91 = stablehlo.broadcast_in_dim %cst_28, dims = [] : (tensor<f32>) -> tensor<32x256xf32>
    %92 = stablehlo.select %6, %90, %91 : tensor<32x256xi1>, tensor<32x256xf32>
    %cst_29 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %93 = stablehlo.reduce(%92 init: %cst_29) applies stablehlo.add across dimensions = [0] : (tensor<32x256xf32>, tensor<f32>) -> tensor<256xf32>
    %94 = stablehlo.reshape %93 : (tensor<256xf32>) -> tensor<1x256xf32>
    %cst_30 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %95 = stablehlo.reduce(%94 init: %cst_30) applies stablehlo.add across dimensions = [0] : (tensor<1x256xf32>, tensor<f32>) -> tensor<256xf32>
    %96 = stablehlo.dot_general %92, %arg12, contracting_dims = [0] x [0], precision = [DEFAULT, DEFAULT] : (tensor<32x256xf32>, tensor<32x256xf32>) -> tensor<256x256xf32>
    %97 = stablehlo.transpose %96, dims = [1, 0] : (tensor<256x256xf32>) -> tensor<256x256xf32>
    %cst_31 = stablehlo.constant dense<1.000000e-01> : tensor<f32>
    %98 = stablehlo.broadcast_in_dim %cst_31, dims = [] : (tensor<f32>) -> tensor<256xf32>
    %99 = stablehlo.multiply %98, %95 : tensor<256xf32>
    %100 = stablehlo.subtract %arg0, %99 : tensor<256xf32>
    %cst_32 = stablehlo.constant dense<1.000000e-01> : tensor<f32>
    %101 = stablehlo.broadcast_in_dim %cst_32, dims = [] : (tensor<f32>) -> tensor<256x256xf32>
    %102 = stablehlo.multiply %101, %97 : tensor<256x256xf32>
    %103 = stablehlo.subtract %arg1, %102 : tensor<256x256xf32>
    %cst_33 = stablehlo.constant dense<1.000000e-01> : tensor<f32>
    %104 = stablehlo.broadcast_in_dim %cst_33, dims = [] : (tensor<f32>) -> tensor<256xf32>
    %105 = stablehlo.multiply %104, %87 : tensor<256xf32>
    %106 = stablehlo.subtract %arg2, %105 : tensor<256xf32>
    %cst_34 = stablehlo.constant dense<1.000000e-01> : tensor<f32>
    %107 = stablehlo.broadcast_in_dim %cst_34, dims = [] : (tensor<f32>) -> tensor<256x256xf32>
    %108 = stablehlo.multiply %107, %89 : tensor<256x256xf32>
    %109 = stablehlo.subtract %arg3, %108 : tensor<256x256xf32>
    %cst_35 = stablehlo.constant dense<1.000000e-01> : tensor<f32>
    %110 = stablehlo.broadcast_in_dim %cst_35, dims = [] : (tensor<f32>) -> tensor<256xf32>
    %111 = stablehlo.multiply %110, %79 : tensor<256xf32>
    %112 = stablehlo.subtract %arg4, %111 : tensor<256xf32>
    %cst_36 = stablehlo.constant dense<1.000000e-01> : tensor<f32>
    %113 = stablehlo.broadcast_in_dim %cst_36, dims = [] : (tensor<f32>) -> tensor<256x256xf32>
    %114 = stablehlo.multiply %113, %81 : tensor<256x256xf32>
    %115 = stablehlo.subtract %arg5, %114 : tensor<256x256xf32>
    %cst_37 = stablehlo.constant dense<1.000000e-01> : tensor<f32>
    %116 = stablehlo.broadcast_in_dim %cst_37, dims = [] : (tensor<f32>) -> tensor<256xf32>
    %117 = stablehlo.multiply %116, %71 : tensor<256xf32>
    %118 = stablehlo.subtract %arg6, %117 : tensor<256xf32>
    %cst_38 = stablehlo.constant dense<1.000000e-01> : tensor<f32>
    %119 = stablehlo.broadcast_in_dim %cst_38, dims = [] : (tensor<f32>) -> tensor<256x256xf32>
    %120 = stablehlo.multiply %119, %73 : tensor<256x256xf32>
    %121 = stablehlo.subtract %arg7, %120 : tensor<256x256xf32>
    %cst_39 = stablehlo.constant dense<1.000000e-01> : tensor<f32>
    %122 = stablehlo.broadcast_in_dim %cst_39, dims = [] : (tensor<f32>) -> tensor<256xf32>
    %123 = stablehlo.multiply %122, %63 : tensor<256xf32>
    %124 = stablehlo.subtract %arg8, %123 : tensor<256xf32>
    %cst_40 = stablehlo.constant dense<1.000000e-01> : tensor<f32>
    %125 = stablehlo.broadcast_in_dim %cst_40, dims = [] : (tensor<f32>) -> tensor<256x256xf32>
    %126 = stablehlo.multiply %125, %65 : tensor<256x256xf32>
    %127 = stablehlo.subtract %arg9, %126 : tensor<256x256xf32>
    %cst_41 = stablehlo.constant dense<1.000000e-01> : tensor<f32>
    %128 = stablehlo.broadcast_in_dim %cst_41, dims = [] : (tensor<f32>) -> tensor<256xf32>
    %129 = stablehlo.multiply %128, %55 : tensor<256xf32>
    %130 = stablehlo.subtract %arg10, %129 : tensor<256xf32>
    %cst_42 = stablehlo.constant dense<1.000000e-01> : tensor<f32>
    %131 = stablehlo.broadcast_in_dim %cst_42, dims = [] : (tensor<f32>) -> tensor<256x256xf32>
    %132 = stablehlo.multiply %131, %57 : tensor<256x256xf32>
    %133 = stablehlo.subtract %arg11, %132 : tensor<256x256xf32>
    return %100, %103, %106, %109, %112, %115, %118, %121, %124, %127, %130, %133, %49 : tensor<256xf32>, tensor<256x256xf32>, tensor<256xf32>, tensor<256x256xf32>, tensor<256xf32>, tensor<256x256xf32>, tensor<256xf32>, tensor<256x256xf32>, tensor<256xf32>, tensor<256x256xf32>, tensor<256xf32>, tensor<256x256xf32>, tensor<f32>
  }
  func.func private @relu(%arg0: tensor<32x256xf32>) -> tensor<32x256xf32> {
    %cst = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %0 = stablehlo.broadcast_in_dim %cst, dims = [] : (tensor<f32>) -> tensor<32x256xf32>
    %1 = stablehlo.maximum %arg0, %0 : tensor<32x256xf32>
    return %1 : tensor<32x256xf32>
  }
}
