"""Every target that a pipeline can be exported to, by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from treadle.convert.airflow import export_airflow
from treadle.convert.exported import Components, Exported
from treadle.convert.picture import export_svg
from treadle.convert.python_script import export_python
from treadle.spec.pipeline import Pipeline

__all__ = ["TARGETS", "Target", "export"]


@dataclass(frozen=True, slots=True)
class Target:
    """`suffix` is the file's usual ending; `language` is for a view that colours the text."""

    name: str
    title: str
    suffix: str
    language: str
    convert: Callable[[Pipeline, Components], Exported]


TARGETS: Final[Mapping[str, Target]] = {
    target.name: target
    for target in (
        Target("python", "Python script", ".py", "python", export_python),
        Target("airflow", "Airflow DAG (2.10 to 3.3)", ".py", "python", export_airflow),
        Target("svg", "Picture (SVG)", ".svg", "xml", export_svg),
    )
}


def export(pipeline: Pipeline, components: Components, to: str) -> Exported:
    """The pipeline as target `to`. Raises KeyError where there is no such target."""
    return TARGETS[to].convert(pipeline, components)
