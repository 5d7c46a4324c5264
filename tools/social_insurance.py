"""Clause 14: what social insurance costs an enterprise, what comes back and what may be paid later."""

from decimal import Decimal
from typing import Literal

from pydantic import model_validator

from tools.calculation import Alternative
from tools.calculator import Line, Outcome, calculator
from tools.conditions import Condition, all_of, is_one_of, is_true, left_open
from tools.facts import Count, EmployerType, FactError, Facts, FirmSize, Money, Months, Percent
from tools.formula import Formula, Term, added, figure, known, plain, product, times, to_fen
from tools.parameters import Benefit, Figure

Payer = Literal["单位", "职工", "合计"]
Layoffs = Literal["不裁员", "少裁员", "裁员较多"]
_RATES: dict[Payer, str] = {"单位": "employer_rate", "职工": "employee_rate", "合计": "total_rate"}


class UnemploymentInsuranceFacts(Facts):
    contribution_base: Money | None = None
    payer: Payer | None = None
    insured_heads: Count | None = None
    payroll: Money | None = None
    months: Months | None = None


@calculator("unemployment_insurance_fee", UnemploymentInsuranceFacts, kind="fee")
def unemployment_insurance_fee(facts: UnemploymentInsuranceFacts, benefit: Benefit) -> Outcome:
    """失业保险费（十四）: contribution base × the rate of whoever pays, in yuan.

    The base of each person times their number, or the payroll of all of them (月缴费工资总额) where that is told.
    """
    base = known(facts.contribution_base, "元/人·月", "contribution_base", "月缴费基数")
    heads = known(facts.insured_heads, "人", "insured_heads", "人数")
    months = known(facts.months, "个月", "months", "月数")
    payroll = known(facts.payroll, "元/月", "payroll", "月缴费工资总额")

    def at(rate: Term) -> Formula:
        return product(base, rate, heads, months) if facts.payroll is None else product(payroll, rate, months)

    def fee(payer: Payer) -> Formula:
        return at(figure(benefit.figure(_RATES[payer])))

    payer = facts.payer
    # Which part is asked for is no requirement, yet the amount depends on it: 职工 is the least, 合计 the most.
    asked = Condition(
        "要算的是单位、职工或合计", "met" if payer else "unknown", 14, "payer", payer or "",
        failing="职工", passing="合计",
    )
    unpaid = Term(None, "%", name="费率")
    formula = fee(payer) if payer else at(unpaid)
    notes = []
    if payer == "合计" and formula.value is not None:
        notes.append("其中" + "；".join(_share(part, fee(part)) for part in ("单位", "职工")) + "。")
    if payer and facts.payroll is None and facts.contribution_base is not None and (facts.insured_heads or 0) > 1:
        parts: tuple[Payer, ...] = ("单位", "职工") if payer == "合计" else (payer,)
        each = (_share(part, product(base, figure(benefit.figure(_RATES[part])))) for part in parts)
        notes.append("每人每月" + "；".join(each) + "。")
    return Outcome(
        [Line("失业保险费" + (f"（{payer}）" if payer else ""), all_of("失业保险费", asked), formula)],
        notes=notes,
        cited=(_RATES[payer],) if payer in ("单位", "职工") else ("total_rate", "employer_rate"),
    )


def _share(payer: Payer, formula: Formula) -> str:
    value = Decimal(0) if formula.value is None else to_fen(formula.value)
    return f"{payer}缴 {plain(value)} 元（{formula.steps[-1]}）"


class WorkInjuryFacts(Facts):
    payroll: Money | None = None
    contribution_base: Money | None = None
    insured_heads: Count | None = None
    base_rate: Percent | None = None
    months: Months | None = None


@calculator("work_injury_fee", WorkInjuryFacts, kind="fee")
def work_injury_fee(facts: WorkInjuryFacts, benefit: Benefit) -> Outcome:
    """工伤保险费（十四）: payroll × the current base rate, lowered by the cut; paid by the employer, in yuan.

    Where the payroll is not told but what one person's contributions are based on, that times their number.
    """
    cut = benefit.figure("rate_cut")
    kept = Term(100 - cut.value, cut.unit)
    months = known(facts.months, "个月", "months", "月数")
    rate = known(facts.base_rate, "%", "base_rate", "现行基准费率")
    if facts.payroll is None and facts.contribution_base is not None:
        base = known(facts.contribution_base, "元/人·月", "contribution_base", "月缴费基数")
        before = product(base, known(facts.insured_heads, "人", "insured_heads", "人数"), months, rate)
    else:
        before = product(known(facts.payroll, "元/月", "payroll", "月缴费工资总额"), months, rate)
    lowered = f"下调{figure(cut)}：100% − {figure(cut)} = {kept}"
    after = times(Formula(before.value, (*before.steps, lowered), before.unknown), kept, name="按基准费率计算的费额")
    condition = Condition("工伤保险费率以现行基准费率为基础下调", "met", 14)
    return Outcome([Line("工伤保险费（单位缴纳）", condition, after)])


class StabilizationFacts(Facts):
    employer_type: EmployerType | None = None
    firm_size: FirmSize | None = None
    layoffs: Layoffs | None = None
    last_year_total: Money | None = None
    last_year_employer: Money | None = None
    last_year_employees: Money | None = None
    related_enterprise: bool | None = None

    @model_validator(mode="after")
    def _agree(self) -> "StabilizationFacts":
        whole, employer, employees = self.last_year_total, self.last_year_employer, self.last_year_employees
        if whole is None:
            return self
        if employer is not None and employees is not None and employer + employees != whole:
            raise FactError(
                f"单位实缴 {plain(employer)} 元与职工实缴 {plain(employees)} 元之和"
                f"不等于上年度实缴失业保险费合计 {plain(whole)} 元"
            )
        if max(employer or 0, employees or 0) > whole:
            raise FactError("单位或职工上年度实缴失业保险费不能多于两者的合计")
        return self


