"""Clause 2: what an internship base (就业见习基地) receives for its interns."""

from datetime import date
from decimal import Decimal

from pydantic import model_validator

from tools.calculator import Line, Outcome, calculator
from tools.conditions import Condition, all_of, is_true, more_than, under
from tools.facts import Age, Category, Count, FactError, Facts, Months
from tools.formula import Formula, Term, figure, known, plain, product, times, total
from tools.parameters import Benefit
from tools.people import either, group_label, recent_graduate, young_unemployed, youth_hint
from tools.retention import (
    Intern,
    Retention,
    heads_term,
    retained_term,
    retention_levers,
    retention_notes,
    retention_of,
)


class InternshipFacts(Facts):
    is_internship_base: bool | None = None
    interns: tuple[Intern, ...] = (Intern(),)
    started_on: date | None = None


@calculator("internship_subsidy", InternshipFacts)
def internship_subsidy(facts: InternshipFacts, benefit: Benefit) -> Outcome:
    """就业见习补贴（二）: per intern and month; more for those retained once enough of all are, in yuan."""
    youngest, oldest = benefit.figure("youngest"), benefit.figure("oldest")
    retention = retention_of(facts.interns, benefit.value("retention_threshold"))
    base = _base(facts.is_internship_base)
    lines: list[Line] = []
    notes: list[str] = []
    for index, intern in enumerate(facts.interns):
        who = _eligible(intern, benefit)
        notes.append(youth_hint(intern.category, intern.age, who, youngest, oldest))
        lines.append(
            Line(
                label=group_label(intern.heads, intern.category, "见习人员"),
                condition=all_of("就业见习补贴的条件", base, under(f"interns.{index}", who)),
                formula=_subsidy(intern, f"interns.{index}", retention, benefit),
            )
        )
    eligible = [line.condition.verdict != "not_met" for line in lines]
    if any(eligible):
        notes = [*retention_notes(facts.interns, retention), *notes]
    return Outcome(
        lines,
        event=facts.started_on,
        notes=[note for note in notes if note],
        levers=retention_levers(facts.interns, eligible, retention),
    )


def _subsidy(intern: Intern, at: str, retention: Retention, benefit: Benefit) -> Formula:
    ordinary, higher = figure(benefit.figure("monthly")), figure(benefit.figure("monthly_retained"))
    months = known(intern.internship_months, "个月", f"{at}.internship_months", "见习月数")
    heads, retained = heads_term(intern, at), retained_term(intern, at)
    if retention.reached is False:
        return product(heads, ordinary, months)
    if retention.reached is None or heads.value is None or retained.value is None:
        return _open((heads, months, retained), (ordinary, higher), retention)
    if not retained.value or retained.value == heads.value:
        return product(heads, higher if retained.value else ordinary, months)
    rest = heads.value - retained.value
    others = Formula(rest, (f"{heads} − {retained} = {plain(rest)} 人",), unit="人", inputs=(heads, retained))
    stayed = _stayed(intern, heads, retained)
    return total([times(stayed, higher, months), times(others, ordinary, months)])


def _stayed(intern: Intern, heads: Term, retained: Term) -> Formula:
    """Those retained; a step of its own where only their share was told."""
    if intern.retained is not None or intern.retention_rate is None:
        return Formula(retained.value, (), unit="人", inputs=(retained,))
    step = f"{heads} × {plain(intern.retention_rate)}% = {retained}"
    return Formula(retained.value, (step,), unit="人", inputs=(heads,))


def _open(facts: tuple[Term, Term, Term], rates: tuple[Term, Term], retention: Retention) -> Formula:
    """Not settled yet: how many were retained, in this group or in another one, decides the rate."""
    heads, months, retained = facts
    ordinary, higher = rates
    both = heads.value is not None and retained.value is not None
    rest = f"{(heads.value or 0) - (retained.value or 0)} 人" if both else "其余人数"
    limit = plain(retention.threshold)
    steps = [f"留用率达到{limit}%：{retained} × {higher} × {months} + {rest} × {ordinary} × {months}"]
    if retention.reached is None:
        steps.append(f"留用率不到{limit}%：{heads} × {ordinary} × {months}")
        unknown = (*(term for term in (heads, months) if term.value is None), *retention.open)
    else:
        unknown = tuple(term for term in facts if term.value is None)
    return Formula(None, tuple(steps), unknown, inputs=facts)


