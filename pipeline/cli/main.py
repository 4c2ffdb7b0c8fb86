"""The commands of meli-sales and their options, one function each.

Exit codes: 0 done, 1 it failed and says what to do, 2 wrong usage. Not here: what a
command does; each calls the module of this folder that is named after it.
"""

import gc
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from pipeline.cli import stopping, terminal, usage
from pipeline.cli.oneline import DISK_IS_FULL, is_full, read_settings

app = typer.Typer(
    name="meli-sales",
    cls=usage.Commands,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    rich_markup_mode=None,
)

LARGEST_ID = 2**63 - 1
"""A number of Mercado Libre's is a bigint."""

From = Annotated[
    str | None,
    typer.Option(
        "--from",
        metavar="TIME",
        help="Start, ISO 8601; UTC without offset. With --to alone: 12 months ago, as "
        "far back as Mercado Libre answers.",
    ),
]
To = Annotated[
    str | None,
    typer.Option("--to", metavar="TIME", help="End; now when only --from is given."),
]
Seller = Annotated[
    list[int] | None,
    typer.Option(
        "--seller",
        metavar="ID",
        min=1,
        max=LARGEST_ID,
        help="Only this seller; may be given several times.",
    ),
]
OrderOrPack = Annotated[
    int,
    typer.Argument(
        metavar="ID", min=1, max=LARGEST_ID, help="Number of an order, or of a pack."
    ),
]
KeepGood = Annotated[
    bool, typer.Option("--keep-good", help="Load the valid lines if others are not.")
]
AnyPort = Annotated[
    int, typer.Option(metavar="N", min=0, max=65_535, help="0: a free one.")
]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask whether to do it.")]


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"meli-sales {metadata.version('meli-sales')}")
        raise typer.Exit


@app.callback()
def meli_sales(
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_version, is_eager=True, help="Show the version."
        ),
    ] = False,
) -> None:
    """Mercado Libre orders in a DuckDB sales warehouse."""


@app.command()
def demo(
    orders: Annotated[
        int,
        typer.Option(
            metavar="N", min=1, max=50_000, help="Orders in the sandbox's year."
        ),
    ] = 2_000,
    data_dir: Annotated[
        Path,
        typer.Option(
            metavar="FOLDER", help="Where to write; an older demo there is replaced."
        ),
    ] = Path("data/demo"),
) -> None:
    """Sync a year of sandbox sales over real HTTP and print the figures.

    Example: meli-sales demo --orders 500 --data-dir /tmp/demo
    """
    from pipeline.cli import demo as demonstration

    demonstration.run(orders, data_dir)


@app.command()
def sync(start: From = None, end: To = None, seller: Seller = None) -> None:
    """Read orders, rebuild the tables, publish them.

    Without dates: what is due since the last proven hour, and every gap before it; the
    first time the 12 months that the API keeps. With dates, or one of them: that range
    of last-updated time, again, even if it is proven.

    Example: meli-sales sync --from 2026-10-01 --to 2026-11-01
    """
    from pipeline.cli import sync as syncing

    syncing.run_sync(
        read_settings(writes=True, **_only(seller)),
        syncing.span_of(start, end),
        listed=read_settings().seller_ids,
    )


@app.command()
def plan(start: From = None, end: To = None, seller: Seller = None) -> None:
    """Say what a sync would request and how long it takes; fetches no order.

    Takes the same options as sync. Packs and shipments are estimated from what is held
    already, or from the worst case. Writes nothing.

    Example: meli-sales plan --from 2026-10-01
    """
    from pipeline.cli import plan as planning
    from pipeline.cli import sync as syncing

    planning.run(read_settings(**_only(seller)), syncing.span_of(start, end))


@app.command()
def status(
    form: Annotated[Literal["table", "json"], typer.Option("--format")] = "table",
) -> None:
    """Say what is proven, missing and waiting, seller by seller; sends no request.

    Example: meli-sales status --format json
    """
    from pipeline.cli import status as showing

    showing.run(read_settings(), form)


@app.command()
def doctor(
    deep: Annotated[
        bool,
        typer.Option("--deep", help="Read every byte of what landed and was built."),
    ] = False,
) -> None:
    """Check settings, disk, clock, tokens, API and warehouse: a line each, with cure.

    Exit code 1 if anything keeps a sync from working.

    Example: meli-sales doctor --deep
    """
    from pipeline.cli import doctor as doctors

    doctors.run(is_deep=deep)


