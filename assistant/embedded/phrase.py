"""From results to the words a person reads: conclusion first, then why, then how to go on.

Templates are in ``data/phrases.yaml``; every figure put into them comes out of a result.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any, get_args, get_origin

from assistant.embedded.memory import Turn
from assistant.embedded.words import load_data
from assistant.standards import FigureView, Standard
from corpus import clause_label, load_plan
from corpus.words import pairs
from tools.calculation import Calculation, Change, ConditionView
from tools.catalogue import find
from tools.facts import bare_type, field_type, get_path, word
from tools.formula import plain

_QUOTE_LENGTH = 160
"""Longest quotation that is read in a chat bubble; a longer sentence is still quoted whole, alone."""


@dataclass
class Reply:
    """The text and what a channel can offer with it."""

    text: str
    status: str
    choices: list[tuple[str, str]] = field(default_factory=list)
    suggestions: list[str] = field(default_factory=list)


def say(name: str, *path: str, **values: object) -> str:
    """A phrase with its blanks filled."""
    template: Any = load_data("phrases")[name]
    for key in path:
        template = template[key]
    return str(template).format(**values)


def phrase(turn: Turn) -> Reply:
    """The reply to the present turn, from what its tools returned."""
    intent = turn.intent
    asked: list[str] = list(intent.get("asks") or [])
    results = turn.results
    invalid = next((r for r in results if r.get("type") in ("invalid", "error")), None)
    calculations = [Calculation.model_validate(r) for r in turn.calculations]
    standards = [Standard.model_validate(r) for r in results if r.get("type") == "standard"]
    if declined := next((r for r in results if r.get("type") == "declined"), None):
        reply = _declined(declined, intent)
        reply.text += "".join("\n\n" + "".join(_lines(_standard(s, with_conditions=False))) for s in standards)
    elif invalid is not None and not calculations:
        # The path of a fact is for programs; people are told its name.
        message = re.sub(r"（[a-z_.\d]+）", "", invalid["message"])
        reply = Reply(say("ask_again", message=message), "needs_information")
    elif screening := next((r for r in results if r.get("type") == "screening"), None):
        reply = _screening(screening, turn.text)
    elif calculations and (path := intent.get("explain")):
        reply = Reply(explain_question(path, calculations[0]), "needs_information")
        reply.choices = choices(calculations[0].tool, path)
    elif calculations:
        reply = _calculations(calculations, standards, intent, asked, turn.text)
    elif standards:
        reply = _standards(standards, intent, asked, turn.text)
    else:
        reply = _clauses([r["hits"][0] for r in results if r.get("type") == "clauses" and r["hits"]], asked)
    if preface := intent.get("preface"):
        reply.text = f"{preface}\n\n{reply.text}"
    return reply


# --- calculations ---------------------------------------------------------------------------------------------


def _calculations(
    results: Sequence[Calculation],
    standards: Sequence[Standard],
    intent: Mapping[str, Any],
    asked: Sequence[str],
    text: str,
) -> Reply:
    if path := intent.get("unsure"):
        return _either_way(results, path)
    claim = _claim(intent, standards, results, text)
    if len(results) == 1:
        reply = _one(results[0], intent)
    else:
        replies = [_one(result, intent) for result in results]
        parts = [_named(result, results, reply.text) for result, reply in zip(results, replies, strict=True)]
        instead = find(results[0].tool).benefit.otherwise == results[1].tool
        whether = instead and "amount" not in asked  # 能不能上浮 asks for the addition alone
        status = replies[0].status if whether else _joint_status([r.status for r in replies])
        reply = Reply("\n\n".join(dict.fromkeys(parts)), status)
        if len({result.tool for result in results}) > 1 and not instead:
            reply.text += "\n\n" + say("combine")
    # A general question about a case that lacks facts is answered from the plan; the case is asked for after.
    if standards and reply.status == "needs_information":
        general = _standards(standards, intent, [*asked, "conditions"], text)
        return Reply(general.text, general.status, suggestions=general.suggestions)
    extra = _general_part(standards, asked, intent)
    unsaid = _unsaid(results, text) if intent.get("nothing_new") and not extra else ""
    reply.text = "\n\n".join(part for part in (claim, unsaid, reply.text, extra) if part)
    if claim and reply.status == "not_eligible":
        reply.status = "answered"  # what was asked is whether a belief is right
        reply.text += "".join(f"\n\n{_figures(standard)}" for standard in standards)
    return reply


def _unsaid(results: Sequence[Calculation], text: str) -> str:
    """分几年给, of a case that is worked out: what the plan leaves open, where a short question takes it up."""
    benefits = [find(result.tool).benefit for result in results]
    about = pairs("".join(f"{b.title}，{b.summary}，{b.quote}，" for b in benefits) + _STOCK)
    asked = set(pairs(text)) - set(about)
    points = dict.fromkeys(point for result in results for point in result.open_points)
    shared = {point: asked & set(pairs(point)) for point in points}
    # A word that the plan has not (合伙, 利息) tells enough.
    return "".join(point for point, words in shared.items() if len(words) > 1 or words - _plan_pairs())


@cache
def _plan_pairs() -> frozenset[str]:
    return frozenset(pairs(load_plan().text))


_STOCK = "方案没有写明，有没有，是不是，能不能，也没有，这里按，以经办机构为准"


def _joint_status(statuses: Sequence[str]) -> str:
    order = ("answered", "needs_information", "expired", "not_eligible")
    return next(status for status in order if status in statuses)


def _named(result: Calculation, results: Sequence[Calculation], text: str) -> str:
    """With several variants of one calculator, the fact in which they differ comes first."""
    same = [r for r in results if r.tool == result.tool]
    if len(same) < 2:
        return text
    differing = [name for name in result.facts if any(r.facts.get(name) != result.facts[name] for r in same)]
    label = "、".join(str(result.facts[name]) for name in differing if not isinstance(result.facts[name], list))
    return f"{label}：{text}" if label else text


def _one(result: Calculation, intent: Mapping[str, Any]) -> Reply:
    status = status_of(result)
    if status == "expired":
        return Reply(_expired(result), status, suggestions=_suggestions(result.title))
    if status == "not_eligible":
        return Reply(_not_met(result), status, suggestions=_suggestions(result.title))
    if intent.get("addition") and len(result.lines) > 1 and result.lines[-1].verdict == "not_met":
        return Reply(_addition_not_met(result), "not_eligible", suggestions=_suggestions(result.title))
    if status == "needs_information":
        return _ask(result, intent)
    return Reply(_met(result), status, suggestions=_suggestions(result.title))


def _addition_not_met(result: Calculation) -> str:
    """Asked for the second payment alone (第二笔5000能领吗): why that one is not due, and what would change it."""
    line = result.lines[-1]
    title = say("addition", title=result.title, label=line.label)
    parts = [
        say("not_met", title=title, reasons="；".join(line.reasons)),
        *_could_be_more(result),
        say("addition_without", conclusion=_presuming(result) + _conclusion(result)) if result.verdict == "met" else "",
        *result.notes[:2],
    ]
    return "".join(_lines(parts))


def status_of(result: Calculation) -> str:
    """The status of an answer that rests on one calculation."""
    if result.verdict == "not_met":
        return "not_eligible"
    if not result.in_force:
        return "expired"
    return "answered" if result.verdict == "met" or not result.missing else "needs_information"


def _met(result: Calculation) -> str:
    until = _day(result.valid_until)
    parts = [
        _presuming(result) + _conclusion(result) + "。",
        say("steps", steps="；".join(result.steps)) if result.steps else "",
        *_left_out(result),
        *_still_open(result),
        *(say("alternative", condition=a.condition, amount=plain(a.amount), steps="；".join(a.steps)) for a in result.alternatives),
        *_could_be_more(result),
        say("period", result.state, until=until) if result.valid_until else "",
        *result.notes[:2],
    ]
    return "".join(_lines(parts))


def _conclusion(result: Calculation) -> str:
    title = result.title
    if result.kind == "fee" and len(result.lines) == 1:
        title = result.lines[0].label.replace("（", "：").rstrip("）")  # whose part it is
    if result.ceiling is not None and result.amount is not None:
        return say("ceiling_and_fixed", ceiling=plain(result.ceiling), amount=plain(result.amount), title=title)
    if result.ceiling is not None:
        return say("ceiling", "loan" if result.kind == "loan" else "subsidy", amount=plain(result.ceiling), title=title)
    if result.verdict == "unknown":
        return say("undecided", title=title)
    if result.amount is not None:
        return say("result", result.kind, amount=plain(result.amount), title=title)
    kind = result.kind if result.kind in ("deferral", "service") else "other"
    return say("plain", kind, title=title, summary=find(result.tool).benefit.summary.rstrip("。"))


def _presuming(result: Calculation) -> str:
    if not result.assumptions:
        return ""
    bare = [text.removeprefix("按").removesuffix("计") for text in result.assumptions]
    return say("presuming", assumptions="、".join(bare))


def _left_out(result: Calculation) -> Iterator[str]:
    if len(result.lines) > 1:
        for line in result.lines:
            if line.verdict == "not_met" and line.reasons:
                yield say("left_out", label=line.label, reasons="；".join(line.reasons))


def _still_open(result: Calculation) -> Iterator[str]:
    """An addition that hangs on facts not told: 再给一笔, while nobody knows whether pensions were paid long enough."""
    for line, condition in zip(result.lines, result.conditions, strict=False):
        labels = list(dict.fromkeys(leaf.label for leaf in _leaves([condition]) if leaf.verdict == "unknown" and leaf.fact))
        if line.verdict == "unknown" and labels:
            yield say("still_open", label=line.label, conditions="；".join(labels))


def _could_be_more(result: Calculation) -> Iterator[str]:
    for change in result.changes[:2]:
        value = change.amount if change.amount is not None else change.ceiling
        now = result.amount if result.amount is not None else result.ceiling
        if value is not None and now is not None and value > now:
            yield say("more", label=change.label, result=_then(change))


def _not_met(result: Calculation) -> str:
    # What a first line fails for, a second tier fails for as well; groups that fail alike are said once.
    lines = [line for line in result.lines if line.reasons]
    first = set(lines[0].reasons) if lines else set()
    if all(first <= set(line.reasons) for line in lines):
        reasons = list(lines[0].reasons) if lines else []
    else:
        reasons = list(dict.fromkeys(line.label + "；".join(line.reasons) for line in lines))
    parts = [say("not_met", title=result.title, reasons="；".join(reasons))]
    for change in result.changes[:2]:
        parts.append(say("change", label=change.label, result=_then(change)))
    if not result.in_force:
        parts.append(_ended(result))
    elif result.valid_until:
        parts.append(say("period", result.state, until=_day(result.valid_until)))
    return "".join(_lines(parts + list(result.notes[:1])))


def _then(change: Change) -> str:
    """What it would come to; a maximum is called one."""
    if change.amount is not None:
        return say("change_result", amount=plain(change.amount))
    return say("change_ceiling", amount=plain(change.ceiling)) if change.ceiling is not None else ""


def _expired(result: Calculation) -> str:
    was = ""
    if result.if_in_force is not None:
        steps = say("steps", steps="；".join(result.steps)) if result.steps else ""
        amount = f"是{plain(result.if_in_force)}元"
        was = say("expired_was", was=_presuming(result) + amount, steps=steps)
    return "".join(_lines([_ended(result), was]))


def _ended(result: Calculation | Standard) -> str:
    window = next(w for w in result.windows if w.state in ("已到期", "未生效"))
    values = {"title": result.title, "quote": window.quote, "no_more": _no_more(result.tool)}
    return say("expired" if window.state == "已到期" else "not_yet", **values)


def _no_more(tool: str) -> str:
    """不能再领, of what has ended; a rate is not paid out."""
    kind = find(tool).kind
    return say("no_more", kind if kind in ("fee", "deferral", "refund") else "other")


def _ask(result: Calculation, intent: Mapping[str, Any]) -> Reply:
    path = result.missing[0]
    question = word(path).ask
    rough = "rough_retained" if "retained" in intent.get("rough", ()) else "rough" if intent.get("rough") else ""
    either = [c for c in result.conditions if c.operator == "any"]
    undecided = any(leaf.open_in_plan and leaf.verdict == "unknown" for leaf in _leaves(either))
    short = next((leaf for leaf in _leaves(either) if leaf.verdict == "not_met" and leaf.have), None)
    parts = [
        say(rough) if rough else "",
        say("ask_short", label=short.label, have=short.have) if short else "",
        *(result.notes[:1] if undecided else []),  # what the plan leaves open, no answer can settle
        say("ask", title=result.title, question=question),
    ]
    if result.high is not None and result.low is not None and result.high > 0 and result.high > result.low:
        spread = say("range_between", low=plain(result.low), high=plain(result.high))
        parts.append(say("so_far", range=spread))
    reply = Reply("".join(_lines(parts)), "needs_information", suggestions=[])
    reply.choices = choices(result.tool, path)
    return reply


def choices(tool: str, path: str) -> list[tuple[str, str]]:
    """Ready replies to the question for a fact: (label, what is sent)."""
    names = tuple(part for part in path.split(".") if not part.isdigit())
    kind = bare_type(field_type(find(tool).facts, names))
    unsure = say("unsure_choice")
    if kind is bool:
        return [(say("affirm"), say("affirm")), (say("deny"), say("deny")), (unsure, unsure)]
    if get_origin(kind) is not None and get_args(kind) and all(isinstance(a, str) for a in get_args(kind)):
        return [(option, option) for option in get_args(kind)] + [(unsure, unsure)]
    return []


def _either_way(results: Sequence[Calculation], path: str) -> Reply:
    """不知道: what holds if so, and what if not."""
    cases = []
    for result in results[1:] or results:
        value = get_path(result.facts, path)
        about = word(path)
        shown = {True: "是", False: "否"}.get(value, value) if isinstance(value, bool) else value
        label = f"{about.label}为{shown}{about.unit if not isinstance(value, str | bool) else ''}"
        status = status_of(result)
        if status == "answered":
            outcome = _conclusion(result)
        elif status == "not_eligible":
            outcome = f"不符合{result.title}的条件"
        elif status == "expired":
            outcome = _ended(result)
        else:
            outcome = f"还要看：{word(result.missing[0]).ask}"
        cases.append(say("unsure_case", label=label, result=outcome))
    text = say("unsure") + "\n\n" + "\n".join(cases)
    known = [status_of(result) for result in results[1:] or results]
    return Reply(text, _joint_status(known), suggestions=_suggestions(results[0].title))


# --- standards ------------------------------------------------------------------------------------------------


def _standards(
    standards: Sequence[Standard], intent: Mapping[str, Any], asked: Sequence[str], text: str
) -> Reply:
    ended = all(not standard.in_force for standard in standards)
    claim = _claim(intent, standards, (), text)
    parts = []
    for standard in standards:
        general = _general_part([standard], asked, intent)
        parts += [_ended(standard) if not standard.in_force and "deadline" not in asked else "", general]
        if not general or "conditions" in asked or "difference" in asked:
            parts.append("".join(_lines(_standard(standard, with_conditions=not general or "conditions" in asked))))
        parts.append("".join(_touched(standard, text)))
    if len(standards) == 1 and not ended and (question := _opening_question(standards[0].tool)):
        parts.append(say("standard_invite", question=question))
    text = "\n\n".join(part for part in (claim, *parts) if part)
    return Reply(text, "expired" if ended else "answered", suggestions=_suggestions(standards[0].title))


def _touched(standard: Standard, text: str) -> list[str]:
    """The notes that take up something the question names and the summary does not: 医保, 个人部分, 滞纳金."""
    asked = set(pairs(text.replace("医保", "医疗保险"))) - set(pairs(standard.title + standard.summary))
    notes = dict.fromkeys([*standard.notes, *standard.open_points])
    return [note for note in notes if len(asked & set(pairs(note))) > 1 or {"医疗", "个人"} & asked & set(pairs(note))]


def _standard(standard: Standard, *, with_conditions: bool) -> list[str]:
    until = next((w.valid_until for w in standard.windows if w.valid_until), None)
    return [
        say("standard", title=standard.title, summary=standard.summary),
        _figures(standard),
        say("standard_conditions", conditions="；".join(standard.conditions)) if with_conditions and standard.conditions else "",
        say("period", standard.state, until=_day(until)) if until and standard.in_force else "",
    ]


def _figures(standard: Standard) -> str:
    conditions = "；".join(standard.conditions)
    money = [f for f in standard.figures if ("元" in f.text or "%" in f.text) and f.label + f.text not in conditions]
    figures = "；".join(f"{f.label}{'最高' if f.ceiling and '最高' not in f.label else ''}{_per(f)}" for f in money)
    return say("standard_figures", figures=figures) if figures else ""


def _per(figure: FigureView) -> str:
    """每招用1人1500元: the unit's own 每 is not said twice."""
    text = figure.text.replace(" ", "")
    return text.split("/")[0] if "每" in figure.label else text


