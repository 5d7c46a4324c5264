"""Three values, AND and OR, and what remains to be asked."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.conditions import (
    Condition,
    Verdict,
    all_of,
    any_of,
    at_least,
    at_most,
    failed,
    is_false,
    is_one_of,
    is_true,
    left_open,
    more_than,
    on_boundary,
    undecided,
    under,
)

VERDICTS: tuple[Verdict, ...] = ("met", "not_met", "unknown")


def leaf(verdict: Verdict, fact: str = "fact") -> Condition:
    return Condition(f"{fact} {verdict}", verdict, 1, fact)


@st.composite
def trees(draw: st.DrawFn, depth: int = 3) -> Condition:
    if depth == 0 or draw(st.booleans()):
        return leaf(draw(st.sampled_from(VERDICTS)), draw(st.sampled_from("abc")))
    children = draw(st.lists(trees(depth - 1), min_size=1, max_size=3))
    return draw(st.sampled_from([all_of, any_of]))("node", *children)


def settled(condition: Condition, values: dict[str, bool]) -> bool:
    """Two-valued reading, each unknown leaf settled by its fact."""
    if condition.operator == "all":
        return all(settled(child, values) for child in condition.children)
    if condition.operator == "any":
        return any(settled(child, values) for child in condition.children)
    return values[condition.fact] if condition.verdict == "unknown" else condition.met


@given(trees(), st.tuples(st.booleans(), st.booleans(), st.booleans()))
def test_a_verdict_holds_however_the_unknown_turns_out(tree: Condition, bits: tuple[bool, bool, bool]) -> None:
    outcome = settled(tree, dict(zip("abc", bits, strict=True)))
    if tree.verdict != "unknown":
        assert outcome == tree.met


@given(trees())
def test_what_is_undecided_failed_and_met(tree: Condition) -> None:
    open_leaves, lost = list(undecided(tree)), list(failed(tree))
    assert bool(open_leaves) == (tree.verdict == "unknown")
    assert bool(lost) == (tree.verdict == "not_met")
    assert all(found.verdict == "unknown" and not found.children for found in open_leaves)
    assert all(found.verdict == "not_met" and not found.children for found in lost)


@given(trees())
def test_under_moves_the_facts_and_nothing_else(tree: Condition) -> None:
    moved = under("hires.0", tree)
    assert moved.verdict == tree.verdict
    assert moved.label == tree.label
    assert moved.operator == tree.operator
    assert [found.fact for found in undecided(moved)] == [f"hires.0.{found.fact}" for found in undecided(tree)]
    assert under("x", left_open("按规定", clause=3)) == left_open("按规定", clause=3)


@pytest.mark.parametrize(
    ("have", "least", "most", "more"),
    [(2, "not_met", "met", "not_met"), (3, "met", "met", "not_met"), (4, "met", "not_met", "met"), (None, *["unknown"] * 3)],
)
def test_the_threshold_is_included_or_not(have: int | None, least: str, most: str, more: str) -> None:
    assert at_least("满3个月", have, 3, fact="months", clause=1).verdict == least
    assert at_most("3个月以下", have, 3, fact="months", clause=1).verdict == most
    assert more_than("超过3个月", have, 3, fact="months", clause=1).verdict == more


@pytest.mark.parametrize("make", [at_least, at_most, more_than])
def test_the_deciding_values_decide(make: Any) -> None:
    condition = make("界限", None, 3, fact="months", clause=1)
    assert make("界限", condition.failing, 3, fact="months", clause=1).verdict == "not_met"
    assert make("界限", condition.passing, 3, fact="months", clause=1).verdict == "met"


def test_exactly_on_the_boundary() -> None:
    exact = at_least("满3个月", 3, 3, fact="months", clause=1)
    more = at_least("满3个月", 4, 3, fact="months", clause=1)
    assert list(on_boundary(all_of("都", exact, more))) == [exact]
    assert not list(on_boundary(more_than("超过3人", 3, 3, fact="heads", clause=4)))


def test_leaves_say_what_is_known() -> None:
    assert is_true("已签合同", True, fact="has_contract", clause=1).have == "是"
    assert is_false("未就业", True, fact="worked_since", clause=1).verdict == "not_met"
    assert is_false("未就业", None, fact="worked_since", clause=1).have == ""
    assert at_least("满", Decimal("1.50"), 1, fact="years", clause=8, unit="年").have == "1.5年"
    kind = is_one_of("是企业", "社会组织", ("企业",), fact="employer_type", clause=1)
    assert (kind.verdict, kind.have, kind.passing, kind.failing) == ("not_met", "社会组织", "企业", "其他")


def test_left_open_is_met_and_said() -> None:
    condition = all_of("条件", left_open("符合规定", clause=8), leaf("met"))
    assert condition.met
    assert condition.children[0].open_in_plan
    assert condition.clause == 8


def test_a_node_is_about_the_clause_of_its_first_child() -> None:
    assert all_of("都", Condition("a", "met", 5), Condition("b", "met", 1)).clause == 5
    assert any_of("或", Condition("a", "met", 5), clause=9).clause == 9
