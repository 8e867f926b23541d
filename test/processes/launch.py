#!/usr/bin/env python3
"""launch.py N COMMAND...: N processes that find each other by torchrun's environment; exits with the worst status.

With LOSE=K in the environment, process K is killed as soon as it has computed for a while."""
import os
import signal
import socket
import subprocess
import sys
import time


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def main():
    n, command = int(sys.argv[1]), sys.argv[2:]
    address = {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(free_port()), "WORLD_SIZE": str(n)}
    processes = [subprocess.Popen(command, env=os.environ | address | {"RANK": str(rank)}) for rank in range(n)]
    if "LOSE" in os.environ:
        time.sleep(float(os.environ.get("LOSE_SECONDS", "3")))
        processes[int(os.environ["LOSE"])].send_signal(signal.SIGKILL)
    sys.exit(max(abs(process.wait(timeout=120)) for process in processes))


if __name__ == "__main__":
    main()
