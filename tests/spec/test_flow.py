"""Triggers, retries, teardowns and nodes at the run's end: in the file, under edits, and what validation says."""

from __future__ import annotations

import pytest
from spec.pipelines import CATALOG, churn

from treadle.spec import edits, graph
from treadle.spec.file_format import read, write
from treadle.spec.flow import AtEnd, Kind, Retry, Trigger
from treadle.spec.pipeline import Policy
from treadle.spec.validate import validate

TEXT = """treadle: 1
timeout: 2h
defaults: {retries: 2, retry: {backoff: 2, maximum: 5m}}
nodes:
  start:
    uses: data.load
    with: {path: a.csv}
    retry_delay: 10s
    retry: {jitter: 0.1, for: [crashed, timed_out, ConnectionError]}
  stop:
    uses: data.load
    with: {path: b.csv}
    teardown_of: [start]
  tell:
    uses: data.load
    with: {path: c.csv}
    trigger: none_failed
    at_end: failure
"""


def _told(text: str) -> list[str]:
    reading = read(text, "f.yaml")
    found = list(reading.problems)
    if reading.pipeline is not None:
        found += validate(reading.pipeline, CATALOG, reading.places)
    return [f"{problem.where.line} {problem.code}: {problem.message} ({problem.hint})" for problem in found]


def test_the_words_of_flow_are_read_and_written():
    p = read(TEXT).pipeline
    assert p is not None
    assert (p.timeout, p.defaults) == (7200.0, Policy(retries=2, retry=Retry(backoff=2, maximum=300.0)))
    retry = Retry(jitter=0.1, failures=("crashed", "timed_out", "ConnectionError"))
    assert p.nodes["start"].policy == Policy(retry_delay=10.0, retry=retry)
    assert (p.nodes["stop"].teardown_of, p.nodes["stop"].trigger) == (("start",), None)
    assert (p.nodes["tell"].trigger, p.nodes["tell"].at_end) == (Trigger.NONE_FAILED, AtEnd.FAILURE)
    assert write(p, TEXT) == TEXT
    assert read(write(p)).pipeline == p
    assert _told(TEXT) == []


def test_retried_for_nothing_is_not_the_same_as_saying_nothing():
    p = read("treadle: 1\nnodes: {a: {uses: data.load, retry: {for: []}}}\n").pipeline
    assert p is not None
    assert p.nodes["a"].policy.retry.failures == ()
    assert read(write(p)).pipeline == p


def test_the_words_of_flow_can_be_edited():
    p = edits.set_timeout(edits.set_trigger(churn(), "split", Trigger.ALL_DONE), 60.0)
    p = edits.set_at_end(edits.set_teardown_of(p, "evaluate", ["load"]), "fit", AtEnd.ALWAYS)
    assert (p.nodes["split"].trigger, p.timeout, p.nodes["fit"].at_end) == (Trigger.ALL_DONE, 60.0, AtEnd.ALWAYS)
    assert edits.rename_node(p, "load", "begin").nodes["evaluate"].teardown_of == ("begin",)
    assert edits.remove_nodes(p, ["load"]).nodes["evaluate"].teardown_of == ()
    with pytest.raises(edits.UnknownNode):
        edits.set_teardown_of(p, "fit", ["nothing"])


def test_a_teardown_comes_after_its_set_up():
    p = edits.add_node(edits.add_node(churn(), "data.load", (0, 0), id="up")[0], "data.load", (0, 0), id="down")[0]
    p = edits.set_teardown_of(p, "down", ["up"])
    assert graph.ancestors(p, "down") == p.upstream("down") == {"up"}
    assert graph.would_cycle(p, "down", "up")


