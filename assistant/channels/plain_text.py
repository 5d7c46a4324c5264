"""Answers and calculations as they read in a terminal."""

from collections.abc import Iterator, Sequence
from datetime import date

from assistant.answer import Answer
from corpus import clause_label
from tools.calculation import Calculation, Change, Citation, ConditionView, WindowView
from tools.facts import word
from tools.formula import plain
from tools.screening import Screening

_VERDICTS = {"met": "符合条件", "not_met": "不符合条件", "unknown": "还不能确定"}
_MARKS = {"met": "✓", "not_met": "✗", "unknown": "?"}
_UNDEFINED = "※"
"""What the plan asks for but does not define: nobody said that it is met."""
_AMOUNTS = {"fee": "应缴", "deferral": "可缓缴", "refund": "返还"}


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
    """The verdict and the figures, what would change them, the conditions, what the plan leaves open, the clauses."""
    lines = [*_summary(result)]
    if rest := list(dict.fromkeys(word(path).label for path in result.missing[1:])) if result.in_force else []:
        lines.append(f"还要知道：{'、'.join(rest)}")
    lines += [*_periods(result), *_all_conditions(result)]
    lines += [f"假定：{text}" for text in result.assumptions]
    lines += [f"说明：{text}" for text in (*result.open_points, *result.notes)]
    return "\n".join([*lines, *_quotes(result.citations)])


def screening_text(found: Screening) -> str:
    """The benefits in their four groups, none left out and nothing added up."""
    lines: list[str] = []
    early = any(row.state == "未生效" for row in found.ended)
    ended = "不在期限内" if early else "已到期"
    groups = (("能享受", found.due), ("还要看", found.open), ("不符合", found.not_), (ended, found.ended))
    for title, rows in groups:
        lines.append(f"【{title}】" + ("" if rows else "无"))
        for row in rows:
            first, *rest = _summary(row)
            lines += [f"  {first}", *(f"    {line}" for line in rest)]
    return "\n".join([*lines, f"{found.caution}：各项分开列出，不相加。"] if found.caution else lines)


def _summary(result: Calculation) -> Iterator[str]:
    yield f"{result.title}：{_verdict(result)}"
    yield from _amounts(result)
    if result.in_force or result.if_in_force is not None:
        yield from (f"算法：{step}" for step in result.steps)
    yield from _reasons(result)
    if result.in_force:
        yield from _range(result)
        if result.missing:
            yield f"先要知道：{_of_group(result, result.missing[0])}{word(result.missing[0]).ask}"
        yield from (f"如果{change.label}：{_then(change)}" for change in result.changes)
        yield from (f"如果{a.condition}：{plain(a.amount)} {result.unit}（{'；'.join(a.steps)}）" for a in result.alternatives)


def _verdict(result: Calculation) -> str:
    """That it has ended comes before everything else."""
    for window in reversed(result.windows):
        if window.state == "已到期" and window.valid_until:
            return f"已到期（{window.label}至{_day(window.valid_until)}），现在不能再按方案办理"
        if window.state == "未生效" and window.valid_from:
            return f"还没有开始（{window.label}从{_day(window.valid_from)}起）"
    if result.verdict == "met" and result.kind == "fee":
        return "按方案的费率计算"
    if result.verdict == "met" and any(map(_has_undefined, result.conditions)):
        return "符合方案写明的条件"
    return _VERDICTS[result.verdict]


def _amounts(result: Calculation) -> Iterator[str]:
    if result.ceiling is not None:
        fixed = "" if result.fixed is None else f"，其中 {plain(result.fixed)} {result.unit}是固定标准"
        yield f"最高：{plain(result.ceiling)} {result.unit}（上限，不是应得数）{fixed}"
    if result.amount is not None:
        yield f"{_AMOUNTS.get(result.kind, '金额')}：{plain(result.amount)} {result.unit}"
    if result.if_in_force is not None:
        most = "最高" if any(line.ceiling and line.amount is not None for line in result.lines) else ""
        yield f"如在期限内：{most}{plain(result.if_in_force)} {result.unit}"


