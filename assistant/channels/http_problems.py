"""What went wrong, as programs and people read it: RFC 9457 problem details, or OpenAI's form on its addresses."""

import json
import logging
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Any

import yaml
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException

from assistant.settings import SettingsError
from corpus import PlanFormatError
from corpus.embedding import EmbeddingModelError
from corpus.index import IndexUnavailableError
from tools.facts import FactError
from tools.parameters import ParameterError

BROKEN = (IndexUnavailableError, EmbeddingModelError, ParameterError, PlanFormatError, SettingsError)
"""What the assistant lets through: the installation needs mending; the error says how, to the operator."""
OPENAI_PATHS = ("/v1/chat/", "/v1/models")
_MOST_ERRORS = 20
log = logging.getLogger(__name__)


class ProblemDetails(BaseModel):
    """The body of every error (application/problem+json)."""

    model_config = ConfigDict(extra="allow")

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    code: str = Field(description="同一种问题的固定代号")
    errors: list[dict[str, Any]] | None = Field(None, description="逐项说明：pointer 或 parameter 指出在哪里，detail 说怎么改")


class Problem(HTTPException):
    """A request that cannot be served: ``code`` names an entry of ``http.yaml``, ``values`` fill its words in."""

    def __init__(
        self, code: str, *, status: int = 0, headers: Mapping[str, str] | None = None,
        errors: Sequence[Mapping[str, Any]] = (), **values: Any,
    ) -> None:
        about = texts()["problems"][code]
        self.code, self.title, self.errors = code, str(about["title"]), list(errors)
        super().__init__(status or about["status"], about["detail"].format(**values), dict(headers or {}))


class BadFacts(FactError):
    """Facts that cannot be calculated with, fact by fact: path, label, what it may be, unit."""

    def __init__(self, message: str, errors: Sequence[Mapping[str, Any]] = ()) -> None:
        super().__init__(message)
        self.errors = list(errors)


@cache
def texts() -> Mapping[str, Any]:
    """``http.yaml``."""
    loaded: Mapping[str, Any] = yaml.safe_load(files("assistant.channels").joinpath("http.yaml").read_text("utf-8"))
    return loaded


def response_to(problem: Problem, path: str) -> Response:
    """The problem in the form that clients of that address expect."""
    status, headers = problem.status_code, problem.headers or {}
    if path.startswith(OPENAI_PATHS):
        status = 400 if status == 422 else status
        where = problem.errors[0].get("pointer", "") if problem.errors else ""
        error = {
            "message": problem.detail, "type": _openai_type(status), "param": where.removeprefix("#/") or None,
            "code": problem.code,
        }
        return _json({"error": error}, status, "application/json", headers)
    details = ProblemDetails(
        title=problem.title, status=status, detail=problem.detail, code=problem.code, errors=problem.errors or None
    )
    return _json(details.model_dump(exclude_none=True), status, "application/problem+json", headers)


def _json(content: Any, status: int, media_type: str, headers: Mapping[str, str]) -> Response:
    return Response(json.dumps(content, ensure_ascii=False), status, headers, media_type)


def _openai_type(status: int) -> str:
    known = {401: "authentication_error", 403: "permission_error", 429: "rate_limit_error"}
    return known.get(status, "server_error" if status >= 500 else "invalid_request_error")


def install_handlers(app: FastAPI) -> None:
    """Every error that reaches the application becomes a problem."""

    async def problem(request: Request, error: Exception) -> Response:
        return response_to(as_problem(error, request), request.url.path)

    for kind in (Problem, HTTPException, RequestValidationError, FactError, *BROKEN):
        app.add_exception_handler(kind, problem)


def as_problem(error: Exception, request: Request) -> Problem:
    """The problem that an exception amounts to."""
    path = request.url.path
    match error:
        case Problem():
            return error
        case RequestValidationError():
            return _invalid(error.errors())
        case FactError():
            return Problem("invalid", why=str(error), errors=getattr(error, "errors", ()))
        case HTTPException(status_code=404):
            return Problem("not_found", path=path)
        case HTTPException(status_code=405):
            allowed = (error.headers or {}).get("Allow", "")
            return Problem("method", path=path, method=request.method, allowed=allowed, headers={"Allow": allowed})
        case HTTPException():
            return Problem("http", status=error.status_code, number=error.status_code)
    if isinstance(error, BROKEN):
        log.error("%s", error)
        return Problem("broken")
    return Problem("failed")


def _invalid(found: Sequence[Any]) -> Problem:
    errors = [row for error in found[:_MOST_ERRORS] for row in _rows(error)]
    if any(error["type"] == "json_invalid" for error in found):
        return Problem("bad_json", why=errors[0]["detail"])
    return Problem("invalid", why="；".join(dict.fromkeys(row["detail"] for row in errors)), errors=errors)


def _rows(error: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """One error of pydantic's as one row, or one for each fact of a set that cannot be calculated with."""
    place, *path = error["loc"]
    raised = error.get("ctx", {}).get("error")
    if isinstance(raised, FactError):
        own = getattr(raised, "errors", ()) or ({"detail": str(raised)},)
        for row in own:
            shown = {key: value for key, value in row.items() if key != "path"}
            yield {**shown, "pointer": _pointer([*path, *row.get("path", ())])}
        return
    said = texts()["validation"]
    name = ".".join(str(part) for part in path) or said["body"]
    template = said[str(raised)] if str(raised) in said else said.get(error["type"], said["other"])
    where = {"pointer": _pointer(path)} if place == "body" else {"parameter": name}
    yield {"detail": template.format(name=name, **error.get("ctx", {})), **where}


def _pointer(path: Sequence[Any]) -> str:
    """A JSON Pointer as a URI fragment: #/facts/hires/0/heads."""
    return "#/" + "/".join(str(part).replace("~", "~0").replace("/", "~1") for part in path)
