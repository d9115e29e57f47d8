"""The rules of validation. Each is a function Situation → problems; to add one, write it and list it here."""

from typing import Final

from treadle.spec.rules import (
    declarations,
    edges,
    flow,
    nodes,
    parameters,
    programs,
    resources,
    settings,
    subpipelines,
)
from treadle.spec.rules.situation import Rule, Situation

__all__ = ["RULES", "Rule", "Situation"]

RULES: Final[tuple[Rule, ...]] = (
    nodes.node_names,
    nodes.unknown_components,
    edges.dangling_edges,
    edges.dangling_after,
    edges.unknown_ports,
    edges.type_mismatches,
    edges.crowded_ports,
    edges.missing_inputs,
    edges.cycles,
    parameters.unknown_parameters,
    parameters.missing_parameters,
    parameters.wrong_values,
    parameters.bad_references,
    parameters.referenced_parameters,
    parameters.unknown_columns,
    parameters.set_and_fed,
    flow.teardowns,
    flow.triggers_after_set_up,
    flow.nodes_at_the_end,
    flow.triggers_without_inputs,
    flow.retried_failures,
    programs.undeclarable_ports,
    programs.declared_ports,
    programs.paths_out_of_the_project,
    programs.paths_of_ports,
    programs.secrets_as_arguments,
    subpipelines.missing_files,
    subpipelines.empty_pipelines,
    subpipelines.own_inputs,
    subpipelines.own_outputs,
    subpipelines.settings_of_pipelines,
    subpipelines.set_up_pipelines,
    declarations.pipeline_parameters,
    settings.limits,
    resources.asked_resources,
    resources.pools_that_are_there,
    resources.pool_sizes,
    resources.concurrency_limits,
    settings.positions_of_nothing,
)