def _general_part(standards: Sequence[Standard], asked: Sequence[str], intent: Mapping[str, Any]) -> str:
    """Deadline, procedure and combination, where they are asked."""
    parts = []
    for standard in standards:
        if "deadline" in asked:
            parts.append(_deadline(standard, intent.get("then") or []))
    if "how" in asked and standards:
        stated = [note for standard in standards for note in (*standard.notes, *standard.open_points) if "申请" in note]
        parts.append(say("how") + "".join(stated))
    if "difference" in asked and standards:
        parts.append(say("combine"))
    return "\n\n".join(parts)


def _deadline(standard: Standard, then: Sequence[int]) -> str:
    window = next((w for w in standard.windows if w.valid_until), None)
    if window is None:
        return say("deadline_open", title=standard.title)
    now = load_data("phrases")["deadline_now"].get(window.state, "")
    text = say("deadline", title=standard.title, quote=window.quote, until=_day(window.valid_until), now=now)
    if then and window.valid_until and tuple(then) > (window.valid_until.year, window.valid_until.month)[: len(then)]:
        text += say("deadline_then", no_more=_no_more(standard.tool), day="".join(f"{n}{unit}" for n, unit in zip(then, "年月", strict=False)))
    return text


def _opening_question(tool: str) -> str:
    """What to tell first, to have one's own case worked out."""
    names = [name for name in find(tool).facts.model_fields if word(name).presume is None]
    return word(names[0]).ask if names else ""


