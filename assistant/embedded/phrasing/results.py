"""What calculations came to, in words: conclusion first, then why, then what would change it."""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any

from assistant.embedded.phrasing.phrases import (
    Reply,
    choices,
    condition_leaves,
    has_ended,
    paragraphs,
    say,
    status_of,
    suggestions_for,
    written_day,
)
from assistant.embedded.phrasing.standards import (
    claim_answered,
    figures_of,
    general_part,
    standard_lines,
    standards_reply,
)
from assistant.embedded.understanding.words import asks
from assistant.standards import Standard, describe
from corpus import clause_label, load_plan
from corpus.words import pairs
from tools.calculation import Calculation, Change
from tools.catalogue import find
from tools.facts import get_path, word
from tools.formula import spoken
from tools.screening import nearest_told


def calculations_reply(
    results: Sequence[Calculation],
    standards: Sequence[Standard],
    intent: Mapping[str, Any],
    asked: Sequence[str],
    text: str,
) -> Reply:
    if path := intent.get("unsure"):
        return _either_way(results, path) if len(results) > 1 else _open_for_now(results[0], path)
    claim = claim_answered(intent, standards, results, text)
    # 补贴1500，我这种在校生能拿到吗: the figure is the plan's, and whether it is due is what was asked.
    own_case = claim == say("not_so") and asks("own", text) and _MAY_I.search(text) is not None
    if len(results) == 1:
        reply = _one(results[0], intent)
    else:
        replies = [_one(result, intent) for result in results]
        parts = [_named(result, results, reply.text) for result, reply in zip(results, replies, strict=True)]
        if len(firms := intent.get("apart") or []) == len(replies):
            parts = [f"{firm}：{reply.text}" for firm, reply in zip(firms, replies, strict=True)]
        instead = find(results[0].tool).benefit.otherwise == results[1].tool
        whether = instead and "amount" not in asked  # 能不能上浮 asks for the addition alone
        status = replies[0].status if whether else _joint_status([r.status for r in replies])
        if whether and standards and status == "not_eligible":
            status = "answered"  # 哪类工种才有上浮, beside what is told of one
        reply = Reply("\n\n".join(dict.fromkeys(parts)), status)
        if len({result.tool for result in results}) > 1 and not instead and any(result.kind != "fee" for result in results):
            reply.text += "" if "difference" in asked else "\n\n" + say("combine")
    # A general question about a case that lacks facts is answered from the plan; the case is asked for after.
    if standards and reply.status == "needs_information":
        lacking = results[0].missing if len(results) == 1 else []
        general = standards_reply(standards, intent, [*asked, "conditions"], text, word(lacking[0]).ask if lacking else "")
        return Reply(general.text, general.status, suggestions=general.suggestions)
    if claim and standards and any(result.verdict == "not_met" for result in results):
        reply.text += "".join(f"\n\n{figures_of(standard)}" for standard in standards)
        reply.status = reply.status if own_case else "answered"
    extra = general_part(standards, asked, intent)
    unsaid = _unsaid(results, text) if intent.get("nothing_new") and not extra else ""
    reply.text = "\n\n".join(part for part in (claim, unsaid, reply.text, extra) if part)
    if claim and reply.status == "not_eligible" and not own_case:
        reply.status = "answered"  # what was asked is whether a belief is right
        reply.text += "".join(f"\n\n{figures_of(standard)}" for standard in standards)
    return reply


_MAY_I = re.compile(
    r"(?:能|可以|可不可以|能不能)[^,。?]{0,8}(?:拿|领|给|申请|享受|报)[^,。?]{0,6}(?:吗|么|不|没|吧|[?]|$)|(?:领|拿|攞)得到(?:吗|么|不|没|[?]|$)|算不算"
)


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
        return Reply(_expired(result), status, suggestions=suggestions_for(result.title))
    if status == "not_eligible":
        return Reply(_not_met(result), status, suggestions=suggestions_for(result.title))
    if intent.get("addition") and len(result.lines) > 1 and result.lines[-1].verdict == "not_met":
        return Reply(_addition_not_met(result), "not_eligible", suggestions=suggestions_for(result.title))
    if status == "needs_information":
        return _ask(result, intent)
    return Reply(_met(result), status, suggestions=suggestions_for(result.title))


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
    return "".join(paragraphs(parts))


