"""Reads every seller's orders: recovers, reads windows, loads, looks at details.

Not here: things asked for by id (`by_id.py`), pages and proof (`extraction/`).
"""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pipeline.extraction import certified
from pipeline.extraction.accounts import Account, settled
from pipeline.extraction.by_id import Tally
from pipeline.extraction.certified import Certified
from pipeline.extraction.coverage import (
    Coverage,
    Said,
    ahead,
    coverage,
    due,
    due_horizon,
    premature,
    shortfalls,
    taken_back,
)
from pipeline.extraction.orders import OrderReader
from pipeline.extraction.probe import prove_filter
from pipeline.extraction.resume import Leftovers
from pipeline.extraction.windows import Range, merged, within
from pipeline.landing import earlier, journal
from pipeline.landing.certificate import Certificate
from pipeline.mercadolibre.errors import MercadoLibreError
from pipeline.sync.by_id import fetch_wanted, for_each
from pipeline.sync.project import Project
from pipeline.sync.recovery import recover
from pipeline.sync.resources import permissions
from pipeline.sync.sellers import load_orders


@dataclass
class OrdersRead:
    """What reading orders brought: certificates, and a tally of details."""

    certificates: list[Certificate] = field(default_factory=list)
    details: Tally = field(default_factory=Tally)


def held(landing: Path) -> dict[int, Coverage]:
    """What earlier runs have proven, by seller, from the certificates on disk."""
    return coverage(certified.read(landing).said)


def due_ranges(project: Project, known: Coverage) -> list[Range]:
    """What a sync without dates reads of a seller with this coverage."""
    return due(known, project.run.started_at, project.lookback, project.holdback)


def revoked_ranges(project: Project, said: Said) -> dict[int, list[Range]]:
    """Hours by seller whose certificates are revoked, as far as the API has them.

    A sync reads them besides the range that it is asked for.
    """
    answered = due_horizon(project.run.started_at, project.holdback)
    ranges: dict[int, list[Range]] = {}
    for one in shortfalls(said):
        if one.verdict == "revoked":
            hours = within([one.window], answered)
            ranges.setdefault(one.seller_id, []).extend(hours)
    return ranges


def due_of_everyone(project: Project) -> list[Range]:
    """What is due for all sellers that certificates or settings name; may overlap.

    Sends no request, so it misses a seller that only a token names. If nothing was ever
    read, everything is due.
    """
    known = held(project.folder.landing)
    if not known:
        return due_ranges(project, Coverage())
    return [
        one
        for seller_id in {*known, *project.settings.seller_ids}
        for one in due_ranges(project, known.get(seller_id, Coverage()))
    ]


def orders(project: Project, span: Range | None) -> OrdersRead:
    """Read every seller's orders, load them, and fetch what search leaves out."""
    left = recover(project)
    project.accounts()  # without a token for each there is nothing to begin
    result = OrdersRead(read_windows(project, span, left))
    load_orders(project)
    result.details = fetch_wanted(project, "orders")
    return result


def read_windows(
    project: Project, span: Range | None, left: Mapping[int, Leftovers]
) -> list[Certificate]:
    """Land every seller's orders: a range again, or without one what is due.

    Resumes what crashed runs left unfinished. Reads a range that is asked for whole,
    even where a crashed run has proven it. If one seller's token or permission is
    refused, the others are read all the same.

    Once the reading ends, whatever its problems, the next run resumes neither it nor
    the crashed runs: what failed is due again.
    """
    landing, run = project.folder.landing, project.run
    earlier.open_run(landing, run.id)
    found = _read_windows(project, span, left)
    earlier.close_runs(landing)
    run.certificates.extend(found)
    return found


def _read_windows(
    project: Project,
    span: Range | None,
    left: Mapping[int, Leftovers],
) -> list[Certificate]:
    """Read the sellers in parallel; returns their certificates, sorted by seller.

    A refusal to one seller becomes a problem of the run.
    """
    certificates: list[Certificate] = []
    project.progress.begin("orders")
    with journal.opened(project.folder.landing, project.run.id, permissions()) as pages:
        before = certified.read(project.folder.landing)
        taken_back = _taken_back(project, before)
        for row in taken_back:
            pages.certify(row)
        before = before.noting(taken_back)
        known = coverage(before.said)
        revoked = revoked_ranges(project, before.said)

        def read(account: Account) -> None:
            if account.site_id is None:
                with suppress(MercadoLibreError):  # `missing_sellers` asks again
                    pages.add([settled(account, run_id=project.run.id)])
            proven = known.get(account.seller_id)
            leftover = left.get(account.seller_id, Leftovers())
            reader = OrderReader(
                account.client,
                pages,
                seller_id=account.seller_id,
                workers=project.settings.max_concurrency,
                holdback=project.holdback,
                progress=project.progress,
                leftovers=leftover.unproven() if span else leftover,
                after=before.newest,
            )
            if proven is None:
                prove_filter(account.client, account.seller_id)
            due = (
                merged([span, *revoked.get(account.seller_id, [])])
                if span
                else due_ranges(project, proven or Coverage())
            )
            try:
                reader.read(due)
                if not span:
                    reader.read(_closed_meanwhile(project))
            finally:
                certificates.extend(reader.certificates)

        for account, refused in for_each(project, read):
            if isinstance(refused, Exception):
                project.run.problems.append(f"seller {account.seller_id}: {refused}")
    return sorted(certificates, key=lambda row: (row.seller_id, row.checked_at))


def _closed_meanwhile(project: Project) -> Iterator[Range]:
    """The hours that have closed since the run began, until none has.

    Orders of days read earlier may have moved into them: without them no day of a long
    first sync would be complete. Example: a sync of 10:50 reads a year until 12:20. It
    goes on with the hours from 10:00 to 12:00, which takes a minute.
    """
    read_to = due_horizon(project.run.started_at, project.holdback).end
    while (end := due_horizon(datetime.now(UTC), project.holdback).end) > read_to:
        yield Range(read_to, end)
        read_to = end


def _taken_back(project: Project, before: Certified) -> list[Certificate]:
    """What revokes certificates that vouch for hours to come; this run reads them."""
    landing, now = project.folder.landing, project.run.started_at
    sellers = ahead(before.said, now)
    if not sellers or before.newest is None:
        return []
    found = premature(earlier.certificates(landing), sellers, now)
    read_until = {
        run_id: earlier.newest_update(landing, run_id)
        for run_id in {row.run_id for row in found}
    }
    made: list[Certificate] = []
    for number, row in enumerate(found, start=1):
        checked_at = before.newest + timedelta(microseconds=number)
        if (one := taken_back(row, read_until[row.run_id], checked_at)) is not None:
            made.append(one)
    return made
