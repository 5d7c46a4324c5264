"""Search over the plan: which clauses answer a question, and with which of their sentences.

Three rankings of the plan's sentences, by meaning, by words and by character pairs, are fused by rank (reciprocal
rank fusion), so that no score has to be compared with one of another kind. A clause ranks as its best sentence does.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from corpus.passages import load_passages
from corpus.plan import load_plan

if TYPE_CHECKING:
    from corpus.embedding import Embedder
    from corpus.index import SearchIndex
    from corpus.vectors import Progress

RANK_CONSTANT = 10
"""k of reciprocal rank fusion, 1 / (k + rank): small, as there are only 22 clauses to rank."""

Scores = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class ScoredSentence:
    """A sentence of the plan, verbatim, with its offsets in the source. ``score`` only orders sentences."""

    text: str
    start: int
    end: int
    score: float


@dataclass(frozen=True, slots=True)
class Hit:
    """A clause found, its sentences in order of relevance to the question.

    ``score`` is the fused rank, 1 if all rankings put the clause first; it only orders clauses. ``similarity`` is
    the cosine of the question and the nearest passage of the clause, comparable between questions.
    """

    clause: int
    title: str
    score: float
    similarity: float
    sentences: tuple[ScoredSentence, ...]


class Retriever:
    """Hybrid search over an open index. Safe to use from several threads."""

    def __init__(self, index: "SearchIndex", embedder: "Embedder") -> None:
        self._index = index
        self._embedder = embedder
        self._plan = load_plan()
        passages = load_passages()
        clauses = self._plan.clauses
        self._of_clause = _membership([p.clause - 1 for p in passages], len(clauses))
        self._of_sentence = _membership([p.sentence for p in passages], len(self._plan.sentences))
        self._sentences_of = _membership([s.clause - 1 for s in self._plan.sentences], len(clauses))

    def search(self, question: str, top: int = 5) -> list[Hit]:
        """The ``top`` clauses (1 to 22) for a question, best first; none for a question without a letter or digit.

        Raises IndexUnavailableError if a Chroma server has gone away.
        """
        if top < 1 or not any(character.isalnum() for character in question):
            return []
        similarities = self._similarities(question)
        words = self._index.keywords.by_words(question).astype(np.float64)
        pairs = self._index.keywords.by_pairs(question).astype(np.float64)
        nearest = _best(similarities, self._of_clause)
        clause_scores = fuse(nearest, _best(words, self._sentences_of), _best(pairs, self._sentences_of))
        sentence_scores = fuse(_best(similarities, self._of_sentence), words, pairs)
        order = np.lexsort((-nearest, -clause_scores))[:top]
        return [self._hit(int(i), clause_scores, nearest, sentence_scores) for i in order]

    def _similarities(self, question: str) -> Scores:
        from corpus.index import IndexUnavailableError
        from corpus.vectors import embed_question

        vector = embed_question(self._embedder, question)
        try:
            return self._index.vectors.similarities(vector).astype(np.float64)
        except Exception as error:  # Chroma's, httpx's and SQLite's share no narrower class
            reason = (str(error) or type(error).__name__).splitlines()[0]
            raise IndexUnavailableError(
                f"检索索引读不出来（{reason}）：请重新启动程序，索引会自行重建"
            ) from error

    def _hit(self, position: int, clause_scores: Scores, nearest: Scores, sentence_scores: Scores) -> Hit:
        clause = self._plan.clauses[position]
        own = self._sentences_of[position]
        ranked = own[np.argsort(-sentence_scores[own], kind="stable")]
        sentences = tuple(
            ScoredSentence(s.text, s.start, s.end, round(float(sentence_scores[i]), 4))
            for i in ranked
            for s in (self._plan.sentences[i],)
        )
        score, similarity = float(clause_scores[position]), float(nearest[position])
        return Hit(clause.number, clause.title, round(score, 4), round(similarity, 4), sentences)


def open_retriever(
    data_dir: Path,
    embedder: "Embedder | None" = None,
    chroma_url: str | None = None,
    progress: "Progress | None" = None,
) -> Retriever:
    """Open search, with its index under ``data_dir/index``; the first time it is built, which takes seconds.

    ``embedder`` defaults to the bundled model; ``chroma_url`` keeps the vectors on a Chroma server instead of on
    disk; ``progress`` is called with passages done and their total while building. Raises IndexUnavailableError.
    """
    from corpus.index import open_index

    if embedder is None:
        from corpus.embedding import load_embedder

        embedder = load_embedder()
    return Retriever(open_index(data_dir, embedder, chroma_url, progress), embedder)


def fuse(*rankings: Scores) -> Scores:
    """Reciprocal rank fusion of scores for the same items, between 0 and 1; a score of 0 or less is no vote."""
    total = np.zeros(len(rankings[0]))
    for scores in rankings:
        ranks = np.empty(len(scores))
        ranks[np.argsort(-scores, kind="stable")] = np.arange(1, len(scores) + 1)
        total += np.where(scores > 0, (RANK_CONSTANT + 1) / (RANK_CONSTANT + ranks), 0.0)
    return total / len(rankings)


def _membership(owner_of: "list[int | None] | list[int]", owners: int) -> list[NDArray[np.intp]]:
    """For each owner, the positions of what belongs to it."""
    return [
        np.array([i for i, own in enumerate(owner_of) if own == owner], np.intp) for owner in range(owners)
    ]


def _best(scores: Scores, groups: list[NDArray[np.intp]]) -> Scores:
    """The highest score of each group."""
    return np.array([scores[group].max() for group in groups])