@calculator("stabilization_refund", StabilizationFacts, kind="refund")
def stabilization_refund(facts: StabilizationFacts, benefit: Benefit) -> Outcome:
    """稳岗返还（十四）: a share of last year's unemployment contributions, employer's and employees', in yuan."""
    large = None if facts.firm_size is None else facts.firm_size == "大型企业"
    # Size decides the rate, not whether there is a refund: a large firm gets the least.
    size = Condition(
        "已知企业规模（大型，或中小微）", "unknown" if large is None else "met", 14, "firm_size",
        facts.firm_size or "", failing="大型企业", passing="中小微企业",
    )
    condition = all_of(
        "稳岗返还的条件",
        *_enterprise(facts.employer_type),
        is_one_of(
            "不裁员或少裁员", facts.layoffs, ("不裁员", "少裁员"), fact="layoffs", clause=14, other="裁员较多"
        ),
        size,
        left_open("符合稳岗返还的其他条件（方案没有列明）", clause=14),
    )
    contributions = _last_year(facts)
    if large is None:
        share = times(contributions, Term(None, "%", name="返还比例"), name="上年度实缴失业保险费")
        refund = Formula(None, share.steps, contributions.unknown)
        return Outcome([Line("稳岗返还", condition, refund)])
    kind = "large" if large else "small"
    refund = _share_of(contributions, benefit.figure(f"{kind}_rate"))
    raised = benefit.figure(f"{kind}_raised_rate")
    alternatives, notes = [], []
    if condition.met and refund.value is not None and facts.related_enterprise is not False:
        # Unless the enterprise says it is one of the 相关企业, which the plan does not define, the ordinary share leads.
        other = _share_of(contributions, raised)
        when = "属于方案所说的“相关企业”（方案未界定，以经办机构为准）"
        if facts.related_enterprise:
            refund, other, when = other, refund, "经办机构认定不属于“相关企业”"
            notes.append("按您说的属于“相关企业”计算；方案没有界定哪些企业是，以经办机构认定为准。")
        assert other.value is not None
        alternatives.append(Alternative(condition=when, amount=to_fen(other.value), steps=list(other.steps)))
    return Outcome(
        [Line("大型企业稳岗返还" if large else "中小微企业稳岗返还", condition, refund)],
        notes=notes,
        alternatives=alternatives,
        cited=(f"{kind}_rate", *((f"{kind}_raised_rate",) if alternatives else ())),
    )


def _enterprise(employer_type: EmployerType | None) -> tuple[Condition, ...]:
    """The plan names enterprises only; looked at when the type is known, for a size already implies one."""
    if employer_type is None:
        return ()
    return (is_one_of("单位是企业", employer_type, ("企业",), fact="employer_type", clause=14),)


def _last_year(facts: StabilizationFacts) -> Formula:
    whole = known(facts.last_year_total, "元", "last_year_total", "上年度实缴失业保险费")
    if facts.last_year_total is not None or (facts.last_year_employer, facts.last_year_employees) == (None, None):
        return added(whole, unit="元")
    return added(
        known(facts.last_year_employer, "元", "last_year_employer", "单位实缴"),
        known(facts.last_year_employees, "元", "last_year_employees", "职工实缴"),
        unit="元",
    )


def _share_of(contributions: Formula, rate: Figure) -> Formula:
    return times(contributions, figure(rate), name="上年度实缴失业保险费")


class DeferralFacts(Facts):
    employer_type: EmployerType | None = None
    related_enterprise: bool | None = None
    in_difficulty: bool | None = None
    employer_pension: Money | None = None
    employer_unemployment: Money | None = None
    employer_injury: Money | None = None
    months: Months | None = None


@calculator("deferral", DeferralFacts, kind="deferral")
def deferral(facts: DeferralFacts, benefit: Benefit) -> Outcome:
    """阶段性缓缴（十四）: the employer's share of three insurances, to be paid later without late fee, in yuan."""
    related = left_open("属于方案所说的“相关企业”（方案未界定，以经办机构为准）", clause=14)
    if facts.related_enterprise is False:
        related = is_true("属于方案所说的“相关企业”", False, fact="related_enterprise", clause=14)
    condition = all_of(
        "阶段性缓缴的条件",
        *_enterprise(facts.employer_type),
        related,
        is_true("生产经营确有困难", facts.in_difficulty, fact="in_difficulty", clause=14),
        left_open("按国家和自治区规定申请", clause=14),
    )
    months = known(facts.months, "个月", "months", "月数")
    parts = {
        "employer_pension": ("养老保险费", facts.employer_pension),
        "employer_unemployment": ("失业保险费", facts.employer_unemployment),
        "employer_injury": ("工伤保险费", facts.employer_injury),
    }
    given = [
        Line(f"{label}（单位缴费部分）", condition, product(known(value, "元/月", fact, label), months))
        for fact, (label, value) in parts.items()
        if value is not None
    ]
    notes = []
    if given and len(given) < len(parts):
        left = "、".join(label for label, value in parts.values() if value is None)
        notes.append(f"{left}的单位缴费部分也可以申请缓缴，没有说金额，没有计入。")
    return Outcome(given or [Line("养老、失业、工伤保险费（单位缴费部分）", condition)], notes=notes)
