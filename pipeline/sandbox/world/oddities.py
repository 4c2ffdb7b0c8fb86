"""The oddities of some orders and shipments: how often, and how the API shows them.

A world of 2 000 orders over a year holds a few of each; one of 5 000 orders and at
least twenty days holds all. Shares are of all orders, unless stated. Stories
(F) are drawn in `fates` and end as `endings` says; parcels (P) are drawn in `terms`;
eras (E) in `eras`; the rest here. What the API hides or refuses (S) is a switch
(`switches`). `World.order` is always the whole truth.

Refunds and disputes (F): `status/status_detail` of the payment
    mediation_cancelled 1.2 %   cancelled; refunded/refunded or refunded/bpp_refunded
    partially_refunded 1.2 %    partially_refunded; a part in
                                `transaction_amount_refunded`; detail
                                partially_refunded or partially_bpp_refunded
    refund_told_by_detail 0.7 % paid; approved/partially_refunded; search rows lack the
                                amount, /orders/{id} has it
    refunded_delivered 0.5 %    paid, all given back; refunded/refunded or /bpp_refunded
    refund_unclear 0.6 %        paid; refunded/refunded with amount 0, or
                                refunded/by_admin with all of it: who paid is not known
    covered 0.6 %, covered_paid 0.4 %   cancelled, or still paid; refunded/bpp_covered
    covered_lost 0.4 %          cancelled; refunded/ppv_covered_melienvio
    partly_covered 0.5 %        paid; approved or partially_refunded,
                                partially_bpp_covered
    charged_back_* 0.4 % each   paid; charged_back/settled, /reimbursed, /in_process,
                                /bpp_covered or /ppv_covered_melienvio; amount 0
    in_mediation 0.6 %          paid; in_mediation/pending; a mediation still opened
    unfulfilled_* 1.4 % each, on MLM only   paid for ever with tag `unfulfilled`; the
                                payment approved, no amount, tag
                                `refund_account_money`; or refunded, half with that tag
Orders that are not sales (F)
    pending_cancel, manually_cancelled (status paid, a tag), not_completed (confirmed,
    money given back), confirmed_unpaid (no payment), invalid_closed, paying
    (payment_in_process), partly_paid (partially_paid): 0.4-0.5 % each, all with
    `date_closed`; the open stories of `fates` have none
    paid_unclosed 0.3-2 %       paid, `date_closed` null; its payment's `date_approved`
Payments
    charged twice 0.5 %         two payments of the whole, one of them given back
    a charged rejection 1 %     a rejected payment with a fee, then an approved one
    coupons 4 %                 by the seller, by Mercado Libre or by both:
                                `payments[].coupon_amount`, with `coupon` as well in
                                older eras; /orders/{id}/discounts shows who pays
What an owner has to know
    fraud risk                  4 % of young orders whose story is still to come, 0.4 %
                                of all, and all of fraud_cancelled: a tag
    unpaid                      `expiration_date` ten days after creation while
                                `date_closed` is null
    channels                    mshops 4 %, proximity 2.5 %, else marketplace
    requests                    `order_request.return` where goods went back, `.change`
                                of 2 % of what arrived
Lines
    discounts                   `discounts[].amounts` per unit; half by the seller, else
                                by Mercado Libre, by both in one entry or in two
    today's shape 12 % (E)      no `full_unit_price`; `context` and all of a line stay
                                in search rows
    kits 2 %                    one order a component in one pack: `bundle.parent_item`,
                                `element_id`, `kit_instance_id`, tag `bundle_component`
    seller_custom_field 5 %     instead of `seller_sku`, which is null
    dollars, on MLU only        a quarter of purchases; their shipment is in UYU
Parcels (P), shares of shipments
    Flex 9 %                    senders' cost 0, `compensation` or `compensations[]`;
                                `charges.charge_flex` on most
    re-measured 1 %             `compensations[]` of an ordinary parcel
    ME1 3 %                     own carrier by contract; senders' cost 0; a quarter with
                                `lead_time.cost` null
    own delivery 3 %            custom, not_specified; `lead_time` null, absent or its
                                `cost` null; costs with 0, or 404
    cost in payments 1 %        me2 with `lead_time.cost` null; payments have it, in a
                                cart those of the first order
    cost late 4 %               payments say null; for a week after closing
                                `lead_time.cost` is null too: 1 % of a month
    old shape 1 %               flat, whatever the header asks for
The API (S)
    ends_total_at_page          `paging.total` stops at a page's edge
"""

from typing import NamedTuple

from pipeline.sandbox.world import fates
from pipeline.sandbox.world.chance import drawn, fraction, mixed
from pipeline.sandbox.world.facts import Facts

CARTS = 112
"""Purpose of the draw that says of a cart whether it is split, a kit or neither."""
SPLIT_CARTS = 0.05
KIT_CARTS = 0.10

_CHARGED_TWICE = 0.006
_CHARGED_REJECTIONS = 0.35
_DOLLARS = 4
"""One in so many purchases on MLU is in dollars."""
_FUNDERS = (1.0, 0.0, 0.4)
"""The seller's share of a coupon: all, none, or some."""


class Oddities(NamedTuple):
    """What is odd about one order, apart from its story.

    ``funder`` is the seller's share of its coupon; ``discounter`` (from 0 to 1) says
    who pays the discounts of its lines.
    """

    is_charged_twice: bool
    is_rejection_charged: bool
    funder: float
    discounter: float


def oddities(seed: int, facts: Facts) -> Oddities:
    """Draw what is odd about an order; the same for what replaces it after a split."""
    bits = drawn(seed, 7, facts.content)
    first, second = (bits & 0xFFFF) / 0x10000, (bits >> 16 & 0xFFFF) / 0x10000
    return Oddities(
        is_charged_twice=first < _CHARGED_TWICE and facts.fate == fates.PAID,
        is_rejection_charged=second < _CHARGED_REJECTIONS,
        funder=_FUNDERS[(bits >> 32) % len(_FUNDERS)],
        discounter=(bits >> 40 & 0xFFFF) / 0x10000,
    )


def is_kit(seed: int, facts: Facts) -> bool:
    """Whether the order is a component of a kit, as its whole cart is then."""
    if facts.size == 1:
        return False
    return SPLIT_CARTS <= fraction(seed, CARTS, facts.purchase) < KIT_CARTS


def is_in_dollars(facts: Facts) -> bool:
    """Whether a purchase on MLU is in dollars."""
    return mixed(facts.purchase) % _DOLLARS == 0
