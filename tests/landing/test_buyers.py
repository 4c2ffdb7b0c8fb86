"""Landed buyers: forgotten, or behind a pseudonym; and nothing else moves."""

import json
import stat
from pathlib import Path

import msgspec
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.landing import buyers, files, rewriting
from pipeline.landing.buyers import Buyers, State
from pipeline.landing.journal import Journal, settle
from pipeline.settings import WrongSetting
from pipeline.sync.resources import permissions
from tests.landing import conftest

BUYER, OTHER = 800300400, 800300401
SECRET = b"a key of tests"
PSEUDONYMS = Buyers(SECRET, State(is_pseudonymised=True))

ORDER = (
    '{"id": 2000000001, "buyer": {"id": 800300400}, "seller": {"id": 700100200}, '
    '"payments": [{"id": 800300400, "payer_id": 800300400, "amount": 1.10, '
    '"collector": {"id": 700100200}}], "shipping": {"id": 41}, "pack_id": 9, '
    '"total_amount": 800300400, "rate": 1e2}'
)
SHIPMENT = (
    '{"id": 41, "origin": {"sender_id": 700100200, "shipping_address": {"id": 5}}, '
    '"destination": {"receiver_id": "800300400", "shipping_address": {"id": 77, '
    '"city": {"name": "Lanús"}, "state": {"id": "AR-B"}}}}'
)
COSTS = (
    '{"receiver": {"user_id": 800300400, "cost": 18.90}, '
    '"senders": [{"user_id": 700100200, "cost": 15.950}]}'
)


def forgotten(*numbers: int, **others: bool) -> Buyers:
    rule = Buyers(SECRET, State())
    entries = frozenset(map(rule.entry, numbers))
    return Buyers(SECRET, State(forgotten=entries, **others))


def hidden(rule: Buyers, payload: str | None, **others: str) -> str | None:
    rows = conftest.frame(conftest.record(payload=payload, **others))
    made: str | None = rule.hidden_rows(rows)["payload"][0]
    return made


def test_a_forgotten_buyer_leaves_every_amount_as_it_was_sent() -> None:
    assert hidden(forgotten(BUYER), ORDER) == (
        '{"id":2000000001,"buyer":{"id":null},"seller":{"id": 700100200},'
        '"payments":[{"id":800300400,"payer_id":null,"amount":1.10,'
        '"collector":{"id": 700100200}}],"shipping":{"id": 41},"pack_id":9,'
        '"total_amount":800300400,"rate":1e2}'
    )


def test_another_buyers_record_stays_letter_by_letter() -> None:
    assert hidden(forgotten(OTHER), ORDER) == ORDER


def test_a_forgotten_buyers_shipment_keeps_the_state_and_nothing_nearer() -> None:
    assert hidden(forgotten(BUYER), SHIPMENT, resource="shipments") == (
        '{"id":41,"origin":{"sender_id": 700100200, "shipping_address": {"id": 5}},'
        '"destination":{"receiver_id":null,"shipping_address":'
        '{"id":null,"city":null,"state":{"id": "AR-B"}}}}'
    )


def test_a_shipment_of_a_forgotten_buyer_is_known_by_its_own_number() -> None:
    rule = Buyers(SECRET, State())
    known = State(forgotten=frozenset({rule.entry_of("shipments", "41")}))
    sent = SHIPMENT.replace("800300400", str(OTHER))
    made = hidden(Buyers(SECRET, known), sent, resource="shipments", resource_id="41")
    assert made is not None
    assert str(OTHER) not in made
    assert hidden(Buyers(SECRET, known), sent, resource="orders") == sent


@pytest.mark.parametrize("payload", [ORDER, SHIPMENT, COSTS])
def test_a_pseudonym_takes_the_place_of_each_person_and_of_no_seller(
    payload: str,
) -> None:
    made = hidden(PSEUDONYMS, payload)
    assert made is not None
    assert buyers.people_of(made) == {PSEUDONYMS.pseudonym(BUYER)}
    assert made.count("700100200") == payload.count("700100200")
    assert hidden(PSEUDONYMS, made) == made


def test_one_buyer_has_one_pseudonym_in_a_folder_and_another_elsewhere() -> None:
    one = PSEUDONYMS.pseudonym(BUYER)
    assert 2**62 <= one < 2**63
    assert PSEUDONYMS.pseudonym(one) == one
    assert PSEUDONYMS.pseudonym(OTHER) != one
    assert Buyers(b"another key", State()).pseudonym(BUYER) != one


def test_a_forgotten_buyer_is_known_by_number_and_by_pseudonym() -> None:
    for number in (BUYER, PSEUDONYMS.pseudonym(BUYER)):
        rule = forgotten(number, is_pseudonymised=True)
        for payload in (ORDER, hidden(PSEUDONYMS, ORDER)):
            made = hidden(rule, payload)
            assert made is not None
            assert buyers.people_of(made) == set()


@given(st.integers(0, 2**62 - 1))
def test_a_pseudonym_is_a_bigint(number: int) -> None:
    assert 2**62 <= PSEUDONYMS.pseudonym(number) < 2**63


