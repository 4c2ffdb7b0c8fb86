"""Costs of goods from a seller's CSV: judged line by line, landed; the last counts.

The API knows no costs. Landed lines stay, so a rebuild gives the same costs. Not here:
which cost a sale has (`marts.order_item_margins`).
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from uuid import uuid4

from pipeline.landing import files
from pipeline.payloads import item_cost
from pipeline.sync import own_lines
from pipeline.sync.own_lines import (
    NOBODY,
    OwnFile,
    OwnRecord,
    RefusedLine,
    bad_currency,
    bad_day,
)
from pipeline.sync.project import Project

RESOURCE = "item_costs"
COLUMNS = ("seller_sku", "valid_from", "unit_cost", "currency_id")
THING = "cost"
"""What a valid line is, in words."""

SELLER = "seller_id"
"""A column that may be left out: whose goods; empty for every seller."""

_NUMBER = re.compile(r"(?:0|[1-9][0-9]{0,9})(\.[0-9]{1,6})?")
_SELLER = re.compile(r"[1-9][0-9]{0,17}")


@dataclass(frozen=True)
class Cost:
    """One line: what a unit of an SKU costs from a day on."""

    line: int
    seller_id: int
    seller_sku: str
    currency_id: str
    valid_from: str
    unit_cost: str

    @property
    def name(self) -> str:
        """What the landed record is called: everything but the cost."""
        return item_cost.name(
            self.seller_id, self.seller_sku, self.currency_id, self.valid_from
        )

    @property
    def payload(self) -> str:
        """The JSON text that lands."""
        return item_cost.text(
            self.seller_sku, self.currency_id, self.valid_from, self.unit_cost
        )


def read(data: bytes) -> OwnFile[Cost]:
    """Judge every line of a CSV with the columns `COLUMNS`, and perhaps `SELLER`.

    A cost is a plain number with a point, from 0 to below 10^10, with at most 6
    decimals. The second line of a seller, SKU, currency and day is refused; a day to
    come is not.
    """
    key = "SKU, currency and day"
    return own_lines.judged(data, COLUMNS, _judge, key, [SELLER])


def land(project: Project, found: OwnFile[Cost], name: str) -> int:
    """Land what a file says otherwise than the files before it; returns how many lines.

    Example: a file says 10 for an SKU from 1 March on, a second one 11. Loaded once
    more, the first lands again, because 10 is news then.

    Leaves out refused lines: the caller decides whether there may be any.
    """
    standing = _standing(project)
    news = [
        OwnRecord(one.line, one.name, one.payload, one.seller_id)
        for one in found.good
        if standing.get(one.name) != Decimal(one.unit_cost)
    ]
    if not news:
        return 0
    return own_lines.land(
        project,
        RESOURCE,
        news,
        source=name,
        file_name=f"csv-{found.digest}-{uuid4().hex[:8]}.parquet",
    )


def _standing(project: Project) -> dict[str, Decimal]:
    """The cost that landed last of each name."""
    landing = project.folder.landing
    landed = files.read_sound(landing, RESOURCE, files.listing(landing, RESOURCE))
    records = landed.sort("fetched_at").select("resource_id", "payload").iter_rows()
    return {
        name: Decimal(json.loads(payload, parse_float=Decimal)["unit_cost"])
        for name, payload in records
    }


def _judge(line: int, cells: Mapping[str, str]) -> Cost | RefusedLine:
    currency, seller = cells["currency_id"].upper(), cells[SELLER]
    reason = (
        (None if cells["seller_sku"] else "seller_sku is empty")
        or bad_day("valid_from", cells["valid_from"])
        or _bad_cost(cells["unit_cost"])
        or bad_currency("currency_id", currency)
        or _bad_seller(seller)
    )
    if reason:
        return RefusedLine(line, reason)
    return Cost(
        line,
        int(seller or NOBODY),
        cells["seller_sku"],
        currency,
        cells["valid_from"],
        cells["unit_cost"],
    )


def _bad_seller(text: str) -> str | None:
    if not text or _SELLER.fullmatch(text):
        return None
    return f"{SELLER} {text!r} is not a seller's number"


def _bad_cost(text: str) -> str | None:
    if _NUMBER.fullmatch(text):
        return None
    return f"unit_cost {text!r} is not a number such as 12.50"
