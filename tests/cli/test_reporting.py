"""`report`: writes a page, says where, and refuses what cannot be."""

import stat
from pathlib import Path

from pipeline.sandbox.server.server import RunningSandbox
from tests.cli.conftest import SPAN, commands


def test_a_page_is_written_privately_and_named(
    sandbox: RunningSandbox, tmp_path: Path
) -> None:
    ours = commands(sandbox.url, tmp_path / "data")
    empty = ours("report")
    assert empty.code == 1
    assert "run `meli-sales sync`" in empty.err
    assert ours("sync", *SPAN).code == 0

    ended = ours("report")
    assert ended.code == 0
    path = Path(ended.out.split(": open it in a browser")[0])
    assert path.parent == ours.folder / "reports"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert path.read_text("utf-8").startswith("<!DOCTYPE html>")

    elsewhere = tmp_path / "a.html"
    assert ours("report", "--language", "en", "--output", str(elsewhere)).code == 0
    assert '<html lang="en">' in elsewhere.read_text("utf-8")

    refused = ours("report", "--month", "2020-01")
    assert refused.code == 1
    assert "there is no sale in 2020-01: sales go from 20" in refused.err
    assert ours("report", "--month", "January").code == 2
    assert ours("report", "--month", "2026-13").code == 2
    blocked = ours("report", "--output", str(elsewhere / "b.html"))
    assert blocked.code == 1
    assert "cannot be written" in blocked.err
