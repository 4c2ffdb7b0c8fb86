"""Which facts about a data folder are alerts at the moment.

Reads what landed and what is published; sends no request, writes nothing. Not here:
what they say (`words.py`), and which of them have been sent (`sent.py`).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from textwrap import shorten

from pipeline.extraction import certified
from pipeline.extraction.accounts import token_states, unused_since
from pipeline.extraction.coverage import shortfalls
from pipeline.inspection.last_run import failed_run
from pipeline.inspection.status import fraud_risks, published_at
from pipeline.report.formats import language_of
from pipeline.settings import Settings
from pipeline.sync.data_folder import DataFolder
from pipeline.warehouse.errors import NothingPublished, WarehouseError
from pipeline.warehouse.files import statement
from pipeline.warehouse.read import asking, query

UNUSED_AT_MOST = timedelta(days=90)
"""A month before Mercado Libre ends a token that nobody uses."""

_SHOWN_LETTERS = 300
_A_ROW = ", such as "
"""What follows in an outcome quotes a row, which may name a buyer."""


@dataclass(frozen=True)
class Alert:
    """One thing that must be known.

    Attributes:
        key: its kind and what it is about, as in `fraud:2000010000015301`.
        name: its words in `words.toml`.
        values: what is filled into them.
        site_id: the site whose language and clock it speaks; None for English, UTC.
        seller_id: whom it is about; None if about all.
    """

    key: str
    name: str
    values: Mapping[str, object] = field(default_factory=dict)
    site_id: str | None = None
    seller_id: int | None = None


@dataclass(frozen=True)
class Facts:
    """The alerts of one moment.

    Attributes:
        open: those that hold.
        unjudged: kinds of which nothing is known now; one that was open stays open.
        sites: each seller's own site, as published.
    """

    open: Sequence[Alert]
    unjudged: frozenset[str]
    sites: Mapping[int, str | None]


def facts(settings: Settings, now: datetime) -> Facts:
    """Find what is an alert now.

    While a run is at work its row has not its end: the one before stays as it was.
    """
    data_dir = settings.data_dir
    unjudged: set[str] = set()
    sites: Mapping[int, str | None] = {}
    sold: list[Alert] = []
    try:
        rows = query(data_dir, statement("questions/status_sellers"))
        sites = dict(rows.select("seller_id", "site_id").iter_rows())
        sold = [*_frauds(settings, sites), *_jumps(settings)]
    except NothingPublished:
        pass
    except WarehouseError:
        unjudged |= {"fraud", "jump"}
    common = _common(sites)
    if DataFolder(data_dir).holder() is not None:
        unjudged.add("run")
    found = [
        *(_runs(settings, common) if "run" not in unjudged else ()),
        *_stale(settings, now, common),
        *_tokens(settings, now, sites, common),
        *_windows(settings, now, sites),
        *sold,
    ]
    return Facts(found, frozenset(unjudged), sites)


def _common(sites: Mapping[int, str | None]) -> str | None:
    """A site for what is about everybody: one of all, if all speak one language."""
    known = sorted(one for one in sites.values() if one)
    return known[0] if len(set(map(language_of, sites.values()))) == 1 else None


def _runs(settings: Settings, site_id: str | None) -> Iterator[Alert]:
    run = failed_run(settings.data_dir)
    if run is not None:
        reason = shorten(run.outcome.partition(_A_ROW)[0], _SHOWN_LETTERS)
        values = {"asked": run.asked, "at": run.started_at, "reason": reason}
        yield Alert("run:", "run", values, site_id)


def _stale(settings: Settings, now: datetime, site_id: str | None) -> Iterator[Alert]:
    published = published_at(settings.data_dir)
    limit = timedelta(hours=settings.alert_after_hours)
    if published and now - published > limit:
        values = {"hours": settings.alert_after_hours, "at": published}
        yield Alert("stale:", "stale", values, site_id)


def _tokens(
    settings: Settings,
    now: datetime,
    sites: Mapping[int, str | None],
    common: str | None,
) -> Iterator[Alert]:
    since = {} if settings.access_token else unused_since(settings)
    for seller, state in token_states(settings).items():
        if seller and not settings.is_read(seller):
            continue
        site_id = sites.get(seller) if seller else common
        values = {"seller": seller, "days": (now - since.get(seller, now)).days}
        if state == "reauthorisation needed":
            yield Alert(f"token:{seller}", "token_refused", values, site_id, seller)
        elif now - since.get(seller, now) > UNUSED_AT_MOST:
            yield Alert(f"token:{seller}", "token_unused", values, site_id, seller)


def _windows(
    settings: Settings, now: datetime, sites: Mapping[int, str | None]
) -> Iterator[Alert]:
    """One alert a seller: its first window that is not complete, and how many are."""
    red: dict[int, list[dict[str, object]]] = {}
    for one in shortfalls(certified.read(settings.data_dir / "landing").said):
        if settings.is_read(one.seller_id) and one.window.start < now:
            red.setdefault(one.seller_id, []).append(
                {
                    "start": one.window.start,
                    "end": one.window.end,
                    "reason": shorten(f"{one.verdict}: {one.reason}", _SHOWN_LETTERS),
                }
            )
    for seller, windows in red.items():
        first = min(windows, key=lambda window: str(window["start"]))
        values = {"seller": seller, "count": len(windows), **first}
        yield Alert(f"windows:{seller}", "windows", values, sites.get(seller), seller)


def _frauds(settings: Settings, sites: Mapping[int, str | None]) -> Iterator[Alert]:
    with asking(settings.data_dir) as ask:
        risks = fraud_risks(ask)
    for risk in risks:
        for order_id in risk.order_ids if settings.is_read(risk.seller_id) else ():
            values = {"seller": risk.seller_id, "order": order_id}
            site_id = sites.get(risk.seller_id)
            yield Alert(f"fraud:{order_id}", "fraud", values, site_id, risk.seller_id)


def _jumps(settings: Settings) -> Iterator[Alert]:
    rows = query(settings.data_dir, statement("questions/alert_jumps"))
    for row in rows.iter_rows(named=True):
        if row["is_jump"] and settings.is_read(row["seller_id"]):
            seller, site_id = row["seller_id"], row["site_id"]
            key = f"jump:{seller} {site_id} {row['currency_id']}"
            values = {"seller": seller, "site": site_id, **row}
            yield Alert(key, "jump", values, site_id, seller)
