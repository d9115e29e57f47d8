"""A display that cannot be reached is told in a sentence; Qt itself would end the process with an abort."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from PySide6.QtCore import QMessageLogContext, QtMsgType, qInstallMessageHandler

__all__ = ["telling_if_missing"]


@contextmanager
def telling_if_missing() -> Iterator[None]:
    """While the QApplication is made. What Qt says otherwise goes to stderr as ever."""
    before = qInstallMessageHandler(_tell)
    try:
        yield
    finally:
        qInstallMessageHandler(before)


def _tell(kind: QtMsgType, context: QMessageLogContext, message: str) -> None:
    if kind is not QtMsgType.QtFatalMsg:
        print(message, file=sys.stderr)
        return
    display = os.environ.get("WAYLAND_DISPLAY") or os.environ.get("DISPLAY") or "none is named"
    print(
        f"treadle: the window can't open: no display can be reached ({display}).\n"
        "Without a display, run a pipeline with `treadle run FILE`.",
        file=sys.stderr,
        flush=True,
    )
    os._exit(1)  # Qt aborts as soon as this returns
