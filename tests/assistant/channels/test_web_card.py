"""The answer as HTML: complete, and nothing in it that anybody but the page put there."""

from datetime import date
from html import unescape
from html.parser import HTMLParser

import pytest

from assistant.answer import Answer
from assistant.channels.web_card import answer_html, as_markdown, as_text
from assistant.service import Assistant

INJECTIONS = [
    "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "[点我](https://example.com)", "![](https://example.com/x.png)",
    "**粗** _斜_ ~~删~~ `code`", "# 标题\n\n    代码\n\n- 列表", "$$a^2$$ \\(b\\)", "&lt;b&gt;", "https://example.com www.example.com a@b.cn",
    "| a | b |\n|---|---|", "> 引用\n1. 一", "</div></details>",
]


class _Elements(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.names: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.append(tag)


@pytest.mark.parametrize("text", INJECTIONS)
def test_what_a_person_typed_is_shown_as_text(text: str) -> None:
    shown = as_text(text)
    assert set(_Elements(shown).names) <= {"br"}
    # Entities are text to a Markdown reader; besides them and <br> no character is left that it gives a meaning.
    assert not set("*_`~[]()#|$\\:@-") & set(shown.replace("&#", ""))
    assert unescape(shown.replace("<br>", "\n")) == "\n".join(line.lstrip() for line in text.split("\n"))


@pytest.mark.parametrize("text", [text for text in INJECTIONS if "<" in text or "](" in text or "$" in text])
def test_what_a_model_wrote_has_no_html_links_pictures_or_formulas(text: str) -> None:
    shown = as_markdown(text)
    assert not _Elements(shown).names
    assert not set("[]<>$`\\") & set(shown)


def test_bold_lists_and_quotations_of_an_answer_are_kept() -> None:
    assert as_markdown("**7500元**\n- 一\n> 原文") == "**7500元**\n- 一\n> 原文"


def test_the_card_shows_amount_steps_conditions_and_clauses(assistant: Assistant) -> None:
    answer = assistant.ask("我们公司招了5个应届毕业生，签了合同，社保交满3个月，能领多少钱？", as_of=date(2025, 9, 1))
    shown = unescape(answer_html(answer))
    assert "<strong>7500 元</strong>" in shown
    assert "<li>5 人 × 1500 元/人 = 7500 元</li>" in shown
    assert '<span class="mark met">✓</span>已签订劳动合同（是）' in shown
    assert "<q>按每招用1人1500元的标准发放一次性扩岗补助</q>" in shown
    assert shown.count("加强企业吸纳就业政策支持") == 1


def test_a_ceiling_and_an_ended_benefit_are_named_as_such(assistant: Assistant) -> None:
    ended = assistant.ask("我们公司招了5个应届毕业生，签了合同，社保交满3个月，能领多少钱？", as_of=date(2026, 1, 1))
    assert "在有效期内的话" in answer_html(ended) and "可领<strong>" not in answer_html(ended)


def test_a_quote_within_another_is_not_repeated(assistant: Assistant) -> None:
    answer = assistant.ask("小微企业去年交了10万元失业保险费，没有裁员，稳岗返还多少？", as_of=date(2025, 9, 1))
    quotes = [c.quote for c in answer.citations]
    inner = [quote for quote in quotes if any(quote != other and quote in other for other in quotes)]
    shown = unescape(answer_html(answer))
    assert quotes and all(f"<q>{quote}</q>" not in shown for quote in inner)
    assert all(quote in shown for quote in quotes)


def test_values_within_a_card_are_shown_as_text(assistant: Assistant) -> None:
    answer = assistant.ask("我们公司招了5个应届毕业生，签了合同，社保交满3个月，能领多少钱？", as_of=date(2025, 9, 1))
    (calculation,) = answer.calculations
    evil = "<img src=x>"
    forged = calculation.model_copy(update={"title": evil, "steps": [evil], "unit": evil})
    cites = [answer.citations[0].model_copy(update={"quote": evil, "title": evil})]
    shown = answer_html(Answer.model_construct(**{**dict(answer), "calculations": [forged], "citations": cites, "text": evil}))
    assert "img" not in _Elements(shown).names
