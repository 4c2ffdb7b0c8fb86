"""Of a notification the pointer is taken, if its path is one of its topic's."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.payloads.notification import NoPointer, Pointer, pointer

DOCUMENTED = {
    "_id": "00000000-0000-4000-8000-0000000000aa",
    "resource": "/orders/2000020000000001",
    "user_id": 700100200,
    "topic": "orders_v2",
    "application_id": 1000000000000001,
    "attempts": 1,
    "sent": "2026-03-02T14:15:22.129Z",
    "received": "2026-03-02T14:15:22.106Z",
}


def body(**changed: Any) -> bytes:
    return json.dumps(DOCUMENTED | changed).encode()


def test_the_documented_notification_points_at_an_order() -> None:
    assert pointer(body()) == Pointer(
        topic="orders_v2",
        resource="/orders/2000020000000001",
        thing="order",
        thing_id=2000020000000001,
        seller_id=700100200,
        application_id=1000000000000001,
    )


def test_ids_may_be_strings_and_other_keys_absent_or_mistyped() -> None:
    sent = {
        "resource": "/collections/3043111111",
        "user_id": "700100200",
        "topic": "payments",
        "application_id": "1000000000000001",
        "recieved": "2021-12-05T17:13:53.617074685Z",
    }
    found = pointer(json.dumps(sent).encode())
    assert found[2:] == ("payment", 3043111111, 700100200, 1000000000000001)


@pytest.mark.parametrize(
    ("topic", "resource", "thing", "thing_id"),
    [
        ("marketplace_orders", "/marketplace/orders/2000020000000001", "order", None),
        ("orders_feedback", "/orders/2000020000000001/feedback", "order", None),
        ("shipments", "/shipments/46000000001", "shipment", 46000000001),
        (
            "marketplace_shipments",
            "/marketplace/shipments/46000000001",
            "shipment",
            46000000001,
        ),
        ("payments", "/payments/3043111111", "payment", 3043111111),
        ("post_purchase", "/post-purchase/v1/claims/42", "claim", 42),
        # One page of the documents shows it without the first slash.
        ("post_purchase", "post-purchase/v1/claims/42", "claim", 42),
        ("post_purchase", "/post-purchase/v1/claims/42/actions-history", "claim", 42),
        ("claims", "/claims/42", "claim", 42),
    ],
)
def test_every_topic_that_is_taken_has_its_paths(
    topic: str, resource: str, thing: str, thing_id: int | None
) -> None:
    found = pointer(body(topic=topic, resource=resource))
    assert (found.thing, found.thing_id) == (thing, thing_id or 2000020000000001)


@pytest.mark.parametrize(
    "resource",
    [
        "/orders/2000020000000001/../../users/me",
        "/orders/2000020000000001?x=1",
        "/orders/2000020000000001/feedback",
        "/orders/2000020000000001\n",
        "//orders/2000020000000001",
        "https://example.com/orders/2000020000000001",
        "/orders/-1",
        "/orders/0",
        "/orders/007",
        "/orders/9999999999999999999",  # no bigint
        "/orders/٣",  # a digit to Python, not to the API
        "/orders/",
        "/shipments/46000000001",
        "",
        "/" * 300,
    ],
)
def test_a_path_that_is_not_one_of_its_topic_is_no_pointer(resource: str) -> None:
    with pytest.raises(NoPointer):
        pointer(body(resource=resource))


@pytest.mark.parametrize("topic", ["items", "messages", "questions", "", "x" * 300])
def test_other_topics_are_not_taken(topic: str) -> None:
    with pytest.raises(NoPointer):
        pointer(body(topic=topic))


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"null",
        b"[]",
        b"\xff\xfe",
        b'{"resource":' * 5000,
        b'{"resource": NaN}',
        body(user_id=True),
        body(user_id=1.5),
        body(user_id="700100200 "),
        body(user_id=2**63),
        body(user_id=None),
        body(resource=["/orders/1"]),
        body(application_id="x"),
    ],
)
def test_what_is_no_notification_is_refused_without_its_content(text: bytes) -> None:
    with pytest.raises(NoPointer) as refused:
        pointer(text)
    assert str(refused.value) == "not a notification"


@given(st.binary(max_size=300))
def test_no_body_raises_anything_else(text: bytes) -> None:
    with pytest.raises(NoPointer):
        pointer(text)


def test_nothing_but_the_pointer_is_taken_from_a_body() -> None:
    lying = body(status="cancelled", total_amount=1, buyer={"first_name": "X"})
    assert pointer(lying) == pointer(body())
