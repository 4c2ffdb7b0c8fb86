"""Reading only, with errors that fit on a line."""

import shutil
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import altair as alt
import duckdb
import polars as pl
import pytest

from pipeline.warehouse.connection import connect, lock_holder
from pipeline.warehouse.errors import (
    CannotOpen,
    NothingPublished,
    QueryRefused,
    SchemaChanged,
)
from pipeline.warehouse.files import table
from pipeline.warehouse.publish import publish
from pipeline.warehouse.read import asking, connect_published, published, query


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("it's read")
    with connect(folder / "work.duckdb") as connection:
        connection.execute("create schema marts")
        connection.execute("create schema ops")
        connection.execute(table("ops.runs").body)
        connection.execute(
            "create table marts.orders as select 1 as order_id,"
            " 9.99::decimal(18, 2) as total_amount"
        )
    publish(folder / "work.duckdb", folder, "run")
    return folder


def test_rows_come_as_a_frame(data_dir: Path) -> None:
    found = query(data_dir, "select sum(total_amount) as total from marts.orders;")
    assert str(found.item()) == "9.99"
    assert query(data_dir, "show tables").height == 0
    assert query(data_dir, "describe marts.orders").height == 2


@pytest.mark.parametrize(
    ("sql", "complaint"),
    [
        ("drop table marts.orders", "only read: no drop here"),
        ("insert into marts.orders values (2, 1)", "only read: no insert here"),
        ("copy marts.orders to 'stolen.csv'", "only read: no copy here"),
        ("explain analyze copy marts.orders to 'x'", "only read: no explain here"),
        ("attach 'other.duckdb'", "only read: no attach here"),
        ("select 1; drop table marts.orders", "one statement a query, not 2"),
        ("", "one statement a query, not 0"),
        ("selec 1", "Parser Error: syntax error at or near"),
        ("select total from marts.orders", 'Candidate bindings: "total_amount"'),
        ("select * from marts.order", 'Did you mean "orders"'),
        ("select 'a'::integer", "Could not convert string 'a' to INT32"),
    ],
)
def test_what_does_not_only_read_is_refused_in_a_line(
    data_dir: Path, sql: str, complaint: str
) -> None:
    with pytest.raises(QueryRefused) as caught:
        query(data_dir, sql)
    assert complaint in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "sql",
    [
        "from read_text('{secret}')",
        "from read_csv('{secret}')",
        "from '{secret}'",
        "from glob('{secret}')",
        "from read_blob('{secret}')",
        "from read_duckdb('{secret}')",
        "from read_json('http://127.0.0.1:9/x.json')",
        "from query('from read_text(''{secret}'')')",
        "from duckdb_secrets()",
    ],
)
def test_no_other_file_and_no_network_is_read(
    data_dir: Path, tmp_path: Path, sql: str
) -> None:
    secret = tmp_path / "secret.csv"
    secret.write_text("a\nb\n")
    with pytest.raises(QueryRefused, match="disabled by configuration"):
        query(data_dir, sql.format(secret=secret))


def test_a_frame_of_this_process_is_no_table(data_dir: Path) -> None:
    frame = pl.DataFrame({"secret": [1]})
    with pytest.raises(QueryRefused, match="frame does not exist"):
        query(data_dir, "from frame")
    assert frame.height == 1


def test_no_setting_is_changed(data_dir: Path) -> None:
    with connect_published(data_dir) as connection:
        for setting in ("enable_external_access = true", "memory_limit = '9GB'"):
            with pytest.raises(duckdb.Error, match=r"locked|running"):
                connection.execute(f"set {setting}")


@pytest.mark.parametrize(
    ("constant", "value", "complaint"),
    [
        ("_LONGEST_SECONDS", 0.2, "stopped after 0.2 seconds: ask for less"),
        ("_MOST_ROWS", 0, "more than 0 rows"),
        ("_LIMITS", ("set memory_limit = '10MB'",), "Out of Memory"),
    ],
)
def test_a_query_has_an_end(
    data_dir: Path,
    monkeypatch: pytest.MonkeyPatch,
    constant: str,
    value: object,
    complaint: str,
) -> None:
    monkeypatch.setattr(f"pipeline.warehouse.read.{constant}", value)
    sql = "select 1"
    if constant != "_MOST_ROWS":
        sql = (
            "select count(distinct a.range * b.range)"
            " from range(100000) a, range(100000) b"
        )
    with pytest.raises(QueryRefused, match=complaint):
        query(data_dir, sql)


