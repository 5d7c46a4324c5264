import difflib
import re

import pytest
import yaml

from corpus import PlanFormatError, load_plan
from corpus.evaluate import QUESTIONS, read_questions
from corpus.passages import EVERYDAY, build_passages, load_passages

TEXT = EVERYDAY.read_text("utf-8")


def test_every_sentence_and_title_is_a_passage_and_wording_belongs_to_a_sentence() -> None:
    plan, passages = load_plan(), load_passages()
    assert [p.text for p in passages if p.kind == "sentence"] == [s.text for s in plan.sentences]
    assert [p.text for p in passages if p.kind == "title"] == [c.title for c in plan.clauses]
    for passage in passages:
        assert (passage.sentence is None) is (passage.kind == "title")
        if passage.sentence is not None:
            assert plan.sentences[passage.sentence].clause == passage.clause
    assert {p.sentence for p in passages if p.kind == "everyday"} == set(range(len(plan.sentences)))


def test_no_wording_is_said_twice() -> None:
    wordings = [p.text for p in load_passages() if p.kind == "everyday"]
    assert sorted(set(wordings)) == sorted(wordings)


def test_wording_was_not_copied_from_the_questions_it_is_measured_with() -> None:
    def bare(text: str) -> str:
        return re.sub(r"\W", "", text)

    wordings = [bare(p.text) for p in load_passages() if p.kind == "everyday"]
    for question in read_questions(QUESTIONS):
        nearest = max(
            difflib.SequenceMatcher(None, bare(question.text), wording).ratio() for wording in wordings
        )
        assert nearest < 0.85, question.text


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("直补快办", "直补慢办", "第（一）条的「直补慢办」应当只出现在该条的一句里，实际是 0 句"),
        (
            "about: 品牌培育库",
            "about: 人力资源",
            "第（七）条的「人力资源」应当只出现在该条的一句里，实际是 3 句",
        ),
        ("\n22:\n", "\n23:\n", "缺少或多出第（二十二）条"),
        ("- about: 直补快办", "- abuot: 直补快办", "格式不对"),
        ("    say:", "    say: [", "格式不对"),
    ],
)
def test_a_wrong_file_stops(old: str, new: str, says: str) -> None:
    changed = TEXT.replace(old, new, 1)
    assert changed != TEXT
    with pytest.raises(PlanFormatError) as caught:
        build_passages(load_plan(), changed)
    assert says in str(caught.value) and "\n" not in str(caught.value)


def test_figures_in_the_wording_are_the_plan_s() -> None:
    """Nobody reads the wording, yet a wrong figure in it would draw the wrong questions."""
    raw = yaml.safe_load(TEXT)
    plan = load_plan()
    for clause, entries in raw.items():
        for entry in entries:
            for figure in re.findall(r"\d{3,}", " ".join(entry["say"])):
                assert figure in plan.clause(clause).text, (clause, figure)
