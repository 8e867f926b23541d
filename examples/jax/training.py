"""What the examples share: their options, and the loop that plans or trains."""
import argparse
import time

import jax
import numpy as np

import alpa

METHODS = {"auto": alpa.ShardParallel, "data": alpa.DataParallel, "zero-2": alpa.Zero2Parallel,
           "zero-3": alpa.Zero3Parallel}


def choose_method(args):
    """The method that the command line asks for."""
    if args.stages > 1:
        return alpa.PipeshardParallel(num_micro_batches=args.micro_batches,
                                      stage_option=alpa.UniformStageOption(args.stages))
    return METHODS[args.method](num_micro_batches=args.micro_batches)


def parse(description, **sizes):
    """The command line: the sizes of the model, each an integer with a default, and how to run it."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    parser.add_argument("--cluster", default="local", help="local, host:8, p3.16xlarge:8, ... or a JSON file")
    parser.add_argument("--method", default="auto", choices=METHODS)
    parser.add_argument("--stages", type=int, default=1, help="of a pipeline")
    parser.add_argument("--micro-batches", type=int, default=1)
    parser.add_argument("--plan-only", action="store_true", help="print the plan and stop; needs no devices")
    parser.add_argument("--save-plan", metavar="FILE", help="write the plan, which `alpa plan` reads too")
    parser.add_argument("--picture", metavar="FILE", help="write the plan as a page with pictures")
    parser.add_argument("--steps", type=int, default=10)
    for name, value in sizes.items():
        parser.add_argument("--" + name.replace("_", "-"), type=int, default=value)
    return parser.parse_args()


def train(args, create_state, train_step, make_batch):
    """Plans the step for the cluster and trains with random batches; `make_batch` takes a numpy generator."""
    alpa.init(cluster=args.cluster)
    step = alpa.parallelize(train_step, method=choose_method(args))
    batch = make_batch(np.random.default_rng(0))
    executable = step.get_executable(jax.eval_shape(create_state), batch)
    if args.save_plan:
        executable.get_parallel_plan().save(args.save_plan)
    if args.picture:
        executable.show().save(args.picture)
    print(executable.show())
    if args.plan_only:
        return
    # The state is created where the step wants it.
    create = alpa.parallelize(create_state, method=alpa.CreateStateParallel(step, (batch,)))
    state = create()
    for i in range(args.steps):
        batch = make_batch(np.random.default_rng(i))
        start = time.perf_counter()
        state, loss = step(state, batch)
        print(f"step {i}  loss {float(loss):.5f}  {1e3 * (time.perf_counter() - start):.1f} ms")
