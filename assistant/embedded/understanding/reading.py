"""From a message to the facts of one calculator: which quantity, choice or yes/no is meant for which fact.

Nothing here knows a benefit. A quantity goes to the fact whose kind fits and whose cue words stand nearest;
several head counts make several groups, each with what is said beside it.
"""

import math
import re
from collections.abc import Iterable, Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any, Literal, get_args, get_origin

from assistant.embedded.patterns import load_data, regex
from assistant.embedded.understanding.groups import (
    ENOUGH,
    HEADS,
    PART,
    REST,
    VAGUE_PART,
    Item,
    UnclearGroupError,
    group_rows,
    remaining,
    segment_around,
)
from assistant.embedded.understanding.mentions import Mention, find_mentions, months_between
from assistant.embedded.understanding.moments import find_moments
from assistant.embedded.understanding.parts import find_parts, paid_by_other, read_parts
from assistant.embedded.understanding.words import NO, UNSURE, YES, find_options, find_yes_no, pattern
from tools.calculator import Calculator, outcome_of
from tools.conditions import Condition
from tools.facts import bare_type, leaves

_SUM = re.compile(r"一共|总共|合计|共计|加起来|加(?:在|到)?一起|合起来|三项")
_SEVERAL = re.compile(r"一批|(?:招|雇|请|带|来)了?(?:一些|几个|几名|几位|好几|若干|多名|不少|很多)")
"""Several people, no number."""
_PLAIN = 9.0
"""A cue word directly beside a number scores more than this."""
_LEAST_SCORE = 0.9
_LEAST_MONEY = 200
_MOST = {"percent": 100, "months": 240, "age": 120}
"""A number above this is no share, duration or age."""
_TOLD_APART = ("retained", "remaining_months", "agreed_months", "served_months")
"""Of these, each group may have its own where a word ties the number to the fact."""
_ONE_OF_ALL = ("retained", "employees", "employees_pension_months", "agreed_months", "served_months", "remaining_months")
"""Facts of which a message states one, however many groups it names."""


@dataclass
class Reading:
    """What a message says for one calculator."""

    facts: dict[str, Any] = field(default_factory=dict)
    several: dict[str, list[Any]] = field(default_factory=dict)
    """Choices outside of groups for which several values were named: 单位和个人各交多少."""
    rough: list[str] = field(default_factory=list)
    """Facts said only roughly (十来个): to be asked for."""
    unsure: bool = False
    """The person does not know what was asked."""
    places: list[tuple[str, int, int]] = field(default_factory=list)
    """(fact, start, end): where in the message each fact was told."""
    rest: list[dict[str, Any]] = field(default_factory=list)
    """The others, where what the benefit asks for was said of some alone."""
    unsaid: set[str] = field(default_factory=set)
    """Choices in ``several`` that the message says nothing of: 失业保险交多少, without whose part."""
    set_aside: list[tuple[int, int]] = field(default_factory=list)
    """Where amounts stand that are nothing this benefit asks for, though it knows what they are: 个人部分养老9000."""
    each_asked: bool = False
    """每个人分别能拿多少: what each of several gets by themselves is asked."""
    guessed: set[str] = field(default_factory=set)
    """Numbers that no word beside them ties to their fact."""

    @property
    def empty(self) -> bool:
        return not (self.facts or self.rough or self.unsure)

    @property
    def rows(self) -> list[dict[str, Any]]:
        return next((value for value in self.facts.values() if isinstance(value, list)), [])


def read_facts(tool: Calculator[Any], text: str, as_of: date, pending: str = "") -> Reading:
    """The facts a message in normal form states. ``pending``: name of the fact that was asked for last."""
    # Read once for all who look at the same message in a turn; each may change what it is given.
    return deepcopy(_read(tool, text, as_of, pending))


