"""Quantities in a message: how many people, how much money, how long, how old, what share, since when."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import cache, lru_cache
from itertools import zip_longest
from typing import Literal

from assistant.embedded.patterns import alternation, load_data, regex
from assistant.embedded.understanding.moments import (
    Moment,
    ago_spans,
    find_between,
    find_born,
    find_moments,
    lasts,
)
from corpus.numerals import Number, find_numbers

Kind = Literal["count", "money", "percent", "months", "age", "date", "number"]

_UNITS: list[tuple[Kind, str]] = [
    ("age", r"[周虚实]?岁"),
    ("months", r"个(?:半|多|整)?月|月(?![一-鿿]?[初底中份])|年多(?!少)|个?季度|年半|年(?!度|级|轻|底|初|前|来|后|\d{1,2}月|毕业|届|[一二三四五六七八九十]{1,2}月)|天"),
    ("money", r"万?[元块](?:钱|人民币)?|圆|毛钱?"),
    ("count", r"(?:来|多|几|把)?个?(?:人|员工|工人|职工)|(?:来|多|把)?[个名位口户]|本(?=$|[,。;])|(?:来|多|把)?号人|人次|(?=应届|大学|毕业|失业(?=人|青|的|职工|者)|脱贫|困难|农民|农村|博士|硕士|见习|员工|学徒|技师|中级|高级|初级)"),
]
_AGED = re.compile(
    r"(?:我|他|她|今年|本人|孩子|老婆|老公|师[弟兄姐妹]|[小老阿][一-鿿]|刚满|年满|[虚实周]岁|刚好|正好)(?:都|已经|才|刚|今年|快)?$"
)
_COUNTS = re.compile(r"\s*[个名位人年月天万千百元块户口号次多来几家届成点.%\-—~至到]")
_BUT = re.compile(r"(?:但是?|不过|可是?|已经|都)$")
"""登记失业但是26了"""
_EACH_AGED = re.compile(r"[一两二三四五1-5][个名位]$")
"""一个22一个23: ages, one by one."""
_ODD_YEARS = re.compile(r"(?:好几|出头)(?![个名位人号万千])")
"""三十好几, 四十出头"""
_TOGETHER = re.compile(r"个?(?:补贴|补助|政策)?(?:能不能|可不可以|可以|能|都)?(?:分开|一起|一并|同时)(?:都|来)?(?:帮|给)?(?:我|我们)?(?:拿|算|说|讲|领|享受|申请|申报|报|要)|个?(?:加起来|合起来|加一起)(?:一共|总共)?(?:能|可以|该|大概)?(?:给|补)|[个样项]?(?:都|全都)(?:帮|给|替|请)?(?:我们?)?(?:算|说|讲|查|看|想)")
"""能不能两个一起拿, 两个加起来给多少: two benefits, or those told of before, and nobody counted anew."""
_PART_OF = re.compile(r"块(?!钱|[二三四五六七八九两\d])")
"""社保这一块: a part, and no money."""
_SOME_FIRM = re.compile(r"[个家间](?!人|大学|高校)[^,。;\d个]{0,6}(?:公司|企业|单位|厂|店|机构|酒店|学校|园区|社区|协会)(?:的(?:会计|人事|老板|hr|员工|负责人)|,|。|$)")
"""我是一个物业公司的会计"""
_A_QUESTION = re.compile(r"个(?:就)?是(?:那个|这个|关于|想问|问)?(?:全额的?|那?个)*(?:扩岗|社保|见习|稳岗|创业|培训|失业|工伤|补贴|补助|贷款)")
"""一个是扩岗补助能有多少，还有一个就是社保补贴: questions, and nobody counted."""
_FIRMS = re.compile(r"家(?!公司|单位|企业|厂|子|分|人)")
"""好几家都招不到人，有一家缺工率15%: firms, and nobody counted."""
_CLASSES = re.compile(r"[两二三四五2-5]个(?:培训)?(?:班|期|工种|项目)")
"""两个班：一个是…，一个是…: classes, and nobody counted."""
_ODD_YEARS_OF = re.compile(r"[多几来]?(?:的|了)")
"""3个四十多的: ages, right after a number of people."""
_WHOLE = regex(
    r"(?P<year>全年|一整年|(?<![{numeral}])整年|整整一年)|(?P<year_or_so>年把)(?!握)"
    r"|(?<![{numeral}])(?:(?P<over_half>大半年)|(?P<under_half>小半年)|(?P<half_year>半年)|(?P<half_month>半个月))(?P<more>多(?!少))?"
    r"|(?P<quarter>每个?季度|(?<![\d一二两三四第个])季度)|(?P<pair>两口子|小两口|夫妻[俩两]个?|老两口)|(?P<month_or_so>个把月|(?<![\d一-鿿])个多月)"
)
"""Quantities whose words hold no number."""
_WORTH: dict[str, tuple[Kind, str, str, str]] = {
    "year": ("months", "12", "12", "12"), "year_or_so": ("months", "12", "10", "14"),
    "half_year": ("months", "6", "6", "6"), "half_month": ("months", "0.5", "0.5", "0.5"),
    "over_half": ("months", "6", "6.5", "10"), "under_half": ("months", "6", "4", "5.5"),
    "quarter": ("months", "3", "3", "3"), "month_or_so": ("months", "1", "1", "1.9"), "pair": ("count", "2", "2", "2"),
}  # fmt: skip
"""What they are worth, and between what and what that lies."""
_ONE = Decimal(1)
_STEP: dict[str, Decimal] = {"months": Decimal("0.5"), "money": Decimal("0.01")}
"""The least difference that 不到 and 超过 make; 1 for people, years of age and per cent."""
_MOST: dict[str, Decimal] = {"age": Decimal(100), "percent": Decimal(100), "months": Decimal(240)}
"""No more than this is meant, however open it is told: 45岁以上, 超过20%."""
_DIGIT = "零一二三四五六七八九0123456789"
_TENTHS = re.compile(r"([1-9一二三四五六七八九])(?:毛|角)?(?![\d十百千万个名位人年月.])")
"""三块五"""
_LACKING = re.compile(r"(?:差|缺|再(?:过|等|干|交))(?:了|着)?$")
_UNTIL_FULL = re.compile(r"(?:才|就|能)*(?:满|够|到|足|有)(?:了)?")
_RANGE = re.compile(r"\s*(?:-|—|–|~|至|到|或者?)\s*")
_MARKER = re.compile(r"(?<![\d一二三四五六七八九十第.])[1-9](?=[.、)]?\s?[一-鿿])(?![.、)]?\s?[个名位人年月岁天万千百十元块户家口号次周期本来多几成毛季星点分][^司]?)")
_FEW = re.compile(r"好?几(?!乎)")
_SEVERAL_TENS = re.compile(r"几\s*$")


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
    low: Decimal | None = None
    high: Decimal | None = None
    """Between what and what it lies, where it is not exact: 三个多月 3.5 to 3.9, 快一年 10 to 11.5."""
    since: tuple[date, date] | None = None
    """The first and the last day that a point in time may be: 去年."""

    @property
    def bounds(self) -> tuple[Decimal, Decimal]:
        return (self.value if self.low is None else self.low, self.value if self.high is None else self.high)


@lru_cache(maxsize=256)  # every calculator that reads a message reads the same quantities
def find_mentions(text: str, as_of: date) -> tuple[Mention, ...]:
    """All quantities of a text in normal form, from left to right, without overlaps."""
    found: list[Mention] = []
    taken = list(_markers(text))

    def free(start: int, end: int) -> bool:
        return all(end <= a or start >= b for a, b in taken)

    for mention in (*_points_and_spans(text, as_of), *_without_number(text)):
        if free(mention.start, mention.end):
            found.append(mention)
            taken.append((mention.start, mention.end))
    taken += [span for span in ago_spans(text) if free(*span)]
    # 合同一年 is no 同一; the other word for a contract is as long.
    for number in find_numbers(text.replace("合同", "合约")):
        within = bool(found) and found[-1].start <= number.start < found[-1].end  # the 五 of 三块五
        if not within and free(number.start, number.end) and not _ordinal(text, number) and not _of_things(text, number):
            found.append(_quantity(text, number))
    found = _ages(list(_ranges(sorted(found, key=lambda m: m.start), text)), text)
    found = [m for m in found if not (_again(m, found, text) or _bare_month(m, text))]
    found = [replace(m, kind="count") if _after_a_name(m, text) else m for m in found]
    found = list(_one_each(found, text))
    found = [m for m in found if not _apiece(m, found)]
    return tuple(_told_exactly(list(_lacking(_years_and_months(found, text), text)), text))


def _told_exactly(mentions: list[Mention], text: str) -> list[Mention]:
    """从六月交到现在五个月: of a time and the number of months right after it, the number."""
    return [
        one for one, other in zip_longest(mentions, mentions[1:])
        if not (
            other and one.kind == other.kind == "months" and other.exact
            and one.bounds[0] <= other.value <= one.bounds[1] and _NAMELY.fullmatch(text, one.end, other.start)
        )
    ]


_NAMELY = re.compile(r"[,(]?(?:刚好|正好|也就是|就是|一共|总共|共|有|是|满|了)*")


def _points_and_spans(text: str, as_of: date) -> Iterator[Mention]:
    """Births, times from one month to another, points in time: read whole, before their numbers are."""
    for born in find_born(text, as_of):
        yield _within(Mention("age", Decimal(born.oldest), born.start, born.end), Decimal(born.youngest), Decimal(born.oldest))
    moments = list(find_moments(text, as_of))
    for span in find_between(text, moments, as_of):
        if isinstance(span, Moment):
            yield _date(span)
            continue
        months = Decimal(span.months)
        since = (span.first, span.first) if span.first else None
        yield _within(Mention("months", months, span.start, span.end, since=since), months - span.until_now, months)
    yield from (_date(moment) for moment in moments)


def _date(moment: Moment) -> Mention:
    """A point in time; for a year its middle stands."""
    day, year = moment.first, moment.first.year
    if (day, moment.last) == (date(year, 1, 1), date(year, 12, 31)):
        day = date(year, 7, 1)
    return Mention("date", Decimal(year), moment.start, moment.end, True, day, moment.month, since=(moment.first, moment.last))


def _without_number(text: str) -> Iterator[Mention]:
    """半年, 全年, 个把月, 两口子: quantities whose words hold no number."""
    for m in _WHOLE.finditer(text):
        what = next(name for name, words in m.groupdict().items() if words and name != "more")
        kind, value, low, high = _WORTH[what]
        mention = Mention(kind, Decimal(value), m.start(), m.end())
        if m["more"]:
            over = mention.value + _STEP[kind]
            mention = _within(replace(mention, value=over), over, mention.value * 2 - _STEP[kind])
        elif low != high:
            mention = _within(mention, Decimal(low), Decimal(high))
        yield _bounded(mention, text, m.start(), m.end())


def _markers(text: str) -> Iterator[tuple[int, int]]:
    """1听讲…2上个月…: numbers that count the questions of a message."""
    wanted, found = 1, []
    for m in _MARKER.finditer(text):
        if int(m[0]) == wanted:
            found.append(m.span())
            wanted += 1
    yield from found if len(found) > 1 else ()


def _of_things(text: str, number: Number) -> bool:
    """两个问题, 300平: no number of people and no money; nor is a telephone number."""
    things, units = _things()
    rest = text[number.end :]
    if not number.value and rest.startswith("几"):
        return True  # 三个月零几天
    if _TOGETHER.match(rest) and number.value in (2, 3):
        return True
    if _FIRMS.match(rest) or (number.text in "一1" and _A_QUESTION.match(rest)):
        return True
    if number.text in "一1" and re.match(r"个(?=[,。;\s]|$)", rest) and re.search(r"(?:企业|公司|工厂|厂子?|店|单位)$", text[: number.start]):
        return True  # 小企业一个，招了三个…
    if number.text == "一" and text.startswith("个", number.end) and _CLASSES.search(text, 0, number.start):
        return True
    if number.text == "一" and (_PART_OF.match(rest) or _SOME_FIRM.match(rest)):
        return True
    if number.text.isdigit() and len(number.text) > 8 and not re.match(r"\s*[元块万个人名位]", rest):
        return True
    return not number.percent and bool(things.match(rest) or units.match(rest))


def _within(mention: Mention, low: Decimal, high: Decimal) -> Mention:
    return mention if low == high else replace(mention, exact=False, low=low, high=high)


def _ranges(mentions: list[Mention], text: str) -> Iterator[Mention]:
    """5到6个, 两个月到三个月: one quantity that lies between two numbers."""
    kept: list[Mention] = []
    for mention in mentions:
        one = kept[-1] if kept else None
        same = (one and one.kind in (mention.kind, "number") and mention.kind not in ("date", "number")) or (one and one.kind == mention.kind == "money")
        if one and same and _RANGE.fullmatch(text, one.end, mention.start) and text[mention.start] not in "-−":
            low = one.bounds[0] * _scale(one, mention)
            if 0 < low < mention.value:
                kept[-1] = replace(_within(mention, low, mention.bounds[1]), start=one.start)
                continue
        kept.append(mention)
    yield from kept


def _scale(one: Mention, other: Mention) -> int:
    """In 一两年, 2到3年 the first number counts years too, in 2到3万 it counts 万."""
    if one.kind == other.kind:
        return 10_000 if other.kind == "money" and one.value < 100 <= other.value / 100 else 1
    if other.kind == "months" and other.value >= 12 and not other.value % 12 and one.value < 12:
        return 12
    return 10_000 if other.kind == "money" and one.value < 100 and other.value >= 10_000 else 1


def _lacking(mentions: Iterator[Mention], text: str) -> Iterator[Mention]:
    """差一个月满一年 is eleven months, 差两个月满25 twenty-four years."""
    kept: list[Mention] = []
    for mention in mentions:
        one = kept[-1] if kept else None
        if one and one.kind == "months" and _LACKING.search(text, 0, one.start) and _UNTIL_FULL.fullmatch(text, one.end, mention.start):
            if mention.kind == "months" and one.value < mention.value:
                kept[-1] = replace(mention, value=mention.value - one.value, start=one.start)
                continue
            if mention.kind in ("age", "number") and 14 <= mention.value <= 80:
                kept[-1] = replace(mention, kind="age", value=mention.value - 1, start=one.start)
                continue
        kept.append(mention)
    yield from kept


def _ages(mentions: list[Mention], text: str) -> list[Mention]:
    """29、33、36岁, 年龄是22、23、25: what stands in a list before an age is one, and a list of ages."""
    for i, one in enumerate(mentions):
        listed = i and mentions[i - 1].kind == "age" and re.fullmatch(r"[、,和及]", text[mentions[i - 1].end : one.start])
        if one.kind == "number" and 14 <= one.value <= 80 and (listed or _AGES_ARE.search(text, 0, one.start)):
            mentions[i] = replace(one, kind="age")
    for i in range(len(mentions) - 1, 0, -1):
        one, other = mentions[i - 1], mentions[i]
        if other.kind == "age" and one.kind == "number" and re.fullmatch(r"[、,和及]", text[one.end : other.start]):
            mentions[i - 1] = replace(one, kind="age")
    return mentions


_AGES_ARE = re.compile(r"(?:年龄|年纪|岁数)(?:分别)?(?:都)?(?:是|为|有|:)?$")


_IN_ALL = re.compile(r"人?(?:的?[^,。;?\d]{0,14}(?:补贴|补助|钱)|的?(?:单位|公司|企业|个人|社保|保险)[^,。;?\d]{0,6})?(?:一共|总共|合计|拢共|加起来|合起来|加一块|加(?:在|到)?一起|总额|总计|总数)")
"""三个人合计, 三个人剩余期限的补贴总共"""


def _again(mention: Mention, mentions: list[Mention], text: str) -> bool:
    """留了4个，留下的这4个; 有两个跑了，他俩…: the same people once more."""
    same = re.search(r"(?:[这那]|[他她]们?)$", text[: mention.start]) or _IN_ALL.match(text, mention.end)
    if mention.value > 2:
        same = same or re.match(r"人?(?:都|全都|全部)有", text[mention.end :])  # 12个都有合同
    same = same or re.match(r"人?(?:都|全都|全部)(?:被)?(?:留|转正)", text[mention.end :])  # 两个都留下来了
    same = same or re.match(r"人?(?:都|全都|全部|均|全)(?:已|已经)?(?:期满|满|做满|签|交|缴|足额|干满)", text[mention.end :])  # 14人全部期满
    if mention.kind != "count" or not same:
        return False
    earlier = [m.value for m in mentions if m.kind == "count" and m.start < mention.start]
    return mention.value in earlier or (len(earlier) > 1 and mention.value == sum(earlier))


def _after_a_name(mention: Mention, text: str) -> bool:
    """农村劳动力20、登记失业人员12: people, by what stands right before and after the number."""
    bare = mention.kind == "number" and mention.value < 10_000 and mention.value % 1 == 0
    return bare and bool(_PEOPLE_NAMED.search(text, 0, mention.start) and re.match(r"\s*(?:[、,;。)]|和|及|以及|$)", text[mention.end :]))


_PEOPLE_NAMED = re.compile(r"(?:劳动力|人员|毕业生|青年|农民工|技师|[初中高]级工|证书|学徒|博士|硕士|见习生|应届生|大学生|脱贫户)[:：]?\s*$")


def _bare_month(mention: Mention, text: str) -> bool:
    """毕业后7月才入职: a month of the year, where nothing says that so many months have passed (交满七月)."""
    said = text[mention.start : mention.end]
    return mention.kind == "months" and _MONTH_ALONE.fullmatch(said) is not None and not lasts(text, mention.start)


_MONTH_ALONE = re.compile(r"(?:\d{1,2}|[一二三四五六七八九十]{1,2})月")


def _apiece(mention: Mention, mentions: list[Mention]) -> bool:
    """一千五一个: what each gets, and nobody counted."""
    price = [m for m in mentions if m.end == mention.start and m.kind in ("money", "number") and m.value >= 100]
    return mention.kind == "count" and mention.value == 1 and bool(price)


def _one_each(mentions: list[Mention], text: str) -> Iterator[Mention]:
    """两个子公司各设一个: as many as there are firms, which themselves are no number of what is asked."""
    firms = [m for m in mentions if m.kind in ("count", "number") and re.match(r"家?(?:子|分)?(?:公司|单位|企业|厂)", text[m.end :])]
    for mention in mentions:
        one = mention.kind == "count" and mention.value == 1 and re.search(r"各[^,。;]{0,6}$", text[: mention.start])
        earlier = [firm for firm in firms if firm.end <= mention.start]
        if one and earlier:
            yield replace(mention, value=earlier[-1].value)
        elif one and any(m.kind == "count" and m.end <= mention.start for m in mentions):
            continue  # 两个人各注册了一个
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


def _ordinal(text: str, number: Number) -> bool:
    """第一次, 一次性, 一般, 一下, 百分之… already read: no quantity."""
    if text.startswith("分之", number.end):
        return True  # 百分之几
    if number.start and text[number.start - 1] in "唯统万单每某" and text[number.start - 2 : number.start] != "合同" and not text[number.start].isdigit():
        return text[number.start - 1] != "每" or not re.match(r"[人个月年]", text[number.end : number.end + 1])
    if len(number.text) == 1 and not number.text.isdigit() and text[:number.start].endswith("老") and not text.startswith(("个", "年"), number.end):
        return True  # 老六 is somebody
    if number.start and text[number.start - 1] == "第":
        # 第5个月 and 第二年 tell how long it has been.
        return not re.match(r"个月|年", text[number.end :])
    if len(number.text) == 4 and 2000 < number.value < 2100 and text[number.end : number.end + 1] == "年":
        return True
    if re.match(r"个(?:(?![人上读学参进报])[^,。;\d]){0,5}班(?!上|的(?!培训|学员|人))", text[number.end :]):
        return True  # 一个技师班6个人; not 4个中级工班的, 4个人读技师班
    if re.match(r"个(?=[\d二两三四五六七八九十]+个?人)", text[number.end :]):
        return True  # 另一个15人
    if number.text == "一" and re.match(r"个[^,。;\d]{0,2}(?:镇|村|县|乡|屯|市|地方|街道|社区)", text[number.end :]):
        return True  # 在一个镇上
    return number.text in "一两三四" and bool(
        re.match(r"次性|部分|头(?![牛猪羊])|次|句|嘴|般|[签干交招]就|下|起|些|直|共|定|样|并|边|旦|律|切|点|方面|种|项|险|线|类|笔|体|站|对|口气|条龙|窝", text[number.end :])
    )


def _quantity(text: str, number: Number) -> Mention:
    if tens := re.match(r"[多来几]万(?:[元块]钱?)?", text[number.end :]):  # 三十多万
        value, gap = number.value * 10_000, _gap(number.value) * 10_000
        low, high = (value * 4 / 5, value * 6 / 5) if tens[0][0] == "来" else (value + 1, value + gap - 1)
        return _within(Mention("money", value, number.start, number.end + tens.end()), low, high)
    mention, factor = _of_unit(text, number)
    return _bounded(mention, text, number.start, mention.end, number, factor)


def _of_unit(text: str, number: Number) -> tuple[Mention, Decimal]:
    """The quantity that a number and its unit tell, and what one of that unit is worth."""
    rest = text[number.end :]
    if kind := _kind_without_unit(number, text):
        return Mention(kind, number.value, number.start, number.end), _ONE
    for kind, pattern in _UNITS:
        m = re.match(rf"\s*(?:来|多|几|把)?\s*(?:{pattern})", rest)
        if not m or (kind == "count" and not m.group().strip() and (m.end() or number.value > 9999)):
            continue  # in 养老5万 失业2000 nobody is counted
        if kind == "count" and re.match(r"\s*个人(?:部分|那|也|自己)?(?:交|缴(?!费(?:基数|工资))|扣)", rest):
            continue
        if kind == "count" and number.value > 999 and re.match(r"个人|\s+(?:职工|员工|工人)", rest):
            continue  # 单位交了38400 个人交了…, 单位交了3.2万 职工扣的…
        unit, end = m.group().strip(), number.end + m.end()
        factor = _factor(kind, unit)
        mention = Mention(kind, number.value / 30 if unit == "天" else number.value * factor, number.start, end)
        return _with_fraction(mention, unit, factor, text), factor
    return Mention("number", number.value, number.start, number.end), _ONE


def _kind_without_unit(number: Number, text: str) -> Kind | None:
    """五成, 俩, 我36: what a number tells by itself or by what stands before it."""
    rest = text[number.end :]
    if number.percent:
        return "percent"
    if number.text[-1] in "俩仨" and not re.match(r"个?(?:月|年)", rest):
        return "count"
    if not 14 <= number.value <= 80 or number.value % 1:
        return None
    if number.start == 0 and 18 <= number.value <= 60 and re.match(r"[,、][^,。;\d]{0,6}(?:博士|毕业|应届|失业)", rest):
        return "age"  # 29，经济学博士
    each = _EACH_AGED.search(text, 0, number.start) and re.match(r"[,、。;]|[一两二三四五1-5][个名位]|$|(?:是|在)?(?:学|读|搞|研究|念)", rest)
    named = _AGED.search(text, 0, number.start) and not _COUNTS.match(rest)
    each = each or (_BUT.search(text, 0, number.start) and re.match(r"了(?=[,。;]|$)", rest))
    odd = _ODD_YEARS.match(rest) or (_ODD_YEARS_OF.match(rest) and re.search(r"[个名位俩仨]$", text[: number.start]))
    return "age" if each or named or odd else None


def _with_fraction(mention: Mention, unit: str, factor: Decimal, text: str) -> Mention:
    """一年半, 三个半月, 三块五: the half or the tenths told after the unit or within it."""
    if mention.kind == "months" and ("半" in unit or text.startswith("半", mention.end)):
        return replace(mention, value=mention.value + factor / 2, end=mention.end + ("半" not in unit))
    if mention.kind == "money" and unit.endswith("块") and (tenths := _TENTHS.match(text, mention.end)):
        return replace(mention, value=mention.value + Decimal(_DIGIT.find(tenths[1]) % 10) / 10, end=tenths.end())
    return mention


def _factor(kind: Kind, unit: str) -> Decimal:
    """What one of a unit is worth: a year twelve months, 一毛 a tenth of a yuan."""
    if kind == "months":
        return Decimal(3) if "季度" in unit else Decimal(12) if "年" in unit else Decimal("0.03") if unit == "天" else Decimal(1)
    if kind == "money":
        return Decimal(10_000) if unit.startswith("万") else Decimal("0.1") if "毛" in unit else Decimal(1)
    return Decimal(1)


def _gap(value: Decimal) -> Decimal:
    """How much 多 leaves open: 三个多月 up to one, 100多 up to a hundred, 120多 up to ten."""
    text = f"{abs(value):f}"
    whole = text.split(".")[0]
    return Decimal(10) ** (len(whole) - len(whole.rstrip("0"))) if value and "." not in text else Decimal(1)


def _bounded(
    mention: Mention, text: str, start: int, end: int, number: Number | None = None, factor: Decimal = _ONE
) -> Mention:
    """What the words around a quantity make of it: 不到3个月, 快一年, 一年多, 100人以上, 三四个, 十来个."""
    value, step = mention.value, _STEP.get(mention.kind, _ONE)
    most = min(value * 10, _MOST.get(mention.kind, value * 10))
    least = min(Decimal(18), value - step) if mention.kind == "age" else Decimal(0)
    bound = _bound(text, start, number.end if number else end, end)
    if number and number.least is not None:
        return _within(mention, number.least * factor, value)
    if bound in ("below", "nearly"):
        low = value * 4 / 5 if bound == "nearly" else least
        return replace(mention, value=value if mention.kind == "money" else value - step, exact=False, low=min(low, value - step), high=value - step)
    if bound == "little_more" and mention.kind == "age":
        return _within(mention, value, value + 3)  # 三十出头
    if bound == "little_more":
        return _within(mention, value, value * 6 / 5)
    if bound in ("above", "more"):
        high = most if bound == "above" else value + _gap(number.value if number else _ONE) * factor - step
        raised = value if mention.kind in ("money", "number") else value + step
        return replace(mention, value=raised, exact=False, low=value + step, high=max(high, value + step))
    if bound in ("from", "up_to"):
        return _within(mention, *((value, most) if bound == "from" else (least, value)))
    if number and mention.kind != "date" and _FEW.match(text, number.end):
        return replace(mention, exact=False, low=value + factor, high=value + (_gap(number.value) - 1) * factor)
    if number and _SEVERAL_TENS.search(text, 0, start):
        return replace(mention, exact=False, low=value * 2, high=value * 10 - 1)
    if mention.kind == "age" and bound == "about":
        return _within(mention, value - 1, value + 1)  # 22岁上下
    if mention.kind == "percent" and bound == "about":
        return _within(mention, value * 9 / 10, value * 11 / 10)  # 大概12%: whoever worked out a share rounds it
    if (number and number.approximate) or bound == "about" or (mention.kind == "months" and factor < 1):
        return replace(mention, exact=False, low=value * 4 / 5, high=value * 6 / 5)
    return mention


def _bound(text: str, start: int, after: int, end: int) -> str:
    """Which words bound a number: right before it, between it and its unit, or right after the unit."""
    before, behind = _bounds()
    for name, words in before.items():
        if words.search(text, 0, start):
            return name
    if re.match(r"\s*多(?!少)", text[after:]) or "多" in text[after:end] or re.match(r"多(?!少|[久长])", text[end:]):
        return "more"
    for name, words in behind.items():
        if words.match(text, end) or words.match(text, after):
            return name
    return ""


@cache
def _bounds() -> tuple[Mapping[str, re.Pattern[str]], Mapping[str, re.Pattern[str]]]:
    words = load_data("quantities")
    before = {name: re.compile(rf"(?:{alternation(listed).pattern})\s*{words['verbs']}$") for name, listed in words["before"].items()}
    return before, {name: re.compile(rf"\s*(?:{alternation(listed).pattern})") for name, listed in words["after"].items()}


@cache
def _things() -> tuple[re.Pattern[str], re.Pattern[str]]:
    words = load_data("quantities")
    things, units = (alternation(words[name]).pattern for name in ("things", "other_units"))
    return re.compile(rf"\s*(?:来|多|几)?(?:个|件|项|家|间|种|条)?(?:{things})(?![员主](?!工)|人(?!社)|[^,。;\d]{{0,4}}[员长师工理匠])"), re.compile(rf"\s*(?:来|多|几)?(?:{units})")


def months_between(start: date, end: date) -> int:
    """Whole months from one day to another; 0 when the second is not later."""
    months = (end.year - start.year) * 12 + end.month - start.month - (end.day < start.day)
    return max(0, months)
