// RUN: alpa-opt %s --split-input-file --pass-pipeline='builtin.module(schedule)' | FileCheck %s
// RUN: alpa-opt %s --split-input-file --pass-pipeline='builtin.module(schedule{kind=zb-h1})' | FileCheck %s --check-prefix=ZB

// CHECK:      alpa.microbatches = 3 : i64
// CHECK-SAME: alpa.schedule = {kind = "1f1b", stages = ["F0 F1 B0 F2 B1 B2", "F0 B0 F1 B1 F2 B2"]}
// ZB:         alpa.schedule = {kind = "zb-h1", stages = ["F0 F1 B0 W0 F2 B1 W1 B2 W2", "F0 B0 F1 B1 W0 F2 B2 W1 W2"]}
module attributes {alpa.microbatches = 3 : i64,
                   alpa.stages = [{mesh = "2", devices = [0, 1]}, {mesh = "1", devices = [2]}]} {
}
