"""Numbers, amounts and dates as a reader of a language writes them.

Amounts stay decimals up to the last digit shown.
"""

from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from decimal import Decimal

from babel import Locale, dates, numbers

from pipeline.sites import CURRENCIES, GLOBAL_SELLING, SITES

LANGUAGES = ("es", "pt", "en")
"""The languages of the page."""

UNKNOWN = "—"
"""Stands for what is not known."""


def language_of(site_id: str | None) -> str:
    """The language of a site; English where it has no country, or is not known."""
    if site_id not in SITES or site_id == GLOBAL_SELLING:
        return "en"
    return "pt" if site_id == "MLB" else "es"


@dataclass(frozen=True)
class Formats:
    """How one language writes in the country of a site, and on its clock."""

    language: str
    site_id: str

    @property
    def locale(self) -> Locale:
        """Babel's rules of the language.

        Spanish writes 1.234,56 in Argentina and 1,234.56 in Mexico; where the site
        speaks another language, as in Latin America (419).
        """
        if self.language == "es":
            is_own = language_of(self.site_id) == "es"
            return Locale("es", SITES[self.site_id].country_code if is_own else "419")
        return Locale.parse("pt_BR" if self.language == "pt" else "en_US")

    def amount(self, amount: Decimal | None, currency_id: str) -> str:
        """An amount with its currency, to the cent where the currency has cents."""
        if amount is None:
            return UNKNOWN
        return f"{self.plain(amount, currency_id)} {currency_id}"

    def plain(self, amount: Decimal | None, currency_id: str) -> str:
        """An amount without its currency."""
        if amount is None:
            return UNKNOWN
        places = (
            CURRENCIES[currency_id].decimal_places if currency_id in CURRENCIES else 2
        )
        pattern = "#,##0" + ("." + "0" * places if places else "")
        return self._minus(numbers.format_decimal(amount, pattern, self.locale))

    def currency(self, currency_id: str) -> str:
        """A currency in words and by its code, as in `real brasileño (BRL)`."""
        name = numbers.get_currency_name(currency_id, locale=self.locale)
        return currency_id if name == currency_id else f"{name} ({currency_id})"

    def count(self, number: int | None) -> str:
        """A whole number."""
        if number is None:
            return UNKNOWN
        return str(numbers.format_decimal(number, "#,##0", self.locale))

    def change(self, now: Decimal | None, before: Decimal | None) -> str:
        """By how much per cent a figure differs from an earlier one, with its sign."""
        if now is None or not before:
            return UNKNOWN
        ratio = (now - before) / before
        text = numbers.format_percent(ratio, "+#,##0.0%;-#,##0.0%", self.locale)
        return self._minus(text)

    def share(self, part: Decimal | int, whole: Decimal | int) -> str:
        """A part of a whole in per cent."""
        if not whole:
            return UNKNOWN
        ratio = Decimal(part) / Decimal(whole)
        return self._minus(numbers.format_percent(ratio, "0.0%", self.locale))

    def weekday(self, day: date) -> str:
        """The name of a day's weekday."""
        return str(dates.format_date(day, "EEEE", self.locale))

    def day(self, day: date) -> str:
        """A day in short, as in `29 nov 2026`."""
        return str(dates.format_date(day, "d MMM y", self.locale))

    def month(self, day: date) -> str:
        """A month in words, as in `noviembre de 2026`."""
        pattern = "MMMM y" if self.language == "en" else "MMMM 'de' y"
        return str(dates.format_date(day, pattern, self.locale))

    def short_month(self, day: date) -> str:
        """A month in short, as in `nov 26`."""
        return str(dates.format_date(day, "MMM yy", self.locale))

    def day_of(self, moment: datetime) -> date:
        """The day of a moment on the site's clock."""
        return moment.astimezone(self._zone).date()

    def moment(self, moment: datetime | None) -> str:
        """A moment on the site's clock, with its distance from Greenwich."""
        if moment is None:
            return UNKNOWN
        pattern = "d MMM y HH:mm '(GMT'xxx')'"
        return str(dates.format_datetime(moment, pattern, self._zone, self.locale))

    @property
    def _zone(self) -> tzinfo:
        known = SITES.get(self.site_id)
        return dates.get_timezone(known.time_zone if known else "UTC")

    def _minus(self, text: str) -> str:
        return str(text).replace("-", "−")
