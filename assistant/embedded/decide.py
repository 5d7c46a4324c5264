"""What to do about a message: which tools to call with which facts, or what to say at once."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cache
from typing import Any

from assistant.embedded.groups import HEADS
from assistant.embedded.memory import Memory
from assistant.embedded.mentions import find_mentions
from assistant.embedded.merging import UnclearGroupError, corrected, doubled, left_open, merge, settled
from assistant.embedded.reading import Reading, read_facts
from assistant.embedded.repair import repair
from assistant.embedded.topics import Aside, Topic, Topics, find_aside, named_benefits, named_places
from assistant.embedded.wording import own_wording
from assistant.embedded.words import alternation, asks, load_data, pattern
from corpus import load_plan
from corpus.text import normalise
from tools.calculator import Calculator, outcome_of, unknowns
from tools.catalogue import catalogue
from tools.facts import FactError, get_path, group_model, leaves, parse_facts, with_value, word
from tools.presume import calculate_presuming, presume

NEAR_ENOUGH = 0.88
"""Below this nearness to every example, a message is about nothing we know."""
FAIRLY_NEAR = 0.905
"""Below this, something outside the plan that is about as near is more likely."""
SURELY_NEAR = 0.925
"""Above this, a word that usually belongs to another subject does not lead away."""
VAGUE = 0.9
"""A statement (我是小老板) that stands nearer to no benefit than this tells something, but asks nothing."""
CLAUSE_LEAD = 0.012
"""How much nearer a clause's own wording must be before it is preferred to a calculator."""
FACT_WEIGHT = 0.012
"""What each fact that a benefit understands adds to its nearness."""
WORDING_WEIGHT = 0.01
"""What a run of characters that only one clause has adds to that clause's nearness."""
LITERAL = 5
"""So much wording of one clause makes a question one about that clause."""
KIND_WEIGHT = 0.03
"""What asking for its kind of result (a loan, a refund) adds to a benefit's nearness."""
UNIQUE = 2
"""A fact that one benefit alone asks for weighs 2 / this."""
GUESSED = 0.3
"""What a number counts for that no word beside it ties to its fact."""
GOING_ON = "‖"
"""Marks a message that goes on with a benefit: whose contributions are meant need not be said again."""
CHANGE_LEAD = 0.05
"""How much better another benefit must fit a short message before the subject is taken to have changed."""
NAME_WEIGHT = 0.05
"""What being called by name adds to it."""
Call = tuple[str, dict[str, Any]]


@dataclass
class Decision:
    """Tools to call, or a reply; ``intent`` is what was understood, kept for phrasing and for later turns."""

    calls: list[Call] = field(default_factory=list)
    reply: str = ""
    status: str = "answered"
    intent: dict[str, Any] = field(default_factory=dict)


def decide(message: str, memory: Memory, topics: Topics, as_of: date) -> Decision:
    """The next step for a message, given what earlier turns left behind."""
    message = _CIRCLED.sub("。一是", message)
    text = _SOMEONE.sub("有一个", repair(normalise(message)))
    text = _unnamed(text)
    text = _ONE_EACH.sub("每人每月", _INTRODUCED.sub("", text))
    preface = ""
    if memory.refused and len(text) <= 8 and not named_benefits(text) and not find_mentions(text, as_of):
        # 就第一行: still the same request.
        return Decision([("decline", {"reason": "refused", "topic": memory.refused})], intent={"reply": say("still_refused")})
    if refused := find_aside(text, "refused"):
        honest = _honest_part(text, refused)
        if not honest:
            decision = _declined("refused", refused)
            if refused.id == "new_policy":
                # What the plan does say is told along with the refusal.
                decision.calls += [("policy_standard", {"benefit": name}) for name in named_benefits(text)[:1]]
            return decision
        text, preface = honest, refused.reply
    try:
        decision = (
            _talk(text, memory)
            or _several(text, memory, topics, as_of)
            or _clauses_asked(text, topics)
            or _answer(text, memory, topics, as_of)
        )
    except UnclearGroupError:
        decision = _say_total()
    if preface:
        decision.intent["preface"] = preface
    if refused and refused.id == "new_policy":
        # Next to what somebody claims stands what the plan says.
        told = [name for name, _ in decision.calls if name in catalogue()][:1]
        decision.calls += [("policy_standard", {"benefit": name}) for name in told]
    return decision


def _say_total() -> Decision:
    """Whom a change concerns is left open: how many there are of whom is to be said anew."""
    return Decision(reply=say("say_total"), status="needs_information", intent={"asks": ["amount"]})


def _several(text: str, memory: Memory, topics: Topics, as_of: date) -> Decision | None:
    """①扩岗多少 ②稳岗返多少: questions numbered in one message, each about a benefit of its own."""
    parts = [part for part in _NUMBERED.split(text)[1:] if part.strip()]
    if len(parts) < 2:
        return None
    ranked = [[topic for topic in topics.rank(part) if topic.kind == "benefit"] for part in parts]
    asked = [(part, _best_benefit(part, benefits, as_of).id) for part, benefits in zip(parts, ranked, strict=True)]
    if len({name for _, name in asked}) < len(parts):
        return None
    decisions = [_calculate(part, [name], memory, as_of) for part, name in asked]
    return Decision([call for decision in decisions for call in decision.calls], intent=decisions[0].intent)


_CIRCLED = re.compile(r"[①-⑨]")
_NUMBERED = re.compile(r"(?:^|[,。;:?!\s])(?:[一二三四]是|第[一二三四](?:个问题)?[,是、:]|其[一二三][,是]|\d[、.)](?!\d))")


def _unnamed(text: str) -> str:
    """小陆还剩四个月，小农还剩一个月: people told apart by their names are one each."""
    names = [m[1] for m in _NAME.finditer(text)]
    if len(names) < 2 or len(set(names)) < len(names):
        return text
    return _NAME.sub("一个", text)


