"""The application: every route of the API, and the steps of each request.

Each request is counted, slowed, refused or broken as the switches say; then its token
is checked, the endpoint answers, and the body is perhaps cut. Not here: what an answer
holds (the modules of endpoints).
"""

from collections.abc import Callable
from functools import partial
from urllib.parse import parse_qsl, quote

from pipeline.sandbox.server import (
    control,
    faults,
    marketplace_endpoints,
    order_endpoints,
    pages,
    reference_endpoints,
    shipment_endpoints,
)
from pipeline.sandbox.server.answers import (
    Refusal,
    Response,
    answer,
    error,
    oauth_error,
    policy,
)
from pipeline.sandbox.server.asked import Asked, Endpoint, Luck, Sandbox
from pipeline.sandbox.server.log import Log
from pipeline.sandbox.server.request import Request, Route, Routes, WrongMethod
from pipeline.sandbox.server.switches import Switches
from pipeline.sandbox.server.tokens import Tokens
from pipeline.sandbox.world.world import World

Answer = Callable[[], Response]
Work = Callable[[Request, Luck], Response]
Begin = Callable[[Request], tuple[float, Answer]]

_PLAIN = "text/plain; charset=utf-8"


def _nothing(_asked: Asked) -> Response:
    raise error(404, "not_found", "Resource not found")


ENDPOINTS: dict[str, Endpoint] = {
    "/orders/search": lambda asked: pages.page(asked, "search"),
    "/orders/search/recent": lambda asked: pages.page(asked, "recent"),
    "/orders/search/archived": lambda asked: pages.page(asked, "archived"),
    "/orders/search/pending": lambda asked: pages.page(asked, "pending"),
    "/orders/{id}": order_endpoints.order,
    "/orders/{id}/product": order_endpoints.product,
    "/orders/{id}/discounts": order_endpoints.discounts,
    "/orders/{id}/shipments": order_endpoints.shipments,
    "/packs/{id}": order_endpoints.pack,
    "/marketplace/orders/search": marketplace_endpoints.carts,
    "/marketplace/orders/pack/{id}": marketplace_endpoints.pack,
    "/marketplace/orders/{id}": marketplace_endpoints.order,
    "/marketplace/shipments/{id}": shipment_endpoints.shipment,
    "/marketplace/shipments/{id}/costs": marketplace_endpoints.costs,
    "/shipments/{id}": shipment_endpoints.shipment,
    "/shipments/{id}/costs": shipment_endpoints.costs,
    "/currency_conversions/search": reference_endpoints.conversion,
    "/users/me": reference_endpoints.me,
    "/users/{id}": reference_endpoints.user,
    "/missed_feeds": reference_endpoints.missed_feeds,
    "/{rest:path}": _nothing,
}
"""Endpoints by template, most specific first; the log names them by template."""


class App:
    """A sandbox without its connections.

    ``world``, ``switches``, ``log``, ``tokens`` and ``missed`` may be changed; that
    changes the next answer.
    """

    def __init__(self, world: World, switches: Switches | None = None) -> None:
        self.world = world
        self.switches = switches or Switches()
        self.log = Log()
        self.tokens = Tokens(world.sellers, self.switches, self.log)
        self._sandbox = Sandbox(world, self.switches, self.log, self.tokens)
        self.missed = self._sandbox.missed
        self._pace = faults.Pace()
        self._routes = Routes[Begin](
            [
                *(
                    Route(one.template, _at_once(one.work), one.methods)
                    for one in control.routes(self._sandbox)
                ),
                self._guarded("/authorization", self._authorization),
                self._guarded("/oauth/token", self._token, ("POST",)),
                *(
                    self._guarded(template, self._resource(template, endpoint))
                    for template, endpoint in ENDPOINTS.items()
                ),
            ]
        )

    def begin(self, request: Request) -> tuple[float, Answer]:
        """Count a request; say after how many seconds to make its answer, and how."""
        try:
            route, request.path_params = self._routes.find(request.method, request.path)
        except WrongMethod as wrong:
            allowed = {"Allow": ", ".join(wrong.allowed)}
            body = b"Method Not Allowed"
            return 0.0, partial(Response, 405, body, _PLAIN, allowed)
        return route.work(request)

    def _guarded(
        self, template: str, work: Work, methods: tuple[str, ...] = ("GET", "HEAD")
    ) -> Route[Begin]:
        """Wrap the work of an endpoint in counting, faults and refusals."""
        faulty = not template.startswith(("/oauth", "/auth"))

        def begin(request: Request) -> tuple[float, Answer]:
            self.log.count(template, request.path_params.get("id"))
            luck = self._sandbox.luck(f"{request.path}?{request.query}")

            def finish() -> Response:
                response = self._respond(request, work, luck, faulty=faulty)
                self.log.answered(template, response.status)
                return response

            return _latency(self.switches, luck, faulty=faulty), finish

        return Route(template, begin, methods)

    def _resource(self, template: str, endpoint: Endpoint) -> Work:
        """The work of an endpoint that needs a token."""

        def work(request: Request, luck: Luck) -> Response:
            if template in self.switches.policy_refuses:
                raise policy()
            owner = self.tokens.owner(request.headers.get("authorization"))
            return endpoint(Asked(request, self._sandbox, owner, luck))

        return work

    def _token(self, request: Request, _luck: Luck) -> Response:
        """POST /oauth/token: parameters in the body, never in the query."""
        kind = request.headers.get("content-type", "")
        if not kind.startswith("application/x-www-form-urlencoded"):
            raise oauth_error("invalid_request", "Content-Type must be a form")
        form = dict(parse_qsl(request.body.decode()))
        return answer(self.tokens.issue(form))

    def _authorization(self, request: Request, _luck: Luck) -> Response:
        """GET /authorization: the login page, which logs in at once."""
        address = self.tokens.authorize(request.query_params)
        safe = quote(address, safe=":/%#?=@[]!$&'()*+,;")
        return Response(302, headers={"location": safe})

    def _respond(
        self, request: Request, work: Work, luck: Luck, *, faulty: bool
    ) -> Response:
        if not self._pace.admits(self.switches.requests_per_minute):
            self.log.faults["pace"] += 1
            return faults.limited(luck)
        fault = faults.instead(self.switches, luck) if faulty else None
        if fault is not None:
            self.log.faults[fault[0]] += 1
            return fault[1]
        try:
            response = work(request, luck)
        except Refusal as refusal:
            response = refusal.response
        short = faults.cut(self.switches, luck, response) if faulty else None
        if short is not None:
            self.log.faults["truncated"] += 1
            return short
        return response


def _at_once(work: Callable[[Request], Response]) -> Begin:
    return lambda request: (0.0, partial(work, request))


def _latency(switches: Switches, luck: Luck, *, faulty: bool) -> float:
    seconds = switches.latency_seconds
    if faulty and switches.rate_slow and luck("slow") < switches.rate_slow:
        seconds += switches.slow_seconds
    return seconds