@app.command()
def alerts(
    action: Annotated[
        Literal["look", "test"],
        typer.Argument(
            metavar="look|test", help="Look and send what is new; or send a test."
        ),
    ] = "look",
) -> None:
    """Say what is an alert now, send what is new to MELI_ALERT_URLS, or a test.

    A sync does this by itself. Run it from cron beside the sync, so that one that never
    begins is noticed. Exit code 1 if an address does not take what is sent.

    Example: meli-sales alerts test
    """
    from pipeline.cli import alerts as alerting

    alerting.run(read_settings(writes=True), action)


@app.command()
def login(
    site: Annotated[
        str | None,
        typer.Option(
            metavar="SITE",
            help="Site of the account, such as MLA or MLB; else MELI_SITE.",
        ),
    ] = None,
    port: Annotated[
        int,
        typer.Option(
            metavar="N", min=0, max=65_535, help="Where the browser comes back to."
        ),
    ] = 8914,
    no_browser: Annotated[
        bool,
        typer.Option(
            "--no-browser", help="Open no browser here; paste the address instead."
        ),
    ] = False,
    redirect_uri: Annotated[
        str | None,
        typer.Option(
            metavar="TEXT",
            help="The redirect address as registered for the application, if it is "
            "another than https://localhost:PORT/callback.",
        ),
    ] = None,
) -> None:
    """Grant access to an account in the browser, and store its tokens.

    Needs MELI_CLIENT_ID and MELI_CLIENT_SECRET, in the environment or in a file .env:
    those of an application that you create at
    https://developers.mercadolibre.com.ar/devcenter. Mercado Libre registers https
    addresses only, which nothing on this machine answers: when the page does not load,
    copy its address from the browser and paste it here.

    Example: meli-sales login --site MLB
    """
    from pipeline.cli import login as logging_in

    logging_in.run(
        read_settings(writes=True),
        site=site,
        port=port,
        browser=not no_browser,
        redirect_uri=redirect_uri,
    )


@app.command()
def retry() -> None:
    """Read quarantined records again with today's code; sends no request.

    Example: meli-sales retry
    """
    from pipeline.cli import retry as retrying

    retrying.run(read_settings(writes=True))


@app.command()
def rebuild() -> None:
    """Rebuild every table from landed records; sends no request.

    Example: meli-sales rebuild
    """
    from pipeline.cli import sync as syncing

    syncing.run_rebuild(read_settings(writes=True))


@app.command()
def forget(
    buyer_id: Annotated[
        int,
        typer.Argument(
            metavar="BUYER_ID", min=1, max=LARGEST_ID, help="Number of the buyer."
        ),
    ],
    yes: Yes = False,
) -> None:
    """Remove a buyer everywhere, landed files included, and prove it.

    His orders stay in the books without him, and later syncs leave him out. Then reads
    every file in the data folder: exit code 1 if he is still in one. Sends no request;
    what it removes is listed in docs/privacy.md.

    Example: meli-sales forget 800300400
    """
    from pipeline.cli import forget as forgetting

    forgetting.run(read_settings(writes=True), buyer_id, yes=yes)


@app.command()
def pseudonymise(yes: Yes = False) -> None:
    """Put pseudonyms in the place of buyers, in all that has landed and from now on.

    For a folder that holds buyers already; a new one needs MELI_PSEUDONYMISE alone.
    There is no way back. Sends no request.

    Example: meli-sales pseudonymise --yes
    """
    from pipeline.cli import pseudonymise as pseudonymising

    pseudonymising.run(read_settings(writes=True), yes=yes)


@app.command()
def query(
    sql: Annotated[
        str | None,
        typer.Argument(
            metavar="SQL",
            help="One select; - or nothing reads it from standard input.",
        ),
    ] = None,
    file: Annotated[
        Path | None,
        typer.Option("--file", metavar="FILE", help="Read the select from this file."),
    ] = None,
    form: Annotated[
        Literal["table", "csv", "json", "parquet", "xlsx"], typer.Option("--format")
    ] = "table",
    output: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Write into this file instead of printing."),
    ] = None,
) -> None:
    """Run read-only SQL on the published warehouse, even while a sync runs.

    It reads the warehouse and nothing else, for 5 minutes and in 2 GB of memory at
    most.

    Example: meli-sales query "from marts.daily_sales limit 10"
    """
    from pipeline.cli import query as querying

    asked = querying.statement_of(sql, file)
    querying.run(read_settings().data_dir, asked, form, output)


