"""Redaction equals a naive walk through the tree, and leaves every number's text."""

import importlib
import json
import pkgutil
import re
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from pipeline import payloads
from pipeline.landing.redaction import PEOPLE_KEYS, PERSONAL_KEYS, redacted

KEYS = st.one_of(
    st.sampled_from(PERSONAL_KEYS),
    st.sampled_from(PEOPLE_KEYS),
    st.sampled_from(
        ["id", "status", "city", "buyer", "total_amount", "emails", "my_email"]
    ),
    st.text(max_size=4),
)
TEXTS = st.one_of(
    st.text(max_size=8),
    st.sampled_from(
        ['"email": "x"', "\\", '\\"', '{"phone": 1}', "},", "]", '":', "\\u0065"]
    ),
)
VALUES = st.recursive(
    # JSON has no infinity and no NaN: a text with one is refused below.
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXTS,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=5)
    ),
    max_leaves=25,
)


def naive(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            key: None
            if key in PERSONAL_KEYS or (key in PEOPLE_KEYS and isinstance(inner, str))
            else naive(inner)
            for key, inner in value.items()
        }
    return [naive(one) for one in value] if isinstance(value, list) else value


def redact(*texts: str | None) -> list[str | None]:
    return redacted(pl.Series("payload", texts, dtype=pl.String)).to_list()


@settings(max_examples=200)
@given(VALUES, st.sampled_from([None, 1]), st.booleans())
def test_redaction_is_what_a_naive_walk_through_the_tree_does(
    value: Any, indent: int | None, ascii_only: bool
) -> None:
    text = json.dumps(value, indent=indent, ensure_ascii=ascii_only)
    [result] = redact(text)
    assert json.loads(str(result)) == naive(value)


@given(
    st.dictionaries(
        st.sampled_from(["total_amount", "unit_price", "id", "email", "phone"]),
        st.from_regex(
            r"-?(0|[1-9]\d{0,19})(\.\d{1,20})?([eE][+-]?\d{1,2})?", fullmatch=True
        ),
        min_size=1,
    )
)
def test_the_text_of_a_number_that_stays_is_untouched(numbers: dict[str, str]) -> None:
    text = "{" + ", ".join(f'"{key}": {n}' for key, n in numbers.items()) + "}"
    kept = {key: n for key, n in numbers.items() if key not in PERSONAL_KEYS}
    [result] = redact(text)
    assert dict(re.findall(r'"(\w+)": ([^,}]+)', str(result))) == {
        **dict.fromkeys(numbers, "null"),
        **kept,
    }


def test_a_text_without_personal_keys_is_the_very_same_text() -> None:
    text = '{ "id" : 1 ,"a": 14.290000000000001, "b": 1.10, "t": "Caf\\u00e9 \\"x\\"" }'
    assert redact(text, None) == [text, None]


@pytest.mark.parametrize("depth", [1, 2, 3, 4, 5, 12])
def test_a_personal_value_goes_however_deep_it_is_nested(depth: int) -> None:
    value: Any = "Ana"
    for level in range(depth):
        value = {"x": [value]} if level % 2 else {"y": value}
    text = json.dumps({"id": 1.10, "receiver": {"address": value}, "n": 2})
    assert redact(text) == ['{"id": 1.1, "receiver": {"address": null}, "n": 2}'] or (
        json.loads(str(redact(text)[0]))
        == {"id": 1.1, "receiver": {"address": None}, "n": 2}
    )
    assert "Ana" not in str(redact(text))


def test_a_person_is_an_id_and_never_a_text() -> None:
    text = (
        '{"buyer": {"id": 5}, "seller": 7, "x": {"buyer" : "ANA \\"A\\"", "n": 1.50}}'
    )
    assert redact(text) == [
        '{"buyer": {"id": 5}, "seller": 7, "x": {"buyer" : null, "n": 1.50}}'
    ]


def test_a_key_written_in_escapes_is_a_key_all_the_same() -> None:
    text = '{"nick\\u006eame": "ANA", "n": [1.50, {"email": "a"}]}'
    assert redact(text) == ['{"nickname":null,"n":[1.50,{"email":null}]}']
    assert redact('{"nick\\u006eame": "ANA", "n": 1.50}') == [
        '{"nickname":null,"n":1.50}'
    ]


