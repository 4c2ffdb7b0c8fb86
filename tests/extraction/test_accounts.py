"""Whose orders are read with which token; what is missing is said without secrets."""

import functools
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pipeline import settings
from pipeline.extraction import accounts
from pipeline.extraction.accounts import tokens_folder
from pipeline.mercadolibre.errors import AskingEnded, MercadoLibreError
from pipeline.sandbox.server.server import RunningSandbox, serve
from pipeline.sandbox.server.switches import Switches
from pipeline.sandbox.world.world import World
from pipeline.settings import Settings, WrongSetting
from pipeline.workers import connection, pace
from tests.extraction.conftest import NOW

FIRST, SECOND, THIRD = 700_100_200, 700_100_201, 700_100_202
APPLICATION = {"client_id": "4711", "client_secret": "the-secret"}


@pytest.fixture
def sandbox() -> Iterator[RunningSandbox]:
    with serve(World(orders=0, now=NOW, sellers=3), Switches()) as running:
        yield running


@pytest.fixture
def read(sandbox: RunningSandbox, tmp_path: Path) -> Callable[..., Settings]:
    """Settings that ask the sandbox."""

    def make(**values: object) -> Settings:
        return settings.read(base_url=sandbox.url, data_dir=tmp_path, **values)

    return make


def sellers_of(wanted: Settings) -> list[int]:
    with accounts.opened(wanted) as found:
        return [account.seller_id for account in found]


def test_waits_of_many_threads_are_told_once_a_minute() -> None:
    said: list[str] = []
    seconds = iter((0.0, 1.0, 59.0, 60.0, 61.0))
    sparing = accounts._Sparing(said.append, clock=lambda: next(seconds))
    for number in range(5):
        sparing(f"line {number}")
    assert said == ["line 0", "line 3"]


def test_one_token_serves_every_seller_listed_each_once(
    read: Callable[..., Settings],
) -> None:
    wanted = read(
        access_token="APP_USR-sandbox", seller_ids=f"{SECOND},{FIRST},{SECOND}"
    )
    assert sellers_of(wanted) == [SECOND, FIRST]


def test_without_sellers_the_token_s_owner_is_asked_for(
    read: Callable[..., Settings], sandbox: RunningSandbox
) -> None:
    wanted = read(access_token=f"APP_USR-sandbox-{SECOND}")
    assert sellers_of(wanted) == [SECOND]
    assert sandbox.log.requests == {"/users/me": 1}


def test_each_seller_is_asked_with_its_own_refreshed_token(
    read: Callable[..., Settings], sandbox: RunningSandbox
) -> None:
    tokens = f"{FIRST}=TG-sandbox-{FIRST},{THIRD}=TG-sandbox-{THIRD}"
    wanted = read(refresh_token=tokens, **APPLICATION)
    with accounts.opened(wanted) as found:
        assert [account.seller_id for account in found] == [FIRST, THIRD]
        for account in found:
            page = account.client.user()
            assert json.loads(page.body)["id"] == account.seller_id
        assert [account.budget.usage().requests["/users/me"] for account in found] == [
            1,
            1,
        ]
    stored = sorted(path.stem for path in tokens_folder(wanted).glob("*.json"))
    assert stored == [str(FIRST), str(THIRD)]
    assert sandbox.log.refresh_tokens.total() == 2


def test_a_stored_pair_is_found_without_any_token_in_the_settings(
    read: Callable[..., Settings],
) -> None:
    wanted = read(refresh_token=f"{SECOND}=TG-sandbox-{SECOND}", **APPLICATION)
    with accounts.opened(wanted) as found:
        found[0].client.user()
    (tokens_folder(wanted) / "notes.json").write_text("{}")
    assert sellers_of(read(**APPLICATION)) == [SECOND]


def test_a_seller_known_by_two_tokens_is_read_once(
    read: Callable[..., Settings],
) -> None:
    # The first account's own token, and one for all whose owner is that account too.
    shared = read(refresh_token="TG-sandbox", **APPLICATION)
    assert sellers_of(shared) == [FIRST]
    both = read(refresh_token=f"{FIRST}=TG-sandbox-{FIRST}", **APPLICATION)
    assert sellers_of(both) == [FIRST]


def test_no_token_at_all_is_said_in_one_line(read: Callable[..., Settings]) -> None:
    with pytest.raises(WrongSetting) as caught:
        sellers_of(read(**APPLICATION))
    assert str(caught.value).startswith("no token: set MELI_ACCESS_TOKEN")
    assert "\n" not in str(caught.value)
    assert "the-secret" not in str(caught.value)


def test_a_seller_without_a_token_is_named(read: Callable[..., Settings]) -> None:
    tokens = f"{FIRST}=TG-sandbox-{FIRST}"
    wanted = read(refresh_token=tokens, seller_ids=f"{FIRST},{THIRD}", **APPLICATION)
    with pytest.raises(WrongSetting) as caught:
        sellers_of(wanted)
    assert str(caught.value) == (
        f"MELI_SELLER_IDS: there is no token for seller {THIRD}; "
        "run `meli-sales login` with that account"
    )


def test_a_token_that_is_refused_is_told_without_the_token(
    read: Callable[..., Settings],
) -> None:
    with pytest.raises(MercadoLibreError) as caught:
        sellers_of(read(access_token="APP_USR-very-secret-1"))
    assert "\n" not in str(caught.value)
    assert "very-secret" not in str(caught.value)


def test_a_stored_pair_serves_until_it_needs_the_application_to_be_refreshed(
    read: Callable[..., Settings],
) -> None:
    wanted = read(refresh_token=f"{SECOND}=TG-sandbox-{SECOND}", **APPLICATION)
    with accounts.opened(wanted) as found:
        found[0].client.user()
    with accounts.opened(read()) as found:
        page = found[0].client.user()
    assert json.loads(page.body)["id"] == SECOND


def test_without_redis_nothing_is_sent_where_the_pace_is_shared(
    read: Callable[..., Settings],
    sandbox: RunningSandbox,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    quick = functools.partial(connection.connected, repeats=0)
    monkeypatch.setattr(pace, "connected", quick)
    wanted = read(
        access_token=f"APP_USR-sandbox-{SECOND}",
        redis_url="redis://:sesame@127.0.0.1:9",
    )
    with pytest.raises(AskingEnded) as told:
        sellers_of(wanted)
    assert str(told.value) == (
        "Redis at 127.0.0.1:9 does not answer as it should (ConnectionError): check it "
        "and MELI_REDIS_URL; the run asks for nothing more"
    )
    assert sandbox.log.total == 0
