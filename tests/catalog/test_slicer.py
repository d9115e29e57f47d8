"""What a slice holds, what it refuses, and when its digest changes."""

# ruff: noqa: E501 (a case is one line, whatever its length)

from __future__ import annotations

import ast
import subprocess
import sys
from typing import Any

import pytest

from treadle.catalog.slicer import Cutter, NotSliceable
from treadle.catalog.slices import Slice
from treadle.catalog.sources import SourceText


def cut(text: str, function: str = "f", **others: str) -> Slice:
    sources = {"m": SourceText("m", "components/m.py", text)}
    sources |= {name: SourceText(name, f"components/{name}.py", other) for name, other in others.items()}
    return Cutter("m", sources).cut(function)


def run(made: Slice, *arguments: Any) -> Any:
    names: dict[str, Any] = {"__name__": "__main__"}
    exec(compile(made.text, "<slice>", "exec"), names)
    return names[made.function](*arguments)


def defined(made: Slice) -> set[str]:
    return {getattr(each, "name", "") for each in ast.parse(made.text).body} - {""}


def refusal(text: str, **others: str) -> str:
    with pytest.raises(NotSliceable) as caught:
        cut(text, **others)
    problem = caught.value.problems[0]
    assert problem.where.file
    assert problem.hint
    return f"{problem.code} {problem.where}"


def test_only_what_is_reached_comes_along() -> None:
    made = cut(
        "import os, sys\nA = 1\nB = 2\ndef g(): return A\ndef h(): return B\ndef f(): return g(), sys.argv[:0]\n"
    )
    assert "os" not in made.text
    assert "B" not in made.text
    assert defined(made) == {"g", "f"}
    assert run(made) == (1, [])


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("N = 3\ndef f(n=N): return n", 3),
        ("def f(): return even(10)\ndef even(n): return n == 0 or odd(n - 1)\ndef odd(n): return n != 0 and even(n - 1)", True),
        ("K = 2\ndef f():\n    def inner(): return K\n    return [inner() * K for x in range(K)]", [4, 4]),
        ("x = 5\ndef f(): return [x for x in range(2)], x", ([0, 1], 5)),
        ("N = 1\nN += 2\nN = N * 2\ndef f(): return N", 6),
        ("T = {'a': 1}\nT['b'] = 2\nT.update(c=3)\ndel T['a']\ndef f(): return T", {"b": 2, "c": 3}),
        ("T = []\nfor n in range(3):\n    T.append(n)\ndef f(): return T", [0, 1, 2]),
        ("T = {}\nALIAS = T\nALIAS['x'] = 1\ndef f(): return T", {"x": 1}),
        ("R = {}\ndef register(g):\n    R[g.__name__] = g\n    return g\n@register\ndef g(): return 7\ndef f(): return R['g']()", 7),
        ("R = []\ndef add(x): R.append(x)\nadd(4)\ndef f(): return R", [4]),
        ("R = []\ndef add(x):\n    own = R\n    own.append(x)\nadd(4)\ndef f(): return R", [4]),
        ("L = []\ndef fill(items): items.append(1)\nDONE = fill(L)\ndef f(): return L", [1]),
        ("R = {}\ndef get(): return R\nget()['x'] = 1\ndef f(): return R", {"x": 1}),
        ("N = 0\ndef bump():\n    global N\n    N += 1\nbump()\ndef f():\n    bump()\n    return N", 2),
        ("try:\n    import missing_package as p\nexcept ImportError:\n    p = None\ndef f(): return p", None),
        ("import sys\nif sys.version_info > (3,):\n    def g(): return 'new'\nelse:\n    def g(): return 'old'\ndef f(): return g()", "new"),
        ("class A:\n    K = 1\n    def go(self): return self.K + B\nclass C(A):\n    pass\nB = 2\ndef f(): return C().go()", 3),
        ("from dataclasses import dataclass, field\n@dataclass\nclass P:\n    x: int = 1\n    y: list = field(default_factory=list)\ndef f(): return P().x", 1),
        ("from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import missing_package\ndef f(x: 'missing_package.X' = 1): return x", 1),
        ("def f():\n    return K\nK = 9\nif __name__ == '__main__':\n    K = f() / 0", 9),
        ("a, (b, *c) = 1, (2, 3, 4)\ndef f(): return c", [3, 4]),
        ("def f():\n    if (n := 3) > M: return n\nM = 1", 3),
        ("ITEMS = iter([1, 2, 3])\nSKIPPED = next(ITEMS)\ndef f(): return next(ITEMS)", 2),
        ("def f(x=1):\n    match x:\n        case int() as n: return n + K\nK = 1", 2),
        ("class A:\n    x = 1\nA.x = 5\ndef f(): return A.x", 5),
        ("import math\nmath.tau_twice = 2\ndef f(): return math.tau_twice", 2),
        ("def deco(g): return lambda: g() + 1\n@deco\ndef g(): return 1\ndef f(): return g()", 2),
        ("G = lambda: K\nK = 4\ndef f(): return G()", 4),
        ("X = 1\ndef f():\n    X = 2\n    def g():\n        nonlocal X\n        X += 1\n        return X\n    return g()", 3),
    ],
)  # fmt: skip
def test_the_slice_gives_what_the_module_gives(text: str, result: object) -> None:
    assert run(cut(text)) == result