def say(name: str) -> str:
    """A phrase without blanks."""
    return str(load_data("phrases")[name])


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
        return Decision(reply=say("not_chinese"), status="needs_information")
    if (small := find_aside(text, "small_talk")) and len(text) < 30:
        return Decision(reply=small.reply.format(**_about_plan()))
    return None


def _about_plan() -> dict[str, object]:
    plan = load_plan()
    return {"title": plan.title, "source": plan.source, "clauses": len(plan.clauses)}


def _answer(text: str, memory: Memory, topics: Topics, as_of: date) -> Decision:
    if memory.introduced and not find_aside(text, "out_of_scope"):
        text = f"{memory.introduced},{text}"  # 我有20个新人, and then what is asked about them
    counted = any(m.kind in ("count", "money") for m in find_mentions(text, as_of))
    if memory.clause and not named_benefits(text) and len(text) <= 12 and not counted and not find_aside(text, "out_of_scope"):
        return _same_clause(text, memory, topics)
    if elsewhere := _elsewhere(text):
        return Decision([("decline", {"reason": "out_of_scope", "topic": f"{elsewhere}的政策"})])
    named = named_benefits(text)
    ranked = topics.rank(text)
    benefits = [topic for topic in ranked if topic.kind == "benefit"]
    best = _best_benefit(text, benefits, as_of)
    clause = _best_clause(text, ranked, catalogue()[best.id])
    off = max((t for t in ranked if t.kind not in ("benefit", "clause")), key=lambda t: t.similarity)
    if len(text) <= 16 and not named and (back := _back_by_kind(text, memory)):
        return _follow_up(text, memory, [back], as_of)
    same = int(clause.id) == memory.clause and clause.similarity > max(best.similarity, NEAR_ENOUGH)
    if same and not named and not counted and _QUESTION.search(text):
        return _same_clause(text, memory, topics)
    if not named and _surely_a_clause(text, clause, best):
        return _open_subject(text, memory, benefits, best, clause, off, as_of)
    if sibling := _sibling(text, memory, named):
        return _calculate(text, [sibling], memory, as_of)
    if _continues(text, memory, named, max(best.similarity, clause.similarity), as_of):
        if other := _asked_anew(text, memory, topics, as_of):
            return _calculate(text, [other], memory, as_of, further=not _has_heads(other, text, as_of))
        rivals = sorted({best, *benefits[:5]}, key=lambda topic: -_fit(text, topic, as_of))
        away = next((topic.id for topic in rivals if _turns_away(text, memory, topic, benefits, as_of)), "")
        if not away:
            return _follow_up(text, memory, named, as_of)
        return _calculate(text, [away], memory, as_of, further=not _has_heads(away, text, as_of))
    return _open_subject(text, memory, benefits, best, clause, off, as_of)


def _same_clause(text: str, memory: Memory, topics: Topics) -> Decision:
    """找谁, after a clause: what that clause says about it; 那工伤呢 is near enough to another to mean that one."""
    ranked = topics.rank(text)
    nearest = max((t for t in ranked if t.kind == "clause"), key=lambda t: t.similarity)
    clause = int(nearest.id) if nearest.similarity > FAIRLY_NEAR + 0.01 else memory.clause
    search = {"query": f"{memory.question} {text}" if clause == memory.clause else text, "clause": clause}
    return Decision([("search_policy", search)], intent={"asks": _asked(text), "follows": clause == memory.clause})


def _surely_a_clause(text: str, clause: Topic, best: Topic) -> bool:
    """那外国人的工作许可证呢, in the middle of a case: a question about a clause, far from every benefit."""
    lead = clause.similarity - best.similarity
    return clause.similarity > SURELY_NEAR + 0.02 and lead > 4 * CLAUSE_LEAD and _QUESTION.search(text) is not None


_QUESTION = re.compile(r"[吗么呢?]|什么|啥|怎么|咋|哪|谁|多少|能不能|可不可以|是不是|有没有|会不会|行不行")


def _clauses_asked(text: str, topics: Topics) -> Decision | None:
    """电子合同支持吗？另外闹纠纷找谁调解: two questions, each about a clause of its own."""
    parts = [part.strip(" ,") for part in _APART.split(text)]
    parts = [part for part in parts if len(part) > 5]
    if len(parts) not in (2, 3) or named_benefits(text) or not _QUESTION.search(text):
        return None
    found, leads = [], []
    for part in parts:
        ranked = topics.rank(part)
        nearest = max((t for t in ranked if t.kind == "benefit"), key=lambda t: t.similarity)
        clause = _best_clause(part, ranked, catalogue()[nearest.id])
        if clause.similarity < SURELY_NEAR or find_aside(part, "out_of_scope"):
            return None
        found.append(int(clause.id))
        leads.append(clause.similarity - nearest.similarity)
    if len(set(found)) < len(parts) or min(leads) <= 0 or max(leads) < 3 * CLAUSE_LEAD:
        return None
    searches: list[Call] = [("search_policy", {"query": part, "clause": n}) for part, n in zip(parts, found, strict=True)]
    return Decision(searches, intent={"asks": _asked(text), "clause": found[0]})


_APART = re.compile(r"[?。;]|,?(?:另外|还有|顺便|再问一?下)")


