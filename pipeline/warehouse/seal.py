"""The seal beside a published version: notices that somebody has written into it.

Rights keep people from writing (0400), but not root, nor the owner who changes them.
Not here: making a version (`publish`) and opening it (`read`).
"""

import hashlib
from pathlib import Path

import msgspec

from pipeline import whole

_NAME = "seal.json"


class Seal(msgspec.Struct, frozen=True):
    """A version as it was published.

    Attributes:
        size: bytes.
        modified: time of the last write, nanoseconds since 1970.
        sha256: of the whole file, in hex.
    """

    size: int
    modified: int
    sha256: str


_DECODER = msgspec.json.Decoder(Seal)


def write(version: Path) -> None:
    """Seal a version that is whole and flushed."""
    now = version.stat()
    seal = Seal(now.st_size, now.st_mtime_ns, _checksum(version))
    whole.write(version.with_name(_NAME), msgspec.json.encode(seal))


def is_broken(version: Path) -> bool:
    """Whether a version was written to since it was sealed; false without a seal.

    Size and time are looked at first. Where the time alone differs, as in a folder that
    was copied or restored, the checksum decides.
    """
    if version.with_name(f"{version.name}.wal").exists():
        return True
    try:
        sealed = _DECODER.decode(version.with_name(_NAME).read_bytes())
    except FileNotFoundError:
        return False
    except msgspec.MsgspecError:
        return True
    now = version.stat()
    if now.st_size != sealed.size:
        return True
    return now.st_mtime_ns != sealed.modified and _checksum(version) != sealed.sha256


def _checksum(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
