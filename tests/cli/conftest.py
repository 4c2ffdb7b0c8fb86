"""The command line over a small sandbox: in this process, or as a process of its own.

Whatever a command prints is searched for secrets here, in every test.
"""

import functools
import json
import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import dagster as dg
import pytest
from typer.main import get_command
from typer.testing import CliRunner

from pipeline.cli.main import app
from pipeline.extraction import reachability
from pipeline.mercadolibre.connection import reach
from pipeline.sandbox.server.server import RunningSandbox, serve
from pipeline.sandbox.world.world import World
from tests.conftest import TODAY, forgetful, meli_sales

SELLERS = (700100200, 700100201)
TOKEN = "APP_USR-sandbox"
SECRET = "client-secret-of-a-test"
REFRESH = "TG-sandbox"
SECRETS = (TOKEN, SECRET, REFRESH)

NOW = TODAY.replace(minute=0)
DAYS = 3


def day(before: int) -> str:
    """A day so many before today, as a person types it."""
    return f"{NOW - timedelta(days=before):%Y-%m-%d}"


SPAN = ("--from", day(DAYS + 1))


_command = functools.cache(get_command)
"""The command made once: its options are looked for in all signatures each time."""


@dataclass
class Ended:
    """How a command ended and what it printed; none of it may be a secret."""

    code: int
    out: str
    err: str

    @property
    def error(self) -> str:
        """The one line that tells what went wrong."""
        (line,) = [one for one in self.err.splitlines() if one.startswith("error:")]
        return line


@dataclass
class Commands:
    """Runs commands on one data folder with one set of settings."""

    folder: Path
    surroundings: dict[str, str]
    more_secrets: list[str] = field(default_factory=list)

    def __call__(
        self, *words: str, typed: str | None = None, **settings: str | None
    ) -> Ended:
        """Run a command in this process; a fault that is ours raises.

        Dagster keeps no history: storing it is most of the time that so small a sync
        takes.
        """
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(dg.DagsterInstance, "get", forgetful)
            patch.setattr("typer.testing._get_command", _command)
            patch.delenv("DAGSTER_HOME", raising=False)
            result = CliRunner().invoke(
                app,
                list(words),
                input=typed,
                env={**self.surroundings, **_named(settings)},
                catch_exceptions=False,
            )
        return self._searched(result.exit_code, result.stdout, result.stderr)

    def process(self, *words: str, **settings: str | None) -> "subprocess.Popen[str]":
        """Begin a command as a process of its own."""
        wanted = {**os.environ, **self.surroundings, **_named(settings)}
        return subprocess.Popen(
            meli_sales(*words),
            env={name: value for name, value in wanted.items() if value is not None},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,  # a terminal's Ctrl-C reaches all of a group
        )

    def ended(self, process: "subprocess.Popen[str]") -> Ended:
        """Wait for a process."""
        out, err = process.communicate(timeout=60)
        return self._searched(process.returncode, out, err)

    def status(self, **settings: str | None) -> dict[str, object]:
        """How the folder stands, for a machine."""
        told: dict[str, object] = json.loads(
            self("status", "--format", "json", **settings).out
        )
        return told

    def _searched(self, code: int, out: str, err: str) -> Ended:
        stored = [
            str(value)
            for path in (self.folder / "tokens").glob("*.json")
            for name, value in json.loads(path.read_bytes()).items()
            if name.endswith("_token")
        ]
        for secret in (*SECRETS, *stored, *self.more_secrets):
            assert secret not in out + err
        assert "Traceback" not in err
        return Ended(code, out, err)


def _named(settings: Mapping[str, str | None]) -> dict[str, str | None]:
    return {f"MELI_{name.upper()}": value for name, value in settings.items()}


def commands(url: str, folder: Path, **settings: str) -> Commands:
    """Commands over a sandbox, with a token that serves all its sellers."""
    wanted = {
        "MELI_BASE_URL": url,
        "MELI_ACCESS_TOKEN": TOKEN,
        "MELI_SELLER_IDS": ",".join(map(str, SELLERS)),
        "MELI_DATA_DIR": str(folder),
        "MELI_REQUESTS_PER_MINUTE": "1000000",
        "MELI_LOOKBACK_HOURS": "1",
    }
    return Commands(
        folder,
        wanted | {f"MELI_{name.upper()}": value for name, value in settings.items()},
    )


def world() -> World:
    """120 orders of two sellers in three days."""
    return World(orders=120, seed=5, sellers=len(SELLERS), days=DAYS)


@pytest.fixture(scope="session")
def still() -> Iterator[RunningSandbox]:
    """A sandbox that no test changes."""
    with serve(world()) as running:
        yield running


@pytest.fixture(scope="session")
def _filled(still: RunningSandbox, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder synced once, to be copied."""
    folder = tmp_path_factory.mktemp("filled") / "data"
    ended = commands(still.url, folder)("sync", *SPAN)
    assert ended.code == 0, ended.err
    return folder


@pytest.fixture
def sandbox() -> Iterator[RunningSandbox]:
    """A sandbox for a test to change."""
    with serve(world()) as running:
        yield running


@pytest.fixture
def empty(still: RunningSandbox, tmp_path: Path) -> Commands:
    """Commands on a folder that is not there yet."""
    return commands(still.url, tmp_path / "data")


@pytest.fixture
def filled(still: RunningSandbox, tmp_path: Path, _filled: Path) -> Commands:
    """Commands on a folder that holds all of the still sandbox."""
    shutil.copytree(_filled, tmp_path / "data", symlinks=True)
    return commands(still.url, tmp_path / "data")


@pytest.fixture
def waited(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The seconds that are not waited until an API is asked again if it is there."""
    seconds: list[float] = []
    asked = functools.partial(reach, sleep=seconds.append)
    monkeypatch.setattr(reachability, "reach", asked)
    return seconds


@pytest.fixture
def changing(sandbox: RunningSandbox, filled: Commands) -> Commands:
    """The same over a sandbox for a test to change, which so far is the same too."""
    return commands(sandbox.url, filled.folder)


@pytest.fixture
def looked_at(still: RunningSandbox, _filled: Path) -> Commands:
    """The same without a copy, for commands that only read."""
    return commands(still.url, _filled)