def _open_subject(
    text: str, memory: Memory, benefits: Sequence[Topic], best: Topic, clause: Topic, off: Topic, as_of: date
) -> Decision:
    """A message that does not go on with anything: about a benefit, a clause, or nothing of the plan's."""
    named = named_benefits(text)
    within = max(best.similarity, clause.similarity)
    aside = find_aside(text, "out_of_scope")
    if aside and not named and not _surely_inside(text, within, off, benefits[0], as_of):
        return _declined("out_of_scope", aside)
    if asks("how", text) and not named and len(text) <= 10 and clause.similarity < SURELY_NEAR + 0.02:
        return Decision(reply=say("how") + say("how_which"), status="needs_information")
    vague = max(clause.similarity, off.similarity) < SURELY_NEAR and best.standing < VAGUE
    if vague and asks("introduction", text) and not (named or memory.tool or _asked(text) or _kinds_asked(text)):
        return Decision(reply=say("which"), status="needs_information", intent={"introduced": text})
    told = _fit(text, best, as_of) - best.standing - NAME_WEIGHT * best.named
    mixed = len(read_facts(catalogue()[best.id], text, as_of).rows) > 1
    anything = asks("anything", text)
    everything = (asks("screen", text) or anything) and not asks("other_subject", text) and (told < 2 * FACT_WEIGHT or mixed)
    sure = clause.similarity > SURELY_NEAR + 0.02 or clause.similarity > best.similarity + 2 * CLAUSE_LEAD
    if not named and everything and (anything or not sure):
        return _screen(text, memory, as_of)
    if not named:
        if within < NEAR_ENOUGH or off.similarity > within or (within < FAIRLY_NEAR and off.similarity > within - 0.015):
            return _declined_topic(off)
        inside = int(clause.id) in catalogue()[best.id].benefit.clauses
        lead = clause.similarity - best.similarity
        literal = own_wording(text, _quotes(catalogue()[best.id])).get(int(clause.id), 0) >= LITERAL
        counted = _has_heads(best.id, text, as_of)
        needed = (5 if told > FACT_WEIGHT or counted else 0 if literal else 3) if inside else 0 if literal else 1
        own = [t for t in benefits if int(clause.id) in catalogue()[t.id].benefit.clauses]
        if lead > needed * CLAUSE_LEAD and counted and not inside and own:
            # 招了3个脱贫户 tells a case, which the clause's own benefit can work out.
            return _calculate(text, [max(own, key=lambda t: _fit(text, t, as_of)).id], memory, as_of)
        if lead > needed * CLAUSE_LEAD:
            search = {"query": text, "clause": int(clause.id)}
            return Decision([("search_policy", search)], intent={"asks": _asked(text), "clause": int(clause.id)})
    together = _asked_together(text) if named else _kinds_together(text, benefits, best, as_of)
    chosen = [best.id, *(name for name in together if name != best.id)]
    return _calculate(text, chosen, memory, as_of)


def _kinds_together(text: str, benefits: Sequence[Topic], best: Topic, as_of: date) -> list[str]:
    """能拿多少补贴，贷多少: the nearest benefit of each kind that is asked for."""
    asked = _kinds_asked(text) | ({"subsidy"} if asks("kind_subsidy", text) else set())
    found = []
    for kind in sorted(asked - {catalogue()[best.id].kind}) if catalogue()[best.id].kind in asked else ():
        own = [topic for topic in benefits if catalogue()[topic.id].kind == kind and topic.standing > VAGUE]
        found += [max(own, key=lambda topic: _fit(text, topic, as_of)).id] if own else []
    return found


def _best_benefit(text: str, benefits: Sequence[Topic], as_of: date) -> Topic:
    """The nearest benefit; among those named or about as near, the one that understands most of what was said."""
    rivals = [topic for i, topic in enumerate(benefits) if topic.named or i < 5]
    return max(rivals, key=lambda topic: _fit(text, topic, as_of))


def _best_clause(text: str, ranked: Sequence[Topic], tool: Calculator[Any]) -> Topic:
    """The nearest clause; words that stand in one clause alone bring it nearer, unless they are the benefit's own."""
    own = own_wording(text, _quotes(tool))
    clauses = [
        replace(t, similarity=t.similarity + WORDING_WEIGHT * own.get(int(t.id), 0))
        for t in ranked if t.kind == "clause"
    ]
    return max(clauses, key=lambda t: t.similarity)


def _quotes(tool: Calculator[Any]) -> tuple[str, ...]:
    """The sentences of the plan that a benefit rests on."""
    benefit = tool.benefit
    return (benefit.quote, *(figure.quote for figure in benefit.figures.values()))


def _asked_together(text: str) -> list[str]:
    """Benefits named side by side (扩岗补助和社保补贴) or each in a sentence of its own; else only one is meant."""
    places = named_places(text)
    kept: list[str] = []
    for (_, end, first), (start, _, second) in zip(places, places[1:], strict=False):
        gap = text[end:start]
        joined = re.fullmatch(r"[,、]?(?:和|与|跟|及|以及|还有|、|或者?|还是)(?:那个)?", gap)
        asked_too = re.search(r"[,?]?(?:有没有|能不能|可不可以|是不是|能否)", gap) and re.search(r"多少|吗|怎么", gap)
        if first != second and (joined or asked_too or re.search(r"[?。;]|呢[,?]?|另外|还有", gap)):
            kept += [first, second]
    return list(dict.fromkeys(kept))


def _surely_inside(text: str, within: float, off: Topic, nearest: Topic, as_of: date) -> bool:
    """A stray word (养鸡场, 住院) does not count in a message that is plainly about the plan, or full of facts for it."""
    if within > max(SURELY_NEAR, off.similarity + 0.02):
        return True
    reading = read_facts(catalogue()[nearest.id], text, as_of)
    return len(reading.facts) + sum(len(row) - 1 for row in reading.rows) >= 3


def _fit(text: str, topic: Topic, as_of: date) -> float:
    """Nearness, and how much of the message the benefit understands; a fact that few benefits know counts more."""
    reading = read_facts(catalogue()[topic.id], text, as_of)
    taken: dict[str, tuple[int, int]] = {}
    for fact, start, end in sorted(reading.places, key=lambda place: _known_to(place[0])):
        # The same words tell only one thing: who is a graduate is of a 重点群体, but that is said once.
        if fact not in taken and all(end <= a or start >= b for a, b in taken.values()):
            taken[fact] = (start, end)
    understood = sum((GUESSED if fact in reading.guessed else 1) * 2 / max(UNIQUE, _known_to(fact)) for fact in taken)
    asked = catalogue()[topic.id].kind in _kinds_asked(text)
    return (
        topic.standing
        + FACT_WEIGHT * min(understood, 5)
        + KIND_WEIGHT * asked
        + NAME_WEIGHT * topic.named
    )


