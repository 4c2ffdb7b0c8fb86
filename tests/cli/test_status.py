"""`status`: what is proven, missing and waiting, told without a request."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pipeline.cli import status
from pipeline.inspection.status import FolderStatus, Published, QuarantinedRecord
from pipeline.landing import earlier
from pipeline.settings import read
from pipeline.sync.project import Project
from pipeline.warehouse.connection import connect
from pipeline.warehouse.publish import publish
from tests.cli.conftest import NOW, SECRET, SELLERS, Commands


def lines(text: str) -> dict[str, str]:
    """The lines before the table, by their name."""
    return {
        line[:12].strip(): line[13:] for line in text.splitlines() if line[:1].isalpha()
    }


def test_an_empty_folder_has_a_sensible_line_and_stays_empty(empty: Commands) -> None:
    ended = empty("status", base_url="http://127.0.0.1:9")
    assert (ended.code, ended.err) == (0, "")
    told = lines(ended.out)
    assert told["last run"] == "none: nothing has been read yet; run `meli-sales sync`"
    assert told["published"] == "nothing yet"
    assert told["in use"] == "no"
    assert not empty.folder.exists()


def test_without_any_seller_it_says_how_to_name_one(empty: Commands) -> None:
    ended = empty("status", seller_ids=None, access_token=None)
    assert lines(ended.out)["sellers"] == (
        "none known: set MELI_SELLER_IDS or run `meli-sales login`"
    )
    assert empty.status(seller_ids=None)["sellers"] == []


def test_each_seller_is_told_with_its_last_hour_and_what_waits(
    looked_at: Commands,
) -> None:
    told = looked_at.status(base_url="http://127.0.0.1:9")
    sellers = told["sellers"]
    assert isinstance(sellers, list)
    assert [one["seller_id"] for one in sellers] == list(SELLERS)
    for one in sellers:
        hour = datetime.fromisoformat(one["last_complete_hour"])
        until = datetime.fromisoformat(one["complete_until"])
        assert until - hour == timedelta(hours=1)
        assert NOW - timedelta(hours=2) <= until <= datetime.now(UTC)
        assert 0 <= one["lag_seconds"] < 3 * 3600
        assert one["token"] == "static"
        assert one["windows_not_complete"] == one["gaps"] == []
        assert one["quarantined_count"] == 0
    moving = sum(one["pending_shipments"]["moving_count"] for one in sellers)
    waiting = looked_at(
        "query",
        "select count(*) as moving from core.shipments"
        " where not is_missing and shipment_status not in ('delivered', 'cancelled')",
        "--format",
        "json",
    )
    assert json.loads(waiting.out) == [{"moving": moving}]
    assert moving > 0, "the world is three days young"
    run = told["last_run"]
    assert isinstance(run, dict)
    assert run["asked"].startswith("sync ")
    assert run["outcome"] == "complete"
    assert run["requests"]["/orders/search"] > 0


def test_a_person_reads_the_same(looked_at: Commands) -> None:
    ended = looked_at("status")
    told = lines(ended.out)
    assert told["last run"].startswith("sync ")
    assert told["last run"].endswith(" requests: complete")
    assert told["published"].endswith(" UTC")
    (row,) = [line for line in ended.out.splitlines() if f" {SELLERS[0]} " in line]
    assert row.split()[-1] == "static"
    assert " h " in row
    tables = [line for line in ended.out.splitlines() if line.startswith("  ")]
    assert max(len(line.rstrip()) for line in tables if "fraud" not in line) <= 80


def test_what_shipments_wait_for_is_told_apart(filled: Commands) -> None:
    work = filled.folder / "work" / "warehouse.duckdb"
    with connect(work) as connection:
        connection.execute("update core.shipments set shipment_status = 'delivered'")
        first, second, third = (
            one
            for (one,) in connection.execute(
                "select shipment_id from core.shipments"
                f" where seller_id = {SELLERS[0]} order by all limit 3"
            ).fetchall()
        )
        connection.execute(f"delete from core.shipments where shipment_id = {first}")
        connection.execute(
            "update core.shipments set is_missing = true, shipment_status = null"
            f" where shipment_id = {second}"
        )
        connection.execute(
            "update core.shipments set shipment_status = 'not_delivered'"
            f" where shipment_id = {third}"
        )
    publish(work, filled.folder, "test")
    told = filled.status()["sellers"]
    assert isinstance(told, list)
    assert [one["pending_shipments"] for one in told] == [
        {"absent_count": 1, "moving_count": 1, "missing_count": 1},
        {"absent_count": 0, "moving_count": 0, "missing_count": 0},
    ]


def test_quarantined_records_are_counted_with_their_reason(filled: Commands) -> None:
    work = filled.folder / "work" / "warehouse.duckdb"
    with connect(work) as connection:
        connection.execute(
            "insert into ops.quarantine (resource, resource_id, landed_at, seller_id,"
            " reason, payload, is_resolved) values"
            f" ('orders', '7', now(), {SELLERS[0]}, 'total_amount: no number', '', "
            "false), ('orders', '8', now(), 700100200, 'mended', '', true),"
            f" ('orders', '7', now() - interval 1 day, {SELLERS[0]}, 'an older one',"
            " '', false)"
        )
    publish(work, filled.folder, "test")
    ended = filled("status")
    assert (
        "  seller 700100200, orders: 1 such as 7: total_amount: no number" in ended.out
    )
    assert "an older one" not in ended.out
    assert "mended" not in ended.out
    told = filled.status()["sellers"]
    assert isinstance(told, list)
    assert [one["quarantined_count"] for one in told] == [1, 0]


def test_what_is_refused_is_named_until_it_is_told_after_all(filled: Commands) -> None:
    work = filled.folder / "work" / "warehouse.duckdb"
    with connect(work) as connection:
        connection.execute(
            "insert into ops.absences by name select resource, resource_id,"
            f" {SELLERS[0]} as seller_id, http_status, now() as absent_at"
            " from (values ('shipments', '7', 403), ('shipments', '8', 403),"
            " ('shipments', '9', 404), ('order_discounts', '7', 400),"
            " ('packs', '7', 403)) as answers (resource, resource_id, http_status)"
        )
        connection.execute(
            "insert into ops.landed_things values"
            " ('shipments', '7', now() - interval 1 day),"
            " ('packs', '7', now() + interval 1 hour)"
        )
    publish(work, filled.folder, "test")
    told = [
        f"seller {SELLERS[0]}, shipments: 2 such as 7 (403)",
        f"seller {SELLERS[0]}, order discounts: 1 such as 7 (400)",
    ]
    shown = filled("status").out.splitlines()
    at = shown.index("refused by Mercado Libre (asked for again as they age):")
    assert [one.strip() for one in shown[at + 1 :]] == told
    keys = ("resource", "http_status", "thing_count", "sample_resource_id")
    found = filled.status()["refused"]
    assert isinstance(found, list)
    assert [tuple(one[key] for key in keys) for one in found] == [
        ("shipments", 403, 2, "7"),
        ("order_discounts", 400, 1, "7"),
    ]


def test_orders_not_to_be_shipped_are_named_seller_by_seller(filled: Commands) -> None:
    work = filled.folder / "work" / "warehouse.duckdb"
    with connect(work) as connection:
        connection.execute(
            "update marts.orders set is_to_be_cancelled = false, shipment_status = null"
        )
        first, second = (
            [
                one
                for (one,) in connection.execute(
                    "select order_id from marts.orders where seller_id = $1"
                    " order by all limit $2",
                    [seller, count],
                ).fetchall()
            ]
            for seller, count in zip(SELLERS, (12, 1), strict=True)
        )
        connection.execute(
            "update marts.orders set is_to_be_cancelled = true"
            " where list_contains($1, order_id)",
            [first + second],
        )
        connection.execute(
            "update marts.orders set shipment_status = 'shipped' where order_id = $1",
            first[:1],
        )
    publish(work, filled.folder, "test")
    named = ", ".join(map(str, first[:10]))
    words = "with fraud risk, not to be shipped but cancelled"
    lines = [
        f"seller {SELLERS[0]}: 12 orders {words}: {named} and 2 more; 1 on the way",
        f"seller {SELLERS[1]}: 1 order {words}: {second[0]}",
    ]
    told = [one.strip() for one in filled("status").out.splitlines()]
    assert told[told.index("do not ship:") + 1 :][:2] == lines
    assert filled.status()["fraud_risks"] == [
        {"seller_id": SELLERS[0], "order_ids": first, "shipped_count": 1},
        {"seller_id": SELLERS[1], "order_ids": second, "shipped_count": 0},
    ]


def test_unpaid_orders_that_expire_within_a_day_are_counted_with_their_amount(
    filled: Commands,
) -> None:
    work, now = filled.folder / "work" / "warehouse.duckdb", datetime.now(UTC)
    soon = (now + timedelta(hours=2)).replace(second=0, microsecond=0)
    later = soon + timedelta(hours=20)
    with connect(work) as connection:
        connection.execute("update marts.orders set is_awaiting_payment = false")
        chosen = connection.execute(
            f"select order_id from marts.orders where seller_id = {SELLERS[0]}"
            " order by all limit 5"
        ).fetchall()
        [one, other, far, gone, paid] = [one for (one,) in chosen]
        for order_id, expires, is_waiting in (
            (one, later, True),
            (other, soon, True),
            (far, now + timedelta(hours=25), True),
            (gone, now - timedelta(hours=1), True),
            (paid, soon, False),
        ):
            connection.execute(
                "update marts.orders set is_awaiting_payment = $1, expires_at = $2,"
                " total_amount = 1000.55, currency_id = 'BRL' where order_id = $3",
                [is_waiting, expires, order_id],
            )
    publish(work, filled.folder, "test")
    line = (
        f"  seller {SELLERS[0]}: 2 unpaid orders expire within a day, from "
        f"{soon:%Y-%m-%d %H:%M} UTC on: 2,001.10 BRL"
    )
    ended = filled("status")
    assert line in ended.out.splitlines()
    told = filled.status()["expiring_orders"]
    assert isinstance(told, list)
    assert [(one["order_count"], one["total_amount"]) for one in told] == [(2, 2001.1)]


def test_a_warehouse_of_an_earlier_version_is_told_without_what_it_lacks(
    filled: Commands,
) -> None:
    work = filled.folder / "work" / "warehouse.duckdb"
    with connect(work) as connection:
        connection.execute("alter table marts.orders drop column is_to_be_cancelled")
    publish(work, filled.folder, "test")
    told = filled.status()
    assert (told["fraud_risks"], told["warehouse_note"]) == ([], None)
    sellers = told["sellers"]
    assert isinstance(sellers, list)
    assert all(one["pending_shipments"] for one in sellers)


def test_a_folder_in_use_is_told_with_the_process(filled: Commands) -> None:
    with Project(read(data_dir=filled.folder)):
        assert "by process " in lines(filled("status").out)["in use"]
        (filled.folder / ".lock.holder").unlink()
        assert lines(filled("status").out)["in use"] == "by another process"
    assert lines(filled("status").out)["in use"] == "no"


def test_a_run_that_stopped_half_way_is_told(empty: Commands) -> None:
    earlier.open_run(empty.folder / "landing", "run-1")
    ended = empty("status")
    assert "a run stopped half way: the next sync continues from there" in ended.out
    assert lines(ended.out)["last run"] == "none has ended yet"


def test_a_warehouse_of_other_code_is_told_and_the_rest_still_stands(
    filled: Commands,
) -> None:
    work = filled.folder / "work" / "warehouse.duckdb"
    with connect(work) as connection:
        connection.execute("alter table core.shipments drop column is_missing")
    publish(work, filled.folder, "test")
    ended = filled("status")
    assert ended.code == 0
    assert "try `meli-sales rebuild`" in ended.out
    told = filled.status()["sellers"]
    assert isinstance(told, list)
    assert told[0]["complete_until"]
    assert told[0]["pending_shipments"] is None


@pytest.mark.parametrize(
    ("stored", "settings", "words"),
    [
        (None, {}, "none"),
        (None, {"refresh_token": "TG-sandbox"}, "not used yet"),
        ('{"state": "usable", "access_token": "a-token-4711"}', {}, "usable"),
        ('{"state": "reauthorisation_needed"}', {}, "reauthorisation needed"),
        ("not ours", {}, "reauthorisation needed"),
    ],
)
def test_the_state_of_a_token_is_told_and_never_the_token(
    stored: str | None, settings: dict[str, str], words: str, empty: Commands
) -> None:
    if stored:
        (empty.folder / "tokens").mkdir(parents=True)
        path = empty.folder / "tokens" / f"{SELLERS[0]}.json"
        path.write_text(stored)
    surroundings = empty.surroundings | {
        "MELI_CLIENT_ID": "1",
        "MELI_CLIENT_SECRET": SECRET,
        "MELI_SELLER_IDS": str(SELLERS[0]),
    }
    del surroundings["MELI_ACCESS_TOKEN"]
    folder = empty.folder if stored != "not ours" else Path("/nowhere")
    ended = Commands(folder, surroundings)("status", **settings)
    assert ended.code == 0
    (row,) = [line for line in ended.out.splitlines() if str(SELLERS[0]) in line]
    assert row.strip().endswith(words)
    assert ("run `meli-sales login`" in ended.out) == (words == "none")
    assert "4711" not in ended.out


def test_a_seller_that_left_the_settings_keeps_its_rows_and_is_said_to(
    looked_at: Commands,
) -> None:
    ended = looked_at("status", seller_ids=str(SELLERS[0]))
    (row,) = [
        line for line in ended.out.splitlines() if line.startswith(f"  {SELLERS[1]}")
    ]
    assert row.strip().endswith("not read")


def test_an_unknown_format_is_wrong_usage(empty: Commands) -> None:
    ended = empty("status", "--format", "xml")
    assert ended.code == 2
    assert "'xml' is not one of 'table', " in ended.err


def test_a_damaged_certificate_is_named_and_stops_nothing(filled: Commands) -> None:
    path = next((filled.folder / "landing" / "windows").glob("*/*.parquet"))
    path.write_bytes(b"not a parquet file")
    ended = filled("status")
    assert ended.code == 0
    assert f"  {path.relative_to(filled.folder)} is damaged: " in ended.out


def test_a_long_list_ends_with_what_is_left_out(
    monkeypatch: pytest.MonkeyPatch, empty: Commands
) -> None:
    many = [QuarantinedRecord(1, "orders", f"reason {n}", 1, str(n)) for n in range(25)]
    found = FolderStatus(Path("data"), NOW, published=Published(quarantine=many))
    monkeypatch.setattr(status, "folder_status", lambda *_: found)
    ended = empty("status")
    assert ended.out.splitlines()[-1] == "  and 5 more: --format json"


def test_a_long_lag_is_told_in_days() -> None:
    assert status.lag_words(timedelta(hours=47)) == "47.0 h"
    assert status.lag_words(timedelta(days=12)) == "12.0 days"
