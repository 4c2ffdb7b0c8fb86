"""Invented people: buyers and sellers with names, documents and addresses.

Every name is drawn from lists; none belongs to a real person.
"""

from functools import lru_cache
from typing import NamedTuple

from pipeline.sandbox.world.chance import drawn
from pipeline.sandbox.world.sites import Place, Site

_FIRST = (
    "Alba", "Bruno", "Celia", "Dario", "Elisa", "Fabio", "Gilda", "Hugo", "Ines",
    "Joel", "Karina", "Lauro", "Mirta", "Nestor", "Olga", "Pablo", "Quintina",
    "Ramon", "Silvia", "Tadeo", "Ursula", "Vera", "Wanda", "Ximena", "Yago", "Zoe",
)  # fmt: skip
_LAST = (
    "Abedul", "Brisa", "Cipres", "Duna", "Estrella", "Faro", "Ginebro", "Hiedra",
    "Isla", "Jacinto", "Kiwi", "Laguna", "Marisma", "Niebla", "Olmo", "Piedra",
    "Quebrada", "Ribera", "Sauce", "Trigo", "Umbria", "Valle", "Yedra", "Zarza",
)  # fmt: skip
_STREETS = ("Rua das Acácias", "Calle Falsa", "Avenida Inventada", "Pasaje Imaginario")

FIRST_BUYER_ID = 800_000_000


class Person(NamedTuple):
    """A buyer, wholly invented; ``nickname`` ends in the buyer's number."""

    id: int
    nickname: str
    first_name: str
    last_name: str
    email: str
    document: str
    phone: str
    street: str
    street_number: str
    zip_code: str
    place: Place
    billing_id: str


@lru_cache(maxsize=8192)
def buyer(seed: int, site: Site, number: int) -> Person:
    """Invent the buyer with this number, who lives in the site's country."""
    bits = drawn(seed, 11, number)
    first = _FIRST[bits % len(_FIRST)]
    last = _LAST[(bits >> 8) % len(_LAST)]
    return Person(
        id=FIRST_BUYER_ID + number,
        nickname=f"{first}.{last}.{number}".upper(),
        first_name=first,
        last_name=last,
        email=f"buyer-{number}@example.com",
        document=f"{bits % 10**11:011d}",
        phone=f"555-{(bits >> 16) % 10**6:06d}",
        street=_STREETS[(bits >> 24) % len(_STREETS)],
        street_number=str((bits >> 28) % 4000 + 1),
        zip_code=f"{(bits >> 36) % 10**8:08d}",
        place=site.places[(bits >> 20) % len(site.places)],
        billing_id=str(100_000_000_000_000_000 + number),
    )


def number_in(nickname: str) -> int | None:
    """The buyer that the digits at a nickname's end name."""
    digits = nickname.rpartition(".")[2]
    return int(digits) if digits.isdigit() else None
