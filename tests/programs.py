"""Programs that a test starts beside itself, and the ports that they listen at."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any


class Programs:
    """Processes, each in a group of its own, so that it ends whole."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._running: list[subprocess.Popen[str]] = []

    def start(self, name: str, *words: str, **more: Any) -> subprocess.Popen[str]:
        """Start a program, whose log is of this name."""
        with (self.folder / f"{name}.log").open("w") as log:
            more = {"stdout": log, "stderr": log} | more
            process = subprocess.Popen(words, text=True, start_new_session=True, **more)
        self._running.append(process)
        return process

    def kill(self, process: subprocess.Popen[str]) -> None:
        """Kill a program with all that it has started."""
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def close(self) -> None:
        """Kill what still runs, and print the end of each log."""
        for process in reversed(self._running):
            if process.poll() is None:
                self.kill(process)
            for stream in (process.stdin, process.stdout):
                if stream:
                    stream.close()
        for path in sorted(self.folder.glob("*.log")):  # seen if the test has failed
            print(f"--- {path.name}", *path.read_text().splitlines()[-25:], sep="\n")


def free_port() -> int:
    """A port that nobody listens at."""
    with closing(socket.socket()) as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def answers(port: int) -> bool:
    """Whether somebody listens at a port."""
    with closing(socket.socket()) as tried:
        return tried.connect_ex(("127.0.0.1", port)) == 0


def wait_for(what: Callable[[], Any], words: str, seconds: float) -> Any:
    """What it gives, once that is true."""
    deadline = time.monotonic() + seconds
    while not (found := what()):
        assert time.monotonic() < deadline, words
        time.sleep(0.2)
    return found
