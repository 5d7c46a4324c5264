"""Exact arithmetic that shows its work: every step a person can check, 3 人 × 1500 元/人 = 4500 元."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal

from tools.parameters import Figure

FEN = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Term:
    """One operand: a fact, a figure of the plan, or the result of an earlier step."""

    value: Decimal | None
    """None while the fact is not known."""
    unit: str
    fact: str = ""
    """Path of the fact it comes from; empty for a figure of the plan or a result."""
    low: Decimal | None = None
    high: Decimal | None = None
    """What an unknown fact comes to at worst and at best, where other facts limit it; ``high`` None: no limit."""
    name: str = ""

    def __str__(self) -> str:
        if self.value is None:
            return self.name or "？"
        shown = plain(self.value)
        return f"{shown}{self.unit}" if self.unit == "%" else f"{shown} {self.unit}"

    @property
    def factor(self) -> Decimal | None:
        """What it multiplies by: 25 % is 0.25."""
        return self.value / 100 if self.value is not None and self.unit == "%" else self.value


@dataclass(frozen=True, slots=True)
class Formula:
    """A result with the steps that led to it. ``value`` is None while an operand is unknown."""

    value: Decimal | None
    steps: tuple[str, ...]
    unknown: tuple[Term, ...] = ()
    unit: str = "元"
    inputs: tuple[Term, ...] = field(default=(), repr=False)


def known(value: Decimal | int | None, unit: str, fact: str, name: str, *, low: int | None = None,
          high: int | None = None) -> Term:
    """A fact as an operand; ``name`` is what stands in the step while it is not known."""
    bound = (None if low is None else Decimal(low), None if high is None else Decimal(high))
    return Term(None if value is None else Decimal(value), unit, fact, *bound, name)


def figure(parameter: Figure) -> Term:
    """A figure of the plan as an operand."""
    return Term(parameter.value, parameter.unit)


def product(*terms: Term, unit: str = "元") -> Formula:
    """The product of the terms, in one step."""
    left = " × ".join(str(term) for term in terms)
    unknown = tuple(term for term in terms if term.value is None)
    if unknown:
        return Formula(None, (f"{left} = ？ {unit}",), unknown, unit, terms)
    value = Decimal(1)
    for term in terms:
        assert term.factor is not None
        value *= term.factor
    return Formula(value, (f"{left} = {plain(value)} {unit}",), (), unit, terms)


def added(*terms: Term, unit: str) -> Formula:
    """The sum of facts, in one step; a single one needs none."""
    unknown = tuple(term for term in terms if term.value is None)
    value = None if unknown else sum((term.value for term in terms if term.value is not None), Decimal(0))
    shown = "？" if value is None else plain(value)
    steps = (" + ".join(str(term) for term in terms) + f" = {shown} {unit}",) if len(terms) > 1 else ()
    return Formula(value, steps, unknown, unit, terms)


def times(earlier: Formula, *terms: Term, name: str = "", unit: str = "元") -> Formula:
    """An earlier result multiplied further: its steps first; ``name`` stands for it while it is not known."""
    last = product(Term(earlier.value, earlier.unit, name=name), *terms, unit=unit)
    unknown = (*earlier.unknown, *(term for term in terms if term.value is None))
    return Formula(last.value, (*earlier.steps, *last.steps), unknown, unit, (*earlier.inputs, *terms))


def total(formulas: Sequence[Formula], unit: str = "元") -> Formula:
    """The sum of several results; a single one is passed on without a further step."""
    if len(formulas) == 1:
        return formulas[0]
    steps = tuple(step for formula in formulas for step in formula.steps)
    inputs = tuple(term for formula in formulas for term in formula.inputs)
    unknown = tuple(term for formula in formulas for term in formula.unknown)
    if unknown:
        return Formula(None, steps, unknown, unit, inputs)
    values = [formula.value for formula in formulas if formula.value is not None]
    value = sum(values, Decimal(0))
    if not formulas:
        return Formula(value, steps, (), unit, inputs)
    step = " + ".join(f"{plain(v)} {unit}" for v in values) + f" = {plain(value)} {unit}"
    return Formula(value, (*steps, step), (), unit, inputs)


def as_term(formula: Formula, name: str = "") -> Term:
    """The result of an earlier step as an operand of the next."""
    return Term(formula.value, formula.unit, name=name)


def to_fen(value: Decimal) -> Decimal:
    """Rounded half up to the fen (分), as money is paid."""
    return value.quantize(FEN, ROUND_HALF_UP)


def plain(value: Decimal) -> str:
    """A number as people write it: no exponent, no trailing zeros."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def spoken(value: Decimal) -> str:
    """A sum in yuan as people say it: 30万 for 300000; where it is not that round, in full."""
    return f"{plain(value / 10_000)}万" if value >= 10_000 and value % 10_000 == 0 else plain(value)
