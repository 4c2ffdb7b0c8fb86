"""The file is replaced whole or not at all, by one at a time."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import filelock
import pytest

from pipeline.mercadolibre.errors import MercadoLibreError
from pipeline.mercadolibre.token_file import Stored, TokenFile


@pytest.mark.parametrize("account", ["", "../700100200", "a/b", "a.b", "x" * 65])
def test_an_account_cannot_name_another_file(tmp_path: Path, account: str) -> None:
    with pytest.raises(ValueError, match="named by letters, digits, - and _"):
        TokenFile(tmp_path, account)


def test_what_is_written_is_read(tmp_path: Path) -> None:
    file = TokenFile(tmp_path, "default")
    assert file.read() is None
    stored = Stored(state="usable", access_token="a", refresh_token="r")
    file.write(stored)
    assert file.read() == stored


def test_a_write_that_fails_leaves_the_old_pair_and_no_rubbish(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = TokenFile(tmp_path, "default")
    old = Stored(state="usable", access_token="old")
    file.write(old)

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        file.write(Stored(state="usable", access_token="new"))
    assert file.read() == old
    assert [path.name for path in tmp_path.iterdir()] == ["default.json"]


def test_the_new_pair_is_on_disk_before_the_old_one_goes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = TokenFile(tmp_path, "default")
    file.write(Stored(state="usable", access_token="old"))
    at_flush: list[Stored | None] = []
    flush = os.fsync

    def watched(descriptor: int) -> None:
        at_flush.append(file.read())
        flush(descriptor)

    monkeypatch.setattr(os, "fsync", watched)
    new = Stored(state="usable", access_token="new")
    file.write(new)
    # The file's flush while the old is in place, the folder's after the swap.
    assert at_flush == [Stored(state="usable", access_token="old"), new]


def test_a_lock_held_by_another_process_for_too_long_is_told(tmp_path: Path) -> None:
    file = TokenFile(tmp_path, "default", patience=0.05)
    with (
        filelock.FileLock(tmp_path / "default.lock"),
        pytest.raises(MercadoLibreError, match="another process has been refreshing"),
        file.alone(),
    ):
        pass


def test_one_thread_at_a_time_is_alone(tmp_path: Path) -> None:
    file = TokenFile(tmp_path, "default")
    inside: list[int] = []
    most: list[int] = []

    def work() -> None:
        with file.alone():
            inside.append(1)
            most.append(len(inside))
            inside.pop()

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == [1] * 8
