"""The frame all calculators share: a declaration, a pure function, and the result with all that explains it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Any, Generic, TypeVar

from corpus import load_plan
from tools.calculation import (
    Alternative,
    AmountKind,
    Calculation,
    Citation,
    ConditionView,
    LineView,
    State,
    WindowView,
)
from tools.conditions import Condition, Verdict, failed, on_boundary, undecided
from tools.facts import Facts, get_path, parse_facts, with_value, word
from tools.formula import Formula, plain, to_fen, total
from tools.parameters import Benefit, Window, load_benefit

F = TypeVar("F", bound=Facts)


@dataclass(frozen=True, slots=True)
class Line:
    """A group of people or a tier: who qualifies, and how much that is."""

    label: str
    condition: Condition
    formula: Formula | None = None
    """None: the plan states no amount (a service, a possibility)."""
    ceiling: bool = False
    optional: bool = False
    """An addition to the benefit (a second tier): while it is open, the rest is due all the same."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a calculator's function returns; the frame turns it into a Calculation."""

    lines: Sequence[Line]
    event: date | None = None
    """When what the benefit is for happened (hired on), if known: that date must fall in the period."""
    notes: Sequence[str] = ()
    alternatives: Sequence[Alternative] = ()
    levers: Mapping[str, Any] = field(default_factory=dict)
    """Facts a little further on that would lead to more, though nothing failed: path → value, or → a leaf
    condition whose label says what is reached (留用率达到50%) and whose ``passing`` is the value."""
    together: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """Facts that grow as another does, since both count the time until today: path → paths."""
    cited: Sequence[str] = ()
    """Names of the figures this case rests on; empty: all of the benefit's."""


@dataclass(frozen=True)
class Calculator(Generic[F]):
    """A benefit that can be computed: its data file, its facts and its function."""

    id: str
    facts: type[F]
    function: Callable[[F, Benefit], Outcome]
    kind: AmountKind

    @property
    def benefit(self) -> Benefit:
        return load_benefit(self.id)

    @property
    def title(self) -> str:
        return self.benefit.title

    def schema(self) -> dict[str, Any]:
        """JSON Schema of the facts, with labels and units."""
        return self.facts.model_json_schema()


REGISTRY: dict[str, Calculator[Any]] = {}


def calculator(
    name: str, facts: type[F], kind: AmountKind = "subsidy"
) -> Callable[[Callable[[F, Benefit], Outcome]], Callable[[F, Benefit], Outcome]]:
    """Declare a calculator. ``name`` is that of its parameter file."""

    def declare(function: Callable[[F, Benefit], Outcome]) -> Callable[[F, Benefit], Outcome]:
        REGISTRY[name] = Calculator(name, facts, function, kind)
        return function

    return declare


def run(tool: Calculator[F], facts: Mapping[str, Any] | F, as_of: date) -> Calculation:
    """Calculate once. Unknown facts leave the verdict unknown. Raises FactError."""
    model = parse_facts(tool.facts, facts)
    return conclude(tool, model, evaluate(tool, model), as_of)


def evaluate(tool: Calculator[F], model: F) -> Outcome:
    """What the calculator's function makes of the facts; where a list of people is empty, that nobody is there."""
    outcome = tool.function(model, tool.benefit)
    return outcome if outcome.lines else replace(outcome, lines=[_nobody(tool, model)])


def _nobody(tool: Calculator[F], model: F) -> Line:
    who = next(word(name).label for name in type(model).model_fields if getattr(model, name) == ())
    return Line(who, Condition(f"有{who}", "not_met", tool.benefit.clauses[0]))


