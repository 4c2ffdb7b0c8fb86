"""Looks for alerts, sends what is new or over, and the digest once a day.

Called at the end of a sync and every quarter of an hour while `meli-sales ui` runs. Not
here: which facts are alerts (`facts.py`).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from pipeline.alerts import sent, services
from pipeline.alerts.facts import Alert, Facts, facts
from pipeline.alerts.sent import Memory, Sent
from pipeline.alerts.words import Message, Words, digest, message, text, title
from pipeline.report.formats import language_of
from pipeline.settings import Settings
from pipeline.warehouse.errors import WarehouseError
from pipeline.warehouse.files import statement
from pipeline.warehouse.read import query

DIGEST_HOUR = 9
"""UTC; yesterday can be complete by then on every site's clock."""


@dataclass(frozen=True)
class Looked:
    """What a look found.

    Attributes:
        open: all that is open now, a line each.
        faults: a line about each thing that kept a message from going out.
    """

    open: Sequence[str] = ()
    faults: Sequence[str] = ()


def look(settings: Settings, notice: Callable[[str], None] = lambda _: None) -> Looked:
    """Look and send; ``notice`` takes a line about what went wrong. Does not raise.

    Without `MELI_ALERT_URLS` nothing is sent.
    """
    try:
        found = _look(settings, datetime.now(UTC))
    except Exception as error:  # noqa: BLE001 - no alert is worth a red sync
        reason = " ".join(str(error).split()) or type(error).__name__
        found = Looked(faults=[f"no alerts were looked for: {reason}"])
    for line in found.faults:
        notice(line)
    return found


def try_out(settings: Settings) -> list[str]:
    """Send a test to every address; a line about each that did not take it."""
    say = Words(settings.site)
    wanted = Message(f"meli-sales: {say('test')}", say("test_text"))
    return services.send(settings.alert_addresses(), wanted, "info")


def _look(settings: Settings, now: datetime) -> Looked:
    faults: list[str] = []
    if not settings.alert_urls:
        return Looked(_lines(facts(settings, now)))
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    with sent.held(settings.data_dir) as memory:
        found = facts(settings, now)
        faults += _send_changes(settings, memory, found, now)
        is_due = now.hour >= DIGEST_HOUR and memory.digest_day() != now.date()
        if settings.alert_digest and is_due:
            faults += _send_digests(settings, memory, found, now)
    return Looked(_lines(found), faults)


def _lines(found: Facts) -> list[str]:
    return [f"{title(one)}: {text(one)}" for one in found.open]


def _send_changes(
    settings: Settings, memory: Memory, found: Facts, now: datetime
) -> list[str]:
    """Send what is new and what is over, in one message a language."""
    held = {one.key: one for one in memory.open()}
    holding = {one.key for one in found.open}
    new = [one for one in found.open if one.key not in held]
    over = [
        one
        for one in held.values()
        if one.key not in holding and one.key.partition(":")[0] not in found.unjudged
    ]
    faults: list[str] = []
    sites = [*(one.site_id for one in new), *(one.site_id for one in over)]
    for language in dict.fromkeys(map(language_of, sites)):
        mine = [one for one in new if language_of(one.site_id) == language]
        ended = [one for one in over if language_of(one.site_id) == language]
        missed = _send(
            settings, _changes(mine, ended), "failure" if mine else "success"
        )
        faults += missed
        if len(missed) < len(settings.alert_addresses()):
            for one in mine:
                memory.opened(Sent(one.key, title(one), text(one), one.site_id, now))
            for past in ended:
                memory.closed(past.key)
            memory.commit()
    return faults


def _changes(new: Sequence[Alert], over: Sequence[Sent]) -> Message:
    titles = [title(one) for one in new]
    texts = [f"{title(one)}. {text(one)}" for one in new]
    for one in over:
        ended = Words(one.site_id)("over", title=one.title, since=one.since)
        titles.append(ended)
        texts.append(f"{ended}. {one.text}")
    return message(titles, texts, Words(new[0].site_id if new else over[0].site_id))


def _send_digests(
    settings: Settings, memory: Memory, found: Facts, now: datetime
) -> list[str]:
    """Send yesterday's figures, one message a language, if they are of today.

    An older copy's yesterday is another day; on a clock that is ahead all copies are.
    """
    try:
        rows = query(settings.data_dir, statement("cookbook/sales_yesterday"))
    except WarehouseError:
        return []  # what is wrong with it is an alert, or nothing is published yet
    spoken: dict[str, list[Mapping[str, Any]]] = {}
    for row in rows.iter_rows(named=True):
        own = found.sites.get(row["seller_id"])
        is_of_today = row["published_at"].date() == now.date()
        if is_of_today and settings.is_read(row["seller_id"]):
            spoken.setdefault(language_of(own), []).append(row | {"own_site_id": own})
    faults: list[str] = []
    for mine in spoken.values():
        sellers = {row["seller_id"] for row in mine}
        opened = [one for one in found.open if one.seller_id in (None, *sellers)]
        faults += _send(settings, digest(mine, opened), "info")
    if len(faults) < len(settings.alert_addresses()) * len(spoken):
        memory.digested(now.date())
    return faults


def _send(settings: Settings, wanted: Message, kind: services.Kind) -> list[str]:
    return services.send(settings.alert_addresses(), wanted, kind)
