"""Where the figures of a reply may come from: what its tools returned, the plan, and the person's own words."""

import re
from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import lru_cache
from itertools import combinations
from typing import Any, Literal

from assistant.embedded.understanding.mentions import find_mentions
from assistant.figures import (
    CLAUSE,
    DATE,
    PHONE,
    UNREADABLE,
    Figure,
    PlainText,
    find_figures,
    is_each,
    plain_figures,
)
from assistant.roles import Proviso, called_ceiling
from corpus import load_plan
from corpus.text import normalise
from tools.facts import word

Kind = Literal["amount", "part", "operand", "rate", "quoted", "given", "said"]
"""amount: a final result; part: of a group or a step; operand: what a step starts from; rate: what the passages
that a calculation cites say; quoted: all else the plan says; given: a fact that was used; said: by the person."""
Source = tuple[Kind, Proviso]
_COUNTS = frozenset({"人", "户", "个"})
_EXACT = frozenset({CLAUSE, PHONE, "号", "款", "折", "外币"})
"""A number given without a unit is none of these."""
_MANY = re.compile(r"(?<![\d.])(?!1 )\d+ (?:人|户|个|年|个月)(?![·/])")


@dataclass
class Evidence:
    """The sources of each value, by unit."""

    sources: dict[str, dict[Decimal, set[Source]]] = field(default_factory=dict)
    quotes: list[str] = field(default_factory=list)
    """Passages of the plan in plain form; their own words may be repeated as they stand."""

    def put(self, value: object, unit: str, kind: Kind, proviso: Proviso = "") -> None:
        """Add a value's source."""
        if value == UNREADABLE:
            return
        self.sources.setdefault(unit, {}).setdefault(Decimal(str(value)), set()).add((kind, proviso))

    def read(self, text: str, kind: Kind, proviso: Proviso = "") -> None:
        """Add all figures of a text; what it calls 最高 is a ceiling."""
        for figure, ceiling in _figures_of(text):
            self.put(figure.value, figure.unit, kind, "ceiling" if ceiling and not proviso else proviso)

    def quote(self, text: str, kind: Kind, proviso: Proviso = "") -> None:
        """Add a passage of the plan."""
        self.quotes.append(PlainText.of(text).text)
        self.read(text, kind, proviso)

    def of(self, figure: Figure) -> set[Source]:
        """The sources that have a figure's value in its unit."""
        if figure.unit == DATE:
            return self._of_date(figure)
        if figure.unit == "":
            units = set(self.sources) - {DATE, CLAUSE, PHONE}
        else:
            units = {figure.unit} | (set() if figure.unit in _EXACT else {""})
            units |= _COUNTS if figure.unit == "个" else {"个"} if figure.unit in _COUNTS else set()
        found = {source for unit in units for source in self.sources.get(unit, {}).get(figure.value, ())}
        if figure.unit == "":
            found |= self.sources.get("月", {}).get(figure.value * 12, set())  # 15×2×5000: years
        return found or (self._of_rounded(figure) if figure.unit == "%" else found)

    def differ(self, figure: Figure) -> bool:
        """Whether a figure is what two others of its unit differ by: 8人, 3人, 其余5人."""
        units = _COUNTS | {""} if figure.unit in _COUNTS else {figure.unit}
        known = {value for unit in units for value in self.sources.get(unit, {})}
        return any(abs(a - b) == figure.value for a, b in combinations(known, 2))

    def _of_rounded(self, figure: Figure) -> set[Source]:
        """46.7% of 46.67%; a whole number only where it is called approximate."""
        if figure.value % 1 == 0 and not figure.approximate:
            return set()
        places = -int(figure.value.as_tuple().exponent)
        known = self.sources.get("%", {})
        return {source for value in known if round(value, places) == figure.value for source in known[value]}

    def _of_date(self, figure: Figure) -> set[Source]:
        """A date may be told in part (12月31日, 2025年), but never with more than is known of it."""
        found = {s for value, sources in self.sources.get(DATE, {}).items() if _within(figure.value, value) for s in sources}
        if figure.value < 10_000 and figure.value % 100 == 0:  # 3月 may be meant as three months
            found |= self.sources.get("月", {}).get(figure.value / 100, set())
        return found


