"""Frames are bounded lines of JSON objects, and nothing else passes for one."""

from __future__ import annotations

import asyncio
import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from treadle.host import wire
from treadle.host.api import EngineFailed, NotTrusted, RunRefused, RunRequest, RunSummary, UnknownRun
from treadle.host.messages import decode_error, decode_problem, decode_request, decode_summary, encode, encode_error
from treadle.spec.problems import Problem, Severity, Where

texts = st.text(st.characters())
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
)
problems = st.builds(
    Problem,
    texts,
    texts,
    st.builds(Where, st.none() | texts, st.none() | st.integers(1, 9), node=st.none() | texts),
    texts,
    st.sampled_from(Severity),
)

summaries = st.builds(
    RunSummary, texts, texts, st.none() | texts, texts, st.floats(allow_nan=False), st.none() | st.floats(0, 9),
    st.integers(), st.dictionaries(texts, st.integers()), texts, idle=st.floats(0, 9),
)  # fmt: skip


def over_the_wire(frame: wire.Frame) -> wire.Frame:
    return wire.parse(json.dumps(frame).encode())


@given(st.binary(max_size=200))
def test_any_bytes_are_a_frame_or_are_refused(line: bytes) -> None:
    with contextlib.suppress(wire.BadFrame):
        assert isinstance(wire.parse(line), dict)


@pytest.mark.parametrize("line", [b"", b"[]", b"1", b"\xff\xfe", b'{"a":', b"[" * 100_000, b'{"a":' * 100_000])
def test_garbage_is_refused_with_a_sentence(line: bytes) -> None:
    with pytest.raises(wire.BadFrame, match="JSON"):
        wire.parse(line)


def test_a_line_beyond_the_limit_is_refused() -> None:
    async def read() -> None:
        reader = asyncio.StreamReader(limit=64)
        reader.feed_data(b'{"a": "' + b"x" * 100)
        with pytest.raises(wire.BadFrame, match="longer"):
            await wire.receive(reader)

    asyncio.run(read())


def test_half_a_line_at_the_end_is_no_frame() -> None:
    async def read() -> wire.Frame | None:
        reader = asyncio.StreamReader()
        reader.feed_data(b'{"call": 1')
        reader.feed_eof()
        return await wire.receive(reader)

    assert asyncio.run(read()) is None


@given(
    st.builds(RunRequest, texts, st.none() | texts, st.dictionaries(texts, values), st.none() | texts, st.booleans())
)
def test_a_request_arrives_as_it_was_sent(request: RunRequest) -> None:
    assert decode_request(over_the_wire(encode(request))) == request


@given(summaries)
def test_a_summary_arrives_as_it_was_sent(summary: RunSummary) -> None:
    assert decode_summary(over_the_wire(encode(summary))) == summary


@given(problems)
def test_a_problem_arrives_as_it_was_sent(problem: Problem) -> None:
    assert decode_problem(over_the_wire(encode(problem))) == problem


def test_errors_keep_the_type_a_client_can_act_on() -> None:
    refused = RunRefused((Problem("cycle", "a waits for itself", Where("p.yaml", 3)),))
    again = decode_error(over_the_wire(encode_error(refused)))
    assert isinstance(again, RunRefused)
    assert again.problems == refused.problems
    for error in (NotTrusted("restricted"), UnknownRun("no run"), KeyError("abc")):
        again = decode_error(over_the_wire(encode_error(error)))
        assert (type(again), again.args) == (type(error), error.args)


def test_any_other_error_is_told_in_one_line() -> None:
    again = decode_error(over_the_wire(encode_error(ZeroDivisionError("division by zero"))))

    assert isinstance(again, EngineFailed)
    assert str(again) == "ZeroDivisionError: division by zero"


@pytest.mark.parametrize(
    "wrong", [{}, {"text": 1}, {"text": "t", "params": []}, {"text": "t", "params": {}, "use_cache": 1}]
)
def test_a_request_with_a_wrong_field_names_it(wrong: wire.Frame) -> None:
    with pytest.raises(wire.BadFrame, match=r"`(text|file|params|use_cache)` is to be"):
        decode_request(wrong)
