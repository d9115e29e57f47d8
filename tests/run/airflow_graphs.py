"""Run by Airflow's own interpreter: what its scheduler's rules make of graphs, each run by `dag.test` in this process.

Reads `[{task: {"after": […], "trigger": …, "teardown_of": […], "does": "succeed" | "skip" | "fail"}}, …]` on stdin and
writes `[{"run": state, "tasks": {task: state}}, …]` to the file that is its argument.
"""

from __future__ import annotations

import datetime
import json
import sys
from pathlib import Path

from airflow.providers.standard.operators.empty import EmptyOperator
from airflow.providers.standard.operators.python import PythonOperator
from airflow.sdk import DAG
from airflow.sdk.exceptions import AirflowException
from airflow.sdk.exceptions import AirflowSkipException as Skip


def fail() -> None:
    raise AirflowException("as it was told")


def skip() -> None:
    raise Skip("as it was told")


def operator(name: str, told: dict[str, object]) -> object:
    rule = {} if told["teardown_of"] else {"trigger_rule": told["trigger"]}
    if told["does"] == "succeed":
        return EmptyOperator(task_id=name, **rule)
    return PythonOperator(task_id=name, python_callable={"fail": fail, "skip": skip}[told["does"]], **rule)


def build(number: int, graph: dict[str, dict[str, object]]) -> DAG:
    with DAG(f"graph_{number}", start_date=datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC), schedule=None) as dag:
        tasks = {name: operator(name, told) for name, told in graph.items()}
        for name, told in graph.items():
            for other in told["after"]:
                tasks[other] >> tasks[name]
        for name, told in graph.items():
            if told["teardown_of"]:
                tasks[name].as_teardown(setups=[tasks[setup] for setup in told["teardown_of"]])
    return dag


def run(dag: DAG) -> dict[str, object]:
    done = dag.test()
    return {"run": str(done.state), "tasks": {each.task_id: str(each.state) for each in done.get_task_instances()}}


GRAPHS = json.loads(Path(__file__).with_suffix(".json").read_text())
DAGS = [build(number, graph) for number, graph in enumerate(GRAPHS)]
for one in DAGS:
    globals()[one.dag_id] = one

if __name__ == "__main__":
    Path(sys.argv[1]).write_text(json.dumps([run(one) for one in DAGS]))
