"""Series: rows in, numpy columns out."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from treadle_gui.runs.series import Series


@given(st.lists(st.tuples(st.floats(allow_nan=False), st.floats(allow_nan=False)), max_size=300))
def test_columns_hold_every_row_in_order(rows: list[tuple[float, float]]) -> None:
    series = Series("at", "cpu")
    for row in rows:
        series.append(*row)
    assert series.column("at").tolist() == [at for at, _ in rows]
    assert series.column("cpu").tolist() == [cpu for _, cpu in rows]


def test_a_view_taken_before_growth_keeps_its_values() -> None:
    series = Series("at")
    series.append(1.0)
    before = series.column("at")
    for number in range(1_000):
        series.append(float(number))
    assert before.tolist() == [1.0]
    assert len(series) == 1_001


def test_an_empty_series_has_no_last_value() -> None:
    assert np.isnan(Series("at").last("at"))
