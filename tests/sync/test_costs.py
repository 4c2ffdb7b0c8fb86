"""A seller's own costs: judged line by line, landed, the last of them standing."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from pipeline import settings
from pipeline.landing import files
from pipeline.sync import costs, loading
from pipeline.sync.mending import mend
from pipeline.sync.own_lines import OwnRecord
from pipeline.sync.project import Project
from pipeline.tie_out.delimited import RefusedLine

NOW = datetime(2026, 3, 5, 12, tzinfo=UTC)
HEADER = "seller_sku,valid_from,unit_cost,currency_id,seller_id\n"


class Clock:
    """Goes on by a second whenever it is asked."""

    def __init__(self) -> None:
        self.at = NOW

    def __call__(self) -> datetime:
        self.at += timedelta(seconds=1)
        return self.at


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    wanted = settings.read(data_dir=tmp_path / "data")
    with Project(wanted, now=Clock()) as held:
        yield held


def land(project: Project, *lines: str) -> int:
    found = costs.read((HEADER + "\n".join(lines)).encode())
    assert found.refused == []
    return costs.land(project, found, "costs.csv")


def held(project: Project) -> list[tuple[Any, ...]]:
    loading.load(project, ["item_costs"])
    return (
        project.warehouse()
        .execute(
            "select seller_id, seller_sku, currency_id, valid_from, unit_cost"
            " from core.item_costs order by all"
        )
        .fetchall()
    )


def test_every_line_is_a_cost_or_refused_with_its_number_and_reason() -> None:
    lines = [
        'Caja "3" / A,2026-03-01,12.5,brl,',  # 2: good, a SKU may hold anything
        "A,2027-01-01,0,BRL,700",  # 3: good, a day to come and no cost at all
        "A,2027-01-01,1,BRL,",  # 4: good, for other sellers than line 3
        ",2026-03-01,1,BRL,",  # 5
        "A,01/03/2026,1,BRL,",  # 6
        "A,None,1,BRL,",  # 7
        'A,2026-03-01,"1,5",BRL,',  # 8
        "A,2026-03-01,-1,BRL,",  # 9
        "A,2026-03-01,1.1234567,BRL,",  # 10: a seventh decimal
        "A,2026-03-01,10000000000,BRL,",  # 11
        "A,2026-03-01,007,BRL,",  # 12
        "A,2026-03-01,1,R$,",  # 13
        "A,2026-03-01,1,BRL,me",  # 14
        "A,2027-01-01,2,BRL,700",  # 15: the same as line 3
        "A,2026-03-01",  # 16: cells are missing
    ]
    found = costs.read((HEADER + "\n".join(lines).replace('"3"', '""3""')).encode())
    day = "is not a day such as 2026-03-02"
    number = "is not a number such as 12.50"
    assert found.refused == [
        RefusedLine(5, "seller_sku is empty"),
        RefusedLine(6, f"valid_from '01/03/2026' {day}"),
        RefusedLine(7, f"valid_from 'None' {day}"),
        RefusedLine(8, f"unit_cost '1,5' {number}"),
        RefusedLine(9, f"unit_cost '-1' {number}"),
        RefusedLine(10, f"unit_cost '1.1234567' {number}"),
        RefusedLine(11, f"unit_cost '10000000000' {number}"),
        RefusedLine(12, f"unit_cost '007' {number}"),
        RefusedLine(13, "currency_id 'R$' is not a currency such as BRL"),
        RefusedLine(14, "seller_id 'me' is not a seller's number"),
        RefusedLine(15, "the same SKU, currency and day as line 3"),
        RefusedLine(16, f"unit_cost '' {number}"),
    ]
    words = '{"seller_sku": "A", "currency_id": "BRL", "valid_from": "2027-01-01"'
    assert found.good[1:] == [
        OwnRecord(3, "700/A/BRL/2027-01-01", f'{words}, "unit_cost": 0}}', 700),
        OwnRecord(4, "0/A/BRL/2027-01-01", f'{words}, "unit_cost": 1}}', 0),
    ]
    assert found.good[0].name == '0/Caja ""3"" / A/BRL/2026-03-01'


def test_what_is_said_last_stands_and_is_loaded_once(project: Project) -> None:
    first = (
        '"Lápiz ""B""/2-2026-03-01",2026-03-01,12.123456,BRL,',
        "A,2026-03-01,1,BRL,",
    )
    assert land(project, *first) == 2
    assert land(project, *first) == 0
    assert land(project, "A,2026-03-01,2,BRL,", "A,2026-03-01,3,ARS,7") == 2
    day = date(2026, 3, 1)
    pencil = (0, 'Lápiz "B"/2-2026-03-01', "BRL", day, Decimal("12.123456"))
    expected = [
        (0, "A", "BRL", day, Decimal(2)),
        pencil,
        (7, "A", "ARS", day, Decimal(3)),
    ]
    assert held(project) == expected

    assert land(project, *first) == 1, "1 instead of 2 is news"
    expected[0] = (0, "A", "BRL", day, Decimal(1))
    assert held(project) == expected

    project.close_warehouse()
    project.folder.work.unlink()
    assert held(project) == expected, "a rebuild keeps them"
    refused = project.warehouse().execute("from ops.quarantine").fetchall()
    assert refused == []


def test_a_lost_file_of_costs_is_named(project: Project) -> None:
    assert land(project, "A,2026-03-01,1,BRL,") == 1
    assert held(project) != []
    landing = project.folder.landing
    [path] = files.listing(landing, "item_costs")
    (landing / path).write_bytes(b"")
    mend(project)
    assert held(project) == []
    [problem] = project.run.problems
    assert problem.startswith(f"landing/{path} is ")
    assert problem.endswith(
        "what was in it cannot be asked for again; give costs of goods with "
        "`meli-sales costs`"
    )
