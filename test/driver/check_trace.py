"""check_trace.py FILE DEVICES STEPS: the file is Chrome's trace format and holds equal steps of that many devices."""
import collections
import json
import sys

events = json.load(open(sys.argv[1]))["traceEvents"]
devices, steps = int(sys.argv[2]), int(sys.argv[3])
tracks = collections.defaultdict(list)
for event in events:
    if event["ph"] == "X":
        tracks[event["pid"], event["tid"]].append(event)
assert len(tracks) == devices, f"{len(tracks)} tracks"
assert {e["args"]["name"] for e in events if e["name"] == "process_name"} == {f"device {d}" for d in range(devices)}
for track in tracks.values():
    assert len(track) % steps == 0 and len(track) > 0, f"{len(track)} operations in {steps} steps"
    names = [e["name"] for e in track]
    step = len(track) // steps
    assert all(names[i] == names[i % step] for i in range(len(names))), "steps differ"
    ends = [e["ts"] + e["dur"] for e in track]
    assert all(e["ts"] + 0.01 >= end for e, end in zip(track[1:], ends)), "operations of one device overlap"
    assert any("step.mlir:" in e.get("args", {}).get("where", "") for e in track), "no places in the source"
