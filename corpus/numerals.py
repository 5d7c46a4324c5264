"""Numbers as people and the plan write them: 1500, 1,500, 28万, 3万5千, 二十八万, 一千五, 两, 百分之二十五, 五成.

Text is expected in normal form (NFKC), so full-width digits have become ASCII ones.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from itertools import islice
from pathlib import Path

import yaml

WORDS = Path(__file__).parent / "numerals.yaml"

DIGITS = (
    {c: i for i, c in enumerate("零一二三四五六七八九")}
    | {c: i for i, c in enumerate("壹贰叁肆伍陆柒捌玖", 1)}
    | {"〇": 0, "两": 2, "俩": 2, "仨": 3}
)
SMALL = {"十": 10, "百": 100, "千": 1000, "拾": 10, "佰": 100, "仟": 1000, "k": 1000}
LARGE = {"万": 10**4, "亿": 10**8, "w": 10**4}
_TENS = {"廿": 20, "卅": 30}
_IN_WORDS = frozenset("壹贰叁肆伍陆柒捌玖拾佰仟")
"""Numerals only beside another one: 队伍, 大陆, 收拾."""
_ZERO = "零〇"
_TEN_THOUSAND = 10**4
_MOST_TOKENS = 40
"""Longer than any numeral; what follows is another one."""

_ARABIC = r"(?:\d{1,3}(?:[,，]\d{3})+(?!\d)|\d+)(?:\.\d+)?"
_CHINESE = "".join(c for c in (*DIGITS, *SMALL, *LARGE, *_TENS) if not c.isascii())
_LETTER = r"(?<=\d)[kKwW](?![A-Za-z]|\d[\dA-Za-z.])"
_RUN = re.compile(
    rf"(?:{_ARABIC}(?:\s+(?=[十百千]?[万亿]|[百千]))?|[{_CHINESE}]|{_LETTER})+"
    rf"(?:点[{''.join(DIGITS)}]+(?![十拾])[万亿]?|个亿)?"
)
_TOKEN = re.compile(rf"{_ARABIC}|\S")
_ANY = re.compile(rf"半数|{_RUN.pattern}")
_MINUS = re.compile(r"(?:(?<![\dA-Za-z年月日岁%元万人个])[-−]|(?<![减自抱胜])负)$")
_AFTER = re.compile(
    r"\s*(?:(?P<tenths>成(?!(?:员(?!工)|[为立交年本都长功果绩人])))(?P<rest>[半一二三四五六七八九])?"
    r"|(?P<percent>%|％|个(?:百分)?点(?![儿心位多]))|(?P<permille>‰))"
)
_SPREAD = re.compile(rf"([{''.join(DIGITS)}])[{''.join(DIGITS)}]")
_HALF = re.compile(r"一半|半数")
_HUNDRED_PERCENT = re.compile(r"百分百")
# A bare digit after a scale counts the next lower unit (一千五), unless it belongs to what follows (30万3年).
_OWN_UNIT = re.compile(r"[年岁天月日号个名人位家户项次级成条点%％‰\d]|\.\d")
_OWN_PERIOD = re.compile(r"年(?!薪)|岁|天|个月")
_APPROXIMATE_AFTER = re.compile(
    r"来(?!自|源|访|问|了|的)|多(?!少)|几|把(?=个?[人月年块号位斤万千])|(?:个月|万元|[个名人岁年月天元块家户])?(?:左右|上下)|[个年]多(?!少)"
)
_APPROXIMATE_BEFORE = re.compile(
    r"(?:大约|大概|差不多|(?<![最附])近|(?<![签预合违节条特])约|几|(?<![人次个件基总月])数)\s*$"
)
_HUNDREDS_OF = re.compile(r"(?<=[上成])[十百千万]")


@dataclass(frozen=True, slots=True)
class Number:
    """A number and where it stands in the text."""

    value: Decimal
    start: int
    end: int
    text: str
    percent: bool = False
    """Written as %, 百分之 or 成: ``value`` is in per cent (五成 is 50)."""
    approximate: bool = False
    """十来个, 几十, 100多, 三四个: not a figure to calculate with."""
    least: Decimal | None = None
    """The three of 三四个, where ``value`` is four."""


@dataclass(frozen=True, slots=True)
class _Reading:
    value: Decimal
    end: int
    spread: bool = False
    """三四, 二三十: two neighbouring digits mean "or", and the value is the larger one."""


def parse_chinese(text: str) -> Decimal | None:
    """The value of a numeral, colloquial tails included: 一千五 is 1500. None if the whole text is not one.

    >>> parse_chinese("二十八万"), parse_chinese("三万五"), parse_chinese("一百零五")
    (Decimal('280000'), Decimal('35000'), Decimal('105'))
    """
    match = _RUN.fullmatch(text)
    reading = _read(text, 0, match.end()) if match else None
    return reading.value if reading and reading.end == len(text) and not reading.spread else None


def find_numbers(text: str) -> Iterator[Number]:
    """All numbers of a text from left to right; words like 一次性, 统一, 百色 are none."""
    masked = _not_numbers().sub(lambda m: "\0" * len(m[0]), text)
    position = 0
    while found := _ANY.search(masked, position):
        number = _number(masked, text, found)
        position = found.start() + 1 if number is None else number.end
        if number is not None:
            yield number


def _number(masked: str, text: str, found: re.Match[str]) -> Number | None:
    start = found.start()
    for pattern, per_cent in ((_HALF, 50), (_HUNDRED_PERCENT, 100)):
        if whole := pattern.match(masked, start):
            return Number(Decimal(per_cent), start, whole.end(), whole[0], percent=True)
    reading = _read(masked, start, found.end())
    if reading is None or masked[start : reading.end] in _IN_WORDS:
        return None
    value, end = reading.value, reading.end
    percent = False
    if fraction := _numerator(masked, end):
        if value == 0:
            return None
        value, end, percent = _rounded(fraction.value * 100 / value), fraction.end, True
    elif masked.startswith("分之", end):
        return None  # 百分之几 asks for a share
    elif after := _AFTER.match(masked, end):
        end, percent = after.end(), True
        if after["tenths"]:
            rest = after["rest"]
            value = value * 10 + (5 if rest == "半" else DIGITS[rest] if rest else 0)
        elif after["permille"]:
            value /= 10
    approximate = reading.spread or bool(
        _APPROXIMATE_AFTER.match(masked, end)
        or _APPROXIMATE_BEFORE.search(masked, max(0, start - 5), start)
        or _HUNDREDS_OF.match(masked, start)
    )
    least = parse_chinese(_SPREAD.sub(r"\1", masked[start : reading.end], count=1)) if reading.spread else None
    if minus := _MINUS.search(masked, max(0, start - 2), start):
        value, start = -value, minus.start()
    return Number(value, start, end, text[start:end], percent, approximate, least)


def _rounded(percent: Decimal) -> Decimal:
    """三分之二 has no end: four decimals will do."""
    short = percent.quantize(Decimal("0.0001"))
    return percent if percent == short else short


def _numerator(text: str, end: int) -> _Reading | None:
    """The 25 of 百分之25, the 二 of 三分之二."""
    if not text.startswith("分之", end):
        return None
    found = _RUN.match(text, end + 2)
    return _read(text, end + 2, found.end()) if found else None


def _read(text: str, start: int, end: int) -> _Reading | None:
    """The longest number that begins at ``start`` and ends by ``end``."""
    run = text[start:end]
    head, point, decimals = run.partition("点")
    if run.endswith("个亿"):
        head = run.removesuffix("个亿")
        reading = _longest(text, start, start + len(head))
        if reading and reading.end == start + len(head):
            return _Reading(reading.value * LARGE["亿"], end, reading.spread)
    elif point:
        reading = _longest(text, start, start + len(head))
        if reading and reading.end == start + len(head) and not reading.spread:
            digits, scale = (decimals[:-1], LARGE[decimals[-1]]) if decimals[-1] in LARGE else (decimals, 1)
            fraction = Decimal("0." + "".join(str(DIGITS[c]) for c in digits))
            return _Reading((reading.value + fraction) * scale, end)
    return _longest(text, start, start + len(head))


def _longest(text: str, start: int, end: int) -> _Reading | None:
    tokens = [(m[0], m.end()) for m in islice(_TOKEN.finditer(text, start, end), _MOST_TOKENS)]
    for count in range(len(tokens), 0, -1):
        words, stop = [word for word, _ in tokens[:count]], tokens[count - 1][1]
        if (found := _evaluate(words, text, stop)) is not None:
            return _Reading(found[0], stop, found[1])
    return None


def _evaluate(tokens: Sequence[str], text: str, end: int) -> tuple[Decimal, bool] | None:
    """Value of the tokens and whether it is a spread; None when they are not one number."""
    if all(token in DIGITS for token in tokens) and len(tokens) > 1:
        return _digit_string(tokens)
    count = _Count()
    if not all(count.take(token) for token in tokens):
        return None
    if count.pending is None:
        return count.total + count.section, count.spread
    tail = _tail(count, tokens, text, end)
    return None if tail is None else (count.total + count.section + tail, count.spread)


@dataclass(slots=True)
class _Count:
    """Counting along a numeral; each ``take`` says whether what was read so far can still be one number."""

    total: Decimal = Decimal(0)
    section: Decimal = Decimal(0)
    """What stands below the next 万 or 亿."""
    pending: Decimal | None = None
    """A number that waits for its scale."""
    zero: bool = False
    """零 stood before it: it is then no colloquial tail."""
    spread: bool = False
    small: int = _TEN_THOUSAND
    """The last scale of this section: they only go down."""
    scale: int = 1
    """The last scale of any kind."""
    last: str = ""

    def take(self, token: str) -> bool:
        previous, self.last = self.last, token
        key = token.lower()
        if token in _TENS:
            return self._tens(_TENS[token])
        if token in DIGITS:
            return self._digit(DIGITS[token], previous)
        if key in SMALL:
            return self._small(SMALL[key], first=not previous)
        if key in LARGE:
            return self._large(LARGE[key])
        return self._arabic(token, first=not previous)

    def _free(self) -> bool:
        """No number waits for its scale, or just 零."""
        return self.pending is None or (self.zero and self.pending == 0)

    def _tens(self, value: int) -> bool:
        fits = self.pending is None and self.small > 10
        self.section, self.small, self.scale = self.section + value, 10, 10
        return fits

    def _arabic(self, token: str, *, first: bool) -> bool:
        fits = self._free()
        self.pending = Decimal(re.sub("[,，]", "", token))
        return fits and (first or (self.pending < self.scale and "." not in token))

    def _digit(self, digit: int, previous: str) -> bool:
        fits = True
        if not self._free():
            fits = self.spread = previous in DIGITS and digit - (self.pending or 0) == 1
        elif digit == 0 and previous:
            fits = previous not in _ZERO
        self.zero, self.pending = self.zero or (digit == 0 and bool(previous)), Decimal(digit)
        return fits

    def _small(self, by: int, *, first: bool) -> bool:
        # 十 alone is 10; 百 and 千 need their number, except at the very start (百八十, 千亿).
        fits = by < self.small and (self.pending is not None or first or by == 10)
        fits = fits and not (self.zero and self.pending == 0)
        self.section += (1 if self.pending is None else self.pending) * by
        self.pending, self.zero, self.small, self.scale = None, False, by, by
        return fits

    def _large(self, by: int) -> bool:
        fits = not (self.zero and self.pending == 0)
        section = self.section + (self.pending or 0)
        fits = fits and (section > 0 or (self.total > 0 and self.scale < by))
        if by > _TEN_THOUSAND:
            fits = fits and self.total < by
            self.total = (self.total + section) * by
        else:
            fits = fits and section < _TEN_THOUSAND and not self.total % LARGE["亿"]
            self.total += section * by
        self.section, self.pending, self.zero, self.small, self.scale = Decimal(0), None, False, _TEN_THOUSAND, by
        return fits


def _tail(count: _Count, tokens: Sequence[str], text: str, end: int) -> Decimal | None:
    """What a last number without a scale of its own counts: 一千五 500, 一千零五 5, 12万3456 3456."""
    pending, scale, last = count.pending, count.scale, tokens[-1]
    if len(tokens) == 1:
        return pending
    if not pending:
        return None
    arabic = last not in DIGITS
    if count.zero or scale <= 10:
        return pending
    if arabic and len(last) > 1:
        return pending if len(last) == 4 and scale == _TEN_THOUSAND and not text.startswith("年", end) else None
    if (_OWN_UNIT if arabic else _OWN_PERIOD).match(text, end):
        return None
    return pending * (scale // 10)


def _digit_string(tokens: Sequence[str]) -> tuple[Decimal, bool]:
    """二〇二五 is 2025; 三四 and 三五 are "three or four", "three to five"."""
    digits = [DIGITS[token] for token in tokens]
    if len(digits) == 2 and digits[0] > 0 and (digits[1] - digits[0] == 1 or digits == [3, 5]):
        return Decimal(digits[1]), True
    return Decimal("".join(map(str, digits))), False


@cache
def _not_numbers() -> re.Pattern[str]:
    words = yaml.load(WORDS.read_text("utf-8"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    anywhere = "(?<!分)(?:" + "|".join(map(re.escape, words["anywhere"])) + ")"
    alone = "|".join(map(re.escape, words["standing_alone"]))
    days = r"(?:星期|礼拜|周)[一二三四五六](?![年岁个百千万十])"
    return re.compile(rf"{anywhere}|(?<![\d{_CHINESE}])(?:{alone})(?!之)|{days}")
