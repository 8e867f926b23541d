// Names and locations do not count, anything else does; attaching it twice changes nothing.
// RUN: split-file %s %t
// RUN: alpa-opt %t/a.mlir --fingerprint | grep -o 'alpa.fingerprint = "[0-9a-f]*"' > %t/a
// RUN: alpa-opt %t/a.mlir --fingerprint --fingerprint | grep -o 'alpa.fingerprint = "[0-9a-f]*"' > %t/aa
// RUN: alpa-opt %t/renamed.mlir --fingerprint | grep -o 'alpa.fingerprint = "[0-9a-f]*"' > %t/b
// RUN: alpa-opt %t/changed.mlir --fingerprint | grep -o 'alpa.fingerprint = "[0-9a-f]*"' > %t/c
// RUN: FileCheck %s < %t/a
// RUN: diff %t/a %t/aa
// RUN: diff %t/a %t/b
// RUN: not diff %t/a %t/c
// CHECK: alpa.fingerprint = "{{([0-9a-f]{32})}}"

//--- a.mlir
func.func @main(%x: tensor<f32>) -> tensor<f32> {
  %0 = stablehlo.add %x, %x : tensor<f32> loc("here")
  return %0 : tensor<f32>
}
//--- renamed.mlir
func.func @main(%first: tensor<f32>) -> tensor<f32> {
  %sum = stablehlo.add %first, %first : tensor<f32> loc("there")
  return %sum : tensor<f32>
}
//--- changed.mlir
func.func @main(%x: tensor<f32>) -> tensor<f32> {
  %0 = stablehlo.multiply %x, %x : tensor<f32>
  return %0 : tensor<f32>
}
