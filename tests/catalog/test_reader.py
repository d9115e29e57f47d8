"""What the reader makes of a module's text, and what it says about a broken one."""

# ruff: noqa: E501 (a case is one line, whatever its length)

from __future__ import annotations

import time

import pytest

from treadle.catalog.reader import ModuleReading, read_module
from treadle.spec.component import REQUIRED, Component
from treadle.spec.types import ParameterKind, ParameterType, PortType

HEAD = """\
import datetime
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple, Optional, Union
import numpy as np, pandas, pandas as pd, polars as pl, pyarrow as pa
from matplotlib.figure import Figure
from sklearn.linear_model import LogisticRegression
import treadle as t
from treadle import (Between, Code, Column, Directory, File, Html, Image, Json, Metrics, Model, Multiline, OneOf,
    Secret, Table, Text, component)
LIMIT = 10
Share = Annotated[float, Between(0, 1)]
"""


def reading(text: str) -> ModuleReading:
    return read_module(HEAD + text, "components/m.py", "m")


def only(text: str) -> Component:
    found = reading(text)
    assert found.problems == ()
    return found.components[0]


def signature(arguments: str, returns: str = "None") -> Component:
    return only(f"@component()\ndef f({arguments}) -> {returns}: pass\n")


@pytest.mark.parametrize(
    ("annotation", "port", "kind"),
    [
        ("pd.DataFrame", "Table", "pandas"),
        ("pandas.DataFrame", "Table", "pandas"),
        ("'pd.DataFrame'", "Table", "pandas"),
        ("pl.DataFrame", "Table", "polars"),
        ("pa.Table", "Table", "pyarrow"),
        ("Table", "Table", ""),
        ("t.Table", "Table", ""),
        ("np.ndarray", "Array", "numpy"),
        ("Model", "Model", ""),
        ("LogisticRegression", "Model", ""),
        ("Metrics", "Metrics", ""),
        ("Figure", "Figure", ""),
        ("t.Figure", "Figure", ""),
        ("Image", "Image", ""),
        ("Html", "Html", ""),
        ("File", "File", "path"),
        ("Directory", "Directory", "path"),
        ("Any", "Any", ""),
        ("list[pd.DataFrame]", "list[Table]", "pandas"),
        ("list[Metrics]", "list[Metrics]", ""),
        ("pd.DataFrame | pl.DataFrame", "Table", ""),
    ],
)
def test_data_types_are_ports(annotation: str, port: str, kind: str) -> None:
    found = reading(f"@component()\ndef f(x: {annotation}) -> None: pass\n")
    assert found.problems == ()
    assert found.components[0].inputs[0].type == PortType.parse(port)
    assert not found.components[0].inputs[0].optional
    assert found.kinds["m.f"] == {"x": kind}


@pytest.mark.parametrize("argument", ["x: pd.DataFrame | None", "x: Optional[pd.DataFrame]", "x: pd.DataFrame = None"])
def test_data_that_may_be_none_is_an_optional_port(argument: str) -> None:
    assert signature(argument).inputs[0].optional


@pytest.mark.parametrize(
    ("argument", "kind", "facts"),
    [
        ("x: bool = True", "bool", {"default": True}),
        ("x: int = -3", "int", {"default": -3}),
        ("x: int = LIMIT * 2", "int", {"default": 20}),
        ("x: float", "float", {"default": REQUIRED}),
        ("x: str = 'a'", "str", {"default": "a"}),
        ("x: Path = Path('a/b')", "path", {"default": "a/b"}),
        ("x: str | Path = 'a'", "path", {"default": "a"}),
        ("x: datetime.datetime", "datetime", {}),
        ("x: Secret", "secret", {}),
        ("x: Literal['a', 'b'] = 'b'", "choice", {"choices": ("a", "b"), "default": "b"}),
        ("x: list[str] = ['a']", "list", {"item": ParameterType(ParameterKind.STR), "default": ["a"]}),
        ("x: list[Literal['a']] = []", "list", {"item": ParameterType(ParameterKind.CHOICE, choices=("a",))}),
        ("x: dict = {'a': [1, None]}", "dict", {"default": {"a": [1, None]}}),
        ("x: dict[str, float] = {}", "dict", {"default": {}}),
        ("x: int | None = None", "int", {"optional": True, "default": None}),
        ("x: Optional[int] = None", "int", {"optional": True}),
        ("x: Union[int, float, None] = 1.5", "float", {"optional": True, "default": 1.5}),
        ("x: Annotated[float, Between(0, LIMIT)] = 0.5", "float", {"minimum": 0, "maximum": 10}),
        ("x: Annotated[int, Between(maximum=3, minimum=1)] = 2", "int", {"minimum": 1, "maximum": 3}),
        ("x: Annotated[int, t.Between(1, None)] | None = None", "int", {"minimum": 1, "maximum": None, "optional": True}),
        ("x: Share = 0.1", "float", {"minimum": 0, "maximum": 1}),
        ("x: Annotated[str, OneOf('a', 'b')] = 'a'", "str", {"choices": ("a", "b")}),
        ("x: Annotated[str, Multiline()] = ''", "str", {"multiline": True}),
        ("x: Annotated[str, Code('sql')] = ''", "str", {"code": "sql"}),
        ("d: pd.DataFrame, x: Annotated[list[str], Column('d')] = []", "list", {"column_of": "d"}),
        ("d: pd.DataFrame, x: 'Annotated[str | None, Column(\"d\")]' = None", "str", {"column_of": "d", "optional": True}),
        ("*, x: int = 1", "int", {"default": 1}),
    ],
)  # fmt: skip
def test_scalars_are_parameters(argument: str, kind: str, facts: dict[str, object]) -> None:
    parameter = signature(argument).parameters[0]
    assert parameter.type.kind == kind
    found = {name: parameter.default if name == "default" else getattr(parameter.type, name) for name in facts}
    assert found == facts


