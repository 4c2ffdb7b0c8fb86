"""Asks again for things that notifications point at; lands what is there and ours.

Not here: which things (`notified.py`), and things that the warehouse lacks
(`by_id.py`).
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import msgspec

from pipeline.extraction import by_id
from pipeline.extraction.accounts import Account
from pipeline.extraction.by_id import Ask, Tally
from pipeline.landing import journal
from pipeline.landing.record import Record
from pipeline.mercadolibre.errors import MercadoLibreError, NotFound, PolicyRefused
from pipeline.sites import GLOBAL_SELLING
from pipeline.sync.by_id import for_each, note_failed
from pipeline.sync.project import Project
from pipeline.sync.resources import RESOURCES, permissions
from pipeline.warehouse.files import statement


class _Sold(msgspec.Struct):
    """Who sold an order, of its JSON text."""

    seller: dict[str, Any] | None = None


_DECODER = msgspec.json.Decoder(_Sold)


@dataclass
class Answers:
    """What came of things of one resource; one that is in no set was lost.

    Nobody knows whether a notification is genuine, so what is not there, refused, or an
    order of another seller (such as one that an account of ours has bought) leaves no
    trace in landing.
    """

    resource: str
    landed: set[int] = field(default_factory=set)
    absent: set[int] = field(default_factory=set)
    refused: set[int] = field(default_factory=set)
    foreign: set[int] = field(default_factory=set)
    tally: Tally = field(default_factory=Tally)

    def fetch(self, project: Project, things: Iterable[tuple[int, int]]) -> None:
        """Ask once a run for things, each with the seller in whose name to ask.

        Those that are lost become a problem of the run.
        """
        wanted: dict[int, set[int]] = {}
        for thing, seller_id in things:
            if thing not in self._answered:
                wanted.setdefault(seller_id, set()).add(thing)
        ask = RESOURCES[self.resource].ask
        if not wanted or ask is None:
            return
        station = f"notified {self.resource}"
        project.progress.begin(station, expected=sum(map(len, wanted.values())))
        sellers = _known_sellers(project)
        lost: dict[str, str] = {}
        landing, run_id = project.folder.landing, project.run.id
        with journal.opened(landing, run_id, permissions()) as pages:

            def fetched(account: Account) -> Tally:
                return by_id.fetch(
                    sorted(wanted.get(account.seller_id, ())),
                    self._reading(account, ask, sellers, run_id),
                    refused=self._refused,
                    journal=pages,
                    workers=project.settings.max_concurrency,
                    progress=project.progress,
                )

            for account, tally in for_each(project, fetched, at_once=1):
                if isinstance(tally, Exception):
                    lost[f"those of seller {account.seller_id}"] = str(tally)
                    continue
                self.landed |= set(map(int, tally.answered))
                self.tally.add(tally)
                lost |= {
                    thing: reason
                    for thing, reason in tally.failed.items()
                    if int(thing) not in self._answered
                }
        note_failed(project, station, lost)

    @property
    def _answered(self) -> set[int]:
        return self.landed | self.absent | self.refused | self.foreign

    def _reading(
        self, account: Account, ask: Ask, sellers: set[int], run_id: str
    ) -> Callable[[int], Record]:
        def one(thing: int) -> Record:
            found = by_id.record(account, self.resource, ask, thing, run_id=run_id)
            if found.payload is None:
                self.absent.add(thing)
                raise NotFound(f"GET {found.request}: not there")
            if self.resource == "orders" and _is_foreign(found, account, sellers):
                self.foreign.add(thing)
                raise NotFound(f"GET {found.request}: an order of another seller")
            return found

        return one

    def _refused(self, thing: int, error: MercadoLibreError) -> None:
        if not isinstance(error, PolicyRefused):  # that one is about the application
            self.refused.add(thing)


def _known_sellers(project: Project) -> set[int]:
    """Sellers of the settings, and those whose account was read before."""
    rows = project.warehouse().execute(statement("loading/sellers_read")).fetchall()
    named = {account.seller_id for account in project.accounts()}
    return named | {seller_id for (seller_id,) in rows}


def _is_foreign(found: Record, account: Account, sellers: set[int]) -> bool:
    """Whether an order names a seller that is none of ours.

    One of Global Selling may name the seller's account in the country of the sale; its
    endpoint answers for sales only.
    """
    if account.site_id == GLOBAL_SELLING:
        return False
    try:
        sold = _DECODER.decode(found.payload or "{}").seller or {}
        return int(sold["id"]) not in sellers
    except (msgspec.DecodeError, KeyError, TypeError, ValueError):
        return False  # quarantine says what is wrong with it
