"""`ui`: Dagster's own web server, started with our history and ended with Ctrl-C."""

import subprocess
from pathlib import Path

import pytest

from pipeline.cli import web
from tests.cli.conftest import Commands


class Dagster:
    """Stands for `dagster dev`: notes how it is started, ends when it is told to."""

    started: list[tuple[list[str], dict[str, str]]]
    interrupted = False

    def __init__(self, command: list[str], *, env: dict[str, str]) -> None:
        self.started.append((command, env))
        self.waits = 0

    def __enter__(self) -> "Dagster":
        return self

    def __exit__(self, *_: object) -> None:
        assert self.waits == 1 + self.interrupted, "it was waited for to its end"

    def wait(self) -> int:
        self.waits += 1
        if self.interrupted and self.waits == 1:
            raise KeyboardInterrupt
        return 3


@pytest.fixture
def dagster(monkeypatch: pytest.MonkeyPatch) -> type[Dagster]:
    Dagster.started = []
    monkeypatch.setattr(Dagster, "interrupted", False)
    monkeypatch.setattr(subprocess, "Popen", Dagster)
    return Dagster


def test_the_ui_is_started_on_loopback_with_our_history(
    dagster: type[Dagster], empty: Commands
) -> None:
    ended = empty("ui", "--port", "7000")
    assert ended.code == 3, "as Dagster ended"
    ((command, surroundings),) = dagster.started
    assert command[command.index("dagster") :][:2] == ["dagster", "dev"]
    assert command[-4:] == ["--host", "127.0.0.1", "--port", "7000"]
    home = Path(surroundings["DAGSTER_HOME"])
    assert home == empty.folder / "dagster"
    assert command[command.index("--workspace") + 1] == str(web.workspace())
    assert "module_name: pipeline.definitions" in web.workspace().read_text()
    assert "enabled: false" in (home / "dagster.yaml").read_text(), "no telemetry"
    assert f"http://127.0.0.1:7000 (history in {home}); Ctrl-C stops" in ended.err


def test_ctrl_c_waits_for_dagster_to_end(
    dagster: type[Dagster], empty: Commands, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dagster, "interrupted", True)
    assert empty("ui").code == 0


@pytest.mark.parametrize("port", ["0", "70000"])
def test_a_port_that_cannot_be_is_wrong_usage(port: str, empty: Commands) -> None:
    assert empty("ui", "--port", port).code == 2
