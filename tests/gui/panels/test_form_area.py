from PySide6.QtWidgets import QLabel, QSplitter, QVBoxLayout, QWidget

from treadle_gui.panels.inspector.form_area import FormArea


def test_an_area_grows_with_its_form_so_that_nothing_is_cut_off(qtbot):
    window, area, form, label = QWidget(), FormArea(), QWidget(), QLabel("short")
    beside = QSplitter(window)
    qtbot.addWidget(window)
    QVBoxLayout(form).addWidget(label)
    area.setWidget(form)
    beside.addWidget(QWidget())
    beside.addWidget(area)
    beside.resize(1000, 300)
    window.show()
    beside.setSizes([850, 150])
    assert area.width() < 400

    label.setMinimumWidth(400)

    qtbot.waitUntil(lambda: area.viewport().width() > 400)
    assert form.width() == area.viewport().width()
