"""Keys: what the keyboard does on the canvas. Everything that the mouse can select, move and delete, it can too.

| keys                       | do                                             |
| -------------------------- | ---------------------------------------------- |
| Ctrl+arrows, Home          | walk from node to node (Shift: extend)         |
| arrows, Shift+arrows       | nudge the selection by 8, by 1                 |
| Enter                      | open the node in the inspector                 |
| Tab                        | add a component                                |
| Delete, Backspace          | delete                                         |
| F, Ctrl+0; Shift+F         | fit all; fit the selection                     |
| Ctrl+1, Ctrl++, Ctrl+-     | 100 %, closer, farther                         |
| Esc                        | cancel the gesture, else clear the selection   |
| Space                      | held: drag to pan                              |
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QKeyCombination, Qt
from PySide6.QtGui import QKeyEvent

from treadle.spec import edits
from treadle_gui.canvas.geometry import GRID
from treadle_gui.canvas.gestures.move import moved_label

if TYPE_CHECKING:
    from treadle_gui.canvas.view import PipelineCanvas

__all__ = ["Keys"]

_ARROWS: Final = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, -1),
    Qt.Key.Key_Down: (0, 1),
}
_CTRL: Final = Qt.KeyboardModifier.ControlModifier
_SHIFT: Final = Qt.KeyboardModifier.ShiftModifier
_CLOSER: Final = 1.25


class Keys:
    def __init__(self, canvas: PipelineCanvas) -> None:
        self._canvas = canvas
        self._plain: dict[int, Callable[[], None]] = self._table()

    def _table(self) -> dict[int, Callable[[], None]]:
        canvas, key, ctrl, shift = self._canvas, Qt.Key, _CTRL, _SHIFT
        table: list[tuple[Qt.KeyboardModifier, Qt.Key, Callable[[], None]]] = [
            (Qt.KeyboardModifier.NoModifier, key.Key_Delete, self.delete),
            (Qt.KeyboardModifier.NoModifier, key.Key_Backspace, self._delete_or_go_up),
            (Qt.KeyboardModifier.NoModifier, key.Key_Return, self._activate),
            (Qt.KeyboardModifier.NoModifier, key.Key_Enter, self._activate),
            (Qt.KeyboardModifier.NoModifier, key.Key_Tab, canvas.add_component_here),
            (Qt.KeyboardModifier.NoModifier, key.Key_Escape, self._escape),
            (Qt.KeyboardModifier.NoModifier, key.Key_Home, self._first),
            (Qt.KeyboardModifier.NoModifier, key.Key_F, canvas.fit),
            (shift, key.Key_F, canvas.fit_selection),
            (ctrl, key.Key_0, canvas.fit),
            (ctrl, key.Key_1, lambda: canvas.zoom_to(1.0)),
            (ctrl, key.Key_Plus, lambda: canvas.zoom_by(_CLOSER)),
            (ctrl, key.Key_Equal, lambda: canvas.zoom_by(_CLOSER)),
            (ctrl, key.Key_Minus, lambda: canvas.zoom_by(1 / _CLOSER)),
            (ctrl, key.Key_A, canvas.select_all),
        ]
        return {QKeyCombination(modifier, which).toCombined(): run for modifier, which, run in table}

    def press(self, event: QKeyEvent) -> bool:
        """Whether the key meant something here."""
        modifiers = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        key = Qt.Key(event.key())
        if key in _ARROWS:
            return self._arrow(_ARROWS[key], modifiers)
        if key is Qt.Key.Key_Space and not modifiers:
            self._canvas.hands.hold_space(True)
            return True
        run = self._plain.get(QKeyCombination(modifiers, key).toCombined())
        if run is not None:
            run()
        return run is not None

    def release(self, event: QKeyEvent) -> bool:
        if event.key() == Qt.Key.Key_Space and not event.isAutoRepeat():
            self._canvas.hands.hold_space(False)
            return True
        return False

    def _arrow(self, direction: tuple[int, int], modifiers: Qt.KeyboardModifier) -> bool:
        if modifiers & _CTRL:
            self._walk(direction, extend=bool(modifiers & _SHIFT))
        else:
            self._nudge(direction, 1 if modifiers & _SHIFT else GRID)
        return True

    def _walk(self, direction: tuple[int, int], *, extend: bool) -> None:
        hands, mirror = self._canvas.hands, self._canvas.stage.mirror
        if hands.current is None:
            self._first()
            return
        following = mirror.next_in(hands.current, *direction)
        if following is not None:
            self._go(following, extend=extend)

    def _first(self) -> None:
        order = self._canvas.stage.mirror.reading_order()
        if order:
            self._go(order[0], extend=False)

    def _go(self, node: str, *, extend: bool) -> None:
        document = self._canvas.document
        document.select({*document.selection, node} if extend else {node})
        self._canvas.hands.walk_to(node)
        self._canvas.camera.reveal(self._canvas.stage.nodes[node].box(), 0.0)

    def _nudge(self, direction: tuple[int, int], step: float) -> None:
        stage, document = self._canvas.stage, self._canvas.document
        chosen = document.selection & stage.nodes.keys()
        if not chosen:
            self._canvas.scroll_by(direction[0] * 64, direction[1] * 64)
            return
        positions = {
            name: (stage.nodes[name].x() + direction[0] * step, stage.nodes[name].y() + direction[1] * step)
            for name in chosen
        }
        label = moved_label(len(chosen), stage.nodes[next(iter(chosen))].face.title)
        document.edit(label, lambda pipeline: edits.move(pipeline, positions), merge="nudge")

    def _activate(self) -> None:
        hands, selection = self._canvas.hands, self._canvas.document.selection
        node = hands.current if hands.current in selection or not selection else min(selection)
        if node is not None:
            self._canvas.node_activated.emit(node)

    def _escape(self) -> None:
        canvas = self._canvas
        if canvas.hands.cancel():
            return
        if not canvas.document.selection and canvas.hands.chosen_edge is None:
            canvas.up_requested.emit()
            return
        canvas.hands.choose_edge(None)
        canvas.document.select(())

    def delete(self) -> None:
        """The selected nodes with their edges, or the chosen edge."""
        document, hands = self._canvas.document, self._canvas.hands
        chosen, edge = document.selection, hands.chosen_edge
        if chosen:
            title = self._canvas.stage.nodes[next(iter(chosen))].face.title
            label = f"Delete {title}" if len(chosen) == 1 else f"Delete {len(chosen)} nodes"
            document.edit(label, lambda pipeline: edits.remove_nodes(pipeline, chosen))
        elif edge is not None:
            hands.choose_edge(None)
            document.edit_drawn(f"Disconnect {edge.target}", lambda pipeline: edits.disconnect(pipeline, edge))

    def _delete_or_go_up(self) -> None:
        """Backspace deletes what is selected; where nothing is, it goes back as it does in a browser."""
        if self._canvas.document.selection or self._canvas.hands.chosen_edge is not None:
            self.delete()
        else:
            self._canvas.up_requested.emit()
