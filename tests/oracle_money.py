"""Money for the oracle: rounding, cutting into parts, what a payment means.

Written from the words of the contract that outsiders rely on (docs/money.md). Nothing
of ours is imported: `oracle` says what an order is worth, `oracle_sums` adds it up.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any

Object = Mapping[str, Any]
LATEST = datetime.max.replace(tzinfo=UTC)
ZERO = Decimal("0.00")
CENT = Decimal("0.01")

# "half away from zero, at the last step, to the currency's own decimals (CLP and PYG
# have none), never finer than a cent"
WITHOUT_CENTS = frozenset({"CLP", "PYG"})


def step(currency: str) -> Decimal:
    """The smallest amount of a currency."""
    return Decimal(1) if currency in WITHOUT_CENTS else CENT


def exact(value: Any) -> Decimal:
    """An amount as sent, nothing rounded; 0 where there is none."""
    return Decimal(0) if value is None else Decimal(str(value))


def rounded(value: Fraction | Decimal, currency: str) -> Decimal:
    """Half away from zero to the currency's own decimals; always printed in cents."""
    unit = step(currency)
    if isinstance(value, Decimal):
        return value.quantize(unit, ROUND_HALF_UP).quantize(CENT) + ZERO
    count = abs(value) / Fraction(unit) + Fraction(1, 2)
    whole = Decimal(count.numerator // count.denominator) * unit
    return (whole if value >= 0 else -whole).quantize(CENT) + ZERO


def money(value: Any, currency: str) -> Decimal | None:
    """A sent amount, rounded; null where there is none."""
    return None if value is None else rounded(exact(value), currency)


def total(values: Iterable[Decimal | None]) -> Decimal:
    """What is known of some amounts, added up."""
    return sum((one for one in values if one is not None), start=ZERO)


def whole(values: Iterable[Decimal | None]) -> Decimal | None:
    """The sum; null where one of them is unknown."""
    found = list(values)
    return None if None in found else total(found)


def negative(value: Decimal | None) -> Decimal | None:
    """The amount taken away; never minus nothing."""
    return None if value is None else ZERO - value


def cut(
    amount: Decimal, weights: Mapping[int, Decimal], currency: str
) -> dict[int, Decimal]:
    """Part an amount by weight into smallest units that add up.

    "largest remainder in the currency's smallest unit, ties by" the lower key. Weights
    that are all 0 count alike; a negative amount is parted like the positive one.
    """
    if len(weights) == 1:
        return dict.fromkeys(weights, amount)
    if amount < 0:
        parts = cut(-amount, weights, currency)
        return {key: ZERO - part for key, part in parts.items()}
    unit = step(currency)
    units = int(amount / unit)
    shares = {key: Fraction(max(weight, Decimal(0))) for key, weight in weights.items()}
    if not sum(shares.values()):
        shares = dict.fromkeys(shares, Fraction(1))
    of_all = sum(shares.values())
    due = {key: units * share / of_all for key, share in shares.items()}
    counts = {key: int(part) for key, part in due.items()}
    left = units - sum(counts.values())
    for key in sorted(due, key=lambda one: (counts[one] - due[one], one))[:left]:
        counts[key] += 1
    return {key: (count * unit).quantize(CENT) for key, count in counts.items()}


def products(lines: Sequence[Object], name: str) -> list[Fraction | None]:
    """Per unit as sent x quantity, of each line; null where it is not told."""
    return [
        None
        if line.get(name) is None
        else Fraction(exact(line[name]) * line["quantity"])
        for line in lines
    ]


def added(values: Sequence[Fraction | None], currency: str) -> Decimal | None:
    """Exact amounts, added and rounded once; null where one is unknown."""
    known = [one for one in values if one is not None]
    return (
        None if len(known) < len(values) else rounded(sum(known, Fraction()), currency)
    )


# What became of a payment, by `status x status_detail` (docs/money.md).
_NEVER_MONEY = {"pending", "in_process", "authorized", "rejected", "cancelled"}
_SELLER_PAID_A_PART = {"partially_refunded", "partially_bpp_refunded"}
_SELLER_PAID = {None, "", "accredited", "refunded", "bpp_refunded"}


def is_covered(detail: Any) -> bool:
    """Whether "the buyer was paid by Mercado Libre", in part or whole."""
    return detail in ("bpp_covered", "partially_bpp_covered") or str(
        detail or ""
    ).startswith("ppv_covered")


def meaning(payment: Object) -> str:
    """What a payment is: none, taken, seller, mercado_libre, disputed or unknown."""
    status, detail = payment.get("status"), payment.get("status_detail")
    if detail in _SELLER_PAID_A_PART:
        return "seller"
    if detail == "partially_bpp_covered":
        return "mercado_libre"
    if status in _NEVER_MONEY:
        return "none"
    if status == "approved":
        return "mercado_libre" if is_covered(detail) else "taken"
    if status == "in_mediation":
        return "disputed"
    refunds = ("refunded", "partially_refunded")
    if status in (*refunds, "charged_back") and is_covered(detail):
        return "mercado_libre"
    if status in refunds and detail in _SELLER_PAID:
        return "seller"
    if status == "charged_back":
        settled = {"settled": "seller", "reimbursed": "taken", "in_process": "disputed"}
        return settled.get(str(detail), "unknown")
    return "unknown"


@dataclass(frozen=True)
class Moved:
    """What one payment took and what of it was given back; null is not known."""

    payment_id: int
    took_money: bool
    taken: Decimal
    returned: Decimal | None
    covered: Decimal | None
    disputed: Decimal
    is_given_back: bool
    payment: Object

    @property
    def went_back(self) -> bool:
        """Whether money of it went back, as far as known: a part is enough."""
        is_told = (self.returned, self.covered) != (ZERO, ZERO)
        to_account = "refund_account_money" in (self.payment.get("tags") or [])
        return self.took_money and (is_told or to_account)


def moved(payment: Object, currency: str) -> Moved:
    """Read one payment."""
    means, status = meaning(payment), payment.get("status")
    amount = money(payment.get("transaction_amount"), currency) or ZERO
    told = money(payment.get("transaction_amount_refunded"), currency)
    # "a payment that never took money counts nowhere"; a status that nobody knows
    # took none as far as one can tell, and what was given back is unknown.
    took = means != "none" and (
        means != "unknown"
        or status in ("refunded", "partially_refunded", "charged_back")
    )
    # "`refunded` with amount 0 ...: null": a payment that says it gave something back
    # and tells no amount. A charge-back is of the whole payment, unless of a part.
    detail = str(payment.get("status_detail") or "")
    is_whole = status == "charged_back" and not detail.startswith("partially_")
    back = amount if is_whole else (told or None)
    returned: Decimal | None = ZERO
    covered: Decimal | None = ZERO
    if means == "taken" and status == "approved":
        returned = told or ZERO
    elif means == "seller":
        returned = back
    elif means == "mercado_libre":
        covered = back
    elif means == "unknown":
        returned = covered = None
    known = total([returned, covered])
    return Moved(
        payment_id=int(payment["id"]),
        took_money=took,
        taken=amount if took else ZERO,
        returned=returned,
        covered=covered,
        # "`in_mediation`, `charged_back` not settled": nor known how it ended.
        disputed=amount
        if means == "disputed" or (means == "unknown" and status == "charged_back")
        else ZERO,
        is_given_back=took and (status == "refunded" or known >= amount > 0),
        payment=payment,
    )


def _changed(one: Moved) -> tuple[datetime, int]:
    told = one.payment.get("date_last_modified")
    return datetime.fromisoformat(told) if told else LATEST, one.payment_id


def refunds(
    payments: Sequence[Moved], order_total: Decimal
) -> dict[int, Decimal | None]:
    """What each payment gave back on goods, by payment id: 0 too, where it came twice.

    "Σ returned by the seller, less what came in twice (Σ taken above the order's
    total), not below 0": taken off the oldest refunds first.
    """
    twice = max(ZERO, total(one.taken for one in payments) - order_total)
    found: dict[int, Decimal | None] = {}
    for one in sorted(payments, key=_changed):
        if one.returned is None:
            found[one.payment_id] = None
        elif one.returned:
            off = min(one.returned, twice)
            twice -= off
            found[one.payment_id] = one.returned - off
    return found
