"""Pipelines for tests: hypothesis strategies for arbitrary ones, random edits, and a small catalog."""

from __future__ import annotations

from hypothesis import strategies as st

from treadle.spec import edits
from treadle.spec.component import REQUIRED, Component, InputPort, OutputPort, Parameter, SourceRef
from treadle.spec.declared_ports import PortDeclaration
from treadle.spec.environments import Environment, Isolation
from treadle.spec.flow import AtEnd, Retry, Trigger
from treadle.spec.mapping import Map
from treadle.spec.pipeline import Endpoint, Node, Pipeline, PipelineParameter, Policy, Resources
from treadle.spec.resources import Concurrency
from treadle.spec.types import ParameterKind, ParameterType, PortType, Property, TextFormat

TABLE = PortType("Table")
MODEL = PortType("Model")

words = st.from_regex(r"[a-z][a-z0-9_]{0,6}", fullmatch=True)
text = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
numbers = st.integers(-(2**70), 2**70) | st.floats(allow_nan=False, allow_infinity=False)
tricky = st.sampled_from([
    "NO", "yes", "on", "1.10", "01234", "0x1F", "1_000", "1:30", "2026-01-31", "null", "~", "", " a", "a ", "a: b",
    "a #b", "#", "- a", "? a", "*a", "&a", "!a", "|", ">", "%", "@", "`", "{a}", "[a]", "a,b", "'", '"', "a'b\"c",
    "two\nlines", "two\nlines\n", "many\n\n\n", "\n", "\nlead", "  lead\nx", "tab\tx\ny", "trail \nx", "a\r\nb",
    "\u2028", "\ufeff", "\x00", "é", "日本\n語", "<<", "=", "$params.x", "$$5", "---", "...", "a:", ":a", "-",
    "--- x\n--- y",
    "1e5", "1e-07", ".5", ".inf", "-.INF", ".nan", "http://a.b/c?d=e", "C:\\x", "1.", "+1", "0o17",
    "\x85", "😀",
])  # fmt: skip
scalars = st.none() | st.booleans() | numbers | text | tricky
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words | tricky, inner, max_size=3),
    max_leaves=6,
)
seconds = st.none() | st.integers(0, 10**7).map(float) | st.floats(0, 1e6, allow_nan=False)
shares = st.none() | st.floats(0, 9, allow_nan=False) | st.integers(0, 9)
retries = st.builds(
    Retry, backoff=shares, maximum=seconds, jitter=shares, failures=st.none() | st.lists(words, max_size=2).map(tuple)
)
environments = st.builds(
    Environment,
    python=st.none() | words | st.just("3.10"),
    requirements=st.none() | st.lists(words, max_size=2).map(tuple),
    variables=st.dictionaries(words, words | tricky, max_size=2),
    folder=st.none() | words,
)
policies = st.builds(
    Policy,
    retries=st.none() | st.integers(0, 9),
    retry_delay=seconds,
    timeout=seconds,
    cache=st.none() | st.booleans(),
    retry=retries,
    isolation=st.none() | st.sampled_from(Isolation),
    priority=st.none() | st.integers(-9, 9),
    environment=environments,
)
pools = st.dictionaries(words, st.integers(0, 9), max_size=2)
resources = st.builds(
    Resources,
    cpu=st.none() | st.floats(0.1, 64) | st.integers(1, 64),
    memory=st.none() | st.integers(0, 2**45) | st.sampled_from([1 << 30, 3 << 20, 10**9, 1000]),
    gpu=st.none() | st.integers(0, 8),
    pools=pools,
)
points = st.tuples(st.floats(-1e9, 1e9, allow_nan=False), st.integers(-(10**5), 10**5).map(float))
endpoints = st.builds(Endpoint, words, words)
maps = st.builds(
    Map,
    over=st.none() | words | tricky,
    rows=st.none() | endpoints,
    files=st.none() | tricky | st.just("data/*.csv"),
    parallel=st.none() | st.integers(-1, 9),
).filter(lambda over: over != Map())
_known = {"uses", "title", "note", "in", "with", "after", "retries", "retry_delay", "timeout", "cache", "resources"}
_known |= {"treadle", "name", "help", "params", "defaults", "nodes", "view", "pipeline"}
_known |= {"priority", "pools", "concurrency"}
_known |= {"inputs", "outputs", "isolation", "environment", "trigger", "teardown_of", "at_end", "retry", "map"}
extras = st.dictionaries(words.filter(lambda word: word not in _known), values, max_size=2)


