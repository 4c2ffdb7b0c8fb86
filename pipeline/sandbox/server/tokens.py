"""OAuth: access tokens that expire, refresh tokens that work once, codes with PKCE.

Every token here is invented. Not here: which resources need a token (`app`).
"""

import base64
import hashlib
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pipeline.sandbox.server.answers import Refusal, error, oauth_error, unauthorized
from pipeline.sandbox.server.log import Log
from pipeline.sandbox.server.switches import Switches
from pipeline.sandbox.world.chance import drawn

ACCESS = "APP_USR-sandbox"
"""Access token of every seller; ``APP_USR-sandbox-<seller>`` is one seller's."""
REFRESH = "TG-sandbox"
"""Refresh token of every seller; ``TG-sandbox-<seller>`` is one seller's."""


@dataclass(frozen=True, slots=True)
class Owner:
    """The owner of a token: one account, or all sellers of the sandbox."""

    user_id: int
    sellers: frozenset[int]


@dataclass(frozen=True, slots=True)
class _Code:
    owner: Owner
    redirect_uri: str
    challenge: str | None
    method: str


class Tokens:
    """All valid tokens; `ACCESS` and `REFRESH` are valid from the start.

    Refresh tokens work once and rotate, the first ones too.
    """

    def __init__(self, sellers: list[int], switches: Switches, log: Log) -> None:
        everyone = Owner(sellers[0] if sellers else 0, frozenset(sellers))
        self._each = {seller: Owner(seller, frozenset({seller})) for seller in sellers}
        self._switches = switches
        self._log = log
        self._made = 0
        self._codes: dict[str, _Code] = {}
        self._access: dict[str, tuple[Owner, float | None]] = {ACCESS: (everyone, None)}
        self._refresh: dict[str, Owner] = {REFRESH: everyone}
        for seller, owner in self._each.items():
            self._access[f"{ACCESS}-{seller}"] = (owner, None)
            self._refresh[f"{REFRESH}-{seller}"] = owner

    def owner(self, header: str | None) -> Owner:
        """The owner of a request's Authorization header."""
        if not header:
            raise unauthorized("authorization value not present")
        kind, _, token = header.partition(" ")
        if kind.casefold() != "bearer" or not token.startswith("APP_USR-"):
            raise error(400, "bad_request", "Malformed access_token: ********")
        owner, dies_at = self._access.get(token, (_somebody(token), None))
        if owner is None or (dies_at is not None and time.monotonic() >= dies_at):
            raise unauthorized("invalid access token")
        return owner

    def authorize(self, query: Mapping[str, str]) -> str:
        """Log in at once and return the address to redirect to, with a code.

        ``seller`` (the sandbox's own parameter) says which account; else the first.
        """
        redirect = query.get("redirect_uri", "")
        if not redirect or not query.get("client_id"):
            raise oauth_error("invalid_request", "client_id and redirect_uri needed")
        if query.get("response_type") != "code":
            raise oauth_error("invalid_request", "response_type must be code")
        chosen = query.get("seller") or str(next(iter(self._each), ""))
        owner = self._each.get(int(chosen)) if chosen.isdigit() else None
        if owner is None:
            raise oauth_error("invalid_request", "there is no such seller")
        code = f"TG-{self._secret()}-{owner.user_id}"
        self._codes[code] = _Code(
            owner,
            redirect,
            query.get("code_challenge"),
            query.get("code_challenge_method", "plain"),
        )
        state = f"&state={query['state']}" if "state" in query else ""
        return f"{redirect}{'&' if '?' in redirect else '?'}code={code}{state}"

    def issue(self, form: Mapping[str, str]) -> dict[str, Any]:
        """Answer POST /oauth/token with a new pair."""
        if not form.get("client_id") or not form.get("client_secret"):
            raise oauth_error("invalid_client", "invalid client_id or client_secret.")
        grant = form.get("grant_type")
        if grant == "refresh_token":
            token = form.get("refresh_token", "")
            self._log.refresh_tokens[token] += 1
            owner = self._refresh.pop(token, None)
            if owner is None:
                raise _invalid_grant()
            return self._pair(owner, form["client_id"])
        if grant == "authorization_code":
            known = self._codes.pop(form.get("code", ""), None)
            if known is None or not _proves(known, form):
                raise _invalid_grant()
            return self._pair(known.owner, form["client_id"])
        raise oauth_error("unsupported_grant_type", "grant_type is not supported")

    def _pair(self, owner: Owner, client_id: str) -> dict[str, Any]:
        access = f"APP_USR-{client_id}-010100-{self._secret()}-{owner.user_id}"
        refresh = f"TG-{self._secret()}-{owner.user_id}"
        lives = self._switches.access_token_seconds
        self._access[access] = (owner, time.monotonic() + lives)
        self._refresh[refresh] = owner
        return {
            "access_token": access,
            "token_type": "bearer",
            "expires_in": int(lives),
            "scope": "offline_access read write",
            "user_id": owner.user_id,
            "refresh_token": refresh,
        }

    def _secret(self) -> str:
        self._made += 1
        return f"{drawn(61, self._made):016x}{drawn(62, self._made):016x}"


def _somebody(token: str) -> Owner | None:
    """``APP_USR-sandbox-<user id>`` works for any account; buyers sell nothing."""
    user = token.removeprefix(f"{ACCESS}-")
    return Owner(int(user), frozenset()) if user.isdecimal() else None


def _invalid_grant() -> Refusal:
    return oauth_error(
        "invalid_grant",
        "Error validating grant. Your authorization code or refresh token may be "
        "expired or it was already used",
    )


def _proves(code: _Code, form: Mapping[str, str]) -> bool:
    """Whether the sender of a code also requested it (PKCE, RFC 7636)."""
    if form.get("redirect_uri") != code.redirect_uri:
        return False
    if code.challenge is None:
        return True
    verifier = form.get("code_verifier", "")
    if code.method == "S256":
        hashed = hashlib.sha256(verifier.encode()).digest()
        verifier = base64.urlsafe_b64encode(hashed).rstrip(b"=").decode()
    return verifier == code.challenge
