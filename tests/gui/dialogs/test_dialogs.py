"""The dialogs: what they ask, what they refuse, and what they hand back."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit, QPushButton
from pytestqt.qtbot import QtBot

from treadle.spec.pipeline import Node, Pipeline, PipelineParameter
from treadle.spec.problems import Problem, Severity, Where
from treadle.spec.types import ParameterKind as Kind
from treadle.spec.types import ParameterType, Property
from treadle.store.keyring import Keyring, NoKeyring
from treadle_gui.dialogs.export import ExportDialog
from treadle_gui.dialogs.pipeline_parameter import PipelineParameterDialog, change_parameter, read_default
from treadle_gui.dialogs.preferences import Preferences
from treadle_gui.dialogs.question import Answer, Asked, Question
from treadle_gui.dialogs.questions import trust, unsaved
from treadle_gui.dialogs.recovery import RecoveryDialog
from treadle_gui.dialogs.run_parameters import RunParameters, fitting, missing
from treadle_gui.dialogs.secrets import Keeping, SecretsDialog
from treadle_gui.document.document import Document
from treadle_gui.document.recovery import Recovered
from treadle_gui.panels.fields.numbers import NumberField
from treadle_gui.settings import Settings
from treadle_gui.style.tokens import Theme
from treadle_gui.style.widgets import PlainLabel

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")

RATE = PipelineParameter("rate", ParameterType(Kind.FLOAT, minimum=0, maximum=1), 0.5)
TARGET = PipelineParameter("target", ParameterType(Kind.STR), required=True)


def test_a_question_tells_which_button_was_pressed(theme: Theme, qtbot: QtBot) -> None:
    question = Question(theme, Asked("Title", "<b>Really?</b>", (Answer("no", "No"), Answer("yes", "Yes", "primary"))))
    qtbot.addWidget(question)
    question.buttons["no"].click()
    assert question.answer == "no"
    assert question.buttons["yes"].isDefault()


def test_closing_a_question_answers_nothing(theme: Theme, qtbot: QtBot) -> None:
    question = unsaved(theme, ["churn"], None)
    qtbot.addWidget(question)
    question.reject()
    assert question.answer == ""


def test_trust_names_the_folder(theme: Theme, qtbot: QtBot) -> None:
    question = trust(theme, Path("/home/me/churn"), None)
    qtbot.addWidget(question)
    assert any("/home/me/churn" in label.text() for label in question.findChildren(PlainLabel))
    assert set(question.buttons) == {"", "trust"}


def test_a_required_parameter_keeps_run_shut_until_it_is_given(theme: Theme, qtbot: QtBot) -> None:
    dialog = RunParameters({"rate": RATE, "target": TARGET}, {}, theme)
    qtbot.addWidget(dialog)
    assert not dialog.ok.isEnabled()
    dialog.rows["target"].field.edited.emit("churned")
    assert dialog.ok.isEnabled()
    assert dialog.values == {"target": "churned"}


def test_the_first_that_is_needed_has_the_focus_and_each_says_what_it_is_for(theme: Theme, qtbot: QtBot) -> None:
    rounds = PipelineParameter("rounds", ParameterType(Kind.INT), 3, help="How many trees.")
    key = PipelineParameter("key", ParameterType(Kind.STR), None, required=True)
    dialog = RunParameters({"rounds": rounds, "key": key}, {}, theme)
    qtbot.addWidget(dialog)
    dialog.show()
    qtbot.waitUntil(lambda: dialog.rows["key"].isAncestorOf(dialog.focusWidget()))
    assert "How many trees." in [label.text() for label in dialog.findChildren(PlainLabel)]


def test_a_value_out_of_bounds_keeps_run_shut(theme: Theme, qtbot: QtBot) -> None:
    dialog = RunParameters({"rate": RATE}, {}, theme)
    qtbot.addWidget(dialog)
    field = dialog.rows["rate"].field
    assert isinstance(field, NumberField)
    field.line.clear()
    qtbot.keyClicks(field.line, "7")
    assert not dialog.ok.isEnabled()


def test_run_says_why_it_is_shut_and_goes_back_to_the_defaults(theme: Theme, qtbot: QtBot) -> None:
    dialog = RunParameters({"rate": RATE, "target": TARGET}, {"rate": 0.25}, theme)
    qtbot.addWidget(dialog)
    assert dialog.reason.text() == "Needed: target."
    field = dialog.rows["rate"].field
    assert isinstance(field, NumberField)
    field.line.clear()
    qtbot.keyClicks(field.line, "7")
    assert dialog.reason.text() == "Needed: target. Not right yet: rate."
    dialog.rows["target"].field.edited.emit("churned")
    dialog.defaults.click()
    assert dialog.values == {}
    assert field.line.text() == "0.5"
    assert dialog.reason.text() == "Needed: target."
    assert dialog.rows["rate"].kind.text() == "float, 0 to 1"


def test_remembered_values_that_no_longer_fit_are_dropped() -> None:
    assert fitting({"rate": RATE}, {"rate": 7, "gone": 1}) == {}
    assert fitting({"rate": RATE}, {"rate": 0.25}) == {"rate": 0.25}
    assert missing({"rate": RATE, "target": TARGET}, {}) == ["target"]


@pytest.mark.parametrize(
    ("text", "kind", "value", "is_right"),
    [
        ("0.5", Kind.FLOAT, 0.5, True),
        ("x", Kind.INT, None, False),
        ("NO", Kind.STR, "NO", True),
        ("[1]", Kind.LIST, [1], True),
    ],
)
def test_a_default_is_read_as_its_type(text: str, kind: Kind, value: object, is_right: bool) -> None:
    read, wrong = read_default(text, ParameterType(kind))
    assert (not wrong) is is_right
    assert not is_right or read == value


def test_a_parameter_needs_a_name_of_its_own(theme: Theme, qtbot: QtBot) -> None:
    dialog = PipelineParameterDialog(None, ["rate"])
    qtbot.addWidget(dialog)
    for name, is_right in (("rate", False), ("2nd", False), ("", False), ("depth", True)):
        dialog.name.setText(name)
        assert dialog.ok.isEnabled() is is_right
    dialog.default.setText("0.25")
    assert dialog.parameter() == PipelineParameter("depth", ParameterType(Kind.FLOAT), 0.25)


def test_the_declaration_says_what_the_form_has_no_field_for(theme: Theme, qtbot: QtBot) -> None:
    dialog = PipelineParameterDialog(None, [])
    qtbot.addWidget(dialog)
    dialog.name.setText("grid")
    dialog.text.setPlainText(
        "type: array\nminItems: 1\nitems:\n  properties:\n    depth: {type: integer, minimum: 1}\n"
    )
    assert dialog.ok.isEnabled()
    assert dialog.kind.currentText() == "list"
    depth = Property("depth", ParameterType(Kind.INT, minimum=1))
    grid = ParameterType(Kind.LIST, fewest=1, item=ParameterType(Kind.DICT, properties=(depth,)))
    assert dialog.parameter() == PipelineParameter("grid", grid)
    dialog.help.setText("What is tried")
    assert "help: What is tried" in dialog.text.toPlainText()
    assert dialog.parameter().type == grid
    dialog.text.setPlainText("type: nonsense")
    assert "is no type of a parameter" in dialog.complaint.text()
    assert not dialog.ok.isEnabled()
    dialog.text.setPlainText("type: int\nminimum: 3\ndefault: 2")
    assert "wants 3 or more, has 2" in dialog.complaint.text()
    dialog.text.setPlainText("type: str\npattern: (")
    assert "pattern ( can't be used" in dialog.complaint.text()


def test_each_type_shows_the_bounds_it_has(theme: Theme, qtbot: QtBot) -> None:
    dialog = PipelineParameterDialog(RATE, [])
    qtbot.addWidget(dialog)
    shown = {
        kind: [label for label, row in dialog._rows.items() if row.isVisibleTo(dialog)][2:-2]
        for kind in ("float", "str", "list", "choice", "dict")
        if dialog.kind.setCurrentText(kind) is None
    }
    assert shown == {
        "float": ["At least", "At most"], "str": ["Format", "Pattern"], "list": ["Items"], "choice": ["Choices"],
        "dict": [],
    }  # fmt: skip


class Kept:
    """A keyring's methods over a plain dictionary."""

    def __init__(self, **kept: str) -> None:
        self.kept = kept

    def names(self) -> tuple[str, ...]:
        return tuple(sorted(self.kept))

    def set(self, name: str, text: str) -> None:
        self.kept[name] = text

    def delete(self, name: str) -> bool:
        return self.kept.pop(name, None) is not None


