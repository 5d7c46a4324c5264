"""From a message to the facts of one calculator: which quantity, choice or yes/no is meant for which fact.

Nothing here knows a benefit. A quantity goes to the fact whose kind fits and whose cue words stand nearest;
several head counts make several groups, each with what is said beside it.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from copy import deepcopy
from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any, Literal, get_args, get_origin

from assistant.embedded.patterns import regex
from assistant.embedded.understanding.apiece import read_apiece
from assistant.embedded.understanding.groups import (
    ENOUGH,
    HEADS,
    PART,
    REST,
    VAGUE_PART,
    Item,
    UnclearGroupError,
    counted,
    group_rows,
    part_of_several,
    segment_around,
)
from assistant.embedded.understanding.mentions import find_mentions, months_between
from assistant.embedded.understanding.moments import find_moments
from assistant.embedded.understanding.quantities import quantities
from assistant.embedded.understanding.replies import bare_reply
from assistant.embedded.understanding.shares import split_anywhere, split_named
from assistant.embedded.understanding.told import Reading
from assistant.embedded.understanding.words import UNSURE, find_options, find_yes_no, pattern
from tools.calculator import Calculator, outcome_of
from tools.facts import bare_type, leaves


def read_facts(tool: Calculator[Any], text: str, as_of: date, pending: str = "") -> Reading:
    """The facts a message in normal form states. ``pending``: name of the fact that was asked for last."""
    # Read once for all who look at the same message in a turn; each may change what it is given.
    return deepcopy(_read(tool, text, as_of, pending))


@lru_cache(maxsize=256)
def _read(tool: Calculator[Any], text: str, as_of: date, pending: str) -> Reading:
    if "households" in tool.facts.model_fields and _SOME_HOUSEHOLDS.search(text):
        raise UnclearGroupError  # 5户里头2户满了18个月: what is told is not told of all
    reading = Reading()
    if parts := _labelled(text, as_of):
        alone = [_read(tool, part, as_of, pending) for part in parts]
        if all(len(one.rows) == 1 and not set(HEADS) & one.rows[0].keys() and not one.rough for one in alone):
            group = next(group for group, _, _ in leaves(tool.facts) if group)
            return replace(alone[0], facts={**alone[0].facts, group: [one.rows[0] for one in alone]})
    declared = list(leaves(tool.facts))
    types = {name: bare_type(annotation) for _, name, annotation in declared}
    in_row = {name for group, name, _ in declared if group}
    group = next((group for group, _, _ in declared if group), "")
    spoken = {name for name in types if name == pending or not (needs := pattern(name).needs) or needs.search(text)}
    items = [item for name, kind in types.items() if name in spoken for item in _choices(name, kind, text)]
    if pending in types and UNSURE.search(text) and _EITHER_OR.search(text):
        items = [item for item in items if item.fact != pending]  # 大型还是中型我真不知道
    items += quantities(tool, types, in_row, text, as_of, reading)
    if pending in types and not any(pending in (item.fact, *pattern(item.fact).replaces) for item in items):
        told = [(item.start, item.end) for item in items]
        reply = bare_reply(tool, pending, types[pending], text.rstrip("。‖"), as_of, reading, items)
        items += [item for item in reply if (item.start, item.end) not in told]
    hired = _hired(text, as_of) if "category" in types else as_of
    items += _ever_since(types, items, text, as_of, hired)
    items = [*_large_part(types, items, text, as_of), *items]
    items = [_when_hired(item, text, as_of, hired) for item in items]
    items = _this_year(items + _implied(items, types, text), text, hired)
    items = [item for item in items if not _superseded(item, items, types) and not _counted_too(item, items, text)]
    reading.places += [(item.fact, item.start, item.end) for item in items]
    reading.guessed = {item.fact for item in items if types[item.fact] in (int, Decimal) and item.score <= 1}
    apart = sum(m.kind == "count" for m in find_mentions(text, as_of)) > 1
    _settle_single([item for item in items if item.fact not in in_row], types, text, reading, apart=apart)
    read_apiece(tool, types, text, as_of, reading)
    if rows := _groups(tool, items, in_row, text, reading):
        reading.facts[group] = rows
    reading.each_asked = _EACH_OF_THEM.search(text) is not None
    for name in types.keys() - in_row - reading.facts.keys() - reading.several.keys():
        if pattern(name).otherwise:
            reading.several[name] = list(pattern(name).otherwise)
            reading.unsaid.add(name)
    return reading


def _labelled(text: str, as_of: date) -> list[str]:
    """养老缴费月数：A厂4个月，B厂3个月: what is told of each that was named before, with what stands before the first."""
    labels = list(_LABEL.finditer(text))
    if len({m[0] for m in labels}) < max(2, len(labels)) or any(m.kind == "count" for m in find_mentions(text, as_of)):
        return []
    bounds = [*(m.start() for m in labels), len(text)]
    return [f"{text[: bounds[0]]}{text[start:end]}" for start, end in zip(bounds, bounds[1:], strict=False)]


_LABEL = regex(r"(?<![a-z\u4e00-\u9fff])(?:[甲乙丙丁戊a-h](?:厂|组|班|公司|单位)|第[一二三四五]批)(?=[^,。;\d]{0,8}[{numeral}])")


def _groups(
    tool: Calculator[Any], items: Sequence[Item], in_row: set[str], text: str, reading: Reading
) -> list[dict[str, Any]]:
    """The groups of people that a message tells of, but for those for whom what is told once does not hold."""
    of_rows = [item for item in items if item.fact in in_row]
    part, nobody = part_of_several(of_rows, text)
    rows = group_rows([item for item in of_rows if item not in (*part, *nobody)], text, peers=bool(part))
    if part:
        group = next(group for group, _, _ in leaves(tool.facts) if group)
        apart = counted([{item.fact: item.value for item in part}])[0]
        try:
            rows = split_named(counted(rows), apart) or split_anywhere(tool, reading.facts, group, counted(rows), apart)
        except UnclearGroupError:
            reading.unclear = True
    chosen = {name for _, name, annotation in leaves(tool.facts) if get_origin(bare_type(annotation)) is Literal}
    outside = [item for item in items if item.fact in chosen - in_row]
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


_EACH_OF_THEM = re.compile(r"每个?人[^,。?]{0,14}合计(?:能|可以|是|拿|领)*(?:多少|几多)|逐(?:人|个)(?:说|列|讲|算)|(?:每个?人|每一?[个位])各自?(?:能|可以|该)?(?:补|领|拿|得|有)|(?:每个?人|各自?|两个人?|他们)分别(?:能|可以|该|是)?(?:补|领|拿|得|有)?(?:到)?(?:多少|几多)")
_EITHER_OR = re.compile(r"还是|是不是|算不算|属不属|是否|哪一?[种类个]|什么(?:类型|规模|级别|等级)")


_SOME_HOUSEHOLDS = regex(r"(?:其中|里头|里面|当中|还有)的?[{numeral}]+户(?!口|籍)")


def _settle_single(outside: list[Item], types: dict[str, Any], text: str, reading: Reading, *, apart: bool) -> None:
    """The facts that are told once for all: the likeliest value, several that are asked side by side, or none.

    ``apart``: people are told of in several groups (15个人基数4200，6个人基数6800).
    """
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
            if types[name] is Decimal and any(i.value != ranked[0].value and (apart or i.score > ranked[0].score - 2) for i in ranked):
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
    until = [m for m in find_moments(text, as_of) if m.month and hired < m.first <= as_of and _PAID_UNTIL.search(text, 0, m.start)]
    if hired >= as_of or (found is None and len(until) != 1):
        return
    months = months_between(hired, as_of) if found else months_between(hired, until[0].first)
    start, end = found.span() if found else (until[0].start, until[0].end)
    for name in types:
        if pattern(name).running and not any(item.fact == name for item in items):
            yield Item(name, months, start, end, 2.0)


_PAID_UNTIL = re.compile(r"(?:交|缴)(?:纳|费)?(?:到|至)$")
"""今年5月聘用的, 三险足额缴纳至11月: six whole months at the least."""
_STILL_PAID = re.compile(r"一直(?:都|有|在|足额|按时)*(?:交|缴|买)(?:着|到现在|到今天|到目前|至今|了)?|(?:交|缴)(?:着|到现在|到今天|到目前|至今)[^,。;]{0,4}没(?:断|停)")


def _large_part(types: dict[str, Any], items: Sequence[Item], text: str, as_of: date) -> Iterator[Item]:
    """一百个人裁掉了快六十个: so many of all that nobody would call it few."""
    for name in types:
        words = pattern(name)
        counts = [m for m in find_mentions(text, as_of) if m.kind == "count"] if words.large_part else []
        cut = [m for m in counts if words.cues and any(cue.end() == m.start for cue in words.cues.finditer(text, 0, m.start))]
        whole = max((m.value for m in counts if m not in cut), default=None)
        if whole and cut and max(m.value for m in cut) * _LARGE > whole:
            yield Item(name, words.large_part, cut[0].start, cut[0].end, 9.0)


_LARGE = 3


def _when_hired(item: Item, text: str, as_of: date, hired: date) -> Item:
    """Who left school when is counted up to the day they were hired, where both days are told."""
    if not pattern(item.fact).each_july or not isinstance(item.value, int):
        return item
    if _AT_ONCE.search(text):
        return replace(item, value=0)
    if hired == as_of:
        return item
    if not any(m.start < item.end and item.start < m.end for m in find_moments(text, as_of)):
        return item  # 离校一年的: when they were asked about
    return replace(item, value=max(0, item.value - months_between(hired, as_of)))


_AT_ONCE = re.compile(r"[刚一]毕业就(?:招|进|来|签|入职)")
"""去年刚毕业就招进来."""


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


def _listed(name: str, text: str, items: Sequence[Item]) -> bool:
    """Several values stand as a list (单位和职工), or each in a question of its own (个人…？公司呢？ 单位出多少，工人扣多少)."""
    places = sorted((i.start, i.end) for i in items if i.fact == name)
    between = [text[a[1] : b[0]] for a, b in zip(places, places[1:], strict=False)]
    apart = bool(pattern(name).otherwise) or all(between)  # 在乡下镇上 tells one place; 单位个人各多少 asks for both
    joined = apart and any(re.fullmatch(r"(?:[\d一二两三]个)?(?:和|、|与|跟|及|还有|,|或者?|还是)?(?:用人)?|.*[,、](?:还|又|另外|同时).*", gap) for gap in between)
    single = [i for i in items if i.fact == name and i.value != "合计"]
    asked = {i.value: segment_around(text, i) for i in single if _asked_about(i, text)}
    each = len(asked) > 1 and len({*asked.values()}) == len(asked) == len({i.value for i in single})
    units = [{i.value for i in single if left <= i.start < right} for left, right in _asking_units(text)]
    each = each or (len(units) > 1 and all(len(unit) == 1 for unit in units) and len(set().union(*units)) == len(units))
    return joined or each or bool(re.search(r"[?。].+呢|,.{1,6}呢|各|分别", text))


def _asking_units(text: str) -> list[tuple[int, int]]:
    """我公司…能批到多少 另外我老公…最高又是多少: from one question to the next."""
    ends = [m.end() for m in _HOW_MUCH.finditer(text)]
    return list(zip([0, *ends], ends, strict=False))


_HOW_MUCH = re.compile(r"多少|几多|[几好]多钱")
