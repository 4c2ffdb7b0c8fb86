"""`ui`: Dagster's web server and daemon on this project.

Not here: what they show (`defs/`).
"""

import os
import subprocess
import sys
from pathlib import Path

from pipeline.cli import terminal
from pipeline.defs import running


def workspace() -> Path:
    """Where workspace.yaml is: beside the package in a checkout, inside it in a wheel.

    Schedules remember their state by the name in it, however Dagster is started.
    """
    inside = Path(__file__).parents[1] / "_workspace.yaml"
    return inside if inside.is_file() else Path(__file__).parents[2] / "workspace.yaml"


def run(data_dir: Path, port: int) -> None:
    """Start `dagster dev` in the foreground, with its history in the data folder."""
    home = running.prepare_service(data_dir, terminal.say)
    terminal.say(f"http://127.0.0.1:{port} (history in {home}); Ctrl-C stops")
    command = [
        # Dagster warns about its own command; `dg dev` needs thirty more packages.
        *(sys.executable, "-W", "ignore", "-m", "dagster", "dev"),
        *("--workspace", str(workspace())),
        *("--host", "127.0.0.1", "--port", str(port)),
    ]
    # A file in this folder with a library's name must not be imported instead.
    surroundings = os.environ | {"PYTHONSAFEPATH": "1"}
    with subprocess.Popen(  # noqa: S603 - our own arguments
        command, env=surroundings
    ) as process:
        sys.exit(_ended(process))


def _ended(process: "subprocess.Popen[bytes]") -> int:
    """Wait for Dagster; Ctrl-C reaches it too, and it ends its own processes."""
    try:
        return process.wait()
    except KeyboardInterrupt:
        process.wait()
        return 0
