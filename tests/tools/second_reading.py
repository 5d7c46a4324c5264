"""A second reading of the action plan: every benefit worked out again, from the plan's text alone.

It shares nothing with the calculators but the facts' names and units: the conditions are plain Python and
the figures stand where they are used. Each function takes the facts and the day asked about and returns
the verdict ("met", "not_met" or "unknown"), the amount and the ceiling, in 元 (None where there is none to tell).
"""

from collections.abc import Callable
from datetime import date
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal
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


def told(truth: Truth, amount: Decimal | None, ceiling: Decimal | None = None, *, over: bool = False) -> Reading:
    """Money only where every condition is met, the amount is known and the period is not over."""
    if truth and amount is None and ceiling is None:
        truth = None
    if not truth or over:
        return verdict(truth), None, None
    return verdict(truth), yuan(amount), yuan(ceiling)


def ended(as_of: date, day: str | None = None) -> bool:
    """Whether 2025年12月底 is past: on the day asked about, or already on the day of the event."""
    return as_of > END_OF_2025 or (day is not None and date.fromisoformat(day) > END_OF_2025)


def over_groups(
    groups: list[Facts], meets: Callable[[Facts], Truth], worth: Callable[[Facts], Decimal | None]
) -> tuple[Truth, Decimal | None]:
    """Something is due if any group qualifies, once every group has been decided and its money is known."""
    truths = [meets(group) for group in groups]
    money = total(*(worth(group) for group, truth in zip(groups, truths, strict=True) if truth))
    return (None, None) if None in truths or money is None else (either(*truths), money)


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
    """毕业年度高校毕业生: of the year of graduation, so never more than 12 months after it.

    Whoever is only known as a graduate may be one until a full year has passed.
    """
    left, kind = person["left_school_months"], person["category"]
    if kind == "毕业年度高校毕业生":
        return left is None or left <= 12
    if kind == "高校毕业生":
        return None if left is None or left < 12 else False
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


def enterprise_if_told(facts: Facts) -> Truth:
    """An enterprise; where only its size is told (中型企业), or its difficulties, that says as much."""
    return facts["employer_type"] in (None, "企业")


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
            none_of(hire["uninsured"], "失业保险", "工伤保险", "养老保险"),
            hire["paid_in_full"],
        )

    truth, amount = over_groups(facts["hires"], meets, lambda hire: product(1500, hire["heads"]))
    return told(truth, amount, over=ended(as_of, facts["hired_on"]))


# -- （二） ----------------------------------------------------------------------------------------------------


def intern_counts(person: Facts) -> Truth:
    """离校2年内未就业高校毕业生 or 16—24岁登记失业青年; 毕业年度 is not named here."""
    return either(left_and_never_worked(person), unemployed_youth(person))


def kept(group: Facts) -> tuple[Decimal, Decimal] | None:
    """The fewest and the most who were kept on: as told, or by the rate, which need not come to whole people."""
    if group["retained"] is not None:
        return number(group["retained"]), number(group["retained"])
    if group["heads"] is None:
        return None
    if group["retention_rate"] is None:
        return Decimal(0), number(group["heads"])
    exact = number(group["retention_rate"]) * group["heads"] / 100
    return exact.to_integral_value(ROUND_FLOOR), exact.to_integral_value(ROUND_CEILING)


def enough_kept(groups: list[Facts]) -> Truth:
    """见习期满留用率 50% or more, of all who finished together; None while either is possible."""
    finished, stayed = total(*(product(group["heads"]) for group in groups)), [kept(group) for group in groups]
    if finished is None or None in stayed:
        return False if all(most == (0, 0) or g["retention_rate"] == "0" for most, g in zip(stayed, groups, strict=True)) else None
    fewest, most = (sum(group[end] for group in stayed if group) for end in (0, 1))
    return True if 2 * fewest >= finished and most else False if 2 * most < finished or not most else None


def internship_subsidy(facts: Facts, as_of: date) -> Reading:
    """1500 per person-month; 2000 for those kept on once they are half or more of all who finished."""
    raised = enough_kept(facts["interns"])

    def worth(group: Facts) -> Decimal | None:
        plain = product(1500, group["heads"], group["internship_months"])
        if not raised:
            return plain if raised is False else None
        fewest, most = kept(group) or (None, None)
        return total(plain, product(500, fewest, group["internship_months"])) if fewest == most else None

    truth, amount = over_groups(
        facts["interns"], lambda group: both(facts["is_internship_base"], intern_counts(group)), worth
    )
    return told(truth, amount, over=ended(as_of, facts["started_on"]))


def remaining_internship_subsidy(facts: Facts, as_of: date) -> Reading:
    """1500 for each month left when the labour contract was signed before the internship's end."""

    def left(group: Facts) -> Decimal | None:
        if group["remaining_months"] is not None:
            return number(group["remaining_months"])
        agreed, served = group["agreed_months"], group["served_months"]
        return None if agreed is None or served is None else number(agreed - served)

    def meets(group: Facts) -> Truth:
        months = left(group)
        early = False if months == 0 else group["signed_early"]
        return both(facts["is_internship_base"], intern_counts(group), early, group["has_contract"])

    truth, amount = over_groups(
        facts["interns"], meets, lambda group: product(1500, group["heads"], left(group))
    )
    return told(truth, amount, over=ended(as_of, facts["signed_on"]))


# -- （三）（四） -------------------------------------------------------------------------------------------------


