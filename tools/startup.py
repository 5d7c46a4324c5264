"""Clause 5: what founders receive (创业补贴) and may borrow (创业担保贷款)."""

from typing import Literal

from tools.calculator import Line, Outcome, calculator
from tools.conditions import Condition, all_of, at_least, at_most, is_one_of, is_true, left_open, undecided
from tools.facts import Category, Count, Facts, Money, Months
from tools.formula import Formula, figure, known, plain, product
from tools.parameters import Benefit, Figure
from tools.people import GRADUATE, RECENT, THIS_YEAR, another_group_hint, either

BusinessType = Literal["小微企业", "个体工商户", "其他"]
Place = Literal["村", "乡镇", "县城", "城区"]
Borrower = Literal["个人", "小微企业"]

RETURNED: Category = "返乡入乡农民工"
NEEDY: Category = "就业困难人员"
GRADUATES: tuple[Category, ...] = (RECENT, THIS_YEAR, GRADUATE)


class StartupFacts(Facts):
    founder: Category | None = None
    left_school_months: Months | None = None
    first_venture: bool | None = None
    in_guangxi: bool | None = None
    business_type: BusinessType | None = None
    place: Place | None = None
    operating_months: Months | None = None
    operating_normally: bool | None = None
    households: Count | None = None
    employees: Count | None = None
    employees_pension_months: Months | None = None


@calculator("startup_subsidy", StartupFacts)
def startup_subsidy(facts: StartupFacts, benefit: Benefit) -> Outcome:
    """一次性创业补贴（五）: a fixed amount per household, and as much again for employing people, in yuan."""
    years, months = benefit.figure("first_years"), benefit.figure("second_months")
    heads, pension = benefit.figure("employees"), benefit.figure("pension_months")
    within = benefit.figure("left_school_years")
    founder = _founder(facts, within)
    common = (
        founder,
        is_true("首次创业", facts.first_venture, fact="first_venture", clause=5),
        is_one_of("创办小微企业或从事个体经营", facts.business_type, ("小微企业", "个体工商户"), fact="business_type", clause=5),
        is_true("登记后正常运营", facts.operating_normally, fact="operating_normally", clause=5),
    )
    first = all_of(
        "一次性创业补贴的条件",
        *common,
        at_least(
            f"自工商注册登记之日起正常运营{years.whole}年以上", facts.operating_months, years.months,
            fact="operating_months", clause=5, unit="个月",
        ),
    )
    second = all_of(
        "再给予创业补贴的条件",
        first,
        at_least(
            f"正常运营{months.whole}个月以上", facts.operating_months, months.whole,
            fact="operating_months", clause=5, unit="个月",
        ),
        at_least(
            f"吸纳就业{heads.whole}人以上（不含创业者本人）", facts.employees, heads.whole,
            fact="employees", clause=5, unit="人",
        ),
        at_least(
            f"为员工缴纳企业职工基本养老保险满{pension.whole}个月", facts.employees_pension_months, pension.whole,
            fact="employees_pension_months", clause=5, unit="个月",
        ),
    )
    # Several businesses, each registered by itself and alike in everything that counts; one, if nothing is said.
    household = known(1, "户", "", "户数") if facts.households is None else known(facts.households, "户", "households", "户数")
    lines = [Line(f"正常运营满{years.whole}年的一笔", first, product(household, figure(benefit.figure("first_amount"))))]
    if first.verdict != "unknown" or any(undecided(first)):
        more = product(household, figure(benefit.figure("second_amount")))
        lines.append(Line("带动就业的再给一笔", second, more, optional=True))
    # Else the plan leaves the first open for good, and nothing that the second asks for helps.
    return Outcome(
        lines,
        notes=_notes(facts, founder, within),
        # Whoever waits has left school longer as well.
        together={"operating_months": ("left_school_months",)},
    )


def _founder(facts: StartupFacts, within: Figure) -> Condition:
    """Who founds: graduates and people in difficulty in Guangxi; returned migrant workers in the country."""
    needy = is_one_of(NEEDY, facts.founder, (NEEDY,), fact="founder", clause=5)
    local = all_of(
        f"离校{within.whole}年内高校毕业生或就业困难人员在自治区内创办",
        either(f"离校{within.whole}年内高校毕业生或就业困难人员", _graduate(facts, within), needy),
        is_true("在自治区内创办", facts.in_guangxi, fact="in_guangxi", clause=5),
    )
    country = [
        is_one_of(RETURNED, facts.founder, (RETURNED,), fact="founder", clause=5),
        is_one_of(
            "在乡镇及以下（不含城区、县城所在乡镇）创办", facts.place, ("乡镇", "村"), fact="place", clause=5, other="县城"
        ),
    ]
    if facts.in_guangxi is False:
        # The plan writes 在自治区内 for the others only; that it would pay elsewhere cannot be read from that.
        country.append(Condition("在自治区以外创办也可以（方案没有写明）", "unknown", 5, open_in_plan=True))
    return either("创业者属于补贴范围", local, all_of("返乡入乡农民工在乡镇及以下创办", *country))


