"""The next step for a message: which tools to call with which facts, or what to say at once."""

import re
from collections.abc import Sequence
from datetime import date
from typing import Any

from assistant.embedded.deciding.calling import calculation_of, has_heads, screening_of
from assistant.embedded.deciding.decision import Call, Decision
from assistant.embedded.deciding.following import (
    asked_anew,
    back_by_kind,
    came_back,
    continues,
    follow_up,
    say_total,
    sibling_benefit,
    turns_away,
)
from assistant.embedded.deciding.nearness import (
    CLAUSE_LEAD,
    FACT_WEIGHT,
    FAIRLY_NEAR,
    LITERAL,
    NAME_WEIGHT,
    NEAR_ENOUGH,
    SURELY_NEAR,
    VAGUE,
    asked_together,
    best_benefit,
    best_clause,
    fit_of,
    kinds_together,
    quotes_of,
    spoken_for,
    surely_a_clause,
    surely_another,
    surely_inside,
    told_together,
)
from assistant.embedded.deciding.outside import (
    asks_outside,
    declined,
    declined_topic,
    elsewhere_than_here,
    honest_part,
)
from assistant.embedded.deciding.questions import (
    QUESTION,
    benefits_meant,
    clause_asked,
    kinds_asked,
    kinds_of_question,
)
from assistant.embedded.deciding.several import questions_of
from assistant.embedded.deciding.topics import (
    Topic,
    Topics,
    asides,
    denied_benefits,
    find_aside,
    named_benefits,
)
from assistant.embedded.deciding.wording import own_wording
from assistant.embedded.memory import Memory
from assistant.embedded.phrasing.phrases import say
from assistant.embedded.understanding.groups import UnclearGroupError
from assistant.embedded.understanding.mentions import find_mentions
from assistant.embedded.understanding.people import counted
from assistant.embedded.understanding.repair import repair
from assistant.embedded.understanding.words import asks
from corpus import load_plan
from corpus.text import normalise
from tools.catalogue import catalogue


def decide(message: str, memory: Memory, topics: Topics, as_of: date) -> Decision:
    """The next step for a message, given what earlier turns left behind."""
    message = _CIRCLED.sub(lambda m: f"。{'一二三四五六七八九'[ord(m[0]) - ord('①')]}是", _MASKED.sub("", message))
    text = _ONE_EACH.sub("每人每月", _INTRODUCED.sub("", repair(normalise(message))))
    preface = ""
    if memory.refused and len(text) <= 8 and not named_benefits(text) and not find_mentions(text, as_of):
        # 就第一行: still the same request.
        still = Decision([("decline", {"reason": "refused", "topic": memory.refused})], intent={"reply": say("still_refused")})
        if memory.refused == "new_policy" and memory.tool in catalogue():
            still.calls.append(("policy_standard", {"benefit": memory.tool}))
        return still
    if refused := find_aside(text, "refused"):
        honest = honest_part(text, refused, as_of)
        if not honest:
            decision = declined("refused", refused)
            if refused.id == "new_policy":
                # What the plan does say is told along with the refusal.
                decision.calls += [("policy_standard", {"benefit": name}) for name in named_benefits(text)[:1]]
            return decision
        text, preface = honest, refused.reply
    try:
        text = counted(text)
        decision = (
            _talk(text, memory)
            or _clause_by_number(text)
            or _several(text, memory, topics, as_of)
            or _answer(text, memory, topics, as_of)
        )
    except UnclearGroupError:
        decision = say_total()
    if preface:
        decision.intent |= {"preface": preface, "besides": refused.id if refused else ""}
    if refused and refused.id == "new_policy":
        # Next to what somebody claims stands what the plan says.
        told = [name for name, _ in decision.calls if name in catalogue()][:1]
        decision.calls += [("policy_standard", {"benefit": name}) for name in told]
    return decision


_CIRCLED = re.compile(r"[①-⑨]")
_MASKED = re.compile(r"〔[^〕]{1,4}〕")
"""A number of a person, set aside before anything is read: it has nothing to say about the question."""


_INTRODUCED = re.compile(r"^(?:你好|您好)?[,。!]?(?:我叫|我姓|本人姓|我的名字是)[\u4e00-\u9fff]{1,4}[,。]")


_ONE_EACH = re.compile(r"(?:(?<!有)一个?人|1个?人|每个?人)(?:一|1|每)个?月|(?:一|1|每)个?月(?:给|替|为)?(?:一个?人|每个?人)")


