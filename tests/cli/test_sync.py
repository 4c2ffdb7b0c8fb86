"""`sync` and `rebuild`: which range, how they end, and what they leave behind."""

import os
import shutil
import signal
import sqlite3
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
import typer

from pipeline.cli import sync
from pipeline.cli.oneline import DISK_IS_FULL
from pipeline.extraction import certified, reachability
from pipeline.extraction.coverage import coverage, verdicts
from pipeline.instance import running
from pipeline.instance.running import Ended as Run
from pipeline.landing import earlier, journal
from pipeline.mercadolibre.connection import Reached
from pipeline.sandbox.server.server import RunningSandbox
from pipeline.settings import read
from pipeline.sync.project import Project
from pipeline.sync.resources import permissions
from pipeline.warehouse.connection import connect
from pipeline.warehouse.read import query
from tests.cli.conftest import (
    DAYS,
    NOW,
    SECRET,
    SELLERS,
    SPAN,
    Commands,
    commands,
    day,
)

ORDERS = "select order_id, total_amount, updated_at from core.orders order by order_id"


def orders(folder: Path) -> pl.DataFrame:
    return query(folder, ORDERS)


@pytest.mark.parametrize(
    ("start", "end", "first", "last"),
    [
        ("2026-11-01", "2026-11-02", "2026-11-01T00:00Z", "2026-11-02T00:00Z"),
        (
            "2026-11-01T13:00:00-03:00",
            "2026-11-01T14:00:00-03:00",
            "2026-11-01T16:00Z",
            "2026-11-01T17:00Z",
        ),
        (
            "2026-11-01T13:20:00Z",
            "2026-11-01T13:40:00Z",
            "2026-11-01T13:00Z",
            "2026-11-01T14:00Z",
        ),
        ("20261101", "2026-11-01T00:00:01", "2026-11-01T00:00Z", "2026-11-01T01:00Z"),
    ],
)
def test_a_range_is_the_whole_utc_hours_around_what_was_asked(
    start: str, end: str, first: str, last: str
) -> None:
    span = sync.span_of(start, end)
    assert span is not None
    assert (f"{span.start:%Y-%m-%dT%H:%MZ}", f"{span.end:%Y-%m-%dT%H:%MZ}") == (
        first,
        last,
    )


def test_no_dates_are_no_range_and_an_open_end_is_now() -> None:
    assert sync.span_of(None, None) is None
    span = sync.span_of(day(1), None)
    assert span is not None
    assert timedelta() <= span.end - datetime.now(UTC) < timedelta(hours=1)


def test_an_open_start_is_as_far_back_as_the_api_answers() -> None:
    span = sync.span_of(None, day(1))
    assert span is not None
    assert span.end == NOW.replace(hour=0) - timedelta(days=1)
    # Where a first sync without dates begins: the first whole hour of the 12 months.
    year = datetime.now(UTC) - timedelta(days=365)
    assert timedelta() < span.start - year <= timedelta(hours=1)


def test_a_plan_takes_an_end_alone(looked_at: Commands) -> None:
    ended = looked_at("plan", "--to", day(1), "--seller", str(SELLERS[0]))
    assert ended.code == 0, ended.err
    (line,) = [one for one in ended.out.splitlines() if one.startswith("seller ")]
    hours = line.partition(" orders in ")[2].partition(" hours")[0].replace(",", "")
    # Yesterday began one to two days ago: a year less that.
    assert 363 * 24 <= int(hours) <= 364 * 24


