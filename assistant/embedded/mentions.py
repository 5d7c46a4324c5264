"""Quantities in a message: how many people, how much money, how long, how old, what share, since when."""

import re
from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import lru_cache
from itertools import zip_longest
from typing import Literal

from corpus.numerals import Number, find_numbers

Kind = Literal["count", "money", "percent", "months", "age", "date", "number"]

_UNITS: list[tuple[Kind, str]] = [
    ("age", r"周?岁"),
    ("months", r"个(?:半|多)?月|月(?![一-鿿]?[初底中份])|年多|个?季度|年半|年(?!度|级|轻|底|初|前|来|后|\d{1,2}月|毕业|届|[一二三四五六七八九十]{1,2}月)"),
    ("money", r"万?[元块](?:钱|人民币)?|圆|毛钱"),
    ("count", r"(?:来|多|几)?个?(?:人|员工|工人|职工)|(?:来|多)?[个名位口户]|本(?=$|[,。;])|(?:来|多)?号人|人次|(?=应届|大学|毕业|失业(?=人|青|的|职工|者)|脱贫|困难|农民|农村|博士|硕士|见习|员工|学徒|技师|中级|高级|初级)"),
]
_DATE = re.compile(
    r"(?P<y>20\d\d|(?<!\d)[12]\d(?=年|届))[-年/.届](?:(?P<m>1[0-2]|0?[1-9])(?:[-月/.](?:(?P<d>3[01]|[12]\d|0?[1-9])[日号]?)?)?)?"
    r"|(?<![\d个第])(?P<only>1[0-2]|[1-9])月(?:份|初|中旬|底)"
    r"|(?P<rel>去年|今年|前年|明年|本年|上半年|下半年)(?:年?(?P<rm>1[0-2]|[1-9]|十[一二]?|[一二三四五六七八九])月份?)?(?:底|初)?"
)
_CHINESE_YEAR = re.compile(r"二[零〇]([一二三四五六七八九零〇]{2})年")
_MONTH = r"(?:1[0-2]|[1-9]|十[一二]?|[一二三四五六七八九])"
_SPAN = re.compile(
    rf"(?<![\d第个])({_MONTH})月?(?:份)?\s*(?:-|—|–|~|至|到)\s*({_MONTH})月(?:份)?"
    rf"|(?<![\d第个])({_MONTH})月(?:份)?(?:就|才)?(?:开始|起)?(?:交|缴|扣|买|上)?(?:的)?(?:[^。;\d]{{0,14}})?(?:-|—|至|到|算上|包括)\s*({_MONTH})月(?:份)?"
)
"""1—9月, 从3月扣到10月, 7月开始交的…交到10月: both months counted."""
_AGO = re.compile(r"[\d一二两三四五六七八九十几多]+(?:年|个月|天)(?:以|之)?前")
_AGED = re.compile(r"(?:博士,?(?:今年)?(?:刚好|正好|才)|(?:我|他|她|今年|本人|孩子|老婆|老公)(?:都|已经|才|刚|今年|快)?)$")
_EACH_AGED = re.compile(r"(?:[一1][个名位]|另[一1][个名位])$")
"""一个22一个23: ages, one by one."""
_HALF = re.compile(r"(?P<whole>全年|一整年|整年|整整一年)|(?<![一二两三四五六七八九十\d])(?P<what>半年|半个月|大半年|小半年)|(?P<more>年半|个半月)|(?P<quarter>每个?季度|(?<![\d一二两三四第个])季度)")
_BELOW = re.compile(r"(?:[没未](?:交|缴|干|做)?(?:够|足|满|到)|不够|不到|不足|未满|不满|少于|没到|没满|还没满|还没到|差一?点|小于|低于)\s*$")
_ABOVE = re.compile(r"(?:超过|多于|大于|不止|高于)\s*$")
_MORE = re.compile(r"\s*多(?!少)")


@dataclass(frozen=True, slots=True)
class Mention:
    """A quantity and its place in the text. Durations are in months, money in yuan, shares in per cent."""

    kind: Kind
    value: Decimal
    start: int
    end: int
    exact: bool = True
    """False for 十来个, 几十, 超过…: good enough for a threshold, not to multiply with."""
    day: date | None = None
    precise_day: bool = False
    """A month was named, not the year alone."""


