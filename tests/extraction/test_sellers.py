"""Whose token it is, and what little of a seller's account is ever landed."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from pipeline.extraction import sellers
from pipeline.mercadolibre.client import MercadoLibre
from pipeline.mercadolibre.errors import BrokenBody
from pipeline.mercadolibre.page import Page
from pipeline.sandbox.server.server import serve
from pipeline.sandbox.world.world import World
from tests.extraction.conftest import NOW, SELLER, asking


@pytest.fixture
def client() -> Iterator[MercadoLibre]:
    world = World(orders=0, now=NOW, sellers=1)
    with serve(world) as sandbox, asking(sandbox.url) as client:
        yield client


class Answering:
    """A client with prepared answers about users."""

    def __init__(self, body: bytes, status: int = 200) -> None:
        self._page = Page("/users/me", {}, status, (), datetime.now(UTC), body)

    def user(self, *, user_id: int | None) -> Page:
        return self._page


def answering(body: bytes, status: int = 200) -> MercadoLibre:
    fake: object = Answering(body, status)
    return fake  # type: ignore[return-value]  # all of the client that is used here


def test_the_owner_of_a_token_is_an_id(client: MercadoLibre) -> None:
    assert sellers.owner(client) == SELLER


@pytest.mark.parametrize(
    "body", [b'{"message": "x"}', b"{", b'{"id": null}', b'{"id": "x"}', b"[]"]
)
def test_an_answer_that_names_no_owner_is_broken(body: bytes) -> None:
    with pytest.raises(BrokenBody, match="names no user id"):
        sellers.owner(answering(body))


def test_of_an_account_only_its_site_and_kind_are_landed(client: MercadoLibre) -> None:
    record = sellers.seller(client, SELLER, run_id="run")
    assert (record.resource, record.resource_id) == ("sellers", str(SELLER))
    assert json.loads(str(record.payload)).keys() <= {
        "id",
        "site_id",
        "country_id",
        "user_type",
    }
    assert json.loads(str(record.payload))["site_id"] == "MLB"


def test_an_account_that_is_not_there_is_a_record_without_payload() -> None:
    record = sellers.seller(answering(b'{"message": "x"}', 404), 5, run_id="run")
    assert (record.status, record.payload) == (404, None)


def test_an_account_that_cannot_be_read_is_an_error_of_this_seller_alone() -> None:
    with pytest.raises(BrokenBody, match="/users/5"):
        sellers.seller(answering(b'{"id": '), 5, run_id="run")
