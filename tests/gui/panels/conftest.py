"""An inspector of the test's own document."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from treadle_gui.document.document import Document
from treadle_gui.panels.inspector.inspector import Inspector
from treadle_gui.style.tokens import Theme


@pytest.fixture
def inspector(document: Document, theme: Theme, qtbot: QtBot) -> Inspector:
    made = Inspector(theme)
    qtbot.addWidget(made)
    made.set_document(document)
    made.show()
    return made
