"""Puts figures, words and charts of one month together as one HTML page.

The page needs no network and holds no script. Not here: its look (`page.html.jinja`,
`page.css`) and the figures (`figures.py`).
"""

import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from importlib import resources
from typing import Any

import jinja2
import polars as pl

from pipeline.frames import logistic_types
from pipeline.report import charts
from pipeline.report.figures import Figures
from pipeline.report.formats import LANGUAGES, Formats
from pipeline.tie_out.kept import KeptTieOut

SHOWN_ITEMS = 10
SHOWN_LOW_ITEMS = 5
SHOWN_LOSSES = 12
READ_SO_FAR = timedelta(days=1)
"""A reading that is further behind the publication has not read the month so far."""

_FORBIDDEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffe\uffff]")
"""Characters that HTML has none of: browsers draw them as they like."""


@dataclass(frozen=True)
class Words:
    """The words of one language, and of the codes that tables hold."""

    said: Mapping[str, str]
    codes: Mapping[str, str]

    def __call__(self, key: str, **values: object) -> str:
        """A sentence with its values filled in."""
        return self.said[key].format(**values)

    def code(self, code: str | None) -> str:
        """A code in words; one without words as it is, with spaces."""
        if code is None:
            return self.codes["unknown"]
        return self.codes.get(code, code.replace("_", " "))


def words_of(language: str) -> Words:
    """The words of a language of `formats.LANGUAGES`."""
    text = resources.files(__package__).joinpath("words.toml").read_text("utf-8")
    read = tomllib.loads(text)
    types = logistic_types.frame()
    names = zip(types["logistic_type"], types[f"name_{language}"], strict=True)
    return Words(read[language], dict(names) | read["codes"][language])


