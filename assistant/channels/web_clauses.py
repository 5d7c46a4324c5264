"""看政策: the 22 clauses under their five actions, with search by meaning and the words somebody quoted marked."""

from collections.abc import Sequence
from typing import Any

from assistant.channels.web_html import Html, day_words, el, icon, join, texts
from corpus import Clause, chinese_numeral, load_plan
from corpus.retrieval import Retriever
from tools.catalogue import catalogue

_FOUND = 5
_SENTENCES = 2
"""Of each clause found, so many sentences are shown."""


def clauses_view() -> Html:
    """The whole plan, with a table of contents and a search box."""
    said, plan = texts()["clauses"], load_plan()
    contents = [
        el("li", el("span", f"{chinese_numeral(action.number)}、{action.title}"),
           el("ol", [el("li", _link(clause, f"（{clause.numeral}）{clause.title}")) for clause in action.clauses]))
        for action in plan.actions
    ]  # fmt: skip
    actions = [
        el("section", el("h3", f"{chinese_numeral(action.number)}、{action.title}"), [clause_html(c) for c in action.clauses])
        for action in plan.actions
    ]
    search = el(
        "form", el("label", said["search"], for_="clause-search", class_="sr"), icon("search"),
        el("input", type="search", id="clause-search", placeholder=said["placeholder"], autocomplete="off", maxlength=200),
        role="search", class_="search",
    )  # fmt: skip
    return el(
        "div", el("h2", said["heading"], tabindex="-1"), el("p", plan.title, class_="lead"), search,
        el("div", id="clause-found", aria_live="polite"),
        el("div",
           el("details", el("summary", said["contents"]), el("ol", contents, class_="contents"), class_="toc"),
           el("div", actions, class_="plan"), class_="plan-page"),
        class_="view-inner wide",
    )  # fmt: skip


def clause_html(clause: Clause, quotes: Sequence[str] = (), at: str = "clause") -> Html:
    """One clause to read; the words that stand in ``quotes`` are marked. ``at`` starts its id."""
    said = texts()["clauses"]
    tools = [t for t in catalogue().values() if clause.number in t.benefit.clauses]
    ends = [
        el("span", f"{p.subject} ", el("span", said["ends"].format(day=day_words(p.until)), class_="nowrap"), class_="pill")
        for p in load_plan().periods_of(clause.number)
    ]
    links = [el("a", icon("calc"), t.title, href=f"?view=calc&tool={t.id}", data_nav=True, class_="quiet") for t in tools]
    ask = el("a", icon("chat"), said["ask"], href="?view=chat", data_ask=said["ask_question"].format(title=clause.title),
             class_="quiet strong")  # fmt: skip
    return el(
        "article",
        el("h4", _link(clause, join(el("span", clause.label, class_="clause-number"), clause.title))),
        el("div", ends, class_="pills") if ends else None,
        el("p", marked(clause, quotes), class_="clause-text"),
        el("div", ask, links, class_="tool-bar"),
        class_="clause-card", id=f"{at}-{clause.number}", tabindex="-1",
    )


def _link(clause: Clause, inner: Html | str) -> Html:
    return el("a", inner, href=f"?view=clauses&clause={clause.number}", data_nav=True)


def marked(clause: Clause, quotes: Sequence[str]) -> Html:
    """The clause's text with the quoted passages marked; a quote that does not stand in it changes nothing."""
    text, spans = clause.text, []
    for quote in quotes:
        start = text.find(quote) if quote else -1
        if start >= 0:
            spans.append((start, start + len(quote)))
    parts: list[Html | str] = []
    at = 0
    for start, end in sorted(spans):
        start = max(start, at)
        if end > start:
            parts += [text[at:start], el("mark", text[start:end])]
            at = end
    return join(parts, text[at:])


def clause_page(number: int, quotes: Sequence[str]) -> Html:
    """One clause for the dialog that a citation opens. Raises LookupError."""
    return clause_html(load_plan().clause(number), quotes, "quoted")


def found_html(retriever: Retriever, question: str) -> Html:
    """The clauses nearest to what somebody types, with the sentences that matter."""
    said = texts()["clauses"]
    hits = retriever.search(question, top=_FOUND)
    if not hits:
        return el("p", said["not_found"], class_="help")
    plan = load_plan()
    rows: list[Any] = []
    for hit in hits:
        clause = plan.clause(hit.clause)
        sentences = sorted(hit.sentences[:_SENTENCES], key=lambda sentence: sentence.start)
        name = el("b", f"{clause.label} {clause.title}")
        rows.append(el("li", el("a", name, [el("span", s.text) for s in sentences],
                                href=f"?view=clauses&clause={hit.clause}", data_nav=True)))  # fmt: skip
    return join(el("h3", said["found"].format(count=len(rows))), el("ol", rows, class_="found"))
