"""Holds what only one machine may work on: the home of landed files of a bucket.

A claim ends by itself when its holder is gone, after `LASTS_SECONDS`; a holder that is
alive renews it. One that cannot kills its process, before the claim ends for others:
what landed stays in its data folder. Not here: the data folder's own lock, which holds
on one machine (`sync/data_folder.py`).
"""

import contextlib
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from pipeline.workers.connection import connected, told

if TYPE_CHECKING:
    from redis.lock import Lock

LASTS_SECONDS = 90.0
_RENEWED_EVERY_SECONDS = 15.0
_ENDS_AFTER_SECONDS = 45.0
"""With the 15 seconds until the next look and its 10 without an answer, the process is
gone before its claim ends for others."""


class Taken(Exception):
    """Another machine works on it and did not end in time."""


@contextlib.contextmanager
def claimed(
    url: str,
    name: str,
    *,
    notice: Callable[[str], None],
    wait_seconds: float,
) -> Iterator[None]:
    """Claim ``name`` until the block ends; wait for a machine that has it already.

    Raises:
        Silent: Redis does not answer.
        Taken: that machine has not ended within ``wait_seconds``.
    """
    lock = connected(url, repeats=0).lock(
        f"meli-sales:claim:{name}", LASTS_SECONDS, sleep=1.0, thread_local=False
    )
    with told(url):
        if not lock.acquire(blocking=False):
            notice(f"waiting for another machine that works on {name}")
            if not lock.acquire(blocking_timeout=wait_seconds):
                raise Taken(f"another machine still works on {name}; wait for it")
    is_over = threading.Event()
    beat = threading.Thread(target=_renew, args=(lock, is_over, notice), daemon=True)
    beat.start()
    try:
        yield
    finally:
        is_over.set()
        beat.join()
        with contextlib.suppress(Exception):  # it ends by itself
            lock.release()


def _renew(
    lock: "Lock", is_over: threading.Event, notice: Callable[[str], None]
) -> None:
    from redis.exceptions import LockError, RedisError

    renewed_at = time.monotonic()
    while not is_over.wait(_RENEWED_EVERY_SECONDS):
        is_lost = False
        try:
            lock.reacquire()
            renewed_at = time.monotonic()
        except LockError:
            is_lost = True
        except RedisError:
            is_lost = time.monotonic() - renewed_at > _ENDS_AFTER_SECONDS
        if is_lost:
            notice("this machine's claim is lost, so the run ends here")
            os.kill(os.getpid(), signal.SIGKILL)
