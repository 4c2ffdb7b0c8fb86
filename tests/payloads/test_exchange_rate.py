"""Of a conversion the ratio of the asked pair is read, in either spelling."""

import json
from decimal import Decimal
from typing import Any

import pytest

from pipeline.payloads.exchange_rate import ExchangeRate
from pipeline.payloads.verdict import judge


def told(asked: str, **answer: Any) -> ExchangeRate | str | None:
    """The record, or why there is none."""
    pair = {"currency_base": "USD", "currency_quote": "ARS"}
    found = judge(ExchangeRate, json.dumps(pair | answer), asked=asked)
    return found.reason or found.record  # type: ignore[return-value] # of this model


def test_a_ratio_wins_over_whatever_else_is_told() -> None:
    record = judge(ExchangeRate, '{"ratio": 950.5, "rate": 951.0}').record
    assert record == ExchangeRate(ratio=Decimal("950.5"))
    found = told("BRL-CLP", ratio=2, rate="odd", inv_rate=0)
    assert found == ExchangeRate(ratio=Decimal(2))


@pytest.mark.parametrize(
    ("asked", "answer", "ratio"),
    [
        ("USD-ARS", {"rate": 1400.5, "inv_rate": 0.000714}, "1400.5"),
        ("USD-ARS", {"ratio": None, "rate": 1400.5}, "1400.5"),
        # The other way round: as told, else worked out to twelve decimals.
        ("ARS-USD", {"rate": 1400.5, "inv_rate": 0.000714}, "0.000714"),
        ("ARS-USD", {"rate": 1400.5}, "0.000714030703"),
        ("ARS-USD", {"rate": 3, "inv_rate": None}, "0.333333333333"),
        ("ARS-USD", {"rate": 1.5}, "0.666666666667"),
        ("USD-ARS", {"inv_rate": "0.0025"}, "400"),
    ],
)
def test_the_other_spelling_is_read_for_the_pair_that_was_asked(
    asked: str, answer: dict[str, Any], ratio: str
) -> None:
    assert told(asked, **answer) == ExchangeRate(ratio=Decimal(ratio))


@pytest.mark.parametrize(
    ("asked", "answer", "reason"),
    [
        ("USD-BRL", {"rate": 5}, "currency_base, currency_quote: another pair than"),
        ("USD-ARS", {"currency_base": None, "rate": 5}, "ratio: missing"),
        ("USD-ARS", {}, "ratio: missing"),
        ("USD-ARS", {"rate": "many"}, "rate: expected a ratio above 0 and"),
        ("ARS-USD", {"rate": 1, "inv_rate": -1}, "inv_rate: expected a ratio above 0"),
        # One over it is more than a ratio may be.
        ("ARS-USD", {"rate": 0.00000001}, "ratio: expected a ratio above 0 and below"),
    ],
)
def test_a_rate_of_another_pair_or_of_none_is_refused(
    asked: str, answer: dict[str, Any], reason: str
) -> None:
    assert str(told(asked, **answer)).startswith(reason)


def test_a_body_without_ratio_is_refused() -> None:
    # Mercado Pago's host answers so.
    assert judge(ExchangeRate, '{"rate": 951.0}').reason == "ratio: missing"
