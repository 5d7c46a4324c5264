"""Equations in a reply: 5 人 × 1500 元/人 = 7500 元 has to be true."""

import re
from collections.abc import Sequence
from decimal import Decimal

from assistant.figures import UNREADABLE, Figure

_LINK = re.compile(
    r"[^\d×x*÷+−=≈,。;:!?()\n-]{0,8}(?P<sign>[×x*÷+−=≈]|(?<=\s)-(?=\s)|times|/(?=\s*\d))[^\d×x*÷+−=≈,。;:!?()\n-]{0,4}"
)


def false_results(text: str, figures: Sequence[Figure]) -> list[Figure]:
    """The figures behind an equals sign that are not what stands before it. Brackets are not followed."""
    wrong: list[Figure] = []
    terms: list[tuple[str, Decimal]] = []
    for earlier, figure in zip([None, *figures], figures, strict=False):
        link = _LINK.fullmatch(text, earlier.end, figure.start) if earlier else None
        if earlier is None or link is None:
            # Behind a bracket or another operator the equation has begun earlier than can be read.
            open_end = re.search(r"[()×x*÷+−]\s*$", text[: figure.start])
            terms = [] if open_end else [("+", _number(figure))]
        elif link["sign"] in "=≈":
            if len(terms) > 1 and not _close(_value(terms), figure):
                wrong.append(figure)
            terms = [("+", _number(figure))]
        elif terms:
            terms.append((link["sign"], _number(figure)))
    return wrong


def _number(figure: Figure) -> Decimal:
    """The number as it enters the equation: 25% is 0.25, 2年 is 2."""
    if figure.unit == "%":
        return figure.value / 100
    return figure.value / 12 if figure.unit == "月" and "年" in figure.text else figure.value


def _value(terms: Sequence[tuple[str, Decimal]]) -> Decimal:
    """Multiplication and division first."""
    sums: list[Decimal] = []
    for sign, number in terms:
        if sign in ("+", "−", "-"):
            sums.append(number if sign == "+" else -number)
        elif sign in ("÷", "/"):
            sums[-1] = sums[-1] / number if number else sums[-1]
        else:
            sums[-1] *= number
    return sum(sums, Decimal(0))


def _close(value: Decimal, figure: Figure) -> bool:
    """Equal as far as the result is written out."""
    if figure.value == UNREADABLE:
        return True
    told = _number(figure)
    digits = int(figure.value.as_tuple().exponent) - (2 if figure.unit == "%" else 0)
    return abs(value - told) <= Decimal(10) ** min(digits, -2) / 2
