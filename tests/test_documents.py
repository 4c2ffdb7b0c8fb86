"""The pages under docs/, and the modules, name only what is there."""

import re
from pathlib import Path

import pytest
import typer

from pipeline.cli.main import app
from pipeline.frames import payment_outcomes
from pipeline.inspection import dictionary
from pipeline.settings import Settings
from pipeline.tie_out.sales_export import COLUMNS, plain
from pipeline.warehouse.files import tables

DOCS = Path(__file__).parents[1] / "docs"
PACKAGE = DOCS.parent / "pipeline"
README = DOCS.parent / "README.md"
COMMAND = re.compile(r"^\| (`(?:[^|\\]|\\.)*) \|", re.MULTILINE)
"""A row of the table of commands."""
PAGES = [DOCS / "money.md", DOCS / "tie-out.md"]
NAME = re.compile(r"`([a-z]+(?:\.[a-z_]+)?(?:_[a-z_]+)*)`")
FILE = re.compile(r"`([A-Za-z0-9_./]*\w\.(?:py|sql|md))`")
# Words of the API, of a file or of a shell, that are no column of ours.
OTHERS = {
    *("paid", "taxes", "lead_time.cost", "inverse", "triangulate", "full_unit_price"),
    *("marketplace_fee", "unit_price", "source", "partially_refunded"),
    *("shipping_option.cost", "shipping_cost"),
    # Statuses and tags of an order.
    *("cancelled", "pending_cancel", "invalid", "confirmed", "manually_cancelled"),
    *("unfulfilled", "fraud_risk_detected"),
    # Words of a payment that no outcome is read from.
    *("status", "by_admin", "compensated", "reconciled"),
}
CODES = (
    ("marts.channel_sales", "channel"),
    ("marts.orders", "completeness"),
    ("marts.orders", "outcome"),
    ("marts.sale_events", "event"),
)


def known() -> set[str]:
    found = set(COLUMNS) | OTHERS
    for table in tables():
        found |= {table.name, table.qualified}
        found |= {column.name for column in table.columns}
    outcomes = payment_outcomes.frame()
    for name in ("payment_status", "status_detail", "outcome"):
        found |= set(outcomes[name])
    # Codes that a column may hold stand in its own words.
    for table_name, column_name in CODES:
        [table] = [one for one in tables() if one.qualified == table_name]
        [words] = [one for one in table.columns if one.name == column_name]
        found |= set(re.findall(r"[a-z_]+", words.description))
    return found


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_page_names_tables_columns_and_settings_that_are_there(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert set(NAME.findall(text)) <= known()
    settings = {f"MELI_{name.upper()}" for name in Settings.model_fields}
    assert set(re.findall(r"MELI_[A-Z_]+", text)) <= settings


def test_a_module_names_only_files_that_are_there() -> None:
    places = [PACKAGE, PACKAGE.parent, PACKAGE.parent / "sql"]
    absent = [
        (str(module.relative_to(PACKAGE)), name)
        for module in sorted(PACKAGE.rglob("*.py"))
        for name in FILE.findall(module.read_text(encoding="utf-8"))
        if not any((place / name).exists() for place in [module.parent, *places])
    ]
    assert absent == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_page_shows_commands_that_are_there(page: Path) -> None:
    commands = set(typer.main.get_command(app).commands)  # type: ignore[attr-defined] # a group
    shown = re.findall(r"meli-sales ([a-z-]+)", page.read_text(encoding="utf-8"))
    assert shown
    assert set(shown) <= commands


def test_the_page_on_tying_out_tells_every_column_and_title_as_it_is_known() -> None:
    text = (DOCS / "tie-out.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `([a-z_]+)`[^|]*\|([^|]*)\|([^|]*)\|([^|]*)\|", text, re.M)
    told = {
        name: [plain(title) for cell in cells for title in cell.split(",")]
        for name, *cells in rows
    }
    assert list(told) == list(COLUMNS)
    for name, titles in told.items():
        known_titles = {plain(title) for title in COLUMNS[name]}
        assert {title for title in titles if title} <= known_titles, name


def test_the_page_of_the_tables_is_what_the_headers_say() -> None:
    held = (DOCS / "tables.md").read_text(encoding="utf-8")
    assert held == dictionary.page(), "stale: run `make docs`"


def test_the_readme_has_a_row_for_every_command() -> None:
    rows = COMMAND.findall(README.read_text(encoding="utf-8"))
    told = {word for row in rows for word in re.findall(r"`([a-z-]+)", row)}
    commands = set(typer.main.get_command(app).commands)  # type: ignore[attr-defined] # a group
    assert told == commands


def test_the_page_of_settings_has_a_row_for_every_setting() -> None:
    text = (DOCS / "settings.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| ([^|]*) \|", text, re.M)
    told = [name for row in rows for name in re.findall(r"`(MELI_[A-Z_]+)`", row)]
    assert sorted(told) == sorted(
        f"MELI_{name.upper()}" for name in Settings.model_fields
    )


def test_the_readme_is_short_and_shows_a_picture_that_is_there() -> None:
    text = README.read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if not COMMAND.match(line)]
    assert len(lines) <= 130
    [picture] = re.findall(r"!\[[^]]*\]\(([^)]*)\)", text)
    assert (README.parent / picture).stat().st_size < 300_000


@pytest.mark.parametrize(
    "page", [README, *sorted(DOCS.glob("*.md"))], ids=lambda page: page.stem
)
def test_a_page_links_to_files_that_are_there(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    targets = re.findall(r"\]\((?!https?:|#)([^)#]+)", text)
    assert [one for one in targets if not (page.parent / one).exists()] == []
