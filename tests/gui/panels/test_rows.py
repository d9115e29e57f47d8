"""Lists and mappings in rows: what each row says, what is refused, and when JSON takes over."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QApplication, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from treadle.spec.component import Parameter
from treadle.spec.types import ParameterKind as Kind
from treadle.spec.types import ParameterType, Property
from treadle.spec.values import Value
from treadle_gui.panels.fields.making import make_field
from treadle_gui.panels.fields.mapping import MappingField
from treadle_gui.panels.fields.nested import NestedField
from treadle_gui.panels.fields.numbers import NumberField
from treadle_gui.panels.fields.row import FieldRow
from treadle_gui.panels.fields.rows import ListField
from treadle_gui.panels.fields.scalars import ScalarField, scalar_of, text_of
from treadle_gui.panels.fields.texts import LineField
from treadle_gui.style.tokens import Theme

NUMBERS = ParameterType(Kind.LIST, item=ParameterType(Kind.INT, minimum=1), most=3, unique=True)
OPTIONS = ParameterType(
    Kind.DICT,
    properties=(
        Property("depth", ParameterType(Kind.INT, minimum=1), required=True),
        Property("rate", ParameterType(Kind.FLOAT), default=0.5),
    ),
    rest=ParameterType(Kind.STR),
)


class Told:
    """What a field told, shown back to it as a document would."""

    def __init__(self, field: NestedField) -> None:
        self.values: list[Value] = []
        self.reasons: list[str] = []
        field.edited.connect(self.values.append)
        field.edited.connect(field.show_value)
        field.invalid.connect(self.reasons.append)


@pytest.fixture
def nested(theme: Theme, qtbot: QtBot):
    def make(type_: ParameterType, value: Value) -> tuple[NestedField, Told]:
        field = make_field(type_, theme, None)
        assert isinstance(field, NestedField)
        qtbot.addWidget(field)
        told = Told(field)
        field.show_value(value)
        assert told.values == []
        return field, told

    return make


def test_a_list_is_edited_item_by_item(nested, qtbot: QtBot) -> None:
    field, told = nested(NUMBERS, [3, 4])
    rows = field.rows
    assert isinstance(rows, ListField)
    assert [row.value for row in rows.rows] == [3, 4]
    rows.add.click()
    assert told.reasons[-1] == "Item 3: A value is needed"
    new = rows.rows[2].field
    assert isinstance(new, NumberField)
    qtbot.keyClicks(new.line, "7")
    assert (told.values[-1], told.reasons[-1]) == ([3, 4, 7], "")
    rows.rows[0].gone.emit()
    assert told.values[-1] == [4, 7]
    assert [row.value for row in rows.rows] == [4, 7]


def test_what_the_whole_may_not_be_is_told_and_kept_out(nested, qtbot: QtBot) -> None:
    field, told = nested(NUMBERS, [1])
    field.rows.add.click()
    qtbot.keyClicks(field.rows.rows[1].field.line, "1")
    assert told.reasons[-1] == "It[1] wants what is not there yet, has the same as item 0"
    assert told.values == []
    qtbot.keyClicks(field.rows.rows[1].field.line, "2")
    assert told.values == [[1, 12]]


def test_a_mapping_has_an_editor_for_each_property(nested, qtbot: QtBot) -> None:
    field, told = nested(OPTIONS, {"depth": 2, "note": "x"})
    rows = field.rows
    assert isinstance(rows, MappingField)
    depth, rate, note = rows.rows
    assert [depth.value, rate.value, note.called()] == [2, 0.5, "note"]
    depth.field.line.clear()
    qtbot.keyClicks(depth.field.line, "5")
    assert told.values[-1] == {"depth": 5, "note": "x"}
    rate.field.line.clear()
    qtbot.keyClicks(rate.field.line, "1")
    assert told.values[-1] == {"depth": 5, "rate": 1, "note": "x"}
    depth.field.line.clear()
    depth.field.line.textEdited.emit("")
    assert told.reasons[-1] == "depth: A number is needed"


def test_other_names_come_and_go(nested, qtbot: QtBot) -> None:
    field, told = nested(OPTIONS, {"depth": 2})
    field.rows.add.click()
    assert told.reasons[-1] == "A name is needed"
    other = field.rows.rows[-1]
    assert isinstance(other.name, QLineEdit)
    assert isinstance(other.field, LineField)
    qtbot.keyClicks(other.name, "depth")
    assert told.reasons[-1] == "depth is there twice"
    other.name.clear()
    qtbot.keyClicks(other.name, "who")
    qtbot.keyClicks(other.field.line, "me")
    assert told.values[-1] == {"depth": 2, "who": "me"}
    other.gone.emit()
    assert told.values[-1] == {"depth": 2}


def test_what_is_deeper_is_json_and_rows_are_a_choice(nested, qtbot: QtBot) -> None:
    field, told = nested(ParameterType(Kind.DICT), {"a": {"b": 1}})
    assert field.switch.isChecked()
    assert not field.switch.isEnabled()
    field.json.editor.setPlainText('{"a": 1}')
    assert told.values[-1] == {"a": 1}
    field.switch.click()
    assert field.rows.isVisibleTo(field)
    assert [(row.called(), row.value) for row in field.rows.rows] == [("a", 1)]


def test_columns_are_offered(nested, qtbot: QtBot) -> None:
    field, told = nested(ParameterType(Kind.LIST, item=ParameterType(Kind.STR)), ["age"])
    field.set_columns(["age", "churned"])
    field.rows._offers.actions()[1].trigger()
    assert told.values == [["age", "churned"]]


def test_a_column_that_is_not_known_yet_can_be_typed(nested, qtbot: QtBot) -> None:
    field, _ = nested(ParameterType(Kind.LIST, item=ParameterType(Kind.STR)), ["age"])
    field.set_columns(["age", "churned"])
    assert field.rows.add.isHidden()  # one button for both: three are wider than the inspector
    field.rows._offers.actions()[-1].trigger()
    assert [row.value for row in field.rows.rows] == ["age", ""]


@pytest.mark.parametrize(
    ("value", "text"), [("a", "a"), ("1", '"1"'), (1, "1"), (True, "true"), (None, "null"), ("", ""), ("[1]", "[1]")]
)
def test_a_scalar_is_typed_as_what_it_is(value: Value, text: str, qtbot: QtBot) -> None:
    assert text_of(value) == text
    assert scalar_of(text) == value
    field = ScalarField()
    qtbot.addWidget(field)
    field.show_value(value)
    assert field.fits(value)
    assert scalar_of(field.line.text()) == value


class Windows(QObject):
    """Counts the windows that are shown while it watches."""

    def __init__(self) -> None:
        super().__init__()
        self.shown: list[str] = []

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Show and isinstance(watched, QWidget) and watched.isWindow():
            self.shown.append(type(watched).__name__)
        return False


@pytest.mark.parametrize(
    "type_", [NUMBERS, OPTIONS, *(ParameterType(kind) for kind in Kind)], ids=lambda each: each.kind
)
def test_making_a_field_shows_no_window_which_would_close_an_open_menu(
    type_: ParameterType, theme: Theme, qtbot: QtBot
) -> None:
    windows = Windows()
    QApplication.instance().installEventFilter(windows)
    try:
        row = FieldRow(Parameter("x", type_), theme)
        row.show_value([1] if type_ is NUMBERS else {"depth": 1, "b": "c"} if type_ is OPTIONS else None, is_set=True)
        row.show_kind("words")
        row.show_rendered("= 1")
    finally:
        QApplication.instance().removeEventFilter(windows)
    qtbot.addWidget(row)
    assert windows.shown == []


def test_a_parameter_that_an_edge_feeds_has_no_editor_and_says_by_what(theme: Theme, qtbot: QtBot) -> None:
    row = FieldRow(Parameter("x", NUMBERS), theme)
    qtbot.addWidget(row)
    for value, shown in (([1], row.field), ("$params.xs", row.expression)):
        row.show_fed("load.numbers")
        row.show_value(value, is_set=True)
        assert not row.field.isVisibleTo(row)
        assert not row.expression.isVisibleTo(row)
        assert row.kind.text() == "fed by load.numbers"
        row.show_fed("")
        row.show_value(value, is_set=True)
        assert shown.isVisibleTo(row)
        assert not row.kind.isVisibleTo(row)
