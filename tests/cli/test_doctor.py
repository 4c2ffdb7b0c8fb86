"""`doctor`: each thing that can be wrong is found, on one line, with its cure."""

import errno
import os
import tempfile
from datetime import timedelta
from pathlib import Path
from typing import NoReturn

import pytest
import time_machine

from pipeline.extraction import reachability
from pipeline.inspection import doctor
from pipeline.mercadolibre.connection import Reached
from pipeline.mercadolibre.errors import (
    BadRequest,
    BrokenBody,
    MercadoLibreError,
    Redirected,
)
from pipeline.sandbox.server.server import RunningSandbox
from pipeline.settings import read
from pipeline.sync import forgetting
from pipeline.sync.data_folder import DataFolder
from pipeline.sync.project import Project
from pipeline.sync.run_record import record_run
from pipeline.warehouse.connection import connect
from pipeline.warehouse.publish import publish
from pipeline.warehouse.read import query
from tests.cli.conftest import NOW, SECRET, SELLERS, Commands, Ended, commands


def findings(ended: Ended) -> dict[str, str]:
    """What was found and its cure, by what was looked at; `warn` and `fail` before."""
    found = {}
    for line in ended.out.splitlines():
        what, _, words = line[6:].partition(": ")
        found[what if line.startswith("ok") else f"{line[:4]} {what}"] = words
    return found


def test_all_is_well_in_one_line_each(looked_at: Commands) -> None:
    ended = looked_at("doctor")
    assert ended.code == 0, ended.out
    assert [line.split(": ")[0] for line in ended.out.splitlines()] == [
        "ok    settings",
        "ok    data folder",
        "ok    disk",
        "ok    lock",
        "ok    dagster",
        "ok    landing",
        "ok    work file",
        "ok    warehouse",
        "ok    last run",
        "ok    api",
        "ok    clock",
        "ok    seller 700100200",
        "ok    seller 700100201",
    ]
    assert ended.out.splitlines()[-1].endswith(
        "site MLA, token is that of 700100200, orders can be read, "
        "the search filters by date"
    )


def test_an_empty_folder_is_no_illness_and_stays_empty(empty: Commands) -> None:
    ended = empty("doctor")
    assert ended.code == 0
    found = findings(ended)
    assert found["landing"] == "nothing landed"
    assert found["warehouse"] == "nothing published yet"
    assert found["data folder"].endswith("will be made by the first sync")
    assert not empty.folder.exists()


def test_a_wrong_setting_is_a_finding(empty: Commands) -> None:
    ended = empty("doctor", lookback_hours="-1")
    assert ended.code == 1
    (line,) = ended.out.splitlines()
    assert line.startswith("fail  settings: MELI_LOOKBACK_HOURS: ")
    assert line.endswith(" - correct it in the environment or in .env")


def test_a_setting_that_does_not_exist_is_named(empty: Commands) -> None:
    ended = empty("doctor", acess_token="oops")
    assert ended.code == 1
    assert ended.out == (
        "fail  settings: MELI_ACESS_TOKEN: there is no such setting; is it "
        "MELI_ACCESS_TOKEN? - correct it in the environment or in .env\n"
    )
    assert empty("status", acess_token="oops").code == 2


def test_settings_that_contradict_each_other_are_named() -> None:
    wanted = read(
        base_url="http://api.example.com",
        access_token="APP_USR-1",
        refresh_token="TG-1",
        client_id="1",
        client_secret=SECRET,
    )
    found = list(doctor.surroundings(wanted))
    assert [one.level for one in found] == ["ok", "warn", "warn"]
    assert found[1].found == "MELI_ACCESS_TOKEN is used and MELI_REFRESH_TOKEN is not"
    assert found[2].cure == "use https"


def test_a_data_folder_that_is_a_file_fails(empty: Commands, tmp_path: Path) -> None:
    (tmp_path / "data").write_text("something else")
    ended = empty("doctor")
    assert ended.code == 1
    words = findings(ended)["fail data folder"]
    assert words == (
        f"MELI_DATA_DIR: {tmp_path / 'data'} is a file, not a folder - choose another "
        "folder, or correct its permissions"
    )


def test_a_data_folder_that_cannot_be_written_fails(empty: Commands) -> None:
    ended = empty("doctor", data_dir="/proc/meli")
    assert ended.code == 1
    assert findings(ended)["fail data folder"].startswith(
        "MELI_DATA_DIR: /proc/meli cannot be made in /proc ("
    )


