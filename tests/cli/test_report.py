"""`report`: writes a page, says where, and refuses what cannot be."""

import stat
from pathlib import Path

from tests.cli.conftest import Commands


def test_a_page_is_written_privately_and_named(
    filled: Commands, tmp_path: Path
) -> None:
    empty = filled("report", data_dir=str(tmp_path / "empty"))
    assert empty.code == 1
    assert "run `meli-sales sync`" in empty.err

    ended = filled("report")
    assert ended.code == 0
    path = Path(ended.out.split(": open it in a browser")[0])
    assert path.parent == filled.folder / "reports"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert path.read_text("utf-8").startswith("<!DOCTYPE html>")

    elsewhere = tmp_path / "a.html"
    assert filled("report", "--language", "en", "--output", str(elsewhere)).code == 0
    assert '<html lang="en">' in elsewhere.read_text("utf-8")

    refused = filled("report", "--month", "2020-01")
    assert refused.code == 1
    assert "there is no sale in 2020-01: sales go from 20" in refused.err
    assert filled("report", "--month", "January").code == 2
    assert filled("report", "--month", "2026-13").code == 2
    blocked = filled("report", "--output", str(elsewhere / "b.html"))
    assert blocked.code == 1
    assert "cannot be written" in blocked.err
