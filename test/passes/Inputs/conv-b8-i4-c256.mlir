module @jit_step attributes {mhlo.num_partitions = 1 : i32, mhlo.num_replicas = 1 : i32} {
  func.func public @main(%arg0: tensor<3x3x256x256xf32> {tf.aliasing_output = 0 : i32}, %arg1: tensor<3x3x256x256xf32> {tf.aliasing_output = 1 : i32}, %arg2: tensor<3x3x256x256xf32> {tf.aliasing_output = 2 : i32}, %arg3: tensor<3x3x256x256xf32> {tf.aliasing_output = 3 : i32}, %arg4: tensor<8x4x4x256xf32>, %arg5: tensor<8x4x4x256xf32>) -> (tensor<3x3x256x256xf32> {jax.result_info = "result[0][0]"}, tensor<3x3x256x256xf32> {jax.result_info = "result[0][1]"}, tensor<3x3x256x256xf32> {jax.result_info = "result[0][2]"}, tensor<3x3x256x256xf32> {jax.result_info = "result[0][3]"}, tensor<f32> {jax.result_info = "result[2]"}) {
    %0 = stablehlo.convolution(%arg4, %arg0) dim_numbers = [b, 0, 1, f]x[0, 1, i, o]->[b, 0, 1, f], window = {stride = [1, 1], pad = [[1, 1], [1, 1]], lhs_dilate = [1, 1], rhs_dilate = [1, 1], reverse = [false, false]} {batch_group_count = 1 : i64, feature_group_count = 1 : i64, precision_config = [#stablehlo<precision DEFAULT>, #stablehlo<precision DEFAULT>]} : (tensor<8x4x4x256xf32>, tensor<3x3x256x256xf32>) -> tensor<8x4x4x256xf32>
    %1 = stablehlo.convolution(%0, %arg1) dim_numbers = [b, 0, 1, f]x[0, 1, i, o]->[b, 0, 1, f], window = {stride = [1, 1], pad = [[1, 1], [1, 1]], lhs_dilate = [1, 1], rhs_dilate = [1, 1], reverse = [false, false]} {batch_group_count = 1 : i64, feature_group_count = 1 : i64, precision_config = [#stablehlo<precision DEFAULT>, #stablehlo<precision DEFAULT>]} : (tensor<8x4x4x256xf32>, tensor<3x3x256x256xf32>) -> tensor<8x4x4x256xf32>
    %2 = stablehlo.convolution(%1, %arg2) dim_numbers = [b, 0, 1, f]x[0, 1, i, o]->[b, 0, 1, f], window = {stride = [1, 1], pad = [[1, 1], [1, 1]], lhs_dilate = [1, 1], rhs_dilate = [1, 1], reverse = [false, false]} {batch_group_count = 1 : i64, feature_group_count = 1 : i64, precision_config = [#stablehlo<precision DEFAULT>, #stablehlo<precision DEFAULT>]} : (tensor<8x4x4x256xf32>, tensor<3x3x256x256xf32>) -> tensor<8x4x4x256xf32>
    %3 = stablehlo.convolution(%2, %arg3) dim_numbers = [b, 0, 1, f]x[0, 1, i, o]->[b, 0, 1, f], window = {stride = [1, 1], pad = [[1, 1], [1, 1]], lhs_dilate = [1, 1], rhs_dilate = [1, 1], reverse = [false, false]} {batch_group_count = 1 : i64, feature_group_count = 1 : i64, precision_config = [#stablehlo<precision DEFAULT>, #stablehlo<precision DEFAULT>]} : (tensor<8x4x4x256xf32>, tensor<3x3x256x256xf32>) -> tensor<8x4x4x256xf32>
    %4 = stablehlo.subtract %3, %arg5 : tensor<8x4x4x256xf32>
    %5 = chlo.square %4 : tensor<8x4x4x256xf32> -> tensor<8x4x4x256xf32>
    %cst = stablehlo.constant dense<2.000000e+00> : tensor<f32>
    %6 = stablehlo.broadcast_in_dim %cst, dims = [] : (tensor<f32>) -> tensor<8x4x4x256xf32>
    %7 = stablehlo.multiply %6, %4 : tensor<8x4x4x256xf32>
    %cst_0 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %8 = stablehlo.reduce(%5 init: %cst_0) applies stablehlo.add across dimensions = [0, 1, 2, 3] : (tensor<8x4x4x256xf32>, tensor<f32>) -> tensor<f32>
    %cst_1 = stablehlo.constant dense<3.276800e+04> : tensor<f32>
    %9 = stablehlo.divide %8, %cst_1 : tensor<f32>
    %cst_2 = stablehlo.constant dense<1.000000e+00> : tensor<f32>
    %cst_3 = stablehlo.constant dense<3.276800e+04> : tensor<f32>
    %10 = stablehlo.divide %cst_2, %cst_3 : tensor<f32>
    %11 = stablehlo.broadcast_in_dim %10, dims = [] : (tensor<f32>) -> tensor<8x4x4x256xf32>
    %12 = stablehlo.multiply %11, %7 : tensor<8x4x4x256xf32>
    %13 = stablehlo.convolution(%2, %12) dim_numbers = [f, 0, 1, b]x[i, 0, 1, o]->[0, 1, b, f], window = {stride = [1, 1], pad = [[1, 1], [1, 1]], lhs_dilate = [1, 1], rhs_dilate = [1, 1], reverse = [false, false]} {batch_group_count = 1 : i64, feature_group_count = 1 : i64, precision_config = [#stablehlo<precision DEFAULT>, #stablehlo<precision DEFAULT>]} : (tensor<8x4x4x256xf32>, tensor<8x4x4x256xf32>) -> tensor<3x3x256x256xf32>
    %14 = stablehlo.reverse %arg3, dims = [0, 1] : tensor<3x3x256x256xf32>
    %15 = stablehlo.convolution(%12, %14) dim_numbers = [b, 0, 1, f]x[0, 1, o, i]->[b, 0, 1, f], window = {stride = [1, 1], pad = [[1, 1], [1, 1]], lhs_dilate = [1, 1], rhs_dilate = [1, 1], reverse = [false, false]} {batch_group_count = 1 : i64, feature_group_count = 1 : i64, precision_config = [#stablehlo<precision DEFAULT>, #stablehlo<precision DEFAULT>]} : (tensor<8x4x4x256xf32>, tensor<3x3x256x256xf32>) -> tensor<8x4x4x256xf32>
    %16 = stablehlo.convolution(%1, %15) dim_numbers = [f, 0, 1, b]x[i, 0, 1, o]->[0, 1, b, f], window = {stride = [1, 1], pad = [[1, 1], [1, 1]], lhs_dilate = [1, 1], rhs_dilate = [1, 1], reverse = [false, false]} {batch_group_count = 1 : i64, feature_group_count = 1 : i64, precision_config = [#stablehlo<precision DEFAULT>, #stablehlo<precision DEFAULT>]} : (tensor<8x4x4x256xf32>, tensor<8x4x4x256xf32>) -> tensor<3x3x256x256xf32>
    %17 = stablehlo.reverse %arg2, dims = [0, 1] : tensor<3x3x256x256xf32>
    %18 = stablehlo.convolution(%15, %17) dim_numbers = [b, 0, 1, f]x[0, 1, o, i]->[b, 0, 1, f], window = {stride = [1, 1], pad = [[1, 1], [1, 1]], lhs_dilate = [1, 1], rhs_dilate = [1, 1], reverse = [false, false]} {batch_group_count = 1 : i64, feature_group_count = 1 : i64, precision_config = [#stablehlo<precision DEFAULT>, #stablehlo<precision DEFAULT>]} : (tensor<8x4x4x256xf32>, tensor<3x3x256x256xf32>) -> tensor<8x4x4x256xf32>
    %19 = stablehlo.convolution(%0, %18) dim_numbers = [f, 0, 1, b]x[i, 0, 1, o]->[0, 1, b, f], window = {stride = [1, 1], pad = [[1, 1], [1, 1]], lhs_dilate = [1, 1], rhs_dilate = [1, 1], reverse = [false, false]} {batch_group_count = 1 : i64, feature_group_count = 1 : i64, precision_config = [#stablehlo<precision DEFAULT>, #stablehlo<precision DEFAULT>]} : (tensor<8x4x4x256xf32>, tensor<8x4x4x256xf32>) -> tensor<3x3x256x256xf32>
    %20 = stablehlo.reverse %arg1, dims = [0, 1] : tensor<3x3x256x256xf32>
    %21 = stablehlo.convolution(%18, %20) dim_numbers = [b, 0, 1, f]x[0, 1, o, i]->[b, 0, 1, f], window = {stride = [1, 1], pad = [[1, 1], [1, 1]], lhs_dilate = [1, 1], rhs_dilate = [1, 1], reverse = [false, false]} {batch_group_count = 1 : i64, feature_group_count = 1 : i64, precision_config = [#stablehlo<precision DEFAULT>, #stablehlo<precision DEFAULT>]} : (tensor<8x4x4x256xf32>, tensor<3x3x256x256xf32>) -> tensor<8x4x4x256xf32>
    %22 = stablehlo.convolution(%arg4, %21) dim_numbers = [f, 0, 1, b]x[i, 0, 1, o]->[0, 1, b, f], window = {stride = [1, 1], pad = [[1, 1], [1, 1]], lhs_dilate = [1, 1], rhs_dilate = [1, 1], reverse = [false, false]} {batch_group_count = 1 : i64, feature_group_count = 1 : i64, precision_config = [#stablehlo<precision DEFAULT>, #stablehlo<precision DEFAULT>]} : (tensor<8x4x4x256xf32>, tensor<8x4x4x256xf32>) -> tensor<3x3x256x256xf32>
    %cst_4 = stablehlo.constant dense<1.000000e-01> : tensor<f32>
    %23 = stablehlo.broadcast_in_dim %cst_4, dims = [] : (tensor<f32>) -> tensor<3x3x256x256xf32>
    %24 = stablehlo.multiply %23, %22 : tensor<3x3x256x256xf32>
    %25 = stablehlo.subtract %arg0, %24 : tensor<3x3x256x256xf32>
    %cst_5 = stablehlo.constant dense<1.000000e-01> : tensor<f32>
    %26 = stablehlo.broadcast_in_dim %cst_5, dims = [] : (tensor<f32>) -> tensor<3x3x256x256xf32>
    %27 = stablehlo.multiply %26, %19 : tensor<3x3x256x256xf32>
    %28 = stablehlo.subtract %arg1, %27 : tensor<3x3x256x256xf32>
    %cst_6 = stablehlo.constant dense<1.000000e-01> : tensor<f32>
    %29 = stablehlo.broadcast_in_dim %cst_6, dims = [] : (tensor<f32>) -> tensor<3x3x256x256xf32>
    %30 = stablehlo.multiply %29, %16 : tensor<3x3x256x256xf32>
    %31 = stablehlo.subtract %arg2, %30 : tensor<3x3x256x256xf32>
    %cst_7 = stablehlo.constant dense<1.000000e-01> : tensor<f32>
    %32 = stablehlo.broadcast_in_dim %cst_7, dims = [] : (tensor<f32>) -> tensor<3x3x256x256xf32>
    %33 = stablehlo.multiply %32, %13 : tensor<3x3x256x256xf32>
    %34 = stablehlo.subtract %arg3, %33 : tensor<3x3x256x256xf32>
    return %25, %28, %31, %34, %9 : tensor<3x3x256x256xf32>, tensor<3x3x256x256xf32>, tensor<3x3x256x256xf32>, tensor<3x3x256x256xf32>, tensor<f32>
  }
}
