"""When people buy: the weight of each day of the year and of each hour of the day.

Not here: what they buy, which does not depend on it.
"""

from datetime import date, timedelta
from itertools import accumulate

_WEEKDAYS = (1.12, 1.08, 1.05, 1.02, 1.0, 0.84, 0.80)
_MONTHS = (0.86, 0.84, 0.95, 0.95, 1.05, 1.0, 1.02, 1.05, 0.98, 1.02, 1.25, 1.30)
_HOURS = (
    0.7, 0.4, 0.25, 0.18, 0.15, 0.2, 0.4, 0.7, 1.0, 1.3, 1.5, 1.55,
    1.45, 1.4, 1.45, 1.45, 1.4, 1.35, 1.3, 1.35, 1.5, 1.6, 1.45, 1.1,
)  # fmt: skip


def day_weights(first: date, days: int) -> list[float]:
    """Running sum of the weights of ``days`` days from ``first``, ending at 1.

    Weekdays, seasons, growth of a fifth over the whole, Hot Sale (mid May), Buen Fin
    and Black Friday (November), the days before Christmas.
    """
    weights = []
    for number in range(days):
        day = first + timedelta(days=number)
        weight = _WEEKDAYS[day.weekday()] * _MONTHS[day.month - 1]
        weights.append(weight * _peak(day) * (1 + 0.2 * number / days))
    return _running(weights)


def hour_weights() -> list[float]:
    """Running sum of the weights of the 24 local hours, ending at 1."""
    return _running(list(_HOURS))


def _peak(day: date) -> float:
    if day.month == 5 and 11 <= day.day <= 13:
        return 4.0
    if day.month == 11 and 15 <= day.day <= 18:
        return 2.2
    # Black Friday is the Friday after the fourth Thursday, and the days around it.
    if day.month == 11 and 23 <= day.day <= 29:
        return 5.0 if day.weekday() == 4 else 2.4
    if day.month == 12 and 10 <= day.day <= 20:
        return 1.6
    return 1.0


def _running(weights: list[float]) -> list[float]:
    total = sum(weights)
    return list(accumulate(weight / total for weight in weights))
