"""The connection to Redis, and the one line that says what is wrong with it.

Not here: what is kept there (`pace.py`, `claim.py`).
"""

import contextlib
from collections.abc import Iterator
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from redis import Redis

ANSWERS_WITHIN_SECONDS = 5.0
_LONGEST_WAIT_SECONDS = 8.0


class Silent(Exception):
    """Redis does not answer; one line without any secret."""


def connected(url: str, *, repeats: int = 5) -> "Redis":
    """A client that repeats what got no answer, by default for half a minute.

    Raises:
        Silent: the library is not installed.
    """
    try:
        from redis import Redis
        from redis.backoff import ExponentialBackoff
        from redis.retry import Retry
    except ImportError:
        raise Silent(
            "MELI_REDIS_URL needs a library that is not installed: "
            "pip install 'meli-sales[celery]'"
        ) from None
    return Redis.from_url(
        url,
        socket_timeout=ANSWERS_WITHIN_SECONDS,
        socket_connect_timeout=ANSWERS_WITHIN_SECONDS,
        retry=Retry(ExponentialBackoff(_LONGEST_WAIT_SECONDS, 0.5), repeats),
    )


@contextlib.contextmanager
def told(url: str) -> Iterator[None]:
    """Turn what the library raises into one line; its texts may hold a password."""
    from redis.exceptions import RedisError

    try:
        yield
    except RedisError as error:
        parts = urlsplit(url)
        raise Silent(
            f"Redis at {parts.hostname}:{parts.port or 6379} does not answer as it "
            f"should ({type(error).__name__}): check it and MELI_REDIS_URL"
        ) from None
