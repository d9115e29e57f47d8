"""History: any walk over edits ends where it began."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from treadle.spec import edits
from treadle.spec.pipeline import Pipeline
from treadle_gui.document.history import History

_KINDS = st.sampled_from(["add", "move", "param", "remove", "name"])
_EDITS = st.lists(st.tuples(_KINDS, st.integers(0, 4), st.sampled_from([None, "a", "b"])), max_size=30)


def _changed(pipeline: Pipeline, kind: str, number: int) -> Pipeline:
    ids = list(pipeline.nodes)
    if kind == "add" or not ids:
        return edits.add_node(pipeline, "data.read_csv", (float(number), 0.0))[0]
    node = ids[number % len(ids)]
    match kind:
        case "move":
            return edits.move(pipeline, {node: (float(number), 8.0)})
        case "param":
            return edits.set_param(pipeline, node, "rows", number)
        case "remove":
            return edits.remove_nodes(pipeline, [node])
        case _:
            return edits.set_name(pipeline, f"name {number}")


@given(_EDITS)
def test_undoing_everything_and_redoing_everything_give_the_ends_back(steps: list[tuple[str, int, str | None]]) -> None:
    start = Pipeline()
    history = History(start)
    for kind, number, merge in steps:
        after = _changed(history.present, kind, number)
        if after != history.present:
            history = history.edited(kind, after, merge)
    final = history.present
    while history.past:
        history = history.undone()
    assert history.present is start
    while history.future:
        history = history.redone()
    assert history.present == final


def test_edits_with_one_merge_key_in_a_row_are_one_step() -> None:
    history = History(Pipeline())
    for name in ("c", "ch", "chu"):
        history = history.edited("Rename", replace(history.present, name=name), "name")
    assert len(history.past) == 1
    assert history.undone().present.name == "untitled"


def test_a_sealed_history_begins_a_new_step() -> None:
    history = History(Pipeline()).edited("Rename", Pipeline(name="a"), "name").seal()
    history = history.edited("Rename", Pipeline(name="b"), "name")
    assert len(history.past) == 2


def test_typing_back_to_the_start_leaves_no_step() -> None:
    start = Pipeline()
    history = History(start).edited("Rename", Pipeline(name="a"), "name").edited("Rename", Pipeline(), "name")
    assert history.past == ()
    assert history.present is start


def test_an_edit_after_undo_forgets_what_could_be_redone() -> None:
    history = History(Pipeline()).edited("Rename", Pipeline(name="a")).undone()
    assert history.edited("Rename", Pipeline(name="b")).future == ()
