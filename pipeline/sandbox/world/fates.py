"""What becomes of an order: its story's name, status, cancellation and chance.

`index` draws one for every order, `orders` makes its JSON. Events come sooner than in
reality, where a charge-back takes weeks, so that a world of twenty days holds every
story. Not here: what each story does to the money (`endings`), and all other oddities
of orders (`oddities`).
"""

from typing import NamedTuple


class Cancellation(NamedTuple):
    """Why an order was cancelled (`cancel_detail`)."""

    group: str
    code: str
    description: str
    requested_by: str

    def printed(self, at: str) -> dict[str, str | None]:
        """It as the order has it, cancelled at a moment."""
        return {**self._asdict(), "date": at, "application_id": None}


class Fate(NamedTuple):
    """One story: how often it happens, where it ends, how long it takes in days.

    ``is_delivered``: the parcel had arrived by then. ``tag``: the order's tag.
    ``mediation``: the stage of a claim, if there is one.
    """

    share: float
    status: str
    days: tuple[float, float]
    cancellation: Cancellation | None = None
    is_delivered: bool = False
    mediation: str | None = None
    tag: str | None = None


PAID = "paid"
SPLIT = "split"
REFUND_IN_DETAIL = "refund_told_by_detail"
"""A partial refund whose amount only /orders/{id} has."""
BUYER_CANCELLED = "buyer_cancelled"
ONLY_MLM = ("unfulfilled_approved", "unfulfilled_refunded")
"""Stories of Mexico; elsewhere the buyer's cancellation cancels the order."""

_UNDELIVERED = Cancellation(
    "shipment", "shipment_not_delivered", "The shipment was not delivered", "meli"
)
_MEDIATED = Cancellation(
    "mediations", "mediations", "The mediation ended in favour of the buyer", "meli"
)

CLOSED: dict[str, Fate] = {
    PAID: Fate(0.818, "paid", (2, 9), is_delivered=True),
    BUYER_CANCELLED: Fate(
        0.016, "cancelled", (0.02, 3),
        Cancellation("buyer", "buyer_cancel_express",
                     "There is a mediation with status cancel_purchase", "buyer"),
        mediation="closed",
    ),
    "seller_cancelled": Fate(
        0.012, "cancelled", (0.1, 4),
        Cancellation("seller", "feedback_unavailable_product",
                     "The seller has no stock of the product", "seller"),
    ),
    # The goods had arrived and go back; the seller pays.
    "mediation_cancelled": Fate(
        0.012, "cancelled", (3, 14), _MEDIATED,
        is_delivered=True, mediation="closed",
    ),
    "shipment_cancelled": Fate(0.008, "cancelled", (4, 14), _UNDELIVERED),
    "partially_refunded": Fate(
        0.012, "partially_refunded", (2, 12), is_delivered=True
    ),
    REFUND_IN_DETAIL: Fate(0.007, "paid", (2, 12), is_delivered=True),
    "refunded_delivered": Fate(0.005, "paid", (2, 12), is_delivered=True),
    "refund_unclear": Fate(0.006, "paid", (2, 12), is_delivered=True),
    # The buyer was paid by Mercado Libre, the seller keeps the money.
    "covered": Fate(
        0.006, "cancelled", (2, 12), _MEDIATED,
        is_delivered=True, mediation="closed",
    ),
    "covered_paid": Fate(
        0.004, "paid", (2, 12), is_delivered=True, mediation="closed"
    ),
    "covered_lost": Fate(0.004, "cancelled", (4, 14), _UNDELIVERED),
    "partly_covered": Fate(
        0.005, "paid", (2, 12), is_delivered=True, mediation="closed"
    ),
    "charged_back_settled": Fate(0.004, "paid", (2, 12), is_delivered=True),
    "charged_back_reimbursed": Fate(0.004, "paid", (2, 12), is_delivered=True),
    "charged_back_in_process": Fate(0.004, "paid", (2, 12), is_delivered=True),
    "charged_back_covered": Fate(0.004, "paid", (2, 12), is_delivered=True),
    "in_mediation": Fate(
        0.006, "paid", (2, 10), is_delivered=True, mediation="opened"
    ),
    # Money back to the buyer's account, the order stays paid (MLM).
    "unfulfilled_approved": Fate(0.014, "paid", (0.1, 6), tag="unfulfilled"),
    "unfulfilled_refunded": Fate(0.014, "paid", (0.1, 6), tag="unfulfilled"),
    "pending_cancel": Fate(0.004, "pending_cancel", (0.1, 2)),
    "manually_cancelled": Fate(0.005, "paid", (0.1, 4), tag="manually_cancelled"),
    # The seller rated "not completed": the API says confirmed, the site cancelled.
    "not_completed": Fate(0.005, "confirmed", (1, 10)),
    "confirmed_unpaid": Fate(0.004, "confirmed", (0.1, 2)),
    "invalid_closed": Fate(0.004, "invalid", (0.1, 2)),
    "paying": Fate(0.004, "payment_in_process", (0.02, 1)),
    "partly_paid": Fate(0.004, "partially_paid", (0.02, 1)),
    "fraud_cancelled": Fate(
        0.005, "cancelled", (0.2, 5),
        Cancellation("fraud", "fraud", "The purchase was found to be a fraud", "meli"),
    ),
}  # fmt: skip
"""Stories of orders that were closed, i.e. paid or confirmed once."""

OPEN: dict[str, Fate] = {
    "payment_in_process": Fate(0.30, "payment_in_process", (0, 0.1)),
    "payment_required": Fate(0.30, "payment_required", (0, 0.1)),
    "confirmed": Fate(0.15, "confirmed", (0, 0.1)),
    "partially_paid": Fate(0.15, "partially_paid", (0, 0.1)),
    "invalid": Fate(0.10, "invalid", (0, 0.1)),
}
"""Stories of young orders that nothing has closed yet: `date_closed` is null."""

UNCLOSED = "paid_unclosed"
"""Paid, and yet `date_closed` is null: only the payment has a date, `date_approved`."""
UNCLOSED_SHARE = 0.25

EXPIRED = "expired"
"""An order that nobody paid in time; it was never closed."""

FATES: dict[str, Fate] = {
    **CLOSED,
    **OPEN,
    SPLIT: Fate(
        0, "cancelled", (0.04, 0.04),
        Cancellation("internal", "pack_splitted", "The pack was splitted", "meli"),
    ),
    UNCLOSED: Fate(0, "paid", (0, 0.1)),
    EXPIRED: Fate(
        0, "cancelled", (3, 10),
        Cancellation("internal", "payment_expired", "It was not paid in time", "meli"),
    ),
}  # fmt: skip

RETURNED = frozenset({"mediation_cancelled", "refunded_delivered"})
"""Stories in which the goods had arrived and come back."""

NEVER_SENT = frozenset({
    "not_completed", "manually_cancelled", *ONLY_MLM, "confirmed_unpaid",
    "invalid_closed", "paying", "partly_paid",
})  # fmt: skip
"""Stories besides `cancelled` in which the seller sends nothing."""
