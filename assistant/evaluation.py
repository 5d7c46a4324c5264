"""Labelled conversations against the assistant: what it gets right, and where it does not.

``python -m assistant evaluate [--cases FILE …]`` runs it; the figures are those of the project's README.
"""

import json
import statistics
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from assistant.answer import Answer, Status
from assistant.service import Assistant
from assistant.tally import Tally
from corpus import load_plan
from corpus.numerals import find_numbers
from corpus.text import normalise

Behaviour = Literal[
    "answer", "calculate", "correct_premise", "ask", "ineligible", "expired", "out_of_scope", "refuse"
]
EXPECTED: dict[Behaviour, set[Status]] = {
    "answer": {"answered"},
    "calculate": {"answered"},
    "correct_premise": {"answered"},
    "ask": {"needs_information"},
    "ineligible": {"not_eligible"},
    "expired": {"expired"},
    "out_of_scope": {"out_of_scope"},
    "refuse": {"refused", "out_of_scope"},
}


CASES = Path(__file__).parent.parent / "tests" / "conversations"


class CaseError(Exception):
    """A file of cases that cannot be read: one Chinese line with file and line number."""


class Case(BaseModel):
    """One labelled conversation, judged on its last turn."""

    model_config = ConfigDict(extra="ignore")

    id: str
    turns: list[str]
    as_of: date
    behaviour: Behaviour
    clauses: list[int] = []
    amounts: list[Decimal] = []
    forbidden: list[Decimal] = []
    status: list[Status] | None = None
    first_status: list[Status] | None = None
    notes: str = ""


class Outcome(BaseModel):
    """A case with what came back and what was wrong with it."""

    case: Case
    answers: list[Answer]
    problems: list[str]
    wrong_amounts: int
    missing_amounts: int
    missing_clauses: int
    false_quotes: int
    right_status: bool


class Figures(BaseModel):
    """The figures of one run."""

    cases: int
    perfect: int
    right_behaviour: int
    with_amounts: int
    right_amounts: int
    wrong_amounts: int
    with_clauses: int
    cited_clauses: int
    false_quotes: int
    turns: int
    turns_needed: float
    """Turns up to the answer, on average."""
    struck_figures: int
    """Figures without a source struck from replies; refused: from what a language model proposed."""
    refused_figures: int
    taken_over: int
    """Turns that the embedded model finished for a language model."""
    input_tokens: int
    output_tokens: int
    turn_ms_median: float
    turn_ms_p95: float
    seconds: float
    by_behaviour: dict[str, tuple[int, int]]
    """Right and all, by the behaviour that was expected."""


def load_cases(paths: Iterable[Path]) -> list[Case]:
    """Read JSON Lines. Raises CaseError."""
    cases = []
    for path in paths:
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
            if line.strip():
                try:
                    cases.append(Case.model_validate_json(line))
                except ValidationError as error:
                    raise CaseError(f"{path.name} 第{number}行不是有效的用例：{error.errors()[0]['msg']}") from error
    return cases


def evaluate(assistant: Assistant, cases: Sequence[Case]) -> tuple[list[Outcome], Figures]:
    """Run all cases, each in a session of its own."""
    started, before = time.perf_counter(), assistant.tally.counts()
    outcomes = [judge(case, [*_converse(assistant, case)]) for case in cases]
    counted = Tally(**{name: count - before[name] for name, count in assistant.tally.counts().items()})
    return outcomes, summarise(outcomes, counted, time.perf_counter() - started)


def _converse(assistant: Assistant, case: Case) -> Iterable[Answer]:
    session = None
    for turn in case.turns:
        answer = assistant.ask(turn, session, case.as_of)
        session = answer.session
        yield answer


def judge(case: Case, answers: list[Answer]) -> Outcome:
    """Hold the answers against the labels."""
    last, problems = answers[-1], []
    right = last.status in (set(case.status) if case.status else EXPECTED[case.behaviour])
    if not right:
        problems.append(f"状态 {last.status}，应为 {case.behaviour}")
    if case.first_status and answers[0].status not in case.first_status:
        problems.append(f"第一轮状态 {answers[0].status}")
    read = {number.value for answer in answers for number in find_numbers(normalise(answer.text))}
    missing = [amount for amount in case.amounts if amount not in read]
    if missing:
        problems.append(f"没有给出 {'、'.join(map(str, missing))}")
    wrong = list(_wrong_amounts(case, last))
    problems += wrong
    cited = {c.clause for c in last.citations} | {c.clause for k in last.calculations for c in k.citations}
    uncited = sorted(set(case.clauses) - cited)
    if uncited:
        problems.append(f"没有引用第 {uncited} 条，引用了 {sorted(cited)}")
    plan = load_plan()
    false = [c for c in last.citations if plan.find_quote(c.clause, c.quote) is None]
    if false:
        problems.append("引文不是原文")
    return Outcome(
        case=case, answers=answers, problems=problems, wrong_amounts=len(wrong), missing_amounts=bool(missing),
        missing_clauses=bool(uncited), false_quotes=len(false), right_status=right,
    )


def _wrong_amounts(case: Case, last: Answer) -> Iterable[str]:
    given = [c for c in last.calculations if c.in_force]
    for amount in case.forbidden:
        if any(amount in (c.amount, c.ceiling) for c in given):
            yield f"给出了不该给的 {amount}"
    expected = {*case.amounts, sum(case.amounts, Decimal(0))}
    if case.behaviour == "calculate" and case.amounts:
        for c in given:
            if c.amount is not None and c.amount not in expected:
                yield f"金额不对：{c.amount}（{c.title}）"
    if case.behaviour in ("out_of_scope", "refuse", "ask"):
        for c in given:
            if c.amount:
                yield f"不该有金额：{c.amount}（{c.title}）"