def page(figures: Figures, language: str) -> str:
    """The whole page, in Spanish (es), Portuguese (pt) or English (en)."""
    if language not in LANGUAGES:
        raise ValueError(f"{language} is not one of {', '.join(LANGUAGES)}")
    formats, words = Formats(language, figures.site_id), words_of(language)
    folder = resources.files(__package__)
    environment = jinja2.Environment(
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    template = environment.from_string(
        folder.joinpath("page.html.jinja").read_text("utf-8")
    )
    written = template.render(
        language=formats.locale.language,
        style=folder.joinpath("page.css").read_text("utf-8"),
        colours=charts.COLOURS,
        f=formats,
        w=words,
        month=figures.month,
        seller_count=figures.seller_count,
        trust=_trust(figures, words, formats),
        sections=[
            _section(figures, currency, words, formats)
            for currency in figures.currencies
        ],
        queries=figures.queries,
    )
    # A title may hold what no page may, such as NUL.
    return _FORBIDDEN.sub("\ufffd", written)


@dataclass(frozen=True)
class Trust:
    """The sentence on top, and whether it is a warning."""

    sentences: Sequence[str]
    is_good: bool


def _trust(figures: Figures, words: Words, formats: Formats) -> Trust:
    row = figures.frames["trust"].row(0, named=True)
    moment = formats.moment(row["complete_to"])
    days, of = row["complete_day_count"], row["day_count"]
    if days == of and of:
        said, is_good = words("trust_whole", moment=moment), True
    elif _is_running(figures):
        said = words("trust_running", days=days, of=of, moment=moment)
        is_good = True
    else:
        said, is_good = words("trust_part", days=days, of=of), False
    sentences = [said]
    if row["quarantined_count"]:
        count = formats.count(row["quarantined_count"])
        sentences.append(words("quarantine", count=count))
        is_good = False
    moment = formats.moment(row["published_at"])
    sentences.append(words("published", moment=moment))
    tied = _tie_outs(figures, formats)
    is_good = is_good and not any(one.missing_here_count for one in tied)
    sentences += [_tied(one, figures, words, formats) for one in tied]
    return Trust(sentences if tied else [*sentences, words("not_tied")], is_good)


def _tie_outs(figures: Figures, formats: Formats) -> Sequence[KeptTieOut]:
    """The last one of each account that holds a day of the month."""
    month = figures.month
    return list(
        {
            one.seller_ids: one
            for one in sorted(figures.tie_outs, key=lambda one: one.tied_at)
            if formats.day_of(one.first_at).replace(day=1) <= month
            and formats.day_of(one.last_at) >= month
        }.values()
    )


def _tied(one: KeptTieOut, figures: Figures, words: Words, formats: Formats) -> str:
    whose = ", ".join(map(str, one.seller_ids))
    said = {
        "first": formats.day(formats.day_of(one.first_at)),
        "last": formats.day(formats.day_of(one.last_at)),
        "on": formats.day(formats.day_of(one.tied_at)),
        "whose": f" ({whose})" if figures.seller_count > 1 else "",
        "count": formats.count(one.matched_count),
    }
    if one.ties:
        return words("tied", zero=formats.plain(Decimal(0), ""), **said)
    amounts = ", ".join(
        formats.amount(amount, currency) for currency, amount in one.differences.items()
    )
    none = formats.plain(Decimal(0) if one.is_goods_compared else None, "")
    untied = words(
        "untied",
        different=formats.count(one.different_count),
        here=formats.count(one.missing_here_count),
        file=formats.count(one.missing_in_file_count),
        amounts=amounts or none,
        **said,
    )
    if not one.silent_count:
        return untied
    return f"{untied} {words('silent', count=formats.count(one.silent_count))}"


def _is_running(figures: Figures) -> bool:
    """Whether all of the month so far was read, and it is not over."""
    row = figures.frames["trust"].row(0, named=True)
    complete_to = row["complete_to"]
    if complete_to is None:
        return False
    is_late = row["published_at"] - complete_to > READ_SO_FAR
    month = figures.month
    is_in_month = (complete_to.year, complete_to.month) == (month.year, month.month)
    return is_in_month and not is_late


def _section(
    figures: Figures, currency: str, words: Words, formats: Formats
) -> dict[str, Any]:
    """Everything of one currency, as the template shows it."""
    months = figures.of("months", currency)
    now = months.filter(pl.col("month_start_date") == figures.month).row(0, named=True)
    compared = figures.of("comparison", currency).row(0, named=True)
    day_rows = figures.of("days", currency).to_dicts()
    month_rows = months.to_dicts()
    items = figures.of("items", currency)
    known = items.drop_nulls("estimated_proceeds_amount")
    low_count = min(SHOWN_LOW_ITEMS, max(0, known.height - SHOWN_ITEMS))
    steps = _steps(now, figures.of("prices", currency), words)
    losses = figures.of("losses", currency)
    payments = figures.of("payments", currency)
    paid = payments["taken_amount"].sum() or Decimal(0)
    return {
        "currency": currency,
        "now": now,
        "compared": compared,
        "days": day_rows,
        "days_charts": _drawn(
            lambda shape: charts.days(day_rows, words.said, formats, shape)
        ),
        "months": month_rows,
        "months_charts": _drawn(
            lambda shape: charts.months(month_rows, words.said, formats, shape)
        ),
        "steps": steps,
        "flow_charts": _drawn(lambda shape: charts.waterfall(steps, formats, shape)),
        "margin": _first(figures.of("margin", currency)),
        "items": known.head(SHOWN_ITEMS).to_dicts(),
        "low_items": known.tail(low_count).reverse().to_dicts(),
        "buyers": _first(figures.of("buyers", currency)),
        "payments": payments.to_dicts(),
        "paid": paid,
        "shipping": figures.of("shipping", currency).to_dicts(),
        "losses": losses.head(SHOWN_LOSSES).to_dicts(),
        "more_losses": _more(losses),
        "unknown": figures.of("unknown", currency).to_dicts(),
    }


def _drawn(draw: Callable[[charts.Shape], str]) -> dict[str, str]:
    return {name: draw(shape) for name, shape in charts.SHAPES.items()}


def _more(losses: pl.DataFrame) -> dict[str, Any] | None:
    """Losses beyond those shown, as one row: with it the table is the whole month."""
    rest = losses.slice(SHOWN_LOSSES)
    known = rest["lost_amount"].drop_nulls()
    return (
        {
            "order_count": rest["order_count"].sum(),
            "lost_amount": None if known.is_empty() else known.sum(),
            "unknown_refund_count": rest["unknown_refund_count"].sum(),
        }
        if rest.height
        else None
    )


def _first(rows: pl.DataFrame) -> dict[str, Any] | None:
    return rows.row(0, named=True) if rows.height else None


def _steps(
    now: Mapping[str, Any], prices: pl.DataFrame, words: Words
) -> list[tuple[str, Decimal, bool]]:
    """From full price to what is left: the word, the amount, whether it is a sum.

    Gross 100, refunds 10, fee 12, proceeds 78: 100 (sum), −10, 90 (sum), −12, 78 (sum).
    Where something is unknown the steps do not reach the last sum; what lacks is a step
    of its own.
    """
    gross = now["gross_sales_amount"]
    full = prices["full_price_amount"][0] if prices.height else gross
    steps = [
        ("full_price", full, True),
        ("discounts", gross - full, False),
        ("gross_sales", gross, True),
        ("cancelled", -now["cancelled_amount"], False),
        ("not_completed", -now["not_completed_amount"], False),
        ("unpaid", -now["unpaid_amount"], False),
        ("refunded", -now["refunded_amount"], False),
        ("net_sales", now["net_sales_amount"], True),
        ("fees", -now["sale_fee_amount"], False),
        ("fees_returned", now["sale_fee_returned_amount"], False),
        ("coupons", -now["seller_coupon_amount"], False),
        ("seller_shipping", -now["seller_shipping_amount"], False),
        ("lost_shipping", -now["lost_shipping_amount"], False),
        ("compensation", now["seller_compensation_amount"], False),
        ("shipping_income", now["shipping_income_amount"], False),
    ]
    last = steps.index(("net_sales", now["net_sales_amount"], True))
    reached = sum((amount for _, amount, _ in steps[last:]), Decimal(0))
    left = now["estimated_proceeds_amount"]
    steps += [("left_out", left - reached, False), ("proceeds", left, True)]
    return [
        (words(name), amount, is_sum)
        for name, amount, is_sum in steps
        if is_sum or amount
    ]
