"""What a run asks the API for, step by step, as plain functions.

Each step asks the warehouse what is wanted, the API for that, and lands the answers.
Not here: Dagster (`defs/landing.py`), pages and proof (`extraction/`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from pipeline.extraction import sellers
from pipeline.extraction.accounts import Account
from pipeline.extraction.by_id import Tally
from pipeline.extraction.coverage import Coverage, coverage, due
from pipeline.extraction.orders import OrderReader
from pipeline.extraction.probe import prove_filter
from pipeline.extraction.resume import Leftovers, leftovers
from pipeline.extraction.windows import Range
from pipeline.landing import earlier, journal
from pipeline.landing.certificate import Certificate
from pipeline.mercadolibre.errors import MercadoLibreError
from pipeline.sync.by_id import fetch_wanted, for_each
from pipeline.sync.loading import compact, has_landed, load
from pipeline.sync.project import Project
from pipeline.warehouse.files import statement


@dataclass
class OrdersRead:
    """What reading orders brought: certificates, and how many looks at details."""

    certificates: list[Certificate] = field(default_factory=list)
    details: Tally = field(default_factory=Tally)


def held(project: Project) -> dict[int, Coverage]:
    """What earlier runs have proven, by seller, from the certificates on disk."""
    return coverage(earlier.certificates(project.landing))


def due_ranges(project: Project, known: Coverage) -> list[Range]:
    """What a sync without dates reads of a seller of whom so much is proven."""
    return due(known, project.started_at, project.lookback, project.holdback)


def due_of_everyone(project: Project) -> list[Range]:
    """What is due of all sellers that certificates or settings name, overlapping.

    Sends no request, so a seller that is known from its token alone is not among them,
    unless nothing was ever read: then everything is due.
    """
    known = held(project)
    if not known:
        return due_ranges(project, Coverage())
    return [
        one
        for seller_id in {*known, *project.settings.seller_ids}
        for one in due_ranges(project, known.get(seller_id, Coverage()))
    ]


def missing_sellers(project: Project) -> Tally:
    """Land the site of every seller whose account was not read yet.

    Without it the seller's sales may have no day, so that a failure is a problem.
    """
    load(project, ["sellers"])
    read = project.warehouse().execute(statement("loading/sellers_read")).fetchall()
    known = {seller_id for (seller_id,) in read}
    tally = Tally()
    with journal.opened(project.landing, project.run_id) as pages:
        for account in project.accounts():
            if account.seller_id in known:
                continue
            try:
                record = sellers.seller(
                    account.client, account.seller_id, run_id=project.run_id
                )
            except MercadoLibreError as error:
                tally.failed[str(account.seller_id)] = str(error)
            else:
                pages.add([record])
                tally.landed += 1
    for seller_id, reason in tally.failed.items():
        problem = f"seller {seller_id}: {reason}"
        if problem not in project.problems:
            project.problems.append(problem)
    return tally


def orders(project: Project, span: Range | None) -> OrdersRead:
    """Read every seller's orders, load them, and fetch what search does not tell."""
    journal.settle(project.landing)
    load_landed(project)
    compact(project)
    project.accounts()  # without a token for each there is nothing to begin
    result = OrdersRead(read_windows(project, span))
    load_landed(project)
    result.details = fetch_wanted(project, "orders")
    return result


def read_windows(project: Project, span: Range | None) -> list[Certificate]:
    """Land every seller's orders: a range again, or without one what is due.

    Resumes the unfinished windows of a crashed run. A range that is asked for is read
    whole, also what the crashed run had proven of it. A seller whose token or
    permission is refused does not keep the others from being read.

    When the reading has come to its end, with whatever problems, the next run takes
    nothing over from it or from the crashed run: what failed is due again.
    """
    left = _leftovers(project)
    earlier.open_run(project.landing, project.run_id)
    found = _read_windows(project, span, left)
    earlier.close_runs(project.landing)
    project.certificates.extend(found)
    return found


def load_landed(project: Project) -> None:
    """Load orders that have landed; sites first, they decide a sale's day."""
    if has_landed(project, "orders"):
        missing_sellers(project)
        load(project, ["sellers", "orders"])


def _leftovers(project: Project) -> dict[int, Leftovers]:
    """What crashed runs left, by seller."""
    dead = earlier.unfinished_runs(project.landing, project.run_id)
    if not dead:
        return {}
    return leftovers(
        [row for row in earlier.certificates(project.landing) if row.run_id in dead],
        earlier.orders_of(project.landing, dead),
        lookback=project.lookback,
        now=project.started_at,
    )


def _read_windows(
    project: Project,
    span: Range | None,
    left: Mapping[int, Leftovers],
) -> list[Certificate]:
    """Read the sellers side by side; returns their certificates, one after the other.

    What is refused to a seller is a problem of the run.
    """
    known = held(project)
    certificates: list[Certificate] = []
    project.progress.begin("orders")
    with journal.opened(project.landing, project.run_id) as pages:

        def read(account: Account) -> None:
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
            )
            if proven is None:
                prove_filter(account.client, account.seller_id)
            due = [span] if span else due_ranges(project, proven or Coverage())
            try:
                reader.read(due)
            finally:
                certificates.extend(reader.certificates)

        for account, refused in for_each(project, read):
            if isinstance(refused, Exception):
                project.problems.append(f"seller {account.seller_id}: {refused}")
    return sorted(certificates, key=lambda row: (row.seller_id, row.checked_at))


def requests(project: Project) -> dict[str, int]:
    """Requests sent so far by endpoint, all sellers together."""
    total: dict[str, int] = {}
    for account in project.asked_accounts():
        for endpoint, count in account.usage().requests.items():
            total[endpoint] = total.get(endpoint, 0) + count
    return dict(sorted(total.items()))
