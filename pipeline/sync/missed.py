"""Puts notifications that nobody answered into the inbox, from Mercado Libre's list.

Not here: what was answered (`notifications/`), and following both (`notified.py`).
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from pipeline.extraction import missed_feeds
from pipeline.extraction.accounts import Account
from pipeline.mercadolibre.errors import BadRequest, Forbidden, MercadoLibreError
from pipeline.notifications.inbox import Inbox
from pipeline.notifications.judging import judge
from pipeline.payloads.notification import TOPICS, Pointer
from pipeline.settings import Settings
from pipeline.sync.project import Project

READ_EVERY = timedelta(hours=1)
_READ = "missed feeds read"
# A message counts as missed once it was sent in vain for an hour.
_LATE = timedelta(hours=2)


def application_id(settings: Settings) -> int | None:
    """Our application's id; None where the settings do not say it in digits."""
    named = settings.client_id or ""
    return int(named) if named.isdecimal() else None


def read_missed(
    inbox: Inbox, accounts: Sequence[Account], app_id: int, now: datetime
) -> tuple[int, list[str]]:
    """Keep what Mercado Libre sent in vain, of each topic that we take.

    Reading takes nothing away over there, so what was sent long before the last reading
    is left out. Returns how many pointers were kept, and why others could not be read.

    Raises:
        MercadoLibreError: no answer comes, or the token is not accepted.
    """
    last = inbox.moment(_READ)
    since = (last - _LATE).timestamp() if last else 0.0
    sellers = {account.seller_id for account in accounts}
    kept = 0
    refused: dict[str, None] = {}
    for account in accounts:
        for topic in TOPICS:
            try:
                found = [
                    judge(text, application_id=app_id, sellers=sellers)
                    for text, sent in missed_feeds.missed(
                        account.client, app_id=app_id, topic=topic
                    )
                    if sent is None or sent >= since
                ]
            except (BadRequest, Forbidden) as error:
                refused[str(error)] = None
                continue
            pointers = [one for one in found if isinstance(one, Pointer)]
            inbox.put(pointers, now=now)
            kept += len(pointers)
    inbox.note(_READ, now)
    return kept, list(refused)


def read_when_due(project: Project, inbox: Inbox) -> None:
    """Read what was missed once an hour, as far as it can be read.

    It proves nothing, so whatever is in its way is no problem of the run.
    """
    app_id, last = application_id(project.settings), inbox.moment(_READ)
    now = project.now()
    if app_id is None or (last and now - last < READ_EVERY):
        return
    try:
        _, refused = read_missed(inbox, project.accounts(), app_id, now)
    except MercadoLibreError as error:
        refused = [str(error)]
    for line in refused:
        project.notice(f"missed notifications cannot be read: {line}")
