"""What holds for every calculator, whatever the facts: drawn from their declarations."""

import os
import re
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, reject, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter

from corpus import load_plan
from tests.tools.strategies import DATES, IN_FORCE, completed, names_of, told
from tools.calculation import Calculation, ConditionView
from tools.calculator import Calculator, outcome_of, run, unknowns
from tools.catalogue import catalogue
from tools.explore import explain
from tools.facts import FactError, bare_type, field_type, get_path, vocabulary, with_value
from tools.formula import to_fen

EXAMPLES = int(os.environ.get("EXAMPLES", "25"))
VERDICTS = ["not_met", "unknown", "met"]
every_calculator = pytest.mark.parametrize("tool", catalogue().values(), ids=lambda tool: tool.id)
examples = settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))


def worked(tool: Calculator[Any], facts: dict[str, Any], as_of: date = IN_FORCE) -> Calculation:
    """The calculation; facts that contradict each other are no example, but say so in Chinese."""
    try:
        return explain(tool, facts, as_of)
    except FactError as error:
        message = str(error)
    assert re.fullmatch(r"[^\n]*[一-鿿][^\n]*", message)
    return reject()


def shown(result: Calculation) -> Decimal | None:
    """What the result comes to, amount or ceiling."""
    return result.amount if result.ceiling is None else result.ceiling


@every_calculator
@examples
@given(data=st.data(), as_of=DATES)
def test_a_result_is_sound(tool: Calculator[Any], data: st.DataObject, as_of: date) -> None:
    result = worked(tool, data.draw(told(tool)), as_of)
    _amounts_in_order(result)
    _nothing_due_while_something_decides(result)
    _only_askable_facts_are_missing(tool, result)
    _citations_are_verbatim(tool, result)
    _in_force_only_within_the_period(result)
    _changes_are_improvements(tool, result)
    assert worked(tool, result.facts, as_of) == result


def _amounts_in_order(result: Calculation) -> None:
    amounts = [result.amount, result.ceiling, result.if_in_force, result.low, result.high]
    amounts += [line.amount for line in result.lines] + [other.amount for other in result.alternatives]
    amounts += [amount for change in result.changes for amount in (change.amount, change.ceiling)]
    assert all(amount is None or amount >= 0 for amount in amounts)
    if result.low is not None and result.high is not None:
        assert result.low <= result.high
    assert result.amount is None or result.ceiling is None
    if result.fixed is not None:
        assert result.ceiling is not None and result.fixed <= result.ceiling


def _nothing_due_while_something_decides(result: Calculation) -> None:
    if result.verdict != "met":
        assert (result.amount, result.ceiling, result.if_in_force) == (None, None, None)
    if result.verdict == "not_met":
        assert all(line.verdict == "not_met" for line in result.lines)
        assert all(line.reasons for line in result.lines)
    if result.verdict == "unknown" and not result.missing:
        # Only what the plan itself leaves undecided may stay open, and that was told.
        leaves = [leaf for condition in result.conditions for leaf in _undecided(condition)]
        assert leaves
        assert all(leaf.open_in_plan or get_path(result.facts, leaf.fact) is not None for leaf in leaves)


def _only_askable_facts_are_missing(tool: Calculator[Any], result: Calculation) -> None:
    assert len(set(result.missing)) == len(result.missing)
    for path in result.missing:
        assert vocabulary()[names_of(path)[-1]].ask
        # 中小微企业 was told, and yet has to be narrowed down.
        told_in_part = [leaf.fact for condition in result.conditions for leaf in _undecided(condition)]
        assert get_path(result.facts, path) is None or path in told_in_part
    for path, ends in unknowns(outcome_of(tool, result.facts)):
        known = TypeAdapter(field_type(tool.facts, names_of(path)))
        assert all(end is None or known.validate_python(end) == end for end in ends), (path, ends)


def _citations_are_verbatim(tool: Calculator[Any], result: Calculation) -> None:
    plan = load_plan()
    assert result.citations
    for citation in result.citations:
        assert citation.clause in tool.benefit.clauses
        assert citation.title == plan.clause(citation.clause).title
        assert plan.find_quote(citation.clause, citation.quote) is not None
    for window in result.windows:
        assert any(plan.find_quote(clause, window.quote) for clause in tool.benefit.clauses)


