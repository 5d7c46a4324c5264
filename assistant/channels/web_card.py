"""An answer as HTML for the page: the words, the calculation's card and the quoted clauses.

Whatever a person typed or a model wrote is shown as text. Besides the page's own elements only bold, lists and
quotation marks of Markdown are let through.
"""

import re
from collections.abc import Iterator
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from assistant.answer import Answer, Calculation, Citation
from corpus import clause_label
from tools.calculation import ConditionView
from tools.formula import plain

_PUNCTUATION = re.compile(r"[!-/:-@\[-`{-~]")
_MARKUP = re.compile(r"[&<>\[\]!`$\\~|=_]|:(?=//)")
_SPACE_BEFORE_LINE = re.compile(r"^[ \t]+", re.MULTILINE)


@cache
def texts() -> Any:
    """What the page says, from ``web.yaml``."""
    return yaml.safe_load(files("assistant.channels").joinpath("web.yaml").read_text("utf-8"))


def as_text(text: str) -> str:
    """Text that shows as it is: no punctuation is left that HTML or Markdown could read as more than that."""
    return _PUNCTUATION.sub(_entity, _SPACE_BEFORE_LINE.sub("", text)).replace("\n", "<br>")


def as_markdown(text: str) -> str:
    """An answer's words with their bold, lists and block quotes; no HTML, links, pictures or formulas."""
    quotes_kept = re.sub(r"^>[ ]?", "\0", text, flags=re.MULTILINE)
    return _MARKUP.sub(_entity, quotes_kept).replace("\0", "> ")


def answer_html(answer: Answer) -> str:
    """The message as the chat shows it."""
    cards = "".join(_card(calculation) for calculation in answer.calculations)
    shown = [c for c in answer.citations if c.quote not in answer.text]
    sources = _sources(shown) if shown else ""
    return as_markdown(answer.text) + (f'\n\n<div class="cards">{cards}{sources}</div>' if cards or sources else "")


def _card(result: Calculation) -> str:
    said = texts()
    parts = [
        _tag("div", _tag("b", as_text(result.title)) + _state(result), "card-head"),
        *(_tag("div", as_text(label) + _tag("strong", as_text(amount)), "amount") for label, amount in _amounts(result)),
    ]
    if result.steps:
        parts.append(_tag("div", as_text(said["steps"]), "card-label"))
        parts.append(_tag("ol", "".join(_tag("li", as_text(step)) for step in result.steps), "steps"))
    rows = "".join(_condition(leaf) for condition in result.conditions for leaf in _leaves(condition))
    if rows:
        parts.append(_tag("details", _tag("summary", as_text(said["conditions"])) + _tag("ul", rows, "conditions")))
    return _tag("div", "".join(parts), "card")


def _state(result: Calculation) -> str:
    said = as_text(texts()["verdicts"][result.verdict])
    return _tag("span", said, f"pill {result.verdict}") + _tag("span", as_text(result.state), "pill")


def _amounts(result: Calculation) -> Iterator[tuple[str, str]]:
    """What the figures are, and the figures: an amount due, a ceiling, what it would have been."""
    said = texts()
    labelled: tuple[tuple[str, Decimal | None], ...] = (
        (said["amounts"][result.kind], result.amount),
        (said["ceiling"], result.ceiling),
        (said["if_in_force"], result.if_in_force),
    )
    for label, value in labelled:
        if value is not None:
            yield label, f"{plain(value)} {result.unit}"


def _leaves(condition: ConditionView) -> Iterator[ConditionView]:
    if not condition.children:
        yield condition
    for child in condition.children:
        yield from _leaves(child)


def _condition(leaf: ConditionView) -> str:
    have = f"（{texts()['presumed'] if leaf.presumed else leaf.have}）" if leaf.have or leaf.presumed else ""
    mark = _tag("span", as_text(texts()["marks"][leaf.verdict]), f"mark {leaf.verdict}")
    return _tag("li", mark + as_text(f"{leaf.label}{have}"))


def _sources(citations: list[Citation]) -> str:
    """The quotes under their clauses, without those that stand within another one."""
    quotes: dict[tuple[int, str], list[str]] = {}
    for citation in citations:
        quotes.setdefault((citation.clause, citation.title), []).append(citation.quote)
    parts = [_tag("div", as_text(texts()["sources"]), "card-label")]
    for (clause, title), found in quotes.items():
        whole = [q for q in dict.fromkeys(found) if not any(q != other and q in other for other in found)]
        rows = "".join(_tag("li", _tag("q", as_text(quote))) for quote in whole)
        parts.append(_tag("div", as_text(f"{clause_label(clause)} {title}"), "clause") + _tag("ul", rows))
    return _tag("div", "".join(parts), "sources")


def _tag(name: str, inner: str, kind: str = "") -> str:
    """An element of the page's own; ``inner`` is HTML already."""
    return f"<{name}{f' class={chr(34)}{kind}{chr(34)}' if kind else ''}>{inner}</{name}>"


def _entity(match: re.Match[str]) -> str:
    return f"&#{ord(match[0])};"
