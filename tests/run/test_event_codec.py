"""Events survive their text, whatever they hold; a record from a newer Treadle is kept."""

from __future__ import annotations

import json
import math
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from treadle.execute.protocol import Cancelled, Crashed, Failed, Succeeded, TimedOut, Usage
from treadle.run.event_codec import NotAnEvent, decode, encode, from_text, to_text
from treadle.run.events import (
    ApprovalAnswered,
    ArtifactReported,
    AttemptEnded,
    AttemptLaunched,
    AttemptQueued,
    BreakpointSet,
    CacheMissed,
    CancelRequested,
    CheckpointSaved,
    Event,
    MachineSampled,
    MapEnded,
    MetricReported,
    ParamsChanged,
    ProgressReported,
    Recorded,
    ResourcesSampled,
    RetryScheduled,
    RunAdmitted,
    RunContinued,
    RunFinished,
    RunInterrupted,
    RunPaused,
    RunQueued,
    RunResumed,
    RunStarted,
    RunTimedOut,
    SensorPoked,
    TaskCached,
    TaskCancelled,
    TaskDeferred,
    TaskExpanded,
    TaskSkipped,
    TaskStepped,
    TaskUpstreamFailed,
    UnknownEvent,
)
from treadle.run.interventions import When
from treadle.store.references import ArtifactRef

REF = ArtifactRef("a" * 64, "Table", "arrow", 10, {"rows": 3, "columns": ["x"]})
EVENTS: list[Event] = [
    RunStarted("r", "p", ("a", "b"), {"x": [1, {"y": None}]}),
    RunQueued("it waits for another run"),
    RunAdmitted(),
    CacheMissed("a", "k", "never ran before"),
    TaskCached("a", "k", {"table": REF}, "r0"),
    TaskCached("a", "k", {}, "r0", {"preview": REF}),
    TaskExpanded("a", 2, REF, ("/clean", "/split")),
    TaskExpanded("b", 0, REF),
    MapEnded("a", Succeeded({"tables": REF})),
    MapEnded("b", Failed("ItemsFailed", "2 of 3 items failed")),
    AttemptQueued("a", 1),
    AttemptLaunched("a", 1, 4711),
    ProgressReported("a", 1, 0.5, "epoch 1"),
    MetricReported("a", 1, "loss", 0.25, 3),
    MetricReported("a", 1, "loss", math.inf),
    ArtifactReported("a", 1, "sample", REF),
    CheckpointSaved("a", 1, REF),
    ResourcesSampled("a", 1, 99.5, 1, 2, 3, 4, 5, None, None),
    MachineSampled(12.5, 1, 2),
    AttemptEnded("a", 1, Succeeded({"table": REF}), Usage(1.0, 0.5, 0.1, 5, 6, 7)),
    AttemptEnded("a", 1, Failed("ValueError", "no\ud800", "Traceback…", "x.py", 3, 7, ("ValueError",)), Usage()),
    AttemptEnded("a", 1, Crashed("it died", "SIGSEGV", None), Usage()),
    AttemptEnded("a", 1, TimedOut(3.0), Usage()),
    AttemptEnded("a", 1, Cancelled("run"), Usage()),
    RetryScheduled("a", 2, 12.5),
    TaskDeferred("t", 2, "waiting for approval", True),
    SensorPoked("t", 2, "not there"),
    ApprovalAnswered("t", False, "not yet", "ann"),
    TaskSkipped("a", "branch"),
    TaskUpstreamFailed("b", "a"),
    TaskCancelled("a"),
    CancelRequested("user"),
    CancelRequested("user", "a"),
    RunPaused("ann"),
    RunPaused("breakpoint", "a", When.AFTER),
    RunContinued("ann"),
    BreakpointSet("a", When.BEFORE, True, "ann"),
    TaskStepped("a", "ann"),
    ParamsChanged("a", {"depth": 3, "path": None}, "ann"),
    RunInterrupted("gone"),
    RunResumed(("a",), "cli"),
    RunResumed(("a", "a[0]"), "cli", ("a[0]",), ("a",)),
    RunFinished("failed", "the run took longer than its limit of 2h"),
    RunTimedOut(7200.0),
    UnknownEvent("task_deferred", {"task": "a", "until": 5}),
]


def through_text(recorded: Recorded) -> Recorded:
    return decode(json.loads(json.dumps(encode(recorded), allow_nan=False)))


def test_every_kind_of_event_is_tried() -> None:
    assert {type(event) for event in EVENTS} == set(get_args(Event))


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: type(event).__name__)
def test_an_event_survives_its_text(event: Event) -> None:
    recorded = Recorded(7, 1795414550.25, event)
    assert through_text(recorded) == recorded


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: type(event).__name__)
def test_the_journals_text_of_an_event_tells_what_its_json_values_tell(event: Event) -> None:
    recorded = Recorded(7, 1795414550.25, event)
    text = to_text(recorded)
    assert b"\n" not in text
    assert decode(json.loads(text)) == from_text(text) == recorded


