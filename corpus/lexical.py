"""Keyword search: BM25 over the plan's sentences, each with its heading and its everyday wording."""

import json
import logging
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corpus.passages import Passage
from corpus.plan import Plan
from corpus.words import Segmenter, pairs, write_dictionary

_DICTIONARY = "dictionary.txt"
_SIZES = "sizes.json"
_BY_WORDS = "words"
_BY_PAIRS = "pairs"


class KeywordIndex:
    """BM25 scores of all sentences, by words and by character pairs."""

    def __init__(self, folder: Path) -> None:
        """Open what ``write_keyword_index`` left in the folder. Raises OSError and ValueError if it is damaged."""
        # A dictionary or list that is merely cut short would load, and search a little worse without a word.
        if json.loads((folder / _SIZES).read_text("utf-8")) != _sizes(folder):
            raise ValueError("文件大小与建立时不符")
        self._segmenter = Segmenter(folder / _DICTIONARY)
        self._by_words = _load(folder / _BY_WORDS)
        self._by_pairs = _load(folder / _BY_PAIRS)

    def by_words(self, question: str) -> NDArray[np.float32]:
        """A score for each sentence of the plan, in order; 0 where no word is shared."""
        return _scores(self._by_words, self._segmenter.words(question))

    def by_pairs(self, question: str) -> NDArray[np.float32]:
        """The same by character pairs."""
        return _scores(self._by_pairs, pairs(question))


def write_keyword_index(folder: Path, plan: Plan, passages: Sequence[Passage]) -> None:
    """Write the dictionary and both BM25 indexes. Raises OSError."""
    write_dictionary(folder / _DICTIONARY, (plan.text, *(passage.text for passage in passages)))
    segmenter = Segmenter(folder / _DICTIONARY)
    texts: list[list[str]] = [[sentence.heading] for sentence in plan.sentences]
    for passage in passages:
        if passage.sentence is not None:
            texts[passage.sentence].append(passage.text)
    for name, cut in ((_BY_WORDS, segmenter.words), (_BY_PAIRS, pairs)):
        index = _bm25s().BM25()
        index.index([[token for text in own for token in cut(text)] for own in texts], show_progress=False)
        index.save(folder / name)
    (folder / _SIZES).write_text(json.dumps(_sizes(folder)), "utf-8")


def _sizes(folder: Path) -> dict[str, int]:
    files = [folder / _DICTIONARY, *(folder / _BY_WORDS).iterdir(), *(folder / _BY_PAIRS).iterdir()]
    return {path.relative_to(folder).as_posix(): path.stat().st_size for path in sorted(files)}


def _load(folder: Path) -> Any:
    return _bm25s().BM25.load(folder)


def _scores(index: Any, tokens: Iterable[str]) -> NDArray[np.float32]:
    known = [token for token in dict.fromkeys(tokens) if token in index.vocab_dict]
    if not known:
        return np.zeros(index.scores["num_docs"], np.float32)
    scores: NDArray[np.float32] = index.get_scores(known)
    return scores


def _bm25s() -> Any:
    import bm25s  # type: ignore[import-untyped]  # pulls in scipy; not for processes that only read the plan

    logging.getLogger("bm25s").setLevel(logging.WARNING)
    return bm25s
