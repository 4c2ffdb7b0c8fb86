"""Exchange rates from a seller's CSV: judged line by line, landed, never overwriting.

The API knows today's ratio only, so older ones come from the seller's own records. A
file lands once, under the hash of its content. Not here: the ratio fetched from the API
(`by_id.py`) and which ratio an order uses (`marts.conversion_rates`).
"""

import re
from collections.abc import Mapping
from datetime import UTC, date
from decimal import Decimal
from functools import partial

from pipeline.extraction.by_id import Tally
from pipeline.landing import files
from pipeline.payloads.values import Ratio
from pipeline.sync import own_lines
from pipeline.sync.own_lines import (
    OwnFile,
    OwnRecord,
    bad_currency,
    bad_day,
    digest,
)
from pipeline.sync.project import Project
from pipeline.tie_out.delimited import RefusedLine, Unreadable

RESOURCE = "exchange_rates"
COLUMNS = ("rate_date", "from_currency_id", "to_currency_id", "ratio")
THING = "rate"
"""What a valid line is, in words."""

FOLDER = "rates"
"""Below the data folder: the next sync reads every `*.csv` in it."""

_NUMBER = re.compile(r"(?:0|[1-9][0-9]{0,15})(\.[0-9]{1,40})?")


def read(data: bytes, today: date) -> OwnFile:
    """Judge every line of a CSV with the columns `COLUMNS`, in any order.

    A ratio is a plain number with a point, above 0 and below 10 000 000; 12 decimals
    are kept, rounded half away from zero. A day after `today` (UTC) is refused, and so
    is the second line of a pair and day.
    """
    judge = partial(_judge, today)
    return own_lines.judged(data, COLUMNS, judge, "day and pair")


def land(project: Project, found: OwnFile, name: str) -> int:
    """Land a file's rates as records; returns how many, 0 if it has landed before.

    Leaves out refused lines: the caller decides whether there may be any.
    """
    if not found.good or is_landed(project, found.digest):
        return 0
    return own_lines.land(
        project,
        RESOURCE,
        found.good,
        source=name,
        file_name=_file_name(found.digest),
    )


def is_landed(project: Project, content: str) -> bool:
    """Whether a file with the same content has landed."""
    name = f"/{_file_name(content)}"
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
        if is_landed(project, digest(data)):
            continue
        try:
            found = read(data, project.now().astimezone(UTC).date())
        except Unreadable as error:
            tally.failed[path.name] = str(error)
            continue
        if found.refused:
            first = found.refused[0]
            tally.failed[path.name] = (
                f"{found.verdict(THING)}, such as line {first.line}: {first.reason}"
            )
            continue
        tally.landed += land(project, found, path.name)
    project.run.problems.extend(
        f"{FOLDER}/{name} was not loaded: {reason}"
        for name, reason in tally.failed.items()
    )
    return tally


def _file_name(content: str) -> str:
    return f"csv-{content}.parquet"


def _judge(today: date, line: int, cells: Mapping[str, str]) -> OwnRecord | RefusedLine:
    origin, target = (
        cells[name].upper() for name in ("from_currency_id", "to_currency_id")
    )
    reason = (
        _bad_date(cells["rate_date"], today)
        or bad_currency("from_currency_id", origin)
        or bad_currency("to_currency_id", target)
        or (f"{origin} to itself is not a rate" if origin == target else None)
        or _bad_ratio(cells["ratio"])
    )
    if reason:
        return RefusedLine(line, reason)
    name = f"{origin}-{target}-{cells['rate_date']}"
    return OwnRecord(line, name, f'{{"ratio": {cells["ratio"]}}}')


def _bad_date(text: str, today: date) -> str | None:
    if reason := bad_day("rate_date", text):
        return reason
    is_to_come = date.fromisoformat(text) > today
    return f"rate_date {text} is still to come" if is_to_come else None


def _bad_ratio(text: str) -> str | None:
    if not _NUMBER.fullmatch(text):
        return f"ratio {text!r} is not a number such as 0.0704988"
    if not Ratio.lowest < Decimal(text) < Ratio.highest:
        return f"ratio {text} is not above 0 and below 10 000 000"
    return None
