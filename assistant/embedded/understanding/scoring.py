"""How well a quantity fits a fact: by its kind and by the cue words near it; and what it then is worth."""

import math
import re
from datetime import date
from decimal import Decimal
from typing import Any

from assistant.embedded.patterns import regex
from assistant.embedded.understanding.groups import segment_around
from assistant.embedded.understanding.mentions import Mention, months_between
from assistant.embedded.understanding.words import pattern

_SUM = re.compile(r"一共|总共|合计|共计|加起来|加(?:在|到)?一起|合起来|三项")
PLAIN = 9.0
"""A cue word directly beside a number scores more than this."""
LEAST_MONEY = 200


def score(mention: Mention, name: str, kind: Any, text: str) -> float:
    """How well a quantity fits a fact: kind, then the nearest cue word, before it rather than after."""
    words = pattern(name)
    if words.needs and not words.needs.search(text):
        return 0.0
    if of_another(mention, name, text):
        return 0.0
    wanted = words.kind or ("date" if kind is date else "")
    since = mention.kind == "date" and wanted == "months"
    if not since and not fits(mention.kind, wanted):
        return 0.0
    if wanted == "percent" and mention.value > 100:
        return 0.0
    if mention.kind == "number" and wanted == "count" and mention.value > 9999:
        return 0.0  # 30万 without a unit is money
    cues = words.since if since else words.cues
    exact = mention.precise_day or "个月" in text[mention.start : mention.end]  # 19个月前注册
    if since and words.default and not exact and regex(r"[{numeral}]{1,3}个?月").search(text):
        return 0.0  # 去年开的, 运营了18个月: the duration is what was meant
    bare = mention.kind == "number" and wanted in ("count", "percent")
    if mention.kind == "number" and wanted == "money" and mention.value < LEAST_MONEY:
        # 人数85: a small number without 元 is money only right beside its word.
        near = nearest_cue(cues, text, mention, words.weight) if cues else 0.0
        return near if near > PLAIN else 0.0
    if mention.kind == "number" and wanted == "count" and not words.default:
        near = nearest_cue(cues, text, mention, words.weight) if cues else 0.0
        return near if near > PLAIN else 0.0  # 留用率多少才能按2000算
    default = 1.0 if words.default and not since and not bare and wanted != "date" else 0.0
    near = nearest_cue(cues, text, mention, words.weight) if cues else 0.0
    if mention.kind == "number" and wanted == "percent" and near <= PLAIN:
        return 0.0  # 缺口人数不到一百: no share, unless right beside its word
    return 0.0 if since and near <= 1 else max(default, near)  # a day told in another part is that of something else


def of_another(mention: Mention, name: str, text: str) -> bool:
    """单位缴8000 is no part of one's own, 个人部分4000 none of the employer's."""
    words = pattern(name)
    return right_after(words.not_after, mention, text) or right_after(words.of_no_use_after, mention, text)


def right_after(words: re.Pattern[str] | None, mention: Mention, text: str) -> bool:
    return words is not None and any(m.end() == mention.start for m in words.finditer(text, 0, mention.start))


def fits(kind: str, wanted: str) -> bool:
    """A bare number may be money or a share (基数五千), or people where a cue stands by it; never months."""
    return kind == wanted or (kind == "number" and wanted in ("money", "percent", "count"))


def nearest_cue(cues: re.Pattern[str], text: str, mention: Mention, weight: float) -> float:
    """Before the number in its part of the sentence is best, then after it, then in an earlier part."""
    left, right = segment_around(text, mention)
    if mention.kind == "date":
        right = _till_next_moment(text, mention, right)
    best = 0.0
    for m in cues.finditer(text):  # what a cue looks ahead to may stand in a later part
        if m.end() > right:
            break
        bonus = 0.2 * min(m.end() - m.start(), 12) + weight
        if mention.kind == "date" and left <= m.start() and m.end() <= mention.start and _DATED.search(text, left, m.start()):
            best = max(best, 2.0)  # 2024年六月毕业的然后九月份登记了: what follows an earlier day is said of that day
        elif left <= m.start() and m.end() <= mention.start:
            # In 养老、医疗、失业一共6000 the number is that of the sum, not of the last one named.
            summed = _SUM.search(text, m.end(), mention.start) and not _SUM.search(m.group())
            best = max(best, 10 + bonus - (mention.start - m.end()) / 3 - (3 if summed else 0))
        elif m.end() == mention.start:
            best = max(best, 10 + bonus)  # 合同签到明年2月，总共半年
        elif m.start() == mention.end and mention.kind == "date":
            best = max(best, 10.5 + bonus)  # 招了3个去年6月毕业的
        elif m.start() >= mention.end:
            best = max(best, 8.5 + bonus - (m.start() - mention.end) / 3)
        elif m.end() <= left:
            # Said earlier: less than a fact that takes such a number without any cue.
            best = max(best, 0.99 - (left - m.end()) / 1000)
        elif m.start() < mention.end and m.end() > mention.start:
            best = max(best, 10 + bonus)
    return best


_NEXT_NUMBER = regex(r"\d|[{numeral}俩仨]+(?:个|名|位|人|年|月|岁)|[去前今明]年|[。;!?‖]|后来|然后|之后")
_DATED = re.compile(r"(?:[\d零〇一二三四五六七八九]{2,4}|[去前今])年|(?:\d{1,2}|[一二三四五六七八九十]{1,2})月")
_FARTHEST = 16


def _till_next_moment(text: str, mention: Mention, right: int) -> int:
    """2024年3月在桂林头一次创业，注册了个小微企业: what happened then may be told after a comma, before another number."""
    stop = _NEXT_NUMBER.search(text, mention.end)
    return max(right, min(stop.start() if stop else len(text), mention.end + _FARTHEST))


def convert(mention: Mention, name: str, kind: Any, as_of: date) -> tuple[Any, Any, Any]:
    """The mention as a value of the fact's type, and between which values that lies; None if it cannot be one."""
    if kind is date:
        # 今年招的 says nothing that the date of the question does not.
        vague = mention.day is None or (not mention.precise_day and mention.day.year == as_of.year)
        day = None if vague or mention.day is None else mention.day.isoformat()
        return day, day, day
    numbers = [mention.value, *mention.bounds]
    if mention.day is not None:
        first, last = _since(mention, each_july=pattern(name).each_july)
        numbers = [Decimal(months_between(day, as_of)) for day in (mention.day, last, first)]
        numbers[2] += pattern(name).running and as_of.day > 1
    if name == "years" and numbers[0] * 100 % 12:
        return None, None, None  # a month is no share of a year that can be written down
    value, low, high = (_typed(number, name, kind) for number in numbers)
    # 见习一个半月: half a month is none where months are counted and multiplied with.
    whole = kind is not int or pattern(name).rough or mention.value % 1 == 0
    return value, low if whole else None, high


def _typed(value: Decimal, name: str, kind: Any) -> Any:
    if name == "years":
        value = value / 12
    if kind is int:
        return (math.ceil if pattern(name).begun else math.floor)(value)
    return f"{value:f}"


def _since(mention: Mention, *, each_july: bool) -> tuple[date, date]:
    """The first and the last day that a point in time may be; a month told stands for its first day.

    ``each_july``: it is known to have been in July, if that month is among them (24年夏天毕业).
    """
    day = mention.day or date.min
    first, last = mention.since or (day, day)
    in_july = each_july and first <= date(first.year, 7, 1) <= last
    return (first, last) if (last - first).days > 30 and not in_july else (day, day)
