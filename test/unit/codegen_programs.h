/* Programs that reach the corners of code generation: long rows and columns, linear algebra, transforms, narrow types.
 */
#ifndef ALPA_TEST_UNIT_CODEGEN_PROGRAMS_H
#define ALPA_TEST_UNIT_CODEGEN_PROGRAMS_H

#include "test/unit/partition_programs.h"

static const partition_program codegen_programs[] = {
    {"rows of several levels",
     "func.func @main(%x: tensor<6x130xf32>, %g: tensor<6x130xf32>) -> (tensor<6x130xf32>, tensor<6x130xf32>, "
     "tensor<6x1xf32>) {\n"
     "  %z = stablehlo.constant dense<0.0> : tensor<f32>\n"
     "  %0 = stablehlo.multiply %x, %g : tensor<6x130xf32>\n"
     "  %1 = stablehlo.reduce(%0 init: %z) applies stablehlo.add across dimensions = [1] : (tensor<6x130xf32>, "
     "tensor<f32>) -> tensor<6xf32>\n"
     "  %2 = stablehlo.reshape %1 : (tensor<6xf32>) -> tensor<6x1xf32>\n"
     "  %3 = stablehlo.broadcast_in_dim %2, dims = [0, 1] : (tensor<6x1xf32>) -> tensor<6x130xf32>\n"
     "  %4 = stablehlo.multiply %3, %x : tensor<6x130xf32>\n"
     "  %5 = stablehlo.reduce(%4 init: %z) applies stablehlo.add across dimensions = [1] : (tensor<6x130xf32>, "
     "tensor<f32>) -> tensor<6xf32>\n"
     "  %6 = stablehlo.reshape %5 : (tensor<6xf32>) -> tensor<6x1xf32>\n"
     "  %7 = stablehlo.subtract %4, %g : tensor<6x130xf32>\n"
     "  return %0, %7, %6 : tensor<6x130xf32>, tensor<6x130xf32>, tensor<6x1xf32>\n}\n"},
    {"long reductions", "func.func @main(%x: tensor<40x50x33xf32>) -> (tensor<f32>, tensor<33xf32>, tensor<f32>) {\n"
                        "  %z = stablehlo.constant dense<0.0> : tensor<f32>\n"
                        "  %low = stablehlo.constant dense<0xFF800000> : tensor<f32>\n"
                        "  %0 = stablehlo.reduce(%x init: %z) applies stablehlo.add across dimensions = [0, 1, 2] : "
                        "(tensor<40x50x33xf32>, tensor<f32>) -> tensor<f32>\n"
                        "  %1 = stablehlo.reduce(%x init: %z) applies stablehlo.add across dimensions = [0, 1] : "
                        "(tensor<40x50x33xf32>, tensor<f32>) -> tensor<33xf32>\n"
                        "  %2 = stablehlo.reshape %x : (tensor<40x50x33xf32>) -> tensor<66000xf32>\n"
                        "  %3 = stablehlo.reduce(%2 init: %low) applies stablehlo.maximum across dimensions = [0] : "
                        "(tensor<66000xf32>, tensor<f32>) -> tensor<f32>\n"
                        "  return %0, %1, %3 : tensor<f32>, tensor<33xf32>, tensor<f32>\n}\n"},
    {"linear algebra",
     "func.func @main(%x: tensor<2x5x5xf32>, %b: tensor<2x5x3xf32>) -> (tensor<2x5x5xf32>, tensor<2x5x5xf32>, "
     "tensor<2x5x3xf32>, tensor<2x3x5xf32>) {\n"
     "  %i = stablehlo.iota dim = 1 : tensor<2x5x5xi32>\n"
     "  %j = stablehlo.iota dim = 2 : tensor<2x5x5xi32>\n"
     "  %d = stablehlo.compare EQ, %i, %j, SIGNED : (tensor<2x5x5xi32>, tensor<2x5x5xi32>) -> tensor<2x5x5xi1>\n"
     "  %four = stablehlo.constant dense<4.0> : tensor<2x5x5xf32>\n"
     "  %zero = stablehlo.constant dense<0.0> : tensor<2x5x5xf32>\n"
     "  %e = stablehlo.select %d, %four, %zero : tensor<2x5x5xi1>, tensor<2x5x5xf32>\n"
     "  %p = stablehlo.dot_general %x, %x, batching_dims = [0] x [0], contracting_dims = [2] x [2] : "
     "(tensor<2x5x5xf32>, tensor<2x5x5xf32>) -> tensor<2x5x5xf32>\n"
     "  %a = stablehlo.add %p, %e : tensor<2x5x5xf32>\n"
     "  %l = stablehlo.cholesky %a, lower = true : tensor<2x5x5xf32>\n"
     "  %u = stablehlo.cholesky %a, lower = false : tensor<2x5x5xf32>\n"
     "  %s = \"stablehlo.triangular_solve\"(%l, %b) <{left_side = true, lower = true, unit_diagonal = false, "
     "transpose_a = #stablehlo<transpose TRANSPOSE>}> : (tensor<2x5x5xf32>, tensor<2x5x3xf32>) -> tensor<2x5x3xf32>\n"
     "  %bt = stablehlo.transpose %b, dims = [0, 2, 1] : (tensor<2x5x3xf32>) -> tensor<2x3x5xf32>\n"
     "  %r = \"stablehlo.triangular_solve\"(%u, %bt) <{left_side = false, lower = false, unit_diagonal = false, "
     "transpose_a = #stablehlo<transpose NO_TRANSPOSE>}> : (tensor<2x5x5xf32>, tensor<2x3x5xf32>) -> "
     "tensor<2x3x5xf32>\n"
     "  return %l, %u, %s, %r : tensor<2x5x5xf32>, tensor<2x5x5xf32>, tensor<2x5x3xf32>, tensor<2x3x5xf32>\n}\n"},
    {"transforms",
     "func.func @main(%x: tensor<3x4x6xf32>) -> (tensor<3x4x4xcomplex<f32>>, tensor<3x4x6xf32>, "
     "tensor<3x4x4xcomplex<f32>>) {\n"
     "  %0 = stablehlo.fft %x, type = RFFT, length = [4, 6] : (tensor<3x4x6xf32>) -> tensor<3x4x4xcomplex<f32>>\n"
     "  %1 = stablehlo.fft %0, type = IRFFT, length = [4, 6] : (tensor<3x4x4xcomplex<f32>>) -> tensor<3x4x6xf32>\n"
     "  %2 = stablehlo.fft %0, type = IFFT, length = [4] : (tensor<3x4x4xcomplex<f32>>) -> tensor<3x4x4xcomplex<f32>>\n"
     "  return %0, %1, %2 : tensor<3x4x4xcomplex<f32>>, tensor<3x4x6xf32>, tensor<3x4x4xcomplex<f32>>\n}\n"},
    {"narrow types", "func.func @main(%x: tensor<5x37xbf16>, %y: tensor<5x37xf16>, %k: tensor<5x37xi8>) -> "
                     "(tensor<5x37xbf16>, tensor<5x37xf16>, tensor<5xbf16>, tensor<5x37xi16>, tensor<5x5xbf16>) {\n"
                     "  %z = stablehlo.constant dense<0.0> : tensor<bf16>\n"
                     "  %0 = stablehlo.exponential %x : tensor<5x37xbf16>\n"
                     "  %1 = stablehlo.multiply %0, %x : tensor<5x37xbf16>\n"
                     "  %2 = stablehlo.tanh %y : tensor<5x37xf16>\n"
                     "  %3 = stablehlo.reduce(%1 init: %z) applies stablehlo.add across dimensions = [1] : "
                     "(tensor<5x37xbf16>, tensor<bf16>) -> tensor<5xbf16>\n"
                     "  %4 = stablehlo.convert %k : (tensor<5x37xi8>) -> tensor<5x37xi16>\n"
                     "  %5 = stablehlo.multiply %4, %4 : tensor<5x37xi16>\n"
                     "  %6 = stablehlo.dot_general %x, %1, contracting_dims = [1] x [1] : (tensor<5x37xbf16>, "
                     "tensor<5x37xbf16>) -> tensor<5x5xbf16>\n"
                     "  return %1, %2, %3, %5, %6 : tensor<5x37xbf16>, tensor<5x37xf16>, tensor<5xbf16>, "
                     "tensor<5x37xi16>, tensor<5x5xbf16>\n}\n"},
    {"donated arguments that change places",
     "func.func @main(%x: tensor<70xf32> {tf.aliasing_output = 1 : i32}, %y: tensor<70xf32> {tf.aliasing_output = 0 : "
     "i32}, %i: tensor<i32>, %u: tensor<3xf32>) -> (tensor<70xf32>, tensor<70xf32>, tensor<70xf32>) {\n"
     "  %0 = stablehlo.dynamic_update_slice %x, %u, %i : (tensor<70xf32>, tensor<3xf32>, tensor<i32>) -> "
     "tensor<70xf32>\n"
     "  %1 = stablehlo.add %x, %y : tensor<70xf32>\n"
     "  return %x, %0, %1 : tensor<70xf32>, tensor<70xf32>, tensor<70xf32>\n}\n"},
    {"loop that rotates its state",
     "func.func @main(%x: tensor<9xf32>, %y: tensor<9xf32>) -> (tensor<9xf32>, tensor<9xf32>, tensor<9xf32>) {\n"
     "  %c = stablehlo.constant dense<0> : tensor<i32>\n"
     "  %n = stablehlo.constant dense<5> : tensor<i32>\n"
     "  %one = stablehlo.constant dense<1> : tensor<i32>\n"
     "  %s = stablehlo.add %x, %y : tensor<9xf32>\n"
     "  %0:4 = stablehlo.while(%i = %c, %a = %x, %b = %y, %d = %s) : tensor<i32>, tensor<9xf32>, tensor<9xf32>, "
     "tensor<9xf32>\n"
     "   cond {\n"
     "    %1 = stablehlo.compare LT, %i, %n, SIGNED : (tensor<i32>, tensor<i32>) -> tensor<i1>\n"
     "    stablehlo.return %1 : tensor<i1>\n"
     "  } do {\n"
     "    %2 = stablehlo.add %i, %one : tensor<i32>\n"
     "    %3 = stablehlo.subtract %a, %b : tensor<9xf32>\n"
     "    stablehlo.return %2, %b, %d, %3 : tensor<i32>, tensor<9xf32>, tensor<9xf32>, tensor<9xf32>\n"
     "  }\n"
     "  return %0#1, %0#2, %0#3 : tensor<9xf32>, tensor<9xf32>, tensor<9xf32>\n}\n"},
};

#endif