def _several(text: str, memory: Memory, topics: Topics, as_of: date) -> Decision | None:
    """①扩岗多少 ②电子合同支持吗: each question answered by itself, those about one subject together."""
    asked = questions_of(text)
    if not 2 <= len(asked.parts) <= 4:
        return None
    by_subject: dict[str, str] = {}
    for part in asked.parts:
        subject = _subject(part, topics, as_of, listed=asked.listed)
        if not subject and asked.listed and by_subject and asks("difference", part):
            subject, part = list(by_subject)[-1], say("together_too")  # 这俩能不能一起拿, of what was asked for before
        if not subject:
            return None
        by_subject[subject] = f"{by_subject[subject]}。{part}" if subject in by_subject else part
    if len(by_subject) < 2 or not (asked.listed or any(subject not in catalogue() for subject in by_subject)):
        return None  # benefits asked for in one breath share what is told: see asked_together
    return _joined([(part, _of_subject(subject, part, asked.before, memory, as_of)) for subject, part in by_subject.items()])


def _subject(text: str, topics: Topics, as_of: date, *, listed: bool) -> str:
    """The benefit, the clause (its number) or the subject outside the plan that a part surely means; empty if none."""
    named = named_benefits(text)
    aside = find_aside(text, "out_of_scope")
    ranked = topics.rank(text)
    best = best_benefit(text, [topic for topic in ranked if topic.kind == "benefit"], as_of)
    clause = best_clause(text, ranked, catalogue()[best.id])
    lead = clause.similarity - best.similarity
    sure = FAIRLY_NEAR if listed else SURELY_NEAR
    if aside and not named and max(clause.similarity, best.similarity) < SURELY_NEAR:
        return aside.id
    inside = int(clause.id) in catalogue()[best.id].benefit.clauses
    needed = 0 if not inside else 1 if listed else 5  # a benefit's own clause is nearly as near as the benefit
    if not named and clause.similarity > sure and lead > needed * CLAUSE_LEAD:
        return clause.id
    return best.id if named or (listed and best.similarity > sure) else ""


def _of_subject(subject: str, text: str, before: str, memory: Memory, as_of: date) -> Decision:
    if subject in catalogue():
        return calculation_of(f"{before},{text}" if before else text, [subject], memory, as_of)
    if subject.isdigit():
        return Decision([("search_policy", {"query": text, "clause": int(subject)})], intent={"asks": kinds_of_question(text)})
    return declined("out_of_scope", next(aside for aside in asides() if aside.id == subject))


def _joined(answers: Sequence[tuple[str, Decision]]) -> Decision:
    """One decision for several questions; each is phrased by itself."""
    parts = [{"text": text, "calls": len(decision.calls), "intent": decision.intent} for text, decision in answers]
    told = next((decision.intent for _, decision in answers if "facts" in decision.intent), {})
    calls = [call for _, decision in answers for call in decision.calls]
    return Decision(calls, intent={"parts": parts, **{k: told[k] for k in ("facts", "benefits") if k in told}})


def _talk(text: str, memory: Memory) -> Decision | None:
    """Greetings, thanks, cancelling, and why something was asked."""
    if asks("cancel", text):
        return Decision(reply=say("cancelled"), intent={"reset": True})
    if asks("reason", text):
        if not memory.pending:
            standard: list[Call] = [("policy_standard", {"benefit": memory.tool})] if memory.tool in catalogue() else []
            intent: dict[str, Any] = {"asks": ["conditions"], "preface": say("why_asked")} if standard else {}
            return Decision(standard, reply="" if standard else say("why_asked"), intent=intent)
        intent = {"explain": memory.pending, "tool": memory.tool, "facts": memory.facts, "benefits": [memory.tool]}
        return Decision([(memory.tool, memory.facts)], status="needs_information", intent=intent)
    if not re.search(r"[\u4e00-\u9fff]", text) and re.search(r"[a-z]{2}", text) and not find_aside(text, "small_talk"):
        if asks("english_plan", text) or not _SENTENCE.search(text):
            return Decision(reply=say("not_chinese"), status="needs_information")
        return Decision([("decline", {"reason": "out_of_scope", "topic": ""})], intent={"preface": say("not_chinese")})
    if (small := find_aside(text, "small_talk")) and len(text) < 30:
        return Decision(reply=small.reply.format(**_about_plan()))
    return None


