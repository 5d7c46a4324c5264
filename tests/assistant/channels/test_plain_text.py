"""Calculations and screenings as they read in a terminal: what decides first, each thing once, nothing left out."""

from datetime import date
from typing import Any

from assistant.channels.plain_text import calculation_text, screening_text
from tools.catalogue import calculate
from tools.screening import screen

AS_OF = date(2025, 9, 1)
GRADUATES = {
    "heads": 5, "category": "毕业年度高校毕业生", "has_contract": True, "insured_months": 3, "uninsured": [],
    "paid_in_full": True,
}  # fmt: skip
STUDENTS = {**GRADUATES, "heads": 2, "category": "在校学生"}
REFUND = {"firm_size": "小微企业", "layoffs": "不裁员", "last_year_total": 100000}


def shown(tool: str, facts: dict[str, Any], as_of: date = AS_OF) -> list[str]:
    return calculation_text(calculate(tool, facts, as_of)).splitlines()


def hiring(*groups: dict[str, Any]) -> dict[str, Any]:
    return {"employer_type": "企业", "hires": list(groups)}


def test_those_who_do_not_qualify_are_named_with_one_reason() -> None:
    lines = shown("一次性扩岗补助", hiring(GRADUATES, STUDENTS))
    assert lines[:2] == ["一次性扩岗补助：符合条件", "金额：7500 元"]
    neither = "不满足“毕业年度高校毕业生或离校2年内未就业高校毕业生”，也不满足“16—24岁登记失业青年”（人员类别：在校学生）"
    assert f"2名在校学生：{neither}" in lines
    assert {"条件（5名毕业年度高校毕业生）：", "条件（2名在校学生）："} <= set(lines)


def test_groups_with_the_same_conditions_share_them() -> None:
    lines = shown("一次性扩岗补助", hiring(GRADUATES, {**GRADUATES, "heads": 3}))
    assert lines.count("  ✓ 已签订劳动合同（是）") == 1
    assert "条件（5名毕业年度高校毕业生、3名毕业年度高校毕业生）：" in lines


def test_what_is_missing_comes_as_a_range_and_the_question_that_decides_most() -> None:
    lines = shown("一次性扩岗补助", hiring({"heads": 5}, GRADUATES))
    assert lines[1:4:2] == ["算法：5 人 × 1500 元/人 = 7500 元", "先要知道：第1组：" + lines[3].split("第1组：")[1]]
    assert lines[2] == "可能的金额：7500 到 15000 元"
    assert lines[3].endswith("农村劳动力）") and lines[4].startswith("还要知道：已签劳动合同、")
    assert "可能的上限：300000 到 4000000 元" in shown("创业担保贷款", {})
    many = {"layoffs": "不裁员", "last_year_employer": 80000}
    assert "可能的金额：不少于 24000 元" in shown("失业保险稳岗返还", many)
    assert not any("可能的" in line for line in shown("一次性扩岗补助", {}))


def test_what_would_change_it_is_said() -> None:
    lines = shown("一次性扩岗补助", hiring({**GRADUATES, "insured_months": 2}))
    assert lines[1] == "原因：不满足“三项保险缴满3个月”（参保缴费月数：2个月）"
    assert lines[2] == "如果参保缴费月数再增加1个月（三项保险缴满3个月）：7500 元"
    agency = {"is_agency": True, "placements": [{"heads": 2, "category": "农村劳动力", "contract_months": 6, "pension_months": 2}]}
    assert any(line.endswith("：最高 2000 元") for line in shown("就业创业服务补助", agency))
    assert "如果缺工率超过10%：符合条件" in shown("用工困难企业帮扶", {"shortage_heads": 9, "shortage_rate": 9})


def test_what_the_plan_leaves_open_is_not_ticked_off() -> None:
    lines = shown("失业保险稳岗返还", REFUND)
    assert lines[:2] == ["失业保险稳岗返还：符合方案写明的条件", "返还：60000 元"]
    assert "如果属于方案所说的“相关企业”（方案未界定，以经办机构为准）：90000 元（100000 元 × 90% = 90000 元）" in lines
    assert "  ※ 符合稳岗返还的其他条件（方案没有列明）" in lines
    assert "  ※ 按国家和自治区规定申请（方案没有界定）" in shown("阶段性缓缴社会保险费", {"in_difficulty": True})


def test_a_maximum_and_a_fixed_amount_are_told_apart() -> None:
    facts = {"trainees": [{"heads": 10, "grade": "中级工"}, {"heads": 5, "grade": "专项职业能力证书"}]}
    assert "最高：29000 元（上限，不是应得数），其中 4000 元是固定标准" in shown("职业技能培训补贴", facts)
    late = {"contribution_base": 6000, "payer": "单位", "insured_heads": 1, "months": 1}
    assert shown("失业保险费", late)[:2] == ["失业保险费：按方案的费率计算", "应缴：30 元"]


def test_what_has_ended_asks_for_nothing() -> None:
    lines = shown("一次性扩岗补助", hiring({"heads": 5}), date(2026, 1, 1))
    assert lines[0] == "一次性扩岗补助：已到期（政策执行期限至2025年12月31日），现在不能再按方案办理"
    assert not any("要知道" in line or line.startswith(("算法", "可能的", "如果")) for line in lines)
    early = shown("个人社会保险补贴", {}, date(2024, 12, 31))
    assert early[0] == "个人社会保险补贴：还没有开始（缴费年度从2025年1月1日起）"
    assert "缴费年度：2025年1月1日至2025年12月31日，未生效" in early
    assert shown("个人社会保险补贴", {}, date(2026, 1, 1))[0].startswith("个人社会保险补贴：已到期（申请期限至2025年12月31日）")


def test_a_screening_lists_every_benefit_and_adds_nothing_up() -> None:
    found = screen({**hiring(GRADUATES, STUDENTS), **REFUND}, AS_OF)
    text = screening_text(found)
    assert all(f"  {row.title}：" in text for rows in (found.due, found.open, found.not_, found.ended) for row in rows)
    assert text.endswith("方案未规定能否同时享受：各项分开列出，不相加。")
    assert "67500" not in text
    assert "【已到期】无" in text
    assert "【不在期限内】\n" in screening_text(screen({}, date(2024, 12, 31)))
