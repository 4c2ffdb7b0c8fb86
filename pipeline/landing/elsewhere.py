"""Keeps a second home of the landed files: S3, Google Cloud Storage, Azure, a folder.

The data folder's own files are what a run reads and writes. Before a run, what the
store has and the folder lacks is fetched; after it, what is new is sent and what was
merged is deleted. So a folder that is empty, or another machine, goes on from the
store. The journal, locks and tokens stay in the data folder, and so does the key of the
rule on buyers: a folder that does not have the rule is refused. Not here: what a landed
file is (`files.py`), and which are lost (`lost.py`).

A store has no rename and needs none: an object is put whole or not at all. Records are
put before certificates, these before the manifest, and only then anything is deleted;
whatever is killed in between, the next run repeats.
"""

import contextlib
import hashlib
import io
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, TypeVar

import msgspec
import polars as pl
from msgspec.structs import replace

from pipeline import whole
from pipeline.landing import buyers, files, journal, lost, manifest
from pipeline.landing.manifest import Entry

if TYPE_CHECKING:
    from obstore.store import ObjectStore

_LOG = f"{manifest.FOLDER}/files.jsonl"
_STATE = f"{manifest.FOLDER}/elsewhere.json"
_BUYERS = f"{manifest.FOLDER}/buyers.json"
_LANDED = re.compile(r"[a-z_]+/date=\d{4}-\d{2}-\d{2}/[\w-][\w.-]*\.parquet")
_AT_ONCE = 8
_CODE = re.compile(r"<Code>([A-Za-z]{1,40})</Code>")
_STATUS = re.compile(r"status code: ([0-9]{3})")
_TIMEOUT = timedelta(minutes=5)

Done = TypeVar("Done")


class Refused(Exception):
    """The store did not do what was asked; one line without any secret."""


class Agreed(NamedTuple):
    """One file as folder and store last had it: of its bytes, and the object's tag."""

    checksum: str
    tag: str


class _State(msgspec.Struct, frozen=True):
    url: str
    agreed: dict[str, Agreed]


_DECODER = msgspec.json.Decoder(_State)
_BUYERS_DECODER = msgspec.json.Decoder(buyers.State)


