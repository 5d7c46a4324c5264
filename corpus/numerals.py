"""Numbers as people and the plan write them: 1500, 1,500, 28万, 二十八万, 一千五, 两, 百分之二十五, 五成.

Text is expected in normal form (NFKC), so full-width digits have become ASCII ones.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

DIGITS = {c: i for i, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2, "俩": 2, "仨": 3, "壹": 1, "贰": 2}
SMALL = {"十": 10, "百": 100, "千": 1000, "拾": 10, "佰": 100, "仟": 1000}
LARGE = {"万": 10**4, "亿": 10**8}

_ARABIC = r"(?:\d{1,3}(?:[,，]\d{3})+(?!\d)|\d+)(?:\.\d+)?"
_CHINESE = r"[零〇一二两三四五六七八九十百千万亿俩仨]"
_PATTERN = re.compile(
    rf"(?P<fraction>百分之(?P<fraction_of>{_ARABIC}|{_CHINESE}+(?:点{_CHINESE}+)?))"
    rf"|(?P<minus>(?<![\dA-Za-z年月日岁%元万人个])[-−]|负)?"
    rf"(?:(?P<arabic>{_ARABIC})\s*(?P<scale>(?:[十百千]?[万亿]|[百千](?![一-鿿]?分))+)?(?P<tail>(?:\d(?![\d.])|{_CHINESE})(?!{_CHINESE}|个|名|人))?"
    rf"|(?P<chinese>{_CHINESE}+(?:点{_CHINESE}+)?))"
    r"\s*(?P<after>%|％|‰|成(?![为立员交年本都长功果绩人])|个百分点)?"
)
_APPROXIMATE_AFTER = re.compile(r"来|多(?!少)|几|左右|上下")
_APPROXIMATE_BEFORE = re.compile(r"(?:大约|大概|差不多|将近|约|近|几|好几)\s*$")


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
    """十来个, 几十, 100多: not a figure to calculate with."""


def parse_chinese(text: str) -> Decimal | None:
    """The value of a Chinese numeral, colloquial tails included: 一千五 is 1500. None if it is not one.

    >>> parse_chinese("二十八万"), parse_chinese("三万五"), parse_chinese("一百零五")
    (Decimal('280000'), Decimal('35000'), Decimal('105'))
    """
    whole, _, decimals = text.partition("点")
    if decimals:
        head = parse_chinese(whole)
        if head is None or any(c not in DIGITS for c in decimals):
            return None
        return head + Decimal("0." + "".join(str(DIGITS[c]) for c in decimals))
    if not whole or not (set(whole) <= DIGITS.keys() | SMALL.keys() | LARGE.keys()):
        return None
    if all(c in DIGITS for c in whole):
        return Decimal("".join(str(DIGITS[c]) for c in whole))
    total, section, digit, last_scale, zero = 0, 0, None, 1, False
    for c in whole:
        if c in DIGITS:
            if digit is not None and not zero:
                return None
            zero, digit = DIGITS[c] == 0, DIGITS[c]
        elif c in SMALL:
            section += (1 if digit is None else digit) * SMALL[c]
            digit, last_scale, zero = None, SMALL[c], False
        else:
            section += digit or 0
            if section == 0 and total == 0:
                return None
            total = (total + section) * LARGE[c] if LARGE[c] > 10**4 else total + section * LARGE[c]
            section, digit, last_scale, zero = 0, None, LARGE[c], False
    if digit is not None:
        # A bare last digit counts the next lower unit: 一千五 = 1500, but 一千零五 = 1005.
        after_zero = len(whole) > 1 and whole[-2] in "零〇"
        section += digit if after_zero or last_scale <= 10 else digit * (last_scale // 10)
    return Decimal(total + section)


def find_numbers(text: str) -> Iterator[Number]:
    """All numbers of a text from left to right."""
    for m in _PATTERN.finditer(text):
        value = _value(m)
        if value is None:
            continue
        after = m["after"] or ""
        percent = bool(m["fraction"]) or after in ("%", "％", "成", "个百分点", "‰")
        if after == "成":
            value *= 10
        elif after == "‰":
            value /= 10
        end = m.end() if after else len(text[: m.end()].rstrip())
        approximate = bool(
            _APPROXIMATE_AFTER.match(text, m.end()) or _APPROXIMATE_BEFORE.search(text, 0, m.start())
        ) or _is_spread(m["chinese"] or "")
        yield Number(value, m.start(), end, text[m.start() : end], percent, approximate)


def _value(m: re.Match[str]) -> Decimal | None:
    if m["fraction"]:
        inner = m["fraction_of"]
        return parse_chinese(inner) if inner[0] in DIGITS or inner[0] in SMALL else _arabic(inner)
    if m["chinese"]:
        value = parse_chinese(m["chinese"])
        if value is None and _is_spread(m["chinese"]):
            value = Decimal(DIGITS[m["chinese"][-1]] if m["chinese"][-1] in DIGITS else 10)
    else:
        value = _arabic(m["arabic"])
        scale = 1
        for c in m["scale"] or "":
            scale *= SMALL.get(c) or LARGE[c]
        value *= scale
        if m["tail"]:
            # 3万5 is written 3万5 or 3万五; a digit after a bare Arabic number is not a tail.
            digit = DIGITS.get(m["tail"]) if not m["tail"].isdigit() else int(m["tail"])
            if scale == 1 or digit is None:
                return value
            value += digit * scale // 10
    return -value if value is not None and m["minus"] else value


def _is_spread(chinese: str) -> bool:
    """三四个, 七八个: two neighbouring digits mean "three or four", not 34."""
    return len(chinese) == 2 and all(c in DIGITS for c in chinese) and DIGITS[chinese[1]] - DIGITS[chinese[0]] == 1


def _arabic(text: str) -> Decimal:
    return Decimal(re.sub(r"[,，]", "", text))
