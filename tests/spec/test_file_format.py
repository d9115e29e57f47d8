"""Reading and writing by example: the file of the design, and the layouts people write by hand."""

from __future__ import annotations

import difflib

import pytest

from treadle.spec import edits
from treadle.spec.file_format import Places, read, write
from treadle.spec.pipeline import Endpoint, Node, Pipeline, PipelineParameter, Policy, Resources
from treadle.spec.problems import Severity
from treadle.spec.types import ParameterKind, ParameterType

CHURN = """\
# The churn model.
treadle: 1
name: churn
params:
  test_size: {type: float, default: 0.2, minimum: 0, maximum: 1}  # a fifth
  country: {type: str, default: NO, choices: [NO, SE]}
  version: {type: str, default: 1.10}
defaults: {retries: 1, timeout: 30m}
nodes:
  # Reads the file.
  load:
    uses: data.read_csv  # the reader
    with: {path: data/churn.csv, limit: 1.10}
  split:
    uses: prepare.train_test_split
    in: {data: load.table}
    with: {test_size: $params.test_size, stratify: churned}
    colour: [1, red]

  # Learns.
  fit:
    uses: train.gradient_boosting
    in: {train: split.train}
    with:
      # What is learnt.
      target: churned
      rate: 1.10
    after: [load]
    resources: {cpu: 2, memory: 2GiB}
view:
  load: [0, 0]
  split: [240, 0]
"""


def _pipeline(text: str) -> Pipeline:
    reading = read(text, "f.yaml")
    assert reading.pipeline is not None, reading.problems
    return reading.pipeline


def _changes(before: str, after: str) -> list[str]:
    """The lines that a diff of the two shows."""
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=0)
    return [line for line in lines if not line.startswith(("---", "+++", "@@"))]


def _errors(text: str) -> list[str]:
    return [f"{p.where.line}:{p.where.column} {p.code}" for p in read(text).problems if p.severity is Severity.ERROR]


def test_the_file_of_the_design_says_what_it_looks_like():
    p = _pipeline(CHURN)
    assert p.name == "churn"
    assert p.params["test_size"] == PipelineParameter(
        "test_size", ParameterType(ParameterKind.FLOAT, minimum=0, maximum=1), 0.2
    )
    assert p.params["country"].default == "NO"
    assert p.params["country"].type.choices == ("NO", "SE")
    assert p.params["version"].default == "1.10"
    assert p.defaults == Policy(retries=1, timeout=1800)
    fit = p.nodes["fit"]
    assert fit.inputs == {"train": (Endpoint("split", "train"),)}
    assert fit.params == {"target": "churned", "rate": 1.1}
    assert fit.resources == Resources(cpu=2, memory=2 << 30)
    assert fit.after == ("load",)
    assert p.view == {"load": (0, 0), "split": (240, 0)}


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("ending", ["", "\n", "\n\n# the end"])
@pytest.mark.parametrize("start", ["", "\ufeff", "---\n", "%YAML 1.2\n---\n", "\n\n"])
def test_an_untouched_file_keeps_every_byte(newline, ending, start):
    text = (start + CHURN.rstrip("\n") + ending).replace("\n", newline)
    assert write(_pipeline(text), text) == text


def test_an_unknown_key_is_named_kept_and_saved():
    (warning,) = read(CHURN, "f.yaml").problems
    assert str(warning).startswith("f.yaml:18:5: warning: a node has no 'colour'")
    assert _pipeline(CHURN).nodes["split"].extra == {"colour": [1, "red"]}
    assert "    colour: [1, red]\n" in write(edits.set_param(_pipeline(CHURN), "split", "seed", 3), CHURN)


def test_a_misspelt_key_gets_a_suggestion():
    (warning, _) = read(CHURN.replace("    after:", "    aftr:")).problems[::-1]
    assert warning.hint == "did you mean `after`?"


