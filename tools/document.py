"""``python -m tools.document`` writes docs/calculators.md: every benefit as its declaration has it, with worked cases.

The worked examples are the first fitting rows of the benefit's case table (``tests/tools/cases``), calculated anew.
"""

import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any, get_args, get_origin

import yaml

from corpus import clause_label, load_plan
from tools.calculation import Calculation, ConditionView
from tools.calculator import Calculator, outcome_of, run
from tools.catalogue import catalogue
from tools.explore import explain
from tools.facts import Facts, allowed, bare_type, field_type, group_model, word
from tools.formula import plain
from tools.parameters import Benefit, Figure
from tools.presume import presumption

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "calculators.md"
CASES = ROOT / "tests" / "tools" / "cases"
_AS_OF = date(2025, 9, 1)
_RESULTS = {
    "subsidy": "应得", "fee": "应缴", "deferral": "可缓缴", "refund": "返还", "loan": "可贷", "service": "不涉及金额",
}  # fmt: skip
_HEAD = """# 计算器一览

<!-- 由 python -m tools.document 生成，请勿手改；改参数文件、计算器或算例后重新生成。 -->

行动方案里能算、能判断的每一项待遇。数字都来自方案原文（`tools/parameters/`），逐字引用；方案没有写明的，照实说没有写明。
两项待遇能否同时享受，方案没有规定。“以上”“以下”“以内”按通常理解含本数，以经办机构为准。
"""


def render() -> str:
    """The page, for all benefits in the order of the clauses."""
    tools = catalogue().values()
    contents = [f"- [{tool.title}](#{tool.id})：{_clauses(tool.benefit)}" for tool in tools]
    return "\n".join([_HEAD, *contents, "", *("\n".join(_section(tool)) + "\n" for tool in tools)])


def _section(tool: Calculator[Any]) -> Iterator[str]:
    benefit = tool.benefit
    yield f'<a id="{tool.id}"></a>\n\n## {benefit.title}\n'
    yield f"`{tool.id}` · {benefit.family} · 面向{'、'.join(benefit.audience)} · {_clauses(benefit)}\n"
    yield f"> {benefit.quote}\n"
    yield f"{benefit.summary}\n"
    yield "### 条件\n"
    for condition in _distinct(run(tool, {}, _AS_OF).conditions):
        yield from _tree(condition, 0)
    yield "\n### 标准\n"
    yield from (_figure(figure) for figure in benefit.figures.values())
    if not benefit.figures:
        yield "方案没有写数字。"
    if formulas := _formulas(tool):
        yield "\n### 公式\n"
        yield from (f"- {formula}" for formula in formulas)
    yield "\n### 期限\n"
    yield from _periods(benefit)
    yield "\n### 需要知道的事实\n"
    yield "| 名称 | 含义 | 单位 | 可填 | 怎么问 | 没说时 |\n|---|---|---|---|---|---|"
    yield from _facts(tool, tool.facts, "")
    for title, sentences in (("方案没有写明的", benefit.open_points), ("提示", benefit.notes)):
        if sentences:
            yield f"\n### {title}\n"
            yield from (f"- {sentence}" for sentence in sentences)
    yield "\n### 算例\n"
    for number, case in enumerate(_examples(tool), 1):
        yield from _example(tool, number, case)


def _clauses(benefit: Benefit) -> str:
    return "、".join(f"{clause_label(n)}（{load_plan().clause(n).title}）" for n in benefit.clauses)


def _distinct(conditions: Iterable[ConditionView]) -> list[ConditionView]:
    return list({condition.model_dump_json(): condition for condition in conditions}.values())


def _tree(condition: ConditionView, depth: int) -> Iterator[str]:
    """The requirements as a nested list; a leaf that the plan does not define says so."""
    how = {"all": "（全部满足）", "any": "（满足其一）"}.get(condition.operator, "")
    if len(condition.children) == 1:
        how = ""
    unclear = "（方案没有界定，按符合计）" if condition.open_in_plan and "方案" not in condition.label else ""
    yield f"{'  ' * depth}- {condition.label}{how}{unclear}"
    for child in condition.children:
        yield from _tree(child, depth + 1)


def _figure(figure: Figure) -> str:
    value = f"{plain(figure.value)}{figure.unit if figure.unit == '%' else ' ' + figure.unit}"
    most = "最高 " if figure.ceiling else ""
    return f"- {figure.label}：**{most}{value}**——“{figure.quote}”（{clause_label(figure.clause)}）"


def _formulas(tool: Calculator[Any]) -> list[str]:
    """The steps with every fact still open; none where which figure applies depends on the facts."""
    lines = outcome_of(tool, {}).lines
    return [step.split(" = ？")[0] for line in lines if line.formula for step in line.formula.steps]


