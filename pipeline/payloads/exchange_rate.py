"""A currency conversion: only its `ratio` is read (`mercado-libre-api.md` §5)."""

from typing import ClassVar

from pydantic import BaseModel

from pipeline.payloads.values import Rate, keys


class ExchangeRate(BaseModel):
    """`amount_in_to = amount_in_from x ratio`; the pair is in the question asked."""

    unread: ClassVar[frozenset[str]] = keys(
        "currency_base currency_quote rate inv_rate creation_date valid_until "
        "mercado_pago_ratio"
    )
    ratio: Rate