def _kinds_asked(text: str) -> set[str]:
    """The kinds of result that the words of a message ask for (``data/kinds.yaml``)."""
    return {kind for kind, words in _kinds().items() if words.search(text)}


@cache
def _kinds() -> Mapping[str, re.Pattern[str]]:
    return {kind: alternation(words) for kind, words in load_data("kinds").items()}


@cache
def _known_to(fact: str) -> int:
    """How many benefits know a fact; who somebody is has two names."""
    same = {fact, "category"} if fact == "founder" else {fact}
    return sum(any(name in same for _, name, _ in leaves(tool.facts)) for tool in catalogue().values())


# --- calculators ----------------------------------------------------------------------------------------------


def _calculate(
    text: str, benefits: Sequence[str], memory: Memory, as_of: date, *, further: bool = False
) -> Decision:
    """Call the calculators with what the message says; the standard as well when that is what is asked.

    ``further``: it goes on about the same people (要是AI的工种呢).
    """
    asked = _asked(text)
    calls: list[Call] = []
    intent: dict[str, Any] = {"asks": asked, "benefits": list(benefits)}
    for benefit in benefits:
        tool = catalogue()[benefit]
        further = further or (bool(memory.facts and _SAME.search(text)) and not _has_heads(benefit, text, as_of))
        reading = read_facts(tool, _own_words(text, asked, tool), as_of)
        before = _carried(tool, memory, text, reading, as_of, further=further)
        facts = settled(tool, merge(tool, before, reading, "", text) if further else {**before, **reading.facts})
        facts = left_open(tool, facts, reading.rough)
        intent |= {"rough": reading.rough, "further": further, "addition": asks("addition", text)}
        intent.setdefault("facts", facts)
        specific = _specific(tool, reading)
        if "deadline" in asked and (then := _later(text, as_of)):
            intent["then"] = then
        if "premise" in asked:
            intent["claims"] = _claims(text, reading, as_of)
        of_the_case = "standard" not in asked or not _IN_GENERAL.search(text)
        own_case = "amount" in asked and of_the_case and asks("own", text) and not _general(asked)
        if not specific and not own_case:
            calls.append(("policy_standard", {"benefit": benefit}))
            continue
        instead = _otherwise(tool, facts, as_of)
        if instead and not reading.rows and not named_benefits(text):
            # 想学无人机，有补贴吗 does not ask for the addition, which is not due.
            calls += [("policy_standard", {"benefit": name}) for name in (tool.benefit.otherwise, benefit)]
            continue
        calls += [(benefit, variant) for variant in _variants(tool, facts, reading)]
        calls += instead or _of_the_rest(tool, facts, reading)
        # A question that gives no number of its own is answered from the plan, unless the case fails or is settled.
        per_unit = tool.kind != "fee" and _PER_UNIT.search(text) and not _has_heads(benefit, text, as_of)
        if _general(asked) or "premise" in asked or per_unit or not (own_case or reading.rough or _quantified(reading)):
            calls.append(("policy_standard", {"benefit": benefit}))
    return Decision(calls, intent=intent)


def _variants(tool: Calculator[Any], facts: dict[str, Any], reading: Reading) -> list[dict[str, Any]]:
    """One fact set for each value named of a choice: 单位和职工各交多少."""
    variants = _each_alone(tool, facts)
    for name, values in reading.several.items():
        if name in reading.unsaid and name in facts:
            continue
        variants = [{**variant, name: value} for variant in variants for value in values]
    return variants[:4]


def _otherwise(tool: Calculator[Any], facts: dict[str, Any], as_of: date) -> list[Call]:
    """The benefit that remains when an addition to it is not due: without 上浮 the ordinary training subsidy."""
    if not tool.benefit.otherwise or calculate_presuming(tool, facts, as_of).verdict != "not_met":
        return []
    instead = catalogue()[tool.benefit.otherwise]
    shared = {name: value for name, value in facts.items() if name in instead.facts.model_fields}
    return [(instead.id, shared)] if _valid(instead, shared) else []


def _of_the_rest(tool: Calculator[Any], facts: dict[str, Any], reading: Reading) -> list[Call]:
    """10个初级工，其中4个学人工智能: the ordinary training subsidy for the other 6."""
    if not reading.rest or not tool.benefit.otherwise:
        return []
    instead = catalogue()[tool.benefit.otherwise]
    rows = {name: [reading.rest] for name in facts if _is_group(instead, name)}
    return [(instead.id, rows)] if rows and _valid(instead, rows) else []


def _is_group(tool: Calculator[Any], name: str) -> bool:
    return name in tool.facts.model_fields and group_model(tool.facts.model_fields[name].annotation) is not None


def _each_alone(tool: Calculator[Any], facts: dict[str, Any]) -> list[dict[str, Any]]:
    """初级工补多少, 中级工呢: of several groups without a number each is told alone, never their sum."""
    for name, rows in facts.items():
        if isinstance(rows, list) and len(rows) > 1 and isinstance(rows[0], dict) and not any(set(HEADS) & row.keys() for row in rows):
            return [{**facts, name: [row]} for row in rows]
    return [facts]


def _general(asked: Sequence[str]) -> bool:
    return bool({"deadline", "conditions", "how", "difference"} & set(asked))


def _asked(text: str) -> list[str]:
    """The kinds of question in a message, in the order of ``asks.yaml``."""
    order = ("premise", "deadline", "how", "conditions", "difference", "standard", "amount", "existence")
    found = [kind for kind in order if asks(kind, text)]
    if "difference" in found and len(named_benefits(text)) > 1:
        return [kind for kind in found if kind != "deadline"]  # 领了扩岗补助还能领社保补贴吗
    return found


def _specific(tool: Calculator[Any], reading: Reading) -> bool:
    """The message tells something of a case: more than whom it is about, or how much one person gets."""
    rows = [row for row in reading.rows if row != {"heads": 1}]
    said = {name for name, value in reading.facts.items() if not isinstance(value, list) and value != word(name).presume}
    return bool(rows or said or reading.several or reading.rough)