def test_a_value_that_fails_while_rows_arrive_is_a_refusal(data_dir: Path) -> None:
    sql = "select if(range = 9000, 'a', '1')::int from range(10000)"
    with pytest.raises(QueryRefused, match=r"^Conversion Error: Could not convert"):
        query(data_dir, sql)


def test_a_refusal_points_at_the_place(data_dir: Path) -> None:
    with pytest.raises(QueryRefused) as caught:
        query(data_dir, "select\n  total\nfrom marts.orders")
    quoted, caret = caught.value.place.splitlines()
    assert quoted == "LINE 2:   total"
    assert caret.index("^") == quoted.index("total")


def test_a_version_open_for_writing_names_who_has_it(
    data_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copy(
        (data_dir / "warehouse.duckdb").resolve(), tmp_path / "warehouse.duckdb"
    )
    (tmp_path / "warehouse.duckdb").chmod(0o600)
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    script = (
        "import sys, duckdb\n"
        "held = duckdb.connect(sys.argv[1])\n"
        "print('held', flush=True)\n"
        "sys.stdin.read()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script, tmp_path / "warehouse.duckdb"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(CannotOpen, match=rf"open for writing.*PID {holder.pid}"):
            query(tmp_path, "select 1")
        assert holder.stdin is not None
        holder.stdin.close()


def test_who_has_a_version_in_another_container_is_told_so() -> None:
    words = (
        'Could not set lock on file "w.duckdb": Conflicting lock is held in {}. See '
        "also https://duckdb.org/docs/stable/connect/concurrency"
    )
    assert lock_holder(words.format("PID 0")) == "a program of another container"
    assert lock_holder(words.format("PID 71")) == "PID 71"


def a_copy(data_dir: Path, folder: Path) -> Path:
    """The same version published into another folder, and its file."""
    shutil.copy(data_dir / "work.duckdb", folder / "work.duckdb")
    return publish(folder / "work.duckdb", folder, "run")


def test_a_version_open_for_writing_in_this_program_is_told_so(
    data_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    version = a_copy(data_dir, tmp_path)
    version.chmod(0o600)
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    with (
        duckdb.connect(str(version)),
        pytest.raises(CannotOpen, match=r"in this very program.*read_only=True"),
    ):
        query(tmp_path, "select 1")
    assert query(tmp_path, "select 1").item() == 1


def test_a_version_that_somebody_spoiled_is_told_so(
    data_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    version = a_copy(data_dir, tmp_path)
    version.chmod(0o600)
    version.write_bytes(b"not a database any more")
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    with pytest.raises(CannotOpen, match=r"written to by another.*meli-sales rebuild"):
        query(tmp_path, "select 1")


@pytest.mark.parametrize(
    "sql", ["from marts.profit_months", "select channel from marts.orders"]
)
def test_what_another_version_lacks_is_told_with_its_cure_where_we_ask(
    data_dir: Path, sql: str
) -> None:
    with (
        asking(data_dir) as ask,
        pytest.raises(
            SchemaChanged, match=r"another version: run `meli-sales rebuild`"
        ),
    ):
        ask(sql)
    with asking(data_dir) as ask, pytest.raises(QueryRefused, match="Could not conv"):
        ask("select 'a'::integer")


def test_instants_are_utc(data_dir: Path) -> None:
    assert query(data_dir, "select current_setting('TimeZone')").item() == "UTC"


def test_before_the_first_sync_one_is_told_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(NothingPublished, match="meli-sales sync"):
        query(tmp_path, "select 1")


def test_a_version_pruned_in_between_is_looked_up_again(
    data_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    version = (data_dir / "warehouse.duckdb").resolve()
    link = tmp_path / "warehouse.duckdb"
    link.write_bytes(b"not a database, but here")

    def swapped(seconds: float) -> None:
        link.unlink()
        shutil.copy(version, link)

    monkeypatch.setattr("time.sleep", swapped)
    with connect_published(tmp_path) as connection:
        assert connection.execute("select order_id from marts.orders").fetchall() == [
            (1,)
        ]


def test_a_version_that_never_opens_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "warehouse.duckdb").write_bytes(b"not a database at all")
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    with (
        pytest.raises(CannotOpen, match=r"does not open.*meli-sales rebuild"),
        connect_published(tmp_path),
    ):
        pass


def test_an_interval_is_read_as_text(data_dir: Path) -> None:
    rows = query(data_dir, "select interval 90 minute as late, 1 as orders")
    assert rows.rows() == [("01:30:00", 1)]


def test_a_notebook_gets_frames_and_the_connection(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MELI_DATA_DIR", str(data_dir))
    with published() as warehouse:
        assert warehouse.frame("marts.orders").rows() == [(1, Decimal("9.99"))]
        doubled = warehouse.sql(
            "select total_amount * $times as total from marts.orders"
            " where $order is null or order_id = $order",
            times=2,
            order=None,
        )
        assert doubled.item() == Decimal("19.98")
        assert doubled.schema["total"].is_decimal()
        rows = warehouse.connection.execute("from warehouse.marts.orders").fetchall()
        assert rows == [(1, Decimal("9.99"))]
    with pytest.raises(QueryRefused, match="closed"):
        warehouse.frame("marts.orders")


@pytest.mark.parametrize(
    ("table", "complaint"),
    [
        ("marts.order", "Did you mean"),
        ("marts.orders; drop table marts.orders", "does not exist"),
        ("read_text('/etc/hostname')", "does not exist"),
    ],
)
def test_a_frame_is_of_a_table_and_of_nothing_else(
    data_dir: Path, table: str, complaint: str
) -> None:
    with published(data_dir) as warehouse, pytest.raises(QueryRefused) as caught:
        warehouse.frame(table)
    assert complaint in str(caught.value)
    assert "\n" not in str(caught.value)


def test_what_a_notebook_asks_is_only_read(data_dir: Path) -> None:
    with published(str(data_dir)) as warehouse:
        with pytest.raises(QueryRefused, match="only read: no drop here"):
            warehouse.sql("drop table marts.orders")
        with pytest.raises(QueryRefused, match=r"parameter.*\bnot_given\b"):
            warehouse.sql("select $not_given")
        with pytest.raises(duckdb.Error, match="read-only"):
            warehouse.connection.execute("drop table marts.orders")
        assert warehouse.frame("marts.orders").height == 1


def test_without_a_warehouse_a_notebook_is_told_where_it_looked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(NothingPublished) as caught:
        published()
    assert str(caught.value).startswith(f"{tmp_path}/data/warehouse.duckdb is not ther")


def test_a_notebook_is_warned_of_a_version_that_somebody_wrote_into(
    data_dir: Path, tmp_path: Path
) -> None:
    version = a_copy(data_dir, tmp_path)
    version.chmod(0o600)
    with duckdb.connect(str(version)) as stranger:
        stranger.execute("update marts.orders set total_amount = 1")
    with pytest.warns(UserWarning, match="written to by another program"):
        published(tmp_path).close()


def test_a_notebook_keeps_its_version_until_it_asks_again(
    data_dir: Path, tmp_path: Path
) -> None:
    a_copy(data_dir, tmp_path)
    with published(tmp_path) as before:
        with connect(tmp_path / "work.duckdb") as connection:
            connection.execute("insert into marts.orders values (2, 1)")
        for _ in range(4):  # more than are kept: its own is pruned beneath it
            publish(tmp_path / "work.duckdb", tmp_path, "run")
        assert before.frame("marts.orders").height == 1
        with published(tmp_path) as after:
            assert after.frame("marts.orders").height == 2


def test_a_chart_takes_decimals_as_they_are(data_dir: Path) -> None:
    with published(data_dir) as warehouse:
        rows = warehouse.frame("marts.orders")
    chart = alt.Chart(rows).mark_bar().encode(x="order_id", y="total_amount")
    drawn = chart.to_dict()
    assert list(drawn["datasets"].values()) == [[{"order_id": 1, "total_amount": 9.99}]]
    assert drawn["encoding"]["y"]["type"] == "quantitative"
    assert rows.schema["total_amount"].is_decimal()
    with alt.data_transformers.disable_max_rows():
        assert alt.Chart(rows).mark_point().to_dict()["datasets"] == drawn["datasets"]
    with alt.data_transformers.enable(max_rows=0), pytest.raises(alt.MaxRowsError):
        chart.to_dict()
