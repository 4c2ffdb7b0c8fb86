"""One line of a check-up: what was looked at, what was found, what to do about it.

Not here: looking (`reachability.py`, and `defs/checkup.py` on this machine).
"""

from dataclasses import dataclass
from typing import Literal

Level = Literal["ok", "warn", "fail"]


@dataclass(frozen=True)
class Diagnosis:
    """What a look at one thing showed; a ``fail`` keeps a sync from being right.

    Attributes:
        cure: what a person does about it, in words; empty when all is well.
    """

    level: Level
    what: str
    found: str
    cure: str = ""


def ok(what: str, found: str) -> Diagnosis:
    """Nothing to be done."""
    return Diagnosis("ok", what, found)


def warn(what: str, found: str, cure: str) -> Diagnosis:
    """A sync works, but somebody should know."""
    return Diagnosis("warn", what, found, cure)


def fail(what: str, found: str, cure: str) -> Diagnosis:
    """A sync does not work, or does not prove what it should."""
    return Diagnosis("fail", what, found, cure)
