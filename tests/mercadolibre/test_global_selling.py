"""A Global Selling account asks other paths, in other words, with smaller pages."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from pipeline.mercadolibre import errors
from pipeline.mercadolibre.client import updated_within
from pipeline.mercadolibre.global_selling import GlobalSelling
from pipeline.mercadolibre.refusals import refusal

if TYPE_CHECKING:
    from tests.mercadolibre.conftest import Api

    Found = Callable[..., httpx.Response]

NOON = datetime(2026, 7, 1, 12, tzinfo=UTC)


def test_the_search_names_its_seller_and_its_dates_without_a_prefix(
    api: Api, found: Found
) -> None:
    api.will(found(1, 50, 60), found(51, 10, 60), found(61, 0, 60))
    client = api.connect().speaking(GlobalSelling)
    filters = {**updated_within(NOON, NOON), "order.status": "paid"}

    pages = list(client.search_orders(seller=700100299, filters=filters))

    assert [page.count for page in pages] == [50, 10, 0]
    assert [(one.url.path, dict(one.url.params)) for one in api.asked] == [
        (
            "/marketplace/orders/search",
            {
                "seller.id": "700100299",
                "last_updated.from": "2026-07-01T12:00:00.000-00:00",
                "last_updated.to": "2026-07-01T12:00:00.000-00:00",
                "order.status": "paid",
                "sort": "date_asc",
                "offset": at,
                "limit": "50",
            },
        )
        for at in ("0", "50", "60")
    ]


def test_things_are_asked_for_by_id_below_marketplace(api: Api) -> None:
    api.will(httpx.Response(200, json={"id": 7}))
    client = api.connect().speaking(GlobalSelling)

    client.order(order_id=7)
    client.pack(pack_id=7)
    client.shipment(shipment_id=7)
    client.shipment_costs(shipment_id=7)

    assert [one.url.path for one in api.asked] == [
        "/marketplace/orders/7",
        "/marketplace/orders/pack/7",
        "/marketplace/shipments/7",
        "/marketplace/shipments/7/costs",
    ]
    assert [one.headers.get("x-format-new") for one in api.asked[2:]] == ["true"] * 2


@pytest.mark.parametrize(
    ("status", "body", "kind", "words"),
    [
        (
            400,
            {"error": "Bad Request", "message": "Invalid Parameter"},
            errors.BadRequest,
            "an id must be a positive whole number",
        ),
        (
            403,
            {"error": "forbidden", "message": "No orders found."},
            errors.Forbidden,
            "there is no such pack, or it belongs to another account",
        ),
        (
            403,
            {
                "error": "not_owned_order",
                "message": "The user has not access to the order.",
            },
            errors.Forbidden,
            "what was asked for belongs to another account than the token's",
        ),
        (
            403,
            {"error": "forbidden", "message": "Can not identify the user"},
            errors.Forbidden,
            "the account is not one of Global Selling",
        ),
        (
            404,
            {"error": "not_found", "message": "Resource not found"},
            errors.NotFound,
            "there is no such thing, or it is not shown any more",
        ),
    ],
)
def test_each_row_of_the_documents_table_of_errors_has_its_own_words(
    status: int,
    body: dict[str, Any],
    kind: type[errors.MercadoLibreError],
    words: str,
) -> None:
    answer = httpx.Response(status, json=body)
    path = "/marketplace/orders/pack/7"
    said = refusal("GET", path, status, answer.content)
    assert type(said) is kind
    assert words in str(said)
