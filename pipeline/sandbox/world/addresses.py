"""Addresses of a shipment, from and to; people are invented."""

from pipeline.sandbox.world.objects import Object
from pipeline.sandbox.world.people import Person
from pipeline.sandbox.world.sites import Place, Site

MASKED = "X" * 7
"""What the API shows sellers of their own street."""


def origin(site: Site, seller_id: int) -> Object:
    """The `origin` of a shipment: the seller's address, masked."""
    address = _address(site, site.places[0], MASKED, MASKED, MASKED)
    address["types"] = ["default_selling_address", "shipping"]
    address["node"] = {"node_id": None}
    return {
        "type": "selling_address",
        "sender_id": seller_id,
        "node": None,
        "snapshot": {"id": "snap-origin-1", "version": 1},
        "shipping_address": address,
    }


def destination(site: Site, person: Person) -> Object:
    """The `destination` of a shipment: an invented buyer's home."""
    address = _address(
        site, person.place, person.street, person.street_number, person.zip_code
    )
    address["types"] = ["default_buying_address"]
    address["node"] = None
    address["delivery_preference"] = "residential"
    return {
        "type": "buying_address",
        "receiver_id": person.id,
        "receiver_name": f"{person.first_name} {person.last_name}",
        "receiver_phone": None,
        "comments": None,
        "snapshot": {"id": "snap-dest-1", "version": 1},
        "shipping_address": address,
    }


def receiver(site: Site, person: Person) -> Object:
    """`receiver_address` of the old, flat shape."""
    state_id, state, city_id, city = person.place
    return {
        "id": person.id,
        "address_line": f"{person.street} {person.street_number}",
        "street_name": person.street,
        "street_number": person.street_number,
        "zip_code": person.zip_code,
        "city": {"id": city_id, "name": city},
        "state": {"id": state_id, "name": state},
        "country": {"id": site.country_id, "name": site.country},
        "neighborhood": {"id": None, "name": "Centro"},
        "receiver_name": f"{person.first_name} {person.last_name}",
        "receiver_phone": person.phone,
    }


def _address(site: Site, place: Place, street: str, number: str, code: str) -> Object:
    state_id, state, city_id, city = place
    masked = street == number
    return {
        "address_id": 1_000_000_000,
        "address_line": street if masked else f"{street} {number}",
        "street_name": street,
        "street_number": number,
        "comment": None,
        "zip_code": code,
        "city": {"id": city_id, "name": city},
        "state": {"id": state_id, "name": state},
        "country": {"id": site.country_id, "name": site.country},
        "neighborhood": {"id": None, "name": "Centro"},
        "municipality": {"id": None, "name": None},
        "location_id": None,
        "scoring": None if masked else 1,
        "agency": {
            "carrier_id": None,
            "phone": None,
            "agency_id": None,
            "description": None,
            "type": None,
            "open_hours": None,
        },
        "intersection": None,
        "latitude": 0,
        "longitude": 0,
        "geolocation_type": "APPROXIMATE" if masked else "ROOFTOP",
        "geolocation_source": None,
        "geolocation_last_updated": None,
    }
