"""What sellers sell: a long-tailed catalogue with prices that change over time.

Not here: which item an order holds (`index`), and an order's amounts (`orders`).
"""

from functools import lru_cache
from typing import NamedTuple

from pipeline.sandbox.world.chance import drawn, fraction
from pipeline.sandbox.world.money import shared
from pipeline.sandbox.world.sites import Site

ITEMS_PER_SELLER = 500
FIRST_ITEM_NUMBER = 3_000_000_001

# In Portuguese for MLB, in Spanish for all other sites.
_THINGS = (
    ("Fone de Ouvido", "Auriculares", 1051, 8_900),
    ("Teclado", "Teclado", 1648, 14_900),
    ("Cafeteira", "Cafetera", 5726, 31_900),
    ("Tênis", "Zapatillas", 3530, 24_900),
    ("Mochila", "Mochila", 3531, 15_900),
    ("Lâmpada LED", "Lámpara LED", 1500, 1_990),
    ("Garrafa Térmica", "Termo", 1574, 7_900),
    ("Capa para Celular", "Funda para Celular", 1055, 2_990),
    ("Furadeira", "Taladro", 2637, 38_900),
    ("Ração", "Alimento para Perro", 1071, 12_900),
    ("Perfume", "Perfume", 1246, 28_900),
    ("Brinquedo", "Juguete", 1132, 6_900),
    ("Livro", "Libro", 3025, 4_500),
    ("Cabo USB", "Cable USB", 1058, 1_490),
    ("Monitor", "Monitor", 1649, 89_900),
    ("Cadeira", "Silla", 1631, 54_900),
)
_QUALITIES = (
    ("Clássico", "Clásico"), ("Compacto", "Compacto"), ("Premium", "Premium"),
    ("Leve", "Liviano"), ("Original", "Original"), ("Reforçado", "Reforzado"),
    ("Duplo", "Doble"), ("Slim", "Slim"),
)  # fmt: skip
_COLOURS = (
    ("Vermelho", "Rojo", "51993"), ("Azul", "Azul", "52028"),
    ("Preto", "Negro", "52049"),
)  # fmt: skip


class Item(NamedTuple):
    """One listing; prices in the site's cents, before discounts and changes."""

    id: str
    rank: int
    title: str
    category_id: str
    list_price: int
    listing_type_id: str
    condition: str
    variation_id: int | None
    colour: tuple[str, str] | None
    seller_sku: str | None
    seller_custom_field: str | None
    user_product_id: str
    fee_share: float
    discounted: float
    weight: int


@lru_cache(maxsize=8192)
def item(seed: int, seller: int, site: Site, rank: int) -> Item:
    """Invent the listing of a rank (0 sells most) in a seller's catalogue."""
    bits = drawn(seed, 21, seller, rank)
    language = 0 if site.id == "MLB" else 1
    *names, category, price = _THINGS[bits % len(_THINGS)]
    quality = _QUALITIES[(bits >> 16) % len(_QUALITIES)][language]
    *colours, colour_id = _COLOURS[(bits >> 24) % len(_COLOURS)]
    number = FIRST_ITEM_NUMBER + seller * ITEMS_PER_SELLER + rank
    varied = (bits >> 8) % 10 < 3
    premium = (bits >> 12) % 10 < 4
    nameless = (bits >> 28) % 8 == 0
    list_price = shared(price, site.price_level * (0.5 + 1.6 * fraction(bits, 1)))
    return Item(
        id=f"{site.market}{number}",
        rank=rank,
        title=f"{names[language]} {quality} {rank + 1}",
        category_id=f"{site.market}{category}",
        list_price=rounded(site, list_price),
        listing_type_id="gold_pro" if premium else "gold_special",
        condition="used" if (bits >> 20) % 25 == 0 else "new",
        variation_id=180_000_000_000 + number if varied else None,
        colour=(colours[language], colour_id) if varied else None,
        seller_sku=None if nameless else f"SKU-{rank + 1:04d}",
        seller_custom_field=f"OWN-{rank + 1:04d}" if nameless and rank % 2 else None,
        user_product_id=f"{site.market}U{number % 1_000_000_000}",
        fee_share=0.165 if premium else 0.115,
        discounted=0.1 + 0.5 * fraction(bits, 2),
        weight=100 + (bits >> 32) % 4900,
    )


@lru_cache(maxsize=32768)
def prices(seed: int, seller: int, site: Site, rank: int, day: int) -> tuple[int, int]:
    """Return the list price and the price asked on a day (since 1970), in cents.

    The list price moves every three to nine weeks; discounts come and go by the week.
    """
    thing = item(seed, seller, site, rank)
    bits = drawn(seed, 22, seller, rank)
    steps = (day + bits % 63) // (21 + bits % 42)
    level = 0.9 + 0.25 * fraction(seed, 23, seller, rank, steps)
    full = max(rounded(site, shared(thing.list_price, level)), 100)
    if fraction(seed, 24, seller, rank, day // 7) >= thing.discounted:
        return full, full
    off = 0.05 + 0.3 * fraction(seed, 25, seller, rank, day // 7)
    return full, max(rounded(site, shared(full, 1 - off)), 100)


def titled(seed: int, seller: int, site: Site, words: str) -> list[int]:
    """Ranks of the items whose title contains ``words``, in any case."""
    return [
        rank
        for rank in range(ITEMS_PER_SELLER)
        if words.casefold() in item(seed, seller, site, rank).title.casefold()
    ]


def rank_of(item_id: str) -> tuple[int, int] | None:
    """Seller number and rank of an item id, without its site."""
    digits = item_id[3:]
    if not digits.isdecimal() or int(digits) < FIRST_ITEM_NUMBER:
        return None
    return divmod(int(digits) - FIRST_ITEM_NUMBER, ITEMS_PER_SELLER)


def step_of(site: Site) -> int:
    """The smallest amount that the currency can pay, in cents."""
    return 1 if site.decimal_places else 100


def rounded(site: Site, cents: int) -> int:
    """Cut an amount to what the currency can pay.

    CLP has no cents: 52240.00 is printed, 52240.50 never is.
    """
    return cents if site.decimal_places else cents // 100 * 100
