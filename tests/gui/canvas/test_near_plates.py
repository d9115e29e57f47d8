"""Nodes from halfway off as pictures: painted once for all that look alike, anew for another zoom."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QGuiApplication, QImage, QPainter, QTransform

from treadle_gui.canvas.near_plates import NearPlates

AREA = QRectF(-4, -4, 28, 18)


class Paper:
    """An image to paint plates on, which counts how often one was made."""

    def __init__(self) -> None:
        self.image = QImage(60, 40, QImage.Format.Format_ARGB32_Premultiplied)
        self.image.fill(Qt.GlobalColor.white)
        self.plates = NearPlates()
        self.made: list[str] = []

    def paint(self, look: str, colour: str, x: float, level: float = 1.0) -> None:
        painter = QPainter(self.image)
        painter.setWorldTransform(QTransform(level, 0, 0, level, x, 10))

        def box(to: QPainter) -> None:
            self.made.append(look)
            to.fillRect(QRectF(0, 0, 10, 10), QColor(colour))

        self.plates.paint(painter, look, AREA, box)
        painter.fillRect(QRectF(0, 12, 2, 2), QColor("black"))
        painter.end()

    def colour(self, x: int, y: int) -> str:
        return self.image.pixelColor(x, y).name()


@pytest.fixture
def paper(qapp: QGuiApplication) -> Paper:
    return Paper()


def test_a_plate_lies_where_the_node_is(paper: Paper) -> None:
    paper.paint("a", "red", 5)
    assert paper.colour(4, 12) == "#ffffff"
    assert paper.colour(5, 10) == "#ff0000"
    assert paper.colour(14, 19) == "#ff0000"
    assert paper.colour(15, 20) == "#ffffff"


def test_what_looks_alike_is_painted_once(paper: Paper) -> None:
    paper.paint("a", "red", 5)
    paper.paint("a", "red", 30)
    assert paper.made == ["a"]
    assert paper.colour(30, 10) == "#ff0000"


def test_another_look_has_its_own_plate(paper: Paper) -> None:
    paper.paint("a", "red", 5)
    paper.paint("b", "blue", 30)
    assert (paper.colour(6, 12), paper.colour(31, 12)) == ("#ff0000", "#0000ff")


def test_another_zoom_has_other_plates(paper: Paper) -> None:
    paper.paint("a", "red", 5)
    paper.paint("a", "red", 30, level=0.5)
    assert paper.made == ["a", "a"]
    assert (paper.colour(34, 14), paper.colour(36, 16)) == ("#ff0000", "#ffffff")


def test_between_two_pixels_a_plate_lies_on_the_nearest(paper: Paper) -> None:
    paper.paint("a", "red", 5.6)
    assert (paper.colour(5, 12), paper.colour(6, 12)) == ("#ffffff", "#ff0000")


def test_what_is_painted_after_it_is_where_it_was(paper: Paper) -> None:
    paper.paint("a", "red", 5)
    assert paper.colour(5, 22) == "#000000"
