"""The limits of an order search, and how its refusals lower them.

Not here: what a refusal looks like (`refusals.py`).
"""

import threading
from dataclasses import dataclass, replace

from pipeline.mercadolibre.client import CEILING, PAGE_LIMIT
from pipeline.mercadolibre.errors import LimitExceeded


@dataclass(frozen=True)
class Limits:
    """The most rows a page, and the largest offset + limit."""

    page: int = PAGE_LIMIT
    ceiling: int = CEILING


class KnownLimits:
    """The documented limits, until a refusal names lower ones; shared by threads."""

    def __init__(self) -> None:
        self.now = Limits()
        self._lock = threading.Lock()

    def learn(self, refusal: LimitExceeded, used: Limits) -> bool:
        """Adopt the limit that a refusal names, if it is lower than the one used.

        Returns whether a new attempt can succeed.
        """
        limit = refusal.ceiling
        if limit is None or limit < 1:
            return False
        with self._lock:
            if limit < used.page:
                self.now = replace(self.now, page=min(self.now.page, limit))
            elif limit < used.ceiling:
                self.now = replace(self.now, ceiling=min(self.now.ceiling, limit))
            else:
                return False
        return True
