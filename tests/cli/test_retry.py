"""`retry`: what is in quarantine is read again from landing, without a request."""

from pathlib import Path

import polars as pl
import pytest

from pipeline.cli import retry
from pipeline.sandbox.server.server import RunningSandbox
from pipeline.sync.retrying import Retried
from pipeline.warehouse.connection import connect
from pipeline.warehouse.read import query
from tests.cli.conftest import SELLERS, Commands, day

QUARANTINE = (
    "select resource, resource_id, reason, is_resolved from ops.quarantine order by all"
)
INTO_QUARANTINE = (
    "insert into ops.quarantine (resource, resource_id, landed_at, seller_id, reason,"
    " payload, is_resolved) values"
)


def refuse(folder: Path, resource: str, key: str, count: int) -> list[str]:
    """Put things out of core into quarantine, as stricter code would have done."""
    table = f"core.{resource}"
    with connect(folder / "work" / "warehouse.duckdb") as connection:
        ids = [
            str(one)
            for (one,) in connection.execute(
                f"select {key} from {table} order by {key} limit {count}"
            ).fetchall()
        ]
        names = ", ".join(ids)
        for other in {table, "core.order_versions", "ops.order_reads"}:
            if other == table or resource == "orders":
                connection.execute(f"delete from {other} where {key} in ({names})")
        landed = pl.concat(
            pl.read_parquet(path, hive_partitioning=False)
            for path in (folder / "landing" / resource).glob("*/*.parquet")
        ).filter(pl.col("resource_id").is_in(ids))
        for row in landed.iter_rows(named=True):
            connection.execute(
                f"{INTO_QUARANTINE} ($1, $2, $3, $4, 'too strict', '', false)",
                [resource, row["resource_id"], row["fetched_at"], row["seller_id"]],
            )
    return ids


def make_a_bad_one(sandbox: RunningSandbox, changing: Commands) -> tuple[int, object]:
    """Put an order into quarantine; returns its id, and the total that was right."""
    bad = sandbox.world.order_ids(SELLERS[0])[0]
    right = sandbox.world.order(bad)["total_amount"]
    sandbox.world.change(bad, total_amount="a lot")
    assert changing("sync", "--from", day(0)).code == 0
    return bad, right


def test_an_empty_quarantine_needs_nothing(filled: Commands) -> None:
    version = (filled.folder / "warehouse.duckdb").readlink()
    ended = filled("retry", base_url="http://127.0.0.1:9")
    assert (ended.code, ended.out) == (0, "nothing is in quarantine\n")
    assert (filled.folder / "warehouse.duckdb").readlink() == version


def test_an_empty_folder_needs_nothing(empty: Commands) -> None:
    ended = empty("retry")
    assert (ended.code, ended.out) == (
        0,
        f"nothing has landed in {empty.folder}: nothing to do\n",
    )


def test_what_loads_now_is_resolved_and_published(filled: Commands) -> None:
    before = query(filled.folder, "from marts.orders order by order_id")
    refused = refuse(filled.folder, "orders", "order_id", 3)
    refused += refuse(filled.folder, "packs", "pack_id", 1)
    ended = filled("retry", base_url="http://127.0.0.1:9", access_token=None)
    assert ended.code == 0, ended.err
    assert ended.out.endswith(" resolved, 0 remain\n")
    held = query(filled.folder, QUARANTINE)
    assert set(held["resource_id"]) == set(refused)
    assert held["is_resolved"].all()
    after = query(filled.folder, "from marts.orders order by order_id")
    assert after.equals(before)
    assert filled("retry").out == "nothing is in quarantine\n"


@pytest.mark.untraced
def test_what_still_does_not_load_remains_with_todays_reason(
    sandbox: RunningSandbox, changing: Commands
) -> None:
    bad, right = make_a_bad_one(sandbox, changing)
    with connect(changing.folder / "work" / "warehouse.duckdb") as connection:
        connection.execute("update ops.quarantine set reason = 'an older reason'")
    ended = changing("retry")
    assert ended.code == 1
    assert ended.error == (
        f"error: 1 still refused, the first of orders is {bad}; a newer copy that "
        "loads settles one by itself, else update meli-sales and run `meli-sales "
        "retry` again"
    )
    assert ended.out.splitlines()[0] == "0 resolved, 1 remain"
    assert f"  orders: 1 such as {bad}: total_amount: " in ended.out
    (row,) = query(changing.folder, QUARANTINE).to_dicts()
    assert row["reason"].startswith("total_amount: ")
    assert not row["is_resolved"]

    # A new copy that loads settles it, whatever becomes of the old one.
    sandbox.world.change(bad, total_amount=right)
    assert changing("sync", "--from", day(0)).code == 0
    assert query(changing.folder, QUARANTINE)["is_resolved"].all()
    assert changing("retry").out == "nothing is in quarantine\n"


def test_a_record_that_landing_lost_is_told_once(filled: Commands) -> None:
    with connect(filled.folder / "work" / "warehouse.duckdb") as connection:
        connection.execute(
            f"{INTO_QUARANTINE} ('orders', '7', now(), 1, 'no number', '', false),"
            " ('orders', '7', now() - interval 1 day, 1, 'a text', '', false)"
        )
    ended = filled("retry")
    assert ended.code == 1
    assert ended.out.splitlines() == [
        "0 resolved, 1 remain",
        "  orders: 1 such as 7: no number",
        "  not in landing any more: 1; a sync of their days brings them back",
    ]


def test_many_reasons_are_cut_to_a_screenful(
    capsys: pytest.CaptureFixture[str],
) -> None:
    remaining = pl.DataFrame(
        {
            "resource": ["orders"] * 25,
            "resource_id": [str(number) for number in range(25)],
            "reason": [f"reason {number:02}" for number in range(25)],
        }
    )
    retry.print_remaining(Retried(0, remaining, 0))
    said = capsys.readouterr().out.splitlines()
    assert said[0] == "  orders: 1 such as 0: reason 00"
    assert said[-1] == "  and 5 more"


def test_a_retry_that_was_killed_before_it_published_is_taken_up(
    sandbox: RunningSandbox, changing: Commands
) -> None:
    bad, right = make_a_bad_one(sandbox, changing)
    sandbox.world.change(bad, total_amount=right)
    with connect(changing.folder / "work" / "warehouse.duckdb") as connection:
        connection.execute("update ops.quarantine set is_resolved = true")
    ended = changing("retry", base_url="http://127.0.0.1:9")
    assert ended.code == 0, ended.err
    assert ended.out.startswith("all are resolved, but that is not published yet\n")
    assert query(changing.folder, QUARANTINE)["is_resolved"].all()
    assert changing("retry").out == "nothing is in quarantine\n"
