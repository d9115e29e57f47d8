"""Running and stopping: the Run menu, but for what steers a run that goes on."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from treadle.run.selecting import Selection
from treadle_gui.window.commands.command import Command
from treadle_gui.window.commands.in_front import InFront, one_is_chosen
from treadle_gui.window.page import Page

if TYPE_CHECKING:
    from treadle_gui.window.main_window import MainWindow

__all__ = ["run_commands"]


def run_commands(window: MainWindow) -> list[Command]:
    return [*_whole(window), *_otherwise(window), *_from_a_node(window), *_panes(window), *_project(window)]


def _whole(window: MainWindow) -> list[Command]:
    front, controls, start = InFront(window), window.run_controls, window.start

    def run_or_go_on(page: Page) -> None:
        start("running", controls.go_on(page) if controls.is_paused(page) else controls.run(page))

    return [
        Command(
            "run.start",
            "Run",
            front.do(run_or_go_on),
            ("F5", "Ctrl+Return"),
            "play",
            "Run the pipeline, or go on with a paused run",
            enabled=front.ask(lambda page: controls.can_run(page) or controls.is_paused(page)),
            title_now=lambda: "Continue" if front.ask(controls.is_paused)() else "Run",
        ),
        Command(
            "run.stop",
            "Stop",
            front.do(lambda page: start("stopping", controls.stop(page))),
            ("Shift+F5",),
            "stop",
            "Stop the run",
            enabled=front.ask(controls.is_running),
        ),
    ]


def _otherwise(window: MainWindow) -> list[Command]:
    front, controls, start = InFront(window), window.run_controls, window.start
    return [
        Command(
            "run.fresh",
            "Run without cache",
            front.do(lambda page: start("running", controls.run(page, use_cache=False))),
            ("Ctrl+F5",),
            "play-box-outline",
            "Run everything again, whatever earlier runs left",
            enabled=front.ask(controls.can_run),
        ),
        Command(
            "run.with_parameters",
            "Run with parameters…",
            front.do(lambda page: start("running", controls.run(page, ask_first=True))),
            (),
            "tune-variant",
            enabled=front.ask(lambda page: controls.can_run(page) and bool(page.document.pipeline.params)),
        ),
        Command(
            "run.failed",
            "Run what failed",
            front.do(lambda page: start("running", controls.run(page, Selection(failed=True)))),
            (),
            "alert-circle-check-outline",
            "Run what failed in the last run, and what waited for it",
            enabled=front.ask(controls.can_run),
        ),
    ]


def _from_a_node(window: MainWindow) -> list[Command]:
    front, controls, start = InFront(window), window.run_controls, window.start
    one = front.ask(lambda page: controls.can_run(page) and one_is_chosen(page))

    def run_part(choose: Callable[[str], Selection]) -> Callable[[], None]:
        return front.do(lambda page: start("running", controls.run(page, choose(min(page.level.chosen)))))

    return [
        Command(
            "run.to_node",
            "Run to selected node",
            run_part(lambda node: Selection(to=node)),
            ("Ctrl+Shift+Return",),
            "play-protected-content",
            "Run this node and all it needs",
            enabled=one,
        ),
        Command(
            "run.from_node",
            "Run from selected node",
            run_part(lambda node: Selection(start_from=node)),
            (),
            "ray-start-arrow",
            "Run this node and all after it anew, on what earlier runs made",
            enabled=one,
        ),
        Command(
            "run.only_node",
            "Run only selected node",
            run_part(lambda node: Selection(only=node)),
            (),
            "numeric-1-box-outline",
            "Run this node alone, on what earlier runs made",
            enabled=one,
        ),
    ]


def _panes(window: MainWindow) -> list[Command]:
    bring_up = window.panes.bring_up
    return [
        Command(
            "run.problems", "Show problems", lambda: bring_up("problems"), ("Ctrl+Shift+M",), "alert-circle-outline"
        ),
        Command("run.logs", "Show logs", lambda: bring_up("logs"), ("Ctrl+Shift+U",), "text-long"),
    ]


def _project(window: MainWindow) -> list[Command]:
    front = InFront(window)
    return [
        Command(
            "run.collect",
            "Free disk space…",
            front.do(lambda page: window.start("freeing disk space", window.collecting.collect(page))),
            (),
            "delete-sweep-outline",
            "Remove old runs, cached results and artifacts of this project",
            enabled=front.ask(lambda page: page.bridge.is_trusted),
        ),
        Command(
            "run.trust",
            "Trust this project…",
            window.ask_trust,
            (),
            "shield-check-outline",
            enabled=front.ask(lambda page: not page.bridge.is_trusted),
        ),
    ]
