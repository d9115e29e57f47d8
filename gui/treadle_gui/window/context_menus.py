"""What a right click on the canvas offers: for a node, an edge, or the ground. Mostly commands that stand elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Final

from PySide6.QtWidgets import QMenu, QWidget

from treadle.spec.borders import is_border
from treadle.spec.edits import set_after
from treadle.spec.pipeline import Edge
from treadle_gui.panels.inspector.after import may_wait_for
from treadle_gui.window.commands.command import Commands
from treadle_gui.window.page import Page

__all__ = ["context_menu"]

_LINE: Final = ""
_RUN: Final = (
    "run.to_node", "run.from_node", "run.only_node", "run.retry_node", "run.cancel_node", _LINE, "run.debug_node",
    "run.shell_node", "run.copy_debug",
)  # fmt: skip
_BREAKPOINTS: Final = (_LINE, "run.break_before", "run.break_after", _LINE)
_NODE: Final = (
    "edit.rename", "edit.connect", "edit.disconnect", _LINE, "group.fold", "group.unfold", "group.enter",
    "group.save", _LINE, "edit.cut", "edit.copy", "edit.paste", "edit.duplicate", "edit.delete",
)  # fmt: skip
_WHERE_POSSIBLE: Final = frozenset({
    "run.retry_node", "run.cancel_node", "run.debug_node", "run.shell_node", "run.copy_debug", "edit.connect",
    "edit.disconnect", "group.unfold", "group.enter", "group.save",
})  # fmt: skip
"""What a menu has only for nodes that it is for; all else keeps its place, faint where it can't be done now."""
_GROUND: Final = ("edit.add", "edit.paste", "edit.select_all", _LINE, "view.fit", "view.arrange")
_MOST: Final = 40
"""So many nodes are offered to wait for; the inspector offers all of them."""


def context_menu(
    what: str, which: object, page: Page, commands: Commands, show_log: Callable[[str], object], parent: QWidget,
) -> QMenu:  # fmt: skip
    """The menu for `what` ("node", "edge", "canvas"); `which` is the node's id or the Edge."""
    commands.refresh()
    menu = QMenu(parent)
    if what == "node" and isinstance(which, str) and which in page.shown.pipeline.nodes:
        _for_node(menu, which, page, commands, show_log)
    elif isinstance(which, Edge):
        menu.addAction("Disconnect").triggered.connect(page.canvas.delete_selection)
        menu.addSeparator()
        for node in (which.source.node, which.target.node):
            if not is_border(node):
                menu.addAction(_plain(f"Go to {node}")).triggered.connect(partial(_reveal, page, node))
    else:
        _add(menu, commands, _GROUND)
    return menu


def _for_node(menu: QMenu, node: str, page: Page, commands: Commands, show_log: Callable[[str], object]) -> None:
    _add(menu, commands, _RUN)
    menu.addAction("Show log").triggered.connect(lambda: show_log(f"{page.level.prefix}{node}"))
    _add(menu, commands, _BREAKPOINTS)
    pipeline = page.shown.pipeline
    wait = menu.addMenu("Wait for")
    wait.setToolTipsVisible(True)
    others = may_wait_for(pipeline, node)[:_MOST]
    wait.setEnabled(bool(others))
    for other in others:
        wait.addAction(_plain(other)).triggered.connect(partial(_wait_for, page, node, other))
    _add(menu, commands, _NODE)


def _add(menu: QMenu, commands: Commands, names: tuple[str, ...]) -> None:
    for name in names:
        if not name:
            menu.addSeparator()
        elif name not in _WHERE_POSSIBLE or commands.action(name).isEnabled():
            menu.addAction(commands.action(name))


def _wait_for(page: Page, node: str, other: str) -> None:
    after = (*page.shown.pipeline.nodes[node].after, other)
    page.shown.edit(f"Let {node} wait for {other}", lambda pipeline: set_after(pipeline, node, after))


def _reveal(page: Page, node: str) -> None:
    page.canvas.reveal(node)


def _plain(text: str) -> str:
    """`&` in a name is a letter, not a mnemonic."""
    return text.replace("&", "&&")
