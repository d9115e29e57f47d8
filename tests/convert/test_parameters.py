"""A pipeline's parameters in exports: what goes along, what has to be given, and what nobody checks there."""

from __future__ import annotations

import ast
from dataclasses import replace

from convert.pieces import pieces
from jsonschema import Draft202012Validator

from treadle.convert.airflow import export_airflow
from treadle.convert.python_script import export_python
from treadle.spec.pipeline import Node, Pipeline, PipelineParameter
from treadle.spec.types import ParameterKind as Kind
from treadle.spec.types import ParameterType, Property

ROWS = PipelineParameter("rows", ParameterType(Kind.INT, minimum=0), 4, help="how many")
GRID = PipelineParameter(
    "grid",
    ParameterType(
        Kind.LIST,
        item=ParameterType(Kind.DICT, properties=(Property("depth", ParameterType(Kind.INT), required=True),)),
    ),
    [{"depth": 3}],
)
WHERE = PipelineParameter("where", ParameterType(Kind.STR), "$env.DATA")


def pipeline(*parameters: PipelineParameter) -> Pipeline:
    nodes = {"make": Node("make", "demo.make", params={"rows": "$params.rows"})}
    return Pipeline("demo", params={each.name: each for each in (ROWS, *parameters)}, nodes=nodes)


def params_of(dag: str) -> dict[str, tuple[list[object], dict[str, object]]]:
    calls = [node for node in ast.walk(ast.parse(dag)) if isinstance(node, ast.Call)]
    [found] = [word.value for node in calls for word in node.keywords if word.arg == "params"]
    assert isinstance(found, ast.Dict)
    return {
        ast.literal_eval(key): (
            [ast.literal_eval(each) for each in made.args],
            {str(word.arg): ast.literal_eval(word.value) for word in made.keywords},
        )
        for key, made in zip(found.keys, found.values, strict=True)
        if isinstance(made, ast.Call) and key is not None
    }


def test_airflow_checks_parameters_by_their_json_schema() -> None:
    exported = export_airflow(pipeline(GRID), pieces())
    assert exported.problems == ()
    found = params_of(exported.text)
    assert found["rows"] == ([4], {"type": "integer", "minimum": 0, "description": "how many"})
    default, schema = found["grid"]
    assert default == [[{"depth": 3}]]
    Draft202012Validator.check_schema(schema)
    assert Draft202012Validator(schema).is_valid([{"depth": 1}])
    assert not Draft202012Validator(schema).is_valid([{}])


def test_a_parameter_that_may_stay_away_may_be_null_there() -> None:
    found = params_of(export_airflow(pipeline(replace(WHERE, default=None)), pieces()).text)
    assert found["where"] == ([None], {"type": ["string", "null"]})


def test_a_default_that_only_a_run_knows_has_to_be_given() -> None:
    dag = export_airflow(pipeline(WHERE), pieces())
    assert params_of(dag.text)["where"] == ([], {"type": "string"})
    assert [(each.code, each.where.parameter) for each in dag.problems] == [("default-not-exported", "where")]
    script = export_python(pipeline(WHERE), pieces())
    assert "'--where', dest='where', required=True" in script.text.replace('"', "'")
    assert "$env" not in script.text


def test_what_a_script_does_not_check_is_listed() -> None:
    told = {each.where.parameter: str(each) for each in export_python(pipeline(GRID), pieces()).problems}
    assert "the script does not check it: 0 or more" in told["rows"]
    assert "the script does not check it" in told["grid"]
