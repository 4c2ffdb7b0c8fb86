"""The payments of an order: one or more, in full or in part, kept or given back.

Amounts of the items come from `orders`; here they are paid.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from pipeline.sandbox import fates
from pipeline.sandbox.chance import Stream, pick
from pipeline.sandbox.clock import stamp
from pipeline.sandbox.facts import FIRST_SELLER_ID, Facts
from pipeline.sandbox.money import Printer, noisy
from pipeline.sandbox.sites import Site

Object = dict[str, Any]

FIRST_PAYMENT_ID = 90_000_000_000
PAYMENTS_PER_ORDER = 4
"""Room for an order's payments between its ids and the next order's."""

_KEPT = frozenset({"approved", "partially_refunded"})
_REFUNDED = frozenset({
    "buyer_cancelled", "seller_cancelled", "mediation_cancelled",
    "shipment_cancelled", "fraud_cancelled", "refunded_unfulfilled",
    "not_completed", fates.SPLIT,
})  # fmt: skip
_UNPAID = frozenset({"payment_required", "confirmed", fates.EXPIRED})


@dataclass(slots=True)
class Due:
    """What there is to pay for an order, in cents."""

    total: int
    shipping: int
    coupon: int
    fee: int


@dataclass(slots=True)
class Part:
    """One payment, in cents, before it is printed."""

    amount: int
    status: str
    detail: str | None = "accredited"
    refunded: int = 0
    shipping: int = 0
    coupon: int = 0
    overpaid: int = 0
    fee: int = 0

    @property
    def paid(self) -> int:
        """What the buyer paid: items and shipping, less coupon, plus surplus."""
        return self.amount + self.shipping + self.overpaid - self.coupon


def parts(facts: Facts, due: Due, chance: Stream) -> list[Part]:
    """Cut what is due into payments and say what became of each."""
    fate, kind, share = facts.fate, chance(), 0.2 + 0.6 * chance()
    if fate in _UNPAID:
        lapsed = fate == fates.EXPIRED and kind < 0.6
        return [Part(due.total, "cancelled", "expired")] if lapsed else []
    if fate == "payment_in_process":
        waiting = ("in_process", "pending_review_manual")
        pending = ("pending", "pending_waiting_payment")
        return [Part(due.total, *(waiting if kind < 0.5 else pending))]
    if fate == "invalid":
        return [Part(due.total, "rejected", "cc_rejected_high_risk")]
    if fate == "partially_paid":
        return [Part(max(int(due.total * share), 1), "approved")]
    made = _approved(due, kind, share)
    paying = [part for part in made if part.status == "approved"]
    _charge(paying, due)
    if kind > 0.996:
        paying[-1].overpaid = max(due.total // 50, 1)
    if fate in _REFUNDED:
        _give_back(paying, kept_open=fate == fates.SPLIT or kind < 0.15)
    elif fate == "partially_refunded":
        first = paying[0]
        back = max(int(first.amount * share), 1)
        first.refunded = min(back, max(first.paid - 1, 0), first.amount)
        first.status = "partially_refunded" if kind < 0.5 else "approved"
        first.detail = "partially_refunded"
    return made


def paid(made: list[Part]) -> int:
    """`paid_amount` in cents: what was paid and not given back; 0 when all was."""
    return sum(part.paid - part.refunded for part in made if part.status in _KEPT)


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
    if kind < 0.03 and due.total > 1:
        first = min(max(int(due.total * share), 1), due.total - 1)
        return [Part(first, "approved"), Part(due.total - first, "approved")]
    if kind < 0.06:
        rejected = Part(due.total, "rejected", "cc_rejected_insufficient_amount")
        return [rejected, Part(due.total, "approved")]
    return [Part(due.total, "approved")]


def _charge(paying: list[Part], due: Due) -> None:
    """Put shipping and coupon on the first payment, the fee on all by amount."""
    paying[0].shipping = due.shipping
    paying[0].coupon = min(due.coupon, paying[0].amount - 1)
    left = due.fee
    for part in paying[1:]:
        part.fee = due.fee * part.amount // max(due.total, 1)
        left -= part.fee
    paying[0].fee = left


def _give_back(paying: list[Part], *, kept_open: bool) -> None:
    """Refund everything, or show that the money was never captured."""
    for part in paying:
        if kept_open:
            part.status, part.detail = "cancelled", "by_collector"
        else:
            part.status, part.detail = "refunded", "refunded"
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
    settled = part.status in ("approved", "refunded", "partially_refunded")
    approved_at = (facts.closed or made_at) - 1 if settled else None
    changed_at = facts.updated if part.refunded else (approved_at or made_at)
    identity: int | str = FIRST_PAYMENT_ID + facts.number * PAYMENTS_PER_ORDER + number
    if facts.number % 53 == 0:
        identity = str(identity)
    offset = offset_of(facts)
    fee: Decimal = noisy(part.fee) if facts.number % 17 == 0 else amount(part.fee)
    tags: Object = (
        {"tags": ["refund_account_money"]}
        if facts.fate == "refunded_unfulfilled"
        else {}
    )
    refunded: Object = (
        {}
        if facts.legacy and not part.refunded
        else {"transaction_amount_refunded": amount(part.refunded)}
    )
    return {
        "id": identity,
        "order_id": None,
        "payer_id": None,
        "collector": {"id": FIRST_SELLER_ID + facts.seller},
        "card_id": 200_000_000 + facts.buyer if card and luck < 0.3 else None,
        "reason": reason,
        "site_id": site.id,
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
        "shipping_cost": amount(part.shipping),
        "coupon_amount": amount(part.coupon),
        "overpaid_amount": amount(part.overpaid),
        "total_paid_amount": amount(part.paid),
        "installment_amount": amount(part.paid // instalments) if card else None,
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
    """Offset that an order's dates are printed with: -04:00, once in a while -03:00."""
    return -3 if facts.number % 97 == 5 else -4


def refund(payments: list[Object]) -> list[Object]:
    """Return the payments with everything given back, as a late cancellation does."""
    return [
        {
            **payment,
            "status": "refunded",
            "status_detail": "refunded",
            "transaction_amount_refunded": payment["transaction_amount"],
        }
        if payment["status"] in _KEPT
        else payment
        for payment in payments
    ]


def is_kept(payment: Mapping[str, Any]) -> bool:
    """Whether money of this payment is with the seller, in whole or in part."""
    return payment["status"] in _KEPT
