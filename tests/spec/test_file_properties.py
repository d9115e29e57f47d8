"""What holds of every pipeline file, whatever it says."""

from __future__ import annotations

import re

from hypothesis import given, settings
from hypothesis import strategies as st
from spec.pipelines import edited, pipelines, tricky

from treadle.spec import edits
from treadle.spec.file_format import read, write
from treadle.spec.file_format.patching import same
from treadle.spec.file_format.writing import document
from treadle.spec.pipeline import Node, Pipeline
from treadle.spec.problems import Severity


@st.composite
def commented(draw: st.DrawFn) -> str:
    """The text of some pipeline with comments, blank lines, and either kind of line break."""
    text = write(draw(pipelines()))
    # Only between keys: inside a literal block a comment would be content.
    lines = []
    for line in text.splitlines():
        if re.match(r" {0,4}\S", line) and "|" not in text and draw(st.booleans()):
            lines.append(" " * (len(line) - len(line.lstrip())) + "# " + draw(st.sampled_from(["one", "two: {", "é"])))
        lines.append(line)
        if "|" not in text and draw(st.booleans()):
            lines.append("")
    text = draw(st.sampled_from(["\n", "\r\n"])).join([*lines, ""])
    return text.rstrip("\r\n") if "|" not in text and draw(st.booleans()) else text


@given(pipelines())
def test_what_is_written_reads_back_the_same(pipeline):
    reading = read(write(pipeline))
    assert reading.pipeline == pipeline
    assert write(reading.pipeline) == write(pipeline)  # tells 1 from 1.0 and true
    assert list(reading.pipeline.nodes) == list(pipeline.nodes)


@given(commented())
def test_an_untouched_file_keeps_every_byte(text):
    reading = read(text)
    assert reading.pipeline is not None, reading.problems
    assert write(reading.pipeline, text) == text


@given(st.data())
def test_an_edited_file_says_what_the_edits_made(data):
    text = data.draw(commented())
    pipeline = data.draw(edited(read(text).pipeline))
    written = read(write(pipeline, text))
    assert written.pipeline == pipeline, written.problems
    assert same(document(written.pipeline), document(pipeline))  # tells 1 from 1.0 and true


def _with_comment_on_each_node(pipeline: Pipeline) -> str:
    """Each node bears its id in a comment above it, behind its first line and inside it."""
    lines, inside, name = [], False, ""
    for line in write(pipeline).splitlines():
        inside = line == "nodes:" or (inside and line.startswith(" "))
        if inside and re.match(r"  \S", line):
            name = line.strip(" :'")
            lines += ["", f"  # above {name}", f"{line} # behind {name}"]
        elif inside and re.match(r"    uses:", line):
            lines += [f"    # inside {name}", line]
        else:
            lines.append(line)
    return "\n".join([*lines, ""])


plain_ids = st.lists(st.from_regex(r"[a-z]{1,5}", fullmatch=True), min_size=1, max_size=5, unique=True)


@settings(max_examples=200)
@given(st.data())
def test_comments_of_untouched_nodes_survive_any_edit(data):
    names = data.draw(plain_ids)
    blank = Pipeline("p", nodes={name: Node(name, "m." + name) for name in names})
    before = data.draw(edited(blank, 3))
    if any(not re.fullmatch("[a-z]+", name) for name in before.nodes):
        before = blank
    text = _with_comment_on_each_node(before)
    pipeline = read(text).pipeline
    assert pipeline == before
    after = data.draw(edited(pipeline))
    written = write(after, text)
    assert read(written).pipeline == after
    for name, node in pipeline.nodes.items():
        if after.nodes.get(name) is node:
            for place in ("above", "behind", "inside"):
                assert f"# {place} {name}\n" in written


@given(st.text(max_size=200))
def test_no_text_makes_the_reader_raise(text):
    _assert_sound(text)


@settings(max_examples=300)
@given(st.lists(st.sampled_from([
    "treadle: 1\n", "nodes:\n", "  a:\n", "    uses: m.f\n", "    in: ", "    with: ", "{", "}", "[", "]", ", ", ": ",
    "- ", "? ", "a", "b.c", "1.10", "NO", "'", '"', "|\n", ">-\n", "# c\n", "\n", "  ", "\t", "\r\n", "&x ", "*x",
    "!t ", "<<: ", "---\n", "...\n", "%YAML 1.2\n", "null", "{treadle: 1, nodes: {}}", "view: {a: [0, 1]}\n", "\x00",
    "\ud800",
    "params: {p: {type: int}}\n", "defaults: {timeout: 30m}\n", "\\", "\u2028", "\ufeff", "é", "x: y\n",
]), max_size=25).map("".join))  # fmt: skip
def test_no_mixture_of_yaml_makes_the_reader_raise(text):
    _assert_sound(text)


@settings(max_examples=150)
@given(st.data())
def test_a_damaged_file_is_read_or_refused_and_never_lost(data):
    text = data.draw(commented())
    at = data.draw(st.integers(0, len(text)))
    upto = data.draw(st.integers(at, min(len(text), at + 12)))
    damage = data.draw(st.sampled_from(["", "  ", "\n", ":", "#", "{", "]", "- ", "? ", '"', "|", ","]) | tricky)
    _assert_sound(text[:at] + damage + text[upto:])


def _assert_sound(text: str) -> None:
    """Read or refused with reasons; if read, kept when untouched and right when changed."""
    reading = read(text, "f.yaml")
    refused = any(problem.severity is Severity.ERROR for problem in reading.problems)
    assert (reading.pipeline is None) == refused
    assert all(problem.where.file == "f.yaml" and problem.message for problem in reading.problems)
    if reading.pipeline is None:
        return
    assert write(reading.pipeline, text) == text
    changed, _ = edits.add_node(edits.set_name(reading.pipeline, "other"), "m.new", (1, 2))
    assert read(write(changed, text)).pipeline == changed
