"""A disk that is full at any step of a sync loses nothing; a sync with room heals."""

import errno
import importlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pipeline.cli.oneline import DISK_IS_FULL
from pipeline.sandbox.server.server import RunningSandbox, serve
from pipeline.sandbox.world.world import World
from tests.cli.conftest import DAYS, SELLERS, SPAN, commands
from tests.test_road import assert_same, tables

pytestmark = [pytest.mark.untraced, pytest.mark.long]

STEPS: dict[str, tuple[str, str, str]] = {
    "allow-list": ("pipeline.whole", "write", ".allowed.json"),
    "journal": ("pipeline.landing.files", "write", "/.journal/"),
    "certificate": ("pipeline.landing.files", "write", "/windows/"),
    "landed file": ("pipeline.landing.files", "write", "/orders/"),
    "manifest": ("pipeline.landing.manifest", "record", "landing"),
    "landed pack": ("pipeline.landing.files", "write", "/packs/"),
    "work file": ("pipeline.warehouse.load", "load", "core.shipments"),
    "run record": ("pipeline.landing.files", "write", "/runs/"),
    "mart": ("pipeline.warehouse.refresh", "build", "marts.orders"),
    "publication": ("pipeline.sync.project", "publish", "warehouse"),
}
"""In the order of a sync: what writes, and what of its arguments names the step.

Tokens are written by another rule: `tests/mercadolibre/test_tokens.py`.
"""


@pytest.fixture
def small() -> Iterator[RunningSandbox]:
    with serve(World(orders=8, seed=5, sellers=1, days=DAYS)) as running:
        yield running


def fill(patch: pytest.MonkeyPatch, module: str, name: str, of: str) -> list[str]:
    """Fill the disk at a step; returns how often it was."""
    real = getattr(importlib.import_module(module), name)
    filled: list[str] = []

    def write(*given: Any, **named: Any) -> Any:
        told = (str(getattr(one, "qualified", one)) for one in given)
        if any(of in words for words in told):
            filled.append(of)
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return real(*given, **named)

    patch.setattr(f"{module}.{name}", write)
    return filled


def test_a_disk_that_is_full_at_any_step_loses_nothing(
    small: RunningSandbox, tmp_path: Path
) -> None:
    seller = str(SELLERS[0])
    undisturbed = commands(small.url, tmp_path / "undisturbed", seller_ids=seller)
    assert undisturbed("sync", *SPAN).code == 0
    full = commands(small.url, tmp_path / "full", seller_ids=seller)
    for step, (module, name, of) in STEPS.items():
        with pytest.MonkeyPatch.context() as patch:
            filled = fill(patch, module, name, of)
            ended = full("sync", *SPAN)
        assert filled, step
        assert (ended.code, ended.error) == (1, f"error: {DISK_IS_FULL}"), step
    ended = full("sync", *SPAN)
    assert ended.code == 0, ended.err
    assert_same(tables(full.folder), tables(undisturbed.folder))
