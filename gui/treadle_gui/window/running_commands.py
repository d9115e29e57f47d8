"""Running and stopping: the Run menu."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from treadle.run.selecting import Selection
from treadle_gui.window.commands import Command
from treadle_gui.window.on_page import on_page, true_of_page
from treadle_gui.window.page import Page
from treadle_gui.window.steering_commands import steering_commands

if TYPE_CHECKING:
    from treadle_gui.window.main_window import MainWindow

__all__ = ["run_commands"]


def run_commands(window: MainWindow) -> list[Command]:
    on, controls, start = on_page(window), window.run_controls, window.start
    can = lambda: controls.can_run(window.page)  # noqa: E731
    running = lambda: controls.is_running(window.page)  # noqa: E731
    one = lambda: can() and true_of_page(window, lambda page: len(page.shown.selection) == 1)  # noqa: E731
    has_params = lambda: can() and true_of_page(window, lambda page: bool(page.document.pipeline.params))  # noqa: E731
    restricted = lambda: true_of_page(window, lambda page: not page.bridge.is_trusted)  # noqa: E731

    def run_part(choose: Callable[[str], Selection]) -> Callable[[], None]:
        return on(lambda page: start("running", controls.run(page, choose(min(page.level.chosen)))))

    def run_or_go_on(page: Page) -> None:
        start("running", controls.go_on(page) if controls.is_paused(page) else controls.run(page))

    may_start = lambda: can() or controls.is_paused(window.page)  # noqa: E731
    return [
        Command(
            "run.start",
            "Run",
            on(run_or_go_on),
            ("F5", "Ctrl+Return"),
            "play",
            "Run the pipeline, or go on with a paused run",
            enabled=may_start,
            title_now=lambda: "Continue" if controls.is_paused(window.page) else "Run",
        ),
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
        Command(
            "run.failed",
            "Run what failed",
            on(lambda page: start("running", controls.run(page, Selection(failed=True)))),
            (),
            "alert-circle-check-outline",
            "Run what failed in the last run, and what waited for it",
            enabled=can,
        ),
        Command(
            "run.fresh",
            "Run without cache",
            on(lambda page: start("running", controls.run(page, use_cache=False))),
            ("Ctrl+F5",),
            "play-box-outline",
            "Run everything again, whatever earlier runs left",
            enabled=can,
        ),
        Command(
            "run.with_parameters",
            "Run with parameters…",
            on(lambda page: start("running", controls.run(page, ask_first=True))),
            (),
            "tune-variant",
            enabled=has_params,
        ),
        Command(
            "run.stop",
            "Stop",
            on(lambda page: start("stopping", controls.stop(page))),
            ("Shift+F5",),
            "stop",
            "Stop the run",
            enabled=running,
        ),
        Command(
            "run.problems",
            "Show problems",
            lambda: window.panes.bring_up("problems"),
            ("Ctrl+Shift+M",),
            "alert-circle-outline",
        ),
        Command("run.logs", "Show logs", lambda: window.panes.bring_up("logs"), ("Ctrl+Shift+U",), "text-long"),
        *steering_commands(window),
        Command(
            "run.collect",
            "Free disk space…",
            on(lambda page: start("freeing disk space", window.collecting.collect(page))),
            (),
            "delete-sweep-outline",
            "Remove old runs, cached results and artifacts of this project",
            enabled=lambda: true_of_page(window, lambda page: page.bridge.is_trusted),
        ),
        Command("run.trust", "Trust this project…", window.ask_trust, (), "shield-check-outline", enabled=restricted),
    ]
