"""What landed has a second home in a store, whatever is cut off between the two."""

import sys
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from pipeline.landing import buyers, certificate, compaction, files, lost, manifest
from pipeline.landing.elsewhere import Elsewhere, Refused
from tests.conftest import SECRET_OF_S3
from tests.landing import conftest
from tests.landing.conftest import NOON, certified

DAY = "date=2026-08-15"


def land(landing: Path, number: int) -> None:
    """An hour's sync: two orders, and the certificate of their window."""
    at = NOON + timedelta(hours=number)
    rows = [conftest.record(f"{one}", fetched_at=at) for one in (number, 0)]
    proof = certificate.frame([certified(checked_at=at)])
    files.write(conftest.frame(*rows), landing / f"orders/{DAY}/run-{number}.parquet")
    files.write(proof, landing / f"windows/{DAY}/run-{number}.parquet")


def merge(landing: Path, resource: str = "orders") -> None:
    compaction.compact(landing, resource, files.listing(landing, resource))


def told(landing: Path) -> dict[str, pl.DataFrame]:
    """Every landed row, however it is spread over files."""
    return {
        name: files.read(landing, name, files.listing(landing, name))
        .unique(maintain_order=True)
        .sort("fetched_at" if name == "orders" else "checked_at", pl.nth(1))
        for name in ("orders", "windows")
    }


def assert_same(one: Path, other: Path) -> None:
    for name, rows in told(one).items():
        assert_frame_equal(rows, told(other)[name])
    assert lost.find(other, lost.everything) == []


def test_another_folder_goes_on_from_s3_and_the_first_takes_what_it_landed(
    s3: None, tmp_path: Path
) -> None:
    url, one, other = "s3://bucket/of two/folders", tmp_path / "one", tmp_path / "other"
    for number in range(3):
        land(one, number)
    ours, theirs = Elsewhere(one, url), Elsewhere(other, url)
    assert ours.fetch() == 0
    ours.send()
    assert theirs.fetch() == 6
    assert manifest.entries(other) == manifest.entries(one)
    land(other, 3)
    merge(other)
    theirs.send()
    assert ours.fetch() == 2
    merge(one)
    ours.send()
    assert theirs.fetch() == 1
    assert_same(one, other)
    assert ours.faults(is_deep=True) == []


def test_what_another_folder_merged_is_not_put_again_but_what_the_store_lost_is(
    tmp_path: Path,
) -> None:
    one, other, bucket = tmp_path / "one", tmp_path / "other", tmp_path / "bucket"
    bucket.mkdir()
    ours, theirs = (Elsewhere(each, bucket.as_uri()) for each in (one, other))

    def stored() -> list[str]:
        return sorted(
            str(path.relative_to(bucket)) for path in bucket.rglob("orders/*/*.parquet")
        )

    for number in range(9):
        land(one, number)
    ours.send()
    theirs.fetch()
    merge(other)
    theirs.send()
    (merged,) = stored()
    assert ours.fetch() == 1
    assert files.listing(one, "orders") == [merged]
    ours.send()
    assert stored() == [merged], "so nobody merges it again"
    assert_same(one, other)

    (bucket / merged).unlink()
    assert ours.fetch() == 0
    ours.send()
    assert stored() == [merged]
    assert_same(one, other)


def test_a_lost_file_is_taken_from_the_store_and_what_the_store_lost_is_put_again(
    tmp_path: Path,
) -> None:
    landing, bucket = tmp_path / "landing", tmp_path / "bucket"
    bucket.mkdir()
    home = Elsewhere(landing, bucket.as_uri())
    land(landing, 1)
    home.send()
    path = f"orders/{DAY}/run-1.parquet"
    whole = (landing / path).read_bytes()
    (landing / path).write_bytes(whole[:-9])
    assert home.restore(path)
    assert (landing / path).read_bytes() == whole
    (bucket / path).unlink()
    assert home.faults(is_deep=False) == [f"{path} is not there"]
    assert not home.restore(path)
    home.send()
    assert home.faults(is_deep=True) == []
    (bucket / path).write_bytes(whole[:-9])
    assert home.faults(is_deep=False) == [f"{path} was written by somebody else"]
    assert home.fetch() == 0, "it cannot be read"
    home.send()
    assert (bucket / path).read_bytes() == whole


def test_a_damaged_object_is_missed_by_a_folder_that_begins(tmp_path: Path) -> None:
    bucket, other = tmp_path / "bucket", tmp_path / "other"
    bucket.mkdir()
    land(tmp_path / "one", 1)
    Elsewhere(tmp_path / "one", bucket.as_uri()).send()
    path = f"orders/{DAY}/run-1.parquet"
    (bucket / path).write_bytes((bucket / path).read_bytes()[:-9])
    (bucket / "notes.txt").write_text("a stranger's")
    assert Elsewhere(other, bucket.as_uri()).fetch() == 1
    [gone] = lost.find(other, lost.everything)
    assert (gone.path, gone.what) == (path, "is gone")
    assert gone.windows, "so they are read again"


