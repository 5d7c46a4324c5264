"""A second reading of the action plan: every benefit worked out again, from the plan's text alone.

It shares nothing with the calculators but the facts' names and units: the conditions are plain Python and
the figures stand where they are used. Each function takes the facts and the day asked about and returns
the verdict ("met", "not_met" or "unknown"), the amount and the ceiling, in 元 (None where there is none to tell).
"""

from collections.abc import Callable
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

Facts = dict[str, Any]
Truth = bool | None
Reading = tuple[str, Decimal | None, Decimal | None]
END_OF_2025 = date(2025, 12, 31)


def both(*parts: Truth) -> Truth:
    """And, over true, false and not known."""
    return False if False in parts else None if None in parts else True


def either(*parts: Truth) -> Truth:
    """Or, over true, false and not known."""
    return True if True in parts else None if None in parts else False


def at_least(value: Any, least: int) -> Truth:
    """以上 includes the number."""
    return None if value is None else bool(number(value) >= least)


def number(value: Any) -> Decimal:
    """The exact number of a fact."""
    return Decimal(str(value))


def product(*factors: Any) -> Decimal | None:
    """The product, or None where a factor is not known."""
    result = Decimal(1)
    for factor in factors:
        if factor is None:
            return None
        result *= number(factor)
    return result


def total(*terms: Decimal | None) -> Decimal | None:
    """The sum, or None where a term is not known."""
    known = [term for term in terms if term is not None]
    return sum(known, Decimal(0)) if len(known) == len(terms) else None


def verdict(truth: Truth) -> str:
    """The calculators' word for it."""
    return {True: "met", False: "not_met", None: "unknown"}[truth]


def yuan(value: Decimal | None) -> Decimal | None:
    """To the 分, half up."""
    return None if value is None else value.quantize(Decimal("0.01"), ROUND_HALF_UP)


def told(truth: Truth, amount: Decimal | None, ceiling: Decimal | None = None) -> Reading:
    """Money only where every condition is met."""
    return verdict(truth), *((yuan(amount), yuan(ceiling)) if truth else (None, None))


def ended(day: str | None, as_of: date) -> bool:
    """Whether 2025年12月底 is past: by the day of the event where it was told, by the day asked about otherwise."""
    return (date.fromisoformat(day) if day else as_of) > END_OF_2025


def over_groups(
    groups: list[Facts], meets: Callable[[Facts], Truth], worth: Callable[[Facts], Decimal | None]
) -> tuple[Truth, Decimal | None]:
    """Something is due if any group qualifies; how much is known only when every group has been decided."""
    truths = [meets(group) for group in groups]
    money = [worth(group) for group, truth in zip(groups, truths, strict=True) if truth]
    return either(*truths), None if None in truths else total(*money)


# -- people -------------------------------------------------------------------------------------------------


def left_and_never_worked(person: Facts) -> Truth:
    """离校2年内未就业高校毕业生: 以内 includes the 24th month; a fact told outweighs the category's name."""
    left, worked, kind = person["left_school_months"], person["worked_since"], person["category"]
    if kind == "离校2年内未就业高校毕业生":
        return not ((left is not None and left > 24) or worked is True)
    if kind in ("高校毕业生", "毕业年度高校毕业生"):
        return both(None if left is None else left <= 24, None if worked is None else not worked)
    return None if kind is None else False


def in_graduation_year(person: Facts) -> Truth:
    """毕业年度高校毕业生: of the year of graduation, so never more than 12 months after it."""
    left, kind = person["left_school_months"], person["category"]
    if kind == "毕业年度高校毕业生":
        return left is None or left <= 12
    if kind == "高校毕业生":
        return None if left is None or left <= 12 else False
    return None if kind is None else False


def unemployed_youth(person: Facts) -> Truth:
    """16—24岁登记失业青年: both ages included."""
    age, kind = person["age"], person["category"]
    if kind == "16—24岁登记失业青年":
        return age is None or 16 <= age <= 24
    if kind == "登记失业人员":
        return None if age is None else 16 <= age <= 24
    return None if kind is None else False


def one_of(value: Any, *choices: str) -> Truth:
    """Whether the fact is one of these."""
    return None if value is None else value in choices


def none_of(values: list[str] | None, *needed: str) -> Truth:
    """Whether none of the insurances needed is among those not paid."""
    return None if values is None else not set(values) & set(needed)


# -- （一） ----------------------------------------------------------------------------------------------------