def _periods(benefit: Benefit) -> Iterator[str]:
    for window in benefit.windows:
        start = f"{window.valid_from} 起，" if window.valid_from else ""
        yield f"- {window.label}：{start}至 {window.valid_until}（含当日）——“{window.quote}”"
    if not benefit.windows:
        yield "方案没有规定期限。"


def _facts(tool: Calculator[Any], model: type[Facts], prefix: str) -> Iterator[str]:
    for name, field in model.model_fields.items():
        about, group = word(name), group_model(field.annotation)
        if group is not None:
            yield f"| `{name}` | {about.label} | | 列表，情况相同的人为一组 | {about.ask} | |"
            yield from _facts(tool, group, f"{name}[].")
            continue
        given = presumption(tool, name)
        may_be = _range(field_type(model, (name,)))
        presumed = given.text if given else ""
        yield f"| `{prefix}{name}` | {about.label} | {about.unit} | {may_be} | {about.ask} | {presumed} |"


def _range(annotation: Any) -> str:
    base = bare_type(annotation)
    return f"列表：{allowed(get_args(base)[0])}" if get_origin(base) is tuple else allowed(annotation)


def _examples(tool: Calculator[Any]) -> Sequence[Mapping[str, Any]]:
    """One case that comes to something, and one that does not qualify (or else the next that does)."""
    rows = yaml.safe_load((CASES / f"{tool.id}.yaml").read_text("utf-8"))
    rows = [row for row in rows if "error" not in row]
    met = [row for row in rows if row["verdict"] == "met" and "if_in_force" not in row]
    other = [row for row in rows if row["verdict"] == "not_met"]
    return [*met[:1], *(other[:1] or met[1:2])]


def _example(tool: Calculator[Any], number: int, case: Mapping[str, Any]) -> Iterator[str]:
    result = explain(tool, case["facts"], case["as_of"])
    yield f"**例 {number}：{case['name']}**（{case['as_of']}）\n"
    yield f"- 事实：{_told(tool, result.facts)}"
    yield from (f"- 计算：{step}" for step in result.steps if result.verdict == "met")
    yield f"- 结果：{_result(result)}"
    for change in result.changes:
        amount = change.ceiling if change.amount is None else change.amount
        then = f"{'最高 ' if change.ceiling is not None else ''}{plain(amount)} 元" if amount is not None else "符合条件"
        yield f"- 如果{change.label}：{then}"
    yield from (f"- {other.condition}：{plain(other.amount)} 元" for other in result.alternatives)
    if case.get("why"):
        yield f"- 说明：{case['why']}"
    yield ""


def _told(tool: Calculator[Any], facts: Mapping[str, Any]) -> str:
    parts = []
    for name, value in facts.items():
        if isinstance(value, list) and value and isinstance(value[0], dict):
            for number, row in enumerate(value, 1):
                inner = "、".join(_fact(key, item) for key, item in row.items())
                parts.append(f"{word(name).label}第{number}组（{inner or '没有说'}）")
        else:
            parts.append(_fact(name, value))
    return "；".join(parts)


def _fact(name: str, value: Any) -> str:
    about = word(name)
    if isinstance(value, bool):
        return f"{about.label}：{'是' if value else '否'}"
    if isinstance(value, list):
        return f"{about.label}：{'、'.join(map(str, value)) or '无'}"
    unit = about.unit if about.unit == "%" or not about.unit else f" {about.unit}"
    return f"{about.label}：{value}{unit}"


def _result(result: Calculation) -> str:
    if result.verdict == "not_met":
        reasons = dict.fromkeys(reason for line in result.lines for reason in line.reasons)
        return f"不符合条件：{'；'.join(reasons)}"
    kind = _RESULTS[result.kind]
    if not result.in_force:
        return f"{result.state}，不能再按方案领取"
    parts = []
    if result.amount is not None:
        parts.append(f"{kind} **{plain(result.amount)} 元**")
    if result.ceiling is not None:
        fixed = "" if result.fixed is None else f"，其中 {plain(result.fixed)} 元是固定标准"
        parts.append(f"最高 **{plain(result.ceiling)} 元**（上限，不是应得数{fixed}）")
    return "，".join(parts) or f"符合条件，{_RESULTS['service'] if result.kind == 'service' else '金额还要看缺少的事实'}"


def main() -> int:
    """Write the page; 1 when a case table is missing."""
    try:
        page = render()
    except OSError as error:
        print(f"读不到 {error.filename}：{error.strerror}", file=sys.stderr)
        return 1
    PAGE.parent.mkdir(exist_ok=True)
    PAGE.write_text(page, "utf-8")
    print(PAGE.relative_to(ROOT))
    return 0


if __name__ == "__main__":
    sys.exit(main())
