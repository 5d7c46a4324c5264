"""The HTTP API: questions, calculators, screening and clauses at ``/v1``; ``/healthz`` and ``/readyz`` beside it."""

import hashlib
import uuid
from collections.abc import AsyncIterator, Callable
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request
from fastapi.responses import StreamingResponse
from fastapi.security import HTTPBearer
from pydantic import BaseModel, ConfigDict, Field, create_model

from assistant.answer import Answer, Calculation
from assistant.channels.http_health import Health, Readiness, Ready
from assistant.channels.http_input import Day, JsonRoute, check_facts, checked, known_enough
from assistant.channels.http_problems import Problem, ProblemDetails, as_problem, texts
from assistant.channels.http_views import (
    ClauseSummary,
    ClauseText,
    Found,
    ToolDeclaration,
    clause_text,
    clauses,
    declarations,
    found,
)
from assistant.channels.http_workers import Workers
from assistant.service import Assistant
from corpus import load_plan
from tools.calculator import Calculator
from tools.catalogue import UnknownTool, calculate, catalogue, find
from tools.screening import Screening, profile, screen

_ABOUT = texts()["operations"]
_FIELDS = texts()["fields"]
_ERRORS: dict[int | str, dict[str, Any]] = {
    status: {
        "model": ProblemDetails, "description": texts()["problem"],
        "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/ProblemDetails"}}},
    }
    for status in (400, 401, 403, 404, 413, 415, 422, 429, 500, 503)
}


class AskRequest(BaseModel):
    """A question."""

    model_config = ConfigDict(extra="forbid")

    question: str = Field(min_length=1, description=_FIELDS["question"])
    session: str | None = Field(None, min_length=1, max_length=64, description=_FIELDS["session"])
    as_of: Day = Field(None, description=_FIELDS["as_of"])
    stream: bool = Field(False, strict=True, description=_FIELDS["stream"])


def router(assistant: Assistant, workers: Workers) -> APIRouter:
    """The API's addresses."""
    routes = APIRouter()
    routes.include_router(_health(assistant, workers))
    api = APIRouter(prefix="/v1", route_class=JsonRoute, responses=_ERRORS, dependencies=[Depends(KEY)])
    _add_questions(api, assistant, workers)
    _add_calculators(api, workers)
    _add_clauses(api, assistant, workers)
    routes.include_router(api)
    return routes


KEY = HTTPBearer(auto_error=False, scheme_name="key", description=texts()["key"])
"""Only declares the key for OpenAPI: it is checked before a request comes here."""


def session_of(request: Request, name: str) -> str:
    """The assistant's session for a caller's name of it: nobody reaches the session of another's key."""
    caller = request.state.caller
    return "http-" + hashlib.sha256(f"{caller}\0{name}".encode()).hexdigest()


def event_schema(*names: str) -> dict[str, Any]:
    """How a server-sent event looks: its name, if events of that stream have one, and JSON as its data."""
    data = {"type": "string", "contentMediaType": "application/json"}
    properties = {"data": data, **({"event": {"enum": list(names)}} if names else {})}
    return {"type": "object", "properties": properties, "required": sorted(properties)}


def server_sent(event: str, data: str) -> str:
    """One server-sent event; the data is one line, as JSON is."""
    return f"event: {event}\ndata: {data}\n\n"


# --- questions ------------------------------------------------------------------------------------------------


def _add_questions(api: APIRouter, assistant: Assistant, workers: Workers) -> None:
    streamed = {"text/event-stream": {"schema": event_schema("piece", "answer", "error")}}

    @api.post(
        "/ask", operation_id="ask", response_model=Answer, responses={200: {"content": streamed}}, **_ABOUT["ask"]
    )
    async def ask(body: AskRequest, request: Request) -> Any:
        name = body.session or uuid.uuid4().hex
        session = session_of(request, name)
        if not body.stream:
            answer = await workers.run(assistant.ask, body.question, session, body.as_of)
            return answer.model_copy(update={"session": name})
        pieces = workers.each(lambda: assistant.stream(body.question, session, body.as_of))
        return await stream_of(pieces, lambda piece: _event(piece, name), request)


def _event(piece: str | Answer, session: str) -> str:
    if isinstance(piece, Answer):
        return server_sent("answer", piece.model_copy(update={"session": session}).model_dump_json())
    return server_sent("piece", Piece(text=piece).model_dump_json())


class Piece(BaseModel):
    """A piece of the text, as it becomes available."""

    text: str


