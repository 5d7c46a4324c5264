"""Finding figures in a text: numbers with their unit, dates, clause numbers, telephone numbers.

A figure is found however it is written (4,500元, 四千五百元, 0.45万元, ４５００元, 4**50**0 元, 壹仟), and stands
where it stands in the text given, so that it can be struck there.
"""

import html
import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import yaml

from corpus.numerals import find_numbers, parse_chinese
from corpus.text import to_simplified

WORDS = Path(__file__).with_suffix(".yaml")
DATE, CLAUSE, PHONE = "日期", "条", "号码"
UNREADABLE = Decimal(-1)
"""Value of digits that make no number (00元, 1,5000): no source has it."""

_MARKUP = re.compile(r"\*{2,}|(?<![\d人月年元%)）])\s?\*(?!\s)|\*(?!\s*[\d（(])|[`~_$\\{}]|<[^<>\n]{1,40}>|\\(?:text|mathrm|boxed)")
_MARKERS = re.compile(r"(?<![\d①-⑳⓪])[①-⑳⑴-⒇❶-❿➀-➓](?![\d①-⑳⓪.万千百元%])")
_NUMERALS = "零一二三四五六七八九十百千万亿"
_SPACED = re.compile(rf"(?<=\d) +(?=\d)|(?<=[{_NUMERALS}]) +(?=[{_NUMERALS}])|(?<=分之) +|(?<=\d)['’](?=\d{{3}})")
_YEAR = re.compile(r"[一二三四五六七八九零〇]{4}(?=年)")
_LOOKALIKE = re.compile(r"(?<![a-z])(?=[oоοli]*\d)[\doоοli]*[oоοli][\doоοli,.]*(?![a-z])|(?<=\d)[零〇○]+")
_DIGIT_OF = str.maketrans("oоοli零〇○一二三四五六七八九", "00011000123456789")
_ENTITY = re.compile(r"&(?:#\d+|#x[\da-fA-F]+|[a-z]+);")
_FILLERS = "\u115f\u1160\u3164\uffa0\u2800"
_MARKS = re.compile(r"(?m)^[ >#|*+-]*(?:\d{1,2}[.、)](?!\d)|\(?[一二三四五六七八九十]{1,2}\)(?!条)|[一二三四五六七八九十]{1,2}[、.]|\(\d{1,2}\))")
_MONTH = "1[0-2]|0?[1-9]|十[一二]?|[一二三四五六七八九]"
_DAY = "3[01]|[12]\\d|0?[1-9]|[二三]?十[一二三四五六七八九]?|[一二三四五六七八九]"
_DATE = re.compile(
    rf"(?<![\d.])(?P<y>(?:19|20)\d\d)(?:\s*[年届级]\s*(?:(?P<m>{_MONTH})\s*(?:月份?(?:\s*(?P<d>{_DAY})\s*[日号]|(?P<me>[底末]))?|(?=[至到-])))?(?P<ye>年?[底末])?"
    rf"|[-/.](?P<m1>{_MONTH})(?:[-/.](?P<d1>{_DAY}))?(?!\d|[,.]\d|%|\s*[万元块亿%人]))"
    rf"|(?<![\d.个十])(?P<m2>{_MONTH})\s*月(?:份|\s*(?P<d2>{_DAY})\s*[日号]|(?P<me2>[底末])|(?!薪))"
    r"|(?<!\d)(?P<yy>2\d)(?:届|级|年(?=毕业|入职|注册|招))"
)
_CLAUSE = re.compile(r"(?:第\s*)?\(([一二三四五六七八九十]{1,3})\)\s*条?|(?:第|条款)\s*([一二三四五六七八九十]{1,3}|\d+)(?:\s*条|(?<=条款\d)|(?<=条款\d\d))")
_WORDED = re.compile(r"(?<![上下过一大])半(?:(?P<year>年)|个(?P<month>月))|双倍|翻倍|加倍|翻一?番")
_RANGE = re.compile(r"\s*(?:[—–~-]+|至|到)\s*$")
_DIGITS = re.compile(r"\d+(?:,\d+)+|\d+")
_GROUPED = re.compile(r"[1-9]\d{0,2}(?:,\d{3})+|0|[1-9]\d*")
_LAST_DAY = {2: 28, 4: 30, 6: 30, 9: 30, 11: 30}


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure in a text: its value in the unit's base (元, 月, %), and where it stands there.

    A date's value is yyyymmdd, with zeros for the parts that are not told.
    """

    value: Decimal
    unit: str
    start: int
    end: int
    text: str
    approximate: bool = False


@dataclass(frozen=True)
class PlainText:
    """A text as a reader takes it in, and for each of its characters where it stands in the original."""

    text: str
    origin: tuple[int, ...]

    @staticmethod
    @lru_cache(maxsize=64)
    def of(original: str) -> "PlainText":
        """Half width, lower case, Simplified Chinese; without Markdown, invisible characters and tricks."""
        plain = PlainText(original, tuple(range(len(original)))).replaced(_ENTITY, lambda m: html.unescape(m[0])[0])
        plain = plain.replaced(_MARKERS, lambda m: "").replaced(_MARKUP, lambda m: "")
        letters = [(folded, at) for character, at in zip(plain.text, plain.origin, strict=True) for folded in _fold(character)]
        text, origin = "".join(letter for letter, _ in letters), tuple(at for _, at in letters)
        simplified = to_simplified(text)
        plain = PlainText(simplified if len(simplified) == len(text) else text, origin)
        plain = plain.replaced(_SPACED, lambda m: "")
        for pattern in (_LOOKALIKE, _YEAR):
            plain = plain.replaced(pattern, lambda m: m[0].translate(_DIGIT_OF))
        return plain

    def replaced(self, pattern: re.Pattern[str], by: Callable[[re.Match[str]], str]) -> "PlainText":
        """With each match replaced by nothing or by as many characters."""
        pieces: list[str] = []
        origin: list[int] = []
        end = 0
        for m in pattern.finditer(self.text):
            new = by(m)
            pieces += self.text[end : m.start()], new
            origin += self.origin[end : m.start()] + self.origin[m.start() : m.start() + len(new)]
            end = m.end()
        if not end:
            return self
        return PlainText("".join([*pieces, self.text[end:]]), (*origin, *self.origin[end:]))

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Where a part of the plain text stands in the original."""
        return self.origin[start], self.origin[end - 1] + 1


