"""Ends groups of processes once the process that started this one is gone.

It holds the other end of standard input, which closes however it ends, also by kill -9.
Not here: ending them when it ends by itself (`ui.py`).
"""

import contextlib
import os
import signal
import sys
import time

_PATIENCE_SECONDS = 2.0


def main() -> None:
    """Wait for the end of standard input, then end the groups that are named."""
    sys.stdin.read()
    for number in (signal.SIGTERM, signal.SIGKILL):
        for group in map(int, sys.argv[1:]):
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(group, number)
        if number is signal.SIGTERM:
            time.sleep(_PATIENCE_SECONDS)


if __name__ == "__main__":
    main()