def _quantified(reading: Reading) -> bool:
    """The message gives a number or a yes or no, not only whom it is about."""
    pairs = [(name, v) for name, v in reading.facts.items() if not isinstance(v, list)]
    pairs += [pair for row in reading.rows for pair in row.items()]
    values = [v for name, v in pairs if (name, v) != ("heads", 1) and v != word(name).presume]
    return any(isinstance(v, bool | int) or (isinstance(v, str) and v[:1].isdigit()) for v in values)


def _own_words(text: str, asked: Sequence[str], tool: Calculator[Any]) -> str:
    """The message without numbers that are no facts of a case: 一个人多少钱, and what somebody heard (补3000对吧)."""
    text = _NOT_BUT.sub(lambda m: f"{_blank(m)[1:]}是", text)
    if tool.kind != "fee" and "years" not in {name for _, name, _ in leaves(tool.facts)}:  # 一年交多少 asks for twelve months of a fee, 一年补多少 for a rate
        text = _PER_UNIT.sub(_blank, text)
    return _HEARD.sub(_blank, text) if "premise" in asked else text


def _blank(match: re.Match[str]) -> str:
    """Spaces of the same length, so that places in the text stay what they are."""
    return " " * len(match[0])


_NOT_BUT = re.compile(r"不是[^,。;?]{0,3}[\d一二两三四五六七八九十百千万]+[^,。;?\d]{0,4}[,;]?\s*(?:而)?是(?=[^,。;?]{0,3}[\d一二两三四五六七八九十百千万])")
"""不是4个，是2个: only what is is read."""
_INTRODUCED = re.compile(r"^(?:你好|您好)?[,。!]?(?:我叫|我姓|本人姓|我的名字是)[\u4e00-\u9fff]{1,4}[,。]")
_SOME_OF_THEM = re.compile(r"(?:其中|里面|后来|但是?|不过|有)有?[\d一二两三四五六七八九十俩仨]+(?:个|名|人|位)人?(?:没|不(?!对|是)|未|退|被)")
_SOME_PART = re.compile(r"^(?:那|要是|如果|但是?|不过|哦|其实|对了|不对)*[,]?(?:其中|里面)?有[\d一二两三四五六七八九十俩仨]+(?:个|名|人|位)")
_ADDED = re.compile(r"(?:加|多)(?:了|进来|招|来)?的?(?:其实|应该)?是(?=[\d一二两三四五六七八九十俩仨])")
_SAME = re.compile(r"他们?|她们?|这些人|这批人?|这几个人?|同一批|同样这|[这那][\d一二两三四五六七八九十俩仨]+[个名人位]")
"""The people already told of."""
_SOMEONE = re.compile(r"有个(?=人|员工|毕业生|学生|小伙|姑娘|见习)|(?<=还)有个")
_NAME = re.compile(r"(?<![\u4e00-\u9fff])(?:和|与|跟|还有)?(?:小|老|阿)([赵钱孙李周吴郑王冯陈卫蒋沈韩杨朱秦许何吕张孔曹严金魏陶姜谢邹苏潘范彭鲁韦马方任袁柳史唐薛雷贺倪汤罗毕郝安常于傅顾孟黄穆萧尹姚邵汪祁毛狄戴宋庞熊纪舒屈项祝董梁杜阮蓝闵席季贾路江童郭梅林钟徐邱骆高夏蔡田樊胡凌霍万柯卢莫房丁邓洪包左石崔龚程邢裴陆翁段侯全宁甘刘龙叶黎白蒙谭覃农廖曾余肖侬])(?![的店板家])")
"""小陆, 老王 at the beginning of a part of a sentence."""
_ONE_EACH = re.compile(r"(?:(?<!有)一个?人|1个?人|每个?人)(?:一|1|每)个?月|(?:一|1|每)个?月(?:给|替|为)?(?:一个?人|每个?人)")
_PER_UNIT = re.compile(
    # 一年一共 is twelve months of what was told by the month.
    r"再(?:过|等|干|开)(?:[一二两三四五六七八九十\d]{1,2})个?(?:月|年)|"
    r"(?<![招雇用请训学签习交缴营开满了期])(?:每|一)(?:个)?(?:人|月|年(?!一共|总共|合计|下来)|名|户)(?!半)(?=[^,。;?\d]{0,12}(?:多少|几多|几[块百千万元]|怎么补|补多|给多|标准))"
    r"|(?<=多少钱)(?:每|一)个?(?:人|月|年|户)|(?<=多少)(?:每|一)个?(?:人|月|年|户)|(?<=补[助贴])(?:每|一)个?(?:人|月|年|户)(?![^,。;?]{0,3}\d)"
    r"|(?<=[元块])(?:钱)?(?:每|一)个?人|(?:每|一)个?人(?=\d{3,})|(?<=[\d元块])(?:每|一)个?月(?=吧|对|是|算|,|。|\?|$)"
)
_HEARD = re.compile(
    r"(?:最高|最多|封顶|上限(?:是)?|(?:直接|只要?|只用|就|应该|是不是)(?:交|缴|扣)|降|下调|减|补|给|领|拿|是|返|贷|奖|发|到|按|算|有|每月|每人|一个月|涨到|提高到)(?:了|的)?\s*(?:每人|每月|一个月|每人每月)?\s*"
    r"[\d,.一二三四五六七八九十百千万两]+\s*(?:万|千)?(?:元|块钱?|%|个点)?(?:算|给)?(?![\d一二三四五六七八九十百千万两个名位人月年届])"
)


def _later(text: str, as_of: date) -> list[int]:
    """The later year, or year and month, that a message asks about: 明年1月还能申请吗. Empty if there is none."""
    for m in find_mentions(text, as_of):
        if m.day and m.day > as_of and (m.precise_day or m.day.year > as_of.year):
            return [m.day.year, m.day.month] if m.precise_day else [m.day.year]
    return []


