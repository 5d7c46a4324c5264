"""Clauses 8 and 9: what is paid for skills training (培训补贴), apprenticeship (学徒制) and its uplift (上浮)."""

from typing import Literal

from tools.calculator import Line, Outcome, calculator
from tools.conditions import Condition, all_of, is_one_of, left_open, under
from tools.facts import Count, Facts, Grade, Years
from tools.formula import Term, as_term, figure, known, product, total
from tools.parameters import Benefit
from tools.people import group_label

FIGURE_OF: dict[Grade, str] = {
    "初级工": "junior",
    "中级工": "intermediate",
    "高级工": "senior",
    "技师": "technician",
    "高级技师": "senior_technician",
    "专项职业能力证书": "specialised",
}
SPECIALISED: Grade = "专项职业能力证书"
Field = Literal["人工智能", "低空经济", "养老护理", "婴幼儿托育", "家政服务", "数字经济", "其他"]


class Trainee(Facts):
    """A group of people trained to the same grade."""

    heads: Count | None = None
    grade: Grade | None = None


class TrainingFacts(Facts):
    trainees: tuple[Trainee, ...] = (Trainee(),)


@calculator("training_subsidy", TrainingFacts)
def training_subsidy(facts: TrainingFacts, benefit: Benefit) -> Outcome:
    """职业技能培训补贴（八）: a maximum by grade for each person; a fixed amount for a 专项 certificate, in yuan."""
    lines = []
    for index, group in enumerate(facts.trainees):
        at = f"trainees.{index}"
        condition = all_of("职业技能培训补贴的条件", _graded(group.grade, tuple(FIGURE_OF), at, benefit), _as_ruled())
        lines.append(
            Line(
                label=group_label(group.heads, group.grade, "培训人员"),
                condition=condition,
                formula=product(_heads(group.heads, at), _rate(group.grade, benefit)),
                ceiling=group.grade != SPECIALISED,
            )
        )
    return Outcome(lines, cited=_cited(facts.trainees))


class Apprentice(Facts):
    """A group of apprentices of the same grade and length of training."""

    heads: Count | None = None
    grade: Grade | None = None
    years: Years | None = None


class ApprenticeshipFacts(Facts):
    trainees: tuple[Apprentice, ...] = (Apprentice(),)


@calculator("apprenticeship_subsidy", ApprenticeshipFacts)
def apprenticeship_subsidy(facts: ApprenticeshipFacts, benefit: Benefit) -> Outcome:
    """企业新型学徒制（八）: an amount by grade for each person and year, in yuan; there is none for 初级工."""
    grades = tuple(grade for grade, name in FIGURE_OF.items() if name in benefit.figures)
    lines = []
    for index, group in enumerate(facts.trainees):
        at = f"trainees.{index}"
        kind = left_open("符合条件的企业新型学徒制培训（方案没有列明）", clause=8)
        years = known(group.years, "年", f"{at}.years", "培训年数")
        lines.append(
            Line(
                label=group_label(group.heads, group.grade, "学徒"),
                condition=all_of("新型学徒制培训补贴的条件", _graded(group.grade, grades, at, benefit), kind),
                formula=product(_heads(group.heads, at), years, _rate(group.grade, benefit)),
            )
        )
    return Outcome(lines, cited=_cited(facts.trainees, benefit))


class UpliftFacts(Facts):
    occupation_field: Field | None = None
    trainees: tuple[Trainee, ...] = (Trainee(),)


@calculator("training_uplift", UpliftFacts)
def training_uplift(facts: UpliftFacts, benefit: Benefit) -> Outcome:
    """急需紧缺上浮（九）: the maxima of clause 8, raised by at most a fifth for AI occupations, in yuan."""
    listed = is_one_of(
        "培训的职业（工种）属于人工智能领域", facts.occupation_field, ("人工智能",), fact="occupation_field", clause=9
    )
    grades = tuple(grade for grade, name in FIGURE_OF.items() if name in benefit.figures)
    others = any(group.grade != SPECIALISED for group in facts.trainees)
    lines, notes = [], []
    for index, group in enumerate(facts.trainees):
        at, label = f"trainees.{index}", group_label(group.heads, group.grade, "培训人员")
        if group.grade == SPECIALISED:
            # Nobody can be asked, the plan does not say; what is sure for the other groups is told all the same.
            unsaid = Condition(f"上浮适用于{SPECIALISED}（方案没有写明）", "unknown", 9, open_in_plan=True)
            condition = all_of("培训补贴上浮的条件", listed, unsaid, _as_ruled())
            lines.append(Line(label, condition, ceiling=True, optional=others))
            if condition.verdict != "not_met":
                apart = f"{label}没有算在内：" if others else ""
                notes.append(f"{apart}方案没有写明上浮是否适用于{SPECIALISED}，请问属地人社部门。")
            continue
        ordinary = product(_heads(group.heads, at), _rate(group.grade, benefit))
        extra = product(as_term(ordinary, "上浮前的上限"), figure(benefit.figure("uplift")))
        graded = _graded(group.grade, grades, at, benefit)
        condition = all_of("培训补贴上浮的条件", listed, graded, _as_ruled())
        lines.append(Line(label, condition, total([ordinary, extra]), ceiling=True))
    return Outcome(lines, notes=notes, cited=("uplift", *_cited(facts.trainees, benefit)))


def _heads(heads: int | None, at: str) -> Term:
    return known(heads, "人", f"{at}.heads", "人数")


def _rate(grade: Grade | None, benefit: Benefit) -> Term:
    """The amount of a grade; unknown while the grade is, or where the plan has none for it."""
    name = FIGURE_OF[grade] if grade else ""
    return figure(benefit.figures[name]) if name in benefit.figures else Term(None, "元/人", name="该等级的标准")


def _graded(grade: Grade | None, allowed: tuple[Grade, ...], at: str, benefit: Benefit) -> Condition:
    """A grade that the plan has an amount for; which one decides the amount, the highest grade the most."""
    label = "等级是" + "、".join(allowed[:-1]) + f"或{allowed[-1]}"
    by_amount = sorted(allowed, key=lambda name: benefit.value(FIGURE_OF[name]))
    other = next((name for name in FIGURE_OF if name not in allowed), by_amount[0])
    condition = is_one_of(label, grade, allowed, fact="grade", clause=8, other=other, best=by_amount[-1])
    return under(at, condition)


def _as_ruled() -> Condition:
    return left_open("属于符合规定的培训（方案没有列明）", clause=8)


def _cited(groups: tuple[Trainee | Apprentice, ...], benefit: Benefit | None = None) -> tuple[str, ...]:
    """Only the figures of the grades asked about; all of them while none is known."""
    names = dict.fromkeys(FIGURE_OF[group.grade] for group in groups if group.grade)
    known_names = [name for name in names if benefit is None or name in benefit.figures]
    if known_names or benefit is None:
        return tuple(known_names)
    return tuple(name for name in FIGURE_OF.values() if name in benefit.figures)
