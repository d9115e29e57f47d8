"""The DAG in a real Airflow (`make airflow-env`)."""

import ast
import json
import shutil
from dataclasses import replace

import pytest
from convert.airflow_home import PYTHON, AirflowHome
from convert.pieces import pieces

from treadle.convert.airflow import export_airflow
from treadle.spec.pipeline import Endpoint, Node, Pipeline, PipelineParameter, Policy
from treadle.spec.types import ParameterKind, ParameterType


def _pipeline():
    nodes = {
        "make": Node("make", "demo.make", params={"rows": "$params.rows"}, policy=Policy(retries=1, retry_delay=0.5)),
        "cut": Node("cut", "demo.halve", inputs={"data": (Endpoint("make", "table"),)}),
        "sum": Node("sum", "demo.summarise", inputs={"tables": (Endpoint("cut", "low"), Endpoint("cut", "high"))}),
        "last": Node("last", "demo.make", after=("sum",)),
    }
    rows = PipelineParameter("rows", ParameterType(ParameterKind.INT, minimum=0), 4, help="how many")
    return Pipeline("demo", help="A demo.", params={"rows": rows}, nodes=nodes, defaults=Policy(timeout=60))


@pytest.fixture
def home(tmp_path):
    prepared = AirflowHome(tmp_path / "airflow")
    prepared.prepare()
    yield prepared
    shutil.rmtree(prepared.folder, ignore_errors=True)


@pytest.mark.airflow
@pytest.mark.slow
@pytest.mark.skipif(not PYTHON.exists(), reason="no Airflow here: make airflow-env")
def test_the_dag_runs_in_airflow_and_gives_the_same_metrics(home):
    home.dags.joinpath("demo.py").write_text(export_airflow(_pipeline(), pieces()).text)
    done = home.test("demo", TREADLE_ARTIFACTS=str(home.folder / "artifacts"))
    assert done.returncode == 0, done.stdout[-3000:]
    [metrics] = home.folder.glob("artifacts/*/sum/metrics.json")
    assert json.loads(metrics.read_text()) == {"sum": 60.0}
    [last] = home.folder.glob("artifacts/*/last/table.parquet")
    assert last.stat().st_mtime >= metrics.stat().st_mtime


def test_policies_become_task_arguments():
    text = export_airflow(_pipeline(), pieces()).text
    assert "@task(retries=1, retry_delay=timedelta(seconds=0.5))" in text
    assert 'default_args={"execution_timeout": timedelta(seconds=60)}' in text
    assert "sum_result >> last_result" in text


def test_parsing_the_dag_file_imports_no_library_of_a_component():
    tree = ast.parse(export_airflow(_pipeline(), pieces()).text)
    imported = {line.module for line in tree.body if isinstance(line, ast.ImportFrom)}
    assert imported <= {"datetime", "pathlib", "typing", "airflow.providers.common.compat.sdk"}
    assert {alias.name for line in tree.body if isinstance(line, ast.Import) for alias in line.names} == {"os"}


def test_a_class_of_its_own_cannot_travel_between_tasks():
    catalog = pieces()
    made = catalog.components["demo.summarise"]
    [output] = made.outputs
    model = replace(made, outputs=(replace(output, type=type(output.type)("Model")),))
    catalog.add(model, "class Own:\n    pass\n" + catalog.slices["demo.summarise"].text)
    problems = export_airflow(_pipeline(), catalog).problems
    assert [(problem.code, problem.where.node) for problem in problems] == [("local-class", "sum")]