def summarise(outcomes: Sequence[Outcome], counted: Tally, seconds: float) -> Figures:
    """The figures of a run."""
    times = sorted(answer.elapsed_ms for outcome in outcomes for answer in outcome.answers)
    by: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for outcome in outcomes:
        by[outcome.case.behaviour][0] += outcome.right_status
        by[outcome.case.behaviour][1] += 1
    count = Counter[str]()
    for outcome in outcomes:
        count["perfect"] += not outcome.problems
        count["status"] += outcome.right_status
        count["amounts"] += bool(outcome.case.amounts)
        count["amounts_right"] += bool(outcome.case.amounts) and not outcome.missing_amounts
        count["clauses"] += bool(outcome.case.clauses)
        count["clauses_right"] += bool(outcome.case.clauses) and not outcome.missing_clauses
        count["wrong"] += outcome.wrong_amounts
        count["false"] += outcome.false_quotes
    return Figures(
        cases=len(outcomes), perfect=count["perfect"], right_behaviour=count["status"],
        with_amounts=count["amounts"], right_amounts=count["amounts_right"], wrong_amounts=count["wrong"],
        with_clauses=count["clauses"], cited_clauses=count["clauses_right"], false_quotes=count["false"],
        turns=len(times), turns_needed=round(len(times) / max(1, len(outcomes)), 2),
        struck_figures=counted.struck, refused_figures=counted.refused, taken_over=counted.taken_over,
        input_tokens=counted.input_tokens, output_tokens=counted.output_tokens, turn_ms_median=statistics.median(times) if times else 0,
        turn_ms_p95=times[int(len(times) * 0.95)] if times else 0, seconds=round(seconds, 1),
        by_behaviour={key: (right, total) for key, (right, total) in sorted(by.items())},
    )


def report(outcomes: Sequence[Outcome], figures: Figures) -> str:
    """A Markdown report to read: the figures, then every case that went wrong with what was said."""

    def share(part: int, whole: int) -> str:
        return f"{part}/{whole}（{100 * part / whole:.1f}%）" if whole else "—"

    model = [
        f"| 语言模型想说而查不到来源的数字 | {figures.refused_figures} |",
        f"| 改由自带模型回答 | {share(figures.taken_over, figures.turns)} |",
        f"| 词元 | 输入 {figures.input_tokens}，输出 {figures.output_tokens} |",
    ] if figures.input_tokens or figures.taken_over else []
    lines = [
        "# 评测报告", "", "| 指标 | 结果 |", "| --- | --- |",
        f"| 用例 | {figures.cases} |",
        f"| 完全正确 | {share(figures.perfect, figures.cases)} |",
        f"| 行为正确 | {share(figures.right_behaviour, figures.cases)} |",
        f"| 金额正确 | {share(figures.right_amounts, figures.with_amounts)} |",
        f"| 错误金额 | {figures.wrong_amounts} |",
        f"| 条款引用正确 | {share(figures.cited_clauses, figures.with_clauses)} |",
        f"| 非原文引文 | {figures.false_quotes} |",
        f"| 查不到来源而删去的数字 | {figures.struck_figures} |",
        *model,
        f"| 轮数 | {figures.turns}（每个用例 {figures.turns_needed}） |",
        f"| 每轮用时（毫秒） | 中位数 {figures.turn_ms_median:.0f}，p95 {figures.turn_ms_p95:.0f} |",
        "", "| 应有的行为 | 正确 |", "| --- | --- |",
    ]
    lines += [f"| {key} | {share(right, total)} |" for key, (right, total) in figures.by_behaviour.items()]
    lines += ["", "## 没有做对的用例", ""]
    for outcome in outcomes:
        if outcome.problems:
            lines += [f"### {outcome.case.id}（{outcome.case.behaviour}）", ""]
            for turn, answer in zip(outcome.case.turns, outcome.answers, strict=True):
                lines += [f"- 问：{turn}", f"- 答（{answer.status}）：{' '.join(answer.text.split())}"]
            lines += [f"- **问题**：{'；'.join(outcome.problems)}", f"- 说明：{outcome.case.notes}", ""]
    return "\n".join(lines) + "\n"


def write_outcomes(outcomes: Sequence[Outcome], path: Path) -> None:
    """One line per case, for comparing two runs."""
    with path.open("w", encoding="utf-8") as out:
        for outcome in outcomes:
            row = {
                "id": outcome.case.id, "behaviour": outcome.case.behaviour, "problems": outcome.problems,
                "status": [a.status for a in outcome.answers], "ms": [a.elapsed_ms for a in outcome.answers],
            }
            out.write(json.dumps(row, ensure_ascii=False) + "\n")


def default_cases() -> list[Path]:
    """The labelled conversations that come with the source tree; none in an installed package."""
    return sorted(CASES.glob("*.jsonl"))


def compare(outcomes: Sequence[Outcome], other: Path) -> str:
    """What changed against another run's outcomes, as Markdown."""
    before = {row["id"]: bool(row["problems"]) for row in map(json.loads, other.read_text("utf-8").splitlines())}
    now = {outcome.case.id: bool(outcome.problems) for outcome in outcomes}
    mended = [name for name, wrong in now.items() if not wrong and before.get(name)]
    broken = [name for name, wrong in now.items() if wrong and before.get(name) is False]
    return (
        f"\n## 与 {other.name} 比较\n\n- 变好 {len(mended)} 条：{'、'.join(mended) or '无'}"
        f"\n- 变坏 {len(broken)} 条：{'、'.join(broken) or '无'}\n"
    )