def _claims(text: str, reading: Reading, as_of: date) -> list[str]:
    """Amounts and shares that a person has heard of; what they told of their own case is none."""
    kinds = ("money", "percent", "number")
    told = [(start, end) for _, start, end in reading.places]
    return [
        f"{m.value:f}"
        for m in find_mentions(text, as_of)
        if m.kind in kinds and m.value > 4 and not any(start <= m.start < end for start, end in told)
    ]


def _carried(
    tool: Calculator[Any], memory: Memory, text: str, reading: Reading, as_of: date, *, further: bool
) -> dict[str, Any]:
    """What earlier turns said that this calculator knows; groups only when the message refers back to them."""
    fields = tool.facts.model_fields
    carried = {name: value for name, value in memory.profile.items() if name in fields}
    if memory.facts and (further or (not reading.rows and asks("more", text))):
        for name, rows in memory.facts.items():
            if name in fields and isinstance(rows, list):
                group = group_model(fields[name].annotation)
                known = group.model_fields if group else {}
                carried[name] = [{k: v for k, v in row.items() if k in known} for row in rows]
    if further:
        carried = _told_before(tool, carried, memory, as_of)
    groups = [name for name, field in fields.items() if group_model(field.annotation)]
    told = memory.facts.get("employees") or next((row.get("heads") for row in _rows_of(memory.facts)), None)
    if groups and told and groups[0] not in carried and not reading.rows and len(text) <= 12 and memory.pending:
        carried[groups[0]] = [{"heads": told}]  # 我们招了三个人 … 就扩岗那个
    return {name: value for name, value in carried.items() if _valid(tool, {name: value})}


def _told_before(tool: Calculator[Any], carried: dict[str, Any], memory: Memory, as_of: date) -> dict[str, Any]:
    """合同签了两年, said when another benefit was asked about that did not need it."""
    known = {name for _, name, _ in leaves(catalogue()[memory.tool].facts)} if memory.tool in catalogue() else set()
    for text in memory.said:
        for name, value in read_facts(tool, text, as_of).facts.items():
            rows = carried.get(name)
            if not isinstance(value, list):
                carried = carried if name in known else {name: value, **carried}
            elif len(value) == 1 and isinstance(rows, list) and len(rows) == 1:
                carried = {**carried, name: [{k: v for k, v in value[0].items() if k not in known} | rows[0]]}
    return carried


def _rows_of(facts: Mapping[str, Any]) -> list[dict[str, Any]]:
    return next((v for v in facts.values() if isinstance(v, list) and v and isinstance(v[0], dict)), [])


def _valid(tool: Calculator[Any], facts: Mapping[str, Any]) -> bool:
    try:
        parse_facts(tool.facts, facts)
    except FactError:
        return False
    return True


# --- going on with the same subject --------------------------------------------------------------------------


def _continues(text: str, memory: Memory, named: Sequence[str], nearness: float, as_of: date) -> bool:
    """The message goes on with the benefit last talked about, or comes back to an earlier one."""
    if named and memory.tool not in named:
        return len(named) == 1 and named[0] in memory.by_tool and any(asks(kind, text) for kind in ("back", "more", "increase"))
    if memory.tool not in catalogue():
        return False
    reading = read_facts(catalogue()[memory.tool], text + GOING_ON, as_of, memory.pending_name)
    if memory.pending and (reading.unsure or _says(reading, memory.pending_name)):
        return True
    if find_aside(text, "out_of_scope") and not (named or asks("correction", text)) and len(reading.places) < 2:
        return False
    if named:
        whole = any(row.keys() & {"category", "grade"} and "heads" in row for row in reading.rows)
        return asks("more", text) or asks("increase", text) or not whole
    if reading.empty and not reading.places:
        if len(text) <= 14 and catalogue()[memory.tool].kind in _kinds_asked(text):
            return True  # 能贷多少款, after the loan
        told = not _asked(text) and not re.search(r"[吗呢么?]", text)
        if asks("more", text) and _SAME.search(text):
            return True  # 那他们个人交的呢
        return len(text) <= 14 and (told or asks("more", text) or nearness < SURELY_NEAR + 0.01)
    # After a general answer, which ends by asking for the case, the case may be told at any length.
    return bool(memory.pending) or memory.invited or asks("more", text) or len(text) <= 16 or not _asked(text)


def _back_by_kind(text: str, memory: Memory) -> str:
    """贷款那个要是小微企业呢: an earlier benefit of the kind that is meant; empty if there is none."""
    kinds = _kinds_asked(text)
    if memory.tool not in catalogue() or catalogue()[memory.tool].kind in kinds:
        return ""
    return next((name for name in reversed(memory.by_tool) if name in catalogue() and catalogue()[name].kind in kinds), "")


def _sibling(text: str, memory: Memory, named: Sequence[str]) -> str:
    """那补贴呢, after a loan: the subsidy talked about before, or the one of the same clause; empty if there is none."""
    if named or memory.tool not in catalogue() or len(text) > 12 or not asks("kind_subsidy", text):
        return ""
    tool = catalogue()[memory.tool]
    if tool.kind == "subsidy":
        return ""
    others = [t for t in catalogue().values() if t.kind == "subsidy"]
    same = [t.id for t in others if t.id in memory.by_tool or set(t.benefit.clauses) & set(tool.benefit.clauses)]
    return same[-1] if same else ""


def _asked_anew(text: str, memory: Memory, topics: Topics, as_of: date) -> str:
    """那失业保险呢, after the other fee: the benefit that this alone means, if it tells nothing of the present case."""
    asked = re.match(r"(?:那么?|哦,?|嗯,?)?([^,。?]{2,8})呢(?=[,。?]|$)", text)
    if not asked or read_facts(catalogue()[memory.tool], asked[1] + GOING_ON, as_of).places:
        return ""
    nearest = {topic.id: topic.similarity for topic in topics.rank(asked[1]) if topic.kind == "benefit"}
    best = max(nearest, key=lambda name: nearest[name])
    return best if nearest[best] > SURELY_NEAR and nearest[best] > nearest[memory.tool] + 2 * CLAUSE_LEAD else ""