@pytest.mark.parametrize(
    ("returns", "outputs"),
    [
        ("None", {}),
        ("pd.DataFrame", {"table": "Table"}),
        ("Model", {"model": "Model"}),
        ("Metrics", {"metrics": "Metrics"}),
        ("dict[str, float]", {"metrics": "Metrics"}),
        ("dict", {"json": "Json"}),
        ("list[str]", {"json": "Json"}),
        ("Path", {"file": "File"}),
        ("list[pd.DataFrame]", {"table": "list[Table]"}),
        ("float", {"value": "float"}),
        ("'int'", {"value": "int"}),
    ],
)
def test_a_single_output_is_named_by_its_type(returns: str, outputs: dict[str, str]) -> None:
    component = signature("", returns)
    assert {port.name: str(port.type) for port in component.outputs} == outputs
    assert not component.returns_tuple


@pytest.mark.parametrize("annotation", ["Split", "'Split'"])
def test_a_named_tuple_names_its_outputs(annotation: str) -> None:
    component = only(
        "class Split(NamedTuple):\n    train: pd.DataFrame\n    score: float\n    charts: list[Figure]\n"
        f"@component()\ndef f() -> {annotation}: pass\n"
    )
    assert [(port.name, str(port.type)) for port in component.outputs] == [
        ("train", "Table"),
        ("score", "float"),
        ("charts", "list[Figure]"),
    ]
    assert component.returns_tuple


def test_labels_and_place() -> None:
    component = only('@t.component(category="C", icon="i", title="T", tags=("a", "b"))\ndef f() -> None: pass\n')
    assert (component.category, component.icon, component.title, component.tags) == ("C", "i", "T", ("a", "b"))
    assert (component.uses, component.source.file) == ("m.f", "components/m.py")
    assert component.source.line == HEAD.count("\n") + 2


def test_a_title_is_made_of_the_name() -> None:
    assert only("@component()\ndef train_test_split() -> None: pass\n").title == "Train test split"


def test_the_decorator_is_known_under_any_name() -> None:
    text = "from treadle import component as c\nimport treadle as t\n@c()\ndef f() -> None: pass\n@t.component()\ndef g() -> None: pass\n@d\ndef h(): pass\n"
    assert [each.uses for each in read_module(text, "m.py", "m").components] == ["m.f", "m.g"]


GOOGLE = """Summary over
    two lines.

    More: text.

    Args:
        x (int): First
            and more.
        y: Second: with a colon.

    Returns:
        value: The sum.
"""
NUMPY = """Summary over two lines.

    Parameters
    ----------
    x : int, optional
        First
        and more.
    y
        Second: with a colon.

    Returns
    -------
    value : int
        The sum.
"""
SPHINX = """Summary over two lines.

    :param int x: First
        and more.
    :param y: Second: with a colon.
"""


@pytest.mark.parametrize("docstring", [GOOGLE, NUMPY, SPHINX])
def test_help_comes_from_the_docstring(docstring: str) -> None:
    component = only(f'@component()\ndef f(x: int = 1, y: int = 1) -> int:\n    """{docstring}    """\n')
    assert component.summary == "Summary over two lines."
    assert [each.help for each in component.parameters] == ["First and more.", "Second: with a colon."]
    if docstring != SPHINX:
        assert component.outputs[0].help == "The sum."


