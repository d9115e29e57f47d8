import xml.etree.ElementTree as ElementTree

from convert.pieces import pieces

from treadle.convert.picture import export_svg
from treadle.spec.pipeline import Endpoint, Node, Pipeline

SVG = "{http://www.w3.org/2000/svg}"


def test_every_node_and_edge_is_drawn_and_hostile_names_stay_text():
    nodes = {
        "a": Node("a", "demo.make", title="<script>alert(1)</script>"),
        "b": Node("b", "demo.halve", inputs={"data": (Endpoint("a", "table"),)}),
        "gone": Node("gone", "no.such"),
    }
    text = export_svg(Pipeline("demo", nodes=nodes), pieces()).text
    root = ElementTree.fromstring(text)
    assert len(root.findall(f"{SVG}g")) == 3
    assert len(root.findall(f"{SVG}path")) == 1
    assert not list(root.iter(f"{SVG}script"))
    assert "<script>alert(1)</script>" in [element.text for element in root.iter(f"{SVG}text")]


def test_positions_of_the_canvas_are_kept():
    nodes = {"a": Node("a", "demo.make"), "b": Node("b", "demo.make")}
    text = export_svg(Pipeline("demo", nodes=nodes, view={"a": (0.0, 0.0), "b": (400.0, 80.0)}), pieces()).text
    boxes = [(box.get("x"), box.get("y")) for box in ElementTree.fromstring(text).iter(f"{SVG}rect")]
    assert boxes == [("0", "0"), ("400", "80")]
