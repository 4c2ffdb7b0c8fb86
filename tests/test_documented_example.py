"""The documents' own cart, from an API that serves no more than the documents show.

Not the sandbox: a hundred lines of standard library, so that what both we and the
sandbox might take for granted is missing here: no `/users/{id}`, no `context`, no site
in a payment, no `cancel_detail` key.
"""

import json
import re
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import time_machine

from pipeline.definitions import assembled
from pipeline.defs import jobs
from pipeline.extraction.windows import Range
from pipeline.instance import running
from pipeline.settings import read
from pipeline.sync.project import Project
from pipeline.warehouse.read import query
from tests.conftest import forgetful

SELLER = 700100200


def order(number: int, price: str, quantity: int, fee: str) -> dict[str, Any]:
    """A search row as docs/mercado-libre-api.md shows it."""
    total = Decimal(price) * quantity
    return {
        "id": number,
        "status": "paid",
        "status_detail": None,
        "date_created": "2026-03-02T10:15:04.000-04:00",
        "date_closed": "2026-03-02T10:15:21.000-04:00",
        "last_updated": "2026-03-02T10:17:40.000-04:00",
        "date_last_updated": "2026-03-02T14:17:40.512Z",
        "pack_id": 2000010000000001,
        "currency_id": "BRL",
        "total_amount": float(total),
        "paid_amount": float(total),
        "shipping_cost": None,
        "taxes": {"amount": None, "currency_id": None},
        "order_items": [
            {
                "item": {
                    "id": "MLB3000000001",
                    "title": "Produto A",
                    "variation_id": None,
                    "seller_sku": "SKU-A",
                },
                "quantity": quantity,
                "unit_price": float(price),
                "full_unit_price": float(price) + 10,
                "currency_id": "BRL",
                "sale_fee": float(fee),
                "listing_type_id": "gold_special",
                "base_currency_id": None,
                "base_exchange_rate": None,
            }
        ],
        "payments": [
            {
                "id": 90000000000 + number % 10,
                "order_id": number,
                "status": "approved",
                "transaction_amount": float(total),
                "shipping_cost": 0,
                "total_paid_amount": float(total),
                "marketplace_fee": 28.76,
                "currency_id": "BRL",
                "date_approved": "2026-03-02T10:15:20.000-04:00",
            }
        ],
        "shipping": {"id": 46000000001},
        "buyer": {"id": 800300400, "nickname": "TESTBUYER"},
        "seller": {"id": SELLER},
        "tags": ["pack_order", "order_has_discount", "paid", "not_delivered"],
        "mediations": [],
        "feedback": {"sale": None, "purchase": None},
    }


ORDERS = [
    # Two units of one item: the fee is per unit.
    order(2000020000000001, "89.90", 2, "14.38"),
    order(2000020000000002, "45.50", 1, "7.28"),
]
ANSWERS: dict[str, Any] = {
    "/packs/2000010000000001": {
        "id": 2000010000000001,
        "status": "released",
        "status_detail": None,
        "family_pack_id": None,
        "buyer": {"id": 800300400},
        "shipment": {"id": 46000000001},
        "orders": [{"id": 2000020000000001}, {"id": 2000020000000002}],
        "date_created": "2026-03-02T10:14:50.000-0400",
        "last_updated": "2026-03-02T10:18:00.000-0400",
    },
    "/shipments/46000000001": {
        "id": 46000000001,
        "status": "ready_to_ship",
        "substatus": "printed",
        "date_created": "2026-03-02T10:15:20.477-04:00",
        "last_updated": "2026-03-02T15:02:11.120-04:00",
        "logistic": {"mode": "me2", "type": "xd_drop_off", "direction": "forward"},
        "lead_time": {
            "currency_id": "BRL",
            "cost": 18.90,
            "list_cost": 34.85,
            "cost_type": "partially_free",
        },
    },
    "/shipments/46000000001/costs": {
        "gross_amount": 50.80,
        "receiver": {"user_id": 800300400, "cost": 18.90},
        "senders": [{"user_id": SELLER, "cost": 15.95}],
    },
}


