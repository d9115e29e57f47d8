"""Wiring: which signal of one room leads to which deed of another. To know who hears of something, look here."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from treadle.spec.problems import Problem
from treadle_gui.window.page import Page

if TYPE_CHECKING:
    from treadle_gui.window.main_window import MainWindow

__all__ = ["wire"]


def wire(window: MainWindow) -> None:
    """Connects the rooms of a window that has them all; each page is connected when it opens."""
    _wire_files(window)
    _wire_runs(window)
    _wire_looks(window)
    _wire_palette(window)
    _wire_inspector(window)
    _wire_panes(window)


def _wire_files(window: MainWindow) -> None:
    welcome, filing, tabs = window.tabs.welcome, window.filing, window.tabs
    welcome.new_requested.connect(filing.new)
    welcome.open_requested.connect(lambda: window.commands.run("file.open"))
    welcome.path_requested.connect(window.open_path)
    welcome.example_requested.connect(window.open_example)
    window.recent.chosen.connect(window.open_path)
    filing.opened.connect(partial(_wire_page, window))
    for room in (filing, window.saving):
        room.told.connect(window.status.say)
        room.recent_changed.connect(window.recent.show)
    tabs.current_changed.connect(window.following.follow)
    tabs.current_changed.connect(window.show_name)
    tabs.close_requested.connect(window.close_page)
    window.closing.settled.connect(window.finish)
    window.projects.home_loaded.connect(window.following.set_catalog_at_home)
    window.projects.moved.connect(window.following.show_project)
    window.projects.moved.connect(window.commands.refresh)


def _wire_runs(window: MainWindow) -> None:
    controls = window.run_controls
    controls.told.connect(window.status.say)
    controls.changed.connect(window.following.refresh_trust)
    controls.changed.connect(window.commands.refresh)
    controls.refused.connect(partial(_show_refusals, window))
    window.debugging.told.connect(window.status.say)
    window.collecting.told.connect(window.status.say)
    window.project_settings.told.connect(window.status.say)
    window.project_settings.changed.connect(window.following.refresh_trust)
    window.project_settings.changed.connect(window.commands.refresh)
    window.status.trust_requested.connect(window.ask_trust)


def _wire_looks(window: MainWindow) -> None:
    window.theming.changed.connect(window.show_theme)
    window.following.changed.connect(window.commands.refresh)
    window.status.zoom_requested.connect(lambda: window.commands.run("view.zoom_reset"))


def _wire_palette(window: MainWindow) -> None:
    palette, settings = window.panes.palette, window.services.settings
    palette.set_favourites(settings.favourites)
    palette.set_collapsed(settings.collapsed)
    palette.favourites_changed.connect(lambda names: setattr(settings, "favourites", names))
    palette.collapsed_changed.connect(lambda names: setattr(settings, "collapsed", names))
    palette.add_requested.connect(window.add_component)
    palette.source_requested.connect(window.activating.show_uses)
    palette.problems_requested.connect(lambda: window.panes.bring_up("problems"))


def _wire_inspector(window: MainWindow) -> None:
    inspector = window.panes.inspector
    inspector.node_requested.connect(window.reveal)
    inspector.source_requested.connect(window.activating.show_uses)
    inspector.file_requested.connect(window.showing.show_program)
    inspector.editor_requested.connect(window.showing.edit_program)
    inspector.parameter_requested.connect(window.showing.edit_parameter)
    inspector.copy_requested.connect(lambda: window.commands.run("edit.copy"))
    inspector.delete_requested.connect(lambda: window.commands.run("edit.delete"))


def _wire_panes(window: MainWindow) -> None:
    problems, run = window.panes.problems, window.panes.run
    problems.problem_activated.connect(window.activating.show_problem)
    problems.run_problem_activated.connect(window.activating.show_log)
    run.node_chosen.connect(window.reveal)
    run.item_chosen.connect(window.activating.show_log)
    run.item_menu_requested.connect(window.show_item_menu)
    run.told.connect(window.status.say)


def _wire_page(window: MainWindow, page: Page) -> None:
    """A page that was opened, once it is in its tab."""
    canvas, document = page.canvas, page.document
    window.saving.attend(page)
    window.projects.attend(page)
    window.page_settings.apply(page)
    window.run_controls.attend(page)
    canvas.node_activated.connect(window.activating.activate)
    canvas.context_requested.connect(window.show_context_menu)
    canvas.open_requested.connect(lambda: window.commands.run("file.open"))
    canvas.example_requested.connect(window.open_first_example)
    page.level.file_requested.connect(window.activating.open_file)
    document.path_changed.connect(window.show_name)
    document.dirty_changed.connect(window.show_name)
    canvas.fit()
    canvas.setFocus()
    window.start("looking for a run", window.run_controls.find_unfinished(page))


def _show_refusals(window: MainWindow, problems: tuple[Problem, ...]) -> None:
    window.panes.problems.set_refusals(problems)
    if problems:
        window.panes.bring_up("problems")
