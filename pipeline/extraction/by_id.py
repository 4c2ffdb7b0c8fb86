"""Asks for many things by their id at once and lands each answer.

Not here: which ids are wanted; `sync/by_id.py` asks the warehouse.
"""

import threading
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, TypeAlias, TypeVar

from pipeline.extraction import envelope
from pipeline.extraction.accounts import Account
from pipeline.extraction.progress import Progress
from pipeline.landing.journal import Journal
from pipeline.landing.record import Record
from pipeline.mercadolibre.client import MercadoLibre
from pipeline.mercadolibre.errors import (
    AnswerTooLarge,
    BadRequest,
    BrokenBody,
    Forbidden,
    MercadoLibreError,
    NotFound,
    PolicyRefused,
    RateLimited,
    Redirected,
    ServerFault,
    Unreachable,
)
from pipeline.mercadolibre.page import Page

Ask: TypeAlias = Callable[[MercadoLibre, Any], Page]
"""Asks the client for one thing, by its id or a pair of currencies."""

FAILURES_IN_A_ROW = 20
"""After so many answers lost in a row the network is gone: asks for nothing more."""

POLICY_REFUSALS_IN_A_ROW = 3
"""After so many refusals by policy in a row, asks for nothing more of the kind."""

_NOT_ASKED = "not asked: no answer to those before it"
_NOT_ALLOWED = "not asked: those before it were refused by policy"
# Answered, but with nothing: lands without a payload, and waits before the next
# request.
_REFUSED = (AnswerTooLarge, BadRequest, Forbidden, Redirected)
_LOST = (BrokenBody, RateLimited, ServerFault, Unreachable)

Wanted = TypeVar("Wanted")


@dataclass
class Tally:
    """What came of a list of wanted things; ``failed`` names each with its reason.

    ``answered`` are those of which a record landed, be it that of a refusal. One
    that ``is_given_up`` ended before its list did.
    """

    landed: int = 0
    failed: dict[str, str] = field(default_factory=dict)
    answered: set[str] = field(default_factory=set, compare=False)
    is_given_up: bool = field(default=False, compare=False)

    def add(self, other: "Tally") -> None:
        """Add what came of others."""
        self.landed += other.landed
        self.failed.update(other.failed)
        self.answered.update(other.answered)


class _Fetching:
    """What came of things so far, asked for by several threads at once."""

    def __init__(
        self,
        wanted: Iterable[Any],
        ask: Callable[[Any], Record],
        refused: Callable[[Any, MercadoLibreError], Record | None],
        journal: Journal,
        progress: Progress,
    ) -> None:
        self.tally = Tally()
        self.faults: list[BaseException] = []
        self._waiting = iter(wanted)
        self._ask = ask
        self._refused = refused
        self._journal = journal
        self._progress = progress
        self._lock = threading.Lock()
        self._losses = 0
        self._policy_refusals = 0

    @property
    def is_hopeless(self) -> bool:
        """Whether asking for the rest is of no use."""
        return (
            self._losses >= FAILURES_IN_A_ROW
            or self._policy_refusals >= POLICY_REFUSALS_IN_A_ROW
        )

    def work(self) -> None:
        """Ask for one thing after another, while there are any and it is of use."""
        while True:
            try:
                with self._lock:
                    if self.faults or self.is_hopeless:
                        return
                    one = next(self._waiting, None)
                if one is None:
                    return
                self._land_answer(one)
            except BaseException as fault:  # noqa: BLE001 - raised by `fetch`
                self.faults.append(fault)

    def pass_over_the_rest(self) -> None:
        """Note the things that were not asked for, with the reason."""
        is_lost = self._losses >= FAILURES_IN_A_ROW
        for one in self._waiting:
            self.tally.failed[str(one)] = _NOT_ASKED if is_lost else _NOT_ALLOWED

    def _land_answer(self, one: object) -> None:
        """Ask for a thing and land the answer, or note why there is none.

        Raises:
            MercadoLibreError: an error that concerns more than this one thing.
        """
        try:
            record = self._ask(one)
        except (*_REFUSED, NotFound, *_LOST) as error:
            with self._lock:
                self._note_failed(one, error)
        else:
            with self._lock:
                self._land(one, record)
                self.tally.landed += 1
                self._losses = self._policy_refusals = 0
                self._progress.count(landed=1)

    def _note_failed(self, one: object, error: MercadoLibreError) -> None:
        self.tally.failed[str(one)] = str(error)
        if isinstance(error, _REFUSED) and (told := self._refused(one, error)):
            self._land(one, told)
        # Any answer, a refusal too, shows that the network is there.
        self._losses = self._losses + 1 if isinstance(error, _LOST) else 0
        if not isinstance(error, _LOST):
            by_policy = isinstance(error, PolicyRefused)
            self._policy_refusals = self._policy_refusals + 1 if by_policy else 0

    def _land(self, one: object, record: Record) -> None:
        self._journal.add([record])
        self.tally.answered.add(resource_id(one))


def record(
    account: Account, resource: str, ask: Ask, thing: Any, *, run_id: str
) -> Record:
    """Ask for one thing, by its id or a pair of currencies, in the name of a seller.

    Its record is without a payload where it is not there.
    """
    page, seller_id = ask(account.client, thing), account.seller_id
    name = resource_id(thing)
    if resource == "orders":  # lands beside its versions from search, as one of them
        [(found, _)] = envelope.orders(page, seller_id=seller_id, run_id=run_id)
        return found._replace(resource_id=name)
    return envelope.single(
        page, resource=resource, resource_id=name, seller_id=seller_id, run_id=run_id
    )


def resource_id(thing: object) -> str:
    """A thing's id as it lands: a number, or a pair as in `ARS-BRL`."""
    return "-".join(map(str, thing)) if isinstance(thing, tuple) else str(thing)


def fetch(
    wanted: Iterable[Wanted],
    ask: Callable[[Wanted], Record],
    *,
    refused: Callable[[Wanted, MercadoLibreError], Record | None],
    journal: Journal,
    workers: int,
    progress: Progress,
) -> Tally:
    """Ask for each wanted thing once, in threads, and land the answers.

    A refusal concerns one thing only: it lands as the record that ``refused`` makes of
    it, if any, and the others are asked for. A policy that refuses several in a row
    refuses the whole kind.

    Raises:
        MercadoLibreError: an error that concerns everything, such as the token. What
            was answered before is landed.
    """
    fetching = _Fetching(wanted, ask, refused, journal, progress)
    with ThreadPoolExecutor(workers, "single") as pool:
        for _ in range(workers):
            pool.submit(fetching.work)
    if fetching.faults:
        # A full disk goes before what the API refuses.
        raise min(
            fetching.faults, key=lambda fault: isinstance(fault, MercadoLibreError)
        )
    fetching.tally.is_given_up = fetching.is_hopeless
    fetching.pass_over_the_rest()
    return fetching.tally
