"""Whether what is said only roughly (100多人, 快一年) decides all the same, found by running the calculator at both ends."""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any, Literal, get_args, get_origin

from tools.calculator import Calculator, outcome_of
from tools.conditions import Condition
from tools.facts import bare_type, leaves


@lru_cache(maxsize=512)
def settles(tool: Calculator[Any], name: str, low: Any, high: Any) -> bool:
    """Whether every condition on a fact comes out the same at both ends of what was said of it: 100多人, 快一年."""
    group, choices = "", [("", "")]
    for of, other, annotation in leaves(tool.facts):
        kind = bare_type(annotation)
        group = of if other == name else group
        choices += [(other, value) for value in get_args(kind)] if get_origin(kind) is Literal else []
    verdicts = [list(_verdicts(tool, group, name, value, choices)) for value in (low, high)]
    # Which requirements there are may depend on the value too: whoever has just left school may be in 毕业年度.
    alike = [{label: {v for other, v in pairs if other == label} for label, _ in pairs} for pairs in verdicts]
    return alike[0] == alike[1] != {}


@lru_cache(maxsize=512)
def meets(tool: Calculator[Any], name: str, value: Any) -> bool:
    """Whether a value is enough for what is asked of the fact."""
    group = next(of for of, other, _ in leaves(tool.facts) if other == name)
    return any(verdict == "met" for _, verdict in _verdicts(tool, group, name, value, [("", "")]))


def _verdicts(
    tool: Calculator[Any], group: str, name: str, value: Any, choices: Sequence[tuple[str, str]]
) -> Iterator[tuple[str, str]]:
    """(requirement, verdict) of the conditions on a fact, whichever kind of person or firm it is said of."""
    places = {other: of for of, other, _ in leaves(tool.facts)}
    for choice, option in choices:
        facts: dict[str, Any] = {}
        for fact, said in ((name, value), (choice, option)):
            if fact:
                of = places[fact]
                (facts.setdefault(of, [{}])[0] if of else facts)[fact] = said
        for line in outcome_of(tool, facts).lines:
            yield from _leaves_about(name, line.condition)


def _leaves_about(name: str, condition: Condition) -> Iterator[tuple[str, str]]:
    if condition.fact.rsplit(".", 1)[-1] == name and condition.have:
        yield condition.label, condition.verdict
    for child in condition.children:
        yield from _leaves_about(name, child)
