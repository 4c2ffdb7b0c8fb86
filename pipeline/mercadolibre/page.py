"""One answer of the API as it came, with its request."""

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from urllib.parse import quote, urlencode

import msgspec

from pipeline.mercadolibre.errors import BrokenBody
from pipeline.mercadolibre.json_text import cut

# `q` searches a buyer's nickname: personal data, kept out of stored requests.
_PERSONAL = frozenset({"q"})


class _Paging(msgspec.Struct):
    total: Annotated[int, msgspec.Meta(ge=0, lt=2**31)] | None = None


class _Envelope(msgspec.Struct):
    results: list[msgspec.Raw]
    paging: _Paging | None = None


_ENVELOPE = msgspec.json.Decoder(_Envelope, strict=False)
_PAGING = msgspec.json.Decoder(_Paging | None, strict=False)


@dataclass(frozen=True)
class Page:
    """One answer of the API: status 200, 206, or 404 or 204 for a single resource.

    Attributes:
        path: of the request, below the base URL.
        params: the query, as sent, in order.
        status: 200; 206 if fields are missing; 404 if there is no such thing, 204 if
            there is none yet.
        missing_fields: the names in the header `X-Content-Missing`.
        fetched_at: when the answer was made, UTC, by the server's clock.
        body: the answer's bytes, decompressed and otherwise untouched.
    """

    path: str
    params: Mapping[str, str]
    status: int
    missing_fields: tuple[str, ...]
    fetched_at: datetime
    body: bytes

    @property
    def request(self) -> str:
        """`path?query`, safe to store: without token, a free search text blanked."""
        shown = {
            name: "***" if name in _PERSONAL else value
            for name, value in self.params.items()
        }
        query = urlencode(shown, quote_via=quote, safe=":,*")
        return f"{self.path}?{query}" if query else self.path

    @property
    def is_missing(self) -> bool:
        """Whether the API answered that there is no such thing, or none yet."""
        return self.status in (204, 404)

    def records(self) -> list[bytes]:
        """The text of every element of `results` as sent; one may not be JSON.

        Raises:
            BrokenBody: the body is not an object with a list `results`.
        """
        return [bytes(record) for record in self._envelope.results]

    @property
    def count(self) -> int:
        """Number of elements of `results`; raises `BrokenBody` as `records` does."""
        return len(self._envelope.results)

    @property
    def total(self) -> int | None:
        """`paging.total`: rows of the whole search, as the API counts; None if absent.

        Raises:
            BrokenBody: the body is not an object with a list `results`.
        """
        paging = self._envelope.paging
        return None if paging is None else paging.total

    @functools.cached_property
    def _envelope(self) -> _Envelope:
        try:
            return _decoded(self.body)
        except (ValueError, RecursionError):
            raise BrokenBody(
                f"GET {self.path}: {self.status}, but the body is not a search result "
                "(if all is answered so, check MELI_BASE_URL, and HTTPS_PROXY if "
                "there is a proxy)",
                status=self.status,
                path=self.path,
            ) from None


def _decoded(body: bytes) -> _Envelope:
    """Decode an envelope; cut it where a record in it is not JSON.

    Raises:
        ValueError: it is not JSON, also when cut.
    """
    try:
        return _ENVELOPE.decode(body)
    except (ValueError, RecursionError):
        members = dict(cut(body))
        results = members.get(b'"results"', b"")
        if not results.startswith(b"["):
            raise
        return _Envelope(
            [msgspec.Raw(record) for _, record in cut(results)],
            _PAGING.decode(members.get(b'"paging"', b"null")),
        )