@lru_cache(maxsize=256)
def _read(tool: Calculator[Any], text: str, as_of: date, pending: str) -> Reading:
    if "households" in tool.facts.model_fields and _SOME_HOUSEHOLDS.search(text):
        raise UnclearGroupError  # 5户里头2户满了18个月: what is told is not told of all
    reading = Reading()
    declared = list(leaves(tool.facts))
    types = {name: bare_type(annotation) for _, name, annotation in declared}
    in_row = {name for group, name, _ in declared if group}
    group = next((group for group, _, _ in declared if group), "")
    spoken = {name for name in types if name == pending or not (needs := pattern(name).needs) or needs.search(text)}
    items = [item for name, kind in types.items() if name in spoken for item in _choices(name, kind, text)]
    if pending in types and UNSURE.search(text) and _EITHER_OR.search(text):
        items = [item for item in items if item.fact != pending]  # 大型还是中型我真不知道
    items += _quantities(tool, types, in_row, text, as_of, reading)
    if pending in types and not any(pending in (item.fact, *pattern(item.fact).replaces) for item in items):
        told = [(item.start, item.end) for item in items]
        reply = _bare_reply(tool, pending, types[pending], text.rstrip("。‖"), as_of, reading, items)
        items += [item for item in reply if (item.start, item.end) not in told]
    hired = _hired(text, as_of) if "category" in types else as_of
    items += _ever_since(types, items, text, as_of, hired)
    items = [_when_hired(item, text, as_of, hired) for item in items]
    items = _this_year(items + _implied(items, types, text), text, hired)
    items = [item for item in items if not _superseded(item, items, types) and not _counted_too(item, items, text)]
    reading.places += [(item.fact, item.start, item.end) for item in items]
    reading.guessed = {item.fact for item in items if types[item.fact] in (int, Decimal) and item.score <= 1}
    _settle_single([item for item in items if item.fact not in in_row], types, text, reading)
    if rows := _groups(tool, items, in_row, text, reading):
        reading.facts[group] = rows
    reading.each_asked = len(reading.rows) > 1 and _EACH_OF_THEM.search(text) is not None
    for name in types.keys() - in_row - reading.facts.keys() - reading.several.keys():
        if pattern(name).otherwise:
            reading.several[name] = list(pattern(name).otherwise)
            reading.unsaid.add(name)
    return reading


def _groups(
    tool: Calculator[Any], items: Sequence[Item], in_row: set[str], text: str, reading: Reading
) -> list[dict[str, Any]]:
    """The groups of people that a message tells of, but for those for whom what is told once does not hold."""
    rows = group_rows([item for item in items if item.fact in in_row], text)
    outside = [item for item in items if item.fact not in in_row and isinstance(item.value, str)]
    if len(rows) == 2 and rows[0].get(REST):
        if _only_of_part(outside, items, text):
            reading.rest, rows = rows[:1], rows[1:]
        elif rows[1].keys() <= set(HEADS) and _ONLY.search(text):
            rows = rows[1:]  # 30个里只有25个拿到证: so many count
    elif tool.benefit.otherwise and len(rows) > 1:
        reading.rest = _of_other_choice(tool, items, outside, rows, text, reading)
        rows = [row for row in rows if row not in reading.rest]
    rows, reading.rest = ([_known(row, in_row) for row in some] for some in (rows, reading.rest))
    if _YEARLY.search(text) and not _MONTHLY.search(text):
        rows = [_yearly(row) for row in rows]
    if VAGUE_PART.search(text) and any(set(HEADS) & row.keys() and row.keys() - set(HEADS) for row in rows):
        rows = [{name: value for name, value in row.items() if name not in HEADS} for row in rows]
        reading.rough += [name for name in HEADS if name in in_row]  # 8个人，有几个是应届生
    if any(row.get("retained", 0) is None for row in rows):
        reading.rough.append("retained")
    return rows


def _of_other_choice(
    tool: Calculator[Any], items: Sequence[Item], outside: Sequence[Item], rows: list[dict[str, Any]], text: str, reading: Reading
) -> list[dict[str, Any]]:
    """人工智能的高级技师10个，养老护理员高级工5个: the groups beside which another choice stands than the one that counts."""
    heads = sorted((item for item in items if item.fact in HEADS), key=lambda item: item.start)
    choices = {item.fact: item for item in sorted(outside, key=lambda item: -item.start)}
    if len(heads) != len(rows) or not choices:
        return []
    fact = next(iter(choices))
    beside = [_choice_of(head, [i for i in outside if i.fact == fact], text) for head in heads]
    if "" in beside or len({*beside}) < 2:
        return []
    counts = [value for value in dict.fromkeys(beside) if _counts(tool, {fact: value})]
    reading.facts[fact] = (counts or beside)[0]
    reading.several.pop(fact, None)
    return [row for row, value in zip(rows, beside, strict=True) if value != reading.facts[fact]]


def _choice_of(head: Item, said: Sequence[Item], text: str) -> str:
    """What is said of a group: in its part of the sentence, or else before it in the sentence; empty if nothing is."""
    left, right = segment_around(text, head)
    here = {item.value for item in said if left <= item.start < right}
    if here:
        return here.pop() if len(here) == 1 else ""
    before = [item for item in said if item.end <= head.start and not re.search(r"[;。!?]", text[item.end : head.start])]
    return max(before, key=lambda item: item.start).value if before else ""


def _counts(tool: Calculator[Any], facts: dict[str, Any]) -> bool:
    return any(line.condition.verdict != "not_met" for line in outcome_of(tool, facts).lines)