def personal_insurance_subsidy(facts: Facts, as_of: date) -> Reading:
    """25% of what the workers pay of 养老、医疗、失业, paid in 2025, for a year at most; 重点行业领域 and 中小微."""

    def meets(worker: Facts) -> Truth:
        return both(
            enterprise_if_told(facts),
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
        if worker["personal_each_total"] is not None:
            return None if (months or 0) > 12 else product(worker["personal_each_total"], worker["heads"], quarter)
        monthly = worker["personal_monthly"]
        if monthly is None:
            parts = (worker[name] for name in ("personal_pension", "personal_medical", "personal_unemployment"))
            monthly = total(*(None if part is None else number(part) for part in parts))
        return product(monthly, worker["heads"], None if months is None else min(months, 12), quarter)

    truth, amount = over_groups(facts["hires"], meets, worth)
    return told(truth, amount, over=as_of.year != 2025)


def labour_shortage_support(facts: Facts, as_of: date) -> Reading:
    """缺口超过100人, or 缺工率 over 10%; "超过10%以上" leaves exactly 10% open. No money."""
    gap, rate, places, there = (facts[n] for n in ("shortage_heads", "shortage_rate", "positions", "present_staff"))
    agree = True
    if there is not None and places and gap is not None:
        agree = places == there + gap
    elif there is not None and places:
        gap = places - there if places > there else 0
    elif there is not None and gap is not None and places is None:
        places = there + gap
    if rate is None and gap is not None and places and gap <= places and agree:
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
    """每户 5000 after a year; 每户 5000 more after 18 months with 3 others insured for 6 months; one household if none is told."""
    who, months, inside = facts["founder"], facts["operating_months"], facts["in_guangxi"]
    graduates = ("毕业年度高校毕业生", "离校2年内未就业高校毕业生", "高校毕业生")
    graduate = both(one_of(who, *graduates), within_two_years(who, facts["left_school_months"], months))
    # 在自治区内 is written for the others only: whether a village elsewhere will do is not said.
    returned = both(
        one_of(who, "返乡入乡农民工"), one_of(facts["place"], "村", "乡镇"), None if inside is False else True
    )
    first = both(
        either(both(either(graduate, one_of(who, "就业困难人员")), inside), returned),
        facts["first_venture"],
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
    # 再给予: the first is due whatever becomes of the second.
    return told(first, Decimal(10_000 if second else 5_000) * (1 if facts["households"] is None else facts["households"]))


def within_two_years(who: str | None, left: int | None, operating: int | None) -> Truth:
    """离校2年内 on the day the business was registered; the plan does not say on which day."""
    if left is None:
        return None if who in (None, "高校毕业生") else True
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
    return told(truth, fixed if special and not graded else None, whole if graded else None)


def training_uplift(facts: Facts, as_of: date) -> Reading:
    """人工智能 only: the five ceilings and up to 20% more; whether 专项 too is not said, so it is left out."""
    listed = one_of(facts["occupation_field"], "人工智能")
    graded = [group for group in facts["trainees"] if group["grade"] != "专项职业能力证书"]
    if not graded:
        return verdict(both(listed, None)), None, None
    truth, ceiling = over_groups(
        graded,
        lambda group: both(listed, one_of(group["grade"], *HIGHEST)),
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
    """The employer's share of 养老、失业、工伤, for 相关企业 in real difficulty; each counts once it is told.

    Which enterprises are 相关企业 is defined nowhere: nobody can say so, only that they are not.
    """
    truth = both(enterprise_if_told(facts), facts["related_enterprise"] is not False, facts["in_difficulty"])
    shares = [facts[name] for name in ("employer_pension", "employer_unemployment", "employer_injury")]
    monthly = [number(share) for share in shares if share is not None]
    if not monthly:
        return verdict(truth), None, None
    return told(truth, product(sum(monthly), facts["months"]), over=ended(as_of))


def stabilization_refund(facts: Facts, as_of: date) -> Reading:
    """30% 大型, 60% 中小微 of last year's unemployment premiums of both sides; 相关企业 50%, 90%."""
    size, related = facts["firm_size"], facts["related_enterprise"]
    truth = both(
        enterprise_if_told(facts),
        one_of(facts["layoffs"], "不裁员", "少裁员"),
        None if size is None else True,
    )
    paid = product(facts["last_year_total"])
    if paid is None:
        paid = total(product(facts["last_year_employer"]), product(facts["last_year_employees"]))
    percent = {False: (60, 90), True: (30, 50)}[size == "大型企业"][bool(related)]
    return told(truth, product(paid, percent, Decimal("0.01")), over=ended(as_of))


def unemployment_insurance_fee(facts: Facts, as_of: date) -> Reading:
    """0.5% the employer, 0.5% the employee, 1% together; of each one's base, or of everyone's together."""
    rate = {"单位": Decimal("0.005"), "职工": Decimal("0.005"), "合计": Decimal("0.01")}.get(facts["payer"])
    amount = product(facts["payroll"], rate, facts["months"])
    if facts["payroll"] is None:
        amount = product(facts["contribution_base"], facts["insured_heads"], rate, facts["months"])
    return told(True if rate else None, amount, over=ended(as_of))


def work_injury_fee(facts: Facts, as_of: date) -> Reading:
    """The base rate, halved."""
    wages = facts["payroll"]
    if wages is None and facts["contribution_base"] is not None:
        wages = product(facts["contribution_base"], facts["insured_heads"])
    amount = product(wages, facts["base_rate"], Decimal("0.01"), Decimal("0.5"), facts["months"])
    return told(True, amount, over=ended(as_of))


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
