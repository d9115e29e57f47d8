"""PySide6 6.12.0 on Python 3.11 drops a reference to None on every void call and aborts in seconds of repainting."""

import sys

from PySide6.QtGui import QImage, QPainter, QPen


def test_void_calls_leave_the_references_to_none_alone(qapp):
    image = QImage(8, 8, QImage.Format.Format_ARGB32)
    painter = QPainter(image)
    pen = QPen()
    painter.setPen(pen)
    before = sys.getrefcount(None)
    for _ in range(1_000):
        painter.setPen(pen)
    after = sys.getrefcount(None)
    painter.end()
    assert abs(after - before) < 100
