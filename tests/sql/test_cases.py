"""Every file below tests/sql/marts/: rows given, rows expected, each with its reason.

A case is `<mart>/<claim>.yaml` with `given` (rows of core and ops, by table) and
`expect` (all rows of marts, by table, in the columns that the case is about). Where a
claim on the mart is broken on purpose, `breaches` says so.
"""

from pathlib import Path
from typing import Any

import pytest
import yaml

CASES = sorted((Path(__file__).parent / "marts").glob("*/*.yaml"))


def _text(value: object) -> str | None:
    if isinstance(value, float):
        raise TypeError(f"write {value} in quotes: a float is not exact")
    if isinstance(value, bool):
        return str(value).lower()
    return None if value is None else str(value)


@pytest.mark.parametrize(
    "path", CASES, ids=lambda path: f"{path.parent.name}-{path.stem}"
)
def test_the_mart_gives_the_rows_of_the_case(path: Path, scene: Any) -> None:
    case = yaml.safe_load(path.read_text(encoding="utf-8"))
    with scene() as laid:
        for name, rows in case["given"].items():
            assert all(row.get("why") for row in rows), "every row says why it is there"
            laid.given(name, rows)
        for name, expected in case["expect"].items():
            laid.built(name)
            assert all(row.pop("why", None) for row in expected), "so does every result"
            columns = list(expected[0])
            found = laid.rows(name, columns)
            assert found == [
                {column: _text(value) for column, value in row.items()}
                for row in expected
            ]
            assert laid.breaches(name) == case.get("breaches", {}).get(name, {})


def test_every_mart_has_a_case() -> None:
    marts = Path(__file__).parents[2] / "sql" / "marts"
    assert {path.stem for path in marts.glob("*.sql")} == {
        path.parent.name for path in CASES
    }
