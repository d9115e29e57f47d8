"""Runs one command over one graph and reads from its marks what really happened."""

from __future__ import annotations

import os
import resource
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from shapes import graph_of

TIMEOUT_S = 300.0


@dataclass(frozen=True)
class Measured:
    """One run. `first` is seconds from starting the command to its first node; `per_node` is milliseconds."""

    complete: bool
    first: float
    per_node: float
    wall: float
    cpu: float
    processes: int
    nodes: int
    output: str

    @property
    def isolated(self) -> bool:
        return self.processes == self.nodes


def measure(
    command: list[str], shape: str, environment: dict[str, str] | None = None, *, prepare: bool = False
) -> Measured:
    """Runs `command` with BENCH_SHAPE, BENCH_MARKS and BENCH_FOLDER set, in a folder of its own.

    With `prepare` it is called with that word before, off the clock: to write down what it then runs.
    """
    graph = graph_of(shape)
    with tempfile.TemporaryDirectory(prefix="treadle-bench-", ignore_cleanup_errors=True) as folder:
        marks = Path(folder, "marks")
        env = {
            **os.environ, **(environment or {}), "BENCH_SHAPE": shape, "BENCH_MARKS": str(marks),
            "BENCH_FOLDER": folder,
            "PYTHONPATH": os.pathsep.join([str(Path(__file__).parent), os.environ.get("PYTHONPATH", "")]),
        }  # fmt: skip
        if prepare:
            subprocess.run([*command, "prepare"], env=env, cwd=folder, check=True)
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        began = time.monotonic()
        done = subprocess.run(
            command,
            env=env,
            cwd=folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=TIMEOUT_S,
            check=False,
        )
        wall = time.monotonic() - began
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        read = marks_of(graph, marks)
    return Measured(
        complete=read.complete,
        first=read.first - began,
        per_node=read.per_node,
        wall=wall,
        cpu=after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime,
        processes=read.processes,
        nodes=len(graph),
        output=done.stdout.decode(errors="replace")[-2000:],
    )


@dataclass(frozen=True)
class Marks:
    """What the nodes of one run wrote: whether each did once, after those before it; the first one's monotonic time,
    and milliseconds a node from there to the last."""

    complete: bool
    first: float
    per_node: float
    processes: int


def marks_of(graph: dict, marks: Path) -> Marks:
    lines = marks.read_text().split("\n")[:-1] if marks.exists() else []
    rows = [(name, int(pid), float(at)) for name, pid, at in (line.split() for line in lines)]
    order = {name: at for name, _, at in rows}
    complete = len(rows) == len(graph) and set(order) == set(graph) and all(
        order[parent] <= order[name] for name, parents in graph.items() for parent in parents
    )  # fmt: skip
    times = sorted(order.values())
    span = times[-1] - times[0] if times else 0.0
    return Marks(
        complete=complete,
        first=times[0] if times else float("nan"),
        per_node=span / max(len(times) - 1, 1) * 1e3,
        processes=len({pid for _, pid, _ in rows}),
    )
