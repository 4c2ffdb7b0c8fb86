"""Sellers are worked for side by side, and what is refused to one is its own."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest

from pipeline.extraction.accounts import Account
from pipeline.extraction.progress import Progress, Stopped
from pipeline.mercadolibre.bounds import Bounds
from pipeline.mercadolibre.errors import AskingEnded, FilterIgnored, Unauthorised
from pipeline.sync.by_id import SELLERS_AT_ONCE, for_each


@dataclass
class Run:
    """As much of a project as this needs: sellers, progress and bounds."""

    sellers: int
    progress: Progress = field(default_factory=Progress)
    bounds: Bounds = field(default_factory=Bounds)

    def accounts(self) -> Sequence[Account]:
        nothing: Any = None
        return [Account(number, nothing, nothing) for number in range(self.sellers)]


def results(run: Any, work: Any) -> list[Any]:
    found = for_each(run, work)
    assert [account.seller_id for account, _ in found] == list(range(run.sellers))
    return [result for _, result in found]


def test_several_sellers_are_worked_for_at_the_same_time() -> None:
    together = threading.Barrier(SELLERS_AT_ONCE, timeout=10)

    def work(account: Account) -> int:
        together.wait()
        return account.seller_id * 2

    count = 2 * SELLERS_AT_ONCE
    assert results(Run(count), work) == [2 * number for number in range(count)]


@pytest.mark.parametrize("sellers", [1, 5])
@pytest.mark.parametrize("refused", [Unauthorised("no"), FilterIgnored("no")])
def test_what_is_refused_to_one_is_its_result_and_nobody_elses(
    sellers: int, refused: Exception
) -> None:
    def work(account: Account) -> str:
        if account.seller_id == 0:
            raise refused
        return "read"

    assert results(Run(sellers), work) == [refused, *["read"] * (sellers - 1)]


def test_anything_else_stops_the_others_at_their_next_answer() -> None:
    run = Run(3)
    ends: list[str] = []
    begun = threading.Barrier(3, timeout=10)

    def work(account: Account) -> None:
        begun.wait()
        if account.seller_id == 0:
            raise KeyboardInterrupt
        while True:  # an endless reading, but for the stop
            try:
                run.progress.count(landed=1)
            except Stopped:
                ends.append("stopped")
                raise

    with pytest.raises(KeyboardInterrupt):
        results(run, work)
    assert ends == ["stopped"] * 2
    run.progress.begin("another station")
    run.progress.count(landed=1)
    assert run.progress.state.landed == 1, "the next begins anew"


@pytest.mark.parametrize("sellers", [1, 3])
def test_ctrl_c_waits_for_no_answer(sellers: int) -> None:
    run = Run(sellers)

    def work(account: Account) -> None:
        if account.seller_id == 0:
            raise KeyboardInterrupt
        run.bounds.wait(600)  # an answer that does not come

    with pytest.raises(KeyboardInterrupt):
        results(run, work)
    with pytest.raises(AskingEnded):
        run.bounds.check()


def test_a_bug_in_one_seller_does_not_end_the_asking() -> None:
    run = Run(2)

    def work(account: Account) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        results(run, work)
    run.bounds.check()


def test_nobody_to_work_for_is_no_work() -> None:
    assert results(Run(0), lambda _: 1) == []
