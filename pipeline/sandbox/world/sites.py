"""The sites of the sandbox: places, ways to pay, price level; and exchange ratios.

Not here: their currencies and clocks (`pipeline/sites.py`), items (`catalogue`) and
buyers (`people`).
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from pipeline import sites

Place = tuple[str, str, str, str]
"""State id, state name, city id, city name."""
Means = tuple[str, str]
"""Payment method id, payment type."""

_CARDS: tuple[tuple[float, Means], ...] = (
    (0.34, ("master", "credit_card")),
    (0.30, ("visa", "credit_card")),
)


@dataclass(frozen=True, slots=True, eq=False)  # by identity: a key of many caches
class Site:
    """The sandbox's own facts of a site, beside those of `pipeline/sites.py`.

    ``price_level`` turns a price in BRL cents into local cents; ``sold_in`` is the
    currency of what is sold, if it is not the country's. Global Selling is ``sold_on``
    another site, where its buyers live.
    """

    id: str
    country_id: str
    country: str
    price_level: float
    places: tuple[Place, ...]
    means: tuple[tuple[float, Means], ...]
    document: str
    sold_in: str | None = None
    sold_on: str | None = None

    @property
    def currency_id(self) -> str:
        """Currency of what is sold: ``sold_in``, else the country's."""
        return self.sold_in or sites.SITES[self.id].currency_id

    @property
    def market(self) -> str:
        """The site that its orders and items name."""
        return self.sold_on or self.id

    @property
    def decimal_places(self) -> int:
        """Decimals of that currency."""
        return sites.CURRENCIES[self.currency_id].decimal_places

    @property
    def offset(self) -> int:
        """Hours from UTC to its clock in winter, all year round."""
        return _OFFSETS[self.id]


SITES: dict[str, Site] = {
    site.id: site
    for site in (
        Site(
            "MLB", "BR", "Brasil", 1.0,
            (
                ("BR-SP", "São Paulo", "BR-SP-44", "São Paulo"),
                ("BR-RJ", "Rio de Janeiro", "BR-RJ-01", "Rio de Janeiro"),
                ("BR-MG", "Minas Gerais", "BR-MG-09", "Belo Horizonte"),
                ("BR-PR", "Paraná", "BR-PR-21", "Curitiba"),
            ),
            (
                (0.38, ("pix", "bank_transfer")),
                (0.26, ("master", "credit_card")),
                (0.20, ("visa", "credit_card")),
                (0.10, ("account_money", "account_money")),
                (0.06, ("bolbradesco", "ticket")),
            ),
            "CPF",
        ),
        Site(
            "MLA", "AR", "Argentina", 240.0,
            (
                ("AR-C", "Capital Federal", "AR-C-01", "Palermo"),
                ("AR-B", "Buenos Aires", "AR-B-12", "La Plata"),
                ("AR-X", "Córdoba", "AR-X-03", "Córdoba"),
                ("AR-S", "Santa Fe", "AR-S-07", "Rosario"),
            ),
            (
                *_CARDS,
                (0.16, ("debvisa", "debit_card")),
                (0.14, ("account_money", "account_money")),
                (0.06, ("rapipago", "ticket")),
            ),
            "DNI",
        ),
        Site(
            "MLM", "MX", "Mexico", 3.4,
            (
                ("MX-DIF", "Distrito Federal", "MX-DIF-01", "Benito Juárez"),
                ("MX-JAL", "Jalisco", "MX-JAL-05", "Guadalajara"),
                ("MX-NLE", "Nuevo León", "MX-NLE-02", "Monterrey"),
            ),
            (
                *_CARDS,
                (0.16, ("debmaster", "debit_card")),
                (0.12, ("account_money", "account_money")),
                (0.08, ("oxxo", "ticket")),
            ),
            "RFC",
        ),
        Site(
            "MLC", "CL", "Chile", 180.0,
            (("CL-RM", "RM (Metropolitana)", "CL-RM-01", "Santiago"),),
            (*_CARDS, (0.36, ("debvisa", "debit_card"))),
            "RUT",
        ),
        Site(
            "MCO", "CO", "Colombia", 780.0,
            (("CO-DC", "Bogotá D.C.", "CO-DC-01", "Chapinero"),),
            (*_CARDS, (0.36, ("pse", "bank_transfer"))),
            "CC",
        ),
        Site(
            "MLU", "UY", "Uruguay", 7.6,
            (("UY-MO", "Montevideo", "UY-MO-01", "Pocitos"),),
            (*_CARDS, (0.36, ("redpagos", "ticket"))),
            "CI",
        ),
        Site(
            "MPE", "PE", "Peru", 0.7,
            (("PE-LIM", "Lima", "PE-LIM-01", "Miraflores"),),
            (*_CARDS, (0.36, ("pagoefectivo_atm", "atm"))),
            "DNI",
        ),
        Site(
            "MEC", "EC", "Ecuador", 0.19,
            (("EC-P", "Pichincha", "EC-P-01", "Quito"),),
            (*_CARDS, (0.36, ("account_money", "account_money"))),
            "CI",
        ),
        Site(
            "CBT", "CN", "China", 0.19,
            (
                ("MX-DIF", "Distrito Federal", "MX-DIF-01", "Benito Juárez"),
                ("MX-NLE", "Nuevo León", "MX-NLE-02", "Monterrey"),
            ),
            (*_CARDS, (0.36, ("debmaster", "debit_card"))),
            "RFC",
            sold_on="MLM",
        ),
    )
}  # fmt: skip

_WINTER = datetime(2026, 7, 1, 12, tzinfo=UTC)
_OFFSETS = {
    name: int(_WINTER.astimezone(ZoneInfo(sites.SITES[name].time_zone)).strftime("%z"))
    // 100
    for name in SITES
}

ORDER = tuple(name for name, site in SITES.items() if site.sold_on is None)
"""Which site each seller is on: the first on MLB, the second on MLA, and so on."""

FIRST_ABROAD = 99
"""Number of the first seller of Global Selling; all after it are too."""


def site_of_seller(number: int) -> Site:
    """Site of the seller with this number."""
    return SITES["CBT" if number >= FIRST_ABROAD else ORDER[number % len(ORDER)]]


def seller_number(site_id: str, before: int) -> int:
    """Number of a seller on a site, where ``before`` others are on it already."""
    if site_id == "CBT":
        return FIRST_ABROAD + before
    return ORDER.index(site_id) + len(ORDER) * before


_USD_WORTH = {
    "BRL": Decimal("0.1818"),
    "MXN": Decimal("0.0541"),
    "CLP": Decimal("0.00104"),
    "COP": Decimal("0.000243"),
    "UYU": Decimal("0.0249"),
    "PEN": Decimal("0.2664"),
    "USD": Decimal(1),
    "ARS": Decimal("0.01281668"),
}


def exchange_ratios() -> dict[tuple[str, str], Decimal]:
    """Ratios by (from, to); ARS→BRL is the documents' own 0.0704988.

    The API does not promise that a ratio times its inverse is 1, and here it is not.
    """
    ratios = {
        (origin, target): (worth / _USD_WORTH[target]).quantize(Decimal("0.0000001"))
        for origin, worth in _USD_WORTH.items()
        for target in _USD_WORTH
    }
    ratios["ARS", "BRL"] = Decimal("0.0704988")
    return ratios
