"""Every benefit's table of worked cases (``cases/<benefit>.yaml``), run as written there."""

from collections import Counter
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import BaseModel, ConfigDict

from tools.calculation import Calculation, ConditionView, State
from tools.catalogue import calculate, catalogue
from tools.conditions import Verdict
from tools.facts import FactError

FOLDER = Path(__file__).parent / "cases"
FEWEST = 10
AS_OF = date(2025, 9, 1)


class ExpectedChange(BaseModel):
    """What would change the outcome: part of its label, and what it would come to."""

    model_config = ConfigDict(extra="forbid")

    label: str
    amount: Decimal | None = None
    ceiling: Decimal | None = None


class Case(BaseModel):
    """One row of a table. A key that is absent is not looked at, except amount, ceiling and its fixed part: then these are null."""

    model_config = ConfigDict(extra="forbid")

    name: str
    as_of: date
    facts: dict[str, Any]
    verdict: Verdict | None = None
    amount: Decimal | None = None
    ceiling: Decimal | None = None
    fixed: Decimal | None = None
    if_in_force: Decimal | None = None
    low: Decimal | None = None
    high: Decimal | None = None
    """null (written out): without limit."""
    missing: list[str] | None = None
    asks: str | None = None
    failed: list[str] | None = None
    changes: list[ExpectedChange] | None = None
    alternatives: list[Decimal] | None = None
    steps: list[str] | None = None
    """All steps, exactly as shown."""
    notes: list[str] = []
    """Parts of notes that must be there."""
    state: State | None = None
    clauses: list[int] | None = None
    error: str | None = None
    """Part of the message for facts that cannot be calculated with; then nothing else is expected."""
    why: str = ""


@cache
def cases() -> dict[str, list[Case]]:
    return {
        path.stem: [Case.model_validate(row) for row in yaml.safe_load(path.read_text("utf-8"))]
        for path in sorted(FOLDER.glob("*.yaml"))
    }


def _params() -> list[Any]:
    return [
        pytest.param(benefit, case, id=f"{benefit}-{case.name}") for benefit, rows in cases().items() for case in rows
    ]


@pytest.mark.parametrize(("benefit", "case"), _params())
def test_case(benefit: str, case: Case) -> None:
    if case.error is not None:
        with pytest.raises(FactError) as raised:
            calculate(benefit, case.facts, case.as_of)
        assert case.error in str(raised.value)
        return
    result = calculate(benefit, case.facts, case.as_of)
    assert result.verdict == case.verdict
    assert (result.amount, result.ceiling, result.fixed) == (case.amount, case.ceiling, case.fixed)
    given = case.model_fields_set
    for name in ("if_in_force", "low", "high", "state", "steps"):
        if name in given:
            assert getattr(result, name) == getattr(case, name), name
    if case.missing is not None:
        assert sorted(result.missing) == sorted(case.missing)
    if case.asks is not None:
        assert result.missing[:1] == [case.asks]
    if case.failed is not None:
        assert sorted(_failed(result)) == sorted(case.failed)
    if case.changes is not None:
        _check_changes(result, case.changes)
    if case.alternatives is not None:
        assert [alternative.amount for alternative in result.alternatives] == case.alternatives
    for note in case.notes:
        assert any(note in text for text in result.notes), result.notes
    if case.clauses is not None:
        assert sorted({citation.clause for citation in result.citations}) == case.clauses


@pytest.mark.parametrize("benefit", sorted(catalogue()))
def test_enough_cases(benefit: str) -> None:
    rows = cases().get(benefit, [])
    assert len(rows) >= FEWEST, f"{benefit} 只有 {len(rows)} 个算例"
    twice = [name for name, count in Counter(row.name for row in rows).items() if count > 1]
    assert not twice
    assert {row.verdict for row in rows} >= {"met"}


ALWAYS_MET = {
    "已知企业规模（大型，或中小微）",
    "借款人是个人或小微企业",
    "要算的是单位、职工或合计",
    "学科属于自然科学或社会科学领域",
    "等级是初级工、中级工、高级工、技师、高级技师或专项职业能力证书",
    "等级是初级工、中级工、高级工、技师或高级技师",  # 专项职业能力证书 has a condition of its own there
    "已登记失业",  # shown beside the age of those who are
    "毕业年度高校毕业生",  # shown while that is the way left to qualify
}
"""Never shown as failing: whatever is answered is met, and only the amount depends on it, or it stands beside what decides."""


@pytest.mark.parametrize("benefit", sorted(catalogue()))
def test_each_condition_fails_alone_in_some_case(benefit: str) -> None:
    trees = [tree for result in _results(benefit) for tree in result.conditions]
    leaves = {leaf.label for tree in trees for leaf in _leaves(tree) if leaf.fact and not leaf.open_in_plan}
    alone = {label for tree in trees for label in _failing_alone(tree)}
    assert leaves - alone <= ALWAYS_MET


@pytest.mark.parametrize("benefit", sorted(catalogue()))
def test_each_fact_that_is_asked_for_is_missing_alone_in_some_case(benefit: str) -> None:
    missing = [{path.rsplit(".", 1)[-1] for path in result.missing} for result in _results(benefit)]
    asked = set[str]().union(*missing, (path.rsplit(".", 1)[-1] for path in calculate(benefit, {}, AS_OF).missing))
    assert asked == set[str]().union(*(names for names in missing if len(names) == 1))


@cache
def _results(benefit: str) -> list[Calculation]:
    return [calculate(benefit, case.facts, case.as_of) for case in cases()[benefit] if case.error is None]


def _leaves(condition: ConditionView) -> Iterator[ConditionView]:
    if not condition.children:
        yield condition
    for child in condition.children:
        yield from _leaves(child)


def _failing_alone(condition: ConditionView) -> set[str]:
    """What alone keeps the whole from being met (of an OR, all together); empty where several requirements fail."""
    if condition.verdict != "not_met":
        return set()
    if condition.operator == "any" or not condition.children:
        return {leaf.label for leaf in _leaves(condition) if leaf.verdict == "not_met"}
    failing = [child for child in condition.children if child.verdict == "not_met"]
    return _failing_alone(failing[0]) if len(failing) == 1 else set()


def test_every_table_belongs_to_a_benefit() -> None:
    assert set(cases()) <= set(catalogue())


def _failed(result: Calculation) -> list[str]:
    """Labels of the leaves that made it fail, each once."""
    found: list[str] = []

    def visit(condition: ConditionView) -> None:
        if condition.verdict != "not_met":
            return
        if not condition.children and condition.label not in found:
            found.append(condition.label)
        for child in condition.children:
            visit(child)

    for condition in result.conditions:
        visit(condition)
    return found


def _check_changes(result: Calculation, expected: list[ExpectedChange]) -> None:
    assert len(result.changes) == len(expected), [change.label for change in result.changes]
    for want in expected:
        assert any(
            want.label in change.label and (change.amount, change.ceiling) == (want.amount, want.ceiling)
            for change in result.changes
        ), [(change.label, change.amount, change.ceiling) for change in result.changes]
