// RUN: alpa run %s --no-cache --backend=interpreter
// RUN: alpa run %s --no-cache

// Results at the borders of formats and functions, as XLA has them: fewer bits of subnormals, powers of two without a
// zero, poles, random bits of odd sizes, and remainders of
// quotients with more digits than a float.

module {
  func.func public @main() {
    %half = stablehlo.constant dense<[4.57763672e-05, -4.57763672e-05, 2.1457672e-06, 1.5]> : tensor<4xf16>
    %half_in = stablehlo.optimization_barrier %half : tensor<4xf16>
    %kept = stablehlo.reduce_precision %half_in, format = e5m10 : tensor<4xf16>
    stablehlo.custom_call @check.expect_eq(%kept, %half) {has_side_effect = true} : (tensor<4xf16>, tensor<4xf16>) -> ()
    %rounded = stablehlo.reduce_precision %half_in, format = e5m2 : tensor<4xf16>
    %rounded_ex = stablehlo.constant dense<[4.57763672e-05, -4.57763672e-05, 0.0, 1.5]> : tensor<4xf16>
    stablehlo.custom_call @check.expect_eq(%rounded, %rounded_ex) {has_side_effect = true} : (tensor<4xf16>, tensor<4xf16>) -> ()
    %x = stablehlo.constant dense<[0.0, -0.0, -2.0, 3.0]> : tensor<4xf32>
    %x_in = stablehlo.optimization_barrier %x : tensor<4xf32>
    %scale = stablehlo.convert %x_in : (tensor<4xf32>) -> tensor<4xf8E8M0FNU>
    %scale_f32 = stablehlo.convert %scale : (tensor<4xf8E8M0FNU>) -> tensor<4xf32>
    %scale_ex = stablehlo.constant dense<[0x7FC00000, 0x7FC00000, 0x7FC00000, 4.0]> : tensor<4xf32>
    stablehlo.custom_call @check.expect_eq(%scale_f32, %scale_ex) {has_side_effect = true} : (tensor<4xf32>, tensor<4xf32>) -> ()
    %digamma = chlo.digamma %x_in : tensor<4xf32> -> tensor<4xf32>
    %digamma_ex = stablehlo.constant dense<[0x7FC00000, 0x7FC00000, 0x7FC00000, 0.922784328]> : tensor<4xf32>
    stablehlo.custom_call @check.expect_close(%digamma, %digamma_ex) {has_side_effect = true} : (tensor<4xf32>, tensor<4xf32>) -> ()
    %order = stablehlo.constant dense<[3.0, 4.0, 2.5, 2.0]> : tensor<4xf32>
    %order_in = stablehlo.optimization_barrier %order : tensor<4xf32>
    %zeta = chlo.zeta %order_in, %x_in : tensor<4xf32>, tensor<4xf32> -> tensor<4xf32>
    %zeta_ex = stablehlo.constant dense<[0x7FC00000, 0x7F800000, 0x7FC00000, 0.394934058]> : tensor<4xf32>
    stablehlo.custom_call @check.expect_close(%zeta, %zeta_ex) {has_side_effect = true} : (tensor<4xf32>, tensor<4xf32>) -> ()
    %state = stablehlo.constant dense<[8589934593, 17179869187]> : tensor<2xui64>
    %state_in = stablehlo.optimization_barrier %state : tensor<2xui64>
    %next, %bits = stablehlo.rng_bit_generator %state_in, algorithm = THREE_FRY : (tensor<2xui64>) -> (tensor<2xui64>, tensor<7xui32>)
    %bits_ex = stablehlo.constant dense<[1576285164, 2249660814, 740599976, 2425682526, 2436392515, 1497962777, 1335360347]> : tensor<7xui32>
    stablehlo.custom_call @check.expect_eq(%bits, %bits_ex) {has_side_effect = true} : (tensor<7xui32>, tensor<7xui32>) -> ()
    %next_ex = stablehlo.constant dense<[8589934593, 17179869191]> : tensor<2xui64>
    stablehlo.custom_call @check.expect_eq(%next, %next_ex) {has_side_effect = true} : (tensor<2xui64>, tensor<2xui64>) -> ()
    %next4, %philox = stablehlo.rng_bit_generator %state_in, algorithm = PHILOX : (tensor<2xui64>) -> (tensor<2xui64>, tensor<7xui32>)
    %philox_ex = stablehlo.constant dense<[512747620, 1298009047, 1267190206, 761827841, 1383286907, 1639995030, 2756207988]> : tensor<7xui32>
    stablehlo.custom_call @check.expect_eq(%philox, %philox_ex) {has_side_effect = true} : (tensor<7xui32>, tensor<7xui32>) -> ()
    %dividend0 = stablehlo.constant dense<[0x7149F2CA, 0xFF61B1E6, 0x40F00000, 0x00000001]> : tensor<4xf32>
    %divisor0 = stablehlo.constant dense<[0x3A83126F, 0x00002173, 0x40000000, 0x000116C2]> : tensor<4xf32>
    %dividend0_in, %divisor0_in = stablehlo.optimization_barrier %dividend0, %divisor0 : tensor<4xf32>, tensor<4xf32>
    %rest0 = stablehlo.remainder %dividend0_in, %divisor0_in : tensor<4xf32>
    %rest0_ex = stablehlo.constant dense<[0x393248A0, 0x8000045D, 0x3FC00000, 0x00000001]> : tensor<4xf32>
    stablehlo.custom_call @check.expect_eq(%rest0, %rest0_ex) {has_side_effect = true} : (tensor<4xf32>, tensor<4xf32>) -> ()
    %dividend1 = stablehlo.constant dense<[0x7E37E43C8800759C, 0xFFEE42D130773B76, 0x4016000000000000]> : tensor<3xf64>
    %divisor1 = stablehlo.constant dense<[0x4008000000000000, 0x0000000000000007, 0xC000000000000000]> : tensor<3xf64>
    %dividend1_in, %divisor1_in = stablehlo.optimization_barrier %dividend1, %divisor1 : tensor<3xf64>, tensor<3xf64>
    %rest1 = stablehlo.remainder %dividend1_in, %divisor1_in : tensor<3xf64>
    %rest1_ex = stablehlo.constant dense<[0x0000000000000000, 0x8000000000000000, 0x3FF8000000000000]> : tensor<3xf64>
    stablehlo.custom_call @check.expect_eq(%rest1, %rest1_ex) {has_side_effect = true} : (tensor<3xf64>, tensor<3xf64>) -> ()
    return
  }
}
