"""Answers as messages: no Markdown, cut at the ends of sentences, nothing lost."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.answer import Answer
from assistant.channels.wechat_text import LIMIT, message_text, split_message, without_markdown
from assistant.service import Assistant
from tools.catalogue import catalogue


@given(st.text(max_size=3000), st.integers(16, 200))
def test_pieces_fit_and_hold_all_that_was_said(text: str, limit: int) -> None:
    pieces = split_message(text, limit)
    assert all(len(piece.encode()) <= limit and piece for piece in pieces)
    assert "".join("".join(pieces).split()) == "".join(text.split())


def test_a_cut_comes_after_a_sentence() -> None:
    sentence = "方案写明“政策执行期限至2025年12月底。”"
    pieces = split_message(sentence * 60)
    assert len(pieces) == 2 and all(piece.endswith("。”") for piece in pieces)
    assert split_message(sentence) == [sentence]


def test_a_sentence_without_end_is_cut_at_a_pause_and_a_word_anywhere() -> None:
    assert all(piece.endswith("，") for piece in split_message("三个字，" * 1000)[:-1])
    assert "".join(split_message("字" * 3000)) == "字" * 3000


def test_markdown_becomes_plain_text() -> None:
    markdown = "## 标题\n\n**要点**：`代码`，见[方案](https://a.cn/x)\n\n- 一\n* 二\n1. 三\n\n| 项目 | 金额 |\n|---|---:|\n| 见习 | 1500元 |\n\n```\n3 * 5\n```\n> 引文\n---\n未完**"
    assert without_markdown(markdown) == (
        "标题\n\n要点：代码，见方案（https://a.cn/x）\n\n· 一\n· 二\n1. 三\n\n项目　金额\n见习　1500元\n\n3 * 5\n引文\n未完"
    )


@pytest.mark.parametrize("sum_", ["5 人 × 1500 元/人 = 7500 元", "3 * 5 = 15", "-50%", "a_b_c", "16—24岁"])
def test_arithmetic_is_not_taken_for_markdown(sum_: str) -> None:
    assert without_markdown(sum_) == sum_


def test_every_benefits_answer_reads_as_plain_text(assistant: Assistant) -> None:
    for tool in catalogue().values():
        answer = assistant.ask(tool.benefit.examples[0], as_of=date(2025, 9, 1))
        text = message_text(answer, "https://example.cn")
        assert not any(mark in text for mark in ("**", "##", "](", "`")), text
        assert text.endswith("网页版：https://example.cn")
        assert all("依据：第（" in text for _ in answer.citations[:1])
        assert all(citation.quote in text for citation in answer.citations)
        assert all(len(piece.encode()) <= LIMIT for piece in split_message(text))


def test_the_clauses_stand_apart_from_the_question(assistant: Assistant) -> None:
    answer = assistant.ask("公司招不到人，政府帮不帮忙？", as_of=date(2025, 9, 1))
    assert "？\n\n依据：第（四）条" in message_text(answer)


def test_several_benefits_are_not_followed_by_formulas_of_who_knows_which(assistant: Assistant) -> None:
    for question in ("我是个体户，请了2个人，能享受哪些政策？", "接收失业青年来单位见习有什么补贴"):
        answer = assistant.ask(question, as_of=date(2025, 9, 1))
        text = message_text(answer)
        assert len(answer.calculations) > 1 and "算法：" not in text.removeprefix(without_markdown(answer.text))
        assert "？ 元" not in text


def test_suggestions_and_link_are_left_out_when_there_are_none() -> None:
    answer = Answer(text="您好。", status="answered", session="s", model="embedded", elapsed_ms=1)
    assert message_text(answer) == "您好。"


def test_ready_replies_are_offered(assistant: Assistant) -> None:
    answer = assistant.ask("去年交了10万失业保险费能返多少", as_of=date(2025, 9, 1))
    assert answer.choices and "可以直接回复：不裁员／少裁员" in message_text(answer)
