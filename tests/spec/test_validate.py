from __future__ import annotations

import pytest
from spec.pipelines import CATALOG, churn
from spec.timing import within

from treadle.spec import edits
from treadle.spec.file_format import read, write
from treadle.spec.pipeline import Endpoint, Node, Pipeline, PipelineParameter, Policy, Resources
from treadle.spec.problems import Problem, Severity
from treadle.spec.types import ParameterKind, ParameterType
from treadle.spec.validate import validate

LOAD = "  load: {uses: data.load, with: {path: a.csv}}\n"


def _found(nodes: str, head: str = "", tail: str = "", columns=None) -> list[Problem]:
    text = f"treadle: 1\n{head}nodes:\n{nodes}{tail}"
    reading = read(text, "f.yaml")
    assert reading.pipeline is not None, reading.problems
    return validate(reading.pipeline, CATALOG, reading.places, columns)


def _told(found: list[Problem]) -> list[str]:
    return [f"{problem.where.line} {problem.code}: {problem.message}" for problem in found]


def test_a_sound_pipeline_has_no_problem():
    assert validate(churn(), CATALOG) == []


@pytest.mark.parametrize(
    ("nodes", "told"),
    [
        ("  a: {uses: data.lod}\n", "3 unknown-component: a uses data.lod, which is no known component"),
        ("  1a: {uses: data.load, with: {path: x}}\n", "3 bad-node-name: '1a' can't name a node"),
        ("  load: {uses: data.load}\n", "3 missing-parameter: load needs a value for path"),
        (
            LOAD + "  Load: {uses: data.load, with: {path: x}}\n",
            "4 duplicate-name: Load and load differ only in upper and lower case",
        ),
        ("  s: {uses: data.split}\n", "3 missing-input: s needs Table on data, and nothing is connected"),
        (
            LOAD + "  s: {uses: data.split, in: {data: lod.table}}\n",
            "4 unknown-node: s.data reads lod.table, but there is no node lod",
        ),
        (
            LOAD + "  s: {uses: data.split, in: {data: load.tabel}}\n",
            "4 unknown-port: s.data reads load.tabel, but load has no output tabel",
        ),
        (
            LOAD + "  s: {uses: data.split, in: {data: load.table, date: load.table}}\n",
            "4 unknown-port: s has no input date",
        ),
        (
            LOAD + "  b: {uses: data.load, with: {path: x}, in: {y: load.table}}\n",
            "4 unknown-port: b has no input y",
        ),
        (
            LOAD + "  e: {uses: judge.evaluate, in: {model: load.table, data: load.table}}\n",
            "4 type-mismatch: e.model wants Model, load.table gives Table",
        ),
        (
            LOAD + "  s: {uses: data.split, in: {data: [load.table, load.table]}}\n",
            "4 several-inputs: s.data takes one input, has 2: load.table, load.table",
        ),
        (
            LOAD + "  b: {uses: data.load, with: {path: x}, after: [lod]}\n",
            "4 unknown-node: b waits for lod, which is no node",
        ),
        ("  b: {uses: data.load, with: {path: x}, after: [b]}\n", "3 cycle: b waits for itself"),
        (
            "  b: {uses: data.load, with: {path: x}, after: c}\n  c: {uses: data.load, with: {path: x}, after: b}\n",
            "3 cycle: these nodes wait for each other: b → c → b",
        ),
        ("  b: {uses: data.load, with: {path: x, pth: y}}\n", "3 unknown-parameter: b has no parameter pth"),
        ("  b: {uses: data.load, with: {path: 3}}\n", "3 wrong-value: b.path wants a path, has the number 3"),
        (
            "  b: {uses: data.load, with: {path: $parms.x}}\n",
            "3 bad-reference: b.path refers to $parms.x, which is no reference",
        ),
        (
            "  b: {uses: data.load, with: {path: $params.x}}\n",
            "3 bad-reference: b.path refers to $params.x, but the pipeline has no such parameter",
        ),
        (
            "  b: {uses: data.load, with: {path: $run.x}}\n",
            "3 bad-reference: b.path refers to $run.x, which no run knows",
        ),
        (
            "  b: {uses: data.load, with: {path: $secrets.x}}\n",
            "3 wrong-value: b.path is no secret: $secrets.x would be readable in the run's files",
        ),
        (
            "  b: {uses: data.load, with: {path: x}, retries: -1}\n",
            "3 wrong-value: b: retries can't be below zero, is -1",
        ),
        (
            "  b: {uses: data.load, with: {path: x}, resources: {cpu: 0}}\n",
            "3 wrong-value: b: cpu has to be above zero, is 0",
        ),
    ],
)  # fmt: skip
def test_a_fault_is_found_and_placed(nodes, told):
    found = _found(nodes)
    assert _told(found) == [told]
    assert found[0].hint
    assert found[0].severity is Severity.ERROR


