"""The pair rotates once for everybody, outlives crashes, and is shown nowhere."""

from __future__ import annotations

import errno
import json
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from pipeline.mercadolibre import errors
from pipeline.mercadolibre.oauth import Grant
from pipeline.mercadolibre.tokens import TokenStore
from tests.mercadolibre.conftest import INVALID_GRANT, Api, Clock, Served, granted

Store = Callable[..., TokenStore]

ACCESS = "APP_USR-access-{}-700100200"


@pytest.fixture
def store(api: Api, clock: Clock, tmp_path: Path) -> Store:
    """Opens the pair of a folder as one more process does."""

    def opened(
        bootstrap: str | None = "TG-refresh-0", directory: Path = tmp_path
    ) -> TokenStore:
        return TokenStore(
            directory / "tokens",
            "700100200",
            application=api.application(),
            bootstrap=bootstrap,
            now=clock,
        )

    return opened


def stored(directory: Path) -> dict[str, object]:
    content: dict[str, object] = json.loads(
        (directory / "tokens" / "700100200.json").read_bytes()
    )
    return content


def spent(api: Api) -> list[str]:
    return [form["refresh_token"] for form in api.forms()]


def test_a_new_configured_token_waits_for_its_first_refresh(
    api: Api, store: Store
) -> None:
    api.will(granted(1))
    store().access_token()
    assert store().state() == "usable"
    assert store(bootstrap="TG-another").state() == "empty"


def test_the_configured_token_begins_the_pair_once(api: Api, store: Store) -> None:
    api.will(granted(1))
    first = store()
    assert first.state() == "empty"
    assert first.access_token() == first.access_token() == ACCESS.format(1)
    assert first.state() == "usable"
    # Another process with the same settings takes the pair from the file.
    assert store().access_token() == ACCESS.format(1)
    assert spent(api) == ["TG-refresh-0"]


def test_the_file_is_private_and_holds_the_pair(
    api: Api, store: Store, tmp_path: Path
) -> None:
    (tmp_path / "tokens").mkdir(mode=0o755)
    api.will(granted(1))
    store().access_token()
    folder = tmp_path / "tokens"
    assert folder.stat().st_mode & 0o777 == 0o700
    assert (folder / "700100200.json").stat().st_mode & 0o777 == 0o600
    assert {path.suffix for path in folder.iterdir()} <= {".json", ".lock"}
    content = stored(tmp_path)
    digest = content.pop("bootstrap_digest")
    assert isinstance(digest, str)
    assert len(digest) == 64
    assert content == {
        "state": "usable",
        "access_token": ACCESS.format(1),
        "refresh_token": "TG-refresh-1-700100200",
        "refresh_at": "2026-03-02T17:55:00Z",
        "expires_at": "2026-03-02T18:00:00Z",
        "user_id": 700100200,
    }


def test_a_token_about_to_expire_is_refreshed_ahead(
    api: Api, store: Store, clock: Clock
) -> None:
    api.will(granted(1), granted(2))
    tokens = store()
    tokens.access_token()
    clock.now += timedelta(hours=5, minutes=54)
    assert tokens.access_token() == ACCESS.format(1)
    clock.now += timedelta(minutes=1)
    assert tokens.access_token() == ACCESS.format(2)
    assert spent(api) == ["TG-refresh-0", "TG-refresh-1-700100200"]


def test_a_token_of_a_short_life_is_not_refreshed_at_every_call(
    api: Api, store: Store, clock: Clock
) -> None:
    api.will(granted(1, expires_in=60))
    tokens = store()
    tokens.access_token()
    clock.now += timedelta(seconds=44)
    tokens.access_token()
    assert len(api.asked) == 1


def test_a_refused_token_is_refreshed_by_the_first_who_says_so(
    api: Api, store: Store
) -> None:
    api.will(granted(1), granted(2))
    ours, theirs = store(), store()
    refused = ours.access_token()
    assert theirs.access_token() == refused
    assert theirs.renew(refused) == ACCESS.format(2)
    assert ours.renew(refused) == ACCESS.format(2)
    assert ours.access_token() == ACCESS.format(2)
    assert len(api.asked) == 2


