"""Texts are cut by their brackets and quotes, whatever lies between."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.mercadolibre.json_text import NotCut, cut, is_json, is_whole

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(max_size=6), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(st.lists(values) | st.dictionaries(st.text(max_size=6), values), st.booleans())
def test_parts_are_what_a_decoder_finds(
    whole: list[object] | dict[str, object], is_ascii: bool
) -> None:
    text = json.dumps(whole, ensure_ascii=is_ascii).encode()
    found = [(key and json.loads(key), json.loads(value)) for key, value in cut(text)]
    parts = whole.items() if isinstance(whole, dict) else [(b"", it) for it in whole]
    # NaN is no equal of itself, so texts are compared.
    assert json.dumps([value for _, value in found]) == json.dumps(
        [value for _, value in parts]
    )
    assert [key for key, _ in found] == [key for key, _ in parts]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        (b" [ ] ", []),
        (b'{"a":1,}', [(b'"a"', b"1")]),
        (b'{"a":1,"a":2}', [(b'"a"', b"1"), (b'"a"', b"2")]),
        (b'{"a"}', [(b"", b'"a"')]),
        (b"{:1}", [(b"?", b"1")]),
        (b"[1 2,,3]", [(b"", b"1 2"), (b"", b"3")]),
        (b'["a":1]', [(b"", b'"a"'), (b"", b"1")]),
        (rb'["\"]", "\\"]', [(b"", rb'"\"]"'), (b"", rb'"\\"')]),
    ],
)
def test_what_is_not_json_is_cut_too(
    text: bytes, parts: list[tuple[bytes, bytes]]
) -> None:
    assert cut(text) == parts


@pytest.mark.parametrize(
    "text", [b"", b"1", b'"a"', b"[", b"]", b"[}", b'["a]', b"[] []", b"[]]", rb'["\"]']
)
def test_what_does_not_match_is_not_cut(text: bytes) -> None:
    with pytest.raises(NotCut):
        cut(text)
    assert is_whole(text) == is_json(text)


def test_no_depth_is_too_deep_to_be_cut() -> None:
    [(_, inner)] = cut(b"[" * 100_000 + b"]" * 100_000)
    assert len(inner) == 199_998
