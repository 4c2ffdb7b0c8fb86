"""The payments of an order: one or more, in full or in part, kept or given back.

Amounts of the items come from `orders`; here they are paid.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from pipeline.sandbox.world import fates
from pipeline.sandbox.world.catalogue import step_of
from pipeline.sandbox.world.chance import Stream, pick
from pipeline.sandbox.world.clock import stamp
from pipeline.sandbox.world.endings import ENDINGS, Ending
from pipeline.sandbox.world.facts import FIRST_SELLER_ID, Facts
from pipeline.sandbox.world.money import Printer, noisy
from pipeline.sandbox.world.objects import Object
from pipeline.sandbox.world.oddities import Oddities
from pipeline.sandbox.world.sites import Site

FIRST_PAYMENT_ID = 90_000_000_000
PAYMENTS_PER_ORDER = 4
"""Room for an order's payments between its ids and the next order's."""

_HOLDING = frozenset({"approved", "partially_refunded", "in_mediation"})
_SETTLED = _HOLDING | {"refunded", "charged_back"}
"""Statuses of payments that were approved once."""
_UNREFUNDED = frozenset({"approved", "rejected", "cancelled", "pending", "in_process"})
"""Payments of 2019 in these statuses lack the refunded amount of 0."""
_UNPAID = frozenset({
    "payment_required", "confirmed", "confirmed_unpaid", fates.EXPIRED
})  # fmt: skip


@dataclass(slots=True)
class Due:
    """What there is to pay for an order, in cents.

    ``shipping`` is None if the payment does not show its part of shipping.
    ``step`` is the smallest amount that can be paid: 1, or 100 without cents.
    """

    total: int
    shipping: int | None
    coupon: int
    fee: int
    step: int = 1

    def part(self, amount: int, share: float) -> int:
        """Return a share of an amount that can be paid: something, not all of it."""
        cut = int(amount * share) // self.step * self.step
        return min(max(cut, self.step), max(amount - self.step, self.step))


@dataclass(slots=True)
class Part:
    """One payment, in cents, before it is printed.

    ``held`` says that it counts in `paid_amount`.
    """

    amount: int
    status: str
    detail: str | None = "accredited"
    held: bool = False
    refunded: int = 0
    shipping: int | None = 0
    coupon: int = 0
    overpaid: int = 0
    fee: int = 0
    tags: tuple[str, ...] = ()

    @property
    def paid(self) -> int:
        """What the buyer paid: items and shipping, less coupon, plus surplus."""
        return self.amount + (self.shipping or 0) + self.overpaid - self.coupon


def parts(facts: Facts, due: Due, odd: Oddities, chance: Stream) -> list[Part]:
    """Split what is due into payments, each with its ending."""
    fate, kind, share = facts.fate, chance(), 0.2 + 0.6 * chance()
    if fate in _UNPAID:
        lapsed = fate == fates.EXPIRED and kind < 0.6
        return [Part(due.total, "cancelled", "expired")] if lapsed else []
    if fate in ("payment_in_process", "paying"):
        waiting = ("in_process", "pending_review_manual")
        pending = ("pending", "pending_waiting_payment")
        return [Part(due.total, *(waiting if kind < 0.5 else pending))]
    if fate == "invalid":
        return [Part(due.total, "rejected", "cc_rejected_high_risk")]
    if fate in ("partially_paid", "partly_paid"):
        return [Part(due.part(due.total, share), "approved", held=True)]
    made = _approved(due, kind, share)
    paying = [part for part in made if part.status == "approved"]
    _charge(paying, due)
    if kind > 0.996:
        paying[-1].overpaid = max(due.total // 50 // due.step, 1) * due.step
    if fate in ENDINGS:
        endings = ENDINGS[fate]
        _end(paying, endings[facts.content % len(endings)], due, share)
    elif odd.is_charged_twice and len(made) == 1:
        twice = replace(
            paying[0], status="refunded", detail="refunded", held=False,
            refunded=due.total, coupon=0, fee=0,
        )  # fmt: skip
        # Either of the two may be the one given back.
        made = [twice, *made] if share < 0.5 else [*made, twice]
    if odd.is_rejection_charged and made[0].status == "rejected":
        made[0].fee = due.fee
    return made


def paid(made: list[Part]) -> int:
    """`paid_amount` in cents: what was paid and not given back; 0 when all was."""
    return sum(part.paid - part.refunded for part in made if part.held)


def printed(
    facts: Facts,
    site: Site,
    made: list[Part],
    reason: str,
    amount: Printer,
    chance: Stream,
) -> list[Object]:
    """Print the payments as the order carries them; some fees with float noise."""
    return [
        _print(facts, site, number, part, reason, amount, chance)
        for number, part in enumerate(made)
    ]  # fmt: skip


def _approved(due: Due, kind: float, share: float) -> list[Part]:
    """Most pay once; some twice (two approved), some after a rejection."""
    if kind < 0.03 and due.total > due.step:
        first = due.part(due.total, share)
        return [
            Part(amount, "approved", held=True) for amount in (first, due.total - first)
        ]
    whole = Part(due.total, "approved", held=True)
    if kind < 0.06:
        return [Part(due.total, "rejected", "cc_rejected_insufficient_amount"), whole]
    return [whole]


def _charge(paying: list[Part], due: Due) -> None:
    """Put shipping and coupon on the first payment, the fee on all by amount."""
    paying[0].shipping = due.shipping
    paying[0].coupon = min(due.coupon, paying[0].amount - due.step)
    left = due.fee
    for part in paying[1:]:
        part.fee = due.fee * part.amount // max(due.total, 1) // due.step * due.step
        left -= part.fee
        if due.shipping is None:
            part.shipping = None
    paying[0].fee = left


def _end(paying: list[Part], ending: Ending, due: Due, share: float) -> None:
    """Let payments end; a part is given back of the first, and the rest is kept."""
    if ending.back == "part":
        first = paying[0]
        back = due.part(first.amount, share)
        first.refunded = min(back, max(first.paid - due.step, 0), first.amount)
        first.status, first.detail = ending.status, ending.detail
        return
    for part in paying:
        part.status, part.detail = ending.status, ending.detail
        part.held, part.tags = ending.is_held, ending.tags
        if ending.back == "all":
            part.refunded = part.amount


def _print(
    facts: Facts, site: Site, number: int, part: Part, reason: str, amount: Printer,
    chance: Stream,
) -> Object:  # fmt: skip
    method, kind = pick(site.means, chance())
    luck = chance()
    card = kind in ("credit_card", "debit_card")
    instalments = 1
    if kind == "credit_card" and luck < 0.45:
        instalments = (2, 3, 6, 10, 12)[int(luck / 0.45 * 5)]
    made_at = facts.created + 1 + number
    settled = part.status in _SETTLED
    approved_at = (facts.closed or made_at) - 1 if settled else None
    is_ended = part.status != "approved" or part.refunded
    changed_at = facts.updated if settled and is_ended else (approved_at or made_at)
    identity: int | str = FIRST_PAYMENT_ID + facts.number * PAYMENTS_PER_ORDER + number
    if facts.number % 53 == 0:
        identity = str(identity)
    offset = offset_of(facts)
    fee: Decimal = noisy(part.fee) if facts.number % 17 == 0 else amount(part.fee)
    tags: Object = {"tags": list(part.tags)} if part.tags else {}
    refunded: Object = (
        {}
        if facts.legacy and part.status in _UNREFUNDED and not part.refunded
        else {"transaction_amount_refunded": amount(part.refunded)}
    )
    step = step_of(site)
    return {
        "id": identity,
        "order_id": None,
        "payer_id": None,
        "collector": {"id": FIRST_SELLER_ID + facts.seller},
        "card_id": 200_000_000 + facts.buyer if card and luck < 0.3 else None,
        "reason": reason,
        "site_id": site.market,
        "payment_method_id": method,
        "currency_id": site.currency_id,
        "installments": instalments,
        "issuer_id": "24" if card else None,
        "atm_transfer_reference": {
            "transaction_id": f"{facts.number % 10**6:06d}" if card else None,
            "company_id": None,
        },
        "coupon_id": 500_000_000 + facts.number if part.coupon else None,
        "activation_uri": None,
        "operation_type": "regular_payment",
        "payment_type": kind,
        "available_actions": ["refund"] if part.status == "approved" else [],
        "status": part.status,
        "status_code": None,
        "status_detail": part.detail,
        "transaction_amount": amount(part.amount),
        **refunded,
        "taxes_amount": amount(0),
        "shipping_cost": None if part.shipping is None else amount(part.shipping),
        "coupon_amount": amount(part.coupon),
        "overpaid_amount": amount(part.overpaid),
        "total_paid_amount": amount(part.paid),
        "installment_amount": amount(part.paid // instalments // step * step)
        if card
        else None,
        "deferred_period": None,
        "date_approved": None if approved_at is None else stamp(approved_at, offset),
        "transaction_order_id": None,
        "date_created": stamp(made_at, offset),
        "date_last_modified": stamp(changed_at, offset),
        "marketplace_fee": fee,
        "reference_id": None,
        "authorization_code": f"{facts.number % 10**6:06d}" if card else None,
        **tags,
    }


def offset_of(facts: Facts) -> int:
    """Offset that an order's dates are printed with: -04:00, sometimes -03:00."""
    return -3 if facts.number % 97 == 5 else -4


def refund(payments: list[Object]) -> list[Object]:
    """The payments with everything given back, as after a late cancellation."""
    return [
        {
            **payment,
            "status": "refunded",
            "status_detail": "refunded",
            "transaction_amount_refunded": payment["transaction_amount"],
        }
        if payment["status"] in _HOLDING
        else payment
        for payment in payments
    ]


def is_kept(payment: Mapping[str, Any]) -> bool:
    """Whether money of this payment is with the seller, in whole or in part."""
    return payment["status"] in _HOLDING
