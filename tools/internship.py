"""Clause 2: what an internship base (就业见习基地) receives for its interns."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from pydantic import model_validator

from tools.calculator import Line, Outcome, calculator
from tools.conditions import Condition, all_of, is_true, more_than, under
from tools.facts import Age, Category, Count, FactError, Facts, Months, Percent
from tools.formula import Formula, Term, figure, known, plain, product, times, total
from tools.parameters import Benefit
from tools.people import either, group_label, recent_graduate, young_unemployed, youth_hint


class Intern(Facts):
    """A group of interns who completed their internship, alike in everything that counts."""

    heads: Count | None = None
    category: Category | None = None
    age: Age | None = None
    left_school_months: Months | None = None
    worked_since: bool | None = None
    internship_months: Months | None = None
    retained: Count | None = None
    retention_rate: Percent | None = None

    @model_validator(mode="after")
    def _agree(self) -> "Intern":
        if self.heads is None or self.retained is None:
            return self
        if self.retained > self.heads:
            raise FactError(f"期满留用人数（{self.retained}人）不能多于见习人数（{self.heads}人）")
        least, most = _from_rate(self)
        if not least <= self.retained <= most:
            rate = plain(self.retention_rate or Decimal(0))
            raise FactError(f"留用{self.retained}人和留用率{rate}%对不上：见习人数是{self.heads}人")
        return self


class InternshipFacts(Facts):
    is_internship_base: bool | None = None
    interns: tuple[Intern, ...] = (Intern(),)
    started_on: date | None = None


@dataclass(frozen=True, slots=True)
class _Retention:
    """How many of all who completed their internship stayed: at least, at most, of how many."""

    least: int
    most: int | None
    heads: int | None
    """None while any group's number is not known; so is ``most`` while that leaves it open."""
    threshold: Decimal
    """In per cent, included."""
    open: tuple[Term, ...]
    """The facts of all groups that the rate still depends on."""

    @property
    def reached(self) -> bool | None:
        """Compared in integers: 100 × retained ≥ threshold × heads; None while both are possible."""
        if self.most == 0:
            return False
        if self.heads is None or self.most is None:
            return None
        needed = self.threshold * self.heads
        if 100 * self.most < needed:
            return False
        return True if 100 * self.least >= needed else None


@calculator("internship_subsidy", InternshipFacts)
def internship_subsidy(facts: InternshipFacts, benefit: Benefit) -> Outcome:
    """就业见习补贴（二）: per intern and month; more for those retained once enough of all are, in yuan."""
    youngest, oldest = benefit.figure("youngest"), benefit.figure("oldest")
    retention = _retention(facts.interns, benefit.value("retention_threshold"))
    base = _base(facts.is_internship_base)
    lines, notes = [], _retention_notes(facts.interns, retention)
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
    return Outcome(
        lines,
        event=facts.started_on,
        notes=[note for note in notes if note],
        levers=_levers(facts.interns, eligible, retention),
    )


def _retention(interns: Sequence[Intern], threshold: Decimal) -> _Retention:
    """The rate over all groups together, those who are not in the scope of the subsidy included."""
    bounds = [_retained_bounds(intern) for intern in interns]
    least = sum(low for low, _ in bounds)
    most = None if any(high is None for _, high in bounds) else sum(high or 0 for _, high in bounds)
    heads = [intern.heads for intern in interns]
    everyone = None if None in heads else sum(number or 0 for number in heads)
    rows = [(intern, f"interns.{index}") for index, intern in enumerate(interns)]
    terms = [term for intern, at in rows for term in (_heads(intern, at), _retained(intern, at))]
    return _Retention(
        least, most, everyone, threshold,
        open=(*(term for term in terms if term.value is None and term.fact), *_tipping(interns, threshold)),
    )  # fmt: skip


def _retained_bounds(intern: Intern) -> tuple[int, int | None]:
    """The fewest and the most of a group who can have been retained; the most is None without a limit."""
    if intern.retained is not None:
        return intern.retained, intern.retained
    if intern.heads is None:
        return 0, 0 if intern.retention_rate == 0 else None
    return _from_rate(intern)


def _from_rate(intern: Intern) -> tuple[int, int]:
    """Heads × rate, which is exact only when whole: 50 % of 3 people is 1 or 2."""
    heads = intern.heads or 0
    if intern.retention_rate is None:
        return 0, heads
    exact = heads * intern.retention_rate / 100
    return int(exact.to_integral_value(ROUND_FLOOR)), int(exact.to_integral_value(ROUND_CEILING))


def _heads(intern: Intern, at: str) -> Term:
    return known(intern.heads, "人", f"{at}.heads", "见习人数", low=intern.retained or 0)


