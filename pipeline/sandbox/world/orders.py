"""One order as JSON: the whole of it, in detail and as a search row.

Money identities: `total_amount` = Σ unit_price x quantity,
rounded once where prices have three decimals;
`paid_amount` = Σ kept payments, shipping included only outside carts, 0 once all was
given back; `marketplace_fee` = Σ sale_fee x quantity, or 0.
"""

from dataclasses import replace
from decimal import Decimal

from pipeline.sandbox.world import eras, global_selling, order_lines, payments
from pipeline.sandbox.world.catalogue import rounded, step_of
from pipeline.sandbox.world.chance import drawn, stream
from pipeline.sandbox.world.clock import index_stamp, stamp
from pipeline.sandbox.world.facts import DAY, FIRST_SELLER_ID, Facts
from pipeline.sandbox.world.fates import FATES, NEVER_SENT, RETURNED
from pipeline.sandbox.world.money import (
    Printer,
    noisy,
    shared,
    shortest,
    three_places,
    two_places,
)
from pipeline.sandbox.world.objects import Object
from pipeline.sandbox.world.oddities import is_in_dollars, is_kit, oddities
from pipeline.sandbox.world.people import buyer
from pipeline.sandbox.world.sites import SITES, Site, exchange_ratios, site_of_seller
from pipeline.sandbox.world.terms import CostSource, terms

_FIRST_ORDER_ID = 2_000_010_000_000_000
_FIRST_PACK_ID = 2_000_005_000_000_000
_FIRST_SHIPMENT_ID = 44_000_000_000
COUPON_ID = 500_000_000
_DOLLAR = float(exchange_ratios()["UYU", "USD"])
_IN_DOLLARS = replace(
    SITES["MLU"], sold_in="USD", price_level=SITES["MLU"].price_level * _DOLLAR
)
"""MLU as its listings in dollars have it; what travels is still paid in pesos."""
EXPIRY_DAYS = 10
"""Days in which an order is to be paid."""
_FLOWS = ("b2b", "catalog", "subscription", "supermarket", "contract")


def order_id(seed: int, number: int) -> int:
    """Id of the order with this number: rising, with gaps, 16 digits."""
    return _FIRST_ORDER_ID + number * 8 + drawn(seed, 1, number) % 8


def order_number(seed: int, identity: int) -> int | None:
    """Number that an order id stands for, if it is one of this seed's ids."""
    number = (identity - _FIRST_ORDER_ID) // 8
    return number if number >= 0 and order_id(seed, number) == identity else None


def pack_id(purchase: int, *, child: bool) -> int:
    """Id of a purchase's pack, or of the pack that a split made."""
    return _FIRST_PACK_ID + purchase * 6 + 3 * child


def shipment_id(purchase: int, *, child: bool) -> int:
    """Id of a purchase's shipment, or of the one that a split made."""
    return _FIRST_SHIPMENT_ID + purchase * 6 + 3 * child


def return_id(shipment: int) -> int:
    """Id of the shipment in which the goods of another come back."""
    return shipment + 1


def returned_in(identity: int) -> int | None:
    """The shipment whose goods come back in this one; None if it is not a return."""
    rest = (identity - _FIRST_SHIPMENT_ID) % 3
    return identity - 1 if rest == 1 else None


def purchase_of(identity: int, *, pack: bool) -> tuple[int, bool] | None:
    """Purchase and child that a pack (or shipment) id stands for."""
    first = _FIRST_PACK_ID if pack else _FIRST_SHIPMENT_ID
    purchase, rest = divmod(identity - first, 6)
    return (purchase, rest == 3) if purchase >= 0 and rest in (0, 3) else None


def site_of(facts: Facts) -> Site:
    """Site of the order's seller, in the currency of the order."""
    home = site_of_seller(facts.seller)
    return _IN_DOLLARS if home.id == "MLU" and is_in_dollars(facts) else home


