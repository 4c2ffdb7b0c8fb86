"""Which facts of a data folder are alerts, by what lies in it."""

import json
import os
import re
import tomllib
from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from importlib import resources
from pathlib import Path

import pytest

from pipeline import settings
from pipeline.alerts.facts import Alert, facts
from pipeline.alerts.words import text
from pipeline.extraction.windows import HOUR
from pipeline.landing import certificate, files, run
from pipeline.landing.manifest import Served
from pipeline.report.formats import LANGUAGES
from pipeline.sync.data_folder import DataFolder
from pipeline.sync.run_record import WINDOW
from tests.conftest import TODAY

SELLER = 700100200
WRONG = "build_marts: marts.buyers was not replaced: key (1 row, such as buyer_id 8003)"


def found(folder: Path, **more: object) -> Mapping[str, str]:
    """The alerts of a folder: what each says, by key."""
    wanted = settings.read(data_dir=folder, **more)
    return {one.key: text(one) for one in facts(wanted, TODAY).open}


def ran(folder: Path, number: int, asked: str, outcome: str) -> None:
    """Land the row of a run of `number` hours past midnight."""
    at = TODAY.replace(hour=number)
    row = run.RunRow(*(f"r{number}", number, asked, at, at, "{}", 0, 0, "1", outcome))
    files.write(
        run.frame(row), folder / f"landing/runs/date={at:%Y-%m-%d}/{number}.parquet"
    )


def test_nothing_in_the_folder_is_no_alert(tmp_path: Path) -> None:
    assert found(tmp_path) == {}


def test_a_failed_run_is_one_until_a_sync_is_complete_and_quotes_no_row(
    tmp_path: Path,
) -> None:
    ran(tmp_path, 1, "sync of what is due", "complete")
    assert found(tmp_path) == {}
    ran(tmp_path, 2, "sync by Dagster", WRONG)
    ran(tmp_path, 3, "refresh by Dagster", "complete")
    said = found(tmp_path)["run:"]
    assert "marts.buyers was not replaced: key (1 row" in said
    assert "8003" not in said
    with DataFolder(tmp_path).held(notice=print, wait_seconds=0):
        judged = facts(settings.read(data_dir=tmp_path), TODAY)
    assert judged.open == []
    assert judged.unjudged == {"run"}, "a run is at work"
    ran(tmp_path, 4, "sync by Dagster", "complete")
    assert found(tmp_path) == {}


@pytest.mark.parametrize(
    "outcome",
    [
        run.NOT_PUBLISHED,
        f"landing__packs: {run.STOPPED}",
        f"{run.NOT_PUBLISHED}; {WINDOW}seller {SELLER}, all: short: 1 of 2",
        f"load_packs: {run.STOPPED}; {WINDOW}seller {SELLER}, all: short: 1 of 2",
    ],
)
def test_a_run_that_was_killed_or_interrupted_is_no_alert_and_ends_none(
    outcome: str, tmp_path: Path
) -> None:
    ran(tmp_path, 1, "sync by Dagster", outcome)
    assert found(tmp_path) == {}
    ran(tmp_path, 2, "sync by Dagster", WRONG)
    ran(tmp_path, 3, "sync by Dagster", outcome)
    assert [*found(tmp_path)] == ["run:"]
    ran(tmp_path, 4, "sync by Dagster", "complete")
    ran(tmp_path, 5, "sync by Dagster", f"load_orders: it is full; x: {run.STOPPED}")
    assert "it is full; x: stopped half way" in found(tmp_path)["run:"]


def test_windows_that_are_not_complete_are_one_alert_a_seller_and_no_failed_run(
    tmp_path: Path,
) -> None:
    row = certificate.revoked(
        Served(SELLER, "all", TODAY - 9 * HOUR, TODAY - 8 * HOUR, "r1"),
        closed_to=TODAY,
        checked_at=TODAY,
        reason="50 of 51",
    )._replace(verdict="short")
    rows = [row, row._replace(window_from=row.window_to, window_to=TODAY)]
    files.write(
        certificate.frame(rows), tmp_path / "landing/windows/date=2026-11-26/a.parquet"
    )
    ran(tmp_path, 1, "sync", "window not complete: seller 700100200 …")
    [(key, said)] = found(tmp_path).items()
    assert key == f"windows:{SELLER}"
    assert f"Seller {SELLER}: 2 windows are not complete" in said
    assert "26 Nov 2026 03:10" in said
    assert "short: 50 of 51" in said
    assert found(tmp_path, seller_ids="1") == {}, "it is not read any more"


@pytest.mark.parametrize(
    ("state", "died", "words"),
    [
        ("usable", timedelta(days=-1), None),
        ("usable", timedelta(days=89), None),
        ("usable", timedelta(days=91), "was not used for 91 days"),
        ("reauthorisation_needed", timedelta(), "does not accept the refresh token"),
    ],
)
def test_a_token_that_is_refused_or_was_not_used_for_long_is_an_alert(
    state: str, died: timedelta, words: str | None, tmp_path: Path
) -> None:
    (tmp_path / "tokens").mkdir()
    pair = {
        "state": state,
        "access_token": "APP_USR-1",
        "refresh_token": "TG-1",
        "expires_at": (TODAY - died).isoformat(),
    }
    (tmp_path / "tokens" / f"{SELLER}.json").write_text(json.dumps(pair))
    said = found(tmp_path)
    assert list(said) == ([f"token:{SELLER}"] if words else [])
    assert all(
        words and words in one and "login" in one + words
        for one in said.values()
        if state != "usable"
    )
    assert all(words and words in one for one in said.values())
    assert found(tmp_path, access_token="APP_USR-2") == {}


@pytest.mark.parametrize(("hours", "is_alert"), [(3, True), (5, False)])
def test_figures_older_than_the_settings_allow_are_an_alert(
    hours: int, is_alert: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("time.sleep", lambda _: None)  # for a version that opens
    at = (TODAY - timedelta(hours=4)).timestamp()
    (tmp_path / "warehouse.duckdb").touch()
    os.utime(tmp_path / "warehouse.duckdb", (at, at))
    said = found(tmp_path, alert_after_hours=hours)
    assert list(said) == (["stale:"] if is_alert else [])
    assert facts(settings.read(data_dir=tmp_path), TODAY).unjudged == {"fraud", "jump"}


def test_a_jump_names_the_day_the_figure_and_what_is_usual_as_its_site_writes() -> None:
    row = {
        "seller": SELLER,
        "site": "MLB",
        "currency_id": "BRL",
        "sold_date": date(2026, 11, 23),
        "day_count": 8,
        "net_sales_amount": Decimal("299.00"),
        "lowest_amount": Decimal("900.00"),
        "highest_amount": Decimal("1500.50"),
    }
    assert text(Alert("jump:1", "jump", row, "MLB")).startswith(
        f"Conta {SELLER}, MLB, segunda-feira 23 nov. 2026: vendas líquidas 299,00 BRL; "
        "em 8 dias iguais anteriores, de 900,00 BRL a 1.500,50 BRL."
    )
    assert "Monday 23 Nov 2026: net sales 299.00" in text(
        Alert("jump:1", "jump", row, "CBT")
    )


def test_every_language_says_the_same_with_the_same_values() -> None:
    path = resources.files("pipeline.alerts").joinpath("words.toml")
    languages = tomllib.loads(path.read_text("utf-8"))
    assert set(languages) == set(LANGUAGES)
    values = {
        language: {name: set(re.findall(r"{\w+}", one)) for name, one in said.items()}
        for language, said in languages.items()
    }
    assert values["es"] == values["pt"] == values["en"]
