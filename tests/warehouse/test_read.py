"""Reading only, with errors that fit on a line."""

import shutil
import subprocess
import sys
from pathlib import Path

import duckdb
import polars as pl
import pytest

from pipeline.warehouse.connection import connect
from pipeline.warehouse.errors import CannotOpen, NothingPublished, QueryRefused
from pipeline.warehouse.files import table
from pipeline.warehouse.publish import publish
from pipeline.warehouse.read import connect_published, query


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
