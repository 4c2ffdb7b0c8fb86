"""Runs a command of ours and says which stage its CPU went to.

`python -m benchmarks.stages FILE sync` is `meli-sales sync`, with `core URL FOLDER` it
is the contender; seconds by stage are written to FILE as JSON. Stages are functions
that the main thread calls; what their threads and libraries' threads spend meanwhile is
theirs, so stages add up to the whole process. Parts are what threads of Python spend in
some functions, inside those stages. Not here: printing them (`first_sync.py`).
"""

import functools
import importlib
import json
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.contenders import core

CORE = "core"
START = "start and imports"
REST = "all else (of it Dagster)"
MARTS = "marts and their checks"

STAGES: Mapping[str, tuple[str, ...]] = {
    "opening the warehouse": ("pipeline.sync.project:Project._opened",),
    "plan and probes": ("pipeline.sync.planning:plan",),
    "reading windows": ("pipeline.sync.orders:read_windows",),
    "asking by id": ("pipeline.sync.by_id:_ask_for",),
    "what is wanted": ("pipeline.warehouse.ask:wanted",),
    "loading": ("pipeline.sync.loading:load",),
    "coverage of certificates": ("pipeline.sync.orders:held",),
    MARTS: ("pipeline.warehouse.refresh:refresh",),
    "checks of core": ("pipeline.warehouse.check:check",),
    "publishing": ("pipeline.sync.project:Project.publish",),
}
PARTS: Mapping[str, tuple[str, ...]] = {
    "request": ("pipeline.mercadolibre.client:MercadoLibre._get",),
    "page to records": (
        "pipeline.extraction.envelope:orders",
        "pipeline.extraction.envelope:single",
    ),
    "journal": ("pipeline.landing.journal:Journal._flush",),
    "journal into days": ("pipeline.landing.journal:settle",),
    "landed file": ("pipeline.landing.files:write",),
    "decode": ("pipeline.sync.loading:decode",),
    "merge": ("pipeline.sync.loading:merge",),
}
_COMMAND = ("pipeline.cli.main", "pipeline.cli.sync", "pipeline.definitions")


class Stopwatch:
    """Seconds by name, each without what is spent in a name inside it."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._inner = threading.local()
        self._lock = threading.Lock()
        self.seconds: defaultdict[str, float] = defaultdict(float)

    @contextmanager
    def running(self, name: str) -> Iterator[None]:
        """Count the block as `name`."""
        outer = getattr(self._inner, "seconds", 0.0)
        self._inner.seconds, began = 0.0, self._clock()
        try:
            yield
        finally:
            spent = self._clock() - began
            with self._lock:
                self.seconds[name] += spent - self._inner.seconds
            self._inner.seconds = outer + spent


def main() -> None:
    """Run the command with its functions wrapped."""
    file, command = Path(sys.argv[1]), sys.argv[2:]
    is_core = command[0] == CORE
    for name in () if is_core else _COMMAND:
        importlib.import_module(name)
    stages, parts = Stopwatch(time.process_time), Stopwatch(time.thread_time)
    for watch, chosen, is_main in ((stages, STAGES, True), (parts, PARTS, False)):
        for name, functions in chosen.items():
            for function in functions:
                _wrap(watch, name, function, is_main=is_main)
    stages.seconds[START] = time.process_time()
    sys.argv = ["meli-sales", *command]
    try:
        with stages.running(REST):
            if is_core:
                core.run(command[1], Path(command[2]))
            else:
                sys.modules["pipeline.cli.main"].run()
    finally:
        told = {"stages": stages.seconds, "parts": parts.seconds}
        file.write_text(json.dumps(told))


def _wrap(watch: Stopwatch, name: str, where: str, *, is_main: bool) -> None:
    """Put a counting function in the place of one, wherever it was imported to.

    One that is not there any more is named and left out.
    """
    module_name, _, path = where.partition(":")
    holder: Any = importlib.import_module(module_name)
    *classes, attribute = path.split(".")
    try:
        for one in classes:
            holder = getattr(holder, one)
        function = getattr(holder, attribute)
    except AttributeError:
        print(f"{where} is not there: {name} is without it", file=sys.stderr)
        return

    @functools.wraps(function)
    def counted(*args: Any, **kwargs: Any) -> Any:
        if is_main and threading.current_thread() is not threading.main_thread():
            return function(*args, **kwargs)
        with watch.running(name):
            return function(*args, **kwargs)

    setattr(holder, attribute, counted)
    for module in list(sys.modules.values()):
        if getattr(module, "__dict__", {}).get(attribute) is function:
            setattr(module, attribute, counted)


if __name__ == "__main__":
    main()
