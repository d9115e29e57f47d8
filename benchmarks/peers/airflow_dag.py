"""Airflow: `airflow dags test` of a chain, which runs one task after the other as its local executor would."""

import os
import subprocess
import sys
from pathlib import Path

HEAD = """
import os, sys
sys.path.insert(0, {here!r})
import shapes
from airflow.sdk import DAG, task

with DAG("bench", schedule=None):
    @task
    def no_op(name):
        return shapes.mark(name)
    before = None
    for name in shapes.graph_of(os.environ["BENCH_SHAPE"]):
        made = no_op.override(task_id=name)(name)
        before = before >> made if before is not None else made
"""

if __name__ == "__main__":
    home = Path(os.environ["BENCH_FOLDER"], "airflow")
    (home / "dags").mkdir(parents=True)
    (home / "dags" / "bench.py").write_text(HEAD.format(here=str(Path(__file__).parent.parent)))
    env = {**os.environ, "AIRFLOW_HOME": str(home), "AIRFLOW__CORE__LOAD_EXAMPLES": "False", "HOME": str(home)}
    airflow = [str(Path(sys.executable).with_name("airflow"))]
    subprocess.run([*airflow, "db", "migrate"], env=env, check=True, capture_output=True)
    sys.exit(subprocess.run([*airflow, "dags", "test", "bench"], env=env, check=False).returncode)
