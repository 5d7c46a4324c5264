"""The screening (政策体检): all calculators on one set of facts, sorted by what they come to.

Nothing is hidden and nothing is added up: every benefit is in exactly one of the four lists.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, create_model

from tools.calculation import Calculation
from tools.calculator import Calculator, conclude, evaluate
from tools.catalogue import catalogue
from tools.explore import bounds, first_question
from tools.facts import FactError, Facts, group_model, parse_facts
from tools.formula import to_fen
from tools.presume import calculate_presuming

Subject = Literal["企业", "个人"]
CAUTION = "方案未规定能否同时享受"


class Screening(BaseModel):
    """Every benefit once. The JSON key of ``not_`` is ``not``."""

    model_config = ConfigDict(populate_by_name=True, serialize_by_alias=True)

    as_of: date
    due: list[Calculation] = []
    """Met and in force: an amount, a ceiling (最高), or a service without money."""
    open: list[Calculation] = []
    """Not known yet: ``low`` to ``high``, and first in ``missing`` the fact that decides most; what was told most of comes first."""
    not_: list[Calculation] = Field(default=[], alias="not")
    """Not met; ``lines`` and ``conditions`` say why."""
    ended: list[Calculation] = []
    """Outside its period (``state`` says how), though the person may qualify otherwise."""
    caution: str = ""
    """Whether several benefits can be combined is said nowhere; set when more than one is due."""


@dataclass(frozen=True, slots=True)
class _Share:
    """The facts one calculator knows: its fields, and for each list of groups the fields of a row."""

    names: frozenset[str]
    rows: Mapping[str, frozenset[str]]

    def of(self, facts: Mapping[str, Any]) -> dict[str, Any]:
        known = {name: value for name, value in facts.items() if name in self.names}
        for name, fields in self.rows.items():
            if name in known:
                known[name] = [{key: row[key] for key in row if key in fields} for row in known[name]]
        return known


def screen(
    facts: Mapping[str, Any], as_of: date, subject: Subject | None = None, *, presuming: bool = False
) -> Screening:
    """Run every calculator on what is known. Raises FactError for unknown names and impossible values.

    ``subject`` puts the benefits for enterprises (企业) or for persons (个人) first in each list; the same can
    be said as a fact of that name. A fact that a calculator does not know does not concern it. ``presuming``: where
    something was told that concerns a benefit in particular, the rest is taken as given as one does in conversation.
    """
    subject = subject or facts.get("subject")
    checked = parse_facts(profile(), facts).model_dump(exclude_unset=True)
    result = Screening(as_of=as_of)
    errors: list[str] = []
    for tool in _ordered(catalogue().values(), subject):
        try:
            own = _share(tool.id).of(checked)
            presume = presuming and _concerned(tool, own)
            calculation = calculate_presuming(tool, own, as_of) if presume else _calculate(tool, own, as_of)
        except FactError as error:
            errors.append(str(error))
            continue
        _list(result, calculation).append(calculation)
    if errors:
        raise FactError("；".join(dict.fromkeys(errors)))
    result.open.sort(key=lambda row: (_not_for(catalogue()[row.tool], subject), -told_of(row.tool, checked)))
    if len(result.due) > 1:
        result.caution = CAUTION
    return result


def screening_schema() -> dict[str, Any]:
    """JSON Schema of everything a screening may be told: the facts of all calculators, each once."""
    return profile().model_json_schema()


@cache
def profile() -> type[Facts]:
    """The facts of all calculators in one model; rows of the same list have the fields of all of them."""
    fields: dict[str, Any] = {}
    rows: dict[str, dict[str, Any]] = {}
    for tool in catalogue().values():
        for name, field in tool.facts.model_fields.items():
            group = group_model(field.annotation)
            if group is None:
                fields.setdefault(name, _optional(field))
            else:
                fields.setdefault(name, None)
                inner = rows.setdefault(name, {})
                for key, part in group.model_fields.items():
                    inner.setdefault(key, _optional(part))
    for name, inner in rows.items():
        row = create_model(f"{name.capitalize()}Row", __base__=Facts, **inner)
        fields[name] = (tuple[row, ...], (row(),))
    fields["subject"] = (Subject | None, None)
    return create_model("Profile", __base__=Facts, **fields)


def _optional(field: Any) -> tuple[Any, Any]:
    return field.rebuild_annotation(), field.default


@cache
def _share(name: str) -> _Share:
    model: type[Facts] = catalogue()[name].facts
    groups = {key: group_model(field.annotation) for key, field in model.model_fields.items()}
    rows = {key: frozenset(group.model_fields) for key, group in groups.items() if group is not None}
    return _Share(frozenset(model.model_fields), rows)


def _concerned(tool: Calculator[Any], facts: Mapping[str, Any]) -> bool:
    """Told of people that the benefit is about, or a fact that no other asks for."""
    groups = [facts.get(name) for name in _share(tool.id).rows]
    if groups:
        return any(row for rows in groups for row in rows or ())
    return any(sum(name in _share(other).names for other in catalogue()) == 1 for name in facts)


def told_of(tool: str, facts: Mapping[str, Any]) -> float:
    """How much of what was told concerns one benefit in particular; a fact that few benefits ask for says more."""
    own = _share(tool).of(facts)
    names = [name for name, value in own.items() if not isinstance(value, list | tuple) and value is not None]
    names += [
        name for rows in own.values() if isinstance(rows, list | tuple)
        for row in rows if isinstance(row, Mapping) for name, value in row.items() if value is not None
    ]
    return sum(1 / _known_to(name) for name in names if name not in _SAYS_LITTLE)


def nearest_told(screening: Mapping[str, Any], facts: Mapping[str, Any]) -> list[str]:
    """Of what a dumped screening leaves open, the few benefits that the facts concern most, the first of all first."""
    told = {row["tool"]: told_of(row["tool"], facts) for row in screening["open"]}
    most = max(told.values(), default=0)
    return [tool for tool, much in told.items() if much and much >= most * _ALSO_NEAR][:NEAR]


NEAR = 3
"""So many benefits at most are near."""
_ALSO_NEAR = 0.1
"""Of what a benefit was told less than this share of the most, it is not near."""


@cache
def _known_to(name: str) -> int:
    shares = [_share(tool) for tool in catalogue()]
    return max(1, sum(name in share.names or any(name in row for row in share.rows.values()) for share in shares))


_SAYS_LITTLE = {"subject", "employer_type", "firm_size", "payer", "is_target_group", "newly_hired", "in_guangxi", "borrower",
                 "employees", "employees_pension_months", "business_type"}
"""Facts that nearly everyone who asks tells along, whichever benefit is meant."""


def _ordered(tools: Iterable[Calculator[Any]], subject: str | None) -> Sequence[Calculator[Any]]:
    return sorted(tools, key=lambda tool: _not_for(tool, subject))


def _not_for(tool: Calculator[Any], subject: str | None) -> bool:
    return bool(subject) and subject not in tool.benefit.audience


def _calculate(tool: Calculator[Any], facts: Mapping[str, Any], as_of: date) -> Calculation:
    model = parse_facts(tool.facts, facts)
    outcome = evaluate(tool, model)
    result = conclude(tool, model, outcome, as_of)
    if not result.missing or result.verdict == "not_met":
        return result
    result.missing = first_question(outcome)
    if result.in_force and (possible := bounds(tool, result.facts, outcome)):
        result.low = to_fen(possible.low)
        result.high = None if possible.high is None else to_fen(possible.high)
    return result


def _list(screening: Screening, result: Calculation) -> list[Calculation]:
    if result.verdict == "not_met":
        return screening.not_
    if not result.in_force:
        return screening.ended
    return screening.due if result.verdict == "met" else screening.open
