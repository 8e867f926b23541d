// RUN: alpa run %s --no-cache --backend=interpreter
// RUN: alpa run %s --no-cache

// The custom call of jax.lax.approx_min_k.

module {
  func.func public @main() {
    %in = call @inputs() : () -> (tensor<3x30xf32>)
    %ex:2 = call @expected() : () -> (tensor<3x2xf32>, tensor<3x2xi32>)
    %r:2 = call @tested(%in) : (tensor<3x30xf32>) -> (tensor<3x2xf32>, tensor<3x2xi32>)
    stablehlo.custom_call @check.expect_close(%r#0, %ex#0) {has_side_effect = true, max_ulp_difference = 3 : i64} : (tensor<3x2xf32>, tensor<3x2xf32>) -> ()
    stablehlo.custom_call @check.expect_eq(%r#1, %ex#1) {has_side_effect = true} : (tensor<3x2xi32>, tensor<3x2xi32>) -> ()
    return
  }
  func.func private @inputs() -> (tensor<3x30xf32>) {
    %c0 = stablehlo.constant dense<"0x079C80BF1D9291C0575D12BEA76E09BFABF970BE52AF9F3F801ACAC022EFB0C0617CF13EA5F6BDBE666B8E408975C83F21E5A43F05E03EBF97D339C0392E8E3EEECFDBBFAEF8B7402DF4C8C0FAB42C405DFEA0C01451794089C017BF5D00ABBF97368F3F647A4DC057C09540375A524000BB96BF47B754C0B0A1D23F22B1AABF2A8ED83FA7670B40A86581C097DDAC40E16511400126AC407ED2A6406151E8BF4FD8E840739139405EC979BFF029AA4062F3C93FC4E6C5BFED89D03F2260A5BFD18EB03F46706FC0F001C540583B24C0EF6FF1BF53AA5740E37B10C0581F3140E0A976406FB2CF408636ED3F8C52923FD53D5BC0B4E6D03F3684893F9544B3BF29FCF1BFF46ADA3F579CE2BF6BF0693E5861393FCC4A4340E168AA3F205266C0451F9BC0461FBB4043C11340B6755AC0F5E9F2BF48D420BF7D77A33FA236FCBFAC1B8FC08941203DB93141C0726FDC3EAD8C0040143B173F4034C33F1040A3400184D0C0860E8840"> : tensor<3x30xf32>
    return %c0 : tensor<3x30xf32>
  }
  func.func private @expected() -> (tensor<3x2xf32>, tensor<3x2xi32>) {
    %c0 = stablehlo.constant dense<"0x801ACAC02DF4C8C0A86581C046706FC00184D0C0451F9BC0"> : tensor<3x2xf32>
    %c1 = stablehlo.constant dense<"0x060000001200000004000000130000001C0000000C000000"> : tensor<3x2xi32>
    return %c0, %c1 : tensor<3x2xf32>, tensor<3x2xi32>
  }
  func.func @top_k_lt_f32_comparator(%arg0: tensor<f32>, %arg1: tensor<f32>, %arg2: tensor<i32>, %arg3: tensor<i32>) -> tensor<i1> {
    %0 = stablehlo.compare LT, %arg0, %arg1 : (tensor<f32>, tensor<f32>) -> tensor<i1>
    stablehlo.return %0 : tensor<i1>
  }
  func.func private @tested(%arg0: tensor<3x30xf32>) -> (tensor<3x2xf32> {jax.result_info = "result[0]"}, tensor<3x2xi32> {jax.result_info = "result[1]"}) {
    %0 = stablehlo.iota dim = 1 : tensor<3x30xi32>
    %c = stablehlo.constant dense<-1> : tensor<i32>
    %cst = stablehlo.constant dense<0x7F800000> : tensor<f32>
    %1:2 = stablehlo.custom_call @ApproxTopK(%arg0, %0, %cst, %c) {backend_config = "", called_computations = [@top_k_lt_f32_comparator], mhlo.backend_config = {aggregate_to_topk = true, is_fallback = true, recall_target = 0.949999988 : f32, reduction_dim = 1 : i64, reduction_input_size_override = -1 : i64, top_k = 2 : i64}} : (tensor<3x30xf32>, tensor<3x30xi32>, tensor<f32>, tensor<i32>) -> (tensor<3x2xf32>, tensor<3x2xi32>)
    return %1#0, %1#1 : tensor<3x2xf32>, tensor<3x2xi32>
  }
}
