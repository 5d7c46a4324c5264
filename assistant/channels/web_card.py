"""A calculation as a card, an answer as the words with its cards and the clauses it rests on."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any
from urllib.parse import urlencode

from assistant.answer import Answer, Calculation, Citation
from assistant.channels.web_html import Html, day_words, el, icon, join, markdown, texts
from corpus import clause_label
from tools.calculation import ConditionView
from tools.facts import word
from tools.formula import plain

_FEW = 3
"""So many calculations are shown whole; more are rows to open."""
_SOURCES = 3
"""So many clauses are quoted at once; the others can be opened."""


def answer_html(answer: Answer) -> Html:
    """The message as the chat shows it."""
    calculations = answer.calculations
    if len(calculations) > _FEW:
        cards = [el("div", [row_html(c) for c in calculations], class_="rows")]
    else:
        cards = [card_html(c) for c in calculations]
    shown = answer.citations_to_add()
    return join(
        el("div", markdown(_without_repeats(answer)), class_="words"), cards, sources_html(shown or answer.citations)
    )


def answer_markdown(answer: Answer) -> str:
    """The answer for a clipboard or a file: its words, and the passages they rest on."""
    quotes = dict.fromkeys(f"> {clause_label(c.clause)} {c.title}：“{c.quote}”" for c in answer.citations)
    return "\n\n".join([answer.text.strip(), *([f"{texts()['card']['sources']}："] if quotes else []), "\n".join(quotes)]).strip()


def _without_repeats(answer: Answer) -> str:
    """The words without the paragraphs that the card beside them has as steps or notes."""
    calculations = answer.calculations[:_FEW] if len(answer.calculations) <= _FEW else []
    steps = [step for c in calculations for step in c.steps]
    said = {note for c in calculations for note in (*c.notes, *c.open_points)}

    def repeated(paragraph: str) -> bool:
        arithmetic = paragraph.startswith(texts()["card"]["steps"]) and any(step in paragraph for step in steps)
        return arithmetic or paragraph.strip() in said

    return "\n\n".join(part for part in answer.text.split("\n\n") if not repeated(part))


def card_html(result: Calculation, *, editable: bool = True, extra: Html | None = None) -> Html:
    """Everything about one calculation. ``editable``: with a link to its form; ``extra`` stands below the figures."""
    said = texts()["card"]
    return el(
        "article",
        el("div", el("h3", result.title), el("div", _state(result), class_="pills"), class_="card-head"),
        _figures(result),
        extra,
        _section(said["steps"], [el("ol", [el("li", step) for step in result.steps], class_="steps")] if result.steps else []),
        _missing(result),
        _conditions(result),
        _changes(result),
        _alternatives(result),
        _notes(result),
        el("div", link_to_form(result), class_="card-foot") if editable else None,
        class_=f"card {result.verdict}{'' if result.in_force else ' ended'}",
    )


def row_html(result: Calculation) -> Html:
    """One calculation among many: its outcome in a line, the card when opened."""
    figure = next(_amounts(result), None)
    summary = (
        el("span", result.title, class_="row-title"),
        el("span", _in_a_line(figure), class_="row-amount") if figure else None,
        el("span", _ask(result), class_="row-ask") if result.verdict == "unknown" and result.in_force else None,
        el("span", _reason(result), class_="row-ask") if result.verdict == "not_met" else None,
    )
    return el("details", el("summary", summary), card_html(result), class_=f"row {result.verdict}")


def brief(result: Calculation) -> str:
    """The outcome in a few words: the first figure, or the verdict; empty while neither is known."""
    if figure := next(_amounts(result), None):
        return f"{figure[0]} {figure[1]} {figure[2]}"
    return "" if result.verdict == "unknown" else str(texts()["card"]["verdicts"][result.verdict])


def _in_a_line(figure: tuple[str, str, str]) -> list[str]:
    label, amount, unit = figure
    at_most = label in (texts()["card"]["ceiling"], texts()["card"]["range_of_ceiling"])
    return [el("span", label, class_="at-most") if at_most else label, " ", el("b", _short(amount, unit))]


def _short(amount: str, unit: str) -> str:
    """30万—400万元 for 300000—4000000 元, where a line has no room for both; nothing is rounded away."""
    values = [_number(part) for part in amount.split("—")]
    known = [value for value in values if value is not None]
    if len(known) < len(values) or not any(known) or not all(not value or _in_ten_thousands(value) for value in known):
        return f"{amount} {unit}"
    return "—".join(f"{plain(value / 10_000)}万" if value else "0" for value in known) + unit


def _ask(result: Calculation) -> str:
    return word(result.missing[0]).ask if result.missing else ""


def _reason(result: Calculation) -> str:
    return next((reason for line in result.lines for reason in line.reasons), "")


def _state(result: Calculation) -> list[Html]:
    said = texts()["card"]
    until = f" · 至{day_words(result.valid_until)}" if result.valid_until else ""
    verdict = [el("span", said["marks"][result.verdict], aria_hidden="true"), f" {said['verdicts'][result.verdict]}"]
    return [
        el("span", verdict, class_=f"pill {result.verdict}"),
        el("span", f"{result.state}{until}", class_=f"pill {'in-force' if result.in_force else 'not-in-force'}"),
    ]


def _amounts(result: Calculation) -> Iterator[tuple[str, str, str]]:
    """What each figure is, the figure and its unit: an amount due, a ceiling and its fixed part, what it would have been, a range."""
    said = texts()["card"]
    labelled: tuple[tuple[str, Decimal | None], ...] = (
        (said["amounts"][result.kind], result.amount),
        (said["ceiling"], result.ceiling),
        (said["fixed"], result.fixed),
        (said["if_in_force"], result.if_in_force),
    )
    for label, value in labelled:
        if value is not None:
            yield label, plain(value), result.unit
    if result.low is not None and result.verdict == "unknown":
        between = said["unlimited"] if result.high is None else said["between"]
        high = "" if result.high is None else plain(result.high)
        label = said["range_of_ceiling"] if any(line.ceiling for line in result.lines) else said["range"]
        if result.high is not None or result.low > 0:
            yield label, between.format(low=plain(result.low), high=high).removesuffix(" 元"), result.unit


def _figures(result: Calculation) -> list[Html]:
    said = texts()["card"]
    rows = []
    for label, amount, unit in _amounts(result):
        kind = "ceiling" if label == said["ceiling"] else "range" if label in (said["range"], said["range_of_ceiling"]) else ""
        notes = [note for note in (_ten_thousands(amount), said["ceiling_note"] if kind == "ceiling" else "") if note]
        note = el("span", "，".join(notes), class_="amount-note") if notes else None
        figure = el("strong", amount, el("small", f" {unit}"))
        rows.append(el("div", el("span", label, class_="amount-label"), figure, note, class_=f"amount {kind}".strip()))
    return rows


def _ten_thousands(amount: str) -> str:
    """400万元 for 4000000: long rows of noughts are easily misread."""
    value = _number(amount)
    if value is None or not _in_ten_thousands(value):
        return ""
    return str(texts()["card"]["ten_thousands"].format(amount=plain(value / 10_000)))


def _number(text: str) -> Decimal | None:
    try:
        return Decimal(text)
    except InvalidOperation:  # a range, or words
        return None


def _in_ten_thousands(value: Decimal) -> bool:
    return value >= 100_000 and value % 1_000 == 0


def _section(label: str, inner: Sequence[Html], kind: str = "") -> Html | None:
    return el("div", el("div", label, class_="card-label"), list(inner), class_=f"part {kind}".strip()) if inner else None


def _missing(result: Calculation) -> Html | None:
    if result.verdict != "unknown" or not result.missing:
        return None
    asks = dict.fromkeys(word(path).ask for path in result.missing)
    return _section(texts()["card"]["missing"], [el("ul", [el("li", ask) for ask in list(asks)[:3]], class_="asks")])


def _conditions(result: Calculation) -> Html | None:
    if not result.conditions:
        return None
    rows = [
        el("li", el("b", line.label, class_="line-label") if len(result.lines) > 1 else None,
           el("ul", _leaves(condition), class_="conditions"))
        for line, condition in zip(result.lines, result.conditions, strict=False)
    ]  # fmt: skip
    counts = [sum(leaf.verdict == v for c in result.conditions for leaf in leaves_of(c)) for v in ("met", "not_met", "unknown")]
    marks = texts()["card"]["marks"]
    tally = " ".join(f"{mark}{count}" for mark, count in zip(marks.values(), counts, strict=True) if count)
    return el(
        "details", el("summary", texts()["card"]["conditions"], el("span", tally, class_="tally")),
        el("ul", rows, class_="lines"), open=result.verdict != "met",
    )


def _leaves(condition: ConditionView, depth: int = 0) -> Html:
    """A requirement with those it consists of; a node with a single child is that child."""
    said = texts()["card"]
    children = condition.children
    if len(children) == 1:
        return _leaves(children[0], depth)
    if depth == 0 and children and condition.operator != "any":
        return join([_leaves(child, 1) for child in children])
    have = said["presumed"] if condition.presumed else said["open"] if condition.open_in_plan else condition.have
    mark = el("span", said["marks"][condition.verdict], class_=f"mark {condition.verdict}", role="img",
              aria_label=said["verdicts"][condition.verdict])  # fmt: skip
    either = el("span", f"（{said['any']}）", class_="have") if condition.operator == "any" else None
    own = el("span", f"（{have}）", class_="have") if have and not children else None
    inner = el("ul", [_leaves(child, depth + 1) for child in children], class_="conditions") if children else None
    return el("li", mark, el("span", condition.label, either, own), inner)


def leaves_of(condition: ConditionView) -> Iterator[ConditionView]:
    """The requirements that a condition comes down to."""
    if not condition.children:
        yield condition
    for child in condition.children:
        yield from leaves_of(child)


def _changes(result: Calculation) -> Html | None:
    said = texts()["card"]
    rows = []
    for change in result.changes:
        label = said["ceiling"] if change.ceiling is not None else said["amounts"][result.kind]
        value = change.amount if change.ceiling is None else change.ceiling
        then = f"{label} {plain(value)} {result.unit}" if value is not None else said["verdicts"][change.verdict]
        rows.append(el("li", said["change_to"].format(label=change.label), icon("arrow"), el("b", then)))
    return _section(said["changes"], [el("ul", rows, class_="changes")] if rows else [])


def _alternatives(result: Calculation) -> Html | None:
    rows = [
        el("li", f"{other.condition}：", el("b", f"{plain(other.amount)} {result.unit}"))
        for other in result.alternatives
    ]
    return _section(texts()["card"]["alternatives"], [el("ul", rows, class_="changes")] if rows else [])


def _notes(result: Calculation) -> Html | None:
    said = texts()["card"]
    periods = [f"{window.label}：“{window.quote}”（{window.state}）" for window in result.windows]
    notes = [*result.assumptions, *(periods or [said["no_period"]]), *result.notes, *result.open_points]
    items = [el("li", note) for note in dict.fromkeys(notes)]
    return el("details", el("summary", f"{said['period']}与{said['notes']}"), el("ul", items, class_="notes"))


def link_to_form(result: Calculation) -> Html:
    """A link that opens the calculator with these facts."""
    return el("a", texts()["card"]["edit"], icon("arrow"), href=form_address(result.tool, result.facts), data_nav=True)


def form_address(tool: str, facts: Mapping[str, Any]) -> str:
    """?view=calc&tool=…&facts=…"""
    return "?" + urlencode({"view": "calc", "tool": tool, "facts": json.dumps(facts, ensure_ascii=False, separators=(",", ":"))})


def clause_address(clause: int, quotes: Iterable[str] = ()) -> str:
    """?view=clauses&clause=14, with the words to mark."""
    return "?" + urlencode([("view", "clauses"), ("clause", clause), *(("quote", quote) for quote in quotes)])


def sources_html(citations: Sequence[Citation]) -> Html | None:
    """The quotes under their clauses, without those that stand within another one; each opens its clause."""
    said = texts()["card"]
    quotes: dict[tuple[int, str], list[str]] = {}
    for citation in citations:
        quotes.setdefault((citation.clause, citation.title), []).append(citation.quote)
    if not quotes:
        return None
    blocks = []
    for (clause, title), found in quotes.items():
        whole = [q for q in dict.fromkeys(found) if not any(q != other and q in other for other in found)]
        name = (el("b", clause_label(clause)), f" {title}")
        opener = el("a", *name, class_="clause", href=clause_address(clause, whole), data_clause=str(clause))
        blocks.append(el("li", opener, el("ul", [el("li", el("q", quote)) for quote in whole])))
    first, rest = blocks[:_SOURCES], blocks[_SOURCES:]
    more = el("details", el("summary", said["more_sources"].format(count=len(rest))), el("ul", rest)) if rest else None
    return el("div", el("div", said["sources"], class_="card-label"), el("ul", first), more, class_="sources")
