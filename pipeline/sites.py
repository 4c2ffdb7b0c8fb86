"""Mercado Libre's sites and their currencies, in one table.

Settings, login, frames and the sandbox read it. Sources: `/sites`, `/currencies` and
the hosts in the official SDKs (docs/mercado-libre-api.md, Sites and clocks).
"""

from collections.abc import Mapping
from typing import NamedTuple


class Currency(NamedTuple):
    """A currency; `decimal_places` is what its amounts are rounded to."""

    id: str
    name: str
    decimal_places: int


class Site(NamedTuple):
    """A site: `time_zone` cuts its days, `host` serves the page that grants access."""

    id: str
    country: str
    currency_id: str
    time_zone: str
    host: str

    @property
    def country_code(self) -> str:
        """Two letters: its host's name ends in the country's."""
        return self.host.rpartition(".")[2].upper()


CURRENCIES: Mapping[str, Currency] = {
    currency.id: currency
    for currency in (
        Currency("ARS", "Argentine peso", 2),
        Currency("BOB", "Bolivian boliviano", 2),
        Currency("BRL", "Brazilian real", 2),
        Currency("CLP", "Chilean peso", 0),
        Currency("COP", "Colombian peso", 2),
        Currency("CRC", "Costa Rican colón", 2),
        Currency("CUP", "Cuban peso", 2),
        Currency("DOP", "Dominican peso", 2),
        Currency("EUR", "Euro", 2),
        Currency("GTQ", "Guatemalan quetzal", 2),
        Currency("HNL", "Honduran lempira", 2),
        Currency("MXN", "Mexican peso", 2),
        Currency("NIO", "Nicaraguan córdoba", 2),
        Currency("PAB", "Panamanian balboa", 2),
        Currency("PEN", "Peruvian sol", 2),
        Currency("PYG", "Paraguayan guaraní", 0),
        Currency("USD", "United States dollar", 2),
        Currency("UYU", "Uruguayan peso", 2),
        Currency("VES", "Venezuelan bolívar", 2),
    )
}

GLOBAL_SELLING = "CBT"
"""The site of accounts that sell from abroad on several sites, in dollars."""

# Brazil spans three zones: the site's clock is Brasília's. Global Selling has no
# country and no clock of its own; its days are cut in UTC.
SITES: Mapping[str, Site] = {
    site.id: site
    for site in (
        Site(
            GLOBAL_SELLING,
            "Global Selling",
            "USD",
            "UTC",
            "global-selling.mercadolibre.com",
        ),
        Site("MBO", "Bolivia", "BOB", "America/La_Paz", "auth.mercadolibre.com.bo"),
        Site("MCO", "Colombia", "COP", "America/Bogota", "auth.mercadolibre.com.co"),
        Site(
            "MCR", "Costa Rica", "CRC", "America/Costa_Rica", "auth.mercadolibre.co.cr"
        ),
        Site("MCU", "Cuba", "CUP", "America/Havana", "auth.mercadolibre.com.cu"),
        Site("MEC", "Ecuador", "USD", "America/Guayaquil", "auth.mercadolibre.com.ec"),
        Site(
            "MGT", "Guatemala", "GTQ", "America/Guatemala", "auth.mercadolibre.com.gt"
        ),
        Site(
            "MHN", "Honduras", "HNL", "America/Tegucigalpa", "auth.mercadolibre.com.hn"
        ),
        Site(
            "MLA",
            "Argentina",
            "ARS",
            "America/Argentina/Buenos_Aires",
            "auth.mercadolibre.com.ar",
        ),
        Site("MLB", "Brazil", "BRL", "America/Sao_Paulo", "auth.mercadolivre.com.br"),
        Site("MLC", "Chile", "CLP", "America/Santiago", "auth.mercadolibre.cl"),
        Site("MLM", "Mexico", "MXN", "America/Mexico_City", "auth.mercadolibre.com.mx"),
        Site("MLU", "Uruguay", "UYU", "America/Montevideo", "auth.mercadolibre.com.uy"),
        Site("MLV", "Venezuela", "VES", "America/Caracas", "auth.mercadolibre.com.ve"),
        Site("MNI", "Nicaragua", "NIO", "America/Managua", "auth.mercadolibre.com.ni"),
        Site("MPA", "Panama", "PAB", "America/Panama", "auth.mercadolibre.com.pa"),
        Site("MPE", "Peru", "PEN", "America/Lima", "auth.mercadolibre.com.pe"),
        Site("MPY", "Paraguay", "PYG", "America/Asuncion", "auth.mercadolibre.com.py"),
        Site(
            "MRD",
            "Dominican Republic",
            "DOP",
            "America/Santo_Domingo",
            "auth.mercadolibre.com.do",
        ),
        Site(
            "MSV",
            "El Salvador",
            "USD",
            "America/El_Salvador",
            "auth.mercadolibre.com.sv",
        ),
    )
}