def _within(told: Decimal, known: Decimal) -> bool:
    parts = zip(_date_parts(told), _date_parts(known), strict=True)
    return all(part in (0, whole) for part, whole in parts)


def _date_parts(value: Decimal) -> tuple[int, int, int]:
    return int(value) // 10_000, int(value) // 100 % 100, int(value) % 100


def gather(artifacts: Iterable[Mapping[str, Any]], said: Iterable[str], as_of: str = "") -> Evidence:
    """The evidence of a turn: what its tools returned, and what the person has said in the conversation.

    ``as_of`` is the date of the answer in ISO form.
    """
    evidence = Evidence()
    plan = load_plan()
    evidence.put(len(plan.clauses), "条目", "quoted")
    evidence.read(plan.source, "quoted")
    evidence.read(as_of, "said")
    for text in said:
        evidence.read(text, "said")
        _said_otherwise(evidence, text, as_of)
    results = list(artifacts)
    calculated = {result.get("tool") for result in results if result.get("type") == "calculation"}
    for result in results:
        _gather(result, evidence, calculated)
    return evidence


def _said_otherwise(evidence: Evidence, text: str, as_of: str) -> None:
    """Of 3月 said on some day: the month of that year, of the year before, or three months."""
    for figure in find_figures(text):
        if figure.unit == DATE and figure.value < 10_000:
            for year in {date.fromisoformat(as_of).year, date.fromisoformat(as_of).year - 1} if as_of else ():
                evidence.put(year * 10_000 + figure.value, DATE, "said")
            if figure.value % 100 == 0:
                evidence.put(figure.value / 100, "月", "said")
        elif figure.unit == "月" and figure.value % 12 == 0 and 20 <= figure.value / 12 < 40:
            evidence.put((2000 + figure.value / 12) * 10_000, DATE, "said")  # 24年毕业
    for mention in find_mentions(normalise(text), date.fromisoformat(as_of)) if as_of else ():
        if mention.day and mention.precise_day:  # 明年1月
            evidence.read(f"{mention.day.year}年{mention.day.month}月", "said")


def _gather(artifact: Mapping[str, Any], evidence: Evidence, calculated: Set[Any]) -> None:
    kind = artifact.get("type")
    if kind == "calculation":
        _gather_calculation(artifact, evidence)
    elif kind == "screening":
        for group in ("due", "open", "not", "ended"):
            for row in artifact.get(group, []):
                _gather_calculation(row, evidence)
    elif kind == "standard":
        # Where the person's own case was calculated, the standard is a rate and not what they receive.
        _gather_standard(artifact, evidence, "rate" if artifact["tool"] in calculated else "quoted")
    elif kind == "clauses":
        for hit in artifact["hits"]:
            evidence.put(hit["clause"], CLAUSE, "quoted")
            for sentence in hit["sentences"]:
                evidence.quote(sentence, "quoted")
    elif kind in ("invalid", "error"):
        evidence.read(str(artifact.get("message", "")), "quoted")


def _gather_standard(standard: Mapping[str, Any], evidence: Evidence, kind: Kind) -> None:
    ended: Proviso = "" if standard["in_force"] else "ended"
    for figure in standard["figures"]:
        evidence.read(f"{figure['label']}：{figure['text']}", kind, "ceiling" if figure["ceiling"] else ended)
    for text in (*standard["conditions"], *standard["notes"], *standard["open_points"], standard["summary"]):
        evidence.read(text, kind)
    _gather_sources(standard, evidence, kind, ended)


def _gather_calculation(result: Mapping[str, Any], evidence: Evidence) -> None:
    proviso: Proviso = "ended" if not result["in_force"] else "ceiling" if result.get("ceiling") is not None else ""
    _gather_amounts(result, evidence, proviso)
    heads = 0
    for name, value in _leaves(result["facts"]):
        evidence.read(f"{value} {word(name).unit}", "given")
        heads += value if name.endswith("heads") and isinstance(value, int) else 0
    evidence.put(heads, "人", "given")
    single = not any(_MANY.search(step) for step in result["steps"])
    for step in result["steps"]:
        _gather_step(step, evidence, proviso, single)
    for line in result.get("lines", ()):
        for text in (*line["reasons"], line["label"]):
            evidence.read(text, "given")
    for text in (*result.get("notes", ()), *result.get("assumptions", ()), *result.get("open_points", ())):
        evidence.read(text, "rate")
    for condition in result["conditions"]:
        _gather_condition(condition, evidence)
    _gather_sources(result, evidence, "rate", "ended" if proviso == "ended" else "")
    _gather_possible(result, evidence)