def test_a_grant_without_a_refresh_token_leaves_the_old_one(
    api: Api, store: Store
) -> None:
    api.will(granted(1), granted(2, refresh_token=None), granted(3))
    tokens = store()
    for _ in range(2):
        tokens.renew(tokens.access_token())
    assert spent(api)[1:] == ["TG-refresh-1-700100200"] * 2


def test_a_refused_refresh_is_a_state_and_not_tried_again(
    api: Api, store: Store
) -> None:
    api.will(granted(1), INVALID_GRANT)
    tokens = store()
    refused = tokens.access_token()
    with pytest.raises(errors.ReauthorisationNeeded, match="run `meli-sales login`"):
        tokens.renew(refused)
    assert tokens.state() == "reauthorisation_needed"
    with pytest.raises(errors.ReauthorisationNeeded) as caught:
        store().access_token()
    assert str(caught.value) == (
        "the refresh token of account 700100200 is spent, expired or revoked: run "
        "`meli-sales login` to grant access again"
    )
    assert len(api.asked) == 2


def test_a_configured_token_that_is_refused_is_not_tried_again(
    api: Api, store: Store
) -> None:
    api.will(INVALID_GRANT)
    for _ in range(2):
        with pytest.raises(errors.ReauthorisationNeeded):
            store().access_token()
    assert len(api.asked) == 1
    assert store().state() == "reauthorisation_needed"


def test_a_new_configured_token_takes_over(api: Api, store: Store) -> None:
    api.will(INVALID_GRANT, granted(7))
    with pytest.raises(errors.ReauthorisationNeeded):
        store().access_token()
    tokens = store(bootstrap="TG-new")
    assert tokens.access_token() == ACCESS.format(7)
    assert spent(api) == ["TG-refresh-0", "TG-new"]