def _retained(intern: Intern, at: str) -> Term:
    """Those retained; while only the rate is known, they follow from the number of people: not asked for."""
    least, most = _retained_bounds(intern)
    follows = intern.heads is None and intern.retention_rate is not None
    number = least if least == most else None
    return known(number, "人", "" if follows else f"{at}.retained", "留用人数", low=least, high=most)


def _tipping(interns: Sequence[Intern], threshold: Decimal) -> tuple[Term, ...]:
    """More people can mean less money: so many that the rate falls below the threshold.

    The least of the range lies there or at the fewest people possible. Where several groups' numbers are
    unknown, the one with the shortest internship costs least to fill.
    """
    unknown = [index for index, intern in enumerate(interns) if intern.heads is None]
    if not unknown:
        return ()
    cheapest = min(unknown, key=lambda index: interns[index].internship_months or 0)
    retained = sum(_retained_bounds(intern)[0] for intern in interns)
    others = sum(
        intern.retained or 0 if intern.heads is None else intern.heads
        for index, intern in enumerate(interns)
        if index != cheapest
    )
    # Retained at the given rate, each further person weighs less against the threshold.
    weight = threshold - (interns[cheapest].retention_rate or 0) * (interns[cheapest].retained is None)
    if weight <= 0:
        return ()
    number = int((100 * retained - threshold * others) // weight) + 1
    if number <= (interns[cheapest].retained or 0):
        return ()
    return (known(None, "人", f"interns.{cheapest}.heads", "见习人数", low=number),)


def _subsidy(intern: Intern, at: str, retention: _Retention, benefit: Benefit) -> Formula:
    ordinary, higher = figure(benefit.figure("monthly")), figure(benefit.figure("monthly_retained"))
    months = known(intern.internship_months, "个月", f"{at}.internship_months", "见习月数")
    heads, retained = _heads(intern, at), _retained(intern, at)
    if retention.reached is False:
        return product(heads, ordinary, months)
    if retention.reached is None or heads.value is None or retained.value is None:
        return _open((heads, months, retained), (ordinary, higher), retention)
    parts = [
        product(Term(number, "人", term.fact), rate, months)
        for number, term, rate in (
            (retained.value, retained, higher), (heads.value - retained.value, heads, ordinary)
        )
        if number
    ]
    return total(parts)


def _open(facts: tuple[Term, Term, Term], rates: tuple[Term, Term], retention: _Retention) -> Formula:
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


def _retention_notes(interns: Sequence[Intern], retention: _Retention) -> list[str]:
    limit = plain(retention.threshold)
    notes = []
    for intern in interns:
        rate, (least, most) = intern.retention_rate, _retained_bounds(intern)
        if rate is not None and most is not None and least < most and retention.reached is not False:
            notes.append(f"{intern.heads}人的{plain(rate)}%不是整数，请说明期满留用了几个人。")
    if retention.heads and retention.least == retention.most:
        share = plain((Decimal(100) * retention.least / retention.heads).quantize(Decimal("0.01")))
        sign = "达到" if retention.reached else "不到"
        notes.append(f"期满留用率：{retention.least} ÷ {retention.heads} = {share}%，{sign}{limit}%。")
        if retention.least * 100 == retention.threshold * retention.heads:
            notes.append(f"留用率正好{limit}%：“{limit}%以上”按通常理解含本数，以经办机构为准。")
    return notes


def _levers(
    interns: Sequence[Intern], eligible: Sequence[bool], retention: _Retention
) -> dict[str, Condition]:
    """How many more would have to be retained to reach the threshold, in each group that has so many left."""
    limit = plain(retention.threshold)
    if retention.heads is None or retention.least != retention.most or retention.reached is not False:
        return {}
    needed = int((retention.threshold * retention.heads / 100).to_integral_value(ROUND_CEILING))
    more = needed - retention.least
    levers = {}
    for index, intern in enumerate(interns):
        target, heads = _retained_bounds(intern)[0] + more, intern.heads or 0
        if not more or not eligible[index] or target > heads:
            continue
        fact, passing = ("retained", Decimal(target)) if intern.retention_rate is None else (
            "retention_rate", Decimal(100 * target) / heads
        )
        path = f"interns.{index}.{fact}"
        value = int(passing) if passing == int(passing) else passing
        levers[path] = Condition(f"留用率达到{limit}%", "not_met", 2, path, passing=value)
    return levers


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
    return (Condition(leaf.label, leaf.verdict, 2, fact, have, failing=agreed, passing=max(agreed - 1, 0)),)


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
