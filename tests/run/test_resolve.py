"""A pipeline and the catalog become a plan with every value settled, or problems that say what to do."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from treadle.catalog.slicer import NotSliceable
from treadle.catalog.slices import Slice
from treadle.execute.protocol import Output
from treadle.run.plan import Plan, TaskInput
from treadle.run.plan_codec import UnreadablePlan, plan_from_json, plan_to_json
from treadle.run.resolve import Circumstances, Unresolvable, resolve
from treadle.spec.component import Component, InputPort, OutputPort, Parameter, SourceRef
from treadle.spec.flattening import Flat
from treadle.spec.flow import AtEnd, Retry, Trigger
from treadle.spec.mapping import Map
from treadle.spec.pipeline import Endpoint, Node, Pipeline, PipelineParameter, Policy, Resources
from treadle.spec.problems import Problem
from treadle.spec.types import ParameterKind, ParameterType, PortType

TABLE = PortType("Table")
FLOAT = ParameterType(ParameterKind.FLOAT, minimum=0, maximum=1)


def component(uses: str, **parts: object) -> Component:
    module, function = uses.split(".")
    return Component(uses, uses, SourceRef("x.py", module, function, 1), **parts)


READ = component(
    "data.read",
    outputs=(OutputPort("table", TABLE),),
    parameters=(
        Parameter("path", ParameterType(ParameterKind.PATH)),
        Parameter("skip", ParameterType(ParameterKind.INT), 0),
    ),
)
SPLIT = component(
    "prepare.split",
    inputs=(InputPort("data", TABLE), InputPort("weights", TABLE, optional=True)),
    outputs=(OutputPort("train", TABLE), OutputPort("test", TABLE)),
    parameters=(Parameter("test_size", FLOAT, 0.2), Parameter("name", ParameterType(ParameterKind.STR), "x")),
    returns_tuple=True,
)
JOIN = component(
    "prepare.join", inputs=(InputPort("tables", PortType("Table", True)),), outputs=(OutputPort("table", TABLE),)
)
MANY = component("prepare.chunks", outputs=(OutputPort("tables", PortType("Table", True)),))
BROKEN = component("bad.broken")
LOG_IN = component("web.log_in", parameters=(Parameter("password", ParameterType(ParameterKind.SECRET)),))


class FakeCatalog:
    def __init__(self) -> None:
        self.components = {each.uses: each for each in (READ, SPLIT, JOIN, MANY, BROKEN, LOG_IN)}

    def get(self, uses: str) -> Component | None:
        return self.components.get(uses)

    def slice(self, uses: str) -> Slice:
        if uses == "bad.broken":
            raise NotSliceable(Problem("not-sliceable", "it reaches a module that is not there"))
        return Slice(f"def {uses}", uses, uses.replace(".", "-"), ("pandas",), ((1, "x.py", 3),))

    def input_kinds(self, uses: str) -> Mapping[str, str]:
        return {port.name: "pandas" for port in self.components[uses].inputs}


LOAD = Node("load", "data.read", params={"path": "churn.csv"})
CUT = Node(
    "split", "prepare.split", inputs={"data": (Endpoint("load", "table"),)}, params={"test_size": "$params.size"}
)
PIPELINE = Pipeline(
    "churn",
    params={"size": PipelineParameter("size", FLOAT, 0.25)},
    defaults=Policy(retries=1, timeout=30.0),
    nodes={"load": LOAD, "split": CUT},
)
AT = datetime(2026, 11, 23, 20, 0, tzinfo=UTC)


def plan(pipeline: Pipeline = PIPELINE, **circumstances: object) -> Plan:
    return resolve(Flat(pipeline), FakeCatalog(), Circumstances("run-1", AT, **circumstances))


def problems(pipeline: Pipeline = PIPELINE, **options: object) -> list[str]:
    with pytest.raises(Unresolvable) as refusal:
        plan(pipeline, **options)
    return [str(problem) for problem in refusal.value.problems]


def with_node(node: Node) -> Pipeline:
    return replace(PIPELINE, nodes={**PIPELINE.nodes, node.id: node})


def test_a_plan_has_everything_settled() -> None:
    task = plan().tasks["split"]
    assert task.params == {"test_size": 0.25, "name": "x"}
    assert task.inputs == {"data": (TaskInput("load", "table"),)}
    assert task.outputs == (Output("train", "Table"), Output("test", "Table"))
    assert (task.returns_tuple, task.input_kinds["data"], task.slice) == (True, "pandas", "prepare-split")
    assert plan().tasks["load"].paths == ("path",)
    assert plan().params == {"size": 0.25}


def test_a_node_has_its_own_policy_then_the_pipelines_then_the_engines() -> None:
    task = plan(with_node(replace(LOAD, policy=Policy(retries=0, cache=False, retry_delay=2.0)))).tasks["load"]
    assert (task.retries, task.retry_delay, task.timeout, task.cache) == (0, 2.0, 30.0, False)
    bare = plan(replace(PIPELINE, defaults=Policy())).tasks["load"]
    assert (bare.retries, bare.retry_delay, bare.timeout, bare.cache) == (0, 0.0, None, True)


@pytest.mark.parametrize("given", [0.3, "0.3", " 0.3 "])
def test_a_parameter_may_be_given_as_a_text(given: object) -> None:
    assert plan(params={"size": given}).tasks["split"].params["test_size"] == 0.3


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"size": "much"}, "params.size wants a number, has the text 'much'"),
        ({"size": 7}, "params.size wants a number from 0 to 1, has 7"),
        ({"sise": 1}, "the pipeline has no parameter 'sise' (it has: size)"),
    ],
)
def test_a_wrong_parameter_is_named(given: Mapping[str, object], told: str) -> None:
    assert told in problems(params=given)[0]


def test_a_required_parameter_must_be_given() -> None:
    wanted = replace(PIPELINE, params={"size": PipelineParameter("size", FLOAT, None, required=True)})
    assert "parameter 'size' has no value (give it with -p size=…)" in problems(wanted)[0]
    assert plan(wanted, params={"size": "1"}).params == {"size": 1}


def test_references_to_the_run_and_the_environment_are_settled() -> None:
    def name(text: str) -> object:
        node = replace(CUT, params={"name": text})
        return plan(with_node(node), environment={"HOME": "/home/me"}).tasks["split"].params["name"]

    assert name("$run.id") == "run-1"
    assert name("$run.date") == "2026-11-23T20:00:00+00:00"
    assert name("$run.pipeline") == "churn"
    assert name("$env.HOME") == "/home/me"
    assert name("$$5") == "$5"


def test_a_reference_that_nothing_defines_is_a_problem_at_its_place() -> None:
    told = problems(with_node(replace(CUT, params={"name": "$secrets.key"})))
    assert len(told) == 1
    assert told[0].startswith("split.name: error: split.name refers to $secrets.key, which nothing defines ")
    assert "(only a parameter of type Secret is given one)" in told[0]


def test_a_missing_variable_is_named_with_node_parameter_and_what_to_do() -> None:
    told = problems(with_node(replace(CUT, params={"name": "$env.WHO"})), environment={})
    assert len(told) == 1
    assert told[0].startswith("split.name: error: split.name refers to $env.WHO, which nothing defines ")
    assert "(set WHO where the run is started, or give a value instead)" in told[0]


def test_defaults_and_given_values_of_the_pipeline_may_refer_too() -> None:
    who = PipelineParameter("who", ParameterType(ParameterKind.STR), "$env.WHO")
    at = PipelineParameter("at", ParameterType(ParameterKind.STR), "$$5")
    pipeline = replace(with_node(replace(CUT, params={"name": "$params.who"})), params={"who": who, "at": at})
    begun = plan(pipeline, environment={"WHO": "ada"})
    assert begun.params == {"who": "ada", "at": "$5"}
    assert begun.tasks["split"].params["name"] == "ada"
    assert plan(pipeline, params={"who": "$run.id"}).params["who"] == plan(pipeline, params={"who": "x"}).run
    assert "set WHO where the run is started" in problems(pipeline)[0]


def test_a_rendered_value_is_checked_too() -> None:
    node = replace(CUT, params={"test_size": "$env.SIZE"})
    assert plan(with_node(node), environment={"SIZE": "0.5"}).tasks["split"].params["test_size"] == 0.5
    assert "wants a number from 0 to 1" in problems(with_node(node), environment={"SIZE": "5"})[0]


def test_of_some_nodes_no_other_is_planned() -> None:
    part = resolve(Flat(PIPELINE), FakeCatalog(), Circumstances("run-1", AT), nodes={"load"})
    assert list(part.tasks) == ["load"]


def test_a_promoted_parameter_is_an_input() -> None:
    node = replace(CUT, inputs={**CUT.inputs, "test_size": (Endpoint("load", "table"),)}, params={})
    task = plan(with_node(node)).tasks["split"]
    assert "test_size" in task.inputs
    assert "test_size" not in task.params


def test_a_list_is_made_of_several_sources_and_one_that_is_a_list_is_passed_on() -> None:
    both = {"tables": (Endpoint("load", "table"), Endpoint("split", "train"))}
    assert plan(with_node(Node("join", "prepare.join", inputs=both))).tasks["join"].many == {"tables"}
    pipeline = with_node(Node("chunks", "prepare.chunks"))
    nodes = {**pipeline.nodes, "join": Node("join", "prepare.join", inputs={"tables": (Endpoint("chunks", "tables"),)})}
    assert plan(replace(pipeline, nodes=nodes)).tasks["join"].many == frozenset()


@pytest.mark.parametrize(
    ("node", "told"),
    [
        (Node("x", "data.raed"), "x uses data.raed, which is no known component"),
        (Node("x", "bad.broken"), "it reaches a module that is not there"),
        (Node("x", "prepare.split"), "nothing feeds x.data (connect an output to it)"),
        (Node("x", "data.read"), "x.path has no value"),
        (Node("x", "data.read", params={"path": "a", "pth": 1}), "data.read has no parameter 'pth'"),
        (Node("x", "prepare.split", inputs={"data": (Endpoint("gone", "table"),)}), "gone.table feeds x.data"),
        (Node("x", "prepare.split", inputs={"data": (Endpoint("load", "rows"),)}), "load has no output 'rows'"),
        (Node("x", "prepare.join", inputs={"tables": (Endpoint("load", "table"),), "b": ()}), "has no input 'b'"),
        (Node("x", "prepare.chunks", after=("gone",)), "x comes after gone, which is no node"),
        (Node("x", "prepare.join", inputs={"tables": (Endpoint("x", "table"),)}), "wait for each other: x → x"),
    ],
)  # fmt: skip
def test_what_stands_in_the_way_is_said(node: Node, told: str) -> None:
    assert told in " ".join(problems(with_node(node)))


def test_all_problems_are_told_at_once() -> None:
    nodes = {"a": Node("a", "no.such"), "b": Node("b", "data.read", params={"path": 3})}
    assert len(problems(replace(PIPELINE, nodes=nodes), params={"y": 1})) == 3


def test_a_plan_survives_its_file() -> None:
    node = replace(CUT, resources=Resources(2, 1 << 30, 1), after=("load",))
    made = replace(plan(with_node(node), file="/p/churn.treadle.yaml"), parallel=3)
    join = replace(made.tasks["split"], id="j", many=frozenset({"a", "b"}))
    made = replace(made, tasks={**made.tasks, "j": join})
    assert plan_from_json(plan_to_json(made)) == made


def test_a_plan_is_laid_out_for_a_person_and_keeps_odd_values() -> None:
    made = plan()
    assert plan_to_json(made) == json.dumps(json.loads(plan_to_json(made)), indent=1).encode() + b"\n"
    odd = {"lines": "\ud800é", "some": [1e300, None, True, {}, []], "rate": float("inf")}
    read = plan_from_json(plan_to_json(replace(made, params=odd)))
    assert read.params == odd


@pytest.mark.parametrize(
    "data", [b"", b"[]", b"{}", b'{"treadle_plan": 2}', b'{"treadle_plan": 1}', b"[" * 100_000, b"\xff"]
)
def test_a_file_that_is_no_plan_says_so(data: bytes) -> None:
    with pytest.raises(UnreadablePlan):
        plan_from_json(data)


def test_no_field_of_a_plan_is_read_unchecked() -> None:
    whole = plan_to_json(plan())
    for field in (b'"tasks"', b'"slices"', b'"inputs"', b'"digest"', b'"resources"'):
        with pytest.raises(UnreadablePlan):
            plan_from_json(whole.replace(field, b'"other"'))


def test_of_a_secret_a_plan_has_only_the_name() -> None:
    task = plan(with_node(Node("door", "web.log_in", params={"password": "$secrets.door"}))).tasks["door"]
    assert (task.params, task.secrets) == ({"password": "$secrets.door"}, {"password": "door"})


@pytest.mark.parametrize("given", ["hunter2", "$params.size", "$$secrets.door", 5])
def test_a_secret_is_only_ever_named(given: object) -> None:
    [told] = problems(with_node(Node("door", "web.log_in", params={"password": given})))
    assert "door.password wants the name of a secret, as $secrets.warehouse" in told


def test_settings_are_inherited_one_by_one() -> None:
    defaults = Policy(retry=Retry(backoff=2.0, maximum=60.0, failures=("crashed",)))
    own = Policy(retry=Retry(maximum=5.0, jitter=0.1, failures=()))
    made = plan(replace(with_node(replace(LOAD, policy=own)), defaults=defaults, timeout=90.0))
    assert made.tasks["load"].retry == Retry(backoff=2.0, maximum=5.0, jitter=0.1, failures=())
    assert made.timeout == 90.0


def test_what_has_an_effect_is_not_taken_from_the_cache_unless_it_says_so() -> None:
    up, down = Node("up", "data.read", params={"path": "a"}), Node("down", "data.read", params={"path": "b"})
    nodes = {"up": up, "down": replace(down, teardown_of=("up",)), "end": replace(down, id="end", at_end=AtEnd.ALWAYS)}
    tasks = plan(Pipeline(nodes={**nodes, "said": replace(nodes["end"], id="said", policy=Policy(cache=True))})).tasks
    assert {name: task.cache for name, task in tasks.items()} == {
        "up": False, "down": False, "end": False, "said": True,
    }  # fmt: skip
    assert tasks["down"].trigger is Trigger.ALL_DONE_SETUP_SUCCESS
    assert (tasks["down"].after, tasks["down"].teardown_of) == (("up",), ("up",))


MANY_NODE = Node("many", "prepare.chunks")
EACH = Node("each", "prepare.split", inputs={"data": (Endpoint("many", "tables"),)}, map=Map("data", parallel=3))


def with_map(node: Node) -> Pipeline:
    return replace(PIPELINE, nodes={**PIPELINE.nodes, "many": MANY_NODE, node.id: node})


def test_a_mapped_node_is_a_task_without_attempts_and_a_body_for_an_item() -> None:
    task = plan(with_map(replace(EACH, after=("load",), trigger=Trigger.ALL_DONE))).tasks["each"]
    assert task.map is not None
    (body,) = task.map.body
    assert (task.retries, task.trigger, task.after) == (0, Trigger.ALL_DONE, ("load",))
    assert (body.retries, body.trigger, body.after) == (1, Trigger.ALL_SUCCESS, ())
    assert task.outputs == (Output("train", "list[Table]"), Output("test", "list[Table]"))
    assert body.outputs == (Output("train", "Table"), Output("test", "Table"))
    assert (task.map.port, task.map.feeds, task.map.parallel) == ("data", {"each": ("data",)}, 3)
    assert plan_from_json(plan_to_json(plan(with_map(EACH)))) == plan(with_map(EACH))


def test_values_rows_and_files_are_settled_with_the_plan() -> None:
    sized = replace(EACH, inputs=CUT.inputs, params={"test_size": [0.1, 0.5, "$params.size"]}, map=Map("test_size"))
    settled = plan(with_map(sized)).tasks["each"].map
    assert settled is not None
    assert settled.values == ({"test_size": 0.1}, {"test_size": 0.5}, {"test_size": 0.25})
    rows = plan(with_map(replace(EACH, inputs=CUT.inputs, map=Map(rows=Endpoint("load", "table"))))).tasks["each"]
    assert rows.map is not None
    assert rows.inputs["*"] == (TaskInput("load", "table"),)
    assert (rows.map.rows, rows.map.names) == ((), ("test_size", "name"))
    read = plan(with_map(Node("each", "data.read", map=Map("path", files="data/*.csv")))).tasks["each"]
    assert read.map is not None
    assert (read.map.files, read.map.params, read.map.body[0].paths) == (
        "data/*.csv", {"each": {"path": "path"}}, ("path",),
    )  # fmt: skip
    needed = plan(with_map(Node("each", "data.read", map=Map(rows=Endpoint("load", "table"))))).tasks["each"].map
    assert needed is not None
    assert needed.rows == ("path",)


@pytest.mark.parametrize(
    ("node", "told"),
    [
        (replace(EACH, map=Map("date")), "each is mapped over date, which it does not have"),
        (replace(EACH, map=Map()), "each is mapped over nothing, which it does not have"),
        (replace(EACH, map=Map("data", files="*")), "each is mapped over data, which it does not have"),
        (replace(EACH, map=Map("test_size")), "each is mapped over test_size, which has no values"),
        (
            replace(EACH, params={"test_size": [7]}, map=Map("test_size")),
            "each.test_size[0] wants a number from 0 to 1",
        ),
        (replace(EACH, params={"test_size": "$params.no"}, map=Map("test_size")), "$params.no"),
        (Node("each", "data.no", map=Map("x")), "each uses data.no, which is no known component"),
        (replace(EACH, inputs={}), "each is mapped over data"),
    ],
)
def test_what_stands_in_the_way_of_a_map_is_told(node: Node, told: str) -> None:
    found = problems(with_map(node))
    assert any(told in line for line in found) or (not node.inputs and any("feeds each.data" in line for line in found))