def test_a_new_configured_token_that_is_refused_does_not_spoil_the_pair(
    api: Api, store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    api.will(granted(1), INVALID_GRANT)
    store().access_token()
    for _ in range(2):
        tokens = store(bootstrap="TG-mistyped")
        assert tokens.access_token() == ACCESS.format(1)
    assert spent(api) == ["TG-refresh-0", "TG-mistyped"]
    (warning,) = caplog.messages
    assert warning == (
        "the refresh token configured for account 700100200 is not accepted; "
        "going on with what is stored"
    )


def test_a_login_outlives_the_configured_token(api: Api, store: Store) -> None:
    api.will(granted(1), INVALID_GRANT)
    grant = Grant(access_token="APP_USR-login", refresh_token="TG-login")
    # Whether or not the login knew what is configured.
    for bootstrap in (None, "TG-refresh-0"):
        store(bootstrap).save(grant)
        assert store().access_token() == "APP_USR-login"
    assert api.asked == []


def test_after_a_login_that_died_an_untried_configured_token_is_tried(
    api: Api, store: Store
) -> None:
    api.will(INVALID_GRANT, granted(1))
    login = store(bootstrap=None)
    login.save(Grant(access_token="APP_USR-login", refresh_token="TG-login"))
    with pytest.raises(errors.ReauthorisationNeeded):
        login.renew("APP_USR-login")
    assert store().access_token() == ACCESS.format(1)


def test_a_login_remembers_which_configured_token_was_tried(
    api: Api, store: Store
) -> None:
    api.will(granted(1))
    store().access_token()
    login = store(bootstrap=None)
    login.save(Grant(access_token="APP_USR-login", refresh_token="TG-login"))
    assert store().access_token() == "APP_USR-login"
    assert len(api.asked) == 1


def test_nothing_stored_and_nothing_configured_says_so(store: Store) -> None:
    with pytest.raises(errors.ReauthorisationNeeded, match="no tokens are stored for"):
        store(bootstrap=None).access_token()


def test_a_grant_without_any_refresh_token_ends_with_its_access_token(
    store: Store,
) -> None:
    tokens = store(bootstrap=None)
    tokens.save(Grant(access_token="APP_USR-login"))
    assert tokens.access_token() == "APP_USR-login"
    with pytest.raises(errors.ReauthorisationNeeded, match="allow `offline_access`"):
        tokens.renew("APP_USR-login")
    assert tokens.state() == "reauthorisation_needed"


def test_a_refresh_without_an_application_says_what_to_set(tmp_path: Path) -> None:
    tokens = TokenStore(tmp_path, "x", bootstrap="TG-refresh-0")
    with pytest.raises(errors.Unauthorised, match="set MELI_CLIENT_ID and"):
        tokens.access_token()
    assert tokens.state() == "empty"


def test_a_refresh_without_an_answer_leaves_the_pair_as_it_was(
    api: Api, store: Store, tmp_path: Path
) -> None:
    api.will(granted(1), httpx.ReadTimeout("late"), granted(2))
    tokens = store()
    refused = tokens.access_token()
    before = stored(tmp_path)
    with pytest.raises(errors.Unreachable):
        tokens.renew(refused)
    assert stored(tmp_path) == before
    assert tokens.renew(refused) == ACCESS.format(2)


def test_a_refresh_answered_by_a_server_fault_brings_the_pair_all_the_same(
    api: Api, store: Store, tmp_path: Path
) -> None:
    api.will(granted(1), httpx.Response(503), granted(2))
    tokens = store()
    assert tokens.renew(tokens.access_token()) == ACCESS.format(2)
    assert spent(api) == [
        "TG-refresh-0",
        "TG-refresh-1-700100200",  # answered by 503
        "TG-refresh-1-700100200",  # the same one again
    ]
    assert stored(tmp_path)["refresh_token"] == "TG-refresh-2-700100200"


def test_an_unreadable_file_is_told_and_replaced_by_a_login(
    tmp_path: Path, store: Store
) -> None:
    (tmp_path / "tokens").mkdir()
    (tmp_path / "tokens" / "700100200.json").write_text('{"state": "APP_USR-secret"')
    tokens = store()
    with pytest.raises(errors.ReauthorisationNeeded) as caught:
        tokens.state()
    assert str(caught.value) == (
        "700100200.json among the tokens cannot be read: run `meli-sales login` to "
        "replace it"
    )
    tokens.save(Grant(access_token="APP_USR-login"))
    assert tokens.access_token() == "APP_USR-login"


def test_nothing_shows_a_token(api: Api, store: Store) -> None:
    api.will(granted(1))
    tokens = store()
    tokens.access_token()
    assert repr(tokens) == "TokenStore('700100200')"
    assert repr(tokens._held) == "Stored(state='usable', user_id=700100200)"


def test_threads_refresh_once_between_them(api: Api, store: Store) -> None:
    api.will(granted(1), granted(2))
    tokens = store()
    refused = tokens.access_token()
    taken: list[str] = []
    threads = [
        threading.Thread(target=lambda: taken.append(tokens.renew(refused)))
        for _ in range(16)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert taken == [ACCESS.format(2)] * 16
    assert len(api.asked) == 2


PROCESS = """
import sys, threading
from pathlib import Path
from pipeline.mercadolibre.budget import Budget
from pipeline.mercadolibre.connection import application, connect
from pipeline.mercadolibre.tokens import TokenStore

url, directory = sys.argv[1:]
tokens = TokenStore(
    Path(directory),
    "default",
    application=application(base_url=url, client_id="1", client_secret="s"),
    bootstrap="TG-0",
)
read = []
with connect(base_url=url, tokens=tokens, budget=Budget(1e9, 8)) as client:
    def work():
        for _ in range(40):
            read.append(client.order(order_id=1).status)
    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads: thread.start()
    for thread in threads: thread.join()
print(len(read))
"""


def test_two_processes_never_send_a_refresh_token_twice(
    served: Served, tmp_path: Path
) -> None:
    # The access token dies every 30 calls, under eight threads of two processes.
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", PROCESS, served.url, str(tmp_path)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    told = [process.communicate(timeout=60) for process in processes]
    assert told == [("160\n", "")] * 2
    assert served.calls == 320
    assert served.refused > 0
    assert served.refreshes == [
        f"TG-{number}" for number in range(len(served.refreshes))
    ]
    assert len(served.refreshes) >= 11  # 320 calls, 30 a token


@pytest.fixture
def full(monkeypatch: pytest.MonkeyPatch) -> Callable[[bool], None]:
    """Fills the disk, or makes room again."""
    real = os.fsync
    is_full = [True]

    def fsync(handle: int) -> None:
        if is_full[0]:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        real(handle)

    monkeypatch.setattr("os.fsync", fsync)

    def fill(now: bool) -> None:
        is_full[0] = now

    fill(False)
    return fill


def test_a_pair_refreshed_on_a_full_disk_is_used_and_written_when_there_is_room(
    api: Api,
    store: Store,
    clock: Clock,
    tmp_path: Path,
    full: Callable[[bool], None],
    caplog: pytest.LogCaptureFixture,
) -> None:
    api.will(granted(1), granted(2), granted(3))
    ours = store()
    ours.access_token()
    before = stored(tmp_path)
    full(True)
    clock.now += timedelta(hours=6)
    assert ours.access_token() == ours.access_token() == ACCESS.format(2)
    assert stored(tmp_path) == before, "the former file stays"
    assert [one.getMessage() for one in caplog.records] == [
        (
            "the new tokens of account 700100200 cannot be written (No space left on "
            "device); they are kept in memory: make room before this run ends"
        )
    ]
    clock.now += timedelta(hours=6)
    assert ours.access_token() == ACCESS.format(3)
    assert spent(api) == [
        "TG-refresh-0",
        "TG-refresh-1-700100200",
        "TG-refresh-2-700100200",
    ]
    full(False)
    clock.now += timedelta(seconds=6)
    assert ours.access_token() == ACCESS.format(3)
    assert stored(tmp_path)["access_token"] == ACCESS.format(3)
    ours.settle()
    assert [path.name for path in (tmp_path / "tokens").glob(".*")] == []


def test_the_end_of_a_run_writes_the_pair_or_says_that_it_is_lost(
    api: Api, store: Store, tmp_path: Path, full: Callable[[bool], None]
) -> None:
    api.will(granted(1))
    ours = store()
    ours.settle()
    full(True)
    assert ours.access_token() == ACCESS.format(1)
    with pytest.raises(errors.TokensNotWritten, match="make room there, then run"):
        ours.settle()
    full(False)
    ours.settle()
    assert stored(tmp_path)["access_token"] == ACCESS.format(1)


@pytest.mark.parametrize("state", ["usable", "reauthorisation_needed"])
def test_a_login_meanwhile_counts_and_a_refusal_of_the_spent_token_does_not(
    state: str,
    store: Store,
    api: Api,
    clock: Clock,
    tmp_path: Path,
    full: Callable[[bool], None],
) -> None:
    api.will(granted(1), granted(2))
    ours = store()
    ours.access_token()
    full(True)
    clock.now += timedelta(hours=6)
    ours.access_token()
    full(False)
    content = stored(tmp_path) | {"access_token": ACCESS.format(9), "state": state}
    content["refresh_at"] = (clock() + timedelta(hours=1)).isoformat()
    (tmp_path / "tokens" / "700100200.json").write_text(json.dumps(content))
    ours.settle()
    number = 9 if state == "usable" else 2
    assert ours.access_token() == ACCESS.format(number)
    assert stored(tmp_path)["access_token"] == ACCESS.format(number)
    assert stored(tmp_path)["state"] == "usable"


def test_a_real_full_disk_loses_no_pair(
    api: Api, store: Store, clock: Clock, tmp_path: Path
) -> None:
    small = tmp_path / "small"
    small.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(small)]
    if (
        shutil.which("mount") is None
        or subprocess.run(mount, stderr=subprocess.DEVNULL).returncode
    ):
        pytest.skip("only root may mount")
    try:
        api.will(granted(1), granted(2))
        ours = store(directory=small)
        ours.access_token()
        with pytest.raises(OSError, match="No space left"):
            (small / "filler").write_bytes(b"x" * 100_000)
        clock.now += timedelta(hours=6)
        assert ours.access_token() == ACCESS.format(2)
        with pytest.raises(errors.TokensNotWritten):
            ours.settle()
        (small / "filler").unlink()
        ours.settle()
        assert store(directory=small).access_token() == ACCESS.format(2)
    finally:
        subprocess.run(["umount", str(small)], check=True)