def _met(result: Calculation) -> str:
    until = written_day(result.valid_until)
    conclusion = _presuming(result) + _conclusion(result) + "。"
    parts = [
        conclusion,
        say("steps", steps="；".join(result.steps)) if result.steps else "",
        _measured_by(result),
        *_left_out(result),
        *_still_open(result),
        *(say("alternative", condition=a.condition, amount=spoken(a.amount), steps="；".join(a.steps)) for a in result.alternatives),
        *_could_be_more(result),
        _undefined(result),
        say("period", result.state, until=until) if result.valid_until else "",
        *[note for note in result.notes[:2] if note.rstrip("。") not in conclusion],
    ]
    return "".join(paragraphs(parts))


def _measured_by(result: Calculation) -> str:
    """What somebody qualifies by, where no steps show it: a service."""
    if result.kind != "service":
        return ""
    return say("standard_conditions", conditions="；".join(describe(find(result.tool), result.as_of).conditions))


def _undefined(result: Calculation) -> str:
    """What the plan asks for and does not define: nobody has told that it is met."""
    open_ = [leaf.label for leaf in condition_leaves(result.conditions) if leaf.open_in_plan and leaf.verdict == "met"]
    return say("undefined", labels="；".join(dict.fromkeys(open_))) if open_ else ""


def _conclusion(result: Calculation) -> str:
    title = result.title
    if result.kind == "fee" and len(result.lines) == 1:
        title = result.lines[0].label.replace("（", "：").rstrip("）")  # whose part it is
    if result.ceiling is not None and result.fixed is not None:
        return say("ceiling_and_fixed", ceiling=spoken(result.ceiling), amount=spoken(result.fixed), title=title)
    if result.ceiling is not None:
        return say("ceiling", "loan" if result.kind == "loan" else "subsidy", amount=spoken(result.ceiling), title=title)
    if result.verdict == "unknown":
        return say("undecided", title=title)
    if result.amount is not None:
        return say("result", result.kind, amount=spoken(result.amount), title=title)
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
        labels = list(dict.fromkeys(leaf.label for leaf in condition_leaves([condition]) if leaf.verdict == "unknown" and leaf.fact))
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
        parts.append(has_ended(result))
    elif result.valid_until:
        parts.append(say("period", result.state, until=written_day(result.valid_until)))
    return "".join(paragraphs(parts + list(result.notes[:1])))


def _then(change: Change) -> str:
    """What it would come to; a maximum is called one."""
    if change.amount is not None:
        return say("change_result", amount=spoken(change.amount))
    return say("change_ceiling", amount=spoken(change.ceiling)) if change.ceiling is not None else ""


def _expired(result: Calculation) -> str:
    was = ""
    if result.if_in_force is not None:
        steps = say("steps", steps="；".join(result.steps)) if result.steps else ""
        amount = f"是{spoken(result.if_in_force)}元"
        was = say("expired_was", was=_presuming(result) + amount, steps=steps)
    return "".join(paragraphs([has_ended(result), was]))


def _ask(result: Calculation, intent: Mapping[str, Any]) -> Reply:
    path = result.missing[0]
    question = word(path).ask
    rough = "rough_retained" if "retained" in intent.get("rough", ()) else "rough" if intent.get("rough") else ""
    either = [c for c in result.conditions if c.operator == "any"]
    undecided = any(leaf.open_in_plan and leaf.verdict == "unknown" for leaf in condition_leaves(either))
    short = next((leaf for leaf in condition_leaves(either) if leaf.verdict == "not_met" and leaf.have), None)
    parts = [
        say(rough) if rough else "",
        say("ask_short", label=short.label, have=short.have) if short else "",
        *(result.notes[:1] if undecided else []),  # what the plan leaves open, no answer can settle
        say("ask", title=result.title, question=question),
    ]
    if result.high is not None and result.low is not None and result.high > 0 and result.high > result.low:
        spread = say("range_between", low=spoken(result.low), high=spoken(result.high))
        parts.append(say("so_far", range=spread))
    reply = Reply("".join(paragraphs(parts)), "needs_information", suggestions=[])
    reply.choices = choices(result.tool, path)
    return reply