_EACH_OF_THEM = re.compile(r"(?:每个?人|各自?|两个人?|他们)分别(?:能|可以|该|是)?(?:补|领|拿|得|有)?(?:到)?(?:多少|几多)")
_EITHER_OR = re.compile(r"还是|是不是|算不算|属不属|是否|哪一?[种类个]|什么(?:类型|规模|级别|等级)")


_SOME_HOUSEHOLDS = regex(r"(?:其中|里头|里面|当中|还有)的?[{numeral}]+户(?!口|籍)")


def _settle_single(outside: list[Item], types: dict[str, Any], text: str, reading: Reading) -> None:
    """The facts that are told once for all: the likeliest value, several that are asked side by side, or none."""
    for name in dict.fromkeys(item.fact for item in outside):
        # 基数加起来是38万6 tells a sum, and asks for none.
        summed = {item for item in outside if item.value == "合计" and re.match(r"(?:是|为|有)?\d", text[item.end :])}
        summed |= {item for item in outside if item.value == "合计" and _of_one_payer(item, outside, text)}
        values = list(dict.fromkeys(item.value for item in outside if item.fact == name and item not in summed)) or ["合计"]
        if {*pattern(name).otherwise, "合计"} <= {*values} and pattern(name).otherwise:
            reading.facts[name] = "合计"  # 单位和个人各多少，一共多少: the sum tells both
        elif len({*values}) == 2 and "合计" in values and pattern(name).otherwise and _BOTH_SIDES.search(text):
            reading.facts[name] = "合计"  # 公司替我交多少？两边加起来一年多少
        elif len({*values}) == 2 and "合计" in values and pattern(name).otherwise:
            reading.facts[name] = next(v for v in values if v != "合计")  # 单位一个月一共交多少
        elif len(values) > 1 and get_origin(types[name]) is Literal and _listed(name, text, outside):
            reading.several[name] = values
        else:
            ranked = sorted((i for i in outside if i.fact == name), key=lambda i: (_of_others(i, text), -_asked_about(i, text), -i.score))
            if types[name] is Decimal and any(i.value != ranked[0].value and i.score > ranked[0].score - 2 for i in ranked):
                # Two amounts for one fact: asking is better than picking one.
                reading.rough.append(name)
            else:
                reading.facts[name] = ranked[0].value


_BOTH_SIDES = re.compile(r"(?:两边|双方|两头|两方)(?:的)?(?:加|合|一共|总共|合计)")


def _of_others(item: Item, text: str) -> bool:
    """小微那个全额补贴我们中型企业能拿吗: what a benefit is for, and not what one is."""
    return isinstance(item.value, str) and _BENEFIT_OF.match(text, item.end) is not None


_BENEFIT_OF = re.compile(r"(?:企业)?的?(?:那个|那种|那笔|那份)(?:全额|社保|百分之百)?(?:的)?(?:社保)?(?:补|返|政策|比例|标准)")


def _of_one_payer(total: Item, outside: list[Item], text: str) -> bool:
    """工人合计扣多少 is what they all pay; 单位和工人合计 is the sum of both."""
    left, right = segment_around(text, total)
    return len({i.value for i in outside if i.fact == total.fact and left <= i.start < right} - {total.value}) == 1


_ONLY = re.compile(r"只有|才有|就只?有|仅有")


def _known(row: dict[str, Any], names: set[str]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name in names}


def _only_of_part(outside: Sequence[Item], items: Sequence[Item], text: str) -> bool:
    """10个初级工，其中4个学人工智能: what the benefit asks once for all is said of a part alone."""
    part = sorted(item.start for item in items if item.fact in HEADS)[-1]
    return any(item.start > part and PART.search(text, 0, item.start) for item in outside)


def _superseded(item: Item, items: list[Item], types: dict[str, Any]) -> bool:
    """去年失业保险企业交了31万: what is told by name leaves no room for a guess at the same thing."""
    if types[item.fact] not in (int, Decimal) or item.score > 1:
        return False
    others = {other.fact for other in items if other.score > 1 and other.fact != item.fact}
    return any(item.fact in pattern(o).replaces or o in pattern(item.fact).replaces for o in others)


def _counted_too(item: Item, items: list[Item], text: str) -> bool:
    """三险3个月都满了: the number tells it."""
    if item.value != ENOUGH:
        return False
    left, right = segment_around(text, item)
    return any(other.fact == item.fact and other is not item and left <= other.start < right for other in items)


_YEARLY = re.compile(r"今年[^,。;月]{0,10}(?:交|缴|扣)(?!过)|全年|一整年|一年(?:下来|一共|总共|合计|共|交|缴|扣)|年度?合计")
_MONTHLY = re.compile(r"每个?月|一个月|月(?:扣|交|缴)|/月")
_PARTS = ("personal_pension", "personal_medical", "personal_unemployment")


