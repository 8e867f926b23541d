// RUN: alpa run %s --no-cache --backend=interpreter
// RUN: alpa run %s --no-cache

// stablehlo.cholesky and stablehlo.triangular_solve of complex numbers.

module {
  func.func public @main() {
    %a_known = stablehlo.constant dense<[[(4.0, 0.0), (2.0, -2.0)], [(2.0, 2.0), (6.0, 0.0)]]> : tensor<2x2xcomplex<f32>>
    %a = stablehlo.optimization_barrier %a_known : tensor<2x2xcomplex<f32>>
    %l = stablehlo.cholesky %a, lower = true : tensor<2x2xcomplex<f32>>
    %l_ex = stablehlo.constant dense<[[(2.0, 0.0), (0.0, 0.0)], [(1.0, 1.0), (2.0, 0.0)]]> : tensor<2x2xcomplex<f32>>
    stablehlo.custom_call @check.expect_close(%l, %l_ex) {has_side_effect = true} : (tensor<2x2xcomplex<f32>>, tensor<2x2xcomplex<f32>>) -> ()
    %u = stablehlo.cholesky %a, lower = false : tensor<2x2xcomplex<f32>>
    %u_ex = stablehlo.constant dense<[[(2.0, 0.0), (1.0, -1.0)], [(0.0, 0.0), (2.0, 0.0)]]> : tensor<2x2xcomplex<f32>>
    stablehlo.custom_call @check.expect_close(%u, %u_ex) {has_side_effect = true} : (tensor<2x2xcomplex<f32>>, tensor<2x2xcomplex<f32>>) -> ()
    %b = stablehlo.constant dense<[[(4.0, 4.0)], [(0.0, 4.0)]]> : tensor<2x1xcomplex<f32>>
    %x = "stablehlo.triangular_solve"(%l, %b) <{left_side = true, lower = true, transpose_a = #stablehlo<transpose ADJOINT>, unit_diagonal = false}> : (tensor<2x2xcomplex<f32>>, tensor<2x1xcomplex<f32>>) -> tensor<2x1xcomplex<f32>>
    %x_ex = stablehlo.constant dense<[[(1.0, 1.0)], [(0.0, 2.0)]]> : tensor<2x1xcomplex<f32>>
    stablehlo.custom_call @check.expect_close(%x, %x_ex) {has_side_effect = true} : (tensor<2x1xcomplex<f32>>, tensor<2x1xcomplex<f32>>) -> ()
    return
  }
}
