"""ShownDocument: keeps a canvas showing one document, the whole of an open pipeline or what one of its nodes holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from treadle.spec.pipeline import Pipeline

if TYPE_CHECKING:
    from treadle_gui.canvas.view import PipelineCanvas
    from treadle_gui.document.document import Document

__all__ = ["ShownDocument"]


class ShownDocument(QObject):
    """Lives with its canvas, or a document that outlives that would go on telling it."""

    def __init__(self, canvas: PipelineCanvas, document: Document) -> None:
        super().__init__(canvas)
        self._canvas = canvas
        self._document = document
        self._take()

    def exchange(self, document: Document) -> None:
        """Shows another document, as if it had been opened just now."""
        before, canvas = self._document, self._canvas
        before.changed.disconnect(self._show_pipeline)
        before.selection_changed.disconnect(canvas.show_selection)
        before.problems_changed.disconnect(self._show_problems)
        before.catalog_changed.disconnect(self._show_catalog)
        self._document = document
        canvas.settle()
        canvas.stage.set_problems(())
        canvas.stage.apply(Pipeline())
        canvas.hands.forget_gone()
        self._take()

    def _take(self) -> None:
        document, stage = self._document, self._canvas.stage
        stage.components = document.drawn.components
        stage.apply(document.drawn.pipeline)
        stage.set_problems(document.problems)
        document.changed.connect(self._show_pipeline)
        document.selection_changed.connect(self._canvas.show_selection)
        document.problems_changed.connect(self._show_problems)
        document.catalog_changed.connect(self._show_catalog)
        self._canvas.show_selection(document.selection)

    def _show_pipeline(self, _old: Pipeline, _new: Pipeline) -> None:
        canvas, drawn = self._canvas, self._document.drawn
        canvas.settle()
        canvas.stage.components = drawn.components
        canvas.stage.apply(drawn.pipeline)
        canvas.camera.is_fitted = False
        canvas.hands.forget_gone()
        self._changed_much()

    def _show_problems(self, _problems: object) -> None:
        self._canvas.stage.set_problems(self._document.problems)
        self._changed_much()

    def _show_catalog(self, _catalog: object) -> None:
        self._canvas.stage.set_components(self._document.drawn.components)
        self._changed_much()

    def _changed_much(self) -> None:
        self._canvas.viewport().update()
        self._canvas.overlays.refresh()
