"""The lines of an order: which item, how many, at what price, with which fee.

Which item an order holds is drawn in `index`; prices come from `catalogue`.
"""

from decimal import Decimal
from typing import Any

from pipeline.sandbox.catalogue import ITEMS_PER_SELLER, item, prices, rounded
from pipeline.sandbox.chance import Stream, fraction
from pipeline.sandbox.facts import Facts
from pipeline.sandbox.money import Printer, noisy, shared
from pipeline.sandbox.sites import Site

Object = dict[str, Any]

SECOND_LINE = 3
TWO_LINES = 0.02
NEIGHBOUR = 7
"""Some orders have a second line: the item so many ranks further (§2: code for N)."""


def build(
    seed: int, facts: Facts, site: Site, amount: Printer, chance: Stream
) -> tuple[list[Object], int, int]:
    """Order lines, their total and the fee on them, in cents."""
    ranks = [facts.item]
    if fraction(seed, SECOND_LINE, facts.content) < TWO_LINES:
        ranks.append((facts.item + NEIGHBOUR) % ITEMS_PER_SELLER)
    lines, total, all_fees = [], 0, 0
    for rank in ranks:
        quantity = 1
        if chance() > 0.86:
            quantity = 2 + int(chance() ** 3 * 9)
        full, price = prices(seed, facts.seller, site, rank, facts.priced)
        thing = item(seed, facts.seller, site, rank)
        fee = rounded(site, shared(price, thing.fee_share))
        total += price * quantity
        all_fees += fee * quantity
        off = full - price
        line: Object = {
            "item": {
                "id": thing.id,
                "title": thing.title,
                "category_id": thing.category_id,
                "variation_id": thing.variation_id,
                "seller_custom_field": None,
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
            "picked_quantity": None,
            "unit_price": amount(price),
            "full_unit_price": amount(full),
            "full_unit_price_currency_id": site.currency_id,
            "gross_price": amount(full * quantity),
            "currency_id": site.currency_id,
            "manufacturing_days": None,
            "sale_fee": noisy(fee) if facts.number % 89 == 2 else amount(fee),
            "listing_type_id": thing.listing_type_id,
            "base_exchange_rate": None,
            "base_currency_id": None,
            "element_id": None,
            "discounts": [{"amounts": {"full": amount(off), "seller": amount(off)}}]
            if off
            else None,
            "bundle": None,
            "compat_id": None,
            "stock": _stock(facts.number),
            "kit_instance_id": None,
        }
        if facts.number % 67 == 9 and site.currency_id != "USD":
            line["base_currency_id"] = "USD"
            line["base_exchange_rate"] = Decimal(repr(round(site.price_level * 5.5, 4)))
        lines.append(line)
    return lines, total, all_fees


def _stock(number: int) -> Object | list[Object]:
    # An object in one document, an array in another (§2).
    if number % 10 == 4:
        return [{"store_id": "54930000", "node_id": "MXP10000600000"}]
    if number % 10 == 5:
        return {"store_id": "54930001", "node_id": "MXP10000600001"}
    return {"store_id": None, "node_id": None}
