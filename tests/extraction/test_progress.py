"""Counts from many threads add up, and each change calls the listener."""

from concurrent.futures import ThreadPoolExecutor

from pipeline.extraction.progress import Progress, State


def test_a_station_starts_from_zero_and_is_told_at_once() -> None:
    heard: list[State] = []
    progress = Progress(heard.append)
    progress.begin("orders", windows=3, expected=10)
    progress.count(windows_done=1, windows_known=2, landed=4, expected=5)
    progress.begin("packs")
    assert heard == [
        State("orders", windows_known=3, expected=10),
        State("orders", windows_done=1, windows_known=5, landed=4, expected=15),
        State("packs"),
    ]


def test_no_count_is_lost_between_threads() -> None:
    progress = Progress()
    with ThreadPoolExecutor(8) as pool:
        for _ in range(500):
            pool.submit(progress.count, landed=1, windows_done=2)
    assert progress.state == State("", windows_done=1000, landed=500)
