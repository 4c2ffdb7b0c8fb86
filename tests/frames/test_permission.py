"""All that the tables read may land, and a person may not, in any place of a record."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from polars.testing import assert_frame_equal

from pipeline.landing.redaction import redacted
from pipeline.payloads.verdict import parse
from pipeline.sync.resources import RESOURCES, permissions
from tests.frames.conftest import DOCUMENTED, document, landed, order

ANA = "Ana Lopez, DNI 30.111.222"
OWN_WORDS = {"title", "seller_sku", "seller_custom_field"}
"""What a seller wrote about a listing: it lands as it is."""


@pytest.mark.parametrize("key", ["pack_id", "paid_amount", "date_closed", "shipping"])
def test_an_empty_text_lands_and_is_read_as_a_null(key: str) -> None:
    order = parse(document("order_2026"))
    assert isinstance(order, dict)
    found = []
    for nothing in ("", None):
        text = json.dumps(order | {key: nothing}, default=str)
        kept = redacted(text, permissions()["orders"]).payload
        assert json.loads(kept)[key] == nothing
        found.append(RESOURCES["orders"].frames(landed("orders", kept), {}))
    empty, null = found
    assert empty.tables["core.orders"].height == 1
    for table, rows in null.tables.items():
        assert_frame_equal(empty.tables[table], rows)


@pytest.mark.parametrize(("resource", "name"), DOCUMENTED)
def test_the_tables_are_the_same_as_of_the_whole_answer(
    resource: str, name: str
) -> None:
    text, asked = document(name), "USD-ARS"
    kept = redacted(text, permissions()[resource]).payload
    whole = RESOURCES[resource].frames(landed(resource, text, resource_id=asked), {})
    found = RESOURCES[resource].frames(landed(resource, kept, resource_id=asked), {})
    for table, rows in whole.tables.items():
        assert_frame_equal(found.tables[table], rows)
    assert found.refused.rows() == whole.refused.rows() == []
    assert found.unknown_fields.rows() == whole.unknown_fields.rows() == []


def planted(value: Any, person: Any, key: str = "") -> Iterator[Any]:
    """The value once for each of its places, with a person in that place."""
    if key not in OWN_WORDS:
        yield person
    if isinstance(value, dict):
        for name, part in value.items():
            for one in planted(part, person, name):
                yield {**value, name: one}
        yield {**value, "extra": person}
        yield {**value, ANA: 1}
    elif isinstance(value, list):
        for place, part in enumerate(value):
            for one in planted(part, person, key):
                yield [*value[:place], one, *value[place + 1 :]]
        yield [*value, person]


@pytest.mark.parametrize(("resource", "name"), DOCUMENTED)
@pytest.mark.parametrize(
    "person",
    [ANA, [ANA], {"about": ANA}, {ANA: ANA}, json.dumps({"name": ANA})],
    ids=["text", "array", "object", "key", "JSON in text"],
)
def test_a_person_lands_in_no_place_of_a_documented_answer(
    resource: str, name: str, person: Any
) -> None:
    found = [
        redacted(json.dumps(one), permissions()[resource]).payload
        for one in planted(json.loads(document(name)), person)
    ]
    assert len(found) > 3
    assert [text for text in found if "Lopez" in text or "30.111" in text] == []


def test_a_text_in_the_place_of_a_list_is_refused_and_not_told() -> None:
    text = json.dumps({"id": 1, "status": "released", "orders": ANA})
    rows = landed("packs", redacted(text, permissions()["packs"]).payload)
    assert RESOURCES["packs"].frames(rows, {}).refused["reason"].to_list() == [
        "orders: expected an array, got string"
    ]


def test_quarantine_holds_no_person_whom_an_earlier_version_let_land() -> None:
    rows = landed("packs", {"id": 1, "status": "released", "orders": ANA, "of": ANA})
    [payload] = RESOURCES["packs"].frames(rows, {}).refused["payload"]
    assert parse(payload) == {
        "id": 1,
        "status": "released",
        "orders": "***",
        "of": "***",
    }


def test_a_known_text_that_may_not_land_is_told_by_its_path() -> None:
    sent = order(status_detail=ANA, tags=["paid", ANA])
    text = redacted(json.dumps(sent, default=float), permissions()["orders"]).payload
    found = RESOURCES["orders"].frames(landed("orders", text), {})
    assert found.refused.rows() == []
    assert found.unknown_fields.select("path", "sample_type").rows() == [
        ("status_detail", "withheld"),
        ("tags", "withheld"),
    ]


def test_the_sellers_own_words_and_the_names_of_places_land() -> None:
    item = {"title": "Lápiz Labial (rojo)", "seller_sku": "Caja 3 / A"}
    text = json.dumps({"order_items": [{"item": item}]}, ensure_ascii=False)
    assert json.loads(redacted(text, permissions()["orders"]).payload) == json.loads(
        text
    )
    city = {"id": "TUxBUENBUGw", "name": "São José d'Oeste (norte)"}
    text = json.dumps({"receiver_address": {"city": city}}, ensure_ascii=False)
    assert json.loads(redacted(text, permissions()["shipments"]).payload) == json.loads(
        text
    )


STREETS = ("LOPEZ", "Lopez", "ana.lopez", "AnaLopez")
"""A person or a street in one word: no status is written so."""
PLACES = {"city", "state"}


@pytest.mark.parametrize(("resource", "name"), DOCUMENTED)
@pytest.mark.parametrize("person", STREETS)
def test_one_word_of_another_shape_lands_in_no_codes_place(
    resource: str, name: str, person: str
) -> None:
    found = [
        json.loads(redacted(json.dumps(one), permissions()[resource]).payload)
        for one in planted(json.loads(document(name)), person)
    ]
    told = {path for one in found for path in paths_of(one, person)}
    assert {path for path in told if not PLACES & set(path)} == set()


def paths_of(value: Any, text: str) -> Iterator[tuple[str, ...]]:
    """Where a text stands in a value, but for a seller's own words."""
    match value:
        case dict():
            for key, part in value.items():
                if key not in OWN_WORDS:
                    yield from ((key, *more) for more in paths_of(part, text))
        case list():
            for part in value:
                yield from paths_of(part, text)
        case _ if value == text:
            yield ()


