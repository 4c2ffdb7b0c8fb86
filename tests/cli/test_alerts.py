"""Alerts as an operator gets them: once, over once, to a service that may be away.

A server on this machine receives what apprise sends.
"""

import json
import os
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine

from pipeline.alerts.sent import Memory
from tests.alert_receiver import receiving
from tests.cli.conftest import SELLERS, Commands
from tests.conftest import TODAY

SECRETS = ("pass-of-an-alert", "path-of-an-alert", "header-of-an-alert")
AWAY = f"json://u:{SECRETS[0]}@127.0.0.1:9/{SECRETS[1]}?+Authorization={SECRETS[2]}"
FRAUDS = {
    "No enviar": f"Cuenta {SELLERS[1]}: el pedido 2000010000000663 tiene riesgo de "
    "fraude. No lo envíe, cancélelo.",
    "Não enviar": f"Conta {SELLERS[0]}: o pedido 2000010000000774 tem risco de "
    "fraude. Não envie, cancele.",
}


@pytest.fixture
def received() -> Iterator[list[dict[str, Any]]]:
    """What comes in; the variable `RECEIVER` names the place."""
    with receiving() as (url, messages):
        os.environ["RECEIVER"] = url
        yield messages


@pytest.fixture
def watched(
    filled: Commands, received: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> Commands:
    """Commands that have sent what there was to send, with no digest wanted."""
    url = os.environ.pop("RECEIVER")
    filled.surroundings |= {"MELI_ALERT_URLS": url, "MELI_ALERT_DIGEST": "false"}
    filled.more_secrets += SECRETS
    publish(filled, hours_ago=1)
    assert filled("alerts").code == 0
    assert {one["title"]: one["message"] for one in received} == {
        f"meli-sales: {title}": f"{title}. {text}" for title, text in FRAUDS.items()
    }
    received.clear()
    return filled


def publish(commands: Commands, hours_ago: int) -> None:
    at = (TODAY - timedelta(hours=hours_ago)).timestamp()
    os.utime((commands.folder / "warehouse.duckdb").resolve(), (at, at))


def test_an_alert_is_sent_once_and_its_end_once(
    watched: Commands, received: list[dict[str, Any]]
) -> None:
    publish(watched, hours_ago=4)
    for _ in range(3):
        said = watched("alerts")
        assert said.code == 0
        assert "Nothing was published for more than 3 h" in said.out
    [alert] = received
    assert (alert["type"], alert["title"]) == ("failure", "meli-sales: No new figures")
    assert "`meli-sales status` says who is at work" in alert["message"]
    publish(watched, hours_ago=0)
    for _ in range(2):
        assert "No new figures" not in watched("alerts").out
    [_, over] = received
    assert over["type"] == "success"
    assert over["title"].startswith("meli-sales: Over: No new figures (since")


@pytest.mark.untraced
@pytest.mark.long
def test_what_a_rebuild_makes_anew_is_not_sent_again(
    watched: Commands, received: list[dict[str, Any]]
) -> None:
    publish(watched, hours_ago=4)
    watched("alerts")
    assert watched("rebuild").code == 0
    publish(watched, hours_ago=4)
    watched("alerts")
    assert len(received) == 1


def test_a_kill_between_sending_and_noting_costs_one_repeat(
    watched: Commands, received: list[dict[str, Any]]
) -> None:
    publish(watched, hours_ago=4)

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Memory, "opened", killed)
        watched("alerts")
    assert len(received) == 1
    watched("alerts")
    watched("alerts")
    assert [one["message"] for one in received] == [received[0]["message"]] * 2


