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
from tools.facts import (
    FactError,
    Facts,
    allowed,
    bare_type,
    field_type,
    group_model,
    parse_facts,
    vocabulary,
    word,
)

MOST_ROWS = 20
"""Groups of people in one calculation."""
MOST_UNKNOWN = 60
"""Facts about them that are not known: each is tried out, and the work grows with the cube of their number."""
MOST_COMPLAINTS = 20
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
    """Facts that came as JSON, exactly as the calculator's JSON Schema has them: 0 is not false, nor a date.

    Raises BadFacts.
    """
    if isinstance(given, Mapping):
        for name, rows in given.items():
            if isinstance(rows, list) and len(rows) > MOST_ROWS and name in vocabulary():
                message = texts()["validation"]["rows"].format(label=word(name).label, most=MOST_ROWS)
                raise BadFacts(message, [{"path": (name,), "detail": message}])
    errors: dict[tuple[int | str, ...], Any] = {}
    try:
        facts: F = model.model_validate(given)
    except ValidationError as found:
        errors = {error["loc"]: error for error in found.errors()}
    errors |= {path: {"loc": path, "type": "mistyped", "input": value} for path, value in _mistyped(model, given, ())}
    if not errors:
        return facts
    rows = [_complaint(model, error) for error in list(errors.values())[:MOST_COMPLAINTS]]
    raise BadFacts("；".join(dict.fromkeys(row["detail"] for row in rows)), rows) from None


def known_enough(facts: F) -> F:
    """The facts, if a calculator can work out in a second what may still become of them. Raises BadFacts."""
    for name, rows in facts:
        groups = [row for row in rows if isinstance(row, Facts)] if isinstance(rows, tuple) else []
        unknown = [fact for group in groups for fact, value in group if value is None]
        if len(unknown) > MOST_UNKNOWN:
            message = texts()["validation"]["unknown"].format(label=word(name).label, count=len(unknown), most=MOST_UNKNOWN)
            raise BadFacts(message, [{"path": (name,), "fact": name, "label": word(name).label, "detail": message}])
    return facts


def _mistyped(model: type[Facts], given: Any, path: tuple[int | str, ...]) -> Iterator[tuple[tuple[int | str, ...], Any]]:
    """What the calculators would take for something else: 0 for false or for 1970-01-01, "5" for 5."""
    for name, value in given.items() if isinstance(given, Mapping) else ():
        if name not in model.model_fields or value is None:
            continue
        row = group_model(model.model_fields[name].annotation)
        if row is not None:
            for index, inner in enumerate(value if isinstance(value, list | tuple) else ()):
                yield from _mistyped(row, inner, (*path, name, index))
            continue
        kind = bare_type(field_type(model, (name,)))
        right = {bool: isinstance(value, bool), int: not isinstance(value, str), date: _is_day(value)}
        if not right.get(kind, True):
            yield (*path, name), value


def _is_day(value: Any) -> bool:
    try:
        return read_day(value) is not None
    except ValueError:
        return False


def _complaint(model: type[Facts], error: Any) -> Mapping[str, Any]:
    """What is wrong with one fact: where it stands, how it is called, its unit, what it may be."""
    path = error["loc"]
    place = ".".join(map(str, path))
    names = tuple(part for part in path if isinstance(part, str))
    raised = error.get("ctx", {}).get("error")
    if isinstance(raised, FactError):
        return {"path": path, "detail": str(raised)}
    if not names or names[-1] not in vocabulary() or error["type"] == "extra_forbidden":
        return {"path": path, "fact": place, "detail": _said_by_calculator(model, error)}
    about, may_be = word(names[-1]), allowed(field_type(model, names))
    if error["type"] == "decimal_max_places":
        may_be += texts()["validation"]["places"].format(**error["ctx"])
    unit = f"，单位：{about.unit}" if about.unit else ""
    given = json.dumps(error["input"], ensure_ascii=False)
    detail = texts()["validation"]["fact"].format(
        label=about.label, place=place, allowed=may_be, unit=unit, given=given[:40] + "…" * (len(given) > 40)
    )
    row = {"path": path, "fact": place, "label": about.label, "allowed": may_be, "detail": detail}
    return row | ({"unit": about.unit} if about.unit else {})


def _said_by_calculator(model: type[Facts], error: Any) -> str:
    """The calculators' own sentence about a fact that they do not know, with those they do."""
    alone: Any = error["input"]
    for part in reversed(error["loc"]):
        alone = [alone] if isinstance(part, int) else {part: alone}
    try:
        parse_facts(model, alone)
    except FactError as said:
        return str(said)
    return str(texts()["validation"]["other"]).format(name=".".join(map(str, error["loc"])))
