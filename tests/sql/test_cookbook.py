"""The cookbook: every file runs as it is, and its answer is right by another way.

What an order came to is the oracle's, read from the sandbox and not from a mart; its
lines, buyers, payments and shipments are those of `core`. Only which days were read is
asked of `marts.day_completeness`.
"""

import re
import shutil
from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import combinations, pairwise
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest
import sqlglot
from sqlglot import exp
from typer.testing import CliRunner

from pipeline.cli.main import app
from pipeline.extraction.windows import Range
from pipeline.sandbox.server.server import serve
from pipeline.sandbox.world.world import World
from pipeline.sql import folder
from pipeline.warehouse import header
from pipeline.warehouse.publish import LINK_NAME
from pipeline.warehouse.read import query
from tests.conftest import TODAY, run_sync
from tests.oracle import Expected, Oracle
from tests.oracle_money import ZERO, cut, rounded, total
from tests.oracle_sums import Sums

pytestmark = pytest.mark.untraced

COOKBOOK = folder() / "cookbook"
FILES = sorted(COOKBOOK.glob("*.sql"))
LANGUAGES = ("es", "pt", "en")
DEMANDED = ("grain", "key", "reads", *(f"question_{one}" for one in LANGUAGES))

NOW = TODAY.replace(minute=0)
YESTERDAY = date(2026, 11, 25)  # in Brazil, Mexico and Chile alike at that hour
NOVEMBER, OCTOBER = date(2026, 11, 1), date(2026, 10, 1)

Row = dict[str, Any]


@dataclass(frozen=True)
class Shop:
    """A synced data folder; what its orders came to by the oracle; its core tables."""

    folder: Path
    oracle: Oracle
    sums: Sums
    core: dict[str, list[Row]]

    @property
    def gross(self) -> list[Expected]:
        return [one for one in self.sums.orders.values() if one.is_gross_sale]

    @property
    def sales(self) -> list[Expected]:
        return [one for one in self.gross if one.is_sale]

    def lines(self, orders: Iterable[Expected]) -> list[tuple[Expected, Row]]:
        """The lines of orders, as `core.order_items` has them."""
        held = defaultdict(list)
        for line in self.core["order_items"]:
            held[line["order_id"]].append(line)
        return [(one, line) for one in orders for line in held[one.order_id]]

    def parts(self, one: Expected, amount: Decimal | None) -> dict[int, Decimal] | None:
        """An amount of an order, cut over its lines; null where it is unknown."""
        if amount is None:
            return None
        return cut(amount, self.sums.lines(one.order_id), one.currency_id)

    def sent(self, one: Expected) -> Row:
        """The order as `core.orders` has it."""
        [row] = [row for row in self.core["orders"] if row["order_id"] == one.order_id]
        return row

    def shipment(self, one: Expected) -> Row:
        """Its shipment as `core.shipments` has it; nothing where there is none."""
        found = (
            row
            for row in self.core["shipments"]
            if row["shipment_id"] == one.shipment_id
        )
        return next(found, {})

    def complete_days(self) -> dict[int, set[date]]:
        found = defaultdict(set)
        for row in query(self.folder, "from marts.day_completeness").to_dicts():
            if row["is_complete"]:
                found[row["seller_id"]].add(row["calendar_date"])
        return found

    def rows(self, name: str) -> pl.DataFrame:
        """What `meli-sales query --file` answers to a file of the cookbook."""
        output = self.folder.parent / f"{name}.parquet"
        if not output.exists():
            words = ["query", "--file", str(COOKBOOK / f"{name}.sql")]
            ended = CliRunner().invoke(
                app,
                [*words, "--output", str(output)],
                env={"MELI_DATA_DIR": str(self.folder)},
            )
            assert ended.exit_code == 0, ended.output
        return pl.read_parquet(output)

    def answer(self, name: str, *columns: str) -> dict[Any, Any]:
        """Some columns of every row, by the key that its header names."""
        key = [one.rstrip("?") for one in header.names(fields(name)["key"])]
        return {
            tuple(row[one] for one in key): tuple(row[one] for one in columns)
            for row in self.rows(name).to_dicts()
        }