_MORE_THAN_FIGURE = re.compile(r"一起|都|加起来|所有|全部|固定|肯定|一定|不管|随便|每年|第二")
"""A belief that goes beyond the figure, which a right figure does not bear out."""


def _claim(
    intent: Mapping[str, Any], standards: Sequence[Standard], results: Sequence[Calculation], text: str
) -> str:
    """A figure somebody has heard of, held against the plan's."""
    claims = [Decimal(value) for value in intent.get("claims") or []]
    if not claims or not standards:
        return ""
    figures = [f for name in {s.tool for s in standards} for f in find(name).benefit.figures.values()]
    values = {f.value for f in figures} | {v for r in results for v in (r.amount, r.ceiling) if v is not None}
    wrong = [value for value in claims if value not in values]
    if not wrong and any(result.verdict == "not_met" for result in results):
        return say("not_so")  # the figure is the plan's, but not for this case
    if not wrong:
        amounts = {f.value for f in figures if "元" in f.unit or f.unit == "%"}
        plain_question = len(text) <= 30 and not _MORE_THAN_FIGURE.search(text)
        return say("right") if len(amounts) == 1 and plain_question else say("depends")
    return say("wrong", claims="、".join(f"{plain(value)}" for value in wrong))


# --- clauses, screening, declining ----------------------------------------------------------------------------


