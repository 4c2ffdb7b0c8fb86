"""Asks who owns a token and on which site a seller sells."""

import msgspec

from pipeline.extraction import envelope
from pipeline.landing.record import Record
from pipeline.mercadolibre.client import MercadoLibre
from pipeline.mercadolibre.errors import BrokenBody

RESOURCE = "sellers"

# A seller's account is full of personal data: land only these fields of it.
_KEPT = ("id", "site_id", "country_id", "user_type")


def owner(client: MercadoLibre) -> int:
    """The id of the account that the token belongs to.

    Raises:
        BrokenBody: the answer names no id.
    """
    page = client.user(user_id=None)
    try:
        return int(msgspec.json.decode(page.body)["id"])
    except (msgspec.DecodeError, KeyError, TypeError, ValueError):
        raise BrokenBody("GET /users/me: the answer names no user id") from None


def seller(client: MercadoLibre, seller_id: int, *, run_id: str) -> Record:
    """One seller's site to land; drops names and contacts here.

    Raises:
        BrokenBody: the answer is not an account.
    """
    record = envelope.single(
        client.user(user_id=seller_id),
        resource=RESOURCE,
        resource_id=str(seller_id),
        seller_id=seller_id,
        run_id=run_id,
    )
    if record.payload is None:
        return record
    account = msgspec.json.decode(record.payload)
    if not isinstance(account, dict):
        raise BrokenBody(f"GET /users/{seller_id}: the answer is not an account")
    kept = {key: account[key] for key in _KEPT if key in account}
    return record._replace(payload=msgspec.json.encode(kept).decode(), fault=None)


def site_of(record: Record) -> str | None:
    """The site that a seller's record names; None for a 404."""
    site = msgspec.json.decode(record.payload or "{}").get("site_id")
    return site if isinstance(site, str) else None
