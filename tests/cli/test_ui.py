"""`ui`: Dagster's own processes, with our history, guarded, ended with ours."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
import time_machine
import yaml

from pipeline.cli import ui
from tests.cli.conftest import Commands
from tests.conftest import TODAY

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


@pytest.mark.dagster
def test_the_ui_is_started_on_loopback_with_our_history(
    empty: Commands, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[str, int]] = []

    def ending(host: str, port: int, place: Path) -> Sequence[ui.Command]:
        asked.append((host, port))
        return [ui.Command((sys.executable, "-c", "import sys; sys.exit(3)"))]

    monkeypatch.setattr(ui, "commands", ending)
    ended = empty("ui", "--port", "7000")
    assert (ended.code, asked) == (3, [("127.0.0.1", 7000)]), "as Dagster ended"
    home = empty.folder / "dagster"
    assert "enabled: false" in (home / "dagster.yaml").read_text(), "no telemetry"
    assert f"http://127.0.0.1:7000 (history in {home}); Ctrl-C stops" in ended.err


def test_server_and_daemon_share_one_code_server_and_listen_on_loopback(
    tmp_path: Path,
) -> None:
    code, server, daemon = ui.commands("127.0.0.1", 7000, tmp_path)
    assert code.words[code.words.index("--module-name") + 1] == "pipeline.definitions"
    place = code.words[code.words.index("--socket") + 1]
    assert server.words[3:5] == ("-m", "pipeline.instance.webserver")
    assert server.words[-4:] == ("--host", "127.0.0.1", "--port", "7000")
    for words, after in (server, daemon):
        assert str(after) == place
        workspace = Path(words[words.index("--workspace") + 1])
        assert yaml.safe_load(workspace.read_text()) == {
            "load_from": [
                {"grpc_server": {"socket": place, "location_name": "meli-sales"}}
            ]
        }
    known = yaml.safe_load((Path(__file__).parents[2] / "workspace.yaml").read_text())
    (module,) = known["load_from"]
    assert module["python_module"]["location_name"] == "meli-sales", "one state"


@pytest.mark.dagster
def test_a_process_whose_code_server_ends_at_once_is_not_started(
    empty: Commands, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    begun = tmp_path / "begun"
    failing = ui.Command((sys.executable, "-c", "import sys; sys.exit(3)"))
    later = ui.Command(("touch", str(begun)), tmp_path / "code")
    monkeypatch.setattr(ui, "commands", lambda *_: [failing, later])
    assert empty("ui", "--port", "7000").code == 3
    assert not begun.exists()


@pytest.mark.dagster
def test_a_clock_that_is_set_back_starts_dagster_anew(
    empty: Commands, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    begun = tmp_path / "begun"
    script = (
        "import sys, time; from pathlib import Path; begun = Path(sys.argv[1]);"
        "begun.write_text(begun.read_text() + 'x' if begun.exists() else 'x');"
        "time.sleep(600 if len(begun.read_text()) == 1 else 0); sys.exit(4)"
    )
    command = ui.Command((sys.executable, "-c", script, str(begun)))
    monkeypatch.setattr(ui, "commands", lambda *_: [command])

    def set_back() -> None:
        assert waited(begun.exists, 60)
        travelling.move_to(TODAY - timedelta(days=3))

    with time_machine.travel(TODAY) as travelling:
        setter = threading.Thread(target=set_back)
        setter.start()
        ended = empty("ui", "--port", "7000")
        setter.join()
    assert (ended.code, begun.read_text()) == (4, "xx")
    assert "this machine's clock was set back: Dagster is started anew" in ended.err


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_a_signal_to_it_alone_ends_every_process_within_five_seconds(
    number: int, tmp_path: Path
) -> None:
    children = tmp_path / "children"
    script = (
        "import sys\n"
        "from pathlib import Path\n"
        "from pipeline.cli import ui\n"
        "stubborn = [sys.executable, '-c', sys.argv[1], sys.argv[2]]\n"
        "ui.commands = lambda *_: [ui.Command(stubborn)] * 2\n"
        "ui.run(Path(sys.argv[3]), '127.0.0.1', 7000)\n"
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
