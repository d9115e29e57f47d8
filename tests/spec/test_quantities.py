from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from treadle.spec.quantities import format_duration, format_size, parse_duration, parse_size


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("30m", 1800), ("2h", 7200), ("45s", 45), ("1h30m", 5400), ("1d", 86400), ("500ms", 0.5), ("1.5s", 1.5), (90, 90),
     (0.25, 0.25), ("0s", 0), ("1m1ms", 60.001)],
)  # fmt: skip
def test_a_duration_is_seconds(text, seconds):
    assert parse_duration(text) == seconds


@pytest.mark.parametrize(
    "text", ["", "soon", "30", "m30", "1h 30m", "30m1h", "-5s", -5, True, math.inf, math.nan, "1.5h"]
)
def test_what_is_no_duration_is_refused(text):
    with pytest.raises(ValueError, match="is not a duration"):
        parse_duration(text)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(1800.0, "30m"), (5400.0, "1h30m"), (45.0, "45s"), (0.0, "0s"), (0.5, "500ms"), (1.5, 1.5), (1e300, 1e300)],
)
def test_a_duration_is_written_as_people_do(seconds, text):
    assert format_duration(seconds) == text


@given(st.floats(0, allow_nan=False, allow_infinity=False) | st.integers(0, 10**9).map(lambda n: n / 1000))
def test_a_duration_survives_writing(seconds):
    assert parse_duration(format_duration(seconds)) == seconds


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("2GiB", 2 << 30),
        ("512MiB", 512 << 20),
        ("1.5KiB", 1536),
        ("2GB", 2 * 10**9),
        ("7 kB", 7000),
        ("9B", 9),
        (1024, 1024),
    ],
)
def test_a_size_is_bytes(text, size):
    assert parse_size(text) == size


@pytest.mark.parametrize("text", ["", "big", "2gib", "-1B", -1, 1.5, True, "1.5.2GiB", "12"])
def test_what_is_no_size_is_refused(text):
    with pytest.raises(ValueError, match="is not a size"):
        parse_size(text)


@pytest.mark.parametrize(
    ("size", "text"), [(2 << 30, "2GiB"), (1536 << 20, "1536MiB"), (3 * 10**9, "3GB"), (1000, 1000), (0, 0)]
)
def test_a_size_is_written_in_the_largest_exact_unit(size, text):
    assert format_size(size) == text


@given(st.integers(0, 2**60) | st.integers(0, 5000).map(lambda n: n << 20))
def test_a_size_survives_writing(size):
    assert parse_size(format_size(size)) == size