def _fit(settings: str, head: str = "") -> list[str]:
    nodes = LOAD + f"  fit:\n    uses: train.fit\n    in: {{train: load.table}}\n    with: {{{settings}}}\n"
    return [problem.message for problem in _found(nodes, head)]


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ("rate: -1", "fit.rate wants 0 or more, has -1"),
        ("rate: fast", "fit.rate wants a number, has the text 'fast'"),
        ("depth: 1.5", "fit.depth wants a whole number, has the number 1.5"),
        ("depth: true", "fit.depth wants a whole number, has true"),
        ("depth: null", "fit.depth wants a whole number, has nothing"),
        ("kind: forest", "fit.kind wants one of tree, line, has the text 'forest'"),
        ("label: 1.10", "fit.label wants text, has the number 1.1"),
        ("token: hunter2", "fit.token wants the name of a secret, as $secrets.warehouse, has the text 'hunter2'"),
        ("token: $env.TOKEN", "fit.token is a secret, and $env.TOKEN is not"),
        ("columns: [a, 2]", "fit.columns[1] wants text, has the number 2"),
        ("options: [a]", "fit.options wants a mapping of names to values, has a list"),
        ("depth: $run.id", "fit.depth wants int, and $run.id is text"),
        ("options: {a: [$params.zz]}", "fit.options refers to $params.zz, but the pipeline has no such parameter"),
    ],
)
def test_a_wrong_value_is_told_in_a_sentence(settings, message):
    assert _fit(settings) == [message]


@pytest.mark.parametrize(
    "settings",
    ["rate: 1", "label: $run.id", "label: $$5", "kind: $env.KIND", "token: $secrets.t", "columns: []", "label: '1.10'"],
)
def test_a_right_value_is_no_problem(settings):
    assert _fit(settings) == []


@pytest.mark.parametrize(
    ("declaration", "settings", "messages"),
    [
        ("{type: float, default: 0.5}", "rate: $params.p", []),
        ("{type: int}", "rate: $params.p", []),
        ("{type: float}", "depth: $params.p", ["fit.depth wants int, and $params.p is float"]),
        ("{type: str}", "kind: $params.p", []),
        ("{type: path}", "label: $params.p", []),
        ("{type: float, default: -2}", "rate: $params.p", ["fit.rate wants 0 or more, has -2 from $params.p"]),
        ("{type: list, default: [a]}", "columns: $params.p", []),
    ],
)
def test_a_reference_is_checked_against_what_it_refers_to(declaration, settings, messages):
    assert _fit(settings, f"params: {{p: {declaration}}}\n") == messages


def test_a_quoting_mistake_gets_the_right_hint():
    nodes = LOAD + "  fit: {uses: train.fit, in: {train: load.table}, with: {label: 1.10}}\n"
    assert _found(nodes)[0].hint == "put it in quotes"


