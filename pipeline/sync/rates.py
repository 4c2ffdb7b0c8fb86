"""Exchange rates from a seller's CSV: judged line by line, landed, never overwriting.

The API knows today's ratio only, so older ones come from the seller's own records. A
file lands once, under the hash of its content. Not here: the ratio fetched from the API
(`by_id.py`) and which ratio an order uses (`marts.conversion_rates`).
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal

from pipeline.extraction.by_id import Tally
from pipeline.landing import files, record, whole
from pipeline.payloads.values import Ratio
from pipeline.sync.project import Project
from pipeline.sync.resources import permissions
from pipeline.tie_out.delimited import Line, Unreadable, lines

RESOURCE = "exchange_rates"
COLUMNS = ("rate_date", "from_currency_id", "to_currency_id", "ratio")
FOLDER = "rates"
"""Below the data folder: the next sync reads every `*.csv` in it."""

_NUMBER = re.compile(r"[0-9]{1,16}(\.[0-9]{1,40})?")
_NOBODY = 0
"""The seller of a landed rate: no seller's token asked for it."""


@dataclass(frozen=True)
class Rate:
    """One line: amount in `to` = amount in `from` x ratio, on a UTC day."""

    line: int
    rate_date: date
    from_currency_id: str
    to_currency_id: str
    ratio: str

    @property
    def name(self) -> str:
        """What the landed record is called: pair and day (`USD-BRL-2026-03-02`)."""
        return f"{self.from_currency_id}-{self.to_currency_id}-{self.rate_date}"


@dataclass(frozen=True)
class RefusedLine:
    """A line that is not a valid rate, and why."""

    line: int
    reason: str


@dataclass(frozen=True)
class RatesFile:
    """A file's lines, judged; ``digest`` identifies its content, whatever its name."""

    digest: str
    rates: list[Rate]
    refused: list[RefusedLine]

    def verdict(self, where: str = "") -> str:
        """How many lines are refused, in words; ``where`` comes behind `lines`."""
        count = len(self.refused)
        lines, rates = (
            ("line", "is no valid rate")
            if count == 1
            else (
                "lines",
                "are not valid rates",
            )
        )
        return f"{count:,} {lines}{where} {rates}"


def read(data: bytes, today: date) -> RatesFile:
    """Judge every line of a CSV with the columns `COLUMNS`, in any order.

    A ratio is a plain number with a point, above 0 and below 10 000 000; 12 decimals
    are kept, rounded half away from zero. A day after `today` (UTC) is refused, and so
    is the second line of a pair and day.

    Raises:
        Unreadable: the file is not valid CSV, is empty, or lacks a column.
    """
    found = lines(data)
    if not found:
        raise Unreadable("the file is empty")
    header = [cell.casefold() for cell in found[0].cells]
    if missing := [name for name in COLUMNS if name not in header]:
        raise Unreadable(
            f"no column {', '.join(missing)}: the first line names the columns "
            f"{', '.join(COLUMNS)}"
        )
    places = {name: header.index(name) for name in COLUMNS}
    rates: dict[str, Rate] = {}
    refused: list[RefusedLine] = []
    for line in found[1:]:
        judged = _judge(line, places, today)
        if isinstance(judged, RefusedLine):
            refused.append(judged)
        elif known := rates.get(judged.name):
            reason = f"the same day and pair as line {known.line}"
            refused.append(RefusedLine(judged.line, reason))
        else:
            rates[judged.name] = judged
    return RatesFile(_digest(data), list(rates.values()), refused)


def land(project: Project, found: RatesFile, name: str) -> int:
    """Land a file's rates as records; returns how many, 0 if it has landed before.

    Leaves out refused lines: the caller decides whether there may be any.
    """
    if not found.rates or is_landed(project, found.digest):
        return 0
    now = project.now()
    records = [
        record.Record(
            resource=RESOURCE,
            resource_id=one.name,
            seller_id=_NOBODY,
            updated_at=None,
            fetched_at=now,
            run_id=project.run.id,
            request=f"{name}:{one.line}",
            status=200,
            missing_fields=[],
            payload=f'{{"ratio": {one.ratio}}}',
        )
        for one in found.rates
    ]
    folder = project.folder.landing / RESOURCE / f"date={now.astimezone(UTC):%Y-%m-%d}"
    files.write(record.frame(records, permissions()), folder / _file_name(found.digest))
    whole.sync_folder(folder)
    return len(records)


def is_landed(project: Project, digest: str) -> bool:
    """Whether a file with the same content has landed."""
    name = f"/{_file_name(digest)}"
    return any(
        path.endswith(name) for path in files.listing(project.folder.landing, RESOURCE)
    )


def land_folder(project: Project) -> Tally:
    """Land every CSV of the folder `rates` in the data folder that has not landed yet.

    Does not land a file with a refused line: the run ends red and names the line, and
    the next run reads the file again.
    """
    tally = Tally()
    for path in sorted((project.settings.data_dir / FOLDER).glob("*.csv")):
        data = path.read_bytes()
        if is_landed(project, _digest(data)):
            continue
        try:
            found = read(data, project.now().astimezone(UTC).date())
        except Unreadable as error:
            tally.failed[path.name] = str(error)
            continue
        if found.refused:
            first = found.refused[0]
            tally.failed[path.name] = (
                f"{found.verdict()}, such as line {first.line}: {first.reason}"
            )
            continue
        tally.landed += land(project, found, path.name)
    project.run.problems.extend(
        f"{FOLDER}/{name} was not loaded: {reason}"
        for name, reason in tally.failed.items()
    )
    return tally


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:24]


def _file_name(digest: str) -> str:
    return f"csv-{digest}.parquet"


def _judge(line: Line, places: Mapping[str, int], today: date) -> Rate | RefusedLine:
    cells = {
        name: line.cells[place] if place < len(line.cells) else ""
        for name, place in places.items()
    }
    origin, target = (
        cells[name].upper() for name in ("from_currency_id", "to_currency_id")
    )
    reason = (
        _bad_date(cells["rate_date"], today)
        or _bad_currency("from_currency_id", origin)
        or _bad_currency("to_currency_id", target)
        or (f"{origin} to itself is not a rate" if origin == target else None)
        or _bad_ratio(cells["ratio"])
    )
    if reason:
        return RefusedLine(line.number, reason)
    day = date.fromisoformat(cells["rate_date"])
    return Rate(line.number, day, origin, target, cells["ratio"])


def _bad_date(text: str, today: date) -> str | None:
    try:
        day = datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC).date()
    except ValueError:
        return f"rate_date {text!r} is not a day such as 2026-03-02"
    if f"{day}" != text:
        return f"rate_date {text!r} is not a day such as 2026-03-02"
    return f"rate_date {text} is still to come" if day > today else None


def _bad_currency(name: str, text: str) -> str | None:
    if len(text) == 3 and text.isascii() and text.isalpha():
        return None
    return f"{name} {text!r} is not a currency such as BRL"


def _bad_ratio(text: str) -> str | None:
    if not _NUMBER.fullmatch(text):
        return f"ratio {text!r} is not a number such as 0.0704988"
    if not Ratio.lowest < Decimal(text) < Ratio.highest:
        return f"ratio {text} is not above 0 and below 10 000 000"
    return None
