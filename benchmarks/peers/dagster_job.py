"""Dagster: one job, in process. Its isolated executor takes about a second a node and is not waited for here."""

import os

os.environ["DAGSTER_DISABLE_TELEMETRY"] = "true"

import shapes
from dagster import DependencyDefinition, GraphDefinition, In, Int, Out, op


def node(name, parents):
    @op(name=name, ins={parent: In(Int) for parent in parents}, out=Out(Int))
    def no_op(context, **inputs):
        return shapes.mark(name)

    return no_op


if __name__ == "__main__":
    graph = shapes.graph_of(os.environ["BENCH_SHAPE"])
    definition = GraphDefinition(
        name="bench",
        node_defs=[node(name, parents) for name, parents in graph.items()],
        dependencies={name: {p: DependencyDefinition(p) for p in parents} for name, parents in graph.items()},
    )
    definition.to_job().execute_in_process()
