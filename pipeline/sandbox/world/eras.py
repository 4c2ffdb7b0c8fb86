"""Gives orders the shape of other years: a seller's history holds several.

Not here: today's shape (`orders`). docs/mercado-libre-api.md, Orders, has the changes.
"""

from pipeline.sandbox.world.clock import stamp
from pipeline.sandbox.world.facts import DAY, Facts
from pipeline.sandbox.world.money import Printer
from pipeline.sandbox.world.objects import Object
from pipeline.sandbox.world.payments import offset_of
from pipeline.sandbox.world.people import Person
from pipeline.sandbox.world.sites import Site

KEPT_IN_2026 = (
    "context",
    "discounts",
    "gross_price",
    "requested_quantity",
    "stock",
)
"""Fields, also of lines, that search rows of orders in today's shape keep."""


def of_2019(
    made: Object, facts: Facts, site: Site, person: Person, coupon: int, amount: Printer
) -> None:
    """Age an order by years: contact data of both sides, no later keys."""
    _expire(made, facts, coupon, amount)
    made["comments"] = None
    made["pickup_id"] = None
    made["application_id"] = "7092"
    made["hidden_for_seller"] = False
    for key in ("related_orders", "static_tags"):
        del made[key]
    for line in made["order_items"]:
        line["differential_pricing_id"] = None
        for key in ("gross_price", "kit_instance_id", "full_unit_price_currency_id"):
            del line[key]
    made["buyer"] |= {
        "email": person.email,
        **_phones("11", person.phone),
        "billing_info": {"doc_type": site.document, "doc_number": person.document},
    }
    made["seller"] |= {
        "nickname": f"TESTSELLER{facts.seller}",
        "first_name": "Test",
        "last_name": "Seller",
        "email": f"seller-{facts.seller}@example.com",
        **_phones(None if facts.number % 2 else "11", "555-0100"),
    }


def of_2024(made: Object, facts: Facts, coupon: int, amount: Printer) -> None:
    """Age an order by a little: coupon and expiry still there, empty parties."""
    _expire(made, facts, coupon, amount)
    for side in ("buyer", "seller"):
        made[side] |= {
            "user_type": None,
            "tags": [],
            "status": None,
            "buy_restrictions": [],
        }


def of_2026(made: Object) -> None:
    """Make an order of today: what lines cost before discounts is only derived.

    `gross_price` = (`unit_price` + what `discounts` say) x `quantity`. Ratings stand
    under the names of 2019 again; those of 2024 have no more than their number.
    """
    said = made["feedback"]
    made["feedback"] = {"purchase": said["buyer"], "sale": said["seller"]} | {
        side: one and {"id": one["id"]} for side, one in said.items()
    }
    for line in made["order_items"]:
        for key in ("full_unit_price", "full_unit_price_currency_id"):
            del line[key]


def is_of_2026(made: Object) -> bool:
    """Whether the order has the shape of 2026, whose search rows keep more."""
    return "full_unit_price" not in made["order_items"][0]


def _expire(made: Object, facts: Facts, coupon: int, amount: Printer) -> None:
    made["coupon"] = {
        "amount": amount(coupon),
        "id": 500_000_000 + facts.number if coupon else None,
    }
    expires = (facts.closed or facts.created) + 28 * DAY
    made["expiration_date"] = stamp(expires, offset_of(facts))


def _phones(area: str | None, number: str) -> Object:
    return {
        "phone": {
            "area_code": area,
            "extension": "",
            "number": number,
            "verified": False,
        },
        "alternative_phone": {"area_code": "", "extension": "", "number": ""},
    }