def conclude(tool: Calculator[F], model: F, outcome: Outcome, as_of: date) -> Calculation:
    """The calculation that an outcome amounts to on a date."""
    benefit = tool.benefit
    verdict = _overall(outcome.lines)
    windows = [_view(window, outcome.event, as_of) for window in benefit.windows]
    state = _state(windows)
    in_force = state in ("有效", "未规定期限")
    paid = [line for line in outcome.lines if line.condition.met and line.formula is not None]
    steps, amount, ceiling, fixed = _result(paid, verdict)
    return Calculation(
        tool=tool.id,
        title=benefit.title,
        kind=tool.kind,
        facts=model.model_dump(mode="json", exclude_none=True),
        verdict=verdict,
        conditions=[_show(line.condition) for line in outcome.lines],
        lines=[_line(line) for line in outcome.lines],
        steps=steps,
        amount=amount if in_force else None,
        ceiling=ceiling if in_force else None,
        fixed=fixed if in_force else None,
        if_in_force=None if in_force else ceiling if amount is None else amount,
        as_of=as_of,
        valid_from=max((w.valid_from for w in benefit.windows if w.valid_from), default=None),
        valid_until=min((w.valid_until for w in benefit.windows if w.valid_until), default=None),
        in_force=in_force,
        state=state,
        windows=windows,
        missing=list(dict.fromkeys(fact for fact, _ in unknowns(outcome))),
        open_points=list(benefit.open_points),
        notes=list(dict.fromkeys([*outcome.notes, *_boundary_notes(outcome.lines), *benefit.notes])),
        alternatives=list(outcome.alternatives) if in_force else [],
        citations=citations(benefit, outcome.cited),
    )


def outcome_of(tool: Calculator[F], facts: Mapping[str, Any]) -> Outcome:
    """The bare outcome, for code that explores what other facts would lead to."""
    return evaluate(tool, parse_facts(tool.facts, facts))


def unknowns(outcome: Outcome) -> Iterator[tuple[str, tuple[Any, Any]]]:
    """Facts that can still change the outcome, with the values (worst, best) that decide; best None: unbounded."""
    for line in outcome.lines:
        if line.condition.verdict == "not_met":
            continue
        for leaf in undecided(line.condition):
            yield leaf.fact, (leaf.failing, leaf.passing)
        for term in line.formula.unknown if line.formula else ():
            if term.fact:
                yield term.fact, (_count(term.low or Decimal(0)), None if term.high is None else _count(term.high))


def _count(value: Decimal) -> int | Decimal:
    """A whole number as an int, for facts that are counts."""
    return int(value) if value == value.to_integral_value() else value


def _overall(lines: Sequence[Line]) -> Verdict:
    required = [line for line in lines if not line.optional] or list(lines)
    states = {_verdict(line) for line in required}
    return "unknown" if "unknown" in states else "met" if "met" in states else "not_met"


def _verdict(line: Line) -> Verdict:
    """A line that is met but whose amount is not known yet is not decided."""
    if line.condition.met and line.formula is not None and line.formula.value is None:
        return "unknown"
    return line.condition.verdict


def _result(
    paid: Sequence[Line], verdict: Verdict
) -> tuple[list[str], Decimal | None, Decimal | None, Decimal | None]:
    """Steps, the amount due or else the ceiling with its fixed part; none of them while anything that decides is unknown."""
    formulas = [line.formula for line in paid if line.formula is not None]
    ready = [formula for formula in formulas if formula.value is not None]
    whole = total(ready) if ready else None
    steps = [step for f in formulas if f.value is None for step in f.steps] + list(whole.steps if whole else ())
    if verdict != "met" or whole is None or whole.value is None:
        return steps, None, None, None
    fixed = [line.formula for line in paid if not line.ceiling and line.formula and line.formula.value is not None]
    capped = [line for line in paid if line.ceiling]
    rounded = to_fen(whole.value)
    if rounded != whole.value:
        steps.append(f"{plain(whole.value)} 元 ≈ {rounded} 元（四舍五入到分）")
    if not capped:
        return steps, rounded, None, None
    due = to_fen(sum((f.value for f in fixed if f.value is not None), Decimal(0)))
    return steps, None, rounded, due if fixed else None


def _boundary_notes(lines: Sequence[Line]) -> list[str]:
    """A person exactly on a 以上 or 以下 learns that the usual reading includes the number (unless the plan says 含)."""
    leaves = [leaf for line in lines if line.condition.verdict != "not_met" for leaf in on_boundary(line.condition)]
    return [
        f"正好在“{leaf.label}”的界限上：按通常理解含本数，以经办机构为准。" for leaf in leaves if "（含）" not in leaf.label
    ]


