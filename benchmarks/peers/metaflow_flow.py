"""Metaflow: a flow of steps in a chain, each a process of its own. It can't say the other shapes without joins."""

import os
import subprocess
import sys
from pathlib import Path

import shapes

HEAD = "import shapes\nfrom metaflow import FlowSpec, step\n\n\nclass Bench(FlowSpec):\n"


def write_flow(folder):
    names = list(shapes.graph_of(os.environ["BENCH_SHAPE"]))
    steps = ["start", *names[1:-1], "end"]
    text = HEAD
    for name, step, after in zip(names, steps, [*steps[1:], None], strict=True):
        text += f"    @step\n    def {step}(self):\n        shapes.mark({name!r})\n"
        text += f"        self.next(self.{after})\n\n" if after else ""
    file = folder / "flow.py"
    file.write_text(text + "\nif __name__ == '__main__':\n    Bench()\n")
    return file


if __name__ == "__main__":
    folder = Path(os.environ["BENCH_FOLDER"])
    env = {**os.environ, "USERNAME": "bench", "HOME": str(folder), "METAFLOW_DEFAULT_DATASTORE": "local"}
    flow = write_flow(folder)
    sys.exit(subprocess.run([sys.executable, str(flow), "--quiet", "run"], env=env, cwd=folder, check=False).returncode)
