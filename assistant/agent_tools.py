"""What the agent can do: every calculator, the plan's standards, search, screening, and saying no.

Each tool returns a short text for the model and an artifact for the service; the artifact carries the whole
result, so that nothing a person reads depends on what a model makes of the text.
"""

import json
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, Literal

from langchain_core.runnables import RunnableConfig
from langchain_core.tools import BaseTool, StructuredTool

from assistant.standards import describe
from corpus import load_plan
from corpus.retrieval import Retriever
from tools.calculation import Calculation
from tools.calculator import Calculator
from tools.catalogue import catalogue, find
from tools.facts import FactError, word
from tools.formula import plain
from tools.presume import calculate_presuming

_VERDICTS = {"met": "符合条件", "not_met": "不符合条件", "unknown": "还不能确定"}
Result = tuple[str, dict[str, Any]]


def build_tools(retriever: Callable[[], Retriever]) -> list[BaseTool]:
    """All tools of the agent; the retriever is opened when the first search needs it."""
    return [
        _search_tool(retriever),
        StructuredTool.from_function(
            policy_standard, name="policy_standard", response_format="content_and_artifact",
            description="查一项政策的标准、条件、期限（不涉及具体人数时用）。benefit 填计算器的名称。",
        ),
        StructuredTool.from_function(
            screen_benefits, name="screen_benefits", response_format="content_and_artifact",
            description="政策体检：把已知情况代入全部政策，看哪些能享受、哪些还缺信息。facts 的字段与各计算器相同。",
        ),
        StructuredTool.from_function(
            decline, name="decline", response_format="content_and_artifact",
            description="问题不在行动方案之内（out_of_scope），或要求违规（refused）时使用。",
        ),
        *(_calculator_tool(tool) for tool in catalogue().values()),
    ]


def _search_tool(retriever: Callable[[], Retriever]) -> BaseTool:
    def search_policy(query: str, clause: int | None = None) -> Result:
        """Find the clauses that answer a question, what one clause says about it, or without a question all it says."""
        if clause and not query.strip():
            return _whole_clause(clause)
        hits = retriever().search(query, top=len(load_plan().clauses) if clause else 3)
        hits = [hit for hit in hits if clause in (None, hit.clause)]
        found: list[dict[str, Any]] = [
            {"clause": hit.clause, "title": hit.title, "score": hit.score, "similarity": hit.similarity,
             "sentences": [sentence.text for sentence in hit.sentences]}
            for hit in hits
        ]
        text = json.dumps([{**hit, "sentences": hit["sentences"][:2]} for hit in found], ensure_ascii=False)
        return text, {"type": "clauses", "hits": found}

    return StructuredTool.from_function(
        search_policy, name="search_policy", response_format="content_and_artifact",
        description="在行动方案的22条里查找与问题最相关的条款原文。已经知道是哪一条时，clause 填条号；要整条原文，query 留空。",
    )


def _whole_clause(number: int) -> Result:
    if not 1 <= number <= len(load_plan().clauses):
        message = f"方案只有{len(load_plan().clauses)}条，没有第{number}条"
        return message, {"type": "invalid", "message": message}
    clause = load_plan().clause(number)
    hit = {
        "clause": number, "title": clause.title, "score": 1.0, "similarity": 1.0, "whole": True,
        "sentences": [sentence.text for sentence in clause.sentences],
    }
    return json.dumps([hit], ensure_ascii=False), {"type": "clauses", "hits": [hit]}


def policy_standard(benefit: str, config: RunnableConfig) -> Result:
    """The figures, conditions and periods of one benefit as the plan states them."""
    standard = describe(find(benefit), as_of(config))
    return json.dumps(standard.brief(), ensure_ascii=False), {"type": "standard", **standard.model_dump(mode="json")}


def screen_benefits(facts: dict[str, Any], config: RunnableConfig) -> Result:
    """Run every calculator on what is known."""
    from tools.screening import screen

    try:
        found = screen(facts, as_of(config), presuming=True)
    except FactError as error:
        return f"事实有误：{error}", {"type": "invalid", "message": str(error)}
    dumped = found.model_dump(mode="json", by_alias=True)
    brief = {group: [c["title"] for c in rows] for group, rows in dumped.items() if isinstance(rows, list)}
    return json.dumps(brief, ensure_ascii=False), {"type": "screening", **dumped}


def decline(reason: Literal["out_of_scope", "refused"], topic: str = "") -> Result:
    """Say that the plan does not cover it, or that it cannot be done."""
    return f"已说明：{topic or reason}", {"type": "declined", "status": reason, "topic": topic}


def _calculator_tool(tool: Calculator[Any]) -> BaseTool:
    def run(config: RunnableConfig, **facts: Any) -> Result:
        return calculation_result(tool, facts, as_of(config))

    return StructuredTool(
        name=tool.id,
        description=f"{tool.title}：{tool.benefit.summary}",
        args_schema=tool.schema(),
        func=run,
        response_format="content_and_artifact",
    )


def calculation_result(tool: Calculator[Any], facts: Mapping[str, Any], day: date) -> Result:
    """Run a calculator for the agent: an error in the facts goes back to the model with its reason."""
    known = {key: value for key, value in facts.items() if value is not None}
    try:
        result = calculate_presuming(tool, known, day)
    except FactError as error:
        return f"事实有误：{error}", {"type": "invalid", "tool": tool.id, "message": str(error)}
    return _brief(result), {"type": "calculation", **result.model_dump(mode="json")}


def _brief(result: Calculation) -> str:
    """What a model needs to phrase the result, in the words it is to use; figures exactly as they may be told."""
    lines = [f"{result.title}：{_VERDICTS[result.verdict]}"]
    if not result.in_force:
        lines.append(f"已到期（{result.windows[0].quote}），现在不能再领" if result.windows else result.state)
    if result.assumptions:
        lines.append("、".join(result.assumptions))
    if result.amount is not None:
        lines.append(f"金额：{plain(result.amount)}元")
    if result.ceiling is not None:
        fixed = "" if result.fixed is None else f"，其中{plain(result.fixed)}元是固定标准"
        lines.append(f"最高（上限）：{plain(result.ceiling)}元{fixed}")
    lines += [f"算法：{step}" for step in result.steps]
    for line in result.lines:
        about = "不符合的原因" if line.verdict == "not_met" else "说明"
        lines += [f"{about}：{line.label}{reason}" for reason in line.reasons]
    lines += [f"说明：{note}" for note in result.notes]
    if result.verdict == "unknown" and result.missing:
        lines.append(f"还缺信息，要问：{word(result.missing[0]).ask}")
    if result.in_force and result.valid_until:
        lines.append(f"期限：{result.windows[0].quote}")
    return "\n".join(lines)


def as_of(config: RunnableConfig) -> date:
    """The date of the question, from the run's configuration."""
    return date.fromisoformat(config["configurable"]["as_of"])
