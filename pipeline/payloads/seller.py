"""A seller as `/users/me` describes it: the id and the site, nothing personal."""

from typing import ClassVar

from pydantic import BaseModel

from pipeline.payloads.values import Id, Word, keys


class Seller(BaseModel):
    """One seller; no other field of a user is read."""

    unread: ClassVar[frozenset[str]] = keys(
        "nickname registration_date first_name last_name gender country_id email "
        "identification address phone alternative_phone user_type tags logo points "
        "permalink shipping_modes seller_experience bill_data seller_reputation "
        "buyer_reputation status secure_email company credit context "
        "registration_identifiers thumbnail"
    )
    id: Id
    site_id: Word
