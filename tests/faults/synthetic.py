"""Small projects to be killed: layers of nodes of 20 to 120 ms that leave a mark when they begin and one when they end.

Some leave a daemon behind that ignores SIGTERM in a session of its own, some write a file as their output. A node's
value depends on all above it, so that a run's last value tells whether every value on the way was right.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from treadle.store.project import Project

__all__ = ["Layers", "layers", "make_project"]

COMPONENTS = '''
import hashlib
import os
import subprocess
import time
from pathlib import Path

from treadle import File, Json, component

DAEMON = "import os, signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); os.closerange(0, 64); time.sleep(600)"


def mark(name, what):
    with open(f"marks/{name}.{what}", "a") as marks:
        marks.write(f"{os.getpid()}\\n")


def digest(name, upstream):
    return hashlib.sha256(" ".join([name, *upstream]).encode()).hexdigest()[:16]


@component(category="Demo")
def compute(upstream: list[Json], name: str, seconds: float = 0.05, daemon: bool = False) -> Json:
    """Wait, and give a digest of everything above."""
    mark(name, "begun")
    print("begun", name)
    if daemon:
        subprocess.Popen(["python3", "-c", DAEMON], start_new_session=True)
    time.sleep(seconds)
    mark(name, "ended")
    return digest(name, upstream)


@component(category="Demo")
def begin(name: str, seconds: float = 0.05) -> Json:
    """The same with nothing above."""
    mark(name, "begun")
    time.sleep(seconds)
    mark(name, "ended")
    return digest(name, [])


@component(category="Demo")
def wait(upstream: list[Json], gate: str) -> Json:
    """Wait for the file `gate`."""
    mark("gate", "begun")
    while not os.path.exists(gate):
        time.sleep(0.02)
    return digest("gate", upstream)


@component(category="Demo")
def write(upstream: list[Json], name: str, seconds: float = 0.05, size: int = 100_000) -> File:
    """Wait, and give a file."""
    mark(name, "begun")
    time.sleep(seconds)
    path = Path(f"written-{os.getpid()}.txt")
    path.write_text(digest(name, upstream).ljust(size, "."))
    mark(name, "ended")
    return path
'''


@dataclass(frozen=True, slots=True)
class Layers:
    """A pipeline: its text, and each node's sources; `last` has all values below it in its own."""

    text: str
    above: Mapping[str, tuple[str, ...]]

    def value(self, node: str = "last") -> str:
        """What `node` gives, where all above it gave what they should."""
        parts = [node, *(self.value(source) for source in self.above[node])]
        return hashlib.sha256(" ".join(parts).encode()).hexdigest()[:16]


def layers(chance: random.Random, *, width: int = 4, depth: int = 4, retries: int = 0) -> Layers:
    """`depth` layers of `width` nodes, each fed by up to three of the layer above, then one node that takes
    them all and one that writes a file. What is in it, `chance` says.
    """
    above: dict[str, tuple[str, ...]] = {f"n0_{column}": () for column in range(width)}
    for layer in range(1, depth):
        for column in range(width):
            sources = chance.sample([f"n{layer - 1}_{each}" for each in range(width)], chance.randint(1, 3))
            above[f"n{layer}_{column}"] = tuple(sorted(sources))
    above["last"] = tuple(f"n{depth - 1}_{column}" for column in range(width))
    above["file"] = ("n1_0",)
    lines = ["treadle: 1", "name: layers", f"defaults: {{retries: {retries}, retry_delay: 20ms}}", "nodes:"]
    for name, sources in above.items():
        lines += _node(chance, name, sources)
    return Layers("\n".join(lines) + "\n", above)


def _node(chance: random.Random, name: str, sources: tuple[str, ...]) -> list[str]:
    uses = "write" if name == "file" else "compute" if sources else "begin"
    seconds = round(chance.uniform(0.02, 0.12), 3)
    daemon = ", daemon: true" if uses == "compute" and chance.random() < 0.2 else ""
    lines = [f"  {name}:", f"    uses: layers.{uses}"]
    if sources:
        lines.append(f"    in: {{upstream: [{', '.join(f'{source}.json' for source in sources)}]}}")
    return [*lines, f"    with: {{name: {name}, seconds: {seconds}{daemon}}}"]


def make_project(root: Path) -> Project:
    """A folder with the components, and nothing else yet."""
    (root / "components").mkdir(parents=True)
    (root / "marks").mkdir()
    (root / "components" / "layers.py").write_text(COMPONENTS)
    return Project(root.resolve())