class EarlyIntern(Facts):
    """A group of interns hired before their internship ended, alike in everything that counts."""

    heads: Count | None = None
    category: Category | None = None
    age: Age | None = None
    left_school_months: Months | None = None
    worked_since: bool | None = None
    has_contract: bool | None = None
    signed_early: bool | None = None
    remaining_months: Months | None = None
    agreed_months: Months | None = None
    served_months: Months | None = None

    @model_validator(mode="after")
    def _agree(self) -> "EarlyIntern":
        agreed, served, remaining = self.agreed_months, self.served_months, self.remaining_months
        if agreed is None:
            return self
        if served is not None and served > agreed:
            raise FactError(f"已见习月数（{served}个月）不能多于约定见习月数（{agreed}个月）")
        if remaining is not None and remaining > agreed:
            raise FactError(f"剩余见习月数（{remaining}个月）不能多于约定见习月数（{agreed}个月）")
        if served is not None and remaining not in (None, agreed - served):
            raise FactError(f"剩余{remaining}个月和约定{agreed}个月、已见习{served}个月对不上")
        return self


class RemainingInternshipFacts(Facts):
    is_internship_base: bool | None = None
    interns: tuple[EarlyIntern, ...] = (EarlyIntern(),)
    signed_on: date | None = None


@calculator("remaining_internship_subsidy", RemainingInternshipFacts)
def remaining_internship_subsidy(facts: RemainingInternshipFacts, benefit: Benefit) -> Outcome:
    """剩余期限见习补贴（二）: the months left when the contract was signed, for each intern, in yuan."""
    youngest, oldest = benefit.figure("youngest"), benefit.figure("oldest")
    base = _base(facts.is_internship_base)
    lines, notes = [], []
    for index, intern in enumerate(facts.interns):
        at = f"interns.{index}"
        who = _eligible(intern, benefit)
        notes.append(youth_hint(intern.category, intern.age, who, youngest, oldest))
        signed = all_of(
            "见习期未满与见习人员签订劳动合同",
            is_true("已与见习人员签订劳动合同", intern.has_contract, fact="has_contract", clause=2),
            is_true("签订时见习期未满", intern.signed_early, fact="signed_early", clause=2),
            *_time_left(intern),
        )
        lines.append(
            Line(
                label=group_label(intern.heads, intern.category, "见习人员"),
                condition=all_of("剩余期限见习补贴的条件", base, under(at, who), under(at, signed)),
                formula=_remaining(intern, at, benefit),
            )
        )
    return Outcome(lines, event=facts.signed_on, notes=[note for note in notes if note])


def _time_left(intern: EarlyIntern) -> tuple[Condition, ...]:
    """Months left have to be more than none; asked for by the amount while they are not known."""
    fact, left = "remaining_months", intern.remaining_months
    if left is None and intern.agreed_months is not None and intern.served_months is not None:
        fact, left = "served_months", intern.agreed_months - intern.served_months
    if left is None:
        return ()
    leaf = more_than("见习期还有剩余", left, 0, fact=fact, clause=2, unit="个月")
    if fact == "remaining_months" or intern.agreed_months is None:
        return (leaf,)
    have, agreed = f"{intern.served_months}个月", intern.agreed_months
    label = "已见习的月数少于约定的月数"
    return (Condition(label, leaf.verdict, 2, fact, have, failing=agreed, passing=max(agreed - 1, 0)),)


def _remaining(intern: EarlyIntern, at: str, benefit: Benefit) -> Formula:
    agreed, served, left = intern.agreed_months, intern.served_months, intern.remaining_months
    heads = known(intern.heads, "人", f"{at}.heads", "人数")
    monthly = figure(benefit.figure("monthly"))
    if left is not None or (agreed is None and served is None):
        months = known(left, "个月", f"{at}.remaining_months", "剩余月数")
        return product(heads, monthly, months)
    # An unknown served_months is at worst all of the agreed ones, at best none.
    whole = known(agreed, "个月", f"{at}.agreed_months", "约定月数", low=served or 0)
    done = known(served, "个月", f"{at}.served_months", "已见习月数", low=agreed, high=0)
    if agreed is None or served is None:
        unknown = tuple(term for term in (whole, done) if term.value is None)
        rest = Formula(None, (f"{whole} − {done} = 剩余月数",), unknown, "个月")
    else:
        value = Decimal(agreed - served)
        rest = Formula(value, (f"{whole} − {done} = {plain(value)} 个月",), (), "个月")
    return times(rest, heads, monthly, name="剩余月数")


def _base(is_base: bool | None) -> Condition:
    return is_true("单位是就业见习基地", is_base, fact="is_internship_base", clause=2)


def _eligible(intern: Intern | EarlyIntern, benefit: Benefit) -> Condition:
    """离校2年内未就业高校毕业生 or 16—24岁登记失业青年; students still at school are not named."""
    return either(
        "见习人员属于补贴范围",
        recent_graduate(
            intern.category, intern.left_school_months, intern.worked_since,
            benefit.figure("left_school_years"), clause=2, final_year=False,
        ),
        young_unemployed(
            intern.category, intern.age, benefit.figure("youngest"), benefit.figure("oldest"), clause=2
        ),
    )
