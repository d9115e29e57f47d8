"""What nodes say through libraries, by the libraries themselves: MLflow by hand and by autolog, tqdm's bars.

They are installed as a node's requirements are, from the package index, once: into `.cache/reports`.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from execute.attempts import Attempt, Bench, bench

from treadle.execute.protocol import Metric, Progress, Succeeded

pytestmark = [pytest.mark.slow, pytest.mark.pypi, pytest.mark.timeout(300)]

ENVIRONMENTS = Path(__file__).parents[2] / ".cache/reports"
MLFLOW = ("mlflow-skinny==3.17.2", "scikit-learn==1.7.2", "pandas==2.3.3", "setuptools<81")
TQDM = ("tqdm==4.67.1",)


@pytest.fixture
def online(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
    # The slim package keeps runs in files only, and wants to hear that this is meant.
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"file://{tmp_path}/mlruns")
    monkeypatch.setenv("MLFLOW_ALLOW_FILE_STORE", "true")
    with bench(tmp_path, environments=ENVIRONMENTS) as made:
        yield made


def ran(online: Bench, text: str, *outputs: str, requirements: tuple[str, ...], imports: tuple[str, ...]) -> Attempt:
    attempt = online.begin(text, *outputs, requirements=requirements, imports=imports)
    finished = attempt.result(240)
    assert isinstance(finished.outcome, Succeeded), (finished.outcome, attempt.log[-3000:])
    return attempt


def test_what_is_logged_to_a_real_mlflow_by_hand_is_charted(online: Bench) -> None:
    text = """
    import mlflow
    def node():
        with mlflow.start_run() as run:
            mlflow.log_metric("loss", 0.5, step=1)
            mlflow.log_metrics({"loss": 0.25, "lr": 0.01}, step=2)
        return mlflow.get_run(run.info.run_id).data.metrics
    """
    attempt = ran(online, text, "json:Json", requirements=MLFLOW, imports=("mlflow",))
    told = [(message.name, message.value, message.step) for message in attempt.of(Metric)]
    assert sorted(told) == [("loss", 0.25, 2), ("loss", 0.5, 1), ("lr", 0.01, 2)]
    assert online.value(attempt.outcome.outputs["json"]) == {"loss": 0.25, "lr": 0.01}


def test_what_a_real_autolog_logs_is_charted(online: Bench) -> None:
    text = """
    import mlflow
    from sklearn.linear_model import LogisticRegression
    def node():
        mlflow.sklearn.autolog(log_models=False)
        LogisticRegression().fit([[0.0], [1.0], [2.0], [3.0]], [0, 0, 1, 1])
    """
    attempt = ran(online, text, requirements=MLFLOW, imports=("mlflow", "sklearn"))
    told = {message.name: message.value for message in attempt.of(Metric)}
    assert told["training_accuracy_score"] == 1.0
    assert 0 < told["training_log_loss"] < 1


def test_real_bars_move_the_nodes_bar(online: Bench) -> None:
    text = """
    import time
    from tqdm.auto import tqdm, trange
    def node():
        for epoch in trange(3, desc="epochs", mininterval=0):
            for step in tqdm(range(5), desc=f"epoch {epoch}", leave=False, mininterval=0):
                time.sleep(0.05)
    """
    told = ran(online, text, requirements=TQDM, imports=("tqdm",)).of(Progress)
    words = [message.message for message in told]
    assert any(word.startswith("epoch ") and word.endswith("/5") for word in words), words
    assert (told[-1].fraction, told[-1].message) == (1.0, "epochs 3/3")
    assert all(0 <= message.fraction <= 1 for message in told)


def test_there_is_no_treadle_where_they_run(online: Bench) -> None:
    text = """
    import importlib.metadata, sys
    from treadle.report import metric
    def node():
        metric("told", 1)
        found = [each.name for each in importlib.metadata.distributions()]
        return ["treadle" in found, "tqdm" in found, sys.prefix]
    """
    attempt = ran(online, text, "json:Json", requirements=TQDM, imports=("tqdm",))
    has_treadle, has_tqdm, prefix = online.value(attempt.outcome.outputs["json"])
    assert (has_treadle, has_tqdm) == (False, True)
    assert Path(prefix).is_relative_to(ENVIRONMENTS)
    assert os.path.realpath(prefix) != os.path.realpath(sys.prefix)
    assert [message.name for message in attempt.of(Metric)] == ["told"]