def _yearly(row: dict[str, Any]) -> dict[str, Any]:
    """养老2400 医保600 失业150，全年合计: what each pays in a year, which no calculation may multiply by months."""
    parts = [Decimal(row[name]) for name in _PARTS if name in row]
    if len(parts) < len(_PARTS):
        return row
    return {**{k: v for k, v in row.items() if k not in _PARTS}, "personal_each_total": f"{sum(parts):f}"}


def _asked_about(item: Item, text: str) -> bool:
    """A choice in the part of the message that asks: 职工基数8000, 单位交多少."""
    return re.search(r"多少|[几好]多|几[块百千万元钱]|多钱|怎么算", text[slice(*segment_around(text, item))]) is not None


def _beside(items: Sequence[Item], text: str, place: Item) -> list[Item]:
    """What is said of the same people: where several groups are told of, in the same part of the sentence."""
    left, right = segment_around(text, place) if sum(item.fact in HEADS for item in items) > 1 else (0, len(text))
    return [item for item in items if left <= item.start < right]


def _implied(items: Sequence[Item], types: dict[str, Any], text: str) -> list[Item]:
    """What goes without saying: who tells when they graduated is a graduate, if nothing else is said of them."""
    return [
        Item(name, value, item.start, item.end, 0.5)
        for item in items
        for name, value in pattern(item.fact).implies.items()
        if name in types and not any(other.fact == name for other in _beside(items, text, item))
    ]


def _hired(text: str, as_of: date) -> date:
    """去年9月招了个…: the first day on which they can have been hired; the day of the question if it is not told."""
    told = [m.first for m in find_moments(text, as_of) if m.month and m.last < as_of and _HIRED.match(text, m.end)]
    return told[-1] if len(told) == 1 else as_of


_HIRED = regex(r"[份初中底]*(?:的时候)?(?:我们|公司|单位|店里)?(?:新|才|就|刚|又)*(?:招|聘|雇|请|录|签了?(?=个|[{numeral}])|入职|进来|来了)")


def _ever_since(types: dict[str, Any], items: Sequence[Item], text: str, as_of: date, hired: date) -> Iterator[Item]:
    """七月份招的，养老失业工伤一直交到现在: as many months as have passed since they were hired."""
    found = _STILL_PAID.search(text)
    if found is None or hired >= as_of:
        return
    for name in types:
        if pattern(name).running and not any(item.fact == name for item in items):
            yield Item(name, months_between(hired, as_of), found.start(), found.end(), 2.0)


_STILL_PAID = re.compile(r"一直(?:都|有|在|足额|按时)*(?:交|缴|买)(?:着|到现在|到今天|到目前|至今|了)?|(?:交|缴)(?:着|到现在|到今天|到目前|至今)[^,。;]{0,4}没(?:断|停)")


def _when_hired(item: Item, text: str, as_of: date, hired: date) -> Item:
    """Who left school when is counted up to the day they were hired, where both days are told."""
    if hired == as_of or not pattern(item.fact).each_july or not isinstance(item.value, int):
        return item
    if not any(m.start < item.end and item.start < m.end for m in find_moments(text, as_of)):
        return item  # 离校一年的: when they were asked about
    return replace(item, value=max(0, item.value - months_between(hired, as_of)))


def _this_year(items: Sequence[Item], text: str, as_of: date) -> list[Item]:
    """25届毕业生, hired or else asked about in 2025: what is more than a graduate."""

    def more(item: Item) -> Any:
        for told in _beside(items, text, item):
            words = pattern(told.fact)
            within = isinstance(told.value, int) and told.value < as_of.month
            if item.fact in words.this_year and within and item.value == words.implies[item.fact]:
                return words.this_year[item.fact]
        return item.value

    return [replace(item, value=more(item)) for item in items]


def _choices(name: str, kind: Any, text: str) -> Iterable[Item]:
    """Choices, lists of choices and yes/no facts, wherever they are said."""
    if kind is bool:
        for match in find_yes_no(name, text):
            yield Item(name, match.value, match.start, match.end, 2.0 if match.value is False else 1.0)
    elif get_origin(kind) is Literal:
        not_after = pattern(name).not_after
        matches = [
            m for m in find_options(name, text, get_args(kind))
            if not (not_after and any(n.end() == m.start for n in not_after.finditer(text, 0, m.start)))
        ]
        for match in matches:
            # 两个大学生，都是应届: 高校毕业生 says less than 毕业年度高校毕业生.
            vague = any(other.value != match.value and other.value.endswith(match.value) for other in matches)
            weight = 0.5 if match.value == "其他" or vague else 1.0
            yield Item(name, match.value, match.start, match.end, weight + (match.end - match.start) / 10)
    elif get_origin(kind) is tuple and get_origin(get_args(kind)[0]) is Literal:
        if several := find_options(name, text, get_args(get_args(kind)[0])):
            yield Item(name, tuple(dict.fromkeys(m.value for m in several)), several[0].start, several[-1].end)


