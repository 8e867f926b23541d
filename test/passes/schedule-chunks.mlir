// RUN: alpa-opt %s --pass-pipeline='builtin.module(schedule{kind=interleaved-1f1b microbatches=2})' | FileCheck %s

// Four stages on two submeshes: each holds two, the chunks 0 and 1.

// CHECK: alpa.schedule = {kind = "interleaved-1f1b", stages = ["F0.0 F1.0 F0.1 F1.1 B0.1 B1.1 B0.0 B1.0", "F0.0 F1.0 F0.1 B0.1 F1.1 B1.1 B0.0 B1.0"]}
module attributes {alpa.stages = [{mesh = "2", devices = [0, 1]}, {mesh = "2", devices = [2, 3]},
                                  {mesh = "2", devices = [0, 1]}, {mesh = "2", devices = [2, 3]}]} {
}
