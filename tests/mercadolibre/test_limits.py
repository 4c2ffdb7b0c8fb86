"""Limits get lower by the API's own words, and never by anything else."""

import pytest

from pipeline.mercadolibre.errors import LimitExceeded
from pipeline.mercadolibre.limits import KnownLimits, Limits


@pytest.mark.parametrize(
    ("told", "is_of_use", "known"),
    [
        (20, True, Limits(page=20, ceiling=10_000)),
        (200, True, Limits(page=51, ceiling=200)),
        (51, True, Limits(page=51, ceiling=51)),
        (10_000, False, Limits(page=51, ceiling=10_000)),
        (None, False, Limits(page=51, ceiling=10_000)),
        (0, False, Limits(page=51, ceiling=10_000)),
    ],
)
def test_a_refusal_says_which_limit_is_lower(
    told: int | None, *, is_of_use: bool, known: Limits
) -> None:
    limits = KnownLimits()
    refusal = LimitExceeded("too much", ceiling=told)
    assert limits.learn(refusal, Limits()) is is_of_use
    assert limits.now == known


def test_what_another_thread_learnt_meanwhile_is_of_use_too() -> None:
    limits = KnownLimits()
    used = limits.now
    assert limits.learn(LimitExceeded("", ceiling=100), used)
    assert limits.learn(LimitExceeded("", ceiling=200), used)
    assert limits.now == Limits(page=51, ceiling=100)
    assert not limits.learn(LimitExceeded("", ceiling=100), limits.now)
