"""Nine hours of a data folder's life: whatever breaks, it ends equal to the world.

Seventy-two of them, with real processes and their sizes: `python -m tests.long_life`.
"""

import contextlib
import errno
import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine

from pipeline import settings
from pipeline.definitions import assembled
from pipeline.instance import running
from pipeline.sync.mending import mend
from pipeline.sync.project import Project
from tests import long_life
from tests.conftest import run_sync
from tests.long_life import REPORTING, Ended, Life

pytestmark = [pytest.mark.untraced, pytest.mark.long]

HOURS = (
    (long_life.quiet, 0),
    (long_life.faults, 0),
    (long_life.killed(long_life.requests(10)), -9),
    (long_life.file_gone, 0),
    (long_life.file_zeroed, 0),
    (long_life.full_disk(3), 1),
    (long_life.clock_steps(timedelta(days=3)), 0),
    (long_life.clock_steps(timedelta(days=-2)), 0),
    (long_life.quiet, 0),
)


class ShortLife(Life):
    """A life whose syncs are run by this process, but for those that are killed."""

    def sync(self, **how: Any) -> Ended:
        if how.get("dies"):
            return super().sync(**how)
        with time_machine.travel(self.now + (how.get("steps") or timedelta())):
            try:
                folder = how.get("folder") or self.folder
                _, ended = run_sync(
                    self.sandbox, None, folder, reporting_currency=REPORTING
                )
            except OSError as error:  # the disk is full for the run's own row too
                return Ended(1, str(error))
        return _told(ended)

    @contextlib.contextmanager
    def full_disk(self, left: int) -> Iterator[None]:
        """Room for so many files."""
        synced = 0
        fsync = os.fsync

        def full(file: Any) -> None:
            nonlocal synced
            synced += 1
            if synced > left:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            fsync(file)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(os, "fsync", full)
            yield

    def rebuild(self) -> Ended:
        """What `meli-sales rebuild` does."""
        wanted = settings.read(data_dir=self.folder, reporting_currency=REPORTING)
        with time_machine.travel(self.now), Project(wanted) as project:
            project.begin_anew()
            assert mend(project) == []
            return _told(running.run(assembled().resolve_job_def("rebuild"), project))


def _told(ended: running.Ended) -> Ended:
    said = "\n".join([*ended.failed_steps, *ended.problems])
    return Ended(0 if ended.is_good else 1, said)


def test_whatever_breaks_in_nine_hours_it_ends_equal_to_the_world(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "pipeline.extraction.coverage.RETENTION", timedelta(days=7)
    )  # all that the world has, in fewer windows
    with ShortLife(tmp_path / "data", orders=40, changes=8) as life:
        for number, (disturbed, code) in enumerate(HOURS):
            life.pass_hour(number)
            ended = disturbed(life)
            assert ended.code == code, (number, ended)
            if not number:
                life.read(processes=1, readers=long_life.READERS)
        assert min(life.read_enough()) > 0
        life.compare(tmp_path / "fresh", life.rebuild)
