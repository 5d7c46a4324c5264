"""What a message is about: a benefit, another clause, something outside the plan, or small talk.

By name where people use one, else by meaning: the nearest of the example questions that each benefit's data
file and ``data/asides.yaml`` carry.
"""

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from assistant.embedded.patterns import alternation, load_data
from corpus.embedding import Embedder
from corpus.passages import load_passages
from corpus.text import normalise
from tools.catalogue import catalogue

FEW = 5
"""So many of its nearest examples tell how near a benefit is."""
Kind = Literal["benefit", "clause", "out_of_scope", "refused", "small_talk"]


@dataclass(frozen=True, slots=True)
class Topic:
    """Something a message can be about, and how near the message is to it (cosines, 0 to 1)."""

    kind: Kind
    id: str
    similarity: float
    """To the nearest of its examples."""
    standing: float
    """To the nearest few of its examples on average: steadier, where topics are compared with each other."""
    named: bool = False
    """Called by one of its names."""


@dataclass(frozen=True, slots=True)
class Aside:
    """Something no clause answers, from ``data/asides.yaml``."""

    kind: Kind
    id: str
    reply: str
    near: tuple[int, ...]
    pattern: re.Pattern[str] | None
    examples: tuple[str, ...]
    signs: Mapping[str, re.Pattern[str]] = field(default_factory=dict)
    """Words that prove nothing alone."""
    together: tuple[tuple[str, ...], ...] = ()
    """Which signs do, when all of them stand in one message."""
    unless: re.Pattern[str] | None = None
    """Words that make an honest question of it."""
    firm: bool = False
    """Its words leave no doubt, however near to the plan the message stands."""

    def spoken_of(self, text: str) -> bool:
        """Whether a text in normal form is about this."""
        return not (self.unless and self.unless.search(text)) and (
            self._stands(self.pattern, text)
            or any(all(self._stands(self.signs[sign], text) for sign in signs) for signs in self.together)
        )

    def touches(self, text: str) -> bool:
        """Whether a part of such a message has to do with it."""
        return any(self._stands(words, text) for words in (self.pattern, *self.signs.values()))

    def _stands(self, words: re.Pattern[str] | None, text: str) -> bool:
        return words is not None and any(
            self.kind != "refused" or not _DENIED.search(text, 0, m.start()) for m in words.finditer(text)
        )


_DENIED = re.compile(
    r"(?:(?<!有)没有?|从不|不敢|没敢|(?<!会)不会|(?<!想)不想|拒绝|防止|避免|打击|严禁|(?<!要)不要|(?<!能)不能|算不算|怕(?:被)?(?:人家?|你们)?(?:说成?|当成?|认为是?|怀疑)?)"
    r"(?:过|去|搞|做|有|任何|什么|那种|在|是|说|让)*$"
)
"""没有造假, 怕被说成骗补: the word after this is said of nobody."""


@cache
def asides() -> tuple[Aside, ...]:
    """All asides, in the order of the file: what comes first is recognised first."""
    return tuple(
        Aside(
            kind, entry["topic"], entry.get("reply", ""), tuple(entry.get("near", ())),
            alternation(entry["patterns"]) if entry.get("patterns") else None, tuple(entry["examples"]),
            {name: alternation(words) for name, words in entry.get("signs", {}).items()},
            tuple(map(tuple, entry.get("together", ()))),
            alternation(entry["unless"]) if entry.get("unless") else None,
            bool(entry.get("firm")),
        )
        for kind, entries in load_data("asides").items()
        for entry in entries
    )


def find_aside(text: str, *kinds: Kind) -> Aside | None:
    """The first aside of these kinds whose words stand in a text in normal form."""
    return next((a for a in asides() if a.kind in kinds and a.spoken_of(text)), None)


_PAID = re.compile(r"(?:[\d万元块千百]|(?:交|缴纳?)(?:了|过|的|满)?)$")
"""交了80万失业保险费 states a fact and does not name the benefit 失业保险费."""


_WAS_PAID = re.compile(r"(?:实际|实)(?:缴|交)|已(?:缴|交)|缴纳(?:数据|情况|金额)|[:：](?=单位|企业|\d)")
"""失业保险费实缴：单位…, 职工…"""


@cache
def _names() -> list[tuple[re.Pattern[str], str]]:
    """(name in normal form, benefit), the longest first; 个人那个社保补贴 is the name too."""
    pairs = [
        (normalise(name), tool.id)
        for tool in catalogue().values()
        for name in (tool.title, *tool.benefit.aliases)
    ]
    between = "(?:那个|这个|那种|那笔|的)?"
    ordered = sorted(pairs, key=lambda pair: -len(pair[0]))
    return [(re.compile(between.join(re.escape(c) for c in name)), benefit) for name, benefit in ordered]


