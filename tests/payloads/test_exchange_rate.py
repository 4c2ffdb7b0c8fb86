"""Of a conversion only the ratio is read."""

from decimal import Decimal

from pipeline.payloads.exchange_rate import ExchangeRate
from pipeline.payloads.verdict import judge


def test_only_the_ratio_is_read() -> None:
    record = judge("exchange_rates", '{"ratio": 950.5, "rate": 951.0}').record
    assert record == ExchangeRate(ratio=Decimal("950.5"))


def test_a_body_without_ratio_is_refused() -> None:
    # Mercado Pago's host answers so.
    assert judge("exchange_rates", '{"rate": 951.0}').reason == "ratio: missing"
