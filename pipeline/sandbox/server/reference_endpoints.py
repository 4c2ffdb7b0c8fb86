"""Endpoints of currency ratios, users and missed notifications.

Not here: orders and shipments (`order_endpoints`, `shipment_endpoints`).
"""

from datetime import timedelta
from decimal import Decimal
from zlib import crc32

from pipeline.sandbox.server.answers import Response, answer, error
from pipeline.sandbox.server.asked import Asked
from pipeline.sandbox.world.clock import milliseconds, stamp
from pipeline.sandbox.world.facts import FIRST_SELLER_ID
from pipeline.sandbox.world.objects import Object
from pipeline.sandbox.world.people import FIRST_BUYER_ID

_OLD, _BOTH = 0, 1
"""Shapes of a conversion: `ratio` alone, or with the newer fields; 2: only those."""


def conversion(asked: Asked) -> Response:
    """GET /currency_conversions/search: as `ratio`, or in the newer shape, by pair.

    The newer shape has `rate` and `inv_rate`, and in a third of the pairs `ratio` too.
    404 for an unknown pair.
    """
    query = asked.request.query_params
    origin, target = query.get("from", ""), query.get("to", "")
    ratio = asked.world.exchange_rate(origin, target)
    if ratio is None:
        message = f"Currency conversion not found from {origin} to {target}"
        raise error(404, "not_found", message, cause=None)
    spelling = crc32(f"{origin}/{target}".encode()) % 3
    # ARS to BRL is the documents' own example, to the letter.
    if spelling == _OLD or (origin, target) == ("ARS", "BRL"):
        return answer({"ratio": ratio})
    now = asked.world.clock.now
    until = now + timedelta(days=1)
    inverse = (1 / ratio).quantize(Decimal("0.000001"))
    body = {
        "currency_base": origin,
        "currency_quote": target,
        "rate": ratio,
        "inv_rate": inverse,
        "creation_date": stamp(milliseconds(now) // 1000),
        "valid_until": stamp(milliseconds(until) // 1000),
    }
    return answer(body | {"ratio": ratio} if spelling == _BOTH else body)


def me(asked: Asked) -> Response:
    """GET /users/me: the token's owner, with what only the owner sees."""
    identity = asked.owner.user_id
    made = _user(asked, identity)
    private = {"first_name": "Test", "last_name": "Seller"}
    private["email"] = f"seller-{identity}@example.com"
    return answer(made | private)


def user(asked: Asked) -> Response:
    """GET /users/{id}: the public part of an account."""
    identity = asked.identity("bad_request", "Invalid user_id")
    return answer(_user(asked, identity))


def missed_feeds(asked: Asked) -> Response:
    """GET /missed_feeds: messages of an application that nobody answered in time."""
    wanted = asked.request.query_params
    if not wanted.get("app_id", "").isdecimal():
        raise error(400, "bad_request", "app_id is required")
    if wanted.get("topic") == "items" and "site_id" not in wanted:
        raise error(400, "bad_request", "site_id is required")
    found = [
        one
        for one in asked.sandbox.missed
        if one["application_id"] == int(wanted["app_id"])
        and wanted.get("topic", one["topic"]) == one["topic"]
    ]
    offset, limit = (
        int(text) if (text := wanted.get(name, "")).isdecimal() else default
        for name, default in (("offset", 0), ("limit", 10))
    )
    messages = [
        one
        | {
            "request": {"url": "", "headers": {}, "data": "{}"},
            "response": {"req_time": 500, "http_code": 0, "body": "", "headers": {}},
        }
        for one in found[offset : offset + limit]
    ]
    return answer({"messages": messages})


def _user(asked: Asked, identity: int) -> Object:
    if identity in asked.world.sellers:
        home = asked.world.site(identity)
        nickname = f"TESTSELLER{identity - FIRST_SELLER_ID}"
    elif identity >= FIRST_BUYER_ID:
        home = asked.world.site(asked.world.sellers[0])
        nickname = f"TESTBUYER{identity}"
    else:
        message = f"The User ID must match the consultant's: {identity}"
        raise error(404, "not_found", message)
    return {
        "id": identity,
        "nickname": nickname,
        "country_id": home.country_id,
        "site_id": home.id,
        "user_type": "normal",
        "tags": ["normal", "test_user"],
        "registration_date": "2015-01-01T00:00:00.000-04:00",
        "status": {"site_status": "active"},
    }
