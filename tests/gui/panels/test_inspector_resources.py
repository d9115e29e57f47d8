"""The inspector's fields of resources, priority, concurrency and cache: each an edit that can be undone."""

from __future__ import annotations

import pytest
from gui.panels.test_inspector_flow import choose, document, form, node
from pytestqt.qtbot import QtBot

from treadle.spec import edits
from treadle.spec.pipeline import Policy, Resources
from treadle.spec.resources import Concurrency
from treadle_gui.document.document import Document
from treadle_gui.panels.inspector.inspector import Inspector
from treadle_gui.panels.inspector.node_form import NodeForm
from treadle_gui.panels.inspector.pipeline_form import PipelineForm
from treadle_gui.panels.inspector.resources import parse_pools

__all__ = ["document", "form"]

pytestmark = pytest.mark.qt_log_ignore("does not support propagateSizeHints", extend=True)


def test_pools_are_written_a_line_each(form: NodeForm, document: Document) -> None:
    resources = form.running.resources
    resources.pools.setPlainText("db: 2\nlicence")
    assert node(document).resources == Resources(pools={"db": 2, "licence": 1})
    assert resources.pools.toPlainText() == "db: 2\nlicence"
    resources.pools.setPlainText("db: 2\nlicence: many")
    assert node(document).resources == Resources(pools={"db": 2, "licence": 1})
    assert "db: 2" in resources.pools.toolTip()
    document.undo()
    assert node(document).resources == Resources()


@pytest.mark.parametrize("text", ["db: -1", ": 2", "db: 1.5", "db: ²"])
def test_what_is_no_pool_is_told(text: str) -> None:
    with pytest.raises(ValueError, match="as db: 2"):
        parse_pools(text)


def test_what_every_node_asks_for_is_shown_where_a_node_says_nothing(form: NodeForm, document: Document) -> None:
    asked = Resources(0.5, 1 << 30, 1, {"db": 1})
    document.edit("Ask", lambda p: edits.set_default_resources(p, asked))
    shown = form.running.resources
    assert [line.placeholderText() for line in (shown.cpu, shown.memory, shown.gpu)] == ["0.5", "1GiB", "1"]
    assert shown.pools.placeholderText() == "db: 1"


def test_a_pool_too_small_is_told_below_the_field(form: NodeForm, document: Document, qtbot: QtBot) -> None:
    document.edit("Pools", lambda p: edits.set_pools(p, {"db": 1}))
    form.running.resources.pools.setPlainText("db: 2")
    qtbot.waitUntil(lambda: "which has 1" in form.running.resources.complaint.text())


def test_a_priority_may_be_below_zero(form: NodeForm, document: Document, qtbot: QtBot) -> None:
    qtbot.keyClicks(form.running.policy.priority, "-2")
    assert node(document).policy.priority == -2
    document.undo()
    assert node(document).policy.priority is None


def test_a_version_or_an_expiry_says_that_there_is_a_cache(form: NodeForm, document: Document, qtbot: QtBot) -> None:
    caching = form.running.policy.caching
    qtbot.keyClicks(caching.version, "v2")
    qtbot.keyClicks(caching.expires, "7d")
    assert node(document).policy == Policy(cache=True, cache_version="v2", cache_expires=7 * 86400.0)
    choose(caching.cache, 2)
    assert node(document).policy == Policy(cache=False)
    assert not caching.version.isEnabled()
    assert caching.version.text() == ""
    document.undo()
    assert node(document).policy.cache_version == "v2"


def test_the_pipeline_says_how_much_goes_on_at_once(inspector: Inspector, document: Document, qtbot: QtBot) -> None:
    whole = inspector.form
    assert isinstance(whole, PipelineForm)
    qtbot.keyClicks(whole.whole_run.tasks, "4")
    qtbot.keyClicks(whole.whole_run.runs, "1")
    whole.whole_run.pools.setPlainText("db: 2")
    qtbot.keyClicks(whole.resources.cpu, "0.5")
    pipeline = document.pipeline
    assert (pipeline.concurrency, pipeline.pools) == (Concurrency(4, 1), {"db": 2})
    assert pipeline.resources == Resources(cpu=0.5)
    qtbot.keyClicks(whole.whole_run.runs, "0")
    assert document.pipeline.concurrency.runs == 10
    whole.whole_run.runs.clear()
    qtbot.keyClicks(whole.whole_run.runs, "0")
    assert whole.whole_run.runs.toolTip() == "A whole number, 1 or more"


def test_a_pool_that_only_the_project_knows_is_none_that_nobody_knows(
    form: NodeForm, document: Document, qtbot: QtBot
) -> None:
    known = {"db": 1}
    document.ask_for_pools(lambda: known)
    form.running.resources.pools.setPlainText("dbs: 1")
    qtbot.waitUntil(lambda: "Did you mean db?" in form.running.resources.complaint.text())
    known["dbs"] = 1
    form.running.resources.pools.setPlainText("dbs:1")
    document.edit("Look again", lambda p: edits.set_name(p, "again"))
    qtbot.waitUntil(lambda: not form.running.resources.complaint.text())
