"""HTML that says what it is: markup is a type of its own, and every other string is shown as text."""

import re
from collections.abc import Iterable, Iterator
from datetime import date
from functools import cache
from html import escape
from importlib.resources import files
from typing import Any, TypeAlias

import yaml

_VOID = {"input", "br", "img", "hr", "meta", "link"}
_BOLD = re.compile(r"\*\*([^*\n]+)\*\*")
_LIST = re.compile(r"^\s*(?:[-*•]|(?P<number>\d{1,3})[.、)])\s+(?P<item>.*)$")
_HEADING = re.compile(r"^#{1,6}\s+")
_TABLE_RULE = re.compile(r"^\s*\|?(?:\s*:?-{2,}:?\s*\|)+\s*:?-*:?\s*$")


class Html(str):
    """Markup, to be put into a page as it is."""

    __slots__ = ()


Child: TypeAlias = "str | Iterable[Child] | None"


def el(name: str, /, *children: Child, **attributes: Any) -> Html:
    """An element. ``class_`` is class, ``data_x`` is data-x; True is an attribute alone, None and False are left out."""
    parts = [name]
    for key, value in attributes.items():
        if value is None or value is False:
            continue
        label = key.rstrip("_").replace("_", "-")
        parts.append(label if value is True else f'{label}="{escape(str(value))}"')
    opening = f"<{' '.join(parts)}>"
    return Html(opening if name in _VOID else f"{opening}{join(*children)}</{name}>")


def join(*children: Child) -> Html:
    """Children side by side; what is not markup is escaped."""
    return Html("".join(_flat(children)))


def _flat(children: Iterable[Child]) -> Iterator[str]:
    for child in children:
        if isinstance(child, Html):
            yield child
        elif isinstance(child, str):
            yield escape(child)
        elif child is not None:
            yield from _flat(child)


def icon(name: str) -> Html:
    """A drawing from ``web.yaml``, in the colour of the text around it; it says nothing to a screen reader."""
    path = texts()["icons"][name]
    return Html(f'<svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false"><path d="{path}"/></svg>')


def day_words(day: date) -> str:
    """2025年9月1日, as dates are written on this page."""
    return f"{day.year}年{day.month}月{day.day}日"


@cache
def texts() -> Any:
    """What the page says, from ``web.yaml``."""
    return yaml.safe_load(files("assistant.channels").joinpath("web.yaml").read_text("utf-8"))


def markdown(text: str) -> Html:
    """An answer's words: paragraphs, bold, lists, quotations, headings and tables; all else is shown as text."""
    lines = text.strip().splitlines()
    blocks: list[Html] = []
    while lines:
        kind = _kind(lines[0])
        count = next((i for i, line in enumerate(lines) if _kind(line) != kind), len(lines))
        taken, lines = lines[:count], lines[count:]
        if kind:
            blocks.append(_BLOCKS[kind](taken))
    return Html("".join(blocks))


def _kind(line: str) -> str:
    if not line.strip():
        return ""
    if line.lstrip().startswith(">"):
        return "quote"
    if _HEADING.match(line):
        return "heading"
    if found := _LIST.match(line):
        return "ol" if found["number"] else "ul"
    return "table" if line.strip().startswith("|") and line.strip().endswith("|") else "p"


def _inline(text: str) -> Html:
    return Html(_BOLD.sub(r"<strong>\1</strong>", escape(text.strip())))


def _paragraph(lines: list[str]) -> Html:
    return el("p", Html("<br>".join(_inline(line) for line in lines)))


def _heading(lines: list[str]) -> Html:
    return join([el("p", el("strong", _inline(_HEADING.sub("", line)))) for line in lines])


def _quote(lines: list[str]) -> Html:
    return el("blockquote", Html("<br>".join(_inline(line.lstrip().lstrip(">")) for line in lines)))


def _table(lines: list[str]) -> Html:
    rows = [line.strip().strip("|").split("|") for line in lines if not _TABLE_RULE.match(line)]
    head, *body = rows or [[]]
    shown = [el("tr", [el("td", _inline(cell)) for cell in row]) for row in body]
    table = el("table", el("thead", el("tr", [el("th", _inline(cell), scope="col") for cell in head])), el("tbody", shown))
    return el("div", table, class_="scroll", tabindex="0", role="region", aria_label=texts()["table"])


def _items(lines: list[str]) -> list[Html]:
    return [el("li", _inline(found["item"])) for line in lines if (found := _LIST.match(line))]


def _ordered(lines: list[str]) -> Html:
    first = _LIST.match(lines[0])
    start = int(first["number"]) if first else 1
    return el("ol", _items(lines), start=None if start == 1 else start)


def _unordered(lines: list[str]) -> Html:
    return el("ul", _items(lines))


_BLOCKS = {
    "p": _paragraph, "quote": _quote, "heading": _heading, "table": _table, "ol": _ordered,
    "ul": _unordered,
}