def test_secrets_are_kept_and_forgotten_and_never_shown(qtbot: QtBot) -> None:
    keyring = Kept(door="one")
    dialog = SecretsDialog()
    qtbot.addWidget(dialog)
    keeping = Keeping(dialog, lambda: cast("Keyring", keyring))
    dialog.set_requested.connect(lambda name, text: asyncio.run(keeping.keep(name, text)))
    dialog.delete_requested.connect(lambda name: asyncio.run(keeping.forget(name)))
    asyncio.run(keeping.list())
    assert [dialog.names.item(row).text() for row in range(dialog.names.count())] == ["door"]
    dialog.name.setText("va ult")
    dialog.text.setText("two")
    assert not dialog.keep.isEnabled()
    dialog.name.setText("vault")
    dialog.keep.click()
    assert keyring.kept == {"door": "one", "vault": "two"}
    assert dialog.text.text() == ""
    assert dialog.text.echoMode() is QLineEdit.EchoMode.Password
    assert dialog.told.text() == "vault is kept."
    dialog.names.setCurrentRow(0)
    dialog.delete.click()
    assert keyring.kept == {"vault": "two"}


def test_a_machine_without_a_keyring_says_what_to_do(qtbot: QtBot) -> None:
    def nothing() -> Keyring:
        raise NoKeyring("this machine has no keyring service that answers: set TREADLE_SECRET_… variables")

    dialog = SecretsDialog()
    qtbot.addWidget(dialog)
    asyncio.run(Keeping(dialog, nothing).list())
    assert "set TREADLE_SECRET_… variables" in dialog.told.text()