@app.command()
def export(
    form: Annotated[
        Literal["xlsx", "parquet", "csv"], typer.Option("--format")
    ] = "xlsx",
    output: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="The workbook, or the folder of the other formats; else a name of its "
            "own, here.",
        ),
    ] = None,
) -> None:
    """Write every mart: a workbook with a sheet each, or a folder of files.

    In a workbook ids are texts, times are local, and the first sheet explains the
    others. CSV is for a spreadsheet in Spanish or Portuguese: semicolons, decimal
    commas. Sends no request.

    Example: meli-sales export --output sales.xlsx
    """
    from pipeline.cli import export as exporting

    exporting.run(read_settings().data_dir, form, output)


@app.command()
def tables(
    name: Annotated[
        str | None,
        typer.Argument(metavar="TABLE", help="A table, as in marts.orders or orders."),
    ] = None,
) -> None:
    """Every table with its sentence and rows; of one, its columns and their meaning.

    Example: meli-sales tables marts.orders
    """
    from pipeline.cli import tables as describing

    describing.run(read_settings().data_dir, name)


@app.command()
def report(
    month: Annotated[
        str | None,
        typer.Option(metavar="MONTH", help="As in 2026-11; by default the newest."),
    ] = None,
    language: Annotated[
        Literal["es", "pt", "en"] | None,
        typer.Option(help="By default that of the seller's site."),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="By default reports/ in the data folder."),
    ] = None,
) -> None:
    """Write the sales report of a month: one page that opens without a network.

    Example: meli-sales report --month 2026-10 --language es
    """
    from pipeline.cli import report as reporting

    reporting.run(read_settings().data_dir, month, language, output)


@app.command()
def sandbox(
    port: AnyPort = 8915,
    orders: Annotated[
        int, typer.Option(metavar="N", min=1, help="Orders in its year.")
    ] = 2_000,
    sellers: Annotated[int, typer.Option(metavar="N", min=1, max=99)] = 3,
    sites: Annotated[
        str,
        typer.Option(
            metavar="TEXT",
            help="A seller on each, as in MLB,MLM,CBT; instead of --sellers.",
        ),
    ] = "",
    seed: Annotated[
        int, typer.Option(metavar="N", help="Another seed, another world.")
    ] = 1,
    ends: Annotated[
        datetime | None,
        typer.Option(
            metavar="TIME",
            help="When its year ends, UTC; by default the last full hour.",
        ),
    ] = None,
    faults: Annotated[
        float,
        typer.Option(metavar="SHARE", min=0, max=1, help="Share of answers that fail."),
    ] = 0.0,
) -> None:
    """Serve the sandbox API alone: try an integration without credentials.

    Example: meli-sales sandbox --sites MLB,CBT --faults 0.05
    """
    from pipeline.cli import sandbox as serving

    serving.run(
        port=port,
        orders=orders,
        sellers=sellers,
        seed=seed,
        faults=faults,
        sites=tuple(filter(None, sites.upper().split(","))),
        ends=ends and ends.replace(tzinfo=UTC),
    )


@app.command()
def listen(
    port: AnyPort = 8916,
    host: Annotated[
        str,
        typer.Option(
            metavar="TEXT", help="Address to listen at; 0.0.0.0 for every one."
        ),
    ] = "127.0.0.1",
) -> None:
    """Receive Mercado Libre's notifications, beside any sync.

    Keeps what they point at for the next sync, or for `meli-sales ui`, which follows
    them within a minute. What has to stand before it is in docs/notifications.md.

    Example: meli-sales listen --port 8916
    """
    from pipeline.cli import listen as listening

    listening.run(read_settings(writes=True), host, port)


