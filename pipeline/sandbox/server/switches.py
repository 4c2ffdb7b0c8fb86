"""How the sandbox behaves: one field for each habit, all changeable while it runs.

Not here: applying them (`search`, `pages`, `faults`, `tokens`, `app`).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from decimal import Decimal

from pipeline.sandbox.world.chance import fraction

SEARCH_TRIMS = frozenset(
    {
        "buyer.first_name",
        "buyer.last_name",
        "buyer.billing_info",
        "buyer.email",
        "buyer.phone",
        "buyer.alternative_phone",
        "seller.first_name",
        "seller.last_name",
        "seller.email",
        "seller.phone",
        "seller.alternative_phone",
        "context",
        "related_orders",
        "order_items.discounts",
        "order_items.gross_price",
        "order_items.requested_quantity",
        "order_items.stock",
    }
)
"""Paths that search rows lack by default.

`cancel_detail` and `payments.transaction_amount_refunded` are not among them: the
first was measured in live search results, the second is missing only in samples of 2019
whose detail lacks it too. Add them to `Switches.trims_search` to try without.
"""


class WrongSwitch(ValueError):
    """A switch that does not exist, or a value of another kind than it takes."""


@dataclass
class Switches:
    """Every habit of the sandbox; the defaults are what the documents say.

    Shares are between 0 and 1, drawn from ``faults_seed``, the request and how often it
    came: the same run gets the same faults, in any order of requests.

    Searching
        page_limit: largest ``limit``; above it 400.
        ceiling: largest ``offset + limit``; above it 400.
        truncates_to_hour: minutes and less of a date filter are ignored.
        to_covers_its_hour: a truncated ``.to`` reaches to the end of its hour.
        to_is_inclusive: the last instant itself is inside.
        filters_dates: off, date filters are ignored as unknown parameters are.
        hides_cancelled: a seller's search without ``order.status`` lacks cancelled.
        trims_search: dotted paths that search rows lack.
        short_pages: share of pages that are short but not the last.
        moving: share of searched pages after which an order of the searched window is
            updated, so that it leaves the window and shifts the others.
        swaps_ties: orders of one instant come in another order at each request.
        ends_total_at_page: `paging.total` stops at the edge of the page, a multiple of
            ``limit``, although more orders follow; past it the total is right.

    Faults, each a share of the answers of every endpoint but OAuth and /sandbox
        rate_429, rate_5xx (JSON), rate_html (502 and a web page), rate_dropped
        (connection closed without an answer), rate_truncated (the body is cut:
        before its Content-Length, or within its JSON).
        rate_slow, slow_seconds: how many answers wait, and how long.
        rate_206: share of searches that answer 206 with fields left out of some rows.
        rate_206_detail: the same for /orders/{id}, the first time an order is asked.
        missing_fields: what a 206 may lack.

    Limits
        requests_per_minute: 429 beyond; None means no limit.
        latency_seconds: how long every answer takes.

    Tokens
        access_token_seconds: how long an issued access token lives.

    Missing and refused things
        policy_refuses: templates ("/shipments/{id}") that answer 403 by policy.
        missing_shipments: share of shipments that answer 404.
        refused_orders: share of Global Selling's orders that answer 401 or 403 every
            time, with any token.
        null_shipping: share of orders that show no shipping id, nor does their pack;
            /orders/{id}/shipments names it.
    """

    page_limit: int = 51
    ceiling: int = 10_000
    truncates_to_hour: bool = True
    to_covers_its_hour: bool = True
    to_is_inclusive: bool = True
    filters_dates: bool = True
    hides_cancelled: bool = False
    trims_search: frozenset[str] = SEARCH_TRIMS
    short_pages: float = 0.0
    moving: float = 0.0
    swaps_ties: bool = False
    ends_total_at_page: bool = False

    rate_429: float = 0.0
    rate_5xx: float = 0.0
    rate_html: float = 0.0
    rate_dropped: float = 0.0
    rate_truncated: float = 0.0
    rate_slow: float = 0.0
    slow_seconds: float = 1.0
    rate_206: float = 0.0
    rate_206_detail: float = 0.0
    missing_fields: frozenset[str] = frozenset({"buyer", "feedback", "shipping"})
    faults_seed: int = 1

    requests_per_minute: int | None = None
    latency_seconds: float = 0.0

    access_token_seconds: float = 21_600.0

    policy_refuses: frozenset[str] = field(default_factory=frozenset)
    missing_shipments: float = 0.0
    refused_orders: float = 0.0
    null_shipping: float = 0.0

    @property
    def leaves_to_chance(self) -> bool:
        """Whether any habit is drawn for each request."""
        rates = (
            self.rate_429, self.rate_5xx, self.rate_html, self.rate_dropped,
            self.rate_truncated, self.rate_slow, self.rate_206, self.rate_206_detail,
            self.short_pages, self.moving, float(self.swaps_ties),
            float(self.requests_per_minute is not None),
        )  # fmt: skip
        return any(rates)

    def refusal(self, order_id: int) -> int | None:
        """Status with which an order of Global Selling is always refused."""
        at = fraction(self.faults_seed, 73, 6, order_id)
        if at >= self.refused_orders:
            return None
        return 401 if at < self.refused_orders / 2 else 403

    def hides_shipping(self, order_id: int) -> bool:
        """Whether an order never shows its shipping id itself."""
        return fraction(self.faults_seed, 74, order_id) < self.null_shipping

    @classmethod
    def faulty(cls, rate: float, **others: object) -> "Switches":
        """Switches with which ``rate`` of the answers fail, in all ways equally."""
        switches = cls()
        part = rate / 5
        names = ("rate_429", "rate_5xx", "rate_html", "rate_dropped", "rate_truncated")
        switches.update(dict.fromkeys(names, part) | others)
        return switches

    def update(self, values: Mapping[str, object]) -> None:
        """Set switches by name, as they come from JSON: all of them or none.

        Raises:
            WrongSwitch: names the switch that does not exist or cannot take its value.
        """
        known = {one.name: _kind(one.type) for one in fields(self)}
        checked = {}
        for name, value in values.items():
            if name not in known:
                raise WrongSwitch(f"there is no switch {name!r}")
            checked[name] = _checked(name, known[name], value)
        for name, value in checked.items():
            setattr(self, name, value)

    def as_json(self) -> dict[str, object]:
        """Return every switch by name, sets as sorted lists."""
        values = {one.name: getattr(self, one.name) for one in fields(self)}
        return {
            name: sorted(value) if isinstance(value, frozenset | set) else value
            for name, value in values.items()
        }


def _kind(declared: object) -> str:
    return declared.__name__ if isinstance(declared, type) else str(declared)


def _checked(name: str, kind: str, value: object) -> object:
    if value is None and kind.endswith("None"):
        return None
    if "frozenset" in kind:
        if isinstance(value, Iterable) and not isinstance(value, str | bytes | Mapping):
            return frozenset(str(part) for part in value)
    elif kind.startswith("bool"):
        if isinstance(value, bool):
            return value
    elif isinstance(value, int | float | Decimal) and not isinstance(value, bool):
        if kind.startswith("float"):
            return float(value)
        if int(value) == value:
            return int(value)
    raise WrongSwitch(f"{name} takes {kind}, not {value!r}")
