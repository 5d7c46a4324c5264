"""Which fact each quantity of a message states: one fact takes one, but for groups of people."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from assistant.embedded.patterns import load_data, regex
from assistant.embedded.understanding.certainty import settles
from assistant.embedded.understanding.groups import ENOUGH, HEADS, Item, remaining, segment_around
from assistant.embedded.understanding.mentions import Mention, find_mentions, months_between
from assistant.embedded.understanding.moments import find_moments
from assistant.embedded.understanding.parts import paid_by_other, read_parts
from assistant.embedded.understanding.scoring import (
    LEAST_MONEY,
    PLAIN,
    convert,
    fits,
    nearest_cue,
    right_after,
    score,
)
from assistant.embedded.understanding.told import Reading
from assistant.embedded.understanding.words import pattern
from tools.calculator import Calculator

_SEVERAL = re.compile(r"[一这那]批|[这那]一?期(?=都|人|一共|总共|的|见习)|[这那](?:些人|帮人|几个(?!月))|(?:招|雇|请|带|来)了?(?:一些|几个|几名|几位|好几|若干|多名|不少|很多)")
"""Several people, no number."""
_LEAST_SCORE = 0.9
_TOLD_APART = ("retained", "remaining_months", "agreed_months", "served_months")
"""Of these, each group may have its own where a word ties the number to the fact."""
_ONE_OF_ALL = ("retained", "employees", "employees_pension_months", "agreed_months", "served_months", "remaining_months")
"""Facts of which a message states one, however many groups it names."""


_UNTIL = re.compile(r"合同(?:都|全|是|全都|都是)*签到了?(20\d\d)年(?:(1[0-2]|[1-9])月|(底|末))?")


def _contracted_until(types: Mapping[str, Any], text: str, as_of: date) -> list[Item]:
    """合同签到2027年底: the months from today on are the least that the contract runs; less than a year tells nothing."""
    items = []
    for said in _UNTIL.finditer(text) if "contract_months" in types else ():
        month = int(said[2]) if said[2] else 12 if said[3] else 0  # 签到2027年: its January at the earliest
        left = (int(said[1]) - as_of.year) * 12 + month - as_of.month
        items += [Item("contract_months", left, *said.span())] if left > 12 else []
    return items


def quantities(
    tool: Calculator[Any], types: dict[str, Any], in_row: set[str], text: str, as_of: date, reading: Reading
) -> list[Item]:
    """Each quantity with the fact it most likely states; one fact takes one quantity, but for groups of people."""
    numeric = [name for name, kind in types.items() if kind in (int, Decimal, date)]
    until = _contracted_until(types, text, as_of)
    items = [*_without_number(numeric, text), *until]
    settled = {item.fact for item in items}
    # 一个没留 is none and no one, 签到2027年 no date.
    taken_up = [i for i in items if i.value == 0 or i in until]
    mentions = [m for m in find_mentions(text, as_of) if not any(i.start <= m.start < i.end for i in taken_up)]
    items += _lasted(types, text, as_of, reading)
    mentions = [m for m in mentions if not (_of_a_date(m, mentions, text) or _by_the_month(m, text))]
    if "retained" in types and sum(m.kind == "count" for m in mentions) > 1:
        mentions = [m for m in mentions if not (m.kind == "count" and (_GONE.search(text, 0, m.start) or _WENT.match(text, m.end)))]
    if "last_year_total" in types:
        mentions = [_of_twelve_months(m, text) for m in mentions]
    parts, left, sums = read_parts(mentions, numeric, text)
    reading.set_aside += [(m.start, m.end) for m in mentions if m not in left]
    items, mentions = [*items, *parts], left
    totals = [m for m in mentions if _is_total(m, mentions)]
    scored = [
        (score(like, name, types[name], text), i, name)
        for i, like in enumerate(_like_before(mentions, types, text))
        for name in numeric
        if not _meant_for_another(like, name, types, text)
        and not (pattern(name).not_after and like in totals)
        and not (pattern(name).insurance and (like in sums or paid_by_other(like, pattern(name).paid_by, text)))
    ]
    # 今年交了50万, where last year's counts: nobody else's number either.
    reading.set_aside += [(m.start, m.end) for m in mentions if any(right_after(pattern(n).of_no_use_after, m, text) for n in numeric)]
    counts = sum(m.kind == "count" for m in mentions) + (remaining(text) is not None)
    taken: dict[str, int] = {}
    used: set[int] = set()
    spare: dict[int, str] = {}
    for fit, index, name in sorted(scored, key=lambda s: (-s[0], s[1])):
        if fit < _LEAST_SCORE or index in used:
            continue
        once = name != "age" and not (name in HEADS or counts > 1) and (types[name] is not Decimal or name in in_row)
        if name in settled and fit <= PLAIN:
            continue  # 4个见习生一个没留: the four are no others
        of_all = name in _ONE_OF_ALL and not (name in _TOLD_APART and fit > PLAIN)
        if name in taken and pattern(name).adds and _LISTED.fullmatch(text, mentions[taken[name]].end, mentions[index].start):
            items = [replace(i, value=i.value + int(mentions[index].value)) if i.fact == name else i for i in items]
            used.add(index)
            continue
        if name in taken and (once or of_all):
            if fit > PLAIN and (once or name not in in_row):
                spare.setdefault(index, name)
            continue
        used.add(index)
        told = placed(tool, mentions[index], name, types[name], fit, text, as_of, reading)
        items += told
        # 快一年了, 去年9月10号开的: what is told once for all may be told exactly further on.
        taken |= {name: index} if told or name in in_row else {}
    exact = {item.fact for item in items} - in_row
    groups = sum(item.fact in HEADS for item in items)
    # 2个九月才开始交的，刚两个月: what is told roughly by a day is told exactly as well.
    exact |= {name for name in reading.rough if groups > 1 and sum(item.fact == name for item in items) >= groups}
    reading.rough = [name for name in reading.rough if name not in exact]
    for index, name in spare.items():
        if index not in used and _differs(mentions[taken[name]], mentions[index]):
            items = [item for item in items if item.fact != name]
            reading.rough.append(name)  # 小陆还剩四个月，小农还剩一个月: neither alone
    reading.rough += [item.fact for item in items if types[item.fact] is Decimal and _with_another(item, [m for i, m in enumerate(mentions) if i not in used], text)]
    counted = [m for i, m in enumerate(mentions) if m.kind == "count" and m.value > 1 and i not in used]
    if not set(HEADS) & taken.keys() and (counted or _SEVERAL.search(text)):
        reading.rough += [name for name in HEADS if name in types]
        reading.uncounted = not counted
    return items


def _of_twelve_months(mention: Mention, text: str) -> Mention:
    """每个月交1250，十二个月都交足: what was paid in the year, where a year's payments are what counts."""
    monthly = _BY_THE_MONTH.search(text, 0, mention.start)
    if mention.kind not in ("money", "number") or monthly is None or not _ALL_YEAR.search(text, mention.end):
        return mention
    return replace(mention, kind="money", value=mention.value * 12, start=monthly.start())