def _in_force_only_within_the_period(result: Calculation) -> None:
    assert result.in_force == (result.state in ("有效", "未规定期限"))
    if result.valid_until and result.as_of > result.valid_until:
        assert result.state == "已到期"
    if not result.in_force:
        assert (result.amount, result.ceiling, result.low, result.high) == (None, None, None, None)
        assert not result.changes
        assert not result.alternatives
    if not result.windows:
        assert result.state == "未规定期限"
        assert result.valid_until is None


def _changes_are_improvements(tool: Calculator[Any], result: Calculation) -> None:
    for change in result.changes:
        better = change.ceiling if change.amount is None else change.amount
        assert change.label
        settled = VERDICTS.index(change.verdict) > VERDICTS.index(result.verdict)
        assert settled or (better or 0) > (shown(result) or 0) or result.missing
        if change.fact:
            again = run(tool, with_value(result.facts, change.fact, change.value), result.as_of)
            assert (again.verdict, again.amount, again.ceiling) == (change.verdict, change.amount, change.ceiling)


@every_calculator
@examples
@given(data=st.data())
def test_the_range_holds_whatever_is_told_next(tool: Calculator[Any], data: st.DataObject) -> None:
    before = worked(tool, data.draw(told(tool)))
    full = completed(tool, before.facts, data.draw)
    assume(before.missing and full is not None)
    assert full is not None
    after = run(tool, full, IN_FORCE)
    total = to_fen(_total(tool, full))
    if after.in_force:
        assert before.low is None or before.low <= total
        assert before.high is None or total <= before.high
    if before.amount is not None:
        assert after.amount is not None
        assert after.amount >= before.amount
    if before.verdict != "unknown":
        assert after.verdict == before.verdict


@every_calculator
@examples
@given(data=st.data(), more=st.integers(1, 50))
def test_more_people_never_mean_less_money(tool: Calculator[Any], data: st.DataObject, more: int) -> None:
    facts = data.draw(told(tool, qualifies=True))
    before = worked(tool, facts)
    assume(before.verdict == "met")
    for name, rows in facts.items():
        if not (isinstance(rows, list) and rows and isinstance(rows[0], dict)):
            continue
        index = data.draw(st.integers(0, len(rows) - 1))
        grown = with_value(facts, f"{name}.{index}", _grown(tool, name, rows[index], more))
        for larger in (grown, {**facts, name: [*rows, rows[index]]}):
            after = worked(tool, larger)
            assert after.verdict != "met" or (shown(after) or 0) >= (shown(before) or 0)


@every_calculator
@examples
@given(data=st.data())
def test_a_ceiling_is_never_an_amount(tool: Calculator[Any], data: st.DataObject) -> None:
    facts = data.draw(told(tool, qualifies=data.draw(st.booleans())))
    result = worked(tool, facts)
    capped = {(f.value, f.unit) for f in tool.benefit.figures.values() if f.ceiling}
    fixed = {(f.value, f.unit) for f in tool.benefit.figures.values() if not f.ceiling}
    for line in outcome_of(tool, facts).lines:
        terms = {(term.value, term.unit) for term in (line.formula.inputs if line.formula else ()) if not term.fact}
        if terms & capped - fixed:
            assert line.ceiling, f"{line.label} 用了上限，却不是上限"
    paid = [line for line in result.lines if line.amount is not None]
    if result.verdict == "met" and result.in_force and paid:
        sure = [line.amount or Decimal(0) for line in paid if not line.ceiling]
        capped_too = len(sure) < len(paid)
        assert (result.ceiling is not None) == capped_too
        assert (result.amount, result.fixed)[capped_too] == (sum(sure) if sure else None)
        assert (result.amount, result.fixed)[not capped_too] is None


@every_calculator
@examples
@given(data=st.data())
def test_the_period_ends_with_its_last_day(tool: Calculator[Any], data: st.DataObject) -> None:
    until = min((w.valid_until for w in tool.benefit.windows if w.valid_until), default=None)
    facts = data.draw(told(tool, qualifies=True))
    facts = {name: value for name, value in facts.items() if not _is_date(tool, name)}
    if until is None:
        assert run(tool, facts, data.draw(DATES)).in_force
        return
    last = run(tool, facts, until)
    assume(last.verdict == "met")
    assert last.in_force
    assert last.valid_until == until
    late = run(tool, facts, until + timedelta(data.draw(st.integers(1, 2000))))
    assert not late.in_force
    assert late.state == "已到期"
    assert late.verdict == "met"
    assert late.if_in_force == shown(last)