@lru_cache(maxsize=8192)
def _fold(character: str) -> str:
    """A character as it is read; empty if it is not seen."""
    if character.isascii():
        return character.lower() if character >= " " or character == "\n" else " " * (character == "\t")
    if character == "，":
        return ", "  # 标准是1500，3人: no thousands
    if unicodedata.category(character) in ("Cf", "Mn", "Me", "Cc", "Cs") or character in _FILLERS:
        return ""
    if "〡" <= character <= "〩":
        return str(ord(character) - ord("〡") + 1)  # Suzhou numerals, which NFKC leaves alone
    return unicodedata.normalize("NFKC", character).lower()


@lru_cache(maxsize=4096)
def find_figures(text: str) -> tuple[Figure, ...]:
    """All figures of a text in order; idioms (一次性, 三项保险) and list numbers are none."""
    return tuple(
        Figure(f.value, f.unit, *PlainText.of(text).span(f.start, f.end), f.text, f.approximate)
        for f in plain_figures(PlainText.of(text).text)
        if not is_each(f, PlainText.of(text).text)
    )


def plain_figures(text: str) -> list[Figure]:
    """All figures of a text in plain form, units of counting (每1人) included."""
    taken = [(m.start(), m.end()) for m in _MARKS.finditer(text)]
    found: list[Figure] = []
    for finder in (_phones, _clauses, _dates, _idioms, _untraceable, _numbers):
        new = [f for f in finder(text) if all(f.end <= a or f.start >= b for a, b in taken)]
        taken += [(f.start, f.end) for f in new]
        found += [f for f in new if f.unit != "idiom"]
    return sorted(found, key=lambda f: f.start)


def is_each(figure: Figure, text: str) -> bool:
    """每1人, 一个人: a unit to count in and no figure; 1人以上 is one."""
    if figure.value != 1 or figure.unit not in ("人", "户", "个", ""):
        return False
    return re.match(r"(?:\s*\(含\))?(?:及|或)?(?:以上|以下|以内|即可|就[行能可])", text[figure.end :]) is None


def _phones(text: str) -> Iterator[Figure]:
    for m in _words().phones.finditer(text):
        yield Figure(Decimal(re.sub(r"\D", "", m[0])), PHONE, m.start(), m.end(), m[0])


def _clauses(text: str) -> Iterator[Figure]:
    for m in _CLAUSE.finditer(text):
        numeral = m[1] or m[2]
        value = Decimal(numeral) if numeral.isdigit() else parse_chinese(numeral)
        if value is not None:
            yield Figure(value, CLAUSE, m.start(), m.end(), m[0])


def _dates(text: str) -> Iterator[Figure]:
    """A date is one figure, year, month and day together; 12月底 is the month's last day, 年底 the year's."""
    for m in _DATE.finditer(text):
        year = int(m["y"] or (f"20{m['yy']}" if m["yy"] else 0))
        month, day = (_ordinal(m[a] or m[b] or c or "0") for a, b, c in (("m", "m1", m["m2"]), ("d", "d1", m["d2"])))
        if m["ye"]:
            month, day = 12, 31
        elif m["me"] or m["me2"]:
            day = _LAST_DAY.get(month, 31)
        yield Figure(Decimal(year * 10000 + month * 100 + day), DATE, m.start(), m.end(), m[0])