def _clauses(hits: Sequence[Mapping[str, Any]], asked: Sequence[str]) -> Reply:
    if not hits:
        return Reply(say("nothing"), "needs_information")
    parts = []
    for hit in hits:
        parts.append(say("clause", label=clause_label(hit["clause"]), title=hit["title"]))
        parts.append("\n".join(say("clause_quote", quote=quote) for quote in quoted(hit)))
    parts.append(say("how") if "how" in asked else "")
    return Reply("\n\n".join(part for part in parts if part), "answered", suggestions=[say("suggest_screen")])


def quoted(hit: Mapping[str, Any]) -> list[str]:
    """The sentences of a found clause worth reading: the best, and the next one if both are short."""
    first, *others = hit["sentences"]
    if others and len(first) + len(others[0]) <= _QUOTE_LENGTH:
        return [first, others[0]]
    return [first]


def _declined(result: Mapping[str, Any], intent: Mapping[str, Any]) -> Reply:
    if result["status"] == "refused":
        return Reply(intent.get("reply") or say("can"), "refused")
    about = say("out_of_scope_about", topic=result["topic"]) if result.get("topic") else ""
    parts = [say("out_of_scope", about=about)]
    if near := intent.get("near"):
        plan = load_plan()
        titles = "、".join(f"“{plan.clause(n).title}”" for n in near)
        parts.append(say("near", titles=titles))
    else:
        parts.append(say("can"))
    return Reply("".join(parts), "out_of_scope", suggestions=[say("suggest_screen")])


