"""Facts that cannot be calculated with get an error that names the fact, its unit and its range, in Chinese."""

import math
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from tools.catalogue import UnknownTool, calculate, catalogue, find
from tools.facts import (
    FactError,
    allowed,
    bare_type,
    field_type,
    get_path,
    group_model,
    leaves,
    parse_facts,
    vocabulary,
    with_value,
)

AS_OF = date(2025, 9, 1)
JOB = "job_expansion_subsidy"


@pytest.mark.parametrize(
    ("tool", "facts", "message"),
    [
        (JOB, {"hires": [{"heads": -3}]}, "「人数」（hires.0.heads）应为0 到 1000000 的整数，单位：人；现在是「-3」"),
        (JOB, {"hires": [{"heads": 2.5}]}, "「人数」（hires.0.heads）应为0 到 1000000 的整数，单位：人；现在是「2.5」"),
        (JOB, {"hires": [{"heads": "三个"}]}, "现在是「三个」"),
        (JOB, {"hires": [{"heads": True}]}, "现在是「true」"),
        (JOB, {"hires": [{"heads": Decimal("1E+9")}]}, "现在是「1000000000」"),
        (JOB, {"hires": [{"age": 300}]}, "「年龄」（hires.0.age）应为0 到 120 的整数，单位：岁；现在是「300」"),
        (JOB, {"hires": [{"category": "学生"}]}, "应为毕业年度高校毕业生、"),
        (JOB, {"hires": [{"has_contract": "也许"}]}, "「已签劳动合同」（hires.0.has_contract）应为是（true）或否（false）"),
        (JOB, {"hired_on": "去年"}, "「招用日期」（hired_on）应为日期（如 2025-09-01）；现在是「去年」"),
        (JOB, {"hires": "5个"}, "「招用人员」（hires）应为列表；现在是「5个」"),
        (JOB, {"hires": {"heads": 5}}, "「招用人员」（hires）应为列表；现在是「{\"heads\": 5}」"),
        (JOB, {"hires": [5]}, "「招用人员」（hires.0）应为一组人的情况，写成 JSON 对象；现在是「5」"),
        (JOB, {"hires": [{"uninsured": ["生育保险"]}]}, "「没有缴纳的险种」（hires.0.uninsured.0）应为养老保险、失业保险、"),
        (JOB, {"hires": [{"uninsured": "医疗保险"}]}, "「没有缴纳的险种」（hires.0.uninsured）应为列表，里面可填养老保险、"),
        (JOB, {"工资": 5}, "没有「工资」这一项；可填：employer_type（单位类型）、hires（招用人员）"),
        (JOB, {"hires": [{"wage": 5}]}, "没有「hires.0.wage」这一项；可填：heads（人数）、category（人员类别）"),
        ("work_injury_fee", {"payroll": math.nan}, "「月缴费工资总额」（payroll）应为0 到 1000000000000 的数，单位：元/月"),
        ("work_injury_fee", {"payroll": math.inf}, "月缴费工资总额"),
        ("work_injury_fee", {"payroll": -1}, "月缴费工资总额"),
        ("work_injury_fee", {"payroll": Decimal("NaN")}, "现在是「NaN」"),
        ("work_injury_fee", {"payroll": "1.005"}, "应为0 到 1000000000000 的数，最多两位小数，单位：元/月；现在是「1.005」"),
        ("work_injury_fee", {"base_rate": 101}, "「工伤保险基准费率」（base_rate）应为0 到 100 的数，单位：%；现在是「101」"),
    ],
)  # fmt: skip
def test_nonsense(tool: str, facts: dict[str, Any], message: str) -> None:
    with pytest.raises(FactError) as raised:
        calculate(tool, facts, AS_OF)
    assert message in str(raised.value)
    assert "\n" not in str(raised.value)


def test_every_wrong_fact_is_named() -> None:
    with pytest.raises(FactError) as raised:
        calculate(JOB, {"employer_type": "国家", "hires": [{"heads": -1, "age": 300}]}, AS_OF)
    assert str(raised.value).count("；现在是") == 3


def test_a_long_value_is_cut() -> None:
    with pytest.raises(FactError) as raised:
        calculate(JOB, {"employer_type": "很" * 5000}, AS_OF)
    assert len(str(raised.value)) < 300


@pytest.mark.parametrize("facts", [None, 3, "x", [1]])
def test_facts_that_are_no_object(facts: Any) -> None:
    with pytest.raises(FactError, match="事实要写成 JSON 对象"):
        parse_facts(find(JOB).facts, facts)


@pytest.mark.parametrize("tool", catalogue().values(), ids=lambda tool: tool.id)
def test_every_fact_has_a_name_a_question_and_a_range(tool: Any) -> None:
    for group, name, annotation in leaves(tool.facts):
        about = vocabulary()[name]
        assert about.ask.endswith(("？", "）", "?"))
        assert about.label
        if bare_type(annotation) is int or "元" in about.unit:
            assert about.unit, name
        assert allowed(annotation)
        names = (group, name) if group else (name,)
        assert str(field_type(tool.facts, names)) == str(annotation)
    schema = tool.schema()
    assert all(entry["title"] for entry in schema["properties"].values())


def test_every_word_of_the_vocabulary_is_used() -> None:
    used = {name for tool in catalogue().values() for _, name, _ in leaves(tool.facts)}
    used |= {name for tool in catalogue().values() for name in tool.facts.model_fields}
    assert set(vocabulary()) - used == {"subject"}


def test_paths() -> None:
    facts = {"hires": [{"heads": 1}, {"heads": 2}], "months": 3}
    changed = with_value(with_value(facts, "hires.1.heads", 5), "months", 4)
    assert changed == {"hires": [{"heads": 1}, {"heads": 5}], "months": 4}
    assert facts == {"hires": [{"heads": 1}, {"heads": 2}], "months": 3}
    assert get_path(changed, "hires.1.heads") == 5
    assert get_path(changed, "hires.7.heads") is None
    assert get_path(changed, "months.x") is None
    assert group_model(find(JOB).facts.model_fields["hires"].annotation) is not None


def test_a_calculator_is_found_by_id_and_by_title() -> None:
    assert find("一次性扩岗补助") is find(JOB)
    with pytest.raises(UnknownTool, match=r"没有名为「扩岗」的计算器；可用：.*job_expansion_subsidy（一次性扩岗补助）"):
        find("扩岗")