def _quantities(
    tool: Calculator[Any], types: dict[str, Any], in_row: set[str], text: str, as_of: date, reading: Reading
) -> list[Item]:
    """Each quantity with the fact it most likely states; one fact takes one quantity, but for groups of people."""
    numeric = [name for name, kind in types.items() if kind in (int, Decimal, date)]
    items = list(_without_number(numeric, text))
    settled = {item.fact for item in items}
    # 一个没留 is none and no one.
    mentions = [m for m in find_mentions(text, as_of) if not any(i.start <= m.start < i.end and i.value == 0 for i in items)]
    items += _lasted(types, text, as_of, reading)
    mentions = [m for m in mentions if not (_of_a_date(m, mentions, text) or _by_the_month(m, text))]
    if "retained" in types and sum(m.kind == "count" for m in mentions) > 1:
        mentions = [m for m in mentions if not (m.kind == "count" and (_GONE.search(text, 0, m.start) or _WENT.match(text, m.end)))]
    parts, left, sums = read_parts(mentions, numeric, text)
    reading.set_aside += [(m.start, m.end) for m in mentions if m not in left]
    items, mentions = [*items, *parts], left
    totals = [m for m in mentions if _is_total(m, mentions)]
    scored = [
        (_score(like, name, types[name], text), i, name)
        for i, like in enumerate(_like_before(mentions, types, text))
        for name in numeric
        if not _meant_for_another(like, name, types, text)
        and not (pattern(name).not_after and like in totals)
        and not (pattern(name).insurance and (like in sums or paid_by_other(like, pattern(name).paid_by, text)))
    ]
    # 今年交了50万, where last year's counts: nobody else's number either.
    reading.set_aside += [(m.start, m.end) for m in mentions if any(_right_after(pattern(n).of_no_use_after, m, text) for n in numeric)]
    counts = sum(m.kind == "count" for m in mentions) + (remaining(text) is not None)
    taken: dict[str, int] = {}
    placed: set[int] = set()
    spare: dict[int, str] = {}
    for score, index, name in sorted(scored, key=lambda s: (-s[0], s[1])):
        if score < _LEAST_SCORE or index in placed:
            continue
        once = name != "age" and not (name in HEADS or counts > 1) and (types[name] is not Decimal or name in in_row)
        if name in settled and score <= _PLAIN:
            continue  # 4个见习生一个没留: the four are no others
        of_all = name in _ONE_OF_ALL and not (name in _TOLD_APART and score > _PLAIN)
        if name in taken and pattern(name).adds and _LISTED.fullmatch(text, mentions[taken[name]].end, mentions[index].start):
            items = [replace(i, value=i.value + int(mentions[index].value)) if i.fact == name else i for i in items]
            placed.add(index)
            continue
        if name in taken and (once or of_all):
            if score > _PLAIN and (once or name not in in_row):
                spare.setdefault(index, name)
            continue
        placed.add(index)
        told = _placed(tool, mentions[index], name, types[name], score, text, as_of, reading)
        items += told
        # 快一年了, 去年9月10号开的: what is told once for all may be told exactly further on.
        taken |= {name: index} if told or name in in_row else {}
    exact = {item.fact for item in items} - in_row
    reading.rough = [name for name in reading.rough if name not in exact]
    for index, name in spare.items():
        if index not in placed and _differs(mentions[taken[name]], mentions[index]):
            items = [item for item in items if item.fact != name]
            reading.rough.append(name)  # 小陆还剩四个月，小农还剩一个月: neither alone
    counted = [m for i, m in enumerate(mentions) if m.kind == "count" and m.value > 1 and i not in placed]
    if not set(HEADS) & taken.keys() and (counted or _SEVERAL.search(text)):
        reading.rough += [name for name in HEADS if name in types]
    return items


def _is_total(mention: Mention, mentions: Sequence[Mention]) -> bool:
    """总共1500，公司出1080，个人出420: what two others add up to is the part of neither."""
    amounts = [m.value for m in mentions if m is not mention and m.kind in ("money", "number") and m.value >= _LEAST_MONEY]
    return mention.kind in ("money", "number") and any(a + b == mention.value for i, a in enumerate(amounts) for b in amounts[i + 1 :])


def _without_number(numeric: Sequence[str], text: str) -> Iterator[Item]:
    """一个没留, 全留下来了, 社保都交满了: how many or how long, told without a number."""
    for name in numeric:
        words = pattern(name)
        for value, found in ((0, words.none), ("all", words.all), (ENOUGH, words.enough)):
            if found and (m := found.search(text)):
                yield Item(name, value, m.start(), m.end(), 5)


