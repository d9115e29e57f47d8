"""The command that a shell command or a script in any language reports by; its path is in `TREADLE_REPORT`.

    treadle-report progress 0.3 "epoch 3"
    treadle-report metric loss 0.12 --step 30
    treadle-report log "slower than it was" --level warning
    treadle-report artifact NAME PATH
    treadle-report checkpoint PATH            a file or a folder; kept when this returns
    treadle-report last-checkpoint            prints the path of a copy of it, or nothing

Run as a file, without Treadle's own packages: standard library only, Python ≥ 3.9.
"""

# Paths are plain text here: it starts in milliseconds, and pathlib is not free.
# ruff: noqa: PTH100, PTH118, PTH120

from __future__ import annotations

import argparse
import importlib.util
import os
import sys
from typing import Any

_OK, _NOT_KEPT = 0, 1


def main(arguments: list[str]) -> int:
    """The exit status: 0 where it was done, 1 where something can't be kept, 2 where the arguments make no sense."""
    given = _parser().parse_args(arguments)
    report = _sdk()
    try:
        answer = report.ask(_said(given))
    except report.NotKept as error:
        print(f"treadle-report: {error}", file=sys.stderr)
        return _NOT_KEPT
    if "path" in answer:
        print(answer["path"])
    return _OK


def _said(given: argparse.Namespace) -> dict[str, Any]:
    if given.verb == "progress":
        return {"progress": given.fraction, "message": given.message[:500]}
    if given.verb == "metric":
        return {"metric": given.name[:200], "value": given.value, "step": given.step}
    if given.verb == "log":
        return {"log": given.message[:2000], "level": given.level}
    if given.verb == "artifact":
        return {"artifact": given.name[:200], "path": os.path.abspath(given.path)}
    if given.verb == "checkpoint":
        return {"checkpoint": True, "path": os.path.abspath(given.path)}
    return {"last_checkpoint": True}


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="treadle-report", description="Reports to the Treadle that runs this node.")
    verbs = parser.add_subparsers(dest="verb", required=True)
    progress = verbs.add_parser("progress", help="how far it is, from 0 to 1")
    progress.add_argument("fraction", type=float)
    progress.add_argument("message", nargs="?", default="")
    metric = verbs.add_parser("metric", help="a point on the node's chart")
    metric.add_argument("name")
    metric.add_argument("value", type=float)
    metric.add_argument("--step", type=int)
    log = verbs.add_parser("log", help="a line of the node's log")
    log.add_argument("message")
    log.add_argument("--level", choices=("debug", "info", "warning", "error"), default="info")
    artifact = verbs.add_parser("artifact", help="keeps a file or a folder besides the declared outputs")
    artifact.add_argument("name")
    artifact.add_argument("path")
    checkpoint = verbs.add_parser("checkpoint", help="keeps a file or a folder for the next attempt")
    checkpoint.add_argument("path")
    verbs.add_parser("last-checkpoint", help="prints the path of a copy of the last checkpoint, if there is one")
    return parser


def _sdk() -> Any:
    """`treadle.report`, by its path."""
    here = os.path.dirname(os.path.abspath(__file__))
    path = os.path.join(os.path.dirname(os.path.dirname(here)), "report.py")
    spec = importlib.util.spec_from_file_location("report", path)
    if spec is None or spec.loader is None:
        raise ImportError(f"there is no {path}")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
