"""The same work for several sellers at once: each has a budget of its own.

Not here: what the work is (`extracting.py`, `fetching.py`).
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from pipeline.defs.project import Project
from pipeline.extraction.accounts import Account
from pipeline.extraction.orders import FilterIgnored
from pipeline.mercadolibre.errors import MercadoLibreError

SELLERS_AT_ONCE = 8
"""The API counts requests by seller, so several do not slow each other down."""

Refused = FilterIgnored | MercadoLibreError
"""What concerns one seller only: its token, its permission, its network."""

Result = TypeVar("Result")


def for_each(
    project: Project,
    work: Callable[[Account], Result],
    at_once: int = SELLERS_AT_ONCE,
) -> list[tuple[Account, Result | Refused]]:
    """Do work in the name of every account; results in the order of the accounts.

    What is refused to one seller is its result and keeps no other from being read.
    Anything else, Ctrl-C above all, stops them all at their next answer.
    """
    accounts = project.accounts()

    def done(account: Account) -> Result | Refused:
        try:
            return work(account)
        except (FilterIgnored, MercadoLibreError) as refused:
            return refused

    if min(at_once, len(accounts)) < 2:
        return [(account, done(account)) for account in accounts]
    with ThreadPoolExecutor(at_once, "seller") as pool:
        tasks = [pool.submit(done, account) for account in accounts]
        try:
            return [
                (account, task.result())
                for account, task in zip(accounts, tasks, strict=True)
            ]
        except BaseException:
            project.progress.stop()
            pool.shutdown(wait=True, cancel_futures=True)
            raise
