"""What the HTTP API accepts: strict JSON, dates, and facts as the calculators declare them."""

import json
import re
from collections.abc import Callable, Coroutine, Iterator, Mapping
from datetime import date
from typing import Annotated, Any, NoReturn, TypeVar

from fastapi import Request, Response
from fastapi.routing import APIRoute
from pydantic import BeforeValidator, ValidationError, WithJsonSchema

from assistant.channels.http_problems import BadFacts, Problem, texts
from tools.facts import FactError, Facts, allowed, field_type, parse_facts, vocabulary, word

MOST_ROWS = 100
"""Groups of people in one calculation."""
_DAY = re.compile(r"[12]\d{3}-\d{2}-\d{2}")
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")

F = TypeVar("F", bound=Facts)


class JsonRoute(APIRoute):
    """A route whose body must be JSON as RFC 8259 has it, in UTF-8, and is said to be JSON."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def strictly(request: Request) -> Response:
            return await handle(_StrictRequest(request.scope, request.receive))

        return strictly


class _StrictRequest(Request):
    async def body(self) -> bytes:
        body = await super().body()
        if body and not _says_json(self.headers.get("content-type", "")):
            raise Problem("media_type")
        return body

    async def json(self) -> Any:
        return read_json(await self.body())


def _says_json(content_type: str) -> bool:
    kind = content_type.split(";")[0].strip().lower()
    return kind == "application/json" or (kind.startswith("application/") and kind.endswith("+json"))


def read_json(body: bytes) -> Any:
    """JSON from UTF-8. Raises Problem for what Python would let through: NaN, lone surrogates."""
    said = texts()["json"]
    try:
        text = body.decode("utf-8-sig")
        value = json.loads(text, parse_constant=_no_constant)
    except UnicodeDecodeError:
        raise Problem("bad_json", why=said["encoding"]) from None
    except json.JSONDecodeError as error:
        raise Problem("bad_json", why=said["syntax"].format(line=error.lineno, column=error.colno)) from None
    except RecursionError:
        raise Problem("bad_json", why=said["deep"]) from None
    except ValueError:  # Python reads no integer of more than 4300 digits
        raise Problem("bad_json", why=said["number"]) from None
    # Only an escape can bring one in: UTF-8 has none.
    if r"\ud" in text.lower() and _LONE_SURROGATE.search(json.dumps(value, ensure_ascii=False)):
        raise Problem("bad_json", why=said["surrogate"])
    return value


def _no_constant(name: str) -> NoReturn:
    raise Problem("bad_json", why=texts()["json"]["constant"].format(name=name))


def read_day(value: Any) -> date | None:
    """A date as 2025-09-01, from year 1000 to 2999; None for None. Raises ValueError."""
    if value is None or isinstance(value, date):
        return value
    try:
        if isinstance(value, str) and _DAY.fullmatch(value):
            return date.fromisoformat(value)
    except ValueError:
        pass
    raise ValueError("day")


Day = Annotated[
    date | None, BeforeValidator(read_day),
    WithJsonSchema({"anyOf": [{"type": "string", "format": "date", "pattern": "^[12]"}, {"type": "null"}], "examples": ["2025-09-01"]}),
]
"""A date as 2025-09-01, from year 1000 to 2999, or nothing."""


def checked(model: type[F]) -> Any:
    """The type of a field that holds facts for ``model``: errors name each fact, its unit and its range."""

    def read(given: Any) -> F:
        return given if isinstance(given, model) else check_facts(model, given)

    return Annotated[model, BeforeValidator(read)]


def check_facts(model: type[F], given: Any) -> F:
    """Facts as a calculator takes them. Raises BadFacts."""
    if isinstance(given, Mapping):
        for name, rows in given.items():
            if isinstance(rows, list) and len(rows) > MOST_ROWS and name in vocabulary():
                message = texts()["validation"]["rows"].format(label=word(name).label, most=MOST_ROWS)
                raise BadFacts(message, [{"path": (name,), "detail": message}])
    try:
        facts: F = parse_facts(model, given)
        return facts
    except FactError as error:
        raise BadFacts(str(error), list(_complaints(model, given))) from None


def _complaints(model: type[Facts], given: Any) -> Iterator[Mapping[str, Any]]:
    """For each fact that is wrong: where it stands, how it is called, its unit, what it may be."""
    try:
        model.model_validate(given)
    except ValidationError as found:
        for error in found.errors():
            path = error["loc"]
            row: dict[str, Any] = {"path": path, "fact": ".".join(map(str, path))}
            names = tuple(part for part in path if isinstance(part, str))
            if names and names[-1] in vocabulary() and error["type"] != "extra_forbidden":
                annotation = field_type(model, names)
                row |= {"label": word(names[-1]).label, "allowed": allowed(annotation), "unit": word(names[-1]).unit}
            yield {key: value for key, value in row.items() if value != ""} | {"detail": _detail(model, error, names)}


def _detail(model: type[Facts], error: Any, names: tuple[str, ...]) -> str:
    """The calculators' own sentence about one error."""
    raised = error.get("ctx", {}).get("error")
    if isinstance(raised, FactError):
        return str(raised)
    alone: Any = error["input"]
    for part in reversed(error["loc"]):
        alone = [alone] if isinstance(part, int) else {part: alone}
    try:
        parse_facts(model, alone)
    except FactError as said:
        return str(said)
    return str(texts()["validation"]["other"]).format(name=".".join(names))
