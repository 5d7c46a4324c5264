"""Forms from declarations: every calculator has one, and what a form shows is what its facts may be."""

import re
from decimal import Decimal
from html import unescape

import pytest

from assistant.channels.web_calc import calculate_scenarios, tool_form
from assistant.channels.web_chart import chart_html, series
from assistant.channels.web_forms import Field, fields_of, form_html
from assistant.channels.web_functions import Functions
from assistant.service import Assistant
from tests.assistant.channels.web.test_card import DAY
from tools.catalogue import calculate, catalogue, find
from tools.facts import leaves, word
from tools.screening import screening_schema

INTERNS = {"is_internship_base": True, "interns": [{"heads": 10, "category": "离校2年内未就业高校毕业生", "internship_months": 6, "retained": 4}]}


@pytest.mark.parametrize("name", list(catalogue()))
def test_every_fact_of_every_calculator_is_a_labelled_field(name: str) -> None:
    tool = find(name)
    shown = unescape(tool_form(name))
    for _, fact, _ in leaves(tool.facts):
        assert f'data-fact="{fact}"' in shown and word(fact).label in shown
    ids = re.findall(r' id="([^"]+)"', shown)
    assert len(ids) == len(set(ids))
    assert all(f'id="{target}"' in shown for target in re.findall(r' for="([^"]+)"', shown))
    assert all(f'id="{target}"' in shown for target in re.findall(r' aria-describedby="([^"]+)"', shown))


@pytest.mark.parametrize("name", list(catalogue()))
def test_every_calculator_answers_its_form_as_it_opens(name: str) -> None:
    assert calculate_scenarios(name, [{}], DAY)["results"][0].startswith('<article class="card')


def test_kinds_limits_and_choices_are_those_of_the_declaration() -> None:
    fields = {field.name: field for field in fields_of(screening_schema())}
    assert fields["is_agency"].kind == "truth" and fields["hired_on"].kind == "day"
    assert fields["firm_size"].choices == ("大型企业", "中型企业", "小微企业", "中小微企业")
    assert fields["shortage_rate"] == Field("shortage_rate", "number", low=Decimal(0), high=Decimal(100))
    hires = {field.name: field for field in fields["hires"].rows}
    assert hires["heads"].kind == "whole" and hires["uninsured"].kind == "many" and hires["uninsured"].choices


def test_what_is_known_is_filled_in_and_what_is_presumed_is_said() -> None:
    shown = form_html(fields_of(find("internship_subsidy").schema()), INTERNS, "x", {"is_internship_base"})
    assert '<input type="radio" name="x-is_internship_base" value="true" checked>' in shown
    assert 'value="10"' in shown and "selected>离校2年内未就业高校毕业生" in shown
    assert shown.count("默认这样算，不对请改") == 1


def test_values_from_a_link_cannot_leave_their_field() -> None:
    shown = form_html([Field("loan_asked", "number")], {"loan_asked": '"><script>'}, "x")
    assert "<script>" not in shown and "&quot;&gt;&lt;script&gt;" in shown


def test_the_chart_shows_the_fact_that_makes_the_difference() -> None:
    tool = find("internship_subsidy")
    found = series(tool, INTERNS, "interns.0.retained", DAY)
    assert found is not None and dict(found.points)[4] == 90000 and dict(found.points)[5] == 105000
    assert max(dict(found.points)) == 10  # more than there are interns cannot be
    picture = chart_html(tool, calculate("internship_subsidy", INTERNS, DAY))
    assert picture is not None and "期满留用人数" in picture


def test_a_straight_line_needs_no_picture() -> None:
    facts = {"employer_type": "企业", "firm_size": "小微企业", "layoffs": "不裁员", "last_year_total": 100000}
    assert chart_html(find("stabilization_refund"), calculate("stabilization_refund", facts, DAY)) is None
    assert series(find("internship_subsidy"), INTERNS, "interns.0.internship_months", DAY) is None


def test_two_scenarios_are_held_against_each_other() -> None:
    more = {**INTERNS, "interns": [{**INTERNS["interns"][0], "retained": 5}]}  # type: ignore[index]
    assert calculate_scenarios("internship_subsidy", [INTERNS, more], DAY)["difference"] == "情况二比情况一多 15000 元"
    assert calculate_scenarios("internship_subsidy", [INTERNS, INTERNS], DAY)["difference"] == "两种情况的结果一样"
    assert calculate_scenarios("internship_subsidy", [INTERNS, {}], DAY)["difference"] == ""


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (("calculate", "nothing", "[{}]", ""), "没有名为「nothing」的计算器"),
        (("calculate", "startup_loan", "{", ""), "链接里的情况读不出来"),
        (("calculate", "startup_loan", '[{"loan_asked": -1}]', ""), "「想借的金额」"),
        (("calculate", "startup_loan", '[{"x": 1}]', ""), "没有「x」这一项"),
        (("calculate", "job_expansion_subsidy", '[{"hires": [' + ", ".join(["{}"] * 21) + "]}]", ""), "20"),
        (("calculate", "job_expansion_subsidy", '[{"hires": [{}, {}, {}, {}, {}, {}, {}, {}]}]', ""), "最多 60 项"),
        (("form", "startup_loan", '[{"loan_asked": "很多"}]'), "「想借的金额」"),
        (("calculate", "startup_loan", "[{}]", "2025-02-30"), "日期“2025-02-30”不对"),
        (("check", "[]", "企业", ""), "链接里的情况读不出来"),
        (("check", '{"firm_size": "巨型"}', "企业", ""), "「企业规模」"),
        (("clause", 23, ""), "方案里没有第 23 条"),
        (("clause", 1, "{"), "链接里的情况读不出来"),
        (("form", "startup_loan", "[1]"), "链接里的情况读不出来"),
    ],
)
def test_what_cannot_be_used_is_answered_in_words(assistant: Assistant, call: tuple[str, ...], says: str) -> None:
    name, *data = call
    assert says in unescape(str(getattr(Functions(assistant), name)(*data)))
