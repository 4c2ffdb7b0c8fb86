"""Counts what a running extraction has done so far.

Not here: showing it; `cli/` draws bars, `defs/` writes metadata.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace


@dataclass(frozen=True)
class State:
    """Counts of one station at one moment; ``expected`` grows as totals arrive."""

    station: str
    windows_done: int = 0
    windows_known: int = 0
    landed: int = 0
    expected: int = 0


class Stopped(Exception):
    """Ends a thread; another one reports why the run ends."""


class Progress:
    """Counts from many threads; calls the listener after each change."""

    def __init__(self, listener: Callable[[State], None] | None = None) -> None:
        self._listener = listener
        self._lock = threading.Lock()
        self._is_stopped = False
        self.state = State(station="")

    def begin(self, station: str, *, windows: int = 0, expected: int = 0) -> None:
        """Start counting for another station."""
        with self._lock:
            self._is_stopped = False
            self.state = State(station, windows_known=windows, expected=expected)
        self.count()

    def stop(self) -> None:
        """End every thread at its next count."""
        self._is_stopped = True

    def count(
        self,
        *,
        windows_done: int = 0,
        windows_known: int = 0,
        landed: int = 0,
        expected: int = 0,
    ) -> None:
        """Add to the counts.

        Raises:
            Stopped: the run has been stopped. Everything received is landed already.
        """
        if self._is_stopped:
            raise Stopped
        with self._lock:
            self.state = state = replace(
                self.state,
                windows_done=self.state.windows_done + windows_done,
                windows_known=self.state.windows_known + windows_known,
                landed=self.state.landed + landed,
                expected=self.state.expected + expected,
            )
        if self._listener:
            self._listener(state)