def _gather_amounts(result: Mapping[str, Any], evidence: Evidence, proviso: Proviso) -> None:
    for name in ("amount", "ceiling", "if_in_force"):
        if result.get(name) is not None:
            evidence.put(result[name], "元", "amount", "" if name == "amount" and result["in_force"] else proviso)
    for name in ("low", "high"):
        if result.get(name) is not None:
            evidence.put(result[name], "元", "amount", "open")
    if result["verdict"] == "not_met":
        evidence.put(0, "元", "amount")
    for line in result.get("lines", ()):
        if line.get("amount") is not None:
            own: Proviso = proviso if proviso == "ended" else "ceiling" if line["ceiling"] else ""
            evidence.put(line["amount"], "元", "part", own)


def _gather_step(step: str, evidence: Evidence, proviso: Proviso, single: bool = False) -> None:
    """Operands left of the equals sign, the result right of it; with a single person and month it is a rate too."""
    left, equals, right = step.rpartition("=")
    if not equals:
        left, right = "", step
    for figure in find_figures(left):
        known = ("given", "") in evidence.sources.get(figure.unit, {}).get(figure.value, ())
        evidence.put(figure.value, figure.unit, "given" if known else "operand", proviso)
    for figure in find_figures(right):
        evidence.put(figure.value, figure.unit, "part" if figure.unit == "元" else "operand", proviso)
        if single:
            evidence.put(figure.value, figure.unit, "operand", proviso)


def _gather_possible(result: Mapping[str, Any], evidence: Evidence) -> None:
    """What comes out if something were otherwise, or if the plan is read otherwise: told with its 如果."""
    for extra in (*result.get("changes", ()), *result.get("alternatives", ())):
        evidence.read(extra.get("label") or extra.get("condition") or "", "quoted")
        for name in ("amount", "ceiling"):
            if extra.get(name) is not None:
                evidence.put(extra[name], "元", "amount", "ceiling" if name == "ceiling" else "open")
        for step in extra.get("steps", ()):
            for figure in find_figures(step):
                if not any(step_kind in ("operand", "amount", "given") for step_kind, proviso in evidence.of(figure) if not proviso):
                    evidence.sources.get(figure.unit, {}).pop(figure.value, None)
            _gather_step(step, evidence, "open")


def _gather_condition(condition: Mapping[str, Any], evidence: Evidence) -> None:
    evidence.read(condition["label"], "quoted")
    evidence.read(condition.get("have", ""), "given")
    for child in condition.get("children", ()):
        _gather_condition(child, evidence)


def _gather_sources(result: Mapping[str, Any], evidence: Evidence, kind: Kind, proviso: Proviso) -> None:
    for citation in result["citations"]:
        evidence.put(citation["clause"], CLAUSE, "quoted")
        evidence.quote(citation["quote"], kind, proviso)
        if kind == "rate" and not proviso:
            evidence.read(citation["quote"], "part", "open")  # 满3个月的话，可领1500元
    for window in result["windows"]:
        evidence.quote(window["quote"], "quoted")
        for day in (window["valid_from"], window["valid_until"]):
            evidence.read(day or "", "quoted")


def _leaves(value: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    """The facts with their names, groups row by row."""
    if isinstance(value, Mapping):
        for inner, content in value.items():
            yield from _leaves(content, inner)
    elif isinstance(value, list | tuple):
        for content in value:
            yield from _leaves(content, name)
    elif value is not None and not isinstance(value, bool):
        yield name, value


@lru_cache(maxsize=4096)
def _figures_of(text: str) -> tuple[tuple[Figure, bool], ...]:
    """The figures of a text, and whether it calls them a maximum."""
    plain = PlainText.of(text).text if text else ""
    return tuple((figure, called_ceiling(figure, plain)) for figure in plain_figures(plain) if not is_each(figure, plain))
