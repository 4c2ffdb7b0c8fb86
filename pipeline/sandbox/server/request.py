"""A request as it came, and which route it takes.

Not here: reading it from a connection (`connection`), and answering it (`app`).
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Generic, TypeVar
from urllib.parse import parse_qsl

T = TypeVar("T")

_FIELD = re.compile(r"\\\{(\w+)(:path)?\\\}")


@dataclass
class Request:
    """A whole request: path decoded, query as sent, names of headers in lower case."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes = b""
    path_params: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def query_params(self) -> dict[str, str]:
        """The query by name; of a name sent twice the last value."""
        return dict(parse_qsl(self.query, keep_blank_values=True))


@dataclass(frozen=True)
class Route(Generic[T]):
    """What answers the paths of a template, such as `/packs/{id}`."""

    template: str
    work: T
    methods: tuple[str, ...] = ("GET", "HEAD")

    @property
    def pattern(self) -> re.Pattern[str]:
        """What the paths look like; `{rest:path}` takes slashes too."""
        escaped = re.escape(self.template)
        return re.compile(
            _FIELD.sub(lambda m: f"(?P<{m[1]}>{'.*' if m[2] else '[^/]+'})", escaped)
        )


class WrongMethod(Exception):
    """There is such a path, but not for this method."""

    def __init__(self, allowed: tuple[str, ...]) -> None:
        super().__init__(allowed)
        self.allowed = allowed


class Routes(Generic[T]):
    """Routes, most specific first; the last takes every path."""

    def __init__(self, routes: Iterable[Route[T]]) -> None:
        *most, self._last = routes
        self._plain = {one.template: one for one in most if "{" not in one.template}
        self._patterns: dict[int, list[tuple[re.Pattern[str], Route[T]]]] = {}
        for one in most:
            if "{" in one.template:
                depth = one.template.count("/")
                self._patterns.setdefault(depth, []).append((one.pattern, one))

    def find(self, method: str, path: str) -> tuple[Route[T], dict[str, str]]:
        """The first route that takes method and path, and what its template names.

        Raises:
            WrongMethod: the path is known, but not by this method.
        """
        known: Route[T] | None = None
        for route, named in self._matching(path):
            if method in route.methods:
                return route, named
            known = known or route
        raise WrongMethod((known or self._last).methods)

    def _matching(self, path: str) -> Iterator[tuple[Route[T], dict[str, str]]]:
        if plain := self._plain.get(path):
            yield plain, {}
        for pattern, route in self._patterns.get(path.count("/"), ()):
            if found := pattern.fullmatch(path):
                yield route, found.groupdict()
        yield self._last, {}