def fields(name: str) -> dict[str, str]:
    return header.read(COOKBOOK / f"{name}.sql", DEMANDED).fields


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """Seventy days of a Brazilian, a Mexican and a Chilean seller, synced."""
    data_dir = tmp_path_factory.mktemp("cookbook") / "data"
    world = World(orders=300, seed=5, now=NOW, days=70, sites=("MLB", "MLM", "MLC"))
    span = Range(NOW - timedelta(days=71), NOW + timedelta(hours=1))
    with serve(world) as sandbox:
        _, ended = run_sync(sandbox, span, data_dir, reporting_currency="USD")
    assert ended.is_good, ended
    oracle = Oracle(world, reporting="USD")
    core = {
        name: query(data_dir, f"from core.{name} order by all").to_dicts()
        for name in ("orders", "order_items", "shipments")
    }
    return Shop(data_dir, oracle, Sums(oracle, "USD"), core)


def grouped(
    things: Iterable[Any], key: Callable[[Any], Hashable]
) -> dict[Any, list[Any]]:
    found = defaultdict(list)
    for one in things:
        found[key(one)].append(one)
    return found


def month(one: Expected) -> date:
    assert one.sold_date is not None
    return one.sold_date.replace(day=1)


def goods(orders: Iterable[Expected]) -> Decimal:
    return total(one.total_amount for one in orders)


def net(orders: Iterable[Expected]) -> Decimal:
    """Goods of the sales less what was given back; nothing where that is unknown."""
    sales = [one for one in orders if one.is_sale]
    return goods(sales) - total(one.refunded_amount for one in sales)


def proceeds(orders: Iterable[Expected]) -> Decimal:
    return total(one.estimated_proceeds_amount for one in orders)


def ratio(part: Decimal | int, whole: Decimal | int) -> float | None:
    return float(part) / float(whole) if whole else None