def _graduate(facts: StartupFacts, within: Figure) -> Condition:
    """离校2年内高校毕业生, whether or not 未就业, counted on the day of registration.

    ``left_school_months`` counts until today and so does ``operating_months``, hence the difference counts.
    """
    label, left, since = f"离校{within.whole}年内高校毕业生", facts.left_school_months, facts.operating_months
    limit = within.months + (since or 0)
    by_name = is_one_of(label, facts.founder, (RECENT, THIS_YEAR), fact="founder", clause=5)
    if facts.founder not in GRADUATES or (left is None and by_name.met):
        return by_name
    at_registration = f"工商注册登记时离校{within.whole}年内"
    if left is not None and left > limit and since is None:
        needed = left - within.months
        return Condition(
            at_registration, "unknown", 5, "operating_months", f"离校已{left}个月", failing=needed - 1, passing=needed
        )
    return at_most(at_registration, left, limit, fact="left_school_months", clause=5, unit="个月")


def _notes(facts: StartupFacts, founder: Condition, within: Figure) -> list[str]:
    """What the plan leaves unsaid about this founder, or as whom else they might qualify."""
    if facts.in_guangxi is not False and founder.verdict == "not_met":
        named = "高校毕业生" if facts.founder in GRADUATES else facts.founder or ""
        groups = (f"离校{within.whole}年内高校毕业生", NEEDY, RETURNED)
        others = [group for group in groups if not group.endswith(named)]
        hint = another_group_hint(facts.founder, founder, others, person="创业者")
        return [hint] if hint else []
    if facts.founder == RETURNED and facts.in_guangxi is False:
        return ["方案对返乡入乡农民工没有写“在自治区内”；在广西以外创办能否享受，请问属地人社部门。"]
    left, since = facts.left_school_months, facts.operating_months
    if facts.founder not in GRADUATES or left is None or since is None:
        return []
    if left < since:
        return ["登记时还没有毕业离校，算不算“离校2年内”方案没有写明，以经办机构为准。"]
    if within.months < left <= within.months + since:
        return [f"登记时离校{left - since}个月，按登记之日算在{within.whole}年内；方案没有写明从什么时候算起，以经办机构为准。"]
    return []


class LoanFacts(Facts):
    borrower: Borrower | None = None
    loan_asked: Money | None = None


@calculator("startup_loan", LoanFacts, kind="loan")
def startup_loan(facts: LoanFacts, benefit: Benefit) -> Outcome:
    """创业担保贷款（五）: the most that can be borrowed, in yuan; never more than is asked for."""
    # Either may borrow; who it is decides the maximum, a person's being the lesser.
    who = is_one_of(
        "借款人是个人或小微企业", facts.borrower, ("小微企业", "个人"), fact="borrower", clause=5, other="个人"
    )
    name = "small_enterprise" if facts.borrower == "小微企业" else "individual"
    limit = benefit.figure(name)
    open_terms = left_open("符合创业担保贷款的申请条件（方案没有列明）", clause=5)
    condition = all_of("创业担保贷款的条件", who, open_terms)
    notes = []
    if facts.borrower and facts.loan_asked is not None and facts.loan_asked > limit.value:
        notes.append(f"想借的{plain(facts.loan_asked)}元超过了最高额度，超出的部分不在这项贷款之内。")
    cited = (name,) if facts.borrower else ()
    return Outcome([Line(facts.borrower or "借款人", condition, _limit(facts, limit), ceiling=True)], notes=notes, cited=cited)


def _limit(facts: LoanFacts, limit: Figure) -> Formula:
    """The lesser of what is asked for and the maximum."""
    most = figure(limit)
    who = facts.borrower or ""
    if facts.loan_asked is None:
        return Formula(limit.value, (f"{who}最高额度 {plain(limit.value)} 元",), (), "元", (most,))
    asked = known(facts.loan_asked, "元", "loan_asked", "想借的金额")
    value = min(facts.loan_asked, limit.value)
    step = f"{plain(facts.loan_asked)} 元 与{who}最高额度 {plain(limit.value)} 元取小 = {plain(value)} 元"
    return Formula(value, (step,), (), "元", (asked, most))
