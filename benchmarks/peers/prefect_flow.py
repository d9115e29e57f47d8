"""Prefect: a flow with its default (thread) runner and an ephemeral server. No isolation."""

import os

os.environ.update(
    PREFECT_HOME=os.environ["BENCH_FOLDER"],
    PREFECT_SERVER_ANALYTICS_ENABLED="false",
    DO_NOT_TRACK="1",
    PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS="120",
)

import shapes
from prefect import flow, task


@task
def no_op(name, parents):
    return shapes.mark(name)


@flow
def graph_flow():
    nodes = {}
    for name, parents in shapes.graph_of(os.environ["BENCH_SHAPE"]).items():
        nodes[name] = no_op.submit(name, [nodes[parent] for parent in parents])
    for future in nodes.values():
        future.wait()


if __name__ == "__main__":
    graph_flow()