def _open_for_now(result: Calculation, path: str) -> Reply:
    """不知道, of what has no two answers to compare: what the plan gives, and what to find out."""
    lines = standard_lines(describe(find(result.tool), result.as_of), with_conditions=True)
    parts = [say("unsure_open"), *lines, say("unsure_later", question=word(path).ask.rstrip("？"))]
    return Reply("".join(paragraphs(parts)), "answered", suggestions=suggestions_for(result.title))


def _either_way(results: Sequence[Calculation], path: str) -> Reply:
    """不知道: what holds if so, and what if not."""
    cases, open_ = [], False
    for result in results[1:]:
        value = get_path(result.facts, path)
        about = word(path)
        shown = {True: "是", False: "否"}.get(value, value) if isinstance(value, bool) else value
        label = f"{about.label}为{shown}{about.unit if not isinstance(value, str | bool) else ''}"
        status = status_of(result)
        if status == "answered":
            outcome = _conclusion(result) + _reckoned(result)
        elif status == "not_eligible":
            outcome = f"不符合{result.title}的条件"
        elif status == "expired":
            outcome = has_ended(result)
        else:
            outcome, open_ = f"还要看：{word(result.missing[0]).ask}", True
        cases.append(say("unsure_case", label=label, result=outcome))
    text = say("unsure") + "\n\n" + "\n".join(cases)
    status = "answered" if open_ else _joint_status([status_of(result) for result in results[1:]])
    if open_:
        text += "\n\n" + figures_of(describe(find(results[0].tool), results[0].as_of))
    return Reply(text, status, suggestions=suggestions_for(results[0].title))


def screening_reply(result: Mapping[str, Any], facts: Mapping[str, Any]) -> Reply:
    """What is due, what the message comes nearest to with its standard, and the rest by field, so that none is hidden."""
    groups = {key: [Calculation.model_validate(row) for row in result.get(key, [])] for key in ("due", "open", "ended")}
    parts = []
    if groups["due"]:
        items = "；".join(_presuming(row) + _conclusion(row) + _reckoned(row) for row in groups["due"])
        parts.append(say("screening_due", items=items) + (say("combine") if len(groups["due"]) > 1 else ""))
    near = [row for row in groups["open"] if row.tool in nearest_told(result, facts)]
    if near:
        parts.append(say("screening_near", items="".join(say("screening_near_item", **_in_short(row)) for row in near)))
    if others := [row for row in groups["open"] if row not in near]:
        name = "screening_others" if near or groups["due"] else "screening_all"
        parts.append(say(name, items=_by_field(others)))
    if groups["ended"]:
        parts.append(say("screening_ended", items="、".join(row.title for row in groups["ended"])))
    reply = Reply("", "answered" if groups["due"] or near or not groups["open"] else "needs_information", suggestions=[])
    if near and (path := next((row.missing[0] for row in near if row.missing), "")):
        parts.append(say("screening_ask", title=near[0].title, question=word(path).ask))
        reply.choices = choices(near[0].tool, path)
    elif groups["open"]:
        parts.append(say("screening_which"))
    reply.text = "\n\n".join(parts)
    return reply


def _reckoned(result: Calculation) -> str:
    return say("screening_steps", steps="；".join(result.steps)) if result.steps and result.kind != "loan" else ""


def _in_short(result: Calculation) -> dict[str, str]:
    """The benefit with its standard, or what it is where the plan gives no figure."""
    standard = describe(find(result.tool), result.as_of)
    figures = figures_of(standard).removesuffix("。").removeprefix(say("standard_figures", figures="").removesuffix("。"))
    return {"title": result.title, "standard": figures or standard.summary.rstrip("。")}


def _by_field(results: Sequence[Calculation]) -> str:
    fields: dict[str, list[str]] = {}
    for result in results:
        fields.setdefault(find(result.tool).benefit.family, []).append(result.title)
    return "".join(say("screening_field", field=field, titles="、".join(titles)) for field, titles in fields.items())


def explain_question(path: str, missing_from: Calculation) -> str:
    """Why a fact was asked for: the requirement it decides, and the question again."""
    question = word(path).ask
    leaf = next((c for c in condition_leaves(missing_from.conditions) if c.fact == path), None)
    if leaf is None:
        return say("explain_plain", question=question)
    return say("explain", clause=clause_label(leaf.clause), label=leaf.label, question=question)
