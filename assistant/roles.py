"""What a sentence uses a figure for: a claim, a total, a rate, a condition, a deadline; and under which proviso.

Texts are in plain form (``assistant.figures``), positions are those of the plain text.
"""

import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Literal

import yaml

from assistant.figures import DATE, UNREADABLE, Figure, column_heading

WORDS = Path(__file__).with_suffix(".yaml")
Role = Literal["total", "claim", "each", "given", "denied", "threshold", "deadline", "working", "rest", "mention", "detail"]
"""mention: money or a percentage of no particular use; detail: any other figure. The rest as in roles.yaml."""
Proviso = Literal["", "ceiling", "ended", "open"]
"""What has to be told with a figure: that it is a maximum, that its period is over, what it depends on."""

BARE_MONEY = 100
"""A bare number from here on may be money."""
_ENDS = "。!?\n"


def role_of(figure: Figure, text: str, figures: Sequence[Figure]) -> Role:
    """The role of one of the figures of a text."""
    before, after = _before(figure, text, figures), text[figure.end :]
    if _denied(re.split(rf"[{_ENDS};,|]", text[: figure.start])[-1], after):
        return "denied"
    if figure.unit == DATE:
        due = _last("deadline", before, anchored=True) >= 0 or _starts("deadline_after", after)
        return "deadline" if due else "detail"
    if not is_money(figure) and figure.unit != "%":
        return _count_role(before, after)
    if _last("operator_before", before, anchored=True) >= 0 or _starts("operator_after", after):
        return "working"
    if figure.unit == "%":
        return _percent_role(before, after)
    return _money_role(before, after)


def is_money(figure: Figure) -> bool:
    """Money, or a bare number that may be."""
    return figure.unit == "元" or (figure.unit == "" and (figure.value >= BARE_MONEY or figure.value == UNREADABLE))


def _denied(before: str, after: str) -> bool:
    """不是3000元, 您说的3000元; but not 您说的3000元是对的."""
    if _starts("denied_after", after):
        return True
    return _last("denied", before, anchored=True) >= 0 and not _starts("affirmed_after", after)


def _count_role(before: str, after: str) -> Role:
    if _last("threshold", before, anchored=True) >= 0 or _starts("threshold_after", after):
        return "threshold"
    return "rest" if _last("rest", before, anchored=True) >= 0 else "detail"


def _percent_role(before: str, after: str) -> Role:
    if _last("threshold", before, anchored=True) >= 0 or _starts("threshold_after", after):
        return "threshold"
    return "given" if _last("given", before) > _last("claim", before) else "mention"


def _money_role(before: str, after: str) -> Role:
    claim, given = _last("claim", before), _last("given", before)
    if given > claim and not _starts("paid_after", after):
        return "given"
    if (total := _last("total", before)) >= 0:
        return "total" if total > _last("each", before) else "claim"
    if _last("each", before, anchored=True) >= 0 or _starts("each_after", after):
        return "each"
    return "claim" if claim >= 0 or _starts("claim_after", after) else "mention"


def told_with(proviso: Proviso, figure: Figure, role: Role, text: str, figures: Sequence[Figure]) -> bool:
    """Whether the text says of a figure what its source demands to be said."""
    if not proviso:
        return True
    if role in ("working", "denied") or (proviso == "ended" and role not in ("claim", "total")):
        return _last(proviso, text) >= 0
    if proviso == "ceiling":
        scope = _before(figure, text, figures) if role in ("claim", "total") else _lead(figure, text)
        return _last("ceiling", scope) >= 0 or _starts("ceiling_after", text[figure.end :])
    rest = re.split(rf"[{_ENDS};]", text[figure.end :], maxsplit=1)[0]
    return _last(proviso, _lead(figure, text) + text[figure.start : figure.end] + rest) >= 0


def called_ceiling(figure: Figure, text: str) -> bool:
    """Whether a figure is called a maximum in its own part of a sentence."""
    return _last("ceiling", re.split(r"[,、。;!?\n]", text[: figure.start])[-1]) >= 0


def _before(figure: Figure, text: str, figures: Sequence[Figure]) -> str:
    """What stands before a figure in its part of the sentence, back to the last money; in a table, its labels."""
    start = max((f.end for f in figures if f.end <= figure.start and f.unit in ("元", "%")), default=0)
    part = re.split(rf"[{_ENDS};|]", text[start : figure.start])[-1]
    own = re.split(r"[,、](?![^,、]{0,3}每)", part)[-1] if not _EACH_AHEAD.search(part) else part
    heading = column_heading(text, figure.start)
    if not heading:
        return own
    line = text[text.rfind("\n", 0, figure.start) + 1 : figure.start]
    return f"{line.strip('| ').split('|')[0]} {heading} {own}"


_EACH_AHEAD = re.compile(r"每[^,。;\d]{0,6}[人名户月年个](?:[^,。;\d]{0,8},)?[^,。;\d]{0,10}$")


def _lead(figure: Figure, text: str) -> str:
    """What a reader has in mind at a figure: its part of the sentence and what introduced it."""
    start = max(text.rfind(end, 0, figure.start) for end in _ENDS) + 1
    sentence = text[start : figure.start]
    introduced, colon, _ = sentence.rpartition(":")
    own = sentence.rpartition(";")[2]
    return f"{_introduction(text, start)} {column_heading(text, figure.start)} {introduced + colon} {own}"


def _introduction(text: str, position: int) -> str:
    """The line above a list or table that introduces it; empty for running text."""
    start = text.rfind("\n", 0, position) + 1
    if not _LISTED.match(text, start):
        return ""
    for line in reversed(text[:start].split("\n")):
        if line.strip() and not _LISTED.match(line):
            return "" if line.rstrip().endswith(("。", "!", "?", ";")) else line
    return ""


_LISTED = re.compile(r"\s*(?:[-•·*+|>]|\(?\d{1,2}[.、)](?!\d)|[一二三四五六七八九十]、|\S{1,12}:\s*\S)")


def _last(name: str, text: str, *, anchored: bool = False) -> int:
    """Where the last of the words begins; -1 if there is none. Anchored: it has to reach the end of the text."""
    pattern = _patterns()[name]
    if anchored:
        found = next((m for m in pattern.finditer(text) if pattern.fullmatch(text, m.start())), None)
        return found.start() if found else -1
    return max((m.start() for m in pattern.finditer(text)), default=-1)


def _starts(name: str, text: str) -> bool:
    return _patterns()[name].match(text) is not None


@cache
def _patterns() -> dict[str, re.Pattern[str]]:
    words: dict[str, list[str]] = yaml.safe_load(WORDS.read_text("utf-8"))
    return {name: re.compile("|".join(f"(?:{part})" for part in parts)) for name, parts in words.items()}
