"""A key that is sent twice is found by its path, however it is written."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.landing import repeated_keys
from pipeline.landing.redaction import NOTHING, redacted


def fault(text: str) -> str | None:
    """What is found in a record, with the keys that its redaction counts."""
    return repeated_keys.fault(text, redacted(text, NOTHING).key_count)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('{"id":1,"id":2}', "id: sent twice"),
        ('{"id":1,"id":1}', "id: sent twice"),
        ('{"id" :1, "id" :2}', "id: sent twice"),
        ('{"id":1,"\\u0069d":2}', "id: sent twice"),
        ('{"id":1,\n"id"\n:2}', "id: sent twice"),
        ('{"id":1,"id":2,"title" :"a"}', "id: sent twice"),
        ('{"a":[{"b":1},{"c":{"fee":1,"fee":2}}]}', "a[1].c.fee: sent twice"),
        ('{"Ana Lopez":1,"Ana Lopez":2}', "?: sent twice"),
        ('{"phone":{"area":1,"area":2}}', "phone.area: sent twice"),
        ('{"Ana":{"area":1,"area":2}}', "?.area: sent twice"),
        ('{"a":{"id":1},"b":{"id":2}}', None),
        ('[{"id":1},{"id":1}]', None),
        (r'{"title":"2\" : \": \":","id":1}', None),
        ('{"id": 1,\n "title" : "x"}', None),
        ('{"id":1,"id":', None),
        ("7", None),
    ],
)
def test_a_key_sent_twice_is_named(text: str, found: str | None) -> None:
    assert fault(text) == found


KEYS = st.sampled_from(["a", "b", '"', '":', " :"])
VALUES = st.recursive(
    st.integers() | KEYS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.lists(st.tuples(KEYS, inner), max_size=3).map(tuple)
    ),
    max_leaves=8,
)


def written(value: Any, colon: str) -> str:
    """JSON of a value; a tuple is an object, also with a key twice."""
    match value:
        case tuple():
            members = (
                f"{json.dumps(key)}{colon}{written(part, colon)}" for key, part in value
            )
            return "{" + ",".join(members) + "}"
        case list():
            return "[" + ",".join(written(part, colon) for part in value) + "]"
        case _:
            return json.dumps(value)


def repeats(value: Any) -> bool:
    match value:
        case tuple():
            keys = [key for key, _ in value]
            inside = any(repeats(part) for _, part in value)
            return len(keys) > len(set(keys)) or inside
        case list():
            return any(map(repeats, value))
    return False


@settings(max_examples=300)
@given(VALUES, st.sampled_from([":", " :", ": ", "\n:"]))
def test_no_repeated_key_is_missed_and_none_is_made_up(value: Any, colon: str) -> None:
    text = written(value, colon)
    assert (fault(text) is not None) == repeats(value)
