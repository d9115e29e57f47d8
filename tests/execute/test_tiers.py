"""Which fork server an attempt goes to."""

from __future__ import annotations

import pytest
from execute.attempts import slice_of

from treadle.execute.protocol import AttemptId, AttemptRequest, Output
from treadle.execute.tiers import choose, needed_packages, wants_own_interpreter, worth_loading
from treadle.store.references import ArtifactRef


@pytest.mark.parametrize(
    ("needed", "ready", "chosen"),
    [
        (set(), {"bare", "models"}, "bare"),
        ({"pandas"}, {"bare"}, "tables"),
        ({"pandas"}, {"bare", "models"}, "models"),
        ({"pandas"}, {"bare", "tables", "models"}, "tables"),
        ({"sklearn", "json"}, {"bare", "tables"}, "models"),
        ({"matplotlib"}, {"bare", "models"}, "figures"),
        ({"somebody_elses"}, {"bare"}, "bare"),
        ({"json"}, {"models"}, "models"),
    ],
)
def test_choice(needed: set[str], ready: set[str], chosen: str) -> None:
    assert choose(frozenset(needed), frozenset(ready)).name == chosen


@pytest.mark.parametrize(
    ("imports", "names"),
    [({"json"}, ["bare"]), ({"pandas", "polars"}, ["bare", "tables"]), ({"sklearn"}, ["bare", "tables", "models"])],
)
def test_what_a_pipeline_imports_is_loaded_from_the_quickest_on(imports: set[str], names: list[str]) -> None:
    assert [tier.name for tier in worth_loading(imports)] == names


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
