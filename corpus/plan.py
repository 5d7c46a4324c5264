"""The action plan as data: five actions, 22 clauses (条), their sentences, each with its place in the source.

Everything here is a slice of the source file, so whatever is quoted from it is verbatim. Parsing is strict: a plan
whose headings are missing, doubled or out of order would be cited wrongly, hence it stops the program.
"""

import calendar
import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

FOLDER = Path(__file__).parent / "guangxi_2025"
TEXT_NAME = "action-plan.txt"
METADATA_NAME = "plan.yaml"

_NUMERALS = "一二三四五六七八九十"
_ACTION = re.compile(rf"([{_NUMERALS}]+)、(.+)")
_CLAUSE = re.compile(rf"（([{_NUMERALS}]+)）([^。]+)。(.*)")
_SENTENCE = re.compile(r"[^。！？]+[。！？]+[”’」』）]*")
_MONTH_END = re.compile(r"(\d{4})年(\d{1,2})月底")


class PlanFormatError(Exception):
    """The plan's text or metadata is not as it must be; the message is one line in Chinese that says where."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of a clause. ``source[start:end] == text``."""

    clause: int
    heading: str
    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Clause:
    """One of the 22 clauses. ``text`` is its body without the heading; the sentences tile it."""

    number: int
    title: str
    action: int
    text: str
    start: int
    end: int
    heading_start: int
    sentences: tuple[Sentence, ...]

    @property
    def numeral(self) -> str:
        """The clause's number in Chinese: 十四."""
        return chinese_numeral(self.number)

    @property
    def label(self) -> str:
        """How people cite it: 第（十四）条."""
        return clause_label(self.number)


@dataclass(frozen=True, slots=True)
class Action:
    """One of the five actions (行动) the clauses are grouped under."""

    number: int
    title: str
    clauses: tuple[Clause, ...]


