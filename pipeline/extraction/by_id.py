"""Asks for many things by their id at once and lands each answer.

Not here: which ids are wanted; `sync/by_id.py` asks the warehouse.
"""

import contextlib
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import islice
from queue import SimpleQueue
from typing import Any, TypeAlias, TypeVar

from pipeline.extraction import envelope
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


@dataclass
class _Fetching:
    """What came of things so far, and how many in a row were lost or refused."""

    journal: Journal
    progress: Progress
    refused: Callable[[Any, MercadoLibreError], Record | None]
    tally: Tally = field(default_factory=Tally)
    losses: int = 0
    policy_refusals: int = 0

    @property
    def is_hopeless(self) -> bool:
        """Whether asking for the rest is of no use."""
        return (
            self.losses >= FAILURES_IN_A_ROW
            or self.policy_refusals >= POLICY_REFUSALS_IN_A_ROW
        )

    def pass_over(self, one: object) -> None:
        """Note a thing as not asked for, with the reason."""
        is_lost = self.losses >= FAILURES_IN_A_ROW
        self.tally.failed[str(one)] = _NOT_ASKED if is_lost else _NOT_ALLOWED

    def take(self, one: object, task: Future[Record]) -> None:
        """Land an answer, or note why there is none.

        Raises:
            MercadoLibreError: an error that concerns more than this one thing.
        """
        if task.cancelled():
            self.pass_over(one)
            return
        try:
            record = task.result()
        except (*_REFUSED, NotFound, *_LOST) as error:
            self.tally.failed[str(one)] = str(error)
            if isinstance(error, _REFUSED) and (told := self.refused(one, error)):
                self._land(one, told)
            # Any answer, a refusal too, shows that the network is there.
            self.losses = self.losses + 1 if isinstance(error, _LOST) else 0
            if not isinstance(error, _LOST):
                by_policy = isinstance(error, PolicyRefused)
                self.policy_refusals = self.policy_refusals + 1 if by_policy else 0
        else:
            self._land(one, record)
            self.tally.landed += 1
            self.losses = self.policy_refusals = 0
            self.progress.count(landed=1)

    def _land(self, one: object, record: Record) -> None:
        self.journal.add([record])
        self.tally.answered.add(resource_id(one))


def record(
    client: MercadoLibre,
    resource: str,
    ask: Ask,
    thing: Any,
    *,
    seller_id: int,
    run_id: str,
) -> Record:
    """Ask for one thing; its record to land, without a payload where it is not there.

    Args:
        client: asks in the seller's name.
        resource: its name in landing.
        ask: asks for one of it.
        thing: its id, or a pair of currencies.
        seller_id: whose token asks.
        run_id: the run that lands it.
    """
    page = ask(client, thing)
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
    fetching = _Fetching(journal, progress, refused)
    waiting = iter(wanted)
    running: dict[Future[Record], Wanted] = {}
    # Waiting for the first of many futures looks at each of them every time.
    answered: SimpleQueue[Future[Record]] = SimpleQueue()
    with ThreadPoolExecutor(workers, "single") as pool:
        try:
            while not fetching.is_hopeless:
                for one in islice(waiting, workers * 2 - len(running)):
                    task = pool.submit(ask, one)
                    running[task] = one
                    task.add_done_callback(answered.put)
                if not running:
                    break
                task = answered.get()
                fetching.take(running.pop(task), task)
        finally:
            # Land every answer that has come, even if others failed.
            pool.shutdown(wait=True, cancel_futures=True)
            for task, one in running.items():
                with contextlib.suppress(MercadoLibreError):
                    fetching.take(one, task)
    fetching.tally.is_given_up = fetching.is_hopeless
    for one in waiting:
        fetching.pass_over(one)
    return fetching.tally
