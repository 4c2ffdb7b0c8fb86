"""One record that cannot be read is kept aside by itself, in a search and by its id."""

import json
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from pipeline.extraction.windows import Range
from pipeline.mercadolibre.bounds import Bounds
from pipeline.mercadolibre.wire import WireTransport
from pipeline.sandbox.server.server import RunningSandbox, serve
from pipeline.sandbox.world.world import World
from pipeline.sync import project
from pipeline.warehouse.read import query
from tests.conftest import Sync

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
SPAN = Range(NOW - timedelta(days=1), NOW + timedelta(hours=1))

pytestmark = pytest.mark.untraced

Poison = Callable[[bytes], bytes]
"""Spoils the JSON text of one record."""

DEEP = b"[" * 10_000 + b"]" * 10_000


def called(number: bytes) -> Poison:
    """Replace the record's id."""
    return lambda text: re.sub(rb'"id":\d+', b'"id":' + number, text, count=1)


def with_note(value: bytes) -> Poison:
    """Add a member that nobody knows."""
    return lambda text: text[:-1] + b',"note":' + value + b"}"


# What is done to a record, and what quarantine says of it.
POISONS: dict[str, tuple[Poison, str]] = {
    "id ²": (called('"²"'.encode()), "id: expected a positive integer"),
    "id abc": (called(b'"abc"'), "id: expected a positive integer"),
    "id of digits": (called(b'"%b"' % (b"9" * 5000)), "id: expected a positive"),
    "long id": (called(b"9" * 5000), "id: not a JSON value"),
    "negative id": (called(b"-5"), "id: expected a positive integer"),
    "id with a fraction": (called(b"1.5"), "id: expected a positive integer"),
    "true as id": (called(b"true"), "id: expected a positive integer"),
    "no id": (called(b"null"), "id: expected a positive integer"),
    "half a pair": (with_note(rb'"cut \ud83d"'), "note: not a JSON text"),
    "not UTF-8": (with_note(b'"\xff"'), "note: not a JSON text"),
    "NaN": (with_note(b"NaN"), "note: not a JSON value"),
    "Infinity": (with_note(b"-Infinity"), "note: not a JSON value"),
    "deep": (with_note(DEEP), "note: nested deeper than 100 levels"),
    "large": (with_note(b'"%b"' % (b"x" * 5_000_000)), "note: larger than 50000"),
    "key sent twice": (
        lambda text: text.replace(b'"id":', b'"id":1,"id":', 1),
        "id: sent twice",
    ),
    "key sent twice inside": (
        with_note(b'{"fee":1,"fee":2}'),
        "note.fee: sent twice",
    ),
    "trailing comma": (lambda text: text[:-1] + b",}", "record: not JSON"),
    "array": (lambda text: b"[" + text + b"]", "record: expected an object, got array"),
    "text": (lambda _: b'"soon"', "record: expected an object, got string"),
    "number": (lambda _: b"7", "record: expected an object, got number"),
    "null": (lambda _: b"null", "record: expected an object, got null"),
}

Answer = Callable[[str, bytes], bytes]


