"""The retention rate of interns (见习期满留用率, clause 2): exact, and honest about what is not known of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from pydantic import model_validator

from tools.conditions import Condition
from tools.facts import Age, Category, Count, FactError, Facts, Months, Percent
from tools.formula import Term, known, plain


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


@dataclass(frozen=True, slots=True)
class Retention:
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


def retention_of(interns: Sequence[Intern], threshold: Decimal) -> Retention:
    """The rate over all groups together, out of the subsidy's scope or not; ``threshold`` in per cent."""
    bounds = [_retained_bounds(intern) for intern in interns]
    least = sum(low for low, _ in bounds)
    most = None if any(high is None for _, high in bounds) else sum(high or 0 for _, high in bounds)
    heads = [intern.heads for intern in interns]
    everyone = None if None in heads else sum(number or 0 for number in heads)
    rows = [(intern, f"interns.{index}") for index, intern in enumerate(interns)]
    terms = [term for intern, at in rows for term in (heads_term(intern, at), retained_term(intern, at))]
    return Retention(
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


def heads_term(intern: Intern, at: str) -> Term:
    """A group's number of interns, at least those retained."""
    return known(intern.heads, "人", f"{at}.heads", "见习人数", low=intern.retained or 0)


def retained_term(intern: Intern, at: str) -> Term:
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
    rows = dict(enumerate(interns))
    unknown = [i for i, row in rows.items() if row.heads is None and (row.retained or row.retention_rate is None)]
    retained = sum(_retained_bounds(row)[0] for row in interns)
    if not unknown or not retained:
        return ()
    filled = min(unknown, key=lambda i: rows[i].internship_months or 0)
    others = sum(row.retained or 0 if row.heads is None else row.heads for i, row in rows.items() if i != filled)
    number = int((100 * retained - threshold * others) // threshold) + 1
    if number <= (rows[filled].retained or 0):
        return ()
    return (known(None, "人", f"interns.{filled}.heads", "见习人数", low=number),)


def retention_notes(interns: Sequence[Intern], retention: Retention) -> list[str]:
    """The rate as a person can check it, and what is unclear about it."""
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


def retention_levers(
    interns: Sequence[Intern], eligible: Sequence[bool], retention: Retention
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
