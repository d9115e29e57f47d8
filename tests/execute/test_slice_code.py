"""A slice's code stands in tracebacks where its author wrote it."""

from __future__ import annotations

import linecache
import sys
import traceback
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import pytest

from treadle.execute.slice_code import Places, Shelf, compile_slice, run_slice

TEXT = """\
from __future__ import annotations
import math
def helper(x):
    return math.sqrt(
        x
    )
@decorate
def node(x: NotThere):
    y = x - 1

    return helper(y)
"""
LINES = (
    (1, "/p/main.py", 1),
    (2, "/p/helpers.py", 3),
    (3, "/p/helpers.py", 20),
    (7, "/p/main.py", 40),
    (9, "/p/main.py", 50),
)


@pytest.fixture(autouse=True)
def _own_main() -> Iterator[None]:
    main: ModuleType = sys.modules["__main__"]
    yield
    sys.modules["__main__"] = main


def frames(call: Any) -> list[tuple[str, int, str]]:
    with pytest.raises(ValueError) as caught:  # noqa: PT011 (any message: what counts is the place)
        call()
    found = traceback.extract_tb(caught.value.__traceback__)
    return [(frame.filename, frame.lineno, frame.line) for frame in found if frame.filename.startswith("/p/")]


def test_a_traceback_crosses_files_by_their_own_lines() -> None:
    text = TEXT.replace("@decorate\n", "@staticmethod\n")
    names = run_slice(compile_slice(text, Places(LINES)), "/p/main.py")
    assert frames(lambda: names["node"](0)) == [
        ("/p/main.py", 52, "return helper(y)"),
        ("/p/helpers.py", 21, "return math.sqrt("),
    ]


def test_a_decorator_that_fails_is_at_its_own_line() -> None:
    with pytest.raises(NameError) as caught:
        run_slice(compile_slice(TEXT, Places(LINES)), "/p/main.py")
    last = traceback.extract_tb(caught.value.__traceback__)[-1]
    assert (last.filename, last.lineno, last.line) == ("/p/main.py", 40, "@decorate")


def test_a_syntax_error_is_at_the_authors_place() -> None:
    with pytest.raises(SyntaxError) as caught:
        run_slice(compile_slice("x = 1\nimport math\ny = (\n", Places(LINES)), "/p/main.py")
    assert (caught.value.filename, caught.value.lineno) == ("/p/helpers.py", 20)


def test_the_module_is_main_and_knows_its_file() -> None:
    names = run_slice(compile_slice("def node():\n    return __file__, __name__", Places(())), "/p/main.py")
    assert names["node"]() == ("/p/main.py", "__main__")
    assert sys.modules["__main__"].node is names["node"]


def test_places_before_the_first_known_line() -> None:
    assert Places(((5, "/p/a.py", 1),)).of(2) == ("<slice>", 2)
    assert Places(()).files == {"<slice>"}


def test_a_shelved_slice_is_not_compiled_again_and_reads_alike_in_tracebacks() -> None:
    text = TEXT.replace("@decorate\n", "")
    request = {"digest": "d", "text": text, "file": "/p/main.py", "function": "node"}
    shelf = Shelf()
    shelf.put("d", text, LINES)
    linecache.cache.pop("/p/helpers.py", None)
    node = shelf.load({**request, "text": "raise AssertionError('compiled again')"}, Places(LINES))
    assert frames(lambda: node(0)) == frames(lambda: Shelf().load(request, Places(LINES))(0))


def test_what_does_not_compile_is_told_by_the_attempt_and_not_by_the_shelf() -> None:
    shelf = Shelf()
    shelf.put("d", "def node(:", LINES)
    with pytest.raises(SyntaxError):
        shelf.load({"digest": "d", "text": "def node(:", "file": "f", "function": "node"}, Places(LINES))
