"""Frames: whatever arrives in whatever pieces is frames or a BadFrame."""

from __future__ import annotations

import contextlib
import json
import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from treadle.execute.frames import MAX_FRAME, BadFrame, FrameBuffer, pack, read_frame, write_all

messages = st.lists(
    st.dictionaries(st.text(max_size=5), st.integers() | st.text(max_size=20), max_size=4).map(
        lambda fields: {**fields, "kind": "k"}
    ),
    max_size=5,
)


@given(sent=messages, cuts=st.lists(st.integers(1, 30), min_size=1))
def test_frames_survive_any_cutting(sent: list[dict[str, object]], cuts: list[int]) -> None:
    data, buffer, got = b"".join(map(pack, sent)), FrameBuffer(), []
    while data:
        for cut in cuts:
            got.extend(buffer.feed(data[:cut]))
            data = data[cut:]
    assert got == sent


@given(st.binary(min_size=4, max_size=200))
def test_any_bytes_are_frames_or_a_bad_frame(data: bytes) -> None:
    with contextlib.suppress(BadFrame):
        assert all(isinstance(frame["kind"], str) for frame in FrameBuffer().feed(data))


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"{}", b'{"kind": 1}', b"{", b"\xff", b"[" * 100_000, json.dumps("kind").encode()]
)
def test_what_is_no_object_with_a_kind_is_bad(body: bytes) -> None:
    with pytest.raises(BadFrame):
        list(FrameBuffer().feed(len(body).to_bytes(4, "big") + body))


def test_a_claim_over_the_limit_is_refused_before_it_is_read() -> None:
    with pytest.raises(BadFrame, match="claims"):
        list(FrameBuffer().feed((MAX_FRAME + 1).to_bytes(4, "big")))
    with pytest.raises(BadFrame, match="over the limit"):
        pack({"kind": "x" * MAX_FRAME})


def test_a_channel_that_closes_midway() -> None:
    reader, writer = os.pipe()
    try:
        write_all(writer, pack({"kind": "whole"}) + b"\0\0\0\x09{")
        os.close(writer)
        assert read_frame(reader) == {"kind": "whole"}
        with pytest.raises(BadFrame, match="middle"):
            read_frame(reader)
    finally:
        os.close(reader)