@app.command()
def ui(
    port: Annotated[int, typer.Option(metavar="N", min=1, max=65_535)] = 3000,
    host: Annotated[
        str,
        typer.Option(
            metavar="TEXT",
            help="Address to listen at; 0.0.0.0 in a container. It asks no password.",
        ),
    ] = "127.0.0.1",
) -> None:
    """Dagster's web UI on this project, with the hourly schedule.

    Answers requests to 127.0.0.1 and localhost only, by name; docs/deploy.md says how
    others reach it.

    Example: meli-sales ui --port 3000
    """
    from pipeline.cli import ui as web

    web.run(read_settings(writes=True).data_dir, host, port)


@app.command()
def explain(
    number: Annotated[
        int,
        typer.Argument(
            metavar="ORDER_ID",
            min=1,
            max=LARGEST_ID,
            help="Number of an order, or of a pack.",
        ),
    ],
    form: Annotated[Literal["table", "json"], typer.Option("--format")] = "table",
) -> None:
    """Show where each amount of an order comes from, or of each order of a pack.

    Lines, payments, the shipment's cost and its parts, ratios, the ledger of
    estimated proceeds, and what changed when.

    Example: meli-sales explain 2000020000000001
    """
    from pipeline.cli import explain as explaining

    explaining.run(read_settings().data_dir, number, form)


YesOrNo = Annotated[Literal["true", "false"] | None, typer.Option()]
Words = Annotated[
    str | None, typer.Option(metavar="TEXT", help="Several between commas.")
]
Moment = Annotated[
    str | None,
    typer.Option(
        metavar="TEXT",
        help="ISO 8601, UTC without offset; Mercado Libre cuts it to the hour.",
    ),
]


@app.command()
def orders(
    status: Words = None,
    tags: Words = None,
    tags_not: Words = None,
    q: Annotated[
        str | None,
        typer.Option(
            "--q",
            metavar="TEXT",
            help="Number of an order or item, title, or nickname of the buyer.",
        ),
    ] = None,
    item: Annotated[
        str | None, typer.Option(metavar="TEXT", help="Number of a listing.")
    ] = None,
    buyer: Annotated[
        int | None, typer.Option(metavar="N", min=1, help="Number of a buyer.")
    ] = None,
    created_from: Moment = None,
    created_to: Moment = None,
    closed_from: Moment = None,
    closed_to: Moment = None,
    updated_from: Moment = None,
    updated_to: Moment = None,
    mediations_stage: Words = None,
    mediations_status: Words = None,
    feedback_status: Words = None,
    feedback_sale_rating: Words = None,
    feedback_sale_fulfilled: YesOrNo = None,
    feedback_purchase_rating: Words = None,
    feedback_purchase_fulfilled: YesOrNo = None,
    recent: Annotated[
        bool, typer.Option("--recent", help="Those that may still be rated (legacy).")
    ] = False,
    archived: Annotated[
        bool, typer.Option("--archived", help="Those that are settled (legacy).")
    ] = False,
    pending: Annotated[
        bool, typer.Option("--pending", help="Those not paid yet (legacy).")
    ] = False,
    sort: Annotated[
        Literal["date_asc", "date_desc"], typer.Option(help="Oldest or newest first.")
    ] = "date_desc",
    offset: Annotated[
        int, typer.Option(metavar="N", min=0, max=9_999, help="Orders to skip.")
    ] = 0,
    limit: Annotated[
        int,
        typer.Option(
            metavar="N", min=1, max=10_000, help="The most orders to show, a seller."
        ),
    ] = 20,
    seller: Seller = None,
    form: Annotated[
        Literal["table", "csv", "json"], typer.Option("--format")
    ] = "table",
) -> None:
    """Show what a live search answers, with the filters that Mercado Libre documents.

    Lands nothing and works beside a sync. Names and the like are hidden. CSV has the
    columns of core.orders, JSON all that is told.
    Example: meli-sales orders --status paid --tags not_delivered --limit 5
    """
    from pipeline.cli import live
    from pipeline.extraction.live import Search

    filters = live.filters_of(
        {
            "order.status": status,
            "tags": tags,
            "tags.not": tags_not,
            "q": q,
            "item": item,
            "buyer": None if buyer is None else str(buyer),
            "mediations.stage": mediations_stage,
            "mediations.status": mediations_status,
            "feedback.status": feedback_status,
            "feedback.sale.rating": feedback_sale_rating,
            "feedback.sale.fulfilled": feedback_sale_fulfilled,
            "feedback.purchase.rating": feedback_purchase_rating,
            "feedback.purchase.fulfilled": feedback_purchase_fulfilled,
        },
        {
            "created": (created_from, created_to),
            "closed": (closed_from, closed_to),
            "updated": (updated_from, updated_to),
        },
    )
    variant = live.variant_of(
        {"recent": recent, "archived": archived, "pending": pending}
    )
    live.run_search(
        read_settings(**_only(seller)),
        Search(filters, variant, sort, offset, limit),
        form,
    )


