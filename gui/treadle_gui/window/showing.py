"""Showing: the dialogs and sheets that the main window opens over itself."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QDialog

from treadle_gui.dialogs.about import About
from treadle_gui.dialogs.asking import ask, ask_save
from treadle_gui.dialogs.export import ExportDialog
from treadle_gui.dialogs.pipeline_parameter import PipelineParameterDialog, change_parameter
from treadle_gui.dialogs.preferences import Preferences
from treadle_gui.dialogs.secrets import Keeping, SecretsDialog
from treadle_gui.dialogs.shortcuts import Shortcuts
from treadle_gui.window.command_palette import CommandPalette
from treadle_gui.window.page import Page
from treadle_gui.window.sources import show_source, source_path, write_export

if TYPE_CHECKING:
    from treadle_gui.window.main_window import MainWindow

__all__ = ["EDITED_ELSEWHERE", "Showing"]

EDITED_ELSEWHERE: Final = frozenset({
    ".bash", ".ipynb", ".jl", ".js", ".lua", ".pl", ".py", ".r", ".rb", ".sh", ".sql", ".zsh",
})  # fmt: skip
"""Suffixes of programs that a desktop opens in an editor; any other might be run by it, and is only shown."""


class Showing:
    """Each is for the page that is in front when it is asked for."""

    def __init__(self, window: MainWindow) -> None:
        self._window = window

    def show_source_of(self, uses: str) -> None:
        page = self._window.page
        component = page.document.catalog.components.get(uses) if page is not None else None
        if page is not None and component is not None:
            self.show_file(source_path(component, page.project.root), component.source.line)

    def show_file(self, path: Path, line: int | None) -> None:
        window = self._window
        window.start("showing a source", show_source(window, path, line, window.theme, window.status.say))

    def show_program(self, path: str) -> None:
        """The file of a script or a notebook, as the pipeline names it."""
        page = self._window.page
        if page is not None:
            self.show_file(page.project.root / path, None)

    def edit_program(self, path: str) -> None:
        """In whatever the person's desktop edits such files with."""
        page = self._window.page
        if page is None:
            return
        file = page.project.root / path
        if file.suffix.lower() not in EDITED_ELSEWHERE or not file.is_file():
            self.show_program(path)
        elif not QDesktopServices.openUrl(QUrl.fromLocalFile(str(file))):
            self._window.status.say(f"Nothing on this desktop opens {file.suffix} files")

    def show_commands(self) -> None:
        self._window.commands.refresh()
        CommandPalette(self._window.commands, self._window.theme, self._window).open_over(self._window)

    def show_export(self, page: Page) -> None:
        """Beside the canvas, and open while a person goes on editing."""
        dialog = ExportDialog(page.document, self._window.services.export, self._window.theme, self._window)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.node_requested.connect(self._window.reveal)
        dialog.save_requested.connect(
            lambda target, text: self._window.start("exporting", self._save_export(page, target.suffix, text))
        )
        page.destroyed.connect(dialog.close)
        dialog.show()
        dialog.move(self._window.geometry().right() - dialog.width() - 24, self._window.geometry().top() + 96)

    async def _save_export(self, page: Page, suffix: str, text: str) -> None:
        folder = page.document.path.parent if page.document.path is not None else self._window.services.folder
        place = str(folder / f"{page.document.title}{suffix}")
        file = await ask_save(self._window, "Save the export", place, [f"*{suffix}", "All files (*)"], suffix)
        if file is not None:
            await write_export(Path(file), text, self._window.status.say)

    def edit_parameter(self, name: str) -> None:
        self._window.start("editing a parameter", self._ask_parameter(name))

    async def _ask_parameter(self, name: str) -> None:
        page = self._window.page
        if page is None:
            return
        params = page.shown.pipeline.params
        dialog = PipelineParameterDialog(params.get(name), list(params), self._window)
        if await ask(dialog):
            parameter = dialog.parameter()
            page.shown.edit(f"Set parameter {parameter.name}", partial(change_parameter, old=name, new=parameter))

    def show_preferences(self) -> None:
        dialog = Preferences(self._window.services.settings, self._window)
        dialog.theme_chosen.connect(self._window.theming.choose)
        dialog.motion_chosen.connect(self._window.page_settings.set_motion)
        dialog.autosave_chosen.connect(self._window.page_settings.set_autosave)
        self._open(dialog)

    def show_secrets(self) -> None:
        dialog = SecretsDialog(self._window)
        keeping = Keeping(dialog)
        for signal, work in ((dialog.set_requested, keeping.keep), (dialog.delete_requested, keeping.forget)):
            signal.connect(lambda *words, work=work: self._window.start("keeping a secret", work(*words)))
        self._window.start("listing secrets", keeping.list())
        self._open(dialog)

    def show_about(self) -> None:
        self._open(About(self._window))

    def show_shortcuts(self) -> None:
        self._open(Shortcuts(self._window.commands, self._window))

    def _open(self, dialog: QDialog) -> None:
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()