class Elsewhere:
    """The landed files of a folder, as a store has them.

    Raises:
        Refused: the library is not installed, or it does not know such a URL.
    """

    def __init__(self, landing: Path, url: str) -> None:
        self.landing = landing
        self.url = url
        try:
            from obstore.store import from_url
        except ImportError:
            raise Refused(
                "MELI_LANDING_URL needs a library that is not installed: "
                "pip install 'meli-sales[elsewhere]'"
            ) from None
        with self._told():
            self._store: ObjectStore = from_url(
                url,
                client_options={"timeout": _TIMEOUT, "allow_http": True},
                retry_config={"max_retries": 3, "retry_timeout": timedelta(seconds=30)},
            )

    def fetch(self) -> int:
        """Take what the store has and the folder lacks; returns how many files.

        What another folder has merged is taken away here: its records are fetched in
        what it became. A file that it has written anew replaces ours if it can be read.
        What differs from its line in the manifest is left to be missed and read again.
        """
        with self._told():
            there = self._listing()
            self._demand_rule(there)
            if _LOG in there and not (self.landing / _LOG).exists():
                whole.write(self.landing / _LOG, self._bytes(_LOG))
        here, agreed = manifest.entries(self.landing), self._agreed()
        wanted = [
            path
            for path, tag in there.items()
            if _LANDED.fullmatch(path)
            and self._is_wanted(path, tag, here.get(path), agreed.get(path))
        ]

        if any((self.landing / path).exists() for path in wanted):
            # Another folder took something out: no table here may keep it.
            told = buyers.state(self.landing.parent)
            buyers.keep(self.landing.parent, replace(told, is_pending=True))

        def take(path: str) -> Agreed | None:
            with self._told():
                data = self._bytes(path)
            return self._taken(path, data, here.get(path), there[path])

        count, merged = 0, list[str]()
        try:
            for path, made in self._each(take, wanted):
                count += made is not None
                agreed.pop(path, None)
                if made:
                    agreed[path] = made
            merged = self._merged_there(there, agreed)
            for path in merged:
                (self.landing / path).unlink(missing_ok=True)
                agreed.pop(path)
        finally:
            if wanted or merged:
                self._keep(agreed)
        return count

    def _merged_there(
        self, there: Mapping[str, str], agreed: Mapping[str, Agreed]
    ) -> list[str]:
        """What both had and another folder has merged; forgets it in the manifest.

        An object that is lost is still in the store's manifest: it is put again.
        """
        here = manifest.entries(self.landing)
        gone = [path for path in here if path in agreed and path not in there]
        if not gone or _LOG not in there:
            return []
        with self._told():
            theirs = manifest.entries_of(self._bytes(_LOG))
        merged = [path for path in gone if path not in theirs]
        manifest.forget(self.landing, merged)
        return merged

    def _demand_rule(self, there: Mapping[str, str]) -> None:
        """Refuse a folder that would bring hidden buyers back into the store."""
        if _BUYERS not in there:
            return
        theirs = _BUYERS_DECODER.decode(self._bytes(_BUYERS))
        ours = buyers.state(self.landing.parent)
        if ours.is_pseudonymised < theirs.is_pseudonymised or not (
            ours.forgotten >= theirs.forgotten
        ):
            raise Refused(
                f"{self.url} hides buyers whom this data folder does not know: copy "
                "`secret` and `buyers.json` from the data folder that was told to"
            )

    def _send_rule(self, agreed: dict[str, Agreed]) -> None:
        """Put what the folder was told to hide: keyed hashes, never the key."""
        told = buyers.state(self.landing.parent)
        if told.is_plain:
            return
        data = msgspec.json.encode(replace(told, is_pending=False), order="sorted")
        last = agreed.get(_BUYERS)
        if last is None or last.checksum != _checksum(data):
            agreed[_BUYERS] = Agreed(_checksum(data), self._put(_BUYERS, data))

    def _is_wanted(
        self, path: str, tag: str, entry: Entry | None, last: Agreed | None
    ) -> bool:
        if entry is None:  # merged here, unless it is not what we once had
            return last is None or last.tag != tag
        if not (self.landing / path).exists():
            return True
        return last is not None and last.tag != tag

    def _taken(
        self, path: str, data: bytes, entry: Entry | None, tag: str
    ) -> Agreed | None:
        """Write a fetched file; None if it is not what it should be."""
        is_as_told = entry is None or entry.checksum == _checksum(data)
        if not is_as_told and not (self.landing / path).exists():
            return None
        if not is_as_told:
            if not _opens(data):
                return None
            manifest.forget(self.landing, [path])
        whole.write(self.landing / path, data)
        if entry is None or not is_as_told:
            lost.adopt_one(self.landing, path)
        return Agreed(_checksum(data), tag)

    def send(self) -> None:
        """Put what is new, then delete what was merged here.

        Nothing while a journal waits: a certificate must not be there before all that
        it certifies.
        """
        if journal.is_waiting(self.landing):
            return
        here, agreed = manifest.entries(self.landing), self._agreed()
        with self._told():
            there = self._listing()
            self._send_rule(agreed)
        new = [
            path
            for path, entry in here.items()
            if path not in there
            or path not in agreed
            or agreed[path].checksum != entry.checksum
        ]

        def put(path: str) -> Agreed | None:
            data = _read(self.landing / path)
            if data is None or _checksum(data) != here[path].checksum:
                return None  # damaged: the next run names it
            with self._told():
                return Agreed(here[path].checksum, self._put(path, data))

        is_proof = f"{files.WINDOWS}/"
        try:
            for proofs in (False, True):
                part = [path for path in new if path.startswith(is_proof) is proofs]
                agreed |= {path: one for path, one in self._each(put, part) if one}
            spent = [
                path
                for path, tag in there.items()
                if path not in here
                and path != _BUYERS
                and path in agreed
                and agreed[path].tag == tag
            ]
            if new or spent:
                with self._told():
                    self._put(_LOG, _read(self.landing / _LOG) or b"")
                    if spent:
                        self._delete(spent)
            kept = here.keys() | {_BUYERS}
            agreed = {path: one for path, one in agreed.items() if path in kept}
        finally:
            self._keep(agreed)

    def restore(self, path: str) -> bool:
        """Take a lost file from the store, if it has the very bytes of the manifest."""
        entry = manifest.entries(self.landing).get(path)
        if entry is None or path not in self._agreed():
            return False
        with self._told():
            try:
                data = self._bytes(path)
            except FileNotFoundError:
                return False
        if _checksum(data) != entry.checksum:
            return False
        whole.write(self.landing / path, data)
        return True

    def faults(self, *, is_deep: bool) -> list[str]:
        """What the store lacks of what was sent, or has otherwise; deep: every byte."""
        with self._told():
            there = self._listing()
        here, agreed = manifest.entries(self.landing), self._agreed()
        sent = [path for path in here if path in agreed]

        def fault(path: str) -> str | None:
            if path not in there:
                return f"{path} is not there"
            if there[path] != agreed[path].tag:
                return f"{path} was written by somebody else"
            if is_deep:
                with self._told():
                    if _checksum(self._bytes(path)) != agreed[path].checksum:
                        return f"{path} is damaged"
            return None

        return [words for _, words in self._each(fault, sent) if words]

    def _each(
        self, work: Callable[[str], Done], paths: Iterable[str]
    ) -> Iterator[tuple[str, Done]]:
        """Do work for several paths at a time; the first refusal ends it."""
        with ThreadPoolExecutor(_AT_ONCE, "elsewhere") as pool:
            tasks = [(path, pool.submit(work, path)) for path in paths]
            try:
                for path, task in tasks:
                    yield path, task.result()
            finally:
                pool.shutdown(wait=True, cancel_futures=True)

    def _listing(self) -> dict[str, str]:
        """The tag of every object, by its path."""
        return {
            one["path"]: one["e_tag"] or f"{one['size']} {one['last_modified']}"
            for chunk in self._store.list()
            for one in chunk
        }

    def _bytes(self, path: str) -> bytes:
        return bytes(self._store.get(path).bytes())

    def _put(self, path: str, data: bytes) -> str:
        return str(self._store.put(path, data)["e_tag"])

    def _delete(self, paths: list[str]) -> None:
        self._store.delete(paths)

    def _agreed(self) -> dict[str, Agreed]:
        data = _read(self.landing / _STATE)
        with contextlib.suppress(msgspec.MsgspecError):
            state = _DECODER.decode(data or b"")
            return state.agreed if state.url == self.url else {}
        return {}

    def _keep(self, agreed: dict[str, Agreed]) -> None:
        data = msgspec.json.encode(_State(self.url, agreed))
        whole.write(self.landing / _STATE, data)

    @contextlib.contextmanager
    def _told(self) -> Iterator[None]:
        """Turn what the library raises into one line; its texts may hold secrets."""
        from obstore.exceptions import BaseError

        try:
            yield
        except (BaseError, FileNotFoundError, PermissionError, ValueError) as error:
            code, status = (one.search(str(error)) for one in (_CODE, _STATUS))
            number = status[1] if status else ""
            said = " ".join(filter(None, (number, code[1] if code else "")))
            if number in ("401", "403"):
                cure = "check its credentials and what they may do"
            elif number == "404" or isinstance(error, FileNotFoundError):
                cure = "make the bucket, or correct MELI_LANDING_URL"
            else:
                cure = "check the address and the network"
            raise Refused(
                f"{self.url} does not answer as it should"
                f"{f' ({said})' if said else ''}: {cure}; what has landed stays here, "
                "and the next run sends it"
            ) from None


def _checksum(data: bytes) -> str:
    return hashlib.blake2b(data, digest_size=16).hexdigest()


def _read(path: Path) -> bytes | None:
    with contextlib.suppress(FileNotFoundError):
        return path.read_bytes()
    return None


def _opens(data: bytes) -> bool:
    with contextlib.suppress(pl.exceptions.PolarsError, OSError):
        pl.read_parquet(io.BytesIO(data), hive_partitioning=False)
        return True
    return False
