"""The commands about single amounts: where they come from, what they tie out to.

They are part of `main.py`'s application. Not here: what a command does; each calls the
module beside this one that is named after it.
"""

from pathlib import Path
from typing import Annotated, Literal

import typer

from pipeline.cli.given import read_settings

app = typer.Typer()


@app.command()
def explain(
    order_id: Annotated[int, typer.Argument(min=1, help="Number of the order.")],
    form: Annotated[Literal["table", "json"], typer.Option("--format")] = "table",
) -> None:
    """Show where each amount of one order comes from, landed file to total.

    Lines, payments, the shipment's cost and its parts, ratios, the ledger of net
    proceeds, and what changed when.
    """
    from pipeline.cli import explaining

    explaining.run(read_settings().data_dir, order_id, form)


@app.command()
def rates(
    file: Annotated[
        Path,
        typer.Argument(
            help="CSV with rate_date, from_currency_id, to_currency_id, ratio."
        ),
    ],
    keep_good: Annotated[
        bool,
        typer.Option("--keep-good", help="Load the other lines when some are refused."),
    ] = False,
) -> None:
    """Load exchange rates of days that the API has forgotten; sends no request.

    Amount in to_currency_id = amount in from_currency_id × ratio. The first ratio of a
    day and pair stands: a file never overwrites one. CSVs in the data folder's `rates/`
    are loaded by every sync likewise.
    """
    from pipeline.cli import rates as rating

    rating.run(read_settings(writes=True), file, keep_good=keep_good)


@app.command("tie-out")
def tie_out(
    file: Annotated[
        Path, typer.Argument(help="Sales export of Mercado Libre, saved as CSV.")
    ],
    column: Annotated[
        list[str] | None,
        typer.Option(
            help='A column\'s title in the file, as order_id="# de venta"; may be '
            "given several times. Else the usual Spanish, Portuguese or English ones."
        ),
    ] = None,
    output: Annotated[
        Path | None, typer.Option(help="Write everything that differs into this CSV.")
    ] = None,
) -> None:
    """Hold Mercado Libre's own sales export against the warehouse, order by order.

    Says which orders are missing on either side and which amounts differ by how many
    cents, with the likely reason. Exit code 0 when everything ties, else 1. The
    columns are told in docs/tie-out.md.
    """
    from pipeline.cli import tie_out as tying

    tying.run(read_settings().data_dir, file, column or (), output)
