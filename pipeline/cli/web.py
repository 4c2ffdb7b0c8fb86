"""`ui`: Dagster's web server and daemon on this project, in a demo with its sandbox.

Not here: what they show, and who may ask (`defs/`).
"""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from pipeline.cli import demo, terminal
from pipeline.instance import running

_PATIENCE_SECONDS = 2.0
_LOOK_SECONDS = 0.1


def workspace() -> Path:
    """Where workspace.yaml is: beside the package in a checkout, inside it in a wheel.

    Schedules remember their state by the name in it, however Dagster is started.
    """
    inside = Path(__file__).parents[1] / "_workspace.yaml"
    return inside if inside.is_file() else Path(__file__).parents[2] / "workspace.yaml"


def run(data_dir: Path, host: str, port: int) -> None:
    """Run both in the foreground, with their history in the data folder.

    Ctrl-C or SIGTERM to this process ends them, and all that they have started. At
    whichever ``host`` it listens, it answers who calls it 127.0.0.1 or localhost.

    Raises:
        SystemExit: 0 after that; else, once one of them ends, as it ended.
    """
    home = running.prepare_service(data_dir, terminal.say)
    terminal.say(f"http://127.0.0.1:{port} (history in {home}); Ctrl-C stops")
    for number in (signal.SIGINT, signal.SIGTERM):  # a script's `&` ignores the first
        signal.signal(number, signal.default_int_handler)
    with (
        contextlib.suppress(KeyboardInterrupt),
        demo.sandbox_along(data_dir),
        _started(commands(host, port)) as processes,
    ):
        while all(process.poll() is None for process in processes):
            time.sleep(_LOOK_SECONDS)
        sys.exit(next(one.returncode for one in processes if one.poll() is not None))


def commands(host: str, port: int) -> Sequence[Sequence[str]]:
    """The command lines of the web server and of the daemon."""
    python = (sys.executable, "-W", "ignore", "-m")
    place = ("--workspace", str(workspace()))
    return (
        (
            *(*python, "pipeline.instance.webserver", *place),
            *("--host", host, "--port", str(port)),
        ),
        (*python, "dagster._daemon", "run", *place),
    )


@contextlib.contextmanager
def _started(
    wanted: Sequence[Sequence[str]],
) -> Iterator[list["subprocess.Popen[bytes]"]]:
    """Processes that lead a group each; on leaving every process of them is ended.

    One more process does so if this one is killed and cannot (`left_behind.py`).
    """
    processes: list[subprocess.Popen[bytes]] = []
    # A file in this folder with a library's name must not be imported instead.
    surroundings = os.environ | {"PYTHONSAFEPATH": "1"}
    try:
        processes.extend(
            subprocess.Popen(  # noqa: S603 - our own arguments
                command, env=surroundings, start_new_session=True
            )
            for command in wanted
        )
        leaders = [str(one.pid) for one in processes]
        with subprocess.Popen(  # noqa: S603 - our own arguments
            [sys.executable, "-m", "pipeline.cli.left_behind", *leaders],
            env=surroundings,
            stdin=subprocess.PIPE,
            start_new_session=True,
        ) as watcher:
            try:
                yield processes
            finally:
                watcher.kill()
    finally:
        _end(processes)


def _end(processes: Sequence["subprocess.Popen[bytes]"]) -> None:
    """Ask every process of the groups to end; kill those that have not in time."""
    deadline = time.monotonic() + _PATIENCE_SECONDS
    left = [one for one in processes if _signalled(one, signal.SIGTERM)]
    while left and time.monotonic() < deadline:
        time.sleep(_LOOK_SECONDS)
        left = [one for one in left if _signalled(one, 0)]
    for one in left:
        _signalled(one, signal.SIGKILL)
    for one in processes:
        one.wait()


def _signalled(leader: "subprocess.Popen[bytes]", number: int) -> bool:
    """Send a signal to a process's group; whether anything is left of it."""
    leader.poll()  # so that nothing is left of one that has ended
    try:
        os.killpg(leader.pid, number)
    except (ProcessLookupError, PermissionError):
        return False
    return True