def build(seed: int, facts: Facts) -> Object:
    """Make the whole order: every key that any of its views shows.

    Amounts are `Decimal` with the text that is sent. Key order is of no meaning.
    """
    site = site_of(facts)
    chance = stream(seed, 2, facts.content)
    amount: Printer = shortest if facts.legacy else two_places
    odd = oddities(seed, facts)
    lines, total, fee = order_lines.build(seed, facts, site, odd, amount, chance)
    shipping = _shipping(seed, facts, site)
    luck = chance()
    coupon = rounded(site, shared(total, 0.08)) if luck < 0.04 else 0
    charged = 0 if facts.is_test or chance() < 0.06 else fee
    due = payments.Due(total, shipping, coupon, charged, step_of(site))
    made = payments.parts(facts, due, odd, chance)
    paid = payments.paid(made)
    title = lines[0]["item"]["title"]
    offset = payments.offset_of(facts)
    identity = order_id(seed, facts.number)
    person = buyer(seed, site, facts.buyer)
    paid_with = payments.printed(facts, site, made, title, amount, chance)
    for payment in paid_with:
        payment["order_id"] = identity
        payment["payer_id"] = person.id
    in_pack = facts.has_pack
    made_order: Object = {
        "id": identity,
        "date_created": stamp(facts.created, offset),
        "date_closed": None if facts.closed is None else stamp(facts.closed, offset),
        "last_updated": stamp(facts.updated, offset),
        "date_last_updated": index_stamp(facts.indexed),
        "pack_id": pack_id(facts.purchase, child=facts.child) if in_pack else None,
        "fulfilled": facts.delivered or (False if facts.fate in NEVER_SENT else None),
        "buying_mode": "buy_equals_pay",
        "shipping_cost": None
        if in_pack or luck > 0.8 or shipping is None
        else amount(shipping),
        "mediations": _mediations(facts),
        "total_amount": noisy(total) if facts.number % 211 == 7 else amount(total),
        "paid_amount": amount(paid),
        "order_items": lines,
        "currency_id": site.currency_id,
        "payments": paid_with,
        "shipping": {
            "id": shipment_id(facts.purchase, child=facts.child)
            if facts.ships
            else None
        },
        "status": facts.status,
        "status_detail": None,
        "tags": _tags(facts, lines, seed),
        "internal_tags": [],
        "static_tags": [],
        "feedback": _feedback(facts),
        "context": {
            "channel": _channel(facts),
            "site": site.market,
            "flows": [_FLOWS[int(luck * 50) % 5]] if luck < 0.1 else [],
        },
        "seller": {"id": FIRST_SELLER_ID + facts.seller},
        "buyer": {
            "id": str(person.id) if facts.number % 61 == 3 else person.id,
            "nickname": person.nickname,
            "first_name": person.first_name,
            "last_name": person.last_name,
            "billing_info": {"id": person.billing_id},
        },
        "taxes": _taxes(site, total, amount, facts),
        "cancel_detail": _cancel_detail(facts, offset),
        "manufacturing_ending_date": None,
        "order_request": _request(facts),
        "related_orders": None,
    }
    if facts.legacy:
        eras.of_2019(made_order, facts, site, person, coupon, amount)
    elif facts.number % 8 == 1:
        eras.of_2024(made_order, facts, coupon, amount)
    elif facts.number % 8 == 5:
        eras.of_2026(made_order)
    if facts.closed is None:
        # What nobody pays in time expires, in whatever era.
        expires = facts.created + EXPIRY_DAYS * DAY
        made_order["expiration_date"] = stamp(expires, offset)
    if site.sold_on is not None:
        global_selling.of_abroad(made_order)
    if facts.number % 37 == 11:
        made_order["gift_options"] = {"wrap": "none", "note_length": 0}
    return made_order


def discounts(seed: int, facts: Facts, made: Object) -> Object:
    """Make /orders/{id}/discounts of an order as it is: line totals.

    A coupon is one detail over all lines; a price discount, which lines have
    per unit, as one detail for each of its entries.
    """
    site, lines = site_of(facts), made["order_items"]
    details: list[Object] = []
    coupon = sum((paid["coupon_amount"] for paid in made["payments"]), Decimal(0))
    if whole := made.get("coupon"):
        coupon = max(coupon, whole["amount"])
    if coupon:
        cents = int(coupon * 100)
        funded = rounded(site, shared(cents, oddities(seed, facts).funder))
        details.append(
            {
                "type": "coupon",
                "coupon": {"id": COUPON_ID + facts.number},
                "supplier": {"meli_campaign": f"P-{site.id}0000001"},
                "items": _over_lines(lines, cents, funded, step_of(site)),
            }
        )
    for line in lines:
        for one in line["discounts"] or []:
            total = one["amounts"]["full"] * line["quantity"]
            seller = one["amounts"]["seller"] * line["quantity"]
            offer = f"{line['item']['id']}-off1"
            details.append(
                {
                    "type": "discount",
                    "supplier": {"offer_id": offer, "funding_mode": "sale_fee"},
                    "items": [_discounted(line, total, seller)],
                }
            )
    return {"details": details}


