"""Asks for many things by their id at once and lands each answer.

Not here: which ids are wanted; `defs/` asks the warehouse. Each module beside this one
names its endpoint: `packs.py`, `shipments.py`, `exchange_rates.py`, `sellers.py`.
"""

import contextlib
from collections.abc import Callable, Iterable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from itertools import islice
from typing import TypeVar

from pipeline.extraction.progress import Progress
from pipeline.landing.journal import Journal
from pipeline.landing.record import Record
from pipeline.mercadolibre.errors import (
    BadRequest,
    BrokenBody,
    Forbidden,
    MercadoLibreError,
    NotFound,
    PolicyRefused,
    RateLimited,
    ServerFault,
    Unreachable,
)

FAILURES_IN_A_ROW = 20
"""After so many answers lost in a row the network is gone: the rest is not asked."""

_NOT_ASKED = "not asked: no answer to those before it"
# What concerns one thing only; it stays wanted, and the next sync asks again.
_ANSWERED = (BadRequest, Forbidden, NotFound)
_LOST = (BrokenBody, RateLimited, ServerFault, Unreachable)

Wanted = TypeVar("Wanted")


@dataclass
class Tally:
    """What came of a list of wanted things; ``failed`` names each with its reason."""

    landed: int = 0
    failed: dict[str, str] = field(default_factory=dict)


@dataclass
class _Fetching:
    """What came of things so far, and how many answers in a row were lost."""

    journal: Journal
    progress: Progress
    tally: Tally = field(default_factory=Tally)
    losses: int = 0

    def take(self, one: object, task: Future[Record]) -> None:
        """Land an answer, or note why there is none.

        Raises:
            MercadoLibreError: what concerns more than this one thing.
        """
        if task.cancelled():
            self.tally.failed[str(one)] = _NOT_ASKED
            return
        try:
            record = task.result()
        except PolicyRefused:
            raise
        except (*_ANSWERED, *_LOST) as error:
            self.tally.failed[str(one)] = str(error)
            # Any answer, a refusal too, shows that the network is there.
            self.losses = self.losses + 1 if isinstance(error, _LOST) else 0
        else:
            self.journal.add([record])
            self.tally.landed += 1
            self.losses = 0
            self.progress.count(landed=1)


def fetch(
    wanted: Iterable[Wanted],
    ask: Callable[[Wanted], Record],
    *,
    journal: Journal,
    workers: int,
    progress: Progress,
) -> Tally:
    """Ask for each wanted thing once, in threads, and land the answers.

    Raises:
        MercadoLibreError: what concerns more than one thing: token, permission. What
            was answered before is landed all the same.
    """
    fetching = _Fetching(journal, progress)
    waiting = iter(wanted)
    running: dict[Future[Record], Wanted] = {}
    with ThreadPoolExecutor(workers, "single") as pool:
        try:
            while fetching.losses < FAILURES_IN_A_ROW:
                for one in islice(waiting, workers * 2 - len(running)):
                    running[pool.submit(ask, one)] = one
                if not running:
                    break
                done, _ = wait(running, return_when=FIRST_COMPLETED)
                for task in done:
                    fetching.take(running.pop(task), task)
        finally:
            # An answer that has come is landed, whatever became of the others.
            pool.shutdown(wait=True, cancel_futures=True)
            for task, one in running.items():
                with contextlib.suppress(MercadoLibreError):
                    fetching.take(one, task)
    fetching.tally.failed.update((str(one), _NOT_ASKED) for one in waiting)
    return fetching.tally
