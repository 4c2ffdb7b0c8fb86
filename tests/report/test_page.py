"""The sales report: what the page says is what the marts hold, in three languages."""

import html
import re
import shutil
import subprocess
import tomllib
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from importlib import resources
from pathlib import Path

import msgspec
import polars as pl
import pytest
import time_machine
from babel import Locale

from pipeline.extraction.windows import Range
from pipeline.report import charts
from pipeline.report.figures import QUESTIONS, Figures, NoSuchMonth, figures
from pipeline.report.formats import LANGUAGES, Formats, language_of
from pipeline.report.page import page, words_of
from pipeline.sandbox.server.server import serve
from pipeline.sandbox.world.world import World
from pipeline.sites import GLOBAL_SELLING, SITES
from pipeline.tie_out.kept import KeptTieOut
from pipeline.warehouse.read import query
from tests.conftest import run_sync

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
OCTOBER = date(2026, 10, 1)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Seventy days of a Brazilian and a Chilean account, synced."""
    data_dir = tmp_path_factory.mktemp("report") / "data"
    world = World(orders=420, seed=3, now=NOW, days=70, sites=("MLB", "MLC"))
    span = Range(NOW - timedelta(days=71), NOW + timedelta(hours=1))
    with time_machine.travel(NOW), serve(world) as sandbox:
        _, ended = run_sync(sandbox, span, data_dir)
    assert ended.is_good, ended
    return data_dir


@pytest.fixture(scope="module")
def october(folder: Path) -> Figures:
    return figures(folder, OCTOBER)


@pytest.fixture(scope="module")
def said(october: Figures) -> dict[str, str]:
    """The page of October by language."""
    return {language: page(october, language) for language in LANGUAGES}


def cells(text: str, heading: str) -> list[list[str]]:
    """The rows of the first table below a heading, as text."""
    after = text[text.index(heading) :]
    table = after[after.index("<table>") : after.index("</table>")]
    table = re.sub(r'<small class="part">.*?</small>', "", table)
    return [
        [
            html.unescape(re.sub(r"<[^>]+>", "", cell)).strip()
            for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL)
        ]
        for row in re.findall(r"<tr[^>]*>(.*?)</tr>", table, re.DOTALL)
    ]


def amount(text: str) -> Decimal:
    """An amount as Portuguese writes it, read again."""
    return Decimal(text.replace(".", "").replace(",", ".").replace("−", "-"))


def section(text: str, currency: str) -> str:
    start = text.index(f'<section id="{currency}"')
    return text[start : text.index("</section>", start)]


def test_every_month_on_the_page_is_that_of_the_mart(
    folder: Path, said: dict[str, str]
) -> None:
    told = section(said["pt"], "BRL")
    rows = cells(told, "Mês a mês")[1:]
    held = query(
        folder,
        "select order_count, gross_sales_amount, net_sales_amount,"
        " estimated_proceeds_amount from marts.monthly_sales"
        " where currency_id = 'BRL' and month_start_date <= date '2026-10-01'"
        " order by month_start_date",
    ).rows()
    assert [(int(row[1]), *(amount(cell) for cell in row[2:])) for row in rows] == held
    assert len(held) >= 2


def test_the_cards_are_the_month_asked_for(folder: Path, said: dict[str, str]) -> None:
    told = section(said["pt"], "BRL")
    cards = [html.unescape(one) for one in re.findall(r"<b>(.*?)</b></li>", told)]
    (row,) = query(
        folder,
        "select gross_sales_amount, net_sales_amount, estimated_proceeds_amount,"
        " order_count, unit_count from marts.monthly_sales"
        " where currency_id = 'BRL' and month_start_date = date '2026-10-01'",
    ).rows()
    assert [amount(one) for one in cards] == list(row)


def test_the_way_of_the_money_adds_up_from_sum_to_sum(
    october: Figures, said: dict[str, str]
) -> None:
    for currency in october.currencies:
        told = section(said["pt"], currency)
        rows = [(name, amount(value)) for name, value in cells(told, "Para onde vai")]
        sums = {"Preço cheio", "Vendas brutas", "Vendas líquidas", "O que sobra"}
        at = None
        for name, value in rows:
            if name in sums:
                assert at in (None, value), name
                at = value
            else:
                assert at is not None
                at += value


def test_an_amount_of_a_currency_without_cents_shows_none(said: dict[str, str]) -> None:
    told = section(said["es"], "CLP")
    rows = cells(told, "Mes a mes")[1:]
    assert rows
    assert not any(re.search(r"[.,]\d\d$", cell) for row in rows for cell in row[2:])


def test_a_sites_country_is_the_one_that_its_host_is_of() -> None:
    named = Locale("en").territories
    for site in SITES.values():
        assert site.id == GLOBAL_SELLING or named[site.country_code] == site.country


def test_spanish_writes_numbers_as_its_country_does() -> None:
    amount = Decimal("1234.56")
    written = [Formats("es", site).plain(amount, "ARS") for site in ("MLA", "MLM")]
    assert written == ["1.234,56", "1,234.56"]


def test_every_figure_names_a_query_that_anybody_can_ask(
    folder: Path, october: Figures, said: dict[str, str]
) -> None:
    text = said["en"]
    asked = set(re.findall(r'href="#query-([a-z]+)"', text))
    assert asked == set(QUESTIONS)
    for name in QUESTIONS:
        shown = re.search(
            rf'id="query-{name}".*?<pre[^>]*>(.*?)</pre>', text, re.DOTALL
        )
        assert shown is not None
        sql = html.unescape(shown[1])
        assert query(folder, sql).equals(october.frames[name])


def test_the_page_needs_no_network_and_holds_no_script(said: dict[str, str]) -> None:
    text = said["es"]
    links = re.findall(r'(?:href|src|xlink:href)="([^"]*)"', text)
    assert all(link.startswith(("#", "data:")) for link in links)
    assert "<script" not in text
    assert "@import" not in text
    assert "url(" not in text.replace("url(#", "")


@pytest.mark.untraced
def test_a_title_cannot_become_markup(october: Figures) -> None:
    title = "<img src=x onerror=alert(1)>"
    items = october.frames["items"].with_columns(title=pl.lit(title))
    altered = replace(october, frames={**october.frames, "items": items})
    text = page(altered, "en")
    assert "<img" not in text
    assert html.escape(title) in text


@pytest.mark.untraced
def test_what_no_page_may_hold_is_replaced(october: Figures) -> None:
    title = pl.lit("A\x00\x1b[31m \U0001f600")
    items = october.frames["items"].with_columns(title=title)
    text = page(replace(october, frames={**october.frames, "items": items}), "en")
    assert "A\ufffd\ufffd[31m \U0001f600" in text
    assert not re.search(r"[\x00-\x08\x1b]", text)


def test_a_month_that_was_not_read_completely_is_said_on_top(
    folder: Path, october: Figures, said: dict[str, str]
) -> None:
    whole = said["en"]
    assert "No order is missing: read completely to" in whole
    running = page(figures(folder, None), "en")
    assert "The month is still open:" in running
    assert "same days" in running
    part = october.frames["trust"].with_columns(complete_day_count=pl.lit(29))
    half = replace(october, frames={**october.frames, "trust": part})
    assert "Beware: only 29 of 31 days" in page(half, "en")


def test_a_month_whose_reading_stopped_is_not_still_open(folder: Path) -> None:
    newest = figures(folder, None)
    late = newest.frames["trust"].with_columns(
        published_at=pl.col("complete_to") + timedelta(days=1, seconds=1)
    )
    stopped = replace(newest, frames={**newest.frames, "trust": late})
    assert "The month is still open" not in page(stopped, "en")
    assert '<p class="trust bad">' in page(stopped, "en")


def test_the_page_says_how_an_export_of_the_month_compared(
    october: Figures, said: dict[str, str]
) -> None:
    def at(month: int, day: int) -> datetime:
        return datetime(2026, month, day, 12, tzinfo=UTC)

    def page_with(*tie_outs: KeptTieOut) -> str:
        return page(replace(october, tie_outs=tie_outs), "en")

    good = KeptTieOut(
        at(11, 3), (700100200,), at(10, 1), at(10, 31), 60, 0, 0, 0, 0, {}
    )
    assert (
        "Tied to your export of 1 Oct 2026 to 31 Oct 2026 (700100200) on "
        "3 Nov 2026: 60 sales, difference 0.00." in page_with(good)
    )
    bad = msgspec.structs.replace(
        good,
        tied_at=at(11, 4),
        different_count=2,
        missing_here_count=1,
        differences={"BRL": Decimal("-12.30")},
    )
    text = page_with(good, bad)
    assert "of 60 sales 2 differ; 1 are missing here and 0 in the file" in text
    assert "difference in goods: −12.30 BRL." in text
    assert '<p class="trust bad">' in text
    unsaid = msgspec.structs.replace(
        good, tied_at=at(11, 5), silent_count=60, is_goods_compared=False
    )
    text = page_with(good, unsaid)
    assert "difference in goods: —. Of 60 sales the file says no amount." in text
    assert "Tied to your export" not in text
    of_another_month = msgspec.structs.replace(
        good, first_at=at(9, 1), last_at=at(9, 30)
    )
    for text in (page_with(of_another_month), said["en"]):
        assert "Not compared with an export of Mercado Libre yet" in text
        assert '<p class="trust good">' in text


def test_a_margin_is_told_where_costs_are_known(
    october: Figures, said: dict[str, str]
) -> None:
    assert "what goods cost has not been told" in section(said["en"], "BRL")
    margin = pl.DataFrame(
        {
            "currency_id": ["BRL"],
            "cost_amount": [Decimal("20.67")],
            "margin_amount": [Decimal("42.33")],
            "unknown_margin_count": [2],
        }
    )
    told = page(replace(october, frames={**october.frames, "margin": margin}), "en")
    assert (
        "The goods cost 20.67; margin: 42.33. "
        "Not counted: lines without a cost or a figure: 2." in section(told, "BRL")
    )


def test_a_sum_that_leaves_something_out_says_of_how_many(october: Figures) -> None:
    counts = {
        "months": ("unknown_refund_count", "unknown_proceeds_count"),
        "items": ("unknown_refund_count", "unknown_proceeds_count"),
        "shipping": ("unknown_shipping_count", "unknown_seller_shipping_count"),
        "losses": ("unknown_refund_count",),
        "payments": ("unknown_amount_count",),
    }
    frames = dict(october.frames)
    for name, columns in counts.items():
        frames[name] = frames[name].with_columns(
            pl.lit(7 + at, pl.Int64).alias(column) for at, column in enumerate(columns)
        )
    told = section(page(replace(october, frames=frames), "en"), "BRL")

    def marked(start: str, end: str) -> set[str]:
        part = told[told.index(start) :]
        return set(re.findall(r"(\d+) unknown<", part[: part.index(end)]))

    assert marked('<ul class="cards">', "</ul>") == {"7", "8"}
    assert marked("Month by month", "</table>") == {"7", "8"}
    assert marked("Listings that leave most", "</table>") == {"7", "8"}
    assert marked("Shipping by kind", "</table>") == {"7", "8"}
    assert marked("Cancellations and refunds", "</table>") == {"7"}
    assert marked("Payments and instalments", "</table>") == {"7"}


def test_what_was_lost_adds_up_to_the_whole_month(october: Figures) -> None:
    losses = pl.DataFrame(
        {
            "currency_id": ["BRL"] * 14,
            "outcome": ["cancelled"] * 14,
            "cancel_requested_by": ["buyer"] * 14,
            "cancel_code": [f"reason {at:02}" for at in range(14)],
            "order_count": [2] * 14,
            "lost_amount": [Decimal(f"{20 - at}.10") for at in range(13)] + [None],
            "unknown_refund_count": [0] * 13 + [2],
        }
    )
    told = page(replace(october, frames={**october.frames, "losses": losses}), "en")
    rows = cells(section(told, "BRL"), "Cancellations and refunds")[1:]
    assert rows[-1] == ["The others", "", "", "4", "8.10"]
    assert sum(int(row[3]) for row in rows) == 28
    assert sum(Decimal(row[4]) for row in rows) == losses["lost_amount"].sum()
    assert "8.10 <small" in told


def test_without_a_month_it_is_the_newest_with_sales(folder: Path) -> None:
    assert figures(folder, None).month == date(2026, 11, 1)


def test_a_month_without_sales_names_those_with(folder: Path) -> None:
    with pytest.raises(NoSuchMonth, match="sales go from 2026-09 to 2026-11"):
        figures(folder, date(2020, 1, 1))


def test_every_language_says_the_same_things() -> None:
    text = resources.files("pipeline.report").joinpath("words.toml").read_text("utf-8")
    words = tomllib.loads(text)
    for kind in (words, words["codes"]):
        known = {name: set(kind[name]) for name in LANGUAGES}
        assert known["es"] == known["pt"] == known["en"]
    fields = re.compile(r"\{(\w+)\}")
    for key, said in words["es"].items():
        wanted = sorted(fields.findall(said))
        assert sorted(fields.findall(words["pt"][key])) == wanted, key
        assert sorted(fields.findall(words["en"][key])) == wanted, key


def test_every_column_that_can_be_unknown_has_words(folder: Path) -> None:
    held = query(
        folder, "select distinct unnest(unknown_inputs) as name from marts.orders"
    )["name"].to_list()
    of_totals = {"shipping_amount", "taxes_amount"}
    assert {*held, *of_totals, "shipment_status"} <= set(words_of("es").codes)


def test_brazil_reads_portuguese_and_others_spanish() -> None:
    assert [language_of(site) for site in ("MLB", "MLM", "MLA")] == ["pt", "es", "es"]


def test_amounts_keep_their_last_digit_in_every_language() -> None:
    large = Decimal("9999999999999.99")
    assert [Formats(one, "MLM").plain(large, "BRL") for one in LANGUAGES] == [
        "9,999,999,999,999.99",
        "9.999.999.999.999,99",
        "9,999,999,999,999.99",
    ]
    assert Formats("pt", "MLB").amount(Decimal("-0.01"), "BRL") == "−0,01 BRL"
    assert Formats("pt", "MLB").amount(None, "BRL") == "—"


def test_charts_use_no_colour_that_the_dark_page_does_not_know(
    said: dict[str, str],
) -> None:
    text = said["en"]
    used = set(re.findall(r'(?:fill|stroke)="(#[0-9a-fA-F]{3,6})"', text))
    assert used <= {*charts.COLOURS.values(), "#000", "#000000"}


@pytest.fixture(scope="module")
def chromium() -> str:
    found = shutil.which("chromium")
    if found is None:
        pytest.skip("no Chromium here")
    return found


_MEASURE = """
<script>
addEventListener("load", () => {
  const wide = document.documentElement.scrollWidth > innerWidth;
  const told = (wide ? "overflows at " : "fits ") + innerWidth;
  parent.postMessage(told, "*");
});
</script>
"""
_FRAME = """
<script>addEventListener("message", (told) => (document.title = told.data));</script>
<body style="margin: 0"><iframe src="page.html" style="width: {width}px; border: 0">
"""
"""No window of Chromium is as narrow as a phone; a frame is."""


@pytest.mark.parametrize("width", [360, 1280])
def test_nothing_overflows_and_the_browser_complains_of_nothing(
    said: dict[str, str], chromium: str, tmp_path: Path, width: int
) -> None:
    target = tmp_path / "page.html"
    target.write_text(said["es"] + _MEASURE, encoding="utf-8")
    frame = tmp_path / "frame.html"
    frame.write_text(_FRAME.format(width=width), encoding="utf-8")
    done = subprocess.run(
        [
            chromium,
            *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic"),
            *("--no-first-run", "--disable-background-networking"),
            *("--disable-component-update", "--disable-sync"),
            *(f"--user-data-dir={tmp_path / 'profile'}", "--window-size=1300,900"),
            *("--enable-logging=stderr", "--dump-dom", frame.as_uri()),
        ],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    title = re.search(r"<title>(.*?)</title>", done.stdout)
    assert title is not None
    assert title[1] == f"fits {width}"
    assert "CONSOLE" not in done.stderr


def test_a_logistic_type_is_called_as_in_the_warehouse(
    folder: Path, october: Figures, said: dict[str, str]
) -> None:
    held = query(folder, "select logistic_type, name_pt from core.logistic_types")
    names = dict(held.rows()) | {"unknown": "sem dado", "no_shipment": "sem envio"}
    types = october.of("shipping", "BRL")["logistic_type"].to_list()
    told = cells(section(said["pt"], "BRL"), "Envios por tipo")[1:]
    assert [row[0] for row in told] == [names[one] for one in types]
    assert "Full" in names.values()
    assert len(types) >= 2