ports = st.dictionaries(
    words,
    st.builds(
        PortDeclaration,
        st.builds(PortType, st.sampled_from(["Table", "File", "Any", "int"]), st.booleans()),
        st.sampled_from(["", "csv"]),
        st.just("") | words | tricky,
    ),
    max_size=2,
)


@st.composite
def nodes(draw: st.DrawFn, name: str, depth: int = 1) -> Node:
    return Node(
        id=name,
        pipeline=draw(pipelines(2, depth - 1)) if depth and draw(st.integers(0, 4)) == 0 else None,
        uses=draw(st.builds("{}.{}".format, words, words)),
        inputs=draw(st.dictionaries(words, st.lists(endpoints, min_size=1, max_size=2).map(tuple), max_size=2)),
        params=draw(st.dictionaries(words | tricky.filter(bool), values, max_size=3)),
        after=tuple(draw(st.lists(words, max_size=2))),
        resources=draw(resources),
        policy=draw(policies),
        title=draw(st.none() | text | tricky),
        note=draw(st.none() | tricky),
        trigger=draw(st.none() | st.sampled_from(Trigger)),
        teardown_of=tuple(draw(st.lists(words, max_size=2))),
        at_end=draw(st.none() | st.sampled_from(AtEnd)),
        map=draw(st.none() | maps),
        declared_inputs=draw(ports),
        declared_outputs=draw(ports),
        extra=draw(extras),
    )


bounds = st.none() | st.integers(-5, 5) | st.floats(0, 9)
sizes = st.none() | st.integers(0, 5)


@st.composite
def types(draw: st.DrawFn, depth: int = 2) -> ParameterType:
    """Any type that a file can declare, sensible or not."""
    kinds = [kind for kind in ParameterKind if depth or kind not in ("list", "dict")]
    kind = draw(st.sampled_from(kinds))
    is_list, is_dict = kind is ParameterKind.LIST, kind is ParameterKind.DICT
    inner = types(depth - 1) if depth else st.none()
    names = draw(st.lists(words | tricky, max_size=2, unique=True)) if is_dict else []
    closed = is_dict and draw(st.booleans())
    return ParameterType(
        kind,
        optional=draw(st.booleans()),
        minimum=None if is_list else draw(bounds),
        maximum=None if is_list else draw(bounds),
        above=draw(bounds),
        below=draw(bounds),
        multiple_of=draw(bounds),
        choices=tuple(draw(st.lists(tricky, max_size=2))) if kind in ("choice", "str") else (),
        fewest=draw(sizes),
        most=draw(sizes),
        unique=draw(st.booleans()),
        pattern=draw(st.none() | st.sampled_from(["^a+$", "(", "[0-9]{4}", ""])),
        format=draw(st.none() | st.sampled_from(TextFormat)),
        item=draw(st.none() | inner) if is_list else None,
        properties=tuple(
            Property(name, type_, draw(values_of(type_)), draw(st.booleans()), draw(text | tricky))
            for name in names
            for type_ in [draw(inner)]
        ),
        rest=draw(st.none() | inner) if is_dict and not closed else None,
        closed=closed,
        column_of=draw(st.none() | words),
        multiline=draw(st.booleans()),
        code=draw(st.none() | st.just("sql")),
    )


def values_of(type_: ParameterType) -> st.SearchStrategy:
    """Values of the type's kind, within its bounds or not; or none."""
    match type_.kind:
        case ParameterKind.LIST if type_.item is not None:
            return st.none() | st.lists(values_of(type_.item).filter(lambda value: value is not None), max_size=2)
        case ParameterKind.LIST:
            return st.none() | st.lists(scalars, max_size=3)
        case ParameterKind.DICT:
            known = {each.name: values_of(each.type) for each in type_.properties}
            others = st.none() if type_.rest is None else values_of(type_.rest)
            return st.none() | st.fixed_dictionaries({}, optional=known | {"other": others})
        case ParameterKind.INT:
            return st.none() | st.integers()
        case ParameterKind.FLOAT:
            return st.none() | numbers
        case ParameterKind.BOOL:
            return st.none() | st.booleans()
        case ParameterKind.CHOICE:
            return st.none() | tricky
        case _:
            return st.none() | text | tricky


