"""A header is taken apart line by line, and what is not one is refused."""

from pathlib import Path

import pytest

from pipeline.warehouse import header
from pipeline.warehouse.errors import BadTableFile

TEXT = """-- Sales per day.
--
-- As Mercado Libre counts them.
-- key: day
-- reads: core.orders,core.payments
-- columns:
--   day: the day
--   note: what it says: words
select 1 as day;
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "days.sql"


def test_a_header_is_words_fields_and_columns_then_the_body(path: Path) -> None:
    path.write_text(TEXT, encoding="utf-8")
    assert header.read(path, demanded=("key", "reads")) == header.Header(
        words=["Sales per day.", "As Mercado Libre counts them."],
        fields={"key": "day", "reads": "core.orders,core.payments"},
        columns=(
            header.Column("day", "the day"),
            header.Column("note", "what it says: words"),
        ),
        body="select 1 as day",
    )


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("select 1", "a header with words"),
        (TEXT.replace("select 1 as day;\n", ""), "then a statement"),
        (TEXT.replace("-- key: day\n", ""), "no `key:`"),
        (TEXT.replace("reads: core.orders,core.payments", "reads:"), "no `reads:`"),
        (TEXT.replace("--   day: the day", "--   the day"), "not `name: description`"),
        (TEXT.replace("-- columns:", "-- and more"), "after the header's words"),
    ],
)
def test_what_is_no_header_is_refused_with_its_path(
    path: Path, text: str, complaint: str
) -> None:
    path.write_text(text, encoding="utf-8")
    with pytest.raises(BadTableFile, match=rf"days\.sql: .*{complaint}"):
        header.read(path, demanded=("key", "reads"))


def test_none_and_nothing_are_no_names() -> None:
    assert header.names("core.orders, core.payments,") == (
        "core.orders",
        "core.payments",
    )
    assert header.names("none") == ()
