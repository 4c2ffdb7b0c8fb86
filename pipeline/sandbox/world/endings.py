"""What each story does to the payments of its order: status, detail, money.

Not here: the stories (`fates`). What each does to sales is in docs/money.md.
"""

from typing import Literal, NamedTuple

from pipeline.sandbox.world import fates


class Ending(NamedTuple):
    """What an approved payment becomes.

    ``back``: what `transaction_amount_refunded` shows: all of it, a part, or nothing.
    ``is_held``: it still counts in `paid_amount`. ``tags``: its tags, if any.
    """

    status: str
    detail: str
    back: Literal["all", "part", "nothing"]
    is_held: bool = False
    tags: tuple[str, ...] = ()


_BY_SELLER = Ending("refunded", "refunded", "all")
_BY_SELLER_BPP = Ending("refunded", "bpp_refunded", "all")
_PART = Ending("approved", "partially_refunded", "part", is_held=True)
_RELEASED = Ending("cancelled", "by_collector", "nothing")
"""The money was never captured."""
_ACCOUNT_MONEY = ("refund_account_money",)

ENDINGS: dict[str, tuple[Ending, ...]] = {
    fates.BUYER_CANCELLED: (_BY_SELLER,) * 5 + (_RELEASED,),
    "seller_cancelled": (_BY_SELLER,) * 5 + (_RELEASED,),
    "mediation_cancelled": (_BY_SELLER, _BY_SELLER_BPP),
    "shipment_cancelled": (_BY_SELLER,),
    "fraud_cancelled": (_BY_SELLER, _RELEASED),
    "not_completed": (_BY_SELLER, _BY_SELLER, _RELEASED),
    "manually_cancelled": (_BY_SELLER,),
    "invalid_closed": (_BY_SELLER, Ending("rejected", "by_admin", "nothing")),
    fates.SPLIT: (_RELEASED,),
    "partially_refunded": (
        Ending("partially_refunded", "partially_refunded", "part", is_held=True),
        _PART,
        Ending("partially_refunded", "partially_bpp_refunded", "part", is_held=True),
        Ending("approved", "partially_bpp_refunded", "part", is_held=True),
    ),
    fates.REFUND_IN_DETAIL: (_PART,),
    "refunded_delivered": (_BY_SELLER, _BY_SELLER_BPP),
    "refund_unclear": (
        Ending("refunded", "refunded", "nothing"),
        Ending("refunded", "by_admin", "all"),
    ),
    "covered": (Ending("refunded", "bpp_covered", "all"),),
    "covered_paid": (Ending("refunded", "bpp_covered", "all"),),
    "covered_lost": (Ending("refunded", "ppv_covered_melienvio", "all"),),
    "partly_covered": (
        Ending("approved", "partially_bpp_covered", "part", is_held=True),
        Ending("partially_refunded", "partially_bpp_covered", "part", is_held=True),
    ),
    "charged_back_settled": (Ending("charged_back", "settled", "nothing"),),
    "charged_back_reimbursed": (
        Ending("charged_back", "reimbursed", "nothing", is_held=True),
    ),
    "charged_back_in_process": (
        Ending("charged_back", "in_process", "nothing", is_held=True),
    ),
    "charged_back_covered": (
        Ending("charged_back", "bpp_covered", "nothing"),
        Ending("charged_back", "ppv_covered_melienvio", "nothing"),
    ),
    "in_mediation": (Ending("in_mediation", "pending", "nothing", is_held=True),),
    "unfulfilled_approved": (
        Ending("approved", "accredited", "nothing", is_held=True, tags=_ACCOUNT_MONEY),
    ),
    "unfulfilled_refunded": (
        _BY_SELLER,
        Ending("refunded", "refunded", "all", tags=_ACCOUNT_MONEY),
    ),
}
"""Endings of a story's approved payments; orders take them in turn, by content."""
