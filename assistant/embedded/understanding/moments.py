"""Points in time in a message and the time between two of them: 24年6月, 去年国庆, 上月底, 半年前, 3月1号到8月31号.

A point that is named only roughly (去年, 24年夏天) is known by its first and its last day.
"""

import re
from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

from assistant.embedded.patterns import alternation, load_data
from corpus.numerals import DIGITS, parse_chinese

_DIGIT = "零〇一二三四五六七八九"
_MONTH = r"(?:1[0-2]|0?[1-9]|十[一二]?|[一二三四五六七八九])"
_DAY = r"(?:3[01]|[12]\d|0?[1-9]|三十一?|二?十[一二三四五六七八九]?|二十|[一二三四五六七八九])"
_YEARS = {"大前年": -3, "前年": -2, "去年": -1, "上年": -1, "今年": 0, "本年": 0, "明年": 1, "后年": 2}
_MONTHS = {"上上": -2, "上": -1, "这": 0, "本": 0, "当": 0, "下": 1}
_DAYS = {"昨": -1, "前": -2, "大前": -3}
_YEAR = (
    rf"(?:(?P<ry>{'|'.join(_YEARS)})|(?<![\d{_DIGIT}十.])(?P<y>(?:19|20)\d\d|二[零〇][{_DIGIT}]{{2}}|一九[{_DIGIT}]{{2}}"
    rf"|\d\d|[零〇一二六七八九][{_DIGIT}])\s*(?P<unit>年度?|届|(?=[全整]年)))"
)
_WITHIN = r"(?:月?份?(?P<third>初|上旬|中旬|下旬|[底末])|月份?)"
_POINT = re.compile(
    rf"(?P<num>20\d\d)[-/.](?P<nm>1[0-2]|0?[1-9])(?:[-/.](?P<nd>3[01]|[12]\d|0?[1-9]))?[日号]?(?![\d万元块%])"
    rf"|{_YEAR}[的年]?\s*(?P<rest>(?P<m>{_MONTH})\s*{_WITHIN}(?:\s*(?P<d>{_DAY})\s*[日号](?!人))?|(?P<season>SEASONS)天?季?)?"
    rf"|(?:(?<![\d个第{_DIGIT}十.])|(?<=[\d{_DIGIT}两]个)(?={_MONTH}\s*月(?:\s*{_DAY}\s*[日号]|份)))(?P<om>{_MONTH})\s*月(?:份?(?:\s*(?P<od>{_DAY})\s*[日号](?!人)|(?P<othird>初|上旬|中旬|下旬|[底末]))|(?P<of>份))"
    rf"|(?<![一每])(?P<rm>上上|[上这本下当])个?月(?!薪)份?(?:\s*(?P<rd>{_DAY})\s*[日号](?!人)|(?P<rthird>初|上旬|中旬|下旬|[底末]))?"
    rf"|(?P<day>大?前|昨)[天日](?!性)|(?P<week>上个?(?:周|星期|礼拜)[一二三四五六日天末]?)".replace(
        "SEASONS", "|".join(sorted(load_data("quantities")["seasons"], key=len, reverse=True))
    )
)
_BARE_MONTH = re.compile(rf"(?<![\d第{_DIGIT}十.])(?P<m>{_MONTH})月(?!份|[一-鿿]?[初底末])")
_AGO = re.compile(
    r"(?P<n>\d+|[一二两三四五六七八九十]+|半|几|多|好几)(?P<unit>年|个月|个?星期|周|天)(?P<more>半|多)?(?:以|之)?前(?![后端台途])"
)
_THIRDS = {"初": (1, 10), "上旬": (1, 10), "中旬": (11, 20), "下旬": (21, 31), "底": (25, 31), "末": (25, 31)}
_TO = r"(?:-|—|–|~|至|到|算上|包括)"
_SPAN_START = re.compile(rf"(?<![\d第个{_DIGIT}十])(?P<m>{_MONTH})月?(?:份)?\s*(?=(?:-|—|–|~|至|到)\s*{_MONTH}月)")
_SPAN_GAP = re.compile(rf"(?:就|才)?(?:开始|起)?(?:交|缴|扣|买|上)?(?:的)?(?:[^。;\d]{{0,14}})?{_TO}\s*了?(?:现在|今天|目前|如今)?(?:次年|第二年|来年|转年)?的?")
_NOW = re.compile(rf"[^,。;\d]{{0,10}}{_TO}(?:现在|今天|目前|如今|这会儿)")
_BORN = re.compile(
    rf"(?<![\d.])(?P<y>19\d\d|20[01]\d|\d\d|[零〇六七八九][{_DIGIT}])年(?:(?P<m>{_MONTH})月(?:份)?(?:(?P<d>{_DAY})[日号])?)?"
    r"(?P<by>出?生|的|人)"
)
_GENERATION = re.compile(r"(?<!\d)(?P<y>[6-9][05]|0[05]|10)后")
_OTHER_THAN_BORN = re.compile(
    r"(?:[^,。;]{0,3}(?:店|公司|厂|企业|合同|老|政策|文件|事|时候|毕业|应届|大学|大专|本科|注册|开|办|成立|执照|社保))"
)


