"""Answers and calculations as they read in a terminal."""

from collections.abc import Iterator

from assistant.answer import Answer
from corpus import clause_label
from tools.calculation import Calculation, Citation, ConditionView
from tools.facts import word
from tools.formula import plain
from tools.screening import Screening

_VERDICTS = {"met": "符合条件", "not_met": "不符合条件", "unknown": "还不能确定"}
_MARKS = {"met": "✓", "not_met": "✗", "unknown": "?"}


def answer_text(answer: Answer) -> str:
    """The words, then the clauses they rest on, then the arithmetic."""
    return "\n".join([answer.text.replace("**", ""), *grounds(answer)])


def grounds(answer: Answer) -> list[str]:
    """What the words rest on and do not say themselves: the clauses, then the arithmetic."""
    several = len({calculation.tool for calculation in answer.calculations}) > 1
    # Among several benefits a formula that has come to nothing yet only raises the question whose it is.
    told = [c for c in answer.calculations if not several or c.amount is not None or c.ceiling is not None]
    steps = [
        f"算法{f'（{calculation.title}）' if several else ''}：{step}"
        for calculation in told for step in calculation.steps if step not in answer.text
    ]
    return [*_quotes(answer.citations_to_add()), *dict.fromkeys(steps)]


def calculation_text(result: Calculation) -> str:
    """The verdict and the figures, the conditions, what is missing, the clauses."""
    lines = [*_summary(result)]
    lines += [line for condition in result.conditions for line in _conditions(condition)]
    lines += [f"说明：{text}" for text in (*result.assumptions, *result.open_points, *result.notes)]
    return "\n".join([*lines, *_quotes(result.citations)])


def screening_text(found: Screening) -> str:
    """The benefits in their four groups."""
    lines: list[str] = []
    groups = (("能享受", found.due), ("还要看", found.open), ("不符合", found.not_), ("已到期", found.ended))
    for title, rows in groups:
        lines.append(f"【{title}】" + ("" if rows else "无"))
        for row in rows:
            first, *rest = _summary(row)
            lines += [f"  {first}", *(f"    {line}" for line in rest)]
    return "\n".join([*lines, found.caution] if found.caution else lines)


def _summary(result: Calculation) -> Iterator[str]:
    yield f"{result.title}：{_VERDICTS[result.verdict]}（{result.state}）"
    if result.amount is not None:
        yield f"金额：{plain(result.amount)} {result.unit}"
    if result.ceiling is not None:
        yield f"最高：{plain(result.ceiling)} {result.unit}（上限）"
    if result.if_in_force is not None:
        yield f"如在有效期内：{plain(result.if_in_force)} {result.unit}"
    yield from (f"算法：{step}" for step in result.steps)
    yield from (f"{line.label}：{reason}" for line in result.lines for reason in line.reasons)
    if result.missing:
        yield "还要知道：" + "、".join(dict.fromkeys(word(path).label for path in result.missing))


def _conditions(condition: ConditionView, depth: int = 1) -> Iterator[str]:
    have = f"（{condition.have}）" if condition.have else ""
    both = "（满足其一即可）" if condition.operator == "any" and len(condition.children) > 1 else ""
    yield f"{'  ' * depth}{_MARKS[condition.verdict]} {condition.label}{have}{both}"
    for child in condition.children:
        yield from _conditions(child, depth + 1)


def _quotes(citations: list[Citation]) -> list[str]:
    return list(dict.fromkeys(f"依据：{clause_label(c.clause)} “{c.quote}”" for c in citations))
