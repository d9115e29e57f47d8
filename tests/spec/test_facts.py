"""What every fact of a run can do."""

from __future__ import annotations

import msgspec
import pytest

from treadle.spec.facts import Fact


class TaskWeighed(Fact, frozen=True):
    task: str
    grams: float = 0.0


def test_a_fact_cannot_be_changed_and_equals_what_has_the_same_fields() -> None:
    fact = TaskWeighed("fit", 1.5)
    with pytest.raises(AttributeError):
        fact.grams = 2.0  # type: ignore[misc]
    assert fact == TaskWeighed("fit", 1.5) != TaskWeighed("fit")
    assert {fact, TaskWeighed("fit", 1.5)} == {fact}


def test_a_fact_as_json_names_its_class_and_leaves_out_what_is_as_by_default() -> None:
    assert msgspec.json.encode(TaskWeighed("fit")) == b'{"kind":"task_weighed","task":"fit"}'
    assert msgspec.json.decode(b'{"kind":"task_weighed","task":"fit","grams":2}', type=TaskWeighed).grams == 2.0
