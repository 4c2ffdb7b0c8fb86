"""Applies the folder's rule on buyers to files that had landed before it was told.

Not here: the rule (`buyers.py`), and the tables made of the files
(`sync/forgetting.py`).
"""

import contextlib
import shutil
from collections.abc import Collection, Iterator
from pathlib import Path

import msgspec
import polars as pl

from pipeline.landing import files, journal, whole
from pipeline.landing.buyers import NO_PEOPLE, Buyers, people_of
from pipeline.landing.lost import DAMAGED

_OTHERS = (files.WINDOWS, files.RUNS, *NO_PEOPLE)


def landed(landing: Path) -> Iterator[tuple[Path, pl.DataFrame]]:
    """Every landed file that may name a buyer, with its records; settles journals."""
    journal.settle(landing)
    for folder in sorted(landing.iterdir() if landing.is_dir() else ()):
        if folder.name not in _OTHERS:
            for path in files.listing(landing, folder.name):
                yield landing / path, files.read(landing, folder.name, [path])


def things_of(landing: Path, rule: Buyers, number: int) -> Collection[tuple[str, str]]:
    """What belongs to a buyer: his orders, and their packs and shipments.

    Each as the name of its resource and its id.
    """
    wanted = rule.pseudonym(number)
    found: set[tuple[str, str]] = set()
    for _, rows in landed(landing):
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
                found.add(("packs", pack_id))
                found.add(("shipments", shipping_id))
                found.add(("shipment_costs", shipping_id))
    return {(resource, one) for resource, one in found if one is not None}


def _people(text: str) -> set[int]:
    with contextlib.suppress(msgspec.DecodeError, RecursionError):
        return people_of(text)
    return set()  # the rule replaces such a text as a whole


def rewrite(landing: Path, rule: Buyers) -> None:
    """Write every landed file anew that holds what the rule hides.

    Each whole or not at all, and a file that hides it stays: what is killed half way is
    repeated. What was set aside as damaged goes: nobody can look into it.
    """
    files.sweep(landing)
    # What is damaged cannot be searched, and no sync reads it again.
    shutil.rmtree(landing / DAMAGED, ignore_errors=True)
    for path, rows in landed(landing):
        hidden = rule.hidden_rows(rows)
        if not hidden.equals(rows):
            files.write(hidden, path)
            whole.sync_folder(path.parent)
