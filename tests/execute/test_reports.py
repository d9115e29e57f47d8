"""What user code says while it runs, by the SDK, by progress bars and by MLflow, through real processes."""

from __future__ import annotations

import random
import textwrap
from pathlib import Path

import pytest
from execute.attempts import Bench

from treadle.execute.progress_bars import BarReader
from treadle.execute.protocol import ArtifactKept, CheckpointKept, Failed, Metric, Progress, Succeeded
from treadle.store.logs import Level, LogFile

COUNT = """
from treadle.report import checkpoint, last_checkpoint
def node(die_at=None):
    done = last_checkpoint() or {"step": 0}
    for step in range(done["step"], 5):
        if step == die_at:
            raise RuntimeError("power cut")
        checkpoint({"step": step + 1})
    return done["step"]
"""


def test_a_second_attempt_goes_on_from_the_last_checkpoint(here: Bench) -> None:
    first = here.run(COUNT, "value:int", params={"die_at": 3})
    assert isinstance(first.outcome, Failed)
    kept = first.of(CheckpointKept)
    assert [here.value(message.artifact) for message in kept] == [{"step": 1}, {"step": 2}, {"step": 3}]
    second = here.run(COUNT, "value:int", checkpoint=kept[-1].artifact)
    assert isinstance(second.outcome, Succeeded)
    assert here.value(second.outcome.outputs["value"]) == 3
    assert len(second.of(CheckpointKept)) == 2


def test_within_an_attempt_the_last_checkpoint_is_the_newest(here: Bench) -> None:
    text = """
    from treadle.report import checkpoint, last_checkpoint
    def node():
        before = last_checkpoint()
        checkpoint([1, 2])
        return [before, last_checkpoint()]
    """
    assert here.value(here.run(text, "json:Json").outcome.outputs["json"]) == [None, [1, 2]]


def test_a_checkpoint_that_is_no_longer_kept_is_none(here: Bench) -> None:
    saved = here.run(COUNT, "value:int", params={"die_at": 1}).of(CheckpointKept)[-1].artifact
    here.store.path(saved).unlink()
    again = here.run(COUNT, "value:int", checkpoint=saved)
    assert here.value(again.outcome.outputs["value"]) == 0


def test_artifacts_of_any_kind_are_kept_under_their_names(here: Bench) -> None:
    text = """
    import pandas as pd
    from treadle.report import artifact
    def node():
        artifact("sample", pd.DataFrame({"a": [1, 2]}))
        artifact("note", "some words")
    """
    attempt = here.run(text, imports=("pandas",))
    kept = {message.name: message.artifact for message in attempt.of(ArtifactKept)}
    assert {name: ref.codec for name, ref in kept.items()} == {"sample": "arrow", "note": "text"}
    assert list(here.value(kept["sample"])["a"]) == [1, 2]


def test_log_lines_say_how_loud_they_are(here: Bench) -> None:
    text = """
    from treadle import report
    def node():
        report.log("looking")
        report.log("odd: 3 rows lack a price", "warning")
        report.log("one\\ntwo", "no such level")
    """
    attempt = here.run(text)
    assert attempt.log == "INFO looking\nWARNING odd: 3 rows lack a price\nINFO one\n    two\n"
    levels = [line.level for line in LogFile(attempt.folder / "output.log").lines(0, 2)]
    assert levels == [Level.INFO, Level.WARNING]


BAR = """
import sys, time
def node():
    for step in range(0, 101, 5):
        sys.stderr.write(f"\\rfit: {step:3d}%|{'#' * (step // 10):<10}| {step * 2}/200 [00:01<00:01, 90.0it/s]")
        sys.stderr.flush()
        time.sleep(0.03)
    sys.stderr.write("\\n")
"""


def test_a_progress_bar_in_the_log_is_progress(here: Bench) -> None:
    told = here.run(BAR).of(Progress)
    assert (told[-1].fraction, told[-1].message) == (1.0, "fit 200/200")
    assert 3 <= len(told) <= 6
    assert [message.fraction for message in told] == sorted(message.fraction for message in told)


def test_what_a_node_says_itself_counts_more_than_its_bars(here: Bench) -> None:
    text = BAR.replace("def node():", "from treadle.report import progress\ndef node():\n    progress(0.01, 'mine')")
    assert [message.message for message in here.run(text).of(Progress)] == ["mine"]


@pytest.mark.parametrize(
    ("printed", "said"),
    [
        (b"\r 45%|####      | 45/100 [00:10<00:12]", (0.45, "45/100")),
        (b"\rdata:  50%|##   | 1.50G/3.00G [00:10<00:12]", (0.5, "data 1.50G/3.00G")),
        (b"\r  7%|#         |", (0.07, "")),
        ("\rb: 10%|█▏ | 1/10 [a]\r\x1b[Ab: 20%|██▏ | 2/10 [a]\n".encode(), (0.2, "b 2/10")),
    ],
)
def test_what_bars_mean(printed: bytes, said: tuple[float, str]) -> None:
    heard: list[tuple[float, str]] = []
    BarReader(lambda *words: heard.append(words)).see(printed)
    assert heard == [said]


def test_no_bar_says_nothing_whatever_is_printed() -> None:
    heard: list[tuple[float, str]] = []
    reader, pick = BarReader(lambda *words: heard.append(words)), random.Random(1)
    for _ in range(200):
        reader.see(b"\r" + bytes(pick.randrange(256) for _ in range(200)).replace(b"%|", b""))
        reader.read()
    reader.see(b"100%| done |")
    assert heard == []


def stand_in_mlflow(folder: Path) -> None:
    """A package with MLflow's ways of logging: by hand, and by autolog through a client of its own."""
    tracking = folder / "mlflow" / "tracking"
    tracking.mkdir(parents=True)
    (tracking / "__init__.py").write_text("from mlflow.tracking.client import MlflowClient\n")
    (tracking / "client.py").write_text(
        textwrap.dedent(
            """
            class MlflowClient:
                logged = []
                def log_metric(self, run_id, key, value, timestamp=None, step=None):
                    self.logged.append(key)
                def log_batch(self, run_id, metrics=(), params=(), tags=()):
                    self.logged.extend(metric.key for metric in metrics)
            """
        )
    )
    (folder / "mlflow" / "__init__.py").write_text(
        textwrap.dedent(
            """
            from types import SimpleNamespace
            def log_metric(key, value, step=None):
                from mlflow.tracking.client import MlflowClient
                MlflowClient().log_metric("run", key, value, 0, step or 0)
            def autolog_epoch(step, **metrics):
                from mlflow.tracking import MlflowClient
                batch = [SimpleNamespace(key=key, value=value, step=step) for key, value in metrics.items()]
                MlflowClient().log_batch("run", metrics=batch)
            """
        )
    )


def test_metrics_logged_to_mlflow_are_told_too(here: Bench) -> None:
    stand_in_mlflow(here.root)
    text = """
    import mlflow
    def node():
        mlflow.log_metric("accuracy", 0.5, step=3)
        mlflow.autolog_epoch(4, loss=0.25, broken="no number")
        mlflow.autolog_epoch(5, loss=0.125)
        from mlflow.tracking import MlflowClient
        return MlflowClient.logged
    """
    attempt = here.run(text, "json:Json", imports=("mlflow",))
    told = [(message.name, message.value, message.step) for message in attempt.of(Metric)]
    assert told == [("accuracy", 0.5, 3), ("loss", 0.25, 4), ("loss", 0.125, 5)]
    assert here.value(attempt.outcome.outputs["json"]) == ["accuracy", "loss", "broken", "loss"]
