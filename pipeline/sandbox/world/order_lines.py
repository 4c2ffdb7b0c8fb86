"""The lines of an order: which item, how many, at what price, with which fee.

Which item an order holds is drawn in `index`; prices come from `catalogue`.
"""

from decimal import Decimal

from pipeline.sandbox.world.catalogue import ITEMS_PER_SELLER, item, prices, rounded
from pipeline.sandbox.world.chance import Stream, fraction
from pipeline.sandbox.world.facts import Facts
from pipeline.sandbox.world.money import (
    Printer,
    noisy,
    shared,
    three_places,
    whole_cents,
)
from pipeline.sandbox.world.objects import Object
from pipeline.sandbox.world.oddities import Oddities, is_kit
from pipeline.sandbox.world.sites import Site

SECOND_LINE = 3
TWO_LINES = 0.02
NEIGHBOUR = 7
"""Some orders have a second line: the item so many ranks further."""
FIRST_KIT_NUMBER = 2_900_000_001
KITS_PER_SELLER = 20
FIRST_KIT_INSTANCE = 3_000_000_000
PRICE_TAILS = {6: 5, 25: 4}
FEE_TAILS = {3: 5, 11: 4, 26: 5}
"""Thousandths over the cent, by the order's number in 41: rounded before they are
multiplied by a quantity they give other cents than after it."""


def build(
    seed: int,
    facts: Facts,
    site: Site,
    odd: Oddities,
    amount: Printer,
    chance: Stream,
) -> tuple[list[Object], int, int]:
    """Order lines, their total and the fee on them, in cents, each rounded once."""
    ranks = [facts.item]
    kit = is_kit(seed, facts)
    if not kit and fraction(seed, SECOND_LINE, facts.content) < TWO_LINES:
        ranks.append((facts.item + NEIGHBOUR) % ITEMS_PER_SELLER)
    # What replaces an order after a split has its content, and so its tails.
    turn = facts.content % 41 if site.decimal_places else 0
    price_tail, fee_tail = PRICE_TAILS.get(turn, 0), FEE_TAILS.get(turn, 0)
    lines, total, all_fees = [], 0, 0
    for rank in ranks:
        quantity = 1
        if chance() > 0.86:
            quantity = 2 + int(chance() ** 3 * 9)
        full, price = prices(seed, facts.seller, site, rank, facts.priced)
        thing = item(seed, facts.seller, site, rank)
        fee = rounded(site, shared(price, thing.fee_share))
        total += (price * 10 + price_tail) * quantity
        all_fees += (fee * 10 + fee_tail) * quantity
        off = full - price
        line: Object = {
            "item": {
                "id": thing.id,
                "title": thing.title,
                "category_id": thing.category_id,
                "variation_id": thing.variation_id,
                "seller_custom_field": thing.seller_custom_field,
                "variation_attributes": []
                if thing.colour is None
                else [
                    {
                        "name": "Color",
                        "id": "COLOR",
                        "value_id": thing.colour[1],
                        "value_name": thing.colour[0],
                    }
                ],
                "warranty": None if rank % 3 else "12 months",
                "condition": thing.condition,
                "seller_sku": thing.seller_sku,
                "global_price": None,
                "net_weight": None,
                "user_product_id": thing.user_product_id,
                "release_date": None,
            },
            "quantity": quantity,
            "requested_quantity": {"measure": "unit", "value": quantity},
            "picked_quantity": {"measure": "unit", "value": quantity}
            if facts.number % 10 == 3
            else None,
            "unit_price": _printed(price, price_tail, amount),
            "full_unit_price": _printed(full, price_tail, amount),
            "full_unit_price_currency_id": site.currency_id,
            "gross_price": amount(whole_cents((full * 10 + price_tail) * quantity)),
            "currency_id": site.currency_id,
            "manufacturing_days": None,
            "sale_fee": _printed(
                fee, fee_tail, noisy if facts.number % 89 == 2 else amount
            ),
            "listing_type_id": thing.listing_type_id,
            "base_exchange_rate": None,
            "base_currency_id": None,
            "element_id": facts.position + 1 if kit else None,
            "discounts": _discounts(site, off, odd.discounter, amount),
            "bundle": _bundle(site, facts) if kit else None,
            "compat_id": None,
            "stock": _stock(facts.number),
            "kit_instance_id": f"K{FIRST_KIT_INSTANCE + facts.purchase}"
            if kit
            else None,
        }
        if facts.number % 67 == 9 and site.currency_id != "USD":
            line["base_currency_id"] = "USD"
            line["base_exchange_rate"] = Decimal(repr(round(site.price_level * 5.5, 4)))
        lines.append(line)
    return lines, whole_cents(total), whole_cents(all_fees)


def _discounts(
    site: Site, off: int, discounter: float, amount: Printer
) -> list[Object] | None:
    """What a unit costs less, and the seller's part of it, by who pays."""
    if not off:
        return None
    part = rounded(site, shared(off, 0.6))
    if discounter < 0.5:
        paid = [(off, off)]
    elif discounter < 0.7:
        paid = [(off, 0)]
    elif discounter < 0.85 or part in (0, off):
        paid = [(off, part)]
    else:
        paid = [(part, part), (off - part, 0)]
    return [
        {"amounts": {"full": amount(full), "seller": amount(seller)}}
        for full, seller in paid
    ]


def _bundle(site: Site, facts: Facts) -> Object:
    """Name the kit that the line is a component of: one of twenty of the seller."""
    kit = FIRST_KIT_NUMBER + facts.seller * KITS_PER_SELLER
    kit += facts.purchase % KITS_PER_SELLER
    parent = {"id": f"{site.market}{kit}", "user_product_id": f"{site.market}U{kit}"}
    return {"parent_item": parent, "components": None}


def _printed(cents: int, tail: int, amount: Printer) -> Decimal:
    return three_places(cents * 10 + tail) if tail else amount(cents)


def _stock(number: int) -> Object | list[Object]:
    # An object in one document, an array in another.
    if number % 10 == 4:
        return [{"store_id": "54930000", "node_id": "MXP10000600000"}]
    if number % 10 == 5:
        return {"store_id": "54930001", "node_id": "MXP10000600001"}
    return {"store_id": None, "node_id": None}
