"""Dask: a local cluster of processes. Workers are reused: no isolation."""

import os

import shapes


def no_op(name, *parents):
    return shapes.mark(name)


def main():
    import dask
    from dask.distributed import Client, LocalCluster

    graph = shapes.graph_of(os.environ["BENCH_SHAPE"])
    task, nodes = dask.delayed(no_op, pure=False), {}
    with (
        LocalCluster(n_workers=os.cpu_count(), threads_per_worker=1, processes=True, dashboard_address=None) as cluster,
        Client(cluster),
    ):
        for name, parents in graph.items():
            nodes[name] = task(name, *[nodes[parent] for parent in parents])
        inner = {parent for parents in graph.values() for parent in parents}
        dask.compute(*[nodes[name] for name in graph if name not in inner], optimize_graph=False)


if __name__ == "__main__":
    main()