@app.command()
def order(
    number: OrderOrPack,
    seller: Seller = None,
    form: Annotated[Literal["tree", "json"], typer.Option("--format")] = "tree",
) -> None:
    """Show all that the live API says of an order, beside what the warehouse holds.

    The order, its pack, shipment, costs, discounts and product, as a tree. Lands
    nothing and works beside a sync and without one. Names and the like are hidden.
    Example: meli-sales order 2000020000000001
    """
    from pipeline.cli import live

    live.run_order(read_settings(**_only(seller)), number, form)


@app.command()
def rates(
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE",
            help="CSV with rate_date, from_currency_id, to_currency_id, ratio.",
        ),
    ],
    keep_good: KeepGood = False,
) -> None:
    """Load exchange rates of days that the API has forgotten; sends no request.

    Amount in to_currency_id = amount in from_currency_id × ratio. The first ratio of a
    day and pair counts: a file never overwrites one. Every sync also loads the CSVs in
    the data folder's `rates/`.

    Example: meli-sales rates rates.csv
    """
    from pipeline.cli import own_file

    own_file.run(read_settings(writes=True), own_file.RATES, file, keep_good=keep_good)


@app.command()
def costs(
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE",
            help="CSV with seller_sku, valid_from, unit_cost, currency_id, and perhaps "
            "seller_id.",
        ),
    ],
    keep_good: KeepGood = False,
) -> None:
    """Load what goods cost the seller, for margins; sends no request.

    A cost holds from its day on, until the next one of the SKU. Of several files the
    last counts. A line without seller_id is about every seller that has no cost of its
    own for the SKU.

    Example: meli-sales costs costs.csv
    """
    from pipeline.cli import own_file

    own_file.run(read_settings(writes=True), own_file.COSTS, file, keep_good=keep_good)


@app.command("tie-out")
def tie_out(
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE", help="Sales export of Mercado Libre, xlsx or CSV."
        ),
    ],
    column: Annotated[
        list[str] | None,
        typer.Option(
            metavar="TEXT",
            help='A column\'s title in the file, as order_id="# de venta"; may be '
            "given several times. Else the usual Spanish, Portuguese or English ones.",
        ),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Write everything that differs into this CSV."
        ),
    ] = None,
) -> None:
    """Compare Mercado Libre's own sales export with the warehouse, order by order.

    Says which orders are missing on either side and which amounts differ by how many
    cents, with the likely reason. Exit code 0 if everything ties, else 1. The columns
    are described in docs/tie-out.md.

    Example: meli-sales tie-out sales.xlsx --output differences.csv
    """
    from pipeline.cli import tie_out as tying

    tying.run(read_settings().data_dir, file, column or (), output)


def _only(sellers: list[int] | None) -> dict[str, Any]:
    """The sellers named, if any, instead of all that the settings list.

    Raises:
        typer.BadParameter: one is not of those, if any are listed.
    """
    if not sellers:
        return {}
    listed = read_settings().seller_ids
    if listed and (others := sorted(set(sellers) - set(listed))):
        raise typer.BadParameter(
            f"{others[0]} is not in MELI_SELLER_IDS", param_hint="--seller"
        )
    return {"seller_ids": tuple(sellers)}


for _command in app.registered_commands:
    _command.cls = usage.Command


def run() -> None:
    """The entry point: Ctrl-C ends in one line."""
    # Imports make a million things that stay: a search for garbage finds none there.
    gc.set_threshold(100_000)
    try:
        app()
    except SystemExit as ended:
        if ended.code == stopping.INTERRUPTED:
            stopping.end()
        raise
    except OSError as error:  # of a command's output: of all else, commands tell
        if not is_full(str(error)):
            raise
        terminal.say(f"error: {DISK_IS_FULL}")
        raise SystemExit(1) from None


if __name__ == "__main__":
    run()