def test_what_is_as_by_default_is_left_out_of_the_text() -> None:
    text = to_text(Recorded(1, 0.0, AttemptEnded("a", 1, Crashed("it died"), Usage(wall=0.5))))
    assert text == (
        b'{"seq":1,"at":0.0,"kind":"attempt_ended","task":"a","number":1,'
        b'"outcome":{"kind":"crashed","reason":"it died"},"usage":{"wall":0.5}}'
    )


def test_a_loss_that_is_no_number_is_kept_as_such() -> None:
    event = through_text(Recorded(1, 0.0, MetricReported("a", 1, "loss", math.nan))).event
    assert isinstance(event, MetricReported)
    assert math.isnan(event.value)


def test_the_text_reads_like_the_guide_says() -> None:
    assert encode(Recorded(7, 1.5, AttemptLaunched("fit", 1, 4711))) == {
        "seq": 7, "at": 1.5, "kind": "attempt_launched", "task": "fit", "number": 1, "pid": 4711,
    }  # fmt: skip


@pytest.mark.parametrize(
    "change",
    [{"number": "1"}, {"number": True}, {"task": None}, {"outcome": {"kind": "vanished"}}, {"outcome": []},
     {"usage": {"wall": "long"}}, {"outcome": {"kind": "succeeded", "outputs": {"x": {"digest": 1}}}}],
)  # fmt: skip
def test_a_known_kind_with_fields_of_another_version_is_kept_and_not_acted_upon(change: dict[str, object]) -> None:
    record = encode(Recorded(1, 0.0, AttemptEnded("a", 1, TimedOut(3.0), Usage()))) | change
    event = decode(record).event
    assert event == UnknownEvent("attempt_ended", {k: v for k, v in record.items() if k not in ("seq", "at", "kind")})
    assert encode(Recorded(1, 0.0, event)) == record


def test_a_field_that_is_missing_makes_it_unknown_and_one_too_many_does_not() -> None:
    assert decode({"seq": 1, "at": 0, "kind": "attempt_queued", "task": "a"}).event == UnknownEvent(
        "attempt_queued", {"task": "a"}
    )
    record = {"seq": 1, "at": 0, "kind": "attempt_queued", "task": "a", "number": 1, "lane": 3}
    assert decode(record).event == AttemptQueued("a", 1)


@pytest.mark.parametrize("record", [{}, {"seq": 1}, {"seq": "1", "at": 0, "kind": "x"}, {"seq": 1, "at": 0, "kind": 3}])
def test_a_record_without_an_envelope_is_no_event(record: dict[str, object]) -> None:
    with pytest.raises(NotAnEvent):
        decode(record)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
NAMES = sorted({key for event in EVENTS for key in encode(Recorded(1, 0.0, event))} - {"seq", "at", "kind"})


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from([encode(Recorded(1, 0.0, event))["kind"] for event in EVENTS]),
    st.dictionaries(st.sampled_from(NAMES), JSON, max_size=5),
)
def test_decoding_raises_nothing_and_loses_nothing(kind: str, fields: dict[str, object]) -> None:
    record = {"seq": 1, "at": 0.0, "kind": kind, **fields}
    recorded = decode(record)
    assert decode(encode(recorded)) == recorded
    assert from_text(json.dumps(record).encode()) == from_text(to_text(recorded)) == recorded


ODD = st.recursive(
    st.none() | st.integers() | st.floats() | st.text(st.characters(), max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=300, deadline=None)
@given(st.dictionaries(st.text(max_size=5), ODD), st.floats(), st.text(st.characters()))
def test_whatever_a_users_code_says_the_text_and_the_values_agree(
    meta: dict[str, object], loss: float, word: str
) -> None:
    kept = ArtifactReported("a", 1, word, ArtifactRef("a" * 64, "Json", "json", 1, meta))  # type: ignore[arg-type]
    for event in (kept, MetricReported("a", 1, word, loss)):
        recorded = Recorded(1, 0.0, event)
        assert repr(from_text(to_text(recorded))) == repr(decode(json.loads(json.dumps(encode(recorded)))))


def test_a_text_that_is_no_event_is_told_from_one_that_is_no_record() -> None:
    assert from_text(b'{"seq":1}') is None
    for text in (b"[1]", b"7", b"{", b'{"a":"\xff"}'):
        with pytest.raises(ValueError):  # noqa: PT011 (JSON's own, or ours)
            from_text(text)


def test_infinity_in_an_event_of_a_newer_version_is_written_as_a_text() -> None:
    found = from_text(b'{"seq":1,"at":0.0,"kind":"task_weighed","weight":[Infinity]}')
    assert found is not None
    assert from_text(to_text(found)) == Recorded(1, 0.0, UnknownEvent("task_weighed", {"weight": ["inf"]}))


def test_a_run_that_says_it_finished_as_nothing_we_know_is_kept_and_not_believed() -> None:
    for state in ("odd", "failed\n", ""):
        event = decode({"seq": 1, "at": 0.0, "kind": "run_finished", "state": state}).event
        assert event == UnknownEvent("run_finished", {"state": state})
