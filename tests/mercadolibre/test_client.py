"""The client asks what is documented, in the documented words, page by page."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING

import httpx
import pytest

from pipeline.mercadolibre import errors
from pipeline.mercadolibre.client import MercadoLibre, Variant, updated_within
from pipeline.mercadolibre.page import Page

if TYPE_CHECKING:
    from tests.mercadolibre.conftest import Api

    Found = Callable[..., httpx.Response]

NOON = datetime(2026, 7, 1, 12, tzinfo=UTC)


def paths_and_params(api: Api) -> list[tuple[str, dict[str, str]]]:
    return [(asked.url.path, dict(asked.url.params)) for asked in api.asked]


def test_a_search_advances_by_what_came_and_ends_with_an_empty_page(
    api: Api, found: Found
) -> None:
    # The second page is short, but not the last.
    api.will(found(1, 51, 64), found(52, 10, 64), found(62, 3, 64), found(65, 0, 64))
    pages = list(api.connect().search_orders(seller=700100200))
    assert [page.count for page in pages] == [51, 10, 3, 0]
    assert [page.total for page in pages] == [64, 64, 64, 64]
    assert paths_and_params(api) == [
        (
            "/orders/search",
            {"seller": "700100200", "sort": "date_asc", "offset": at, "limit": "51"},
        )
        for at in ("0", "51", "61", "64")
    ]


def test_the_next_page_is_asked_for_only_when_it_is_wanted(
    api: Api, found: Found
) -> None:
    api.will(found(1, 51, 200))
    pages = api.connect().search_orders(seller=1)
    assert len(api.asked) == 0
    next(pages)
    assert len(api.asked) == 1


def test_an_empty_search_is_one_empty_page(api: Api, found: Found) -> None:
    api.will(found(1, 0, 0))
    (page,) = api.connect().search_orders(seller=1)
    assert (page.records(), page.total) == ([], 0)


def test_dates_are_sent_in_utc_as_documented_and_encoded(
    api: Api, found: Found
) -> None:
    api.will(found(1, 0))
    brasilia = timezone(timedelta(hours=-3))
    list(
        api.connect().search_orders(
            seller=1,
            filters=updated_within(
                datetime(2026, 7, 1, 9, tzinfo=brasilia),
                NOON.replace(microsecond=999_999),
            ),
        )
    )
    params = dict(api.asked[0].url.params)
    assert params["order.date_last_updated.from"] == "2026-07-01T12:00:00.000-00:00"
    assert params["order.date_last_updated.to"] == "2026-07-01T12:00:00.999-00:00"
    assert b"+" not in api.asked[0].url.raw_path


def test_a_moment_without_time_zone_is_refused() -> None:
    naive = NOON.replace(tzinfo=None)
    with pytest.raises(ValueError, match="2026-07-01T12:00:00 has no time zone"):
        updated_within(naive, NOON)


def test_any_filter_is_sent_by_its_documented_name(api: Api, found: Found) -> None:
    api.will(found(1, 0))
    filters = {
        "order.status": "paid,cancelled",
        "q": "2000020000000001",
        "tags.not": "test_order,no_shipping",
        "feedback.sale.fulfilled": "true",
    }
    list(
        api.connect().search_orders(
            seller=1, filters=filters, sort="date_desc", offset=10, limit=20
        )
    )
    assert dict(api.asked[0].url.params) == {
        "seller": "1",
        **filters,
        "sort": "date_desc",
        "offset": "10",
        "limit": "20",
    }


def test_shipments_of_an_order_are_asked_for_in_the_hosted_view(api: Api) -> None:
    rows = [{"id": 46000000001, "type": "forward"}]
    api.will(httpx.Response(200, json=rows), httpx.Response(204))
    client = api.connect()
    page = client.order_shipments(order_id=7)
    assert api.asked[0].url.path == "/orders/7/shipments"
    assert api.asked[0].headers["X-New-Domain"] == "true"
    assert (page.status, page.is_missing) == (200, False)
    none = client.order_shipments(order_id=8)
    assert (none.status, none.body, none.is_missing) == (204, b"", True)


def test_an_empty_answer_is_one_only_where_it_is_documented(api: Api) -> None:
    api.will(httpx.Response(204))
    with pytest.raises(errors.MercadoLibreError, match="204"):
        api.connect().order(order_id=7)


@pytest.mark.parametrize("variant", ["recent", "archived", "pending"])
def test_the_legacy_searches_lie_below_the_usual_one(
    api: Api, found: Found, variant: Variant
) -> None:
    api.will(found(1, 0))
    list(api.connect().search_orders(seller=1, variant=variant))
    [(path, params)] = paths_and_params(api)
    assert path == f"/orders/search/{variant}"
    assert params["seller"] == "1"


def test_the_page_before_the_ceiling_is_asked_smaller(api: Api, found: Found) -> None:
    # 9996 + 51 would be refused; 9996 + 4 reaches row 10000, and that is all.
    api.will(found(9997, 4, 10_000))
    pages = list(api.connect().search_orders(seller=1, offset=9996))
    assert [page.count for page in pages] == [4]
    assert [asked.url.params["limit"] for asked in api.asked] == ["4"]


def test_rows_behind_the_ceiling_are_an_error_and_not_asked_for(
    api: Api, found: Found
) -> None:
    api.will(found(1, 51, 101), found(52, 49, 101))
    pages = api.connect().search_orders(seller=1, ceiling=100)
    assert [next(pages).count, next(pages).count] == [51, 49]
    with pytest.raises(errors.LimitExceeded) as caught:
        next(pages)
    assert caught.value.ceiling == 100
    assert str(caught.value) == (
        "GET /orders/search: more than 100 rows, which paging cannot reach"
    )
    assert len(api.asked) == 2


def test_a_ceiling_without_a_total_cannot_prove_the_end(api: Api, found: Found) -> None:
    api.will(found(1, 51))
    with pytest.raises(errors.LimitExceeded):
        list(api.connect().search_orders(seller=1, ceiling=51))


def test_an_offset_above_the_ceiling_is_refused_before_asking(api: Api) -> None:
    with pytest.raises(errors.LimitExceeded):
        list(api.connect().search_orders(seller=1, offset=10_000))
    assert api.asked == []


def test_the_apis_own_ceiling_is_told(api: Api, found: Found) -> None:
    refused = {
        "message": "Limit must be a lower or equal than 200",
        "error": "limit.maximum_exceeded",
        "status": 400,
        "cause": [],
    }
    api.will(found(1, 51, 400), httpx.Response(400, json=refused))
    pages = api.connect().search_orders(seller=1)
    next(pages)
    with pytest.raises(errors.LimitExceeded) as caught:
        next(pages)
    assert caught.value.ceiling == 200


def test_a_search_that_is_not_there_is_an_error(api: Api) -> None:
    api.will(httpx.Response(404, json={"message": "gone", "error": "not_found"}))
    with pytest.raises(errors.NotFound, match="/orders/search: 404: not_found"):
        list(api.connect().search_orders(seller=1))


@pytest.mark.parametrize(
    "body",
    ['{"paging": {"total": 1}}', '{"results": {}}', "[]", '{"results": null}', "1"],
)
def test_a_search_without_results_is_a_broken_body(api: Api, body: str) -> None:
    api.will(httpx.Response(200, text=body))
    with pytest.raises(errors.BrokenBody, match="the body is not a search result"):
        list(api.connect().search_orders(seller=1))
    assert len(api.asked) == 1  # JSON, so another attempt brings the same


Read = Callable[[MercadoLibre], Page]
SINGLES: dict[str, Read] = {
    "/orders/2000020000000001": lambda client: client.order(order_id=2000020000000001),
    "/orders/2/product": lambda client: client.order_product(order_id=2),
    "/orders/2/discounts": lambda client: client.order_discounts(order_id=2),
    "/packs/3": lambda client: client.pack(pack_id=3),
    "/shipments/4": lambda client: client.shipment(shipment_id=4),
    "/shipments/4/costs": lambda client: client.shipment_costs(shipment_id=4),
    "/users/5": lambda client: client.user(user_id=5),
    "/users/me": lambda client: client.user(),
    "/currency_conversions/search?from=ARS&to=BRL": lambda client: client.exchange_rate(
        from_currency="ARS", to_currency="BRL"
    ),
}


@pytest.mark.parametrize(("request_", "read"), SINGLES.items())
def test_a_single_resource_is_one_page(api: Api, request_: str, read: Read) -> None:
    api.will(httpx.Response(200, text=' {"amount": 14.290000000000001}'))
    page = read(api.connect())
    assert page.request == request_
    assert page.body == b' {"amount": 14.290000000000001}'
    assert (page.status, page.missing_fields) == (200, ())
    new_format = api.asked[0].headers.get("x-format-new")
    assert new_format == ("true" if "/shipments/" in request_ else None)


@pytest.mark.parametrize(("request_", "read"), SINGLES.items())
def test_a_404_of_a_single_resource_is_an_answer(
    api: Api, request_: str, read: Read
) -> None:
    api.will(
        httpx.Response(404, json={"message": "no", "error": "not_found", "cause": None})
    )
    page = read(api.connect())
    assert (page.status, page.is_missing) == (404, True)
    assert len(api.asked) == 1


def test_a_404_without_a_body_is_an_answer(api: Api) -> None:
    api.will(httpx.Response(404))
    assert api.connect().pack(pack_id=1).is_missing


def test_a_404_of_a_web_page_is_not_the_api(api: Api) -> None:
    api.will(httpx.Response(404, html="<h1>404</h1>"))
    with pytest.raises(errors.NotFound, match="check MELI_BASE_URL"):
        api.connect().pack(pack_id=1)


@pytest.mark.parametrize("body", ["[]", "null", '"soon"', "7"])
def test_a_single_answer_that_is_no_object_is_left_to_the_judge(
    api: Api, body: str
) -> None:
    api.will(httpx.Response(200, text=body))
    assert api.connect().pack(pack_id=1).body == body.encode()
    assert len(api.asked) == 1


@pytest.mark.parametrize(
    ("header", "names"),
    [
        ("buyer", ("buyer",)),
        ("buyer, Feedback,", ("buyer", "feedback")),
        ("[shipping, buyer, feedback]", ("shipping", "buyer", "feedback")),
        ("[buyer]", ("buyer",)),
        ('["shipping","buyer"]', ("shipping", "buyer")),
        ("['shipping']; buyer", ("shipping", "buyer")),
        ("[]", ()),
        ("", ()),
        ("a@b.com", ()),
    ],
)
def test_a_partial_answer_names_what_is_missing(
    api: Api, header: str, names: tuple[str, ...]
) -> None:
    api.will(httpx.Response(206, json={"id": 1}, headers={"X-Content-Missing": header}))
    page = api.connect().order(order_id=1)
    assert (page.status, page.missing_fields) == (206, names)


def test_a_page_knows_when_it_was_fetched(api: Api) -> None:
    api.will(httpx.Response(200, json={"id": 1}))
    before = datetime.now(UTC)
    page = api.connect().order(order_id=1)
    assert before <= page.fetched_at <= datetime.now(UTC)


@pytest.mark.parametrize(
    ("ours", "counts"),
    [
        (timedelta(seconds=0.3), timedelta(seconds=0.3)),
        (timedelta(days=3), timedelta(seconds=1)),
        (-timedelta(days=2), timedelta()),
    ],
)
def test_a_page_has_the_servers_time_whatever_ours_is(
    ours: timedelta, counts: timedelta
) -> None:
    theirs = datetime(2026, 3, 2, 12, tzinfo=UTC)
    answer = httpx.Response(
        200, json={"id": 1}, headers={"Date": "Mon, 02 Mar 2026 12:00:00 GMT"}
    )
    transport = httpx.MockTransport(lambda _: answer)
    http = httpx.Client(base_url="https://api.test", transport=transport)
    with MercadoLibre(http, now=lambda: theirs + ours) as client:
        assert client.user().fetched_at == theirs + counts


@pytest.mark.parametrize(
    ("seller", "kind", "advice"),
    [
        (
            1,
            errors.CallerMismatch,
            "check MELI_SELLER_IDS: the token's owner is 700100200",
        ),
        (
            700100200,
            errors.Forbidden,
            (
                "the token is this account's own, so its orders are withheld; if it "
                "stays so, look at the account, and at the application in the "
                "developer panel"
            ),
        ),
    ],
)
def test_a_sellers_orders_that_are_refused_name_the_tokens_owner_if_it_is_another(
    api: Api, seller: int, kind: type[errors.Forbidden], advice: str
) -> None:
    api.will(
        httpx.Response(
            403,
            json={
                "message": "caller.id does not match buyer or seller",
                "error": "caller.id.invalid",
                "status": 403,
                "cause": [],
            },
        )
    )
    with pytest.raises(errors.Forbidden) as caught:
        list(api.connect().search_orders(seller=seller))
    assert type(caught.value) is kind
    assert str(caught.value) == (
        f"GET /orders/search: 403: caller.id.invalid ({advice})"
    )


def test_a_client_without_retries_raises_our_errors_too() -> None:
    def drop(request: httpx.Request) -> httpx.Response:
        raise httpx.ReadError("secret words")

    http = httpx.Client(base_url="https://x.test", transport=httpx.MockTransport(drop))
    with MercadoLibre(http) as client, pytest.raises(errors.Unreachable) as caught:
        client.user()
    assert str(caught.value) == "GET /users/me: no answer (ReadError)"
    assert http.is_closed
