"""Nodes folded into one and unfolded again: the Group part of the Edit menu."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from treadle.spec.file_format import write
from treadle.spec.folding import NotFoldable, fold, unfold, use_file
from treadle.spec.lifting import held
from treadle.spec.pipeline import SUFFIX, Node
from treadle.store.atomic import write_atomic
from treadle_gui.dialogs.asking import ask_save
from treadle_gui.window.commands.command import Command
from treadle_gui.window.commands.in_front import InFront, is_chosen
from treadle_gui.window.page import Page

if TYPE_CHECKING:
    from treadle_gui.window.main_window import MainWindow

__all__ = ["group_commands"]


def group_commands(window: MainWindow) -> list[Command]:
    return [*_making(window), *_going(window)]


def _making(window: MainWindow) -> list[Command]:
    front = InFront(window)
    return [
        Command(
            "group.fold",
            "Group",
            front.do(lambda page: _fold(window, page)),
            ("Ctrl+G",),
            "group",
            "Fold the selected nodes into one",
            enabled=front.ask(is_chosen),
        ),
        Command(
            "group.unfold",
            "Ungroup",
            front.do(lambda page: _unfold(window, page)),
            ("Ctrl+Shift+G",),
            "ungroup",
            "Put the nodes inside in the place of this one",
            enabled=front.ask(lambda page: _chosen(page) is not None),
        ),
        Command(
            "group.save",
            "Save group as pipeline file…",
            front.do(lambda page: window.start("saving a group", _save(window, page))),
            (),
            "content-save-move-outline",
            "Make a file of it that other pipelines can use",
            enabled=front.ask(lambda page: _holds(_chosen(page))),
        ),
    ]


def _going(window: MainWindow) -> list[Command]:
    front = InFront(window)
    return [
        Command(
            "group.enter",
            "Open group",
            front.do(lambda page: window.activating.activate(min(page.shown.selection))),
            (),
            "arrow-expand",
            "Show what is inside",
            enabled=front.ask(lambda page: _chosen(page) is not None),
        ),
        Command(
            "group.leave",
            "Leave group",
            front.do(lambda page: page.level.leave()),
            ("Alt+Up",),
            "arrow-up-left",
            "Back to the pipeline around",
            enabled=front.ask(lambda page: bool(page.level.way)),
        ),
    ]


def _chosen(page: Page) -> Node | None:
    """The one selected node, if it is a pipeline."""
    selection = page.shown.selection
    node = page.shown.pipeline.nodes.get(min(selection)) if len(selection) == 1 else None
    return node if node is not None and node.is_pipeline else None


def _holds(node: Node | None) -> bool:
    return node is not None and node.pipeline is not None


def _fold(window: MainWindow, page: Page) -> None:
    document, ids = page.shown, page.shown.selection
    try:
        after, group = fold(document.pipeline, ids)
    except NotFoldable as refusal:
        window.status.say(f"These can't be a group: {refusal}")
        return
    document.edit(f"Group {len(ids)} node{'s' * (len(ids) != 1)}", lambda _before: after, select={group})


def _unfold(window: MainWindow, page: Page) -> None:
    document, node = page.shown, _chosen(page)
    if node is None:
        return
    try:
        after, ids = unfold(document.pipeline, node.id, document.catalog.pipelines, document.components.get)
    except NotFoldable as refusal:
        window.status.say(f"It can't be ungrouped: {refusal}")
        return
    document.edit(f"Ungroup {node.id}", lambda _before: after, select=ids)


async def _save(window: MainWindow, page: Page) -> None:
    """Writes what the group holds as a file of the project, which the node then uses."""
    node, document = _chosen(page), page.shown
    inside = held(document.pipeline, (node.id,)) if node is not None else None
    if node is None or inside is None:
        return
    root = page.project.root
    place = str(root / f"{node.id}{SUFFIX}")
    chosen = await ask_save(window, "Save the group", place, [f"*{SUFFIX}"], SUFFIX)
    if chosen is None:
        return
    file = Path(chosen)
    if not file.is_relative_to(root):
        window.status.say("A pipeline that others use has to lie in the project's folder.")
        return
    try:
        write_atomic(file, write(inside).encode())
    except OSError as error:
        window.status.say(f"The group can't be saved: {error.strerror or error}")
        return
    uses = file.relative_to(root).as_posix()
    document.edit(f"Use {uses}", lambda pipeline: use_file(pipeline, node.id, uses))
    window.catalogs.look()
