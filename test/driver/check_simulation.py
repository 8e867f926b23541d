"""check_simulation.py TRACE JSON: the simulated step of 1f1b, as a trace, and of gpipe, as figures; two stages, four
micro-batches."""
import collections
import json
import sys

tracks = collections.defaultdict(list)
for event in json.load(open(sys.argv[1]))["traceEvents"]:
    if event["ph"] == "X":
        tracks[event["pid"], event["tid"]].append(event)
tasks = {submesh: [e["name"] for e in tracks[submesh, 0] if e["name"][0] in "FB"] for submesh in (0, 1)}
assert tasks[0] == "F0 F1 B0 F2 B1 F3 B2 B3".split(), tasks[0]
assert tasks[1] == "F0 B0 F1 B1 F2 B2 F3 B3".split(), tasks[1]
sent = sum(len(events) for (submesh, thread), events in tracks.items() if thread > 0)
assert sent == 8, f"{sent} transfers of four activations and four gradients"
for events in tracks.values():
    for before, after in zip(events, events[1:]):
        assert after["ts"] + 0.002 >= before["ts"] + before["dur"], "one track does two things at once"

simulation = json.load(open(sys.argv[2]))["simulation"]
assert simulation["schedule"] == "gpipe" and simulation["micro_batches"] == 4
assert simulation["sent_bytes"] == 8 * 4 * 64 * 128 * 4
assert [s["in_flight"] for s in simulation["submeshes"]] == [4, 4]
busiest = max(s["busy_ms"] for s in simulation["submeshes"])
assert busiest < simulation["step_ms"] < 2 * busiest
assert 1 / 5 < simulation["bubble"] < 1 / 2  # (S - 1) / (B + S - 1) where stages are equal
