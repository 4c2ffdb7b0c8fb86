"""Which texts a newer allow-list lets land, and which landed records lack them."""

import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from pipeline.landing import allowed, files, record
from pipeline.landing.allowed import Allowed, Withheld
from pipeline.landing.record import Record
from pipeline.landing.redaction import Permission

WORD = re.compile("[a-z]+")
NOW = datetime(2026, 3, 2, 10, 20, tzinfo=UTC)
BEFORE = Permission(
    texts={"status": WORD, "unread": WORD},
    objects={"unread": Permission(other=WORD), "lines": Permission()},
)


def list_of(**more: Any) -> dict[str, str]:
    """The paths of a permission that knows more than `BEFORE`."""
    inside = {"lines": Permission(texts=more.pop("lines", {}))}
    return allowed.texts(
        Permission({**BEFORE.texts, **more}, {**BEFORE.objects, **inside})
    )


def test_a_list_has_each_path_with_its_form() -> None:
    assert list_of(lines={"remark": WORD}) == {
        "status": "[a-z]+",
        "unread": "[a-z]+",
        "unread.*": "[a-z]+",
        "lines.remark": "[a-z]+",
    }


def test_learned_is_what_is_new_or_has_another_form() -> None:
    before = allowed.texts(BEFORE)
    assert allowed.learned(before, before) == []
    assert allowed.learned(before, list_of(remark=WORD)) == ["remark"]
    assert allowed.learned(before, list_of(status=re.compile("[A-Za-z]+"))) == [
        "status"
    ]
    # A tighter form has nothing to ask for again.
    tighter = re.compile(r"(?=.{1,9}\Z)[a-z]+")
    assert allowed.learned(before, list_of(status=tighter)) == []
    assert allowed.learned({"status": "no form ("}, {"status": "[a-z]+"}) == ["status"]
    # What is read now landed before, in the same form.
    assert allowed.learned(before, {"unread.site.name": "[a-z]+"}) == []


@pytest.mark.parametrize(
    ("payload", "path", "lacks"),
    [
        ({"remark": "Ana Lopez"}, "remark", True),
        ({"remark": None}, "remark", False),
        ({"status": "open"}, "remark", False),
        ({"other": "Ana"}, "remark", False),
        ({"lines": [{"id": 1}, {"remark": "Ana"}]}, "lines.remark", True),
        ({"lines": [{"id": 1}, {"other": "Ana"}]}, "lines.remark", False),
        ({"flows": ["Ana"]}, "flows", True),
        ({"context": {"a": [{"b": "Ana"}]}}, "context.*", True),
        ({"context": "Ana"}, "context.*", True),
        ({"context": {"a": 1}, "other": "Ana"}, "context.*", False),
        ({"firstName": 1}, "firstName", True),
        ({"giftFor": {"remark": "Ana"}}, "giftFor.remark", True),
        ({"firstName": 1}, "remark", False),
        ({"remark": {"deep": "Ana"}}, "remark", False),
    ],
)
def test_a_record_lacks_a_text_that_was_withheld_at_the_path(
    payload: Any, path: str, lacks: bool, tmp_path: Path
) -> None:
    one = Record(
        resource="packs",
        resource_id="7",
        seller_id=1,
        updated_at=NOW,
        fetched_at=NOW,
        run_id="run",
        request="/packs/7",
        status=200,
        missing_fields=[],
        payload=json.dumps(payload),
        window_from=NOW,
        window_to=NOW,
    )
    files.write(
        record.frame([one], {"packs": BEFORE}),
        tmp_path / "packs" / "date=2026-03-02" / "run-1.parquet",
    )
    found = list(allowed.withheld(tmp_path, "packs", [path]))
    assert found == [Withheld("7", 1, None, NOW, NOW, NOW)] * lacks


def test_what_was_kept_is_read_and_a_damaged_file_is_none(tmp_path: Path) -> None:
    assert allowed.read(tmp_path) is None
    kept = Allowed({"packs": allowed.texts(BEFORE)}, {"packs": {"7": 1}})
    allowed.keep(tmp_path, kept)
    assert allowed.read(tmp_path) == kept
    (tmp_path / ".allowed.json").write_text("{")
    assert allowed.read(tmp_path) is None
