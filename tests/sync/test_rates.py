"""A seller's own rates: judged line by line, landed once, never overwriting."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from pipeline import settings
from pipeline.extraction import by_id as asking
from pipeline.extraction.by_id import Tally
from pipeline.landing import files, journal
from pipeline.landing.record import Record
from pipeline.sync import by_id, loading, rates
from pipeline.sync.own_lines import OwnRecord
from pipeline.sync.project import Project
from pipeline.sync.resources import permissions
from pipeline.tie_out.delimited import RefusedLine, Unreadable

NOW = datetime(2026, 3, 5, 12, tzinfo=UTC)
TODAY = NOW.date()
HEADER = "rate_date,from_currency_id,to_currency_id,ratio\n"


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    wanted = settings.read(data_dir=tmp_path / "data")
    with Project(wanted, now=lambda: NOW) as held:
        yield held


def put(project: Project, name: str, text: str) -> None:
    folder = project.settings.data_dir / "rates"
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(text)


def held(project: Project) -> list[tuple[Any, ...]]:
    loading.load(project, ["exchange_rates"])
    return (
        project.warehouse()
        .execute(
            "select rate_date::varchar, from_currency_id || '-' || to_currency_id,"
            " ratio, fetched_at, source from core.exchange_rates order by all"
        )
        .fetchall()
    )


def fetched(project: Project, pair: str, ratio: str, at: datetime) -> None:
    """Land a ratio as the API answered it."""
    with journal.opened(project.folder.landing, "earlier", permissions()) as pages:
        pages.add(
            [
                Record(
                    resource="exchange_rates",
                    resource_id=pair,
                    seller_id=1,
                    updated_at=None,
                    fetched_at=at,
                    run_id="earlier",
                    request="/currency_conversions/search",
                    status=200,
                    missing_fields=[],
                    payload=f'{{"ratio": {ratio}}}',
                )
            ]
        )


def test_every_line_is_a_rate_or_refused_with_its_number_and_reason() -> None:
    lines = [
        "2026-03-01,USD,BRL,5.4321",  # 2: good
        "2026-03-01,usd,ars,1400",  # 3: good, a currency is one in any case
        "2026-3-1,USD,BRL,5",  # 4
        "01/03/2026,USD,BRL,5",  # 5
        "2026-03-06,USD,BRL,5",  # 6: tomorrow
        "2026-03-01,US$,BRL,5",  # 7
        "2026-03-01,USD,,5",  # 8
        "2026-03-01,USD,USD,1",  # 9
        '2026-03-02,USD,BRL,"5,43"',  # 10
        "2026-03-02,USD,BRL,-5",  # 11
        "2026-03-02,USD,BRL,0.000",  # 12
        "2026-03-02,USD,BRL,10000000",  # 13
        "2026-03-01,USD,BRL,5.4321",  # 14: the same as line 2
        "2026-03-02,USD",  # 15: cells are missing
        "2026-03-02,USD,BRL,0.0000000000005",  # 16: the limit of what is above 0
        "2026-03-02,USD,BRL,9999999.9999999999995",  # 17: 10 000 000 at 12 decimals
    ]
    found = rates.read((HEADER + "\n".join(lines)).encode(), TODAY)
    assert found.good == [
        OwnRecord(2, "USD-BRL-2026-03-01", '{"ratio": 5.4321}'),
        OwnRecord(3, "USD-ARS-2026-03-01", '{"ratio": 1400}'),
    ]
    assert found.refused == [
        RefusedLine(4, "rate_date '2026-3-1' is not a day such as 2026-03-02"),
        RefusedLine(5, "rate_date '01/03/2026' is not a day such as 2026-03-02"),
        RefusedLine(6, "rate_date 2026-03-06 is still to come"),
        RefusedLine(7, "from_currency_id 'US$' is not a currency such as BRL"),
        RefusedLine(8, "to_currency_id '' is not a currency such as BRL"),
        RefusedLine(9, "USD to itself is not a rate"),
        RefusedLine(10, "ratio '5,43' is not a number such as 0.0704988"),
        RefusedLine(11, "ratio '-5' is not a number such as 0.0704988"),
        RefusedLine(12, "ratio 0.000 is not above 0 and below 10 000 000"),
        RefusedLine(13, "ratio 10000000 is not above 0 and below 10 000 000"),
        RefusedLine(14, "the same day and pair as line 2"),
        RefusedLine(15, "to_currency_id '' is not a currency such as BRL"),
        RefusedLine(16, "ratio 0.0000000000005 is not above 0 and below 10 000 000"),
        RefusedLine(
            17, "ratio 9999999.9999999999995 is not above 0 and below 10 000 000"
        ),
    ]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "the file is empty"),
        ("day,ratio\n", "no column rate_date, from_currency_id, to_currency_id: "),
    ],
)
def test_a_file_without_the_columns_is_told_so(text: str, reason: str) -> None:
    with pytest.raises(Unreadable, match=reason):
        rates.read(text.encode(), TODAY)


def test_a_csv_fills_days_that_have_no_ratio_and_overwrites_none(
    project: Project,
) -> None:
    at = datetime(2026, 3, 4, 8, tzinfo=UTC)
    fetched(project, "USD-BRL", "5.5", at)
    text = "ratio;to_currency_id;from_currency_id;rate_date;note\n"
    text += "9.9;BRL;USD;2026-03-04;was fetched on its day: stays 5.5\n"
    text += "5.123456789012345;BRL;USD;2026-03-01;kept to 12 decimals\n"
    found = rates.read(text.encode(), TODAY)
    assert rates.land(project, found, "old.csv") == 2
    expected = [
        ("2026-03-01", "USD-BRL", Decimal("5.123456789012"), NOW, "csv"),
        ("2026-03-04", "USD-BRL", Decimal("5.5"), at, "mercado_libre"),
    ]
    assert held(project) == expected

    assert rates.land(project, found, "renamed.csv") == 0, "landed before"
    again = rates.read((HEADER + "2026-03-01,USD,BRL,6").encode(), TODAY)
    assert rates.land(project, again, "other.csv") == 1
    assert held(project) == expected, "the first of two CSVs stands likewise"

    project.close_warehouse()
    project.folder.work.unlink()
    assert held(project) == expected, "a rebuild keeps them"
    requests = files.read(
        project.folder.landing,
        "exchange_rates",
        files.listing(project.folder.landing, "exchange_rates"),
        ["request"],
    )
    assert sorted(requests["request"]) == [
        "/currency_conversions/search",
        "old.csv:2",
        "old.csv:3",
        "other.csv:2",
    ]


def test_a_csv_of_older_days_does_not_keep_todays_ratio_from_being_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[object] = []

    def ask(wanted: Iterable[object], *_: object, **__: object) -> Tally:
        asked.extend(wanted)
        return Tally()

    monkeypatch.setattr(by_id, "wanted", lambda *_, **__: [("USD", "BRL", 7)])
    monkeypatch.setattr(asking, "fetch", ask)
    seller = settings.read(
        data_dir=tmp_path / "data", access_token="APP_USR-none", seller_ids=(7,)
    )
    with Project(seller, now=lambda: NOW) as project:
        found = rates.read((HEADER + "2026-03-01,USD,BRL,5").encode(), TODAY)
        rates.land(project, found, "old.csv")
        by_id.fetch_wanted(project, "exchange_rates")
        assert asked == [("USD", "BRL")]
        fetched(project, "USD-BRL", "5.1", NOW)
        by_id.fetch_wanted(project, "exchange_rates")
        assert asked == [("USD", "BRL")], "today's answer has landed"


def test_the_folder_lands_each_file_once_and_none_with_a_bad_line(
    project: Project,
) -> None:
    assert rates.land_folder(project) == Tally()
    put(project, "good.csv", HEADER + "2026-03-01,USD,BRL,5\n")
    put(project, "bad.csv", HEADER + "2026-03-01,USD,ARS,1400\n2026-03-01,USD,CLP,x\n")
    put(project, "empty.csv", "")
    put(project, "notes.txt", "no CSV, not looked at")

    tally = rates.land_folder(project)

    bad = "1 line is not a valid rate, such as line 3: ratio 'x' is not a number such"
    assert tally.landed == 1
    assert tally.failed == {
        "bad.csv": f"{bad} as 0.0704988",
        "empty.csv": "the file is empty",
    }
    assert project.run.problems == [
        f"rates/bad.csv was not loaded: {bad} as 0.0704988",
        "rates/empty.csv was not loaded: the file is empty",
    ]
    assert held(project) == [("2026-03-01", "USD-BRL", Decimal(5), NOW, "csv")]
    put(project, "bad.csv", HEADER + "2026-03-01,USD,ARS,1400\n")
    assert rates.land_folder(project).landed == 1, "corrected; the other has landed"
