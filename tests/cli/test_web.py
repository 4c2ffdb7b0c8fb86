"""`ui`: Dagster's own processes, with our history, guarded, ended with ours."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import httpx
import pytest

from pipeline.cli import web
from tests.cli.conftest import Commands

# Stands for Dagster: a process with a child that does not listen.
STUBBORN = (
    "import signal, subprocess, sys, time\n"
    "child = 'import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN);'\n"
    "child += 'print(\"here\", flush=True); time.sleep(600)'\n"
    "begun = subprocess.Popen([sys.executable, '-c', child], stdout=-1)\n"
    "begun.stdout.readline()\n"
    "open(sys.argv[1], 'a').write(f'{begun.pid}\\n')\n"
    "time.sleep(600)\n"
)


def is_there(process: int) -> bool:
    with contextlib.suppress(ProcessLookupError, FileNotFoundError):
        os.kill(process, 0)
        return "\nState:\tZ" not in Path(f"/proc/{process}/status").read_text()
    return False


def waited(what: object, seconds: float) -> bool:
    """Whether something comes true in time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if what():  # type: ignore[operator]  # a lambda
            return True
        time.sleep(0.05)
    return False


def test_the_ui_is_started_on_loopback_with_our_history(
    empty: Commands, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[str, int]] = []

    def ending(host: str, port: int) -> Sequence[Sequence[str]]:
        asked.append((host, port))
        return ((sys.executable, "-c", "import sys; sys.exit(3)"),)

    monkeypatch.setattr(web, "commands", ending)
    ended = empty("ui", "--port", "7000")
    assert (ended.code, asked) == (3, [("127.0.0.1", 7000)]), "as Dagster ended"
    home = empty.folder / "dagster"
    assert "enabled: false" in (home / "dagster.yaml").read_text(), "no telemetry"
    assert f"http://127.0.0.1:7000 (history in {home}); Ctrl-C stops" in ended.err


def test_server_and_daemon_show_this_project_on_loopback() -> None:
    server, daemon = web.commands("127.0.0.1", 7000)
    assert server[3:] == ("-m", "pipeline.instance.webserver", *server[5:])
    assert server[-4:] == ("--host", "127.0.0.1", "--port", "7000")
    for command in (server, daemon):
        assert command[command.index("--workspace") + 1] == str(web.workspace())
    assert "module_name: pipeline.definitions" in web.workspace().read_text()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_a_signal_to_it_alone_ends_every_process_within_five_seconds(
    number: int, tmp_path: Path
) -> None:
    children = tmp_path / "children"
    script = (
        "import sys\n"
        "from pathlib import Path\n"
        "from pipeline.cli import web\n"
        "stubborn = [sys.executable, '-c', sys.argv[1], sys.argv[2]]\n"
        "web.commands = lambda host, port: [stubborn, stubborn]\n"
        "web.run(Path(sys.argv[3]), '127.0.0.1', 7000)\n"
    )
    ours = subprocess.Popen(
        [sys.executable, "-c", script, STUBBORN, str(children), str(tmp_path)],
        start_new_session=True,
    )
    try:
        assert waited(
            lambda: children.exists() and len(children.read_text().splitlines()) == 2,
            60,
        )
        if number is signal.SIGKILL:  # the one that watches is started after them
            time.sleep(0.5)
        ours.send_signal(number)
        killed = number is signal.SIGKILL
        assert ours.wait(timeout=5) == (-number if killed else 0)
        left = [int(line) for line in children.read_text().split()]
        assert waited(lambda: not any(map(is_there, left)), 5 if killed else 1)
    finally:
        ours.kill()
        ours.wait()


@pytest.mark.dagster
@pytest.mark.untraced
def test_the_real_ui_is_guarded_and_ends(filled: Commands) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = filled.process("ui", "--port", str(port))
    url = f"http://127.0.0.1:{port}"

    def status(method: str, path: str, **more: str) -> int:
        with contextlib.suppress(httpx.TransportError):
            asked = httpx.request(method, f"{url}{path}", headers=more, timeout=20)
            return asked.status_code
        return 0

    try:
        assert waited(lambda: status("GET", "/server_info") == 200, 120)
        mutation = "/graphql?query=mutation%7B__typename%7D"
        assert status("GET", "/server_info", Host="evil.example") == 403
        assert status("GET", mutation) == status("POST", mutation) == 403
        assert status("POST", "/graphql", Origin="https://evil.example") == 403
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=5)
        assert process.returncode == 0
        assert status("GET", "/server_info") == 0
    finally:
        process.kill()
        process.communicate()


@pytest.mark.parametrize("port", ["0", "70000"])
def test_a_port_that_cannot_be_is_wrong_usage(port: str, empty: Commands) -> None:
    assert empty("ui", "--port", port).code == 2
