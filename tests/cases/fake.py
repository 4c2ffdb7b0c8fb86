"""A Mercado Libre for the cases, made with the standard library alone.

It knows nothing of the pipeline and nothing of its sandbox: what it answers comes from
the documents and from the case. A case is laid over plain answers: a paid order of 100
in the site's currency, closed 2026-11-02, one line, one payment approved, no pack, no
shipment; a fee of 10 a unit.
"""

import contextlib
import copy
import http.server
import json
import re
import threading
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple
from urllib.parse import parse_qs, urlsplit

SELLER = 700100200
REFRESH_TOKEN = f"TG-000000000000000000000000-{SELLER}"

Case = Mapping[str, Any]

_CURRENCIES = {
    "MLA": "ARS", "MLB": "BRL", "MLM": "MXN", "MLC": "CLP", "MCO": "COP", "MLU": "UYU",
    "MPE": "PEN", "MEC": "USD", "MLV": "VES", "MPY": "PYG", "MBO": "BOB", "CBT": "USD",
}  # fmt: skip
_COUNTRIES = {
    "MLA": "AR", "MLB": "BR", "MLM": "MX", "MLC": "CL", "MCO": "CO", "MLU": "UY",
    "MPE": "PE", "MEC": "EC", "MLV": "VE", "MPY": "PY", "MBO": "BO", "CBT": "CN",
}  # fmt: skip

_LIMIT = 51
_CEILING = 10_000


class Answer(NamedTuple):
    status: int
    body: Any
    headers: Mapping[str, str] = {}


def _refused(status: int, error: str, message: str) -> Answer:
    body = {"message": message, "error": error, "status": status, "cause": []}
    return Answer(status, body)


_UNKNOWN = _refused(404, "not_found", "Resource not found")


def lay(over: Any, under: Any) -> Any:
    """Lay what a case says over a plain answer.

    Objects are merged key by key, lists of objects element by element (the last plain
    element is the model of all further ones); anything else replaces. `$drop` takes
    keys away, `$whole` replaces whatever was there.
    """
    if isinstance(over, Mapping):
        if "$whole" in over:
            return copy.deepcopy(over["$whole"])
        result: dict[str, Any] = {}
        if isinstance(under, Mapping):
            result.update(copy.deepcopy(under))
        for key, value in over.items():
            if not key.startswith("$"):
                result[key] = lay(value, result.get(key))
        for key in over.get("$drop", ()):
            result.pop(key, None)
        return result
    if isinstance(over, list):
        models = under if isinstance(under, list) else []
        return [
            lay(one, models[min(at, len(models) - 1)])
            if models and isinstance(one, Mapping)
            else lay(one, None)
            for at, one in enumerate(over)
        ]
    return copy.deepcopy(over)


def plain_order(site: str, order_id: int) -> dict[str, Any]:
    currency = _CURRENCIES[site]
    return {
        "id": order_id,
        "status": "paid",
        "status_detail": None,
        "date_created": "2026-11-02T10:00:00.000-04:00",
        "date_closed": "2026-11-02T10:00:02.000-04:00",
        "last_updated": "2026-11-02T10:02:00.000-04:00",
        "date_last_updated": "2026-11-02T14:02:00.512Z",
        "expiration_date": None,
        "pack_id": None,
        "fulfilled": None,
        "buying_mode": "buy_equals_pay",
        "shipping_cost": None,
        "mediations": [],
        "currency_id": currency,
        "total_amount": 100,
        "paid_amount": 100,
        "order_items": [
            {
                "item": {
                    "id": f"{site}3000000001",
                    "title": "Producto A",
                    "category_id": f"{site}1000",
                    "variation_id": None,
                    "seller_custom_field": None,
                    "seller_sku": "SKU-A",
                },
                "quantity": 1,
                "unit_price": 100,
                "full_unit_price": None,
                "gross_price": None,
                "currency_id": currency,
                "sale_fee": 10,
                "listing_type_id": "gold_special",
                "base_currency_id": None,
                "base_exchange_rate": None,
            }
        ],
        "payments": [plain_payment(site, order_id, 1)],
        "shipping": {"id": None},
        "tags": ["paid", "not_delivered"],
        "internal_tags": [],
        "static_tags": [],
        "feedback": {"seller": None, "buyer": None},
        "context": {"channel": "marketplace", "site": site, "flows": []},
        "seller": {"id": SELLER},
        "buyer": {"id": 800300400, "nickname": "TESTBUYER"},
        "taxes": {"amount": None, "currency_id": None, "id": None},
        "cancel_detail": None,
        "order_request": {"change": None, "return": None},
        "related_orders": None,
    }


