"""The file with the pair of one account: read, replaced whole, locked.

Not here: when to refresh, and with what (`tokens.py`).
"""

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Literal

import filelock
import msgspec

from pipeline import whole
from pipeline.mercadolibre.errors import MercadoLibreError, ReauthorisationNeeded

_ACCOUNT = re.compile(r"[A-Za-z0-9_-]{1,64}")


class Stored(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The last grant.

    Attributes:
        state: `usable`, or `reauthorisation_needed` once a refresh was refused.
        access_token: the token to send; None if there never was one.
        refresh_token: works once; None if none was granted.
        refresh_at: when to refresh ahead, UTC.
        expires_at: when the access token dies, UTC.
        user_id: whose tokens they are.
        bootstrap_digest: SHA-256 of the configured refresh token used last, to notice
            a new one.
    """

    state: Literal["usable", "reauthorisation_needed"]
    access_token: str | None = None
    refresh_token: str | None = None
    refresh_at: datetime | None = None
    expires_at: datetime | None = None
    user_id: int | None = None
    bootstrap_digest: str | None = None

    def __repr__(self) -> str:
        return f"Stored(state={self.state!r}, user_id={self.user_id})"


# Made here, once: two threads that both make the first one of a struct can crash.
_DECODER = msgspec.json.Decoder(Stored)


class TokenFile:
    """`<directory>/<account>.json`, mode 0600, in a directory of mode 0700.

    Args:
        directory: created when first needed.
        account: letters, digits, `-` and `_`.
        patience: seconds to wait for another process that holds the lock.
    """

    def __init__(
        self, directory: Path, account: str, *, patience: float = 180.0
    ) -> None:
        if not _ACCOUNT.fullmatch(account):
            raise ValueError("an account is named by letters, digits, - and _")
        self.account = account
        self._path = directory / f"{account}.json"
        self._patience = patience
        self._threads = threading.Lock()

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Lock the pair, so that only one thread of one process can replace it.

        Raises:
            MercadoLibreError: another process holds the lock for too long.
        """
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._path.parent.chmod(0o700)  # it may have existed before
        lock = filelock.FileLock(
            self._path.with_suffix(".lock"), timeout=self._patience, mode=0o600
        )
        try:
            with self._threads, lock:
                yield
        except filelock.Timeout:
            raise MercadoLibreError(
                f"another process has been refreshing the tokens of account "
                f"{self.account} for {self._patience:.0f} seconds: end it, try again"
            ) from None

    def read(self) -> Stored | None:
        """Read the pair; None without a file.

        Raises:
            ReauthorisationNeeded: the file is not one of ours.
        """
        try:
            return _DECODER.decode(self._path.read_bytes())
        except FileNotFoundError:
            return None
        except ValueError:
            # Not chained: the decoder's error could quote a token.
            raise ReauthorisationNeeded(
                f"{self._path.name} among the tokens cannot be read: "
                "run `meli-sales login` to replace it"
            ) from None

    def write(self, stored: Stored) -> None:
        """Replace the pair whole, mode 0600 from the start."""
        whole.write(self._path, msgspec.json.encode(stored))
