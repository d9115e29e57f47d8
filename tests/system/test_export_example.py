"""The example by `treadle run`, as an exported script and as a DAG in a real Airflow: the same metrics, exactly."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest
from convert.airflow_home import PYTHON, AirflowHome

from treadle.store.artifacts import ArtifactStore, from_fields
from treadle.store.project import Project
from treadle_resources import copy_example

SCORES = ("score_boosting", "score_logistic")
Metrics = dict[str, dict[str, float]]

ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
"""As our attempts have it. OpenMP's threads wait for each other actively, which takes minutes on a busy machine."""

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]


def treadle(project: Project, *words: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "treadle.cli", *words], cwd=project.root, capture_output=True, text=True, timeout=300,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example with a few trees instead of many: exactness is as good on them."""
    file = copy_example("flights", tmp_path_factory.mktemp("example") / "flights")
    text = file.read_text()
    few = text.replace("rounds: {type: int, default: 120,", "rounds: {type: int, default: 6,")
    assert few != text
    file.write_text(few)
    return file


@pytest.fixture(scope="module")
def ours(example: Path) -> Metrics:
    """What our own run measures."""
    project = Project(example.parent)
    treadle(project, "run", str(example))
    tasks = json.loads(treadle(project, "show", "last", "--json"))["tasks"]
    store = ArtifactStore(project.artifacts)
    return {
        name: json.loads(store.path(from_fields(tasks[name]["outputs"]["metrics"])).read_bytes()) for name in SCORES
    }


def measured(folder: Path) -> Metrics:
    return {name: json.loads((folder / name / "metrics.json").read_text()) for name in SCORES}


def exported(example: Path, to: str, output: Path) -> Path:
    treadle(Project(example.parent), "export", str(example), "--to", to, "-o", str(output))
    return output


def test_the_run_measured_something(ours: Metrics) -> None:
    assert 0.5 < ours["score_boosting"]["roc_auc"] < 1
    assert ours["score_boosting"] != ours["score_logistic"]


def test_the_script_alone_gives_the_same_metrics(example: Path, ours: Metrics, tmp_path: Path) -> None:
    script = exported(example, "python", tmp_path / "flights.py")
    done = subprocess.run(
        [sys.executable, "-W", "error", script, "--project", example.parent, "--output", tmp_path / "results"],
        cwd=tmp_path, capture_output=True, text=True, timeout=300, check=False,
        env={**os.environ, "MPLBACKEND": "Agg", **ONE_THREAD},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert measured(tmp_path / "results") == ours


@pytest.mark.airflow
@pytest.mark.skipif(not PYTHON.exists(), reason="no Airflow here: make airflow-env")
def test_the_dag_in_airflow_gives_the_same_metrics(example: Path, ours: Metrics, tmp_path: Path) -> None:
    home = AirflowHome(tmp_path / "airflow")
    home.prepare()
    exported(example, "airflow", home.dags / "flights.py")
    artifacts = tmp_path / "artifacts"
    done = home.test("flights", TREADLE_PROJECT=str(example.parent), TREADLE_ARTIFACTS=str(artifacts), **ONE_THREAD)
    assert done.returncode == 0, done.stdout[-3000:]
    [run] = artifacts.iterdir()
    assert measured(run) == ours


def test_the_picture_shows_every_node(example: Path, tmp_path: Path) -> None:
    picture = ElementTree.parse(exported(example, "svg", tmp_path / "flights.svg"))
    shown = {text.strip() for text in picture.getroot().itertext()}
    assert {"All flights of 2013", "What matters", "Compare the models"} <= shown
