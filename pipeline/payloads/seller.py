"""A seller as `/users/me` describes it: the id and the site, nothing personal."""

from typing import ClassVar

from pydantic import BaseModel

from pipeline.payloads.values import Capitals, Id, keys


class Seller(BaseModel):
    """One seller; no other field of a user is read."""

    personal: ClassVar[frozenset[str]] = keys(
        "nickname first_name last_name gender email identification address phone "
        "alternative_phone logo permalink bill_data secure_email company "
        "registration_identifiers thumbnail"
    )
    unread: ClassVar[frozenset[str]] = keys(
        "registration_date country_id user_type tags points shipping_modes "
        "seller_experience seller_reputation buyer_reputation status credit context"
    )
    id: Id
    site_id: Capitals
