"""The JSON Schema of a pipeline's parameters, judged by a validator that knows nothing of Treadle."""

from __future__ import annotations

import json

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from spec.pipelines import pipeline_parameters, types, values, values_of

from treadle.spec.file_format import read, write
from treadle.spec.file_format.declarations import declaration_text, read_declaration
from treadle.spec.json_schema import schema_of
from treadle.spec.parameter_values import wrong_value
from treadle.spec.pipeline import Pipeline, PipelineParameter
from treadle.spec.text_formats import bad_pattern
from treadle.spec.types import ParameterKind, ParameterType, Property

Kind, Type = ParameterKind, ParameterType


@given(pipeline_parameters("p"))
def test_every_declaration_makes_a_valid_schema(parameter):
    assume(all(each.pattern is None or bad_pattern(each.pattern) is None for each in everywhere(parameter.type)))
    assume(all(each.multiple_of is None or each.multiple_of >= 0 for each in everywhere(parameter.type)))
    schema = schema_of("p", [parameter])
    Draft202012Validator.check_schema(schema)
    assert json.loads(json.dumps(schema)) == schema


@given(pipeline_parameters("p"))
@example(PipelineParameter("p", Type(Kind.BOOL), help="last\nline ends\n"))
def test_a_declaration_alone_reads_back_the_same(parameter):
    read_back, problems = read_declaration("p", declaration_text(parameter))
    assert read_back == parameter
    assert problems == []


@pytest.mark.parametrize("text", ["", "type: [", "3", "type: nonsense"])
def test_what_declares_nothing_is_told(text):
    made, problems = read_declaration("p", text)
    assert made == PipelineParameter("p", Type(Kind.STR))
    assert problems


def everywhere(type_):
    yield type_
    for inner in (type_.item, type_.rest, *(each.type for each in type_.properties)):
        if inner is not None:
            yield from everywhere(inner)


def is_exact(value) -> bool:
    """Whether the validator reckons with it exactly: it turns whole numbers into floats."""
    if isinstance(value, list | dict):
        return all(map(is_exact, value.values() if isinstance(value, dict) else value))
    return not isinstance(value, int) or abs(value) <= 2**53


def has_a_word_of_its_own(value) -> bool:
    """Whether Treadle reads more into a value than JSON Schema does: a reference, `$$`, a whole float."""
    if isinstance(value, list | dict):
        return any(map(has_a_word_of_its_own, value.values() if isinstance(value, dict) else value))
    return (isinstance(value, str) and value.startswith("$")) or (isinstance(value, float) and value.is_integer())


@settings(max_examples=400)
@given(st.data())
def test_the_validator_and_treadle_agree_on_every_value(data):
    type_ = data.draw(types())
    value = data.draw(values | values_of(type_))
    assume(is_exact(value) and not has_a_word_of_its_own(value))
    for each in everywhere(type_):
        assume(each.kind not in (Kind.DATETIME, Kind.SECRET) and each.format is None)  # annotations to a validator
        assume(each.pattern is None or bad_pattern(each.pattern) is None)
        # Of fractions the validator asks whether a quotient of floats is whole: to it 0.3 is no multiple of 0.1.
        assume(each.multiple_of is None or (each.multiple_of > 0 and float(each.multiple_of).is_integer()))
        assume(each.kind is not Kind.CHOICE or each.choices)
        assume(not each.choices or each.kind is not Kind.CHOICE or not isinstance(value, list | dict))
    schema = schema_of("p", [PipelineParameter("x", type_)])["properties"]["x"]
    assert Draft202012Validator(schema).is_valid(value) == (wrong_value(value, type_) is None)


@pytest.mark.parametrize(
    ("type_", "schema"),
    [
        (Type(Kind.DATETIME, optional=True), {"type": ["string", "null"], "format": "date-time"}),
        (Type(Kind.PATH), {"type": "string", "format": "path"}),
        (Type(Kind.SECRET), {"type": "string", "pattern": r"^\$secrets\.[A-Za-z_][A-Za-z0-9_]*$"}),
        (Type(Kind.CHOICE, optional=True, choices=("a", 1)), {"enum": ["a", 1, None]}),
        (
            Type(Kind.DICT, properties=(Property("a", Type(Kind.BOOL), True, True, "so"),), closed=True, fewest=1),
            {
                "type": "object",
                "properties": {"a": {"type": "boolean", "default": True, "description": "so"}},
                "required": ["a"],
                "additionalProperties": False,
                "minProperties": 1,
            },
        ),
        (Type(Kind.DICT, rest=Type(Kind.INT)), {"type": "object", "additionalProperties": {"type": "integer"}}),
    ],
)
def test_what_each_type_is_called_there(type_, schema):
    parameter = PipelineParameter("p", type_, None, True, "what it is", (1,))
    whole = schema_of("name", [parameter])
    assert whole["properties"]["p"] == {**schema, "description": "what it is", "examples": [1]}
    assert (whole["title"], whole["required"]) == ("name", ["p"])


