"""One method per endpoint we read; searches yield pages, single resources return one.

Waiting, trying again and tokens are composed around the `httpx.Client` that comes in
(`connection.py`); which pages to ask for is `extraction/`'s business.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from types import TracebackType
from typing import Literal, Self

import httpx

from pipeline.mercadolibre.auth import REFUSED_ALONE
from pipeline.mercadolibre.errors import BrokenBody, LimitExceeded, Unreachable
from pipeline.mercadolibre.page import Page
from pipeline.mercadolibre.refusals import is_answer, refusal

Words = str | Sequence[str]


def moment(value: datetime | None) -> str | None:
    """Write a moment as documented, in UTC, cut to the millisecond (§1.2).

    Raises:
        ValueError: the moment has no time zone.
    """
    if value is None:
        return None
    if value.tzinfo is None:
        raise ValueError(f"{value.isoformat()} has no time zone")
    utc = value.astimezone(UTC).replace(tzinfo=None)
    return f"{utc.isoformat(timespec='milliseconds')}-00:00"


def words(value: Words | None) -> str | None:
    """Write one word, or several as a comma list; none at all is no filter."""
    return value if isinstance(value, str) else ",".join(value or ()) or None


def yes_or_no(*, answer: bool | None) -> str | None:
    """Write a truth value."""
    return None if answer is None else str(answer).lower()


PAGE_LIMIT = 51  # largest `limit` (mercado-libre-api.md §1.3)
CEILING = 10_000  # largest `offset + limit` (§1.3)

Variant = Literal["search", "recent", "archived", "pending"]

_VARIANTS: Mapping[Variant, str] = {
    "search": "/orders/search",
    "recent": "/orders/search/recent",
    "archived": "/orders/search/archived",
    "pending": "/orders/search/pending",
}
# Without it a shipment still comes in its old, flat shape (§4.1).
_NEW_FORMAT = {"x-format-new": "true"}
_OWNER = re.compile(r"^Bearer .*-(\d+)$")


def _utc_now() -> datetime:
    return datetime.now(UTC)


class MercadoLibre:
    """The endpoints of Mercado Libre that the pipeline reads, for one account.

    Safe to share between threads. Every method raises the exceptions of `errors.py`:
    what the retries could not mend, 400, 401 and 403. A 404 of a single resource is
    an answer, not an error: its page has status 404.
    """

    def __init__(
        self, http: httpx.Client, *, now: Callable[[], datetime] = _utc_now
    ) -> None:
        self._http = http
        self._now = now

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections; the client is of no use afterwards."""
        self._http.close()

    def search_orders(
        self,
        *,
        seller: int,
        date_last_updated_from: datetime | None = None,
        date_last_updated_to: datetime | None = None,
        date_created_from: datetime | None = None,
        date_created_to: datetime | None = None,
        date_closed_from: datetime | None = None,
        date_closed_to: datetime | None = None,
        status: Words | None = None,
        q: str | None = None,
        item: str | None = None,
        tags: Words | None = None,
        tags_not: Words | None = None,
        mediations_stage: Words | None = None,
        mediations_status: Words | None = None,
        feedback_status: Words | None = None,
        feedback_sale_rating: Words | None = None,
        feedback_sale_fulfilled: bool | None = None,
        feedback_purchase_rating: Words | None = None,
        feedback_purchase_fulfilled: bool | None = None,
        sort: Literal["date_asc", "date_desc"] = "date_asc",
        offset: int = 0,
        limit: int = PAGE_LIMIT,
        ceiling: int = CEILING,
        variant: Variant = "search",
    ) -> Iterator[Page]:
        """Yield the pages of `/orders/search`, each asked for when the next is wanted.

        Advances by the rows that came, since a page may be short without being the
        last, and ends after yielding an empty page; a caller who has seen `total`
        distinct ids may stop earlier. Paging is not stable: rows may come twice or
        be jumped over (`mercado-libre-api.md §1.3`).

        The API cuts dates to the hour, and nobody knows whether `to` is inclusive
        (§1.2): ask wide, cut locally.

        Args:
            seller: user id of the seller, who must be the token's owner.
            date_last_updated_from: from this moment of last update on, aware.
            date_last_updated_to: up to this moment of last update, aware.
            date_created_from: from this moment of creation on, aware.
            date_created_to: up to this moment of creation, aware.
            date_closed_from: from this moment of closing on, aware.
            date_closed_to: up to this moment of closing, aware.
            status: one or several order statuses.
            q: order id, item id or title, or the buyer's nickname; never logged.
            item: item id.
            tags: orders that have these tags, e.g. `mshops`.
            tags_not: orders that have none of these tags.
            mediations_stage: stages of a claim.
            mediations_status: statuses of a claim.
            feedback_status: pending and the like.
            feedback_sale_rating: rating given by the seller.
            feedback_sale_fulfilled: whether the seller says it was fulfilled.
            feedback_purchase_rating: rating given by the buyer.
            feedback_purchase_fulfilled: whether the buyer says it was fulfilled.
            sort: by closing date; do not rely on which date (§1.1).
            offset: rows to pass over at the start.
            limit: rows a page, at most 51.
            ceiling: largest `offset + limit` to ask for; the last page before it is
                asked smaller, so that `ceiling` rows can be reached.
            variant: which of the searches; the others are legacy (§1.7).

        Raises:
            LimitExceeded: the API refuses limit or offset, or rows remain behind
                `ceiling`, which is not passed.
            ValueError: a moment without time zone.
        """
        filters: dict[str, str | None] = {
            "seller": str(seller),
            "order.date_last_updated.from": moment(date_last_updated_from),
            "order.date_last_updated.to": moment(date_last_updated_to),
            "order.date_created.from": moment(date_created_from),
            "order.date_created.to": moment(date_created_to),
            "order.date_closed.from": moment(date_closed_from),
            "order.date_closed.to": moment(date_closed_to),
            "order.status": words(status),
            "q": q,
            "item": item,
            "tags": words(tags),
            "tags.not": words(tags_not),
            "mediations.stage": words(mediations_stage),
            "mediations.status": words(mediations_status),
            "feedback.status": words(feedback_status),
            "feedback.sale.rating": words(feedback_sale_rating),
            "feedback.sale.fulfilled": yes_or_no(answer=feedback_sale_fulfilled),
            "feedback.purchase.rating": words(feedback_purchase_rating),
            "feedback.purchase.fulfilled": yes_or_no(
                answer=feedback_purchase_fulfilled
            ),
            "sort": sort,
        }
        params = {name: value for name, value in filters.items() if value is not None}
        return self._pages(_VARIANTS[variant], params, offset, limit, ceiling)

    def order(self, *, order_id: int) -> Page:
        """Read `/orders/{id}`: what search trims, without its `date_last_updated`."""
        return self._single(f"/orders/{int(order_id)}")

    def order_product(self, *, order_id: int) -> Page:
        """Read `/orders/{id}/product`: attributes such as a phone's IMEI."""
        return self._single(f"/orders/{int(order_id)}/product")

    def order_discounts(self, *, order_id: int) -> Page:
        """Read `/orders/{id}/discounts`: coupons and discounts, and who funds them."""
        return self._single(f"/orders/{int(order_id)}/discounts")

    def pack(self, *, pack_id: int) -> Page:
        """Read `/packs/{id}`: the orders of one cart."""
        return self._single(f"/packs/{int(pack_id)}")

    def shipment(self, *, shipment_id: int) -> Page:
        """Read `/shipments/{id}` in the new format."""
        return self._single(f"/shipments/{int(shipment_id)}", headers=_NEW_FORMAT)

    def shipment_costs(self, *, shipment_id: int) -> Page:
        """Read `/shipments/{id}/costs`: who pays what, of the whole shipment."""
        return self._single(f"/shipments/{int(shipment_id)}/costs", headers=_NEW_FORMAT)

    def exchange_rate(self, *, from_currency: str, to_currency: str) -> Page:
        """Read today's ratio of two currencies; 404 for a pair the API lacks (§5)."""
        return self._single(
            "/currency_conversions/search",
            params={"from": from_currency, "to": to_currency},
        )

    def user(self, *, user_id: int | None = None) -> Page:
        """Read `/users/{id}`, or the token's owner (`/users/me`) without an id."""
        return self._single(
            "/users/me" if user_id is None else f"/users/{int(user_id)}"
        )

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
            # At the ceiling no empty page can be asked for: the total must do.
            everything = page.total is not None and offset >= page.total
            if not received or (offset >= ceiling and everything):
                return

    def _single(
        self,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Page:
        page = self._get(path, params or {}, headers)
        if page.is_missing and not is_answer(page.body):
            raise refusal("GET", path, page.status, page.body)
        if not page.is_missing and not page.body.lstrip().startswith(b"{"):
            raise BrokenBody(
                f"GET {path}: {page.status}, but the body is no object",
                status=page.status,
                path=path,
            )
        return page

    def _get(
        self,
        path: str,
        params: Mapping[str, str],
        headers: Mapping[str, str] | None = None,
    ) -> Page:
        try:
            response = self._http.get(path, params=params, headers=headers)
        except httpx.TransportError as fault:
            name = type(fault).__name__
            raise Unreachable(f"GET {path}: no answer ({name})", path=path) from fault
        if response.status_code not in (200, 206, 404):
            raise refusal(
                "GET",
                path,
                response.status_code,
                response.content,
                owner=_owner(response),
                is_token_good=REFUSED_ALONE in response.extensions,
            )
        missing = response.headers.get("X-Content-Missing", "").split(",")
        return Page(
            path=path,
            params=params,
            status=response.status_code,
            missing_fields=tuple(name.strip() for name in missing if name.strip()),
            fetched_at=self._now(),
            body=response.content,
        )


def _owner(response: httpx.Response) -> int | None:
    """Read who owns the token off its end, where Mercado Libre writes the user id."""
    found = _OWNER.match(response.request.headers.get("Authorization", ""))
    return int(found[1]) if found else None
