"""What the plan gives in general, in words: figures, conditions, periods, and beliefs put right."""

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from assistant.embedded.patterns import load_data
from assistant.embedded.phrasing.phrases import (
    Reply,
    has_ended,
    no_more,
    paragraphs,
    say,
    suggestions_for,
    written_day,
)
from assistant.standards import FigureView, Standard
from corpus.words import pairs
from tools.calculation import Calculation
from tools.catalogue import find
from tools.facts import word
from tools.formula import plain


def standards_reply(
    standards: Sequence[Standard], intent: Mapping[str, Any], asked: Sequence[str], text: str, question: str = ""
) -> Reply:
    """The standards in words, and what to tell to have one's own case worked out.

    ``question`` is what a case told in part lacks; without one it is what comes first for anybody.
    """
    ended = all(not standard.in_force for standard in standards)
    claim = claim_answered(intent, standards, (), text)
    parts = []
    for standard in standards:
        general = general_part([standard], asked, intent)
        parts += [has_ended(standard) if not standard.in_force and "deadline" not in asked else "", general]
        if not general or "conditions" in asked or "difference" in asked:
            parts.append("".join(paragraphs(standard_lines(standard, with_conditions=not general or "conditions" in asked))))
        parts.append("".join(_touched(standard, text)))
    if len(standards) == 1 and not ended and (question := question or _opening_question(standards[0].tool)):
        parts.append(say("standard_invite", find(standards[0].tool).kind, question=question))
    text = "\n\n".join(part for part in (claim, *parts) if part)
    return Reply(text, "expired" if ended else "answered", suggestions=suggestions_for(standards[0].title))


def _touched(standard: Standard, text: str) -> list[str]:
    """The notes that take up something the question names and the summary does not: 医保, 个人部分, 滞纳金."""
    asked = set(pairs(text.replace("医保", "医疗保险"))) - set(pairs(standard.title + standard.summary))
    notes = dict.fromkeys([*standard.notes, *standard.open_points])
    return [note for note in notes if len(asked & set(pairs(note))) > 1 or {"医疗", "个人"} & asked & set(pairs(note))]


def standard_lines(standard: Standard, *, with_conditions: bool) -> list[str]:
    until = next((w.valid_until for w in standard.windows if w.valid_until), None)
    return [
        say("standard", title=standard.title, summary=standard.summary),
        figures_of(standard),
        say("standard_conditions", conditions="；".join(standard.conditions)) if with_conditions and standard.conditions else "",
        say("period", standard.state, until=written_day(until)) if until and standard.in_force else "",
    ]


def figures_of(standard: Standard) -> str:
    conditions = "；".join(standard.conditions)
    money = [f for f in standard.figures if ("元" in f.text or "%" in f.text) and f.label + f.text not in conditions]
    figures = "；".join(f"{f.label}{'最高' if f.ceiling and '最高' not in f.label else ''}{_per(f)}" for f in money)
    return say("standard_figures", figures=figures) if figures else ""


def _per(figure: FigureView) -> str:
    """每招用1人1500元: the unit's own 每 is not said twice."""
    text = figure.text.replace(" ", "")
    return text.split("/")[0] if "每" in figure.label else text


def general_part(standards: Sequence[Standard], asked: Sequence[str], intent: Mapping[str, Any]) -> str:
    """Deadline, procedure and combination, where they are asked."""
    parts = []
    for standard in standards:
        if "deadline" in asked:
            parts.append(_deadline(standard, intent.get("then") or []))
    if "how" in asked and standards:
        stated = [note for standard in standards for note in (*standard.notes, *standard.open_points) if "申请" in note]
        parts.append(say("how") + "".join(stated))
    if "difference" in asked and standards:
        parts.append(say("combine"))
    return "\n\n".join(parts)


def _deadline(standard: Standard, then: Sequence[int]) -> str:
    window = next((w for w in standard.windows if w.valid_until), None)
    if window is None:
        return say("deadline_open", title=standard.title)
    now = load_data("phrases")["deadline_now"].get(window.state, "")
    text = say("deadline", title=standard.title, quote=window.quote, until=written_day(window.valid_until), now=now)
    if then and window.valid_until and tuple(then) > (window.valid_until.year, window.valid_until.month)[: len(then)]:
        text += say("deadline_then", no_more=no_more(standard.tool), day="".join(f"{n}{unit}" for n, unit in zip(then, "年月", strict=False)))
    return text


def _opening_question(tool: str) -> str:
    """What to tell first, to have one's own case worked out."""
    names = [name for name in find(tool).facts.model_fields if word(name).presume is None]
    return word(names[0]).ask if names else ""


_MORE_THAN_FIGURE = re.compile(r"一起|都|加起来|所有|全部|固定|肯定|一定|不管|随便|每年|第二")
"""A belief that goes beyond the figure, which a right figure does not bear out."""


def claim_answered(
    intent: Mapping[str, Any], standards: Sequence[Standard], results: Sequence[Calculation], text: str
) -> str:
    """A figure somebody has heard of, held against the plan's."""
    claims = [Decimal(value) for value in intent.get("claims") or []]
    if not claims or not standards:
        return ""
    figures = [f for name in {s.tool for s in standards} for f in find(name).benefit.figures.values()]
    values = {f.value for f in figures} | {v for r in results for v in (r.amount, r.ceiling) if v is not None}
    wrong = [value for value in claims if value not in values]
    if not wrong and any(result.verdict == "not_met" for result in results):
        return say("not_so")  # the figure is the plan's, but not for this case
    if not wrong:
        amounts = {f.value for f in figures if "元" in f.unit or f.unit == "%"}
        plain_question = len(text) <= 30 and not _MORE_THAN_FIGURE.search(text)
        return say("right") if len(amounts) == 1 and plain_question else say("depends")
    return say("wrong", claims="、".join(f"{plain(value)}" for value in wrong))
