"""Costs of goods from a seller's CSV: judged line by line, landed; the last counts.

The API knows no costs. Landed lines stay, so a rebuild gives the same costs. Not here:
which cost a sale has (`marts.order_item_margins`).
"""

import json
import re
from collections.abc import Mapping
from decimal import Decimal
from uuid import uuid4

from pipeline.landing import files
from pipeline.payloads import item_cost
from pipeline.sync import own_lines
from pipeline.sync.own_lines import (
    NOBODY,
    OwnFile,
    OwnRecord,
    bad_currency,
    bad_day,
)
from pipeline.sync.project import Project
from pipeline.tie_out.delimited import RefusedLine

RESOURCE = "item_costs"
COLUMNS = ("seller_sku", "valid_from", "unit_cost", "currency_id")
THING = "cost"
"""What a valid line is, in words."""

SELLER = "seller_id"
"""A column that may be left out: whose goods; empty for every seller."""

_NUMBER = re.compile(r"(?:0|[1-9][0-9]{0,9})(\.[0-9]{1,6})?")
_SELLER = re.compile(r"[1-9][0-9]{0,17}")
_NO_COST = "unit_cost {!r} is not a number such as 12.50"
_NO_SELLER = SELLER + " {!r} is not a seller's number"


def read(data: bytes) -> OwnFile:
    """Judge every line of a CSV with the columns `COLUMNS`, and perhaps `SELLER`.

    A cost is a plain number with a point, from 0 to below 10^10, with at most 6
    decimals. The second line of a seller, SKU, currency and day is refused; a day to
    come is not.
    """
    key = "SKU, currency and day"
    return own_lines.judged(data, COLUMNS, _judge, key, [SELLER])


def land(project: Project, found: OwnFile, name: str) -> int:
    """Land what a file says otherwise than the files before it; returns how many lines.

    Example: a file says 10 for an SKU from 1 March on, a second one 11. Loaded once
    more, the first lands again, because 10 is news then.

    Leaves out refused lines: the caller decides whether there may be any.
    """
    standing = _standing(project)
    news = [
        one for one in found.good if standing.get(one.name) != _cost_of(one.payload)
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
    return {name: _cost_of(payload) for name, payload in records}


def _cost_of(payload: str) -> Decimal:
    return Decimal(json.loads(payload, parse_float=Decimal)["unit_cost"])


def _judge(line: int, cells: Mapping[str, str]) -> OwnRecord | RefusedLine:
    sku, day, cost = cells["seller_sku"], cells["valid_from"], cells["unit_cost"]
    currency, seller = cells["currency_id"].upper(), cells[SELLER]
    reason = (
        (None if sku else "seller_sku is empty")
        or bad_day("valid_from", day)
        or (None if _NUMBER.fullmatch(cost) else _NO_COST.format(cost))
        or bad_currency("currency_id", currency)
        or (None if _SELLER.fullmatch(seller or "1") else _NO_SELLER.format(seller))
    )
    if reason:
        return RefusedLine(line, reason)
    seller_id = int(seller or NOBODY)
    return OwnRecord(
        line,
        item_cost.name(seller_id, sku, currency, day),
        item_cost.text(sku, currency, day, cost),
        seller_id,
    )
