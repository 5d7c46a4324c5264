"""Clause 1: what an employer receives for hiring (吸纳就业)."""

from datetime import date

from tools.calculator import Line, Outcome, calculator
from tools.conditions import Condition, all_of, at_least, is_one_of, is_true, under
from tools.facts import (
    Age,
    Category,
    Count,
    EmployerType,
    Facts,
    FirmSize,
    Insurance,
    Money,
    Months,
)
from tools.formula import Formula, figure, known, product
from tools.parameters import Benefit
from tools.people import (
    all_insured,
    another_group_hint,
    either,
    group_label,
    recent_graduate,
    young_unemployed,
    youth_hint,
)


class ExpansionHire(Facts):
    """A group of people hired, alike in everything that counts."""

    heads: Count | None = None
    category: Category | None = None
    age: Age | None = None
    left_school_months: Months | None = None
    worked_since: bool | None = None
    has_contract: bool | None = None
    insured_months: Months | None = None
    uninsured: tuple[Insurance, ...] | None = None
    paid_in_full: bool | None = None


class JobExpansionFacts(Facts):
    employer_type: EmployerType | None = None
    hires: tuple[ExpansionHire, ...] = (ExpansionHire(),)
    hired_on: date | None = None


@calculator("job_expansion_subsidy", JobExpansionFacts)
def job_expansion_subsidy(facts: JobExpansionFacts, benefit: Benefit) -> Outcome:
    """一次性扩岗补助（一）: a fixed amount for each eligible person hired, in yuan."""
    employer = is_one_of(
        "单位是企业或社会组织", facts.employer_type, ("企业", "社会组织"), fact="employer_type", clause=1
    )
    months = benefit.figure("insured_months")
    youngest, oldest = benefit.figure("youngest"), benefit.figure("oldest")
    lines, notes = [], []
    for index, hire in enumerate(facts.hires):
        at = f"hires.{index}"
        insured = all_of(
            f"失业、工伤、职工养老保险费足额缴纳{months.whole}个月以上",
            at_least(
                f"三项保险缴满{months.whole}个月", hire.insured_months, months.whole,
                fact="insured_months", clause=1, unit="个月",
            ),
            all_insured(
                "失业、工伤、职工养老三项都缴纳", hire.uninsured, ("失业保险", "工伤保险", "养老保险"), clause=1
            ),
            is_true("按规定足额缴纳", hire.paid_in_full, fact="paid_in_full", clause=1),
        )
        who = either(
            "招用的人员属于补助范围",
            recent_graduate(
                hire.category, hire.left_school_months, hire.worked_since,
                benefit.figure("left_school_years"), clause=1,
            ),
            young_unemployed(hire.category, hire.age, youngest, oldest, clause=1),
        )
        notes.append(youth_hint(hire.category, hire.age, who, youngest, oldest))
        contract = is_true("已签订劳动合同", hire.has_contract, fact="has_contract", clause=1)
        heads = known(hire.heads, "人", f"{at}.heads", "人数")
        lines.append(
            Line(
                label=group_label(hire.heads, hire.category),
                condition=all_of(
                    "一次性扩岗补助的条件", under(at, who), employer, under(at, contract), under(at, insured)
                ),
                formula=product(heads, figure(benefit.figure("amount_per_head"))),
            )
        )
    return Outcome(lines, event=facts.hired_on, notes=[note for note in notes if note])


class SubsidisedHire(Facts):
    """A group of people whose contributions the employer paid."""

    heads: Count | None = None
    category: Category | None = None
    left_school_months: Months | None = None
    worked_since: bool | None = None
    contract_months: Months | None = None
    paid_by_law: bool | None = None
    employer_monthly: Money | None = None
    employer_group_monthly: Money | None = None
    paid_months: Months | None = None
    employer_total: Money | None = None


class EmployerInsuranceFacts(Facts):
    employer_type: EmployerType | None = None
    firm_size: FirmSize | None = None
    hires: tuple[SubsidisedHire, ...] = (SubsidisedHire(),)


_NEEDY: tuple[Category, ...] = ("就业困难人员", "脱贫劳动力")
_MEDIUM_FIRM = (
    "招用高校毕业生的全额补贴只给小微企业；中型企业如果属于重点行业领域，可以看第三条的个人社会保险补贴。"
)


@calculator("employer_insurance_subsidy", EmployerInsuranceFacts)
def employer_insurance_subsidy(facts: EmployerInsuranceFacts, benefit: Benefit) -> Outcome:
    """吸纳就业社保补贴（一）: all that the enterprise itself paid for the person, in yuan."""
    years = benefit.figure("contract_years")
    small = is_small_or_micro("是小微企业", facts.firm_size, clause=1)
    enterprise = is_one_of("单位是企业", facts.employer_type, ("企业",), fact="employer_type", clause=1)
    lines, notes = [], []
    for index, hire in enumerate(facts.hires):
        at = f"hires.{index}"
        needy = is_one_of(
            "招用就业困难人员或脱贫劳动力", hire.category, _NEEDY, fact="category", clause=1
        )
        graduates = recent_graduate(
            hire.category, hire.left_school_months, hire.worked_since, benefit.figure("left_school_years"), clause=1
        )
        who = either(
            "招用的人员属于补贴范围",
            under(at, needy),
            all_of("小微企业招用毕业年度或离校2年内未就业高校毕业生", under(at, graduates), small),
        )
        if facts.firm_size == "中型企业" and graduates.verdict != "not_met" and needy.verdict == "not_met":
            notes.append(_MEDIUM_FIRM)
        notes.append(another_group_hint(hire.category, who, _NEEDY))
        contract = at_least(
            f"签订{years.whole}年以上劳动合同", hire.contract_months, years.months,
            fact="contract_months", clause=1, unit="个月",
        )
        by_law = is_true("依法缴纳社会保险费", hire.paid_by_law, fact="paid_by_law", clause=1)
        lines.append(
            Line(
                label=group_label(hire.heads, hire.category),
                condition=all_of("吸纳就业社会保险补贴的条件", who, enterprise, under(at, contract), under(at, by_law)),
                formula=_contributions(hire, at),
            )
        )
    return Outcome(lines, notes=[note for note in notes if note])


def _contributions(hire: SubsidisedHire, at: str) -> Formula:
    """What the enterprise paid: a total or an amount a month for all if that is known, else for each person."""
    if hire.employer_total is not None:
        return product(known(hire.employer_total, "元", f"{at}.employer_total", "企业实缴合计"))
    months = known(hire.paid_months, "个月", f"{at}.paid_months", "缴费月数")
    if hire.employer_group_monthly is not None:
        return product(known(hire.employer_group_monthly, "元/月", f"{at}.employer_group_monthly", "企业每月合计实缴"), months)
    return product(
        known(hire.heads, "人", f"{at}.heads", "人数"),
        known(hire.employer_monthly, "元/人·月", f"{at}.employer_monthly", "企业每人每月实缴"),
        months,
    )


def is_small_or_micro(label: str, size: FirmSize | None, *, clause: int) -> Condition:
    """小微企业; 中小微企业 leaves it open."""
    known_size = None if size == "中小微企业" else size
    return is_one_of(label, known_size, ("小微企业",), fact="firm_size", clause=clause, other="大型企业")