@dataclass(frozen=True, slots=True)
class Moment:
    """A point in time, somewhere from ``first`` to ``last``; a month counts from its first day."""

    start: int
    end: int
    first: date
    last: date
    month: bool
    """The month was named, not the year alone."""


@dataclass(frozen=True, slots=True)
class Between:
    """The months from one point in time to another, both counted."""

    start: int
    end: int
    months: int
    until_now: bool = False
    first: date | None = None
    """The first day, where the two points are on either side of a new year."""


@dataclass(frozen=True, slots=True)
class Born:
    """A year of birth as the ages that it leaves possible."""

    start: int
    end: int
    youngest: int
    oldest: int


def find_born(text: str, as_of: date) -> Iterator[Born]:
    """72年3月的, 03年生, 00后: how old somebody is who was born then."""
    for m in _BORN.finditer(text):
        year = _year(m["y"], as_of, born=True)
        if not 14 <= as_of.year - year <= 90 or _OTHER_THAN_BORN.match(text, m.end() if m["by"] == "的" else len(text)):
            continue
        month, day = _number(m["m"]), _number(m["d"])
        oldest = as_of.year - year - (month is not None and (month, day or 1) > (as_of.month, as_of.day))
        unsure = month is None or (month == as_of.month and day is None)
        yield Born(m.start(), m.end(), oldest - unsure, oldest)
    for m in _GENERATION.finditer(text):
        year = _year(m["y"], as_of, born=True)
        years = 9 if year % 10 == 0 else 4
        yield Born(m.start(), m.end(), as_of.year - year - years - 1, as_of.year - year)


def find_moments(text: str, as_of: date) -> Iterator[Moment]:
    """All points in time, from left to right within each way of naming one."""
    taken: list[Moment] = []
    for m in _POINT.finditer(text):
        if moment := _moment(m, text, as_of):
            taken.append(moment)
    yield from taken
    for m in _BARE_MONTH.finditer(text):
        if any(moment.start <= m.start() < moment.end for moment in taken):
            continue
        if not lasts(text, m.start()) or _MORE_MONTHS.match(text, m.end()):
            first, last = _of_month(_past(as_of, _number(m["m"]) or 1, text, m.end()), _number(m["m"]) or 1, None)
            yield Moment(m.start(), m.end(), first, last, month=True)
    for m in _AGO.finditer(text):
        if span := _ago(m, as_of):
            yield Moment(m.start(), m.end(), *span, month=False)


def with_years(text: str, as_of: date) -> str:
    """24年6月毕业，同年9月注册: a text in which the year of 同年, 当年 is written out, where one was told before.

    So is that of 去年6月毕业，9月10号办的执照.
    """

    def year(m: re.Match[str]) -> str:
        before = list(find_moments(text[: m.start()], as_of))
        return f"{max(before, key=lambda moment: moment.start).first.year}年" if before else m[0]

    def founded(m: re.Match[str]) -> str:
        before = [moment for moment in find_moments(text[: m.start()], as_of) if moment.month]
        last = max(before, key=lambda moment: moment.start, default=None)
        dated = last and re.search(r"年", text[last.start : last.end]) and "今年" not in text[last.start : m.start()]
        later = last and dated and last.first.year < as_of.year and last.first.month < (_number(m["m"]) or 0)
        return f"{last.first.year}年{m[0]}" if later and last and m.start() - last.end <= _SOON else m[0]

    return _FOUNDED.sub(founded, _SAME_YEAR.sub(year, text))