def _range(result: Calculation) -> Iterator[str]:
    """What is still possible; nothing where nothing can be said."""
    if result.low is None or (result.high is None and not result.low):
        return
    what = "可能的上限" if any(line.ceiling for line in result.lines) else "可能的金额"
    if result.high is None:
        yield f"{what}：不少于 {plain(result.low)} {result.unit}"
    elif result.low == result.high:
        yield f"{what}：{plain(result.low)} {result.unit}"
    else:
        yield f"{what}：{plain(result.low)} 到 {plain(result.high)} {result.unit}"


def _reasons(result: Calculation) -> Iterator[str]:
    """Why something is not due: each reason once, with all whom it concerns."""
    whom: dict[str, dict[str, None]] = {}
    for line in result.lines:
        for reason in line.reasons:
            whom.setdefault(reason, {})[line.label] = None
    for reason, labels in whom.items():
        yield f"{'、'.join(labels) if len(result.lines) > 1 else '原因'}：{reason}"


def _then(change: Change) -> str:
    if change.amount is not None:
        return f"{plain(change.amount)} 元"
    return f"最高 {plain(change.ceiling)} 元" if change.ceiling is not None else _VERDICTS[change.verdict]


def _of_group(result: Calculation, path: str) -> str:
    """第2组：, where several groups of people were told and the question is about one of them."""
    name, _, rest = path.partition(".")
    return f"第{int(rest.partition('.')[0]) + 1}组：" if rest and len(result.facts.get(name, ())) > 1 else ""


def _periods(result: Calculation) -> Iterator[str]:
    yield from (f"{window.label}：{_period(window)}，{window.state}" for window in result.windows)
    if not result.windows:
        yield "期限：方案没有规定"


def _period(window: WindowView) -> str:
    start = _day(window.valid_from) if window.valid_from else ""
    return f"{start}至{_day(window.valid_until)}" if window.valid_until else f"{start}起"


def _day(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def _all_conditions(result: Calculation) -> Iterator[str]:
    """The conditions of each group or tier; where several have the same, once."""
    trees: dict[str, tuple[ConditionView, dict[str, None]]] = {}
    for condition, line in zip(result.conditions, result.lines, strict=True):
        trees.setdefault(_reads(condition), (condition, {}))[1][line.label] = None
    shown: list[str] = []
    for key, (condition, labels) in trees.items():
        yield "条件" + (f"（{'、'.join(labels)}）：" if len(result.lines) > 1 else "：")
        top = condition.children if condition.operator == "all" else [condition]
        for child in top:
            yield from _conditions(child, shown)
        shown.append(key)


def _conditions(condition: ConditionView, shown: Sequence[str], depth: int = 1) -> Iterator[str]:
    """A requirement with those it consists of; one that consists of a single one is that one."""
    if len(condition.children) == 1:
        yield from _conditions(condition.children[0], shown, depth)
        return
    undefined = condition.open_in_plan and condition.verdict == "met"
    mark = _UNDEFINED if undefined else _MARKS[condition.verdict]
    have = f"（{condition.have}）" if condition.have else ""
    if undefined and "方案" not in condition.label:
        have = "（方案没有界定）"
    before = _reads(condition) in shown
    more = "（同上）" if before else "（满足其一即可）" if condition.operator == "any" else ""
    yield f"{'  ' * depth}{mark} {condition.label}{have}{more}"
    for child in () if before else condition.children:
        yield from _conditions(child, shown, depth + 1)


def _reads(condition: ConditionView) -> str:
    """All that is shown of a requirement: the same for two groups of people alike."""
    own = f"{condition.label}|{condition.verdict}|{condition.have}|{condition.operator}"
    return f"{own}({','.join(map(_reads, condition.children))})"


def _has_undefined(condition: ConditionView) -> bool:
    return (condition.open_in_plan and condition.verdict == "met") or any(map(_has_undefined, condition.children))


def _quotes(citations: list[Citation]) -> list[str]:
    return list(dict.fromkeys(f"依据：{clause_label(c.clause)} “{c.quote}”" for c in citations))