def plain_payment(site: str, order_id: int, number: int) -> dict[str, Any]:
    return {
        "id": 90_000_000_000 + order_id % 100_000_000 * 10 + number,
        "order_id": order_id,
        "payer_id": 800300400,
        "collector": {"id": SELLER},
        "site_id": site,
        "payment_method_id": "account_money",
        "payment_type": "account_money",
        "operation_type": "regular_payment",
        "currency_id": _CURRENCIES[site],
        "installments": 1,
        "status": "approved",
        "status_detail": "accredited",
        "transaction_amount": 100,
        "transaction_amount_refunded": 0,
        "taxes_amount": 0,
        "shipping_cost": 0,
        "coupon_amount": 0,
        "overpaid_amount": 0,
        "total_paid_amount": 100,
        "marketplace_fee": 0,
        "date_created": "2026-11-02T10:00:01.000-04:00",
        "date_approved": "2026-11-02T10:00:02.000-04:00",
        "date_last_modified": "2026-11-02T10:00:02.000-04:00",
    }


def plain_shipment(site: str, shipment_id: int) -> dict[str, Any]:
    place = {
        "city": {"id": f"{_COUNTRIES[site]}-X-1", "name": "Ciudad"},
        "state": {"id": f"{_COUNTRIES[site]}-X", "name": "Capital"},
        "country": {"id": _COUNTRIES[site], "name": "País"},
    }
    return {
        "id": shipment_id,
        "status": "delivered",
        "substatus": None,
        "date_created": "2026-11-02T10:00:05.477-04:00",
        "last_updated": "2026-11-05T15:02:11.120-04:00",
        "tracking_number": None,
        "tags": [],
        "logistic": {"mode": "me2", "type": "drop_off", "direction": "forward"},
        "source": {"site_id": site, "market_place": "MELI"},
        "origin": {"sender_id": SELLER, "shipping_address": place},
        "destination": {"receiver_id": 800300400, "shipping_address": place},
        "lead_time": {
            "option_id": 1000000003,
            "shipping_method": {"id": 182, "type": "standard", "name": "Normal"},
            "currency_id": _CURRENCIES[site],
            "cost": 0,
            "list_cost": 0,
            "cost_type": "free",
            "service_id": 22,
        },
    }


def plain_costs(shipment: Mapping[str, Any]) -> dict[str, Any]:
    """What a shipment costs that the seller pays nothing for."""
    paid = (shipment.get("lead_time") or {}).get("cost")
    return {
        "gross_amount": paid,
        "receiver": {
            "user_id": 800300400, "cost": paid, "compensation": 0, "save": 0,
            "discounts": [], "compensations": [],
        },
        "senders": [
            {
                "user_id": SELLER, "cost": 0, "compensation": 0, "save": 0,
                "discounts": [], "compensations": [],
            }
        ],
    }  # fmt: skip


