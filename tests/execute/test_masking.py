"""Secrets are hidden however the bytes around them are cut up, and nothing else is touched."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from treadle.execute.masking import Mask

SECRETS = ["hunter2", "hunter2000", "pässwörd", "line one\nline two"]


def passed(mask: Mask, data: bytes, cuts: list[int]) -> bytes:
    edges = [0, *sorted(min(cut, len(data)) for cut in cuts), len(data)]
    pieces = [data[start:end] for start, end in pairwise(edges)]
    return b"".join(map(mask.pass_on, pieces)) + mask.rest()


words = st.sampled_from([*SECRETS, "hunter", "hunte", "r2", "pässw", "line one", "\n", " ", "x", "line "])


@given(st.lists(words, max_size=12), st.lists(st.integers(0, 120), max_size=12))
def test_no_secret_passes_however_it_is_cut(parts: list[str], cuts: list[int]) -> None:
    """I11."""
    shown = passed(Mask(SECRETS), "".join(parts).encode(), cuts)
    assert not any(secret.encode() in shown for secret in ("hunter2", "pässwörd", "line one", "line two"))


@given(st.binary(max_size=80), st.lists(st.integers(0, 80), max_size=8))
def test_what_holds_no_secret_passes_as_it_is(data: bytes, cuts: list[int]) -> None:
    assert passed(Mask(SECRETS), data, cuts) == data
    assert passed(Mask([]), data, cuts) == data


def test_only_what_may_become_a_secret_is_held_back() -> None:
    mask = Mask(["hunter2"])
    assert mask.pass_on(b"hello") == b"hello"
    assert mask.pass_on(b"a hun") == b"a "
    assert mask.pass_on(b"k") == b"hunk"


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("say hunter2", "say ***"),
        (["hunter2", 3, None], ["***", 3, None]),
        ({"message": {"x": "hunter2"}, "digest": "hunter2"}, {"message": {"x": "***"}, "digest": "hunter2"}),
        ("abc", "abc"),
    ],
)
def test_frames_are_masked_but_for_names_of_artifacts(value: object, shown: object) -> None:
    assert Mask(["hunter2", "abc", ""]).hide(value) == shown
