"""Random numbers drawn from a seed, one by one or by column; the same every time.

Not here: what the numbers are for.
"""

from collections.abc import Callable
from functools import lru_cache
from random import Random
from typing import TypeVar

import polars as pl

_MASK = (1 << 64) - 1
_GOLDEN = 0x9E3779B97F4A7C15
_FIRST = 0xBF58476D1CE4E5B9
_SECOND = 0x94D049BB133111EB

Stream = Callable[[], float]
T = TypeVar("T")


def mixed(value: int) -> int:
    """Scramble 64 bits (splitmix64), so that neighbours are unrelated."""
    value = (value + _GOLDEN) & _MASK
    value = ((value ^ (value >> 30)) * _FIRST) & _MASK
    value = ((value ^ (value >> 27)) * _SECOND) & _MASK
    return value ^ (value >> 31)


_started = lru_cache(maxsize=4096)(mixed)
"""Every draw of a world starts with its seed."""


def drawn(seed: int, *parts: int) -> int:
    """Draw 64 bits that depend on the seed and every part, in order."""
    value = _started(seed)
    for part in parts:
        value = mixed(value ^ (part & _MASK))
    return value


def stream(seed: int, *parts: int) -> Stream:
    """Return a source of numbers in [0, 1), the same for the same parts.

    Only `Random.random` is used: Python promises it alone across versions.
    """
    return Random(drawn(seed, *parts)).random


def column(seed: int, purpose: int, of: str = "number") -> pl.Expr:
    """Draw a number in [0, 1) for every row from its integer column ``of``.

    Equals ``drawn(seed, purpose, row[of]) >> 11`` over 2^53, for a column at once.
    """
    start = drawn(seed, purpose)
    value = pl.col(of).cast(pl.UInt64) ^ _word(start)
    value = value + _word(_GOLDEN)
    value = (value ^ (value // _word(1 << 30))) * _word(_FIRST)
    value = (value ^ (value // _word(1 << 27))) * _word(_SECOND)
    value = value ^ (value // _word(1 << 31))
    return (value // _word(1 << 11)).cast(pl.Float64) / float(1 << 53)


def fraction(seed: int, *parts: int) -> float:
    """Draw one number in [0, 1) without the cost of a stream."""
    return (drawn(seed, *parts) >> 11) / float(1 << 53)


def pick(chances: tuple[tuple[float, T], ...], at: float) -> T:
    """Choose by weight: ``chances`` are (share, value) whose shares sum to 1."""
    for share, value in chances:
        at -= share
        if at < 0:
            return value
    return chances[-1][1]


def _word(value: int) -> pl.Expr:
    return pl.lit(value, dtype=pl.UInt64)