THEIRS = """treadle: 1
params:
  grid:
    # what is tried
    type: array
    description: What is tried.
    items:
      type: object   # one try
      required: [depth]
      properties:
        depth: {type: integer, description: how deep}
        rate: {type: [number, 'null'], exclusiveMinimum: 0}
      additionalProperties: {type: string}
  since: {type: string, format: date-time, nullable: true, description: from when}
  kind: {enum: [tree, 1, null], title: Kind}
nodes: {}
"""


def test_json_schema_spelling_is_read():
    grid, since, kind = (each.type for each in read(THEIRS).pipeline.params.values())
    assert read(THEIRS).problems == ()
    depth = Property("depth", Type(Kind.INT), required=True, help="how deep")
    rate = Property("rate", Type(Kind.FLOAT, optional=True, above=0))
    assert grid == Type(Kind.LIST, item=Type(Kind.DICT, properties=(depth, rate), rest=Type(Kind.STR)))
    assert since == Type(Kind.DATETIME, optional=True)
    assert kind == Type(Kind.CHOICE, optional=True, choices=("tree", 1))


def changed(name: str, **what: object) -> str:
    from dataclasses import replace

    pipeline = read(THEIRS).pipeline
    params = {**pipeline.params, name: replace(pipeline.params[name], **what)}
    return write(replace(pipeline, params=params), THEIRS)


def test_an_edit_keeps_the_words_that_stand_there():
    assert changed("grid", help="Other.") == THEIRS.replace("What is tried.", "Other.")
    assert changed("since", help="later") == THEIRS.replace("from when", "later")
    assert changed("since", type=Type(Kind.DATETIME)) == THEIRS.replace(", nullable: true", "")
    assert changed("kind", type=Type(Kind.CHOICE, optional=True, choices=("b",))) == THEIRS.replace(
        "[tree, 1, null]", "[b, null]"
    )
    assert changed("kind", default=1) == THEIRS.replace("title: Kind", "title: Kind, default: 1")


def test_an_edit_inside_a_nested_type_touches_its_own_line():
    depth = Property("depth", Type(Kind.INT, minimum=1), help="how deep")
    rate = Property("rate", Type(Kind.FLOAT, above=0), required=True)
    item = Type(Kind.DICT, properties=(depth, rate), rest=Type(Kind.STR))
    assert changed("grid", type=Type(Kind.LIST, item=item)) == (
        THEIRS.replace("how deep}", "how deep, minimum: 1}").replace("[number, 'null']", "[float]")
        .replace("[depth]", "[rate]")
    )  # fmt: skip


@pytest.mark.parametrize(
    ("declaration", "told"),
    [
        ("{type: int, oneOf: []}", "unchecked-keyword"),
        ("{type: int, minimun: 3}", "unknown-key"),
        ("{type: int, help: a, description: b}", "said-twice"),
        ("{type: [int, str]}", "unknown-type"),
        ("{default: 3}", "unknown-type"),
        ("{type: str, format: hostname}", "unknown-format"),
        ("{type: array, items: int}", "wrong-shape"),
        ("{type: object, properties: {a: int}}", "wrong-shape"),
        ("{type: object, required: [a]}", "unknown-parameter"),
        ("{type: object, additionalProperties: 3}", "wrong-value"),
        ("{type: str, minLength: 1.5}", "wrong-value"),
        ("{type: choice, choices: [[a]]}", "wrong-value"),
    ],
)
def test_a_declaration_that_can_not_be_kept_is_a_problem(declaration, told):
    found = read(f"treadle: 1\nparams: {{p: {declaration}}}\nnodes: {{}}\n").problems
    assert [each.code for each in found] == [told]
    assert found[0].where.line == 2


def test_choices_of_a_plain_list_are_those_of_its_items():
    text = "treadle: 1\nparams:\n  p: {type: list, choices: [a, b]}\nnodes: {}\n"
    pipeline = read(text).pipeline
    assert pipeline.params["p"].type == Type(Kind.LIST, item=Type(Kind.CHOICE, choices=("a", "b")))
    assert write(pipeline) == text


def test_untyped_declarations_say_their_type_otherwise():
    pipeline = read("treadle: 1\nparams: {a: {items: {type: int}}, b: {properties: {}}, c: {type: list, minimum: 1}}\n"
                    "nodes: {}\n").pipeline  # fmt: skip
    assert [each.type.kind for each in pipeline.params.values()] == ["list", "dict", "list"]
    assert pipeline.params["c"].type.item == Type(Kind.FLOAT, minimum=1)
    assert read(write(Pipeline(params=pipeline.params))).pipeline.params == pipeline.params
