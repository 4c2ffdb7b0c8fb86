"""Every case here: rows given, rows expected, each with its reason.

A case is `marts/<mart>/<claim>.yaml` with `given` (rows of core and ops, by table) and
`expect` (all rows of marts, by table, in the columns that the case is about). Where a
claim on the mart is broken on purpose, `breaches` says so. A case of
`questions/<question>/` expects rows of questions, which are `asked` with variables once
marts are `built`.
"""

from pathlib import Path
from typing import Any

import pytest
import yaml

from pipeline.warehouse.ask import ask

CASES = sorted(Path(__file__).parent.glob("*/*/*.yaml"))


def _text(value: object) -> str | None:
    if isinstance(value, float):
        raise TypeError(f"write {value} in quotes: a float is not exact")
    if isinstance(value, bool):
        return str(value).lower()
    return None if value is None else str(value)


def _texts(row: dict[str, object]) -> dict[str, str | None]:
    return {column: _text(value) for column, value in row.items()}


@pytest.mark.parametrize(
    "path", CASES, ids=lambda path: f"{path.parent.name}-{path.stem}"
)
def test_the_rows_are_those_of_the_case(path: Path, scene: Any) -> None:
    case = yaml.load(path.read_text(encoding="utf-8"), yaml.CSafeLoader)
    with scene() as laid:
        for name, rows in case["given"].items():
            assert all(row.get("why") for row in rows), "every row says why it is there"
            laid.given(name, rows)
        for name in case.get("built", ()):
            laid.built(name)
        for name, expected in case["expect"].items():
            assert all(row.pop("why", None) for row in expected), "so does every result"
            columns = list(expected[0])
            if name.startswith("questions/"):
                told = ask(laid.connection, name, case["asked"]).select(columns)
                found = [_texts(row) for row in told.to_dicts()]
            else:
                laid.built(name)
                found = laid.rows(name, columns)
                broken = case.get("breaches", {}).get(name, {})
                assert laid.breaches(name) == broken
            assert found == [_texts(row) for row in expected]


def test_every_mart_has_a_case() -> None:
    marts = Path(__file__).parents[2] / "sql" / "marts"
    assert {path.stem for path in marts.glob("*.sql")} == {
        path.parent.name for path in CASES if path.parents[1].name == "marts"
    }