def _lasted(types: dict[str, Any], text: str, as_of: date, reading: Reading) -> Iterator[Item]:
    """3月1号进来, 5月底签的: the months between the two days, where these are whole ones; to be asked for otherwise."""
    days = [(m.start, m.end, m.first, m.last) for m in find_moments(text, as_of) if m.month]
    days += [(m.start(), m.end(), as_of, as_of) for m in _TODAY.finditer(text)]
    for name in types:
        began, ended = pattern(name).began, pattern(name).ended
        if not (began and ended):
            continue
        starts = [day for day in days if began.match(text, day[1])]
        ends = [day for day in days if day[0] > starts[0][0] and ended.match(text, day[1])] if starts else []
        if not ends:
            continue
        (_, _, first, latest), (start, end, soonest, last) = starts[0], ends[0]
        exact = first == latest or (first.day == 1 and latest.day <= 10)  # 月初
        known = soonest == last or soonest.day >= 25  # 月底
        months = months_between(first, last), months_between(first, last + timedelta(days=1))
        whole = last.day == first.day or months[0] < months[1]
        if exact and known and whole:
            yield Item(name, months[1], start, end, 12)
        else:
            reading.rough.append(name)


_TODAY = re.compile(r"今[天日](?!\s*(?:\d|[一二三四五六七八九十]+月))")


def _of_a_date(mention: Mention, mentions: Sequence[Mention], text: str) -> bool:
    """今年 in 今年29, 3月 and 1 in 3月1号 are no quantities of their own."""
    following = next((m for m in mentions if m.start == mention.end), None)
    if mention.kind == "date":
        return following is not None and following.kind == "age"
    on_day = following or mention
    return mention.kind in ("number", "months") and on_day.kind == "number" and text[on_day.end : on_day.end + 1] in ("号", "日")


def _by_the_month(mention: Mention, text: str) -> bool:
    """一个月单位交1050: what is paid by the month, and no time that has passed."""
    return mention.kind == "months" and mention.value == 1 and _MONTHLY_PAY.match(text, mention.end) is not None


_MONTHLY_PAY = regex(r"(?:单位|公司|企业|厂里?|老板|个人|自己|[他她我]们?|每人|员工|职工|要|得|社保|大概|部分|那份|这边|给|替|帮)*(?:交|缴|出|付|扣|掏)(?:了|的|个)?(?=[{numeral}])")
_WENT = re.compile(r"(?:人)?(?:都|全|就|已经)?(?:走|跑|离开|离职|没留)(?:掉|下)?了?")
_GONE = re.compile(r"(?:走|跑|离开|离职|辞职|淘汰)(?:掉|了)+$")
"""期满走了4个留了5个: those who left are no interns of their own."""
_LISTED = re.compile(r"[^,。;\d]{0,6}[、,和][^,。;\d]{0,8}")
"""缺保安12个、普工90个"""


def _like_before(mentions: Sequence[Mention], types: dict[str, Any], text: str) -> list[Mention]:
    """一个交了4个月保险，一个也是4个月: the latter says the same thing of another, so it is read like the former.

    企业交了6万，个人也是6万: not where a word of its own stands by it.
    """
    like: list[Mention] = []
    for mention in mentions:
        earlier = [m for m in like if m.kind == mention.kind]
        also = earlier and _ALSO.search(text, 0, mention.start)
        own = max((_score(mention, name, kind, text) for name, kind in types.items() if kind in (int, Decimal)), default=0)
        like.append(earlier[-1] if also and own <= 1 else mention)
    return like


_ALSO = regex(r"也(?:都?是|一样是?)$|(?:[{numeral}]|另外?一)个人?(?:都|才|只|就|也|刚)+(?:有|交|缴|干|做|见习)?(?:了|满|够)?$")


def _differs(one: Mention, other: Mention) -> bool:
    return one.kind == other.kind and one.value != other.value and one.day is None and other.day is None


def _meant_for_another(mention: Mention, name: str, types: dict[str, Any], text: str) -> bool:
    """A quantity that plainly states something this calculator does not ask for: 合同三年, 注册资本100万."""
    own = _score(mention, name, types[name], text)
    if not 0 < own < _PLAIN:
        return False
    # People are counted in too many ways to tell: only what no calculator asks for competes for a number of them.
    only_asides = mention.kind == "count"
    # For how many months a fee is worked out is said in any words: nothing is taken from another fact by it.
    others = (o for o in load_data("words") if o not in (*types, "months") and (o.startswith("_") or not only_asides))
    if mention.kind not in ("count", "months") or name == "months":  # 失业保险一季度交多少
        others = (o for o in load_data("words") if o.startswith("_"))
    return any(_nearest_of(mention, other, text) >= max(_PLAIN, own + 1.5) for other in others)