def _turns_away(text: str, memory: Memory, other: Topic, benefits: Sequence[Topic], as_of: date) -> bool:
    """还引进了一个博士, after the workstation: another benefit understands what this one does not, and fits much better."""
    if other.id == memory.tool or memory.tool not in catalogue() or (other.named and other.id in memory.by_tool):
        return False
    if memory.pending and _says(read_facts(catalogue()[memory.tool], text, as_of, memory.pending_name), memory.pending_name):
        return False
    known = {name for _, name, _ in leaves(catalogue()[memory.tool].facts)}
    understood = [(start, end) for _, start, end in read_facts(catalogue()[memory.tool], text + GOING_ON, as_of).places]
    told = {
        fact
        for fact, start, end in read_facts(catalogue()[other.id], text, as_of).places
        if all(end <= a or start >= b for a, b in understood)
    }
    present = next(topic for topic in benefits if topic.id == memory.tool)
    lead = _fit(text, other, as_of) - _fit(text, present, as_of)
    # A choice or a yes that this benefit does not ask for (AI的工种) tells a change; a number could be anything's,
    # unless only words of its own make it one (个人部分…).
    presumed = {*catalogue()[other.id].benefit.presumptions, *(fact for fact in told if word(fact).presume is not None)}
    telling = [
        fact for fact in told - known - presumed
        if (pattern(fact).needs and pattern(fact).kind) or not (pattern(fact).kind or pattern(fact).otherwise)
    ]
    return bool(telling) and lead > (CHANGE_LEAD / 2 if any(_known_to(fact) == 1 for fact in telling) else CHANGE_LEAD)


def _has_heads(benefit: str, text: str, as_of: date) -> bool:
    """Whether a message tells of people of its own; 这7个 are those told of before."""
    if re.search(r"[这那][\d一二两三四五六七八九十]+[个名人位]", text):
        return False
    return any(set(HEADS) & row.keys() for row in read_facts(catalogue()[benefit], text, as_of).rows)


def _says(reading: Reading, name: str) -> bool:
    return name in reading.facts or any(name in row for row in reading.rows)


def _follow_up(text: str, memory: Memory, named: Sequence[str], as_of: date) -> Decision:
    """The same calculator with what the message adds or corrects."""
    if named and memory.tool not in named:
        memory = replace(memory, tool=named[0], facts=memory.by_tool[named[0]], pending="")
    tool = catalogue()[memory.tool]
    asked = _asked(text)
    reading = read_facts(tool, _own_words(text, asked, tool) + GOING_ON, as_of, memory.pending_name)
    if asks("correction", text) and (added := _ADDED.search(text)) and memory.before and asks("increase", memory.question):
        # 说错了，加的是一个: in place of the addition before.
        return _follow_up(f"再加{text[added.end():]}", replace(memory, facts=memory.before), named, as_of)
    if asks("correction", text) and re.search(r"(?:加|多|减|少)的是?", text):
        return _say_total()
    if asks("double", text) and memory.facts:
        twice = doubled(memory.facts)
        return Decision([(tool.id, twice)], intent={"asks": asked or ["amount"], "facts": twice, "benefits": [tool.id]})
    if reading.empty and (facts := corrected(tool, memory.facts, text, as_of)) is not None:
        return Decision([(tool.id, facts)], intent={"asks": ["amount"], "facts": facts, "benefits": [tool.id]})
    intent: dict[str, Any]
    if _in_general(text, asked, reading, memory):
        intent = {"asks": asked, "facts": memory.facts, "benefits": [tool.id]}
        return Decision([("policy_standard", {"benefit": tool.id})], intent=intent)
    if reading.empty:
        return _the_same_again(text, memory, asked, as_of)
    if (_part_unknown(text, reading) or _part_of_all(text, reading)) and not asks("decrease", text):
        return _say_total()  # 后来有3个没通过: whether these count is not for us to guess
    facts = _only(merge(tool, memory.facts, reading, memory.pending, text), text)
    if tool.kind == "fee" and not _says(reading, "insured_heads") and re.search(r"(?:每个?|一个?)人", text):
        facts = {**facts, "insured_heads": 1}  # 那每个人自己扣多少
    facts = left_open(tool, settled(tool, facts), reading.rough)
    intent = {"asks": asked or ["amount"], "facts": facts, "rough": reading.rough, "benefits": [tool.id]}
    intent["addition"] = asks("addition", text)
    general: list[Call] = []
    if "premise" in asked and (claims := _claims(text, reading, as_of)):
        intent["claims"] = claims
        general = [("policy_standard", {"benefit": tool.id})]
    if reading.unsure and not _says(reading, memory.pending_name):
        calls = _both_ways(tool, facts, memory.pending)
        return Decision(calls, intent={**intent, "unsure": memory.pending})
    # An addition that is not due (那养老护理员呢) leaves the ordinary benefit, unless it is the addition that is asked for.
    calls = [] if named else _otherwise(tool, facts, as_of)
    calls = calls or [(tool.id, variant) for variant in _variants(tool, facts, reading)]
    return Decision(calls + general, intent=intent)


def _only(facts: dict[str, Any], text: str) -> dict[str, Any]:
    """只缓养老呢: of the amounts told, those that are meant alone."""
    named = _ONLY_THAT.search(text)
    amounts = {name for name in facts if pattern(name).kind == "money"}
    kept = {name for name in amounts if named and (cues := pattern(name).cues) and cues.search(named[1])}
    return {name: value for name, value in facts.items() if name not in amounts - kept} if kept else facts


_ONLY_THAT = re.compile(r"(?:只|光|仅)(?:缓|算|要|看|缴|交)(?:缴|交)?([^,。?\d]{2,10}?)(?:呢|吗|的|行|[,。?]|$)")


