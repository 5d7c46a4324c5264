"""The everyday words for facts, from ``data/words.yaml``, compiled once."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from assistant.embedded.patterns import alternation, load_data, regex
from tools.facts import vocabulary

_NEGATED = re.compile(r"(?:(?:没|未|没有)(?:去)?(?:办|做|登|参加|有|认定|申请|评)?(?:过|理|为|成)?|不是|并非|不在|不算|不属于|没在|而非|除了|不含|不包括|不招|没招|非)(?:(?!裁|减|就业|上班|工作)[^,。;、\d]{0,2})$")
_EARLIER = re.compile(r"(?:只)?是(?:我|他|她)?的?(?:本科|硕士|以前|之前|原来)")
"""化学是我本科: not what is asked about now."""
YES = regex(r"^(?:嗯+|哦|噢|好的?)?[,。 ]?(?:是(?!(?:我|你|他|她)(?!们)|公司|单位|自己|谁|哪|什么|怎么|多少|不是)|对|有(?!没|[{numeral}俩仨几]+{of_people})|嗯|符合|属于|可以|没错|当然|肯定|都?签了|交了|缴了|都是|确实|行|yes|ok|y\b)")
NO = re.compile(r"^(?:嗯+|哦)?[,。 ]?(?!没有?(?:别|其他|其它|问题|事|错)|不(?:一样|同|过|止|光|然|知|清|懂))(?:不|没|否|未|还没|都没|无|no\b|n\b)")
UNSURE = re.compile(r"不知道|不清楚|不太?确定|不太?懂|[说讲]不[好准清]|忘了|没查|记不[清得]|[两几三]种(?:情况)?都(?:给我|帮我|替我)?(?:算|说|讲)|不晓得|不明白|搞不清|拿不准|不了解")


@dataclass(frozen=True, slots=True)
class Pattern:
    """How one fact is said."""

    kind: str = ""
    options: Mapping[str, re.Pattern[str]] = field(default_factory=dict)
    said: re.Pattern[str] | None = None
    denied: re.Pattern[str] | None = None
    none: re.Pattern[str] | None = None
    all: re.Pattern[str] | None = None
    enough: re.Pattern[str] | None = None
    """As much as the plan asks for, no number given: 三险都交满了."""
    cues: re.Pattern[str] | None = None
    since: re.Pattern[str] | None = None
    default: bool = False
    """Takes a number of its kind that has no cue word near it."""
    weight: float = 0
    """Added to the score of its cue words, where they are more telling than others'."""
    not_after: re.Pattern[str] | None = None
    """Words right before a number that make it somebody else's: 单位缴8000 is no part of one's own."""
    of_no_use_after: re.Pattern[str] | None = None
    """Words right before a number that make it nothing this benefit or a neighbour asks for: 今年交了50万."""
    needs: re.Pattern[str] | None = None
    """Words without which the message does not speak of this fact at all."""
    including_self: re.Pattern[str] | None = None
    """算上我: the number counts the founder too."""
    implies: Mapping[str, str] = field(default_factory=dict)
    """Other facts that follow when this one is told."""
    this_year: Mapping[str, str] = field(default_factory=dict)
    """What follows when it was within the calendar year of the question: who left school then."""
    otherwise: tuple[str, ...] = ()
    """Choices that are all worked out when none was named: 单位, 职工."""
    replaces: tuple[str, ...] = ()
    """Facts that say the same in another way, and no longer hold once this one is told anew."""
    all_along: re.Pattern[str] | None = None
    """Words by which what this replaces turns out to have been this: 刚才那个只是单位那一半."""
    rough: bool = False
    """It only has to pass a threshold: 100多人 will do, where no number that this may be is on its other side."""
    begun: bool = False
    """A month that has begun counts: two years and a day are more than two years."""
    running: bool = False
    """Of a month that has begun it is open whether it counts: 从7月起交的."""
    began: re.Pattern[str] | None = None
    ended: re.Pattern[str] | None = None
    """What happened on the two days between which the months lie: 3月1号进来, 5月底签."""
    each_july: bool = False
    """It happens in the middle of a year, if the year alone is told: 去年毕业."""
    insurance: str = ""
    paid_by: str = ""
    """The part of contributions that it is: 养老, paid by 单位 or 职工."""
    runs: bool = False
    """It grows by itself as time passes: 要是再等俩月."""
    large_part: str = ""
    """The choice that is meant where the cues stand before a number that is a large part of all: 一百个人裁掉了六十个."""
    of_each: str = ""
    """The fact that counts those of whom it is told, where it may be told of some each: 3个交了8个月，1个才交2个月."""
    sum: str = ""
    """The fact that such figures make together."""
    adds: bool = False
    """Of several numbers the sum is meant: 12个、90个."""


