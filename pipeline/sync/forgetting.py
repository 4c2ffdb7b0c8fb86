"""Tells a data folder what to hide of its buyers, and hides it in what it holds.

So it does with texts that earlier versions let land and this one does not. A folder
that was told more is pending until a version without it is published: every run that
holds the folder first goes on with that. Not here: the rules (`landing/buyers.py`,
`landing/redaction.py`) and the proof (`inspection/traces.py`).
"""

import shutil
from typing import Any

from msgspec.structs import replace

from pipeline.landing import allowed, buyers, files
from pipeline.landing.rewriting import rewrite, things_of
from pipeline.progress_line import Notice, silently
from pipeline.settings import Settings, WrongSetting
from pipeline.sync.data_folder import DataFolder
from pipeline.sync.resources import RESOURCES, permissions


def forget(folder: DataFolder, buyer_id: int, notice: Notice = silently) -> int:
    """Tell the folder to hide a buyer from now on; returns how many orders were his.

    Hold the folder meanwhile: a running sync has read the rule already. ``notice``
    takes a line now and then: how far it is.

    Raises:
        WrongSetting: the number is one of the folder's sellers.
    """
    landed = files.listing(folder.landing, "orders")
    orders = files.read(folder.landing, "orders", landed, ["seller_id"])
    if buyer_id in set(orders["seller_id"]):
        raise WrongSetting(
            f"{buyer_id} is a seller of {folder.path}, not a buyer: to remove a shop, "
            "delete its folder"
        )
    rule = buyers.forgetting(folder.path)
    id_of = {name: one.id_of for name, one in RESOURCES.items() if one.id_of}
    things = things_of(folder.landing, rule, buyer_id, id_of, notice)
    entries = {rule.entry(buyer_id), *(rule.entry_of(*thing) for thing in things)}
    _tell(folder, rule.told, forgotten=rule.told.forgotten | entries)
    return sum(resource == "orders" for resource, _ in things)


def pseudonymise(folder: DataFolder) -> None:
    """Tell the folder that buyers are pseudonyms from now on."""
    _tell(folder, buyers.forgetting(folder.path).told, is_pseudonymised=True)


def _tell(folder: DataFolder, told: buyers.State, **more: Any) -> None:
    is_pending = told.is_pending or _has_landed(folder)
    buyers.keep(folder.path, replace(told, is_pending=is_pending, **more))


def _has_landed(folder: DataFolder) -> bool:
    """Whether any record has, journals of a crashed run included."""
    return any(folder.landing.rglob("*.parquet"))


def agree(folder: DataFolder, settings: Settings) -> None:
    """Hold the setting against the folder, which cannot mix ids and pseudonyms.

    A folder in which nothing has landed takes the setting on.

    Raises:
        WrongSetting: they differ.
    """
    told = buyers.state(folder.path)
    if settings.pseudonymise and not told.is_pseudonymised:
        if _has_landed(folder):
            raise WrongSetting(
                f"MELI_PSEUDONYMISE: {folder.path} holds buyers as Mercado Libre "
                "numbers them; `meli-sales pseudonymise` puts pseudonyms in their "
                "place, for good"
            )
        pseudonymise(folder)
    if told.is_pseudonymised and not settings.pseudonymise:
        raise WrongSetting(
            f"MELI_PSEUDONYMISE: buyers in {folder.path} are pseudonyms, which nothing "
            "turns back; set it to true, or name another MELI_DATA_DIR"
        )


def is_due(folder: DataFolder) -> bool:
    """Whether the folder may hold a buyer or a text that it must not hold."""
    if buyers.state(folder.path).is_pending:
        return True
    told = allowed.read(folder.landing)
    if told is None:
        return _has_landed(folder)
    return told.rules != allowed.of(permissions()).rules


def hide(folder: DataFolder, notice: Notice) -> None:
    """Rewrite what landed before the folder was told, or under a looser allow-list.

    If anything is rewritten, the work file goes too, so that no freed page of it keeps
    anything: the run loads all of landing into a new one. Publishing it ends what is
    pending.
    """
    told = buyers.state(folder.path)

    def begin() -> None:
        nonlocal told
        if not told.is_pending:
            notice("this version withholds texts that have landed: taking them out")
            told = replace(told, is_pending=True)
            buyers.keep(folder.path, told)

    if folder.landing.is_dir():
        if told.is_pending:
            notice("hiding people in what has landed, then loading it again")
        now = allowed.of(permissions())
        before = allowed.read(folder.landing)
        keeping = before.rules.items() & now.rules.items() if before else ()
        rewrite(
            folder.landing,
            buyers.read(folder.path),
            permissions(),
            begin,
            keeping={name for name, _ in keeping},
            notice=notice,
        )
        before = before or now
        allowed.keep(folder.landing, replace(before, rules=now.rules))
    if told.is_pending:
        shutil.rmtree(folder.work.parent, ignore_errors=True)
