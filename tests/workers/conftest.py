"""A Redis in this process, with Lua and the clock of the test."""

import fakeredis
import pytest

from pipeline.workers import claim, pace

URL = "redis://:sesame@127.0.0.1:9/0"
"""Nobody listens there, and the password is told to nobody."""


@pytest.fixture
def redis(monkeypatch: pytest.MonkeyPatch) -> fakeredis.FakeRedis:
    """What every worker of the test is connected to."""
    made = fakeredis.FakeRedis(server=fakeredis.FakeServer())
    for module in (claim, pace):
        monkeypatch.setattr(module, "connected", lambda url, **more: made)
    return made
