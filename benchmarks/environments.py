"""Virtual environments of the contenders, each with its dependency group.

One a contender, because they pin each other's libraries. They lie in `.venv-bench/` and
are made again when the group in `pyproject.toml` changes. Not here: the product's own
(`make setup`).
"""

import subprocess
import sys
import tomllib
from pathlib import Path

from benchmarks.measuring import ROOT

FOLDER = ROOT / ".venv-bench"


def python_of(group: str) -> Path:
    """The Python of a group's environment, which is made if it is not there."""
    groups = tomllib.loads((ROOT / "pyproject.toml").read_text())["dependency-groups"]
    wanted: list[str] = groups[group]
    folder = FOLDER / group
    stamp, python = folder / ".complete", folder / "bin" / "python"
    text = "\n".join(wanted)
    if not stamp.exists() or stamp.read_text() != text:
        print(f"making {folder} ...", flush=True)
        subprocess.run([sys.executable, "-m", "venv", "--clear", folder], check=True)
        quiet = ["--quiet", "--disable-pip-version-check"]
        subprocess.run([python, "-m", "pip", "install", *quiet, *wanted], check=True)
        stamp.write_text(text)
    return python