_BY_THE_MONTH = re.compile(r"(?:每个?月|一个月|月均)(?:都|实际|实|要)*(?:交|缴|出)(?:了|的)?$")
_ALL_YEAR = re.compile(r"(?:十二|12)个月|全年|一整年|整年|月月都?(?:交|缴)")


def _with_another(item: Item, unread: Sequence[Mention], text: str) -> bool:
    """甲5200元乙4800元: an amount right beside one that nothing is known of may not be the only one."""
    amounts = [m for m in unread if m.kind in ("money", "number") and m.value >= LEAST_MONEY]
    return any(m.start >= item.end and _NEXT_TO.fullmatch(text, item.end, m.start) for m in amounts)


_NEXT_TO = re.compile(r"(?:元|块钱?)?[、,]?[\u4e00-\u9fff]?")


def _is_total(mention: Mention, mentions: Sequence[Mention]) -> bool:
    """总共1500，公司出1080，个人出420: what two others add up to is the part of neither."""
    amounts = [m.value for m in mentions if m is not mention and m.kind in ("money", "number") and m.value >= LEAST_MONEY]
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
        agreed = [(day[0], day[1], day[2], day[2]) for day in days if _SPAN_FROM.match(text, day[1])]  # 协议写的3月1日到8月31日
        starts = [day for day in days if began.match(text, day[1])] or agreed
        ends = [day for day in days if starts and day[0] > starts[0][0] and ended.match(text, day[1])]
        if not ends:
            continue
        _, _, first, latest = starts[0]
        exact = first == latest or (first.day == 1 and latest.day <= 10)  # 月初
        for start, end, soonest, last in ends if name == "served_months" else ends[:1]:  # 其中2个8月1日签，还有1个10月1日签
            known = soonest == last or soonest.day >= 25  # 月底
            months = months_between(first, last), months_between(first, last + timedelta(days=1))
            whole = last.day == first.day or months[0] < months[1]
            if exact and known and whole:
                yield Item(name, months[1], start, end, 12)
            else:
                reading.rough.append(name)


