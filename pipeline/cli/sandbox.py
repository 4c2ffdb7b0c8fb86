"""`sandbox`: serves the fake Mercado Libre in the foreground, until Ctrl-C.

Not here: the sandbox (`pipeline.sandbox`).
"""

import contextlib
from datetime import datetime

import typer

from pipeline.cli import terminal
from pipeline.sandbox.server.server import run as serve
from pipeline.sandbox.server.switches import Switches
from pipeline.sandbox.world.sites import SITES
from pipeline.sandbox.world.world import World

READY = "sandbox ready at "
"""Begins the line with the address; `demo` waits for it."""


def run(
    *,
    port: int,
    orders: int,
    sellers: int,
    seed: int,
    faults: float,
    sites: tuple[str, ...] = (),
    ends: datetime | None = None,
) -> None:
    """Serve a world and say how to try it."""
    if unknown := [name for name in sites if name not in SITES]:
        raise typer.BadParameter(
            f"{unknown[0]} is not one of {', '.join(SITES)}", param_hint="--sites"
        )
    world = World(
        orders=orders, sellers=sellers, seed=seed, sites=sites or None, ends=ends
    )
    switches = Switches.faulty(faults) if faults else Switches()

    def on_ready(url: str) -> None:
        # Standard output, at once: another process may wait for the address.
        print(f"{READY}{url}", flush=True)
        terminal.say(
            f"sellers {', '.join(map(str, world.sellers))}; any of them with "
            "MELI_ACCESS_TOKEN=APP_USR-sandbox"
        )
        terminal.say(
            f"try: curl -H 'Authorization: Bearer APP_USR-sandbox' "
            f"'{url}/orders/search?seller={world.sellers[0]}&limit=1'"
        )
        terminal.say(f"more: {url}/sandbox, Ctrl-C stops")

    try:
        with contextlib.suppress(KeyboardInterrupt):  # the normal way to stop it
            serve(world, switches, port, on_ready=on_ready)
    except OSError as error:
        terminal.fail(f"port {port} cannot be used ({error.strerror}); try --port 0")
