"""A benefit as the plan states it, without anybody's case: figures, conditions, periods."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from pydantic import BaseModel

from tools.calculation import Citation, ConditionView, State, WindowView
from tools.calculator import Calculator, citations, run
from tools.formula import plain, spoken


class FigureView(BaseModel):
    """One figure as it is read: 每招用1人：1500 元/人."""

    label: str
    text: str
    ceiling: bool
    clause: int


class Standard(BaseModel):
    """What the plan says of a benefit, as of a date."""

    tool: str
    title: str
    summary: str
    figures: list[FigureView]
    conditions: list[str]
    windows: list[WindowView]
    state: State
    in_force: bool
    open_points: list[str]
    notes: list[str]
    citations: list[Citation]

    def brief(self) -> dict[str, Any]:
        """What a model needs to phrase it."""
        return {
            "title": self.title, "summary": self.summary, "state": self.state, "conditions": self.conditions,
            "figures": [f"{f.label}：{'最高' if f.ceiling else ''}{f.text}" for f in self.figures],
            "periods": [w.quote for w in self.windows],
        }


def describe(tool: Calculator[Any], as_of: date) -> Standard:
    """The benefit's data as of a date; conditions are those of a case of which nothing is known."""
    benefit, nothing = tool.benefit, run(tool, {}, as_of)
    figures = [
        FigureView(label=f.label, text=_text(spoken(f.value) if f.unit.startswith("元") else plain(f.value), f.unit), ceiling=f.ceiling, clause=f.clause)
        for f in benefit.figures.values()
    ]
    first = [label for condition in nothing.conditions[:1] for label in _labels(condition)]
    return Standard(
        tool=tool.id, title=tool.title, summary=benefit.summary, figures=figures,
        conditions=[*first, *_further(nothing.conditions[1:], first, [line.label for line in nothing.lines[1:]])],
        windows=nothing.windows, state=nothing.state, in_force=nothing.in_force,
        open_points=list(benefit.open_points), notes=list(benefit.notes), citations=citations(benefit),
    )


def _further(conditions: list[ConditionView], known: list[str], lines: list[str]) -> Iterator[str]:
    """What a second payment asks for besides: 带动就业的再给一笔，还要：…."""
    for condition, line in zip(conditions, lines, strict=True):
        if more := [label for label in _labels(condition) if label not in known]:
            yield f"{line}，还要{'、'.join(more)}"


def _labels(condition: ConditionView) -> list[str]:
    """The requirements joined by AND; an OR is one requirement."""
    if condition.operator == "all" and condition.children:
        return [label for child in condition.children for label in _labels(child)]
    if condition.operator == "any" and condition.children:
        return ["；或".join("、".join(_labels(child)) for child in condition.children)]
    return [condition.label]


def _text(value: str, unit: str) -> str:
    return f"{value}{unit}" if unit.startswith("%") else f"{value} {unit}"
