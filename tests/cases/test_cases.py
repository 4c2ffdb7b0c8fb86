"""Cases from the field and from the audit: an API that answers so, figures that hold.

A case is a file beside this one (`README.md` says what is in it): its API is served,
the sync job runs over it as on the command line, and what is published is asked. The
invariants hold after every case.
"""

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import duckdb
import pytest

from pipeline import settings
from pipeline.defs import jobs
from pipeline.extraction.windows import Range
from pipeline.instance import running
from pipeline.sync.project import Project
from tests import plain_run
from tests.cases.fake import REFRESH_TOKEN, SELLER, Fake, serve
from tests.cases.invariants import FLAGS, INVARIANTS

pytestmark = [pytest.mark.untraced, pytest.mark.usefixtures("short_waits")]

CASES = sorted(Path(__file__).parent.glob("*.json"))

NOVEMBER = Range(datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 11, 27, tzinfo=UTC))
"""Every order of every case was last updated in it; asked for by its dates."""


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_what_a_case_says_is_right(
    path: Path,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    case = json.loads(path.read_text(), parse_float=Decimal)
    with serve(case) as fake:
        for name, value in environment(case, fake, tmp_path).items():
            monkeypatch.setenv(name, value)
        for number in range(1, case.get("syncs", 1) + 1):
            fake.sync_number = number
            ended = sync(None if case.get("dates") == "due" else NOVEMBER)

    wanted = case.get("exit", 0)
    wrong = [] if wanted in (None, int(not ended.is_good)) else [f"it ended {ended}"]
    wrong += [
        f"{door} was asked {count} times, at most {most} are needed"
        for door, most in case.get("most", {}).items()
        if (count := sum(urlsplit(one).path == door for one in fake.asked)) > most
    ]
    wrong += wrong_figures(case, tmp_path / "data" / "warehouse.duckdb")
    assert not wrong, f"{case['right']}\n\n" + "\n".join(wrong)


def environment(case: Mapping[str, Any], fake: Fake, folder: Path) -> Mapping[str, str]:
    """Settings of a seller who logged in; what the case says of them wins."""
    own: Mapping[str, str] = case.get("env", {})
    login = {
        "MELI_CLIENT_ID": "1000000000000001",
        "MELI_CLIENT_SECRET": "secret",
        "MELI_REFRESH_TOKEN": REFRESH_TOKEN,
    }
    return {
        "MELI_BASE_URL": fake.url,
        "MELI_SELLER_IDS": str(SELLER),
        "MELI_DATA_DIR": str(folder / "data"),
        "MELI_REQUESTS_PER_MINUTE": "1000000",
        **({} if "MELI_ACCESS_TOKEN" in own else login),
        **own,
    }


def sync(span: Range | None) -> running.Ended:
    """Run the job of `meli-sales sync`, with dates or of what is due."""
    with Project(settings.read()) as project:
        return plain_run.run(plain_run.Job("sync"), project, config=jobs.config(span))


def wrong_figures(case: Mapping[str, Any], published: Path) -> list[str]:
    """Every expectation and every invariant that the published warehouse breaks."""
    wrong = []
    with duckdb.connect(str(published), read_only=True) as warehouse:
        warehouse.execute("set timezone = 'UTC'")

        def rows(sql: str) -> Any:
            try:
                return by_value(warehouse.sql(sql).fetchall())
            except duckdb.Error as error:
                return str(error)

        for sql, given in case["expect"]:
            right, told = by_value(given), rows(sql)
            if told != right:
                wrong.append(f"{sql}\n  says  {shown(told)}\n  right {shown(right)}")
        for table, flags in rows(FLAGS):
            told = ", ".join(f"count(*) - count({flag})" for flag in flags)
            [counts] = rows(f"select {told} from {table}")
            wrong += [
                f"{table}.{flag} is null"
                for flag, count in zip(flags, counts, strict=True)
                if count
            ]
        for name, sql in INVARIANTS.items():
            if breaches := rows(sql):
                wrong.append(f"{name}\n  broken by {shown(breaches[:200])}")
    return wrong


def by_value(told: Any) -> Any:
    """Rows in which numbers are equal when their values are, and days are texts."""
    if isinstance(told, list | tuple):
        return [by_value(one) for one in told]
    if isinstance(told, int | float) and not isinstance(told, bool):
        return Decimal(str(told))
    if isinstance(told, date | datetime):
        return told.isoformat()
    return told


def shown(told: Any) -> str:
    """Rows as a case would write them: one a line, decimals bare."""
    if not isinstance(told, list):
        return str(told)
    return "\n        ".join(
        json.dumps(row, default=lambda number: float(number)) for row in told
    )