@st.composite
def pipeline_parameters(draw: st.DrawFn, name: str) -> PipelineParameter:
    declared = draw(types())
    examples = draw(st.lists(values_of(declared).filter(lambda value: value is not None), max_size=2))
    default = draw(values_of(declared))
    return PipelineParameter(name, declared, default, draw(st.booleans()), draw(text | tricky), tuple(examples))


@st.composite
def pipelines(draw: st.DrawFn, max_nodes: int = 4, depth: int = 1) -> Pipeline:
    """`depth` levels of pipelines inside its nodes, at most."""
    names = draw(st.lists(words | tricky.filter(lambda name: name not in ("", "<<")), max_size=max_nodes, unique=True))
    params = draw(st.lists(words, max_size=2, unique=True))
    return Pipeline(
        name=draw((text | tricky).filter(bool)),
        help=draw(text | tricky),
        params={name: draw(pipeline_parameters(name)) for name in params},
        timeout=draw(seconds),
        resources=draw(resources),
        pools=draw(pools),
        concurrency=Concurrency(draw(st.none() | st.integers(1, 9)), draw(st.none() | st.integers(1, 9))),
        defaults=draw(policies),
        inputs=draw(st.dictionaries(words, st.lists(endpoints, min_size=1, max_size=2).map(tuple), max_size=1)),
        outputs=draw(st.dictionaries(words, endpoints, max_size=1)),
        nodes={name: draw(nodes(name, depth)) for name in names},
        view=draw(st.dictionaries(st.sampled_from(names) if names else words, points, max_size=4)),
        extra=draw(extras),
    )


def _component(
    uses: str, inputs: dict[str, PortType], outputs: dict[str, PortType], *parameters: Parameter
) -> Component:
    return Component(
        uses,
        uses.rpartition(".")[2],
        SourceRef("f.py", *uses.split("."), 1),
        tuple(InputPort(name, kind, optional=name == "extra") for name, kind in inputs.items()),
        tuple(OutputPort(name, kind) for name, kind in outputs.items()),
        parameters,
    )


CATALOG = {
    component.uses: component
    for component in (
        _component("data.load", {}, {"table": TABLE}, Parameter("path", ParameterType(ParameterKind.PATH), REQUIRED)),
        _component(
            "data.split",
            {"data": TABLE},
            {"train": TABLE, "test": TABLE},
            Parameter("size", ParameterType(ParameterKind.FLOAT, minimum=0, maximum=1), 0.2),
            Parameter("by", ParameterType(ParameterKind.STR, optional=True, column_of="data"), None),
        ),
        _component(
            "train.fit",
            {"train": TABLE, "extra": TABLE},
            {"model": MODEL, "score": PortType("float")},
            Parameter("rate", ParameterType(ParameterKind.FLOAT, minimum=0), 0.1),
            Parameter("depth", ParameterType(ParameterKind.INT), 3),
            Parameter("kind", ParameterType(ParameterKind.CHOICE, choices=("tree", "line")), "tree"),
            Parameter("label", ParameterType(ParameterKind.STR), ""),
            Parameter("token", ParameterType(ParameterKind.SECRET, optional=True), None),
            Parameter(
                "columns",
                ParameterType(ParameterKind.LIST, item=ParameterType(ParameterKind.STR), column_of="train"),
                [],
            ),
            Parameter("options", ParameterType(ParameterKind.DICT), {}),
        ),
        _component("judge.evaluate", {"model": MODEL, "data": TABLE}, {"metrics": PortType("Metrics")}),
        _component("judge.compare", {"all": PortType("Metrics", many=True)}, {"figure": PortType("Figure")}),
    )
}


