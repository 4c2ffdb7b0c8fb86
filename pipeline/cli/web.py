"""`ui`: Dagster's web server and daemon on this project.

Not here: what they show (`defs/`).
"""

import os
import subprocess
import sys
from pathlib import Path

from pipeline.cli import terminal
from pipeline.defs.running import set_home

# Schedules remember their state by this name: it is workspace.yaml's, whoever starts.
_WORKSPACE = """\
load_from:
  - python_module:
      module_name: pipeline.definitions
      location_name: meli-sales
"""


def run(data_dir: Path, port: int) -> None:
    """Start `dagster dev` in the foreground, its history in the data folder."""
    home = set_home(data_dir)
    terminal.say(f"http://127.0.0.1:{port} (history in {home}); Ctrl-C stops")
    workspace = home / "workspace.yaml"
    workspace.write_text(_WORKSPACE)
    command = [
        # Dagster warns of its own command; `dg dev` would be thirty packages more.
        *(sys.executable, "-W", "ignore", "-m", "dagster", "dev"),
        *("--workspace", str(workspace)),
        *("--host", "127.0.0.1", "--port", str(port)),
    ]
    # A file of this folder that is called like a library must not be taken for it.
    surroundings = os.environ | {"PYTHONSAFEPATH": "1"}
    with subprocess.Popen(command, env=surroundings) as process:  # noqa: S603 - our own words
        sys.exit(_ended(process))


def _ended(process: "subprocess.Popen[bytes]") -> int:
    """Wait for Dagster; Ctrl-C reaches it too, and it ends its own processes then."""
    try:
        return process.wait()
    except KeyboardInterrupt:
        process.wait()
        return 0
