import json
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from convert.pieces import pieces

from treadle.catalog.catalog import load_catalog
from treadle.convert.airflow import export_airflow
from treadle.convert.python_script import export_python
from treadle.spec import edits
from treadle.spec.file_format import read
from treadle.spec.flow import AtEnd, Kind, Trigger
from treadle.spec.mapping import Map
from treadle.spec.pipeline import Endpoint, Node, Pipeline, PipelineParameter, Policy, Resources
from treadle.spec.problems import Severity
from treadle.spec.types import ParameterKind, ParameterType

LOW, HIGH = Endpoint("cut", "low"), Endpoint("cut", "high")


def _pipeline(**changes):
    nodes = {
        "make": Node("make", "demo.make", params={"rows": "$params.rows"}),
        "cut": Node("cut", "demo.halve", inputs={"data": (Endpoint("make", "table"),)}),
        "sum": Node("sum", "demo.summarise", inputs={"tables": (LOW, HIGH)}, params={"label": 'it\'s "$5"\n'}),
    }
    rows = PipelineParameter("rows", ParameterType(ParameterKind.INT, minimum=0), 4, help="100% of the rows")
    return Pipeline(**{"name": "demo", "params": {"rows": rows}, "nodes": nodes, **changes})


def _run(text: str, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    script = folder / "script.py"
    script.write_text(text, encoding="utf-8")
    command = [sys.executable, "-I", str(script), "--output", str(folder / "out"), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)


@pytest.mark.slow
def test_the_script_runs_alone_and_writes_its_results(tmp_path):
    exported = export_python(_pipeline(), pieces())
    assert [problem.code for problem in exported.problems] == ["bounds-not-exported"]
    assert "treadle" not in exported.text.replace("Treadle", "")
    done = _run(exported.text, tmp_path)
    assert done.returncode == 0, done.stderr
    # 0 + 10 + 20 + 30: each slice kept its own SCALE.
    assert json.loads((tmp_path / "out/sum/metrics.json").read_text()) == {'it\'s "$5"\n': 60.0}
    assert _run(exported.text, tmp_path, "--rows", "2").returncode == 0
    assert list(json.loads((tmp_path / "out/sum/metrics.json").read_text()).values()) == [10.0]
    assert "100% of the rows" in _run(exported.text, tmp_path, "--help").stdout


def test_a_broken_pipeline_gives_problems_and_no_text():
    pipeline = _pipeline(nodes={"a": Node("a", "demo.halve"), "b": Node("b", "no.such")})
    exported = export_python(pipeline, pieces())
    assert exported.text == ""
    assert {problem.where.node for problem in exported.problems} == {"a", "b"}


def test_what_a_script_cannot_say_is_listed_before():
    node = Node("make", "demo.make", resources=Resources(memory=1 << 30))
    exported = export_python(_pipeline(nodes={"make": node}, params={}), pieces())
    assert exported.text
    assert [(problem.code, problem.severity) for problem in exported.problems] == [
        ("resources-not-exported", Severity.WARNING)
    ]


def test_a_script_says_that_it_tries_each_node_once():
    nodes = {
        "make": Node("make", "demo.make"),
        "never": Node("never", "demo.make", policy=Policy(retries=0, timeout=5)),
    }
    exported = export_python(_pipeline(nodes=nodes, params={}, defaults=Policy(retries=2)), pieces())
    assert [(problem.code, problem.where.node) for problem in exported.problems] == [
        ("policy-not-exported", "make"), ("policy-not-exported", "never"),
    ]  # fmt: skip
    assert export_python(_pipeline(nodes={"make": Node("make", "demo.make")}, params={}), pieces()).problems == ()


@pytest.mark.parametrize("export", [export_python, export_airflow])
def test_a_node_that_would_run_at_another_time_is_refused(export):
    nodes = {
        "make": Node("make", "demo.make"),
        "alert": Node("alert", "demo.make", after=("make",), trigger=Trigger.ONE_FAILED),
        "last": Node("last", "demo.make", at_end=AtEnd.ALWAYS),
    }
    exported = export(_pipeline(nodes=nodes, params={}), pieces())
    assert exported.text == ""
    assert [(problem.code, problem.where.node) for problem in exported.problems] == [
        ("flow-not-exported", "alert"), ("flow-not-exported", "last"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("export", "kind"),
    [
        (export_airflow, Kind.SCRIPT), (export_airflow, Kind.SHELL), (export_airflow, Kind.NOTEBOOK),
        (export_python, Kind.NOTEBOOK),
    ],
)  # fmt: skip
def test_a_program_that_cannot_be_said_is_refused(export, kind):
    catalog = pieces()
    cut = catalog.components["demo.halve"]
    catalog.add(replace(cut, kind=kind, inputs=(), outputs=()), catalog.slices["demo.halve"].text)
    exported = export(_pipeline(nodes={"cut": Node("cut", "demo.halve")}, params={}), catalog)
    assert exported.text == ""
    assert "program-not-exported" in [problem.code for problem in exported.problems if problem.where.node == "cut"]


PROGRAMS = """\
treadle: 1
params: {word: {type: str, default: "it's $(rm -rf x)"}}
nodes:
  make:
    uses: shell
    with: {command: 'printf "x\\n1\\n2\\n" > "$table"; printf "%s" "$word" > "$said"', parameters: {word: $params.word}}
    outputs: {table: Table, said: str}
  count:
    uses: script
    in: {data: make.table}
    with: {path: count.py, arguments: [$in.data, $out.lines, 3]}
    inputs: {data: {type: Table, format: tsv}}
    outputs: {lines: int}
"""


@pytest.mark.slow
def test_scripts_and_shell_commands_run_as_subprocesses(tmp_path):
    pipeline = read(PROGRAMS).pipeline
    exported = export_python(pipeline, load_catalog(None))
    assert [problem.code for problem in exported.problems] == []
    (tmp_path / "count.py").write_text(
        "import sys\nlines = open(sys.argv[1]).read().split()\n"
        "open(sys.argv[2], 'w').write(str(len(lines) * int(sys.argv[3])))"
    )
    done = _run(exported.text, tmp_path)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "out/make/said.txt").read_text() == "it's $(rm -rf x)"
    assert json.loads((tmp_path / "out/count/lines.json").read_text()) == 9
    assert not re.search(r"^\s*(import|from) treadle", exported.text, re.MULTILINE)


@pytest.mark.parametrize("kind", [Kind.SENSOR, Kind.APPROVAL])
def test_what_the_engine_itself_waits_for_is_refused(kind):
    catalog = pieces()
    cut = catalog.components["demo.halve"]
    catalog.add(replace(cut, kind=kind), catalog.slices["demo.halve"].text)
    exported = export_python(_pipeline(), catalog)
    assert exported.text == ""
    assert [(problem.code, problem.where.node) for problem in exported.problems] == [("waiting-not-exported", "cut")]


def test_what_reads_a_way_that_may_not_be_taken_is_refused():
    catalog = pieces()
    cut = catalog.components["demo.halve"]
    low, high = cut.outputs
    catalog.add(replace(cut, outputs=(replace(low, optional=True), high)), catalog.slices["demo.halve"].text)
    exported = export_python(_pipeline(), catalog)
    assert exported.text == ""
    assert [(problem.code, problem.where.node) for problem in exported.problems] == [("flow-not-exported", "sum")]
    assert "cut.low" in exported.problems[0].message


def test_a_mapped_node_is_refused():
    mapped = edits.set_map(_pipeline(), "cut", Map(over="at"))
    exported = export_python(mapped, pieces())
    assert exported.text == ""
    assert ("map-not-exported", "cut") in [(problem.code, problem.where.node) for problem in exported.problems]


def test_a_node_named_like_a_function_does_not_shadow_it():
    nodes = {
        "make": Node("make", "demo.make"),
        "halve": Node("halve", "demo.halve", inputs={"data": (Endpoint("make", "table"),)}),
        "main": Node("main", "demo.make", after=("halve",)),
    }
    text = export_python(_pipeline(nodes=nodes, params={}), pieces()).text
    assert "halve_result = halve(data=make_result)" in text
    assert "main_result = make()" in text


def test_an_empty_pipeline_says_so():
    exported = export_python(Pipeline(), pieces())
    assert exported.text == ""
    assert [problem.code for problem in exported.problems] == ["empty-pipeline"]


@pytest.mark.parametrize(
    ("was", "becomes"),
    [
        ("arguments: [$in.data, $out.lines, 3]", "arguments: $params.word"),
        ("path: count.py", "path: $params.word"),
        ("lines: int", "lines: {type: int, path: out.txt}"),
        ("lines: int", "lines: Model"),
        ("lines: int", "lines: 'list[int]'"),
        ("{type: Table, format: tsv}", "{type: Table, format: arrow}"),
    ],
)
def test_a_program_that_a_run_alone_knows_is_refused(was, becomes):
    assert was in PROGRAMS
    exported = export_python(read(PROGRAMS.replace(was, becomes)).pipeline, load_catalog(None))
    assert exported.text == ""


@pytest.mark.slow
@pytest.mark.parametrize(("form", "kind"), [("parquet", "Table"), ("jsonl", "Table"), ("json", "Json"), ("", "File")])
def test_each_form_comes_back(tmp_path, form, kind):
    text = f"""treadle: 1
nodes:
  make:
    uses: script
    with: {{path: make.py}}
    outputs: {{out: {{type: {kind}, format: '{form}'}}}}
  again:
    uses: shell
    in: {{back: make.out}}
    with: {{command: 'cat "$back" > "$same"'}}
    inputs: {{back: {{type: {kind}, format: '{form}'}}}}
    outputs: {{same: {{type: {kind}, format: '{form}'}}}}
"""
    (tmp_path / "make.py").write_text(
        "import json, os, pandas\npath = os.environ['out']\nframe = pandas.DataFrame({'x': [1, 2]})\n"
        "if path.endswith('.parquet'): frame.to_parquet(path)\n"
        "elif path.endswith('.jsonl'): frame.to_json(path, orient='records', lines=True)\n"
        "else: open(path, 'w').write(json.dumps({'x': [1, 2]}))\n"
    )
    exported = export_python(read(text).pipeline, load_catalog(None))
    done = _run(exported.text, tmp_path)
    assert done.returncode == 0, done.stderr
    assert "again.same:" in done.stdout
