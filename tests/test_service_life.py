"""Four hours of `meli-sales ui`, killed, on a wrong clock, refused: nothing is lost.

Twenty-four of them, with all that happens in a day: `python -m tests.service_life`.
"""

from pathlib import Path

import pytest

from tests import service_life
from tests.long_life import requests
from tests.service_life import REFUSED, Lived, ServiceLife

pytestmark = [pytest.mark.untraced, pytest.mark.long]

RUN_FAILED = REFUSED.open

HOURS = (
    Lived(),
    REFUSED,
    Lived(
        "kill -9 of the daemon",
        service_life.killed("daemon", requests(20)),
        "FAILURE",
        RUN_FAILED,
    ),
    Lived(
        "the clock is three days ahead",
        service_life.clock_ahead,
        passed=[("stale", "")],
    ),
    Lived(),
)


@pytest.mark.skipif(
    not service_life.can_be_lived(), reason="needs Linux and a C compiler"
)
def test_whatever_happens_to_the_service_every_hour_is_complete_and_told_once(
    tmp_path: Path,
) -> None:
    with ServiceLife(tmp_path, orders=40, changes=8) as life:
        service_life.live(life, HOURS)
        service_life.finish(life, tmp_path / "fresh")