def test_a_parameter_changes_only_its_own_text():
    after = write(edits.set_param(_pipeline(CHURN), "load", "path", "new.csv"), CHURN)
    assert _changes(CHURN, after) == [
        "-    with: {path: data/churn.csv, limit: 1.10}",
        "+    with: {path: new.csv, limit: 1.10}",
    ]


def test_a_move_touches_no_line_of_meaning():
    after = write(edits.move(_pipeline(CHURN), {"split": (8, 16)}), CHURN)
    assert _changes(CHURN, after) == ["-  split: [240, 0]", "+  split: [8, 16]"]


def test_a_rename_keeps_comments_and_place():
    after = write(edits.rename_node(_pipeline(CHURN), "load", "fetch"), CHURN)
    assert _changes(CHURN, after) == [
        "-  load:",
        "+  fetch:",
        "-    in: {data: load.table}",
        "+    in: {data: fetch.table}",
        "-    after: [load]",
        "+    after: [fetch]",
        "-  load: [0, 0]",
        "+  fetch: [0, 0]",
    ]


def test_a_removed_node_takes_its_comment_along_and_no_other():
    after = write(edits.remove_nodes(_pipeline(CHURN), {"load"}), CHURN)
    assert "# Reads the file." not in after
    assert "# Learns." in after
    assert "# a fifth" in after
    assert "    in:" in after  # fit's
    assert "data: load" not in after


def test_a_new_node_goes_behind_the_last_one():
    p, _ = edits.add_node(_pipeline(CHURN), "judge.evaluate", (480, 0))
    assert _changes(CHURN, write(p, CHURN)) == [
        "+  evaluate:",
        "+    uses: judge.evaluate",
        "+  evaluate: [480, 0]",
    ]


def test_a_change_keeps_line_breaks_and_a_missing_last_one():
    text = CHURN.rstrip().replace("\n", "\r\n")
    p, _ = edits.add_node(_pipeline(text), "judge.evaluate", (480, 0))
    written = write(p, text)
    assert written.endswith("  split: [240, 0]\r\n  evaluate: [480, 0]")
    assert written.count("\n") == written.count("\r\n")
    assert read(written).pipeline == p


def test_nodes_that_come_back_in_another_order_cost_no_comment():
    p = _pipeline(CHURN)
    nodes = dict(reversed(p.nodes.items()))
    assert write(Pipeline(p.name, p.help, p.params, p.defaults, nodes, p.view), CHURN) == CHURN


@pytest.mark.parametrize(
    ("before", "change", "after"),
    [
        ("with: {a: 1, b: 2}", ("a", None), "with: {b: 2}"),
        ("with: {a: 1, b: 2}  # why", ("c", [1, "x"]), "with: {a: 1, b: 2, c: [1, x]}  # why"),
        ("with: {a: 1, b: {c: 1.10, d: 2}}", ("b", {"c": 1.1, "d": 3}), "with: {a: 1, b: {c: 1.10, d: 3}}"),
        ("with: {a: 1, b: {c: 1.10}}", ("b", {"c": 1.1, "e": 3}), "with: {a: 1, b: {c: 1.10, e: 3}}"),
        ("with: {'a' : 1, b}", ("b", 5), "with: {'a' : 1, b: 5}"),
        ("with: {a: 1, b: }", ("b", 5), "with: {a: 1, b: 5}"),
        ("with: {}", ("b", "NO"), "with: {b: 'NO'}"),
        ("with:  # none", ("b", 5), "with: {b: 5}  # none"),
        ("with:\n      a:  # todo\n      b: 1", ("a", 5), "with:\n      a: 5  # todo\n      b: 1"),
        ("with:\n      a: |\n        x\n\n      b: 1", ("a", 5), "with:\n      a: 5\n      b: 1"),
        ("with:\n      a: x\n      b: 1", ("a", "x\ny"), "with:\n      a: |-\n        x\n        y\n      b: 1"),
        ("with:\n      a: x  # c\n      b: 1", ("a", "x\ny"), 'with:\n      a: "x\\ny"  # c\n      b: 1'),
        ("with:\n      a:\n      - 1\n      - 2\n      b: 1", ("a", [3]), "with:\n      a: [3]\n      b: 1"),
        ("with:\n      # first\n      a: 1\n      b: 1", ("a", None), "with:\n      b: 1"),
        ("with:\n      a: 1\n      # of b\n      b: 1 # x", ("b", None), "with:\n      a: 1"),
        ("with:\n      a: |+\n        x\n", ("c", 5), "with:\n      a: |+\n        x\n\n      c: 5"),
    ],
)
def test_a_change_fits_the_layout_it_finds(before, change, after):
    text = f"treadle: 1\nnodes:\n  n:\n    uses: m.f\n    {before}\nview:\n  n: [0, 0]\n"
    name, value = change
    p = _pipeline(text)
    p = edits.unset_param(p, "n", name) if value is None else edits.set_param(p, "n", name, value)
    assert write(p, text) == text.replace(before, after)


