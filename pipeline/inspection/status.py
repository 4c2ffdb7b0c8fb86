"""The state of a data folder: what is proven, missing or pending, and who works on it.

Reads landed certificates and the published warehouse; sends no request, writes nothing.
What asks the warehouse raises `WarehouseError` where it cannot be read.
Not here: printing it (`cli/status.py`), whether a sync would work (`doctor.py`) and how
the last run ended (`last_run.py`).
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import groupby
from operator import itemgetter
from pathlib import Path

import polars as pl

from pipeline.extraction import certified
from pipeline.extraction.accounts import TokenState, state_of, token_states
from pipeline.extraction.coverage import (
    Coverage,
    Shortfall,
    coverage,
    remembered_since,
    shortfalls,
)
from pipeline.extraction.windows import Range, without
from pipeline.inspection.inbox import inbox_state
from pipeline.inspection.integrity import faults
from pipeline.inspection.last_run import last_run
from pipeline.landing import earlier
from pipeline.landing.run import RunRow
from pipeline.notifications.inbox import InboxState
from pipeline.settings import Settings
from pipeline.sync.data_folder import DataFolder
from pipeline.warehouse.errors import (
    CannotOpen,
    NothingPublished,
    SchemaChanged,
    WarehouseError,
)
from pipeline.warehouse.files import statement
from pipeline.warehouse.publish import LINK_NAME, made_by
from pipeline.warehouse.read import Ask, asking, change


@dataclass(frozen=True)
class Pending:
    """Shipments of one seller that are not final."""

    absent_count: int = 0
    moving_count: int = 0
    missing_count: int = 0


@dataclass(frozen=True)
class QuarantinedRecord:
    """Unresolved records of one seller and resource that share a reason."""

    seller_id: int
    resource: str
    reason: str
    record_count: int
    sample_resource_id: str


@dataclass(frozen=True)
class RefusedThings:
    """Things of one seller and resource that Mercado Libre refuses with a status."""

    seller_id: int
    resource: str
    http_status: int
    thing_count: int
    sample_resource_id: str

    @property
    def words(self) -> str:
        """What they are, as in `order discounts`."""
        return self.resource.replace("_", " ")

    def __str__(self) -> str:
        """One line that names them."""
        return (
            f"seller {self.seller_id}, {self.words}: {self.thing_count:,} such as "
            f"{self.sample_resource_id} ({self.http_status})"
        )


@dataclass(frozen=True)
class Dayless:
    """Sales of one seller on one site without a day: the site's clock is unknown."""

    seller_id: int
    site_id: str | None
    order_count: int
    sample_order_id: int

    def __str__(self) -> str:
        """One line that names the sales and says what to do."""
        sales = "sale has" if self.order_count == 1 else "sales have"
        named = f"{self.order_count:,} {sales} no day, such as {self.sample_order_id}"
        if self.site_id is None:
            return (
                f"seller {self.seller_id}: {named}: the site is not known; "
                "set MELI_SITE"
            )
        return (
            f"seller {self.seller_id}: {named}: the clock of site {self.site_id} is "
            "not known; update meli-sales"
        )


NAMED_ORDERS = 10
"""So many orders are named in a line; the warehouse has them all."""

SOON = timedelta(days=1)


@dataclass(frozen=True)
class FraudRisks:
    """Orders of one seller that are to be cancelled instead of shipped.

    Attributes:
        shipped_count: those of them that are on their way already.
    """

    seller_id: int
    order_ids: Sequence[int]
    shipped_count: int

    def __str__(self) -> str:
        """One line that names the orders and says what to do."""
        count = len(self.order_ids)
        named = ", ".join(map(str, self.order_ids[:NAMED_ORDERS]))
        more = f" and {count - NAMED_ORDERS:,} more" if count > NAMED_ORDERS else ""
        sent = f"; {self.shipped_count:,} on the way" if self.shipped_count else ""
        return (
            f"seller {self.seller_id}: {count:,} {'order' if count == 1 else 'orders'} "
            f"with fraud risk, not to be shipped but cancelled: {named}{more}{sent}"
        )


@dataclass(frozen=True)
class Expiring:
    """Unpaid orders of one seller that expire within a day.

    Attributes:
        total_amount: their goods, in `currency_id`.
        first_expires_at: when the first of them expires, UTC.
    """

    seller_id: int
    currency_id: str
    order_count: int
    total_amount: Decimal
    first_expires_at: datetime

    def __str__(self) -> str:
        """One line with their number and amount."""
        orders = "order expires" if self.order_count == 1 else "orders expire"
        return (
            f"seller {self.seller_id}: {self.order_count:,} unpaid {orders} within a "
            f"day, from {self.first_expires_at:%Y-%m-%d %H:%M} UTC on: "
            f"{self.total_amount:,} {self.currency_id}"
        )


