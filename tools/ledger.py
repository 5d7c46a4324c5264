"""The coverage ledger: every number of the 22 clauses, and where it went.

``python -m tools.ledger`` lists each number, ratio, date and deadline of the plan with the parameter that holds
it, or with the written reason (``ledger.yaml``) why it computes nothing. A number with neither is a figure that
nobody has looked at, and a reason for a number that a parameter holds by now is out of date; both are errors.
"""

import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from corpus import Clause, Plan, load_plan
from corpus.numerals import find_numbers
from tools.parameters import Benefit, benefit_names, load_benefit

REASONS = Path(__file__).parent / "ledger.yaml"
_CONTEXT = 8
# Whatever reads like a quantity, numeral or not: listing too much costs a line, too little hides a figure.
_CHINESE = re.compile(r"[零〇一二两三四五六七八九十百千万亿]+|全额|半|倍|双|翻番")
_DATE = re.compile(r"\d{4}年(?:\d{1,2}月(?:底|\d{1,2}日)?)?")


class LedgerError(Exception):
    """ledger.yaml cannot be used: one line in Chinese that says why."""


class Reasons(BaseModel):
    """One reason, and the places it applies to: words of a clause around the number, by clause number."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    reason: str = Field(min_length=4)
    places: Mapping[int, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Entry:
    """One number of the plan. ``plan.text[start:end] == text``."""

    clause: int
    start: int
    end: int
    text: str
    context: str
    held_by: tuple[str, ...]
    """Parameters whose ``written`` (or stated period) stands at this place: job_expansion_subsidy.youngest."""
    reason: str
    """Why it computes nothing; empty when a parameter holds it."""

    @property
    def accounted(self) -> bool:
        return bool(self.held_by or self.reason)


def ledger() -> tuple[Entry, ...]:
    """Every number of the 22 clauses in the order of the text. Raises LedgerError and ParameterError."""
    plan = load_plan()
    holders = [holder for name in benefit_names() for holder in _held(load_benefit(name), plan)]
    reasoned = list(_reasoned(plan))
    entries = []
    for clause in plan.clauses:
        for start, end in _numbers(clause, plan):
            held = [name for name, low, high in holders if low <= start and end <= high]
            why = [reason for reason, _, low, high in reasoned if low <= start and end <= high]
            around = plan.text[max(clause.heading_start, start - _CONTEXT) : min(clause.end, end + _CONTEXT)]
            entries.append(
                Entry(
                    clause.number, start, end, plan.text[start:end], around,
                    tuple(dict.fromkeys(held)), "" if held or not why else why[0],
                )
            )  # fmt: skip
    return tuple(entries)


def stale() -> tuple[str, ...]:
    """Reasons that apply to nothing any more, one line each."""
    plan = load_plan()
    entries = ledger()
    lines = []
    found = list(_reasoned(plan))
    for group in _reasons():
        for number, texts in group.places.items():
            for text in texts:
                spans = [(low, high) for _, words, low, high in found if words == (number, text)]
                within = [e for e in entries if any(low <= e.start and e.end <= high for low, high in spans)]
                if not spans:
                    lines.append(f"ledger.yaml：第{number}条里没有「{text}」")
                elif not within:
                    lines.append(f"ledger.yaml：第{number}条的「{text}」里没有数字")
                elif all(entry.held_by for entry in within):
                    holders = "、".join(name for entry in within for name in entry.held_by)
                    lines.append(f"ledger.yaml：第{number}条的「{text}」已由参数 {holders} 记录，不必再说明")
    return tuple(lines)


def _numbers(clause: Clause, plan: Plan) -> list[tuple[int, int]]:
    """Spans of the numbers of a clause, its title included and its own number not."""
    start = clause.heading_start + len(f"（{clause.numeral}）")
    text = plan.text[start : clause.end]
    spans = [(n.start, n.end) for n in find_numbers(text)]
    spans += [m.span() for pattern in (_CHINESE, _DATE) for m in pattern.finditer(text)]
    merged: list[tuple[int, int]] = []
    for low, high in sorted(spans):
        if merged and low < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(high, merged[-1][1]))
        else:
            merged.append((low, high))
    return [(start + low, start + high) for low, high in merged]


def _held(benefit: Benefit, plan: Plan) -> Iterator[tuple[str, int, int]]:
    """(parameter, start, end) of each place of the plan that a parameter of the benefit holds."""
    for name, figure in benefit.figures.items():
        for low, high in _occurrences(plan, figure.clause, figure.quote):
            written = re.compile(rf"(?<![\d.]){re.escape(figure.written)}(?![\d.])")
            if found := written.search(plan.text, low, high):
                yield f"{benefit.id}.{name}", *found.span()
    for window in benefit.windows:
        for low, high in _occurrences(plan, window.clause, window.quote):
            for date in _DATE.finditer(plan.text, low, high):
                yield f"{benefit.id}（{window.label}）", *date.span()


def _reasoned(plan: Plan) -> Iterator[tuple[str, tuple[int, str], int, int]]:
    """(reason, (clause, words), start, end) of each place that a written reason speaks of."""
    for group in _reasons():
        for number, texts in group.places.items():
            for text in texts:
                for low, high in _occurrences(plan, number, text):
                    yield group.reason, (number, text), low, high


def _occurrences(plan: Plan, number: int, words: str) -> Iterator[tuple[int, int]]:
    clause = plan.clause(number)
    low = plan.text.find(words, clause.heading_start, clause.end)
    while low >= 0:
        yield low, low + len(words)
        low = plan.text.find(words, low + 1, clause.end)


@cache
def _reasons() -> tuple[Reasons, ...]:
    try:
        raw = yaml.load(REASONS.read_text("utf-8"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
        groups = tuple(Reasons.model_validate(group) for group in raw)
    except (OSError, yaml.YAMLError, ValidationError) as error:
        raise LedgerError(f"ledger.yaml 不能用：{str(error).splitlines()[0]}") from error
    for group in groups:
        for number in group.places:
            if not 1 <= number <= 22:
                raise LedgerError(f"ledger.yaml 写了不存在的第 {number} 条")
    return groups


def render(entries: Sequence[Entry]) -> str:
    """The ledger as lines to read: clause, number, its surroundings, and where it went."""
    lines = []
    for entry in entries:
        went = "、".join(entry.held_by) if entry.held_by else entry.reason or "✗ 没有交代"
        lines.append(f"第{entry.clause}条\t{entry.text}\t…{entry.context}…\t{went}")
    held = sum(bool(entry.held_by) for entry in entries)
    open_ones = sum(not entry.accounted for entry in entries)
    lines.append(
        f"共 {len(entries)} 处数字：{held} 处由参数记录，{len(entries) - held - open_ones} 处说明了不参与计算的理由，"
        f"{open_ones} 处没有交代。"
    )
    return "\n".join(lines)


def main() -> int:
    """Print the ledger; 1 when a number is unaccounted for or a reason is out of date."""
    entries = ledger()
    print(render(entries))
    late = stale()
    for line in late:
        print(line, file=sys.stderr)
    return 1 if late or not all(entry.accounted for entry in entries) else 0


if __name__ == "__main__":
    sys.exit(main())
