"""The tokens of one account: a rotating pair on disk, or a single one for a quick try.

A refresh token works once, and only the last pair is valid (docs/mercado-libre-api.md,
OAuth). So one file holds the pair, one thread of one process refreshes at a time, and
all others use what it wrote.
"""

import hashlib
import logging
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final, Literal, Protocol

from msgspec.structs import replace

from pipeline.mercadolibre.clock import utc_now
from pipeline.mercadolibre.errors import (
    ReauthorisationNeeded,
    TokensNotWritten,
    Unauthorised,
)
from pipeline.mercadolibre.oauth import Application, Grant
from pipeline.mercadolibre.token_file import Stored, TokenFile

SKEW: Final = timedelta(minutes=5)
_WRITE_AGAIN: Final = timedelta(seconds=5)

State = Literal["usable", "reauthorisation_needed", "empty"]

_logger = logging.getLogger(__name__)


class Tokens(Protocol):
    """Where the access token comes from."""

    def access_token(self) -> str:
        """A token that is believed to be valid."""

    def renew(self, refused: str, /) -> str:
        """A token after `refused` was not accepted; the same one without another."""


class StaticToken:
    """`MELI_ACCESS_TOKEN`: used as it is, never refreshed; dies after six hours."""

    def __init__(self, token: str) -> None:
        self._token = token

    def __repr__(self) -> str:
        return "StaticToken()"

    def access_token(self) -> str:
        """The token."""
        return self._token

    def renew(self, _refused: str, /) -> str:
        """The same token: there is no other, so the request fails."""
        return self._token

    def settle(self) -> None:
        """Nothing: the token stands in the environment."""


