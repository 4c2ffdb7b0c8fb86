"""A person in every place of every answer: after a sync, no byte on disk tells of them.

Not here: each place of each documented answer on its own
(`tests/frames/test_permission.py`).
"""

import gzip
import json
import os
import sqlite3
import subprocess
import threading
from collections.abc import Iterator
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import duckdb
import polars as pl
import pytest

from pipeline.inspection.traces import search
from pipeline.warehouse.read import query
from tests.conftest import meli_sales
from tests.frames.test_permission import ANA, planted
from tests.test_documented_example import ANSWERS, ORDERS, SELLER, order

WORDS = ("Lopez", "30.111.222")
FIRST = 2000020000001000


def people_of(sent: dict[str, Any]) -> list[dict[str, Any]]:
    """Orders of ids of their own, each with a person in another place."""
    places = [one for one in planted(sent, ANA) if isinstance(one, dict)]
    places.append({**sent, "raw": json.dumps({"buyer": {"first_name": ANA}})})
    return [
        one | {"id": FIRST + number if one.get("id") == sent["id"] else one["id"]}
        for number, one in enumerate(places)
        if "id" in one
    ]


PEOPLE = [*ORDERS, *people_of(order(FIRST, "89.90", 2, "14.38"))]
REFUSAL = {"message": ANA, "error": ANA, "code": "not_found", "cause": [ANA], ANA: ANA}


def told(path: str) -> dict[str, Any]:
    """A documented answer with a person beside what it says."""
    return {**ANSWERS[path], "of": ANA, "tags": [ANA], ANA: {ANA: ANA}}


class Told(BaseHTTPRequestHandler):
    """Tells of a person wherever it can: bodies, error bodies, headers, redirects."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        asked = {name: one[0] for name, one in parse_qs(parts.query).items()}
        answers: dict[str, tuple[int, Any]] = {
            "/packs/2000010000000001": (206, told("/packs/2000010000000001")),
            "/shipments/46000000001": (200, told("/shipments/46000000001")),
            "/shipments/46000000001/costs": (403, REFUSAL),
            f"/users/{SELLER}": (
                200,
                {"id": SELLER, "site_id": "MLB", "nickname": ANA, "more": ANA},
            ),
            f"/orders/{ORDERS[0]['id']}/discounts": (302, REFUSAL),
            f"/orders/{ORDERS[1]['id']}/discounts": (409, REFUSAL),
        }
        if parts.path == "/orders/search":
            return self._send(200, self._search(asked))
        return self._send(*answers.get(parts.path, (404, REFUSAL)))

    def _search(self, asked: dict[str, str]) -> dict[str, Any]:
        is_due = asked["order.date_last_updated.from"] <= "2026-03-02T14" and (
            asked["order.date_last_updated.to"] >= "2026-03-02T14"
        )
        wanted = asked.get("order.status")
        found = [
            one for one in PEOPLE if is_due and wanted in (None, one.get("status"))
        ]
        offset, limit = int(asked["offset"]), int(asked["limit"])
        return {
            "query": ANA,
            "results": found[offset : offset + limit],
            "paging": {"total": len(found), "offset": offset, "limit": limit},
        }

    def _send(self, status: int, body: object) -> None:
        text = json.dumps(body).encode()
        self.send_response(status, ANA)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.send_header("X-Content-Missing", f"comments,{ANA}")
        self.send_header("X-Request-Id", ANA)
        if status == 302:
            self.send_header("Location", f"https://elsewhere.example/?who={ANA}")
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def url() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Told) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


def texts_of(path: Path) -> str:
    """Everything a file says, unpacked where it is packed."""
    raw = path.read_bytes()
    found = [raw.decode("latin-1"), raw.decode("utf-16-le", errors="replace")]
    if path.suffix == ".parquet":
        found += [str(row) for row in pl.read_parquet(path).rows()]
    elif path.suffix == ".duckdb":
        with duckdb.connect(path, read_only=True) as held:
            for schema, name in held.execute(
                "select schema_name, table_name from duckdb_tables()"
            ).fetchall():
                rows = held.execute(f'select * from "{schema}"."{name}"')
                found += [str(row) for row in rows.fetchall()]
    elif raw.startswith(b"SQLite format 3"):
        with closing(sqlite3.connect(path)) as kept:
            found += list(kept.iterdump())
    elif raw.startswith(b"\x1f\x8b"):
        found.append(gzip.decompress(raw).decode("latin-1"))
    return "\n".join(found)


@pytest.mark.untraced
@pytest.mark.dagster
def test_a_person_in_every_place_of_every_answer_is_nowhere_after_a_sync(
    url: str, tmp_path: Path
) -> None:
    folder = tmp_path / "data"
    ended = subprocess.run(
        meli_sales("sync", "--from", "2026-03-01", "--to", "2026-03-04"),
        env=os.environ
        | {
            "MELI_BASE_URL": url,
            "MELI_ACCESS_TOKEN": "APP_USR-anything",
            "MELI_SELLER_IDS": str(SELLER),
            "MELI_DATA_DIR": str(folder),
            "MELI_FETCH_SHIPPING_COSTS": "true",
            "MELI_FETCH_DISCOUNTS": "all",
            "MELI_REQUESTS_PER_MINUTE": "100000",
        },
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    said = ended.stdout + ended.stderr
    assert "403" in said  # the refusals were told, without their words
    counts = query(
        folder,
        "select (select count(*) from core.orders), (select count(*) from"
        " ops.quarantine), (select count(*) from ops.unknown_fields where"
        " sample_type in ('string', 'withheld'))",
    ).rows()[0]
    assert min(counts) > 1, said
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert {".parquet", ".duckdb", ".db"} <= {path.suffix for path in files}
    telling = {
        str(path.relative_to(folder))
        for path in files
        if any(word in texts_of(path) for word in WORDS)
    }
    assert (telling, [word for word in WORDS if word in said]) == (set(), [])
    # Dagster's history has rows of marts, and may lie where `forget` does not reach.
    buyers = query(folder, "select distinct buyer_id from marts.buyers")["buyer_id"]
    assert buyers.len() > 0
    history = search(folder / "dagster", buyers)
    assert (history.table_count > 5, history.places) == (True, [])
