"""Facts for any calculator, drawn from its declaration: types, ranges, and the figures of its own benefit."""

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from typing import Any, Literal, get_args, get_origin

from hypothesis import strategies as st

from tools.calculator import Calculator, outcome_of, unknowns
from tools.catalogue import find
from tools.facts import FactError, Facts, bare_type, field_type, get_path, group_model, with_value

YEAR_END = date(2025, 12, 31)
DATES = st.integers(-400, 400).map(lambda days: YEAR_END + timedelta(days))
IN_FORCE = date(2025, 9, 1)
_QUESTIONS = 80
"""More than any three groups of people can raise."""


def facts_of(tool: Calculator[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Fact sets of a calculator as JSON would hold them, each fact told or not."""
    return _model(tool.facts, _edges(tool.id))


@st.composite
def told(draw: st.DrawFn, tool: Calculator[Any], *, qualifies: bool = False) -> dict[str, Any]:
    """Fact sets as conversations lead to them: each thing that is asked for is answered with the value that
    qualifies, the nearest one that does not, or any other, or not at all; with ``qualifies``, with the first."""
    facts: dict[str, Any] = {}
    if not qualifies and draw(st.booleans()):
        facts = draw(facts_of(tool))
    else:
        for name, field in tool.facts.model_fields.items():
            if group_model(field.annotation) is not None:
                facts[name] = [{}] * draw(st.integers(1, 3))
    skipped: set[str] = set()
    for _ in range(_QUESTIONS):
        try:
            missing = {path: ends for path, ends in unknowns(outcome_of(tool, facts)) if path not in skipped}
        except FactError:
            break
        if not missing:
            break
        path, (worst, best) = next(iter(missing.items()))
        skipped.add(path)
        kind = "best" if qualifies else draw(st.sampled_from(["best", "best", "best", "worst", "any", "none"]))
        if kind == "none":
            continue
        value = worst if kind == "worst" else best if kind == "best" else None
        facts = with_value(facts, path, draw(value_of(tool, path)) if value is None else _json(value))
    return facts


def completed(tool: Calculator[Any], facts: Mapping[str, Any], draw: Callable[..., Any]) -> dict[str, Any] | None:
    """The facts with everything that is missing told, whatever that reveals; None if they come to contradict."""
    full = dict(facts)
    for _ in range(_QUESTIONS):
        try:
            missing = [(path, ends) for path, ends in unknowns(outcome_of(tool, full)) if get_path(full, path) is None]
        except FactError:
            return None
        if not missing:
            return full
        path, ends = missing[0]
        extremes = [_json(end) for end in ends if end is not None]
        full = with_value(full, path, draw(st.one_of(st.sampled_from(extremes), value_of(tool, path))))
    raise AssertionError(f"{tool.id} never runs out of questions")


def value_of(tool: Calculator[Any], path: str) -> st.SearchStrategy[Any]:
    """Values of the fact at a path."""
    return _value(field_type(tool.facts, names_of(path)), _edges(tool.id))


def names_of(path: str) -> tuple[str, ...]:
    """The field names of a path: hires.0.category is (hires, category)."""
    return tuple(part for part in path.split(".") if not part.isdigit())


def _json(value: Any) -> Any:
    return str(value) if isinstance(value, Decimal) else value


def _model(model: type[Facts], edges: tuple[int, ...]) -> st.SearchStrategy[dict[str, Any]]:
    groups, single = {}, {}
    for name, field in model.model_fields.items():
        group = group_model(field.annotation)
        if group is not None:
            groups[name] = st.lists(_model(group, edges), min_size=1, max_size=3)
        else:
            single[name] = _value(field_type(model, (name,)), edges)
    return st.fixed_dictionaries(groups, optional=single)


def _value(annotation: Any, edges: tuple[int, ...]) -> st.SearchStrategy[Any]:
    base = bare_type(annotation)
    if get_origin(base) is Literal:
        return st.sampled_from(get_args(base))
    if base is bool:
        return st.booleans()
    if base is date:
        return DATES.map(date.isoformat)
    if get_origin(base) is tuple:
        return st.lists(st.sampled_from(get_args(get_args(base)[0])), unique=True, max_size=3)
    low, high = _limits(annotation)
    near = [edge for edge in edges if low <= edge <= high]
    if base is int:
        return st.one_of(st.sampled_from(near), st.integers(int(low), min(int(high), int(low) + 60)))
    assert base is Decimal, annotation
    exact = st.decimals(max(low, Decimal("0.01")), min(high, Decimal(100_000)), places=2).map(str)
    return st.one_of(st.sampled_from(near).map(str), exact)


def _limits(annotation: Any) -> tuple[Decimal, Decimal]:
    """Range of a number, from its declaration."""
    low, high = Decimal(0), Decimal(10**12)
    for item in getattr(annotation, "__metadata__", ()):
        for part in getattr(item, "metadata", [item]):
            low = max(low, *(Decimal(getattr(part, key, None) or 0) for key in ("ge", "gt")))
            high = min(high, Decimal(high if getattr(part, "le", None) is None else part.le))
    for inner in get_args(annotation):
        if hasattr(inner, "__metadata__"):
            deeper = _limits(inner)
            low, high = max(low, deeper[0]), min(high, deeper[1])
    return low, high


@cache
def _edges(name: str) -> tuple[int, ...]:
    """Each figure of the benefit, one less and one more; in months too where the plan counts years."""
    values = {1, 2, 10}
    for figure in find(name).benefit.figures.values():
        for value in {figure.whole, figure.months}:
            values |= {value - 1, value, value + 1}
    return tuple(sorted(value for value in values if value >= 0))
