"""How calculators and clauses are shown to programs."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from pydantic import BaseModel, Field

from assistant.channels.http_input import MOST_ROWS
from corpus import load_plan
from corpus.plan import Clause
from corpus.retrieval import Hit
from tools.catalogue import catalogue


class ToolDeclaration(BaseModel):
    """A calculator: what it is called, which clauses it rests on, the facts it takes (JSON Schema)."""

    tool: str
    title: str
    summary: str
    clauses: list[int]
    declared: dict[str, Any] = Field(alias="schema")


class Period(BaseModel):
    """A period that a clause states; ``until`` is inclusive."""

    kind: str
    subject: str
    until: date
    quote: str


class ClauseSummary(BaseModel):
    clause: int
    label: str
    """第（一）条"""
    title: str
    action: str
    periods: list[Period]


class ClauseText(ClauseSummary):
    """A clause word for word. ``sentences`` tile ``text``."""

    document: str
    text: str
    sentences: list[str]


class Found(BaseModel):
    """A clause found; ``score`` only orders clauses, the sentences that matter most come first."""

    clause: int
    label: str
    title: str
    score: float
    sentences: list[str]


def declarations() -> list[ToolDeclaration]:
    """All calculators, in the order of the clauses."""
    return [
        ToolDeclaration(
            tool=tool.id, title=tool.title, summary=tool.benefit.summary, clauses=list(tool.benefit.clauses),
            schema=published(tool.schema()),
        )
        for tool in catalogue().values()
    ]


def published(schema: Any) -> Any:
    """A JSON Schema of facts as programs are given it: the unit is told with the fact, an amount written as text
    has digits within its range, and groups of people are not without end.
    """
    if isinstance(schema, list):
        return [published(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    schema = {key: published(part) for key, part in schema.items()}
    if schema.get("type") == "array" and schema.get("default"):  # a list of groups starts with one
        schema["maxItems"] = MOST_ROWS
    if unit := schema.get("x-unit"):  # models read descriptions, not extensions
        schema["description"] = f"{schema['description']}（单位：{unit}）"
    options = schema.get("anyOf", [])
    number = next((option for option in options if option.get("type") == "number" and "maximum" in option), None)
    if number is not None:
        # As many digits as are certain to be below the maximum.
        digits = len(str(int(number["maximum"]))) - 1
        text = {"type": "string", "pattern": rf"^[0-9]{{1,{digits}}}(\.[0-9]{{1,2}})?$"}
        schema["anyOf"] = [text if option == {"type": "string"} else option for option in options]
    return schema


def clauses() -> list[ClauseSummary]:
    """All clauses in order."""
    return [ClauseSummary(**_summary(clause)) for clause in load_plan().clauses]


def clause_text(number: int) -> ClauseText:
    """Clause 1 to 22. Raises LookupError for any other number."""
    plan = load_plan()
    clause = plan.clause(number)
    return ClauseText(
        **_summary(clause), document=plan.title, text=clause.text, sentences=[s.text for s in clause.sentences]
    )


def found(hits: Iterable[Hit]) -> list[Found]:
    """Clauses found by a search, best first."""
    plan = load_plan()
    return [
        Found(
            clause=hit.clause, label=plan.clause(hit.clause).label, title=hit.title, score=hit.score,
            sentences=[sentence.text for sentence in hit.sentences],
        )
        for hit in hits
    ]


def _summary(clause: Clause) -> dict[str, Any]:
    plan = load_plan()
    periods = [
        Period(kind=period.kind, subject=period.subject, until=period.until, quote=period.quote)
        for period in plan.periods_of(clause.number)
    ]
    action = next(action for action in plan.actions if action.number == clause.action)
    return {
        "clause": clause.number, "label": clause.label, "title": clause.title, "action": action.title, "periods": periods,
    }