_SOON = 20
"""So many characters after it, a month is told in the same breath as the one before."""
_FOUNDED = re.compile(rf"(?<=[,。;\s])(?P<m>{_MONTH})月(?=份?(?:{_DAY}[日号])?(?:我|她|他|就|在[^,。;\d]{{1,6}}|才|正式|自己|第一[次回]|头一?[次回]|首次)*(?:办|开(?!始)|注册|登记|领|成立|拿))")
_SAME_YEAR = re.compile(rf"(?:同年|当年|那年|同一年)的?(?={_MONTH}月|[上下]半年|[年底末]|[春夏秋冬])")


def lasts(text: str, start: int) -> bool:
    """Whether the words before a place say that a time has passed: 交满, 干了."""
    return _lasting().search(text, 0, start) is not None


def ago_spans(text: str) -> Iterator[tuple[int, int]]:
    """Where 五年前, 几个月前 stand: a point in time, and no number of anything."""
    return (m.span() for m in _AGO.finditer(text))


def find_between(text: str, moments: list[Moment], as_of: date) -> Iterator[Between | Moment]:
    """4月到6月之间 is a point in time; 1—9月, 7月到9月, 3月1号到8月31号, 去年9月到今年2月, 从3月扣到10月; 从3月到现在."""
    points = sorted([*moments, *_bare_points(text, moments, as_of)], key=lambda p: p.start)
    end = 0
    for one, other in zip(points, points[1:], strict=False):
        if one.start < end or not _SPAN_GAP.fullmatch(text, one.end, other.start) or text.startswith("毕业", one.end):
            continue
        if re.match(r"之?间|期间", text[other.end :]) and one.first <= other.last:
            end = other.end
            yield Moment(one.start, end, one.first, other.last, month=True)
        elif months := _months_of(one, other, text):
            end = other.end
            yield Between(one.start, other.end, months, first=_start(one, other, text))
    yield from _first_and_last(points, text)
    yield from _listed_months(points, text)
    yield from _listed_numbers(text)
    for one in points:
        if one.start >= end and one.month and one.first <= as_of and (now := _NOW.match(text, one.end)):
            months = (as_of.year - one.first.year) * 12 + as_of.month - one.first.month + 1
            this_month = _THIS_MONTH_TOO.match(text, now.end())
            paid = this_month is not None and (this_month["m"] is None or _number(this_month["m"]) == as_of.month)
            yield Between(one.start, now.end(), months, until_now=not paid)


_THIS_MONTH_TOO = re.compile(r"[,。]?(?:连)?(?:这个月|本月|当月|(?P<m>[\d一二三四五六七八九十]{1,2})月)份?的?(?:也|都|已经)+(?:扣|交|缴)")
"""从1月交到现在，12月的也交了: this month counts."""


def _first_and_last(points: list[Moment], text: str) -> Iterator[Between]:
    """今年7月开始交，12月的也交了; 3月1号开始，8月31号结束: the months from the first to the last."""
    for one, other in zip(points, points[1:], strict=False):
        paid = _FROM_THEN_ON.fullmatch(text, one.end, other.start) and _LAST_PAID.match(text, other.end)
        lasted = _BEGINS.fullmatch(text, one.end, other.start) and _ENDS.match(text, other.end)
        if (paid or lasted) and (months := _months_of(one, other, text)):
            yield Between(one.start, other.end, months, first=_start(one, other, text))


_FROM_THEN_ON = re.compile(r"份?(?:就|才)?(?:开始|起)(?:交|缴|扣|买)(?:的|了)?[^,。;\d]{0,6}[,。;]?(?:到|连)?")
_BEGINS = re.compile(r"份?(?:就|才)?(?:开始|进来|来)(?:的|见习|实习)*[,。](?:到)?")
_ENDS = re.compile(r"份?(?:就|刚好)?(?:结束|期满|到期|截止|满期)")
_LAST_PAID = re.compile(r"份?(?:的|那个月)?的?(?:也|都|已经?|刚)+(?:交|缴|扣)(?:了|上|完)")


def _listed_months(points: list[Moment], text: str) -> Iterator[Between]:
    """8月9月的三险, 7月、8月和9月都交了: as many months as are named one by one."""
    row: list[Moment] = []
    for point in points:
        joined = row and _AND.fullmatch(text, row[-1].end, point.start) and row[-1].first < point.first
        row = [*row, point] if joined and "月" in text[point.start : point.end] else [point]
        if len(row) > 1 and _PAID.match(text, point.end):
            yield Between(row[0].start, point.end, len(row))


