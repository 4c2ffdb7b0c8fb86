"""Chance is drawn from the seed alone: the same every time, by rows or by columns."""

import polars as pl

from pipeline.sandbox.world.chance import column, fraction, pick, stream


def test_a_column_is_drawn_as_its_rows_one_by_one() -> None:
    rows = pl.DataFrame({"number": [0, 1, 2, 10**12]})
    drawn = rows.select(column(7, 3)).to_series().to_list()

    assert drawn == [fraction(7, 3, number) for number in rows["number"]]


def test_a_stream_repeats_and_depends_on_every_part() -> None:
    assert stream(1, 2, 3)() == stream(1, 2, 3)()
    assert len({stream(1, 2, 3)(), stream(2, 2, 3)(), stream(1, 3, 2)()}) == 3


def test_weights_choose_and_rounding_never_falls_through() -> None:
    chances = ((0.5, "half"), (0.3, "third"), (0.2, "rest"))

    assert [pick(chances, at) for at in (0.0, 0.5, 0.81, 1.0)] == [
        "half", "third", "rest", "rest",
    ]  # fmt: skip