def test_a_document_in_braces_stays_in_braces():
    text = '{"treadle": 1, "nodes": {"a": {"uses": "m.f"}}}'
    p, _ = edits.add_node(edits.set_title(_pipeline(text), "a", "A"), "m.g", (1, 2))
    assert write(p, text) == (
        '{"treadle": 1, "nodes": {"a": {"uses": "m.f", title: A}, g: {uses: m.g}}, view: {g: [1, 2]}}'
    )


def test_empty_nodes_are_filled_in_place():
    text = "treadle: 1\nnodes:  # none yet\n# the end\n"
    p, _ = edits.add_node(_pipeline(text), "m.g", (1, 2))
    written = write(p, text)
    assert written == "treadle: 1\nnodes:  # none yet\n  g:\n    uses: m.g\nview:\n  g: [1, 2]\n# the end\n"
    assert write(edits.remove_nodes(p, {"g"}), written).startswith("treadle: 1\nnodes: {}")


def test_a_key_may_come_before_all_others():
    text = "# mine\nnodes: {a: {uses: m.f}}\ntreadle: 1\n"
    assert write(edits.set_name(_pipeline(text), "x"), text) == text + "name: x\n"
    text = "treadle: 1\nnodes:\n  a:\n    # of with\n    with: {b: 1}\n    extra: 1\n    uses: m.f\n"
    changed = write(edits.set_param(edits.set_title(_pipeline(text), "a", "T"), "a", "b", 2), text)
    assert _changes(text, changed) == ["-    with: {b: 1}", "+    with: {b: 2}", "+    title: T"]
    text = "params: {}\ntreadle: 1\nnodes: {}\n"
    assert read(write(edits.set_help(_pipeline(text), "h"), text)).pipeline.help == "h"


def test_a_layout_that_cannot_be_patched_is_written_anew():
    text = "treadle: 1\nnodes:\n  ? a\n  : uses: m.f\n"
    p = edits.remove_nodes(_pipeline(text), {"a"})
    written = write(edits.add_node(p, "m.g", (0, 0))[0], text)
    assert read(written).pipeline.nodes.keys() == {"g"}


def test_a_base_that_is_no_pipeline_is_not_kept():
    assert write(Pipeline("p"), "[1, 2") == "treadle: 1\nname: p\nnodes: {}\n"
    assert write(Pipeline(), "{") == "treadle: 1\nnodes: {}\n"


