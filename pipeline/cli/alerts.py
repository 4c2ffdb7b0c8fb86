"""`alerts`: what must be known now, sent if it is new; or a test of the addresses.

Not here: which facts are alerts, and sending them (`alerts/`).
"""

from typing import Literal

from pipeline.alerts.look import look, try_out
from pipeline.cli import terminal
from pipeline.settings import Settings

_NOWHERE = (
    "MELI_ALERT_URLS is not set: give it an address or more, such as "
    "tgram://TOKEN/CHAT; docs/alerts.md has them for mail, Telegram and Slack"
)


def run(settings: Settings, action: Literal["look", "test"]) -> None:
    """Look, or send a test, and say what came of it.

    Raises:
        typer.Exit: 1 if an address does not take it, or there is none to test.
    """
    if action == "test":
        if not settings.alert_urls:
            terminal.fail(_NOWHERE)
        faults = try_out(settings)
        taken = len(settings.alert_addresses()) - len(faults)
        terminal.line(f"{taken} of {len(settings.alert_addresses())} addresses took it")
    else:
        found = look(settings)
        faults = list(found.faults)
        for line in found.open or ["nothing is open"]:
            terminal.line(line)
        if not settings.alert_urls:
            terminal.say(f"nothing is sent: {_NOWHERE}")
    for line in faults[:-1]:
        terminal.say(line)
    if faults:
        terminal.fail(faults[-1])