@pytest.mark.untraced
def test_a_sync_with_an_end_alone_reads_up_to_it(
    empty: Commands, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A year of empty windows is of no use here: the API answers for four days.
    monkeypatch.setattr(sync, "RETENTION", timedelta(days=DAYS + 1))
    ended = empty("sync", "--to", day(1))
    assert ended.code == 0, ended.err
    held = orders(empty.folder)
    assert 0 < held.height < 120
    # The search's last hour is inclusive (mercado-libre-api.md 1.2): what came in it
    # is kept.
    until = NOW.replace(hour=0) - timedelta(days=1) + timedelta(hours=1)
    assert held.filter(pl.col("updated_at") >= until).is_empty()


@pytest.mark.parametrize(
    ("start", "end", "reason"),
    [
        (None, "2001-01-01", "--to 2001-01-01 is before all that Mercado Libre"),
        ("yesterday", None, "--from 'yesterday' is not an ISO 8601 date"),
        ("2026-11-01", "31/12/2026", "--to '31/12/2026' is not an ISO 8601 date"),
        ("2026-11-02", "2026-11-01", "--from must be earlier than --to"),
        ("2026-11-02", "2026-11-02", "--from must be earlier than --to"),
        ("2999-01-01", None, "--from 2999-01-01 is in the future"),
    ],
)
def test_a_range_that_cannot_be_is_wrong_usage(
    start: str | None, end: str | None, reason: str, empty: Commands
) -> None:
    with pytest.raises(typer.BadParameter) as refused:
        sync.span_of(start, end)
    assert reason in str(refused.value)
    words = [
        word
        for option, value in (("--from", start), ("--to", end))
        if value
        for word in (option, value)
    ]
    for command in ("sync", "plan"):
        ended = empty(command, *words)
        assert ended.code == 2
        assert reason in ended.err
    assert not empty.folder.exists()


def test_what_cannot_be_proven_or_is_too_old_is_said(
    capsys: pytest.CaptureFixture[str],
) -> None:
    sync.span_of("2001-01-01", "2999-01-01")
    said = capsys.readouterr().err
    assert "hours that are not over are read" in said
    assert "nothing is to be expected before" in said


def besides(said: str) -> list[str]:
    """What was said, but for the publication and orders not to be shipped."""
    return [
        line
        for line in said.splitlines()
        if "with fraud risk" not in line and not line.startswith("published in ")
    ]


@pytest.mark.untraced
@pytest.mark.dagster
def test_a_sync_tells_orders_windows_and_requests_and_leaves_a_warehouse(
    filled: Commands,
) -> None:
    ended = filled("sync", *SPAN, "--to", day(0))
    assert ended.code == 0
    assert ended.out == ""
    assert besides(ended.err)[-1].endswith(" requests")
    published = query(filled.folder, "select complete_to from ops.published")
    [complete_to] = published["complete_to"].to_list()
    assert (
        f"published in {filled.folder}/warehouse.duckdb, complete to "
        f"{complete_to:%Y-%m-%d %H:%M} UTC: " in ended.err
    )
    assert orders(filled.folder).height == 120
    assert (filled.folder / "warehouse.duckdb").is_symlink()


@pytest.mark.untraced
def test_records_in_quarantine_are_told_and_change_no_exit_code(
    sandbox: RunningSandbox, changing: Commands
) -> None:
    first, second = sandbox.world.order_ids(SELLERS[0])[:2]
    right = sandbox.world.order(first)["total_amount"]
    sandbox.world.change(first, total_amount="a lot")
    sandbox.world.change(second, total_amount="more")
    told = (
        "in quarantine, in no table: `meli-sales status` names them; after an update "
        "of meli-sales, `meli-sales retry` reads them again"
    )
    ended = changing("sync", "--from", day(0))
    assert ended.code == 0
    said = besides(ended.err)
    assert said[-2].endswith(" requests")
    assert said[-1] == f"2 records are {told}"
    # A newer copy that loads takes its record out; one refused again counts once.
    sandbox.world.change(first, total_amount=right)
    again = changing("sync", "--from", day(0))
    assert besides(again.err)[-1] == f"1 record is {told}"
    assert besides(changing("rebuild").err) == [f"1 record is {told}"]


@pytest.mark.untraced
def test_what_was_refused_is_told_by_the_syncs_that_do_not_ask_for_it(
    filled: Commands,
) -> None:
    with connect(filled.folder / "work" / "warehouse.duckdb") as connection:
        connection.execute(
            "insert into ops.absences by name select 'shipments' as resource,"
            f" '7' as resource_id, {SELLERS[0]} as seller_id, 403 as http_status,"
            " now() as absent_at"
        )
    ended = filled("sync", "--from", day(0))
    assert ended.code == 0
    assert besides(ended.err)[-1] == (
        "Mercado Libre refuses 1 answer (shipments), so amounts are unknown: "
        "`meli-sales status` names them, and later syncs ask again"
    )


@pytest.mark.untraced
def test_the_same_range_again_changes_no_order(filled: Commands) -> None:
    complete = "select complete_to from ops.published"
    before, hour = orders(filled.folder), query(filled.folder, complete)
    assert filled("sync", *SPAN, "--seller", str(SELLERS[0])).code == 0
    assert orders(filled.folder).equals(before)
    # The others are still sellers of the settings, and not read further than before.
    assert query(filled.folder, complete).equals(hour)


@pytest.mark.untraced
def test_a_rebuild_gives_the_same_tables_without_a_request(filled: Commands) -> None:
    before = orders(filled.folder)
    ended = filled("rebuild", base_url="http://127.0.0.1:9", access_token=None)
    assert (ended.code, besides(ended.err)) == (0, [])
    assert orders(filled.folder).equals(before)


@pytest.mark.untraced
def test_a_rebuild_that_breaks_off_leaves_work_file_and_publication(
    filled: Commands, monkeypatch: pytest.MonkeyPatch
) -> None:
    work, link = filled.folder / "work" / "warehouse.duckdb", orders(filled.folder)
    before = work.read_bytes()

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("pipeline.sync.project.publish", full)
        assert filled("rebuild").code == 1
    assert not work.with_name("rebuilding.duckdb").exists()
    assert work.read_bytes() == before
    assert orders(filled.folder).equals(link)
    assert filled("rebuild").code == 0
    assert not work.with_name("rebuilding.duckdb").exists()
    assert orders(filled.folder).equals(link)


@pytest.mark.untraced
def test_a_rebuild_names_a_damaged_file_and_what_reads_it_again(
    filled: Commands,
) -> None:
    before = orders(filled.folder)
    path = next((filled.folder / "landing" / "orders").glob("*/*.parquet"))
    path.write_bytes(path.read_bytes()[:-9])
    ended = filled("rebuild")
    assert ended.code == 1
    assert f"{path.relative_to(filled.folder)} is damaged: " in ended.err
    assert "run `meli-sales sync`" in ended.err
    assert orders(filled.folder).height < before.height
    assert filled("sync", "--from", day(0)).code == 0
    assert orders(filled.folder).equals(before)


def test_a_rebuild_by_spark_says_what_is_missing_for_it(
    empty: Commands, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MELI_ENGINE", "spark")
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    (empty.folder / "landing").mkdir(parents=True)
    ended = empty("rebuild")
    assert ended.code == 1
    assert "pip install 'meli-sales[spark]'" in ended.error


def test_a_rebuild_of_nothing_says_what_to_run(empty: Commands) -> None:
    ended = empty("rebuild")
    assert ended.code == 1
    assert ended.error.endswith("nothing has landed yet; run `meli-sales sync` first")
    assert not empty.folder.exists()


def test_no_token_says_which_settings_give_one(empty: Commands) -> None:
    ended = empty("sync", *SPAN, access_token=None)
    assert ended.code == 1
    assert "MELI_ACCESS_TOKEN" in ended.error
    assert "`meli-sales login`" in ended.error


def test_a_seller_without_a_token_is_named(empty: Commands) -> None:
    ended = empty(
        "sync",
        *SPAN,
        access_token=None,
        client_id="1",
        client_secret=SECRET,
        refresh_token="700100200=TG-sandbox-700100200",
    )
    assert ended.code == 1
    assert "there is no token for seller 700100201" in ended.error


def test_a_wrong_token_is_one_line_before_anything_is_written(
    empty: Commands,
) -> None:
    empty.more_secrets.append("APP_USR-wrong-4711")
    ended = empty("sync", *SPAN, access_token="APP_USR-wrong-4711", seller_ids=None)
    assert ended.code == 1
    assert "401" in ended.error
    assert "MELI_ACCESS_TOKEN" in ended.error
    assert not (empty.folder / "landing").exists()


def test_a_wrong_token_of_several_sellers_is_one_line_for_each(
    empty: Commands,
) -> None:
    empty.more_secrets.append("APP_USR-wrong-4711")
    ended = empty("sync", *SPAN, access_token="APP_USR-wrong-4711")
    assert ended.code == 1
    told = [line for line in ended.err.splitlines() if "401" in line]
    assert [line.partition(": ")[0] for line in told] == [
        f"  seller {seller}" for seller in SELLERS
    ]
    assert all("set a new one; otherwise run `meli-sales login`" in one for one in told)


def test_nobody_at_the_address_is_one_line_within_seconds(
    empty: Commands, waited: list[float]
) -> None:
    for command in ("sync", "plan"):
        ended = empty(command, *SPAN, base_url="http://127.0.0.1:9")
        assert ended.code == 1
        assert "127.0.0.1:9 does not answer" in ended.error
        assert "MELI_BASE_URL" in ended.error
        assert len(ended.err.splitlines()) == 1
    assert 0 < sum(waited) < 10
    assert not empty.folder.exists()


@pytest.mark.untraced
def test_a_seller_who_may_not_be_read_is_named_and_the_others_are_published(
    sandbox: RunningSandbox, tmp_path: Path
) -> None:
    ours = commands(sandbox.url, tmp_path / "data", seller_ids="700100200,5")
    ended = ours("sync", *SPAN)
    assert ended.code == 1
    assert "seller 5: GET /orders/search: 403" in ended.err
    assert ended.error.startswith("error: not everything is proven")
    assert orders(tmp_path / "data").height > 0


def test_an_hour_that_cannot_be_proven_is_named_by_sync_and_status(
    sandbox: RunningSandbox, tmp_path: Path
) -> None:
    ours = commands(sandbox.url, tmp_path / "data", seller_ids="700100200")
    hour = NOW - timedelta(days=1)
    sandbox.world.add_orders(SELLERS[0], hour, 60)
    sandbox.switches.ceiling = 20  # one hour with more than a search can reach
    span = ("--from", f"{hour - timedelta(hours=1):%Y-%m-%dT%H:%MZ}")
    ended = ours("sync", *span, "--to", f"{hour + timedelta(hours=2):%Y-%m-%dT%H:%MZ}")
    assert ended.code == 1
    name = f"{hour:%Y-%m-%dT%H:%M}Z to {hour + timedelta(hours=1):%Y-%m-%dT%H:%M}Z"
    assert f"window not complete: seller 700100200, all, {name}: too_wide" in ended.err
    told = ours("status")
    assert told.code == 0
    assert f"  seller 700100200, all, {name}: too_wide: " in told.out

    sandbox.switches.ceiling = 10_000
    assert ours("sync", *span).code == 0
    assert "too_wide" not in ours("status").out, "the latest certificate speaks"


def test_ctrl_c_half_way_ends_in_one_line_and_the_next_sync_goes_on(
    sandbox: RunningSandbox, tmp_path: Path
) -> None:
    ours = commands(sandbox.url, tmp_path / "data")
    sandbox.switches.latency_seconds = 0.1
    process = ours.process("sync", *SPAN)
    until = time.monotonic() + 30
    while sandbox.log.requests["/packs/{id}"] < 20:
        assert time.monotonic() < until
        time.sleep(0.02)
    os.killpg(process.pid, signal.SIGINT)
    ended = ours.ended(process)
    assert ended.code == 130
    assert "Traceback" not in ended.err
    assert ended.err.splitlines()[-1] == (
        "stopped; what has landed stays, the next sync continues from there"
    )
    assert "error" not in ended.err
    assert ours.status()["held_by"] is None

    sandbox.switches.latency_seconds = 0.0
    assert ours("sync", *SPAN).code == 0
    assert orders(ours.folder).height == 120


@pytest.mark.parametrize(
    ("ahead", "words"),
    [
        (600.4, "this machine's clock is 0:10:00 ahead of the API's, whose clock"),
        (-121.0, "this machine's clock is 0:02:01 behind the API's, whose clock"),
        (120.0, None),
        (None, None),
    ],
)
def test_a_clock_that_is_off_by_minutes_is_told_and_does_not_count(
    ahead: float | None,
    words: str | None,
    filled: Commands,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    found = Reached(401, 0.01, ahead)
    monkeypatch.setattr(reachability, "reach", lambda _: found)
    ended = filled("sync", "--from", day(0))
    assert ended.code == 0
    lines = [one for one in besides(ended.err) if "clock" in one]
    assert len(lines) == (words is not None)
    assert all(one.startswith(words or "") for one in lines)


@pytest.mark.parametrize("days", [3, -2])
def test_a_clock_that_is_off_by_days_stops_a_sync_before_it_asks(
    days: int,
    sandbox: RunningSandbox,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    found = Reached(401, 0.01, days * 86_400.0)
    monkeypatch.setattr(reachability, "reach", lambda _: found)
    ended = commands(sandbox.url, tmp_path / "data")("sync")
    assert ended.code == 1
    assert ended.error.endswith(" the API's: set this machine's clock (NTP)")
    assert not sandbox.log.requests
    assert not (tmp_path / "data" / "landing").exists()


def test_certificates_that_a_clock_ahead_gave_do_not_hide_an_order(
    filled: Commands,
) -> None:
    # As a version that trusted this machine's clock left them, three days ahead.
    landing, ahead = filled.folder / "landing", timedelta(days=3)
    rows = list(earlier.certificates(landing))
    with journal.opened(landing, rows[0].run_id, permissions()) as pages:
        for row in rows:
            pages.certify(
                row._replace(
                    window_to=row.window_to + ahead,
                    closed_to=row.closed_to + ahead,
                    checked_at=row.checked_at + ahead,
                )
            )
    (hidden,) = coverage(verdicts(rows))[SELLERS[0]].proven
    held = coverage(certified.read(landing).said)
    assert held[SELLERS[0]].proven[-1].end == hidden.end + ahead
    assert filled("sync", "--from", day(1)).code == 0
    told = filled.status()["sellers"]
    assert isinstance(told, list)
    assert {one["lag_seconds"] >= 0 for one in told} == {True}
    held = coverage(certified.read(landing).said)
    assert all((one.newest() or NOW) <= datetime.now(UTC) for one in held.values())


@pytest.mark.untraced
@pytest.mark.parametrize("signal_", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_a_sync_that_waits_for_a_slow_answer(
    signal_: signal.Signals, sandbox: RunningSandbox, tmp_path: Path
) -> None:
    ours = commands(sandbox.url, tmp_path / "data")
    process = ours.process("sync", *SPAN)
    until = time.monotonic() + 120
    while not sandbox.log.requests["/orders/search"]:
        assert time.monotonic() < until
        sandbox.switches.latency_seconds = 0.0
        time.sleep(0.02)
    sandbox.switches.latency_seconds = 30.0
    time.sleep(1)
    sent_at = time.monotonic()
    process.send_signal(signal_)
    ended = ours.ended(process)
    assert ended.code == 130
    assert time.monotonic() - sent_at < 20  # far less than the answers take
    assert ended.err.splitlines()[-1].startswith("stopped; what has landed stays")


def test_a_sync_goes_on_where_nobody_reads_what_it_says(filled: Commands) -> None:
    process = filled.process("sync", "--from", day(0), "--to", day(-1))
    assert process.stdout
    assert process.stderr
    process.stdout.close()
    process.stderr.close()  # as `| head` does; it has said nothing yet
    assert process.wait(timeout=60) == 0
    runs = query(filled.folder, "from ops.runs")
    assert runs.height == 2


@pytest.mark.dagster
@pytest.mark.parametrize(("free", "is_full"), [(1_000_000, True), (10**12, False)])
def test_a_history_that_has_no_room_is_a_full_disk(
    free: int, empty: Commands, monkeypatch: pytest.MonkeyPatch, *, is_full: bool
) -> None:
    def refuse(*_: object) -> None:
        raise sqlite3.OperationalError("disk I/O error")  # its word for no room too

    monkeypatch.setattr("pipeline.instance.running.end_dead_runs", refuse)
    usage = shutil.disk_usage(empty.folder.parent)._replace(free=free)
    monkeypatch.setattr("shutil.disk_usage", lambda _: usage)
    ended = empty("sync", *SPAN)
    assert ended.code == 1
    assert (DISK_IS_FULL in ended.error) is is_full


def test_a_step_that_was_interrupted_is_no_failed_step(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    stopped = Run([], ["load_packs: stopped half way"])
    monkeypatch.setattr(running, "run", lambda *_, **__: stopped)
    with (
        Project(read(data_dir=tmp_path / "data")) as project,
        pytest.raises(KeyboardInterrupt),
    ):
        sync.run_job("rebuild", project)


def test_problems_are_listed_up_to_a_screenful(
    capsys: pytest.CaptureFixture[str],
) -> None:
    many = [f"problem {number}" for number in range(25)]
    with pytest.raises(typer.Exit) as ended:
        sync.finish(Run(problems=many, failed_steps=[]))
    assert ended.value.exit_code == 1
    said = capsys.readouterr().err.splitlines()
    assert said[-2:] == [
        "  and 5 more: meli-sales status",
        (
            "error: not everything is proven; what landed stays, the next sync takes "
            "up what is missing"
        ),
    ]


@pytest.mark.dagster
def test_tables_that_could_not_be_built_leave_those_of_before(
    filled: Commands, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = (filled.folder / "warehouse.duckdb").readlink()

    def broken(*_: object) -> None:
        raise ValueError("out of cheese")

    monkeypatch.setattr("pipeline.sync.project.publish", broken)
    ended = filled("rebuild")
    assert ended.code == 1
    assert "  published__warehouse: out of cheese" in ended.err.splitlines()
    assert "the warehouse published before stays as it was" in ended.error
    assert (filled.folder / "warehouse.duckdb").readlink() == before
    assert filled.status()["is_behind"] is True


@pytest.mark.dagster
def test_a_claim_that_does_not_hold_is_named_by_status_and_doctor(
    filled: Commands,
) -> None:
    # An order whose total its lines do not add up to: a fault of ours, or a disk's.
    with connect(filled.folder / "work" / "warehouse.duckdb") as connection:
        connection.execute(
            "update core.orders set total_amount = total_amount + 1 where order_id = "
            "(select min(order_id) from core.orders where not is_test_order)"
        )
        # The next day: once a day claims are held over all rows, not what changed.
        connection.execute("delete from changes.checked")
    ended = filled("sync", "--from", day(0))
    assert ended.code == 1
    named = [one for one in ended.err.splitlines() if "items_sum_to_total" in one]
    (line,) = map(str.strip, named)
    status = filled("status")
    assert line in status.out
    assert "older than what has landed" in status.out
    doctor = filled("doctor")
    assert doctor.code == 1
    assert f": could not build or publish: {line} - run `meli-sales rebuild`" in (
        doctor.out
    )
    assert filled("rebuild").code == 0
    assert filled("doctor").code == 0


def test_a_sale_without_a_day_is_named_by_sync_and_status(filled: Commands) -> None:
    # Its site is one without a known clock, or unknown itself.
    with connect(filled.folder / "work" / "warehouse.duckdb") as connection:
        chosen = connection.execute(
            "select order_id from core.orders where closed_at is not null"
            f" and not is_test_order and seller_id = {SELLERS[0]} order by all limit 3"
        ).fetchall()
        [first, second, third] = [one for (one,) in chosen]
        for site, orders in (("'MXX'", [first, second]), ("null", [third])):
            connection.execute(
                f"update core.orders set site_id = {site}, sold_date = null"
                f" where order_id in ({', '.join(map(str, orders))})"
            )
    seller = f"seller {SELLERS[0]}"
    clock = "the clock of site MXX is not known; update meli-sales"
    site = "the site is not known; set MELI_SITE"
    lines = [
        f"{seller}: 2 sales have no day, such as {first}: {clock}",
        f"{seller}: 1 sale has no day, such as {third}: {site}",
    ]
    ended = filled("sync", "--from", day(0))
    assert [one for one in ended.err.splitlines() if "no day" in one] == lines
    status = filled("status")
    assert [one.strip() for one in status.out.splitlines() if "no day" in one] == lines
    told = filled.status()["dayless_sales"]
    assert isinstance(told, list)
    assert [(one["site_id"], one["order_count"]) for one in told] == [
        ("MXX", 2),
        (None, 1),
    ]


@pytest.mark.untraced
def test_a_fraud_risk_is_named_at_the_end_of_a_sync_which_goes_on(
    filled: Commands,
) -> None:
    with connect(filled.folder / "work" / "warehouse.duckdb") as connection:
        connection.execute("update core.orders set is_fraud_risk = false")
        ((shipped,),) = connection.execute(
            "update core.orders set is_fraud_risk = true where order_id = ("
            " select min(orders.order_id) from marts.orders"
            " where outcome = 'sale' and shipment_status = 'shipped'"
            f" and seller_id = {SELLERS[0]}) returning order_id"
        ).fetchall()
        # The mart is only built again if something else of it is new.
        connection.execute(
            f"update marts.orders set is_to_be_cancelled = order_id = {shipped}"
        )
    ended = filled("sync", "--from", day(0))
    line = (
        f"seller {SELLERS[0]}: 1 order with fraud risk, not to be shipped but "
        f"cancelled: {shipped}; 1 on the way"
    )
    assert ended.code == 0
    assert [one for one in ended.err.splitlines() if "with fraud" in one] == [line]


def test_a_folder_that_was_moved_is_read_all_the_same(
    filled: Commands, tmp_path: Path
) -> None:
    shutil.move(filled.folder, tmp_path / "elsewhere")
    told = filled("query", "from core.sellers", data_dir=str(tmp_path / "elsewhere"))
    assert told.code == 0
