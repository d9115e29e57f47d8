"""The page of a notebook: what it shows, and that nothing in it can run, load or lead anywhere."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from treadle.execute.programs.notebook_html import notebook_html, sieved

PNG = "iVBORw0KGgo="


def page(output: dict[str, Any] | None = None, source: str = "x", kind: str = "code") -> str:
    outputs = [] if output is None else [output]
    cell = {"cell_type": kind, "source": source, "metadata": {}, "outputs": outputs}
    return notebook_html({"cells": [cell]}, "t<i>tle")


def shown(data: dict[str, Any]) -> str:
    return page({"output_type": "display_data", "data": data})


class _Looker(HTMLParser):
    """Every tag with its attributes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))


def harmless(text: str) -> None:
    for tag, attributes in _Looker(text).tags:
        assert tag not in {"script", "style", "iframe", "object", "embed", "link", "base", "form", "a", "svg", "video"}
        for name, value in attributes.items():
            assert (name, value) == ("class", "code") or name in {
                "src",
                "colspan",
                "rowspan",
                "border",
                "cellpadding",
                "cellspacing",
                "color",
                "charset",
            }
            assert name != "src" or re.match(r"data:image/(png|jpeg);base64,[A-Za-z0-9+/=]+\Z", value or "")


@pytest.mark.parametrize(
    "bad",
    [
        "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", '<a href="javascript:alert(1)">x</a>',
        "<table onclick=x style='background:url(http://x)'><td colspan=2 id=x>1</td></table>", "<svg><script>1",
        "<iframe src=http://x></iframe>", "<b><style>*{}</style>text", "<scr<script>ipt>alert(1)</script>",
        "<!--><script>1</script>-->", "<math><mtext></table><script>1</script>", "<p title='</p><script>1</script>'>",
        "<img src='file:///etc/passwd'>", "<td colspan='2\" onclick=\"x'>",
    ],
)  # fmt: skip
def test_nothing_in_it_runs_or_loads(bad: str) -> None:
    harmless(shown({"text/html": bad}))
    harmless(shown({"text/markdown": bad}))
    harmless(shown({"text/plain": bad}))
    harmless(shown({"image/png": bad}))
    harmless(page(source=bad))
    harmless(page(source=bad, kind="markdown"))
    harmless(page(source=bad, kind="raw"))
    harmless(page({"output_type": "stream", "text": [bad]}))
    harmless(page({"output_type": "error", "traceback": [bad]}))


@given(st.text(alphabet="<>/\"'= abscriptonimg&;#`*[]()!\n", max_size=80))
def test_no_text_gets_through_the_sieve_as_more_than_text_and_tables(text: str) -> None:
    harmless(sieved(text))
    harmless(page(source=text, kind="markdown"))


def test_a_table_keeps_its_shape() -> None:
    frame = "<style scoped>.x{}</style><table class='dataframe'><thead><tr><th></th><th>x</th></tr></thead></table>"
    assert '<table border="1" cellpadding="3" cellspacing="0"><thead><tr><th></th><th>x</th>' in sieved(frame)
    assert "scoped" not in sieved(frame)
    assert sieved("<td colspan=2>a</td>") == '<td colspan="2">a</td>'
    assert sieved("<ul><li>open") == "<ul><li>open</li></ul>"


def test_pictures_texts_and_errors_are_shown() -> None:
    assert f'<img src="data:image/png;base64,{PNG}">' in shown({"image/png": [PNG, "\n"], "text/html": "<b>no</b>"})
    assert "<pre>a\nc</pre>" in page({"output_type": "stream", "text": "a\nb\rc\x1b[31m"})
    assert "t&lt;i&gt;tle" in page()
    assert "more characters" in page({"output_type": "stream", "text": "x" * 300_000})


def test_markdown_is_shown_as_far_as_it_goes() -> None:
    text = "# One *two*\n\nsome **bold**\nand `co*d*e`\n- item [link](http://x)\n1. first\n\n```\n<raw>\n```\n"
    made = page(source=text, kind="markdown")
    for part in (
        "<h1>One <i>two</i></h1>", "<p>some <b>bold</b> and <code>", "<li>item <u>link</u></li>", "<li>first</li>",
        "<pre>&lt;raw&gt;</pre>",
    ):  # fmt: skip
        assert part in made
    assert "<pre>open</pre>" in page(source="```\nopen", kind="markdown")
