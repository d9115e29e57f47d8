"""A real Airflow for a test: its own home and database, the `dags` command of the environment in `.cache/airflow`."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

PYTHON = Path(__file__).parents[2] / ".cache/airflow/bin/python"


@dataclass(frozen=True)
class AirflowHome:
    """`folder/dags` holds DAG files."""

    folder: Path

    @property
    def dags(self) -> Path:
        return self.folder / "dags"

    def prepare(self) -> None:
        self.dags.mkdir(parents=True, exist_ok=True)
        done = self.airflow("db", "migrate")
        assert done.returncode == 0, done.stdout[-2000:]

    def test(self, dag_id: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """`airflow dags test`: runs every task in this process; exit status 1 where one failed."""
        return self.airflow("dags", "test", dag_id, **environment)

    def airflow(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        settings = {
            "AIRFLOW_HOME": str(self.folder),
            "AIRFLOW__CORE__DAGS_FOLDER": str(self.dags),
            "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
            "AIRFLOW__CORE__UNIT_TEST_MODE": "False",
            "PATH": f"{PYTHON.parent}{os.pathsep}{os.environ['PATH']}",
            "HOME": str(self.folder),
            "MPLBACKEND": "Agg",
        }
        return subprocess.run(
            [str(PYTHON), "-m", "airflow", *arguments],
            env=settings | environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            timeout=400,
        )
