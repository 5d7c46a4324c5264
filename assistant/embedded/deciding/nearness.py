"""How near a message stands to each benefit and clause: by meaning, by name, and by how much of it is understood."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from typing import Any

from assistant.embedded.deciding.questions import QUESTION, benefits_meant, kinds_asked
from assistant.embedded.deciding.topics import Topic, Topics, denied_benefits, named_benefits, named_places
from assistant.embedded.deciding.wording import own_wording
from assistant.embedded.patterns import alternation, load_data
from assistant.embedded.understanding.reading import read_facts
from assistant.embedded.understanding.words import asks
from tools.calculator import Calculator
from tools.catalogue import catalogue
from tools.facts import leaves, word

NEAR_ENOUGH = 0.88
"""Below this nearness to every example, a message is about nothing we know."""
FAIRLY_NEAR = 0.905
"""Below this, something outside the plan that is about as near is more likely."""
SURELY_NEAR = 0.925
"""Above this, a word that usually belongs to another subject does not lead away."""
VAGUE = 0.9
"""A statement (我是小老板) that stands nearer to no benefit than this tells something, but asks nothing."""
CLAUSE_LEAD = 0.012
"""How much nearer a clause's own wording must be before it is preferred to a calculator."""
FACT_WEIGHT = 0.012
"""What each fact that a benefit understands adds to its nearness."""
WORDING_WEIGHT = 0.01
"""What a run of characters that only one clause has adds to that clause's nearness."""
LITERAL = 5
"""So much wording of one clause makes a question one about that clause."""
KIND_WEIGHT = 0.03
"""What asking for its kind of result (a loan, a refund) adds to a benefit's nearness."""
UNIQUE = 2
"""A fact that one benefit alone asks for weighs 2 / this."""
GUESSED = 0.3
"""What a number counts for that no word beside it ties to its fact."""
NAME_WEIGHT = 0.05
"""What being called by name adds to it."""
SIGN_WEIGHT = 0.03
"""What words that speak for it and against its neighbours add (``data/signs.yaml``)."""

UNSPOKEN_WEIGHT = 0.03
"""What it takes from a benefit's nearness that none of the words is spoken without which nobody means it (``data/spoken.yaml``)."""


@dataclass(frozen=True, slots=True)
class Bearings:
    """What a message is near to."""

    text: str
    named: list[str]
    """The benefits called by name."""
    benefits: list[Topic]
    """The nearest first."""
    best: Topic
    """The benefit that fits best, by nearness and by what it understands."""
    clause: Topic
    """The nearest clause."""
    off: Topic
    """The nearest of what is not the plan's."""

    @property
    def within(self) -> float:
        """How near it is to the plan at all."""
        return max(self.best.similarity, self.clause.similarity)


def bearings_of(text: str, topics: Topics, as_of: date, present: str = "") -> Bearings:
    """Where a message stands; ``present`` is the benefit talked about, whose words need not be said again."""
    ranked = topics.rank(text)
    benefits = [topic for topic in ranked if topic.kind == "benefit"]
    best = best_benefit(text, benefits, as_of, present)
    off = max((t for t in ranked if t.kind not in ("benefit", "clause")), key=lambda t: t.similarity)
    return Bearings(text, named_benefits(text), benefits, best, best_clause(text, ranked, catalogue()[best.id]), off)


def best_benefit(text: str, benefits: Sequence[Topic], as_of: date, present: str = "") -> Topic:
    """The nearest benefit; among those named or about as near, the one that understands most of what was said."""
    meant = [topic for topic in benefits if topic.id not in denied_benefits(text)]
    rivals = [topic for i, topic in enumerate(meant) if topic.named or i < 5 or _signs(topic.id, text)]

    def fit(topic: Topic) -> float:
        unspoken = not topic.named and topic.id != present and _unspoken(topic.id, text)
        return fit_of(text, topic, as_of) - UNSPOKEN_WEIGHT * unspoken

    return max(rivals, key=fit)


def fit_of(text: str, topic: Topic, as_of: date) -> float:
    """Nearness, and how much of the message the benefit understands; a fact that few benefits know counts more."""
    reading = read_facts(catalogue()[topic.id], text, as_of)
    taken: dict[str, tuple[int, int]] = {}
    for fact, start, end in sorted(reading.places, key=lambda place: known_to(place[0])):
        # The same words tell only one thing: who is a graduate is of a 重点群体, but that is said once.
        if fact not in taken and all(end <= a or start >= b for a, b in taken.values()):
            taken[fact] = (start, end)
    understood = sum((GUESSED if fact in reading.guessed else 1) * 2 / max(UNIQUE, known_to(fact)) for fact in taken)
    asked = catalogue()[topic.id].kind in kinds_asked(text)
    return (
        topic.standing
        + FACT_WEIGHT * min(understood, 5)
        + KIND_WEIGHT * asked
        + NAME_WEIGHT * topic.named
        + SIGN_WEIGHT * (_signs(topic.id, text) + _asked_for(topic.id, text) / 2)
    )