@lru_cache(maxsize=256)  # every calculator that reads a message reads the same quantities
def find_mentions(text: str, as_of: date) -> tuple[Mention, ...]:
    """All quantities of a text in normal form, from left to right, without overlaps."""
    found = list(_spans(text))
    taken = [(m.start, m.end) for m in found]
    found += [day for day in _dates(text, as_of) if all(day.end <= a or day.start >= b for a, b in taken)]
    taken = [(m.start, m.end) for m in found]

    def free(start: int, end: int) -> bool:
        return all(end <= a or start >= b for a, b in taken)

    for half in _HALF.finditer(text):
        if half["whole"] and free(half.start(), half.end()):
            found.append(Mention("months", Decimal(12), half.start(), half.end()))
            taken.append((half.start(), half.end()))
        if half["what"] and free(half.start(), half.end()):
            months = Decimal("0.5") if half["what"] == "半个月" else Decimal(6)
            found.append(Mention("months", months, half.start(), half.end(), half["what"] in ("半年", "半个月")))
            taken.append((half.start(), half.end()))
        if half["quarter"] and free(half.start(), half.end()):
            found.append(Mention("months", Decimal(3), half.start(), half.end()))
            taken.append((half.start(), half.end()))
    for ago in _AGO.finditer(text):
        # 五年前 is a point in time and no number of anything.
        if free(ago.start(), ago.end()):
            taken.append((ago.start(), ago.end()))
    # 合同一年 is no 同一; the other word for a contract is as long.
    for number in find_numbers(text.replace("合同", "合约")):
        if free(number.start, number.end) and not _ordinal(text, number):
            found.append(_quantity(text, number))
    found = _ages(sorted(found, key=lambda m: m.start), text)
    found = [m for m in found if not _again(m, found, text)]
    found = list(_one_each(sorted(found, key=lambda m: m.start), text))
    found = [m for m in found if not _apiece(m, found)]
    return tuple(_years_and_months(sorted(found, key=lambda m: m.start), text))


def _spans(text: str) -> Iterator[Mention]:
    """From one month to another, as a number of months that ends where the second is named."""
    for span in _SPAN.finditer(text):
        first, last = (_month(part) or 0 for part in (span[1] or span[3], span[2] or span[4]))
        if last >= first:
            yield Mention("months", Decimal(last - first + 1), span.start(), span.end())


def _ages(mentions: list[Mention], text: str) -> list[Mention]:
    """29、33、36岁: what stands in a list before an age is one."""
    for i in range(len(mentions) - 1, 0, -1):
        one, other = mentions[i - 1], mentions[i]
        if other.kind == "age" and one.kind == "number" and re.fullmatch(r"[、,和及]", text[one.end : other.start]):
            mentions[i - 1] = replace(one, kind="age")
    return mentions


def _again(mention: Mention, mentions: list[Mention], text: str) -> bool:
    """留了4个，留下的这4个: the same people once more."""
    same = re.search(r"[这那]$", text[: mention.start]) or re.match(r"(?:一共|总共|合计|拢共|加起来)", text[mention.end :])
    if mention.kind != "count" or not same:
        return False
    return any(m.kind == "count" and m.value == mention.value and m.start < mention.start for m in mentions)


def _apiece(mention: Mention, mentions: list[Mention]) -> bool:
    """一千五一个: what each gets, and nobody counted."""
    price = [m for m in mentions if m.end == mention.start and m.kind in ("money", "number") and m.value >= 100]
    return mention.kind == "count" and mention.value == 1 and bool(price)


def _one_each(mentions: list[Mention], text: str) -> Iterator[Mention]:
    """两个子公司各设一个: as many as there are firms, which themselves are no number of what is asked."""
    firms = [m for m in mentions if m.kind == "count" and re.match(r"(?:子|分)?(?:公司|单位|企业|厂)", text[m.end :])]
    for mention in mentions:
        one = mention.kind == "count" and mention.value == 1 and re.search(r"各[^,。;]{0,6}$", text[: mention.start])
        earlier = [firm for firm in firms if firm.end <= mention.start]
        if one and earlier:
            yield replace(mention, value=earlier[-1].value)
        elif mention not in firms or not re.search(r"各[^,。;]{0,6}[一1]个", text[mention.end :]):
            yield mention


def _years_and_months(mentions: list[Mention], text: str) -> Iterator[Mention]:
    """一年零两个月 is fourteen months."""
    joined = False
    for mention, following in zip_longest(mentions, mentions[1:]):
        if joined:
            joined = False
            continue
        both = following and mention.kind == following.kind == "months" and mention.value % 12 == 0
        if both and following and following.value < 12 and re.fullmatch(r"[零又]?", text[mention.end : following.start]):
            yield replace(mention, value=mention.value + following.value, end=following.end)
            joined = True
        else:
            yield mention


def _dates(text: str, as_of: date) -> Iterator[Mention]:
    plain = _CHINESE_YEAR.sub(lambda m: "20" + "".join(str("零一二三四五六七八九".index(c.replace("〇", "零"))) for c in m[1]) + "年", text)
    if len(plain) != len(text):
        plain = text
    for m in _DATE.finditer(plain):
        month: int | None
        if m["only"]:
            year, month = as_of.year, int(m["only"])
        elif m["rel"]:
            year = as_of.year + {"去年": -1, "前年": -2, "明年": 1}.get(m["rel"], 0)
            month = _month(m["rm"]) or (12 if m[0].endswith("底") else 1 if m[0].endswith("初") else None)
            if m["rel"] in ("上半年", "下半年"):
                month = 6 if m["rel"] == "上半年" else 12
        else:
            if len(m["y"]) == 2 and not m["m"] and not re.match(r"届|.?毕业|的?毕业", plain[m.end() - 1 :]) and plain[m.end() - 1] != "届":
                if not re.match(r"(?:[就才]?(?:毕业|离校|招|入职|注册|开))", plain[m.end() :]):
                    continue
            year = int(m["y"]) + (2000 if len(m["y"]) == 2 else 0)
            month = int(m["m"]) if m["m"] else None
        day = int(m["d"]) if m["d"] else None
        if day is not None and month is not None and day > monthrange(year, month)[1]:
            day = None
        moment = date(year, month or 7, day or 1)
        yield Mention("date", Decimal(year), m.start(), m.end(), True, moment, month is not None)