@pytest.mark.parametrize(
    ("sent", "landed_as"),
    [
        ({"status": "settled_tomorrow"}, "settled_tomorrow"),
        ({"payments": [{"status": "in_escrow2"}]}, "in_escrow2"),
        ({"tags": ["d2c", "kyc-block"]}, "kyc-block"),
        ({"purchase_id": "P-2026"}, "P-2026"),
    ],
)
def test_words_that_mercado_libre_adds_tomorrow_land(
    sent: dict[str, Any], landed_as: str
) -> None:
    text = redacted(json.dumps(sent), permissions()["orders"]).payload
    found = list(paths_of(json.loads(text), landed_as))
    assert found == list(paths_of(sent, landed_as)) != []


@pytest.mark.parametrize("street", ["ROSARIO", "rosario", "Rosario"])
def test_nobody_knows_what_stands_beneath_a_key_that_is_not_read(street: str) -> None:
    address: dict[str, Any] = {"address_line": street}
    address |= {
        "types": ["default_selling_address", street],
        "node": {"node_id": "MXP1"},
    }
    address |= {"country": {"id": "AR", "of": street}}
    text = json.dumps({"origin": {"type": "selling_address", "address": address}})
    found = json.loads(redacted(text, permissions()["shipments"]).payload)
    assert found["origin"] == {
        "type": "selling_address",
        "address": {
            "types": ["default_selling_address", "***"],
            "address_line": None,
            "country": {"id": "AR", "of": "***"},
            "node": {"node_id": "MXP1"},
        },
    }


def test_texts_of_people_are_read_nowhere() -> None:
    # What landing let through under a key that is not personal stays out of tables.
    payload = order(
        cancel_detail={"code": "x", "description": "Ana Silva called"},
        mediations=[{"id": 1, "status": "opened by Ana Silva"}],
        payments=[{"id": 7, "status": "approved", "reason": "For Ana Silva"}],
    )
    found = RESOURCES["orders"].frames(landed("orders", payload), {})
    tables = (
        found.tables["core.orders"],
        found.tables["core.order_items"],
        found.tables["core.payments"],
    )
    assert all("Ana" not in table.write_json() for table in tables)