class TokenStore:
    """The rotating pair of one account, in `<directory>/<account>.json`.

    As soon as the API answers, the pair is written aside, flushed to disk and renamed.
    A crash between the answer and the rename loses the pair, and the account must grant
    access again; no order of steps on our side can close that gap. A refresh without an
    answer is not retried (one answered by a 5xx is, `retry.py`); the next call sends
    the same token again, because only that shows whether it is spent.

    A pair that cannot be written, on a full disk, is kept in memory and used. It is
    written as soon as there is room: every few seconds, before the next refresh, and on
    `settle`. Until then the former file stays.

    Safe to share between threads, and between processes on a local disk.

    Args:
        directory: of the token files; made when the first pair is written.
        account: names the file: letters, digits, `-` and `_`.
        application: refreshes; without it the store can only be read and written.
        bootstrap: the configured refresh token. Used once, and again only after it has
            changed; a pair from a login takes precedence.
        now: the time, UTC.
    """

    def __init__(
        self,
        directory: Path,
        account: str,
        *,
        application: Application | None = None,
        bootstrap: str | None = None,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._file = TokenFile(directory, account)
        self._application = application
        self._bootstrap = bootstrap
        self._now = now
        self._held: Stored | None = None
        self._former: Stored | None = None
        self._unwritten: Stored | None = None
        self._write_again_at = now()

    def __repr__(self) -> str:
        return f"TokenStore({self._file.account!r})"

    def access_token(self) -> str:
        """A valid access token, refreshed ahead if it is about to expire.

        Raises:
            ReauthorisationNeeded: no stored or configured token works.
            MercadoLibreError: the refresh failed for another reason.
        """
        held = self._held
        if held is not None and held.access_token and not self._is_due(held):
            if self._unwritten is not None and self._now() >= self._write_again_at:
                self._catch_up()
            return held.access_token
        return self._current(refused=None)

    def renew(self, refused: str, /) -> str:
        """An access token other than `refused`; refreshes unless somebody has.

        Raises:
            As `access_token`.
        """
        return self._current(refused=refused)

    def settle(self) -> None:
        """Write a pair that could not be written before, at the end of a run.

        Raises:
            TokensNotWritten: there is still no room; the pair ends with the process.
        """
        if self._unwritten is not None:
            self._catch_up()
        if self._unwritten is not None:
            raise TokensNotWritten(
                f"the new tokens of account {self._file.account} could not be written "
                "to the data folder and are lost: make room there, then run "
                "`meli-sales login`"
            )

    def state(self) -> State:
        """What is stored, without a request.

        `empty` before the first refresh, also of a configured token that is new.

        Raises:
            ReauthorisationNeeded: the file cannot be read.
        """
        stored = self._file.read()
        if self._bootstrap is not None and self._is_new(self._bootstrap, stored):
            return "empty"
        return "empty" if stored is None else stored.state

    def expires_at(self) -> datetime | None:
        """When the stored access token dies or died, UTC; None without one.

        Raises:
            ReauthorisationNeeded: the file cannot be read.
        """
        stored = self._file.read()
        return stored.expires_at if stored else None

    def save(self, grant: Grant) -> None:
        """Store the pair of a login in place of any other."""
        with self._file.alone():
            before = None
            with suppress(ReauthorisationNeeded):  # an unreadable file is replaced
                before = self._file.read()
            digest = before.bootstrap_digest if before else None
            # The configured token is older than this login, so it is not tried again.
            kept = self._stored(grant, None, _digest(self._bootstrap) or digest)
            self._file.write(kept)
            self._held, self._unwritten = kept, None

    def _current(self, refused: str | None) -> str:
        with self._file.alone():
            stored = self._read()
            if self._bootstrap is not None and self._is_new(self._bootstrap, stored):
                stored = self._begin(self._bootstrap, stored)
            if stored is None:
                raise ReauthorisationNeeded(
                    f"no tokens are stored for account {self._file.account}: set "
                    "MELI_REFRESH_TOKEN or run `meli-sales login`"
                )
            if stored.state != "usable" or stored.access_token is None:
                raise ReauthorisationNeeded(
                    f"the refresh token of account {self._file.account} is spent, "
                    "expired or revoked: run `meli-sales login` to grant access again"
                )
            if stored.access_token != refused and not self._is_due(stored):
                self._held = stored
                return stored.access_token
            return self._refresh(stored)

    @staticmethod
    def _is_new(bootstrap: str, stored: Stored | None) -> bool:
        """Whether the configured token was never tried: none stored, or it changed."""
        if stored is None:
            return True
        if stored.bootstrap_digest is None:  # from a login, which takes precedence
            return stored.state != "usable"
        return stored.bootstrap_digest != _digest(bootstrap)

    def _begin(self, bootstrap: str, stored: Stored | None) -> Stored:
        """Use the configured token; if it is refused, record that and keep the pair."""
        digest = _digest(bootstrap)
        try:
            grant = self._ask(bootstrap)
        except ReauthorisationNeeded:
            kept = stored or Stored(state="reauthorisation_needed")
            kept = replace(kept, bootstrap_digest=digest)
            self._write(kept)
            _logger.warning(
                "the refresh token configured for account %s is not accepted; "
                "going on with what is stored",
                self._file.account,
            )
            return kept
        return self._keep(grant, None, digest)

    def _refresh(self, stored: Stored) -> str:
        if stored.refresh_token is None:
            self._write(replace(stored, state="reauthorisation_needed"))
            raise ReauthorisationNeeded(
                "the access token has expired and came without a refresh token: allow "
                "`offline_access` in the developer panel, then run `meli-sales login`"
            )
        try:
            grant = self._ask(stored.refresh_token)
        except ReauthorisationNeeded:
            self._write(replace(stored, state="reauthorisation_needed"))
            raise
        self._keep(grant, stored.refresh_token, stored.bootstrap_digest)
        return grant.access_token

    def _ask(self, refresh_token: str) -> Grant:
        if self._application is None:
            raise Unauthorised(
                "the access token must be refreshed: set MELI_CLIENT_ID and "
                "MELI_CLIENT_SECRET"
            )
        return self._application.refresh(refresh_token)

    def _keep(
        self, grant: Grant, refresh_token: str | None, bootstrap_digest: str | None
    ) -> Stored:
        """Use a grant from now on and write it."""
        stored = self._stored(grant, refresh_token, bootstrap_digest)
        self._held = stored
        self._write(stored)
        return stored

    def _stored(
        self, grant: Grant, refresh_token: str | None, bootstrap_digest: str | None
    ) -> Stored:
        """A grant to be kept; without a refresh token, with the old one (RFC 6749)."""
        now = self._now()
        life = timedelta(seconds=grant.expires_in)
        return Stored(
            state="usable",
            access_token=grant.access_token,
            refresh_token=grant.refresh_token or refresh_token,
            refresh_at=now + life - min(SKEW, life / 4),
            expires_at=now + life,
            user_id=grant.user_id,
            bootstrap_digest=bootstrap_digest,
        )

    def _write(self, stored: Stored) -> None:
        """Replace the file; if that fails, keep in memory what it should hold."""
        try:
            self._file.write(stored)
        except OSError as error:
            if self._unwritten is None:
                _logger.warning(
                    "the new tokens of account %s cannot be written (%s); they are "
                    "kept in memory: make room before this run ends",
                    self._file.account,
                    error.strerror,
                )
            self._unwritten = stored
            self._write_again_at = self._now() + _WRITE_AGAIN
        else:
            self._former, self._unwritten = stored, None

    def _read(self) -> Stored | None:
        """What the file holds, or should hold; writes it if there is room by now.

        Somebody may have granted access meanwhile, and that pair counts. A refusal does
        not: it is what another process got for the spent token of the former file.
        """
        if self._unwritten is None:
            self._former = self._file.read()
            return self._former
        held = self._file.read()
        if held != self._former and held is not None and held.state == "usable":
            self._held, self._unwritten = held, None
            return held
        unwritten = self._unwritten
        self._write(unwritten)
        return unwritten

    def _catch_up(self) -> None:
        """Try again to write what could not be written."""
        with suppress(OSError), self._file.alone():
            self._read()

    def _is_due(self, stored: Stored) -> bool:
        return stored.refresh_at is not None and self._now() >= stored.refresh_at


def _digest(token: str | None) -> str | None:
    return None if token is None else hashlib.sha256(token.encode()).hexdigest()