@dataclass(frozen=True)
class SellerStatus:
    """One seller; what comes from the warehouse is None if that cannot be read.

    Attributes:
        complete_until: the end of the last complete hour before the first gap, UTC.
        lag: from there to now.
        red: windows that are not complete, by their latest certificates.
        gaps: hours between complete ones without a certificate.
        is_read: whether syncs read it; not if it left MELI_SELLER_IDS.
    """

    seller_id: int
    token: TokenState
    complete_until: datetime | None
    lag: timedelta | None
    red: Sequence[Shortfall]
    gaps: Sequence[Range]
    quarantined_count: int | None
    pending: Pending | None
    is_read: bool = True


@dataclass(frozen=True)
class Published:
    """What the published warehouse holds; None for what cannot be read.

    ``note`` says why it could not be read, if so.
    """

    sellers: Sequence[int] = ()
    pending: dict[int, Pending] | None = None
    quarantine: Sequence[QuarantinedRecord] | None = None
    refused: Sequence[RefusedThings] = ()
    dayless: Sequence[Dayless] = ()
    fraud_risks: Sequence[FraudRisks] = ()
    expiring: Sequence[Expiring] = ()
    note: str | None = None


@dataclass(frozen=True)
class FolderStatus:
    """A data folder at one moment.

    Attributes:
        holder: the process that works on the folder, in words; None without one.
        last_run: the run that ended last.
        is_interrupted: a run stopped half way; the next sync resumes it.
        published_at: when the warehouse that people read was made, UTC.
        is_behind: the last run ended without publishing, so people read less than has
            landed.
        lost: landed files that are gone or damaged, in words.
        inbox: what waits of notifications; None where nobody has listened.
        published: what the published warehouse holds.
    """

    data_dir: Path
    now: datetime
    holder: str | None = None
    last_run: RunRow | None = None
    is_interrupted: bool = False
    published_at: datetime | None = None
    is_behind: bool = False
    lost: Sequence[str] = ()
    inbox: InboxState | None = None
    sellers: Sequence[SellerStatus] = ()
    published: Published = field(default_factory=Published)

    @property
    def is_empty(self) -> bool:
        """Whether nothing has ever been read into this folder."""
        return (
            self.last_run is None
            and not self.is_interrupted
            and not any(seller.complete_until or seller.red for seller in self.sellers)
        )


def folder_status(settings: Settings, now: datetime) -> FolderStatus:
    """Read the state of the data folder.

    Certificates and runs that cannot be read count as not there.
    """
    landing = settings.data_dir / "landing"
    # Hours to come are neither proven nor short: a clock that was ahead certified them.
    said = certified.read(landing).until(now)
    proven = coverage(said)
    red = [one for one in shortfalls(said) if one.window.start < now]
    published = _published(settings.data_dir, now)
    states = token_states(settings)
    named = {seller for seller in states if seller is not None}
    known = {*proven, *settings.seller_ids, *published.sellers, *named}
    folder = DataFolder(settings.data_dir)
    holder = folder.holder()
    last = last_run(landing)
    return FolderStatus(
        data_dir=settings.data_dir,
        now=now,
        holder=holder,
        last_run=last,
        is_interrupted=holder is None and bool(earlier.unfinished_runs(landing, "")),
        published_at=published_at(settings.data_dir),
        # A run still at work has recorded its row already and publishes later.
        is_behind=holder is None
        and last is not None
        and not made_by(settings.data_dir, last.run_id),
        # While a run writes, a file may be there before its line.
        lost=[] if holder else faults(folder),
        inbox=inbox_state(settings.data_dir, now),
        sellers=[
            _seller(
                seller_id,
                proven.get(seller_id, Coverage()),
                [one for one in red if one.seller_id == seller_id],
                published,
                state_of(states, seller_id),
                now,
                is_read=settings.is_read(seller_id),
            )
            for seller_id in sorted(known)
        ],
        published=published,
    )