@pytest.mark.parametrize(
    ("text", "code", "line"),
    [
        ("@component()\nasync def f() -> None: pass", "async-component", 2),
        ("@component()\ndef f(*args: int) -> None: pass", "star-arguments", 2),
        ("@component()\ndef f(**kw: int) -> None: pass", "star-arguments", 2),
        ("@component()\ndef f(x: int, /) -> None: pass", "positional-only", 2),
        ("@component()\ndef f(x) -> None: pass", "missing-annotation", 2),
        ("@component()\ndef f(\n    x: int = 1,\n    y=2,\n) -> None: pass", "missing-annotation", 4),
        ("@component()\ndef f():\n    return 1", "missing-annotation", 2),
        ("@component()\ndef f(x: Wrong) -> None: pass", "unknown-annotation", 2),
        ("@component()\ndef f(x: pd.Series) -> None: pass", "unknown-annotation", 2),
        ("@component()\ndef f(x: '(') -> None: pass", "unknown-annotation", 2),
        ("@component()\ndef f(x: int | pd.DataFrame) -> None: pass", "unknown-annotation", 2),
        ("@component()\ndef f() -> tuple[int, int]: pass", "unknown-annotation", 2),
        ("@component()\ndef f(x: Annotated[str, Between(0, 1)]) -> None: pass", "unknown-annotation", 2),
        ("@component()\ndef f(x: Annotated[int, Between(2, 1)]) -> None: pass", "unknown-annotation", 2),
        ("@component()\ndef f(x: Annotated[pd.DataFrame, Code('sql')]) -> None: pass", "unknown-annotation", 2),
        ("@component()\ndef f(x: Annotated[str, Column('d')]) -> None: pass", "column-of-unknown-port", 2),
        ("@component()\ndef f(x: int = open('f')) -> None: pass", "default-not-literal", 2),
        ("@component()\ndef f(x: int = 1 // 0) -> None: pass", "default-not-literal", 2),
        ("@component()\ndef f(x: int = 'a') -> None: pass", "default-out-of-bounds", 2),
        ("@component()\ndef f(x: int = None) -> None: pass", "default-out-of-bounds", 2),
        ("@component()\ndef f(x: Share = 2) -> None: pass", "default-out-of-bounds", 2),
        ("@component()\ndef f(x: Literal['a'] = 'b') -> None: pass", "default-out-of-bounds", 2),
        ("@component(colour='red')\ndef f() -> None: pass", "unknown-label", 1),
        ("@component(title=input())\ndef f() -> None: pass", "label-not-literal", 1),
        ("@component()\ndef good() -> None: pass\n@component()\ndef good() -> None: pass", "duplicate-component", 4),
    ],
)
def test_a_mistake_is_told_with_its_line_and_the_rest_is_read(text: str, code: str, line: int) -> None:
    found = reading(text + "\n@component()\ndef good_one() -> None: pass\n")
    problem = found.problems[0]
    assert [each.code for each in found.problems] == [code]
    assert (problem.where.file, problem.where.line) == ("components/m.py", HEAD.count("\n") + line)
    assert "m.good_one" in {each.uses for each in found.components}


@pytest.mark.parametrize(
    "text",
    [
        "def f(:\n",
        "x = '\0'\n",
        "x = " + "(" * 50_000,
        "x = " + "[" * 150 + "]" * 150,
        "x = " + "-" * 100_000 + "1",
        "x = " + "+".join("1" * 100_000),
        "@component()\ndef f(x: " + "list[" * 90 + "int" + "]" * 90 + ") -> None: pass",
        "@component()\ndef f(x: " + "|".join(["int"] * 5_000) + ") -> None: pass",
        "A = B\nB = A\n@component()\ndef f(x: A = B) -> None: pass",
        "if 1:\n" + "".join(" " * depth + "if 1:\n" for depth in range(1, 90)) + " " * 90 + "pass",
        "x = '\\d'\n",
        "\ufeffx = 1\n",
    ],
)
def test_hostile_text_gives_problems_and_never_an_error(text: str) -> None:
    began = time.perf_counter()
    found = reading(text)
    assert time.perf_counter() - began < 5
    assert all(problem.where.file == "components/m.py" and problem.hint for problem in found.problems)


def test_a_syntax_error_names_its_line() -> None:
    problem = read_module("x = 1\ndef f(:\n", "components/m.py", "m").problems[0]
    assert (problem.code, problem.where.line, problem.where.column) == ("syntax-error", 2, 7)
