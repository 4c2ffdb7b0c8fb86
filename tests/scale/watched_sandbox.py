"""A sandbox as a process of its own, which writes down when each request came.

`python -m tests.scale.watched_sandbox FILE` prints its address, and the sellers, and
serves until standard input closes.
"""

import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pipeline.extraction.windows import floor_hour
from pipeline.sandbox.server.server import serve
from pipeline.sandbox.server.switches import Switches
from pipeline.sandbox.world.world import World

ORDERS = 120
SELLERS = 5
DAYS = 20


def main() -> None:
    # Whole hours ago, so that each reader finds the same, whenever it comes.
    ends = floor_hour(datetime.now(UTC)) - timedelta(hours=2)
    world = World(orders=ORDERS, seed=11, now=ends, days=DAYS, sellers=SELLERS)
    # So that every worker renews tokens that another one has renewed.
    switches = Switches(access_token_seconds=20)
    with (
        serve(world, switches) as sandbox,
        Path(sys.argv[1]).open("w", buffering=1) as came,
    ):
        count = sandbox.log.count

        def noting(template: str, identity: str | None) -> None:
            came.write(f"{time.monotonic()}\n")
            count(template, identity)

        sandbox.log.count = noting  # type: ignore[method-assign]
        print(sandbox.url, ",".join(map(str, world.sellers)), flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main()
