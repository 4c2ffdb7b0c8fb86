"""One run: what it was asked, and what it has found so far.

Not here: the row that it leaves in `ops.runs` (`run_record.py`), and what it works on
(`project.py`).
"""

import secrets
from dataclasses import dataclass, field
from datetime import datetime

from pipeline.landing.certificate import Certificate
from pipeline.mercadolibre.clock import utc_now
from pipeline.warehouse.merge import Counts


@dataclass
class Run:
    """One run and its findings.

    Attributes:
        asked: what the run was asked to do, in words, for `ops.runs`.
        problems: what is not as it should be at the end of this run, a line each; a
            run with problems ends red although what landed stays and is published.
        certificates: one a window read by this run.
        loaded: what this run brought into the tables so far, by resource.
        number: how many runs of the data folder left a row before it, and one; 0 until
            it leaves one.
        recorded_at: when its latest row was landed; None before one.
        is_published: whether people read what it made.
        quiet_until: when it may publish figures early again, by the monotonic clock.
    """

    asked: str = "sync"
    started_at: datetime = field(default_factory=utc_now)
    problems: list[str] = field(default_factory=list)
    certificates: list[Certificate] = field(default_factory=list)
    loaded: dict[str, Counts] = field(default_factory=dict)
    number: int = 0
    recorded_at: datetime | None = None
    is_published: bool = False
    quiet_until: float = 0.0
    id: str = ""

    def __post_init__(self) -> None:
        """Name the run after its start; two of one second differ, on any machine."""
        self.id = f"{self.started_at:%Y%m%dT%H%M%S}-{secrets.token_hex(4)}"

    @property
    def rows_in(self) -> int:
        """Landed records that this run has loaded."""
        return sum(one.rows_in for one in self.loaded.values())

    @property
    def rows_out(self) -> int:
        """Rows that this run has written or changed because of them."""
        return sum(one.inserted + one.updated for one in self.loaded.values())
