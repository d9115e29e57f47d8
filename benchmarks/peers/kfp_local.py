"""kfp.local: a component for each node, run one after the other by its SubprocessRunner.

`install_kfp_package=False`, for its runtime installation would change the environment that it runs in.
"""

import os
import sys
from pathlib import Path

import shapes
from kfp import dsl, local


@dsl.component(install_kfp_package=False)
def no_op(name: str, place: str, after: int) -> int:
    import sys

    sys.path.insert(0, place)
    import shapes

    return shapes.mark(name)


@dsl.pipeline
def bench() -> None:
    made = None
    place = str(Path(__file__).parent.parent)
    for name in shapes.graph_of(os.environ["BENCH_SHAPE"]):
        made = no_op(name=name, place=place, after=0 if made is None else made.output)


if __name__ == "__main__":
    root = os.environ["BENCH_FOLDER"] + "/kfp"
    local.init(runner=local.SubprocessRunner(use_venv=False), pipeline_root=root)
    bench()
    sys.exit(0)
