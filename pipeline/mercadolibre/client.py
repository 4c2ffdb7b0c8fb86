"""One method per endpoint; searches yield pages, single resources return one.

Not here: waiting, retries and tokens, which `connection.py` composes around the
`httpx.Client`; and which pages to request (`extraction/`).
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Literal, Self, TypeAlias, TypeVar
from urllib.parse import urlencode

import httpx

from pipeline.mercadolibre.bearer import REFUSED_ALONE
from pipeline.mercadolibre.clock import by_their_clock, utc_now
from pipeline.mercadolibre.errors import LimitExceeded, Unreachable
from pipeline.mercadolibre.page import Page
from pipeline.mercadolibre.refusals import is_answer, refusal

PAGE_LIMIT = 51
"""The largest `limit` that the order search takes."""

CEILING = 10_000
"""The largest `offset + limit` that the order search takes."""

Variant: TypeAlias = Literal["search", "recent", "archived", "pending"]
"""Which of the order searches; all but `search` are legacy (docs, Other searches)."""

Sort: TypeAlias = Literal["date_asc", "date_desc"]
"""Oldest or newest first."""

# Without this header a shipment comes in its old, flat shape.
_NEW_FORMAT = {"x-format-new": "true"}
# Without this one the shipments of an order come as one object, which is deprecated.
_HOSTED = {"X-New-Domain": "true"}
_STATUSES = (200, 206, 404)
# Names of fields, as the header X-Content-Missing lists them: `buyer, feedback`, and at
# times `[buyer, feedback]`. A name in what is no list of names could be anybody's.
_NAMES_APART = re.compile(r"[\s,;\[\]\"']+")
_NAME = re.compile(r"[a-z][a-z0-9_.]{0,63}")
_OWNER = re.compile(r"^Bearer .*-(\d+)$")

Kind = TypeVar("Kind", bound="MercadoLibre")


def moment(value: datetime) -> str:
    """Write a moment as the API documents it, in UTC, cut to the millisecond.

    Raises:
        ValueError: the moment has no time zone.
    """
    if value.tzinfo is None:
        raise ValueError(f"{value.isoformat()} has no time zone")
    utc = value.astimezone(UTC).replace(tzinfo=None)
    return f"{utc.isoformat(timespec='milliseconds')}-00:00"


def updated_within(start: datetime, end: datetime) -> dict[str, str]:
    """Filters of the order search: last updated from `start` to `end`, both aware.

    The API cuts both to the hour, and its documents do not say whether `end` is
    inclusive: ask for more than you need and cut locally.

    Raises:
        ValueError: a moment has no time zone.
    """
    return {
        "order.date_last_updated.from": moment(start),
        "order.date_last_updated.to": moment(end),
    }


class MercadoLibre:
    """The endpoints of Mercado Libre that the pipeline reads, for one account.

    Safe to share between threads. Every method raises the exceptions of `errors.py`:
    for 400, 401 and 403 at once, for the rest after retries. A 404 of a single resource
    is an answer, not an error: its page has status 404.
    """

    _endpoints: Mapping[str, str] = {}
    """Endpoints that have another path for this kind of account."""

    def __init__(
        self, http: httpx.Client, *, now: Callable[[], datetime] = utc_now
    ) -> None:
        self._http = http
        self._now = now
        # httpx puts them together anew for every request, which takes half its time.
        self._base_url = str(http.base_url).rstrip("/")
        self._headers = http.headers.raw
        self._extensions = {"timeout": http.timeout.as_dict()}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def speaking(self, kind: type[Kind]) -> Kind:
        """The same connection, asking the endpoints of another kind of account."""
        return kind(self._http, now=self._now)

    def close(self) -> None:
        """Close the connections; the client cannot be used afterwards."""
        self._http.close()

    def search_orders(
        self,
        *,
        seller: int,
        filters: Mapping[str, str] | None = None,
        sort: Sort = "date_asc",
        offset: int = 0,
        limit: int = PAGE_LIMIT,
        ceiling: int = CEILING,
        variant: Variant = "search",
    ) -> Iterator[Page]:
        """Yield the pages of `/orders/search`, each requested when the next is wanted.

        Advances by the rows that came, since a short page is not always the last, and
        ends after yielding an empty page; a caller who has seen `total` distinct ids
        may stop earlier. Paging is not stable: a row may come twice or be skipped.

        Args:
            seller: user id of the seller, who must be the token's owner.
            filters: any filters that the API documents, by its own names, such as
                `order.status` or those of `updated_within`. The API silently ignores
                names that it does not know.
            sort: by closing date, oldest or newest first.
            offset: rows to skip at the start.
            limit: rows a page, at most 51.
            ceiling: largest `offset + limit` to request; the last page before it is
                smaller, so that `ceiling` rows can be reached.
            variant: `search`, or one of the legacy searches below it.

        Raises:
            LimitExceeded: the API refuses limit or offset, or there are rows beyond
                `ceiling`.
        """
        path, params = self._search(seller, filters or {}, variant)
        return self._pages(path, {**params, "sort": sort}, offset, limit, ceiling)

    def _search(
        self, seller: int, filters: Mapping[str, str], variant: Variant
    ) -> tuple[str, dict[str, str]]:
        path = "/orders/search" + ("" if variant == "search" else f"/{variant}")
        return path, {"seller": str(seller), **filters}

    def order(self, *, order_id: int) -> Page:
        """Read `/orders/{id}`: what search trims, without its `date_last_updated`."""
        return self._single(self._path("/orders/{id}", order_id))

    def order_product(self, *, order_id: int) -> Page:
        """Read `/orders/{id}/product`: attributes such as a phone's IMEI."""
        return self._single(f"/orders/{int(order_id)}/product")

    def order_discounts(self, *, order_id: int) -> Page:
        """Read `/orders/{id}/discounts`: coupons and discounts, and who funds them."""
        return self._single(f"/orders/{int(order_id)}/discounts")

    def order_shipments(self, *, order_id: int) -> Page:
        """Read `/orders/{id}/shipments`: an array, 204 while there is none."""
        return self._single(
            f"/orders/{int(order_id)}/shipments",
            headers=_HOSTED,
            statuses=(*_STATUSES, 204),
        )

    def pack(self, *, pack_id: int) -> Page:
        """Read `/packs/{id}`: the orders of one cart."""
        return self._single(self._path("/packs/{id}", pack_id))

    def shipment(self, *, shipment_id: int) -> Page:
        """Read `/shipments/{id}` in the new format."""
        path = self._path("/shipments/{id}", shipment_id)
        return self._single(path, headers=_NEW_FORMAT)

    def shipment_costs(self, *, shipment_id: int) -> Page:
        """Read `/shipments/{id}/costs`: who pays what, of the whole shipment."""
        path = self._path("/shipments/{id}/costs", shipment_id)
        return self._single(path, headers=_NEW_FORMAT)

    def exchange_rate(self, *, from_currency: str, to_currency: str) -> Page:
        """Read today's ratio of two currencies; 404 for a pair the API lacks."""
        return self._single(
            "/currency_conversions/search",
            params={"from": from_currency, "to": to_currency},
        )

    def user(self, *, user_id: int | None = None) -> Page:
        """Read `/users/{id}`, or the token's owner (`/users/me`) without an id."""
        return self._single(
            "/users/me" if user_id is None else f"/users/{int(user_id)}"
        )

    def missed_feeds(
        self, *, app_id: int, topic: str, offset: int = 0, limit: int = 50
    ) -> Page:
        """Read `/missed_feeds`: notifications of two days that were not answered 200.

        Reading takes none away, and there is no filter by time.
        """
        return self._single(
            "/missed_feeds",
            params={
                "app_id": str(app_id),
                "topic": topic,
                "offset": str(offset),
                "limit": str(limit),
            },
        )

    def _path(self, endpoint: str, identity: int) -> str:
        return self._endpoints.get(endpoint, endpoint).format(id=int(identity))

    def _pages(
        self, path: str, filters: dict[str, str], offset: int, limit: int, ceiling: int
    ) -> Iterator[Page]:
        while True:
            reach = min(limit, ceiling - offset)
            if reach <= 0:
                raise LimitExceeded(
                    f"GET {path}: more than {ceiling} rows, which paging cannot reach",
                    ceiling=ceiling,
                    path=path,
                )
            params = {**filters, "offset": str(offset), "limit": str(reach)}
            page = self._get(path, params)
            if page.is_missing:
                raise refusal("GET", path, page.status, page.body)
            received = page.count
            yield page
            offset += received
            # At the ceiling an empty page cannot be requested: the total must do.
            everything = page.total is not None and offset >= page.total
            if not received or (offset >= ceiling and everything):
                return

    def _single(
        self,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        statuses: Sequence[int] = _STATUSES,
    ) -> Page:
        page = self._get(path, params or {}, headers, statuses)
        if page.is_missing and not is_answer(page.body):
            raise refusal("GET", path, page.status, page.body)
        return page

    def _get(
        self,
        path: str,
        params: Mapping[str, str],
        headers: Mapping[str, str] | None = None,
        statuses: Sequence[int] = _STATUSES,
    ) -> Page:
        try:
            response = self._http.send(self._request(path, params, headers or {}))
        except httpx.TransportError as fault:
            name = type(fault).__name__
            raise Unreachable(f"GET {path}: no answer ({name})", path=path) from None
        if response.status_code not in statuses:
            raise refusal(
                "GET",
                path,
                response.status_code,
                response.content,
                owner=_owner(response),
                seller=params.get("seller") or params.get("seller.id"),
                is_token_good=REFUSED_ALONE in response.extensions,
            )
        missing = response.headers.get("X-Content-Missing", "").lower()
        return Page(
            path=path,
            params=params,
            status=response.status_code,
            missing_fields=tuple(filter(_NAME.fullmatch, _NAMES_APART.split(missing))),
            fetched_at=by_their_clock(self._now(), response.headers.get("Date")),
            body=response.content,
        )

    def _request(
        self, path: str, params: Mapping[str, str], headers: Mapping[str, str]
    ) -> httpx.Request:
        query = f"?{urlencode(params)}" if params else ""
        return httpx.Request(
            "GET",
            f"{self._base_url}{path}{query}",
            headers=[*self._headers, *_encoded(headers)],
            extensions=dict(self._extensions),
        )


def _encoded(headers: Mapping[str, str]) -> Iterator[tuple[bytes, bytes]]:
    return ((name.encode(), value.encode()) for name, value in headers.items())


def _owner(response: httpx.Response) -> int | None:
    """Read the token's owner from its end, where Mercado Libre writes the user id."""
    found = _OWNER.match(response.request.headers.get("Authorization", ""))
    return int(found[1]) if found else None
