"""Reads the notifications that nobody answered, which Mercado Libre keeps for two days.

Not here: what is done with them (`sync/notified.py`).
"""

from collections.abc import Iterator

import msgspec

from pipeline.extraction.envelope import instant
from pipeline.mercadolibre.client import MercadoLibre
from pipeline.mercadolibre.errors import BrokenBody
from pipeline.mercadolibre.page import Page

_LIMIT = 50

PAGES_AT_MOST = 200
"""Ten thousand messages; what more was missed is left to the hourly sync."""


def missed(
    client: MercadoLibre, *, app_id: int, topic: str
) -> Iterator[tuple[bytes, float | None]]:
    """Messages of a topic, each with when it was sent, in seconds since 1970 (UTC).

    Raises:
        MercadoLibreError: the API refuses, or its answer is not a list of messages.
    """
    offset = 0
    for _ in range(PAGES_AT_MOST):
        page = client.missed_feeds(
            app_id=app_id, topic=topic, offset=offset, limit=_LIMIT
        )
        messages = _messages(page)
        for text in messages:
            yield bytes(text), _sent(text)
        offset += len(messages)
        if not messages:
            return


def _messages(page: Page) -> list[msgspec.Raw]:
    if page.is_missing:
        return []
    try:
        found = msgspec.json.decode(page.body, type=dict[str, msgspec.Raw])
        return msgspec.json.decode(found.get("messages", b"[]"), type=list[msgspec.Raw])
    except msgspec.DecodeError:
        raise BrokenBody("GET /missed_feeds: the answer is not a list") from None


def _sent(text: msgspec.Raw) -> float | None:
    try:
        found = instant(_DECODER.decode(text).sent)
    except msgspec.DecodeError:
        return None
    return found.timestamp() if found else None


class _Sent(msgspec.Struct):
    """The one key that is looked at."""

    sent: str | None = None


_DECODER = msgspec.json.Decoder(_Sent)