@dataclass(frozen=True, slots=True)
class Match:
    """A value said at a place in the text."""

    value: Any
    start: int
    end: int


@cache
def pattern(fact: str) -> Pattern:
    """The words of a fact; one without an entry is recognised by its label."""
    entry = load_data("words").get(fact)
    if entry is None and fact in vocabulary():
        label = re.compile(re.escape(vocabulary()[fact].label))
        return Pattern(cues=label, said=label)
    options = {value: alternation(words) for value, words in entry.get("options", {}).items()}
    compiled: dict[str, Any] = {
        key: alternation(entry[key])
        for key in ("said", "denied", "none", "all", "enough", "cues", "since", "including_self", "needs", "not_after", "of_no_use_after", "all_along", "began", "ended")
        if key in entry
    }
    plain = {key: entry[key] for key in ("kind", "default", "rough", "begun", "running", "each_july", "adds", "runs", "weight", "insurance", "paid_by", "implies", "this_year", "of_each", "sum", "large_part") if key in entry}
    lists: dict[str, Any] = {key: tuple(entry.get(key, "").split()) for key in ("otherwise", "replaces")}
    return Pattern(options=options, **lists, **plain, **compiled)


def asks(kind: str, text: str) -> bool:
    """Whether a text in normal form asks in this way (``data/asks.yaml``)."""
    return _asks()[kind].search(text) is not None


@cache
def _asks() -> Mapping[str, re.Pattern[str]]:
    return {name: alternation(words) for name, words in load_data("asks").items()}


def find_options(fact: str, text: str, allowed: tuple[str, ...]) -> list[Match]:
    """The values of a choice said in a text: the longest of overlapping ones, negated ones left out."""
    found: list[Match] = []
    for value, words in pattern(fact).options.items():
        if value in allowed:
            found += [Match(value, m.start(), m.end()) for m in words.finditer(text) if m.end() > m.start()]
    if not pattern(fact).options:
        found = [Match(v, m.start(), m.end()) for v in allowed for m in re.finditer(re.escape(v), text)]
    kept: list[Match] = []
    for match in sorted(found, key=lambda m: (m.start - m.end, m.start)):
        if all(match.end <= k.start or match.start >= k.end for k in kept):
            kept.append(match)
    kept = [m for m in kept if not (_NEGATED.search(text, 0, m.start) or _EARLIER.match(text, m.end))]
    return sorted(kept, key=lambda m: m.start)


def find_yes_no(fact: str, text: str) -> Iterator[Match]:
    """Whether a yes/no fact is affirmed or denied in a text; a denial covers what lies in it."""
    words = pattern(fact)
    denied = [Match(False, m.start(), m.end()) for m in words.denied.finditer(text)] if words.denied else []
    yield from denied
    for m in words.said.finditer(text) if words.said else ():
        inside = any(d.start <= m.start() < d.end or m.start() <= d.start < m.end() for d in denied)
        if not inside and not _NEGATED.search(text, 0, m.start()):
            yield Match(True, m.start(), m.end())
