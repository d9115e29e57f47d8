"""The limits of the YAML subset: nothing hostile reaches a parser that would fall over it."""

from __future__ import annotations

import pytest
from spec.timing import within

from treadle.spec.file_format.parsing import MAX_CHARACTERS, MAX_DEPTH, MAX_VALUES, parse
from treadle.spec.file_format.tree import MappingTree, ScalarTree, SequenceTree


def _refused(text: str) -> tuple[str, int | None, int | None]:
    tree, problems = parse(text, "f.yaml")
    assert tree is None
    assert problems[-1].hint
    return problems[-1].code, problems[-1].where.line, problems[-1].where.column


@pytest.mark.parametrize("bracket", ["[", "{a: ", "- ", "? "])
def test_fifty_thousand_brackets_are_refused_in_an_instant(bracket):
    with within(2):
        code, _, _ = _refused(bracket * 50_000)
    assert code in ("too-deep", "yaml-syntax", "yaml-key")


def test_depth_is_bounded_exactly():
    assert parse("[" * MAX_DEPTH + "]" * MAX_DEPTH, None)[0] is not None
    assert _refused("[" * (MAX_DEPTH + 1) + "]" * (MAX_DEPTH + 1)) == ("too-deep", 1, MAX_DEPTH + 1)


def test_a_hundred_megabytes_are_refused_unread():
    text = "a: 1\n" * 20_000_000
    with within(1):
        assert _refused(text)[0] == "file-too-large"
    assert MAX_CHARACTERS < 100_000_000


@pytest.mark.slow
def test_a_million_values_are_the_most():
    assert _refused("- \n" * (MAX_VALUES + 1))[0] == "file-too-large"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: &x 1\n", ("yaml-anchor", 1, 4)),
        ("a: &x {}\n", ("yaml-anchor", 1, 4)),
        ("a: *x\n", ("yaml-alias", 1, 4)),
        ("a: !!str 1\n", ("yaml-tag", 1, 4)),
        ("a: ! 1\n", ("yaml-tag", 1, 4)),
        ("a: !t [1]\n", ("yaml-tag", 1, 4)),
        ("%TAG ! tag:x,2000:\n---\na: 1\n", ("yaml-tag", 1, 1)),
        ("a: 1\n---\nb: 2\n", ("yaml-documents", 2, 1)),
        ("<<: {a: 1}\n", ("yaml-key", 1, 1)),
        ("?\n: 1\n", ("yaml-key", 1, 2)),
        ("[a]: 1\n", ("yaml-key", 1, 1)),
        ("a: 1\nb: {c: 1, c: 2}\n", ("duplicate-key", 2, 11)),
        ("a: 1\n\"a\": 1\n", ("duplicate-key", 2, 1)),
        ("a:\n\t- b\n", ("yaml-syntax", 2, 1)),
        ("a: b: c\n", ("yaml-syntax", 1, 5)),
        ("a: [1, 2\nb: 3\n", ("yaml-syntax", 2, 2)),
        ("a: 'x\n", ("yaml-syntax", 2, 1)),
        ("a\nb: 1\n", ("yaml-syntax", 2, 2)),
        ('a: "\\q"\n', ("yaml-syntax", 1, 5)),
        ("a: \x00\n", ("yaml-character", 1, 4)),
        ("a: 1\nb: \ud800\n", ("yaml-character", 2, 4)),
        ("a: 1\rb: 2\n", ("yaml-character", 1, 5)),
        ("a: x\u2028y\n", ("yaml-character", 1, 5)),
        ("a: 1\n\ufeffb: 1\n", ("yaml-character", 2, 1)),
    ],
)  # fmt: skip
def test_what_the_subset_leaves_out_is_refused_at_its_place(text, expected):
    assert _refused(text) == expected


def test_every_duplicate_is_told():
    _, problems = parse("a: 1\na: 2\nb: [x]\nb: {y: 1}\na: 3\n", None)
    assert [(problem.code, problem.where.line) for problem in problems] == [
        ("duplicate-key", 2), ("duplicate-key", 4), ("duplicate-key", 5),
    ]  # fmt: skip


def test_the_text_between_offsets_is_what_was_written():
    text = "é: {b: 'x', c: [1, 2]}\r\nd: |\r\n  two\r\n  lines\r\n"
    tree, problems = parse(text, None)
    assert not problems
    assert isinstance(tree, MappingTree)
    flow = tree.entries["é"].value
    assert isinstance(flow, MappingTree)
    assert text[flow.start : flow.end] == "{b: 'x', c: [1, 2]}"
    inner = flow.entries["c"].value
    assert isinstance(inner, SequenceTree)
    assert text[inner.start : inner.end] == "[1, 2]"
    literal = tree.entries["d"].value
    assert isinstance(literal, ScalarTree)
    assert (literal.text, literal.style, literal.line, literal.column) == ("two\nlines\n", "|", 2, 4)
