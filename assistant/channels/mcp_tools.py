"""The tools that other agents are given: every calculator, the screening, search and reading of clauses.

Each returns a text that can be read as it stands and the whole result as structured content; both carry citations.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any

import yaml
from mcp.types import CallToolResult, TextContent, Tool, ToolAnnotations
from pydantic import BaseModel

from assistant.channels.http_input import check_facts, known_enough, read_day
from assistant.channels.http_views import ClauseText, Found, clause_text, found, published
from assistant.channels.plain_text import calculation_text, screening_text
from assistant.service import Assistant
from corpus import clause_label, load_plan
from tools.calculation import Calculation
from tools.calculator import Calculator
from tools.catalogue import calculate, catalogue
from tools.facts import FactError
from tools.screening import Screening, profile, screen, screening_schema

_LONGEST_QUERY = 2000
Arguments = Mapping[str, Any]


class Findings(BaseModel):
    """What a search found; structured content has to be an object."""

    results: list[Found]


@dataclass(frozen=True, slots=True)
class AgentTool:
    """A tool as it is declared, and what it does. ``run`` raises FactError for arguments that cannot be used."""

    declared: Tool
    run: Callable[[Arguments], tuple[str, BaseModel]]

    def call(self, arguments: Arguments) -> CallToolResult:
        """The result; arguments that cannot be used are told to the model, so that it can mend them."""
        try:
            text, result = self.run(arguments)
        except FactError as error:
            return failure(str(error))
        content = result.model_dump(mode="json", by_alias=True)
        return CallToolResult(content=[TextContent(type="text", text=text)], structured_content=content)


def failure(text: str) -> CallToolResult:
    """A result that says what went wrong."""
    return CallToolResult(content=[TextContent(type="text", text=text)], is_error=True)


@cache
def words() -> Mapping[str, Any]:
    """``mcp.yaml``."""
    loaded: Mapping[str, Any] = yaml.safe_load(files("assistant.channels").joinpath("mcp.yaml").read_text("utf-8"))
    return loaded


def agent_tools(assistant: Assistant) -> Mapping[str, AgentTool]:
    """All tools by name: screening and search first, then the calculators in the order of the clauses."""
    tools = [_screening(), _search(assistant), _reading(), *map(_calculator, catalogue().values())]
    return {tool.declared.name: tool for tool in tools}


def _calculator(tool: Calculator[Any]) -> AgentTool:
    def run(arguments: Arguments) -> tuple[str, BaseModel]:
        facts, day = _split(arguments)
        result = calculate(tool.id, known_enough(check_facts(tool.facts, facts)), day)
        return calculation_text(result), result

    clauses = "、".join(map(clause_label, tool.benefit.clauses))
    description = words()["calculator"].format(summary=tool.benefit.summary, clauses=clauses)
    return _tool(tool.id, tool.title, description, _dated(tool.schema()), Calculation, run)


def _screening() -> AgentTool:
    def run(arguments: Arguments) -> tuple[str, BaseModel]:
        facts, day = _split(arguments)
        result = screen(check_facts(profile(), facts).model_dump(exclude_unset=True), day)
        return screening_text(result), result

    about = words()["screen_benefits"]
    return _tool("screen_benefits", about["title"], about["description"], _dated(screening_schema()), Screening, run)


def _search(assistant: Assistant) -> AgentTool:
    about, most = words()["search_clauses"], len(load_plan().clauses)

    def run(arguments: Arguments) -> tuple[str, BaseModel]:
        top = _integer(arguments, "top", most) if arguments.get("top") is not None else 5
        result = Findings(results=found(assistant.retriever.search(_text(arguments, "query"), top)))
        lines = [f"{hit.label} {hit.title}\n    {hit.sentences[0]}" for hit in result.results]
        return "\n".join(lines), result

    schema = _object(
        {
            "query": {"type": "string", "minLength": 1, "maxLength": _LONGEST_QUERY, "description": about["query"]},
            "top": {"type": "integer", "minimum": 1, "maximum": most, "default": 5, "description": about["top"]},
        },
        "query",
    )
    return _tool("search_clauses", about["title"], about["description"], schema, Findings, run)


def _reading() -> AgentTool:
    about, last = words()["read_clause"], len(load_plan().clauses)

    def run(arguments: Arguments) -> tuple[str, BaseModel]:
        result = clause_text(_integer(arguments, "clause", last))
        return f"《{result.document}》{result.label} {result.title}\n{result.text}", result

    schema = _object(
        {"clause": {"type": "integer", "minimum": 1, "maximum": last, "description": about["clause"]}}, "clause"
    )
    return _tool("read_clause", about["title"], about["description"], schema, ClauseText, run)


def _tool(
    name: str, title: str, description: str, schema: dict[str, Any], result: type[BaseModel],
    run: Callable[[Arguments], tuple[str, BaseModel]],
) -> AgentTool:
    hints = ToolAnnotations(read_only_hint=True, idempotent_hint=True, open_world_hint=False)
    output = result.model_json_schema(mode="serialization")
    declared = Tool(
        name=name, title=title, description=description, input_schema=schema, output_schema=output, annotations=hints
    )
    return AgentTool(declared, run)


def _object(properties: dict[str, Any], *required: str) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(required), "additionalProperties": False}


def _dated(schema: dict[str, Any]) -> dict[str, Any]:
    """The schema of a set of facts, with the date beside them."""
    day = {"type": "string", "format": "date", "description": words()["as_of"]}
    schema = published(schema)
    return {**schema, "properties": {**schema["properties"], "as_of": day}}


def _split(arguments: Arguments) -> tuple[dict[str, Any], date]:
    """The facts, and the date that stands beside them. Raises FactError."""
    facts = dict(arguments)
    try:
        day = read_day(facts.pop("as_of", None))
    except ValueError:
        raise _bad("as_of", "day") from None
    return facts, day or date.today()


def _integer(arguments: Arguments, name: str, most: int) -> int:
    value = arguments.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= most:
        raise _bad(name, "number", low=1, high=most)
    return value


def _text(arguments: Arguments, name: str) -> str:
    value = arguments.get(name)
    if not isinstance(value, str) or not 1 <= len(value) <= _LONGEST_QUERY:
        raise _bad(name, "text", most=_LONGEST_QUERY)
    return value


def _bad(name: str, kind: str, **values: int) -> FactError:
    return FactError(words()["bad_argument"].format(name=name, why=words()["wanted"][kind].format(**values)))