def employer_insurance_subsidy(facts: Facts, as_of: date) -> Reading:
    """就业困难人员、脱贫劳动力 for any enterprise, graduates for 小微企业; ≥1年合同; all that the employer paid."""

    def meets(hire: Facts) -> Truth:
        graduate = either(in_graduation_year(hire), left_and_never_worked(hire))
        return both(
            one_of(facts["employer_type"], "企业"),
            either(
                one_of(hire["category"], "就业困难人员", "脱贫劳动力"),
                both(graduate, small(facts["firm_size"])),
            ),
            at_least(hire["contract_months"], 12),
            hire["paid_by_law"],
        )

    def worth(hire: Facts) -> Decimal | None:
        if hire["employer_total"] is not None:
            return number(hire["employer_total"])
        if hire["employer_group_monthly"] is not None:
            return product(hire["employer_group_monthly"], hire["paid_months"])
        return product(hire["employer_monthly"], hire["heads"], hire["paid_months"])

    return told(*over_groups(facts["hires"], meets, worth))


def small(size: str | None) -> Truth:
    """小微企业; 中小微 may be a medium one."""
    return None if size in (None, "中小微企业") else size == "小微企业"


def job_expansion_subsidy(facts: Facts, as_of: date) -> Reading:
    """1500 a head; 企业 and 社会组织; 失业、工伤、职工养老 in full for ≥3 months (医疗 is not asked)."""

    def meets(hire: Facts) -> Truth:
        return both(
            one_of(facts["employer_type"], "企业", "社会组织"),
            either(in_graduation_year(hire), left_and_never_worked(hire), unemployed_youth(hire)),
            hire["has_contract"],
            at_least(hire["insured_months"], 3),
            # The months told are by definition those in which all three were paid.
            True if hire["uninsured"] is None else none_of(hire["uninsured"], "失业保险", "工伤保险", "养老保险"),
            hire["paid_in_full"],
        )

    truth, amount = over_groups(facts["hires"], meets, lambda hire: product(1500, hire["heads"]))
    return told(truth, None if ended(facts["hired_on"], as_of) else amount)


# -- （二） ----------------------------------------------------------------------------------------------------


def intern_counts(person: Facts) -> Truth:
    """离校2年内未就业高校毕业生 or 16—24岁登记失业青年; 毕业年度 is not named here."""
    return either(left_and_never_worked(person), unemployed_youth(person))


def kept(group: Facts) -> Decimal | None:
    """How many were kept on: as told, or the rate of the heads where that is whole."""
    if group["retained"] is not None:
        return number(group["retained"])
    counted = product(group["retention_rate"], group["heads"], Decimal("0.01"))
    return counted if counted is not None and counted == int(counted) else None


def internship_subsidy(facts: Facts, as_of: date) -> Reading:
    """1500 per person-month; 2000 for those kept on once they are half or more of all who finished."""
    groups = facts["interns"]
    finished = total(*(product(group["heads"]) for group in groups))
    stayed = total(*(kept(group) for group in groups))
    raised = None if finished is None or stayed is None else 2 * stayed >= finished

    def worth(group: Facts) -> Decimal | None:
        plain = product(1500, group["heads"], group["internship_months"])
        if raised is None:
            return None
        return total(plain, product(500, kept(group), group["internship_months"])) if raised else plain

    truth, amount = over_groups(
        groups, lambda group: both(facts["is_internship_base"], intern_counts(group)), worth
    )
    return told(truth, None if ended(facts["started_on"], as_of) else amount)


def remaining_internship_subsidy(facts: Facts, as_of: date) -> Reading:
    """1500 for each month left when the labour contract was signed before the internship's end."""

    def left(group: Facts) -> Decimal | None:
        if group["remaining_months"] is not None:
            return number(group["remaining_months"])
        agreed, served = group["agreed_months"], group["served_months"]
        return None if agreed is None or served is None else number(agreed - served)

    def meets(group: Facts) -> Truth:
        months = left(group)
        early = group["signed_early"] if months is None else months > 0 and group["signed_early"] is not False
        signed = True if early and group["has_contract"] is None else group["has_contract"]
        return both(facts["is_internship_base"], intern_counts(group), early, signed)

    truth, amount = over_groups(
        facts["interns"], meets, lambda group: product(1500, group["heads"], left(group))
    )
    return told(truth, None if ended(facts["signed_on"], as_of) else amount)


# -- （三）（四） -------------------------------------------------------------------------------------------------


def personal_insurance_subsidy(facts: Facts, as_of: date) -> Reading:
    """25% of what the workers pay of 养老、医疗、失业, for a year at most; 重点行业领域 and 中小微 only."""

    def meets(worker: Facts) -> Truth:
        return both(
            one_of(facts["employer_type"], "企业"),
            facts["key_industry"],
            one_of(facts["firm_size"], "中型企业", "小微企业", "中小微企业"),
            worker["is_target_group"],
            at_least(worker["contract_months"], 12),
            none_of(worker["uninsured"], "养老保险", "医疗保险", "失业保险"),
            worker["paid_by_law"],
        )

    def worth(worker: Facts) -> Decimal | None:
        months, quarter = worker["paid_months"], Decimal("0.25")
        if worker["personal_total"] is not None:
            # More than a year's payments: what the first twelve months were is not told.
            return None if (months or 0) > 12 else product(worker["personal_total"], quarter)
        monthly = worker["personal_monthly"]
        if monthly is None:
            parts = (worker[name] for name in ("personal_pension", "personal_medical", "personal_unemployment"))
            monthly = total(*(None if part is None else number(part) for part in parts))
        return product(monthly, worker["heads"], None if months is None else min(months, 12), quarter)

    truth, amount = over_groups(facts["hires"], meets, worth)
    return told(truth, None if ended(None, as_of) else amount)


