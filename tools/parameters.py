"""The figures of the plan as data: every one dated, sourced, and checked against the text when loaded.

A file ``tools/parameters/<benefit>.yaml`` holds one benefit: title, clauses, everyday names, example
questions, figures and periods. Loading stops at the first figure that the quoted clause does not bear out.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from corpus import Plan, load_plan
from corpus.numerals import find_numbers

FOLDER = Path(__file__).parent / "parameters"
WindowKind = Literal["validity", "event", "application"]
_YEAR_END = re.compile(r"(\d{4})年12月底")


class ParameterError(Exception):
    """A parameter file that the plan does not bear out: one line naming the file, the key and the mismatch."""


class Figure(BaseModel):
    """One number of the plan."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    label: str
    """What it is, in plain Chinese, as it reads before the figure: 每招用1人."""
    value: Decimal
    unit: str
    """元/人, 元/人·月, %, 个月, 年, 岁, 人 …"""
    written: str
    """The figure exactly as it stands in the quote, its unit included: 1500元, 30万元, 2年."""
    clause: int = Field(ge=1, le=22)
    quote: str
    """Verbatim sentence part of the clause."""
    ceiling: bool = False
    """最高: a maximum, never an amount due."""

    @property
    def ratio(self) -> Decimal:
        """A percentage as a factor: 25 % is 0.25."""
        return self.value / 100

    @property
    def whole(self) -> int:
        return int(self.value)

    @property
    def months(self) -> int:
        """A duration in months, whichever unit the plan states it in."""
        return self.whole * 12 if self.unit == "年" else self.whole


class Window(BaseModel):
    """A stated period, both ends inclusive."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: WindowKind
    """validity: the benefit is in force; event: what must fall in it; application: when to apply."""
    label: str
    valid_from: date | None = None
    valid_until: date | None = None
    clause: int = Field(ge=1, le=22)
    quote: str


class Presumption(BaseModel):
    """A fact taken as given unless the person says otherwise."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    value: Any
    text: str
    """How it is said before the amount: 按见习人员符合范围计."""


