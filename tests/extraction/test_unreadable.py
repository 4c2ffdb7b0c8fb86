"""A record that is not JSON keeps what can be read, and says where the rest was."""

import json

import pytest

from pipeline.extraction import unreadable
from pipeline.extraction.unreadable import Mended, mend

DEEP = b"[" * 10_000 + b"]" * 10_000


@pytest.mark.parametrize(
    "text", ['{"id": 7.10, "t": "\\u00e9\\ud83d\\ude00"}', "[1]", "null", '"x"', "7"]
)
def test_json_stays_as_it_was_sent(text: str) -> None:
    assert mend(text.encode()) == Mended(text, None)


@pytest.mark.parametrize(
    ("text", "payload", "fault"),
    [
        (rb'{"id":7,"t":"\ud83d"}', '{"id":7,"t":null}', "t: not a JSON text"),
        (rb'{"id":7,"t":"\udc00"}', '{"id":7,"t":null}', "t: not a JSON text"),
        (b'{"id":7,"t":"\xff"}', '{"id":7,"t":null}', "t: not a JSON text"),
        (b'{"id":7,"t":"a\nb"}', '{"id":7,"t":null}', "t: not a JSON text"),
        (b'{"id":7,"a":NaN}', '{"id":7,"a":null}', "a: not a JSON value"),
        (b'{"id":7,"a":-Infinity}', '{"id":7,"a":null}', "a: not a JSON value"),
        (b'{"a":[{"b":1},{"b":01}]}', '{"a":[{"b":1},{"b":null}]}', "a[1].b: not a"),
        (b'{"a":%b}' % (b"9" * 5000), '{"a":null}', "a: not a JSON value"),
        (b'{"a":1,}', '{"a":1}', "record: not JSON"),
        (b'{"a":{"b":1,}}', '{"a":{"b":1}}', "a: not JSON"),
        (b'{"id":7,"a":%b}' % DEEP, '{"id":7,"a":null}', "a: nested deeper than 100"),
        (DEEP, "[null]", "[0]: nested deeper than 100 levels"),
        (b"NaN", "null", "record: not a JSON value"),
        (b"{7:1}", '{"?":1}', "record: not JSON"),
        (rb'{"\ud83d":1}', '{"?":1}', "record: not JSON"),
        (b'{"a":1 2}', '{"a":null}', "a: not a JSON value"),
    ],
    ids=lambda value: str(value)[:30],
)
def test_what_cannot_be_read_is_null_and_named(
    text: bytes, payload: str, fault: str
) -> None:
    mended = mend(text)
    assert mended.payload == payload
    assert (mended.fault or "").startswith(fault)


def test_a_text_of_many_digits_is_sound() -> None:
    text = '{"id": "%s"}' % ("9" * 5000)
    assert mend(text.encode()) == Mended(text, None)


def test_a_member_that_is_too_large_is_left_out() -> None:
    text = b'{"id": 7, "note": "%b"}' % (b"x" * unreadable.LARGEST)
    assert mend(text) == Mended('{"id":7,"note":null}', "note: larger than 50000 bytes")


def test_a_record_of_too_many_members_is_left_out() -> None:
    text = json.dumps({f"k{number}": number for number in range(100_000)}).encode()
    assert mend(text) == Mended("{}", "record: larger than 1000000 bytes")


def test_no_key_that_may_be_a_name_is_told() -> None:
    mended = mend(b'{"Ana Lopez": {"dni": NaN}}')
    assert mended.fault == "?.dni: not a JSON value"


def test_only_the_first_faults_are_named() -> None:
    mended = mend(b"[%b]" % b",".join([b"NaN"] * 9))
    assert (mended.fault or "").endswith("[4]: not a JSON value; and 4 more")
