"""InFront: deeds for, and questions about, whatever pipeline is in front when they are asked for.

A command is made once, before there is a pipeline; without one nothing is done, and no question is true.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from treadle_gui.window.page import Page

__all__ = ["HasPage", "InFront", "is_chosen", "one_is_chosen"]


class HasPage(Protocol):
    @property
    def page(self) -> Page | None: ...


@dataclass(frozen=True, slots=True)
class InFront:
    window: HasPage

    def do(self, work: Callable[[Page], object]) -> Callable[[], None]:
        """Makes a deed for a page one for the page in front."""

        def run() -> None:
            if self.window.page is not None:
                work(self.window.page)

        return run

    def ask(self, question: Callable[[Page], bool]) -> Callable[[], bool]:
        """Makes a question about a page one about the page in front."""
        return lambda: self.window.page is not None and question(self.window.page)


def is_chosen(page: Page) -> bool:
    return bool(page.shown.selection)


def one_is_chosen(page: Page) -> bool:
    return len(page.shown.selection) == 1