class Documented(BaseHTTPRequestHandler):
    """Answers what the documents show; 404 in their shape for everything else."""

    orders = ORDERS

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        asked = {name: one[0] for name, one in parse_qs(parts.query).items()}
        if parts.path == "/orders/search":
            return self._send(200, self._search(asked))
        if parts.path in ANSWERS:
            return self._send(200, ANSWERS[parts.path])
        missing = {"message": "not found", "error": "not_found", "status": 404}
        return self._send(404, missing | {"cause": []})

    def _search(self, asked: dict[str, str]) -> dict[str, Any]:
        start, end = (
            datetime.fromisoformat(
                re.sub("Z$", "+00:00", asked[f"order.date_last_updated.{side}"])
            ).replace(minute=0, second=0, microsecond=0)
            for side in ("from", "to")
        )
        found = [
            one
            for one in self.orders
            if start <= datetime.fromisoformat(one["date_last_updated"]) <= end
            and asked.get("order.status", one["status"]) == one["status"]
        ]
        offset, limit = int(asked["offset"]), int(asked["limit"])
        return {
            "query": "",
            "results": found[offset : offset + limit],
            "paging": {"total": len(found), "offset": offset, "limit": limit},
            "display": "complete",
        }

    def _send(self, status: int, body: object) -> None:
        text = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def url() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Documented) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


def sync(url: str, folder: Path) -> running.Ended:
    """Three days of the documented API, just after they ended."""
    wanted = read(
        base_url=url,
        access_token="APP_USR-anything",
        seller_ids=(SELLER,),
        data_dir=folder,
        fetch_shipping_costs=True,
    )
    span = Range(datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 3, 4, tzinfo=UTC))
    config = jobs.config(span)
    with (
        time_machine.travel(span.end + timedelta(minutes=30)),
        forgetful() as instance,
        Project(wanted) as project,
    ):
        job = assembled().resolve_job_def("sync")
        return running.run(job, project, config=config, instance=instance)


def test_a_bad_record_is_set_aside_with_its_path_and_the_rest_goes_on(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad = order(2000020000000003, "10.00", 1, "1.00")
    bad["order_items"][0]["unit_price"] = {"amount": "ten"}
    worse = order(2000020000000004, "10.00", 1, "1.00") | {"id": "none"}
    monkeypatch.setattr(Documented, "orders", [bad, *ORDERS, worse])

    ended = sync(url, tmp_path / "data")

    assert ended.is_good, ended
    held = query(tmp_path / "data", "select order_id from core.orders order by all")
    assert held["order_id"].to_list() == [2000020000000001, 2000020000000002]
    refused = query(
        tmp_path / "data",
        "select resource, resource_id, reason, is_resolved,"
        " payload not like '%TESTBUYER%' as is_redacted"
        " from ops.quarantine order by resource_id",
    ).rows()
    assert [row[:2] for row in refused] == [
        ("orders", "2000020000000003"),
        ("orders", "none"),
    ]
    assert "order_items[0].unit_price" in refused[0][2]
    assert refused[1][2].startswith("id: ")
    assert [row[3:] for row in refused] == [(False, True), (False, True)]


def test_the_documented_cart_comes_to_244_20_and_leaves_173_31(
    url: str, tmp_path: Path
) -> None:
    ended = sync(url, tmp_path / "data")
    assert ended.is_good, ended

    rows = query(
        tmp_path / "data",
        "select order_id, site_id, sold_date::varchar as sold_date, total_amount,"
        " taxes_amount, shipping_amount, total_amount_with_shipping,"
        " total_amount_with_full_shipping, sale_fee_amount, seller_shipping_amount,"
        " refunded_amount, estimated_proceeds_amount, completeness"
        " from marts.orders order by order_id",
    ).rows()
    assert rows == [
        # 18.90 × 179.80 / 225.30 = 15.083…, 18.90 × 45.50 / 225.30 = 3.816…
        (2000020000000001, "MLB", "2026-03-02", *map(Decimal, (
            "179.80", "0.00", "15.08", "194.88", "198.70", "28.76", "12.73", "0.00",
            "138.31",
        )), "complete"),
        (2000020000000002, "MLB", "2026-03-02", *map(Decimal, (
            "45.50", "0.00", "3.82", "49.32", "64.40", "7.28", "3.22", "0.00",
            "35.00",
        )), "complete"),
    ]  # fmt: skip
    [(total, net)] = query(
        tmp_path / "data",
        "select sum(total_amount_with_shipping), sum(estimated_proceeds_amount)"
        " from marts.orders",
    ).rows()
    assert (total, net) == (Decimal("244.20"), Decimal("173.31"))
    [(sales, shipping, complete)] = query(
        tmp_path / "data",
        "select gross_sales_amount, shipping_amount, is_complete from marts.daily_sales"
        " where sold_date = date '2026-03-02'",
    ).rows()
    assert (sales, shipping, complete) == (Decimal("225.30"), Decimal("18.90"), True)
