"""A small picture of how the amount depends on one fact, where it is no straight line: drawn here, as inline SVG."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from assistant.answer import Calculation
from assistant.channels.web_html import Html, el, texts
from tools.calculator import Calculator, run
from tools.facts import FactError, get_path, with_value, word
from tools.formula import plain

_POINTS = 25
_WIDTH, _HEIGHT = 320, 132
_LEFT, _RIGHT, _TOP, _BOTTOM = 8, 312, 24, 104
"""The drawing area, in units of the picture."""


@dataclass(frozen=True, slots=True)
class Series:
    """The amount (in yuan) for each value of one fact, all others as they are."""

    path: str
    points: tuple[tuple[int, Decimal], ...]
    here: int


def chart_html(tool: Calculator[Any], result: Calculation) -> Html | None:
    """The picture for the fact with the most telling curve; None where every curve is a straight line."""
    if result.verdict == "unknown" or not result.in_force:
        return None
    found = [s for path in _whole_facts(result.facts) if (s := series(tool, result.facts, path, result.as_of))]
    levers = {change.fact for change in result.changes}
    # What one can act on tells more than what is given; a fact that would change the outcome tells most.
    best = max(found, key=lambda s: (s.path in levers, not word(s.path).fixed, _bends(s)), default=None)
    return None if best is None else _draw(best)


def series(tool: Calculator[Any], facts: Mapping[str, Any], path: str, as_of: date) -> Series | None:
    """The curve over values from 0 to well beyond the present one; None where it is straight through the origin, or flat."""
    here = get_path(facts, path)
    last = min(max(2 * here, here + 6), 10_000)
    step = max(1, -(-last // (_POINTS - 1)))
    points = []
    for value in sorted({*range(0, last + 1, step), here}):
        try:
            result = run(tool, with_value(facts, path, value), as_of)
        except FactError:
            continue
        amount = result.amount if result.ceiling is None else result.ceiling
        points.append((value, Decimal(0) if amount is None else amount))
    found = Series(path, tuple(points), here)
    return found if _bends(found) else None


def _whole_facts(facts: Mapping[str, Any], at: str = "") -> list[str]:
    """Paths of the facts that are whole numbers."""
    paths = []
    for name, value in facts.items():
        if isinstance(value, list):
            for index, row in enumerate(value):
                if isinstance(row, Mapping):
                    paths += _whole_facts(row, f"{at}{name}.{index}.")
        elif isinstance(value, int) and not isinstance(value, bool):
            paths.append(f"{at}{name}")
    return paths


def _bends(found: Series) -> int:
    """0 for a line through the origin or a flat one; else higher the more of its steps differ."""
    if len(found.points) < 3:
        return 0
    slopes = [(b[1] - a[1]) / (b[0] - a[0]) for a, b in zip(found.points, found.points[1:], strict=False)]
    if all(abs(slope - slopes[0]) * 100 <= abs(slopes[0]) for slope in slopes):
        return 0
    return len({amount for _, amount in found.points})


def _draw(found: Series) -> Html:
    said, about = texts()["calc"], word(found.path)
    first, last = found.points[0][0], found.points[-1][0]
    amounts = [amount for _, amount in found.points]
    top = max(amounts) or Decimal(1)
    now = dict(found.points)[found.here]

    name = about.label + (f"（{about.unit}）" if about.unit else "")
    alt = said["chart_label"].format(
        fact=name, first=first, last=last, low=plain(min(amounts)), high=plain(max(amounts)), here=found.here, amount=plain(now)
    )
    slot = (_RIGHT - _LEFT) / (len(found.points))
    bars = [
        el("rect", x=f"{_LEFT + slot * (i + 0.14):.1f}", y=f"{_height(amount, top):.1f}", width=f"{slot * 0.72:.1f}",
           height=f"{_BOTTOM - _height(amount, top):.1f}", rx=min(2.5, slot / 4), class_="here" if value == found.here else "bar")
        for i, (value, amount) in enumerate(found.points)
    ]  # fmt: skip
    middle = _LEFT + slot * ([value for value, _ in found.points].index(found.here) + 0.5)
    anchor = "start" if middle < _WIDTH / 3 else "end" if middle > _WIDTH * 2 / 3 else "middle"
    picture = el(
        "svg",
        bars,
        el("line", x1=_LEFT, y1=_BOTTOM, x2=_RIGHT, y2=_BOTTOM, class_="axis"),
        el("text", f"{said['chart_now']} {found.here}{about.unit}：{plain(now)}元", x=f"{middle:.1f}",
           y=_TOP - 10, text_anchor=anchor, class_="now"),
        el("text", str(first), x=_LEFT, y=_BOTTOM + 16),
        el("text", f"{last}{about.unit}", x=_RIGHT, y=_BOTTOM + 16, text_anchor="end"),
        viewBox=f"0 0 {_WIDTH} {_HEIGHT}", role="img", aria_label=alt, class_="chart",
    )  # fmt: skip
    return el("figure", el("figcaption", said["chart"].format(fact=about.label), class_="card-label"), picture)


def _height(amount: Decimal, top: Decimal) -> float:
    """Where a bar of that amount ends, counted from above."""
    return _BOTTOM - float(amount / top) * (_BOTTOM - _TOP)
