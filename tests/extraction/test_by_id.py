"""Many things asked for by their ids: each lands or is named; trouble is bounded."""

import threading
import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pipeline.extraction.by_id import (
    FAILURES_IN_A_ROW,
    POLICY_REFUSALS_IN_A_ROW,
    Tally,
    fetch,
)
from pipeline.extraction.progress import Progress
from pipeline.landing import files, journal
from pipeline.landing.record import Record
from pipeline.mercadolibre.errors import (
    AnswerTooLarge,
    AskingEnded,
    BadRequest,
    Forbidden,
    MercadoLibreError,
    NotFound,
    PolicyRefused,
    ReauthorisationNeeded,
    Redirected,
    ServerFault,
    Unauthorised,
    Unreachable,
    Withheld,
)
from pipeline.sync.resources import permissions

FETCHED = datetime(2026, 9, 1, tzinfo=UTC)


def pack(number: int) -> Record:
    return Record(
        resource="packs",
        resource_id=str(number),
        seller_id=1,
        updated_at=None,
        fetched_at=FETCHED,
        run_id="run",
        request=f"/packs/{number}",
        status=200,
        missing_fields=[],
        payload="{}",
    )


def refused(number: int, error: MercadoLibreError) -> Record:
    return pack(number)._replace(status=error.status or 0, payload=None)


def run(
    landing: Path,
    wanted: Iterable[int],
    ask: Callable[[int], Record],
    *,
    workers: int = 1,
    progress: Progress | None = None,
) -> Tally:
    with journal.opened(landing, "run", permissions()) as pages:
        return fetch(
            wanted,
            ask,
            refused=refused,
            journal=pages,
            workers=workers,
            progress=progress or Progress(),
        )


def statuses(landing: Path) -> dict[int, int]:
    """What landed: the status by the number."""
    rows = files.read(landing, "packs", files.listing(landing, "packs"))
    return dict(zip(map(int, rows["resource_id"]), rows["status"], strict=True))


def landed(landing: Path) -> list[int]:
    return sorted(one for one, status in statuses(landing).items() if status == 200)


def failing(faults: dict[int, MercadoLibreError]) -> Callable[[int], Record]:
    def ask(number: int) -> Record:
        if number in faults:
            raise faults[number]
        return pack(number)

    return ask


@pytest.mark.parametrize("workers", [1, 4])
def test_each_thing_is_asked_once_and_landed(tmp_path: Path, workers: int) -> None:
    asked: list[int] = []
    progress = Progress()

    def ask(number: int) -> Record:
        asked.append(number)
        return pack(number)

    tally = run(tmp_path, range(50), ask, workers=workers, progress=progress)
    assert tally == Tally(landed=50)
    assert sorted(asked) == landed(tmp_path) == list(range(50))
    assert progress.state.landed == 50


def test_nothing_wanted_is_nothing_done(tmp_path: Path) -> None:
    assert run(tmp_path, [], pack) == Tally()
    assert landed(tmp_path) == []


@pytest.mark.parametrize(
    "fault",
    [
        Forbidden("403: not owned", status=403),
        Withheld("401: not for this token", status=401),
        Redirected("302: elsewhere", status=302),
        AnswerTooLarge("206: too large", status=206),
        NotFound("404: a web page", status=404),
        BadRequest("400: no such id", status=400),
    ],
)
def test_what_is_refused_for_one_thing_never_stops_the_others(
    tmp_path: Path, fault: MercadoLibreError
) -> None:
    faults = dict.fromkeys(range(2 * FAILURES_IN_A_ROW), fault)
    tally = run(tmp_path, range(50), failing(faults))
    assert tally == Tally(landed=10, failed={str(n): str(fault) for n in faults})
    assert landed(tmp_path) == list(range(40, 50))
    # It waits for its time; a web page says nothing about the thing.
    waits = dict.fromkeys(faults, fault.status) if fault.status != 404 else {}
    assert statuses(tmp_path) == dict.fromkeys(range(40, 50), 200) | waits


def test_a_policy_that_refuses_some_in_a_row_is_asked_for_no_more_of_the_kind(
    tmp_path: Path,
) -> None:
    asked: list[int] = []

    def ask(number: int) -> Record:
        asked.append(number)
        if number >= 10:
            raise PolicyRefused("403: by policy", status=403)
        return pack(number)

    tally = run(tmp_path, range(1000), ask)
    assert tally.landed == 10
    assert set(tally.failed) == set(map(str, range(10, 1000)))
    assert len(asked) <= 10 + POLICY_REFUSALS_IN_A_ROW + 2
    assert tally.failed["10"] == "403: by policy"
    assert tally.failed["999"] == "not asked: those before it were refused by policy"