def _asked_for(benefit: str, text: str) -> bool:
    """公司部分1155，他个人部分520，公司能补多少: of neighbours that are all spoken of, the one that the question is about."""
    return len(spoken_for(text)) > 1 and not named_places(text) and _signs(benefit, asking(text))


def asking(text: str) -> str:
    """The parts of a message that ask something."""
    return ",".join(part for part in re.split(r"[,。;!?]", text) if QUESTION.search(part))


def _signs(benefit: str, text: str) -> bool:
    sign = _all_signs().get(benefit)
    return benefit in benefits_meant(text) or (sign is not None and sign.search(text) is not None)


def _unspoken(benefit: str, text: str) -> bool:
    """招了三个今年毕业的，都签了合同: not a word of an internship."""
    words = _all_spoken().get(benefit)
    return words is not None and not words.search(text)


@cache
def _all_spoken() -> Mapping[str, re.Pattern[str]]:
    return {benefit: alternation(words) for benefit, words in load_data("spoken").items()}


def spoken_for(text: str) -> list[str]:
    """Both of two neighbours, where the words of a message speak for each: 老板那份全补，那我扣的呢."""
    return [benefit for benefit, sign in _all_signs().items() if sign.search(text)]


def spoken_instead(text: str, present: str) -> str:
    """那他自己扣的那部分有没有得补, after the employer's: the neighbour for which the question alone speaks; else empty."""
    asked, neighbours = spoken_for(asking(text)), {name for name in _all_signs() if catalogue()[name].kind == "subsidy"}
    if _INCLUDED.search(text) or len(asked) != 1 or not {present, *asked} <= neighbours or present in spoken_for(text):
        return ""
    return asked[0]


_INCLUDED = re.compile(r"包不包|包括|包含|连[^,。?]{1,8}(?:一起|一块|也)|算不算(?:在内|进)|也(?:算|补)进")
"""包不包括个人扣的那块 asks about the same benefit."""


@cache
def _all_signs() -> Mapping[str, re.Pattern[str]]:
    return {benefit: alternation(words) for benefit, words in load_data("signs").items()}


@cache
def known_to(fact: str) -> int:
    """How many benefits know a fact; who somebody is has two names."""
    same = {fact, "category"} if fact == "founder" else {fact}
    return sum(any(name in same for _, name, _ in leaves(tool.facts)) for tool in catalogue().values())


def best_clause(text: str, ranked: Sequence[Topic], tool: Calculator[Any]) -> Topic:
    """The nearest clause; words that stand in one clause alone bring it nearer, unless they are the benefit's own."""
    own = own_wording(text, quotes_of(tool))
    clauses = [
        replace(t, similarity=t.similarity + WORDING_WEIGHT * own.get(int(t.id), 0))
        for t in ranked if t.kind == "clause"
    ]
    return max(clauses, key=lambda t: t.similarity)


def quotes_of(tool: Calculator[Any]) -> tuple[str, ...]:
    """The sentences of the plan that a benefit rests on."""
    benefit = tool.benefit
    return (benefit.quote, *(figure.quote for figure in benefit.figures.values()))


def surely_inside(at: Bearings, as_of: date) -> bool:
    """A stray word (养鸡场, 住院) does not count in a message that is plainly about the plan, or full of facts for it."""
    if at.within > max(SURELY_NEAR, at.off.similarity + 0.02):
        return True
    if _DECLARED_HERE.search(at.text) and at.within > at.off.similarity:
        return True
    reading = read_facts(catalogue()[at.benefits[0].id], at.text, as_of)
    return len(reading.facts) + sum(len(row) - 1 for row in reading.rows) >= 3


_DECLARED_HERE = re.compile(r"(?:人社|方案|政策)(?:这边|里面?|上|部门)?[^,。?]{0,10}(?:怎么|咋|有没有|有什么|哪些|如何|什么)")
"""不想打官司，人社这边调解是怎么个路子: what is asked is the plan's, whatever word stands beside it."""


