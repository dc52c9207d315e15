"""Run a command and write what it took: `python -S -E measure.py OUT.json STDOUT STDERR COMMAND...`.

A process of its own, and a small one: on Linux a child's peak memory starts at what its parent had when it forked.
"""

from __future__ import annotations

import json
import os
import sys
import time


def main() -> int:
    """Wall and CPU seconds and peak memory of the command with its children; answers with the command's exit code."""
    out, stdout, stderr, *command = sys.argv[1:]
    start = time.perf_counter()
    child = os.fork()
    if child == 0:
        for name, number in ((stdout, 1), (stderr, 2)):
            target = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
            os.dup2(target, number)
        try:
            os.execvp(command[0], command)
        except OSError as error:
            os.write(2, f"{command[0]}: {error}\n".encode())
            os._exit(127)
    _, status, usage = os.wait4(child, 0)
    # macOS counts bytes, Linux kilobytes.
    unit = 1 if sys.platform == "darwin" else 1024
    found = {
        "wall": time.perf_counter() - start,
        "cpu": usage.ru_utime + usage.ru_stime,
        "peak_mb": usage.ru_maxrss * unit / 1e6,
        "exit": os.waitstatus_to_exitcode(status),
    }
    with open(out, "w", encoding="utf-8") as stream:  # noqa: PTH123 - pathlib would triple this process
        json.dump(found, stream)
    return 0


if __name__ == "__main__":
    sys.exit(main())