LOAD = "{uses: data.load, with: {path: a}"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (f"nodes: {{a: {LOAD}, trigger: all_sucess}}}}", "2 wrong-value: 'all_sucess' is no trigger"),
        (f"nodes: {{a: {LOAD}, trigger: x}}}}", "2 wrong-value: 'x' is no trigger (write one of all_success, all_f"),
        (f"nodes: {{a: {LOAD}, at_end: never}}}}", "2 wrong-value: 'never' is no at_end (write one of always, succ"),
        (f"nodes: {{a: {LOAD}, teardown_of: [b]}}}}", "2 unknown-node: a cleans up after b, which is no node"),
        (
            f"nodes: {{a: {LOAD}}}, b: {LOAD}, teardown_of: a, at_end: always}}}}",
            "2 two-purposes: b is a teardown and a node at the run's end",
        ),
        (
            f"nodes: {{a: {LOAD}}}, b: {LOAD}, teardown_of: a, trigger: all_done}}}}",
            "2 trigger-of-teardown: b is a teardown, which runs when its set-up succeeded and all in between has ended",
        ),
        (
            f"nodes: {{a: {LOAD}}}, b: {LOAD}, after: a, trigger: all_done}}, c: {LOAD}, after: b, teardown_of: a}}}}",
            "2 trigger-after-set-up: b follows a, which sets something up, so its trigger can only be all_success",
        ),
        (
            f"nodes: {{a: {LOAD}, at_end: always}}, b: {LOAD}, after: a}}}}",
            "2 waits-for-the-end: b waits for a, which runs when everything else has ended",
        ),
        (
            f"nodes: {{a: {LOAD}}}, b: {{uses: data.split, in: {{data: a.table}}, trigger: all_failed}}}}",
            "2 never-runs: b runs when a gave nothing, but needs a.table on data (wait for it with `after: [a]`",
        ),
        (
            f"nodes: {{a: {LOAD}, retry: {{for: [crash]}}}}}}",
            "2 unknown-failure: a is retried for 'crash', which is no failure (did you mean crashed?)",
        ),
        ("defaults: {retry: {for: wifi}}\nnodes: {}", "2 unknown-failure: defaults is retried for 'wifi', which is no"),
        (
            f"nodes: {{a: {LOAD}}}, b: {{uses: train.fit, in: {{extra: a.table}}, trigger: all_failed}}}}",
            "2 missing-input: b needs Table on train",
        ),
        ("timeout: 0\nnodes: {}", "2 wrong-value: timeout has to be above zero, is 0"),
        (
            "defaults: {retry: {backoff: 0.5}}\nnodes: {}",
            "2 wrong-value: defaults: backoff has to be 1 or more, is 0.5",
        ),
        ("defaults: {retry: {jitter: 2}}\nnodes: {}", "2 wrong-value: defaults: jitter is a share from 0 to 1, is 2"),
        ("defaults: {retry: {jitter: -1}}\nnodes: {}", "2 wrong-value: defaults: jitter can't be below zero, is -1"),
        ("defaults: {retry: {wait: 1}}\nnodes: {}", "2 unknown-key: retry has no 'wait'"),
    ],
)
def test_a_mistake_is_told_at_its_line(text, told):
    found = _told(f"treadle: 1\n{text}\n")
    assert [line[: len(told)] for line in found] == [told]


def test_nodes_at_the_end_may_wait_for_each_other_and_a_failed_input_may_be_optional():
    text = f"nodes: {{a: {LOAD}, at_end: always}}, b: {LOAD}, after: a, at_end: always}}}}"
    assert _told(f"treadle: 1\n{text}\n") == []
    text = (
        f"nodes: {{a: {LOAD}}}, b: {{uses: train.fit, in: {{train: a.table, extra: a.table}}, trigger: one_failed}}}}"
    )
    assert _told(f"treadle: 1\n{text}\n") == []
    text = f"nodes: {{a: {LOAD}}}, b: {{uses: data.load, with: {{path: x}}, after: a, trigger: all_failed}}}}"
    assert _told(f"treadle: 1\n{text}\n") == []


def test_functions_and_programs_are_carried_out_by_a_worker() -> None:
    assert {kind for kind in Kind if kind.waits} == {Kind.SENSOR, Kind.APPROVAL}
    assert {kind for kind in Kind if kind.declares_ports} == {Kind.SCRIPT, Kind.SHELL, Kind.NOTEBOOK}
