from pathlib import Path

import pytest

from corpus import load_plan
from corpus.words import STOP_WORDS, TERMS, Segmenter, pairs, write_dictionary


@pytest.fixture(scope="module")
def segmenter(tmp_path_factory: pytest.TempPathFactory) -> Segmenter:
    path = tmp_path_factory.mktemp("words") / "dictionary.txt"
    write_dictionary(path, [load_plan().text])
    return Segmenter(path)


def test_terms_of_the_policy_stay_whole_and_are_also_cut(segmenter: Segmenter) -> None:
    words = segmenter.words("个人创业担保贷款能贷多少")
    assert {"创业担保贷款", "贷款", "担保", "贷"} <= set(words)
    assert "稳岗返还" in segmenter.words("穩崗返還")


def test_every_term_is_cut_in_one_piece(segmenter: Segmenter) -> None:
    terms = TERMS.read_text("utf-8").split()
    assert len(terms) == len(set(terms))
    assert [term for term in terms if term not in segmenter.words(term)] == []


def test_function_words_and_punctuation_are_left_out(segmenter: Segmenter) -> None:
    assert segmenter.words("我们的社保，怎么办？！") == ["社保"]
    assert [word for word in STOP_WORDS.read_text("utf-8").split() if segmenter.words(word)] == []
    assert segmenter.words("") == segmenter.words("，。…😀") == []


def test_an_unusable_dictionary(tmp_path: Path) -> None:
    (tmp_path / "dictionary.txt").write_bytes(b"\xff\xfe\n")
    with pytest.raises(ValueError):
        Segmenter(tmp_path / "dictionary.txt")
    with pytest.raises(OSError):
        Segmenter(tmp_path / "none.txt")


def test_pairs_do_not_reach_over_punctuation() -> None:
    assert pairs("社保，补贴1") == ["社保", "补贴", "贴1"]
    assert pairs("贷") == []
