"""MELI_PSEUDONYMISE: buyers are pseudonyms everywhere, and figures of them stay."""

from pathlib import Path

from pipeline.inspection.traces import search
from pipeline.landing.buyers import PSEUDONYMS_FROM
from pipeline.warehouse.read import query
from tests.cli.conftest import SPAN, Commands

BUYERS = "select distinct buyer_id from core.orders"
FIGURES = (
    "from marts.new_and_repeat_sales order by all",
    "from marts.buyer_cohorts order by all",
    "select * exclude (buyer_id) from marts.buyers order by all",
    "select * exclude (buyer_id) from marts.orders order by all",
)


def numbers(folder: Path) -> list[int]:
    return query(folder, BUYERS)["buyer_id"].drop_nulls().to_list()


def test_a_folder_that_holds_buyers_names_the_command_that_converts_it(
    filled: Commands,
) -> None:
    ended = filled("sync", *SPAN, pseudonymise="true")
    assert ended.code == 1
    assert "`meli-sales pseudonymise`" in ended.error
    ended = filled("pseudonymise", "--yes")
    assert ended.code == 1
    assert "set MELI_PSEUDONYMISE=true" in ended.error


def test_a_folder_is_converted_with_every_figure_and_no_buyer(
    filled: Commands,
) -> None:
    plain = numbers(filled.folder)
    figures = [query(filled.folder, sql) for sql in FIGURES]
    ended = filled("pseudonymise", "--yes", pseudonymise="true")
    assert ended.code == 0, ended.err
    assert search(filled.folder, plain).places == []
    made = numbers(filled.folder)
    assert len(made) == len(plain)
    assert min(made) >= PSEUDONYMS_FROM
    for sql, before in zip(FIGURES, figures, strict=True):
        assert query(filled.folder, sql).equals(before), sql
    assert filled("sync", *SPAN, pseudonymise="true").code == 0
    assert sorted(numbers(filled.folder)) == sorted(made)
    assert search(filled.folder, plain).places == []


def test_a_new_folder_holds_pseudonyms_from_its_first_sync(empty: Commands) -> None:
    ended = empty("sync", *SPAN, pseudonymise="true")
    assert ended.code == 0, ended.err
    made = numbers(empty.folder)
    assert min(made) >= PSEUDONYMS_FROM
    off = empty("sync", *SPAN)
    assert off.code == 1
    assert "are pseudonyms" in off.error
    forgotten = empty("forget", str(made[0]), "--yes", pseudonymise="true")
    assert forgotten.code == 0, forgotten.err
    assert sorted(numbers(empty.folder)) == sorted(made[1:])