def _screening(result: Mapping[str, Any], text: str) -> Reply:
    groups = {key: [Calculation.model_validate(row) for row in result.get(key, [])] for key in ("due", "open", "ended")}
    parts = []
    if groups["due"]:
        items = "；".join(_presuming(row) + _conclusion(row) for row in groups["due"])
        parts.append(say("screening_due", items=items) + (say("combine") if len(groups["due"]) > 1 else ""))
    if groups["open"]:
        parts.append(say("screening_open", items="、".join(row.title for row in groups["open"])))
    if groups["ended"]:
        parts.append(say("screening_ended", items="、".join(row.title for row in groups["ended"])))
    first = next((row for row in groups["open"] if row.missing), None)
    status = "answered" if groups["due"] else "needs_information" if first else "answered"
    reply = Reply("", status, suggestions=[])
    if first is not None:
        parts.append(say("screening_ask", question=word(first.missing[0]).ask))
        reply.choices = choices(first.tool, first.missing[0])
    reply.text = "\n\n".join(parts)
    return reply


# --- small things ---------------------------------------------------------------------------------------------


def explain_question(path: str, missing_from: Calculation) -> str:
    """Why a fact was asked for: the requirement it decides, and the question again."""
    question = word(path).ask
    leaf = next((c for c in _leaves(missing_from.conditions) if c.fact == path), None)
    if leaf is None:
        return say("explain_plain", question=question)
    return say("explain", clause=clause_label(leaf.clause), label=leaf.label, question=question)


def _leaves(conditions: Sequence[ConditionView]) -> Iterator[ConditionView]:
    for condition in conditions:
        if condition.children:
            yield from _leaves(condition.children)
        else:
            yield condition


def _suggestions(title: str) -> list[str]:
    return [say("suggest_conditions", title=title), say("suggest_deadline", title=title), say("suggest_screen")]


def _lines(parts: Sequence[str]) -> Iterator[str]:
    """Parts one after another, each on a line of its own."""
    kept = [part for part in parts if part]
    for index, part in enumerate(kept):
        yield ("\n\n" if index else "") + part


def _day(day: date | None) -> str:
    return f"{day.year}年{day.month}月{day.day}日" if day else ""


__all__ = ["Reply", "choices", "explain_question", "phrase", "quoted", "say", "status_of"]
