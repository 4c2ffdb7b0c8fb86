"""Global Selling in the sandbox: carts, dollars, and its table of errors."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import httpx
import msgspec
import pytest

from pipeline.sandbox.server.server import RunningSandbox, serve
from pipeline.sandbox.world.world import World
from tests.sandbox.conftest import NOW, asking

SELLER = 700_100_299
SEARCH = "/marketplace/orders/search"


@pytest.fixture(scope="module")
def abroad() -> Iterator[RunningSandbox]:
    """A Brazilian account and one of Global Selling; a token of both."""
    with serve(World(orders=400, now=NOW, sites=("MLB", "CBT"))) as running:
        yield running


@pytest.fixture(scope="module")
def ask(abroad: RunningSandbox) -> Iterator[httpx.Client]:
    with asking(abroad) as client:
        yield client


def rows(client: httpx.Client, **params: str | int) -> dict[str, Any]:
    asked: dict[str, str | int] = {"seller.id": SELLER, **params}
    answer = client.get(SEARCH, params=asked)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def test_rows_are_carts_that_only_name_their_orders(
    abroad: RunningSandbox, ask: httpx.Client
) -> None:
    named, offset = [], 0
    while page := rows(ask, offset=offset)["results"]:
        named += [one["id"] for cart in page for one in cart["orders"]]
        offset += len(page)
    assert sorted(named) == sorted(abroad.world.order_ids(SELLER))
    assert offset == rows(ask, limit=1)["paging"]["total"] < len(named)
    cart = next(one for one in rows(ask)["results"] if len(one["orders"]) > 1)
    assert cart["id"] not in {one["id"] for one in cart["orders"]}
    assert "status" not in cart["orders"][0]
    assert "offset" not in rows(ask)["paging"]


def test_dates_have_no_prefix_here_and_another_name_is_ignored(
    ask: httpx.Client,
) -> None:
    long_ago = {"from": "2000-01-01T00:00:00.000Z", "to": "2000-01-01T01:00:00.000Z"}
    known = {f"last_updated.{end}": at for end, at in long_ago.items()}
    unknown = {f"order.date_last_updated.{end}": at for end, at in long_ago.items()}
    assert rows(ask, **known)["paging"]["total"] == 0
    assert rows(ask, **unknown)["paging"]["total"] == rows(ask)["paging"]["total"]


def test_an_order_is_in_dollars_and_leaves_its_total_out(
    abroad: RunningSandbox, ask: httpx.Client
) -> None:
    identity = abroad.world.order_ids(SELLER)[0]
    answer = ask.get(f"/marketplace/orders/{identity}")
    order = msgspec.json.decode(answer.content)
    assert not {"total_amount", "date_last_updated"} & order.keys()
    assert order["currency_id"] == "USD"
    assert order["taxes"] == {"amount": 0, "currency_id": "USD"}
    assert (order["context"]["site"], "cbt" in order["context"]["flows"]) == (
        "MLM",
        True,
    )
    [line, *_] = order["order_items"]
    assert line["item"]["id"].startswith("MLM")
    assert line["item"]["parent_item_id"].startswith("CBT")
    assert Decimal(str(line["base_exchange_rate"])) == Decimal("18.4843")


@pytest.mark.parametrize(
    ("path", "status", "error"),
    [
        ("/marketplace/orders/pack/-1", 400, "Bad Request"),
        ("/marketplace/orders/pack/0", 403, "forbidden"),
        ("/marketplace/orders/pack/1", 404, "not_found"),
        ("/marketplace/orders/1", 404, "not_found"),
        (f"{SEARCH}?seller.id=700100200", 403, "forbidden"),
        (f"{SEARCH}?seller.id=1", 403, "forbidden"),
        (f"{SEARCH}?seller.id={SELLER}&limit=51", 400, "limit.maximum_exceeded"),
        (f"/orders/search?seller={SELLER}", 403, "caller.id.invalid"),
    ],
)
def test_what_is_asked_in_the_wrong_way_is_refused_as_documented(
    ask: httpx.Client, path: str, status: int, error: str
) -> None:
    answer = ask.get(path)
    assert (answer.status_code, answer.json()["error"]) == (status, error)


def test_neither_kind_of_account_is_answered_at_the_others_endpoints(
    abroad: RunningSandbox, ask: httpx.Client
) -> None:
    [here, *_] = abroad.world.order_ids(700_100_200)
    [there, *_] = abroad.world.order_ids(SELLER)
    refused = [f"/orders/{there}", f"/marketplace/orders/{here}"]
    answers = [ask.get(path) for path in refused]
    assert [one.json()["error"] for one in answers] == ["not_owned_order"] * 2
