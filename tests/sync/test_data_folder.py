"""Who works on a data folder is told to anyone who may read it."""

import os
from pathlib import Path
from typing import Any

import pytest

from pipeline import settings
from pipeline.sync.data_folder import DataFolder
from pipeline.sync.project import Project


def test_a_folder_that_may_only_be_read_tells_who_works_on_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert DataFolder(tmp_path / "data").holder() is None
    real = os.open
    project = Project(settings.read(data_dir=tmp_path / "data"))

    def reading(path: Any, flags: int, *more: Any, **others: Any) -> int:
        # The suite may run as root, whom no right of a file keeps from writing.
        if flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT):
            raise PermissionError(path)
        return real(path, flags, *more, **others)

    with project, monkeypatch.context() as patch:
        patch.setattr(os, "open", reading)
        assert DataFolder(tmp_path / "data").holder() == f"process {os.getpid()}"
    monkeypatch.setattr(os, "open", reading)
    assert DataFolder(tmp_path / "data").holder() is None
