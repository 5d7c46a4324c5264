"""What is taken as given in conversation, and said: 按足额缴纳计. The calculators themselves presume nothing."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from tools.calculation import Calculation, ConditionView
from tools.calculator import Calculator, run
from tools.explore import explain
from tools.facts import group_model, parse_facts, with_value, word
from tools.parameters import Presumption


def calculate_presuming(tool: Calculator[Any], facts: Mapping[str, Any], as_of: date) -> Calculation:
    """Calculate as one does in conversation: what nearly always holds is taken as given and stated.

    A head count that is the only thing missing is taken as one person, unless it is given as null: then several are
    meant and their number has to be asked for. Raises FactError.
    """
    plural = set(_nulls(facts))
    filled, texts = presume(tool, facts)
    result = explain(tool, filled, as_of)
    counts = [path for path in result.missing if path.rsplit(".", 1)[-1] == "heads"]
    if counts and counts == result.missing and result.verdict == "unknown" and not plural & set(counts):
        for path in counts:
            filled = with_value(filled, path, 1)
            texts[path] = "按1人计"
        result = explain(tool, filled, as_of)
    used = set(_facts_used(result.conditions))
    deciding = _condition_facts(result)
    relevant = {
        path: text
        for path, text in texts.items()
        if path in used or (path not in deciding and _counts(tool, filled, path, result))
    }
    return result.model_copy(
        update={
            "presumed": list(relevant),
            "assumptions": list(dict.fromkeys(relevant.values())),
            "conditions": [_mark(condition, relevant) for condition in result.conditions],
        }
    )


def _counts(tool: Calculator[Any], facts: Mapping[str, Any], path: str, result: Calculation) -> bool:
    """Whether a presumed fact enters the result: where the payroll of all is known, 按1人计 does not."""
    without = run(tool, with_value(facts, path, None), result.as_of)
    return (without.verdict, without.missing, without.steps) != (result.verdict, result.missing, result.steps)


def _nulls(facts: Mapping[str, Any]) -> Iterator[str]:
    """Paths of facts in groups that are given as null."""
    for name, rows in facts.items():
        for index, row in enumerate(rows if isinstance(rows, list | tuple) else ()):
            if isinstance(row, Mapping):
                yield from (f"{name}.{index}.{inner}" for inner, value in row.items() if value is None)


def presume(tool: Calculator[Any], facts: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    """The facts with what is taken as given filled in, and how each of those reads, by path."""
    filled = parse_facts(tool.facts, facts).model_dump(mode="json", exclude_none=True)
    texts: dict[str, str] = {}
    for path, name in _paths(tool, filled):
        given = presumption(tool, name)
        if given is not None:
            filled = with_value(filled, path, given.value)
            texts[path] = given.text
    return filled, texts


def presumption(tool: Calculator[Any], name: str) -> Presumption | None:
    """What is presumed of a fact, for this benefit or in general."""
    own = tool.benefit.presumptions.get(name)
    if own is not None:
        return own
    about = word(name)
    return None if about.presume is None else Presumption(value=about.presume, text=about.presume_text)


def _paths(tool: Calculator[Any], facts: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """(path, name) of every fact that is not known, groups row by row."""
    for name, field in tool.facts.model_fields.items():
        rows = group_model(field.annotation)
        if rows is None:
            if name not in facts:
                yield name, name
            continue
        for index, row in enumerate(facts.get(name, ())):
            for inner in rows.model_fields:
                if inner not in row:
                    yield f"{name}.{index}.{inner}", inner


def _condition_facts(result: Calculation) -> set[str]:
    return set(_leaf_facts(result.conditions))


def _leaf_facts(conditions: list[ConditionView]) -> Iterator[str]:
    for condition in conditions:
        if condition.fact:
            yield condition.fact
        yield from _leaf_facts(condition.children)


def _facts_used(conditions: list[ConditionView]) -> Iterator[str]:
    """Facts of the conditions that decided: in an OR that is met, only the branch that is met."""
    for condition in conditions:
        if condition.fact:
            yield condition.fact
        children = condition.children
        if condition.operator == "any" and condition.verdict == "met":
            children = [child for child in children if child.verdict == "met"]
        yield from _facts_used(children)


def _mark(condition: ConditionView, presumed: Mapping[str, str]) -> ConditionView:
    children = [_mark(child, presumed) for child in condition.children]
    return condition.model_copy(update={"presumed": condition.fact in presumed, "children": children})
