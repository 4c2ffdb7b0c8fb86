"""What a late event does to an order's JSON: a cancellation, a refund.

Not here: when it happens, and to which order (`world`).
"""

from decimal import Decimal

from pipeline.sandbox.world.fates import BUYER_CANCELLED, CLOSED
from pipeline.sandbox.world.objects import Object
from pipeline.sandbox.world.payments import is_kept, refund


def cancelled(order: Object, at: str) -> Object:
    """Fields of an order that its buyer cancels at a moment: all money goes back."""
    why = CLOSED[BUYER_CANCELLED].cancellation
    return {
        "status": "cancelled",
        "paid_amount": Decimal("0.00"),
        "payments": refund(order["payments"]),
        "tags": ["not_paid" if tag == "paid" else tag for tag in order["tags"]],
        "cancel_detail": why and why.printed(at),
    }


def refunded(order: Object, amount: Decimal) -> Object:
    """Fields of an order after a refund of ``amount`` from the first payment with it.

    Raises:
        ValueError: no payment holds that much.
    """
    payments = [dict(payment) for payment in order["payments"]]
    for payment in payments:
        back = payment.get("transaction_amount_refunded", Decimal(0)) + amount
        if is_kept(payment) and back <= payment["transaction_amount"]:
            payment["transaction_amount_refunded"] = back
            payment["status_detail"] = "partially_refunded"
            return {
                "status": "partially_refunded",
                "paid_amount": order["paid_amount"] - amount,
                "payments": payments,
            }
    raise ValueError(f"no payment of order {order['id']} holds {amount}")
