#!/usr/bin/env python3
"""Prints the losses of a run (alpa run --json) beside JAX's (model.json); fails where they differ."""
import json
import sys


def main():
    run, model = (json.load(open(path)) for path in sys.argv[1:3])
    losses = model["losses"]
    rtol, atol = model.get("rtol", 0.0), model.get("atol", 0.0)
    worst = 0.0
    print(f"{'step':>4}  {'loss':>12}  {'JAX':>12}  {'difference':>10}  {'ms':>8}")
    for step, (ours, theirs) in enumerate(zip(run["steps"], losses)):
        loss = next(iter(ours["scalars"].values()))
        difference = abs(loss - theirs)
        worst = max(worst, difference - atol - rtol * abs(theirs))
        print(f"{step:4}  {loss:12.6f}  {theirs:12.6f}  {difference:10.2e}  {ours['time_ms']:8.2f}")
    times = sorted(step["time_ms"] for step in run["steps"])
    plan = run["plan"]
    print(f"plan: cache {plan['cache']}, {plan['plan_ms']:.0f} ms; code: cache {plan['code_cache']}, "
          f"{plan['compile_ms']:.0f} ms; median step {times[len(times) // 2]:.2f} ms")
    if worst > 0:
        print(f"the losses differ by more than rtol {rtol}, atol {atol}", file=sys.stderr)
    return worst > 0


if __name__ == "__main__":
    sys.exit(main())