def fraud_risks(ask: Ask) -> list[FraudRisks]:
    """Orders not to be shipped, by seller, in the published warehouse."""
    rows = _rows(ask, "fraud_risks").rows(named=True)
    return [
        FraudRisks(
            seller_id,
            [row["order_id"] for row in orders],
            sum(row["is_shipped"] for row in orders),
        )
        for seller_id, group in groupby(rows, itemgetter("seller_id"))
        for orders in [list(group)]
    ]


def expiring_orders(ask: Ask, now: datetime) -> list[Expiring]:
    """Unpaid orders that expire within a day from now, in the published warehouse."""
    waiting = _rows(ask, "awaiting_payment")
    soon = waiting.filter(pl.col("expires_at").is_between(now, now + SOON))
    found = soon.group_by("seller_id", "currency_id", maintain_order=True).agg(
        order_count=pl.len(),
        total_amount=pl.col("total_amount").sum(),
        first_expires_at=pl.col("expires_at").min(),
    )
    return [Expiring(**row) for row in found.iter_rows(named=True)]


def dayless_sales(ask: Ask) -> list[Dayless]:
    """Sales that no table of days or months counts, in the published warehouse."""
    rows = _rows(ask, "dayless_sales")
    return [Dayless(**row) for row in rows.iter_rows(named=True)]


def refused_things(ask: Ask) -> list[RefusedThings]:
    """What Mercado Libre refuses to tell, in the published warehouse."""
    rows = _rows(ask, "refused")
    return [RefusedThings(**row) for row in rows.iter_rows(named=True)]


def quarantined_count(ask: Ask) -> int:
    """Unresolved records in quarantine, in the published warehouse.

    A record refused several times counts once.
    """
    unresolved = ask(statement("loading/unresolved_records"))
    return unresolved.n_unique(["resource", "resource_id"])


def published_at(data_dir: Path) -> datetime | None:
    """When the version that people read was made; None without one."""
    link = data_dir / LINK_NAME
    if not link.exists():
        return None
    return datetime.fromtimestamp(link.stat().st_mtime, UTC)


def published_complete_to(ask: Ask) -> datetime | None:
    """The hour, UTC, before which no order of any seller is missing there."""
    rows = ask("select complete_to from ops.published")
    found: datetime | None = rows["complete_to"][0]
    return found


def _published(data_dir: Path, now: datetime) -> Published:
    refused: Sequence[RefusedThings] = ()
    risks: Sequence[FraudRisks] = ()
    expiring: Sequence[Expiring] = ()
    try:
        with asking(data_dir) as ask:
            sellers = _rows(ask, "sellers")
            pending = _rows(ask, "shipments")
            quarantine = _rows(ask, "quarantine")
            dayless = dayless_sales(ask)
            # What an earlier version published lacks the columns until the next
            # sync.
            with suppress(SchemaChanged):
                refused = refused_things(ask)
                risks = fraud_risks(ask)
                expiring = expiring_orders(ask, now)
    except NothingPublished:
        return Published()
    except CannotOpen as error:
        return Published(note=str(error))
    except WarehouseError as error:
        return Published(note=f"{error}; try `meli-sales rebuild`")
    return Published(
        sellers=sellers["seller_id"].to_list(),
        pending={
            row.pop("seller_id"): Pending(**row)
            for row in pending.iter_rows(named=True)
        },
        quarantine=[
            QuarantinedRecord(**row) for row in quarantine.iter_rows(named=True)
        ],
        refused=refused,
        dayless=dayless,
        fraud_risks=risks,
        expiring=expiring,
        note=change(data_dir),
    )


def _rows(ask: Ask, name: str) -> pl.DataFrame:
    return ask(statement(f"questions/status_{name}"))


def _seller(
    seller_id: int,
    proven: Coverage,
    red: Sequence[Shortfall],
    published: Published,
    token: TokenState,
    now: datetime,
    *,
    is_read: bool,
) -> SellerStatus:
    until, newest = proven.complete_until(remembered_since(now)), proven.newest()
    gaps: Sequence[Range] = []
    if until and newest:
        whole = Range(until, newest)
        gaps = without([whole], [*proven.proven, *proven.red])
    return SellerStatus(
        seller_id=seller_id,
        token=token,
        complete_until=until,
        lag=max(now - until, timedelta()) if until else None,
        red=red,
        gaps=gaps,
        quarantined_count=None
        if published.quarantine is None
        else sum(
            one.record_count
            for one in published.quarantine
            if one.seller_id == seller_id
        ),
        pending=None
        if published.pending is None
        else published.pending.get(seller_id, Pending()),
        is_read=is_read,
    )
