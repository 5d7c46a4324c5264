"""The answer as HTML: complete, and nothing in it that anybody but the page put there."""

from datetime import date
from html import unescape
from html.parser import HTMLParser

import pytest

from assistant.answer import Answer
from assistant.channels.web_card import (
    answer_html,
    answer_markdown,
    card_html,
    clause_address,
    form_address,
    row_html,
)
from assistant.channels.web_html import el, markdown
from assistant.service import Assistant
from tools.catalogue import calculate

HIRED = "我们公司招了5个应届毕业生，签了合同，社保交满3个月，能领多少钱？"
DAY = date(2025, 9, 1)
INJECTIONS = [
    "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "[点我](https://example.com)", "![](https://example.com/x.png)",
    "$$a^2$$ \\(b\\)", "&lt;b&gt;", "https://example.com www.example.com a@b.cn", "</div></details>", "**<b onclick=x>粗</b>**",
    "- <i>一</i>\n- 二", "| <a href=x> | b |\n|---|---|\n| <u> | d |", "> <s>引</s>", "# <h1>题</h1>", '" onmouseover="alert(1)',
]
OWN = {"p", "br", "strong", "ul", "ol", "li", "blockquote", "div", "table", "thead", "tbody", "tr", "th", "td"}


class _Elements(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.names: list[str] = []
        self.attributes: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.append(tag)
        self.attributes += [name for name, _ in attrs]


@pytest.mark.parametrize("text", INJECTIONS)
def test_what_a_model_wrote_brings_no_element_of_its_own(text: str) -> None:
    found = _Elements(markdown(text))
    assert set(found.names) <= OWN
    assert set(found.attributes) <= {"class", "tabindex", "role", "aria-label", "start", "scope"}


@pytest.mark.parametrize("text", ["<b>", "\"'&", "a\nb"])
def test_a_string_is_shown_as_text_and_cannot_leave_an_attribute(text: str) -> None:
    shown = el("p", text, title=text)
    assert _Elements(shown).names == ["p"] and _Elements(shown).attributes == ["title"]
    assert unescape(shown) == f'<p title="{text}">{text}</p>'


def test_bold_lists_quotations_headings_and_tables_of_an_answer_are_kept() -> None:
    shown = markdown("可领**7500元**。\n\n- 一\n- 二\n\n2. 第二\n3. 第三\n\n> 原文\n\n## 标题\n\n| 甲 | 乙 |\n|---|---|\n| 1 | 2 |")
    assert "<p>可领<strong>7500元</strong>。</p><ul><li>一</li><li>二</li></ul>" in shown
    assert '<ol start="2"><li>第二</li><li>第三</li></ol><blockquote>原文</blockquote><p><strong>标题</strong></p>' in shown
    assert '<th scope="col">甲</th><th scope="col">乙</th>' in shown and "<td>1</td><td>2</td>" in shown


def test_the_card_shows_amount_steps_conditions_period_and_clauses(assistant: Assistant) -> None:
    shown = unescape(answer_html(assistant.ask(HIRED, as_of=DAY)))
    assert '<span class="amount-label">可领</span><strong>7500<small> 元</small></strong>' in shown
    assert "<li>5 人 × 1500 元/人 = 7500 元</li>" in shown
    assert '<span class="mark met" role="img" aria-label="符合条件">✓</span><span>已签订劳动合同<span class="have">（是）' in shown
    assert "有效 · 至2025年12月31日" in shown
    assert "<q>按每招用1人1500元的标准发放一次性扩岗补助</q>" in shown
    assert shown.count("加强企业吸纳就业政策支持") == 1


def test_what_the_card_says_is_not_said_twice_but_copied_whole(assistant: Assistant) -> None:
    answer = assistant.ask(HIRED, as_of=DAY)
    assert answer_html(answer).count("5 人 × 1500 元/人 = 7500 元") == 1
    copied = answer_markdown(answer)
    assert answer.text.strip() in copied
    assert "> 第（一）条 加强企业吸纳就业政策支持：“按每招用1人1500元的标准发放一次性扩岗补助”" in copied


def test_a_ceiling_is_named_as_such() -> None:
    shown = card_html(calculate("startup_loan", {"borrower": "个人", "loan_asked": 500000}, DAY))
    assert '<div class="amount ceiling"><span class="amount-label">最高</span><strong>300000' in shown
    assert "这是上限，不是应得数额" in shown and "可贷</span>" not in shown


def test_an_ended_benefit_tells_no_amount_that_could_be_claimed(assistant: Assistant) -> None:
    shown = answer_html(assistant.ask(HIRED, as_of=date(2026, 1, 1)))
    assert "在有效期内的话" in shown and '<span class="amount-label">可领</span>' not in shown and "已到期" in shown


def test_what_is_missing_is_asked_and_the_range_shown() -> None:
    shown = card_html(calculate("startup_subsidy", {"founder": "就业困难人员", "first_venture": True, "in_guangxi": True}, DAY))
    assert "还不能确定" in shown and '<strong>0—10000<small> 元' in shown and "<ul class=\"asks\"><li>" in shown


def test_what_would_change_the_outcome_is_told() -> None:
    facts = {"is_internship_base": True, "interns": [{"heads": 10, "category": "离校2年内未就业高校毕业生", "internship_months": 6, "retained": 4}]}
    assert "如果期满留用人数再增加1人（留用率达到50%）" in card_html(calculate("internship_subsidy", facts, DAY))


@pytest.mark.parametrize(
    ("facts", "line"),
    [({}, "上限可能在</span> <b>30万—400万元"), ({"borrower": "个人"}, "最高</span> <b>30万元"), ({"borrower": "个人", "loan_asked": 80000}, "最高</span> <b>80000 元")],
)
def test_in_a_row_long_sums_are_in_ten_thousands_if_nothing_is_lost(facts: dict[str, object], line: str) -> None:
    assert line in row_html(calculate("startup_loan", facts, DAY)).split("</summary>")[0]


def test_many_results_are_rows_to_open(assistant: Assistant) -> None:
    answer = assistant.ask("公司大概能享受哪些政策", as_of=DAY)
    assert len(answer.calculations) > 3
    assert answer_html(answer).count('<details class="row ') == len(answer.calculations)


def test_a_quote_within_another_is_not_repeated(assistant: Assistant) -> None:
    answer = assistant.ask("小微企业去年交了10万元失业保险费，没有裁员，稳岗返还多少？", as_of=DAY)
    quotes = [c.quote for c in answer.citations]
    inner = [quote for quote in quotes if any(quote != other and quote in other for other in quotes)]
    shown = unescape(answer_html(answer))
    assert quotes and all(f"<q>{quote}</q>" not in shown for quote in inner)
    assert all(quote in shown for quote in quotes)


def test_values_within_a_card_are_shown_as_text(assistant: Assistant) -> None:
    answer = assistant.ask(HIRED, as_of=DAY)
    (calculation,) = answer.calculations
    evil = "<img src=x>"
    forged = calculation.model_copy(update={"title": evil, "steps": [evil], "unit": evil, "notes": [evil], "facts": {evil: evil}})
    cites = [answer.citations[0].model_copy(update={"quote": evil, "title": evil})]
    shown = answer_html(Answer.model_construct(**{**dict(answer), "calculations": [forged], "citations": cites, "text": evil}))
    assert "img" not in _Elements(shown).names


def test_addresses_carry_facts_and_quotes_in_any_script() -> None:
    assert form_address("startup_loan", {"borrower": "个人"}) == "?view=calc&tool=startup_loan&facts=%7B%22borrower%22%3A%22%E4%B8%AA%E4%BA%BA%22%7D"
    assert clause_address(14, ["按60%返还", "&"]) == "?view=clauses&clause=14&quote=%E6%8C%8960%25%E8%BF%94%E8%BF%98&quote=%26"
