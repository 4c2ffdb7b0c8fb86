"""What becomes of an order: its story's name, status, cancellation and chance.

Drawn for every order by `index`, told in JSON by `orders` and `payments`.
"""

from typing import NamedTuple


class Cancellation(NamedTuple):
    """Why an order was cancelled (`cancel_detail`, mercado-libre-api.md §2)."""

    group: str
    code: str
    description: str
    requested_by: str


class Fate(NamedTuple):
    """One story: how often it happens, where it ends, how long it takes in days."""

    share: float
    status: str
    days: tuple[float, float]
    cancellation: Cancellation | None = None


PAID = "paid"
SPLIT = "split"

CLOSED: dict[str, Fate] = {
    PAID: Fate(0.904, "paid", (2, 9)),
    "buyer_cancelled": Fate(
        0.03, "cancelled", (0.02, 3),
        Cancellation("buyer", "buyer_cancel_express",
                     "There is a mediation with status cancel_purchase", "buyer"),
    ),
    "seller_cancelled": Fate(
        0.012, "cancelled", (0.1, 4),
        Cancellation("seller", "feedback_unavailable_product",
                     "The seller has no stock of the product", "seller"),
    ),
    "mediation_cancelled": Fate(
        0.01, "cancelled", (6, 40),
        Cancellation("mediations", "mediations",
                     "The mediation ended in favour of the buyer", "meli"),
    ),
    "shipment_cancelled": Fate(
        0.008, "cancelled", (8, 30),
        Cancellation("shipment", "shipment_not_delivered",
                     "The shipment was not delivered", "meli"),
    ),
    "partially_refunded": Fate(0.018, "partially_refunded", (4, 30)),
    # Money back to the buyer's account, the order stays paid (§11, MLM).
    "refunded_unfulfilled": Fate(0.006, "paid", (1, 12)),
    "pending_cancel": Fate(0.003, "pending_cancel", (0.1, 2)),
    # The seller rated "not completed": confirmed here, cancelled at the front (§11).
    "not_completed": Fate(0.004, "confirmed", (1, 14)),
    "fraud_cancelled": Fate(
        0.005, "cancelled", (0.2, 5),
        Cancellation("fraud", "fraud", "The purchase was found to be a fraud", "meli"),
    ),
}  # fmt: skip
"""Stories of orders that were closed, i.e. paid or confirmed once."""

SPLIT_FATE = Fate(
    0, "cancelled", (0.04, 0.04),
    Cancellation("internal", "pack_splitted", "The pack was splitted", "meli"),
)  # fmt: skip

OPEN: dict[str, Fate] = {
    "payment_in_process": Fate(0.30, "payment_in_process", (0, 0.1)),
    "payment_required": Fate(0.30, "payment_required", (0, 0.1)),
    "confirmed": Fate(0.15, "confirmed", (0, 0.1)),
    "partially_paid": Fate(0.15, "partially_paid", (0, 0.1)),
    "invalid": Fate(0.10, "invalid", (0, 0.1)),
}
"""Stories of young orders that nothing has closed yet: `date_closed` is null."""

EXPIRED = "expired"
EXPIRED_FATE = Fate(
    0, "cancelled", (3, 10),
    Cancellation("internal", "payment_expired", "It was not paid in time", "meli"),
)  # fmt: skip
"""An order that nobody paid in time; it was never closed."""

FATES: dict[str, Fate] = {**CLOSED, **OPEN, SPLIT: SPLIT_FATE, EXPIRED: EXPIRED_FATE}
