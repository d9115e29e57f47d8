"""Fields: each kind of parameter is shown, edited, refused and left alone while it is typed into."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from treadle.spec.component import REQUIRED, Parameter
from treadle.spec.types import ParameterKind as Kind
from treadle.spec.types import ParameterType, TextFormat
from treadle.spec.values import Value
from treadle_gui.panels.fields.choices import ChoiceField, ColumnField, SwitchField
from treadle_gui.panels.fields.field import Field
from treadle_gui.panels.fields.making import make_field
from treadle_gui.panels.fields.nested import NestedField
from treadle_gui.panels.fields.numbers import NumberField
from treadle_gui.panels.fields.places import MomentField, PathField, beside
from treadle_gui.panels.fields.row import FieldRow
from treadle_gui.panels.fields.structured import JsonField, parse_json
from treadle_gui.panels.fields.texts import CodeField, LineField, LinesField, SecretField
from treadle_gui.style.tokens import Theme

pytestmark = pytest.mark.qt_log_ignore("does not support propagateSizeHints", extend=True)

SHOWN: list[tuple[ParameterType, type[Field], Value]] = [
    (ParameterType(Kind.BOOL), SwitchField, True),
    (ParameterType(Kind.INT), NumberField, 2**40),
    (ParameterType(Kind.FLOAT), NumberField, 1e-05),
    (ParameterType(Kind.STR), LineField, "$$5"),
    (ParameterType(Kind.STR, multiline=True), LinesField, "a\nb"),
    (ParameterType(Kind.STR, code="sql"), CodeField, "select 1"),
    (ParameterType(Kind.STR, column_of="data"), ColumnField, "age"),
    (ParameterType(Kind.PATH), PathField, "data/x.csv"),
    (ParameterType(Kind.DATETIME), MomentField, "2026-01-31"),
    (ParameterType(Kind.SECRET), SecretField, "$secrets.warehouse"),
    (ParameterType(Kind.CHOICE, choices=("mean", "median")), ChoiceField, "median"),
    (ParameterType(Kind.LIST), NestedField, ["a", 1]),
    (ParameterType(Kind.DICT), NestedField, {"a": {"b": None}}),
    (ParameterType(Kind.STR, format=TextFormat.DATE), MomentField, "2026-01-31"),
    (ParameterType(Kind.LIST, item=ParameterType(Kind.LIST)), JsonField, [[1]]),
]


@pytest.mark.parametrize(("type_", "kind", "value"), SHOWN, ids=lambda part: getattr(part, "__name__", None))
def test_each_kind_has_its_editor_and_showing_a_value_tells_nothing(
    type_: ParameterType, kind: type[Field], value: Value, theme: Theme, qtbot: QtBot
) -> None:
    field = make_field(type_, theme, None)
    qtbot.addWidget(field)
    told: list[Value] = []
    field.edited.connect(told.append)
    field.show_value(value)
    field.show_value(value)
    assert isinstance(field, kind)
    assert field.fits(value)
    assert told == []


def typed(field: NumberField, qtbot: QtBot, text: str) -> tuple[list[Value], list[str]]:
    values: list[Value] = []
    reasons: list[str] = []
    field.edited.connect(values.append)
    field.invalid.connect(reasons.append)
    field.line.clear()
    qtbot.keyClicks(field.line, text)
    return values, reasons


def test_a_number_out_of_bounds_is_refused_with_the_bound(theme: Theme, qtbot: QtBot) -> None:
    field = NumberField(ParameterType(Kind.FLOAT, minimum=0, maximum=1))
    qtbot.addWidget(field)
    values, reasons = typed(field, qtbot, "7")
    assert values == []
    assert reasons[-1] == "At most 1"


def test_small_floats_and_large_ints_are_kept_as_they_are_written(theme: Theme, qtbot: QtBot) -> None:
    small, large = NumberField(ParameterType(Kind.FLOAT)), NumberField(ParameterType(Kind.INT))
    for field, text, value in ((small, "1e-7", 1e-7), (large, str(2**70), 2**70)):
        qtbot.addWidget(field)
        assert typed(field, qtbot, text)[0][-1] == value


def test_stepping_stays_within_the_bounds(theme: Theme, qtbot: QtBot) -> None:
    field = NumberField(ParameterType(Kind.FLOAT, minimum=0, maximum=1))
    qtbot.addWidget(field)
    field.show_value(0.95)
    field.step(1)
    assert float(field.line.text()) == 1
    field.step(-1)
    assert float(field.line.text()) < 1


def test_the_wheel_changes_nothing_without_the_focus(theme: Theme, qtbot: QtBot) -> None:
    field = NumberField(ParameterType(Kind.INT))
    qtbot.addWidget(field)
    field.show_value(3)
    field.show()
    at = QPointF(5, 5)
    wheel = QWheelEvent(
        at, at, QPoint(), QPoint(0, 120), Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(field.spin, wheel)
    assert field.line.text() == "3"


def test_a_half_typed_number_survives_the_round_through_the_document(theme: Theme, qtbot: QtBot) -> None:
    field = NumberField(ParameterType(Kind.FLOAT))
    qtbot.addWidget(field)
    field.edited.connect(field.show_value)
    qtbot.keyClicks(field.line, "0.10")
    assert field.line.text() == "0.10"
    assert field.line.cursorPosition() == 4


@pytest.mark.parametrize(
    ("text", "type_", "value"),
    [
        ("[1, 2]", ParameterType(Kind.LIST, item=ParameterType(Kind.INT)), [1, 2]),
        ("age, sex", ParameterType(Kind.LIST, item=ParameterType(Kind.STR)), ["age", "sex"]),
        ('{"a": 1}', ParameterType(Kind.DICT), {"a": 1}),
        ("", ParameterType(Kind.DICT, optional=True), None),
    ],
)
def test_lists_and_dictionaries_are_read_as_json(text: str, type_: ParameterType, value: Value) -> None:
    assert parse_json(text, type_) == (value, "")


@pytest.mark.parametrize("text", ["[1, true]", '["a"]', '{"a": 1}', "[1,"])
def test_what_is_no_list_of_numbers_says_so(text: str) -> None:
    assert parse_json(text, ParameterType(Kind.LIST, item=ParameterType(Kind.INT)))[1]


def test_a_column_is_offered_and_may_be_any_text(theme: Theme, qtbot: QtBot) -> None:
    field = ColumnField(ParameterType(Kind.STR, column_of="data"))
    qtbot.addWidget(field)
    told: list[Value] = []
    field.edited.connect(told.append)
    field.set_columns(["age", "churned"])
    field.line.textEdited.emit("new")
    assert [field.box.itemText(place) for place in range(field.box.count())] == ["age", "churned"]
    assert told[-1] == "new"


def test_a_secret_is_a_name_and_never_a_value(theme: Theme, qtbot: QtBot) -> None:
    field = SecretField()
    qtbot.addWidget(field)
    told: list[Value] = []
    field.edited.connect(told.append)
    qtbot.keyClicks(field.line, "db")
    assert told[-1] == "$secrets.db"


def test_a_text_that_begins_with_a_dollar_is_no_reference(theme: Theme, qtbot: QtBot) -> None:
    field = LineField(ParameterType(Kind.STR))
    qtbot.addWidget(field)
    told: list[Value] = []
    field.edited.connect(told.append)
    qtbot.keyClicks(field.line, "$5")
    assert told[-1] == "$$5"


def test_paths_are_relative_to_the_project() -> None:
    from pathlib import Path

    assert beside(Path("/p/data/x.csv"), Path("/p")) == "data/x.csv"
    assert beside(Path("/elsewhere/x.csv"), Path("/p")) == "/elsewhere/x.csv"


def test_a_reference_is_shown_as_an_expression_and_left_for_the_default(theme: Theme, qtbot: QtBot) -> None:
    row = FieldRow(Parameter("rate", ParameterType(Kind.FLOAT), 0.1), theme)
    qtbot.addWidget(row)
    row.show_value("$params.rate", is_set=True)
    assert row.in_expression
    assert row.expression.line.text() == "$params.rate"
    with qtbot.waitSignal(row.reset):
        row._link.click()


def test_a_value_of_another_kind_is_not_lost(theme: Theme, qtbot: QtBot) -> None:
    row = FieldRow(Parameter("rate", ParameterType(Kind.FLOAT), REQUIRED), theme)
    qtbot.addWidget(row)
    row.show_value("many", is_set=True)
    assert row.expression.line.text() == "many"