def labour_shortage_support(facts: Facts, as_of: date) -> Reading:
    """缺口超过100人, or 缺工率 over 10%; "超过10%以上" leaves exactly 10% open. No money."""
    gap, rate, places = facts["shortage_heads"], facts["shortage_rate"], facts["positions"]
    if rate is None and gap is not None and places:
        rate = Decimal(gap * 100) / places
    high = None if rate is None or number(rate) == 10 else number(rate) > 10
    return verdict(either(None if gap is None else gap > 100, high)), None, None


# -- （五）（六） -------------------------------------------------------------------------------------------------


def startup_loan(facts: Facts, as_of: date) -> Reading:
    """最高 30万元 for a person, 400万元 for a 小微企业; never more than was asked for."""
    limit = {"个人": Decimal(300_000), "小微企业": Decimal(4_000_000)}.get(facts["borrower"])
    asked = facts["loan_asked"]
    ceiling = limit if limit is None or asked is None else min(limit, number(asked))
    return told(True if limit else None, None, ceiling)


def startup_subsidy(facts: Facts, as_of: date) -> Reading:
    """5000 after a year; 5000 more after 18 months with 3 others insured for 6 months."""
    who, months = facts["founder"], facts["operating_months"]
    graduates = ("毕业年度高校毕业生", "离校2年内未就业高校毕业生", "高校毕业生")
    graduate = both(one_of(who, *graduates), within_two_years(who, facts["left_school_months"], months))
    return_worker = both(one_of(who, "返乡入乡农民工"), one_of(facts["place"], "村", "乡镇"))
    first = both(
        either(graduate, one_of(who, "就业困难人员"), return_worker),
        facts["first_venture"],
        facts["in_guangxi"],
        one_of(facts["business_type"], "小微企业", "个体工商户"),
        at_least(months, 12),
        facts["operating_normally"],
    )
    second = both(
        first,
        at_least(months, 18),
        at_least(facts["employees"], 3),
        at_least(facts["employees_pension_months"], 6),
    )
    amount = None if second is None else Decimal(10_000 if second else 5_000)
    return told(first, amount)


def within_two_years(who: str | None, left: int | None, operating: int | None) -> Truth:
    """离校2年内 on the day the business was registered; the plan does not say on which day."""
    if left is None:
        return True if who == "离校2年内未就业高校毕业生" else None
    if operating is None:
        return True if left <= 24 else None
    return left - operating <= 24


def employment_service_subsidy(facts: Facts, as_of: date) -> Reading:
    """最高 1000 a head to 经营性人力资源服务机构: ≥6个月合同, 职工养老 ≥3 months."""

    def meets(group: Facts) -> Truth:
        return both(
            facts["is_agency"],
            # A returned migrant worker is rural labour, a registered unemployed youth is registered unemployed.
            one_of(group["category"], "农村劳动力", "返乡入乡农民工", "登记失业人员", "16—24岁登记失业青年"),
            at_least(group["contract_months"], 6),
            at_least(group["pension_months"], 3),
        )

    truth, ceiling = over_groups(facts["placements"], meets, lambda group: product(1000, group["heads"]))
    return told(truth, None, ceiling)


# -- （八）（九） -------------------------------------------------------------------------------------------------

HIGHEST = {"初级工": 1800, "中级工": 2500, "高级工": 4500, "技师": 6000, "高级技师": 8000}


def apprenticeship_subsidy(facts: Facts, as_of: date) -> Reading:
    """Fixed, per person and year; 初级工 and 专项 are not named."""
    per_year = {"中级工": 5000, "高级工": 6000, "技师": 8000, "高级技师": 10000}
    truth, amount = over_groups(
        facts["trainees"],
        lambda group: one_of(group["grade"], *per_year),
        lambda group: product(per_year[group["grade"]], group["heads"], group["years"]),
    )
    return told(truth, amount)


