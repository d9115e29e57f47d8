"""Rules about nodes that declare their ports: each mistake with its place and what to do."""

from __future__ import annotations

import pytest
from spec.test_declared_ports import COMPONENTS

from treadle.spec.file_format import read
from treadle.spec.problems import Problem
from treadle.spec.validate import validate


def told(node: str) -> list[Problem]:
    """What is wrong with a script node that says `node`, whose input comes from a table."""
    head = (
        "treadle: 1\nparams: {n: {type: int, default: 3}}\nnodes:\n  load: {uses: data.load}\n  it:\n    uses: script\n"
    )
    reading = read(head + "".join(f"    {line}\n" for line in node.splitlines()))
    assert reading.pipeline is not None, reading.problems
    return validate(reading.pipeline, COMPONENTS, reading.places)


GOOD = """\
with: {path: clean.py, arguments: [$in.data, $out.table, $params.n, $$in.x], parameters: {KEY: $secrets.key}}
in: {data: load.table}
inputs: {data: Table}
outputs: {table: {type: Table, format: tsv}, plots: {type: 'list[Image]', path: plots}, doc: {type: File, format: pdf}}
"""


def test_a_node_that_is_right_has_no_problem() -> None:
    assert told(GOOD) == []


@pytest.mark.parametrize(
    ("was", "becomes", "code", "line", "words"),
    [
        ("format: tsv", "format: xlsx", "bad-port", 10, "can't be written as xlsx"),
        ("type: 'list[Image]', path", "type: Directory, format: zip, path", "bad-port", 10, "can't be written as zip"),
        ("doc:", "PATH:", "bad-port", 10, "would hide the variable"),
        ("doc:", "my-doc:", "bad-port", 10, "can't be a variable"),
        ("doc:", "path:", "bad-port", 10, "name of a parameter"),
        ("doc:", "data:", "bad-port", 10, "is an input too"),
        ("path: plots", "path: ../plots", "bad-port", 10, "out of the project"),
        ("inputs: {data: Table}", "inputs: {data: {type: Table, path: x.csv}}", "bad-port", 9, "can't choose its path"),
        ("path: clean.py", "path: a/../../clean.py", "outside-project", 7, "leads out of the project"),
        ("$in.data", "$in.dota", "bad-reference", 7, "has no such input"),
        ("$out.table", "$out.gone", "bad-reference", 7, "has no such output"),
        ("path: clean.py", "path: $in.data", "bad-reference", 7, "only the items"),
        ("$params.n", "$secrets.key", "wrong-value", 7, "would show a secret"),
    ],
)
def test_a_mistake_is_named_with_its_line(was: str, becomes: str, code: str, line: int, words: str) -> None:
    assert was in GOOD
    (problem,) = told(GOOD.replace(was, becomes))
    assert (problem.code, problem.where.line) == (code, line)
    assert words in problem.message
    assert problem.hint


def test_only_programs_declare_ports_and_name_their_paths() -> None:
    load, unknown = "uses: data.load, outputs: {x: Table}, with: {path: [$in.x]}", "uses: no.such, with: {x: [$in.x]}"
    reading = read(f"treadle: 1\nnodes:\n  a: {{{load}}}\n  b: {{{unknown}}}\n")
    assert reading.pipeline is not None
    found = validate(reading.pipeline, COMPONENTS, reading.places)
    assert [problem.code for problem in found] == [
        "undeclarable-ports", "unknown-parameter", "bad-reference", "unknown-component",
    ]  # fmt: skip