def test_a_fresh_file_reads_like_one_written_by_hand():
    assert write(_pipeline(CHURN)) == (
        "treadle: 1\n"
        "name: churn\n"
        "params:\n"
        "  test_size: {type: float, default: 0.2, minimum: 0, maximum: 1}\n"
        "  country: {type: str, default: 'NO', choices: ['NO', SE]}\n"
        "  version: {type: str, default: '1.10'}\n"
        "defaults: {retries: 1, timeout: 30m}\n"
        "nodes:\n"
        "  load:\n"
        "    uses: data.read_csv\n"
        "    with: {path: data/churn.csv, limit: 1.1}\n"
        "  split:\n"
        "    uses: prepare.train_test_split\n"
        "    in: {data: load.table}\n"
        "    with: {test_size: $params.test_size, stratify: churned}\n"
        "    colour: [1, red]\n"
        "  fit:\n"
        "    uses: train.gradient_boosting\n"
        "    in: {train: split.train}\n"
        "    with: {target: churned, rate: 1.1}\n"
        "    after: [load]\n"
        "    resources: {cpu: 2, memory: 2GiB}\n"
        "view:\n"
        "  load: [0, 0]\n"
        "  split: [240, 0]\n"
    )


def test_long_and_many_lined_values_take_lines_of_their_own():
    query = "select *\nfrom t\n"
    long = ["x" * 60, ["y" * 60, {"z": "z" * 90, "w": 1}], {"sql": query}]
    p = Pipeline(nodes={"a": Node("a", "m.f", params={"query": query, "long": long})})
    text = write(p)
    assert "      query: |\n        select *\n        from t\n" in text
    assert max(map(len, text.splitlines())) < 120
    assert read(text).pipeline == p


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "1:1 not-a-pipeline"),
        ("# only a comment\n", "1:1 not-a-pipeline"),
        ("- a\n", "1:1 wrong-shape"),
        ("name: x\n", "1:1 not-a-pipeline"),
        ("name: x\ntreadle: 2\n", "2:10 newer-version"),
        ("treadle: 1.5\n", "1:10 newer-version"),
        ("treadle: 1.0\n", "1:10 not-a-pipeline"),
        ("treadle: true\n", "1:10 not-a-pipeline"),
        ("treadle: one\n", "1:10 not-a-pipeline"),
        ("treadle: 1\nnodes: [a]\n", "2:8 wrong-shape"),
        ("treadle: 1\nname: [a]\n", "2:7 wrong-shape"),
        ("treadle: 1\nname: {a: b}\n", "2:7 wrong-shape"),
        ("treadle: 1\nnodes: {a: {}}\n", "2:12 missing-uses"),
        ("treadle: 1\nnodes: {a: m.f}\n", "2:12 wrong-shape 2:12 missing-uses"),
        ("treadle: 1\nnodes: {a: {uses: m.f, in: {d: load}}}\n", "2:32 bad-edge"),
        ("treadle: 1\nnodes: {a: {uses: m.f, in: {d: [a.b, .t]}}}\n", "2:38 bad-edge"),
        ("treadle: 1\nnodes: {a: {uses: m.f, retries: many}}\n", "2:33 wrong-value"),
        ("treadle: 1\nnodes: {a: {uses: m.f, retries: 1.5}}\n", "2:33 wrong-value"),
        ("treadle: 1\nnodes: {a: {uses: m.f, cache: maybe}}\n", "2:31 wrong-value"),
        ("treadle: 1\nnodes: {a: {uses: m.f, timeout: soon}}\n", "2:33 wrong-value"),
        ("treadle: 1\nnodes: {a: {uses: m.f, timeout: [1]}}\n", "2:33 wrong-value"),
        ("treadle: 1\nnodes: {a: {uses: m.f, resources: {memory: 1.5}}}\n", "2:44 wrong-value"),
        ("treadle: 1\nnodes: {a: {uses: m.f, with: {x: .inf}}}\n", "2:34 wrong-value"),
        ("treadle: 1\nnodes: {a: {uses: m.f, with: {x: 1e999}}}\n", "2:34 wrong-value"),
        (f"treadle: 1\nnodes: {{a: {{uses: m.f, with: {{x: {'9' * 5000}}}}}}}\n", "2:34 wrong-value"),
        ("treadle: 1\nview: {a: [1]}\n", "2:11 wrong-value"),
        ("treadle: 1\nview: {a: here}\n", "2:11 wrong-value"),
        ("treadle: 1\nparams: {a: 5}\n", "2:13 wrong-shape"),
        ("treadle: 1\nparams: {a: {default: 5}}\n", "2:13 unknown-type"),
        ("treadle: 1\nparams: {a: {type: numeral}}\n", "2:20 unknown-type"),
        ("treadle: 1\nparams: {a: {type: 'list[table]'}}\n", "2:20 unknown-type"),
        ("treadle: 1\nparams: {a: {type: choice, choices: [[1]]}}\n", "2:38 wrong-value"),
    ],
)
def test_a_mistake_is_named_at_its_place(text, expected):
    assert " ".join(_errors(text)) == expected
    assert read(text).pipeline is None
    assert all(problem.hint for problem in read(text).problems)