def test_renaming_a_parameter_takes_its_references_along() -> None:
    node = Node(
        "fit", "train.fit", params={"rate": "$params.rate", "other": "$params.rates", "all": ["$params.rate", 1]}
    )
    pipeline = Pipeline(params={"rate": RATE}, nodes={"fit": node})
    renamed = change_parameter(pipeline, "rate", PipelineParameter("speed", RATE.type, 0.5))
    assert list(renamed.params) == ["speed"]
    assert renamed.nodes["fit"].params == {
        "rate": "$params.speed",
        "other": "$params.rates",
        "all": ["$params.speed", 1],
    }


def test_preferences_are_remembered_at_once(theme: Theme, qtbot: QtBot, tmp_path: Path) -> None:
    settings = Settings(tmp_path / "settings.ini")
    dialog = Preferences(settings)
    qtbot.addWidget(dialog)
    with qtbot.waitSignal(dialog.theme_chosen) as told:
        dialog.theme.activated.emit(2)
    with qtbot.waitSignal(dialog.autosave_chosen):
        dialog.autosave.click()
    assert told.args == ["light"]
    assert (settings.theme, settings.autosave) == ("light", False)


def test_recovery_throws_nothing_away_unasked(theme: Theme, qtbot: QtBot) -> None:
    notes = [Recovered(str(number), f"p{number}", None, "", "", 0.0, 1) for number in range(2)]
    dialog = RecoveryDialog(notes)
    qtbot.addWidget(dialog)
    assert dialog.chosen == tuple(notes)
    assert not dialog.discards


@dataclass(frozen=True)
class Made:
    text: str
    problems: tuple[Problem, ...] = ()


def test_export_shows_the_result_with_what_it_cannot_say_and_follows_edits(theme: Theme, qtbot: QtBot) -> None:
    said = Problem("no-cache", "Airflow has no cache", Where(node="fit"), severity=Severity.WARNING)
    document = Document(Pipeline(name="churn"))
    dialog = ExportDialog(document, lambda p, _c, to: Made(f"# {to}: {p.name}\n", (said,)), theme)
    qtbot.addWidget(dialog)
    qtbot.waitUntil(lambda: dialog.text.toPlainText() == "# python: churn\n")
    assert dialog.problems.count() == 1
    document.edit("Rename", lambda _p: Pipeline(name="other"))
    qtbot.waitUntil(lambda: dialog.text.toPlainText() == "# python: other\n")
    with qtbot.waitSignal(dialog.save_requested) as told:
        dialog.save_button.click()
    assert told.args[1] == "# python: other\n"


def test_a_converter_that_breaks_is_a_problem_not_a_crash(theme: Theme, qtbot: QtBot) -> None:
    def broken(_pipeline: object, _catalog: object, _to: str) -> Made:
        raise KeyError("fit")

    dialog = ExportDialog(Document(Pipeline()), broken, theme)
    qtbot.addWidget(dialog)
    qtbot.waitUntil(lambda: dialog.problems.count() == 1)
    assert not dialog.save_button.isEnabled()


def test_a_new_parameter_begins_with_its_name(theme: Theme, qtbot: QtBot) -> None:
    dialog = PipelineParameterDialog(None, [])
    qtbot.addWidget(dialog)
    dialog.show()
    qtbot.waitUntil(lambda: dialog.focusWidget() is dialog.name)


def test_return_means_ok_and_nothing_else(theme: Theme, qtbot: QtBot) -> None:
    for dialog, words in ((PipelineParameterDialog(None, []), "OK"), (RunParameters({"t": TARGET}, {}, theme), "Run")):
        qtbot.addWidget(dialog)
        dialog.show()
        assert not dialog.ok.isEnabled()
        assert [button.text() for button in dialog.findChildren(QPushButton) if button.isDefault()] == [words]
        assert not any(button.autoDefault() for button in dialog.findChildren(QPushButton))


def test_return_in_a_field_runs_with_what_was_typed(theme: Theme, qtbot: QtBot) -> None:
    dialog = RunParameters({"rate": RATE, "target": TARGET}, {}, theme)
    qtbot.addWidget(dialog)
    dialog.show()
    qtbot.waitUntil(lambda: dialog.rows["target"].isAncestorOf(dialog.focusWidget()))
    qtbot.keyClicks(dialog.focusWidget(), "late")
    with qtbot.waitSignal(dialog.accepted, timeout=1_000):
        qtbot.keyClick(dialog.focusWidget(), Qt.Key.Key_Return)
    assert dialog.values == {"target": "late"}
