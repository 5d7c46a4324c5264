"""A figure told for some of the people each, where a calculator asks for one of all: 3个交了8个月，1个才交2个月."""

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from assistant.embedded.understanding.certainty import meets
from assistant.embedded.understanding.groups import segment_around
from assistant.embedded.understanding.mentions import Mention, find_mentions
from assistant.embedded.understanding.scoring import LEAST_MONEY
from assistant.embedded.understanding.told import Reading
from assistant.embedded.understanding.words import pattern
from tools.calculator import Calculator


def read_apiece(tool: Calculator[Any], types: Mapping[str, Any], text: str, as_of: date, reading: Reading) -> None:
    """Put one figure in place of several: those count for whom it is enough; what is paid on several bases is their sum."""
    for name in types:
        words = pattern(name)
        if words.of_each not in types or not (words.cues and words.cues.search(text)):
            continue
        pairs = list(_pairs(words.kind, text, as_of))
        if len(pairs) < 2:
            continue
        reading.rough = [other for other in reading.rough if other not in (name, words.of_each)]
        if words.sum:
            total = sum((number * value for number, value in pairs), Decimal(0))
            for other in (name, words.of_each):
                reading.facts.pop(other, None)
            reading.facts[words.sum] = f"{total:f}"
            reading.summed_up = True
        else:
            enough = [(number, value) for number, value in pairs if meets(tool, name, int(value))] or pairs
            reading.facts[words.of_each] = sum(number for number, _ in enough)
            reading.facts[name] = min(int(value) for _, value in enough)


def _pairs(kind: str, text: str, as_of: date) -> Iterator[tuple[int, Decimal]]:
    """Each number of people with the figure that follows it in the same part of the sentence."""
    mentions = find_mentions(text, as_of)
    for people, figure in zip(mentions, mentions[1:], strict=False):
        beside = segment_around(text, people) == segment_around(text, figure)
        if people.kind == "count" and people.exact and figure.exact and beside and _is(figure, kind):
            yield int(people.value), figure.value


def _is(figure: Mention, kind: str) -> bool:
    return figure.kind == kind or (kind == "money" and figure.kind == "number" and figure.value >= LEAST_MONEY)
