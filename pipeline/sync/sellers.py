"""The sellers' own accounts: their site decides the day of a sale.

Not here: which sellers there are and with which token (`extraction/accounts.py`).
"""

from pipeline.extraction import sellers
from pipeline.extraction.by_id import Tally
from pipeline.landing import journal
from pipeline.mercadolibre.errors import MercadoLibreError
from pipeline.sync.loading import has_landed, load
from pipeline.sync.project import Project
from pipeline.sync.resources import permissions
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
                record = sellers.seller(
                    account.client, account.seller_id, run_id=run.id
                )
            except MercadoLibreError as error:
                tally.failed[str(account.seller_id)] = str(error)
            else:
                pages.add([record])
                tally.landed += 1
    for seller_id, reason in tally.failed.items():
        problem = f"seller {seller_id}: {reason}"
        if problem not in run.problems:
            run.problems.append(problem)
    return tally


def load_orders(project: Project) -> None:
    """Load orders that have landed, their sellers first."""
    if has_landed(project, "orders"):
        missing_sellers(project)
        load(project, ["sellers", "orders"])