_MORE_MONTHS = re.compile(rf"份?[、和跟与]{_MONTH}月(?!份?[一-鿿]?[初底末])")
"""就交了10月、11月两个月: two months of the year, and no ten."""
_AND = re.compile(r"(?:份|的)?[、,和跟与/\s]?")
_PAID = re.compile(r"(?:份|的)*[两俩三四五六2-6]个月|(?:份|[三两俩3]个月)?(?:的|都|也|按|足额|全额|给|按时)*(?:三险|五险|社保|保险|养老|失业险|失业保险|工伤|医保|交|缴|扣)")


def _listed_numbers(text: str) -> Iterator[Between]:
    """三险6、7、8、9月均足额: as many months as are listed, one after the other."""
    for row in _NUMBERS_OF_MONTHS.finditer(text):
        months = [_number(m) or 0 for m in re.split(r"月?[、,和]", row["months"])]
        if months == [*range(months[0], months[0] + len(months))]:
            yield Between(row.start(), row.end(), len(months))


_NUMBERS_OF_MONTHS = re.compile(
    rf"(?<![\d第{_DIGIT}十.])(?P<months>(?:{_MONTH}[、,和])+{_MONTH})月份?(?=(?:份|的|均|都|全|也|按时|足额|全额|三险|五险)*(?:足额|全额|交|缴|扣|三险|五险|社保|保险))"
)


def _bare_points(text: str, moments: list[Moment], as_of: date) -> Iterator[Moment]:
    for pattern in (_SPAN_START, _BARE_MONTH):
        for m in pattern.finditer(text):
            if all(m.end() <= p.start or m.start() >= p.end for p in moments):
                month = _number(m["m"]) or 1
                yield Moment(m.start(), m.end(), *_of_month(as_of.year, month, None), month=True)


def _months_of(one: Moment, other: Moment, text: str) -> int:
    """Months that begin with one point and end with the other; 0 if that is no time at all."""
    if not (one.month and other.month):
        return 0
    by_day = one.first == one.last and other.first == other.last
    start, last = _start(one, other, text), other.last
    if last < start and not re.search(r"年", text[other.start : other.end]):
        last = _years_later(last, 1)  # 11月到2月
    if last < start:
        return 0
    if by_day:
        stop = last + timedelta(days=1)
        return (stop.year - start.year) * 12 + stop.month - start.month - (stop.day < start.day)
    return (last.year - start.year) * 12 + last.month - start.month + 1


def _start(one: Moment, other: Moment, text: str) -> date:
    """The day on which a time begins: 从5月交到今年2月 began last year."""
    told = re.search(r"年", text[one.start : one.end]) or not re.search(r"年", text[other.start : other.end])
    start = one.first
    return start if told or start <= other.last else _years_later(start, -1)


def _years_later(day: date, years: int) -> date:
    """The same day of another year; 29 February becomes the 28th."""
    return date(day.year + years, day.month, min(day.day, monthrange(day.year + years, day.month)[1]))


