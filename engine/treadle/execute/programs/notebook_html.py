"""An executed notebook as one HTML page that does nothing: no script, no style of its own, nothing loaded.

What outputs say in HTML passes a sieve: a few tags for text and tables, no attributes but spans. Pictures are PNG and
JPEG, within the page. Standard library only, Python ≥ 3.9.
"""

from __future__ import annotations

import base64
import binascii
import html
import re
from html.parser import HTMLParser
from typing import Any, Mapping  # noqa: UP035 (runs under Python 3.9 too)

from .notebook_cells import FAILED, INJECTED, code_cells, source

__all__ = ["notebook_html", "sieved"]

_TAGS = frozenset({
    "b", "blockquote", "br", "caption", "code", "div", "em", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "i", "li", "ol",
    "p", "pre", "span", "strong", "sub", "sup", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "u", "ul",
})  # fmt: skip
_EMPTY = frozenset({"br", "hr"})
_SILENT = frozenset({"script", "style", "head", "title", "template", "iframe", "object", "svg", "math", "noscript"})
_SPANS = ("colspan", "rowspan")
_ANSI = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
_TABLE = ' border="1" cellpadding="3" cellspacing="0"'
_PICTURES = ("image/png", "image/jpeg")
_OUTPUT = 200_000  # characters of one output


def notebook_html(notebook: Mapping[str, Any], title: str) -> str:
    """The page of `notebook`, which is nbformat 4 as JSON."""
    cells = notebook.get("cells", [])
    numbers = {index: number for index, number, _ in code_cells(cells)}
    body = "\n".join(_cell(cell, numbers.get(index)) for index, cell in enumerate(cells))
    head = f'<meta charset="utf-8"><title>{html.escape(title)}</title>'
    return f"<!DOCTYPE html>\n<html><head>{head}</head><body>\n{body}\n</body></html>\n"


def _cell(cell: Mapping[str, Any], number: int | None) -> str:
    kind, text = cell.get("cell_type"), source(cell)
    if kind == "markdown":
        return _markdown(text)
    if kind != "code":
        return f"<pre>{html.escape(text)}</pre>"
    tags = cell.get("metadata", {}).get("tags", [])
    label = "Parameters" if INJECTED in tags else f"[{number or ' '}]"
    failed = ' <font color="#C0392B">✗ it failed here</font>' if FAILED in tags else ""
    shown = [f'<p><font color="#808895">{label}</font>{failed}</p>', f'<pre class="code">{html.escape(text)}</pre>']
    shown += [_output(output) for output in _streams_joined(cell.get("outputs", []))]
    return "\n".join(filter(None, shown))


def _streams_joined(outputs: list[Any]) -> list[Any]:
    """What was printed in pieces, in one."""
    joined: list[Any] = []
    for output in outputs:
        last = joined[-1] if joined else {}
        if output.get("output_type") == "stream" == last.get("output_type") and output.get("name") == last.get("name"):
            joined[-1] = {**last, "text": _joined(last.get("text", "")) + _joined(output.get("text", ""))}
        else:
            joined.append(output)
    return joined


def _output(output: Mapping[str, Any]) -> str:
    kind = output.get("output_type")
    if kind == "stream":
        return _plain(_joined(output.get("text", "")))
    if kind == "error":
        trace = _plain("\n".join(map(str, output.get("traceback", []))))
        return f'<font color="#C0392B">{trace}</font>'
    data = output.get("data", {})
    for name in _PICTURES:
        if name in data and _is_base64(_joined(data[name])):
            return f'<p><img src="data:{name};base64,{"".join(_joined(data[name]).split())}"></p>'
    if "text/html" in data:
        return sieved(_joined(data["text/html"])[:_OUTPUT])
    if "text/markdown" in data:
        return _markdown(_joined(data["text/markdown"]))
    return _plain(_joined(data.get("text/plain", "")))


def _joined(text: Any) -> str:
    return "".join(map(str, text)) if isinstance(text, list) else str(text)


def _plain(text: str) -> str:
    text = _ANSI.sub("", text)
    text = "\n".join(line.rpartition("\r")[2] for line in text.replace("\r\n", "\n").split("\n"))
    if len(text) > _OUTPUT:
        text = f"{text[:_OUTPUT]}\n… {len(text) - _OUTPUT:,} more characters"
    return f"<pre>{html.escape(text)}</pre>" if text.strip() else ""


def _is_base64(text: str) -> bool:
    try:
        return bool(base64.b64decode("".join(text.split()), validate=True))
    except (binascii.Error, ValueError):
        return False


class _Sieve(HTMLParser):
    """Lets the harmless tags through, and the text that would be seen."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.passed: list[str] = []
        self._open: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _SILENT:
            self._silent += 1
        elif tag in _TAGS and not self._silent:
            spans = "".join(f' {name}="{value}"' for name, value in attrs if name in _SPANS and (value or "").isdigit())
            self.passed.append(f"<{tag}{_TABLE if tag == 'table' else spans}>")
            if tag not in _EMPTY:
                self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in _SILENT:
            self._silent = max(0, self._silent - 1)
        elif tag in self._open and not self._silent:
            while self._open:
                last = self._open.pop()
                self.passed.append(f"</{last}>")
                if last == tag:
                    break

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.passed.append(html.escape(data))

    def finish(self) -> str:
        self.close()
        self.passed += [f"</{tag}>" for tag in reversed(self._open)]
        return "".join(self.passed)


def sieved(text: str) -> str:
    """What of `text`, which is HTML, is harmless."""
    sieve = _Sieve()
    sieve.feed(text)
    return sieve.finish()


_FENCE = re.compile(r"^```.*$")
_HEADING = re.compile(r"(#{1,6})\s+(.*)")
_ITEM = re.compile(r"\s*[-*+]\s+(.*)|\s*\d+[.)]\s+(.*)")
_INLINE = (
    (re.compile(r"`([^`]+)`"), r"<code>\1</code>"),
    (re.compile(r"\*\*([^*]+)\*\*"), r"<b>\1</b>"),
    (re.compile(r"(?<!\*)\*([^*\s][^*]*)\*"), r"<i>\1</i>"),
    (re.compile(r"!?\[([^\]]*)\]\([^)]*\)"), r"<u>\1</u>"),
)


def _markdown(text: str) -> str:
    """Headings, lists, code and emphasis; what it says in HTML is shown as text, and nothing can be clicked."""
    made: list[str] = []
    paragraph: list[str] = []
    code: list[str] | None = None

    def end_paragraph() -> None:
        if paragraph:
            made.append(f"<p>{_inline(' '.join(paragraph))}</p>")
            paragraph.clear()

    for line in text.split("\n"):
        if _FENCE.match(line):
            end_paragraph()
            if code is not None:
                made.append(f"<pre>{html.escape(chr(10).join(code))}</pre>")
            code = None if code is not None else []
        elif code is not None:
            code.append(line)
        elif heading := _HEADING.match(line):
            end_paragraph()
            level = len(heading[1])
            made.append(f"<h{level}>{_inline(heading[2])}</h{level}>")
        elif item := _ITEM.match(line):
            end_paragraph()
            made.append(f"<ul><li>{_inline(item[1] or item[2] or '')}</li></ul>")
        elif line.strip():
            paragraph.append(line.strip())
        else:
            end_paragraph()
    end_paragraph()
    if code:
        made.append(f"<pre>{html.escape(chr(10).join(code))}</pre>")
    return "\n".join(made)


def _inline(text: str) -> str:
    shown = html.escape(text)
    for pattern, becomes in _INLINE:
        shown = pattern.sub(becomes, shown)
    return shown