def surely_a_clause(at: Bearings) -> bool:
    """那外国人的工作许可证呢, in the middle of a case: a question about a clause, far from every benefit."""
    lead = at.clause.similarity - at.best.similarity
    return at.clause.similarity > SURELY_NEAR + 0.02 and lead > 4 * CLAUSE_LEAD and QUESTION.search(at.text) is not None


def surely_another(at: Bearings, present: str) -> bool:
    """公司招不到人，政府帮不帮忙, after a refund: nearly the words of another benefit's example, far from the present one's."""
    if at.best.id == present or at.best.similarity < SURELY_NEAR + 0.02 or not QUESTION.search(at.text):
        return False
    nearness = next((topic.similarity for topic in at.benefits if topic.id == present), 1.0)
    return at.best.similarity - nearness > 4 * CLAUSE_LEAD


def spoken_together(text: str) -> list[str]:
    """单位补多少，个人补多少: neighbours of one kind that the questions of a message speak for, each in words of its own."""
    spoken = spoken_for(asking(text))
    kinds = {catalogue()[name].kind for name in spoken}
    return spoken if len(spoken) == 2 and len(kinds) == 1 and _EACH_ASKED.search(text) else []


_EACH_ASKED = re.compile(r"(?:多少|几多|几[块千万])[^。?]{0,14}(?:多少|几多|几[块千万])")


def kinds_together(at: Bearings, as_of: date) -> list[str]:
    """能拿多少补贴，贷多少: the nearest benefit of each kind that is asked for."""
    text, best = at.text, catalogue()[at.best.id].kind
    asked = kinds_asked(text) | ({"subsidy"} if asks("kind_subsidy", text) else set())
    found = []
    for kind in sorted(asked - {best}) if best in asked else ():
        own = [topic for topic in at.benefits if catalogue()[topic.id].kind == kind and topic.standing > VAGUE]
        found += [max(own, key=lambda topic: fit_of(text, topic, as_of)).id] if own else []
    return found


def told_together(at: Bearings, as_of: date) -> list[str]:
    """设了工作站，另外还招了一位材料学博士: a benefit that understands what the nearest one does not, and it alone."""
    text = at.text
    if not _BESIDES.search(text):
        return []
    understood = [(start, end) for _, start, end in read_facts(catalogue()[at.best.id], text, as_of).places]

    def own(topic: Topic) -> set[str]:
        places = read_facts(catalogue()[topic.id], text, as_of).places
        apart = {fact for fact, start, end in places if all(end <= a or start >= b for a, b in understood)}
        return {fact for fact in apart if known_to(fact) == 1 and word(fact).presume is None}

    kinds = {"subsidy", *kinds_asked(text)}
    others = [topic for topic in at.benefits[:8] if topic.id != at.best.id and catalogue()[topic.id].kind in kinds and len(own(topic)) > 1]
    return [max(others, key=lambda topic: fit_of(text, topic, as_of)).id] if others else []


_BESIDES = re.compile(r"另外|还有|同时|又|还新?(?:招|引进|设|办|来)|各(?:是|有|给|补)?多少|分别")


def asked_together(text: str) -> list[str]:
    """Benefits named side by side (扩岗补助和社保补贴) or each in a sentence of its own; else only one is meant."""
    places = named_places(text)
    kept: list[str] = []
    for (_, end, first), (start, _, second) in zip(places, places[1:], strict=False):
        gap = text[end:start]
        joined = re.fullmatch(r"的?[,、]?(?:和|与|跟|及|以及|还有|、|或者?|还是)(?:那个|那笔|这\S{1,2}个?月的?|走|做|搞|参加|普通|一般|全额|的)*", gap)
        asked_too = re.search(r"[,?]?(?:有没有|能不能|可不可以|是不是|能否)", gap) and re.search(r"多少|吗|怎么", gap)
        each = re.match(r"[^,。;?]{0,6}(?:多少|几多|几[块千万])[^,。;?\s]{0,3}[,\s]", gap)  # 扩岗补助是多少，社保补贴又是多少
        if first != second and (each or joined or asked_too or re.search(r"[?。;]|呢[,?]?|另外|还有", gap)):
            kept += [first, second]
    if any(catalogue()[name].kind == "refund" for name in kept) and "fee" not in kinds_asked(text):
        kept = [name for name in kept if catalogue()[name].kind != "fee"]  # 失业保险费实缴…，稳岗返还多少
    return list(dict.fromkeys(kept)) if len({*kept}) > 1 else []