def plain_pack(pack_id: int, orders: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    shipments = [(order.get("shipping") or {}).get("id") for order in orders]
    first = next((one for one in shipments if one is not None), None)
    return {
        "id": pack_id,
        "status": "released",
        "status_detail": None,
        "family_pack_id": None,
        "buyer": {"id": 800300400},
        "shipment": {"id": int(first)} if first is not None else None,
        "orders": [{"id": order["id"]} for order in orders],
        "date_created": "2026-11-02T10:00:00.000-0400",
        "last_updated": "2026-11-02T10:02:00.000-0400",
    }


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


def _hour(text: str) -> datetime:
    """The API cuts dates of a filter to the hour."""
    return _instant(text).replace(minute=0, second=0, microsecond=0)


@dataclass
class Fake:
    """Everything that one case answers, sync by sync."""

    case: Case
    sync_number: int = 1
    """Which sync is running: an order given as a list is at this element of it."""
    asked: list[str] = field(default_factory=list)
    url: str = ""
    _turns: dict[str, int] = field(default_factory=dict)
    _refresh_token: str = REFRESH_TOKEN
    _renewals: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def site(self) -> str:
        return str(self.case.get("site", "MLA"))

    def orders(self) -> list[dict[str, Any]]:
        """The rows of the search, as they are in this sync."""
        rows = []
        for given in self.case.get("orders", ()):
            over = given
            if isinstance(given, list):
                over = given[min(self.sync_number, len(given)) - 1]
            order_id = int(over["id"])
            under = plain_order(self.site, order_id)
            under["payments"] = [
                plain_payment(self.site, order_id, number)
                for number in range(1, 1 + max(1, len(over.get("payments", ()))))
            ]
            rows.append(lay(over, under))
        return rows

    def answer(
        self, method: str, target: str, body: bytes, headers: Mapping[str, str]
    ) -> Answer:
        parts = urlsplit(target)
        query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
        with self._lock:
            self.asked.append(target)
            if (method, parts.path) == ("POST", "/oauth/token"):
                return self._token(body)
            if not headers.get("Authorization", "").startswith("Bearer APP_USR-"):
                message = "authorization value not present"
                return Answer(401, {"code": "unauthorized", "message": message})
            if parts.path in self.case.get("answers", {}):
                own = self.case["answers"][parts.path]
                return self._told(parts.path, own, None)
            for pattern, door in _DOORS:
                if found := re.fullmatch(pattern, parts.path):
                    return door(self, query, *found.groups())
        return _UNKNOWN

    def _told(self, key: str, own: Any, under: Any) -> Answer:
        """The answer of a case: in turn where it is a list, laid over a plain one."""
        if isinstance(own, list):
            turn = self._turns.get(key, 0)
            self._turns[key] = turn + 1
            own = own[min(turn, len(own) - 1)]
        if isinstance(own, Mapping) and ("$status" in own or "$body" in own):
            status = int(own.get("$status", 200))
            return Answer(status, own.get("$body"), own.get("$headers", {}))
        return Answer(200, lay(own, under))

    def _token(self, body: bytes) -> Answer:
        form = {name: values[-1] for name, values in parse_qs(body.decode()).items()}
        if form.get("refresh_token") != self._refresh_token:
            told = "Your authorization code or refresh token may be expired"
            return Answer(
                400,
                {
                    "error_description": f"Error validating grant. {told}",
                    "error": "invalid_grant", "status": 400, "cause": [],
                },
            )  # fmt: skip
        self._renewals += 1
        self._refresh_token = f"TG-{self._renewals:024d}-{SELLER}"
        return Answer(
            200,
            {
                "access_token": f"APP_USR-0-110210-{self._renewals:032d}-{SELLER}",
                "token_type": "bearer",
                "expires_in": 21600,
                "scope": "offline_access read write",
                "user_id": SELLER,
                "refresh_token": self._refresh_token,
            },
        )

    def _user(self, query: Mapping[str, str], who: str) -> Answer:
        if who not in ("me", str(SELLER)):
            return _UNKNOWN
        plain = {
            "id": SELLER,
            "nickname": "TESTSELLER",
            "site_id": self.site,
            "country_id": _COUNTRIES[self.site],
            "user_type": "normal",
            "tags": ["normal"],
            "status": {"site_status": "active"},
        }
        return Answer(200, lay(self.case.get("seller", {}), plain))

    def _search(self, query: Mapping[str, str]) -> Answer:
        if query.get("seller") != str(SELLER):
            message = "caller.id does not match buyer or seller"
            return _refused(403, "caller.id.invalid", message)
        offset, limit = int(query.get("offset", 0)), int(query.get("limit", 50))
        for value, most in ((limit, _LIMIT), (offset + limit, _CEILING)):
            if value > most:
                message = f"Limit must be a lower or equal than {most}"
                return _refused(400, "limit.maximum_exceeded", message)
        rows = [row for row in self.orders() if _is_asked(row, query)]
        rows.sort(
            key=lambda row: (
                _instant(row.get("date_closed") or row["date_created"]),
                int(row["id"]),
            ),
            reverse=query.get("sort") == "date_desc",
        )
        search = self.case.get("search", {})
        page = rows[offset : offset + limit]
        missing: list[str] = []
        for row in page:
            for name in search.get("missing", {}).get(str(row["id"]), ()):
                row.pop(name, None)
                missing += [name] if name not in missing else []
        body = {
            "query": "",
            "results": page,
            "sort": {"id": query.get("sort", "date_asc")},
            "available_sorts": [],
            "filters": [],
            "paging": {
                "total": min(len(rows), search.get("total", len(rows))),
                "offset": offset,
                "limit": limit,
            },
            "display": "complete",
        }
        if missing:
            names = ", ".join(missing)
            return Answer(206, body, {"X-Content-Missing": search.get("header", names)})
        return Answer(200, body)

    def _order(self, query: Mapping[str, str], order_id: str) -> Answer:
        for row in self.orders():
            if str(row["id"]) == order_id:
                del row["date_last_updated"]
                own = self.case.get("details", {}).get(order_id, {})
                return self._told(f"details/{order_id}", own, row)
        return _refused(404, "not_found", "Order does not exist")

    def _discounts(self, query: Mapping[str, str], order_id: str) -> Answer:
        own = self.case.get("discounts", {}).get(order_id, {})
        return self._told(f"discounts/{order_id}", own, {"details": []})

    def _pack(self, query: Mapping[str, str], pack_id: str) -> Answer:
        inside = [row for row in self.orders() if str(row.get("pack_id")) == pack_id]
        own = self.case.get("packs", {}).get(pack_id)
        if own is None and not inside:
            return _refused(404, "not_found", "Order do not exists")
        under = plain_pack(int(pack_id), inside)
        return self._told(f"packs/{pack_id}", own or {}, under)

    def _shipment(self, query: Mapping[str, str], shipment_id: str) -> Answer:
        own = self.case.get("shipments", {}).get(shipment_id)
        if own is None:
            message = f"Not found shipping with id: {shipment_id}"
            return _refused(404, "not_found_shipping_id", message)
        under = plain_shipment(self.site, int(shipment_id))
        return self._told(f"shipments/{shipment_id}", own, under)

    def _costs(self, query: Mapping[str, str], shipment_id: str) -> Answer:
        own = self.case.get("shipments", {}).get(shipment_id)
        if isinstance(own, list):
            own = own[-1]
        costs = self.case.get("costs", {}).get(shipment_id)
        if costs is None and (own is None or "$status" in own):
            return self._shipment(query, shipment_id)
        shipment = lay(own or {}, plain_shipment(self.site, int(shipment_id)))
        return self._told(f"costs/{shipment_id}", costs or {}, plain_costs(shipment))

    def _rate(self, query: Mapping[str, str]) -> Answer:
        pair = f"{query.get('from')}-{query.get('to')}"
        own = self.case.get("rates", {}).get(pair)
        if own is None:
            message = f"Currency conversion not found from {pair.replace('-', ' to ')}"
            body = {"message": message, "error": "not_found", "status": 404}
            return Answer(404, {**body, "cause": None})
        if not isinstance(own, Mapping | list):
            own = {"ratio": own}
        return self._told(f"rates/{pair}", own, None)


_DOORS: Sequence[tuple[str, Callable[..., Answer]]] = (
    ("/users/([^/]+)", Fake._user),
    ("/orders/search", Fake._search),
    ("/orders/([0-9]+)", Fake._order),
    ("/orders/([0-9]+)/discounts", Fake._discounts),
    ("/packs/([0-9]+)", Fake._pack),
    ("/shipments/([0-9]+)", Fake._shipment),
    ("/shipments/([0-9]+)/costs", Fake._costs),
    ("/currency_conversions/search", Fake._rate),
)


def _is_asked(row: Mapping[str, Any], query: Mapping[str, str]) -> bool:
    """Whether the filters of a search let a row pass; both ends count."""
    statuses = query.get("order.status")
    if statuses and row.get("status") not in statuses.split(","):
        return False
    for name in ("date_last_updated", "date_created", "date_closed"):
        first, last = (query.get(f"order.{name}.{end}") for end in ("from", "to"))
        if not (first or last):
            continue
        if row.get(name) is None:
            return False
        at = _instant(row[name])
        if (first and at < _hour(first)) or (last and at > _hour(last)):
            return False
    return True


@contextlib.contextmanager
def serve(case: Case) -> Generator[Fake, None, None]:
    """Serve a case on a free port of the loopback, until the block ends."""
    fake = Fake(case)

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def _reply(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            answer = fake.answer(
                self.command, self.path, self.rfile.read(length), dict(self.headers)
            )
            is_text = isinstance(answer.body, str)
            text = answer.body if is_text else json.dumps(answer.body, default=float)
            payload = text.encode()
            self.send_response(answer.status)
            self.send_header("Content-Type", "application/json;charset=utf-8")
            self.send_header("Content-Length", str(len(payload)))
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(payload)

        do_GET = do_POST = _reply  # noqa: N815

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    fake.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(
        target=server.serve_forever, kwargs={"poll_interval": 0.02}
    )
    thread.start()
    try:
        yield fake
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
