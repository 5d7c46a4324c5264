"""What other facts would lead to: the range while facts are missing, what to ask next, what would change it.

All of it is found by running the same calculator on other facts; nothing here knows a benefit.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from tools.calculation import Calculation, Change
from tools.calculator import Calculator, Outcome, outcome_of, run, unknowns
from tools.conditions import Condition, failed
from tools.facts import FactError, get_path, with_value, word
from tools.formula import plain, to_fen

_ROUNDS = 24
"""Setting one fact can reveal another; no calculator comes near this many."""
_MANY = 40
"""With more facts missing than this, what to ask first is read off the conditions: trying all pairs would take minutes."""


@dataclass(frozen=True, slots=True)
class Range:
    """What is possible while facts are missing, in yuan; ``high`` None: without limit."""

    low: Decimal
    high: Decimal | None


def bounds(tool: Calculator[Any], facts: Mapping[str, Any], outcome: Outcome | None = None) -> Range | None:
    """The least and the most that the unknown facts can still lead to; None where no amount is at stake.

    ``outcome``: that of the facts, if at hand.
    """
    first = outcome_of(tool, facts) if outcome is None else outcome
    if not any(line.formula for line in first.lines if line.condition.verdict != "not_met"):
        return None
    low, _ = _extreme(tool, facts, first, best=False)
    high, unlimited = _extreme(tool, facts, first, best=True)
    return Range(low, None if unlimited else max(low, high))


def most_decisive(tool: Calculator[Any], facts: Mapping[str, Any]) -> list[str]:
    """The missing facts, the one that narrows the range most first; ties in the order of the plan."""
    outcome = outcome_of(tool, facts)
    missing = _possible(outcome)
    if len(missing) > _MANY:
        return first_question(outcome)
    if len(missing) < 2:
        return list(missing)
    # An amount without limit is compared per unit: as if each unlimited fact were 1 above its least.
    unit = dict(facts)
    for path, possible in missing.items():
        if possible.unlimited:
            unit = with_value(unit, path, possible.best[-1])
    whole = _width(tool, unit)
    if not whole:
        return first_question(outcome)
    remaining = {}
    for path, possible in missing.items():
        if possible.unlimited:
            remaining[path] = 2 * whole
            continue
        # A fact that decides several things is worth what its furthest values leave open.
        left = min(_width(tool, with_value(unit, path, value)) for value in possible.worst)
        remaining[path] = left + max(_width(tool, with_value(unit, path, value)) for value in possible.best)
    return sorted(missing, key=lambda path: remaining[path])


def first_question(outcome: Outcome) -> list[str]:
    """The missing facts, the one that can rule out most first: read off the conditions, without running again."""
    lines = [line for line in outcome.lines if line.condition.verdict != "not_met"]
    values = [line.formula.value if line.formula else None for line in lines]
    weights = [Decimal(1) if None in values else value or Decimal(0) for value in values]
    missing = dict.fromkeys(path for path, _ in unknowns(outcome))
    ruled_out = {
        path: sum((w for w, line in zip(weights, lines, strict=True) if _fails(line.condition, path)), Decimal(0))
        for path in missing
    }
    return sorted(missing, key=lambda path: -ruled_out[path])


def _fails(condition: Condition, path: str) -> bool:
    """Whether the condition is lost if that one fact turns out otherwise."""
    if condition.verdict != "unknown":
        return condition.verdict == "not_met"
    if condition.operator == "all":
        return any(_fails(child, path) for child in condition.children)
    if condition.operator == "any":
        return all(_fails(child, path) for child in condition.children)
    return condition.fact == path


def changes(tool: Calculator[Any], facts: Mapping[str, Any], result: Calculation) -> list[Change]:
    """What would turn a refusal, or lead to more: each failed condition and each threshold ahead, tried out.

    Where one thing alone helps a group of people, each such thing; where several are needed, all of them at once.
    """
    outcome = outcome_of(tool, facts)
    before = _Before(tool, facts, outcome, result)
    found: dict[tuple[str, ...], Change] = {}
    for line in outcome.lines:
        alone = [change for leaf in failed(line.condition) if (change := before.with_these([leaf]))]
        if not alone and len(needed := _repair(line.condition) or []) > 1:
            alone = [change for change in [before.with_these(needed)] if change]
        for change in alone:
            found.setdefault((change.fact, change.label), change)
    for path, target in outcome.levers.items():
        leaf = target if isinstance(target, Condition) else Condition("", "not_met", 1, path, passing=target)
        if change := before.with_these([replace(leaf, fact=path)]):
            found.setdefault((change.fact, change.label), change)
    return _nearest(list(found.values()), facts)


def _nearest(found: Sequence[Change], facts: Mapping[str, Any]) -> list[Change]:
    """Of several values of one number that come to the same, the one that takes least."""
    best: dict[Any, Change] = {}
    for change in found:
        if not change.fact or isinstance(change.value, bool) or not isinstance(change.value, int):
            best[change.fact, change.label] = change
            continue
        key = (change.fact, change.verdict, change.amount, change.ceiling)
        other = best.setdefault(key, change)
        have = Decimal(get_path(facts, change.fact) or 0)
        if abs(change.value - have) < abs(other.value - have):
            best[key] = change
    return list(best.values())


@dataclass(frozen=True, slots=True)
class _Before:
    """The case as it is, to hold a change against."""

    tool: Calculator[Any]
    facts: Mapping[str, Any]
    outcome: Outcome
    result: Calculation

    def with_these(self, leaves: Sequence[Condition]) -> Change | None:
        """The change that meets these conditions, if the same calculator then gives a better result."""
        wanted = {leaf.fact: leaf for leaf in leaves}
        if not all(path and not word(path).fixed for path in wanted):
            return None
        changed = dict(self.facts)
        for path, leaf in wanted.items():
            changed = self._set(changed, path, leaf.passing)
        try:
            after = _value(outcome_of(self.tool, changed))
            better = run(self.tool, changed, self.result.as_of)
        except FactError:
            return None
        turned = (self.result.verdict, better.verdict)
        if turned == ("met", "unknown") or (after <= _value(self.outcome) and turned != ("not_met", "met")):
            return None
        values = {path: leaf.passing for path, leaf in wanted.items()}
        single = len(values) == 1
        return Change(
            fact=next(iter(values)) if single else "",
            label="，并且".join(_wish(leaf, get_path(self.facts, path)) for path, leaf in wanted.items()),
            value=next(iter(values.values())) if single else values,
            verdict=better.verdict,
            amount=better.amount if better.in_force else None,
            ceiling=better.ceiling,
        )

    def _set(self, facts: dict[str, Any], path: str, value: Any) -> dict[str, Any]:
        """The facts with one set otherwise, and with it those that grow alongside, where both are known."""
        facts = with_value(facts, path, value)
        for other in self.outcome.together.get(path, ()):
            before, have = get_path(self.facts, other), get_path(self.facts, path)
            if before is not None and have is not None:
                facts = with_value(facts, other, before + value - have)
        return facts


def _repair(condition: Condition) -> list[Condition] | None:
    """The fewest leaves that would have to be met for the whole to be; None where nobody can act on one."""
    if condition.verdict != "not_met":
        return []
    if not condition.children:
        return [condition] if condition.fact and not word(condition.fact).fixed else None
    options = [_repair(child) for child in condition.children]
    if condition.operator == "any":
        return min((option for option in options if option is not None), key=len, default=None)
    if None in options:
        return None
    return [leaf for option in options for leaf in option or ()]


def explain(tool: Calculator[Any], facts: Mapping[str, Any], as_of: date) -> Calculation:
    """The whole answer: the result, and, where it is not settled, range, next question and what would change it.

    Outside its period nothing is possible and nothing would change that: no range, no changes.
    """
    result = run(tool, facts, as_of)
    dumped = result.facts
    update: dict[str, Any] = {}
    if result.missing:
        update["missing"] = most_decisive(tool, dumped)
    if result.missing and result.in_force and (possible := bounds(tool, dumped)):
        update["low"] = to_fen(possible.low)
        update["high"] = None if possible.high is None else to_fen(possible.high)
    if result.in_force:
        update["changes"] = changes(tool, dumped, result)
    return result.model_copy(update=update)


@dataclass(slots=True)
class _Possible:
    """What a missing fact can be at worst and at best: one value for each condition or term that it decides."""

    worst: list[Any]
    best: list[Any]
    unlimited: bool = False

    def ends(self, best: bool) -> list[Any]:
        return self.best if best else self.worst


def _possible(outcome: Outcome) -> dict[str, _Possible]:
    """The missing facts with the values that decide, in the order of the plan."""
    found: dict[str, _Possible] = {}
    for path, (worst, best) in unknowns(outcome):
        entry = found.setdefault(path, _Possible([], []))
        if best is None:
            # Without limit: any number above the least shows what one more brings.
            entry.unlimited = True
            best = max([worst + 1, *(value for value in entry.best if isinstance(value, int))])
        for values, value in ((entry.worst, worst), (entry.best, best)):
            if value not in values:
                values.append(value)
    return found


def _extreme(tool: Calculator[Any], facts: Mapping[str, Any], outcome: Outcome, *, best: bool) -> tuple[Decimal, bool]:
    """The amount with every unknown fact at its best (or worst), and whether a fact without limit took part."""
    unlimited = False
    current = dict(facts)
    for _ in range(_ROUNDS):
        missing = _possible(outcome)
        if not missing:
            break
        unlimited = unlimited or (best and any(possible.unlimited for possible in missing.values()))
        for path, possible in missing.items():
            current = with_value(current, path, possible.ends(best)[-1])
        try:
            for path, possible in missing.items():
                if len(possible.ends(best)) > 1:
                    current = _furthest(tool, current, path, possible.ends(best), best)
            outcome = outcome_of(tool, current)
        except FactError:
            # The extremes contradict each other; what can be said without them is true, if wide.
            return Decimal(0), best
    value = _value(outcome)
    return value, unlimited and value > 0


def _furthest(
    tool: Calculator[Any], facts: dict[str, Any], path: str, values: Sequence[Any], best: bool
) -> dict[str, Any]:
    """The facts with the value that leads furthest, of several that each decide something else."""
    tried = [with_value(facts, path, value) for value in reversed(values)]
    reached = [_value(outcome_of(tool, candidate)) for candidate in tried]
    return tried[reached.index(max(reached) if best else min(reached))]


def _value(outcome: Outcome) -> Decimal:
    """What the lines that are met come to."""
    values = [line.formula.value for line in outcome.lines if line.condition.met and line.formula]
    return sum((value for value in values if value is not None), Decimal(0))


def _width(tool: Calculator[Any], facts: Mapping[str, Any]) -> Decimal:
    try:
        possible = bounds(tool, facts)
    except FactError:
        return Decimal(0)
    if possible is None:
        return Decimal(0)
    return (possible.high if possible.high is not None else Decimal(10) ** 12) - possible.low


def _wish(leaf: Condition, have: Any) -> str:
    """再加1个月，满3个月 for a number that falls short; else the requirement itself."""
    about = word(leaf.fact)
    target = leaf.passing
    number = isinstance(target, int) and not isinstance(target, bool)
    counted = number and isinstance(have, int | str) and str(have).isdigit()
    if counted and int(target) > int(have):
        text = f"{about.label}再增加{plain(Decimal(target) - Decimal(have))}{about.unit}"
        return f"{text}（{leaf.label}）" if leaf.label else f"{text}，到{target}{about.unit}"
    if counted and leaf.label:
        return f"{about.label}为{target}{about.unit}（{leaf.label}）"
    return leaf.label or f"{about.label}为{target}{about.unit}"
