"""The sellers' own accounts: their site decides the day of a sale.

Not here: which sellers there are and with which token (`extraction/accounts.py`).
"""

from pipeline.extraction.accounts import settled
from pipeline.extraction.by_id import Tally
from pipeline.landing import journal
from pipeline.mercadolibre.errors import MercadoLibreError
from pipeline.sync.loading import has_landed, load
from pipeline.sync.project import Project
from pipeline.sync.resources import permissions
from pipeline.sync.run import Run
from pipeline.warehouse.files import statement


def missing_sellers(project: Project) -> Tally:
    """Land the site of every seller whose account was not read yet.

    Without it the seller's sales may have no day, so a failure is a problem of the run.
    """
    load(project, ["sellers"])
    read = project.warehouse().execute(statement("loading/sellers_read")).fetchall()
    known = {seller_id for (seller_id,) in read}
    run, tally = project.run, Tally()
    with journal.opened(project.folder.landing, run.id, permissions()) as pages:
        for account in project.accounts():
            if account.seller_id in known:
                continue
            try:
                record = settled(account, run_id=run.id)
            except MercadoLibreError as error:
                tally.failed[str(account.seller_id)] = str(error)
                _note(run, account.seller_id, error)
            else:
                pages.add([record])
                tally.landed += 1
    return tally


def _note(run: Run, seller_id: int, error: MercadoLibreError) -> None:
    """Note why a seller cannot be read, unless it is known of another request."""
    who = f"seller {seller_id}: "
    cause = str(error).removeprefix(f"GET {error.path}: ")
    if not any(one.startswith(who) and one.endswith(cause) for one in run.problems):
        run.problems.append(f"{who}{error}")


def load_orders(project: Project) -> None:
    """Load orders that have landed, their sellers first."""
    if has_landed(project, "orders"):
        missing_sellers(project)
        load(project, ["sellers", "orders"])
