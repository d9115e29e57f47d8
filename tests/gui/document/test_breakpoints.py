"""Breakpoints go with their nodes, and are no part of the pipeline."""

from __future__ import annotations

from treadle.run.interventions import Breakpoint, When
from treadle.spec import edits
from treadle.spec.pipeline import Node, Pipeline
from treadle_gui.document.breakpoints import Breakpoints
from treadle_gui.document.document import Document

BEFORE = Breakpoint("fit", When.BEFORE)


def document() -> Document:
    return Document(Pipeline(nodes={name: Node(name, "m.f") for name in ("load", "fit")}))


def test_a_toggle_sets_one_and_takes_it_away_and_edits_nothing(qapp: object) -> None:
    opened = document()
    breakpoints, told = Breakpoints(opened), []
    breakpoints.toggled.connect(lambda here, on: told.append((here, on)))

    breakpoints.toggle("fit", When.BEFORE)
    breakpoints.toggle("fit", When.AFTER)
    breakpoints.toggle("fit", When.BEFORE)

    assert breakpoints.at("fit") == {When.AFTER}
    assert told == [(BEFORE, True), (Breakpoint("fit", When.AFTER), True), (BEFORE, False)]
    assert not opened.is_dirty


def test_a_breakpoint_goes_with_its_node_when_that_is_renamed(qapp: object) -> None:
    opened = document()
    breakpoints = Breakpoints(opened)
    breakpoints.toggle("fit", When.BEFORE)

    opened.edit("Rename", lambda pipeline: edits.rename_node(pipeline, "fit", "train"))

    assert breakpoints.active == (Breakpoint("train"),)
    opened.undo()
    assert breakpoints.active == (BEFORE,)


def test_a_breakpoint_comes_back_with_its_node(qapp: object) -> None:
    opened = document()
    breakpoints = Breakpoints(opened)
    breakpoints.restore([BEFORE])

    opened.edit("Delete", lambda pipeline: edits.remove_nodes(pipeline, {"fit"}))

    assert breakpoints.active == ()
    opened.undo()
    assert breakpoints.active == (BEFORE,)
    breakpoints.clear()
    assert breakpoints.at("fit") == frozenset()


def test_while_a_run_goes_on_its_own_are_shown_whoever_set_them(qapp: object) -> None:
    breakpoints, after = Breakpoints(document()), Breakpoint("load", When.AFTER)
    breakpoints.restore([BEFORE])

    breakpoints.follow_run(frozenset())
    assert breakpoints.at("fit") == frozenset()
    breakpoints.follow_run(frozenset({after, Breakpoint("load[2]", When.BEFORE)}))
    assert breakpoints.at("load") == {When.BEFORE, When.AFTER}

    breakpoints.follow_run(None)
    assert breakpoints.active == (BEFORE, after)


def test_one_that_is_taken_away_elsewhere_is_gone_here_too(qapp: object) -> None:
    breakpoints = Breakpoints(document())
    breakpoints.restore([BEFORE])

    breakpoints.follow_run(frozenset({BEFORE}))
    breakpoints.follow_run(frozenset())
    assert breakpoints.at("fit") == frozenset()

    breakpoints.follow_run(None)
    assert breakpoints.active == ()


def test_a_toggle_during_a_run_goes_by_what_that_run_has(qapp: object) -> None:
    breakpoints, told = Breakpoints(document()), []
    breakpoints.toggled.connect(lambda here, on: told.append((here, on)))
    breakpoints.restore([BEFORE])

    breakpoints.follow_run(frozenset())
    breakpoints.toggle("fit", When.BEFORE)
    assert breakpoints.at("fit") == {When.BEFORE}
    breakpoints.clear()
    assert breakpoints.at("fit") == frozenset()
    assert told == [(BEFORE, True), (BEFORE, False)]
    breakpoints.follow_run(None)
    assert breakpoints.active == ()


def test_those_at_items_of_a_map_are_taken_away_at_the_map(qapp: object) -> None:
    breakpoints, told = Breakpoints(document()), []
    breakpoints.toggled.connect(lambda here, on: told.append((here, on)))
    breakpoints.follow_run(frozenset({Breakpoint("fit[1]"), Breakpoint("fit[2]"), Breakpoint("load")}))
    breakpoints.toggle("fit", When.BEFORE)
    assert breakpoints.at("fit") == frozenset()
    assert told == [(Breakpoint("fit[1]"), False), (Breakpoint("fit[2]"), False)]
    assert breakpoints.at("load") == {When.BEFORE}
