import dataclasses
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from corpus import load_plan
from corpus.evaluate import QUESTIONS, Question, measure, read_questions
from corpus.retrieval import Retriever, fuse


def test_questions_cover_every_clause_and_both_parts() -> None:
    questions = read_questions(QUESTIONS)
    assert len(questions) >= 120
    assert len({question.text for question in questions}) == len(questions)
    assert {clause for question in questions for clause in question.clauses} == set(range(1, 23))
    assert 0.25 < sum(question.held_out for question in questions) / len(questions) < 0.42


def test_the_quotes_expected_stand_in_their_clause() -> None:
    plan = load_plan()
    for question in read_questions(QUESTIONS):
        if question.quote is not None:
            assert any(plan.find_quote(clause, question.quote) for clause in question.clauses), question


@pytest.mark.parametrize("held_out", [False, True], ids=["tuned on", "held out"])
def test_recall(retriever: Retriever, held_out: bool) -> None:
    recall = measure(retriever, [q for q in read_questions(QUESTIONS) if q.held_out is held_out])
    assert recall.at_1 >= 0.90, recall.misses
    assert recall.at_3 >= 0.98, recall.misses
    assert recall.quoted >= 0.90, recall.misses


def test_a_miss_is_counted_and_named(retriever: Retriever) -> None:
    wrong = Question("扩岗补助一个人多少钱", (22,))
    recall = measure(retriever, [wrong, Question("扩岗补助一个人多少钱", (1,), "一次性扩岗补助")])
    assert (recall.count, recall.at_1, recall.at_3, recall.quoted) == (2, 0.5, 0.5, 1.0)
    assert len(recall.misses) == 1 and "应为 [22]" in recall.misses[0]


def test_hits_quote_the_plan_verbatim_and_are_ordered(retriever: Retriever) -> None:
    plan = load_plan()
    hits = retriever.search("公司招不到人政府帮不帮忙", top=22)
    assert sorted(hit.clause for hit in hits) == list(range(1, 23))
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
    for hit in hits:
        clause = plan.clause(hit.clause)
        assert hit.title == clause.title
        assert 0 <= hit.score <= 1 and -1 <= hit.similarity <= 1
        assert sorted((s.start, s.end) for s in hit.sentences) == [(s.start, s.end) for s in clause.sentences]
        assert all(plan.text[s.start : s.end] == s.text for s in hit.sentences)
        assert [s.score for s in hit.sentences] == sorted((s.score for s in hit.sentences), reverse=True)


@pytest.mark.parametrize(
    "variant",
    ["穩崗返還比例是多少", "稳岗返还比例是多少", "　稳岗返还比例是多少？？", "稳岗返还\x00比例是多少"],
)
def test_script_width_and_control_characters_do_not_matter(retriever: Retriever, variant: str) -> None:
    hit = retriever.search(variant)[0]
    assert hit.clause == 14 and "按该企业及其职工上年度实际缴纳失业保险费的30%返还" in hit.sentences[0].text


@pytest.mark.parametrize("nothing", ["", "   ", "？！…", "😀😀", "\x00\x01"])
def test_nothing_to_search_for(retriever: Retriever, nothing: str) -> None:
    assert retriever.search(nothing) == []


def test_no_hits_wanted(retriever: Retriever) -> None:
    assert retriever.search("扩岗补助", top=0) == []
    assert len(retriever.search("扩岗补助", top=100)) == 22


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(max_size=300), top=st.integers(1, 30))
def test_any_text_gives_hits_or_nothing(retriever: Retriever, text: str, top: int) -> None:
    assert len(retriever.search(text, top)) in (0, min(top, 22))


def test_a_very_long_question(retriever: Retriever) -> None:
    assert retriever.search("一次性扩岗补助怎么申领" * 500)[0].clause == 1


def test_the_same_question_gives_the_same_hits_from_any_thread(retriever: Retriever) -> None:
    question = "外卖骑手摔伤了谁管"
    alone = retriever.search(question)
    with ThreadPoolExecutor(4) as pool:
        assert all(hits == alone for hits in pool.map(retriever.search, [question] * 16))


def test_everyday_wording_is_never_quoted(retriever: Retriever) -> None:
    hits = retriever.search("老板跑路、包工头跑了、不给工钱、赖账", top=22)
    assert hits[0].clause == 19
    assert all("跑路" not in str(dataclasses.asdict(hit)) for hit in hits)


def test_fusion_by_rank() -> None:
    first, second = np.array([0.9, 0.8, 0.1]), np.array([3.0, 0.0, 9.0])
    fused = fuse(first, second)
    assert fused[0] == pytest.approx((11 / 11 + 11 / 12) / 2)
    assert fused[1] == pytest.approx(11 / 12 / 2)  # no vote where nothing matched
    assert fused[2] == pytest.approx((11 / 13 + 11 / 11) / 2)
    assert fuse(first)[0] == 1.0
