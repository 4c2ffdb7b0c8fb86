"""`sandbox`: the fake API alone, saying where it is and how to stop it."""

import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Callable

import pytest
import typer
from typer.testing import CliRunner

from pipeline.cli.main import app
from pipeline.cli.sandbox import READY
from pipeline.sandbox.server.switches import Switches
from pipeline.sandbox.world.world import World


def test_it_says_where_it_is_answers_and_ends_with_ctrl_c() -> None:
    command = [sys.executable, "-m", "pipeline.cli.main", "sandbox", "--port", "0"]
    with subprocess.Popen(
        [*command, "--orders", "50"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line.startswith(READY)
        url = line.removeprefix(READY).strip()
        with urllib.request.urlopen(f"{url}/sandbox") as answer:
            assert answer.status == 200
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=20)
    assert process.returncode == 0
    assert [line.split()[0] for line in said.splitlines()] == [
        "sellers",
        "try:",
        "more:",
    ]
    assert "Ctrl-C stops" in said
    assert "Traceback" not in said
    assert "the next sync" not in said


def test_its_options_make_the_world_and_its_faults(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    served: list[tuple[World, Switches, int]] = []

    def serve(
        world: World,
        switches: Switches,
        port: int,
        *,
        on_ready: Callable[[str], None],
    ) -> None:
        served.append((world, switches, port))
        on_ready("http://127.0.0.1:7000")

    monkeypatch.setattr("pipeline.cli.sandbox.serve", serve)
    words = ["--port", "7000", "--orders", "30", "--sellers", "2", "--seed", "9"]
    ended = CliRunner().invoke(app, ["sandbox", *words, "--faults", "0.1"])
    assert ended.exit_code == 0
    assert ended.stdout == f"{READY}http://127.0.0.1:7000\n"
    ((world, switches, port),) = served
    assert (world.size, world.sellers, world.seed, port) == (
        30,
        [700100200, 700100201],
        9,
        7000,
    )
    assert switches.rate_429 == pytest.approx(0.02)
    CliRunner().invoke(app, ["sandbox", "--orders", "30"])
    assert served[1][1] == Switches()


def test_a_login_beside_a_sandbox_finds_its_port_free() -> None:
    ports = {
        command.name: option.default
        for command in typer.main.get_group(app).commands.values()
        for option in command.params
        if option.name == "port"
    }
    assert set(ports) == {"listen", "login", "sandbox", "ui"}
    assert len(set(ports.values())) == 4


def test_a_taken_port_is_one_line() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        ended = CliRunner().invoke(
            app, ["sandbox", "--orders", "5", "--port", str(port)]
        )
    assert ended.exit_code == 1
    assert ended.stderr.startswith(f"error: port {port} cannot be used")
    assert "try --port 0" in ended.stderr
