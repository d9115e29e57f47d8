"""A newcomer's whole way, with a real mouse and keyboard on a real screen, in both themes."""

from __future__ import annotations

from pathlib import Path

import pytest
from system.app_process import App, running_app
from system.screen import MISSING, Screen

pytestmark = [
    pytest.mark.screen,
    pytest.mark.slow,
    pytest.mark.timeout(240),
    pytest.mark.skipif(bool(MISSING), reason=f"not installed: {', '.join(MISSING)}"),
]

COMPONENTS = {
    "Sample data": (0.14, 0.2),
    "Train test split": (0.14, 0.62),
    "Decision tree": (0.5, 0.2),
    "Classification metrics": (0.85, 0.2),
    "Confusion matrix": (0.5, 0.7),
}
EDGES = [
    ("sample_data.table", "train_test_split.data"),
    ("train_test_split.train", "decision_tree.train"),
    ("decision_tree.model", "classification_metrics.model"),
    ("train_test_split.test", "classification_metrics.test"),
    ("decision_tree.model", "confusion_matrix.model"),
    ("train_test_split.test", "confusion_matrix.test"),
]
NODES = ["sample_data", "train_test_split", "decision_tree", "classification_metrics", "confusion_matrix"]


def test_from_an_empty_canvas_to_a_cached_run(on_screen, tmp_path):
    file = tmp_path / "work" / "flowers.treadle.yaml"
    file.parent.mkdir()
    with running_app(on_screen, tmp_path / "home", cwd=file.parent) as app:
        _draw(app, on_screen)
        _save_as(app, on_screen, file)
        _set_parameters(app, on_screen)
        _run_with_trust(app, on_screen, file)
        _read_log_and_charts(app, on_screen)
        _break_and_mend(app, on_screen)
        on_screen.key("ctrl+s")
        app.until("dirty", is_=lambda dirty: not dirty)
        on_screen.key("ctrl+q")
        assert app.wait_closed() == 0
    assert "target: target" in file.read_text()
    assert "name: flowers" in file.read_text()
    with running_app(on_screen, tmp_path / "home", file) as app:
        _run_again_from_cache(app, on_screen)


def _draw(app: App, hand: Screen) -> None:
    hand.shoot("0-welcome")
    hand.key("ctrl+n")
    app.until("nodes", is_=lambda nodes: nodes == [])
    hand.shoot("1-empty")
    for title, place in COMPONENTS.items():
        hand.drag(tuple(app.ask("component", title)), tuple(app.ask("canvas", *place)), steps=20)
    assert app.until("nodes", is_=lambda nodes: len(nodes) == len(COMPONENTS)) == NODES
    for source, target in EDGES:
        hand.drag(tuple(app.ask("output", *source.split("."))), tuple(app.ask("input_", *target.split("."))))
    assert sorted(app.ask("edges")) == sorted(f"{source} -> {target}" for source, target in EDGES)
    # A model is no table: refused, and nothing changes.
    hand.drag(tuple(app.ask("output", "decision_tree", "model")), tuple(app.ask("input_", "train_test_split", "data")))
    assert len(app.ask("edges")) == len(EDGES)
    hand.shoot("2-drawn")


def _save_as(app: App, hand: Screen, file: Path) -> None:
    hand.key("ctrl+s")
    app.until("dialog", is_=bool)
    hand.key("ctrl+a")
    hand.type(str(file))
    hand.key("Return")
    app.until("title", is_=lambda title: "flowers" in title)
    assert file.exists()


def _set_parameters(app: App, hand: Screen) -> None:
    hand.click(*app.ask("node", "decision_tree"))
    hand.click(*app.until("field", "target"))
    hand.key("ctrl+a")
    hand.type("target")
    hand.key("Tab")
    app.until("params", "decision_tree", is_=lambda params: params.get("target") == "target")
    hand.shoot("3-parameters")


def _run_with_trust(app: App, hand: Screen, file: Path) -> None:
    hand.key("F5")
    app.until("dialog", is_=bool)
    hand.shoot("4-trust")
    assert str(file.parent) in app.ask("dialog_text")
    hand.click(*app.ask("button", "Trust this folder"))
    app.until("run_status", is_=lambda status: status == "succeeded", seconds=60)
    for name in NODES:
        app.until("state", name, is_=lambda state: state == "succeeded")
    hand.shoot("5-green")


def _read_log_and_charts(app: App, hand: Screen) -> None:
    hand.click(*app.ask("node", "decision_tree"))
    hand.click(*app.ask("pane", "Logs"))
    app.until("log", is_=lambda lines: any("DecisionTreeClassifier" in line for line in lines))
    hand.click(*app.ask("pane", "Resources"))
    app.until("samples", is_=lambda count: count > 0)
    hand.shoot("6-resources")
    hand.click(*app.ask("node", "confusion_matrix"))
    hand.click(*app.ask("pane", "Data"))
    hand.shoot("7-data")


def _break_and_mend(app: App, hand: Screen) -> None:
    hand.click(*app.ask("node", "decision_tree"))
    hand.click(*app.until("field", "target"))
    hand.key("ctrl+a")
    hand.type("nowhere")
    hand.key("Tab")
    app.until("params", "decision_tree", is_=lambda params: params["target"] == "nowhere")
    hand.key("F5")
    app.until("state", "decision_tree", is_=lambda state: state == "failed", seconds=60)
    assert "nowhere" in app.until("tip", "decision_tree")
    app.until("problems", is_=lambda found: any("decision_tree" in line and "nowhere" in line for line in found))
    hand.click(*app.ask("pane", "Problems"))
    hand.shoot("8-broken")
    hand.click(*app.ask("canvas", 0.5, 0.9))
    hand.key("ctrl+z")
    app.until("params", "decision_tree", is_=lambda params: params["target"] == "target")


def _run_again_from_cache(app: App, hand: Screen) -> None:
    app.until("nodes", is_=lambda nodes: nodes == NODES)
    hand.key("F5")
    app.until("run_status", is_=lambda status: status == "succeeded", seconds=60)
    for name in NODES:
        app.until("state", name, is_=lambda state: state == "cached")
    hand.shoot("9-cached-dark")
    hand.key("ctrl+shift+p")
    hand.type("switch between dark")
    hand.key("Return")
    app.until("theme", is_=lambda theme: theme == "light")
    hand.shoot("9-cached-light")
    hand.key("ctrl+q")
    assert app.wait_closed() == 0