@pytest.mark.parametrize(
    "text",
    [
        '{"id": 1, "email": "ana@x',
        '{"phone": {"number": "1"',
        '{"id": 1, "address": {"a": {"b": {"c": {"d": {"e": "Ana"}}}}}',
        '{"address": {"a": {"b": {"c": {"d": {"e": "Ana"}}}}}} x',
    ],
)
def test_a_text_cut_short_is_not_kept_when_a_name_could_be_left_in_it(
    text: str,
) -> None:
    assert redact(text) == ['{"redacted": "not JSON"}']


def test_infinity_is_no_json_so_a_text_with_it_is_not_kept_beside_a_name() -> None:
    assert redact('{"nick\\u006eame": "Ana", "n": Infinity}') == [
        '{"redacted": "not JSON"}'
    ]


def test_a_text_cut_short_behind_the_last_name_is_kept_for_the_judge() -> None:
    assert redact('{"email": "a", "id": 1, "x"') == ['{"email": null, "id": 1, "x"']


def test_the_column_keeps_its_name_and_its_order() -> None:
    column = redacted(pl.Series("payload", ['{"email": [[[[[1]]]]]}', "{}", None]))
    assert column.name == "payload"
    assert column.to_list() == ['{"email":null}', "{}", None]


def fields_read() -> set[str]:
    """Every key that any payload is read by."""
    modules = [
        importlib.import_module(f"{payloads.__name__}.{one.name}")
        for one in pkgutil.iter_modules(payloads.__path__)
    ]
    return {
        name
        for module in modules
        for model in vars(module).values()
        if isinstance(model, type) and issubclass(model, BaseModel)
        for name in model.model_fields
    }


def test_nothing_that_is_read_is_taken_out() -> None:
    read = fields_read()
    assert {"receiver", "total_amount", "city"} <= read  # the models were found
    assert read & set(PERSONAL_KEYS) == set()


@pytest.mark.parametrize(
    "key",
    [
        # Where Mercado Pago puts who paid: name, e-mail and document in one object.
        "payer",
        # What a buyer wrote with a rating, and what the seller answered.
        "message",
        "reply",
        # Whom to call.
        "contact",
        "seller_contact",
        # Documents: the words for one, then their names in Brazil, Argentina, Chile
        # and Mexico.
        "document",
        "document_number",
        "identification_number",
        "tax_payer_id",
        "taxpayer_id",
        "cpf",
        "cnpj",
        "dni",
        "rut",
        "curp",
        "rfc",
        # Which door, and how to find it.
        "street",
        "floor",
        "apartment",
        "complement",
        "reference",
        "references",
        "delivery_instructions",
    ],
)
def test_who_a_buyer_is_and_where_they_live_is_not_kept(key: str) -> None:
    for value in ("Ana", ["Ana"], {"text": "Ana", "more": {"name": "Ana"}}):
        text = json.dumps({"id": 1, "within": [{key: value, "amount": 2}]})
        assert json.loads(str(redact(text)[0])) == {
            "id": 1,
            "within": [{key: None, "amount": 2}],
        }


def test_what_only_sounds_personal_stays() -> None:
    text = json.dumps(
        {
            # Who pays what of a shipment (mercado-libre-api.md 4.2): read.
            "receiver": {"user_id": 800300400, "cost": 18.90},
            # Where a sale went, no finer than the city (4.1): read.
            "state": {"id": "BR-SP", "name": "São Paulo"},
            "city": {"id": "BR-SP-44", "name": "São Paulo"},
            # `residential` or not (4.1): says nothing of whom.
            "delivery_preference": "residential",
            # A payment's reason is the listing's title, its payer a number (2).
            "reason": "Produto A",
            "payer_id": 800300400,
            # Numbers of systems, not of people (2, 4.1).
            "reference_id": None,
            "external_reference": "PACK-1",
        },
        ensure_ascii=False,
    )
    assert redact(text) == [text]
