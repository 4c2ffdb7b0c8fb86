"""What a run asks the API for, step by step, as plain functions.

Each step asks the warehouse what is wanted, the API for that, and lands the answers.
Not here: Dagster (`landing.py`), pages and proof (`extraction/`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from pipeline.defs.fetching import ask_in_name_of
from pipeline.defs.loading import compact, has_landed, load
from pipeline.defs.project import Project
from pipeline.defs.sellers_at_once import for_each
from pipeline.extraction import (
    order_details,
    sellers,
)
from pipeline.extraction.accounts import Account
from pipeline.extraction.coverage import Coverage, coverage, due
from pipeline.extraction.orders import OrderReader
from pipeline.extraction.resume import Leftovers, leftovers
from pipeline.extraction.single import Tally
from pipeline.extraction.windows import Range
from pipeline.landing import earlier, journal
from pipeline.landing.journal import Journal
from pipeline.landing.window import WindowRow
from pipeline.mercadolibre.errors import MercadoLibreError
from pipeline.warehouse.files import statement
from pipeline.warehouse.wanted import versions_held, wanted

Doubtful = Mapping[str, datetime | None]
"""Orders that want a look at `/orders/{id}`, with the version that was seen."""


@dataclass
class OrdersRead:
    """What reading orders brought: certificates, and how many looks at details."""

    certificates: list[WindowRow] = field(default_factory=list)
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
    """Land the site of every seller whose account was not read yet."""
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
    return tally


def orders(project: Project, span: Range | None) -> OrdersRead:
    """Read every seller's orders: a range again, or without one what is due.

    What a run that died had landed is loaded first and its windows are gone on with. A
    seller whose token or permission is refused does not keep the others from being
    read.
    """
    journal.settle(project.landing)
    load_leftovers(project)
    compact(project)
    wanted_orders = wanted(project.warehouse(), "orders", now=project.now())
    dead = earlier.unfinished_runs(project.landing, project.run_id)
    left = leftovers(
        [
            row
            for row in (earlier.certificates(project.landing) if dead else ())
            if row.run_id in dead
        ],
        earlier.orders_of(project.landing, dead),
    )
    earlier.open_run(project.landing, project.run_id)
    known = held(project)
    result = OrdersRead()
    project.progress.begin("orders")
    with journal.opened(project.landing, project.run_id) as pages:

        def read(account: Account) -> Doubtful:
            return _read_seller(
                project,
                account,
                pages,
                result,
                known=known.get(account.seller_id),
                span=span,
                left=left.get(account.seller_id, Leftovers()),
            )

        again = {seller_id: set[int]() for _, seller_id in wanted_orders}
        for order_id, seller_id in wanted_orders:
            again[seller_id].add(order_id)
        for account, doubtful in for_each(project, read):
            if isinstance(doubtful, Exception):
                project.problems.append(f"seller {account.seller_id}: {doubtful}")
                again.pop(account.seller_id, None)
                continue
            again.setdefault(account.seller_id, set()).update(
                int(order_id)
                for order_id in doubtful.keys()
                - versions_held(project.warehouse(), doubtful)
                if order_id.isdigit()
            )
        _look_again(project, pages, again, result.details)
    # Sellers are read side by side; who reads this reads them one after the other.
    result.certificates.sort(key=lambda row: (row.seller_id, row.checked_at))
    project.certificates.extend(result.certificates)
    # What a broken run has landed of a window is gone on with by the next.
    if not project.problems and all(
        row.verdict != "failed" for row in result.certificates
    ):
        earlier.close_runs(project.landing)
    return result


def load_leftovers(project: Project) -> None:
    """Load what a run that died had landed; sites first, they decide a sale's day."""
    if has_landed(project, "orders"):
        missing_sellers(project)
        load(project, ["sellers", "orders"])


def _read_seller(
    project: Project,
    account: Account,
    pages: Journal,
    result: OrdersRead,
    *,
    known: Coverage | None,
    span: Range | None,
    left: Leftovers,
) -> Doubtful:
    """Read one seller's windows; returns the orders that want a look at the detail."""
    reader = OrderReader(
        account.client,
        pages,
        seller_id=account.seller_id,
        workers=project.settings.max_concurrency,
        holdback=project.holdback,
        progress=project.progress,
        leftovers=left,
    )
    if known is None:
        reader.prove_filter()
    try:
        reader.read([span] if span else due_ranges(project, known or Coverage()))
    finally:
        result.certificates.extend(reader.certificates)
    return reader.findings.doubtful


def _look_again(
    project: Project, pages: Journal, again: Mapping[int, set[int]], total: Tally
) -> None:
    """Land the detail of orders, by seller, that a search does not tell enough of."""

    def look(account: Account) -> Tally:
        wanted_ids = sorted(again.get(account.seller_id, ()))
        return ask_in_name_of(project, account, pages, wanted_ids, order_details.order)

    for account, tally in for_each(project, look):
        if isinstance(tally, Exception):
            project.problems.append(f"seller {account.seller_id}: {tally}")
            continue
        total.landed += tally.landed
        total.failed.update(tally.failed)


def requests(project: Project) -> dict[str, int]:
    """Requests sent so far by endpoint, all sellers together."""
    total: dict[str, int] = {}
    for account in project.asked_accounts():
        for endpoint, count in account.usage().requests.items():
            total[endpoint] = total.get(endpoint, 0) + count
    return dict(sorted(total.items()))
