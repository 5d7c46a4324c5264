"""The phrases of ``data/phrases.yaml`` and what every kind of reply shares."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, get_args, get_origin

from assistant.embedded.patterns import load_data
from assistant.standards import Standard
from tools.calculation import Calculation, ConditionView
from tools.catalogue import find
from tools.facts import bare_type, field_type


@dataclass
class Reply:
    """The text and what a channel can offer with it."""

    text: str
    status: str
    choices: list[tuple[str, str]] = field(default_factory=list)
    suggestions: list[str] = field(default_factory=list)


def say(name: str, *path: str, **values: object) -> str:
    """A phrase with its blanks filled."""
    template: Any = load_data("phrases")[name]
    for key in path:
        template = template[key]
    return str(template).format(**values)


def status_of(result: Calculation) -> str:
    """The status of an answer that rests on one calculation."""
    if result.verdict == "not_met":
        return "not_eligible"
    if not result.in_force:
        return "expired"
    return "answered" if result.verdict == "met" or not result.missing else "needs_information"


def has_ended(result: Calculation | Standard) -> str:
    window = next(w for w in result.windows if w.state in ("已到期", "未生效"))
    values = {"title": result.title, "quote": window.quote, "no_more": no_more(result.tool)}
    return say("expired" if window.state == "已到期" else "not_yet", **values)


def no_more(tool: str) -> str:
    """不能再领, of what has ended; a rate is not paid out."""
    kind = find(tool).kind
    return say("no_more", kind if kind in ("fee", "deferral", "refund") else "other")


def choices(tool: str, path: str) -> list[tuple[str, str]]:
    """Ready replies to the question for a fact: (label, what is sent)."""
    names = tuple(part for part in path.split(".") if not part.isdigit())
    kind = bare_type(field_type(find(tool).facts, names))
    unsure = say("unsure_choice")
    if kind is bool:
        return [(say("affirm"), say("affirm")), (say("deny"), say("deny")), (unsure, unsure)]
    if get_origin(kind) is not None and get_args(kind) and all(isinstance(a, str) for a in get_args(kind)):
        return [(option, option) for option in get_args(kind)] + [(unsure, unsure)]
    return []


def suggestions_for(title: str) -> list[str]:
    return [say("suggest_conditions", title=title), say("suggest_deadline", title=title), say("suggest_screen")]


def paragraphs(parts: Sequence[str]) -> Iterator[str]:
    """Parts one after another, each on a line of its own."""
    kept = [part for part in parts if part]
    for index, part in enumerate(kept):
        yield ("\n\n" if index else "") + part


def written_day(day: date | None) -> str:
    return f"{day.year}年{day.month}月{day.day}日" if day else ""


def condition_leaves(conditions: Sequence[ConditionView]) -> Iterator[ConditionView]:
    for condition in conditions:
        if condition.children:
            yield from condition_leaves(condition.children)
        else:
            yield condition
