"""The graphs that every peer runs, and the mark that each node leaves.

A graph maps a node's name to its parents, in topological order. Standard library only: each peer's own
environment imports this.
"""

import os
import random
import time


def chain(count):
    return {f"n{i:04d}": [f"n{i - 1:04d}"] if i else [] for i in range(count)}


def fan(count):
    leaves = [f"f{i:04d}" for i in range(count)]
    return {"source": [], **{leaf: ["source"] for leaf in leaves}, "sink": leaves}


def layered(count, width=25, seed=7):
    """`count` nodes in layers of `width`, each with one to three parents in the layer before."""
    pick = random.Random(seed)
    graph, before = {}, []
    for layer in range(count // width):
        names = [f"l{layer:03d}_{i:03d}" for i in range(width)]
        for name in names:
            graph[name] = pick.sample(before, pick.randint(1, 3)) if before else []
        before = names
    return graph


SHAPES = {"chain": chain, "fan": fan, "layered": layered}


def graph_of(name):
    """`"fan200"` → the fan with 200 leaves."""
    kind = name.rstrip("0123456789")
    return SHAPES[kind](int(name[len(kind) :]))


def mark(name):
    """Appends `name pid monotonic-seconds` to the file that BENCH_MARKS names, in one write."""
    line = f"{name} {os.getpid()} {time.monotonic():.6f}\n".encode()
    file = os.open(os.environ["BENCH_MARKS"], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
    os.write(file, line)
    os.close(file)
    return 0
