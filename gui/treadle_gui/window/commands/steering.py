"""Steering a run that goes on, and one node of it: pause, step, breakpoints, and what the Run menu has for a node."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from treadle.run.interventions import When
from treadle.run.state import TaskState
from treadle_gui.window.commands.command import Command
from treadle_gui.window.commands.in_front import InFront
from treadle_gui.window.page import Page

if TYPE_CHECKING:
    from treadle_gui.window.main_window import MainWindow

__all__ = ["steering_commands"]


def _chosen(page: Page) -> str | None:
    """The one node that is selected."""
    return min(page.level.chosen) if len(page.level.chosen) == 1 else None


def _task(page: Page) -> TaskState | None:
    """How the selected node stands in the run that is shown."""
    node = _chosen(page)
    return page.session.state.tasks.get(node) if page.session is not None and node is not None else None


def _has_attempt(page: Page) -> bool:
    task = _task(page)
    return task is not None and task.number > 0


def _may_retry(page: Page) -> bool:
    task = _task(page)
    return task is not None and task.status.is_done and not page.bridge.is_running


def _may_cancel(page: Page) -> bool:
    task = _task(page)
    return task is not None and not task.status.is_done and page.bridge.is_running


def steering_commands(window: MainWindow) -> list[Command]:
    return [*_of_run(window), *_of_node(window), *_debugging(window), *_breakpoints(window)]


def _of_run(window: MainWindow) -> list[Command]:
    front, controls, start = InFront(window), window.run_controls, window.start
    return [
        Command(
            "run.pause",
            "Pause",
            front.do(lambda page: start("pausing", controls.pause(page))),
            ("F6",),
            "pause",
            "Begin nothing new; what runs goes on",
            enabled=front.ask(lambda page: controls.is_running(page) and not controls.is_paused(page)),
        ),
        Command(
            "run.step",
            "Step",
            front.do(lambda page: start("stepping", controls.step(page))),
            ("F10",),
            "debug-step-over",
            "Begin one node, and stay paused",
            enabled=front.ask(controls.is_paused),
        ),
        Command(
            "run.apply",
            "Apply changes to this run",
            front.do(lambda page: start("applying changes", controls.apply(page))),
            (),
            "playlist-edit",
            "Run nodes that have not begun with the values they have now",
            enabled=front.ask(lambda page: bool(page.changes)),
        ),
    ]


def _of_node(window: MainWindow) -> list[Command]:
    front, controls, start = InFront(window), window.run_controls, window.start
    return [
        Command(
            "run.retry_node",
            "Retry selected node",
            front.do(lambda page: start("retrying", controls.retry(page, _chosen(page)))),
            (),
            "replay",
            "Try this node of the finished run again, and then what waits for it",
            enabled=front.ask(_may_retry),
        ),
        Command(
            "run.cancel_node",
            "Cancel selected node",
            front.do(lambda page: start("cancelling", controls.stop(page, _chosen(page)))),
            (),
            "stop-circle-outline",
            "End this node; the rest of the run goes on",
            enabled=front.ask(_may_cancel),
        ),
    ]


def _debugging(window: MainWindow) -> list[Command]:
    front, debugging, start = InFront(window), window.debugging, window.start
    return [
        Command(
            "run.debug_node",
            "Debug selected node",
            front.do(lambda page: start("debugging", debugging.open(page, _chosen(page)))),
            ("Ctrl+F9",),
            "bug-outline",
            "Makes the node's last attempt again in a terminal, where pdb begins at the line that fails",
            enabled=front.ask(_has_attempt),
        ),
        Command(
            "run.shell_node",
            "Open a shell in its place",
            front.do(lambda page: start("opening a shell", debugging.open(page, _chosen(page), options=("--shell",)))),
            (),
            "console",
            "A terminal with the folder, variables and inputs of the node's last attempt",
            enabled=front.ask(_has_attempt),
        ),
        Command(
            "run.copy_debug",
            "Copy debug command",
            front.do(lambda page: debugging.copy(page, _chosen(page))),
            (),
            "content-copy",
            "For a terminal elsewhere: makes the node's last attempt again under a debugger",
            enabled=front.ask(_has_attempt),
        ),
    ]


def _breakpoints(window: MainWindow) -> list[Command]:
    front = InFront(window)

    def toggle(when: When) -> Callable[[], None]:
        return front.do(lambda page: _toggle_breakpoints(page, when))

    def is_set(when: When) -> Callable[[], bool]:
        return front.ask(lambda page: any(when in page.breakpoints.at(node) for node in page.level.chosen))

    has_selection = front.ask(lambda page: bool(page.level.chosen))
    return [
        Command(
            "run.break_before",
            "Breakpoint before",
            toggle(When.BEFORE),
            ("F9",),
            "record-circle",
            "Pause each run before this node begins",
            enabled=has_selection,
            checked=is_set(When.BEFORE),
        ),
        Command(
            "run.break_after",
            "Breakpoint after",
            toggle(When.AFTER),
            ("Shift+F9",),
            "record-circle-outline",
            "Pause each run when this node has ended",
            enabled=has_selection,
            checked=is_set(When.AFTER),
        ),
        Command(
            "run.clear_breakpoints",
            "Remove all breakpoints",
            front.do(lambda page: page.breakpoints.clear()),
            ("Ctrl+Shift+F9",),
            enabled=front.ask(lambda page: bool(page.breakpoints.active)),
        ),
    ]


def _toggle_breakpoints(page: Page, when: When) -> None:
    """At every selected node that is run; of a pipeline what is inside is."""
    nodes = page.shown.pipeline.nodes
    for node in sorted(page.shown.selection):
        if nodes[node].is_pipeline:
            page.canvas.say(f"{node} holds nodes: open it with Enter and set the breakpoint at one of them")
        else:
            page.breakpoints.toggle(f"{page.level.prefix}{node}", when)