def _the_same_again(text: str, memory: Memory, asked: Sequence[str], as_of: date) -> Decision:
    """Nothing new was said: the case as it stands; a number that is nothing of this benefit's is said to be unclear."""
    intent: dict[str, Any] = {"asks": list(asked) or ["amount"], "facts": memory.facts}
    only = _only(memory.facts, text)
    if only != memory.facts:
        return Decision([(memory.tool, only)], intent={**intent, "facts": only})
    intent["nothing_new"] = True
    if any(m.kind != "date" for m in find_mentions(text, as_of)) and not _QUESTION.search(text):
        intent["preface"] = say("which_fact")
    return Decision([(memory.tool, memory.facts)], intent=intent)


def _part_unknown(text: str, reading: Reading) -> bool:
    """有3个没通过: something is said of a part of the people that this benefit knows nothing of."""
    some = _SOME_OF_THEM.search(text)
    if not some:
        return False
    right = re.compile(r"[,;。?!]|$").search(text, some.end())
    return right is not None and not any(n not in HEADS and some.start() <= at < right.start() for n, at, _ in reading.places)


def _part_of_all(text: str, reading: Reading) -> bool:
    """有2个高级的学的是家政: of a part something is said that this benefit asks once for all."""
    some = _SOME_PART.search(text)
    once = {name for name, value in reading.facts.items() if not isinstance(value, list)}
    right = re.compile(r"[,;。?!]|$").search(text, some.end()) if some else None
    return bool(some and right and any(n in once and some.start() <= at < right.start() for n, at, _ in reading.places))


def _in_general(text: str, asked: Sequence[str], reading: Reading, memory: Memory) -> bool:
    """Asks about the benefit as such: 要小微企业吗, 最高多少, 那这6个每月多少; not about the case, 一共补多少."""
    if reading.empty:
        wondering = not asked and re.search(r"什么|啥|怎么|吗|么|\?", text) and not asks("more", text)
        standard = "standard" in asked and _IN_GENERAL.search(text)
        return bool(_general(asked) or standard or wondering or not memory.facts)
    counts_only = all(isinstance(v, list) for v in reading.facts.values()) and all(r.keys() <= set(HEADS) for r in reading.rows)
    if counts_only and _THESE_EACH.search(text):
        return True
    return asks("requirement", text) and not memory.facts and not any(set(HEADS) & row.keys() for row in reading.rows)


_THESE_EACH = re.compile(r"[这那][\d一二两三四五六七八九十俩仨]+[个名人位]人?(?:每|一个)(?:人|月)")
"""那这6个每月多少 asks for the standard, and changes nobody's number."""
_IN_GENERAL = re.compile(r"标准|比例|费率|每|一个|一人|一名|最高|最多|上限|怎么|如何|是多少")
"""Asks for what the plan gives in general; 一共补多少 asks for the case."""


def _both_ways(tool: Calculator[Any], facts: dict[str, Any], path: str) -> list[Call]:
    """不知道: the result for each value of the fact that would make a difference."""
    filled, _ = presume(tool, facts)
    values = dict(unknowns(outcome_of(tool, filled))).get(path)
    if values is None or values[1] is None or isinstance(get_path(facts, path), list):
        return [(tool.id, facts)]
    variants = [(tool.id, facts)]
    for value in reversed(values):
        start = dict(facts)
        head, _, rest = path.partition(".")
        if rest and head not in start:
            start[head] = [{}]
        variants.append((tool.id, with_value(start, path, value)))
    return variants


# --- screening ------------------------------------------------------------------------------------------------


def _screen(text: str, memory: Memory, as_of: date) -> Decision:
    """政策体检: all that the message and earlier turns say, for all calculators."""
    facts: dict[str, Any] = dict(memory.profile)
    for tool in catalogue().values():
        for name, value in settled(tool, read_facts(tool, text, as_of).facts).items():
            if isinstance(value, list) and isinstance(facts.get(name), list) and len(facts[name]) == len(value):
                facts[name] = [{**a, **b} for a, b in zip(facts[name], value, strict=True)]
            else:
                facts.setdefault(name, value)
    return Decision([("screen_benefits", {"facts": facts})], intent={"asks": ["screen"], "facts": facts})


# --- outside the plan -----------------------------------------------------------------------------------------


def _elsewhere(text: str) -> str:
    """The place outside Guangxi that a question is about; empty if there is none."""
    data = load_data("regions")
    places = "|".join(data["elsewhere"].split())
    home = "|".join(data["guangxi"].split())
    found = re.search(places, text)
    compared = asks("difference", text) or "一样" in text
    if not found or (re.search(home, text) and not compared):
        return ""
    origin = alternation(data["origin"].replace("{place}", re.escape(found.group())))
    return "" if origin.search(text) else found.group()


def _honest_part(text: str, refused: Aside) -> str:
    """What is left of a message without the part that is refused, if that is a question about a benefit."""
    stops = r"(?<=[。!?;])" if refused.id == "fraud" else r"(?<=[,。!?;:])"
    kept = [part for part in re.split(stops, text) if not find_aside(part, "refused")]
    rest = "".join(kept).strip(" ,。!?;:")
    if not rest or not (_asked(rest) or re.search(r"\d|[一二两三四五六七八九十俩]", rest)):
        return ""
    # The benefit may have been named in the part that is left out.
    names = named_places(text)
    return rest if named_benefits(rest) else f"{text[slice(*names[0][:2])]},{rest}" if names and re.search(r"\d|[一二两三四五六七八九十]", rest) else ""


def _declined(reason: str, aside: Aside) -> Decision:
    intent = {"reply": aside.reply, "near": list(aside.near)}
    return Decision([("decline", {"reason": reason, "topic": aside.id})], intent=intent)


def _declined_topic(topic: Topic) -> Decision:
    known = topic.similarity >= FAIRLY_NEAR + 0.02
    kind = "refused" if topic.kind == "refused" and topic.similarity >= 0.94 else "out_of_scope"
    known = known and topic.kind == "out_of_scope"
    return Decision([("decline", {"reason": kind, "topic": topic.id if known and kind == "out_of_scope" else ""})])
