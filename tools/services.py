"""Clause 6: what agencies receive for bringing people into work (就业创业服务补助)."""

from tools.calculator import Line, Outcome, calculator
from tools.conditions import all_of, at_least, is_one_of, is_true, under
from tools.facts import Category, Count, Facts, Months
from tools.formula import figure, known, product
from tools.parameters import Benefit
from tools.people import another_group_hint, group_label

ACCEPTED: tuple[Category, ...] = ("农村劳动力", "登记失业人员", "返乡入乡农民工", "16—24岁登记失业青年")
"""农村劳动力 and 登记失业人员, and the narrower groups that are one of the two by name."""


class Placement(Facts):
    """A group of people brought into work, alike in everything that counts."""

    heads: Count | None = None
    category: Category | None = None
    contract_months: Months | None = None
    pension_months: Months | None = None


class EmploymentServiceFacts(Facts):
    is_agency: bool | None = None
    placements: tuple[Placement, ...] = (Placement(),)


@calculator("employment_service_subsidy", EmploymentServiceFacts)
def employment_service_subsidy(facts: EmploymentServiceFacts, benefit: Benefit) -> Outcome:
    """就业创业服务补助（六）: a maximum for each person placed, in yuan."""
    contract, pension = benefit.figure("contract_months"), benefit.figure("pension_months")
    agency = is_true("是经营性人力资源服务机构", facts.is_agency, fact="is_agency", clause=6)
    lines, notes = [], []
    for index, group in enumerate(facts.placements):
        at = f"placements.{index}"
        who = is_one_of("组织的是农村劳动力或登记失业人员", group.category, ACCEPTED, fact="category", clause=6)
        notes.append(another_group_hint(group.category, who, ACCEPTED[:2]))
        people = (
            who,
            at_least(
                f"签订{contract.whole}个月（含）以上劳动合同", group.contract_months, contract.whole,
                fact="contract_months", clause=6, unit="个月",
            ),
            at_least(
                f"缴纳企业职工基本养老保险满{pension.whole}个月", group.pension_months, pension.whole,
                fact="pension_months", clause=6, unit="个月",
            ),
        )
        lines.append(
            Line(
                label=group_label(group.heads, group.category, "组织就业人员"),
                condition=all_of("就业创业服务补助的条件", agency, *(under(at, condition) for condition in people)),
                formula=product(known(group.heads, "人", f"{at}.heads", "人数"), figure(benefit.figure("most_per_head"))),
                ceiling=True,
            )
        )
    return Outcome(lines, notes=[note for note in notes if note])
