"""What walks notice beside the records that they land.

Not here: what counts as proof (`certificate.py`).
"""

import threading
from collections.abc import Iterable, Sequence

from pipeline.extraction.envelope import Glance


class Findings:
    """Notes from all threads of one seller's reading.

    Attributes:
        cancelled_ids: cancelled orders that a search without status showed.
        lock: held while something is noted.
    """

    def __init__(self) -> None:
        self.cancelled_ids: set[str] = set()
        self.lock = threading.Lock()

    def note(self, glances: Sequence[Glance], *, is_plain: bool) -> None:
        """Take what one page showed; ``is_plain`` when no status was asked for."""
        with self.lock:
            self.cancelled_ids.update(
                glance.order_id
                for glance in glances
                if is_plain and glance.is_cancelled
            )

    def restart_cancelled(self, ids: Iterable[str]) -> None:
        """Forget the cancelled orders of another range; begin with those known."""
        with self.lock:
            self.cancelled_ids = set(ids)