@pytest.mark.parametrize("sent", ['"Ana"', "1.5", "-3", "99999999999999999999"])
def test_what_is_no_number_of_a_buyer_gets_no_pseudonym(sent: str) -> None:
    made = hidden(PSEUDONYMS, f'{{"buyer": {{"id": {sent}}}}}')
    assert made == '{"buyer":{"id":null}}'


def test_text_that_cannot_be_read_does_not_stay() -> None:
    assert hidden(PSEUDONYMS, '{"buyer": {"id": 800300400}') == (
        '{"redacted": "not JSON"}'
    )
    assert hidden(PSEUDONYMS, None) is None


def test_a_journal_hides_what_its_folder_was_told_to(tmp_path: Path) -> None:
    rule = buyers.forgetting(tmp_path)
    buyers.keep(tmp_path, State(forgotten=frozenset({rule.entry(BUYER)})))
    pages = Journal(tmp_path / "landing", "run", permissions())
    pages.add([conftest.record("1", payload=ORDER)])
    pages.flush()
    settle(tmp_path / "landing")
    ((_, rows),) = rewriting.landed(tmp_path / "landing")
    assert json.loads(rows["payload"][0])["buyer"] == {"id": None}


def test_the_key_and_what_was_told_are_their_owners_alone(tmp_path: Path) -> None:
    buyers.keep(tmp_path, buyers.forgetting(tmp_path).told)
    for name in ("secret", "buyers.json"):
        assert stat.S_IMODE((tmp_path / name).stat().st_mode) == 0o600
    assert buyers.forgetting(tmp_path) == buyers.forgetting(tmp_path)
    assert buyers.read(tmp_path) is None


def test_a_key_that_is_gone_is_not_made_anew(tmp_path: Path) -> None:
    rule = buyers.forgetting(tmp_path)
    buyers.keep(tmp_path, msgspec.structs.replace(rule.told, is_pseudonymised=True))
    (tmp_path / "secret").unlink()
    with pytest.raises(WrongSetting, match=r"secret is not there.*backup"):
        buyers.read(tmp_path)
    (tmp_path / "buyers.json").write_bytes(b"")
    with pytest.raises(WrongSetting, match=r"buyers.json cannot be read"):
        buyers.read(tmp_path)


def test_what_belongs_to_a_buyer_is_found_through_the_orders(tmp_path: Path) -> None:
    folder = tmp_path / "landing"
    rows = conftest.frame(
        conftest.record("2000000001", payload=ORDER),
        conftest.record("3", payload=ORDER.replace('"payer_id": 8', '"x": 8')),
        conftest.record("4", payload='{"buyer": {"id": 1}, "total": 800300400}'),
    )
    files.write(rows, folder / "orders" / "date=2026-08-15" / "run-1.parquet")
    id_of = {"packs": "pack", "shipment_costs": "shipment", "notes": "order"}
    assert rewriting.things_of(folder, PSEUDONYMS, BUYER, id_of) == {
        ("orders", "2000000001"),
        ("orders", "3"),
        ("packs", "9"),
        ("shipment_costs", "41"),
        ("notes", "2000000001"),
        ("notes", "3"),
    }


def test_only_files_that_show_a_hidden_buyer_are_written_anew(tmp_path: Path) -> None:
    day = tmp_path / "orders" / "date=2026-08-15"
    files.write(conftest.frame(conftest.record(payload=ORDER)), day / "a-1.parquet")
    nobody = conftest.record(payload='{"id":1}')
    files.write(conftest.frame(nobody), day / "b-1.parquet")
    files.write(conftest.frame(conftest.record(payload=ORDER)), day / ".c.parquet.tmp")
    kept = (day / "b-1.parquet").stat().st_ino
    begun: list[str] = []
    rewriting.rewrite(
        tmp_path, forgotten(BUYER), permissions(), lambda: begun.append("one")
    )
    assert begun == ["one"]
    assert (day / "b-1.parquet").stat().st_ino == kept
    assert sorted(path.name for path in day.iterdir()) == ["a-1.parquet", "b-1.parquet"]
    made = pl.read_parquet(day / "a-1.parquet", hive_partitioning=False)
    before = conftest.frame(conftest.record(payload=ORDER))
    assert made.drop("payload").equals(before.drop("payload"))
    assert buyers.people_of(made["payload"][0]) == set()


def test_texts_known_to_keep_to_the_rules_are_not_looked_at_again(
    tmp_path: Path,
) -> None:
    """As when one buyer is forgotten among a million orders."""
    file = tmp_path / "orders" / "date=2026-08-15" / "a-1.parquet"
    files.write(conftest.frame(conftest.record(payload='{"tags":"Ana Sol"}')), file)
    begun: list[str] = []

    def rewrite(keeping: set[str]) -> None:
        rewriting.rewrite(
            tmp_path, None, permissions(), lambda: begun.append("one"), keeping=keeping
        )

    rewrite({"orders"})
    assert begun == []
    rewrite({"shipments"})
    assert begun == ["one"]