_SENTENCE = re.compile(r"(?:[a-z']+[ ,]+){3}")
"""Words in a row, of which can be said that they are about something else; <script> is about nothing."""


def _about_plan() -> dict[str, object]:
    plan = load_plan()
    return {"title": plan.title, "source": plan.source, "clauses": len(plan.clauses)}


def _answer(text: str, memory: Memory, topics: Topics, as_of: date) -> Decision:
    if memory.introduced and not find_aside(text, "out_of_scope"):
        text = f"{memory.introduced},{text}"  # 我有20个新人, and then what is asked about them
    counted = any(m.kind in ("count", "money") for m in find_mentions(text, as_of))
    if memory.clause and not named_benefits(text) and len(text) <= 12 and not counted and not find_aside(text, "out_of_scope"):
        return _same_clause(text, memory, topics)
    if memory.tool == "screen_benefits" and not (QUESTION.search(text) or named_benefits(text) or find_aside(text, "out_of_scope")):
        return screening_of(text, memory, as_of)  # 我大学24年6月毕业的, after an overview
    named = named_benefits(text)
    if not named and (earlier := came_back(text, memory)):
        return follow_up(text, memory, [earlier], as_of)
    ranked = topics.rank(text)
    benefits = [topic for topic in ranked if topic.kind == "benefit"]
    best = best_benefit(text, benefits, as_of)
    clause = best_clause(text, ranked, catalogue()[best.id])
    within = max(best.similarity, clause.similarity)
    if outside := _outside(text, named, within):
        return outside
    off = max((t for t in ranked if t.kind not in ("benefit", "clause")), key=lambda t: t.similarity)
    if len(text) <= 16 and not named and (back := back_by_kind(text, memory)):
        return follow_up(text, memory, [back], as_of)
    same = int(clause.id) == memory.clause and clause.similarity > max(best.similarity, NEAR_ENOUGH)
    if same and not named and not counted and QUESTION.search(text):
        return _same_clause(text, memory, topics)
    if not named and memory.tool in catalogue() and asks("screen", text) and not find_mentions(text, as_of):
        return screening_of(text, memory, as_of)
    fewer = bool(memory.facts) and asks("decrease", text)
    if not (named or fewer) and (surely_a_clause(text, clause, best) or surely_another(text, best, memory.tool, benefits)):
        return _open_subject(text, memory, benefits, best, clause, off, as_of)
    if sibling := sibling_benefit(text, memory, named):
        return calculation_of(text, [sibling], memory, as_of)
    if continues(text, memory, named, within, as_of):
        return _going_on(text, memory, named, topics, best, as_of)
    return _open_subject(text, memory, benefits, best, clause, off, as_of)


def _clause_by_number(text: str) -> Decision | None:
    number = clause_asked(text)
    return Decision([("search_policy", {"query": "", "clause": number})], intent={"clause": number}) if number else None


def _outside(text: str, named: Sequence[str], within: float) -> Decision | None:
    """Another place, or a question whose own words are another subject's, whatever is talked about."""
    if elsewhere := elsewhere_than_here(text):
        return Decision([("decline", {"reason": "out_of_scope", "topic": f"{elsewhere}的政策"})])
    aside = None if named else asks_outside(text, near=within >= SURELY_NEAR)
    return declined("out_of_scope", aside) if aside else None


def _going_on(
    text: str, memory: Memory, named: Sequence[str], topics: Topics, best: Topic, as_of: date
) -> Decision:
    """What goes on with a benefit, unless it turns to another: 那失业保险呢, 还引进了一个博士."""
    away = asked_anew(text, memory, topics, as_of)
    benefits = [topic for topic in topics.rank(text) if topic.kind == "benefit"]
    rivals = sorted({best, *benefits[:5]} - {t for t in benefits if t.id in denied_benefits(text)}, key=lambda topic: -fit_of(text, topic, as_of))
    away = away or next((topic.id for topic in rivals if turns_away(text, memory, topic, benefits, as_of)), "")
    if not away:
        return follow_up(text, memory, named, as_of)
    return calculation_of(text, [away], memory, as_of, further=not has_heads(away, text, as_of))


