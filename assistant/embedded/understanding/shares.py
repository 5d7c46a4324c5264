"""A part of several groups, where it is not said of which: any will do if the outcome is the same for all of them."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from assistant.embedded.understanding.changing import settled
from assistant.embedded.understanding.groups import HEADS, IDENTITY, UnclearGroupError, counted
from tools.calculator import Calculator
from tools.facts import leaves
from tools.presume import calculate_presuming

Row = dict[str, Any]
_ANY_DAY = date(2025, 12, 31)
"""Which group a part belongs to does not hang on the day of the question."""


def split_named(rows: Sequence[Row], part: Mapping[str, Any]) -> list[Row]:
    """里头有6个农村的只签了3个月: told apart in the one group that is called so; empty where it is not said of which."""
    names = {key: part[key] for key in IDENTITY if key in part}
    among = [i for i, row in enumerate(rows) if names and names.items() <= row.items()]
    number = int(part.get("heads") or 0)
    if len(among) != 1 or not 0 < number < int(rows[among[0]].get("heads") or 0):
        return []
    group = rows[among[0]]
    return [*rows[: among[0]], {**group, "heads": int(group["heads"]) - number}, {**group, **part}, *rows[among[0] + 1 :]]


def split_anywhere(
    tool: Calculator[Any], facts: Mapping[str, Any], name: str, rows: Sequence[Row], part: Mapping[str, Any], *, gone: bool = False
) -> list[Row]:
    """18个…、7个…，其中4个才交2个月: the groups with that part told apart in one of them, or taken away if it is ``gone``.

    ``facts`` are those told of all, ``name`` is the fact that holds the groups. UnclearGroupError where it matters
    which of them it is taken from.
    """
    number = int(part.get("heads") or 0)
    heads = next((n for _, n, _ in leaves(tool.facts) if n in HEADS), HEADS[0])
    ways = [
        [*rows[:i], {**row, "heads": int(row["heads"]) - number}, *([] if gone else [{**row, **part}]), *rows[i + 1 :]]
        for i, row in enumerate(rows) if 0 < number < int(row.get("heads") or 0)
    ]
    results = [calculate_presuming(tool, settled(tool, {**facts, name: counted(way, heads)}), _ANY_DAY) for way in ways]
    if len({(r.verdict, r.amount, r.ceiling, r.if_in_force, r.low, r.high) for r in results}) != 1:
        raise UnclearGroupError
    return ways[0]
