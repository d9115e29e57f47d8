"""The questions that the app asks, each in its own words."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtWidgets import QWidget

from treadle_gui.dialogs.question import Answer, Asked, Question
from treadle_gui.style.tokens import Theme

__all__ = ["changed_on_disk", "close_during_run", "no_terminal", "trust", "unsaved", "unsaved_parts"]


def unsaved(theme: Theme, titles: Sequence[str], parent: QWidget | None) -> Question:
    """`save`, `discard`, or "" to stay."""
    one = f"Save the changes to {titles[0]}?" if len(titles) == 1 else f"Save the changes to {len(titles)} pipelines?"
    listed = "" if len(titles) == 1 else "\n".join(titles[:10])
    detail = "\n\n".join(part for part in (listed, "What is not saved is lost when you discard it.") if part)
    answers = (Answer("discard", "Discard"), Answer("", "Cancel"), Answer("save", "Save", "primary"))
    return Question(theme, Asked("Unsaved changes", one, answers, detail, "content-save-alert-outline"), parent)


def changed_on_disk(theme: Theme, path: Path, parent: QWidget | None) -> Question:
    """`overwrite`, `reload`, or "" to do nothing."""
    answers = (Answer("overwrite", "Overwrite", "danger"), Answer("reload", "Reload"), Answer("", "Cancel", "primary"))
    detail = f"{path}\n\nOverwriting loses what the other program wrote. Reloading can be undone."
    words = f"{path.name} was changed by another program"
    return Question(theme, Asked("Changed on disk", words, answers, detail, "file-alert-outline"), parent)


def trust(theme: Theme, folder: Path, parent: QWidget | None) -> Question:
    """`trust`, or "" for not now."""
    detail = (
        f"{folder}\n\n"
        "This project is restricted: you can look at it, edit it and export it, but nothing of it runs. "
        "Running a pipeline runs its components' Python code with your rights, as any program of yours: it can read "
        "and write your files and use the network. Trust a folder only if you know where it comes from.\n\n"
        "Your answer is remembered for this folder."
    )
    answers = (Answer("", "Not now"), Answer("trust", "Trust this folder", "primary"))
    words = "Do you trust the code in this folder?"
    return Question(theme, Asked("Restricted project", words, answers, detail, "shield-lock-outline"), parent)


def close_during_run(theme: Theme, titles: Sequence[str], parent: QWidget | None) -> Question:
    """`keep`, `cancel`, or "" to stay."""
    what = f"{titles[0]} is running" if len(titles) == 1 else f"{len(titles)} pipelines are running"
    detail = (
        "The engine can finish the run without this window. When you open the pipeline again, it is shown as it stands."
    )
    answers = (
        Answer("", "Stay here"),
        Answer("cancel", "Cancel the run", "danger"),
        Answer("keep", "Keep running", "primary"),
    )
    return Question(theme, Asked("A run is going on", what, answers, detail, "play-circle-outline"), parent)


def no_terminal(theme: Theme, command: str, parent: QWidget | None) -> Question:
    """`copy`, or "" to leave it. `command` is what would have run in a terminal."""
    detail = (
        f"{command}\n\n"
        "Run this in a terminal of yours. To have it opened from here, install one that the desktop knows, "
        "or name yours in the variable TERMINAL."
    )
    answers = (Answer("", "Close"), Answer("copy", "Copy", "primary"))
    words = "No terminal was found to debug in"
    return Question(theme, Asked("Debug", words, answers, detail, "console"), parent)


def unsaved_parts(theme: Theme, title: str, parts: Sequence[str], parent: QWidget | None) -> Question:
    """`save`, `without`, or "" to run nothing. `parts` are the pipelines that `title` uses and that have changes."""
    one = f"Save {parts[0]}, which {title} uses?" if len(parts) == 1 else f"Save {len(parts)} pipelines {title} uses?"
    listed = "" if len(parts) == 1 else "\n".join(parts[:10])
    words = "A run reads the files that a pipeline uses from the disk: what is not saved of them is not in it."
    answers = (Answer("", "Cancel"), Answer("without", "Run as saved"), Answer("save", "Save and run", "primary"))
    detail = "\n\n".join(part for part in (listed, words) if part)
    return Question(theme, Asked("Unsaved changes", one, answers, detail, "content-save-alert-outline"), parent)