class Benefit(BaseModel):
    """One benefit's data file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str
    title: str
    family: str
    """The group it is shown under: 用工, 创业, 技能, 人才, 社保."""
    audience: tuple[Literal["企业", "个人"], ...]
    """Who receives it: decides which benefits a screening puts first."""
    clauses: tuple[int, ...]
    summary: str
    """One sentence that says who gets what, without a figure."""
    quote: str
    """The sentence of the plan that establishes it, verbatim, from the first of ``clauses``."""
    aliases: tuple[str, ...]
    examples: tuple[str, ...]
    """Questions people ask about it; the embedded model recognises the benefit by their meaning."""
    figures: Mapping[str, Figure]
    windows: tuple[Window, ...] = ()
    presumptions: Mapping[str, "Presumption"] = {}
    """Facts taken as given in conversation for this benefit alone, by fact name; others are in the vocabulary."""
    open_points: tuple[str, ...] = ()
    """What the plan leaves open, in full sentences."""
    notes: tuple[str, ...] = ()
    """Readings and warnings shown with the result."""
    otherwise: str = ""
    """The benefit that remains for the same people when this one, an addition to it, is not due."""

    def figure(self, name: str) -> Figure:
        return self.figures[name]

    def value(self, name: str) -> Decimal:
        return self.figures[name].value


@dataclass(frozen=True, slots=True)
class Mismatch:
    file: str
    key: str
    problem: str

    def __str__(self) -> str:
        return f"参数文件 {self.file} 的 {self.key}：{self.problem}"


@cache
def load_benefit(name: str) -> Benefit:
    """The verified data of one benefit. Raises ParameterError."""
    return read_benefit(FOLDER / f"{name}.yaml", load_plan())


@cache
def benefit_names() -> tuple[str, ...]:
    return tuple(sorted(path.stem for path in FOLDER.glob("*.yaml")))


def read_benefit(path: Path, plan: Plan) -> Benefit:
    """Parse and verify one file. Raises ParameterError naming file, key and mismatch."""
    try:
        raw: Any = yaml.load(path.read_text("utf-8"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
        benefit = Benefit.model_validate(raw)
    except OSError as error:
        raise ParameterError(f"读不到参数文件 {path.name}：{error.strerror}") from error
    except yaml.YAMLError as error:
        raise ParameterError(f"参数文件 {path.name} 不是有效的 YAML：{str(error).splitlines()[0]}") from error
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"])
        raise ParameterError(f"参数文件 {path.name} 的 {key}：{first['msg']}") from error
    for mismatch in _mismatches(benefit, path, plan):
        raise ParameterError(str(mismatch))
    return benefit


def _mismatches(benefit: Benefit, path: Path, plan: Plan) -> Iterator[Mismatch]:
    for key, problem in _problems(benefit, path.stem, plan):
        yield Mismatch(path.name, key, problem)


def _problems(benefit: Benefit, name: str, plan: Plan) -> Iterator[tuple[str, str]]:
    """(key, problem) of everything that the plan does not bear out."""
    if benefit.id != name:
        yield "id", f"应与文件名一致，写的是「{benefit.id}」"
    if not benefit.clauses or not set(benefit.clauses) <= set(range(1, 23)):
        yield "clauses", "应为 1 到 22 的条号"
        return
    if plan.find_quote(benefit.clauses[0], benefit.quote) is None:
        yield "quote", f"第{benefit.clauses[0]}条里没有这句原文"
    used = {window.clause for window in benefit.windows} | {figure.clause for figure in benefit.figures.values()}
    for number in benefit.clauses[1:]:
        if number not in used:
            yield "clauses", f"没有一个数字出自第{number}条"
    sources: list[tuple[str, Figure | Window]] = [(f"figures.{key}", f) for key, f in benefit.figures.items()]
    sources += [(f"windows.{position}", window) for position, window in enumerate(benefit.windows)]
    for key, source in sources:
        if source.clause not in benefit.clauses:
            yield f"{key}.clause", f"第{source.clause}条不在本项的条号 {list(benefit.clauses)} 里"
        elif plan.find_quote(source.clause, source.quote) is None:
            yield f"{key}.quote", f"第{source.clause}条里没有「{source.quote}」"
        found = _figure_problems(source) if isinstance(source, Figure) else _window_problems(source)
        yield from ((f"{key}{part}", problem) for part, problem in found)


def _figure_problems(figure: Figure) -> Iterator[tuple[str, str]]:
    if not _stands_alone(figure.written, figure.quote):
        yield ".written", f"引文里没有「{figure.written}」"
    if _value_of(figure.written) != figure.value:
        yield ".value", f"写的是 {figure.value}，原文是「{figure.written}」"
    if ("最高" in figure.quote or "不超过" in figure.quote) != figure.ceiling:
        yield ".ceiling", "与引文不符：引文写「最高」的才是上限"
    if figure.unit != (unit := _unit_of(figure)):
        yield ".unit", f"写的是「{figure.unit}」，按引文应为「{unit}」"


def _window_problems(window: Window) -> Iterator[tuple[str, str]]:
    if _period_of(window.quote) != (window.valid_from, window.valid_until):
        yield "", f"写的是 {window.valid_from} 至 {window.valid_until}，与引文「{window.quote}」不符"
    if window.kind != (kind := _kind_of(window.quote)):
        yield ".kind", f"写的是 {window.kind}，按引文「{window.quote}」应为 {kind}"


def _stands_alone(written: str, text: str) -> bool:
    """The figure stands in the text as a whole number: 500元 does not stand in 1500元."""
    return re.search(rf"(?<![\d.]){re.escape(written)}(?![\d.])", text) is not None


def _value_of(written: str) -> Decimal | None:
    numbers = list(find_numbers(written))
    return numbers[0].value if len(numbers) == 1 else None


def _unit_of(figure: Figure) -> str:
    """The unit as the text has it: 元 after the number, 每人每月 or /人·年 around it give 元/人·月, 元/人·年."""
    unit = re.sub(r"^[\d,.万]+", "", figure.written)
    if not unit:
        # Of 16—24岁 only the second number carries the unit.
        shared = re.search(rf"(?<![\d.]){re.escape(figure.written)}[—–-]\d+(岁|年|个月|人|%)", figure.quote)
        return shared[1] if shared else ""
    if unit != "元":
        return unit
    parts = re.split("[，；。、]", figure.quote)
    part = next((part for part in parts if _stands_alone(figure.written, part)), "")
    per = re.search(r"元/([人户年月·]+)", part)
    each = per[1] if per else "·".join(re.findall(r"每(?:招用1)?([人户月年])", part))
    return f"{unit}/{each}" if each else unit


def _kind_of(quote: str) -> WindowKind:
    """政策执行期限 is a validity, 申请期限 an application period; any other date is when something must happen."""
    return "validity" if "执行期限" in quote else "application" if "申请期限" in quote else "event"


def _period_of(quote: str) -> tuple[date | None, date | None]:
    """「至2025年12月底」 ends on 2025-12-31; 「2025年…」 alone is that whole year."""
    if until := _YEAR_END.search(quote):
        return None, date(int(until[1]), 12, 31)
    if year := re.search(r"(\d{4})年", quote):
        return date(int(year[1]), 1, 1), date(int(year[1]), 12, 31)
    return None, None
