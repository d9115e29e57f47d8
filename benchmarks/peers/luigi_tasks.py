"""Luigi: a fork for each task, as with `--workers N`."""

import os
from pathlib import Path

import luigi
import shapes

GRAPH = shapes.graph_of(os.environ["BENCH_SHAPE"])
FOLDER = Path(os.environ["BENCH_FOLDER"])


class NoOp(luigi.Task):
    name = luigi.Parameter()

    def requires(self):
        return [NoOp(name=parent) for parent in GRAPH[self.name]]

    def output(self):
        return luigi.LocalTarget(str(FOLDER / f"{self.name}.done"))

    def run(self):
        shapes.mark(self.name)
        with self.output().open("w") as file:
            file.write("0")


if __name__ == "__main__":
    inner = {parent for parents in GRAPH.values() for parent in parents}
    leaves = [NoOp(name=name) for name in GRAPH if name not in inner]
    luigi.build(leaves, local_scheduler=True, workers=max(2, os.cpu_count()), log_level="WARNING")
