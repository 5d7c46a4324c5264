"""From results to the words a person reads.

Templates are in ``data/phrases.yaml``; every figure put into them comes out of a result.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from assistant.embedded.memory import Turn
from assistant.embedded.phrasing.phrases import Reply, choices, paragraphs, say
from assistant.embedded.phrasing.results import calculations_reply, explain_question, screening_reply
from assistant.embedded.phrasing.standards import standard_lines, standards_reply
from assistant.standards import Standard
from corpus import clause_label, load_plan
from tools.calculation import Calculation

_QUOTE_LENGTH = 160
"""Longest quotation that is read in a chat bubble; a longer sentence is still quoted whole, alone."""


def phrase(turn: Turn) -> Reply:
    """The reply to the present turn, from what its tools returned."""
    intent = turn.intent
    if intent.get("parts"):
        return _prefaced(_together(turn), intent)
    asked: list[str] = list(intent.get("asks") or [])
    results = turn.results
    invalid = next((r for r in results if r.get("type") in ("invalid", "error")), None)
    calculations = [Calculation.model_validate(r) for r in turn.calculations]
    standards = [Standard.model_validate(r) for r in results if r.get("type") == "standard"]
    if declined := next((r for r in results if r.get("type") == "declined"), None):
        reply = _declined(declined, intent)
        reply.text += "".join("\n\n" + "".join(paragraphs(standard_lines(s, with_conditions=False))) for s in standards)
    elif invalid is not None and not calculations:
        # The path of a fact is for programs; people are told its name.
        message = re.sub(r"（[a-z_.\d]+）", "", invalid["message"])
        reply = Reply(say("ask_again", message=message), "needs_information")
    elif screening := next((r for r in results if r.get("type") == "screening"), None):
        reply = screening_reply(screening, intent.get("facts") or {})
    elif calculations and (path := intent.get("explain")):
        reply = Reply(explain_question(path, calculations[0]), "needs_information")
        reply.choices = choices(calculations[0].tool, path)
    elif calculations:
        reply = calculations_reply(calculations, standards, intent, asked, turn.text)
    elif standards:
        reply = standards_reply(standards, intent, asked, turn.text)
    else:
        reply = _clauses([r["hits"][0] for r in results if r.get("type") == "clauses" and r["hits"]], asked)
    return _prefaced(reply, intent, settled=any(c.amount or c.ceiling for c in calculations))


def _prefaced(reply: Reply, intent: Mapping[str, Any], *, settled: bool = True) -> Reply:
    if preface := intent.get("preface"):
        reply.text = f"{preface}\n\n{reply.text}"
    if intent.get("besides") and (reply.status == "needs_information" or (reply.status == "answered" and not settled)):
        reply.status = "refused"  # what was honest in the message does not settle anything
    return reply


_JOINT = ("answered", "needs_information", "expired", "not_eligible", "out_of_scope", "refused")


def _together(turn: Turn) -> Reply:
    """Several questions in one message, each answered by itself."""
    replies, start = [], 0
    for part in turn.intent["parts"]:
        end = start + part["calls"]
        replies.append(phrase(Turn(part["text"], turn.calls[start:end], turn.results[start:end], part["intent"])))
        start = end
    reply = min(replies, key=lambda r: _JOINT.index(r.status))
    texts = dict.fromkeys(r.text for r in replies)
    return Reply("\n\n".join(texts), reply.status, reply.choices, reply.suggestions)


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
    """The sentences of a found clause worth reading: the best, and the next one if both are short; all where it was asked for whole."""
    if hit.get("whole"):
        return list(hit["sentences"])
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


__all__ = ["phrase", "quoted"]
