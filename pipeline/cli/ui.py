"""`ui`: Dagster's web server and daemon on this project, in a demo with its sandbox.

Not here: what they show, and who may ask (`defs/`).
"""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from pipeline.cli import demo, terminal
from pipeline.instance import running

_LOCATION = "meli-sales"  # as in workspace.yaml
_PATIENCE_SECONDS = 2.0
_LOOK_SECONDS = 0.1
_SET_BACK_SECONDS = 600.0
"""By how much a clock set back is one that was wrong before."""


class Command(NamedTuple):
    """A command line, and the socket that must answer before it is started."""

    words: Sequence[str]
    after: Path | None = None


def run(data_dir: Path, host: str, port: int) -> None:
    """Run both in the foreground, with their history in the data folder.

    Ctrl-C or SIGTERM to this process ends them, and all that they have started. At
    whichever ``host`` it listens, it answers who calls it 127.0.0.1 or localhost. If
    the machine's clock is set back, they are started anew: Dagster would do nothing
    until the clock is there again.

    Raises:
        SystemExit: 0 after that; else, once one of them ends, as it ended.
    """
    home = running.prepare_service(data_dir, terminal.say)
    terminal.say(f"http://127.0.0.1:{port} (history in {home}); Ctrl-C stops")
    for number in (signal.SIGINT, signal.SIGTERM):  # a script's `&` ignores the first
        signal.signal(number, signal.default_int_handler)
    with contextlib.suppress(KeyboardInterrupt), demo.sandbox_along(data_dir):
        while True:
            begun = time.time()
            with (
                tempfile.TemporaryDirectory(prefix="meli-sales-") as place,
                _started(commands(host, port, Path(place))) as processes,
            ):
                ended = _first_ended(processes, begun)
            if ended is not None:
                sys.exit(ended)
            terminal.say("this machine's clock was set back: Dagster is started anew")
            running.prepare_service(data_dir, terminal.say)


def _first_ended(
    processes: Sequence["subprocess.Popen[bytes]"], begun: float
) -> int | None:
    """Wait until a process has ended, and how; None once the clock is set back.

    ``begun`` is what the clock said before the first was started.
    """
    latest = begun
    while all(process.poll() is None for process in processes):
        time.sleep(_LOOK_SECONDS)
        latest = max(latest, time.time())
        if time.time() < latest - _SET_BACK_SECONDS:
            return None
    return next(one.returncode for one in processes if one.poll() is not None)


def commands(host: str, port: int, place: Path) -> Sequence[Command]:
    """The command lines of the code server, the web server and the daemon.

    Web server and daemon share one code server. Left alone, each has its own, and the
    daemon starts another one every minute, which loads everything anew.

    ``place`` is a folder of their own, for the code server's socket.
    """
    python = (sys.executable, "-W", "ignore", "-m")
    socket_path, workspace = place / "code", place / "workspace.yaml"
    # Schedules remember their state by the name of the location.
    served = {"socket": str(socket_path), "location_name": _LOCATION}
    workspace.write_text(json.dumps({"load_from": [{"grpc_server": served}]}))
    known = ("--workspace", str(workspace))
    return (
        Command(
            (
                *(*python, "dagster", "api", "grpc", "--socket", str(socket_path)),
                *("--module-name", "pipeline.definitions"),
                *("--location-name", _LOCATION),
                # No file of this folder is loaded; what is wrong is shown in the UI.
                *("--empty-working-directory", "--lazy-load-user-code"),
            )
        ),
        Command(
            (
                *(*python, "pipeline.instance.webserver", *known),
                *("--host", host, "--port", str(port)),
            ),
            socket_path,
        ),
        Command((*python, "dagster._daemon", "run", *known), socket_path),
    )


@contextlib.contextmanager
def _started(
    wanted: Sequence[Command],
) -> Iterator[list["subprocess.Popen[bytes]"]]:
    """Processes that lead a group each; on leaving every process of them is ended.

    One more process does so if this one is killed and cannot (`left_behind.py`).
    """
    processes: list[subprocess.Popen[bytes]] = []
    # A file in this folder with a library's name must not be imported instead.
    surroundings = os.environ | {"PYTHONSAFEPATH": "1"}
    try:
        for command in wanted:
            if command.after and not _answers(command.after, processes):
                break
            processes.append(
                subprocess.Popen(  # noqa: S603 - our own arguments
                    command.words, env=surroundings, start_new_session=True
                )
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


def _answers(path: Path, among: Sequence["subprocess.Popen[bytes]"]) -> bool:
    """Wait until a socket answers; false once a process that may serve it has ended."""
    while all(one.poll() is None for one in among):
        with socket.socket(socket.AF_UNIX) as asked, contextlib.suppress(OSError):
            asked.connect(str(path))
            return True
        time.sleep(_LOOK_SECONDS)
    return False


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
