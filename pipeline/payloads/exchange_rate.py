"""A currency conversion, in either of its spellings.

Fields: docs/mercado-libre-api.md, Currencies.
"""

from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Any, ClassVar

from pydantic import BaseModel, ValidationInfo, model_validator
from pydantic_core import PydanticCustomError

from pipeline.payloads.values import Rate, Ratio, keys

_FINEST = Decimal(1).scaleb(-12)
_EXACT = Context(prec=60)


class ExchangeRate(BaseModel):
    """`amount_in_to = amount_in_from x ratio`; the request names the pair.

    An answer without `ratio` has a `rate` from `currency_base` to `currency_quote` and
    its inverse; the judge derives the ratio of the requested pair from them. Example:
    request ARS-USD, base USD, quote ARS, rate 1400: the ratio is 1 / 1400. Not read:
    how long the answer is valid (we keep the first of a day), and Mercado Pago's ratio.
    """

    unread: ClassVar[frozenset[str]] = keys(
        "currency_base currency_quote rate inv_rate creation_date valid_until "
        "mercado_pago_ratio"
    )
    ratio: Rate

    @model_validator(mode="before")
    @classmethod
    def _ratio_of_the_other_spelling(cls, value: Any, info: ValidationInfo) -> Any:
        """Add `ratio`, unless the answer has one or lacks what it is derived from."""
        if not isinstance(value, dict) or value.get("ratio") is not None:
            return value
        base, quote = value.get("currency_base"), value.get("currency_quote")
        rates = ("rate", "inv_rate")
        if None in (base, quote) or not any(value.get(one) for one in rates):
            return value
        asked = (info.context or {}).get("asked")
        if asked == f"{quote}-{base}":
            rates = ("inv_rate", "rate")
        elif asked != f"{base}-{quote}":
            raise _refused("currency_base, currency_quote: another pair than was asked")
        return value | {"ratio": _ratio(value, *rates)}


def _ratio(value: dict[str, Any], direct: str, inverse: str) -> Decimal:
    """The direct rate if it is sent, else one divided by the inverse."""
    if value.get(direct) is not None:
        return _read(direct, value[direct])
    found = _EXACT.divide(Decimal(1), _read(inverse, value[inverse]))
    return found.quantize(_FINEST, ROUND_HALF_UP, _EXACT)


def _read(name: str, value: object) -> Decimal:
    try:
        return Ratio().read(value)
    except PydanticCustomError as error:
        raise _refused(f"{name}: {error.message()}") from None


def _refused(reason: str) -> PydanticCustomError:
    return PydanticCustomError("disagrees", "{reason}", {"reason": reason})
