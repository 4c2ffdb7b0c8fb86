"""The page's charts as SVG: days, months, and where the money goes.

Colours are those of `COLOURS`, which the page's style replaces in the dark. Not here:
the figures (`figures.py`) and their words (`words.toml`).
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import altair as alt
import vl_convert

from pipeline.report.formats import Formats

COLOURS = {
    "bar": "#2968c8",
    "pale": "#a9c4ea",
    "line": "#d97706",
    "gain": "#2e8b57",
    "loss": "#c0392b",
    "text": "#333333",
    "rule": "#dddddd",
}
"""Each is one of the page's custom properties too, by the same name."""

_HEIGHT = 220
_FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif"


@dataclass(frozen=True)
class Shape:
    """How a chart is drawn for one width of screen.

    Attributes:
        width: of the plot, in points; text keeps its size.
        bar: thickness of a day's bar.
        tick_count: of an axis of money, about.
        angle: of the months' names.
        labels: room for the names of steps.
        text: size of letters.
    """

    width: int
    bar: int
    tick_count: int
    angle: int
    labels: int
    text: int


SHAPES = {
    "wide": Shape(680, 14, 5, angle=0, labels=210, text=12),
    "narrow": Shape(328, 7, 3, angle=-90, labels=150, text=11),
}
"""A phone's chart is drawn anew: a wide one would be cut, or too small to read."""


def days(
    rows: Sequence[Mapping[str, Any]],
    words: Mapping[str, str],
    formats: Formats,
    shape: Shape,
) -> str:
    """Net sales a day as bars, and their week; pale where a day was not read whole."""
    data = [
        {
            "day": row["sold_date"].isoformat(),
            "net": float(row["net_sales_amount"]),
            "week": _number(row["week_mean_amount"]),
            "whole": bool(row["is_read_completely"]),
        }
        for row in rows
    ]
    day = alt.X("day:T", title=None, axis=alt.Axis(format="%-d", grid=False))
    base = alt.Chart(alt.InlineData(values=data)).encode(x=day)
    bars = _bars(base.mark_bar(size=shape.bar), words, shape)
    line = base.mark_line(color=COLOURS["line"], strokeWidth=2).encode(y="week:Q")
    return _svg(bars + line, formats, shape)


def months(
    rows: Sequence[Mapping[str, Any]],
    words: Mapping[str, str],
    formats: Formats,
    shape: Shape,
) -> str:
    """Net sales and what is left of them by month; pale where not read whole."""
    data = [
        {
            "month": formats.short_month(row["month_start_date"]),
            "order": number,
            "net": float(row["net_sales_amount"]),
            "left": float(row["estimated_proceeds_amount"]),
            "whole": bool(row["is_read_completely"]),
        }
        for number, row in enumerate(rows)
    ]
    month = alt.X(
        "month:N",
        title=None,
        sort=alt.EncodingSortField("order"),
        axis=alt.Axis(labelAngle=shape.angle),
    )
    base = alt.Chart(alt.InlineData(values=data)).encode(x=month)
    line = base.mark_line(
        color=COLOURS["gain"],
        strokeWidth=2,
        point=alt.OverlayMarkDef(size=30, color=COLOURS["gain"]),
    ).encode(y="left:Q")
    return _svg(_bars(base.mark_bar(), words, shape) + line, formats, shape)


def waterfall(
    steps: Sequence[tuple[str, Decimal, bool]], formats: Formats, shape: Shape
) -> str:
    """From full price to what is left; a step has a word, an amount, and is a sum."""
    data, at = [], Decimal(0)
    for number, (word, amount, is_sum) in enumerate(steps):
        start = Decimal(0) if is_sum else at
        at = amount if is_sum else at + amount
        kind = "bar" if is_sum else "gain" if amount > 0 else "loss"
        data.append(
            {
                "step": word,
                "order": number,
                "start": float(start),
                "end": float(at),
                "colour": COLOURS[kind],
            }
        )
    chart = (
        alt.Chart(alt.InlineData(values=data))
        .mark_bar(size=15)
        .encode(
            y=alt.Y(
                "step:N",
                title=None,
                sort=alt.EncodingSortField("order"),
                # A reader's font may be wider than the one that is measured here.
                axis=alt.Axis(labelLimit=0, minExtent=shape.labels),
            ),
            x=alt.X("start:Q", title=None, axis=_money(shape)),
            x2="end:Q",
            color=alt.Color("colour:N", scale=None),
        )
    )
    return _svg(chart, formats, shape, height=24 * len(data))


def _bars(chart: alt.Chart, words: Mapping[str, str], shape: Shape) -> alt.Chart:
    """Net sales as bars, pale where not read whole."""
    return chart.encode(
        y=alt.Y("net:Q", title=words["net_sales"], axis=_money(shape)),
        color=alt.condition(
            "datum.whole", alt.value(COLOURS["bar"]), alt.value(COLOURS["pale"])
        ),
    )


def _money(shape: Shape) -> alt.Axis:
    return alt.Axis(format="~s", tickCount=shape.tick_count)


def _svg(
    chart: alt.Chart | alt.LayerChart,
    formats: Formats,
    shape: Shape,
    *,
    height: int = _HEIGHT,
) -> str:
    whole = chart.properties(
        # With the names beside it, so that all charts are as wide.
        width=shape.width,
        height=height,
        autosize=alt.AutoSizeParams(type="fit-x", contains="padding"),
        background="transparent",
    ).configure(
        font=_FONT,
        axis=alt.AxisConfig(
            labelColor=COLOURS["text"],
            titleColor=COLOURS["text"],
            domainColor=COLOURS["rule"],
            tickColor=COLOURS["rule"],
            gridColor=COLOURS["rule"],
            labelFontSize=shape.text,
            titleFontSize=shape.text,
            titleFontWeight="normal",
        ),
        view=alt.ViewConfig(stroke=None),
    )
    drawn = vl_convert.vegalite_to_svg(
        whole.to_json(), format_locale=_number_locale(formats)
    )
    # The page gives the width; a chart keeps its shape.
    return re.sub(r'(<svg[^>]*?) width="[^"]*" height="[^"]*"', r"\1", drawn, count=1)


def _number_locale(formats: Formats) -> dict[str, Any]:
    symbols = formats.locale.number_symbols["latn"]
    return {
        "decimal": symbols["decimal"],
        "thousands": symbols["group"],
        "grouping": [3],
        "currency": ["", ""],
    }


def _number(amount: Decimal | None) -> float | None:
    return None if amount is None else float(amount)
