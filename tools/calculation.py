"""What a calculator answers: the result with everything needed to check it."""

from datetime import date
from decimal import Decimal
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from tools.conditions import Verdict

State = Literal["未生效", "有效", "已到期", "未规定期限"]
AmountKind = Literal["subsidy", "fee", "deferral", "refund", "loan", "service"]


class Citation(BaseModel):
    """A passage of a document, word for word."""

    model_config = ConfigDict(frozen=True)

    document: str
    clause: int = Field(ge=1, le=22)
    title: str
    quote: str


class ConditionView(BaseModel):
    """One requirement as people see it: ✓, ✗ or ?, with what is known."""

    label: str
    verdict: Verdict
    clause: int
    fact: str = ""
    have: str = ""
    presumed: bool = False
    """Nobody said so; it was taken as given and is stated as an assumption."""
    open_in_plan: bool = False
    operator: Literal["all", "any", ""] = ""
    children: list["ConditionView"] = []


class WindowView(BaseModel):
    kind: Literal["validity", "event", "application"]
    label: str
    valid_from: date | None
    valid_until: date | None
    quote: str
    state: State


class Change(BaseModel):
    """What would change the outcome: one fact set otherwise, and the result of the same calculator then."""

    fact: str
    label: str
    """再交1个月（满3个月）"""
    value: Any
    verdict: Verdict
    amount: Decimal | None = None
    ceiling: Decimal | None = None


class Alternative(BaseModel):
    """A result under a condition that the plan leaves open."""

    condition: str
    amount: Decimal
    steps: list[str]


class LineView(BaseModel):
    """One group of people, or one tier: its own verdict and amount."""

    label: str
    verdict: Verdict
    amount: Decimal | None = None
    ceiling: bool = False
    reasons: list[str] = []
    """Why it is not met, or, for an addition that the plan leaves open, why it is not counted."""


class Calculation(BaseModel):
    """The contract of a calculator's answer. Money in yuan, rounded half up to the fen."""

    tool: str
    title: str
    kind: AmountKind
    facts: dict[str, Any]
    presumed: list[str] = []
    """Paths of the facts that were taken as given."""
    verdict: Verdict
    conditions: list[ConditionView]
    lines: list[LineView] = []
    steps: list[str]
    amount: Decimal | None = None
    """Due in this case and in force; None while anything is unknown, and when the period has ended."""
    ceiling: Decimal | None = None
    """A maximum (最高), never an amount due. There is either an amount or a ceiling, never both."""
    fixed: Decimal | None = None
    """The part of the ceiling that is a fixed standard: due as it stands, while the rest is a maximum."""
    if_in_force: Decimal | None = None
    """What it would have been within its period; only when that does not cover the date."""
    low: Decimal | None = None
    high: Decimal | None = None
    """Range of what is possible while facts are missing; ``high`` None: without limit; both None: no range,
    since all is known, no money is at stake, or the period does not cover the date."""
    unit: str = "元"
    as_of: date
    valid_from: date | None = None
    valid_until: date | None = None
    in_force: bool
    state: State
    windows: list[WindowView] = []
    missing: list[str] = []
    """Paths of facts that can still change the outcome, the one that decides most first."""
    assumptions: list[str] = []
    open_points: list[str] = []
    notes: list[str] = []
    changes: list[Change] = []
    alternatives: list[Alternative] = []
    citations: list[Citation]
