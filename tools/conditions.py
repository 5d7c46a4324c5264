"""Three-valued eligibility: met, not met, not known; as a tree of AND and OR.

A leaf remembers which fact it looked at and which values of that fact would decide it, so that what to
ask next, the range of what is still possible and what would change a refusal are all computed by running
the same calculator again, never written by hand.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

Verdict = Literal["met", "not_met", "unknown"]
Number = int | Decimal


@dataclass(frozen=True, slots=True)
class Condition:
    """One requirement of the plan, or several joined by AND (``all``) or OR (``any``)."""

    label: str
    """The requirement in plain Chinese."""
    verdict: Verdict
    clause: int
    """Number of the clause that states it, 1–22."""
    fact: str = ""
    """Path of the fact a leaf looked at, ``hires.0.category``; empty for a node."""
    have: str = ""
    """What is known of that fact, in Chinese; empty when nothing is."""
    failing: Any = None
    """A value of the fact for which the leaf is not met."""
    passing: Any = None
    """A value of the fact for which the leaf is met: the nearest one for a threshold."""
    open_in_plan: bool = False
    """The plan leaves this open (按规定, 相关企业): nobody can be asked, it is only said."""
    on_boundary: bool = False
    """Met exactly at a 以上 or 以下: included by 民法典, yet said, for the office decides."""
    operator: Literal["all", "any", ""] = ""
    children: tuple["Condition", ...] = ()

    @property
    def met(self) -> bool:
        return self.verdict == "met"


def _of(value: bool | None) -> Verdict:
    return "unknown" if value is None else "met" if value else "not_met"


def is_true(label: str, value: bool | None, *, fact: str, clause: int) -> Condition:
    """A yes/no requirement."""
    have = "" if value is None else "是" if value else "否"
    return Condition(label, _of(value), clause, fact, have, False, True)


def is_false(label: str, value: bool | None, *, fact: str, clause: int) -> Condition:
    """A requirement that something is not so; ``have`` answers the label (离校后未就业: 否), not the fact."""
    have = "" if value is None else "否" if value else "是"
    return Condition(label, _of(None if value is None else not value), clause, fact, have, True, False)


def is_one_of(
    label: str,
    value: str | None,
    allowed: Iterable[str],
    *,
    fact: str,
    clause: int,
    other: str = "其他",
    best: str | None = None,
) -> Condition:
    """A category that must be among ``allowed``.

    ``best`` is the one of them that leads to most (the first, if not given); ``other`` is a value outside of them, or,
    where all values are allowed, the one that leads to least.
    """
    options = tuple(allowed)
    verdict = _of(None if value is None else value in options)
    return Condition(label, verdict, clause, fact, value or "", other, options[0] if best is None else best)


def at_least(
    label: str, value: Number | None, threshold: Number, *, fact: str, clause: int, unit: str = ""
) -> Condition:
    """以上, 满: the threshold itself is included (民法典第一千二百五十九条)."""
    verdict = _of(None if value is None else value >= threshold)
    edge = value == threshold
    return Condition(label, verdict, clause, fact, _show(value, unit), threshold - 1, threshold, on_boundary=edge)


def at_most(
    label: str, value: Number | None, threshold: Number, *, fact: str, clause: int, unit: str = ""
) -> Condition:
    """以下, 以内, 内: the threshold itself is included."""
    verdict = _of(None if value is None else value <= threshold)
    edge = value == threshold
    return Condition(label, verdict, clause, fact, _show(value, unit), threshold + 1, threshold, on_boundary=edge)


def more_than(
    label: str, value: Number | None, threshold: Number, *, fact: str, clause: int, unit: str = ""
) -> Condition:
    """超过: the threshold itself is excluded."""
    verdict = _of(None if value is None else value > threshold)
    return Condition(label, verdict, clause, fact, _show(value, unit), threshold, threshold + 1)


def left_open(label: str, *, clause: int) -> Condition:
    """A requirement that the plan names but does not define; taken as met, and said to be open."""
    return Condition(label, "met", clause, open_in_plan=True)


def all_of(label: str, *children: Condition, clause: int | None = None) -> Condition:
    """AND: not met as soon as one is not met, met when all are."""
    verdicts = {child.verdict for child in children}
    verdict: Verdict = "not_met" if "not_met" in verdicts else "unknown" if "unknown" in verdicts else "met"
    return _node(label, verdict, "all", children, clause)


def any_of(label: str, *children: Condition, clause: int | None = None) -> Condition:
    """OR: met as soon as one is met, not met when none can be."""
    verdicts = {child.verdict for child in children}
    verdict: Verdict = "met" if "met" in verdicts else "unknown" if "unknown" in verdicts else "not_met"
    return _node(label, verdict, "any", children, clause)


def _node(
    label: str,
    verdict: Verdict,
    operator: Literal["all", "any"],
    children: tuple[Condition, ...],
    clause: int | None,
) -> Condition:
    number = children[0].clause if clause is None else clause
    return Condition(label, verdict, number, operator=operator, children=children)


def under(prefix: str, condition: Condition) -> Condition:
    """The same tree with every fact path below ``prefix`` (a row of a list of groups)."""
    c = condition
    fact = f"{prefix}.{c.fact}" if c.fact else ""
    children = tuple([under(prefix, child) for child in c.children])
    # Spelt out: dataclasses.replace takes five times as long, and this runs for every leaf of every row.
    return Condition(
        c.label, c.verdict, c.clause, fact, c.have, c.failing, c.passing, c.open_in_plan, c.on_boundary, c.operator,
        children,
    )  # fmt: skip


def undecided(condition: Condition) -> Iterator[Condition]:
    """The leaves that are not known and can still change the outcome, in the order of the plan.

    One that the text itself leaves undecided has no fact: nobody can be asked for it.
    """
    if condition.verdict != "unknown":
        return
    if not condition.children and condition.fact:
        yield condition
    for child in condition.children:
        yield from undecided(child)


def failed(condition: Condition) -> Iterator[Condition]:
    """The leaves that made the outcome "not met"."""
    if condition.verdict != "not_met":
        return
    if not condition.children:
        yield condition
    for child in condition.children:
        yield from failed(child)


def on_boundary(condition: Condition) -> Iterator[Condition]:
    """The leaves that are met exactly at the limit (以上, 以下, 以内)."""
    if condition.on_boundary and condition.met:
        yield condition
    for child in condition.children:
        yield from on_boundary(child)


def _show(value: Number | None, unit: str) -> str:
    if value is None:
        return ""
    return f"{value.normalize():f}{unit}" if isinstance(value, Decimal) else f"{value}{unit}"
