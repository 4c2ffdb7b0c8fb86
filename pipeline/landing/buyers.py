"""Hides buyers in landed records: the forgotten ones, or each behind a pseudonym.

The data folder keeps two files of this: `secret`, a key made on first use, and
`buyers.json`: whether ids are pseudonyms, and keyed hashes of who is forgotten. Numbers
other than ids of people keep the text that was sent. Not here: names and addresses
(`redaction.py`), and what had landed before (`rewriting.py`).
"""

import functools
import hashlib
import hmac
import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import msgspec
import polars as pl

from pipeline import whole
from pipeline.settings import WrongSetting

_SECRET = "secret"  # noqa: S105 - the name of a file
_STATE = "buyers.json"
_KEY = re.compile(rb"[0-9a-f]{64}")

PSEUDONYMS_FROM = 2**62
"""Pseudonyms lie from here up to 2**63, so a number tells whether it is one.

Mercado Libre's ids are far below. Among a million buyers two share a pseudonym with a
chance of 1 in 9 million.
"""

_IDS = {"buyer_id", "customer_id", "payer_id", "receiver_id", "user_id"}
_PEOPLE = {"buyer", "customer", "payer", "receiver"}
_PLACES = {"receiver_address", "shipping_address", "snapshot"}
_SELLERS = {"collector", "origin", "seller", "sender", "sender_address", "senders"}
_KEPT_OF_A_PLACE = {"country", "state"}
"""What stays of a forgotten buyer's address: provincial taxes are reckoned by it."""

_NAMED = re.compile(
    "|".join(f'"{key}"' for key in sorted(_IDS | _PEOPLE | _PLACES)).encode() + rb"|\\u"
)
"""Found where a value may hold a person; a key can also be written with escapes."""

_NUMBER = re.compile(rb'"?(\d{1,19})(?:\.0*)?"?')
NO_PEOPLE = ("exchange_rates", "item_costs", "sellers")
"""Resources whose records name no buyer."""

_UNREADABLE = '{"redacted": "not JSON"}'
_ENTRY_LETTERS = 32


class State(msgspec.Struct, frozen=True):
    """What a data folder has been told about buyers.

    Attributes:
        is_pseudonymised: buyers' ids are pseudonyms in it.
        is_pending: its landed files and published copies may hold what they must not.
        forgotten: keyed hashes of buyers, and of things that belong to them.
    """

    is_pseudonymised: bool = False
    is_pending: bool = False
    forgotten: frozenset[str] = frozenset()

    @property
    def is_plain(self) -> bool:
        """Whether records land with buyers as they are sent."""
        return not (self.is_pseudonymised or self.forgotten)


_DECODER = msgspec.json.Decoder(State)


def state(data_dir: Path) -> State:
    """What the folder has been told so far.

    Raises:
        WrongSetting: its file is damaged.
    """
    try:
        return _DECODER.decode((data_dir / _STATE).read_bytes())
    except FileNotFoundError:
        return State()
    except msgspec.MsgspecError:
        raise WrongSetting(
            f"{data_dir / _STATE} cannot be read: restore it from a backup, or the "
            "buyers that it lists come back"
        ) from None


def keep(data_dir: Path, told: State) -> None:
    """Replace what the folder has been told, whole or not at all."""
    whole.write(data_dir / _STATE, msgspec.json.encode(told))


def settle(data_dir: Path) -> None:
    """Note that nothing in the folder shows any more what it must hide."""
    keep(data_dir, msgspec.structs.replace(state(data_dir), is_pending=False))


def _secret(data_dir: Path, told: State) -> bytes:
    """The folder's key, made on first use."""
    path = data_dir / _SECRET
    if not path.is_file():
        if not told.is_plain:
            raise WrongSetting(
                f"{path} is not there, and without it the folder's buyers cannot be "
                "recognised: restore it from a backup"
            )
        whole.write(path, secrets.token_hex(32).encode())
    key = path.read_bytes()
    if not _KEY.fullmatch(key):
        raise WrongSetting(
            f"{path} is damaged, and without it the folder's buyers cannot be "
            "recognised: restore it from a backup"
        )
    return key


def read(data_dir: Path) -> "Buyers | None":
    """The rule of a data folder; None where buyers land as they are sent.

    Raises:
        WrongSetting: `secret` is gone or `buyers.json` is damaged.
    """
    told = state(data_dir)
    return None if told.is_plain else Buyers(_secret(data_dir, told), told)


def forgetting(data_dir: Path) -> "Buyers":
    """The rule of a data folder that is about to be told more; makes its key."""
    told = state(data_dir)
    return Buyers(_secret(data_dir, told), told)


