"""What all landed certificates say by now, at the cost of reading today's.

A year of hourly syncs gives a seller 35,000 certificates, which nobody could read every
hour. What those of past days say is kept in `landing/.certified.json`, beside the names
and times of their files. They stay the only memory: where one of these files is not as
it was, or another holds a certificate as old, all are read. Not here: what certificates
add up to (`coverage.py`).

Example: on 3 March at 10:00 the file has what the certificates up to 2 March say; the
sync reads the nine files of today. Then the file of 1 March is lost, so the next sync
reads all that are left.
"""

import functools
from collections.abc import Iterable
from datetime import date, datetime
from pathlib import Path, PurePosixPath
from typing import TypeAlias

import msgspec

from pipeline import whole
from pipeline.extraction.coverage import Verdicts, verdicts
from pipeline.extraction.windows import Range, within
from pipeline.landing import earlier, files
from pipeline.landing.certificate import Certificate

_FILE = ".certified.json"
_Written: TypeAlias = tuple[tuple[str, int], ...]
"""Files of certificates, and when each was written, in nanoseconds since 1970."""


class Certified(msgspec.Struct, frozen=True):
    """What certificates say.

    Attributes:
        said: the latest verdicts, by seller and pass.
        newest: when the last certificate was given; None without any.
    """

    said: dict[int, dict[str, Verdicts]] = {}
    newest: datetime | None = None

    def noting(self, rows: Iterable[Certificate]) -> "Certified":
        """This and later certificates, in the order of ``checked_at``."""
        given = list(rows)
        newest = given[-1].checked_at if given else self.newest
        return Certified(verdicts(given, self.said), newest)

    def until(self, now: datetime) -> dict[int, dict[str, Verdicts]]:
        """What they say of the hours before an instant; what is red stays red."""
        over = Range(datetime.min.replace(tzinfo=now.tzinfo), now)
        return {
            seller: {
                name: Verdicts(within(one.good, over), one.bad)
                for name, one in passes.items()
            }
            for seller, passes in self.said.items()
        }


class _Kept(msgspec.Struct, frozen=True):
    """What the certificates of some files say."""

    written: _Written = ()
    certified: Certified = Certified()


_DECODER = msgspec.json.Decoder(_Kept)


def read(landing: Path) -> Certified:
    """What all certificates say that can be read."""
    return _certified(landing, _written(landing))


def keep(landing: Path, today: date) -> None:
    """Keep what the certificates of the days before today say, for the next runs."""
    past = tuple(
        (path, written)
        for path, written in _written(landing)
        if PurePosixPath(path).parent.name < f"date={today}"
    )
    if past != _kept(landing).written:
        kept = _Kept(past, _certified(landing, past))
        whole.write(landing / _FILE, msgspec.json.encode(kept))


def _written(landing: Path) -> _Written:
    return tuple(
        (path, (landing / path).stat().st_mtime_ns)
        for path in files.listing(landing, files.WINDOWS)
    )


@functools.lru_cache(maxsize=2)  # of a run: all files, and those of past days
def _certified(landing: Path, written: _Written) -> Certified:
    kept = _kept(landing)
    if set(kept.written) <= set(written):
        rows = earlier.certificates(landing, _others(written, kept.written))
        first = next(rows, None)
        newest = kept.certified.newest
        if first is None:
            return kept.certified
        if newest is None or first.checked_at > newest:
            return kept.certified.noting([first, *rows])
    return Certified().noting(earlier.certificates(landing, _others(written, ())))


def _others(written: _Written, known: _Written) -> list[str]:
    return [path for path, _ in sorted({*written} - {*known})]


def _kept(landing: Path) -> _Kept:
    try:
        return _DECODER.decode((landing / _FILE).read_bytes())
    except (OSError, msgspec.MsgspecError):  # not there yet, or another user's
        return _Kept()