def test_close_names_are_suggested():
    found = _found(LOAD + "  s: {uses: data.split, in: {data: load.tabel}}\n  b: {uses: data.splt}\n")
    assert [problem.hint for problem in found] == ["did you mean table?", "did you mean data.split?"]
    (found,) = _found(LOAD + "  s: {uses: data.split, in: {data: load.table}, with: {data: 5}}\n")
    assert found.hint == "data is an input: connect an output to it"


def test_known_columns_are_checked_and_unknown_ones_are_not():
    nodes = LOAD + "  s: {uses: data.split, in: {data: load.table}, with: {by: churnd}}\n"
    nodes += "  fit: {uses: train.fit, in: {train: load.table}, with: {columns: [age, $params.c, old]}}\n"
    columns = {Endpoint("load", "table"): ("age", "churned")}
    found = _found(nodes, "params: {c: {type: str}}\n", columns=columns)
    assert _told(found) == [
        "5 unknown-column: s.by: load.table has no column churnd",
        "6 unknown-column: fit.columns: load.table has no column old",
    ]
    assert [problem.hint for problem in found] == ["did you mean churned?", "its columns are age, churned"]
    assert _found(nodes, "params: {c: {type: str}}\n") == []


def test_warnings_do_not_stop_a_run():
    nodes = LOAD + "  s: {uses: data.split, in: {data: load.table}}\n"
    nodes += "  fit: {uses: train.fit, in: {train: s.train}}\n"
    nodes += "  e: {uses: judge.evaluate, in: {model: fit.model, data: s.test}}\n"
    nodes += "  c: {uses: judge.compare, in: {all: [e.metrics, e.metrics]}}\n"
    nodes += "  f: {uses: train.fit, in: {train: s.train, rate: fit.score}, with: {rate: 3}}\n"
    found = _found(nodes, tail="view: {ghost: [0, 0]}\n")
    assert _told(found) == [
        "7 duplicate-edge: c.all reads the same output twice",
        "8 set-and-fed: f.rate has a value and an input; the input counts",
        "9 unknown-node: the view places ghost, which is no node",
    ]
    assert {problem.severity for problem in found} == {Severity.WARNING}


@pytest.mark.parametrize(
    ("declaration", "told"),
    [
        (
            "p: {type: int, default: x}",
            "2 wrong-value: params.p wants a whole number, has the text 'x' as its default",
        ),
        (
            "p: {type: int, minimum: 2, maximum: 1}",
            "2 bad-bounds: params.p has a minimum of 2 over its maximum of 1",
        ),
        (
            "p: {type: int, exclusiveMinimum: 2, exclusiveMaximum: 2}",
            "2 bad-bounds: params.p can't be both more than 2 and less than 2",
        ),
        ("p: {type: str, minLength: 2, maxLength: 1}", "2 bad-bounds: params.p can't have 2 or more and 1 or fewer"),
        ("p: {type: int, multipleOf: 0}", "2 bad-bounds: params.p: multipleOf has to be above zero"),
        ("p: {type: str, pattern: '('}", "2 bad-pattern: params.p: the pattern ( can't be used: missing ): ("),
        ("p: {type: int, pattern: a}", "2 no-meaning: params.p is of type int, of which a pattern says nothing"),
        (
            "p: {type: array, items: {type: object, additionalProperties: {type: int, uniqueItems: true}}}",
            "2 no-meaning: params.p[].* is of type int, of which items says nothing",
        ),
        (
            "p: {properties: {a: {type: int, default: 0, minimum: 1}}}",
            "2 wrong-value: params.p.a wants 1 or more, has 0 as its default",
        ),
        ("p: {type: choice}", "2 bad-bounds: params.p is a choice without choices"),
        ("p-q: {type: int}", "2 bad-parameter-name: parameter p-q can't be referred to"),
    ],
)
def test_a_faulty_declaration_is_found(declaration, told):
    assert _told(_found("  {}\n", f"params: {{{declaration}}}\n")) == [told]


