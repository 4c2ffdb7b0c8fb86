"""Of all certificates for an hour the latest speaks, in part where it must."""

from hypothesis import given

from pipeline.extraction.coverage import Shortfall, shortfalls, verdicts
from pipeline.extraction.windows import Range, merged
from pipeline.landing.certificate import Certificate
from tests.extraction.conftest import SELLER, at, certificate, span
from tests.extraction.test_coverage import certificates


def test_a_window_is_red_until_it_is_read_again() -> None:
    red = certificate(span(1, 2), verdict="short")._replace(reason="1 of 2")
    assert shortfalls(verdicts([red])) == [
        Shortfall(SELLER, "all", span(1, 2), "short", "1 of 2")
    ]
    assert shortfalls(verdicts([red, certificate(span(1, 2))])) == []


def test_what_is_read_again_in_part_is_red_for_the_rest() -> None:
    rows = [
        certificate(span(1, 2), verdict="failed"),
        certificate(Range(at(1, 6), at(1, 9))),
        certificate(Range(at(1, 20), at(1, 21)), verdict="too_wide"),
    ]
    assert [(one.window, one.verdict) for one in shortfalls(verdicts(rows))] == [
        (Range(at(1), at(1, 6)), "failed"),
        (Range(at(1, 9), at(1, 20)), "failed"),
        (Range(at(1, 20), at(1, 21)), "too_wide"),
        (Range(at(1, 21), at(2)), "failed"),
    ]


def test_sellers_and_passes_do_not_speak_for_each_other() -> None:
    rows = [
        certificate(span(1, 2), verdict="short", seller_id=SELLER + 1),
        certificate(span(1, 2), verdict="short", search_pass="cancelled"),
        certificate(span(1, 2)),
    ]
    assert [(one.seller_id, one.search_pass) for one in shortfalls(verdicts(rows))] == [
        (SELLER, "cancelled"),
        (SELLER + 1, "all"),
    ]


@given(certificates())
def test_the_red_hours_are_those_that_a_sync_reads_again(
    rows: list[Certificate],
) -> None:
    for seller, passes in verdicts(rows).items():
        for search_pass, ranges in passes.items():
            assert merged(one.window for one in ranges.bad) == merged(
                one.window
                for one in shortfalls(verdicts(rows))
                if (one.seller_id, one.search_pass) == (seller, search_pass)
            )
