"""Words and character pairs of a text, the units keyword search counts.

jieba cuts by a dictionary. Its own one has half a million entries and takes half a second to load, so the index keeps
a smaller one: the common words, those the corpus uses, and the policy's own terms from ``lexicon/words.txt``.
"""

import logging
import sys
import warnings
from collections.abc import Iterable, Iterator
from functools import cache
from itertools import pairwise
from pathlib import Path
from types import ModuleType
from typing import Any

from corpus.text import normalise

LEXICON = Path(__file__).parent / "lexicon"
TERMS = LEXICON / "words.txt"
STOP_WORDS = LEXICON / "stopwords.txt"
COMMON_FREQUENCY = 100
"""Occurrences in jieba's own corpus from which on a word is kept."""
LONGEST_WORD = 12
"""Characters; longer entries of jieba's dictionary are kept only if common."""


class Segmenter:
    """Cuts text with the dictionary that ``write_dictionary`` made."""

    def __init__(self, dictionary: Path) -> None:
        self._tokenizer: Any = _jieba().Tokenizer()
        with dictionary.open("rb") as file:
            self._tokenizer.FREQ, self._tokenizer.total = self._tokenizer.gen_pfdict(file)
        # Set by hand, jieba does not go looking for a dictionary and a cache file of its own.
        self._tokenizer.initialized = True
        self._stop_words = _stop_words()

    def words(self, text: str) -> list[str]:
        """Words of the text in normal form, long ones also in parts (创业担保贷款 and 贷款); no function words."""
        cut: Iterable[str] = self._tokenizer.cut(normalise(text), HMM=False)
        kept = (word for word in cut if word not in self._stop_words and any(c.isalnum() for c in word))
        return [part for word in kept for part in (word, *self._parts(word))]

    def _parts(self, word: str) -> Iterator[str]:
        """Shorter words inside a word, which a question may use alone."""
        for length in range(2, len(word)):
            for start in range(len(word) - length + 1):
                if self._tokenizer.FREQ.get(word[start : start + length]):
                    yield word[start : start + length]


def pairs(text: str) -> list[str]:
    """Neighbouring characters (社保补贴 → 社保 保补 补贴): what is left of a word that was misspelt or is unknown."""
    plain = normalise(text)
    return [a + b for a, b in pairwise(plain) if a.isalnum() and b.isalnum()]


def write_dictionary(path: Path, texts: Iterable[str]) -> None:
    """Write a jieba dictionary with common words, the words that occur in ``texts``, and the policy's terms."""
    jieba = _jieba()
    used = {piece for text in texts for piece in _pieces(normalise(text))}
    full = Path(str(jieba.__file__)).with_name("dict.txt")
    kept: list[str] = []
    for line in full.read_text("utf-8").splitlines():
        word, frequency, *_ = line.split(" ")
        if int(frequency) >= COMMON_FREQUENCY or word in used:
            kept.append(f"{word} {frequency}\n")
    path.write_text("".join(kept), "utf-8")
    tokenizer = Segmenter(path)._tokenizer
    for term in (*_lines(TERMS), *_lines(STOP_WORDS)):
        # Just enough to stay in one piece, doubled: jieba's running total is a little off while words are added.
        tokenizer.add_word(term, 2 * tokenizer.suggest_freq(term))
    path.write_text("".join(f"{word} {count}\n" for word, count in tokenizer.FREQ.items() if count), "utf-8")


def _pieces(text: str) -> Iterator[str]:
    for start in range(len(text)):
        for end in range(start + 1, min(start + LONGEST_WORD, len(text)) + 1):
            yield text[start:end]


@cache
def _stop_words() -> frozenset[str]:
    return frozenset(_lines(STOP_WORDS))


def _lines(path: Path) -> list[str]:
    return [line for line in path.read_text("utf-8").split("\n") if line]


@cache
def _jieba() -> ModuleType:
    """Import jieba quietly: without its log lines, and without setuptools' slow, deprecated pkg_resources."""
    blocked = "pkg_resources" not in sys.modules
    if blocked:
        sys.modules["pkg_resources"] = None  # type: ignore[assignment]  # import fails, jieba falls back to open()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            import jieba  # type: ignore[import-untyped]
    finally:
        if blocked:
            sys.modules.pop("pkg_resources", None)
    jieba.setLogLevel(logging.ERROR)
    module: ModuleType = jieba
    return module
