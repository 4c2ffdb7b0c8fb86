"""Every mart by a Spark cluster, from the landed records, equals DuckDB's.

A master, two workers and a Spark Connect server, each a process of its own; one worker
is killed while a mart is being built.
"""

import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from pipeline.warehouse.files import Table
from tests.engines.conftest import MARTS
from tests.programs import Programs, answers, free_port, wait_for

pyspark = pytest.importorskip("pyspark", reason="`make test-scale` has pyspark")

pytestmark = pytest.mark.long

LOST_DURING = "marts.orders"
PATIENCE_SECONDS = 120
HOST = "127.0.0.1"


class Cluster(Programs):
    """Processes of Spark's."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._home = Path(pyspark.__file__).parent
        self._surroundings = os.environ | {
            "SPARK_HOME": str(self._home),
            "SPARK_LOCAL_IP": HOST,
            "SPARK_LOCAL_DIRS": str(folder),
            "PYSPARK_PYTHON": sys.executable,
        }

    def spark(
        self, name: str, script: str, *words: str, port: int = 0
    ) -> subprocess.Popen[str]:
        """Start a program of Spark's, and wait until it listens, if it does."""
        process = self.start(
            name,
            str(self._home / "bin" / script),
            *words,
            cwd=self.folder,
            env=self._surroundings,
        )
        if port:
            wait_for(
                lambda: answers(port) or process.poll() is not None,
                name,
                PATIENCE_SECONDS,
            )
            assert process.poll() is None, name
        return process


@pytest.fixture(scope="module")
def cluster(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[Cluster, str, subprocess.Popen[str]]]:
    """A cluster, the address of its Spark Connect, and a worker to be killed."""
    made = Cluster(tmp_path_factory.mktemp("spark"))
    port, connect_port = free_port(), free_port()
    name, daemon = f"spark://{HOST}:{port}", "org.apache.spark.deploy"
    try:
        made.spark(
            "master",
            "spark-class",
            *(f"{daemon}.master.Master", "--host", HOST),
            *("--port", str(port), "--webui-port", "0"),
            port=port,
        )
        workers = [
            made.spark(
                f"worker-{number}",
                "spark-class",
                *(f"{daemon}.worker.Worker", "--host", HOST, "--cores", "1"),
                *("--memory", "1g", "--webui-port", "0"),
                *("--work-dir", str(made.folder), name),
            )
            for number in range(2)
        ]
        made.spark(
            "connect",
            "spark-submit",
            *("--master", name, "--class"),
            "org.apache.spark.sql.connect.service.SparkConnectServer",
            *("--conf", f"spark.connect.grpc.binding.port={connect_port}"),
            *("--conf", "spark.sql.shuffle.partitions=4"),
            *("--conf", "spark.ui.enabled=false"),
            "spark-internal",
            port=connect_port,
        )
        yield made, f"sc://{HOST}:{connect_port}", workers[0]
    finally:
        made.close()


@pytest.fixture(scope="module")
def built(
    cluster: tuple[Cluster, str, subprocess.Popen[str]],
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