def test_a_folder_that_does_not_know_whom_the_store_hides_is_refused(
    tmp_path: Path,
) -> None:
    one, other, bucket = tmp_path / "one", tmp_path / "other", tmp_path / "bucket"
    bucket.mkdir()
    rule = buyers.forgetting(one)
    told = buyers.State(is_pending=True, forgotten=frozenset({rule.entry(7)}))
    buyers.keep(one, told)
    Elsewhere(one / "landing", bucket.as_uri()).send()
    sent = b"".join(path.read_bytes() for path in bucket.rglob("*") if path.is_file())
    assert rule.secret not in sent
    theirs = Elsewhere(other / "landing", bucket.as_uri())
    with pytest.raises(Refused, match=r"copy `secret` and `buyers.json`"):
        theirs.fetch()
    for name in ("secret", "buyers.json"):
        (other / name).parent.mkdir(exist_ok=True)
        (other / name).write_bytes((one / name).read_bytes())
    assert theirs.fetch() == 0


def test_nothing_is_sent_while_a_journal_waits(tmp_path: Path) -> None:
    landing, bucket = tmp_path / "landing", tmp_path / "bucket"
    bucket.mkdir()
    land(landing, 1)
    (landing / ".journal").mkdir()
    (landing / ".journal" / "run-1-2.parquet").touch()
    Elsewhere(landing, bucket.as_uri()).send()
    assert list(bucket.rglob("*.parquet")) == []


class Killed(BaseException):
    """As kill -9: nothing is tidied up."""


@pytest.mark.parametrize("seed", range(3))
def test_killed_at_any_step_a_new_folder_holds_whole_windows_and_the_next_run_mends(
    seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    landing, bucket, luck = tmp_path / "landing", tmp_path / "bucket", Random(seed)
    bucket.mkdir()
    url = bucket.as_uri()
    steps = ("_put", "_delete", "_keep", "_listing", "_bytes")
    for number in range(1, 13):
        with monkeypatch.context() as patch:
            step, left = luck.choice(steps), luck.randint(0, 3)
            kept = getattr(Elsewhere, step)

            def dies(*given: Any, kept: Any = kept) -> Any:
                nonlocal left
                left -= 1
                if left < 0:
                    raise Killed
                return kept(*given)

            patch.setattr(Elsewhere, step, dies)
            try:
                home = Elsewhere(landing, url)
                home.fetch()
                land(landing, number)
                if luck.random() < 0.5:
                    merge(landing)
                home.send()
            except Killed:
                pass
        begun = tmp_path / f"begun {number}"
        Elsewhere(begun, url).fetch()
        orders, proofs = told(begun).values()
        certified_at = set(proofs["checked_at"])
        assert certified_at <= set(orders["fetched_at"]), "records before certificates"
        assert lost.find(begun, lost.everything) == []
    home = Elsewhere(landing, url)
    home.fetch()
    merge(landing)
    home.send()
    last = tmp_path / "last"
    Elsewhere(last, url).fetch()
    assert_same(landing, last)
    assert len(list((bucket / "orders").rglob("*.parquet"))) == 1, "merged there too"


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("s3://no-such-bucket", "(404 NoSuchBucket): make the bucket"),
        ("nonsense", "check the address"),
    ],
)
def test_what_the_store_refuses_is_one_line(
    url: str, said: str, s3: None, tmp_path: Path
) -> None:
    land(tmp_path, 1)
    with pytest.raises(Refused) as refused:
        Elsewhere(tmp_path, url).send()
    assert said in str(refused.value)
    assert "\n" not in str(refused.value)


def test_wrong_credentials_and_a_refused_put_tell_no_secret(
    s3: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from obstore.exceptions import PermissionDeniedError

    land(tmp_path, 1)
    home = Elsewhere(tmp_path, "s3://bucket/refused")

    def put(*_: object) -> None:
        raise PermissionDeniedError(
            f"PUT with {SECRET_OF_S3}: status code: 403 Forbidden: <Error><Code>"
            f"AccessDenied</Code><AWSAccessKeyId>{SECRET_OF_S3}</AWSAccessKeyId>"
        )

    monkeypatch.setattr(Elsewhere, "_put", put)
    with pytest.raises(Refused) as refused:
        home.send()
    assert str(refused.value) == (
        "s3://bucket/refused does not answer as it should (403 AccessDenied): check "
        "its credentials and what they may do; what has landed stays here, and the "
        "next run sends it"
    )
    assert refused.value.__suppress_context__, "nor does a traceback"


def test_without_the_library_the_extra_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "obstore.store", None)
    with pytest.raises(Refused, match=r"pip install 'meli-sales\[elsewhere\]'"):
        Elsewhere(tmp_path, "s3://bucket")
