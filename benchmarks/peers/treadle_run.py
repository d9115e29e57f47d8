"""Treadle: `treadle run`, every node a fresh process, with journal, logs, artifacts and cache on.

BENCH_IMPORTS=tabular makes the nodes' module import pandas and scikit-learn, BENCH_ISOLATION=reuse has processes serve
many nodes.
"""

import os
import sys
from pathlib import Path

import shapes

COMPONENT = '''
import os
import time

from treadle import Json, component


@component()
def no_op(upstream: list[Json] | None = None, name: str = "") -> Json:
    """Leaves its mark."""
    line = f"{name} {os.getpid()} {time.monotonic():.6f}\\n".encode()
    file = os.open(os.environ["BENCH_MARKS"], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
    os.write(file, line)
    os.close(file)
    return USED
'''


def write_project(folder):
    components = folder / "components"
    components.mkdir(parents=True)
    tabular = os.environ.get("BENCH_IMPORTS") == "tabular"
    head = "import pandas\nimport sklearn.ensemble\n" if tabular else ""
    used = "0 if pandas and sklearn else 1" if tabular else "0"
    (components / "bench.py").write_text(head + COMPONENT.replace("USED", used), encoding="utf-8")
    isolation = os.environ.get("BENCH_ISOLATION", "fresh")
    lines = ["treadle: 1", "name: bench", f"defaults: {{isolation: {isolation}}}", "nodes:"]
    for name, parents in shapes.graph_of(os.environ["BENCH_SHAPE"]).items():
        lines += [f"  {name}:", "    uses: bench.no_op"]
        if parents:
            lines.append(f"    in: {{upstream: [{', '.join(parent + '.json' for parent in parents)}]}}")
        lines.append(f"    with: {{name: {name}}}")
    file = folder / "bench.treadle.yaml"
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return file


if __name__ == "__main__":
    project = Path(os.environ["BENCH_FOLDER"], "project")
    if sys.argv[1:] == ["prepare"]:
        write_project(project)
    else:
        treadle = Path(sys.executable).parent / "treadle"
        os.execv(treadle, [str(treadle), "run", str(project / "bench.treadle.yaml")])
