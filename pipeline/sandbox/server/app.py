"""The application: every route of the API, and the steps of each request.

Each request is counted, slowed, refused or broken as the switches say; then its token
is checked, the endpoint answers, and the body is perhaps cut. Not here: what an answer
holds (the modules of endpoints).
"""

import asyncio
from collections.abc import Awaitable, Callable
from urllib.parse import parse_qsl

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from pipeline.sandbox.server import (
    control,
    faults,
    order_endpoints,
    pages,
    reference_endpoints,
    shipment_endpoints,
)
from pipeline.sandbox.server.answers import Refusal, answer, error, oauth_error, policy
from pipeline.sandbox.server.asked import Asked, Endpoint, Luck, Sandbox
from pipeline.sandbox.server.log import Log
from pipeline.sandbox.server.switches import Switches
from pipeline.sandbox.server.tokens import Tokens
from pipeline.sandbox.world.world import World

Handler = Callable[[Request], Awaitable[Response]]
Work = Callable[[Request, Luck], Awaitable[Response]]


def _nothing(_asked: Asked) -> Response:
    raise error(404, "not_found", "Resource not found")


ENDPOINTS: dict[str, Endpoint] = {
    "/orders/search": lambda asked: pages.page(asked, "search"),
    "/orders/search/recent": lambda asked: pages.page(asked, "recent"),
    "/orders/search/archived": lambda asked: pages.page(asked, "archived"),
    "/orders/search/pending": lambda asked: pages.page(asked, "pending"),
    "/orders/billing-info/{site}/{id}": order_endpoints.billing_by_id,
    "/orders/{id}": order_endpoints.order,
    "/orders/{id}/product": order_endpoints.product,
    "/orders/{id}/discounts": order_endpoints.discounts,
    "/orders/{id}/feedback": order_endpoints.feedback,
    "/orders/{id}/shipments": order_endpoints.shipments,
    "/orders/{id}/billing_info": order_endpoints.billing_info,
    "/packs/{id}": order_endpoints.pack,
    "/marketplace/orders/pack/{id}": order_endpoints.pack,
    "/shipments/{id}": shipment_endpoints.shipment,
    **{
        f"/shipments/{{id}}/{name}": part
        for name, part in shipment_endpoints.PARTS.items()
    },
    "/currency_conversions/search": reference_endpoints.conversion,
    "/currencies": reference_endpoints.currencies,
    "/currencies/{id}": reference_endpoints.currency,
    "/sites/{id}": reference_endpoints.site,
    "/users/me": reference_endpoints.me,
    "/users/{id}": reference_endpoints.user,
    "/missed_feeds": reference_endpoints.missed_feeds,
    "/{rest:path}": _nothing,
}
"""Endpoints by template, most specific first; the log names them by template."""


def create_app(world: World, switches: Switches | None = None) -> Starlette:
    """Make the ASGI application of a sandbox.

    ``app.state`` carries ``world``, ``switches``, ``log`` and ``tokens``; changing them
    changes the next answer.
    """
    habits = switches or Switches()
    log = Log()
    sandbox = Sandbox(world, habits, log, Tokens(world.sellers, habits, log))
    gate = _Gate(sandbox)
    routes = [
        *control.routes(sandbox),
        Route("/authorization", gate.guarded("/authorization", gate.authorization)),
        Route(
            "/oauth/token",
            gate.guarded("/oauth/token", gate.token),
            methods=["POST"],
        ),
        *(
            Route(template, gate.guarded(template, gate.resource(template, endpoint)))
            for template, endpoint in ENDPOINTS.items()
        ),
    ]
    app = Starlette(routes=routes)
    app.state.world = world
    app.state.switches = habits
    app.state.log = log
    app.state.tokens = sandbox.tokens
    return app


class _Gate:
    """Wraps endpoints in counting, faults and token checks."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self._pace = faults.Pace()

    def guarded(self, template: str, work: Work) -> Handler:
        """Wrap the work of an endpoint in counting, faults and refusals."""

        async def handle(request: Request) -> Response:
            log, switches = self._sandbox.log, self._sandbox.switches
            log.count(template, request.path_params.get("id"))
            luck = self._sandbox.luck(_question(request))
            spared = template.startswith(("/oauth", "/auth"))
            response = await self._respond(
                request, work, luck, faulty=switches.faults_oauth or not spared
            )
            log.answered(template, response.status_code)
            return response

        return handle

    def resource(self, template: str, endpoint: Endpoint) -> Work:
        """The work of an endpoint that needs a token."""

        async def work(request: Request, luck: Luck) -> Response:
            if template in self._sandbox.switches.policy_refuses:
                raise policy()
            owner = self._sandbox.tokens.owner(request.headers.get("authorization"))
            return endpoint(Asked(request, self._sandbox, owner, luck))

        return work

    async def token(self, request: Request, _luck: Luck) -> Response:
        """POST /oauth/token: parameters in the body, never in the query."""
        kind = request.headers.get("content-type", "")
        if not kind.startswith("application/x-www-form-urlencoded"):
            raise oauth_error("invalid_request", "Content-Type must be a form")
        form = dict(parse_qsl((await request.body()).decode()))
        return answer(self._sandbox.tokens.issue(form))

    async def authorization(self, request: Request, _luck: Luck) -> Response:
        """GET /authorization: the login page, which logs in at once."""
        address = self._sandbox.tokens.authorize(request.query_params)
        return RedirectResponse(address, 302)

    async def _respond(
        self, request: Request, work: Work, luck: Luck, *, faulty: bool
    ) -> Response:
        log, switches = self._sandbox.log, self._sandbox.switches
        await _wait(switches, luck, faulty=faulty)
        if not self._pace.admits(switches.requests_per_minute):
            log.faults["pace"] += 1
            return faults.limited(switches, luck)
        fault = faults.instead(switches, luck) if faulty else None
        if fault is not None:
            log.faults[fault[0]] += 1
            return fault[1]
        try:
            response = await work(request, luck)
        except Refusal as refusal:
            response = refusal.response
        short = faults.cut(switches, luck, response) if faulty else None
        if short is not None:
            log.faults["truncated"] += 1
            return short
        return response


async def _wait(switches: Switches, luck: Luck, *, faulty: bool) -> None:
    seconds = switches.latency_seconds
    if faulty and switches.rate_slow and luck("slow") < switches.rate_slow:
        seconds += switches.slow_seconds
    if seconds:
        await asyncio.sleep(seconds)


def _question(request: Request) -> str:
    return f"{request.url.path}?{request.url.query}"
