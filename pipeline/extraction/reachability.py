"""Diagnoses the API from here: does it answer, who owns the tokens, what may they read.

It sends a handful of requests and lands nothing. Not here: this machine
(`inspection/doctor.py`).
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from pipeline.extraction import sellers
from pipeline.extraction.accounts import (
    Account,
    TokenState,
    opened,
    settled,
    token_states,
)
from pipeline.extraction.coverage import CLOCKS_DIFFER
from pipeline.extraction.probe import prove_filter
from pipeline.mercadolibre.connection import Reached, reach
from pipeline.mercadolibre.errors import (
    BadRequest,
    BrokenBody,
    CallerMismatch,
    FilterIgnored,
    Forbidden,
    MercadoLibreError,
    RateLimited,
    ReauthorisationNeeded,
    Redirected,
    Unauthorised,
    WrongClock,
)
from pipeline.settings import Settings, WrongSetting

Level = Literal["ok", "warn", "fail"]


@dataclass(frozen=True)
class Diagnosis:
    """The result of one check; after a ``fail`` a sync cannot be right.

    Attributes:
        cure: what a person should do, in words; empty if all is well.
    """

    level: Level
    what: str
    found: str
    cure: str = ""


def ok(what: str, found: str) -> Diagnosis:
    """There is nothing to do."""
    return Diagnosis("ok", what, found)


def warn(what: str, found: str, cure: str) -> Diagnosis:
    """A sync works, but somebody should know."""
    return Diagnosis("warn", what, found, cure)


def fail(what: str, found: str, cure: str) -> Diagnosis:
    """A sync does not work, or does not prove what it should."""
    return Diagnosis("fail", what, found, cure)


LARGEST_SKEW_SECONDS = 60
"""More is a fault for `doctor`, so that it is mended before a sync stops."""

TOLD_SKEW = timedelta(minutes=2)
"""A sync says that the clock is off by more: as much as the proof allows for."""

STOPPING_SKEW = CLOCKS_DIFFER
"""A sync stops before it asks for anything if the clock is off by more."""

_SET_CLOCK = "set this machine's clock (NTP)"

_NETWORK = (
    "check the network, MELI_BASE_URL, and HTTPS_PROXY if there is a proxy; a firewall "
    "must let api.mercadolibre.com through on port 443"
)
_ACCESS = (
    "set a fresh MELI_ACCESS_TOKEN (one lives six hours), or run `meli-sales login` "
    "with MELI_CLIENT_ID and MELI_CLIENT_SECRET set"
)
_LOGIN = "run `meli-sales login` with this seller's account"
_SELLER = (
    "list in MELI_SELLER_IDS only sellers whose token is here; run `meli-sales login` "
    "with the account of each"
)
_PERMISSION = (
    "give the application the permission to read orders in the developer panel "
    "(functional permissions), then grant access again with `meli-sales login`"
)
_BUSY = "lower MELI_REQUESTS_PER_MINUTE or MELI_MAX_CONCURRENCY, or try again later"
_LATER = "try again in some minutes; if it stays, see Mercado Libre's status page"
_CURES: Sequence[tuple[type[MercadoLibreError], str]] = (
    (ReauthorisationNeeded, _LOGIN),
    (Unauthorised, _ACCESS),
    (CallerMismatch, _SELLER),
    (Forbidden, _PERMISSION),
    (RateLimited, _BUSY),
    # Somebody else answers: a proxy, or another server.
    (Redirected, _NETWORK),
    (BrokenBody, _NETWORK),
    (BadRequest, _NETWORK),
)


def answering(settings: Settings, notice: Callable[[str], None]) -> None:
    """Check within seconds that the API answers, before anything begins.

    Args:
        settings: name the API.
        notice: takes a line if the clocks differ, but not so much that it matters.

    Raises:
        Unreachable: no answer; the text says why and what to do.
        BrokenBody: something other than the API answers.
        WrongClock: this machine's clock is off by more than `STOPPING_SKEW`.
    """
    try:
        ahead = reach(settings.base_url).clock_ahead
    except MercadoLibreError as error:
        raise type(error)(f"{error}: {_NETWORK}", path=error.path) from error
    skew = timedelta(seconds=round(ahead or 0))
    if abs(skew) > STOPPING_SKEW:
        raise WrongClock(f"this machine's clock is {_off(skew)}: {_SET_CLOCK}")
    if abs(skew) > TOLD_SKEW:
        notice(f"this machine's clock is {_off(skew)}, whose clock counts")


def _off(skew: timedelta) -> str:
    return f"{abs(skew)} {'ahead of' if skew > timedelta() else 'behind'} the API's"


def look(settings: Settings) -> Iterator[Diagnosis]:
    """Check everything in turn; leaves out checks that an earlier failure prevents."""
    states = token_states(settings)
    if not states:
        yield fail("token", "no token is configured", _ACCESS)
    try:
        reached = reach(settings.base_url)
    except MercadoLibreError as error:
        yield fail("api", str(error), _NETWORK)
        return
    yield from _answer(settings, reached)
    yield _clock(reached)
    if reached.status < 500 and reached.status != 429:
        yield from _tokens(settings, states)


def _answer(settings: Settings, reached: Reached) -> Iterator[Diagnosis]:
    what = f"{settings.base_url} answers in {reached.seconds * 1000:.0f} ms"
    if reached.status == 429:
        yield fail("api", f"{what}: too many requests (429)", _BUSY)
    elif reached.status >= 500:
        yield fail("api", f"{what}: in trouble ({reached.status})", _LATER)
    else:
        yield ok("api", what)


def _clock(reached: Reached) -> Diagnosis:
    ahead = reached.clock_ahead
    if ahead is None:
        return warn(
            "clock",
            "the API sends no time",
            "compare this machine's clock by hand",
        )
    words = f"{abs(ahead):.0f} s {'ahead of' if ahead > 0 else 'behind'} the API's"
    if abs(ahead) > LARGEST_SKEW_SECONDS:
        return fail(
            "clock",
            words,
            f"{_SET_CLOCK}: a sync stops if it is off by more than "
            f"{STOPPING_SKEW // timedelta(minutes=1)} minutes",
        )
    return ok("clock", words)


def _tokens(
    settings: Settings, states: Mapping[int | None, TokenState]
) -> Iterator[Diagnosis]:
    """Check each seller by itself, so one without permission hides no other."""
    groups: list[tuple[int, ...]] = [(one,) for one in settings.seller_ids]
    if not groups and None not in states:
        groups = [(one,) for one in sorted(filter(None, states))]
    for sellers_of in groups or [()]:
        only = settings.model_copy(update={"seller_ids": sellers_of})
        what = f"token of {sellers_of[0]}" if sellers_of else "token"
        try:
            with opened(only) as accounts:
                for account in accounts:
                    yield from _seller(account)
        except WrongSetting as error:
            found, _, cure = str(error).partition("; ")
            yield fail(what, found, cure or _ACCESS)
        except MercadoLibreError as error:
            yield _refused(what, error)


def _seller(account: Account) -> Iterator[Diagnosis]:
    what = f"seller {account.seller_id}"
    try:
        owner = sellers.owner(account.client)
        if settled(account, run_id="").payload is None:
            yield fail(what, "there is no such account", _SELLER)
            return
        prove_filter(account.client, account.seller_id)
    except FilterIgnored as error:
        yield fail(what, str(error), "do not trust a sync until this is understood")
    except MercadoLibreError as error:
        yield _refused(what, error)
    else:
        token = "its own" if owner == account.seller_id else f"that of {owner}"
        yield ok(
            what,
            f"site {account.site_id}, token is {token}, orders can be read, "
            "the search filters by date",
        )


def _refused(what: str, error: MercadoLibreError) -> Diagnosis:
    """What the API said, without the advice in its brackets, and the cure."""
    found = str(error) if error.status is None else str(error).partition(" (")[0]
    cure = next((cure for kind, cure in _CURES if isinstance(error, kind)), _LATER)
    return fail(what, found, cure)