def _nearest_of(mention: Mention, name: str, text: str) -> float:
    words = pattern(name)
    if words.cues is None or not _fits(mention.kind, words.kind) or (words.needs and not words.needs.search(text)):
        return 0.0
    if words.cues.match(text, mention.start, mention.end):
        return 0.0  # 养老640、医保300 read as one amount is that of neither
    return _nearest_cue(words.cues, text, mention, words.weight)


def _placed(
    tool: Calculator[Any], mention: Mention, name: str, kind: Any, score: float, text: str, as_of: date, reading: Reading
) -> list[Item]:
    """A quantity as the value of a fact; one said only roughly is to be asked for."""
    words = pattern(name)
    mention = _within_event(tool, mention, name)
    value, *bounds = _convert(mention, name, kind, as_of)
    if value is None:
        return []
    if bounds != [value, value] and not (words.rough and _settles(tool, name, *bounds)):
        reading.rough += [name] * (name not in reading.rough)
        reading.places.append((name, mention.start, mention.end))
        return []
    around = segment_around(text, mention)
    if words.including_self and (
        words.including_self.search(text, 0, mention.start) or words.including_self.search(text, mention.end, around[1])
    ):
        value = max(0, value - 1)  # 算上我一共3个, 3个是连我自己一起算的
    return [Item(name, value, mention.start, mention.end, score)]


def _within_event(tool: Calculator[Any], mention: Mention, name: str) -> Mention:
    """去年10月交到今年9月, where only what was paid this year counts: as many months as lie in that year."""
    start = next((w.valid_from for w in tool.benefit.windows if w.kind == "event" and w.valid_from), None)
    if name != "paid_months" or not start or not mention.since or mention.since[0] >= start:
        return mention
    before = (start.year - mention.since[0].year) * 12 + start.month - mention.since[0].month
    return replace(mention, value=max(Decimal(0), mention.value - before), low=None, high=None, since=None)


def _score(mention: Mention, name: str, kind: Any, text: str) -> float:
    """How well a quantity fits a fact: kind, then the nearest cue word, before it rather than after."""
    words = pattern(name)
    if words.needs and not words.needs.search(text):
        return 0.0
    if _of_another(mention, name, text):
        return 0.0
    wanted = words.kind or ("date" if kind is date else "")
    since = mention.kind == "date" and wanted == "months"
    if not since and not _fits(mention.kind, wanted):
        return 0.0
    if wanted == "percent" and mention.value > 100:
        return 0.0
    if mention.kind == "number" and wanted == "count" and mention.value > 9999:
        return 0.0  # 30万 without a unit is money
    cues = words.since if since else words.cues
    if since and words.default and not mention.precise_day and regex(r"[{numeral}]{1,3}个?月").search(text):
        return 0.0  # 去年开的, 运营了18个月: the duration is what was meant
    bare = mention.kind == "number" and wanted in ("count", "percent")
    if mention.kind == "number" and wanted == "money" and mention.value < _LEAST_MONEY:
        # 人数85: a small number without 元 is money only right beside its word.
        near = _nearest_cue(cues, text, mention, words.weight) if cues else 0.0
        return near if near > _PLAIN else 0.0
    default = 1.0 if words.default and not since and not bare and wanted != "date" else 0.0
    near = _nearest_cue(cues, text, mention, words.weight) if cues else 0.0
    return 0.0 if since and near <= 1 else max(default, near)  # a day told in another part is that of something else


def _of_another(mention: Mention, name: str, text: str) -> bool:
    """单位缴8000 is no part of one's own, 个人部分4000 none of the employer's."""
    words = pattern(name)
    return _right_after(words.not_after, mention, text) or _right_after(words.of_no_use_after, mention, text)


def _right_after(words: re.Pattern[str] | None, mention: Mention, text: str) -> bool:
    return words is not None and any(m.end() == mention.start for m in words.finditer(text, 0, mention.start))


def _fits(kind: str, wanted: str) -> bool:
    """A bare number may be money or a share (基数五千), or people where a cue stands by it; never months."""
    return kind == wanted or (kind == "number" and wanted in ("money", "percent", "count"))


def _nearest_cue(cues: re.Pattern[str], text: str, mention: Mention, weight: float) -> float:
    """Before the number in its part of the sentence is best, then after it, then in an earlier part."""
    left, right = segment_around(text, mention)
    best = 0.0
    for m in cues.finditer(text):  # what a cue looks ahead to may stand in a later part
        if m.end() > right:
            break
        bonus = 0.2 * min(m.end() - m.start(), 12) + weight
        if left <= m.start() and m.end() <= mention.start:
            # In 养老、医疗、失业一共6000 the number is that of the sum, not of the last one named.
            summed = _SUM.search(text, m.end(), mention.start) and not _SUM.search(m.group())
            best = max(best, 10 + bonus - (mention.start - m.end()) / 3 - (3 if summed else 0))
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


