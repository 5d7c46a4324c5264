"""Groups of people in a message: how many of whom, and what is said beside each (5个应届生、3个失业青年，都签了合同)."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from assistant.embedded.patterns import regex

_SEGMENT = re.compile(r"[,;。!?、\s]+|(?<=[人名个生工员])(?:和|以及|还有|另外|加上|加|与|跟)")
_SENTENCE = re.compile(r"[;。]")
_HARD_STOP = re.compile(r"[,;。!?\s]+")
ENOUGH = "enough"
"""Value of a fact that is said to suffice, without a number: 社保都交满了."""
HEADS = ("heads", "talent_heads")
REST = "rest"
"""Marks the group of those that are left when a part of them is told apart."""
IDENTITY = ("category", "grade", "research_field")
"""What tells one group of people from another."""
PART = regex(r"其中|(?<=[。;])(?:里|当中|中间)(?:面|头|边)?有|(?<=[,。;])前(?=[{numeral}俩仨]+{of_people})|(?<=[人生员工个名,])(?:里|当中|中间|之中)(?:面|头|边)?有?|(?<=[人生员工])中有")
_REMAINING = regex(r"(?:剩下|剩余|其余|余下|另外(?=的|都|人|全|均))(?!的?[{numeral}几]|的?[^,。;都也均]{0,3}(?:个月|补贴|见习期|期限|月|段|钱)|的?(?:还)?(?:没|未)[^,。;都也均]{0,8}(?:个月|补贴|见习期|期限|段)|的?(?:一共|加起来|合起来|总共|合计|还|能|可以|补|给|有没有|有多少|多少|怎么|呢|该|要是))的?|其他(?=人|都|的|全|均)|(?<![级类特区])别的人?都?")
"""The others, without a number of their own."""
_MOST = re.compile(r"(?:绝?大)?多数|大部分|绝大部分|大多(?!数)")
_TOWARDS = re.compile(r"[^,。;]{0,12},?[^,。;]{0,5}(?:向|升|升到|升为|往|晋升|晋升为|考|学|当|转|培养成|到)")
_SOMEBODY_ELSE = re.compile(r"[我他她]?(?:老公|老婆|爱人|丈夫|妻子|媳妇|弟|妹|哥|姐|同事|工友|朋友|儿子|女儿)|[,;](?:他|她)(?!们)")
_IN_ALL = re.compile(r"个?人?(?:的[^,。;\d]{2,14})?(?:全|都)?(?:一共|总共|合计|加起来|合起来|加一块|一起|(?:最多|最高|共)(?:能|可以)?(?:补|领|拿|得|有))")
"""仨人一共: as many as were told of before."""
_PASSED = re.compile(r"人?(?:都)?(?:拿|考|取得|领)(?:到|了|出)*(?:了)?[^,。;\d]{0,5}证|人?(?:考|通)过|人?合格")
_THOSE_PASSED = re.compile(r"(?:拿|考|取得|领)(?:到|了|出)*[^,。;\d]{0,4}证书?的?(?:人数?)?(?:有|是|共)*$|(?:合格|考过|通过)的?(?:人数?)?(?:有|是|共)*$")
"""51个人来学，拿到证书46个."""
_EACH = re.compile(r"各|分别|每种|每个等级|都是")


_INTENDED = re.compile(r"(?:本来|原本|原来|计划|打算|原计划|准备)(?:是)?(?:想|要|打算|计划|准备)?(?:再|多)?(?:招|请|聘|收|带)(?:用|聘)?$")
_IN_THE_END = re.compile(r"(?:只|就|最后|实际|结果|最终|才)(?:只|就|才|实际)?(?:招|请|来|聘|收|录|带|签|要)(?:用|聘)?(?:到|了|来|成)*$")
"""本来想招5个应届生，最后只招到3个."""
_ALL_OF_THEM = re.compile(r"个?(?:人|员工)?[^,。;!?\s\d]{0,8}(?:都|全|均|一共|总共|人人)(?!没|不|未)")
"""三个人合同都签了, after the three were told of one by one."""
VAGUE_PART = regex(r"(?:有|只有|就|里面|其中)(?:好)?(?:几个|一些|些|部分|一部分|的)(?:人|员工)?(?=是|没|不|才|只|签|未|交)|(?:一半|半数|大部分|多数|少数|个别|一部分|有些|有的)(?:人|员工|的)?(?=是|没|不|才|只|签|未|交)(?![^。]*有[{numeral}俩仨]+(?:个(?!月)|名|人))")
"""有几个是应届生: so many of them as is not told."""
_OWN = ("age", "left_school_months", "worked_since")
"""What is said of somebody alone."""


class UnclearGroupError(ValueError):
    """A message changes one of several groups, and does not say which."""


class Place(Protocol):
    """Something at a place in the text."""

    @property
    def start(self) -> int: ...

    @property
    def end(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Item:
    """A value for a fact, and where it was said."""

    fact: str
    value: Any
    start: int
    end: int
    score: float = 1.0


def _place(match: re.Match[str]) -> Item:
    return Item("", None, match.start(), match.end())


def segment_around(text: str, place: Place) -> tuple[int, int]:
    left = 0
    for m in _HARD_STOP.finditer(text, 0, place.start):
        left = m.end()
    stop = _HARD_STOP.search(text, place.end)
    return left, stop.start() if stop else len(text)


def counted(rows: Sequence[Mapping[str, Any]], name: str = HEADS[0]) -> list[dict[str, Any]]:
    """Groups with their number of people under this name."""
    return [{name if key in HEADS else key: value for key, value in row.items()} for row in rows]


def people_in(rows: Sequence[Mapping[str, Any]]) -> int:
    """How many people the groups have together; one without a number counts for nobody."""
    return sum(int(row.get("heads") or 0) for row in rows)


def group_rows(items: list[Item], text: str, *, peers: bool = False) -> list[dict[str, Any]]:
    """Groups of people: one for each head count, with what is said beside it; what is said of all goes to all.

    ``peers``: no number is that of all of them.
    """
    if not items:
        return []
    heads = sorted((i for i in items if i.fact in HEADS), key=lambda i: i.start)
    keys = sorted((i for i in items if i.fact in IDENTITY), key=lambda i: i.start)
    rest = [i for i in items if i.fact not in (*HEADS, *IDENTITY)]
    numbers = [h.value for h in heads]
    heads = _without_total(heads, keys, text)
    totalled = len(heads) < len(numbers)
    heads, children = _split_up(heads, keys)
    if len(heads) == 2 and heads[1].value == 1 and _of_each_age(heads[0], rest):
        heads = heads[:1]  # 4个人，19岁、22岁、24岁，还有一个26岁: one of the four
    if len(heads) == 1 and (one_by_one := _of_each_age(heads[0], rest)):
        ages = [i for i in rest if i.fact == "age"]
        named = [[k for k in keys if _in_one_sentence(k, age, text)] for age in ages]
        apart = len({k.value for k in keys}) > 1 and all(len({k.value for k in own}) == 1 for own in named)
        shared = _share(_rows_of_one_count([], [] if apart else keys, text) or [{}], [i for i in rest if i.fact != "age"], text)
        own_names = [{own[0].fact: own[0].value} if apart else {} for own in named]
        return [
            {**(shared[0] if shared else {}), **name, heads[0].fact: 1, "age": age.value}
            for name, age in zip(own_names[:one_by_one], ages, strict=False)
        ]
    if len(heads) == 1 and (others := remaining(text, heads[0].end)) is not None:
        return _part_and_rest(heads[0], keys, rest, others, text)
    if len(heads) < 2:
        return _share(_rows_of_one_count(heads, keys, text), rest, text)
    whole = None if peers or (totalled and sum(h.value for h in heads) in numbers) else _whole(heads, text)
    if not keys and whole is None and not any(_own_row(i, heads, text) is not None for i in rest):
        # Several numbers but nothing to tell groups apart: 是5个, 有一个走了.
        return _share([{heads[0].fact: heads[0].value}], rest, text)
    rows = [{h.fact: h.value} for h in heads]
    _name(rows, keys, heads, whole, text)
    rest = _in_turn(rest, rows, heads) if whole is None else rest
    inner = PART.search(text, heads[0].end) if whole is not None else None
    part = min(heads[1].start, inner.start() if inner else len(text)) if whole is not None else heads[0].start
    if (totalled or whole is not None) and len({k.value for k in keys}) == 1 and keys[0].start < part:
        # 10个应届生, 4个…, 6个…: what the whole was called holds for its parts; not in 9个, 4个应届的, 5个….
        for row in rows:
            row.setdefault(keys[0].fact, keys[0].value)
    if whole is not None:
        _take_out(rows, whole)
    _add_more(rows, heads, text)
    told = _give(rest, rows, heads, whole, text, of_all=totalled)
    _same_as_before(rows, heads, text)
    rows = [single for index, row in enumerate(rows) for single in _one_age_each(row, told.get(index, []), children if row.get(heads[index].fact) == sum(children) else ())]
    return [row for row in rows if row.get("heads") != 0 or len(rows) == 1]


def _in_one_sentence(one: Item, other: Item, text: str) -> bool:
    first, second = sorted((one, other), key=lambda i: i.start)
    return not _SENTENCE.search(text, first.end, second.start)


def _same_as_before(rows: list[dict[str, Any]], heads: list[Item], text: str) -> None:
    """①…7人（合同3年，三险满3个月）；②…4人（合同、参保情况同①）: what was told of the first holds for this one too."""
    for index, head in enumerate(heads):
        stop = heads[index + 1].start if index + 1 < len(heads) else len(text)
        if index and _LIKEWISE.search(text, head.end, stop):
            like = {k: v for k, v in rows[0].items() if k not in (*HEADS, *IDENTITY, *_OWN)}
            rows[index] = {**like, **rows[index]}


_LIKEWISE = re.compile(r"同(?:①|[1一](?![\d个年月天])|上(?!个|周|班)|前者|第一[批组条])|(?:和|跟|与)(?:①|第一[批组]|上面)(?:的)?(?:一样|相同)")


def part_of_several(items: Sequence[Item], text: str) -> tuple[list[Item], list[Item]]:
    """What is told of a part of several groups, not said of which, and the numbers that add nobody.

    18个农村劳动力、7个登记失业人员，其中4个才交2个月; 35个…7个…，37个交够了3个月，剩5个才交2个月: what is said of the
    37 is said of all but the 5. Both empty where there is no such part.
    """
    heads = sorted((i for i in items if i.fact in HEADS), key=lambda i: i.start)
    keys = [i for i in items if i.fact in IDENTITY]
    nothing: tuple[list[Item], list[Item]] = [], []
    if len(heads) < 3 or len({k.value for k in keys}) < 2:
        return nothing
    stops = [*(h.start for h in heads[1:]), len(text)]
    named = [any(h.start <= k.start < stop or k.end == h.start for k in keys) for h, stop in zip(heads, stops, strict=True)]
    if (rest_too := _part_and_so_many_others(items, heads, named, text)) is not None:
        return rest_too
    if not named[-1] and all(named[:-1]) and PART.search(text, heads[-2].end, heads[-1].start):
        here = _in_segment(items, heads[-1], text)
        return (here, []) if sum(i in heads for i in here) == 1 and len(here) > 1 else nothing
    *groups, one, other = heads
    whole = sum(h.value for h in groups[1:]) == groups[0].value
    people = groups[0].value if whole else sum(h.value for h in groups)
    if any(named[-2:]) or not all(named[whole:-2]) or len(groups) - whole < 2 or one.value + other.value != people:
        return nothing
    part, most = sorted((one, other), key=lambda h: h.value)
    here = _in_segment(items, part, text)
    return (here, [most]) if sum(i in heads for i in here) == 1 and len(here) > 1 else nothing


def _part_and_so_many_others(
    items: Sequence[Item], heads: list[Item], named: list[bool], text: str
) -> tuple[list[Item], list[Item]] | None:
    """42个：28个…，14个…，里头有6个…，其余36个…: the six, and the numbers of all and of the others; None if it is not told so."""
    groups = [i for i, h in enumerate(heads) if named[i] or (i == 0 and not named[0])]
    for index in range(2, len(heads) - 1):
        part, others = heads[index], heads[index + 1]
        people = heads[0].value if not named[0] else sum(heads[i].value for i in groups if i < index)
        apart = PART.search(text, heads[index - 1].end, part.start) and _OTHERS_ARE.search(text, part.end, others.start)
        if apart and part.value + others.value == people:
            again = [h for h in heads[index + 2 :] if h.value == people]
            whole = heads[:1] if not named[0] and sum(h.value for h in heads[1:index]) == people else []
            return _in_segment(items, part, text), [others, *again, *whole]
    return None


_OTHERS_ARE = re.compile(r"(?:其余|其他|剩下|余下|另外|别)的?$")


def _in_segment(items: Sequence[Item], place: Item, text: str) -> list[Item]:
    left, right = segment_around(text, place)
    return [i for i in items if left <= i.start < right]


def _name(rows: list[dict[str, Any]], keys: list[Item], heads: list[Item], whole: int | None, text: str) -> None:
    """Each name (应届生, 高级工, 自然科学) to the group it belongs to; 其他 only where nothing else is said."""
    left = None if whole is None else _REMAINING.search(text)
    inner = None if whole is None else PART.search(text, heads[0].end)
    for position, key in enumerate(keys):
        index = position if _name_first(keys, heads) else _nearest(key, heads, text)
        if inner and index == whole and inner.end() <= key.start:
            index = 1 + _nearest(key, heads[1:], text)  # 7个人里面应届的是5个: of the part
        if whole is not None and left and left.end() <= key.start < segment_around(text, _place(left))[1]:
            index = whole  # 3个老师傅，其余都是应届生
        of_all = _of_all(key, heads, text) and (whole is None or key.fact != "category")
        for row in rows if of_all else rows[index : index + 1]:
            if row.get(key.fact, "其他") == "其他" or (key.value != "其他" and str(key.value).endswith(row[key.fact])):
                row[key.fact] = key.value


def remaining(text: str, start: int = 0) -> int | None:
    """Where the others are told of (有1个只交了2个月，其他都4个月; 多数签8个月，不过有5个…); None if they are not."""
    found = _REMAINING.search(text, start) or _MOST.search(text)
    return found.start() if found else None


def _part_and_rest(part: Item, keys: list[Item], rest: list[Item], others: int, text: str) -> list[dict[str, Any]]:
    """The others, of whom no number is told, and the part that is."""
    rows: list[dict[str, Any]] = [{}, {part.fact: part.value}]
    here, there = segment_around(text, part), segment_around(text, Item("", None, others, others))
    for item in [*keys, *rest]:
        of_part, of_rest = here[0] <= item.start < here[1], there[0] <= item.start < there[1]
        for row in rows[1:] if of_part else rows[:1] if of_rest else rows:
            row[item.fact] = item.value
    return rows if rows[0] else rows[1:]


def _in_turn(rest: list[Item], rows: list[dict[str, Any]], heads: list[Item]) -> list[Item]:
    """一个学自然科学一个学社科，31和34岁: as many ages as people, told after them in their order."""
    ages = sorted((i for i in rest if i.fact == "age"), key=lambda i: i.start)
    if len(ages) != len(rows) or any(h.value != 1 for h in heads) or ages[0].start < heads[-1].end:
        return rest
    for row, age in zip(rows, ages, strict=True):
        row["age"] = age.value
    return [i for i in rest if i.fact != "age"]


def _listed_with(own: int, item: Item, heads: list[Item], text: str) -> list[int]:
    """22个…、13个…，签6个月合同；另5个…: what follows a list of groups, after a comma, is said of all in the list."""
    if item.start < heads[own].end or not _HARD_STOP.search(text, heads[own].end, item.start):
        return [own]
    first = own
    while first and _LIST.fullmatch(text, heads[first - 1].end, heads[first].start):
        first -= 1
    return [*range(first, own + 1)]


_LIST = re.compile(r"[^,。;!?\s\d]*[、和及与跟][^,。;!?\s\d]*")


def _one_by_one(rest: list[Item], heads: list[Item]) -> dict[tuple[str, int], int]:
    """A组3人，…每人每月460元；B组2人，…每人每月520元: the place of each thing that is told of one group after the other."""
    places: dict[tuple[str, int], int] = {}
    for fact in {item.fact for item in rest if item.fact not in ("age", "retained")}:
        told = [item for item in rest if item.fact == fact]
        after = [sum(head.end <= item.start for head in heads) - 1 for item in sorted(told, key=lambda i: i.start)]
        if after == [*range(len(heads))]:
            places |= {(fact, item.start): index for item, index in zip(sorted(told, key=lambda i: i.start), after, strict=True)}
    return places


def _one_age_each(row: dict[str, Any], ages: list[int], parts: Sequence[int] = ()) -> list[dict[str, Any]]:
    """两个登记失业的，一个22一个26: each counts alone; where it is open whose age it is, none is taken.

    ``parts``: into how many each the group is told apart (4个登记失业的，3个22岁，1个26岁).
    """
    if len(set(ages)) < 2:
        return [row]
    name = next((name for name in HEADS if name in row), HEADS[0])
    if len(ages) == len(parts):
        return [{**row, name: number, "age": age} for number, age in zip(parts, ages, strict=True)]
    if row.get(name) != len(ages):
        return [{key: value for key, value in row.items() if key != "age"}]
    return [{**row, name: 1, "age": age} for age in ages]


def _name_first(keys: list[Item], heads: list[Item]) -> bool:
    """中级工12个高级工8个: each name right before its number."""
    return len(keys) == len(heads) and all(
        key.end <= head.start <= key.end + 2 and (i == 0 or heads[i - 1].end <= key.start)
        for i, (key, head) in enumerate(zip(keys, heads, strict=True))
    )


def _give(
    rest: list[Item], rows: list[dict[str, Any]], heads: list[Item], whole: int | None, text: str, *, of_all: bool
) -> dict[int, list[int]]:
    """What is said beside a group to that group, what is said of the remaining ones to those, all else to all.

    Returns the ages that were told of each group, by its place.
    """
    ages: dict[int, list[int]] = {}
    in_turn = _one_by_one(rest, heads) if whole is None else {}
    for item in sorted(rest, key=lambda i: i.start):
        if _THAT_BATCH.match(text, item.end) and any(row.get(item.fact) == item.value for row in rows):
            continue  # 6个月那批里面留用了2个: by what they are told apart, nothing new
        if (item.fact, item.start) in in_turn:
            rows[in_turn[item.fact, item.start]][item.fact] = item.value
            continue
        own = _own_of_whole(item, rows, heads, whole, text) if whole is not None else _own_of_peers(item, heads, text, of_all=of_all)
        if item.fact == "retained" and _share_retained(item, rows, own, rest, text):
            continue
        if item.fact == "age" and own is None and len({i.value for i in rest if i.fact == "age"}) > 1:
            own = max((i for i, h in enumerate(heads) if h.start < item.start), default=None)
        if own is not None and whole is None and _said_of_all(item, heads, text):
            own = None
        for row in _targets(item, rows, own, heads, text, peers=whole is None):
            row[item.fact] = item.value
        if item.fact == "age" and own is not None:
            ages.setdefault(own, []).append(item.value)
    return ages


def _own_of_whole(item: Item, rows: list[dict[str, Any]], heads: list[Item], whole: int, text: str) -> int | None:
    """The group of a whole told apart that something is said of, None if it is of all: 10个人，其中6个…，剩下的…."""
    own = _of_batch(item, heads, text)
    own = _own_row(item, heads, text) if own is None else own
    remaining = _REMAINING.search(text)
    if remaining and item.start > remaining.start():
        of_part = any(item.fact in row for i, row in enumerate(rows) if i != whole)
        beside = item.start < segment_around(text, _place(remaining))[1]
        return whole if beside or of_part or item.value is False or item.fact in _OWN else None
    if item.end <= heads[1].start:
        return None  # said before the part is told apart, it holds for all
    if own not in (None, whole) and isinstance(item.value, bool):
        # 5个里有2个没签合同: the other 3 have.
        rows[whole].setdefault(item.fact, not item.value)
    return own


def _own_of_peers(item: Item, heads: list[Item], text: str, *, of_all: bool) -> int | None:
    """The one of several groups side by side that something is said of; None if it is of all."""
    if item.end <= heads[0].start and _OF_EACH.search(text, segment_around(text, item)[0], item.end):
        return None  # 下列员工均属重点群体、均签两年合同：A组3人…
    if of_all and item.end <= heads[0].start:
        return None  # 三名博士：化学1名、法学1名: said with the number of all, it holds for all
    own = _of_batch(item, heads, text)
    own = _own_row(item, heads, text) if own is None else own
    if own is None and item.fact in _OWN and item.start > heads[-1].end and not _OF_THEM.search(text, heads[-1].end, item.end):
        return len(heads) - 1  # 5个应届，另外2个是老手，28岁
    return own


def _targets(
    item: Item, rows: list[dict[str, Any]], own: int | None, heads: list[Item], text: str, *, peers: bool
) -> list[dict[str, Any]]:
    """The groups that get what is said: the own one, those in one list with it, or all."""
    if own is not None:
        return [rows[i] for i in _listed_with(own, item, heads, text)] if peers and item.fact not in _OWN else [rows[own]]
    said_of_all = re.search(r"都|均|全|每人|他们", text[slice(*segment_around(text, item))])
    return rows[-1:] if not said_of_all and all(item.fact in row for row in rows[:-1]) else rows


_THAT_BATCH = re.compile(r"的?[那这](?:一)?(?:批|组|拨|帮|些|几个)")
_OF_THEM = re.compile(r"[都均皆]|全部?|他们|她们|每|分别|各")
_OF_EACH = re.compile(r"[均皆]|下列|以下|全部|所有")
_BATCH = regex(r"(?P<month>\d{1,2}月|[一二三四五六七八九十]{1,2}月)份?(?:进来|来|招|入职)?的?(?:那|这)(?:一?批|[{numeral}俩仨])")


def _of_batch(item: Item, heads: list[Item], text: str) -> int | None:
    """七月那批交了五个月: the group that was hired in that month; None if it is not told so."""
    left = segment_around(text, item)[0]
    batch = next(iter(_BATCH.finditer(text, left, item.start)), None)
    if batch is None:
        return None
    hired = [i for i, h in enumerate(heads) if h.start < batch.start() and batch["month"] in text[segment_around(text, h)[0] : h.start]]
    return hired[0] if len(hired) == 1 else None


def _of_all(key: Item, heads: list[Item], text: str) -> bool:
    """一个…，一个…，都是应届毕业生: what is said in a part of its own, with a 都, is said of all."""
    left, right = segment_around(text, key)
    alone = not any(left <= h.start < right for h in heads) and heads[-1].end < left
    return alone and re.search(r"都|均|全", text[left : key.start]) is not None


def _said_of_all(item: Item, heads: list[Item], text: str) -> bool:
    """3人应届1人普通工人合同保险都4个月: without a comma, what follows the last group with a 都 is said of all."""
    left, right = segment_around(text, item)
    here = [h for h in heads if left <= h.start < right]
    after = text[here[-1].end : right] if len(here) > 1 else ""
    return item.fact not in _OWN and bool(re.search(r"都|均|全部", after)) and item.start > here[-1].end


def _share_retained(item: Item, rows: list[dict[str, Any]], own: int | None, rest: list[Item], text: str) -> bool:
    """Which of several groups were retained, where one number is told: all, none, those beside it, those as long.

    Where that stays open it is left open (None), never counted for each group. False: it is told group by group.
    """
    sizes = [int(row.get("heads") or 0) for row in rows]
    if len(rows) < 2 or 0 in sizes or sum(i.fact == "retained" for i in rest) > 1:
        return False
    months = [row.get("internship_months") for row in rows]
    left, right = segment_around(text, item)
    as_long = {i.value for i in rest if i.fact == "internship_months" and left <= i.start < right}
    alike = [i for i, m in enumerate(months) if m in as_long]
    shares: list[int | None]
    if item.value == "all" or item.value == sum(sizes) or item.value == 0:
        shares = [0 if item.value == 0 else size for size in sizes]
    elif len(alike) == 1 and item.value <= sizes[alike[0]]:
        shares = [item.value if i == alike[0] else 0 for i in range(len(rows))]
    elif own is not None and item.value <= sizes[own]:
        rows[own]["retained"] = item.value
        return True
    elif len(set(months)) == 1:
        shares = [min(size, max(0, item.value - sum(sizes[:i]))) for i, size in enumerate(sizes)]
    else:
        shares = [None for _ in rows]
    for row, share in zip(rows, shares, strict=True):
        row["retained"] = share
    return True


def _whole(heads: list[Item], text: str) -> int | None:
    """招了10个人，其中6个应届生 / 10个应届生，4个…，剩下的…: which number is that of all of them; None if none is."""
    inner = PART.search(text, heads[0].end)
    if inner is None or inner.start() > heads[1].start:
        remaining = _REMAINING.search(text, heads[-1].end)
        inner = remaining if remaining and sum(h.value for h in heads[1:]) < heads[0].value else None
        return 0 if inner else None
    return 0 if sum(h.value for h in heads[1:]) <= heads[0].value else None


def _rows_of_one_count(heads: list[Item], keys: list[Item], text: str) -> list[dict[str, Any]]:
    """One head count or none: one group, unless grades or joined categories name several."""
    kinds = {k.value: k for k in keys}
    if len(kinds) == 2 and _TOWARDS.fullmatch(text, keys[0].end, keys[-1].start) and not _SOMEBODY_ELSE.search(text, keys[0].end, keys[-1].start):
        keys = keys[-1:]  # 8名技师向高级技师培养: trained for the later one
        kinds = {k.value: k for k in keys}
    if len(kinds) > 1 and (keys[0].fact != "category" or _joined(keys, text)):
        rows: list[dict[str, Any]] = [{k.fact: k.value} for k in kinds.values()]
        if heads and heads[0].value == len(rows) > 1 and _SOMEBODY_ELSE.search(text, keys[0].end, keys[-1].start):
            rows = [{**row, heads[0].fact: 1} for row in rows]  # 我考中级工，我老公考技师，两个人各补多少
        elif heads:
            for row in rows if _EACH.search(text) else rows[:1]:
                row[heads[0].fact] = heads[0].value
        return rows
    row = {i.fact: i.value for i in heads}
    if keys:
        best = max(keys, key=lambda k: k.score)
        row[best.fact] = best.value
    return [row]


def _of_each_age(head: Item, rest: list[Item]) -> int:
    """博士3人，29、33、36岁: one age for each of them; 0 if there is none for each."""
    ages = [i for i in rest if i.fact == "age"]
    return len(ages) if len(ages) > 1 and len(ages) == head.value else 0


def _split_up(heads: list[Item], keys: list[Item]) -> tuple[list[Item], list[int]]:
    """两个登记失业的，一个22一个23: what only tells a group apart again adds nobody.

    The numbers without those of the parts, and how many each of the parts are.
    """
    named = {max((h.start for h in heads if h.start <= k.start), default=-1) for k in keys}
    for i, head in enumerate(heads):
        rest = 0
        for j in range(i + 1, len(heads)):
            if heads[j].start in named:
                break
            rest += heads[j].value
            if j > i + 1 and rest == head.value and head.start in named:
                return heads[: i + 1] + heads[j + 1 :], [h.value for h in heads[i + 1 : j + 1]]
    return heads, []


def _without_total(heads: list[Item], keys: list[Item], text: str) -> list[Item]:
    """7个见习的, 4个…, 3个…: a number that the others add up to is their total, 仨人一共 adds nobody; 一个都没 is no group.

    5个应届生、3个登记失业青年、2个… are three groups, though 3 + 2 = 5.
    """
    groups = [h for h in heads if not (h.value == 1 and re.match(r"(?:都|也)(?:没|不)", text[h.end :]))]
    one_kind = len({key.value for key in keys}) < 2
    fewer = len(groups) == 2 and one_kind and groups[1].value <= groups[0].value
    if fewer and (_PASSED.match(text, groups[1].end) or _THOSE_PASSED.search(text, 0, groups[1].start)):
        return groups[1:]  # 20个人培训，18个拿证了
    if len(groups) == 2 and _INTENDED.search(text, 0, groups[0].start) and _IN_THE_END.search(text, 0, groups[1].start):
        return groups[1:]
    if len(groups) > 1 and groups[-1].value >= sum(h.value for h in groups[:-1]) and _IN_ALL.match(text, groups[-1].end):
        groups = groups[:-1]
    if len(groups) > 2 and _summed(groups, keys, text):
        groups = groups[:-1]
    if len(groups) > 1 and _meant_again(groups, keys, text):
        groups = groups[:-1]
    if len(groups) > 2 and sum(h.value for h in groups[1:]) == groups[0].value:
        first = [
            k for k in keys
            if k.start == groups[0].end or (groups[0].end < k.start and k.end < groups[1].start and not _NAMED_BEFORE.fullmatch(text, k.end, groups[1].start))
        ]
        own = {k.value for k in first}
        others = {k.value for k in keys if k.start >= groups[0].start and k not in first}
        return groups if own and others - own else groups[1:]
    return groups


_NAMED_BEFORE = re.compile(r"(?:学|类|专业|方向|的)?")
"""10人, 应届生3人, 普工7人; 三个有学位的, 材料学两个, 法学一个: of the group, and not of the total."""


def _summed(groups: list[Item], keys: list[Item], text: str) -> bool:
    """小韦应届，小黄应届，小覃35岁，三个人合同都签了: the last number is that of all told of before."""
    *earlier, last = groups
    sums = {sum(h.value for h in earlier), earlier[0].value if sum(h.value for h in earlier[1:]) == earlier[0].value else 0}
    right = segment_around(text, last)[1]
    return last.value in sums and bool(_ALL_OF_THEM.match(text, last.end)) and not any(last.end <= k.start < right for k in keys)


def _meant_again(groups: list[Item], keys: list[Item], text: str) -> bool:
    """来了俩大三的学生…他们两个的见习补贴怎么领: as many as were told of, where the question comes, are the same people."""
    *earlier, last = groups
    left, right = segment_around(text, last)
    parts = sum(h.value for h in earlier[1:])
    if last.value not in (sum(h.value for h in earlier), earlier[0].value if parts == earlier[0].value else 0):
        return False
    if any(k.end == last.start for k in keys) and re.match(r"[个人]{0,2}[,。;]", text[last.end :]):
        return True  # 俩毕业生小甘和小苏, where names are read as a number too
    if last.value > 1 and (left, right) == (last.start, last.end):
        return True  # 招了三个今年毕业的，小陈小李小韦: who they are
    again = _THESE.search(text, 0, last.start) or _ASKED_OF.search(text, last.end, right)
    return bool(again) and not any(left <= k.start < right for k in keys)


_THESE = re.compile(r"(?:[他她]们|这|那|就|咱们?|我们)$")
_ASKED_OF = re.compile(r"(?:全年|一年)?(?:一共|总共|合计|加起来)[^,。;]{0,4}(?:多少|几多|几钱|好多)|(?:补贴|补助|补|领|拿|给)[^,。;]{0,8}(?:多少|几多|几钱|好多|怎么|咋)|(?:多少|几多|好多)(?:补贴|补助|钱)")


def _share(rows: list[dict[str, Any]], rest: list[Item], text: str) -> list[dict[str, Any]]:
    for item in sorted(rest, key=lambda i: (i.fact == "retained", i.score)):
        if item.fact == "retained" and _share_retained(item, rows, None, rest, text):
            continue
        for row in rows:
            row[item.fact] = row.get("heads", "all") if item.value == "all" else item.value
    return [row for row in rows if row]


def _joined(keys: list[Item], text: str) -> bool:
    gaps = [text[a.end : b.start] for a, b in zip(keys, keys[1:], strict=False) if a.value != b.value]
    return any(re.fullmatch(r"(?:和|、|与|跟|及|以及|还有)", gap) for gap in gaps)


def _nearest(key: Item, anchors: list[Item], text: str) -> int:
    """The head count a category belongs to: in the same segment if there is one, before it rather than after."""

    def distance(anchor: Item) -> tuple[int, int]:
        between = text[anchor.end : key.start] if anchor.end <= key.start else text[key.end : anchor.start]
        breaks = len(_SEGMENT.findall(between)) + len(_SENTENCE.findall(between))
        breaks += bool(breaks) and anchor.end > key.start  # 一个22岁、登记了失业的，剩下三个…
        last = max((a.end for a in anchors if a.end <= key.start), default=-1)
        if anchor.end == last and re.match(r"[都也]?是", between):
            return breaks, 0  # 2个是今年刚毕业的1个是…
        return breaks, len(between) + (0 if anchor.end <= key.start else 3)

    return min(range(len(anchors)), key=lambda i: distance(anchors[i]))


def _own_row(item: Item, anchors: list[Item], text: str) -> int | None:
    """The group beside which something was said; None when it is said of all of them."""
    here = [i for i, a in enumerate(anchors) if not _HARD_STOP.search(text, min(a.end, item.end), max(a.start, item.start))]
    before = [i for i in here if anchors[i].end <= item.start]
    after = [i for i in here if anchors[i].start >= item.end]
    if before and after:
        # 6个没工作过6个23岁: what is said follows its number, unless 的 ties it to the next (见习6个月的5个).
        tied = text[item.end : anchors[after[0]].start] == "的"
        return after[0] if tied or re.search(r"[、和及]", text[anchors[before[-1]].end : item.start]) else before[-1]
    if here:
        return min(here, key=lambda i: abs(anchors[i].start - item.start) + (0 if anchors[i].start <= item.start else 2)) if len(here) > 1 else here[0]
    if (listed := _only_in_its_part(item, anchors, text)) is not None:
        return listed
    later = [i for i, a in enumerate(anchors) if a.start > item.end]
    earlier = [i for i, a in enumerate(anchors) if a.end <= item.start]
    return earlier[-1] if later and earlier else None


def _only_in_its_part(item: Item, anchors: list[Item], text: str) -> int | None:
    """A组5人，…；B组3人，…；C组4人，…: of a list whose parts end with ; what is said in a part is said of its group."""
    parts = [text.count(";", 0, anchor.start) for anchor in anchors]
    if len(set(parts)) < len(anchors) or re.search(r"[都均全]", text[slice(*segment_around(text, item))]):
        return None
    same = [i for i, part in enumerate(parts) if part == text.count(";", 0, item.start) and anchors[i].end <= item.start]
    stop = "。" in text[anchors[same[0]].end : item.start] if same else True
    return None if stop else same[0]


def _add_more(rows: list[dict[str, Any]], anchors: list[Item], text: str) -> None:
    """招了5个应届生, 再加2个: a later number that names nobody adds to the group before it."""
    for index in range(len(rows) - 1, 0, -1):
        plain = not rows[index].keys() & {"category", "grade"} and rows[index - 1].keys() & {"category", "grade"}
        more = re.search(r"(?:再|又|还|另外)(?:加|招|来|多|添)?[了上]?$", text[: anchors[index].start])
        if plain and more and _NOBODY_NAMED.match(text, anchors[index].end):
            rows[index - 1]["heads"] += rows.pop(index)["heads"]
            anchors.pop(index)


_NOBODY_NAMED = re.compile(r"(?:人|员工)?(?:进来|来了?|的话|呢)?(?:[,。;!?]|$|[合都也社一全])")
"""Not 另外2个四十来岁的阿姨: they are somebody of their own."""


def _take_out(rows: list[dict[str, Any]], whole: int) -> None:
    """10个人，其中6个应届生: the other 4 are a group of their own."""
    total = rows[whole]
    name = next(name for name in HEADS if name in total)
    total[name] -= sum(row.get(name, 0) for i, row in enumerate(rows) if i != whole)
    total[REST] = True
    if not any(row.get("category") in ("其他", "在校学生") for row in rows):
        total.setdefault("category", "其他")
