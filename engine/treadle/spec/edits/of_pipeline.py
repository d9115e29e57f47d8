"""What a pipeline says of itself: name, parameters, defaults, limits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from treadle.spec.pipeline import Pipeline, PipelineParameter, Policy
from treadle.spec.resources import Concurrency, Resources

__all__ = [
    "remove_pipeline_param", "set_concurrency", "set_default_resources", "set_defaults", "set_help", "set_name",
    "set_pipeline_param", "set_pools", "set_timeout",
]  # fmt: skip


def set_name(pipeline: Pipeline, name: str) -> Pipeline:
    return replace(pipeline, name=name)


def set_help(pipeline: Pipeline, text: str) -> Pipeline:
    return replace(pipeline, help=text)


def set_timeout(pipeline: Pipeline, timeout: float | None) -> Pipeline:
    """`timeout` in seconds, of a whole run."""
    return replace(pipeline, timeout=timeout)


def set_default_resources(pipeline: Pipeline, resources: Resources) -> Pipeline:
    return replace(pipeline, resources=resources)


def set_pools(pipeline: Pipeline, pools: Mapping[str, int]) -> Pipeline:
    """`pools` are slots by pool, all that the pipeline says."""
    return replace(pipeline, pools=pools)


def set_concurrency(pipeline: Pipeline, concurrency: Concurrency) -> Pipeline:
    return replace(pipeline, concurrency=concurrency)


def set_defaults(pipeline: Pipeline, defaults: Policy) -> Pipeline:
    return replace(pipeline, defaults=defaults)


def set_pipeline_param(pipeline: Pipeline, parameter: PipelineParameter) -> Pipeline:
    """With this parameter declared, in the place of one of the same name."""
    return replace(pipeline, params={**pipeline.params, parameter.name: parameter})


def remove_pipeline_param(pipeline: Pipeline, name: str) -> Pipeline:
    """Without the parameter; nodes that refer to it keep saying so, and validation names them."""
    return replace(pipeline, params={key: value for key, value in pipeline.params.items() if key != name})
