"""A small world to change, a larger one to read, and servers that run over them."""

from collections.abc import Iterator
from datetime import UTC, datetime

import httpx
import pytest

from pipeline.sandbox.server.server import RunningSandbox, serve
from pipeline.sandbox.server.switches import Switches
from pipeline.sandbox.world.world import World

NOW = datetime(2026, 9, 1, tzinfo=UTC)


@pytest.fixture(scope="session")
def still_world() -> World:
    """1 500 orders that no test may change."""
    return World(orders=1500, now=NOW)


@pytest.fixture
def world() -> World:
    """300 orders for a test to change."""
    return World(orders=300, now=NOW)


@pytest.fixture
def switches() -> Switches:
    return Switches()


@pytest.fixture(scope="session")
def still_client(still_world: World) -> Iterator[httpx.Client]:
    """Asks the world that nobody changes, with default switches."""
    with serve(still_world) as running, asking(running) as client:
        yield client


@pytest.fixture
def sandbox(world: World, switches: Switches) -> Iterator[RunningSandbox]:
    """The small world on a port."""
    with serve(world, switches) as running:
        yield running


@pytest.fixture
def client(sandbox: RunningSandbox) -> Iterator[httpx.Client]:
    """Asks the small world over HTTP, as the owner of every seller."""
    with asking(sandbox) as client:
        yield client


def asking(sandbox: RunningSandbox) -> httpx.Client:
    headers = {"authorization": "Bearer APP_USR-sandbox"}
    return httpx.Client(base_url=sandbox.url, headers=headers)