def _view(window: Window, event: date | None, as_of: date) -> WindowView:
    return WindowView(
        kind=window.kind,
        label=window.label,
        valid_from=window.valid_from,
        valid_until=window.valid_until,
        quote=window.quote,
        state=_where(window, event, as_of),
    )


def _where(window: Window, event: date | None, as_of: date) -> State:
    """What has to fall into an ``event`` window is the event alone; every other window covers today as well."""
    day = as_of if event is None else event if window.kind == "event" else max(as_of, event)
    if window.valid_from and day < window.valid_from and window.kind == "event":
        return "未生效"
    if window.valid_until and day > window.valid_until:
        return "已到期"
    return "有效" if window.valid_until or window.valid_from else "未规定期限"


def _state(windows: Sequence[WindowView]) -> State:
    states = [window.state for window in windows]
    order: tuple[State, ...] = ("已到期", "未生效", "有效")
    return next((state for state in order if state in states), "未规定期限")


def citations(benefit: Benefit, names: Sequence[str] = ()) -> list[Citation]:
    """The passages a result rests on: the figures' quotes and the periods', each once, in order of the text."""
    plan = load_plan()
    figures = [benefit.figures[name] for name in names] or list(benefit.figures.values())
    quotes = [(f.clause, f.quote) for f in figures]
    if not any(clause == benefit.clauses[0] for clause, _ in quotes):
        quotes.insert(0, (benefit.clauses[0], benefit.quote))
    quotes += [(w.clause, w.quote) for w in benefit.windows]
    return [
        Citation(document=plan.title, clause=clause, title=plan.clause(clause).title, quote=quote.lstrip("、，；"))
        for clause, quote in dict.fromkeys(quotes)
    ]


def _line(line: Line) -> LineView:
    value = line.formula.value if line.formula else None
    due = line.condition.met and value is not None
    return LineView(
        label=line.label,
        verdict=_verdict(line),
        amount=to_fen(value) if due and value is not None else None,
        ceiling=line.ceiling,
        reasons=list(_reasons(line.condition)) or _set_apart(line),
    )


def _set_apart(line: Line) -> list[str]:
    """Why an addition is left out of the sum for good: the plan does not say, so that nobody can be asked."""
    if not line.optional or line.condition.verdict != "unknown" or any(undecided(line.condition)):
        return []
    return [f"没有算在内：{leaf.label}" for leaf in _unsaid(line.condition)]


def _unsaid(condition: Condition) -> Iterator[Condition]:
    if condition.verdict == "unknown" and condition.open_in_plan:
        yield condition
    for child in condition.children:
        yield from _unsaid(child)


def _reasons(condition: Condition) -> Iterator[str]:
    """Why it is not met, a sentence for each requirement; one for an OR, of which any would have been enough."""
    if condition.verdict != "not_met":
        return
    if condition.operator == "all":
        for child in condition.children:
            yield from _reasons(child)
        return
    leaves = list(failed(condition))
    known = [_known(leaf) for leaf in leaves]
    if len(set(known)) == 1:  # looked at the same fact: said once, at the end
        known = [*[""] * (len(known) - 1), known[0]]
    yield "，也".join(f"不满足“{leaf.label}”{have}" for leaf, have in zip(leaves, known, strict=True))


def _known(leaf: Condition) -> str:
    """（人员类别：在校学生）; nothing for a yes or no, which the requirement itself tells."""
    if not leaf.have or not leaf.fact or isinstance(leaf.passing, bool):
        return ""
    return f"（{leaf.have}）" if isinstance(leaf.passing, tuple) else f"（{word(leaf.fact).label}：{leaf.have}）"


def _show(condition: Condition) -> ConditionView:
    return ConditionView(
        label=condition.label,
        verdict=condition.verdict,
        clause=condition.clause,
        fact=condition.fact,
        have=condition.have,
        open_in_plan=condition.open_in_plan,
        operator=condition.operator,
        children=[_show(child) for child in condition.children],
    )


__all__ = ["REGISTRY", "Calculator", "Line", "Outcome", "calculator", "get_path", "run", "with_value"]
