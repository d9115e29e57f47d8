"""For generated projects: what a slice gives in a bare interpreter is what the project's module gives.

The reference is Python itself: each project is written out, its module imported, its function called.
"""

from __future__ import annotations

import json
import random
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from catalog.generated_projects import Project, project
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from treadle.catalog.slicer import Cutter, NotSliceable
from treadle.catalog.sources import SourceText

BATCH = 100
JUDGE = """
import importlib, json, signal, sys

class TooLong(BaseException):
    pass

def give_up(*_):
    raise TooLong

signal.signal(signal.SIGALRM, give_up)

def outcome(call):
    try:
        return repr(call())
    except Exception as error:
        return type(error).__name__

def judge(case):
    #[what the module gives, what the slice gives], or None where the module does not load or takes too long.
    sys.path.insert(0, case["folder"])
    for name in ("m", "h", "components", "components.h"):
        sys.modules.pop(name, None)
    importlib.invalidate_caches()
    try:
        module = importlib.import_module("m")
    except Exception:
        return None
    finally:
        sys.path.pop(0)
    names = {"__name__": "__main__"}
    def sliced():
        exec(case["slice"], names)
        return [names[case["function"]](3) for _ in range(2)]
    return [outcome(lambda: [module.f(3) for _ in range(2)]), outcome(sliced)]

for case in json.load(sys.stdin):
    signal.setitimer(signal.ITIMER_REAL, 0.2)
    try:
        verdict = judge(case)
    except TooLong:
        verdict = None
    signal.setitimer(signal.ITIMER_REAL, 0)
    print(json.dumps(verdict))
"""


@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 2**32))
def test_a_slice_gives_what_its_module_gives(tmp_path_factory: pytest.TempPathFactory, seed: int) -> None:
    chance = random.Random(seed)
    drawn = [each for each in (project(chance) for _ in range(BATCH)) if not _is_ambiguous(each)]
    cases = [_case(tmp_path_factory.mktemp("project"), each) for each in drawn]
    verdicts = _judge(cases)
    for case, each, verdict in zip(cases, drawn, verdicts, strict=True):
        if verdict is not None:
            expected, found = verdict
            assert found == expected, f"# h.py\n{each.h}\n# m.py\n{each.m}\n# slice\n{case['slice']}"
    counted = Counter("unloadable" if verdict is None else "judged" for verdict in verdicts)
    assert counted["judged"] > BATCH / 4


def _sources(each: Project) -> dict[str, SourceText]:
    return {"m": SourceText("m", "m.py", each.m), "h": SourceText("h", "h.py", each.h)}


def _is_ambiguous(each: Project) -> bool:
    """Refused rather than sliced wrongly: both modules have a class that reads and binds the same name."""
    try:
        Cutter("m", _sources(each)).cut("f")
    except NotSliceable as refusal:
        if {problem.code for problem in refusal.problems} != {"ambiguous-name"}:
            raise
        return True
    return False


def _case(folder: Path, each: Project) -> dict[str, str]:
    (folder / "components").mkdir()
    (folder / "m.py").write_text(each.m)
    (folder / "h.py").write_text(each.h)
    # Both ways to import it are one module, as they are to the catalog.
    (folder / "components" / "h.py").write_text("import sys, h\nsys.modules[__name__] = h\n")
    made = Cutter("m", _sources(each)).cut("f")
    return {"folder": str(folder), "slice": made.text, "function": made.function}


def _judge(cases: list[dict[str, str]]) -> list[list[str] | None]:
    judged = subprocess.run(
        [sys.executable, "-I", "-B", "-W", "ignore", "-c", JUDGE],
        input=json.dumps(cases),
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return [json.loads(line) for line in judged.stdout.splitlines()]