_NOT_MEANT = re.compile(r"(?:除了?|以外|(?<!是)不是(?:问|要|要问|想问)?|并非|不走|不搞|不问|没(?:有)?(?:参加|搞|办|走)过?)(?:那个|这个|那种|企业|新型|什么)*$")
"""除了扩岗补助还有别的吗, 不是学徒制: is about others."""
_RHETORICAL = re.compile(r"[^,。;?]{0,2}(?:吗|么|嘛)")


@lru_cache(maxsize=64)
def denied_benefits(text: str) -> frozenset[str]:
    """The benefits that a message names only to say that they are not meant."""
    found = {
        benefit
        for name, benefit in _names()
        for m in name.finditer(text)
        if _NOT_MEANT.search(text, 0, m.start()) and not _RHETORICAL.match(text, m.end())
    }
    return frozenset(found - set(named_benefits(text)))


@lru_cache(maxsize=64)  # asked several times in one turn
def named_places(text: str) -> tuple[tuple[int, int, str], ...]:
    """(start, end, benefit) of every name in a text; a name inside a longer one does not count.

    求职创业补贴 is another benefit than 创业补贴, though the plan does not have it.
    """
    found: list[tuple[int, int, str]] = []
    others = [m.span() for a in asides() if a.kind == "out_of_scope" and a.pattern for m in a.pattern.finditer(text)]
    for name, benefit in _names():
        for m in name.finditer(text):
            span = (m.start(), m.end())
            if _NOT_MEANT.search(text, 0, span[0]) and not _RHETORICAL.match(text, span[1]):
                continue
            within = any(a <= span[0] and span[1] <= b and (a, b) != span for a, b in others)
            if within or (catalogue()[benefit].kind == "fee" and (_PAID.search(text, 0, m.start()) or _WAS_PAID.match(text, m.end()))):
                continue
            if all(span[1] <= start or span[0] >= end or span == (start, end) for start, end, _ in found):
                found.append((*span, benefit))
    return tuple(sorted(found))


def named_benefits(text: str) -> list[str]:
    """The benefits called by name, in the order they are named."""
    return list(dict.fromkeys(benefit for _, _, benefit in named_places(text)))


class Topics:
    """The example questions as vectors, embedded once and kept on disk."""

    def __init__(self, embedder: Embedder, folder: Path | None = None) -> None:
        self._embedder = embedder
        self._targets: list[tuple[Kind, str]] = []
        texts: list[str] = []
        for tool in catalogue().values():
            for text in (tool.title, *tool.benefit.aliases, *tool.benefit.examples):
                self._targets.append(("benefit", tool.id))
                texts.append(normalise(text))
        for aside in asides():
            for text in aside.examples:
                self._targets.append((aside.kind, aside.id))
                texts.append(normalise(text))
        for clause, questions in load_data("clauses").items():
            self._targets += [("clause", str(clause))] * len(questions)
            texts += [normalise(str(question)) for question in questions]
        for passage in load_passages():
            if passage.kind != "sentence":
                self._targets.append(("clause", str(passage.clause)))
                texts.append(normalise(passage.text))
        self._vectors = self._load(texts, folder)
        targets = np.array([list(dict.fromkeys(self._targets)).index(target) for target in self._targets])
        self._places = {target: np.flatnonzero(targets == n) for n, target in enumerate(dict.fromkeys(self._targets))}

    def rank(self, text: str) -> list[Topic]:
        """All topics for a text in normal form, the nearest first; named benefits before all others."""
        # Not @: for so small a product BLAS would wake a thread on every core, and a busy server has none to spare.
        similarity = np.einsum("ij,j->i", self._vectors, self._embedder.embed_queries([text])[0])
        named = named_benefits(text)
        topics = []
        for (kind, name), places in self._places.items():
            nearest = np.sort(similarity[places])[-FEW:]
            known = kind == "benefit" and name in named
            topics.append(Topic(kind, name, float(nearest[-1]), float(nearest.mean()), known))
        return sorted(topics, key=lambda t: (t.named, t.standing if t.kind == "benefit" else t.similarity), reverse=True)

    def _load(self, texts: Sequence[str], folder: Path | None) -> NDArray[np.float32]:
        digest = hashlib.sha256("\n".join([self._embedder.fingerprint, *texts]).encode()).hexdigest()[:16]
        path = folder / f"topics-{digest}.npy" if folder else None
        if path is not None and path.exists():
            try:
                stored: Any = np.load(path)
                if stored.shape == (len(texts), self._embedder.dimension):
                    return np.asarray(stored, np.float32)
            except (OSError, ValueError):
                pass
        vectors = self._embedder.embed_queries(texts)
        if path is not None:
            _save(path, vectors)
        return vectors


def _save(path: Path, vectors: NDArray[np.float32]) -> None:
    """Kept for the next start; a folder that cannot be written only costs time."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        for old in path.parent.glob("topics-*.npy"):
            old.unlink(missing_ok=True)
        partial = path.with_suffix(".partial.npy")
        np.save(partial, vectors)
        partial.replace(path)
    except OSError:
        return
