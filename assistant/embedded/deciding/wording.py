"""The plan's own wording in a message: 桂薪宝 or 人才小高地 point to one clause, whatever else is said."""

import re
from functools import cache

from corpus import load_plan
from corpus.text import normalise

_LENGTH = 4
_NAME_COUNTS = 5
"""A name in quotation marks counts as many runs."""
_QUOTED = re.compile(r"“([^”]{3,})”")


def own_wording(text: str, beside: tuple[str, ...] = ()) -> dict[int, float]:
    """How much of a text in normal form is wording that stands in one clause alone, by clause.

    A run of four characters counts 1, up to 5 in all; a text that consists of such wording counts up to 9.
    ``beside``: quotations whose wording does not count.
    """
    known = _letters(normalise("".join(beside)))
    runs = _runs()
    bare = _letters(text)
    found: dict[int, float] = {}
    for start in range(len(bare) - _LENGTH + 1):
        clause = runs.get(bare[start : start + _LENGTH])
        if clause and bare[start : start + _LENGTH] not in known:
            found[clause] = found.get(clause, 0) + 1
    for name, clause in _names().items():
        if name in bare and name not in known:
            found[clause] = found.get(clause, 0) + _NAME_COUNTS
    return {
        clause: min(count, _NAME_COUNTS) + 4 * min(1, (count + _LENGTH - 1) / max(1, len(bare)))
        for clause, count in found.items()
    }


@cache
def _runs() -> dict[str, int]:
    """Runs of four characters that occur in exactly one clause."""
    owners: dict[str, set[int]] = {}
    for clause in load_plan().clauses:
        bare = _letters(normalise(clause.title + clause.text))
        for start in range(len(bare) - _LENGTH + 1):
            owners.setdefault(bare[start : start + _LENGTH], set()).add(clause.number)
    return {run: next(iter(c)) for run, c in owners.items() if len(c) == 1 and not re.search(r"\d", run)}


@cache
def _names() -> dict[str, int]:
    """What the plan puts in quotation marks in one clause alone: “桂薪宝”, “直补快办”."""
    owners: dict[str, set[int]] = {}
    for clause in load_plan().clauses:
        for name in _QUOTED.findall(clause.text):
            owners.setdefault(_letters(normalise(name)), set()).add(clause.number)
    return {name: next(iter(c)) for name, c in owners.items() if len(c) == 1 and len(name) >= 3}


def _letters(text: str) -> str:
    return re.sub(r"[^\w]", "", text)
