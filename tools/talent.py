"""Clause 11: what is paid for young doctors (青苗人才) and for new postdoctoral stations (博士后科研工作站)."""

from decimal import Decimal
from typing import Literal

from tools.calculator import Line, Outcome, calculator
from tools.conditions import all_of, at_most, is_one_of, is_true, under
from tools.facts import Age, Count, EmployerType, Facts
from tools.formula import Term, figure, known, plain, product, total
from tools.parameters import Benefit

ResearchField = Literal["自然科学", "社会科学"]
Platform = Literal["博士后科研工作站", "博士后创新实践基地"]


class Talent(Facts):
    """A group of doctors alike in everything that counts."""

    talent_heads: Count | None = None
    age: Age | None = None
    has_doctorate: bool | None = None
    newly_hired: bool | None = None
    research_field: ResearchField | None = None


class YoungTalentFacts(Facts):
    employer_type: EmployerType | None = None
    talents: tuple[Talent, ...] = (Talent(),)


@calculator("young_talent", YoungTalentFacts)
def young_talent(facts: YoungTalentFacts, benefit: Benefit) -> Outcome:
    """青苗人才（十一）: research funds by field and a living allowance, for each person, in yuan."""
    oldest = benefit.figure("oldest")
    employer = is_one_of(
        "单位是企业或事业单位", facts.employer_type, ("企业", "事业单位"), fact="employer_type", clause=11
    )
    lines = []
    for index, talent in enumerate(facts.talents):
        at = f"talents.{index}"
        person = (
            is_true("具有博士学位", talent.has_doctorate, fact="has_doctorate", clause=11),
            at_most(f"{oldest.whole}岁以下", talent.age, oldest.whole, fact="age", clause=11, unit="岁"),
            is_true("新入职", talent.newly_hired, fact="newly_hired", clause=11),
        )
        condition = all_of("青苗人才的条件", *(under(at, leaf) for leaf in person), employer)
        field = is_one_of(
            "学科属于自然科学或社会科学领域", talent.research_field, ("自然科学", "社会科学"),
            fact="research_field", clause=11, other="社会科学",
        )
        heads = known(talent.talent_heads, "人", f"{at}.talent_heads", "人数")
        rate = {"自然科学": figure(benefit.figure("natural")), "社会科学": figure(benefit.figure("social"))}.get(
            talent.research_field or "", Term(None, "元/人", name="科研启动经费标准")
        )
        funded = all_of("科研启动经费的条件", condition, under(at, field))
        of = _whose(index, talent) if len(facts.talents) > 1 else ""
        lines.append(Line(f"{of}科研启动经费", funded, product(heads, rate)))
        lines.append(Line(f"{of}生活补助", condition, product(heads, figure(benefit.figure("living")))))
    return Outcome(lines, notes=_by_kind(lines))


def _by_kind(lines: list[Line]) -> list[str]:
    """What the research funds and the allowances of several groups come to, each by themselves."""
    if len(lines) <= 2 or any(not line.condition.met or line.formula is None or line.formula.value is None for line in lines):
        return []
    funds, living = (total([line.formula for line in lines[kind::2] if line.formula]) for kind in (0, 1))
    return [f"其中科研启动经费共 {plain(funds.value or Decimal(0))} 元，生活补助共 {plain(living.value or Decimal(0))} 元。"]


def _whose(index: int, talent: Talent) -> str:
    """第2组（1人，社会科学）的: which of several groups a payment is for."""
    known_of = [f"{talent.talent_heads}人" if talent.talent_heads is not None else "", talent.research_field or ""]
    told = "，".join(part for part in known_of if part)
    return f"第{index + 1}组" + (f"（{told}）" if told else "") + "的"


class StationFacts(Facts):
    platform: Platform | None = None
    newly_established: bool | None = None
    stations: Count | None = None


@calculator("postdoc_station", StationFacts)
def postdoc_station(facts: StationFacts, benefit: Benefit) -> Outcome:
    """博士后科研工作站（十一）: a single payment for each new station, in yuan."""
    condition = all_of(
        "博士后科研工作站资助的条件",
        is_one_of(
            "设立的是博士后科研工作站", facts.platform, ("博士后科研工作站",), fact="platform", clause=11,
            other="博士后创新实践基地",
        ),
        is_true("新设", facts.newly_established, fact="newly_established", clause=11),
    )
    stations = known(facts.stations, "个", "stations", "个数")
    return Outcome([Line("一次性经费资助", condition, product(stations, figure(benefit.figure("once"))))])