def test_a_disk_mounted_read_only_is_told_as_such(
    filled: Commands, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(**_: object) -> NoReturn:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    monkeypatch.setattr(tempfile, "NamedTemporaryFile", refused)
    monkeypatch.setattr(os, "access", lambda _, mode: not mode & os.W_OK)
    ended = filled("doctor")
    assert ended.code == 1
    words = findings(ended)["fail data folder"]
    assert words == (
        f"MELI_DATA_DIR: {tmp_path / 'data'} cannot be written (Read-only file system) "
        "- choose another folder, or correct its permissions"
    )


@pytest.mark.parametrize(
    ("free", "level"), [(100 * 1024**2, "fail"), (800 * 1024**2, "warn")]
)
def test_little_space_is_told(
    free: int, level: str, looked_at: Commands, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Usage:
        def __init__(self, _: object) -> None:
            self.free = free

    monkeypatch.setattr("shutil.disk_usage", Usage)
    ended = looked_at("doctor")
    assert ended.code == (level == "fail")
    assert findings(ended)[f"{level} disk"].endswith("set MELI_DATA_DIR")


def test_a_folder_in_use_is_told(filled: Commands) -> None:
    with Project(read(data_dir=filled.folder)):
        ended = filled("doctor")
    assert ended.code == 0
    assert f"process {os.getpid()} works on" in findings(ended)["warn lock"]


@pytest.mark.parametrize(
    ("home", "level", "words"),
    [
        ("relative", "fail dagster", "not an absolute path"),
        ("/proc/meli", "fail dagster", "DAGSTER_HOME: "),
        ("{tmp_path}/home", "dagster", "its history goes into DAGSTER_HOME"),
        ("{tmp_path}/elsewhere", "dagster", "its history goes where `storage` in"),
    ],
)
def test_dagsters_home_is_looked_at(
    home: str, level: str, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = tmp_path / "elsewhere" / "dagster.yaml"
    told.parent.mkdir()
    told.write_text("telemetry: {enabled: false}\nstorage:\n  postgres:\n")
    monkeypatch.setenv("DAGSTER_HOME", home.format(tmp_path=tmp_path))
    found = list(doctor.look(read(data_dir=tmp_path / "data")))
    (one,) = [one for one in found if one.what == "dagster"]
    assert (f"{one.level} " * (one.level != "ok") + one.what) == level
    assert words in one.found
    assert bool(one.cure) == (one.level == "fail")


BACKUP = "- restore it from a backup"


@pytest.mark.parametrize(
    ("damaged", "content", "found"),
    [
        ("secret", None, f"fail secret is not there, and without it {{}} {BACKUP}"),
        ("secret", b"", f"fail secret is damaged, and without it {{}} {BACKUP}"),
        (
            "buyers.json",
            b"{",
            (
                f"fail buyers.json cannot be read {BACKUP}, or the buyers that it "
                "lists come back"
            ),
        ),
        (
            "buyers.json",
            b'{"is_pseudonymised": true, "is_pending": true}',
            (
                "warn not all that is to be hidden of them is hidden yet - run "
                "`meli-sales rebuild`, or let the next sync go on with it"
            ),
        ),
        (
            "buyers.json",
            b'{"is_pseudonymised": true}',
            "ok hidden as the folder was told",
        ),
    ],
)
def test_what_the_folder_was_told_of_buyers_is_looked_at(
    damaged: str, content: bytes | None, found: str, tmp_path: Path
) -> None:
    forgetting.pseudonymise(DataFolder(tmp_path))
    path = tmp_path / damaged
    path.unlink()
    if content is not None:
        path.write_bytes(content)
    [told] = [
        f"{one.level} {one.found}{' - ' * bool(one.cure)}{one.cure}"
        for one in doctor.look(read(data_dir=tmp_path))
        if one.what == "buyers"
    ]
    lacking = "the folder's buyers cannot be recognised"
    assert told.replace(f"{tmp_path}/", "") == found.format(lacking)


@pytest.mark.parametrize("resource", ["windows", "runs", "orders", "packs"])
@pytest.mark.parametrize("data", [b"half a fi", b"", None])
def test_a_lost_landed_file_is_named_with_the_command_that_heals(
    resource: str, data: bytes | None, filled: Commands
) -> None:
    path = next((filled.folder / "landing" / resource).glob("*/*.parquet"))
    path.unlink() if data is None else path.write_bytes(data)
    ended = filled("doctor")
    assert ended.code == 1
    words = findings(ended)["fail landing"]
    named = path.relative_to(filled.folder)
    assert words.startswith(f"{named} is {'gone' if data is None else 'damaged: '}")
    assert "run `meli-sales sync`" in words
    status = filled("status")
    assert status.code == 0
    assert f"  {named} is " in status.out


def test_a_byte_that_changed_is_found_by_looking_deep(filled: Commands) -> None:
    path = next((filled.folder / "landing" / "orders").glob("*/*.parquet"))
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    assert filled("doctor").code == 0
    ended = filled("doctor", "--deep")
    assert ended.code == 1
    assert "is damaged: its checksum differs" in findings(ended)["fail landing"]


def test_a_damaged_work_file_is_told(filled: Commands) -> None:
    work = filled.folder / "work" / "warehouse.duckdb"
    work.write_bytes(b"")
    ended = filled("doctor")
    assert ended.code == 1
    assert "run `meli-sales rebuild`" in findings(ended)["fail work file"]


CLAIM = (
    "build_order_items: marts.order_items was not replaced, some of its claims do not "
    "hold: parts_sum_to_order (1 row, such as order_id 7)"
)


@pytest.mark.untraced
@pytest.mark.parametrize(
    ("outcome", "level", "words"),
    [
        # A claim that does not hold, or a disk that is full: told with what to do.
        (CLAIM, "fail", f"could not build or publish: {CLAIM} - run `meli-sales reb"),
        (
            "window not complete: seller 5; published__warehouse: the disk is full",
            "fail",
            "published__warehouse: the disk is full - run `meli-sales rebuild`",
        ),
        # What kept orders from being read may be over, and Ctrl-C always is.
        (
            "landing__orders: GET /orders/search: 503",
            "warn",
            "without publishing: landing__orders: GET /orders/search: 503 - run `meli",
        ),
        (
            "load_packs: stopped half way",
            "warn",
            "ended without publishing: load_packs: stopped half way - run",
        ),
        # Killed after its proofs: nothing else is known of it.
        ("complete", "warn", "ended without publishing: not published yet - run"),
    ],
)
def test_a_last_run_that_did_not_publish_is_told(
    outcome: str, level: str, words: str, filled: Commands
) -> None:
    ran(filled.folder, "rebuild", outcome)
    ended = filled("doctor")
    assert ended.code == (level == "fail")
    assert words in findings(ended)[f"{level} last run"]
    assert filled.status()["is_behind"] is True
    assert (
        "             older than what has landed: the last run ended without "
        "publishing; `meli-sales doctor` says what to do"
    ) in filled("status").out.splitlines()


def test_a_publication_that_is_gone_is_told(filled: Commands) -> None:
    (filled.folder / "warehouse.duckdb").unlink()
    ended = filled("doctor")
    assert ended.code == 1
    assert (
        "complete, but what it published is gone - run `meli-sales rebuild`"
        in findings(ended)["fail last run"]
    )


def test_a_last_run_that_published_with_holes_is_told(filled: Commands) -> None:
    link = filled.folder / "warehouse.duckdb"
    run_id = ran(filled.folder, "sync", "window not complete: seller 5")
    version = link.resolve().parent.with_name(f"20300101T000000000000Z-{run_id}")
    link.resolve().parent.rename(version)
    link.unlink()
    link.symlink_to(version / link.name)
    ended = filled("doctor")
    assert ended.code == 0
    words = findings(ended)["warn last run"]
    assert "UTC: published, but window not complete: seller 5 - see" in words
    assert filled.status()["is_behind"] is False


def test_the_last_run_is_that_of_the_highest_number_whatever_the_clock_said(
    filled: Commands,
) -> None:
    with time_machine.travel(NOW + timedelta(days=3)):
        ran(filled.folder, "sync", "a clock that was ahead")
    ran(filled.folder, "rebuild", "the clock is right again")
    assert "the clock is right again" in findings(filled("doctor"))["warn last run"]


@pytest.mark.parametrize("name", ["runs.db", "runs/index.db"])
def test_a_damaged_history_of_dagster_is_named_with_its_cure(
    name: str, looked_at: Commands, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "history" / name
    path.parent.mkdir(parents=True)
    path.write_bytes(b"garbage " * 1024)
    # The commands of these tests keep no history: it is looked for where it would be.
    monkeypatch.setattr(doctor, "home_of", lambda _: tmp_path)
    ended = looked_at("doctor")
    assert ended.code == 1
    assert findings(ended)["fail dagster"] == (
        f"{path} is damaged (file is not a database) - run `meli-sales sync`, which "
        "sets it aside and begins a new history; restart `meli-sales ui` if it runs"
    )


def test_a_run_at_work_is_not_behind(filled: Commands) -> None:
    ran(filled.folder, "sync", "complete")
    with Project(read(data_dir=filled.folder)):
        assert filled.status()["is_behind"] is False
        assert not [one for one in findings(filled("doctor")) if "last run" in one]


def ran(folder: Path, asked: str, outcome: str) -> str:
    """Leave the row of a run that ended so, and returns its id; nothing is built."""
    project = Project(read(data_dir=folder), asked=asked)
    record_run(project, [] if outcome == "complete" else [outcome])
    return project.run.id


def test_a_warehouse_of_other_code_is_told(filled: Commands) -> None:
    work = filled.folder / "work" / "warehouse.duckdb"
    with connect(work) as connection:
        for number in range(6):
            connection.execute(
                f"alter table core.{('orders', 'packs', 'payments')[number % 3]}"
                f" add column new_{number} int"
            )
        for table in ("shipments", "sellers", "sites"):
            connection.execute(f"alter table core.{table} add column new_one int")
    ran = query(filled.folder, "select run_id from ops.published")["run_id"]
    publish(work, filled.folder, ran[0])
    ended = filled("doctor")
    assert ended.code == 0, ended.out
    words = findings(ended)["warn warehouse"]
    assert words.startswith("made by other code: core.orders, core.packs, ")
    assert " and more differ - run `meli-sales rebuild`" in words


@pytest.mark.parametrize("damage", ["gone", "overwritten"])
def test_a_warehouse_that_does_not_open_is_told(damage: str, filled: Commands) -> None:
    link = filled.folder / "warehouse.duckdb"
    version = link.resolve()
    version.unlink()
    if damage == "overwritten":
        version.write_bytes(b"x" * 5000)
    ended = filled("doctor")
    assert ended.code == 1
    words = findings(ended)["fail warehouse"]
    assert "run `meli-sales rebuild`" in words
    assert ("which is gone" in words) == (damage == "gone")


def test_nobody_at_the_address_fails_and_ends_the_looking(
    empty: Commands, waited: list[float]
) -> None:
    ended = empty("doctor", base_url="http://127.0.0.1:9")
    assert ended.code == 1
    assert ended.out.splitlines()[-1].startswith(
        "fail  api: 127.0.0.1:9 does not answer (ConnectError: [Errno 111] "
        "Connection refused) - check the network, MELI_BASE_URL"
    )


@pytest.mark.parametrize(
    ("ahead", "level", "words"),
    [
        (0.4, "ok", "0 s ahead of the API's"),
        (-59.0, "ok", "59 s behind the API's"),
        (61.0, "fail", "61 s ahead of the API's"),
        (-3600.0, "fail", "3600 s behind the API's"),
        (None, "warn", "the API sends no time"),
    ],
)
def test_a_clock_off_by_a_minute_fails(
    ahead: float | None,
    level: str,
    words: str,
    empty: Commands,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(reachability, "reach", lambda _: Reached(401, 0.01, ahead))
    ended = empty("doctor")
    assert ended.code == (level == "fail")
    (line,) = [one for one in ended.out.splitlines() if " clock: " in one]
    assert line.startswith(f"{level:<4}  clock: {words}")
    assert (" - " in line) == (level != "ok")


@pytest.mark.parametrize(
    ("status", "cure"),
    [(429, "lower MELI_REQUESTS_PER_MINUTE"), (503, "try again in some minutes")],
)
def test_an_api_in_trouble_is_told_and_not_troubled_further(
    status: int, cure: str, empty: Commands, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reachability, "reach", lambda _: Reached(status, 0.01, 0.0))
    ended = empty("doctor")
    assert ended.code == 1
    assert cure in findings(ended)["fail api"]
    assert "seller" not in ended.out


def test_no_token_is_told_with_both_ways_to_one(
    empty: Commands, waited: list[float]
) -> None:
    ended = empty("doctor", access_token=None)
    assert ended.code == 1
    words = findings(ended)["fail token"]
    assert words.startswith("no token is configured - set a fresh MELI_ACCESS_TOKEN")
    assert "`meli-sales login`" in words
    offline = empty("doctor", access_token=None, base_url="http://127.0.0.1:9")
    assert findings(offline)["fail token"] == words
    assert "fail api" in findings(offline)


@pytest.mark.parametrize("token", ["APP_USR-wrong-4711", "garbage-4711"])
def test_a_token_that_is_not_accepted_is_told_for_each_seller(
    token: str, empty: Commands
) -> None:
    empty.more_secrets.append("4711")
    ended = empty("doctor", access_token=token)
    assert ended.code == 1
    for seller in SELLERS:
        words = findings(ended)[f"fail seller {seller}"]
        assert "set a fresh MELI_ACCESS_TOKEN (one lives six hours)" in words
    alone = empty("doctor", access_token=token, seller_ids=None)
    assert "MELI_ACCESS_TOKEN" in findings(alone)["fail token"]


def test_a_spent_refresh_token_asks_for_a_login(empty: Commands) -> None:
    ended = empty(
        "doctor",
        access_token=None,
        client_id="1",
        client_secret=SECRET,
        refresh_token="TG-spent-4711",
        seller_ids=None,
    )
    assert ended.code == 1
    assert "run `meli-sales login`" in findings(ended)["fail token"]
    assert "4711" not in ended.out


def test_tokens_of_several_sellers_are_looked_at_one_by_one(
    sandbox: RunningSandbox, tmp_path: Path
) -> None:
    ours = commands(
        sandbox.url,
        tmp_path / "data",
        client_id="1",
        client_secret=SECRET,
        refresh_token="700100200=TG-sandbox-700100200,700100201=TG-spent-4711",
    )
    ended = ours("doctor", access_token=None, seller_ids=None)
    assert ended.code == 1
    found = findings(ended)
    assert "token is its own" in found["seller 700100200"]
    assert "`meli-sales login`" in found["fail seller 700100201"]
    third = ours("doctor", access_token=None, seller_ids="700100200,5")
    assert "there is no token for seller 5" in findings(third)["fail token of 5"]


def test_a_seller_who_does_not_exist_is_told(empty: Commands) -> None:
    ended = empty("doctor", seller_ids="5")
    assert ended.code == 1
    assert "MELI_SELLER_IDS" in findings(ended)["fail seller 5"]


def test_an_account_of_somebody_else_is_told(empty: Commands) -> None:
    ended = empty(
        "doctor", access_token="APP_USR-sandbox-700100201", seller_ids="700100200"
    )
    assert ended.code == 1
    words = findings(ended)["fail seller 700100200"]
    assert "403" in words
    assert "list in MELI_SELLER_IDS only sellers whose token is here" in words


def test_a_missing_permission_is_told(sandbox: RunningSandbox, tmp_path: Path) -> None:
    sandbox.switches.policy_refuses = frozenset({"/orders/search"})
    ended = commands(sandbox.url, tmp_path / "data")("doctor")
    assert ended.code == 1
    assert "developer panel" in findings(ended)["fail seller 700100200"]


@pytest.mark.parametrize(
    "fault",
    [
        Redirected("GET /users/me: 302 (not followed)", status=302),
        BrokenBody("GET /users/me: the answer names no user id", status=200),
        BadRequest("GET /users/me: 407 (a proxy)", status=407),
    ],
)
def test_somebody_else_that_answers_is_no_trouble_of_mercado_libres(
    fault: MercadoLibreError, empty: Commands, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> NoReturn:
        raise fault

    monkeypatch.setattr("pipeline.extraction.sellers.owner", refuse)
    words = findings(empty("doctor"))["fail seller 700100200"]
    assert "HTTPS_PROXY" in words


def test_a_search_that_ignores_dates_is_told(
    sandbox: RunningSandbox, tmp_path: Path
) -> None:
    sandbox.switches.filters_dates = False
    ended = commands(sandbox.url, tmp_path / "data")("doctor")
    assert ended.code == 1
    assert "do not trust a sync" in findings(ended)["fail seller 700100200"]