def test_treadle_is_taken_out() -> None:
    made = cut(
        "from __future__ import annotations\nimport treadle as t\nfrom treadle import Between, Model as M, component as c\n"
        "from typing import Annotated\n"
        "@c(icon='x')\ndef f(n: Annotated[int, Between(0, 1)] = 1, m: M = None, k: t.Metrics = None) -> M: return n"
    )
    assert "treadle" not in made.text.replace("treadle_", "")
    assert "Annotated" not in made.text
    assert made.text.startswith("from __future__")
    assert run(made) == 1


def test_reports_do_without_treadle() -> None:
    made = cut("from treadle.report import progress\ndef f():\n    progress(0.5, 'half')\n    return 1")
    code = f"import sys; sys.modules['treadle'] = None\n{made.text}\nprint(f())"
    assert subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, text=True).stdout == "1\n"
    assert made.imports == ()


@pytest.mark.parametrize(
    ("line", "prefix"),
    [
        ("from treadle.report import log, artifact, metric, progress, checkpoint, last_checkpoint", ""),
        ("from treadle import report as say", "say."),
    ],
)
def test_every_report_is_silent_without_treadle(line: str, prefix: str) -> None:
    body = ["log('x', 'warning')", "artifact('a', 1)", "metric('m', 1)", "checkpoint(2)", "progress(0.5)"]
    calls = "".join(f"    {prefix}{call}\n" for call in body)
    made = cut(f"{line}\ndef f():\n{calls}    return {prefix}last_checkpoint()")
    code = f"import sys; sys.modules['treadle'] = None\n{made.text}\nprint(f())"
    assert subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, text=True).stdout == "None\n"
    assert made.imports == ()


@pytest.mark.parametrize(
    ("kept", "dropped"),
    [
        ("import numpy as np\nnp.random.seed(0)\n", "X = np.zeros(3)\nY = X + 1\n"),
        (
            "import logging\nlog = logging.getLogger('a')\nlog.setLevel(10)\n",
            "other = logging.getLogger('b')\nother.setLevel(1)\n",
        ),
        ("T = {'a': 1}\n", "Y = T.get('a')\nprint(T)\nZ = len(T)\n"),
    ],
)
def test_an_effect_comes_along_and_a_mere_use_does_not(kept: str, dropped: str) -> None:
    names = [name for name in ("np", "log", "T") if name in kept]
    made = cut(f"{kept}{dropped}def f(): return {names[-1]}\n")
    assert made.text.startswith(ast.unparse(ast.parse(kept)))
    assert not any(line in made.text for line in dropped.splitlines())


def test_imports_are_the_packages_needed() -> None:
    made = cut(
        "import os, json\nimport pandas as pd\nfrom sklearn.base import clone\ndef f():\n    import duckdb\n    pd, os\n"
    )
    assert made.imports == ("duckdb", "pandas")


class TestSeveralModules:
    HELPERS = "import math\nK = 2\ndef clean(x): return scale(x) + K\ndef scale(x): return math.floor(x * K)\ndef unused(): pass\n"

    @pytest.mark.parametrize(
        "head_and_call",
        [
            ("from helpers import clean", "clean"),
            ("from components.helpers import clean", "clean"),
            ("from helpers import clean as tidy", "tidy"),
            ("import helpers as h", "h.clean"),
            ("import helpers", "helpers.clean"),
            ("import components.helpers", "components.helpers.clean"),
            ("from components import helpers", "helpers.clean"),
            ("from .helpers import clean", "clean"),
            (
                "try:\n    from helpers import clean\nexcept ImportError:\n    from components.helpers import clean",
                "clean",
            ),
        ],
    )
    def test_a_helper_is_inlined(self, head_and_call: tuple[str, str]) -> None:
        head, call = head_and_call
        made = cut(f"{head}\nK = 100\ndef f(x): return {call}(x) + K", helpers=self.HELPERS)
        assert run(made, 1.6) == 105
        assert "unused" not in made.text
        assert "helpers import" not in made.text

    def test_a_local_name_does_not_capture_a_helper(self) -> None:
        text = "import helpers as h\ndef f(x):\n    clean = 1\n    return h.clean(x) + clean"
        assert run(cut(text, helpers=self.HELPERS), 1.6) == 6

    def test_a_built_in_that_one_module_redefines_stays_itself_in_another(self) -> None:
        made = cut(
            "from helpers import total\ndef sum(x): return 'mine'\ndef f(x): return sum(x), total(x)",
            helpers="def total(x): return sum(x)\n",
        )
        assert run(made, [1, 2]) == ("mine", 3)

    def test_an_import_inside_the_function(self) -> None:
        made = cut("def f(x):\n    from helpers import clean\n    return clean(x)", helpers=self.HELPERS)
        assert run(made, 1.6) == 5

    def test_names_pass_through_modules_in_between(self) -> None:
        made = cut(
            "from middle import clean\ndef f(x): return clean(x)",
            middle="from helpers import clean\n",
            helpers=self.HELPERS,
        )
        assert run(made, 1.6) == 5

    def test_a_module_changed_by_another_is_changed_in_the_slice(self) -> None:
        made = cut(
            "from registry import register, TABLE\nregister('a', 1)\nTABLE['b'] = 2\ndef f(): return TABLE",
            registry="TABLE = {}\ndef register(k, v): TABLE[k] = v\n",
        )
        assert run(made) == {"a": 1, "b": 2}

    def test_the_same_import_stands_once(self) -> None:
        made = cut("import math\nfrom helpers import clean\ndef f(x): return math.ceil(clean(x))", helpers=self.HELPERS)
        assert made.text.count("import math") == 1


