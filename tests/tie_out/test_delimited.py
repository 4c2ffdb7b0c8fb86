"""Delimited text as people save it."""

import pytest

from pipeline.tie_out.delimited import Line, Unreadable, lines

ROWS = [
    Line(1, ("# de venta", "Descripción", "Total")),
    Line(3, ("2000", "línea, con coma", "1.234,56")),
]
SEMICOLONS = '# de venta;Descripción;Total\n\n2000; línea, con coma ;"1.234,56"\n'


COMMAS = '# de venta,"Descripción",Total\n,,\n2000,"línea, con coma","1.234,56"'


@pytest.mark.parametrize(
    "data",
    [
        # As programs write it, and as Excel saves it: with a mark, in Windows' letters,
        # as "Unicode text", with the other line ends.
        SEMICOLONS.encode(),
        SEMICOLONS.encode("utf-8-sig"),
        SEMICOLONS.encode("cp1252"),
        SEMICOLONS.encode("utf-16"),
        SEMICOLONS.replace("\n", "\r\n").encode(),
        SEMICOLONS.replace(";", "\t").encode(),
        SEMICOLONS.replace(";", "|").encode(),
        COMMAS.encode(),
    ],
)
def test_encoding_and_separator_are_found_out(data: bytes) -> None:
    assert lines(data) == ROWS


def test_a_cell_over_two_lines_counts_both() -> None:
    assert lines(b'a,"b\nc"\nd,e\n') == [Line(1, ("a", "b\nc")), Line(3, ("d", "e"))]


def test_an_empty_file_has_no_lines() -> None:
    assert lines(b"\n \n\n") == []
    assert lines(b"") == []


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"PK\x03\x04\0\0", "this is not a text file; save the sheet as CSV"),
        (
            b'a,b\n"' + b"x" * 200_000 + b'"',
            "line 2 is not valid CSV: field larger than",
        ),
    ],
)
def test_what_is_no_delimited_text_is_told_in_a_line(data: bytes, reason: str) -> None:
    with pytest.raises(Unreadable, match=reason):
        lines(data)
