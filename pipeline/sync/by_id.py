"""Asks the API by id for what the warehouse lacks and lands the answers.

Not here: searching orders by windows of time (`orders.py`), and which resources there
are (`resources.py`).
"""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC
from functools import partial
from typing import Any, TypeVar

from pipeline.extraction import by_id, envelope
from pipeline.extraction.accounts import Account
from pipeline.extraction.by_id import Ask, Tally
from pipeline.landing import files, journal
from pipeline.landing.record import Record
from pipeline.mercadolibre.errors import MercadoLibreError
from pipeline.sync import early, learning
from pipeline.sync.loading import load
from pipeline.sync.project import Project
from pipeline.sync.resources import RESOURCES, Resource, permissions
from pipeline.warehouse.ask import wanted

SELLERS_AT_ONCE = 8
"""The API counts requests by seller, so several do not slow each other down."""

Result = TypeVar("Result")


def for_each(
    project: Project,
    work: Callable[[Account], Result],
    at_once: int = SELLERS_AT_ONCE,
) -> list[tuple[Account, Result | MercadoLibreError]]:
    """Do work in the name of every account; results in the order of the accounts.

    A refusal to one seller is its result; the others are read all the same. Anything
    else stops them all at their next answer, Ctrl-C at once.
    """
    accounts = project.accounts()

    def done(account: Account) -> Result | MercadoLibreError:
        try:
            return work(account)
        except MercadoLibreError as refused:
            return refused

    with ThreadPoolExecutor(at_once, "seller") as pool:
        tasks = [pool.submit(done, account) for account in accounts]
        try:
            return [
                (account, task.result())
                for account, task in zip(accounts, tasks, strict=True)
            ]
        except BaseException as error:
            project.progress.stop()
            if not isinstance(error, Exception):  # Ctrl-C: nobody waits for answers
                project.bounds.stop()
            pool.shutdown(wait=True, cancel_futures=True)
            raise


def fetch_wanted(project: Project, name: str) -> Tally:
    """Land what the warehouse lacks of a resource, unless the settings leave it out.

    Asks for each thing once a run; if the answer is refused or lost, the thing stays
    wanted for a later run. Asks too for what landed without texts that can be read now
    (`learning.py`). A run that follows notifications asks only for what hangs together
    with what they point at, and for ratios. For a chained resource, repeats until
    nothing new is missing: pack 7 names its parent pack 3 once it is loaded, so the
    second round asks for 3, and the third finds nothing.
    """
    resource, settings = RESOURCES[name], project.settings
    total = Tally()
    if resource.ask is None or not resource.is_on(settings):
        return total
    asked = _asked_today(project) if name == "exchange_rates" else set()
    if project.pointed:
        asked |= project.pointed.asked.get(name, set())
    while True:
        load(project, [name])  # what a crashed run landed is not asked for again
        lacking = wanted(
            project.warehouse(),
            name,
            now=project.now(),
            discounts=settings.fetch_discounts,
        )
        rows = {
            by_id.resource_id(row[:-1]): row
            for row in (*learning.things(project, name), *lacking)
        }
        if project.pointed and resource.id_of:
            near = project.pointed.ids(project.warehouse(), resource.id_of)
            rows = {one: row for one, row in rows.items() if one in near}
        for one in asked & rows.keys():
            del rows[one]
        if not rows:
            return total
        asked.update(rows)
        if project.pointed:
            project.pointed.asked.setdefault(name, set()).update(rows)
        tally = _ask_in_parts(project, resource, resource.ask, list(rows.values()))
        learning.note_answered(project, name, tally.answered)
        total.add(tally)
        if not resource.is_chained:
            return total


def _asked_today(project: Project) -> set[str]:
    """The pairs of currencies that landed today, such as `USD-BRL`; 404s too."""
    today = f"date={project.now().astimezone(UTC):%Y-%m-%d}"
    paths = [
        path
        for path in files.listing(project.folder.landing, "exchange_rates")
        if today in path
    ]
    rows = files.read(project.folder.landing, "exchange_rates", paths, ["resource_id"])
    return set(rows["resource_id"])


def _ask_in_parts(
    project: Project, entry: Resource, ask: Ask, rows: Sequence[tuple[Any, ...]]
) -> Tally:
    """Fetch things, with publications in between where they are many (`early.py`).

    Failures become a problem of the run.
    """
    total, given_up = Tally(), set[int]()
    station = entry.station or entry.name.replace("_", " ")
    rates = partial(fetch_wanted, project, "exchange_rates")
    for part in early.parts(project, rows, before=rates):
        asked = [row for row in part if row[-1] not in given_up]
        project.progress.begin(station, expected=len(asked))
        for seller_id, tally in _ask_for(project, entry, ask, asked):
            total.add(tally)
            if tally.is_given_up:
                given_up.add(seller_id)
    note_failed(project, station, total.failed)
    return total


def note_failed(project: Project, station: str, failed: Mapping[str, str]) -> None:
    """Make things that could not be fetched, each with why, a problem of the run."""
    if failed:
        one, reason = next(iter(failed.items()))
        project.run.problems.append(
            f"{station} that could not be fetched: {len(failed):,}, such as {one}: "
            f"{reason}"
        )


def _ask_for(
    project: Project, entry: Resource, ask: Ask, rows: Sequence[tuple[Any, ...]]
) -> list[tuple[int, Tally]]:
    """Fetch things; the last column of a row is the seller in whose name to ask.

    If one seller's token is refused half way, the others are asked all the same.
    """
    resource = entry.name
    tallies: list[tuple[int, Tally]] = []
    wanted_by: dict[int, list[Any]] = {}
    for row in rows:
        thing = row[0] if len(row) == 2 else row[:-1]
        wanted_by.setdefault(row[-1], []).append(thing)
    with journal.opened(project.folder.landing, project.run.id, permissions()) as pages:

        def fetched(account: Account) -> Tally:
            def refused(thing: object, error: MercadoLibreError) -> Record:
                return envelope.refused(
                    error,
                    resource=resource,
                    resource_id=by_id.resource_id(thing),
                    seller_id=account.seller_id,
                    run_id=project.run.id,
                )

            return by_id.fetch(
                wanted_by.get(account.seller_id, []),
                partial(by_id.record, account, resource, ask, run_id=project.run.id),
                refused=refused,
                journal=pages,
                workers=project.settings.max_concurrency,
                progress=project.progress,
            )

        # One seller at a time: a kill loses the answers on their way and those of the
        # last tenth of a second, and with several sellers it would lose more.
        for account, found in for_each(project, fetched, at_once=1):
            if isinstance(found, Tally):
                tallies.append((account.seller_id, found))
                continue
            failed = {f"those of seller {account.seller_id}": str(found)}
            tallies.append((account.seller_id, Tally(0, failed, is_given_up=True)))
    return tallies