@pytest.mark.parametrize(
    ("text", "others", "expected"),
    [
        ("from os import *\ndef f(): return getcwd()", {}, "star-import components/m.py:1"),
        ("from h import *\ndef f(): return 1", {"h": "K = 1"}, "star-import components/m.py:1"),
        ("import h\ndef f(): return vars(h)", {"h": "K = 1"}, "not-sliceable components/m.py:2"),
        ("import h\ndef f(): return h.nothing", {"h": "K = 1"}, "unknown-name components/m.py:2"),
        ("from h import nothing\ndef f(): return nothing", {"h": "K = 1"}, "unknown-name components/m.py:2"),
        ("import h\ndef f(): h.K = 2", {"h": "K = 1"}, "not-sliceable components/m.py:2"),
        ("import h\ndef f(): return h.K", {"h": "K = ("}, "syntax-error components/h.py:1"),
        ("import h\ndef f(): return h.K", {"h": "import m\nK = 1"}, "circular-import components/m.py"),
        ("from treadle import component\ndef f(): return component()", {}, "treadle-at-run-time components/m.py:2"),
        ("HERE = __file__\ndef f(): return HERE", {}, "file-at-run-time components/m.py:1"),
        ("from treadle.library.prepare import compute\ndef f(): return compute", {}, "not-sliceable components/m.py:1"),
        ("def g(): pass", {}, "unknown-name components/m.py"),
    ],
)
def test_what_cannot_be_cut_is_refused_with_its_place(text: str, others: dict[str, str], expected: str) -> None:
    assert refusal(text, **others).startswith(expected)


class TestDigest:
    BASE = "K = 1\ndef helper(x):\n    return x + K\ndef other(): return 1\ndef f(x):\n    return helper(x)\n"

    @pytest.mark.parametrize(
        ("old", "new"),
        [("return x + K", "return x - K"), ("K = 1", "K = 2"), ("return helper(x)", "return helper(x) + 0")],
    )
    def test_changes_with_what_is_reached(self, old: str, new: str) -> None:
        assert cut(self.BASE).digest != cut(self.BASE.replace(old, new)).digest

    @pytest.mark.parametrize(
        ("old", "new"),
        [
            ("def other(): return 1", "def other(): return 2"),
            ("def other(): return 1\n", ""),
            ("K = 1", "# a comment\nK  =  1"),
            ("    return x + K", "    return (x +\n        K)"),
            ("def f", "import os\nUNUSED = os.sep\ndef f"),
        ],
    )
    def test_stays_with_anything_else(self, old: str, new: str) -> None:
        assert old in self.BASE
        assert cut(self.BASE).digest == cut(self.BASE.replace(old, new)).digest

    def test_changes_with_a_helper_of_another_module(self) -> None:
        text = "from h import g\ndef f(): return g()"
        first = cut(text, h="def g(): return 1\ndef other(): return 1")
        assert first.digest == cut(text, h="def other(): return 2\n\ndef g(): return 1").digest
        assert first.digest != cut(text, h="def g(): return 2").digest


def test_lines_lead_back_to_the_authors_files() -> None:
    made = cut(
        "# one\n\nfrom h import g\n\n\ndef f(x):\n    '''Doc.\n\n    more'''\n    if x:\n        return g(x)\n",
        h="\n\ndef g(x):\n    # why\n    return 1 / 0\n",
    )
    written = made.text.splitlines()
    by_text = {written[line - 1].strip(): (file, there) for line, file, there in made.lines}
    assert by_text["return 1 / 0"] == ("components/h.py", 5)
    assert by_text["return g(x)"] == ("components/m.py", 11)
    assert by_text["def f(x):"] == ("components/m.py", 6)
    assert [line for line, _, _ in made.lines] == sorted(line for line, _, _ in made.lines)


@pytest.mark.parametrize("depth", range(100, 600, 20))
def test_at_any_depth_there_is_a_slice_or_a_problem(depth: int) -> None:
    codes = []
    try:
        assert run(cut("def f(): return " + "+".join(["1"] * depth))) == depth
    except NotSliceable as refusal:
        codes = [problem.code for problem in refusal.problems]
    assert codes in ([], ["nested-too-deep"])


def test_deep_nesting_is_refused_and_does_not_crash() -> None:
    assert refusal("def f(): return " + "-" * 5000 + "1").startswith("nested-too-deep")
    assert refusal("def f(): return " + "+".join(["1"] * 20000)).startswith("nested-too-deep")