def churn() -> Pipeline:
    """load → split → fit → judge, without a fault."""
    p = Pipeline("churn")
    p, _ = edits.add_node(p, "data.load", (0, 0))
    p, _ = edits.add_node(p, "data.split", (240, 0))
    p, _ = edits.add_node(p, "train.fit", (480, 0))
    p, _ = edits.add_node(p, "judge.evaluate", (720, 0))
    p = edits.set_param(p, "load", "path", "churn.csv")
    for source, target in (
        (("load", "table"), ("split", "data")),
        (("split", "train"), ("fit", "train")),
        (("fit", "model"), ("evaluate", "model")),
        (("split", "test"), ("evaluate", "data")),
    ):
        p = edits.connect(p, Endpoint(*source), Endpoint(*target))
    return p


@st.composite
def edited(draw: st.DrawFn, p: Pipeline, most: int = 6) -> Pipeline:
    """`p` after some random edits."""
    for _ in range(draw(st.integers(1, most))):
        p = draw(st.sampled_from(_EDITS))(draw, p)
    return p


def _any_node(draw: st.DrawFn, p: Pipeline) -> str:
    return draw(st.sampled_from(sorted(p.nodes)))


def _on_nodes(change):
    return lambda draw, p: change(draw, p, _any_node(draw, p)) if p.nodes else p


def _rename(draw, p, node):
    new = draw(words | tricky.filter(lambda name: name not in ("", "<<")))
    return p if new in p.nodes else edits.rename_node(p, node, new)


def _connect(draw, p, node):
    source = Endpoint(_any_node(draw, p), draw(words))
    return edits.connect(p, source, Endpoint(node, draw(words)), many=draw(st.booleans()))


def _disconnect(draw, p):
    found = list(p.edges())
    return edits.disconnect(p, draw(st.sampled_from(found))) if found else p


def _paste(draw, p):
    wanted = draw(st.sets(st.sampled_from(sorted(p.nodes)))) if p.nodes else set()
    return edits.paste(p, edits.copy_nodes(p, wanted), (20.0, 20.0))[0]


_EDITS = (
    lambda draw, p: edits.add_node(p, "m." + draw(words), draw(points))[0],
    _on_nodes(lambda draw, p, node: edits.remove_nodes(p, {node})),
    _on_nodes(_rename),
    _on_nodes(_connect),
    _disconnect,
    _paste,
    _on_nodes(lambda draw, p, node: edits.set_param(p, node, draw(words), draw(values))),
    _on_nodes(lambda draw, p, node: edits.unset_param(p, node, draw(st.sampled_from([*p.nodes[node].params, "zz"])))),
    _on_nodes(lambda draw, p, node: edits.move(p, {node: draw(points)})),
    _on_nodes(lambda draw, p, node: edits.set_title(p, node, draw(tricky))),
    _on_nodes(lambda draw, p, node: edits.set_note(p, node, draw(st.none() | tricky))),
    _on_nodes(lambda draw, p, node: edits.set_policy(p, node, draw(policies))),
    _on_nodes(lambda draw, p, node: edits.set_resources(p, node, draw(resources))),
    _on_nodes(lambda draw, p, node: edits.set_after(p, node, draw(st.lists(st.sampled_from(sorted(p.nodes)))))),
    _on_nodes(lambda draw, p, node: edits.set_trigger(p, node, draw(st.none() | st.sampled_from(Trigger)))),
    _on_nodes(lambda draw, p, node: edits.set_at_end(p, node, draw(st.none() | st.sampled_from(AtEnd)))),
    _on_nodes(lambda draw, p, node: edits.set_teardown_of(p, node, draw(st.lists(st.sampled_from(sorted(p.nodes)))))),
    lambda draw, p: edits.set_timeout(p, draw(seconds)),
    lambda draw, p: edits.set_name(p, draw(tricky.filter(bool))),
    lambda draw, p: edits.set_help(p, draw(tricky)),
    lambda draw, p: edits.set_defaults(p, draw(policies)),
    lambda draw, p: edits.set_pipeline_param(p, draw(pipeline_parameters(draw(words)))),
    lambda draw, p: edits.remove_pipeline_param(p, draw(st.sampled_from([*p.params, "zz"]))),
)
