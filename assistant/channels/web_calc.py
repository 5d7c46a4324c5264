"""算一算: every calculator as a form, its live result, and two situations side by side."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from itertools import groupby
from typing import Any

from assistant.answer import Calculation
from assistant.channels.http_input import check_facts, known_enough
from assistant.channels.web_card import brief, card_html, clause_address
from assistant.channels.web_chart import chart_html
from assistant.channels.web_forms import fields_of, form_html
from assistant.channels.web_html import Html, el, icon, join, texts
from corpus import clause_label
from tools.calculator import Calculator
from tools.catalogue import catalogue, find
from tools.explore import explain
from tools.facts import FactError, Facts
from tools.formula import plain
from tools.presume import presume


def calc_view() -> Html:
    """The heading, the choice of calculators by family, and room for the form."""
    said = texts()["calc"]
    tools = sorted(catalogue().values(), key=lambda tool: list(said["families"]).index(tool.benefit.family))
    groups = [
        el("div", el("h3", said["families"][family]), el("ul", [_choice(tool) for tool in rows], class_="tools"))
        for family, rows in groupby(tools, key=lambda tool: tool.benefit.family)
    ]
    return el(
        "div",
        el("div", el("h2", said["heading"], tabindex="-1"), el("p", said["lead"], class_="lead"),
           el("div", groups, class_="families"), id="tool-list"), el("div", id="tool-form", hidden=True), class_="view-inner wide",
    )


def _choice(tool: Calculator[Any]) -> Html:
    clauses = "、".join(clause_label(number) for number in tool.benefit.clauses)
    name = el("b", tool.title), el("span", tool.benefit.summary), el("small", clauses)
    return el("li", el("a", *name, href=f"?view=calc&tool={tool.id}", data_nav=True))


def tool_form(name: str, scenarios: Sequence[Mapping[str, Any]] = ()) -> Html:
    """The form of a calculator, once for each scenario. Raises UnknownTool and FactError."""
    tool, said = find(name), texts()["calc"]
    shown = list(scenarios) or [{}]
    several = len(shown) > 1
    forms = [_scenario(tool, facts, index, several) for index, facts in enumerate(shown)]
    clauses = [el("a", clause_label(n), href=clause_address(n), data_clause=str(n)) for n in tool.benefit.clauses]
    question = said["ask_question"].format(title=tool.title)
    return join(
        el("div", el("a", icon("back"), said["choose"], href="?view=calc", data_nav=True, class_="back")),
        el("div", el("h2", tool.title, tabindex="-1"), el("p", tool.benefit.summary), class_="tool-head"),
        el("p", el("span", said["clauses"]), clauses, class_="clause-links"),
        el(
            "div",
            el("button", icon("scale"), said["uncompare"] if several else said["compare"], type="button", id="compare",
               class_="quiet", title=None if several else said["compare_help"]),
            el("button", icon("link"), said["share"], type="button", id="share", class_="quiet"),
            el("button", icon("history"), said["reset"], type="button", id="reset", class_="quiet"),
            el("a", icon("chat"), said["ask"], href="?view=chat", data_ask=question, class_="quiet"),
            class_="tool-bar",
        ),
        el("div", id="difference", class_="difference", role="status"),
        el("div", forms, class_=f"scenarios{' two' if several else ''}"),
    )  # fmt: skip


def _scenario(tool: Calculator[Any], facts: Mapping[str, Any], index: int, several: bool) -> Html:
    said = texts()["calc"]
    if facts:
        usable(tool.facts, facts)  # a link may carry anything
        filled, presumed = dict(facts), dict[str, str]()
    else:
        filled, presumed = presume(tool, {})
    title = said["scenarios"][index] if several else said["facts"]
    form = el("form", el("h3", title), form_html(fields_of(tool.schema()), filled, f"s{index}", presumed),
              class_="facts", data_scenario=str(index), novalidate=True)  # fmt: skip
    result = el("section", id=f"result-{index}", class_="result", aria_live="polite", aria_label=f"{title} {said['result']}" if several else said["result"])
    peek = el("a", href=f"#result-{index}", class_="peek", aria_hidden="true", tabindex="-1")
    return el("div", form, result, peek, class_="scenario")


def calculate_scenarios(name: str, scenarios: Sequence[Mapping[str, Any]], as_of: date) -> dict[str, Any]:
    """The results of the scenarios as the page shows them: {results: [html], brief: [str], missing: [[path]], difference}."""
    tool, said = find(name), texts()["calc"]
    shown: list[Html] = []
    results: list[Calculation | None] = []
    names = said["scenarios"] if len(scenarios) > 1 else [""]
    for name_, facts in zip(names, scenarios, strict=True):
        heading = el("p", name_, class_="scenario-name") if name_ else None
        try:
            result = explain(tool, usable(tool.facts, facts), as_of)
        except FactError as error:
            shown.append(join(heading, el("p", str(error), class_="problem", role="alert")))
            results.append(None)
            continue
        shown.append(join(heading, card_html(result, editable=False, extra=chart_html(tool, result))))
        results.append(result)
    return {
        "results": shown,
        "brief": [brief(result) if result else "" for result in results],
        "missing": [result.missing[:1] if result else [] for result in results],
        "difference": difference(results),
    }


def usable(model: type[Facts], facts: Mapping[str, Any]) -> Mapping[str, Any]:
    """The same facts, if they can be calculated with, and quickly. Raises FactError."""
    known_enough(check_facts(model, facts))
    return facts


def difference(results: Sequence[Calculation | None]) -> str:
    """What the second of two scenarios comes to, against the first; empty where an amount is not known."""
    said = texts()["calc"]
    amounts = [_amount(result) for result in results if result is not None]
    known = [amount for amount in amounts if amount is not None]
    if len(results) != 2 or len(known) != 2:
        return ""
    gap = known[1] - known[0]
    if not gap:
        return str(said["same"])
    first, second = said["scenarios"]
    more = said["more"] if gap > 0 else said["less"]
    return str(said["differ"].format(first=first, second=second, more=more, amount=plain(abs(gap))))


def _amount(result: Calculation) -> Decimal | None:
    if result.verdict == "not_met":
        return Decimal(0)
    return (result.amount if result.ceiling is None else result.ceiling) if result.in_force else result.if_in_force