def _same_clause(text: str, memory: Memory, topics: Topics) -> Decision:
    """找谁, after a clause: what that clause says about it; 那工伤呢 is near enough to another to mean that one."""
    ranked = topics.rank(text)
    nearest = max((t for t in ranked if t.kind == "clause"), key=lambda t: t.similarity)
    clause = int(nearest.id) if nearest.similarity > FAIRLY_NEAR + 0.01 else memory.clause
    search = {"query": f"{memory.question} {text}" if clause == memory.clause else text, "clause": clause}
    return Decision([("search_policy", search)], intent={"asks": kinds_of_question(text), "follows": clause == memory.clause})


def _open_subject(
    text: str, memory: Memory, benefits: Sequence[Topic], best: Topic, clause: Topic, off: Topic, as_of: date
) -> Decision:
    """A message that does not go on with anything: about a benefit, a clause, or nothing of the plan's."""
    named = named_benefits(text)
    within = max(best.similarity, clause.similarity)
    aside = find_aside(text, "out_of_scope")
    if aside and not named and not surely_inside(text, within, off, benefits[0], as_of):
        return declined("out_of_scope", aside)
    if asks("how", text) and not named and len(text) <= 10 and clause.similarity < SURELY_NEAR + 0.02:
        return Decision(reply=say("how") + say("how_which"), status="needs_information")
    vague = max(clause.similarity, off.similarity) < SURELY_NEAR and best.standing < VAGUE
    if vague and asks("introduction", text) and not (named or memory.tool or kinds_of_question(text) or kinds_asked(text)):
        return Decision(reply=say("which"), status="needs_information", intent={"introduced": text})
    told = fit_of(text, best, as_of) - best.standing - NAME_WEIGHT * best.named
    anything = asks("anything", text) or asks("overview", text)
    overview = asks("screen", text) or asks("overview", text) or (anything and told < 2 * FACT_WEIGHT)
    everything = overview and not asks("other_subject", text)
    sure = clause.similarity > SURELY_NEAR + 0.02 or clause.similarity > best.similarity + 2 * CLAUSE_LEAD
    if not named and everything and (anything or not sure or told >= 2 * FACT_WEIGHT):
        return screening_of(text, memory, as_of)
    meant = named or best.id in benefits_meant(text)
    if not meant or (told <= FACT_WEIGHT and _of_the_clause_alone(text, best, clause, as_of)):
        about_it = told >= 2 * FACT_WEIGHT and not aside  # 我是就业困难人员，注册了个小微企业…: a case, whatever it sounds like
        if not about_it and (within < NEAR_ENOUGH or off.similarity > within or (within < FAIRLY_NEAR and off.similarity > within - 0.015)):
            return declined_topic(off)
        inside = int(clause.id) in catalogue()[best.id].benefit.clauses
        lead = clause.similarity - best.similarity
        literal = own_wording(text, quotes_of(catalogue()[best.id])).get(int(clause.id), 0) >= LITERAL
        counted = has_heads(best.id, text, as_of)
        needed = (5 if told > FACT_WEIGHT or counted else 0 if literal else 3) if inside else 0 if literal else 1
        own = [t for t in benefits if int(clause.id) in catalogue()[t.id].benefit.clauses]
        if lead > needed * CLAUSE_LEAD and counted and not inside and own:
            # 招了3个脱贫户 tells a case, which the clause's own benefit can work out.
            return calculation_of(text, [max(own, key=lambda t: fit_of(text, t, as_of)).id], memory, as_of)
        if lead > needed * CLAUSE_LEAD:
            search = {"query": text, "clause": int(clause.id)}
            return Decision([("search_policy", search)], intent={"asks": kinds_of_question(text), "clause": int(clause.id)})
    together = asked_together(text) if named else kinds_together(text, benefits, best, as_of)
    together = together or told_together(text, benefits, best, as_of)
    chosen = [best.id, *(name for name in together if name != best.id)]
    decision = calculation_of(text, chosen, memory, as_of)
    if asks("premise", text):
        # 社保百分之百补，那我扣的也全退吧: where neighbours are mixed up, both are told.
        decision.calls += [("policy_standard", {"benefit": name}) for name in spoken_for(text) if name not in chosen]
    return decision


def _of_the_clause_alone(text: str, best: Topic, clause: Topic, as_of: date) -> bool:
    """要募集多少个就业见习岗位: names a benefit and asks for something else that its clause says."""
    inside = int(clause.id) in catalogue()[best.id].benefit.clauses
    return inside and clause.similarity > best.similarity + 3 * CLAUSE_LEAD and not has_heads(best.id, text, as_of)
