"""The palette: what it lists, how a search ranks it, and what a drag carries."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from treadle.spec.component import Component, SourceRef
from treadle.spec.problems import Problem, Where
from treadle.spec.subpipelines import PipelineFiles
from treadle_gui.panels.palette import Palette
from treadle_gui.panels.palette_model import COMPONENT_MIME, FAVOURITES, PROJECT, describe, search, sections
from treadle_gui.panels.palette_ranking import fit, ranked
from treadle_gui.style.tokens import Theme

pytestmark = pytest.mark.qt_log_ignore("does not support propagateSizeHints", extend=True)


def component(uses: str, title: str, category: str = "Data", *, builtin: bool = True, summary: str = "") -> Component:
    module, _, function = uses.partition(".")
    source = SourceRef(f"{module}.py", module, function, 1)
    return Component(uses, title, source, category=category, builtin=builtin, summary=summary)


ALL = (
    component("data.read_csv", "Read CSV", summary="Reads a table from a file."),
    component("train.random_forest", "Random forest", "Train"),
    component("train.gradient_boosting", "Gradient boosting", "Train"),
    component("prepare.train_test_split", "Train test split", "Prepare"),
    component("flights.clean", "Clean flights", "Prepare", builtin=False),
)


class Catalog:
    def __init__(self, *problems: Problem) -> None:
        self.components = {each.uses: each for each in ALL}
        self.pipelines: PipelineFiles = {}
        self.problems = problems


@pytest.fixture
def palette(theme: Theme, qtbot: QtBot) -> Palette:
    made = Palette(theme)
    qtbot.addWidget(made)
    made.set_catalog(Catalog())
    return made


def test_closer_fits_rank_higher() -> None:
    texts = ["Random forest", "Forest", "Forest plot", "Deforestation", "Far from here, set it"]
    assert ranked("forest", texts, lambda text: [(text, 1.0)])[:4] == [
        "Forest",
        "Forest plot",
        "Random forest",
        "Deforestation",
    ]


@pytest.mark.parametrize(
    ("query", "text"), [("rf", "Random forest"), ("tts", "Train test split"), ("rdcsv", "Read CSV")]
)
def test_initials_and_letters_in_order_fit(query: str, text: str) -> None:
    assert fit(query, text) is not None


def test_letters_out_of_order_do_not_fit() -> None:
    assert fit("vsc", "Read CSV") is None


def test_a_search_finds_by_title_name_and_summary() -> None:
    assert search("forest", ALL)[0].uses == "train.random_forest"
    assert search("test_split", ALL)[0].uses == "prepare.train_test_split"
    assert [found.uses for found in search("table", ALL)] == ["data.read_csv"]


def test_favourites_and_the_projects_own_come_first() -> None:
    made = sections(ALL, frozenset({"data.read_csv"}))
    assert [section.name for section in made] == [FAVOURITES, PROJECT, "Data", "Prepare", "Train"]


def test_a_drag_carries_the_components_name(palette: Palette) -> None:
    index = palette.model.find("train.random_forest")
    assert bytes(palette.model.mimeData([index]).data(COMPONENT_MIME).data()) == b"train.random_forest"


def test_enter_in_the_search_adds_the_best_fit(palette: Palette, qtbot: QtBot) -> None:
    palette.show()
    qtbot.keyClicks(palette.search, "forest")
    with qtbot.waitSignal(palette.add_requested) as told:
        qtbot.keyClick(palette.search, Qt.Key.Key_Return)
    assert told.args == ["train.random_forest"]


def test_a_star_is_told_and_shown_in_its_own_section(palette: Palette, qtbot: QtBot) -> None:
    with qtbot.waitSignal(palette.favourites_changed) as told:
        palette.toggle_favourite("data.read_csv")
    assert told.args == [frozenset({"data.read_csv"})]
    assert palette.shown()[0] == "data.read_csv"


def test_folding_a_section_is_remembered_while_searching(palette: Palette, qtbot: QtBot) -> None:
    head = palette.model.index(0, 0)
    palette.tree.collapse(head)
    palette.search.setText("forest")
    palette.search.clear()
    assert not palette.tree.isExpanded(palette.model.index(0, 0))


def test_a_new_catalog_keeps_the_search_and_tells_of_broken_files(palette: Palette) -> None:
    palette.search.setText("forest")
    palette.set_catalog(Catalog(Problem("syntax", "No", Where("components/x.py", 3))))
    assert palette.shown() == ["train.random_forest"]
    assert not palette._broken.isHidden()


def test_what_an_author_wrote_is_shown_not_interpreted() -> None:
    tip = describe(component("x.y", "<img src=x>", summary="<b>bold</b>"))
    assert "<img" not in tip
    assert "&lt;b&gt;" in tip


def test_a_category_is_folded_and_opened_by_enter(palette: Palette, qtbot: QtBot) -> None:
    head = palette.model.index(0, 0)
    palette.tree.setCurrentIndex(head)
    was_open = palette.tree.isExpanded(head)
    qtbot.keyClick(palette.tree, Qt.Key.Key_Return)
    assert palette.tree.isExpanded(head) is not was_open