def test_a_policy_that_refuses_one_thing_refuses_no_other(tmp_path: Path) -> None:
    faults: dict[int, MercadoLibreError] = {
        number: PolicyRefused("403", status=403) for number in range(0, 100, 2)
    }
    assert run(tmp_path, range(100), failing(faults)).landed == 50


def test_lost_answers_that_are_not_in_a_row_never_stop_the_others(
    tmp_path: Path,
) -> None:
    faults: dict[int, MercadoLibreError] = {
        number: ServerFault("500") for number in range(0, 100, 2)
    }
    tally = run(tmp_path, range(100), failing(faults))
    assert tally == Tally(landed=50, failed={str(n): "500" for n in faults})


def test_a_refusal_is_an_answer_too_and_shows_that_the_network_is_there(
    tmp_path: Path,
) -> None:
    refused = FAILURES_IN_A_ROW - 1
    faults: dict[int, MercadoLibreError] = {
        number: ServerFault("500") for number in range(2 * FAILURES_IN_A_ROW - 1)
    } | {refused: Forbidden("403")}
    tally = run(tmp_path, range(50), failing(faults))
    assert tally.landed == 50 - len(faults)


def test_after_so_many_lost_answers_in_a_row_the_rest_is_not_asked(
    tmp_path: Path,
) -> None:
    asked: list[int] = []

    def ask(number: int) -> Record:
        asked.append(number)
        raise Unreachable("no answer")

    tally = run(tmp_path, range(500), ask, workers=2)
    assert tally.landed == 0
    assert set(tally.failed) == {str(number) for number in range(500)}
    assert FAILURES_IN_A_ROW <= len(asked) <= FAILURES_IN_A_ROW + 6
    assert tally.failed["499"] == "not asked: no answer to those before it"


@pytest.mark.parametrize(
    "fault",
    [
        Unauthorised("401: the token"),
        ReauthorisationNeeded("log in again"),
        AskingEnded("the run was stopped"),
    ],
)
def test_a_missing_token_stops_at_once_and_keeps_what_came(
    tmp_path: Path, fault: MercadoLibreError
) -> None:
    asked = []

    def ask(number: int) -> Record:
        asked.append(number)
        if number == 5:
            raise fault
        return pack(number)

    with pytest.raises(type(fault)):
        run(tmp_path, range(100), ask)
    assert len(asked) < 12
    assert landed(tmp_path) == [number for number in asked if number != 5]


def test_an_answer_under_way_when_another_is_refused_lands_all_the_same(
    tmp_path: Path,
) -> None:
    on_its_way = threading.Event()

    def ask(number: int) -> Record:
        if number == 0:
            on_its_way.wait(5)
            raise Unauthorised("401")
        on_its_way.set()
        time.sleep(0.05)
        return pack(number)

    with pytest.raises(Unauthorised):
        run(tmp_path, range(2), ask, workers=2)
    assert landed(tmp_path) == [1]


def test_what_waits_behind_the_lost_ones_is_not_asked_any_more(tmp_path: Path) -> None:
    asked = []

    def ask(number: int) -> Record:
        asked.append(number)
        if number >= FAILURES_IN_A_ROW - 1:
            time.sleep(0.05)
        raise Unreachable("no answer")

    tally = run(tmp_path, range(60), ask, workers=2)
    assert set(tally.failed) == {str(number) for number in range(60)}
    assert len(asked) < FAILURES_IN_A_ROW + 4


def test_a_full_disk_is_told_before_what_was_refused_meanwhile(tmp_path: Path) -> None:
    both = threading.Barrier(2)

    def ask(number: int) -> Record:
        both.wait(5)
        if number == 1:
            raise Unauthorised("GET /packs/1: 401", status=401)
        time.sleep(0.05)  # it is the second to come
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space left"):
        run(tmp_path, [1, 2], ask, workers=2)


def test_a_list_that_breaks_off_breaks_the_asking_off(tmp_path: Path) -> None:
    def wanted() -> Iterable[int]:
        yield 1
        raise ValueError("no more")

    with pytest.raises(ValueError, match="no more"):
        run(tmp_path, wanted(), pack)
