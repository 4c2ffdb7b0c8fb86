"""Whether to act on a notification, as far as anything about it can be checked.

Not here: what a body points at (`payloads/notification.py`).
"""

from collections.abc import Collection

from pipeline.payloads.notification import NoPointer, Pointer, pointer


def judge(
    body: bytes, *, application_id: int | None, sellers: Collection[int]
) -> Pointer | str:
    """The pointer to follow, or in a few words why there is none.

    Args:
        body: what was posted, or one of the messages that were missed.
        application_id: ours; None where the settings do not say it.
        sellers: whose orders are read; empty while that is not known.
    """
    try:
        found = pointer(body)
    except NoPointer as reason:
        return str(reason)
    if application_id is not None and found.application_id != application_id:
        return "other application"
    if sellers and found.seller_id not in sellers:
        return "unknown seller"
    return found
