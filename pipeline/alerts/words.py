"""What an alert, its end and the daily digest say, in the language of a site.

Not here: the words themselves (`words.toml`), and sending them (`services.py`).
"""

import functools
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib import resources
from typing import Any

from pipeline.alerts.facts import Alert
from pipeline.report.formats import Formats, language_of

SHOWN_LINES = 30
"""A message has so many lines; `meli-sales alerts` names what it leaves out."""


@dataclass(frozen=True)
class Message:
    """What one message says."""

    title: str
    text: str


@functools.cache
def _said() -> Mapping[str, Mapping[str, str]]:
    text = resources.files(__package__).joinpath("words.toml").read_text("utf-8")
    return tomllib.loads(text)


class Words:
    """The words of a site's language; moments are on the site's clock."""

    def __init__(self, site_id: str | None) -> None:
        self.formats = Formats(language_of(site_id), site_id or "")
        self._said = _said()[self.formats.language]

    def __call__(self, name: str, **values: Any) -> str:
        """A sentence with its values filled in."""
        return self._said[name].format(
            **{
                key: self.formats.moment(one) if isinstance(one, datetime) else one
                for key, one in values.items()
            }
        )


def title(alert: Alert) -> str:
    """What is the matter, in a few words."""
    return Words(alert.site_id)(alert.name)


def text(alert: Alert) -> str:
    """A line that names the thing and says what to do."""
    say = Words(alert.site_id)
    values = {**alert.values}
    if "seller" in values and values["seller"] is None:
        values["seller"] = say("all_sellers")
    if alert.name == "jump":
        values |= _of_jump(say.formats, values)
    return say(f"{alert.name}_text", **values)


def _of_jump(formats: Formats, row: Mapping[str, Any]) -> dict[str, str]:
    currency = row["currency_id"]
    return {
        "weekday": formats.weekday(row["sold_date"]),
        "day": formats.day(row["sold_date"]),
        "count": formats.count(row["day_count"]),
        "net": formats.amount(row["net_sales_amount"], currency),
        "lowest": formats.amount(row["lowest_amount"], currency),
        "highest": formats.amount(row["highest_amount"], currency),
    }


def message(titles: Sequence[str], texts: Sequence[str], say: Words) -> Message:
    """One message of some alerts: all that is new or over at one look."""
    named = titles[0] if len(set(titles)) == 1 else say("several", count=len(titles))
    return Message(f"meli-sales: {named}", "\n".join(_shown(texts, say)))


def digest(rows: Sequence[Mapping[str, Any]], alerts: Sequence[Alert]) -> Message:
    """Yesterday's figures of sellers that speak one language, and what is open.

    ``rows`` are of `sql/cookbook/sales_yesterday.sql`; one at least.
    """
    say = Words(rows[0]["own_site_id"])
    lines = [_sales(row) for row in rows]
    opened = [f"- {title(one)}: {text(one)}" for one in alerts]
    texts = [
        *_shown(lines, say),
        say("published", at=rows[0]["published_at"]),
        *([say("open"), *_shown(opened, say)] if opened else [say("nothing_open")]),
    ]
    return Message(f"meli-sales: {say('digest')}", "\n".join(texts))


def _sales(row: Mapping[str, Any]) -> str:
    say, currency = Words(row["own_site_id"]), row["currency_id"]
    line = say(
        "sales",
        seller=row["seller_id"],
        site=row["site_id"],
        day=say.formats.day(row["sold_date"]),
        orders=say.formats.count(row["order_count"]),
        units=say.formats.count(row["unit_count"]),
        net=say.formats.amount(row["net_sales_amount"], currency),
        left=say.formats.amount(row["estimated_proceeds_amount"], currency),
    )
    if row["unknown_proceeds_count"]:
        line += say("unknown", count=say.formats.count(row["unknown_proceeds_count"]))
    return line + ("" if row["is_read_completely"] else say("partly"))


def _shown(lines: Sequence[str], say: Words) -> list[str]:
    left = len(lines) - SHOWN_LINES
    more = [say("more", count=say.formats.count(left))] if left > 0 else []
    return [*lines[:SHOWN_LINES], *more]