# --- every file ---


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_header_says_what_is_asked_read_and_answered(path: Path) -> None:
    found = header.read(path, DEMANDED)
    assert len({found.fields[f"question_{one}"] for one in LANGUAGES}) == 3
    assert any(line.startswith("Beware: ") for line in found.words)
    statement = sqlglot.parse_one(found.body, dialect="duckdb")
    assert isinstance(statement, exp.Select)
    read = {f"{one.db}.{one.name}" for one in statement.find_all(exp.Table) if one.db}
    assert sorted(read) == sorted(header.names(found.fields["reads"]))
    assert statement.args["order"]
    assert all(
        isinstance(star.parent, exp.Count) for star in statement.find_all(exp.Star)
    )


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_file_runs_as_it_is_and_gives_what_its_header_names(
    path: Path, shop: Shop
) -> None:
    rows = shop.rows(path.stem)
    found = header.read(path, DEMANDED)
    assert rows.height > 0
    assert rows.columns == [one.name for one in found.columns]
    key = header.names(found.fields["key"])
    assert rows.select(one.rstrip("?") for one in key).is_unique().all()
    assert rows.select(one for one in key if not one.endswith("?")).null_count().row(
        0
    ) == tuple(0 for one in key if not one.endswith("?"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_money_is_exact_and_stands_beside_its_currency(path: Path, shop: Shop) -> None:
    rows = shop.rows(path.stem)
    for name, kind in rows.schema.items():
        if name.endswith(("_amount", "_price", "_amount_to_date")):
            assert kind == pl.Decimal(18, 2), name
            assert {"currency_id", "reporting_currency_id"} & set(rows.columns)
        elif name.endswith(("_share", "_rate", "_ratio", "_per_day")):
            assert kind == pl.Float64, name
        elif name.endswith("_count"):
            assert kind == pl.Int64, name
        elif name.startswith(("is_", "has_")):
            assert kind == pl.Boolean, name
            assert rows[name].null_count() == 0, name


def test_the_list_of_questions_is_that_of_the_files() -> None:
    text = (COOKBOOK / "README.md").read_text(encoding="utf-8")
    listed = re.findall(
        r"^\| (.+) \| (.+) \| (.+) \| \[`(\w+)`\]\(\4\.sql\) \|$", text, re.M
    )
    assert sorted(listed) == sorted(
        (*(fields(path.stem)[f"question_{one}"] for one in LANGUAGES), path.stem)
        for path in FILES
    )


# --- days and months ---


def test_yesterday_is_what_closed_on_the_day_before(shop: Shop) -> None:
    markets = grouped(
        shop.gross, lambda one: (one.seller_id, one.site_id, one.currency_id)
    )
    columns = ("sold_date", "order_count", "gross_sales_amount", "net_sales_amount")
    expected = {}
    for market, orders in markets.items():
        sold = [one for one in orders if one.sold_date == YESTERDAY]
        expected[market] = (
            *(YESTERDAY, len(sold), goods(sold), net(sold), proceeds(sold)),
            True,
        )
    found = shop.answer(
        "sales_yesterday", *columns, "estimated_proceeds_amount", "is_read_completely"
    )
    assert found == expected
    # A day without a sale is a row of zeros, not a row less.
    assert any(row[1] == 0 for row in found.values())


@pytest.mark.parametrize(
    ("published_at", "brazil", "mexico", "from_abroad"),
    [
        ("2026-11-26 02:30:00+00", 24, 24, 25),  # 23:30, 20:30, 02:30
        ("2026-11-26 04:30:00+00", 25, 24, 25),  # 01:30, 22:30, 04:30
        ("2026-11-26 06:30:00+00", 25, 25, 25),  # 03:30, 00:30, 06:30
    ],
)
def test_yesterday_is_that_of_the_sellers_clock(
    shop: Shop,
    tmp_path: Path,
    published_at: str,
    brazil: int,
    mexico: int,
    from_abroad: int,
) -> None:
    copy = tmp_path / LINK_NAME
    shutil.copyfile(shop.folder / LINK_NAME, copy)
    copy.chmod(0o600)
    text = (COOKBOOK / "sales_yesterday.sql").read_text(encoding="utf-8")
    with duckdb.connect(str(copy)) as connection:
        connection.execute("update ops.published set published_at = $1", [published_at])
        # The Chilean seller turned into one of Global Selling, whose clock is UTC.
        connection.execute(
            "update core.sellers set site_id = 'CBT' where site_id = 'MLC'"
        )
        rows = connection.sql(text).project("site_id, day(sold_date)").fetchall()
    assert dict(rows) == {
        "MLB": brazil,
        "MLM": mexico,
        "MLC": from_abroad,
    }


def test_the_running_month_is_compared_with_the_same_days(shop: Shop) -> None:
    def up_to_25(orders: list[Expected], start: date) -> Decimal:
        return goods(
            one
            for one in orders
            if one.sold_date is not None
            and start <= one.sold_date <= start.replace(day=25)
        )

    markets = grouped(
        shop.gross, lambda one: (one.seller_id, one.site_id, one.currency_id)
    )
    expected = {}
    for market, orders in markets.items():
        now, before = up_to_25(orders, NOVEMBER), up_to_25(orders, OCTOBER)
        growth = pytest.approx(float(now / before - 1))
        expected[market] = (NOVEMBER, now, before, growth, None, None)
    assert expected == shop.answer(
        "month_to_date",
        "month_start_date",
        "gross_sales_amount_to_date",
        "month_before_gross_sales_amount_to_date",
        "month_over_month_ratio",
        "year_before_gross_sales_amount_to_date",
        "year_over_year_ratio",
    )


def by_month(orders: Iterable[Expected]) -> dict[Any, list[Expected]]:
    return grouped(
        orders, lambda one: (one.seller_id, one.site_id, month(one), one.currency_id)
    )


def test_what_is_left_adds_up_step_by_step(shop: Shop) -> None:
    expected = {}
    for key, orders in by_month(shop.gross).items():
        sold = [one for one in orders if one.is_sale]
        lost = [one for one in orders if not one.is_sale]
        refunded = total(one.refunded_amount for one in sold)
        kept = goods(orders) - goods(lost) - refunded
        unknown = sum(one.estimated_proceeds_amount is None for one in orders)
        expected[key] = (
            goods(orders),
            goods(lost),
            refunded,
            kept,
            total(one.sale_fee_amount for one in sold)
            - total(one.sale_fee_returned_amount for one in sold),
            # An order that is no sale leaves what its shipment cost, if it travelled.
            total(one.seller_shipping_amount for one in sold) - proceeds(lost),
            total(one.shipping_income_amount for one in sold)
            + total(one.seller_compensation_amount for one in sold),
            total(one.seller_coupon_amount for one in sold),
            proceeds(orders),
            None if unknown else pytest.approx(ratio(proceeds(orders), kept)),
            unknown,
            month(orders[0]) == OCTOBER,
        )
    columns = shop.rows("what_is_left").columns[4:]
    found = shop.answer("what_is_left", *columns)
    assert found == expected
    whole = [
        row
        for row in found.values()
        if row[columns.index("unknown_proceeds_count")] == 0
    ]
    assert whole
    for row in whole:
        _, _, _, kept, fee, cost, income, coupons, left, *_ = row
        assert kept - fee - cost + income - coupons == left


def test_a_month_is_closed_when_all_is_read_and_known(shop: Shop) -> None:
    expected = {}
    complete = shop.complete_days()
    for key, orders in by_month(shop.gross).items():
        seller, _, start, _ = key
        after = (start + timedelta(days=31)).replace(day=1)
        days = {start + timedelta(days=n) for n in range((after - start).days)}
        incomplete = len(days - complete[seller])
        sold = [one for one in orders if one.is_sale]
        unknown = (
            sum(one.total_amount_with_shipping is None for one in sold),
            sum(one.refunded_amount is None for one in sold),
            sum(one.estimated_proceeds_amount is None for one in orders),
        )
        left_after = goods(sold) - total(one.refunded_amount for one in sold)
        expected[key] = (
            *(goods(orders), left_after, proceeds(orders), incomplete, 0, *unknown),
            *(incomplete == 0, incomplete == 0 and not any(unknown)),
        )
    assert expected == shop.answer("month_close", *shop.rows("month_close").columns[4:])
    assert {row[-2:] for row in expected.values()} >= {(True, True), (False, False)}


def test_months_of_all_sellers_are_in_one_currency(shop: Shop) -> None:
    def in_dollars(amount: Decimal, currency: str) -> Decimal:
        found = shop.oracle.convert(amount, currency, "USD")
        assert found is not None
        return found

    expected = {
        (start, "USD"): (
            len(orders),
            total(in_dollars(one.total_amount, one.currency_id) for one in orders),
            total(in_dollars(net([one]), one.currency_id) for one in orders),
            total(one.estimated_proceeds_amount_reporting for one in orders),
            0,
            start == OCTOBER,
        )
        for start, orders in grouped(shop.gross, month).items()
    }
    assert expected == shop.answer(
        "totals_in_one_currency",
        "order_count",
        "gross_sales_amount",
        "net_sales_amount",
        "estimated_proceeds_amount",
        "unknown_reporting_count",
        "is_read_completely",
    )


def test_a_day_without_a_sale_is_named_up_to_the_last_day_read(shop: Shop) -> None:
    expected = {}
    for seller, orders in grouped(shop.gross, lambda one: one.seller_id).items():
        sold = {one.sold_date for one in orders}
        complete = shop.complete_days()[seller]
        day = min(sold)
        while day <= max(complete):
            if day not in sold:
                expected[seller, day] = (day in complete,)
            day += timedelta(days=1)
    found = shop.answer("days_without_a_sale", "is_read_completely")
    assert found == expected
    # The Chilean seller's last sale is older than the last day: those days count, too.
    last = {
        one.seller_id: one.sold_date
        for one in sorted(shop.gross, key=lambda one: one.sold_date or date.min)
    }
    assert any(day > last[seller] for seller, day in found)


def test_freshness_is_that_of_the_publication(shop: Shop) -> None:
    [published] = query(shop.folder, "from ops.published").to_dicts()
    expected = {}
    for seller, complete in shop.complete_days().items():
        first = date(2026, 9, 1)
        days = {first + timedelta(days=n) for n in range((YESTERDAY - first).days)}
        gaps = days - complete
        expected[seller,] = (
            *(published["published_at"], NOW, YESTERDAY, min(gaps), len(gaps), 0, 0),
        )
    assert expected == shop.answer("freshness", *shop.rows("freshness").columns[1:])


# --- listings and carts ---


def test_classes_go_by_the_share_of_gross_sales(shop: Shop) -> None:
    expected = {}
    accounts = grouped(shop.sums.items().items(), lambda one: (one[0][0], one[0][2]))
    for listings in accounts.values():
        whole = sum(item.gross_sales_amount for _, item in listings)
        listings.sort(key=lambda one: (-one[1].gross_sales_amount, one[0][1]))
        before = ZERO
        for rank, (key, item) in enumerate(listings, start=1):
            # The listing that crosses a line belongs to the better class.
            share = Fraction(before) / Fraction(whole)
            expected[key] = (
                rank,
                "A"
                if share < Fraction(80, 100)
                else "B"
                if share < Fraction(95, 100)
                else "C",
                item.gross_sales_amount,
                pytest.approx(float((before + item.gross_sales_amount) / whole)),
                item.estimated_proceeds_amount,
            )
            before += item.gross_sales_amount
    assert expected == shop.answer(
        "abc_of_listings",
        "sales_rank",
        "abc_class",
        "gross_sales_amount",
        "cumulative_sales_share",
        "estimated_proceeds_amount",
    )
    assert {row[1] for row in expected.values()} == {"A", "B", "C"}


def test_shipping_is_set_against_the_goods_of_the_same_lines(shop: Shop) -> None:
    expected = {}
    lines = grouped(
        shop.lines(shop.sales),
        lambda one: (one[0].seller_id, one[1]["item_id"], one[0].currency_id),
    )
    for key, found in lines.items():
        units, sold, cost, unknown = 0, ZERO, ZERO, 0
        for one, line in found:
            parts = [
                shop.parts(one, amount)
                for amount in (
                    one.seller_shipping_amount,
                    one.seller_compensation_amount,
                    one.shipping_income_amount,
                )
            ]
            number = line["line_number"]
            if None in parts:
                unknown += 1
                continue
            paid, compensated, income = (part[number] for part in parts if part)
            units += line["quantity"]
            sold += shop.sums.lines(one.order_id)[number]
            cost += paid - compensated - income
        if cost > 0:
            share = pytest.approx(float(cost / sold))
            expected[key] = (units, sold, cost, share, unknown)
    assert expected == shop.answer(
        "listings_that_pay_for_shipping",
        "unit_count",
        "goods_amount",
        "shipping_cost_amount",
        "shipping_cost_share",
        "unknown_line_count",
    )


def carts(shop: Shop) -> dict[Any, list[tuple[Expected, Row]]]:
    """Lines of gross sales by seller, currency and cart."""
    return grouped(
        shop.lines(shop.gross),
        lambda one: (
            *(one[0].seller_id, one[0].currency_id),
            *(one[0].pack_id or -one[0].order_id,),
        ),
    )


def test_carts_are_counted_by_their_listings(shop: Shop) -> None:
    sizes = defaultdict(list)
    for (seller, currency, _), lines in carts(shop).items():
        listings = {line["item_id"] for _, line in lines}
        sizes[seller, currency, len(listings)].append(lines)
    all_carts = Counter((seller, currency) for seller, currency, _ in carts(shop))
    expected = {
        key: (
            len(found),
            sum(line["quantity"] for lines in found for _, line in lines),
            total(
                shop.sums.lines(one.order_id)[line["line_number"]]
                for lines in found
                for one, line in lines
            ),
            pytest.approx(len(found) / all_carts[key[:2]]),
        )
        for key, found in sizes.items()
    }
    assert expected == shop.answer(
        "carts_with_several_listings",
        "cart_count",
        "unit_count",
        "goods_amount",
        "cart_share",
    )
    assert any(listings > 1 for _, _, listings in expected)


def test_pairs_of_a_cart_are_counted_once(shop: Shop) -> None:
    pairs = Counter(
        (seller, *pair)
        for (seller, *_), lines in carts(shop).items()
        for pair in combinations(sorted({line["item_id"] for _, line in lines}), 2)
    )
    found = shop.answer("bought_together", "cart_count")
    assert found == {key: (count,) for key, count in pairs.items()}


def test_what_comes_back_is_refunded_or_cancelled_after_it_was_paid(shop: Shop) -> None:
    came_back: dict[Any, Decimal] = defaultdict(lambda: ZERO)
    sold: dict[Any, Decimal] = defaultdict(lambda: ZERO)
    for one, line in shop.lines(shop.gross):
        key = (one.seller_id, line["item_id"], one.currency_id)
        number, of_lines = line["line_number"], shop.sums.lines(one.order_id)
        sold[key] += of_lines[number]
        is_paid = any(each.took_money for each in shop.oracle.payments[one.order_id])
        if one.is_sale:
            parts = shop.parts(one, one.refunded_amount)
            came_back[key] += parts[number] if parts else ZERO
        elif one.outcome == "cancelled" and is_paid:
            came_back[key] += of_lines[number]
    expected = {
        key: (sold[key], amount, pytest.approx(float(amount / sold[key])))
        for key, amount in came_back.items()
        if amount > 0
    }
    assert expected == shop.answer(
        "returns_by_listing", "gross_sales_amount", "returned_amount", "return_rate"
    )


def test_a_price_change_is_judged_by_fourteen_days_on_either_side(shop: Shop) -> None:
    listings = grouped(
        shop.lines(shop.gross),
        lambda one: (
            *(one[0].seller_id, one[1]["item_id"], one[1]["variation_id"]),
            one[0].currency_id,
        ),
    )
    complete = shop.complete_days()
    expected = {}
    for (seller, *_), lines in listings.items():
        lines.sort(
            key=lambda one: (
                *(shop.sent(one[0])["closed_at"], one[0].order_id),
                one[1]["line_number"],
            )
        )
        for (_, before), (one, line) in pairwise(lines):
            day = one.sold_date
            assert day is not None
            if before["unit_price"] == line["unit_price"]:
                continue
            if any(day + timedelta(n) not in complete[seller] for n in range(-14, 14)):
                continue
            units = Counter[bool]()
            for other, sold in lines:
                assert other.sold_date is not None
                if -14 <= (away := (other.sold_date - day).days) < 14:
                    units[away >= 0] += sold["quantity"]
            expected[one.order_id, line["line_number"]] = (
                *(day, before["unit_price"], line["unit_price"]),
                *(units[False], units[True]),
            )
    assert expected == shop.answer(
        "price_changes_and_sales",
        "changed_date",
        "previous_unit_price",
        "unit_price",
        "units_before_count",
        "units_after_count",
    )


def test_units_per_day_are_of_the_last_thirty_days_read(shop: Shop) -> None:
    first = YESTERDAY - timedelta(days=29)
    units = Counter[Any]()
    for one, line in shop.lines(shop.gross):
        if one.sold_date is not None and first <= one.sold_date <= YESTERDAY:
            key = (line["item_id"], line["variation_id"], line["seller_sku"])
            units[one.seller_id, *key] += line["quantity"]
    found = shop.answer("units_per_day", "unit_count", "day_count", "units_per_day")
    assert found == {key: (count, 30, count / 30) for key, count in units.items()}


# --- fees, shipping, places and hours ---


def test_fees_are_those_of_lines_whose_fee_is_known(shop: Shop) -> None:
    kinds = grouped(
        shop.lines(shop.sales),
        lambda one: (
            *(one[0].seller_id, one[0].currency_id, month(one[0])),
            one[1]["listing_type_id"] or "unknown",
        ),
    )
    expected = {}
    for key, lines in kinds.items():
        count, sold, fee, unknown = 0, ZERO, ZERO, 0
        for one, line in lines:
            number = line["line_number"]
            back = shop.parts(one, one.sale_fee_returned_amount)
            if one.sale_fee_amount is None or back is None:
                unknown += 1
                continue
            count += 1
            sold += shop.sums.lines(one.order_id)[number]
            sent = line["sale_fee_sent"] * line["quantity"]
            fee += rounded(sent, one.currency_id) - back[number]
        expected[key] = (count, sold, fee, pytest.approx(float(fee / sold)), unknown)
    assert expected == shop.answer(
        "fees_by_listing_type",
        "line_count",
        "goods_amount",
        "kept_fee_amount",
        "sale_fee_rate",
        "unknown_fee_count",
    )
    names = set(
        shop.rows("fees_by_listing_type")
        .select("listing_type_id", "name_es", "name_pt")
        .rows()
    )
    assert ("gold_special", "Clásica", "Clássico") in names


def test_sales_by_state_are_where_the_shipment_goes(shop: Shop) -> None:
    accounts = grouped(shop.gross, lambda one: (one.seller_id, one.currency_id))
    states = grouped(
        shop.gross,
        lambda one: (
            *(one.seller_id, one.currency_id),
            shop.shipment(one).get("state_id") or "unknown",
        ),
    )
    expected = {
        key: (
            len(orders),
            goods(orders),
            net(orders),
            sum(one.is_sale and one.refunded_amount is None for one in orders),
            pytest.approx(ratio(goods(orders), goods(accounts[key[:2]]))),
        )
        for key, orders in states.items()
    }
    assert expected == shop.answer(
        "sales_by_state", *shop.rows("sales_by_state").columns[4:]
    )


def test_sales_by_logistic_type_carry_its_names_and_costs(shop: Shop) -> None:
    def kind(one: Expected) -> str:
        found = shop.shipment(one)
        untold = "unknown" if one.shipping_amount is None else "no_shipment"
        return found.get("logistic_type") or found.get("logistic_mode") or untold

    kinds = grouped(shop.sales, lambda one: (one.seller_id, one.currency_id, kind(one)))
    expected = {
        key: (
            len(orders),
            goods(orders),
            total(one.shipping_amount for one in orders),
            total(one.seller_shipping_amount for one in orders),
            sum(one.shipping_amount is None for one in orders),
            sum(one.seller_shipping_amount is None for one in orders),
        )
        for key, orders in kinds.items()
    }
    assert expected == shop.answer(
        "sales_by_logistic_type", *shop.rows("sales_by_logistic_type").columns[6:]
    )
    names = set(
        shop.rows("sales_by_logistic_type").select("logistic_type", "name_es").rows()
    )
    assert {("fulfillment", "Full"), ("self_service", "Flex")} <= names
    assert ("no_shipment", None) in names


def test_hours_and_weekdays_are_those_of_the_sites_clock(shop: Shop) -> None:
    hours = grouped(
        shop.gross,
        lambda one: (
            *(one.seller_id, one.site_id, one.currency_id),
            *(one.sold_date.isoweekday(), one.sold_hour),
        ),
    )
    found = shop.answer(
        "sales_by_weekday_and_hour", "order_count", "gross_sales_amount"
    )
    assert found == {key: (len(orders), goods(orders)) for key, orders in hours.items()}


# --- buyers and payments ---


def test_a_buyer_is_new_once(shop: Shop) -> None:
    seen = set()
    is_new = {}
    for one in sorted(
        shop.gross, key=lambda one: (shop.sent(one)["closed_at"], one.order_id)
    ):
        buyer = shop.sent(one)["buyer_id"]
        is_new[one.order_id] = (
            None if buyer is None else (one.seller_id, buyer) not in seen
        )
        seen.add((one.seller_id, buyer))
    months = grouped(
        shop.gross, lambda one: (one.seller_id, month(one), one.currency_id)
    )
    expected = {}
    for key, orders in months.items():
        kinds = grouped(orders, lambda one: is_new[one.order_id])
        new, again, unknown = kinds[True], kinds[False], kinds[None]
        expected[key] = (
            *(len(new), len(again), len(unknown), goods(new), goods(again)),
            pytest.approx(len(again) / (len(new) + len(again))),
        )
    assert expected == shop.answer(
        "new_and_repeat_buyers", *shop.rows("new_and_repeat_buyers").columns[3:]
    )


def test_the_best_buyers_are_ranked_by_what_they_kept(shop: Shop) -> None:
    buyers = grouped(
        shop.gross,
        lambda one: (one.seller_id, one.currency_id, shop.sent(one)["buyer_id"]),
    )
    known = [(key, orders) for key, orders in buyers.items() if key[2] is not None]
    expected = {}
    for account, found in grouped(known, lambda one: one[0][:2]).items():
        found.sort(key=lambda one: (-net(one[1]), one[0][2]))
        for place, ((*_, buyer), orders) in enumerate(found[:20], start=1):
            expected[*account, place] = (
                *(buyer, len(orders), sum(one.is_sale for one in orders)),
                *(net(orders), proceeds(orders)),
                min(one.sold_date for one in orders),
                max(one.sold_date for one in orders),
            )
    assert expected == shop.answer("top_buyers", *shop.rows("top_buyers").columns[3:10])


def test_instalments_are_those_of_the_payments(shop: Shop) -> None:
    payments = [
        (one, each)
        for one in shop.sums.orders.values()
        if one.outcome != "test"
        for each in shop.oracle.payments[one.order_id]
    ]
    terms = grouped(
        payments,
        lambda one: (
            *(one[0].seller_id, one[0].currency_id),
            one[1].payment.get("installments") or 1,
        ),
    )
    taken = {
        key: total(each.taken for _, each in found) for key, found in terms.items()
    }
    whole: dict[Any, Decimal] = defaultdict(lambda: ZERO)
    for key, amount in taken.items():
        whole[key[:2]] += amount
    expected = {
        key: (
            len(found),
            sum(each.took_money for _, each in found),
            taken[key],
            pytest.approx(ratio(taken[key], whole[key[:2]])),
            ratio(
                sum(each.took_money for _, each in found),
                sum(
                    each.payment["status"]
                    not in ("pending", "in_process", "authorized")
                    for _, each in found
                ),
            ),
        )
        for key, found in terms.items()
    }
    assert expected == shop.answer("instalments", *shop.rows("instalments").columns[3:])


def test_a_coupon_is_the_sellers_mercado_libres_or_unknown(shop: Shop) -> None:
    with_coupon = [one for one in shop.sales if one.coupon_amount]
    months = grouped(
        with_coupon, lambda one: (one.seller_id, one.currency_id, month(one))
    )
    expected = {}
    for key, orders in months.items():
        told = [one for one in orders if one.seller_coupon_amount is not None]
        own = total(one.seller_coupon_amount for one in told)
        unknown = [one for one in orders if one not in told]
        expected[key] = (
            len(orders),
            total(one.coupon_amount for one in orders),
            own,
            total(one.coupon_amount for one in told) - own,
            total(one.coupon_amount for one in unknown),
            len(unknown),
        )
    found = shop.answer(
        "coupons_and_who_pays", *shop.rows("coupons_and_who_pays").columns[3:]
    )
    assert found == expected
    assert all(
        all_of_it == own + covered + unknown
        for _, all_of_it, own, covered, unknown, _ in found.values()
    )


# --- what went wrong ---


def test_cancellations_have_the_reason_that_the_order_tells(shop: Shop) -> None:
    reasons = grouped(
        (one for one in shop.gross if one.outcome == "cancelled"),
        lambda one: (
            *(one.seller_id, one.currency_id, month(one)),
            *(
                shop.sent(one)[name] or "unknown"
                for name in ("cancel_group", "cancel_code", "cancel_requested_by")
            ),
        ),
    )
    months = Counter((one.seller_id, one.currency_id, month(one)) for one in shop.gross)
    found = shop.answer(
        "cancellations_by_reason", "order_count", "cancelled_amount", "order_share"
    )
    assert found == {
        key: (
            *(len(orders), goods(orders)),
            pytest.approx(len(orders) / months[key[:3]]),
        )
        for key, orders in reasons.items()
    }


def test_orders_that_may_still_be_paid_are_named(shop: Shop) -> None:
    [published] = query(shop.folder, "from ops.published").to_dicts()
    found = shop.answer(
        "orders_awaiting_payment",
        *("seller_id", "outcome", "total_amount", "expires_at", "is_expired"),
    )
    assert found == {
        (one.order_id,): (
            *(one.seller_id, one.outcome, one.total_amount, one.expires_at),
            one.expires_at is not None and one.expires_at < published["published_at"],
        )
        for one in shop.sums.orders.values()
        if one.is_awaiting_payment
    }


def test_a_late_sale_came_after_the_last_day_promised_or_is_overdue(shop: Shop) -> None:
    [published] = query(shop.folder, "from ops.published").to_dicts()
    agreed_or_over = ("cancelled", "not_delivered", "to_be_agreed")
    expected = {}
    for one in shop.sales:
        found = shop.shipment(one)
        promised = found.get("promised_until_at")
        status = found.get("shipment_status")
        if promised is None or status in agreed_or_over:
            continue
        # The sandbox promises the fourth day to the seventh.
        assert promised - found["estimated_delivery_at"] == timedelta(days=4)
        is_there = status == "delivered"
        until = found["updated_at"] if is_there else published["published_at"]
        if until >= promised:
            expected[one.order_id,] = (
                *(found["shipment_id"], promised, until if is_there else None),
                *(not is_there, (until - promised) // timedelta(hours=1)),
            )
    found_rows = shop.answer(
        "late_deliveries",
        "shipment_id",
        "promised_until_at",
        "delivered_at",
        "is_overdue",
        "hours_late",
    )
    assert found_rows == expected
    assert {row[3] for row in expected.values()} == {True, False}


def test_an_order_with_an_unknown_amount_says_which(shop: Shop) -> None:
    rows = shop.answer(
        "orders_with_unknown_amounts",
        *("sold_date", "completeness", "unknown_inputs", "total_amount"),
    )
    found = {key: (*row[:2], frozenset(row[2]), row[3]) for key, row in rows.items()}
    assert found == {
        (one.order_id,): (
            *(one.sold_date, one.completeness, one.unknown_inputs, one.total_amount),
        )
        for one in shop.gross
        if one.estimated_proceeds_amount is None
        or (one.is_sale and one.total_amount_with_shipping is None)
    }
    assert any(
        one.is_sale and one.estimated_proceeds_amount is not None
        for one in shop.gross
        if (one.order_id,) in found
    )