def training_subsidy(facts: Facts, as_of: date) -> Reading:
    """最高 for the five grades, 800 fixed for 专项; where any is 最高 the whole is a ceiling."""
    trainees = facts["trainees"]
    graded = any(group["grade"] in HIGHEST for group in trainees)
    special = any(group["grade"] == "专项职业能力证书" for group in trainees)
    standard = HIGHEST | {"专项职业能力证书": 800}
    truth, whole = over_groups(
        trainees,
        lambda group: one_of(group["grade"], *standard),
        lambda group: product(standard[group["grade"]], group["heads"]),
    )
    _, fixed = over_groups(
        trainees,
        lambda group: one_of(group["grade"], "专项职业能力证书"),
        lambda group: product(800, group["heads"]),
    )
    return told(truth, fixed if special else None, whole if graded else None)


def training_uplift(facts: Facts, as_of: date) -> Reading:
    """人工智能 only: the five ceilings and up to 20% more; whether 专项 too is not said."""

    def meets(group: Facts) -> Truth:
        grade = group["grade"]
        covered = None if grade in (None, "专项职业能力证书") else True
        return both(one_of(facts["occupation_field"], "人工智能"), covered)

    truth, ceiling = over_groups(
        facts["trainees"],
        meets,
        lambda group: product(HIGHEST[group["grade"]], group["heads"], Decimal("1.2")),
    )
    return told(truth, None, ceiling)


# -- （十一） --------------------------------------------------------------------------------------------------


def young_talent(facts: Facts, as_of: date) -> Reading:
    """科研启动 30万 or 10万, and 10万 生活补助: 企事业单位, 新入职, 35岁以下 (35 included), 博士学位."""

    def meets(group: Facts) -> Truth:
        age = group["age"]
        return both(
            one_of(facts["employer_type"], "企业", "事业单位"),
            None if age is None else age <= 35,
            group["has_doctorate"],
            group["newly_hired"],
        )

    research = {"自然科学": 300_000, "社会科学": 100_000}

    def worth(group: Facts) -> Decimal | None:
        grant = research.get(group["research_field"])
        return None if grant is None else product(grant + 100_000, group["talent_heads"])

    return told(*over_groups(facts["talents"], meets, worth))


def postdoc_station(facts: Facts, as_of: date) -> Reading:
    """30万元 once for a new 博士后科研工作站; nothing is named for a 创新实践基地."""
    truth = both(one_of(facts["platform"], "博士后科研工作站"), facts["newly_established"])
    return told(truth, product(300_000, facts["stations"]))


# -- （十四） --------------------------------------------------------------------------------------------------


def deferral(facts: Facts, as_of: date) -> Reading:
    """The employer's share of 养老、失业、工伤, for 相关企业 in real difficulty."""
    truth = both(one_of(facts["employer_type"], "企业"), facts["related_enterprise"], facts["in_difficulty"])
    monthly = total(
        *(product(facts[name]) for name in ("employer_pension", "employer_unemployment", "employer_injury"))
    )
    return told(truth, None if ended(None, as_of) else product(monthly, facts["months"]))


def stabilization_refund(facts: Facts, as_of: date) -> Reading:
    """30% 大型, 60% 中小微 of last year's unemployment premiums of both sides; 相关企业 50%, 90%."""
    size, related = facts["firm_size"], facts["related_enterprise"]
    truth = both(
        one_of(facts["employer_type"], "企业"),
        one_of(facts["layoffs"], "不裁员", "少裁员"),
        None if size is None else True,
    )
    paid = product(facts["last_year_total"])
    if paid is None:
        paid = total(product(facts["last_year_employer"]), product(facts["last_year_employees"]))
    if size == "大型企业":
        percent = 50 if related else 30
    else:
        percent = 90 if related else 60
    return told(truth, None if ended(None, as_of) else product(paid, percent, Decimal("0.01")))


def unemployment_insurance_fee(facts: Facts, as_of: date) -> Reading:
    """0.5% the employer, 0.5% the employee, 1% together."""
    rate = {"单位": Decimal("0.005"), "职工": Decimal("0.005"), "合计": Decimal("0.01")}.get(facts["payer"])
    amount = product(facts["contribution_base"], rate, facts["insured_heads"], facts["months"])
    return told(True if rate else None, None if ended(None, as_of) else amount)


def work_injury_fee(facts: Facts, as_of: date) -> Reading:
    """The base rate, halved."""
    amount = product(facts["payroll"], facts["base_rate"], Decimal("0.01"), Decimal("0.5"), facts["months"])
    return told(True, None if ended(None, as_of) else amount)


READINGS: dict[str, Callable[[Facts, date], Reading]] = {
    reading.__name__: reading
    for reading in (
        employer_insurance_subsidy,
        job_expansion_subsidy,
        internship_subsidy,
        remaining_internship_subsidy,
        personal_insurance_subsidy,
        labour_shortage_support,
        startup_loan,
        startup_subsidy,
        employment_service_subsidy,
        apprenticeship_subsidy,
        training_subsidy,
        training_uplift,
        young_talent,
        postdoc_station,
        deferral,
        stabilization_refund,
        unemployment_insurance_fee,
        work_injury_fee,
    )
}
