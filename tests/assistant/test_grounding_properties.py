"""What holds for the figure check whatever is calculated and however a reply is written."""

import os
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, reject, settings
from hypothesis import strategies as st

from assistant.figures import find_figures
from assistant.grounding import gather, strike, ungrounded
from tests.tools.strategies import IN_FORCE, told
from tools.calculation import Calculation
from tools.calculator import Calculator
from tools.catalogue import catalogue
from tools.facts import FactError
from tools.formula import plain
from tools.presume import calculate_presuming

examples = settings(max_examples=int(os.environ.get("EXAMPLES", "15")), deadline=None, suppress_health_check=list(HealthCheck))
EXPIRED = date(2026, 3, 1)
PAYING = [tool for tool in catalogue().values() if tool.id not in ("labour_shortage_support", "deferral")]
every_calculator = pytest.mark.parametrize("tool", PAYING, ids=lambda tool: tool.id)
every_limited_calculator = pytest.mark.parametrize(
    "tool", [tool for tool in PAYING if tool.benefit.windows], ids=lambda tool: tool.id
)
WRITTEN = st.sampled_from(["{:f}元", "{:,f}元", "**{:f}** 元", "￥{:f}", "{:f}块钱"])


def worked(tool: Calculator[Any], facts: dict[str, Any], day: date = IN_FORCE) -> Calculation:
    try:
        result = calculate_presuming(tool, facts, day)
    except FactError:
        return reject()
    assume((result.amount or result.ceiling or result.if_in_force or 0) > 0)
    return result


def artifact(result: Calculation) -> dict[str, Any]:
    return {"type": "calculation", **result.model_dump(mode="json")}


def texts(figures: Any) -> list[str]:
    return [figure.text for figure in figures]


@every_calculator
@examples
@given(data=st.data(), written=WRITTEN)
def test_a_calculation_told_as_it_is_passes(tool: Calculator[Any], data: st.DataObject, written: str) -> None:
    result = worked(tool, data.draw(told(tool, qualifies=True)))
    found = result.ceiling if result.amount is None else result.amount
    assert found is not None
    told_amount = f"{'最高' if result.ceiling is not None else '您可以领'}{written.format(Decimal(plain(found)))}。"
    reply = f"{told_amount}\n算法：{'；'.join(result.steps)}。\n" + "\n".join(f"“{c.quote}”（第{c.clause}条）" for c in result.citations)
    assert texts(ungrounded(reply, gather([artifact(result)], []))) == []


@every_calculator
@examples
@given(data=st.data(), written=WRITTEN)
def test_one_other_digit_in_the_amount_is_caught(tool: Calculator[Any], data: st.DataObject, written: str) -> None:
    result = worked(tool, data.draw(told(tool, qualifies=True)))
    found = result.ceiling if result.amount is None else result.amount
    assert found is not None
    digits = plain(found)
    at = data.draw(st.sampled_from([i for i, character in enumerate(digits) if character.isdigit()]))
    other = data.draw(st.sampled_from([d for d in "123456789" if d != digits[at]]))
    changed = Decimal(digits[:at] + other + digits[at + 1 :])
    evidence = gather([artifact(result)], [])
    assume(changed not in evidence.sources.get("元", {}))
    reply = f"{'最高' if result.ceiling is not None else '您可以领'}{written.format(changed)}。"
    assert len(ungrounded(reply, evidence)) == 1


@every_limited_calculator
@examples
@given(data=st.data())
def test_what_has_ended_is_not_told_as_claimable(tool: Calculator[Any], data: st.DataObject) -> None:
    result = worked(tool, data.draw(told(tool, qualifies=True)), EXPIRED)
    assume(result.if_in_force is not None)
    evidence = gather([artifact(result)], [])
    amount = plain(result.if_in_force or Decimal(0))
    assert len(ungrounded(f"您可以领{amount}元。", evidence)) == 1
    assert texts(ungrounded(f"已经到期，原本可以领{amount}元。", evidence)) == []


@settings(max_examples=300, deadline=None)
@given(st.text("0123456789.,，一二两三五十百千万半年月日号第条()（）*×=%成元人个岁①Oл\u200b\n|- 　共可领最高到期至每", max_size=30))
def test_any_text_can_be_read_and_struck(text: str) -> None:
    for figure in find_figures(text):
        assert 0 <= figure.start < figure.end <= len(text)
    evidence = gather([], [])
    struck = strike(text, ungrounded(text, evidence))
    assert ungrounded(struck, evidence) == []
