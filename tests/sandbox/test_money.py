"""Amounts are printed in the API's ways and mean the same cents in all of them."""

from decimal import Decimal

import pytest

from pipeline.sandbox.server.answers import encode
from pipeline.sandbox.world.money import (
    noisy,
    shared,
    shortest,
    three_places,
    two_places,
    whole_cents,
)


@pytest.mark.parametrize(("cents", "today", "before", "noise"), [
    (1429, "14.29", "14.29", "14.290000000000001"),
    (690, "6.90", "6.9", "6.900000000000001"),
    (2500, "25.00", "25", "25.000000000000004"),
    (0, "0.00", "0", "0"),
])  # fmt: skip
def test_an_amount_is_printed_in_three_ways(
    cents: int, today: str, before: str, noise: str
) -> None:
    printed = [encode(make(cents)).decode() for make in (two_places, shortest, noisy)]

    assert printed == [today, before, noise]


def test_noise_rounds_to_the_same_cents() -> None:
    for cents in range(1, 5000, 7):
        assert noisy(cents).quantize(Decimal("0.01")) == two_places(cents)


def test_thousandths_are_printed_as_they_are_and_rounded_half_up() -> None:
    assert encode(three_places(33_335)).decode() == "33.335"
    assert [whole_cents(1_004), whole_cents(1_005), whole_cents(0)] == [100, 101, 0]


def test_a_share_is_rounded_half_up() -> None:
    assert [shared(5, 0.5), shared(7, 0.5), shared(4, 0.1)] == [3, 4, 0]