class Period(BaseModel):
    """A period the plan states, with the words that state it. ``until`` is inclusive."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    clause: int
    kind: Literal["validity", "application"]
    """validity: the benefit is in force until then; application: it can be applied for until then."""
    subject: str
    until: date
    quote: str
    note: str = ""


class Metadata(BaseModel):
    """plan.yaml."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: str
    issuer: str
    published: date
    source: str
    clauses_per_action: tuple[int, ...] = Field(min_length=1)
    periods: tuple[Period, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """The whole plan. ``source`` says where it was published, ``text`` is the file itself."""

    title: str
    issuer: str
    published: date
    source: str
    preamble: str
    actions: tuple[Action, ...]
    periods: tuple[Period, ...]
    text: str

    @property
    def clauses(self) -> tuple[Clause, ...]:
        """All clauses in order."""
        return tuple(clause for action in self.actions for clause in action.clauses)

    @property
    def sentences(self) -> tuple[Sentence, ...]:
        """All sentences in order."""
        return tuple(sentence for clause in self.clauses for sentence in clause.sentences)

    def clause(self, number: int) -> Clause:
        """Clause 1 to 22. Raises LookupError for any other number."""
        for action in self.actions:
            if action.clauses[0].number <= number <= action.clauses[-1].number:
                return action.clauses[number - action.clauses[0].number]
        raise LookupError(f"方案里没有第 {number} 条")

    def find_quote(self, clause: int, quote: str) -> tuple[int, int] | None:
        """Where ``quote`` stands, verbatim, in that clause (its heading included), as source offsets; else None."""
        if not quote:
            return None
        found = self.clause(clause)
        start = self.text.find(quote, found.heading_start, found.end)
        return None if start < 0 else (start, start + len(quote))

    def periods_of(self, clause: int) -> tuple[Period, ...]:
        """The periods that clause states; empty when it states none."""
        return tuple(period for period in self.periods if period.clause == clause)


def chinese_numeral(number: int) -> str:
    """1 to 99 as a Chinese numeral: 14 is 十四, 20 is 二十."""
    if not 1 <= number <= 99:
        raise ValueError(number)
    tens, ones = divmod(number, 10)
    head = "" if tens == 0 else "十" if tens == 1 else _NUMERALS[tens - 1] + "十"
    return head + (_NUMERALS[ones - 1] if ones else "")


def clause_label(number: int) -> str:
    """第（十四）条."""
    return f"第（{chinese_numeral(number)}）条"


@cache
def load_plan() -> Plan:
    """The bundled plan, parsed once. Raises PlanFormatError."""
    return read_plan(FOLDER)


def read_plan(folder: Path) -> Plan:
    """Parse the plan in a folder with action-plan.txt and plan.yaml. Raises PlanFormatError."""
    try:
        text = (folder / TEXT_NAME).read_text("utf-8")
        raw: Any = yaml.load(
            (folder / METADATA_NAME).read_text("utf-8"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        )
        metadata = Metadata.model_validate(raw)
    except (OSError, UnicodeDecodeError) as error:
        raise PlanFormatError(f"读不到行动方案：{' '.join(str(error).split())}") from error
    except yaml.YAMLError as error:
        raise PlanFormatError(f"{METADATA_NAME} 不是有效的 YAML：{str(error).splitlines()[0]}") from error
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise PlanFormatError(f"{METADATA_NAME} 的 {place or '内容'} 不对：{first['msg']}") from error
    return parse_plan(text, metadata)


def parse_plan(text: str, metadata: Metadata) -> Plan:
    """Parse the plan's text and hold the metadata against it. Raises PlanFormatError."""
    lines = _lines(text)
    body = next(
        (i for i, (_, line) in enumerate(lines) if _ACTION.fullmatch(line) or _CLAUSE.fullmatch(line)), None
    )
    if body is None:
        raise PlanFormatError("行动方案里没有行动标题（“一、……”）")
    preamble = _preamble(lines[:body], metadata.title)
    actions = _actions(lines[body:], text, metadata.clauses_per_action)
    plan = Plan(
        title=metadata.title,
        issuer=metadata.issuer,
        published=metadata.published,
        source=metadata.source,
        preamble=preamble,
        actions=actions,
        periods=metadata.periods,
        text=text,
    )
    _check_periods(plan)
    return plan


def _lines(text: str) -> list[tuple[int, str]]:
    """Non-blank lines with their offsets."""
    lines, offset = [], 0
    for line in text.splitlines(keepends=True):
        if content := line.rstrip("\r\n"):
            if content != content.strip():
                raise PlanFormatError(f"行动方案第 {text.count(chr(10), 0, offset) + 1} 行首尾有空白")
            lines.append((offset, content))
        offset += len(line)
    return lines


def _preamble(lines: Sequence[tuple[int, str]], title: str) -> str:
    """What stands between the title, which may run over several lines, and the first action."""
    rest = title
    for position, (_, line) in enumerate(lines):
        if not rest:
            if len(lines) - position != 1:
                raise PlanFormatError(
                    f"行动方案的标题与第一项行动之间应当只有一段前言，现有 {len(lines) - position} 段"
                )
            return line
        if not rest.startswith(line):
            break
        rest = rest.removeprefix(line)
    raise PlanFormatError("行动方案的标题与 plan.yaml 不一致，或标题后没有前言")


def _actions(lines: Sequence[tuple[int, str]], text: str, shape: Sequence[int]) -> tuple[Action, ...]:
    """The body: action headings and clause paragraphs, nothing else, in order and complete."""
    action_titles: list[str] = []
    clauses: list[Clause] = []
    found_actions: list[int] = []
    for offset, line in lines:
        where = f"第 {text.count(chr(10), 0, offset) + 1} 行"
        if match := _ACTION.fullmatch(line):
            found_actions.append(_value(match[1], where))
            action_titles.append(match[2])
        elif match := _CLAUSE.fullmatch(line):
            clauses.append(_clause(match, offset, len(found_actions), where))
        else:
            raise PlanFormatError(f"行动方案{where}既不是行动标题也不是条款：{line[:12]}……")
    _check_sequence(found_actions, len(shape), lambda n: f"第{chinese_numeral(n)}项行动")
    _check_sequence([clause.number for clause in clauses], sum(shape), clause_label)
    actions = []
    for number, title in enumerate(action_titles, 1):
        own = tuple(clause for clause in clauses if clause.action == number)
        if len(own) != shape[number - 1]:
            name = chinese_numeral(number)
            raise PlanFormatError(f"行动方案第{name}项行动应有 {shape[number - 1]} 条，现有 {len(own)} 条")
        actions.append(Action(number, title, own))
    return tuple(actions)


def _clause(match: re.Match[str], offset: int, action: int, where: str) -> Clause:
    number, title, body = _value(match[1], where), match[2], match[3]
    start = offset + match.start(3)
    spans = [found.span() for found in _SENTENCE.finditer(body)]
    # Only a body that ends in a full stop is tiled by its sentences; anything else has been cut off.
    if not spans or spans[-1][1] != len(body):
        raise PlanFormatError(f"行动方案{where}的{clause_label(number)}没有正文或不以句号结尾")
    sentences = tuple(Sentence(number, title, body[a:b], start + a, start + b) for a, b in spans)
    return Clause(number, title, action, body, start, start + len(body), offset, sentences)


def _value(numeral: str, where: str) -> int:
    for number in range(1, 100):
        if chinese_numeral(number) == numeral:
            return number
    raise PlanFormatError(f"行动方案{where}的序号“{numeral}”不是规范的数字")


def _check_sequence(found: Sequence[int], expected: int, name: Callable[[int], str]) -> None:
    """Say which heading is doubled, missing, surplus or out of order, in that order of likelihood."""
    for number, count in Counter(found).items():
        if count > 1:
            raise PlanFormatError(f"行动方案的{name(number)}标题出现了 {count} 次")
    for number in range(1, expected + 1):
        if number not in found:
            raise PlanFormatError(f"行动方案缺少{name(number)}的标题")
    for position, number in enumerate(found, 1):
        if number > expected:
            raise PlanFormatError(f"行动方案多出{name(number)}，应到{name(expected)}为止")
        if number != position:
            raise PlanFormatError(f"行动方案的{name(number)}顺序不对，此处应为{name(position)}")


def _check_periods(plan: Plan) -> None:
    """Each stated period is borne out by its quote, and no end date in the text is left without one."""
    quoted: set[int] = set()
    for period in plan.periods:
        try:
            span = plan.find_quote(period.clause, period.quote)
        except LookupError as error:
            raise PlanFormatError(f"{METADATA_NAME} 的期限写了不存在的第 {period.clause} 条") from error
        label = clause_label(period.clause)
        if span is None:
            raise PlanFormatError(f"{METADATA_NAME} 的期限引文不在{label}里：{period.quote}")
        stated = _MONTH_END.search(plan.text, *span)
        last_day = calendar.monthrange(period.until.year, period.until.month)[1]
        if stated is None or period.until != date(int(stated[1]), int(stated[2]), last_day):
            raise PlanFormatError(
                f"{METADATA_NAME} 写{label}到 {period.until} 为止，与引文不符：{period.quote}"
            )
        quoted.add(stated.start())
    for stated in _MONTH_END.finditer(plan.text):
        if stated.start() not in quoted:
            clause = next((c for c in plan.clauses if c.start <= stated.start() < c.end), None)
            place = clause.label if clause else "前言"
            raise PlanFormatError(f"{METADATA_NAME} 漏了{place}写明的期限：{stated[0]}")
