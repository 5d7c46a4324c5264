"""Ranges, the next question and what would change it, on a calculator made for the purpose and on a real one."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from tests.tools.strategies import IN_FORCE
from tools.calculator import REGISTRY, Calculator, Line, Outcome, calculator, outcome_of
from tools.catalogue import find
from tools.conditions import all_of, any_of, at_least, is_true
from tools.explore import bounds, changes, explain, first_question, most_decisive
from tools.facts import Count, FactError, Facts, Months
from tools.formula import figure, known, product
from tools.parameters import Benefit


class TieredFacts(Facts):
    heads: Count | None = None
    has_contract: bool | None = None
    first_venture: bool | None = None
    in_guangxi: bool | None = None
    operating_months: Months | None = None


@pytest.fixture
def tiered() -> Calculator[Any]:
    """1500 a head, and as much again from 18 months on; one fact decides two things."""
    real = find("job_expansion_subsidy")

    @calculator("job_expansion_subsidy", TieredFacts)
    def function(facts: TieredFacts, benefit: Benefit) -> Outcome:
        amount = figure(benefit.figure("amount_per_head"))
        either = any_of(
            "首次或在广西",
            is_true("首次", facts.first_venture, fact="first_venture", clause=1),
            is_true("在广西", facts.in_guangxi, fact="in_guangxi", clause=1),
        )
        contract = is_true("有合同", facts.has_contract, fact="has_contract", clause=1)
        late = at_least("满18个月", facts.operating_months, 18, fact="operating_months", clause=1)
        soon = at_least("满12个月", facts.operating_months, 12, fact="operating_months", clause=1)
        heads = known(facts.heads, "人", "heads", "人数", high=10)
        return Outcome(
            [
                Line("加发", all_of("加发", contract, either, late), product(heads, amount), optional=True),
                Line("首发", all_of("首发", contract, either, soon), product(heads, amount)),
            ]
        )

    made = REGISTRY["job_expansion_subsidy"]
    REGISTRY["job_expansion_subsidy"] = real
    return made


def test_the_range_reaches_what_the_best_value_of_each_fact_leads_to(tiered: Calculator[Any]) -> None:
    possible = bounds(tiered, {})
    assert possible is not None
    assert (possible.low, possible.high) == (Decimal(0), Decimal(30000))


def test_the_range_narrows_to_the_amount(tiered: Calculator[Any]) -> None:
    facts: dict[str, Any] = {"heads": 2, "has_contract": True, "in_guangxi": True}
    possible = bounds(tiered, facts)
    assert possible is not None
    assert (possible.low, possible.high) == (Decimal(0), Decimal(6000))
    result = explain(tiered, {**facts, "operating_months": 12}, IN_FORCE)
    assert result.amount == 3000
    assert result.low is None
    assert not result.missing


def test_a_fact_without_limit_leaves_the_range_open() -> None:
    possible = bounds(find("job_expansion_subsidy"), {})
    assert possible is not None
    assert possible.low == 0
    assert possible.high is None


def test_a_lost_case_has_nothing_left() -> None:
    result = explain(find("job_expansion_subsidy"), {"employer_type": "个体工商户"}, IN_FORCE)
    assert result.verdict == "not_met"
    assert not result.missing
    assert result.high is None


def test_what_can_rule_everything_out_is_asked_before_one_of_two_ways(tiered: Calculator[Any]) -> None:
    facts = {"heads": 2, "operating_months": 18}
    assert first_question(outcome_of(tiered, facts)) == ["has_contract", "first_venture", "in_guangxi"]
    assert most_decisive(tiered, facts)[0] == "has_contract"


def test_both_ways_of_asking_agree_on_what_to_ask_first(tiered: Calculator[Any]) -> None:
    for facts in ({}, {"heads": 3}, {"has_contract": True}, {"in_guangxi": True, "heads": 1}):
        quick, exact = first_question(outcome_of(tiered, facts)), most_decisive(tiered, facts)
        assert quick[0] == exact[0]
        assert sorted(quick) == sorted(exact)


def test_one_more_month_and_what_it_brings() -> None:
    hire = {
        "heads": 4, "category": "毕业年度高校毕业生", "has_contract": True, "insured_months": 2, "uninsured": [],
        "paid_in_full": True,
    }  # fmt: skip
    result = explain(find("job_expansion_subsidy"), {"employer_type": "企业", "hires": [hire]}, IN_FORCE)
    (change,) = result.changes
    assert change.label == "参保缴费月数再增加1个月（三项保险缴满3个月）"
    assert change.fact == "hires.0.insured_months"
    assert change.value == 3
    assert change.amount == 6000


def test_two_things_that_fail_are_wished_for_together() -> None:
    hire = {
        "heads": 4, "category": "毕业年度高校毕业生", "has_contract": False, "insured_months": 1, "uninsured": [],
        "paid_in_full": True,
    }  # fmt: skip
    result = explain(find("job_expansion_subsidy"), {"employer_type": "企业", "hires": [hire]}, IN_FORCE)
    (change,) = result.changes
    assert "，并且" in change.label
    assert change.amount == 6000
    assert change.fact == ""


def test_of_two_ways_one_is_enough(tiered: Calculator[Any]) -> None:
    facts = {"heads": 2, "has_contract": False, "first_venture": False, "in_guangxi": False, "operating_months": 12}
    more, change = explain(tiered, facts, IN_FORCE).changes
    assert change.label == "有合同，并且首次"
    assert change.amount == 3000
    assert change.value == {"has_contract": True, "first_venture": True}
    assert more.label.endswith("再增加6个月（满18个月）")
    assert more.amount == 6000
    either = explain(tiered, {**facts, "has_contract": True}, IN_FORCE).changes
    assert [change.label for change in either][-2:] == ["首次", "在广西"]


def test_of_two_steps_that_come_to_the_same_the_shorter(tiered: Calculator[Any]) -> None:
    facts = {"heads": 2, "has_contract": True, "in_guangxi": True, "operating_months": 11}
    changes = explain(tiered, facts, IN_FORCE).changes
    assert [(change.value, str(change.amount)) for change in changes] == [(18, "6000.00"), (12, "3000.00")]
    result = explain(find("startup_subsidy"), {"founder": "就业困难人员", "operating_months": 11, "employees": 0,
                     "in_guangxi": True, "first_venture": True, "operating_normally": True,
                     "business_type": "个体工商户"}, IN_FORCE)  # fmt: skip
    assert [change.value for change in result.changes if change.fact == "operating_months"] == [12]


def test_every_group_of_people_has_its_own_way_out() -> None:
    lacking = {"category": "毕业年度高校毕业生", "uninsured": [], "paid_in_full": True, "heads": 1}
    hires = [{**lacking, "has_contract": True, "insured_months": 2}, {**lacking, "has_contract": False, "insured_months": 0}]
    result = explain(find("job_expansion_subsidy"), {"employer_type": "企业", "hires": hires}, IN_FORCE)
    assert [change.fact for change in result.changes] == ["hires.0.insured_months", ""]
    assert all(change.amount == 1500 for change in result.changes)


def test_what_nobody_can_act_on_is_not_offered() -> None:
    hire = {
        "heads": 1, "category": "登记失业人员", "age": 25, "has_contract": True, "insured_months": 3, "uninsured": [],
        "paid_in_full": True,
    }  # fmt: skip
    tool = find("job_expansion_subsidy")
    result = explain(tool, {"employer_type": "企业", "hires": [hire]}, IN_FORCE)
    assert result.verdict == "not_met"
    assert changes(tool, result.facts, result) == []


def test_outside_the_period_nothing_would_help() -> None:
    hire = {"heads": 4, "category": "毕业年度高校毕业生", "has_contract": False}
    result = explain(find("job_expansion_subsidy"), {"employer_type": "企业", "hires": [hire]}, date(2026, 1, 1))
    assert result.state == "已到期"
    assert result.changes == []
    assert result.high is None


def test_facts_that_contradict_are_no_way_out() -> None:
    with pytest.raises(FactError, match="不能多于"):
        explain(find("internship_subsidy"), {"interns": [{"heads": 2, "retained": 3}]}, IN_FORCE)


def test_a_part_the_plan_does_not_decide_is_set_apart_with_its_reason() -> None:
    trainees = [{"heads": 5, "grade": "专项职业能力证书"}, {"heads": 2, "grade": "中级工"}]
    result = explain(find("training_uplift"), {"occupation_field": "人工智能", "trainees": trainees}, IN_FORCE)
    apart, counted = result.lines
    assert (apart.verdict, apart.amount) == ("unknown", None)
    assert apart.reasons == ["没有算在内：上浮适用于专项职业能力证书（方案没有写明）"]
    assert (counted.verdict, counted.amount, counted.reasons) == ("met", 6000, [])


def test_what_can_still_be_asked_for_is_not_set_apart() -> None:
    facts = {
        "founder": "就业困难人员", "first_venture": True, "in_guangxi": True, "business_type": "小微企业",
        "operating_months": 18, "operating_normally": True, "employees": 3,
    }  # fmt: skip
    second = explain(find("startup_subsidy"), facts, IN_FORCE).lines[1]
    assert (second.verdict, second.reasons) == ("unknown", [])


def test_waiting_moves_everything_that_counts_until_today() -> None:
    facts = {
        "founder": "高校毕业生", "first_venture": True, "in_guangxi": True, "business_type": "小微企业",
        "operating_months": 11, "operating_normally": True, "employees": 0,
    }  # fmt: skip
    tool = find("startup_subsidy")
    (wait,) = explain(tool, {**facts, "left_school_months": 35}, IN_FORCE).changes
    assert (wait.value, wait.amount) == (12, 5000)
    assert explain(tool, {**facts, "left_school_months": 36}, IN_FORCE).changes == []
