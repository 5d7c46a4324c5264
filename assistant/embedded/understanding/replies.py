"""A short reply to the assistant's own question: 是的, 没有, 3, 不知道."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any, get_origin

from assistant.embedded.patterns import regex
from assistant.embedded.understanding.groups import Item
from assistant.embedded.understanding.mentions import Mention, find_mentions
from assistant.embedded.understanding.parts import find_parts
from assistant.embedded.understanding.quantities import of_nothing_asked, placed
from assistant.embedded.understanding.scoring import PLAIN, of_another
from assistant.embedded.understanding.told import Reading
from assistant.embedded.understanding.words import NO, UNSURE, YES, pattern
from tools.calculator import Calculator

_MOST = {"percent": 100, "months": 240, "age": 120}
"""A number above this is no share, duration or age."""


def bare_reply(
    tool: Calculator[Any], name: str, kind: Any, text: str, as_of: date, reading: Reading, told: Sequence[Item]
) -> list[Item]:
    """A short reply to the assistant's own question: 是的 / 没有 / 3 / 不知道."""
    if UNSURE.search(text):
        reading.unsure = True
        return []
    mentions = find_mentions(text, as_of)
    # 每月扣养老320, asked how many people: what plainly tells another fact is no reply to this one.
    other = {part.mention for part in find_parts(mentions, text) if part.insurances[0] != pattern(name).insurance}
    other |= {m for m in mentions for i in told if i.start <= m.start < i.end and i.score > PLAIN}
    mentions = tuple(m for m in mentions if m not in other or pattern(name).kind == "money")
    if kind is bool:
        return [Item(name, value, 0, len(text)) for value, words in ((False, NO), (True, YES)) if words.search(text)][:1]
    if kind is date:
        return [Item(name, m.day.isoformat(), m.start, m.end) for m in mentions if m.day][:1]
    if kind in (int, Decimal):
        return _bare_number(tool, name, kind, text, mentions, as_of, reading)
    if get_origin(kind) is tuple and NO.search(text):
        return [Item(name, (), 0, len(text))]
    return []


def _bare_number(
    tool: Calculator[Any], name: str, kind: Any, text: str, mentions: Sequence[Mention], as_of: date, reading: Reading
) -> list[Item]:
    """A number without more in reply to a question for one; 没有 is 0 where that is a count."""
    words = pattern(name)
    wanted = words.kind
    if wanted == "months" and not (words.cues and words.cues.search(text)) and _OF_CONTRACT.search(text) and not name.startswith("contract"):
        return []  # 合同签咯，都是三年的, asked when they left school
    if wanted == "count" and NO.search(text) and not mentions:
        return [Item(name, 0, 0, len(text))]
    if words.since and _YEAR_ALONE.fullmatch(text):
        mentions = find_mentions(f"{text.rstrip('年')}届", as_of)  # 24年, asked how long ago that was
    for mention in sorted(mentions, key=lambda m: m.kind != wanted):
        if mention.kind == "date" and words.since:
            return placed(tool, mention, name, kind, 1.0, text, as_of, reading)
        if mention.value > _MOST.get(wanted, mention.value) or of_another(mention, name, text) or of_nothing_asked(mention, text):
            continue
        if mention.kind in (wanted, "number"):
            if name == "years" and mention.kind == "number":
                mention = replace(mention, value=mention.value * 12)
            return placed(tool, replace(mention, day=None), name, kind, 1.0, text, as_of, reading)
    return []


_OF_CONTRACT = regex(r"(?:合同|合约|签)[^。;]{0,14}[{numeral}半]+(?:个月|年)的?")
_YEAR_ALONE = re.compile(r"(?:是|在)?\d\d年?")