@every_calculator
@examples
@given(data=st.data())
def test_the_steps_give_the_amount(tool: Calculator[Any], data: st.DataObject) -> None:
    result = worked(tool, data.draw(told(tool, qualifies=data.draw(st.booleans()))))
    if shown(result) is None:
        return
    figures = tool.benefit.figures.values()
    sources = {f.value for f in figures} | {Decimal(f.months) for f in figures if f.unit == "年"}
    sources |= _numbers(result.facts)
    last = Decimal(0)
    for step in result.steps:
        left, last = _evaluated(step)
        assert left <= sources, f"{step}：{left - sources} 既不是参数、事实，也不是前面的结果"
        sources.add(last)
    assert result.steps
    assert last == shown(result)


def _total(tool: Calculator[Any], facts: dict[str, Any]) -> Decimal:
    lines = outcome_of(tool, facts).lines
    values = [line.formula.value for line in lines if line.condition.met and line.formula]
    return sum((value for value in values if value is not None), Decimal(0))


def _grown(tool: Calculator[Any], name: str, row: dict[str, Any], more: int) -> dict[str, Any]:
    """The same group with more people, every head count of it raised alike, its rates unchanged."""
    counts = {key for key in row if vocabulary()[key].unit == "人"}
    assert all(bare_type(field_type(tool.facts, (name, key))) is int for key in counts)
    return {key: value + more if key in counts else value for key, value in row.items()}


def _is_date(tool: Calculator[Any], name: str) -> bool:
    return bare_type(field_type(tool.facts, (name,))) is date


def _undecided(condition: ConditionView) -> list[ConditionView]:
    if condition.verdict != "unknown":
        return []
    return [leaf for child in condition.children for leaf in _undecided(child)] or [condition]


def _numbers(value: Any) -> set[Decimal]:
    """Every number of a fact set."""
    if isinstance(value, dict | list):
        inner = value.values() if isinstance(value, dict) else value
        return set().union(*map(_numbers, inner))
    if isinstance(value, int | str) and re.fullmatch(r"\d+(\.\d+)?", str(value)):
        return {Decimal(value)}
    return set()


_NUMBER = re.compile(r"(\d+(?:\.\d+)?)\s*(%?)")


def _evaluated(step: str) -> tuple[set[Decimal], Decimal]:
    """The numbers on the left of a step, and its result; the left side is calculated here and must agree.

    A step that only states a figure (最高额度 300000 元) is that figure.
    """
    text = step.split("：", 1)[-1]
    if "≈" in text:
        exact, rounded = (Decimal(_NUMBER.findall(side)[0][0]) for side in text.split("（")[0].split("≈"))
        assert rounded == to_fen(exact), step
        return {exact}, rounded
    if "=" not in text:
        stated = Decimal(_NUMBER.findall(text)[0][0])
        return {stated}, stated
    left, right = text.rsplit("=", 1)
    if "取小" in left:
        numbers = {Decimal(number) for number, _ in _NUMBER.findall(left)}
        assert Decimal(_NUMBER.findall(right)[0][0]) == min(numbers), step
        return numbers, min(numbers)
    value = Decimal(_NUMBER.findall(right)[0][0])
    calculated = _calculate("".join(_symbols(left))) * (100 if right.strip().endswith("%") else 1)
    assert abs(calculated - value) < Decimal("1e-9"), step
    return {Decimal(number) for number, sign in _NUMBER.findall(left) if (number, sign) != ("100", "%")}, value


def _symbols(text: str) -> list[str]:
    """The arithmetic of a step without its units: 3 人 × 1500 元/人 is 3*1500; 25% is (25/100)."""
    tokens = []
    for number, percent, sign in re.findall(r"(\d+(?:\.\d+)?)\s*(%?)|([×÷+−（）()])", text):
        if number:
            tokens.append(f"({number}/100)" if percent else number)
        else:
            tokens.append({"×": "*", "÷": "/", "−": "-", "（": "(", "）": ")"}.get(sign, sign))
    return tokens


def _calculate(expression: str) -> Decimal:
    """The value of an expression of decimals, + - * / and brackets."""
    assert re.fullmatch(r"[\d.+*/()-]+", expression), expression
    exact = re.sub(r"\d+(?:\.\d+)?", lambda m: f"Decimal('{m[0]}')", expression)
    return Decimal(eval(exact, {"__builtins__": {}, "Decimal": Decimal}))