_SPAN_FROM = regex(r"份?(?:-|—|–|~|至|到)(?=[{numeral}]{1,3}月)")
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


_MONTHLY_PAY = regex(r"(?:单位|公司|企业|厂里?|老板|个人|自己|[他她我]们?|每人|员工|职工|要|得|社保|大概|部分|那份|这边|给|替|帮|合计|一共|总共|实际)*(?:交|缴|出|付|扣|掏)(?:了|的|个)?(?=[{numeral}])")
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
        own = max((score(mention, name, kind, text) for name, kind in types.items() if kind in (int, Decimal)), default=0)
        like.append(earlier[-1] if also and own <= 1 else mention)
    return like


_ALSO = regex(r"也(?:都?是|一样是?)$|(?:[{numeral}]|另外?一)个人?(?:都|才|只|就|也|刚)+(?:有|交|缴|干|做|见习)?(?:了|满|够)?$")


def _differs(one: Mention, other: Mention) -> bool:
    return one.kind == other.kind and one.value != other.value and one.day is None and other.day is None


def _meant_for_another(mention: Mention, name: str, types: dict[str, Any], text: str) -> bool:
    """A quantity that plainly states something this calculator does not ask for: 合同三年, 注册资本100万."""
    own = score(mention, name, types[name], text)
    if not 0 < own < PLAIN:
        return False
    # People are counted in too many ways to tell: only what no calculator asks for competes for a number of them.
    only_asides = mention.kind == "count"
    # For how many months a fee is worked out is said in any words: nothing is taken from another fact by it.
    others = (o for o in load_data("words") if o not in (*types, "months") and (o.startswith("_") or not only_asides))
    if mention.kind not in ("count", "months") or name == "months":  # 失业保险一季度交多少
        others = (o for o in load_data("words") if o.startswith("_"))
    return any(_nearest_of(mention, other, text) >= max(PLAIN, own + 1.5) for other in others)


def of_nothing_asked(mention: Mention, text: str) -> bool:
    """上过半年班: a quantity that words beside it make one that no calculator asks for."""
    return any(_nearest_of(mention, other, text) >= PLAIN for other in load_data("words") if other.startswith("_"))


def _nearest_of(mention: Mention, name: str, text: str) -> float:
    words = pattern(name)
    spoken = text.rstrip("‖")  # that a message goes on tells of the benefit talked about, and of no other
    if words.cues is None or not fits(mention.kind, words.kind) or (words.needs and not words.needs.search(spoken)):
        return 0.0
    if words.cues.match(text, mention.start, mention.end):
        return 0.0  # 养老640、医保300 read as one amount is that of neither
    return nearest_cue(words.cues, text, mention, words.weight)


def placed(
    tool: Calculator[Any], mention: Mention, name: str, kind: Any, fit: float, text: str, as_of: date, reading: Reading
) -> list[Item]:
    """A quantity as the value of a fact; one said only roughly is to be asked for."""
    words = pattern(name)
    mention = _within_event(tool, mention, name)
    value, *bounds = convert(mention, name, kind, as_of)
    if value is None:
        return []
    if bounds != [value, value] and not (words.rough and settles(tool, name, *bounds)):
        reading.rough += [name] * (name not in reading.rough)
        reading.places.append((name, mention.start, mention.end))
        return []
    around = segment_around(text, mention)
    if words.including_self and (
        words.including_self.search(text, 0, mention.start) or words.including_self.search(text, mention.end, around[1])
    ):
        value = max(0, value - 1)  # 算上我一共3个, 3个是连我自己一起算的
    return [Item(name, value, mention.start, mention.end, fit)]


def _within_event(tool: Calculator[Any], mention: Mention, name: str) -> Mention:
    """去年10月交到今年9月, where only what was paid this year counts: as many months as lie in that year."""
    start = next((w.valid_from for w in tool.benefit.windows if w.kind == "event" and w.valid_from), None)
    if name != "paid_months" or not start or not mention.since or mention.since[0] >= start:
        return mention
    before = (start.year - mention.since[0].year) * 12 + start.month - mention.since[0].month
    return replace(mention, value=max(Decimal(0), mention.value - before), low=None, high=None, since=None)
