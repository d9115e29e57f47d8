"""Which fork server an attempt goes to."""

from __future__ import annotations

import pytest
from execute.attempts import slice_of

from treadle.execute.protocol import AttemptId, AttemptRequest, Output
from treadle.execute.tiers import choose, needed_packages, wants_own_interpreter
from treadle.store.references import ArtifactRef


@pytest.mark.parametrize(
    ("needed", "ready", "started", "chosen"),
    [
        (set(), {"bare"}, {"bare", "models"}, "bare"),
        ({"pandas"}, {"bare"}, {"bare"}, "tables"),
        ({"pandas"}, {"bare", "models"}, {"bare", "models"}, "models"),
        ({"pandas"}, {"bare", "tables", "models"}, {"bare", "tables", "models"}, "tables"),
        ({"pandas"}, {"bare"}, {"bare", "models"}, "models"),
        ({"sklearn", "json"}, {"bare", "tables"}, {"bare", "tables"}, "models"),
        ({"somebody_elses"}, {"bare"}, {"bare"}, "bare"),
        ({"json"}, {"models"}, {"bare", "models"}, "models"),
    ],
)
def test_choice(needed: set[str], ready: set[str], started: set[str], chosen: str) -> None:
    assert choose(needed, ready, started).name == chosen


def test_inputs_and_outputs_need_libraries_too() -> None:
    table = ArtifactRef("a" * 64, "Table", "arrow", 1, {"class": "polars.DataFrame"})
    request = AttemptRequest(
        AttemptId("r", "t", 1), slice_of("def node(d): ...", ["json"]), {"d": (table,)}, {},
        (Output("figure", "list[Figure]"),), False, "/f", "/c", input_kinds={"d": "pandas"},
    )  # fmt: skip
    assert {"json", "pandas", "pyarrow", "polars", "matplotlib"} <= needed_packages(request)


def test_thread_pools_of_their_own_want_an_interpreter_of_their_own() -> None:
    assert wants_own_interpreter({"pandas", "torch"})
    assert not wants_own_interpreter({"pandas", "sklearn"})
