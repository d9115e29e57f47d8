"""Dagster with its multiprocess executor: a process for each op."""

import os

os.environ["DAGSTER_DISABLE_TELEMETRY"] = "true"
os.environ["DAGSTER_HOME"] = os.environ["BENCH_FOLDER"]

import shapes
from dagster import DagsterInstance, execute_job, job, multiprocess_executor, op, reconstructable


def node(name, parents):
    @op(name=name)
    def no_op(context, upstream=None):
        return shapes.mark(name)

    return no_op


@job(executor_def=multiprocess_executor)
def bench():
    made = None
    for name, parents in shapes.graph_of(os.environ["BENCH_SHAPE"]).items():
        made = node(name, parents)(made) if made is not None else node(name, parents)()


if __name__ == "__main__":
    with DagsterInstance.get() as instance:
        execute_job(reconstructable(bench), instance=instance, raise_on_error=True)