@pytest.mark.untraced
def test_a_service_that_is_away_is_a_line_and_a_sync_stays_green(
    watched: Commands, received: list[dict[str, Any]]
) -> None:
    publish(watched, hours_ago=400)
    url = watched.surroundings["MELI_ALERT_URLS"]
    ended = watched("alerts", alert_urls=AWAY)
    assert ended.code == 1
    line = "alert address 1 (json) is unreachable, or refuses what it is sent"
    assert ended.error == f"error: {line}"
    words = ("sync", "--seller", str(SELLERS[0]))
    ended = watched(*words, alert_urls=f"{AWAY}, {url}", alert_digest="true")
    assert ended.code == 0, ended.err
    assert line in ended.err
    titles = [one["title"] for one in received]
    assert titles == ["meli-sales: Vendas de ontem", "meli-sales: Ventas de ayer"], (
        "the other address has it, and nothing of the other seller is over"
    )
    everything = [path for path in watched.folder.rglob("*") if path.is_file()]
    for secret in (*SECRETS, url):
        assert not [one for one in everything if secret.encode() in one.read_bytes()]
        assert secret not in json.dumps(watched.status(alert_urls=AWAY))


def test_the_digest_comes_once_a_day_in_the_sellers_language(
    watched: Commands, received: list[dict[str, Any]]
) -> None:
    with time_machine.travel(TODAY.replace(hour=8), tick=False):
        watched("alerts", alert_digest="true")
    assert received == []
    for _ in range(2):
        watched("alerts", alert_digest="true")
    for days in (3, 1):  # the clock is ahead, and set back
        with time_machine.travel(TODAY + timedelta(days=days), tick=False):
            watched("alerts", alert_digest="true", alert_after_hours="96")
    assert len(received) == 2, "nothing was published on these days"
    with time_machine.travel(TODAY + timedelta(days=1)):
        for words in (("sync", "--seller", str(SELLERS[0])), ("alerts",)):
            watched(*words, alert_digest="true", alert_after_hours="96")
    assert [one["type"] for one in received] == ["info"] * 4
    portuguese, spanish = (one for one in received[:2])
    assert portuguese["title"] == "meli-sales: Vendas de ontem"
    assert portuguese["message"].startswith(f"Conta {SELLERS[0]}, MLB, 25 nov. 2026: ")
    assert portuguese["message"].endswith(
        f"Em aberto:\n- Não enviar: {FRAUDS['Não enviar']}"
    )
    assert f"Cuenta {SELLERS[1]}, MLA, 25 nov 2026: " in spanish["message"]


def test_without_an_address_what_is_open_is_said_and_not_sent(
    watched: Commands, received: list[dict[str, Any]]
) -> None:
    before = len(received)
    del watched.surroundings["MELI_ALERT_URLS"]
    ended = watched("alerts")
    assert ended.code == 0
    assert all(f"{title}: {text}\n" in ended.out for title, text in FRAUDS.items())
    assert ended.err.startswith("nothing is sent: MELI_ALERT_URLS is not set")
    assert len(received) == before


def test_a_test_reaches_every_address_or_says_which_not(
    empty: Commands, received: list[dict[str, Any]]
) -> None:
    url = os.environ.pop("RECEIVER")
    assert "MELI_ALERT_URLS is not set" in empty("alerts", "test").error
    empty.more_secrets += SECRETS
    ended = empty("alerts", "test", alert_urls=f"{url} , {AWAY},nothing://{SECRETS[0]}")
    assert ended.code == 1
    assert ended.out == "1 of 3 addresses took it\n"
    assert "alert address 2 (json) is unreachable" in ended.err
    assert "alert address 3 (nothing) is not one that apprise takes" in ended.error
    assert [one["title"] for one in received] == ["meli-sales: A test"]


def test_an_address_without_a_kind_is_refused_and_not_quoted(empty: Commands) -> None:
    empty.more_secrets += SECRETS
    ended = empty("status", alert_urls=SECRETS[0])
    assert ended.code == 2
    assert ended.error.startswith("error: MELI_ALERT_URLS: must be addresses")


def test_a_memory_that_is_damaged_is_a_line(watched: Commands) -> None:
    (watched.folder / "alerts.sqlite").write_bytes(b"no database" * 99)
    assert (
        "no alerts were looked for: file is not a database" in watched("alerts").error
    )
