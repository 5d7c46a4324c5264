"""The figure check: no figure leaves the house that a calculation, a quotation or the person did not supply.

It reads replies as text and knows no model. A figure is traced when a source has the same value in the same unit
and may play its role: what the person said is never what they receive, a rate is no total, a maximum is called
one (最高), what has ended is told as ended, and what depends on something is told with its 如果.
"""

import re
from collections.abc import Sequence

from assistant.equations import false_results
from assistant.evidence import Evidence, gather
from assistant.figures import Figure, PlainText, find_figures, is_each, plain_figures
from assistant.roles import Role, role_of, told_with

__all__ = ["Evidence", "Figure", "find_figures", "gather", "strike", "ungrounded"]

_ANYTHING = frozenset({"amount", "part", "operand", "rate", "quoted", "given", "said"})
_ADMITS: dict[Role, frozenset[str]] = {
    "total": frozenset({"amount"}),
    "claim": frozenset({"amount", "part", "quoted"}),
    "each": frozenset({"operand", "rate", "quoted"}),
    "mention": _ANYTHING - {"said"},
    "working": _ANYTHING - {"said"},
    "threshold": frozenset({"rate", "quoted"}),
    "deadline": frozenset({"quoted"}),
    "given": _ANYTHING,
    "denied": _ANYTHING,
    "rest": _ANYTHING,
    "detail": _ANYTHING,
}
"""The kinds of sources that a figure of each role may come from."""
_PART = re.compile(r"[^,。;:!?\n|“”「」\"]+")
_SENTENCE_END = re.compile(r"(?<=[。！？!?；;\n])")
_SHORTEST_QUOTE = 8


def ungrounded(text: str, evidence: Evidence) -> list[Figure]:
    """The figures of a reply that no source bears out, in order."""
    plain = PlainText.of(text)
    everything = plain_figures(plain.text)
    figures = [f for f in everything if not is_each(f, plain.text)]
    wrong = false_results(plain.text, everything)
    return [
        Figure(f.value, f.unit, *plain.span(f.start, f.end), f.text, f.approximate)
        for f in figures
        if f in wrong or not _traced(f, plain.text, figures, evidence)
    ]


def strike(text: str, figures: Sequence[Figure]) -> str:
    """The text without the sentences that hold these figures; empty if nothing is left."""
    kept, start = [], 0
    for part in _SENTENCE_END.split(text):
        end = start + len(part)
        if not any(figure.start < end and figure.end > start for figure in figures):
            kept.append(part)
        start = end
    return "".join(kept).strip()


def _traced(figure: Figure, text: str, figures: Sequence[Figure], evidence: Evidence) -> bool:
    role = role_of(figure, text, figures)
    for kind, proviso in evidence.of(figure):
        if kind in _ADMITS[role] and told_with(proviso, figure, role, text, figures):
            return True
    return (role == "rest" and evidence.differ(figure)) or _verbatim(figure, text, evidence)


def _verbatim(figure: Figure, text: str, evidence: Evidence) -> bool:
    """Whether a figure stands in a stretch of the plan's own words."""
    part = next((m[0].strip(" >-") for m in _PART.finditer(text) if m.start() <= figure.start < m.end()), "")
    return len(part) >= _SHORTEST_QUOTE and any(part in quote for quote in evidence.quotes)
