"""A folder that cannot be used is told in one line, before anything is written."""

import os
from pathlib import Path

import pytest

from pipeline.folder_access import check_folder, folder_fault
from pipeline.settings import WrongSetting


def test_a_folder_that_cannot_even_be_looked_at_is_told(tmp_path: Path) -> None:
    folder = tmp_path / ("x" * 300)  # longer than any file system takes
    assert folder_fault(folder, is_written=False) == (
        f"{folder} cannot be looked at (File name too long)"
    )


@pytest.mark.parametrize("name", ["a?b", "a%20b"])
def test_a_path_that_databases_misread_is_refused_before_anything_is_written(
    name: str, tmp_path: Path
) -> None:
    with pytest.raises(WrongSetting, match="in its path, which databases misread"):
        check_folder(tmp_path / name, is_written=True)
    check_folder(tmp_path / name.replace("?", "%"), is_written=False)


def test_a_pipe_among_the_files_is_named_and_not_waited_for(tmp_path: Path) -> None:
    pipe = tmp_path / "landing" / "windows" / "one.parquet"
    pipe.parent.mkdir(parents=True)
    (tmp_path / "astray").symlink_to("nowhere")
    check_folder(tmp_path, is_written=False)
    os.mkfifo(pipe)
    with pytest.raises(WrongSetting, match=f"^{pipe} is a pipe or a device"):
        check_folder(tmp_path, is_written=False)
    pipe.unlink()
    pipe.symlink_to(pipe.name)
    with pytest.raises(WrongSetting, match=f"^{pipe} is a link to itself: delete it"):
        check_folder(tmp_path, is_written=False)


@pytest.mark.parametrize(
    "name",
    [
        "tokens/700100200.json",
        "tokens/shared.lock",
        "landing/.manifest/verified",
        "landing/.allowed.json",
        "landing/.certified.json",
        "notifications/inbox.sqlite",
        "rates/2026.csv",
        "tie-outs.json",
        "secret",
        ".lock",
    ],
)
def test_a_folder_in_the_place_of_a_file_is_named(name: str, tmp_path: Path) -> None:
    (tmp_path / "landing" / "orders" / "date=2026-11-02").mkdir(parents=True)
    check_folder(tmp_path, is_written=True)
    (tmp_path / name).mkdir(parents=True)
    with pytest.raises(IsADirectoryError) as raised:
        check_folder(tmp_path, is_written=False)
    assert raised.value.filename == str(tmp_path / name)


@pytest.mark.parametrize("name", ["landing", "tokens", "work", "warehouse"])
def test_a_file_in_the_place_of_a_folder_is_named(name: str, tmp_path: Path) -> None:
    (tmp_path / name).touch()
    with pytest.raises(NotADirectoryError) as raised:
        check_folder(tmp_path, is_written=False)
    assert raised.value.filename == str(tmp_path / name)


def test_a_pipe_in_a_folder_on_another_disk_is_named_too(tmp_path: Path) -> None:
    (tmp_path / "disk").mkdir()
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "landing").symlink_to(tmp_path / "disk")
    os.mkfifo(tmp_path / "disk" / "one.parquet")
    with pytest.raises(WrongSetting, match=r"data/landing/one\.parquet is a pipe"):
        check_folder(tmp_path / "data", is_written=False)


def test_what_another_user_has_closed_is_named_with_its_owner_and_the_cure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = tmp_path / "tokens" / "shared.json"
    token.parent.mkdir()
    token.touch()
    (tmp_path / "lost+found").mkdir()
    monkeypatch.setattr(
        os, "access", lambda path, _: Path(path).name not in ("lost+found", token.name)
    )
    with pytest.raises(WrongSetting, match=f"^{token} is closed to its owner"):
        check_folder(tmp_path, is_written=True)
    monkeypatch.setattr(os, "geteuid", lambda: 54_321)
    with pytest.raises(WrongSetting) as refused:
        check_folder(tmp_path, is_written=True)
    assert str(refused.value) == (
        f"{token} belongs to {token.owner()} and is closed to user 54321: give the "
        "whole data folder to one user (`chown -R`), who runs every command"
    )
    check_folder(tmp_path, is_written=False)  # who may read what is published reads it


@pytest.mark.parametrize("is_written", [True, False])
def test_a_folder_that_is_there_or_can_be_made_has_no_fault(
    is_written: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for folder in (tmp_path, tmp_path / "a" / "b", Path("data"), Path()):
        assert folder_fault(folder, is_written=is_written) is None
    assert list(tmp_path.iterdir()) == []