def test_a_limit_is_placed_at_its_own_line():
    nodes = (
        LOAD
        + "  b:\n    uses: data.load\n    with: {path: x}\n    after:\n      - lod\n    resources:\n      gpu: -1\n"
    )
    assert _told(_found(nodes)) == [
        "7 unknown-node: b waits for lod, which is no node",
        "10 wrong-value: b: gpu can't be below zero, is -1",
    ]


def test_impossible_defaults_are_found():
    assert _told(_found("  {}\n", "defaults: {timeout: 0}\n")) == [
        "2 wrong-value: defaults: timeout has to be above zero, is 0"
    ]


def test_several_faults_come_in_file_order():
    found = _found("  b: {uses: x.y}\n" + LOAD + "  c: {uses: data.load}\n  a: {uses: x.y, after: [q]}\n")
    assert [problem.where.line for problem in found] == [3, 5, 6, 6]


def test_a_port_of_many_takes_several():
    p, _ = edits.add_node(churn(), "judge.evaluate", (0, 0), id="second")
    for port, sources in churn().nodes["evaluate"].inputs.items():
        p = edits.connect(p, sources[0], Endpoint("second", port))
    p, _ = edits.add_node(p, "judge.compare", (0, 0))
    for name in ("evaluate", "second"):
        p = edits.connect(p, Endpoint(name, "metrics"), Endpoint("compare", "all"), many=True)
    assert validate(p, CATALOG) == []


def test_a_promoted_parameter_takes_one_of_its_kind():
    p, _ = edits.add_node(churn(), "train.fit", (0, 0), id="two")
    p = edits.connect(p, Endpoint("split", "train"), Endpoint("two", "train"))
    p = edits.connect(p, Endpoint("fit", "score"), Endpoint("two", "rate"))
    p = edits.connect(p, Endpoint("load", "table"), Endpoint("two", "rate"), many=True)
    codes = [problem.code for problem in validate(p, CATALOG)]
    assert codes == ["type-mismatch", "several-inputs"]


def _many(count: int, wrong: bool) -> Pipeline:
    nodes = {"n0": Node("n0", "data.load", params={"path": "x"})}
    uses = ("train.fti", {"rat": 1, "depth": -1}) if wrong else ("data.split", {"size": "$params.size", "by": "a"})
    for number in range(1, count):
        source = "x" * wrong + f"n{number - 1}"
        port = "table" if number == 1 else "train"
        nodes[f"n{number}"] = Node(
            f"n{number}", uses[0] if number % 2 else "data.split", {"data": (Endpoint(source, port),)}, uses[1]
        )
    size = PipelineParameter("size", ParameterType(ParameterKind.FLOAT), 0.5)
    return Pipeline(params={"size": size}, nodes=nodes)


@pytest.mark.parametrize("wrong", [False, True])
def test_ten_thousand_nodes_are_validated_in_under_a_second(wrong):
    p = _many(10_000, wrong)
    with within(1):
        found = validate(p, CATALOG)
    assert bool(found) == wrong


def test_five_thousand_nodes_open_in_a_second_and_a_half_and_save_in_one():
    p = _many(5_000, wrong=False)
    text = write(p)
    with within(1.5):
        opened = read(text).pipeline
    assert opened == p
    changed = edits.set_policy(edits.set_param(p, "n7", "size", 0.3), "n8", Policy(retries=1))
    changed = edits.set_resources(changed, "n9", Resources(cpu=2))
    with within(1):
        saved = write(changed, text)
    assert len(saved.splitlines()) == len(text.splitlines()) + 2


def test_a_secret_is_handed_on_to_a_secret_only():
    head = "params: {key: {type: secret, default: $secrets.door}}\n"
    node = "  fit: {uses: train.fit, with: {token: $params.key, label: $params.key}}\n"
    told = [each for each in _told(_found(node, head)) if "wrong-value" in each]
    assert told == ["4 wrong-value: fit.label is no secret: $params.key would be readable in the run's files"]