def _ordinal(numeral: str) -> int:
    return int(numeral) if numeral.isdigit() else int(parse_chinese(numeral) or 0)


def _idioms(text: str) -> Iterator[Figure]:
    return (Figure(Decimal(0), "idiom", m.start(), m.end(), m[0]) for m in _words().idioms.finditer(text))


def _untraceable(text: str) -> Iterator[Figure]:
    return (Figure(UNREADABLE, "", m.start(), m.end(), m[0]) for m in _words().untraceable.finditer(text))


def _numbers(text: str) -> Iterator[Figure]:
    broken = [m.span() for m in _DIGITS.finditer(text) if not _well_formed(text, m)]
    for a, b in broken:
        yield Figure(UNREADABLE, "", a, b, text[a:b])
    for m in _WORDED.finditer(text):
        value, unit = (6, "月") if m["year"] else (Decimal("0.5"), "月") if m["month"] else (2, "倍")
        yield Figure(Decimal(value), unit, m.start(), m.end(), m[0])
    numbers = [n for n in find_numbers(text) if all(n.end <= a or n.start >= b for a, b in broken)]
    later: Figure | None = None
    figures: list[Figure] = []
    for n in reversed(numbers):
        unit, end, factor = ("%", n.end, Decimal(1)) if n.percent else _unit(text, n.start, n.end)
        if not unit and later and later.unit and _RANGE.match(text[n.end : later.start]):
            unit = later.unit  # 16—24岁
        if not unit:
            unit, factor = _column_unit(text, n.start)
        extra = 6 if unit == "月" and text[n.end : end].strip() == "年半" else 0
        later = Figure(n.value * factor + extra, unit, n.start, end, text[n.start : end], n.approximate)
        figures.append(later)
    yield from figures


def _well_formed(text: str, digits: re.Match[str]) -> bool:
    """Not 00, not 1,5000; the decimals of 0.05 are no number of their own."""
    if digits.start() and text[digits.start() - 1] == "." and text[digits.start() - 2 : digits.start() - 1].isdigit():
        return "," not in digits[0]
    return _GROUPED.fullmatch(digits[0]) is not None


def _unit(text: str, start: int, end: int) -> tuple[str, int, Decimal]:
    """The unit, where it ends, and what the number is to be multiplied by."""
    words = _words()
    if m := words.units.match(text, end):
        unit = str(m.lastgroup)
        word = m[0].strip()
        factor = 12 if word[0] == "年" else 3 if "季度" in word else 1
        return unit, end if word.startswith("/") else m.end(), Decimal(factor)
    if re.search(r"[¥$]\s*$|(?:rmb|cny)\s*$", text[:start]):
        return "元", end, Decimal(1)
    return "", end, Decimal(1)


def _column_unit(text: str, position: int) -> tuple[str, Decimal]:
    """The unit of a bare number in a table: its column's heading tells."""
    heading = column_heading(text, position)
    if heading:
        for unit, pattern in _words().columns.items():
            if pattern.search(heading):
                return unit, Decimal(10_000) if unit == "元" and "万元" in heading else Decimal(1)
    return "", Decimal(1)


def column_heading(text: str, position: int) -> str:
    """The heading of the table column a position is in; empty outside tables and in their first line."""
    start = text.rfind("\n", 0, position) + 1
    column = text.count("|", start, position)
    if not column:
        return ""
    heading = ""
    while start:
        above = text.rfind("\n", 0, start - 1) + 1
        line = text[above : start - 1]
        if "|" not in line:
            break
        start, heading = above, line
    cells = heading.split("|")
    return cells[column].strip() if column < len(cells) else ""


@dataclass(frozen=True)
class _Words:
    units: re.Pattern[str]
    columns: dict[str, re.Pattern[str]]
    idioms: re.Pattern[str]
    phones: re.Pattern[str]
    untraceable: re.Pattern[str]


@cache
def _words() -> _Words:
    data: dict[str, Any] = yaml.safe_load(WORDS.read_text("utf-8"))
    units = "|".join(f"(?P<{unit}>{'|'.join(words)})" for unit, words in data["units"].items())
    return _Words(
        units=re.compile(rf"\s*(?:多|余|来)?\s*(?:{units})"),
        columns={unit: re.compile(pattern) for unit, pattern in data["columns"].items()},
        idioms=re.compile("|".join(data["idioms"])),
        phones=re.compile("|".join(data["phones"])),
        untraceable=re.compile("|".join(data["untraceable"])),
    )
