"""What is told of a pipeline once its run has ended: what stood in no way, and is not as it may have been meant."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from treadle.run.machine import ProcMachine
from treadle.spec.file_format import read
from treadle.spec.pipeline import Pipeline
from treadle.spec.problems import Problem, Severity, Where

__all__ = ["warnings_of"]


def warnings_of(text: str, file: Path) -> list[Problem]:
    """Keys of the file that have no effect, and nodes that asked for more GPUs than this machine has."""
    reading = read(text, str(file))
    found = [problem for problem in reading.problems if problem.severity is Severity.WARNING]
    if reading.pipeline is not None:
        devices = ProcMachine(visible=os.environ.get("CUDA_VISIBLE_DEVICES")).capacity().gpu
        found += _without_gpus(reading.pipeline, devices)
    return found


def _without_gpus(pipeline: Pipeline, devices: int) -> Iterator[Problem]:
    for node in pipeline.nodes.values():
        asked = pipeline.resources.gpu if node.resources.gpu is None else node.resources.gpu
        if asked is not None and asked > devices:
            words = f"{node.id} asks for {asked} GPU{'s' * (asked != 1)}, and there {'is' if devices == 1 else 'are'}"
            hint = "it runs alone, with what there is; nvidia-smi shows what the driver sees"
            where = Where(node=node.id)
            yield Problem("too-few-gpus", f"{words} {devices or 'none'} here", where, hint, Severity.WARNING)
