"""政策体检: a few facts about a company or a person, and every benefit sorted by what it comes to."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any, get_args

from assistant.answer import Calculation
from assistant.channels.web_calc import usable
from assistant.channels.web_card import leaves_of, row_html
from assistant.channels.web_forms import fields_of, form_html
from assistant.channels.web_html import Html, el, icon, join, texts
from tools.catalogue import find
from tools.facts import FactError, word
from tools.screening import Screening, Subject, profile, screen, screening_schema


def check_view() -> Html:
    """A form for each kind of subject, of which one is shown."""
    said = texts()["check"]
    subjects: tuple[str, ...] = get_args(Subject)
    tabs = [
        el("label", el("input", type="radio", name="subject", value=subject, checked=index == 0), el("span", subject),
           class_="option")
        for index, subject in enumerate(subjects)
    ]  # fmt: skip
    forms = [_form(subject, hidden=index > 0) for index, subject in enumerate(subjects)]
    return el(
        "div", el("h2", said["heading"], tabindex="-1"), el("p", said["lead"], class_="lead"),
        el("fieldset", el("legend", said["subject"]), el("div", tabs, class_="options"), class_="field subject"),
        forms, el("section", id="check-result", aria_live="polite", tabindex="-1"), class_="view-inner",
    )


def _form(subject: str, *, hidden: bool) -> Html:
    """The questions of one subject, in steps to open one after another."""
    said = texts()["check"]
    known = {field.name: field for field in fields_of(screening_schema())}
    steps, planned = [], said["subjects"][subject]
    for index, step in enumerate(planned):
        fields = [known[name] for name in step["facts"]]
        wanted = step.get("fields", ())
        fields = [
            replace(f, rows=tuple(sorted((r for r in f.rows if r.name in wanted), key=lambda r: wanted.index(r.name))))
            for f in fields
        ]
        inner = el("div", form_html(fields, {}, f"check-{subject}-{index}"), class_="fields")
        onward = [el("button", said["onward"].format(title=later["title"]), icon("arrow"), type="button", class_="quiet", data_onward=True)
                  for later in planned[index + 1 : index + 2]]  # fmt: skip
        steps.append(el("details", el("summary", step["title"]), inner, onward, open=index == 0, class_="step"))
    button = el("button", said["run"], type="submit", class_="primary")
    return el("form", steps, button, class_="facts", data_subject=subject, hidden=hidden, novalidate=True)


def check_html(facts: Mapping[str, Any], subject: Subject, as_of: date) -> Html:
    """The screening in its four groups, or the sentence that says what is wrong with the facts.

    What the short form does not ask and nearly always holds (足额缴纳) is taken as given, and said on the card.
    """
    filled, presumed = _presume(facts, subject)
    try:
        found = screen(usable(profile(), filled), as_of, subject)
    except FactError as error:
        return el("p", str(error), class_="problem", role="alert")
    for rows in (found.due, found.open, found.not_, found.ended):
        rows[:] = [_with_assumptions(row, presumed) for row in rows]
    return _groups(found, subject)


def _presume(facts: Mapping[str, Any], subject: Subject) -> tuple[dict[str, Any], set[str]]:
    """The facts with what the form does not ask filled in, and the names of those facts."""
    steps = texts()["check"]["subjects"][subject]
    asked = {name for step in steps for name in (*step["facts"], *step.get("fields", ()))}
    filled, presumed = dict(facts), set[str]()
    for field in fields_of(screening_schema()):
        given = word(field.name).presume
        if field.kind != "groups":
            if given is not None and field.name not in asked | set(facts):
                filled[field.name] = given
                presumed.add(field.name)
            continue
        extra = {row.name: word(row.name).presume for row in field.rows if row.name not in asked}
        extra = {name: value for name, value in extra.items() if value is not None}
        if isinstance(facts.get(field.name), list):
            filled[field.name] = [{**extra, **row} for row in facts[field.name] if isinstance(row, dict)]
            presumed |= set(extra)
    return filled, presumed


def _with_assumptions(result: Calculation, presumed: set[str]) -> Calculation:
    """The result with the facts it uses that nobody stated said as such."""
    used = {leaf.fact.rsplit(".", 1)[-1] for condition in result.conditions for leaf in leaves_of(condition)}
    names = [name for name in _names(result.facts) if name in presumed and name in used]
    return result.model_copy(update={"assumptions": list(dict.fromkeys(word(name).presume_text for name in names))})


def _names(facts: Mapping[str, Any]) -> Iterator[str]:
    for name, value in facts.items():
        yield name
        for row in value if isinstance(value, list) else ():
            if isinstance(row, Mapping):
                yield from row


def _groups(found: Screening, subject: Subject) -> Html:
    """The four groups of what the subject can apply for; below them what only the other kind can, to be opened."""
    said = texts()["check"]
    groups: list[Html] = []
    others: list[Calculation] = []
    for name, words in said["groups"].items():
        rows: list[Calculation] = []
        for row in getattr(found, name):
            (rows if subject in find(row.tool).benefit.audience else others).append(row)
        heading = el("h3", words["label"], el("span", str(len(rows)), class_="count"))
        caution = el("p", found.caution, class_="caution") if name == "due" and len(rows) > 1 and found.caution else None
        first = _asked_most(rows) if name == "open" else None
        groups.append(el("section", heading, caution, first, _rows(rows, words["empty"]), class_=f"group-{name.rstrip('_')}"))
    if others:
        (other,) = {*get_args(Subject)} - {subject}
        label = said["others"].format(other=other, count=len(others))
        groups.append(el("details", el("summary", label), _rows(others, ""), class_="others"))
    return join(groups)


def _rows(rows: Sequence[Calculation], empty: str) -> Html:
    return el("div", [row_html(row) for row in rows], class_="rows") if rows else el("p", empty, class_="help")


def _asked_most(rows: Sequence[Calculation]) -> Html | None:
    """The question on which most of the open benefits hang."""
    counts = Counter(word(row.missing[0]).ask for row in rows if row.missing)
    (ask, count), = counts.most_common(1) or [("", 0)]
    return el("p", texts()["check"]["next"].format(count=count, ask=ask), class_="caution") if count > 1 else None
