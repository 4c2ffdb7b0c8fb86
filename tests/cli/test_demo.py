"""`demo`: a year of sandbox sales from nothing, and figures at the end."""

import json
import os
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import time_machine
import typer

from pipeline.cli import demo
from pipeline.sync.data_folder import DEMO_MARKER
from pipeline.warehouse.connection import connect
from pipeline.warehouse.files import statement
from pipeline.warehouse.read import query
from tests.cli.conftest import Commands, commands

ENDS = datetime(2026, 11, 1, tzinfo=UTC)


@pytest.fixture
def _real_time() -> Iterator[None]:
    """A demo's sandbox is a process of its own, which has the real clock."""
    with time_machine.travel(time_machine.escape_hatch.time.time()):
        yield
    # The suite's other sandboxes renew the Date of their answers once a second.
    time.sleep(1.5)


@pytest.mark.usefixtures("_real_time")
def test_a_demo_ends_with_figures_and_says_what_to_do_next(
    empty: Commands, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "/usr/bin")  # as after `make demo`: .venv is not in it
    folder = tmp_path / "data"
    ended = empty("demo", "--orders", "60", "--data-dir", str(folder))
    assert ended.code == 0, ended.err
    assert "sandbox: 60 orders at http://127.0.0.1:" in ended.err
    for words in ("Sales by site and month", "Top items by site", "MLB", "is ready"):
        assert words in ended.out
    tables = ended.out.partition("Sales by site")[2].partition("is ready")[0]
    assert max(map(len, tables.splitlines()[:-1])) <= 80
    beside = Path(sys.executable).with_name("meli-sales")
    assert f"MELI_DATA_DIR={folder} {beside} query" in ended.out
    rows = query(folder, "select count(*) as orders from core.orders")
    assert rows["orders"].to_list() == [60]
    told = commands("http://127.0.0.1:9", folder)("status")
    assert "windows not complete" not in told.out
    page = next(folder.glob("reports/sales-*.html"))
    assert f"open:     {page}" in ended.out
    # The last month that is over; the page of one that has begun says little.
    marker = json.loads((folder / DEMO_MARKER).read_text())
    first_day = datetime.fromisoformat(marker["ends"]).date().replace(day=1)
    assert page.stem == f"sales-{first_day - timedelta(days=1):%Y-%m}"

    # The folder remembers its sandbox, and another serving of it has nothing new.
    held = query(folder, "select order_id, total_amount from core.orders order by all")
    with demo.sandbox_along(folder):
        ours = commands(
            os.environ["MELI_BASE_URL"],
            folder,
            seller_ids=os.environ["MELI_SELLER_IDS"],
            reporting_currency="USD",
            requests_per_minute="1000000",
        )
        again = ours("sync")
    assert again.code == 0, again.err
    found = query(folder, "select order_id, total_amount from core.orders order by all")
    assert found.equals(held)


def test_a_folder_that_is_no_demo_is_left_alone(
    empty: Commands, tmp_path: Path
) -> None:
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters" / "to mother").write_text("Dear mother")
    ended = empty("demo", "--data-dir", str(tmp_path / "letters"))
    assert ended.code == 1
    assert "choose another folder with --data-dir" in ended.error
    assert (tmp_path / "letters" / "to mother").read_text() == "Dear mother"


def test_a_file_in_the_way_is_one_line(empty: Commands, tmp_path: Path) -> None:
    (tmp_path / "data").write_text("something else")
    ended = empty("demo", "--data-dir", str(tmp_path / "data"))
    assert ended.code == 1
    assert "a file is where a folder belongs: move it away" in ended.error


def test_a_demo_that_somebody_has_logged_in_with_is_left_alone(
    empty: Commands, tmp_path: Path
) -> None:
    demo.make_room(tmp_path / "demo")
    (tmp_path / "demo" / "tokens").mkdir()
    ended = empty("demo", "--data-dir", str(tmp_path / "demo"))
    assert ended.code == 1
    assert "choose another folder with --data-dir" in ended.error
    assert (tmp_path / "demo" / "tokens").is_dir()


def test_an_older_demo_is_replaced(tmp_path: Path) -> None:
    demo.make_room(tmp_path / "demo")
    (tmp_path / "demo" / "rows").write_text("old")
    demo.make_room(tmp_path / "demo")
    assert [path.name for path in (tmp_path / "demo").iterdir()] == [".demo"]


def test_a_sandbox_that_does_not_start_is_told_with_its_reason(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(typer.Exit) as ended, demo.served(demo.DemoWorld(0, ENDS)):
        pass
    assert ended.value.exit_code == 1
    assert "the sandbox did not start: " in capsys.readouterr().err


def test_a_sandbox_that_says_much_before_it_is_ready_is_waited_for(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    talker = tmp_path / "python"
    talker.write_text(
        "#!/bin/sh\nhead -c 200000 /dev/zero >&2\n"  # more than a pipe holds
        "echo sandbox ready at http://127.0.0.1:7\nexec sleep 60\n"
    )
    talker.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(talker))
    with demo.served(demo.DemoWorld(1, ENDS)) as url:
        assert url == "http://127.0.0.1:7"


def test_a_wrong_setting_is_one_line_and_leaves_an_older_demo(
    empty: Commands, tmp_path: Path
) -> None:
    demo.make_room(tmp_path / "demo")
    (tmp_path / "demo" / "rows").write_text("old")
    ended = empty("demo", "--data-dir", str(tmp_path / "demo"), max_concurrency="1000")
    assert ended.code == 2
    assert ended.error.startswith("error: MELI_MAX_CONCURRENCY: ")
    assert len(ended.err.splitlines()) == 1
    assert (tmp_path / "demo" / "rows").read_text() == "old"


@pytest.mark.parametrize("orders", ["0", "50001", "many"])
def test_a_number_of_orders_that_cannot_be_is_wrong_usage(
    orders: str, empty: Commands
) -> None:
    ended = empty("demo", "--orders", orders)
    assert ended.code == 2
    assert "--orders" in ended.err


def test_a_month_says_whether_its_sums_leave_something_out(tmp_path: Path) -> None:
    with connect(tmp_path / "work.duckdb") as connection:
        connection.execute("create schema marts")
        connection.execute(
            "create table marts.monthly_sales as select 'MLA' as site_id,"
            " 'ARS' as currency_id, make_date(2026, month, 1) as month_start_date,"
            " 1 as order_count, 9.00 as gross_sales_amount, 9.00 as net_sales_amount,"
            " 8.00 as estimated_proceeds_amount, month <> 2 as is_read_completely,"
            " (month = 3)::integer as unknown_refund_count,"
            " (month in (2, 4))::integer as unknown_proceeds_count"
            " from range(1, 5) as months (month)"
        )
        found = connection.execute(statement("questions/demo_sales_by_month"))
        shown = [row[1] for row in found.fetchall()]
    assert shown == ["2026-01", "2026-02*?", "2026-03?", "2026-04?"]
