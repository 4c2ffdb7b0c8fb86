"""What an order search takes at most, and how that is learnt from its refusals.

Not here: what a refusal looks like (`mercadolibre/refusals.py`).
"""

import threading
from dataclasses import dataclass, replace

from pipeline.mercadolibre.client import CEILING, PAGE_LIMIT
from pipeline.mercadolibre.errors import LimitExceeded


@dataclass(frozen=True)
class Limits:
    """Rows a page, and the largest offset + limit (mercado-libre-api.md §1.3)."""

    page: int = PAGE_LIMIT
    ceiling: int = CEILING


class KnownLimits:
    """The documented limits until the API says otherwise; shared by all threads."""

    def __init__(self) -> None:
        self.now = Limits()
        self._lock = threading.Lock()

    def learn(self, refusal: LimitExceeded, used: Limits) -> bool:
        """Take a limit lower than the one used from the API's own words.

        Returns whether it is of use to ask again.
        """
        told = refusal.ceiling
        if told is None or told < 1:
            return False
        with self._lock:
            if told < used.page:
                self.now = replace(self.now, page=min(self.now.page, told))
            elif told < used.ceiling:
                self.now = replace(self.now, ceiling=min(self.now.ceiling, told))
            else:
                return False
        return True
