// RUN: alpa-opt %s --split-input-file --verify-diagnostics --pass-pipeline='builtin.module(schedule{kind=zb-v})'

// expected-error @below {{expects alpa.stages to be an array of stages}}
module attributes {alpa.microbatches = 3 : i64} {
}

// -----

// expected-error @below {{expects stage 1 of alpa.stages to have a list of devices: {mesh = "2x1", devices = [0, 1]}}}
module attributes {alpa.microbatches = 3 : i64,
                   alpa.stages = [{devices = [0]}, {devices = []}]} {
}

// -----

// expected-error @below {{has stages 0 and 1 on different devices that share device 1; stages have all of their devices in common, in the same order, or none}}
module attributes {alpa.microbatches = 3 : i64,
                   alpa.stages = [{devices = [0, 1]}, {devices = [1, 2]}]} {
}

// -----

// expected-error @below {{expects alpa.microbatches to be the number of micro-batches}}
module attributes {alpa.stages = [{devices = [0]}, {devices = [1]}]} {
}

// -----

// expected-error @below {{cannot be scheduled: zb-v needs stages i and 2 S - 1 - i on submesh i of S; the stages are on submeshes 0 1}}
module attributes {alpa.microbatches = 3 : i64,
                   alpa.stages = [{devices = [0]}, {devices = [1]}]} {
}

// -----

// expected-error @below {{has 0 micro-batches, where 1 to 1048576 are possible}}
module attributes {alpa.microbatches = 0 : i64,
                   alpa.stages = [{devices = [0]}, {devices = [1]}]} {
}