def _over_lines(
    lines: list[Object], cents: int, funded: int, step: int
) -> list[Object]:
    """Part a coupon, and what the seller pays of it, evenly over the lines."""
    rows = []
    for left in range(len(lines), 0, -1):
        total, seller = (whole // left // step * step for whole in (cents, funded))
        cents, funded = cents - total, funded - seller
        line = lines[len(lines) - left]
        rows.append(_discounted(line, two_places(total), two_places(seller)))
    return rows


def _discounted(line: Object, total: Decimal, seller: Decimal) -> Object:
    return {
        "id": line["item"]["id"],
        "quantity": line["quantity"],
        "amounts": {"total": total, "seller": seller},
    }


def _shipping(seed: int, facts: Facts, site: Site) -> int | None:
    """Cents of shipping in the order's payments, in its currency; None: not sent.

    The buyer's part of the shipment where the order ships alone. In a cart 0, but the
    first order's payment has the whole if the shipment does not.
    """
    if not facts.ships:
        return 0
    home = site_of_seller(facts.seller)
    going = terms(seed, home, facts.purchase * 2 + facts.child)
    if facts.size > 1:
        first = facts.child or facts.position == 0
        if not (first and going.is_in_payments):
            return None if going.cost_source is CostSource.LATE else 0
    elif going.cost_source is CostSource.LATE:
        return None
    if site.currency_id != home.currency_id:
        return shared(going.buyer, _DOLLAR)
    return going.buyer


def _tags(facts: Facts, lines: list[Object], seed: int) -> list[str]:
    tags = ["pack_order"] if facts.has_pack else []
    if any(line["discounts"] for line in lines):
        tags.append("order_has_discount")
    if facts.number % 5 == 0:
        tags.append("catalog")
    if facts.is_test:
        tags.append("test_order")
    if facts.is_mshops:
        tags.append("mshops")
    if facts.is_fraud:
        tags.append("fraud_risk_detected")
    if not facts.ships:
        tags.append("no_shipping")
    if is_kit(seed, facts):
        tags.append("bundle_component")
    if (tag := FATES[facts.fate].tag) is not None:
        tags.append(tag)
    paid = facts.status in ("paid", "partially_refunded", "pending_cancel")
    tags.append("paid" if paid else "not_paid")
    tags.append("delivered" if facts.delivered else "not_delivered")
    return tags


def _mediations(facts: Facts) -> list[Object]:
    is_claimed = FATES[facts.fate].mediation is not None
    return [{"id": 5_000_000_000 + facts.number}] if is_claimed else []


def _channel(facts: Facts) -> str:
    if facts.is_mshops:
        return "mshops"
    return "proximity" if facts.number % 40 == 17 else "marketplace"


def _request(facts: Facts) -> Object:
    """Whether a return or a change was asked for; documents show neither."""
    asked = {"id": 6_000_000_000 + facts.number}
    return {
        "change": asked if facts.delivered and facts.number % 50 == 23 else None,
        "return": asked if facts.fate in RETURNED else None,
    }


def _feedback(facts: Facts) -> Object:
    """Pointers to what buyer and seller said; keys changed with the years."""
    said = facts.rating if facts.delivered or facts.fate == "not_completed" else -1
    rating = "positive" if said < 17 else "neutral" if said == 17 else "negative"
    bought: Object | None = None
    sold: Object | None = None
    if said >= 8:
        bought = {"id": 9_000_000_000 + facts.number * 2, "rating": rating}
        bought["fulfilled"] = facts.fate != "not_completed"
    if said >= 14:
        sold = {"id": 9_000_000_001 + facts.number * 2, "rating": "positive"}
        sold["fulfilled"] = facts.fate != "not_completed"
    if facts.legacy:
        return {"sale": sold, "purchase": bought}
    return {"seller": sold, "buyer": bought}


def _taxes(site: Site, total: int, amount: Printer, facts: Facts) -> Object:
    """Absent on most; some in the order's currency, some in another."""
    taxes: Object = {"amount": None, "currency_id": None, "id": None}
    if facts.number % 16 == 3:
        taxes["amount"] = amount(rounded(site, shared(total, 0.03)))
        taxes["currency_id"] = site.currency_id
    elif facts.number % 50 == 8:
        # MLB is taxed in ARS, whose ratio to BRL the documents give.
        foreign = "ARS" if site.id == "MLB" else "USD"
        cents = shared(total, 0.5 if foreign == "ARS" else 0.02 / site.price_level)
        # Half of them with thousandths: a cent too many is worth pesos once converted.
        thousandths = facts.number % 100 == 8
        taxes["amount"] = (
            three_places(cents * 10 + 5) if thousandths else two_places(cents)
        )
        taxes["currency_id"] = foreign
    elif facts.number % 400 == 21:
        # A guaraní has no ratio here: the conversion answers 404.
        taxes["amount"] = two_places(1_250_000)
        taxes["currency_id"] = "PYG"
    if facts.legacy:
        del taxes["id"]
    return taxes


def _cancel_detail(facts: Facts, offset: int) -> Object | None:
    why = FATES[facts.fate].cancellation
    return why and why.printed(stamp(facts.updated, offset))
