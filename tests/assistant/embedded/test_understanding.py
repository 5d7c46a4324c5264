"""What the embedded model reads out of sentences, from tables beside this file."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.embedded.understanding.mentions import find_mentions, months_between
from assistant.embedded.understanding.reading import read_facts
from assistant.embedded.understanding.repair import repair
from assistant.embedded.understanding.tables import without_tables
from corpus.text import normalise
from tools.catalogue import catalogue, find

FOLDER = Path(__file__).parent
AS_OF = date(2025, 9, 1)


def table(name: str) -> Any:
    return yaml.safe_load((FOLDER / f"{name}.yaml").read_text("utf-8"))


@pytest.mark.parametrize(("text", "expected"), table("mentions").items())
def test_quantities(text: str, expected: list[str]) -> None:
    assert [describe(m) for m in find_mentions(normalise(text), AS_OF)] == [str(e) for e in expected]


def describe(mention: Any) -> str:
    value = f"{mention.value.normalize():f}"
    if mention.day:
        value = mention.day.strftime("%Y-%m" if mention.precise_day else "%Y")
    return f"{mention.kind} {value}" + ("" if mention.exact else " ~")


def listed(value: Any) -> Any:
    """With lists for tuples, as YAML writes them."""
    if isinstance(value, dict):
        return {name: listed(inner) for name, inner in value.items()}
    return [listed(inner) for inner in value] if isinstance(value, list | tuple) else value


@pytest.mark.parametrize("case", table("reading"), ids=lambda case: case["text"])
def test_facts(case: dict[str, Any]) -> None:
    reading = read_facts(find(case["tool"]), normalise(case["text"]), AS_OF, case.get("pending", ""))
    assert listed(reading.facts) == case["facts"]
    assert reading.several == case.get("several", {})
    assert reading.rough == case.get("rough", [])
    assert reading.unsure == case.get("unsure", False)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("稳岗反环能返多少", "稳岗返还能返多少"),
        ("见习补铁怎么领", "见习补贴怎么领"),
        ("学徒治补贴", "学徒制补贴"),
        ("扩刚补助一个人多少", "扩岗补助一个人多少"),
        ("我们公司招了人", "我们公司招了人"),
        ("", ""),
        ("abc", "abc"),
    ],
)
def test_names_typed_by_sound_are_put_right(typed: str, meant: str) -> None:
    assert repair(typed) == meant


@settings(deadline=None)  # the first text compiles all patterns
@given(st.text(max_size=80))
def test_any_text_can_be_read_by_every_calculator(text: str) -> None:
    plain = repair(normalise(text))
    for tool in catalogue().values():
        read_facts(tool, plain, AS_OF)


@given(st.dates(date(2000, 1, 1), date(2030, 1, 1)), st.integers(0, 120))
def test_months_between_counts_whole_months(start: date, months: int) -> None:
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    end = date(year, month + 1, min(start.day, 28))
    assert months_between(start, end) in (months, months - 1)
    if start.day <= 28:
        assert months_between(start, end) == months


@pytest.mark.parametrize(
    ("pasted", "told"),
    [
        ("名单：\n姓名\t类别\t已缴月数\n韦某\t应届毕业生\t4\n莫某\t脱贫劳动力\t2\n请核算", "名单：\n1人，应届毕业生，已缴4个月；1人，脱贫劳动力，已缴2个月。\n请核算"),
        ("| 等级 | 人数 | 年限 |\n|---|---|---|\n| 高级工 | 6 | 2 |", "高级工，6人，2年。"),
        ("部门,基准费率,工资总额\n装卸部,1.3%,420000", "基准费率1.3%，工资总额420000元。"),
        ("没有表，只有一句话，5个人，签了合同", "没有表，只有一句话，5个人，签了合同"),
        ("第一行，第二段，第三段\n第四行，第五段，第六段", "第一行，第二段，第三段\n第四行，第五段，第六段"),
        ("", ""),
    ],
)
def test_a_pasted_table_is_read_row_by_row(pasted: str, told: str) -> None:
    assert without_tables(pasted) == told