async def stream_of(
    pieces: AsyncIterator[str | Answer], event: Callable[[str | Answer], str], request: Request
) -> StreamingResponse:
    """The response that sends each piece as an event. What goes wrong before the first piece is an error of its own."""
    first = await anext(pieces)

    async def events() -> AsyncIterator[str]:
        yield event(first)
        try:
            async for piece in pieces:
                yield event(piece)
        except Exception as error:
            problem = as_problem(error, request)
            yield server_sent("error", Piece(text=problem.detail).model_dump_json())
            return

    headers = {"Cache-Control": "no-cache", "X-Accel-Buffering": "no"}
    return StreamingResponse(events(), media_type="text/event-stream", headers=headers)


# --- calculators ----------------------------------------------------------------------------------------------


def _add_calculators(api: APIRouter, workers: Workers) -> None:
    @api.get("/tools", operation_id="tools", **_ABOUT["tools"])
    async def tools() -> list[ToolDeclaration]:
        return declarations()

    for tool in catalogue().values():
        _add_calculator(api, tool, workers)

    @api.post("/calculate/{name}", include_in_schema=False)
    async def calculate_by_name(name: str, body: _AnyFacts) -> Calculation:
        """By Chinese title; and a name that is not known gets the list of those that are."""
        try:
            tool = find(name)
        except UnknownTool as error:
            raise Problem("no_tool", why=str(error.args[0])) from None
        facts = known_enough(check_facts(tool.facts, body.facts))
        return await workers.run(calculate, tool.id, facts, body.as_of or date.today())

    screened = _request_model("ScreenRequest", profile())

    @api.post("/screen", operation_id="screen", **_ABOUT["screen"])
    async def screening(body: screened) -> Screening:  # type: ignore[valid-type]  # made from the declarations
        facts = body.facts.model_dump(exclude_unset=True)  # type: ignore[attr-defined]
        return await workers.run(screen, facts, body.as_of or date.today())  # type: ignore[attr-defined]


class _AnyFacts(BaseModel):
    model_config = ConfigDict(extra="forbid")

    facts: dict[str, Any] = {}
    as_of: Day = None


def _add_calculator(api: APIRouter, tool: Calculator[Any], workers: Workers) -> None:
    request_model = _request_model(f"{tool.id.title().replace('_', '')}Request", tool.facts)
    about = {**_ABOUT["calculate"], "summary": tool.title}
    about["description"] = f"{tool.benefit.summary}{about['description']}"

    @api.post(f"/calculate/{tool.id}", operation_id=f"calculate_{tool.id}", **about)
    async def run(body: request_model) -> Calculation:  # type: ignore[valid-type]
        return await workers.run(calculate, tool.id, known_enough(body.facts), body.as_of or date.today())  # type: ignore[attr-defined]


def _request_model(name: str, facts: Any) -> type[BaseModel]:
    """A body with the facts of a calculator, as its declaration has them, and the date."""
    fields: dict[str, Any] = {
        "facts": (checked(facts), Field(default_factory=facts, description=_FIELDS["facts"])),
        "as_of": (Day, Field(None, description=_FIELDS["as_of"])),
    }
    return create_model(name, __config__=ConfigDict(extra="forbid"), **fields)


# --- clauses --------------------------------------------------------------------------------------------------


def _add_clauses(api: APIRouter, assistant: Assistant, workers: Workers) -> None:
    last = len(load_plan().clauses)

    @api.get("/clauses", operation_id="clauses", **_ABOUT["clauses"])
    async def all_clauses() -> list[ClauseSummary]:
        return clauses()

    @api.get("/clauses/{n}", operation_id="clause", **_ABOUT["clause"])
    async def clause(n: Annotated[int, Path(description=_FIELDS["n"], json_schema_extra={"minimum": 1, "maximum": last})]) -> ClauseText:
        try:
            return clause_text(n)
        except LookupError:
            raise Problem("no_clause", number=n, last=last) from None

    @api.get("/search", operation_id="search", **_ABOUT["search"])
    async def search(
        q: Annotated[str, Query(min_length=1, max_length=assistant.settings.max_question_length, description=_FIELDS["q"])],
        top: Annotated[int, Query(ge=1, le=last, description=_FIELDS["top"])] = 5,
    ) -> list[Found]:
        return await workers.run(lambda: found(assistant.retriever.search(q, top)))


# --- health ---------------------------------------------------------------------------------------------------


def _health(assistant: Assistant, workers: Workers) -> APIRouter:
    health = APIRouter()
    readiness = Readiness(assistant)

    @health.get("/healthz", operation_id="healthz", **_ABOUT["healthz"])
    async def alive() -> Health:
        return Health(status="alive")

    @health.get("/readyz", operation_id="readyz", responses={503: _ERRORS[503]}, **_ABOUT["readyz"])
    async def ready() -> Ready:
        state = await workers.run(readiness.check)
        if not state.ready:
            raise Problem("not_ready", why="；".join(f"{name}：{how}" for name, how in state.checks.items()))
        return state

    return health