def _month(text: str | None) -> int | None:
    if text is None:
        return None
    return int(text) if text.isdigit() else {"十": 10, "十一": 11, "十二": 12}.get(text) or "一二三四五六七八九".index(text) + 1


def _ordinal(text: str, number: Number) -> bool:
    """第一次, 一次性, 一般, 一下, 百分之… already read: no quantity."""
    if number.start and text[number.start - 1] in "唯统万单每某" and text[number.start - 2 : number.start] != "合同" and not text[number.start].isdigit():
        return text[number.start - 1] != "每" or not re.match(r"[人个月年]", text[number.end : number.end + 1])
    if number.start and text[number.start - 1] == "第":
        # 第5个月 and 第二年 tell how long it has been.
        return not re.match(r"个月|年", text[number.end :])
    if len(number.text) == 4 and 2000 < number.value < 2100 and text[number.end : number.end + 1] == "年":
        return True
    if re.match(r"个(?:(?!上)[^,。;\d]){0,5}班(?!上)", text[number.end :]):
        return True  # 一个技师班6个人
    if number.text == "一" and re.match(r"个[^,。;\d]{0,2}(?:镇|村|县|乡|屯|市|地方|街道|社区)", text[number.end :]):
        return True  # 在一个镇上
    return number.text in "一两三四" and bool(
        re.match(r"次性|次|般|下|起|些|直|共|定|样|并|边|旦|律|切|点|方面|种|项|险|线|类|笔|体|站|对|口气|条龙|窝", text[number.end :])
    )


def _quantity(text: str, number: Number) -> Mention:
    if tens := re.match(r"[多来]万(?:[元块]钱?)?", text[number.end :]):
        return Mention("money", number.value * 10_000, number.start, number.end + tens.end(), False)  # 三十多万
    return _of_unit(text, number)


def _of_unit(text: str, number: Number) -> Mention:
    below = bool(_BELOW.search(text, 0, number.start))
    above = bool(_ABOVE.search(text, 0, number.start)) or bool(_MORE.match(text, number.end))
    exact = not (number.approximate or below or above)
    if number.percent:
        return _shift(Mention("percent", number.value, number.start, number.end, exact), below, above)
    if number.text[-1] in "俩仨" and not re.match(r"个?(?:月|年)", text[number.end :]):
        return Mention("count", number.value, number.start, number.end, exact)
    rest = text[number.end :]
    if 14 <= number.value <= 80 and _EACH_AGED.search(text, 0, number.start) and re.match(r"[,、。;]|[一1]个|$", rest):
        return Mention("age", number.value, number.start, number.end, exact)
    if 14 <= number.value <= 80 and _AGED.search(text, 0, number.start) and re.match(r"了|[,。;‖]|$", rest):
        return Mention("age", number.value, number.start, number.end, exact)
    for kind, pattern in _UNITS:
        m = re.match(rf"\s*(?:来|多|几)?\s*(?:{pattern})", rest)
        if not m or (kind == "count" and not m.group().strip() and (m.end() or number.value > 9999)):
            continue  # in 养老5万 失业2000 nobody is counted
        if kind == "count" and re.match(r"\s*个人(?:部分|那|也|自己)?(?:交|缴|扣)", rest):
            continue
        if kind == "count" and number.value > 999 and re.match(r"个人|\s+(?:职工|员工|工人)", rest):
            continue  # 单位交了38400 个人交了…, 单位交了3.2万 职工扣的…
        value, unit, end = number.value, m.group().strip(), number.end + m.end()
        if kind == "months":
            value = _months(value, unit)
            if re.match(r"半", text[end:]) and not unit.endswith("半"):
                end += 1
                value += Decimal(6) if "年" in unit else Decimal("0.5")
        elif kind == "money" and unit.startswith("万"):
            value *= 10_000
        return _shift(Mention(kind, value, number.start, end, exact), below, above)
    return _shift(Mention("number", number.value, number.start, number.end, exact), below, above)


def _months(value: Decimal, unit: str) -> Decimal:
    if "季度" in unit:
        return value * 3
    if "年" in unit:
        return value * 12 + (6 if unit.endswith("半") else 0)
    return value + (Decimal("0.5") if "半" in unit else 0)


def _shift(mention: Mention, below: bool, above: bool) -> Mention:
    """不到3个月 is read as 2 for a threshold, 超过100人 as 101."""
    step = Decimal(-1) if below else Decimal(1) if above else Decimal(0)
    if not step or mention.kind == "money":
        return mention
    return Mention(mention.kind, mention.value + step, mention.start, mention.end, False)


def months_between(start: date, end: date) -> int:
    """Whole months from one day to another; 0 when the second is not later."""
    months = (end.year - start.year) * 12 + end.month - start.month - (end.day < start.day)
    return max(0, months)
