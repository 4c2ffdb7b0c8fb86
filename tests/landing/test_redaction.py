"""Nothing of a person lands, wherever it is put, and every number's text is kept."""

import json
import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.landing.redaction import (
    NOTHING,
    UNREADABLE,
    WITHHELD,
    Permission,
    redacted,
)

WORDS = re.compile(r"[a-z_]{1,20}")
PERMISSION = Permission(
    texts={"status": WORDS, "tags": WORDS, "title": re.compile(r".*", re.DOTALL)},
    objects={
        "buyer": Permission(texts={"site": WORDS}, personal=frozenset({"login"})),
        "lines": Permission(texts={"status": WORDS}),
        "unread": Permission(other=WORDS),
    },
)
ANA = "Ana Lopez, DNI 30.111.222"

TEXTS = st.one_of(
    st.text(max_size=8),
    st.sampled_from(
        ["paid", ANA, json.dumps({"dni": ANA}), "2026-03-02T10:15:04.000-04:00", "\\"]
    ),
)
KEYS = st.one_of(
    st.sampled_from(
        ["status", "tags", "title", "buyer", "lines", "unread", "site", "login"]
    ),
    st.sampled_from(["wrap", "loyalty", "phone", ANA, "firstName"]),
    st.text(max_size=4),
)
VALUES = st.recursive(
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


def redact(value: Any, permission: Permission = PERMISSION) -> Any:
    """What lands of a value, decoded."""
    return json.loads(redacted(json.dumps(value), permission).payload)


def leaves(value: Any, *path: str) -> list[tuple[tuple[str, ...], Any]]:
    """Every leaf of a value with the keys above it."""
    if isinstance(value, dict):
        return [
            leaf for key, part in value.items() for leaf in leaves(part, *path, key)
        ]
    if isinstance(value, list):
        return [leaf for part in value for leaf in leaves(part, *path)]
    return [(path, value)]


@settings(max_examples=300)
@given(VALUES, st.sampled_from([None, 1]), st.booleans())
def test_what_lands_is_a_number_a_date_or_a_text_empty_or_of_its_form(
    value: Any, indent: int | None, ascii_only: bool
) -> None:
    text = json.dumps(value, indent=indent, ensure_ascii=ascii_only)
    for path, leaf in leaves(json.loads(redacted(text, PERMISSION).payload)):
        assert ANA not in path
        if isinstance(leaf, str) and leaf not in ("", WITHHELD, *path):
            is_date = leaf.startswith("2026-03-02")
            is_title = path == ("title",)
            assert is_date or is_title or WORDS.fullmatch(leaf), (path, leaf)


@pytest.mark.parametrize(
    "place",
    [
        {"status": ANA},
        {"status": "Lopez"},
        {"tags": ["paid", ANA]},
        {"buyer": ANA},
        {"buyer": [ANA]},
        {"buyer": {"login": {"a": [ANA]}}},
        {"buyer": {"site": ANA, "mobile": 5491155550000}},
        {"lines": [{"status": "paid", "wrap": ANA}]},
        {"wrap": ANA},
        {"gift_note": ANA},
        {"loyalty": {"level": {"notes": ["x", {"of": ANA}]}}},
        {"unread": {"deep": [[{"text": ANA}]]}},
        {"raw": json.dumps({"first_name": ANA})},
        {ANA: 1},
        {ANA: {ANA: ANA}},
        {"loyalty": {ANA: True, "taxId": 30111222}},
        {"lines": {"status": ANA}},
        [ANA, {"status": ANA}],
        ANA,
    ],
)
def test_a_person_does_not_land_whatever_the_place(place: Any) -> None:
    landed = redacted(json.dumps(place), PERMISSION).payload
    for word in ("Ana", "Lopez", "30", "5491155550000"):
        assert word not in landed


def test_what_was_withheld_keeps_its_place_and_its_type() -> None:
    assert redact(
        {"status": ANA, "tags": [ANA, "paid"], "wrap": ANA, ANA: 1, "phone": 5}
    ) == {
        "status": WITHHELD,
        "tags": [WITHHELD, "paid"],
        "wrap": WITHHELD,
        WITHHELD: WITHHELD,
        "phone": None,
    }


def test_numbers_flags_and_dates_of_unknown_keys_land() -> None:
    unknown = {
        "loyalty": {"level": 3, "since": "2026-03-02T10:15:04.000-0400"},
        "gift": True,
        "day": "2026-03-02",
        "fees": [1.5, None],
    }
    assert redact(unknown) == unknown
    assert redact({"day": "on 2026-03-02"}) == {"day": WITHHELD}


def test_a_number_lands_under_no_key_that_sounds_personal() -> None:
    told = {"date_of_birth": "1980-01-01", "doc_number": 30111222, "zip_code": 1425}
    assert redact({"loyalty": told}) == {"loyalty": dict.fromkeys(told)}


def test_without_a_permission_no_text_lands() -> None:
    assert redact({"id": 1, "status": "paid"}, NOTHING) == {"id": 1, "status": WITHHELD}


def test_a_key_written_in_escapes_is_a_key_all_the_same() -> None:
    text = r'{"buyer": {"lo\u0067in": "ANA", "s\u0069te": "mla"}}'
    assert json.loads(redacted(text, PERMISSION).payload) == {
        "buyer": {"login": None, "site": "mla"}
    }


def test_of_a_key_sent_twice_the_first_value_does_not_stay_behind() -> None:
    text = f'{{"status": "{ANA}", "status": "paid", "id": "{ANA}", "id": 1}}'
    assert redacted(text, PERMISSION).payload == '{"status":"paid","id":1}'


@settings(max_examples=300)
@given(VALUES)
def test_every_key_that_was_sent_is_counted(value: Any) -> None:
    def count(part: Any) -> int:
        if isinstance(part, dict):
            return len(part) + sum(map(count, part.values()))
        return sum(map(count, part)) if isinstance(part, list) else 0

    assert redacted(json.dumps(value), PERMISSION).key_count == count(value)


@given(
    st.dictionaries(
        st.sampled_from(["total_amount", "unit_price", "fee", "unread", "buyer"]),
        st.from_regex(
            r"(0|-?[1-9][0-9]{0,29})(\.[0-9]{1,20})?([eE][+-]?[0-9]{1,2})?",
            fullmatch=True,
        ),
        min_size=1,
    )
)
def test_the_text_of_a_number_is_untouched(numbers: dict[str, str]) -> None:
    text = "{" + ",".join(f'"{key}":{n}' for key, n in numbers.items()) + "}"
    assert redacted(text, PERMISSION).payload == text


@pytest.mark.parametrize(
    "text",
    [
        '{"id": 1, "email": "ana@x',
        '{"status": "paid"} Ana',
        '{"n": Infinity, "name": "Ana"}',
        "Ana",
        "[" * 100_000,
        '{"status": "\\ud83d"}',
    ],
)
def test_a_text_that_is_not_json_does_not_land(text: str) -> None:
    assert redacted(text, PERMISSION).payload == UNREADABLE
