"""Counts the sandbox's requests; tests read it, people see it at /sandbox/log.

It holds no personal data and no access token; refresh tokens here are invented.
"""

from collections import Counter


class Log:
    """Counts of requests and answers since the start or the last `clear`.

    Attributes:
        requests: requests by endpoint template, e.g. ``"/packs/{id}"``.
        statuses: answers by HTTP status; 0 is a connection dropped without one.
        answers: answers by (template, status).
        by_id: requests by template, then by exact id, for templates with an id.
        refresh_tokens: how often each refresh token was sent.
        faults: faults, by name.
        orders_served: order rows in answers to searches.
    """

    def __init__(self) -> None:
        self.requests: Counter[str] = Counter()
        self.statuses: Counter[int] = Counter()
        self.answers: Counter[tuple[str, int]] = Counter()
        self.by_id: dict[str, Counter[str]] = {}
        self.refresh_tokens: Counter[str] = Counter()
        self.faults: Counter[str] = Counter()
        self.orders_served = 0

    @property
    def total(self) -> int:
        """Every request of the API; /sandbox itself is not counted."""
        return self.requests.total()

    def asked(self, template: str, identity: int | str) -> int:
        """How often this one thing was requested."""
        return self.by_id.get(template, Counter())[str(identity)]

    def count(self, template: str, identity: str | None) -> None:
        """Count a request."""
        self.requests[template] += 1
        if identity is not None:
            self.by_id.setdefault(template, Counter())[identity] += 1

    def answered(self, template: str, status: int) -> None:
        """Count an answer; status 0 is a dropped connection."""
        self.statuses[status] += 1
        self.answers[template, status] += 1

    def clear(self) -> None:
        """Start counting anew."""
        self.__init__()  # type: ignore[misc]  # sets every attribute

    def as_json(self) -> dict[str, object]:
        """Return the counts, ids summed up, for /sandbox/log."""
        return {
            "total": self.total,
            "requests": dict(self.requests.most_common()),
            "statuses": {str(s): n for s, n in self.statuses.most_common()},
            "answers": {
                f"{template} {status}": count
                for (template, status), count in self.answers.most_common()
            },
            "distinct_ids": {name: len(ids) for name, ids in self.by_id.items()},
            "most_asked": {
                name: ids.most_common(1)[0][1] for name, ids in self.by_id.items()
            },
            "faults": dict(self.faults),
            "refresh_tokens_sent": self.refresh_tokens.total(),
            "refresh_tokens_sent_twice": sum(
                count > 1 for count in self.refresh_tokens.values()
            ),
            "orders_served": self.orders_served,
        }
