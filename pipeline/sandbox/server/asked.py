"""One request as endpoints see it: its owner, its path and its random draws.

Not here: faults and token checks, which come before (`app`).
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from zlib import crc32

from pipeline.sandbox.server.answers import Response, error
from pipeline.sandbox.server.log import Log
from pipeline.sandbox.server.request import Request
from pipeline.sandbox.server.rows import Rows
from pipeline.sandbox.server.switches import Switches
from pipeline.sandbox.server.tokens import Owner, Tokens
from pipeline.sandbox.world.chance import drawn, fraction
from pipeline.sandbox.world.objects import Object
from pipeline.sandbox.world.world import World


class Luck:
    """The random draws of one request, by name; a repeated run repeats them.

    They depend on the seed, the path with its query, and how often that was requested,
    but not on the order of threads.
    """

    def __init__(self, seed: int, question: str, nth: int) -> None:
        self._of = (seed, question, nth)
        self._from: int | None = None

    def __call__(self, purpose: str) -> float:
        """Draw a number in [0, 1) for a purpose."""
        if self._from is None:
            seed, question, nth = self._of
            self._from = drawn(seed, crc32(question.encode()), nth)
        return fraction(self._from, crc32(purpose.encode()))

    def falls(self, purpose: str, share: float) -> bool:
        """Whether something happens that happens in this share of all requests."""
        return share > 0 and self(purpose) < share


@dataclass(slots=True)
class Sandbox:
    """What the endpoints share; ``missed`` is what `/missed_feeds` shows."""

    world: World
    switches: Switches
    log: Log
    tokens: Tokens
    asked: Counter[str] = field(default_factory=Counter)
    rows: Rows = field(default_factory=Rows)
    missed: list[Object] = field(default_factory=list)

    def luck(self, question: str) -> Luck:
        """The draws of the next request with this path and query.

        Counts requests only while a switch leaves something to chance.
        """
        if self.switches.leaves_to_chance:
            self.asked[question] += 1
        return Luck(self.switches.faults_seed, question, self.asked[question])


@dataclass(slots=True)
class Asked:
    """A request with a valid token."""

    request: Request
    sandbox: Sandbox
    owner: Owner
    luck: Luck

    @property
    def world(self) -> World:
        """The world to answer from."""
        return self.sandbox.world

    @property
    def switches(self) -> Switches:
        """The sandbox's switches."""
        return self.sandbox.switches

    def identity(self, code: str, message: str) -> int:
        """Return the id in the path."""
        text = self.request.path_params["id"]
        if not text.isdecimal():
            raise error(400, code, message)
        return int(text)


Endpoint = Callable[[Asked], Response]
