"""Applies today's rules to files that had landed before: on buyers, and on texts.

Not here: the rules (`buyers.py`, `redaction.py`), and the tables made of the files
(`sync/forgetting.py`).
"""

import contextlib
import shutil
from collections.abc import Callable, Collection, Iterator, Mapping
from pathlib import Path

import msgspec
import polars as pl

from pipeline import whole
from pipeline.landing import files, journal
from pipeline.landing.buyers import NO_PEOPLE, Buyers, people_of
from pipeline.landing.lost import DAMAGED
from pipeline.landing.redaction import NOTHING, Permission, redacted
from pipeline.progress_line import Notice, silently, with_progress

_OF_RUNS = (files.WINDOWS, files.RUNS)


def landed(
    landing: Path, what: str = "", notice: Notice = silently
) -> Iterator[tuple[str, pl.DataFrame]]:
    """Every landed file of records, by its path below the folder; settles journals.

    Args:
        landing: the landing folder.
        what: is done with the files, as ``notice`` is told it.
        notice: takes a line now and then: how many are done.
    """
    journal.settle(landing)
    for path in with_progress(files.everything(landing), what, notice):
        resource = path.partition("/")[0]
        if resource not in _OF_RUNS:
            yield path, files.read(landing, resource, [path])


def things_of(
    landing: Path,
    rule: Buyers,
    number: int,
    id_of: Mapping[str, str],
    notice: Notice = silently,
) -> Collection[tuple[str, str]]:
    """What belongs to a buyer: his orders, and what is asked for by their ids.

    Each as the name of its resource and its id. ``id_of`` says of a resource whose id
    that is: an `order`'s, its `pack`'s or its `shipment`'s.
    """
    wanted = rule.pseudonym(number)
    found: set[tuple[str, str]] = set()
    for path, rows in landed(landing, "searching landed files", notice):
        if path.startswith(tuple(f"{name}/" for name in NO_PEOPLE)):
            continue
        named = rows.filter(
            pl.col("payload").str.contains_any([str(number), str(wanted)])
        ).select(
            "resource",
            "resource_id",
            "payload",
            pack_id=pl.col("payload").str.json_path_match("$.pack_id"),
            shipping_id=pl.col("payload").str.json_path_match("$.shipping.id"),
        )
        for resource, resource_id, text, pack_id, shipping_id in named.iter_rows():
            if wanted not in map(rule.pseudonym, _people(text)):
                continue
            found.add((resource, resource_id))
            if resource == "orders":
                ids = {"order": resource_id, "pack": pack_id, "shipment": shipping_id}
                found |= {(name, ids[thing]) for name, thing in id_of.items()}
    return {(resource, one) for resource, one in found if one is not None}


def _people(text: str) -> set[int]:
    with contextlib.suppress(msgspec.DecodeError, RecursionError):
        return people_of(text)
    return set()  # the rule replaces such a text as a whole


def rewrite(
    landing: Path,
    rule: Buyers | None,
    permissions: Mapping[str, Permission],
    begin: Callable[[], None],
    keeping: Collection[str] = (),
    notice: Notice = silently,
) -> None:
    """Write every landed file anew that holds what today's rules keep out.

    Each whole or not at all, and a file that keeps to them stays: what is killed half
    way is repeated. What was set aside as damaged goes: nobody can look into it.

    Args:
        landing: the landing folder.
        rule: on its buyers; None where they land as they are sent.
        permissions: what may land by resource; of any other resource no text does.
        begin: called before a file is written.
        keeping: resources whose texts are known to be none but those that may land.
        notice: takes a line now and then: how far it is.
    """
    files.sweep(landing)
    # What is damaged cannot be searched, and no sync reads it again.
    shutil.rmtree(landing / DAMAGED, ignore_errors=True)
    for path, rows in landed(landing, "rewriting landed files", notice):
        kept = rule.hidden_rows(rows) if rule else rows
        if path.partition("/")[0] not in keeping:
            kept = as_allowed(kept, permissions)
        if not kept.equals(rows):
            begin()
            files.write(kept, landing / path)
            whole.sync_folder((landing / path).parent)


def as_allowed(
    rows: pl.DataFrame, permissions: Mapping[str, Permission]
) -> pl.DataFrame:
    """Landed records with only those texts that may land."""
    kept = [
        text and redacted(text, permissions.get(resource, NOTHING)).payload
        for resource, text in rows.select("resource", "payload").iter_rows()
    ]
    return rows.with_columns(pl.Series("payload", kept, dtype=pl.String))


def looser(landing: Path, permissions: Mapping[str, Permission]) -> Iterator[str]:
    """The landed files that hold texts which may not land; writes nothing."""
    for path in files.everything(landing):
        resource = path.partition("/")[0]
        if resource not in _OF_RUNS and files.opens(landing, path):
            rows = files.read(landing, resource, [path])
            if not as_allowed(rows, permissions).equals(rows):
                yield path
