"""Every target that a pipeline can be exported to, by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from treadle.catalog.extended import Extended
from treadle.convert.airflow import export_airflow
from treadle.convert.exported import Components, Exported
from treadle.convert.picture import export_svg
from treadle.convert.python_script import export_python
from treadle.spec.edits import rename_nodes
from treadle.spec.flattening import flatten
from treadle.spec.own_ports import unused_name
from treadle.spec.pipeline import Pipeline
from treadle.spec.subpipelines import NO_FILES, PipelineFiles

__all__ = ["TARGETS", "Target", "export"]


@dataclass(frozen=True, slots=True)
class Target:
    """`suffix` is the file's usual ending; `language` is for a view that colours the text. `draws_groups` where a
    pipeline inside is one node; elsewhere its nodes take its place."""

    name: str
    title: str
    suffix: str
    language: str
    convert: Callable[[Pipeline, Components], Exported]
    draws_groups: bool = False


TARGETS: Final[Mapping[str, Target]] = {
    target.name: target
    for target in (
        Target("python", "Python script", ".py", "python", export_python),
        Target("airflow", "Airflow DAG (2.10 to 3.3)", ".py", "python", export_airflow),
        Target("svg", "Picture (SVG)", ".svg", "xml", export_svg, draws_groups=True),
    )
}


def export(pipeline: Pipeline, components: Components, to: str, files: PipelineFiles = NO_FILES) -> Exported:
    """The pipeline as target `to`. Raises KeyError where there is no such target.

    `files` are the pipelines that nodes use. A picture has each as one node; the others get the nodes inside it.
    """
    target = TARGETS[to]
    if not any(node.is_pipeline for node in pipeline.nodes.values()):
        return target.convert(pipeline, components)
    if target.draws_groups:
        return target.convert(pipeline, Extended(components, pipeline, files))
    flat = flatten(pipeline, files, components.get)
    if flat.problems:
        return Exported("", flat.problems)
    return target.convert(rename_nodes(flat.pipeline, _plain_names(flat.pipeline)), components)


def _plain_names(pipeline: Pipeline) -> dict[str, str]:
    """No other system takes a slash in a task's name: `prepare/clean` is `prepare_clean` there."""
    names: dict[str, str] = {}
    for id_ in pipeline.nodes:
        names[id_] = unused_name(id_.replace("/", "_"), names.values())
    return names