@dataclass(frozen=True)
class Buyers:
    """A data folder's rule, applied to each record before it is written."""

    secret: bytes
    told: State

    def pseudonym(self, number: int) -> int:
        """A buyer's pseudonym: the same for the same buyer; of a pseudonym itself."""
        if number >= PSEUDONYMS_FROM:
            return number
        digest = self._hash(f"buyer:{number}")
        return PSEUDONYMS_FROM | int.from_bytes(digest[:8]) % PSEUDONYMS_FROM

    def entry(self, number: int) -> str:
        """The keyed hash by which a forgotten buyer is known."""
        return self._entry(f"buyer/{self.pseudonym(number)}")

    def entry_of(self, resource: str, resource_id: str) -> str:
        """The keyed hash by which something of a forgotten buyer is known."""
        return self._entry(f"{resource}/{resource_id}")

    def _entry(self, name: str) -> str:
        return self._hash(f"forgotten:{name}").hex()[:_ENTRY_LETTERS]

    def _hash(self, text: str) -> bytes:
        return hmac.digest(self.secret, text.encode(), hashlib.sha256)

    def hidden_rows(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Landed records with the ids of people hidden in their payloads."""
        named = rows.select("resource", "resource_id", "payload")
        hidden = [
            None if text is None else self.hidden(resource, resource_id, text)
            for resource, resource_id, text in named.iter_rows()
        ]
        return rows.with_columns(pl.Series("payload", hidden, dtype=pl.String))

    def hidden(self, resource: str, resource_id: str, text: str) -> str:
        """A record's payload with the ids of people hidden.

        Applied again, it changes nothing.
        """
        if resource in NO_PEOPLE:
            return text
        try:
            if self._is_forgotten(resource, resource_id, text):
                return _replaced(text, lambda _: b"null", _KEPT_OF_A_PLACE.__contains__)
            if self.told.is_pseudonymised:
                return _replaced(text, self._behind_pseudonym, "id".__ne__)
        except (msgspec.DecodeError, RecursionError):
            # No text is better than one that may name somebody.
            return _UNREADABLE
        return text

    def _is_forgotten(self, resource: str, resource_id: str, text: str) -> bool:
        if not self.told.forgotten:
            return False
        entries = set(map(self.entry, people_of(text)))
        entries.add(self.entry_of(resource, resource_id))
        return not entries.isdisjoint(self.told.forgotten)

    def _behind_pseudonym(self, value: bytes) -> bytes:
        number = _number(value)
        return b"null" if number is None else str(self.pseudonym(number)).encode()


def people_of(text: str) -> set[int]:
    """The ids of people that a payload names, the seller's left out."""
    found: set[int] = set()

    def note(value: bytes) -> bytes:
        if (number := _number(value)) is not None:
            found.add(number)
        return value

    _walk(text.strip().encode(), "", note, lambda value: value)
    return found


def _number(value: bytes) -> int | None:
    match = _NUMBER.fullmatch(value)
    return int(match[1]) if match else None


Change = Callable[[bytes], bytes]


def _replaced(text: str, person: Change, is_kept: Callable[[str], bool]) -> str:
    """A payload with each id of a person changed; else as it was.

    ``is_kept`` says which keys of an address keep their value.
    """
    is_changed = False

    def noted(change: Change, value: bytes) -> bytes:
        nonlocal is_changed
        changed = change(value)
        is_changed |= changed != value
        return changed

    made = _walk(
        text.strip().encode(),
        "",
        functools.partial(noted, person),
        functools.partial(noted, functools.partial(_cut, is_kept)),
    )
    return made.decode() if is_changed else text


def _walk(raw: bytes, inside: str, person: Change, place: Change) -> bytes:
    """Change people and places level by level; every other value keeps its text."""
    if inside not in _PEOPLE and not _NAMED.search(raw):
        return raw
    if raw.startswith(b"["):
        elements = msgspec.json.decode(raw, type=list[msgspec.Raw])
        return msgspec.json.encode(
            [msgspec.Raw(_walk(bytes(one), inside, person, place)) for one in elements]
        )
    if not raw.startswith(b"{"):
        return raw
    made: dict[str, msgspec.Raw] = {}
    for key, member in msgspec.json.decode(raw, type=dict[str, msgspec.Raw]).items():
        value = bytes(member)
        is_flat = not value.startswith((b"{", b"["))
        if key in _SELLERS:
            pass
        elif is_flat and (
            key in _IDS or key in _PEOPLE or (inside in _PEOPLE and key == "id")
        ):
            value = person(value)
        else:
            value = _walk(value, key, person, place)
            if key in _PLACES:
                value = place(value)
        made[key] = msgspec.Raw(value)
    return msgspec.json.encode(made)


def _cut(is_kept: Callable[[str], bool], value: bytes) -> bytes:
    if not value.startswith(b"{"):
        return value
    members = msgspec.json.decode(value, type=dict[str, msgspec.Raw])
    gone = msgspec.Raw(b"null")
    return msgspec.json.encode(
        {key: member if is_kept(key) else gone for key, member in members.items()}
    )
