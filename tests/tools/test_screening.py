"""政策体检: every benefit in one list, whatever is known."""

import json
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from tests.tools.strategies import DATES, told
from tools.calculation import Calculation
from tools.catalogue import calculate, catalogue
from tools.facts import FactError, group_model, leaves
from tools.screening import CAUTION, Screening, profile, screen, screening_schema

AS_OF = date(2025, 9, 1)
COMPANY: dict[str, Any] = {
    "employer_type": "企业",
    "firm_size": "小微企业",
    "hires": [
        {
            "heads": 5, "category": "毕业年度高校毕业生", "has_contract": True, "insured_months": 3, "uninsured": [],
            "paid_in_full": True, "contract_months": 12, "paid_by_law": True, "employer_monthly": 1000,
            "paid_months": 3,
        }
    ],
}  # fmt: skip


def ids(results: list[Calculation]) -> list[str]:
    return [result.tool for result in results]


def everything(result: Screening) -> list[str]:
    return ids([*result.due, *result.open, *result.not_, *result.ended])


def find(result: Screening, tool: str) -> Calculation:
    lists = [*result.due, *result.open, *result.not_, *result.ended]
    return next(calculation for calculation in lists if calculation.tool == tool)


def test_what_is_due_and_what_the_caution_says() -> None:
    result = screen(COMPANY, AS_OF)
    due = {calculation.tool: calculation.amount for calculation in result.due}
    assert due["job_expansion_subsidy"] == Decimal("7500.00")
    assert due["employer_insurance_subsidy"] == Decimal("15000.00")
    assert result.caution == CAUTION


def test_the_caution_is_for_more_than_one() -> None:
    result = screen({"contribution_base": 5000, "payer": "合计", "insured_heads": 1, "months": 1}, AS_OF)
    assert ids(result.due) == ["unemployment_insurance_fee"]
    assert result.caution == ""


def test_knowing_nothing_everything_is_open() -> None:
    result = screen({}, AS_OF)
    assert sorted(ids(result.open)) == sorted(catalogue())
    assert all(calculation.missing for calculation in result.open)
    assert all(calculation.amount is None and calculation.ceiling is None for calculation in result.open)


def test_saying_nothing_about_hires_does_not_rule_hiring_out() -> None:
    result = screen({"employer_type": "企业", "firm_size": "中型企业"}, AS_OF)
    assert "job_expansion_subsidy" in ids(result.open)
    assert find(result, "job_expansion_subsidy").high is None


def test_what_fails_says_why() -> None:
    result = screen({**COMPANY, "employer_type": "个体工商户"}, AS_OF)
    failing = find(result, "job_expansion_subsidy")
    assert failing in result.not_
    assert failing.lines[0].reasons == ["不满足“单位是企业或社会组织”（单位类型：个体工商户）"]


def test_what_has_ended_stays_visible() -> None:
    result = screen(COMPANY, date(2026, 1, 1))
    ended = find(result, "job_expansion_subsidy")
    assert ended in result.ended
    assert (ended.state, ended.amount, ended.if_in_force) == ("已到期", None, Decimal("7500.00"))
    assert "employer_insurance_subsidy" in ids(result.due)


def test_one_open_fact_gives_a_range_and_the_question() -> None:
    hire = {key: value for key, value in COMPANY["hires"][0].items() if key != "insured_months"}
    result = screen({**COMPANY, "hires": [hire]}, AS_OF)
    still_open = find(result, "job_expansion_subsidy")
    assert still_open in result.open
    assert still_open.missing == ["hires.0.insured_months"]
    assert (still_open.low, still_open.high) == (Decimal(0), Decimal(7500))


def test_the_subject_orders_and_hides_nothing() -> None:
    for subject, other in (("企业", "个人"), ("个人", "企业")):
        result = screen({"subject": subject}, AS_OF)
        assert sorted(everything(result)) == sorted(catalogue())
        fits = [subject in catalogue()[tool].benefit.audience for tool in ids(result.open)]
        assert fits == sorted(fits, reverse=True)
        assert ids(screen({}, AS_OF, subject=subject).open) == ids(result.open)  # type: ignore[arg-type]
        assert other != subject


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data(), as_of=DATES)
def test_every_benefit_is_in_exactly_one_list_as_its_calculator_says(data: st.DataObject, as_of: date) -> None:
    tool = data.draw(st.sampled_from(list(catalogue().values())))
    facts = data.draw(told(tool))
    try:
        result = screen(facts, as_of)
        alone = calculate(tool.id, facts, as_of)
    except FactError:
        assume(False)
    assert sorted(everything(result)) == sorted(catalogue())
    assert all(c.verdict == "met" and c.in_force for c in result.due)
    assert all(c.verdict == "unknown" and c.in_force for c in result.open)
    assert all(c.verdict == "not_met" for c in result.not_)
    assert all(c.verdict != "not_met" and not c.in_force and c.amount is None for c in result.ended)
    assert bool(result.caution) == (len(result.due) > 1)
    screened = find(result, tool.id)
    assert (screened.verdict, screened.amount, screened.ceiling) == (alone.verdict, alone.amount, alone.ceiling)
    if alone.verdict != "not_met":
        assert (screened.low, screened.high) == (alone.low, alone.high)
        assert sorted(screened.missing) == sorted(alone.missing)


@pytest.mark.parametrize(
    ("facts", "says"),
    [
        ({"hirees": []}, "没有「hirees」这一项"),
        ({"hires": [{"head": 3}]}, "没有「hires.0.head」这一项"),
        ({"hires": [{"heads": -1}]}, "「人数」（hires.0.heads）应为0 到 1000000 的整数，单位：人；现在是「-1」"),
        ({"hires": 3}, "招用人员"),
        ({"hires": [3]}, "招用人员"),
        ({"firm_size": "巨型企业"}, "大型企业、中型企业、小微企业、中小微企业 之一"),
        ({"subject": "政府"}, "企业、个人 之一"),
        ({"interns": [{"heads": 2, "retained": 3}]}, "不能多于"),
    ],
)
def test_wrong_facts(facts: dict[str, Any], says: str) -> None:
    with pytest.raises(FactError) as raised:
        screen(facts, AS_OF)
    assert says in str(raised.value)
    assert "\n" not in str(raised.value)


def test_json_says_not() -> None:
    data = json.loads(screen({"employer_type": "个体工商户"}, AS_OF).model_dump_json())
    assert set(data) == {"as_of", "due", "open", "not", "ended", "caution"}
    assert data["not"][0]["verdict"] == "not_met"
    assert Screening.model_validate(data).not_[0].verdict == "not_met"


def test_the_schema_has_every_fact_once() -> None:
    schema = screening_schema()
    for tool in catalogue().values():
        for group, name, _ in leaves(tool.facts):
            properties = schema["properties"]
            if group:
                reference = properties[group]["items"]["$ref"].rsplit("/", 1)[-1]
                properties = schema["$defs"][reference]["properties"]
            assert properties[name]["title"]


def test_a_name_means_the_same_fact_everywhere() -> None:
    """One set of facts is handed to all calculators: a name cannot have two types."""
    types: dict[tuple[str, str], set[str]] = {}
    for tool in catalogue().values():
        for group, name, annotation in leaves(tool.facts):
            types.setdefault((group, name), set()).add(str(annotation))
    assert {key: found for key, found in types.items() if len(found) > 1} == {}
    assert all(group_model(field.annotation) for name, field in profile().model_fields.items() if name == "hires")