@pytest.fixture
def api(
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[tuple[RunningSandbox, list[Answer]]]:
    """A sandbox of 60 orders, and what is done to its good answers, by their path."""
    changes: list[Answer] = []
    real = WireTransport.handle_request

    def handle(self: WireTransport, asked: httpx.Request) -> httpx.Response:
        answer = real(self, asked)
        if answer.status_code not in (200, 206):
            return answer
        body = answer.read()
        for change in changes:
            body = change(asked.url.path, body)
        return httpx.Response(answer.status_code, content=body)

    monkeypatch.setattr(WireTransport, "handle_request", handle)
    with serve(World(orders=0, seed=5, now=NOW, sellers=1)) as running:
        [seller] = running.world.sellers
        running.world.add_orders(seller, SPAN.start, 60, within=timedelta(hours=20))
        yield running, changes


def dense(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()


def quarantine(data_dir: Path, resource: str) -> list[tuple[str, str]]:
    """Whose record of a resource is kept aside, and why."""
    rows = query(
        data_dir,
        "select distinct resource_id, reason from ops.quarantine"
        f" where resource = '{resource}'",
    )
    return [(row["resource_id"], row["reason"]) for row in rows.to_dicts()]


def test_no_order_of_a_page_costs_another(
    api: tuple[RunningSandbox, list[Answer]], sync: Sync, tmp_path: Path
) -> None:
    sandbox, changes = api
    spoiled = dict(zip(sandbox.world.order_ids(), POISONS.values(), strict=False))

    def spoil(path: str, body: bytes) -> bytes:
        if path != "/orders/search":
            return body
        page = json.loads(body)
        rows = [
            spoiled[row["id"]][0](dense(row)) if row["id"] in spoiled else dense(row)
            for row in page.pop("results")
        ]
        return dense(page)[:-1] + b',"results":[' + b",".join(rows) + b"]}"

    changes.append(spoil)
    _, ended = sync(sandbox, SPAN)

    assert ended.is_good, ended
    data = tmp_path / "data"
    found = quarantine(data, "orders")
    told = sorted(reason for _, reason in found)
    assert len(found) == len(POISONS)
    for reason, (_, expected) in zip(
        told, sorted(POISONS.values(), key=lambda one: one[1]), strict=True
    ):
        assert reason.startswith(expected)
    named = {resource_id for resource_id, _ in found}
    assert {str(one) for one in list(spoiled)[8:15]} <= named, "the id is sound"
    good = query(data, "select order_id from core.orders")["order_id"].to_list()
    assert set(good) == set(sandbox.world.order_ids()) - set(spoiled)
    windows = query(data, "select distinct verdict from ops.windows")
    assert windows["verdict"].to_list() == ["complete"]
    assert sandbox.log.requests["/orders/search"] <= 6, "nothing is asked for again"


PATHS = {
    "orders": r"/orders/(\d+)",
    "packs": r"/packs/(\d+)",
    "shipments": r"/shipments/(\d+)",
    "shipment_costs": r"/shipments/(\d+)/costs",
}


def test_no_answer_by_id_costs_another(
    api: tuple[RunningSandbox, list[Answer]], sync: Sync, tmp_path: Path
) -> None:
    sandbox, changes = api
    sandbox.switches.trims_search = frozenset({"cancel_detail"})
    for order_id in sandbox.world.order_ids()[: len(POISONS)]:
        sandbox.world.cancel(order_id)
    poisons = list(POISONS.values())
    spoiled: dict[str, dict[str, int]] = {name: {} for name in PATHS}
    asked: list[str] = []

    def spoil(path: str, body: bytes) -> bytes:
        for name, pattern in PATHS.items():
            if found := re.fullmatch(pattern, path):
                asked.append(path)
                number = len(spoiled[name])
                if number < len(poisons):
                    spoiled[name][found[1]] = number
                    return poisons[number][0](dense(json.loads(body)))
        return body

    changes.append(spoil)
    _, ended = sync(sandbox, SPAN)

    assert ended.is_good, ended
    assert len(asked) == len(set(asked)), "nothing is asked for again"
    for name, things in spoiled.items():
        assert len(things) == len(poisons)
        reasons = {thing: poisons[number][1] for thing, number in things.items()}
        if name == "shipment_costs":  # they have no id that could be spoiled
            reasons = {
                thing: reason
                for thing, reason in reasons.items()
                if not reason.startswith("id: ")
            }
        found = dict(quarantine(tmp_path / "data", name))
        assert found.keys() == reasons.keys(), name
        for thing, reason in reasons.items():
            assert found[thing].startswith(reason)


def test_an_answer_too_large_costs_its_hour_and_no_other_thing(
    api: tuple[RunningSandbox, list[Answer]], sync: Sync, tmp_path: Path
) -> None:
    sandbox, changes = api
    large = sandbox.world.order_ids()[30]
    hour = sandbox.world.facts(large).indexed // 3_600_000
    packs: list[str] = []

    def spoil(path: str, body: bytes) -> bytes:
        if path.startswith("/packs/"):
            packs.append(path.removeprefix("/packs/"))
        is_large = path == "/orders/search" and b'"id":%d,' % large in body
        if is_large or path == f"/packs/{packs[0] if packs else None}":
            return body + b" " * 1_000_000
        return body

    changes.append(spoil)
    _, ended = sync(sandbox, SPAN, max_answer_megabytes=1)

    assert ended.failed_steps == []
    data = tmp_path / "data"
    red = query(
        data,
        "select distinct window_from, epoch(window_to - window_from)::int as seconds"
        " from ops.windows where verdict <> 'complete' and pass = 'all'",
    )
    assert set(red["seconds"]) == {3600}, "halves have parted it from the others"
    hours = [int(start.timestamp()) // 3600 for start in red["window_from"]]
    # A search to 22:00 shows 22:59 too, so the hours before are in the same plight.
    assert hour in hours
    assert len(hours) <= 3
    good = query(data, "select order_id from core.orders")["order_id"].to_list()
    assert set(good) >= {
        order_id
        for order_id in sandbox.world.order_ids()
        if sandbox.world.facts(order_id).indexed // 3_600_000 not in hours
    }
    assert large not in good
    assert any(f"such as {packs[0]}: GET /packs/" in one for one in ended.problems)
    assert packs.count(packs[0]) == 1, "it is not asked for again"
    absent = query(data, "select resource_id, http_status from ops.absences").rows()
    assert (packs[0], 200) in absent


def test_a_run_that_takes_too_long_ends_red_and_keeps_what_landed(
    api: tuple[RunningSandbox, list[Answer]],
    sync: Sync,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sandbox, changes = api
    moment = 0.0
    monkeypatch.setattr(
        project,
        "bounds",
        lambda settings: Bounds(hours=settings.max_run_hours, clock=lambda: moment),
    )

    def grow_late(path: str, body: bytes) -> bytes:
        nonlocal moment
        if path.startswith("/packs/"):
            moment = 3600.0
        return body

    changes.append(grow_late)
    _, ended = sync(sandbox, SPAN, max_run_hours=1)

    assert ended.failed_steps == []
    assert any("MELI_MAX_RUN_HOURS" in one for one in ended.problems), ended.problems
    assert sandbox.log.requests["/shipments/{id}"] == 0
    count = "select count(*)::int as orders from core.orders"
    assert query(tmp_path / "data", count)["orders"].to_list() == [60]

    moment = 0.0
    changes.clear()
    _, ended = sync(sandbox, SPAN)
    assert ended.is_good, ended