def _moment(m: re.Match[str], text: str, as_of: date) -> Moment | None:
    parts = m.groupdict()
    span = (m.start(), m.end())
    if parts["num"]:
        return _day_or_month(span, int(parts["num"]), int(parts["nm"]), _number(parts["nd"]))
    if parts["day"] or parts["week"]:
        day = as_of + timedelta(days=_DAYS[parts["day"]] if parts["day"] else -7)
        return Moment(*span, day, day, month=True)
    if parts["rm"]:
        at = as_of.year * 12 + as_of.month - 1 + _MONTHS[parts["rm"]]
        return _day_or_month(span, at // 12, at % 12 + 1, _number(parts["rd"]), parts["rthird"])
    if parts["om"]:
        month = _number(parts["om"]) or 1
        dated = _number(parts["od"])
        return _day_or_month(span, _past(as_of, month, text, m.end(), dated or 1), month, dated, parts["othird"])
    return _in_year(m, text, as_of)


def _in_year(m: re.Match[str], text: str, as_of: date) -> Moment | None:
    span = (m.start(), m.end())
    year = as_of.year + _YEARS[m["ry"]] if m["ry"] else _year(m["y"], as_of)
    short = m["y"] is not None and len(m["y"]) == 2
    if short and not _is_year(m, text, year, as_of):
        return None
    if (not 1950 < year < 2100 and not m["ry"]) or not 1 < year < 9998:
        return None
    if m["m"]:
        return _day_or_month(span, year, _number(m["m"]) or 1, _number(m["d"]), m["third"])
    if m["season"] and not (m["season"] in "初中末底" and text[m.start("season") - 1] != "年"):
        first, last = load_data("quantities")["seasons"][m["season"]]
        return Moment(*span, date(year, first, 1), _of_month(year, last, None)[1], month=True)
    return Moment(span[0], m.start("rest") if m["rest"] else span[1], date(year, 1, 1), date(year, 12, 31), month=False)


def _is_year(m: re.Match[str], text: str, year: int, as_of: date) -> bool:
    """24年 as a year: what follows happens at a point in time, and nothing before says that it lasts; 98年 is none else."""
    if m["unit"] == "届":
        return True
    if not (year < 2000 or -15 <= year - as_of.year <= 3) or _lasting().search(text, 0, m.start()):
        return False
    now = re.search(r"(?:现在|如今|今年)(?:都|已经|是|就)*$", text[: m.start()]) and year == as_of.year  # 现在都26年了
    return year < 2000 or bool(m["rest"] or now) or _dated(text, m.end()) or bool(re.search(r"(?:从|自|是|在)$", text[: m.start()]))


def _day_or_month(span: tuple[int, int], year: int, month: int, day: int | None, third: str | None = None) -> Moment | None:
    if not 1 <= year <= 9998:
        return None
    if day is not None and day <= monthrange(year, month)[1]:
        return Moment(*span, date(year, month, day), date(year, month, day), month=True)
    return Moment(*span, *_of_month(year, month, third), month=True)


def _of_month(year: int, month: int, third: str | None) -> tuple[date, date]:
    first, last = _THIRDS[third] if third else (1, 31)
    days = monthrange(year, month)[1]
    return date(year, month, min(first, days)), date(year, month, min(last, days))


def _past(as_of: date, month: int, text: str, end: int, day: int = 1) -> int:
    """The year of a month named alone: 9月10号拿的执照, told in February, was last year."""
    happened = re.match(r"(?:[^,。;\d]{0,5})?(?<!要)(?<!再)[^,。;\d要再将会能]{0,6}(?:的(?!话)|了)", text[end:])
    return as_of.year - ((month, day) > (as_of.month, as_of.day) and happened is not None)


def _ago(m: re.Match[str], as_of: date) -> tuple[date, date] | None:
    if m["n"] in ("几", "多", "好几"):
        return None
    if m["unit"] == "个月" and not m["more"]:
        # 19个月前: whoever counts months means so many.
        months = as_of.year * 12 + as_of.month - 1 - int(parse_chinese(m["n"]) or 0) if m["n"] != "半" else 0
        if months:
            year, month = divmod(months, 12)
            day = date(year, month + 1, min(as_of.day, monthrange(year, month + 1)[1]))
            return day, day
    halves = 1 if m["n"] == "半" else 2 * int(parse_chinese(m["n"]) or 0) + (m["more"] == "半")
    days = {"年": 365.25, "个月": 30.4375}.get(m["unit"], 1.0 if m["unit"] == "天" else 7.0) / 2
    if not 0 < halves * days < 30_000:
        return None
    least, most = halves * 0.9, halves * 1.1 + (2 if m["more"] == "多" else 0)
    return as_of - timedelta(days=round(most * days)), as_of - timedelta(days=round(least * days))


def _year(text: str, as_of: date, *, born: bool = False) -> int:
    digits = "".join(c if c.isdigit() and c.isascii() else str(DIGITS[c]) for c in text)
    year = int(digits)
    if len(digits) == 4:
        return year
    century = as_of.year // 100 * 100
    return century + year - (100 if year > as_of.year % 100 + (-14 if born else 10) else 0)


def _number(text: str | None) -> int | None:
    value = parse_chinese(text) if text else None
    return None if value is None else int(value)


def _dated(text: str, end: int) -> bool:
    return _events().match(text, end) is not None


@cache
def _events() -> re.Pattern[str]:
    return re.compile(r"\s*(?:" + alternation(load_data("quantities")["events"].replace("\n", " ")).pattern + ")")


@cache
def _lasting() -> re.Pattern[str]:
    return re.compile(rf"(?:{alternation(load_data('quantities')['lasting']).pattern})\s*$")