def _convert(mention: Mention, name: str, kind: Any, as_of: date) -> tuple[Any, Any, Any]:
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


@lru_cache(maxsize=512)
def _settles(tool: Calculator[Any], name: str, low: Any, high: Any) -> bool:
    """Whether every condition on a fact comes out the same at both ends of what was said of it: 100多人, 快一年."""
    group, choices = "", [("", "")]
    for of, other, annotation in leaves(tool.facts):
        kind = bare_type(annotation)
        group = of if other == name else group
        choices += [(other, value) for value in get_args(kind)] if get_origin(kind) is Literal else []
    verdicts = [list(_verdicts(tool, group, name, value, choices)) for value in (low, high)]
    # Which requirements there are may depend on the value too: whoever has just left school may be in 毕业年度.
    alike = [{label: {v for other, v in pairs if other == label} for label, _ in pairs} for pairs in verdicts]
    return alike[0] == alike[1] != {}


def _verdicts(
    tool: Calculator[Any], group: str, name: str, value: Any, choices: Sequence[tuple[str, str]]
) -> Iterator[tuple[str, str]]:
    """(requirement, verdict) of the conditions on a fact, whichever kind of person or firm it is said of."""
    places = {other: of for of, other, _ in leaves(tool.facts)}
    for choice, option in choices:
        facts: dict[str, Any] = {}
        for fact, said in ((name, value), (choice, option)):
            if fact:
                of = places[fact]
                (facts.setdefault(of, [{}])[0] if of else facts)[fact] = said
        for line in outcome_of(tool, facts).lines:
            yield from _leaves_about(name, line.condition)


def _leaves_about(name: str, condition: Condition) -> Iterator[tuple[str, str]]:
    if condition.fact.rsplit(".", 1)[-1] == name and condition.have:
        yield condition.label, condition.verdict
    for child in condition.children:
        yield from _leaves_about(name, child)


def _bare_reply(
    tool: Calculator[Any], name: str, kind: Any, text: str, as_of: date, reading: Reading, told: Sequence[Item]
) -> list[Item]:
    """A short reply to the assistant's own question: 是的 / 没有 / 3 / 不知道."""
    if UNSURE.search(text):
        reading.unsure = True
        return []
    mentions = find_mentions(text, as_of)
    # 每月扣养老320, asked how many people: what plainly tells another fact is no reply to this one.
    other = {part.mention for part in find_parts(mentions, text) if part.insurances[0] != pattern(name).insurance}
    other |= {m for m in mentions for i in told if i.start <= m.start < i.end and i.score > _PLAIN}
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
    if wanted == "count" and NO.search(text) and not mentions:
        return [Item(name, 0, 0, len(text))]
    if words.since and _YEAR_ALONE.fullmatch(text):
        mentions = find_mentions(f"{text.rstrip('年')}届", as_of)  # 24年, asked how long ago that was
    for mention in sorted(mentions, key=lambda m: m.kind != wanted):
        if mention.kind == "date" and words.since:
            return _placed(tool, mention, name, kind, 1.0, text, as_of, reading)
        if mention.value > _MOST.get(wanted, mention.value) or _of_another(mention, name, text):
            continue
        if mention.kind in (wanted, "number"):
            if name == "years" and mention.kind == "number":
                mention = replace(mention, value=mention.value * 12)
            return _placed(tool, replace(mention, day=None), name, kind, 1.0, text, as_of, reading)
    return []


_YEAR_ALONE = re.compile(r"(?:是|在)?\d\d年?")


def _listed(name: str, text: str, items: Sequence[Item]) -> bool:
    """Several values stand as a list (单位和职工), or each in a question of its own (个人…？公司呢？ 单位出多少，工人扣多少)."""
    places = sorted((i.start, i.end) for i in items if i.fact == name)
    between = [text[a[1] : b[0]] for a, b in zip(places, places[1:], strict=False)]
    apart = bool(pattern(name).otherwise) or all(between)  # 在乡下镇上 tells one place; 单位个人各多少 asks for both
    joined = apart and any(re.fullmatch(r"(?:和|、|与|跟|及|还有|,|或者?|还是)?(?:用人)?|.*[,、](?:还|又|另外|同时).*", gap) for gap in between)
    single = [i for i in items if i.fact == name and i.value != "合计"]
    asked = {i.value: segment_around(text, i) for i in single if _asked_about(i, text)}
    each = len(asked) > 1 and len({*asked.values()}) == len(asked) == len({i.value for i in single})
    return joined or each or bool(re.search(r"[?。].+呢|,.{1,6}呢|各|分别", text))
