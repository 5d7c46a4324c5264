import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus import load_plan
from corpus.text import normalise, to_simplified


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        ("穩崗返還", "稳岗返还"),
        ("１２万、３５％", "12万、35%"),
        ("AI與ＲＰＡ", "ai与rpa"),
        ("  两\t个\n人  ", "两 个 人"),
        ("扩\u200b岗\ufeff补助", "扩岗补助"),
        ("\x00\x07", ""),
        ("乾淨的頭髮", "干净的头发"),
        ("招3个😀", "招3个😀"),
        ("", ""),
    ],
)
def test_normal_form(text: str, normal: str) -> None:
    assert normalise(text) == normal


def test_simplified_text_stays_as_it_is() -> None:
    text = load_plan().text
    assert to_simplified(text) == text
    assert normalise(text) == " ".join(unicodedata.normalize("NFKC", text).lower().split())


@given(st.text())
def test_no_control_characters_and_no_loose_spaces(text: str) -> None:
    normal = normalise(text)
    assert not any(unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp") for character in normal)
    assert normal == normal.strip(" ") and "  " not in normal
