"""Who counts as what: the groups of people that several clauses name, as conditions."""

from collections.abc import Sequence
from dataclasses import replace

from tools.conditions import Condition, all_of, any_of, at_least, at_most, failed, is_false, is_one_of
from tools.facts import Category, Insurance
from tools.parameters import Figure

THIS_YEAR: Category = "毕业年度高校毕业生"
RECENT: Category = "离校2年内未就业高校毕业生"
GRADUATE: Category = "高校毕业生"
YOUTH: Category = "16—24岁登记失业青年"
REGISTERED: Category = "登记失业人员"
_YEAR = 12


def recent_graduate(
    category: Category | None,
    left_school_months: int | None,
    worked_since: bool | None,
    within: Figure,
    *,
    clause: int,
    final_year: bool = True,
) -> Condition:
    """毕业年度 (if ``final_year``) or 离校2年内未就业.

    Someone known only as 高校毕业生 qualifies by when they left school and whether they have worked since;
    so does someone in 毕业年度 where the plan does not name that group. What is known besides a named group
    counts too: 离校2年内 who left 30 months ago does not qualify, 毕业年度 who left 13 months ago only as 离校2年内.
    """
    unemployed = f"离校{within.whole}年内未就业高校毕业生"
    label = ("毕业年度高校毕业生或" if final_year else "") + unemployed
    named: tuple[Category, ...] = (THIS_YEAR, RECENT) if final_year else (RECENT, THIS_YEAR)
    if category not in (THIS_YEAR, RECENT, GRADUATE):
        return is_one_of(label, category, named, fact="category", clause=clause)
    # The year of graduation is over a year after leaving at the latest.
    still = left_school_months is None or left_school_months <= _YEAR
    if category == THIS_YEAR and final_year and still:
        return is_one_of(label, category, named, fact="category", clause=clause)
    recent = at_most(
        f"离校{within.whole}年内", left_school_months, within.months,
        fact="left_school_months", clause=clause, unit="个月",
    )
    idle = is_false("离校后未就业", worked_since, fact="worked_since", clause=clause)
    if category == RECENT:
        said = [(left_school_months, recent), (worked_since, idle)]
        by_name = is_one_of(label, category, named, fact="category", clause=clause)
        return all_of(label, by_name, *(condition for value, condition in said if value is not None))
    if final_year and worked_since and (left_school_months is None or left_school_months < _YEAR):
        # Whoever worked after leaving may still be in 毕业年度 until a full year has passed.
        this_year = Condition(
            THIS_YEAR, "unknown", clause, "category", category, failing="其他", passing=THIS_YEAR
        )
        return any_of(label, this_year, all_of(unemployed, recent, idle))
    return all_of(label, recent, idle)


def young_unemployed(
    category: Category | None, age: int | None, youngest: Figure, oldest: Figure, *, clause: int
) -> Condition:
    """16—24岁登记失业青年: registered as unemployed, both ages included."""
    label = f"{youngest.whole}—{oldest.whole}岁登记失业青年"
    registered = is_one_of(label, category, (YOUTH, REGISTERED), fact="category", clause=clause)
    if category == YOUTH and age is None:
        return registered
    in_range = all_of(
        f"年龄{youngest.whole}—{oldest.whole}岁",
        at_least(f"满{youngest.whole}岁", age, youngest.whole, fact="age", clause=clause, unit="岁"),
        at_most(f"不超过{oldest.whole}岁", age, oldest.whole, fact="age", clause=clause, unit="岁"),
    )
    if registered.verdict != "met":
        return registered
    return all_of(label, replace(registered, label="已登记失业"), in_range)


def either(label: str, *conditions: Condition) -> Condition:
    """OR over groups of people; once the category is known, only the group it points to is shown, met or not."""
    open_or_met = [condition for condition in conditions if condition.verdict != "not_met"]
    meant = [c for c in conditions if all(leaf.fact.rsplit(".", 1)[-1] not in ("category", "founder") for leaf in failed(c))]
    return any_of(label, *(open_or_met or meant or conditions))


def youth_hint(
    category: Category | None, age: int | None, who: Condition, youngest: Figure, oldest: Figure
) -> str:
    """A person can belong to two groups: what else to check when the named one does not qualify; or ""."""
    if who.verdict != "not_met" or category in (None, YOUTH, REGISTERED, "在校学生"):
        return ""
    if age is not None and not youngest.whole <= age <= oldest.whole:
        return ""
    return f"如果本人已登记失业、年龄在{youngest.whole}—{oldest.whole}岁，可以按登记失业青年再算一次。"


def another_group_hint(category: str | None, who: Condition, groups: Sequence[str], person: str = "本人") -> str:
    """A person can belong to several groups and is named by one: which others would qualify; or ""."""
    if who.verdict != "not_met" or category in (None, "在校学生"):
        return ""
    return f"如果{person}同时属于{'、'.join(groups[:-1])}或{groups[-1]}，可以按那一类再算一次。"


def group_label(heads: int | None, category: str | None, noun: str = "招用人员") -> str:
    """5名毕业年度高校毕业生; the noun while the group is not known."""
    named = category if category and category != "其他" else noun
    return f"{heads}名{named}" if heads is not None else named


def all_insured(
    label: str, uninsured: tuple[Insurance, ...] | None, needed: tuple[Insurance, ...], *, clause: int
) -> Condition:
    """None of the needed insurances is among those not paid; others (医疗 for 扩岗) do not matter."""
    if uninsured is None:
        return Condition(label, "unknown", clause, "uninsured", "", needed[:1], ())
    lacking = [name for name in needed if name in uninsured]
    have = "没有缴" + "、".join(lacking) if lacking else "都缴了"
    return Condition(label, "not_met" if lacking else "met", clause, "uninsured", have, needed[:1], ())
