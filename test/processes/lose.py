#!/usr/bin/env python3
"""lose.py SIGNAL COMMAND...: starts a job, sends the signal to process 2 of it once all compute, and waits for its end."""
import os
import signal
import subprocess
import sys
import time

SECONDS = 5  # the job must have ended so long after
RANK = 2


def find_ranks(job):
    """Processes of the job by their number: those that mpirun gave one, below it in the tree."""
    ranks = {}
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/environ", "rb") as file:
                environment = dict(item.split(b"=", 1) for item in file.read().split(b"\0") if b"=" in item)
            with open(f"/proc/{pid}/stat", encoding="utf-8") as file:
                seconds = sum(map(int, file.read().rsplit(")", 1)[1].split()[11:13])) / os.sysconf("SC_CLK_TCK")
        except OSError:
            continue
        if environment.get(b"ALPA_TEST_JOB") == job and b"OMPI_COMM_WORLD_RANK" in environment:
            ranks[int(environment[b"OMPI_COMM_WORLD_RANK"])] = (int(pid), seconds)
    return ranks


def main():
    job = f"{os.getpid()}".encode()
    started = time.monotonic()
    process = subprocess.Popen(sys.argv[2:], env=dict(os.environb) | {b"ALPA_TEST_JOB": job})
    while process.poll() is None and time.monotonic() - started < 60:
        ranks = find_ranks(job)
        if RANK in ranks and ranks[RANK][1] > 0.4:
            break
        time.sleep(0.05)
    os.kill(ranks[RANK][0], getattr(signal, "SIG" + sys.argv[1]))
    lost = time.monotonic()
    status = process.wait(timeout=60)
    in_time = time.monotonic() - lost < SECONDS
    print(f"ended with status {status} {'in time' if in_time else 'late'}", flush=True)


if __name__ == "__main__":
    main()