def test_all_mistakes_are_told_at_once():
    text = "treadle: 1\nnodes:\n  a: {in: {x: y}}\n  b: {uses: m.f, retries: x}\n"
    assert _errors(text) == ["3:6 missing-uses", "3:15 bad-edge", "4:27 wrong-value"]


def test_unknown_keys_of_settings_are_warned_of():
    text = "treadle: 1\nparams: {a: {type: int, hint: x}}\ndefaults: {retrys: 1}\n"
    text += "nodes: {a: {uses: m.f, resources: {ram: 1}}}\n"
    assert [problem.code for problem in read(text).problems] == ["unknown-key"] * 3
    assert "retrys: 1" in write(edits.set_name(_pipeline(text), "n"), text)


def test_one_value_may_stand_for_a_list():
    p = _pipeline("treadle: 1\nnodes: {a: {uses: m.f, in: {x: [b.y, c.y], z: b.y, q: }, after: b, resources: }}\n")
    assert p.nodes["a"].inputs == {"x": (Endpoint("b", "y"), Endpoint("c", "y")), "z": (Endpoint("b", "y"),), "q": ()}
    assert p.nodes["a"].after == ("b",)


def test_places_name_the_line_of_every_part():
    places = read(CHURN, "f.yaml").places
    assert str(places.node("fit")) == "f.yaml:21:3 fit"
    assert str(places.at("fit", port="train")) == "f.yaml:23:10 fit.train"
    assert str(places.at("fit", parameter="rate")) == "f.yaml:27:7 fit.rate"
    assert str(places.at("fit", parameter="unsaid")) == "f.yaml:24:5 fit.unsaid"
    assert str(places.pipeline_parameter("country")) == "f.yaml:6:3 country"
    assert places.key("view", "split").line == 32
    assert places.node("ghost").line == 9
    assert Places().node("fit").line is None


def test_values_inside_of_a_default_are_read_by_the_types_declared_for_them():
    text = (
        "treadle: 1\n"
        "params:\n"
        "  versions: {type: list, items: {type: str}, default: [1.10, NO]}\n"
        "  run:\n"
        "    type: object\n"
        "    properties: {version: {type: str}}\n"
        "    additionalProperties: {type: str}\n"
        "    default: {version: 1.10, other: 2.20}\n"
        "  free: {type: dict, default: {version: 1.10}}\n"
        "nodes: {}\n"
    )
    read_ = read(text)
    assert not read_.problems
    params = read_.pipeline.params
    assert params["versions"].default == ["1.10", "NO"]
    assert params["run"].default == {"version": "1.10", "other": "2.20"}
    assert params["free"].default == {"version": 1.1}
    assert read(write(read_.pipeline)).pipeline == read_.pipeline
    assert "additionalProperties: {type: str}" in write(edits.set_pipeline_param(Pipeline(), params["run"]))


def test_text_of_several_lines_that_no_block_holds_comes_back_exactly():
    for text in ("grün\nblau", " a\nb", "a\n\n", "a\n \nb", "a\rb\nc"):
        pipeline = Pipeline(help=text, nodes={"a": Node("a", "m.f", note=text)})
        assert read(write(pipeline)).pipeline == pipeline
