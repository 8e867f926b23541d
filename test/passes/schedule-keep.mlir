// RUN: alpa-opt %s --split-input-file --verify-diagnostics --pass-pipeline='builtin.module(schedule{keep=true})' | FileCheck %s

// An edited list is kept where it can be run.

// CHECK: alpa.schedule = {kind = "1f1b", stages = ["F0 F1 B0 B1", "F0 F1 B0 B1"]}
module attributes {alpa.microbatches = 2 : i64,
                   alpa.schedule = {kind = "1f1b", stages = ["F0 F1 B0 B1", "F0 F1 B0 B1"]},
                   alpa.stages = [{devices = [0]}, {devices = array<i64: 1>}]} {
}

// -----

// CHECK: alpa.schedule = {kind = "1f1b", stages = ["F0 F1 B0 B1", "F0 B0 F1 B1"]}
module attributes {alpa.microbatches = 2 : i64,
                   alpa.stages = [{devices = [0]}, {devices = [1]}]} {
}

// -----

// expected-error @below {{has a schedule that cannot run to its end: submesh 0 waits in front of B0, submesh 1 waits in front of F1}}
module attributes {alpa.microbatches = 2 : i64,
                   alpa.schedule = {kind = "1f1b", stages = ["F0 B0 F1 B1", "F1 B1 F0 B0"]},
                   alpa.stages = [{devices = [0]}, {devices = [1]}]} {
}

// -----

// expected-error @below {{has a schedule that has no B1 on submesh 0}}
module attributes {alpa.microbatches = 2 : i64,
                   alpa.schedule = {kind = "1f1b", stages = ["F0 B0 F1", "F0 B0 F1 B1"]},
                   alpa.stages = [{devices = [0]}, {devices = [1]}]} {
}

// -----

// expected-error @below {{expects alpa.schedule to have stages = [...] with a list of tasks for each of 2 submeshes}}
module attributes {alpa.microbatches = 2 : i64,
                   alpa.schedule = {kind = "1f1b", stages = ["F0 B0 F1"]},
                   alpa.stages = [{devices = [0]}, {devices = [1]}]} {
}

// -----

// expected-error @below {{expects the list of submesh 1 in alpa.schedule to be a string, "F0 B0 ..."}}
module attributes {alpa.microbatches = 2 : i64,
                   alpa.schedule = {kind = "1f1b", stages = ["F0 B0 F1 B1", 3]},
                   alpa.stages = [{devices = [0]}, {devices = [1]}]} {
}

// -----

// expected-error @below {{has '2f1b' as the kind of alpa.schedule, which is none; an edited list has the kind with its tasks: 1f1b has F and B, zb-h1 also W, inference F alone}}
module attributes {alpa.microbatches = 2 : i64,
                   alpa.schedule = {kind = "2f1b", stages = ["F0 B0 F1 B1", "F0 B0 F1 B1"]},
                   alpa.stages = [{devices = [0]}, {devices = [1]}]} {
}
