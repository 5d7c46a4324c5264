"""Clause 3: part of what workers themselves pay for social insurance, given back through their enterprise."""

from decimal import Decimal

from pydantic import model_validator

from tools.calculator import Line, Outcome, calculator
from tools.conditions import Condition, all_of, at_least, is_one_of, is_true, under
from tools.facts import Category, Count, EmployerType, FactError, Facts, FirmSize, Insurance, Money, Months
from tools.formula import Formula, Term, added, figure, known, plain, product, times
from tools.parameters import Benefit
from tools.people import all_insured, group_label

_NEEDED: tuple[Insurance, ...] = ("养老保险", "医疗保险", "失业保险")


class InsuredWorker(Facts):
    """A group of workers alike in everything that counts; amounts are what they pay themselves."""

    heads: Count | None = None
    category: Category | None = None
    is_target_group: bool | None = None
    contract_months: Months | None = None
    uninsured: tuple[Insurance, ...] | None = None
    paid_by_law: bool | None = None
    paid_months: Months | None = None
    personal_monthly: Money | None = None
    personal_pension: Money | None = None
    personal_medical: Money | None = None
    personal_unemployment: Money | None = None
    personal_total: Money | None = None
    personal_each_total: Money | None = None

    @property
    def parts(self) -> tuple[Decimal | None, ...]:
        return self.personal_pension, self.personal_medical, self.personal_unemployment

    @model_validator(mode="after")
    def _agree(self) -> "InsuredWorker":
        given = [part for part in self.parts if part is not None]
        monthly = self.personal_monthly
        if monthly is None or not given:
            return self
        if sum(given) > monthly or (len(given) == len(self.parts) and sum(given) != monthly):
            raise FactError(
                f"个人每月养老、医疗、失业保险缴费额相加是 {plain(sum(given, Decimal(0)))} 元，"
                f"和个人每月缴费额 {plain(monthly)} 元对不上"
            )
        return self


class PersonalInsuranceFacts(Facts):
    employer_type: EmployerType | None = None
    key_industry: bool | None = None
    firm_size: FirmSize | None = None
    hires: tuple[InsuredWorker, ...] = (InsuredWorker(),)


@calculator("personal_insurance_subsidy", PersonalInsuranceFacts)
def personal_insurance_subsidy(facts: PersonalInsuranceFacts, benefit: Benefit) -> Outcome:
    """个人社会保险补贴（三）: a share of the workers' own 养老, 医疗 and 失业 contributions of 2025, in yuan."""
    years = benefit.figure("contract_years")
    industry = is_true("属于重点行业领域", facts.key_industry, fact="key_industry", clause=3)
    firm = _small_firm(facts.employer_type, facts.firm_size)
    lines, notes = [], []
    for index, hire in enumerate(facts.hires):
        at = f"hires.{index}"
        contract = at_least(
            f"签订{years.whole}年以上劳动合同", hire.contract_months, years.months,
            fact="contract_months", clause=3, unit="个月",
        )
        worker = all_of(
            "员工的条件",
            is_true("属于重点群体", hire.is_target_group, fact="is_target_group", clause=3),
            contract,
            all_insured("养老、医疗、失业三项都缴纳", hire.uninsured, _NEEDED, clause=3),
            is_true("按规定缴纳", hire.paid_by_law, fact="paid_by_law", clause=3),
        )
        formula, note = _subsidy(hire, at, benefit)
        notes += [note] if note else []
        lines.append(
            Line(
                label=group_label(hire.heads, hire.category, "员工"),
                condition=all_of("个人社会保险补贴的条件", industry, firm, under(at, worker)),
                formula=formula,
            )
        )
    return Outcome(lines, notes=notes)


def _small_firm(employer_type: EmployerType | None, size: FirmSize | None) -> Condition:
    """中小微企业; that it is an enterprise is looked at when the type is known, for a size already implies it."""
    small = is_one_of(
        "是中小微企业", size, ("中小微企业", "中型企业", "小微企业"), fact="firm_size", clause=3, other="大型企业"
    )
    if employer_type is None:
        return small
    enterprise = is_one_of("单位是企业", employer_type, ("企业",), fact="employer_type", clause=3)
    return all_of("是中小微企业", enterprise, small)


def _subsidy(hire: InsuredWorker, at: str, benefit: Benefit) -> tuple[Formula, str]:
    """The workers' contributions × the rate, and what has to be said about the months counted."""
    rate, longest = figure(benefit.figure("rate")), benefit.figure("subsidy_years").months
    months = hire.paid_months
    over = months is not None and months > longest
    # A total over more months than count does not say how much of it counts: then the monthly amount is needed.
    if hire.personal_each_total is not None and hire.personal_total is None and not over:
        each = known(hire.personal_each_total, "元/人", f"{at}.personal_each_total", "每人个人缴费额合计")
        whole = product(each, known(hire.heads, "人", f"{at}.heads", "人数"))
        return times(whole, rate, name="个人缴费额合计"), _within(longest) if months is None else ""
    if hire.personal_total is not None and not over:
        whole = added(known(hire.personal_total, "元", f"{at}.personal_total", "个人缴费额合计"), unit="元")
        return times(whole, rate, name="个人缴费额合计"), _within(longest) if months is None else ""
    counted = months if months is None else min(months, longest)
    # Beyond the subsidy's period further months change nothing.
    term = known(counted, "个月", f"{at}.paid_months", "缴费月数", low=0, high=longest)
    heads = known(hire.heads, "人", f"{at}.heads", "人数")
    contributions = times(_monthly(hire, at), heads, term, name="个人每月缴费额")
    note = f"缴费{months}个月，补贴期限为{longest}个月，按每月缴费额乘以{longest}个月计算。" if over else ""
    return times(contributions, rate, name="个人缴费额"), note


def _within(months: int) -> str:
    return f"按这笔合计是{months}个月以内的缴费计算：补贴期限为{months}个月。"


def _monthly(hire: InsuredWorker, at: str) -> Formula:
    """What one worker pays a month for the three: as told in one figure, or added up."""
    unit = "元/人·月"
    if hire.personal_monthly is not None or hire.parts == (None, None, None):
        return added(known(hire.personal_monthly, unit, f"{at}.personal_monthly", "个人每月缴费额"), unit=unit)
    facts = ("personal_pension", "personal_medical", "personal_unemployment")
    terms: list[Term] = [
        known(value, unit, f"{at}.{fact}", f"个人{insurance}费")
        for fact, value, insurance in zip(facts, hire.parts, _NEEDED, strict=True)
    ]
    return added(*terms, unit=unit)
