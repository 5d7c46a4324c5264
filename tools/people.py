"""Who counts as what: the groups of people that several clauses name, as conditions."""

from tools.conditions import Condition, all_of, any_of, at_least, at_most, is_false, is_one_of
from tools.facts import Category
from tools.parameters import Figure

THIS_YEAR: Category = "毕业年度高校毕业生"
RECENT: Category = "离校2年内未就业高校毕业生"
GRADUATE: Category = "高校毕业生"
YOUTH: Category = "16—24岁登记失业青年"
REGISTERED: Category = "登记失业人员"


def recent_graduate(
    category: Category | None,
    left_school_months: int | None,
    worked_since: bool | None,
    within: Figure,
    *,
    clause: int,
    final_year: bool = True,
    must_be_unemployed: bool = True,
) -> Condition:
    """毕业年度 (if ``final_year``) or 离校2年内, 未就业 unless that is not required.

    Someone known only as 高校毕业生 qualifies by when they left school and whether they have worked since.
    """
    named = (THIS_YEAR, RECENT) if final_year else (RECENT,)
    kind = "未就业高校毕业生" if must_be_unemployed else "高校毕业生"
    label = ("毕业年度高校毕业生或" if final_year else "") + f"离校{within.whole}年内{kind}"
    if category != GRADUATE:
        if category == THIS_YEAR and not final_year and must_be_unemployed and left_school_months is None:
            return is_one_of(label, category, named, fact="category", clause=clause)
        return is_one_of(label, category, named if must_be_unemployed else (THIS_YEAR, RECENT), fact="category", clause=clause)
    recent = at_most(
        f"离校{within.whole}年内", left_school_months, within.months, fact="left_school_months", clause=clause, unit="个月"
    )
    if not must_be_unemployed:
        return recent
    idle = is_false("离校后未就业", worked_since, fact="worked_since", clause=clause)
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
    return all_of(label, registered, in_range)


def either(label: str, *conditions: Condition) -> Condition:
    """OR over groups of people; once the category is known, only the group it points to is shown."""
    open_or_met = [condition for condition in conditions if condition.verdict != "not_met"]
    return any_of(label, *(open_or_met or conditions))
