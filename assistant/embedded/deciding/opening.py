"""A message that opens a subject: which benefits or clause it is about, or that it is about nothing of the plan's."""

from datetime import date

from assistant.embedded.deciding.calling import calculation_of, has_heads, screening_of
from assistant.embedded.deciding.decision import Decision
from assistant.embedded.deciding.following import follow_up
from assistant.embedded.deciding.nearness import (
    CLAUSE_LEAD,
    FACT_WEIGHT,
    FAIRLY_NEAR,
    LITERAL,
    NAME_WEIGHT,
    NEAR_ENOUGH,
    SURELY_NEAR,
    VAGUE,
    Bearings,
    asked_together,
    fit_of,
    kinds_together,
    quotes_of,
    spoken_for,
    spoken_together,
    surely_inside,
    told_together,
)
from assistant.embedded.deciding.outside import declined, declined_topic
from assistant.embedded.deciding.questions import QUESTION, benefits_meant, kinds_asked, kinds_of_question
from assistant.embedded.deciding.topics import find_aside
from assistant.embedded.deciding.wording import own_wording
from assistant.embedded.memory import Memory
from assistant.embedded.phrasing.phrases import say
from assistant.embedded.understanding.groups import HEADS, IDENTITY
from assistant.embedded.understanding.mentions import find_mentions
from assistant.embedded.understanding.reading import read_facts
from assistant.embedded.understanding.told import GOING_ON
from assistant.embedded.understanding.words import asks
from tools.catalogue import catalogue


def open_subject(at: Bearings, memory: Memory, as_of: date) -> Decision:
    """A message that does not go on with anything: about a benefit, a clause, or nothing of the plan's."""
    text, named, best, clause = at.text, at.named, at.best, at.clause
    aside = find_aside(text, "out_of_scope")
    if aside and not named and (aside.firm or not surely_inside(at, as_of)):
        return declined("out_of_scope", aside)
    if asks("how", text) and not named and len(text) <= 10 and clause.similarity < SURELY_NEAR + 0.02:
        return Decision(reply=say("how") + say("how_which"), status="needs_information")
    vague = max(clause.similarity, at.off.similarity) < SURELY_NEAR and best.standing < VAGUE
    if vague and asks("introduction", text) and not (named or memory.tool or kinds_of_question(text) or kinds_asked(text)):
        return Decision(reply=say("which"), status="needs_information", intent={"introduced": text})
    told = fit_of(text, best, as_of) - best.standing - NAME_WEIGHT * best.named
    anything = asks("anything", text) or asks("overview", text)
    overview = asks("screen", text) or asks("overview", text) or (anything and told < 2 * FACT_WEIGHT)
    everything = overview and not asks("other_subject", text)
    sure = clause.similarity > SURELY_NEAR + 0.02 or clause.similarity > best.similarity + 2 * CLAUSE_LEAD
    literal = own_wording(text, quotes_of(catalogue()[best.id])).get(int(clause.id), 0) >= LITERAL - 2
    if not named and everything and not literal and (anything or not sure or told >= 2 * FACT_WEIGHT):
        return screening_of(text, memory, as_of)
    meant = named or best.id in benefits_meant(text)
    if not meant or (told <= FACT_WEIGHT and _of_the_clause_alone(at, as_of)):
        needed = FACT_WEIGHT if asks("kind_subsidy", text) else 2 * FACT_WEIGHT
        about_it = told >= needed and not aside  # 我是就业困难人员，注册了个小微企业…: a case, whatever it sounds like
        if not about_it and _off_the_plan(at):
            return _told_besides(at, memory, as_of) or declined_topic(at.off)
        if instead := _clause_or_its_benefit(at, told, memory, as_of):
            return instead
    together = asked_together(text) if named else kinds_together(at, as_of) or spoken_together(text)
    together = together or told_together(at, as_of)
    chosen = [best.id, *(name for name in together if name != best.id)]
    decision = calculation_of(text, chosen, memory, as_of)
    if asks("premise", text):
        # 社保百分之百补，那我扣的也全退吧: where neighbours are mixed up, both are told.
        decision.calls += [("policy_standard", {"benefit": name}) for name in spoken_for(text) if name not in chosen]
    return decision


def _told_besides(at: Bearings, memory: Memory, as_of: date) -> Decision | None:
    """我们想上条新线，缺口500万，最多能批多少, after a loan: what the benefit talked about understands is about that."""
    if memory.tool not in catalogue() or find_aside(at.text, "out_of_scope", "small_talk"):
        return None
    reading = read_facts(catalogue()[memory.tool], at.text + GOING_ON, as_of, memory.pending_name)
    told = memory.pending and not QUESTION.search(at.text) and find_mentions(at.text, as_of)  # 今年7月开始交，12月的也交了
    return follow_up(at.text, memory, at.named, as_of) if told or (reading.facts and asks("amount", at.text)) else None


def _off_the_plan(at: Bearings) -> bool:
    far = at.within < NEAR_ENOUGH or at.off.similarity > at.within
    return far or (at.within < FAIRLY_NEAR and at.off.similarity > at.within - 0.015)


def _clause_or_its_benefit(at: Bearings, told: float, memory: Memory, as_of: date) -> Decision | None:
    """What a clause says, where its wording is nearer than the nearest benefit's; None if that benefit is meant."""
    text, number, lead = at.text, int(at.clause.id), at.clause.similarity - at.best.similarity
    inside = number in catalogue()[at.best.id].benefit.clauses
    literal = own_wording(text, quotes_of(catalogue()[at.best.id])).get(number, 0) >= LITERAL
    counted = has_heads(at.best.id, text, as_of)
    needed = (5 if told > FACT_WEIGHT or counted else 0 if literal else 3) if inside else 0 if literal else 1
    if lead <= needed * CLAUSE_LEAD:
        return None
    if not (QUESTION.search(text) or kinds_of_question(text)):
        cases = [topic for topic in at.benefits if _tells_who(topic.id, text, as_of)]
        if at.best in cases:
            cases = [at.best]
        if cases:  # 招了3个今年应届的，7月入职，合同签两年: a case, and no question that a clause answers
            return calculation_of(text, [max(cases, key=lambda topic: fit_of(text, topic, as_of)).id], memory, as_of)
    own = [topic for topic in at.benefits if number in catalogue()[topic.id].benefit.clauses]
    if counted and not inside and own:
        # 招了3个脱贫户 tells a case, which the clause's own benefit can work out.
        return calculation_of(text, [max(own, key=lambda topic: fit_of(text, topic, as_of)).id], memory, as_of)
    search = {"query": text, "clause": number}
    return Decision([("search_policy", search)], intent={"asks": kinds_of_question(text), "clause": number})


def _tells_who(benefit: str, text: str, as_of: date) -> bool:
    """How many there are of whom, and not only 请了个德国工程师."""
    rows = read_facts(catalogue()[benefit], text, as_of).rows
    return any(set(HEADS) & row.keys() and {*IDENTITY} & row.keys() for row in rows)


def _of_the_clause_alone(at: Bearings, as_of: date) -> bool:
    """要募集多少个就业见习岗位: names a benefit and asks for something else that its clause says."""
    inside = int(at.clause.id) in catalogue()[at.best.id].benefit.clauses
    nearer = at.clause.similarity > at.best.similarity + 3 * CLAUSE_LEAD
    return inside and nearer and not has_heads(at.best.id, at.text, as_of)
