"""Every mart by a Spark cluster, from the landed records, equals DuckDB's.

A master, two workers and a Spark Connect server, each a process of its own; one worker
is killed while a mart is being built.
"""

import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from pipeline.warehouse.files import Table
from tests.engines.conftest import MARTS

pyspark = pytest.importorskip("pyspark", reason="`make test-scale` has pyspark")

pytestmark = pytest.mark.long

LOST_DURING = "marts.orders"
PATIENCE_SECONDS = 120


class Cluster:
    """Processes of Spark's, each in a group of its own, so that it ends whole."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._home = Path(pyspark.__file__).parent
        self._running: list[subprocess.Popen[bytes]] = []
        self.host = "127.0.0.1"

    def start(self, script: str, *words: str, port: int = 0) -> subprocess.Popen[bytes]:
        """Start a program of Spark's, and wait until it listens, if it does."""
        surroundings = os.environ | {
            "SPARK_HOME": str(self._home),
            "SPARK_LOCAL_IP": self.host,
            "SPARK_LOCAL_DIRS": str(self.folder),
            "PYSPARK_PYTHON": sys.executable,
        }
        with (self.folder / f"{len(self._running)}.log").open("wb") as log:
            process = subprocess.Popen(
                [str(self._home / "bin" / script), *words],
                cwd=self.folder,
                env=surroundings,
                start_new_session=True,
                stdout=log,
                stderr=log,
            )
        self._running.append(process)
        deadline = time.monotonic() + PATIENCE_SECONDS
        while port and not self._answers(port):
            assert process.poll() is None, f"see {log.name}"
            assert time.monotonic() < deadline, f"see {log.name}"
            time.sleep(0.2)
        return process

    def _answers(self, port: int) -> bool:
        with closing(socket.socket()) as tried:
            return tried.connect_ex((self.host, port)) == 0

    def kill(self, process: subprocess.Popen[bytes]) -> None:
        """Kill a program with all that it has started."""
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def close(self) -> None:
        """Kill what still runs."""
        for process in reversed(self._running):
            if process.poll() is None:
                self.kill(process)


def free_port() -> int:
    with closing(socket.socket()) as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@pytest.fixture(scope="module")
def cluster(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[Cluster, str, subprocess.Popen[bytes]]]:
    """A cluster, the address of its Spark Connect, and a worker to be killed."""
    made = Cluster(tmp_path_factory.mktemp("spark"))
    port, connect_port = free_port(), free_port()
    name, daemon = f"spark://{made.host}:{port}", "org.apache.spark.deploy"
    try:
        made.start(
            "spark-class",
            *(f"{daemon}.master.Master", "--host", made.host),
            *("--port", str(port), "--webui-port", "0"),
            port=port,
        )
        workers = [
            made.start(
                "spark-class",
                *(f"{daemon}.worker.Worker", "--host", made.host, "--cores", "1"),
                *("--memory", "1g", "--webui-port", "0"),
                *("--work-dir", str(made.folder), name),
            )
            for _ in range(2)
        ]
        made.start(
            "spark-submit",
            *("--master", name, "--class"),
            "org.apache.spark.sql.connect.service.SparkConnectServer",
            *("--conf", f"spark.connect.grpc.binding.port={connect_port}"),
            *("--conf", "spark.sql.shuffle.partitions=4"),
            *("--conf", "spark.ui.enabled=false"),
            "spark-internal",
            port=connect_port,
        )
        yield made, f"sc://{made.host}:{connect_port}", workers[0]
    finally:
        made.close()


@pytest.fixture(scope="module")
def built(
    cluster: tuple[Cluster, str, subprocess.Popen[bytes]],
    data_dir: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Path:
    """The folder of the marts that `meli-sales rebuild` makes, one worker less."""
    processes, address, worker = cluster
    copy = tmp_path_factory.mktemp("by_spark") / "data"
    shutil.copytree(data_dir / "landing", copy / "landing")
    wanted = {
        "MELI_DATA_DIR": str(copy),
        "MELI_ENGINE": "spark",
        "MELI_REPORTING_CURRENCY": "USD",
        "MELI_SPARK_REMOTE": address,
    }
    said = []
    with subprocess.Popen(
        [Path(sys.executable).with_name("meli-sales"), "rebuild"],
        env=os.environ | wanted,
        stderr=subprocess.PIPE,
        text=True,
    ) as command:
        assert command.stderr is not None
        for line in command.stderr:
            said.append(line)
            if line.startswith(f"{LOST_DURING} "):
                threading.Timer(1, processes.kill, [worker]).start()
    assert command.returncode == 0, "".join(said[-20:])
    assert worker.returncode == -signal.SIGKILL
    return copy / "spark" / "latest" / "marts"


@pytest.mark.parametrize("mart", MARTS, ids=lambda mart: mart.qualified)
def test_a_mart_by_a_cluster_that_lost_a_worker_equals_duckdbs(
    mart: Table,
    built: Path,
    differences: Callable[[Table, str], list[tuple[Any, ...]]],
) -> None:
    assert differences(mart, f"{built}/{mart.name}/*.parquet") == []
