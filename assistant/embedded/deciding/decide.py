"""The next step for a message: which tools to call with which facts, or what to say at once."""

import re
from collections.abc import Sequence
from datetime import date
from typing import Any

from assistant.embedded.deciding.calling import calculation_of, has_heads, screening_of
from assistant.embedded.deciding.decision import Call, Decision
from assistant.embedded.deciding.following import (
    BOTH,
    SPOKEN_OF,
    asked_anew,
    back_by_kind,
    came_back,
    continues,
    follow_up,
    say_total,
    sibling_benefit,
    turns_away,
    who_applies,
)
from assistant.embedded.deciding.nearness import (
    CLAUSE_LEAD,
    FAIRLY_NEAR,
    NEAR_ENOUGH,
    SURELY_NEAR,
    Bearings,
    asked_together,
    bearings_of,
    best_benefit,
    best_clause,
    fit_of,
    spoken_instead,
    surely_a_clause,
    surely_another,
)
from assistant.embedded.deciding.opening import open_subject
from assistant.embedded.deciding.outside import asks_outside, declined, elsewhere_than_here, honest_part
from assistant.embedded.deciding.questions import QUESTION, clause_asked, kinds_of_question
from assistant.embedded.deciding.several import questions_of
from assistant.embedded.deciding.topics import Topics, asides, denied_benefits, find_aside, named_benefits
from assistant.embedded.memory import Memory
from assistant.embedded.patterns import regex
from assistant.embedded.phrasing.phrases import say
from assistant.embedded.understanding.groups import UnclearGroupError
from assistant.embedded.understanding.mentions import find_mentions
from assistant.embedded.understanding.moments import with_years
from assistant.embedded.understanding.people import counted
from assistant.embedded.understanding.reading import read_facts
from assistant.embedded.understanding.repair import repair
from assistant.embedded.understanding.tables import without_tables
from assistant.embedded.understanding.words import asks
from corpus import load_plan
from corpus.text import normalise
from tools.catalogue import catalogue


def decide(message: str, memory: Memory, topics: Topics, as_of: date) -> Decision:
    """The next step for a message, given what earlier turns left behind."""
    message = _LINES.sub("；", without_tables(message.strip()))
    message = _CIRCLED.sub(lambda m: f"。{'一二三四五六七八九'[ord(m[0]) - ord('①')]}是", _MASKED.sub("", message))
    text = _ONE_EACH.sub("每人每月", _INTRODUCED.sub("", repair(normalise(message))))
    if "见习" in text:
        text = _AGREED.sub("约定", text)
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
        text = counted(with_years(text, as_of))
        decision = (
            _talk(text, memory)
            or _clause_by_number(text)
            or _several(text, memory, topics, as_of)
            or _answer(text, memory, topics, as_of)
        )
    except UnclearGroupError:
        decision = say_total()
    called = [name for name, _ in decision.calls]
    if memory.facts and memory.tool in catalogue() and memory.tool not in called and set(called) & set(catalogue()) and _WITH_THAT.search(text):
        decision.calls.insert(0, (memory.tool, memory.facts))
    if preface:
        decision.intent |= {"preface": preface, "besides": refused.id if refused else ""}
    if refused and refused.id == "new_policy":
        # Next to what somebody claims stands what the plan says.
        told = [name for name, _ in decision.calls if name in catalogue()][:1]
        decision.calls += [("policy_standard", {"benefit": name}) for name in told]
    return decision


_LINES = re.compile(r"(?<![,，。;；:：?？!！、\s])[ \t]*(?:\r?\n\s*)+")
"""What stands in a line of its own is a part of a list."""
_CIRCLED = re.compile(r"(?<!同)[①-⑨]")
_MASKED = re.compile(r"〔[^〕]{1,4}〕")
"""A number of a person, set aside before anything is read: it has nothing to say about the question."""


_INTRODUCED = re.compile(r"^(?:你好|您好)?[,。!]?(?:我叫|我姓|本人姓|我的名字是)[\u4e00-\u9fff]{1,4}[,。]")


_AGREED = regex(r"(?<=[一个都是,，。;:])约(?=[{numeral}]+个月)")
"""一个约6个月, of internships: agreed upon, and not about."""
_ONE_EACH = re.compile(r"(?:(?<!有)一个?人|1个?人|每个?人)(?:一|1|每)个?月|(?:一|1|每)个?月(?:给|替|为)?(?:一个?人|每个?人)")


def _several(text: str, memory: Memory, topics: Topics, as_of: date) -> Decision | None:
    """①扩岗多少 ②电子合同支持吗: each question answered by itself, those about one subject together."""
    asked = questions_of(text)
    if not 2 <= len(asked.parts) <= 4:
        return None
    if memory.tool in catalogue() and text.startswith("那") and not (asked.listed or named_benefits(text)):
        return None  # 那是我自己去申请，还是厂里去？去哪里办: both of the benefit talked about
    if asked.listed and named_benefits(asked.before) and sum(QUESTION.search(part) is not None for part in asked.parts) < 2:
        return None  # 社保补贴请帮算：1）脱贫劳动力2人…；2）毕业生3人…: groups of one case
    by_subject: dict[str, str] = {}
    for part in asked.parts:
        subject = _subject(part, topics, as_of, listed=asked.listed)
        if not subject and asked.listed and by_subject and asks("difference", part):
            subject, part = list(by_subject)[-1], say("together_too")  # 这俩能不能一起拿, of what was asked for before
        if not subject:
            return None
        by_subject[subject] = f"{by_subject[subject]}。{part}" if subject in by_subject else part
    if all(subject in catalogue() for subject in by_subject) and len(by_subject) > 1:
        # 今年毕业的6个，单位每人每月交1010——扩岗给多少？社保那个补多少？: what one part tells holds for one that tells nothing.
        bare = [subject for subject, part in by_subject.items() if not find_mentions(part, as_of)]
        told = "。".join(part for subject, part in by_subject.items() if subject not in bare)
        by_subject |= {subject: f"{told}。{by_subject[subject]}" for subject in bare if told}
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
    if aside and not named and (aside.firm or max(clause.similarity, best.similarity) < SURELY_NEAR):
        return aside.id
    inside = int(clause.id) in catalogue()[best.id].benefit.clauses
    if listed and not QUESTION.search(text) and has_heads(best.id, text, as_of):
        return best.id  # 一是招了3个应届生…；二是…，各领多少: a case
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
    if early := _of_what_came_last(text, memory, topics, as_of):
        return early
    at = bearings_of(text, topics, as_of, memory.tool)
    if not who_applies(text, memory) and (outside := _outside(text, at.named, at.within)):
        return outside
    if len(text) <= 16 and not at.named and (back := back_by_kind(text, memory)):
        return follow_up(text, memory, [back], as_of)
    if _asks_the_same_clause(at, memory, as_of):
        return _same_clause(text, memory, topics)
    if not at.named and memory.tool in catalogue() and asks("screen", text) and not find_mentions(text, as_of):
        return screening_of(text, memory, as_of)
    fewer = bool(memory.facts) and asks("decrease", text)
    going_on = memory.tool in catalogue() and asks("how", text) and SPOKEN_OF.match(text) is not None
    if not (at.named or fewer or going_on) and (surely_a_clause(at) or surely_another(at, memory.tool)):
        return open_subject(at, memory, as_of)
    if len(together := asked_together(text)) > 1 and memory.tool in together:
        return calculation_of(text, together, memory, as_of, further=True)
    if sibling := sibling_benefit(text, memory, at.named):
        return calculation_of(text, [sibling], memory, as_of)
    if continues(at, memory, as_of):
        return _going_on(at, memory, topics, as_of)
    return open_subject(at, memory, as_of)


def _of_what_came_last(text: str, memory: Memory, topics: Topics, as_of: date) -> Decision | None:
    """What goes on with a clause, an overview or an earlier benefit whatever it is near to."""
    both = [name for name in memory.by_tool if name in catalogue()][-2:]
    if len(both) == 2 and _LIST_BOTH.search(text) and not (named_benefits(text) or _counts(text, as_of)):
        return Decision([(name, memory.by_tool[name]) for name in both], intent={"asks": ["amount"], "facts": memory.facts, "benefits": both})
    bare = not (named_benefits(text) or find_aside(text, "out_of_scope"))
    if memory.clause and ((bare and len(text) <= 12 and not _counts(text, as_of)) or _of_what_was_quoted(text, memory.clause)):
        return _same_clause(text, memory, topics)
    told = {fact for tool in catalogue().values() for fact, _, _ in read_facts(tool, text, as_of).places} if memory.tool == "screen_benefits" else ()
    if memory.tool == "screen_benefits" and (bare or len(told) > 2) and not (QUESTION.search(text) or named_benefits(text)):
        return screening_of(text, memory, as_of)  # 我大学24年6月毕业的, after an overview
    earlier = "" if named_benefits(text) else came_back(text, memory)
    return follow_up(text, memory, [earlier], as_of) if earlier else None


def _counts(text: str, as_of: date) -> bool:
    return any(m.kind in ("count", "money") for m in find_mentions(text, as_of))


def _asks_the_same_clause(at: Bearings, memory: Memory, as_of: date) -> bool:
    same = int(at.clause.id) == memory.clause and at.clause.similarity > max(at.best.similarity, NEAR_ENOUGH)
    return same and not at.named and not _counts(at.text, as_of) and QUESTION.search(at.text) is not None


_LIST_BOTH = re.compile(r"(?:这|那|前面|刚才)?(?:的)?两(?:个|笔|项|样|种)[^,。?]{0,6}(?:列|说|写|汇总|总结|合在一起)")
"""麻烦把这两笔都列一下: both benefits talked about."""
_WITH_THAT = re.compile(r"(?:那|这)?两(?:个|笔|项)(?:加起来|一起|合起来)|加上[^,。?]{0,8}那(?:一)?[笔个份项]|(?:连同|和)(?:刚才|前面|上面)那")
"""还招了一个博士，加上工作站那笔: what was worked out before, too."""


def _of_what_was_quoted(text: str, clause: int) -> bool:
    """这个试点跟工伤保险是一回事吗: takes up a word of the clause that was quoted."""
    taken_up = _THIS.match(text)
    quoted = normalise(load_plan().clause(clause).text)
    also = _ALSO_IN_IT.search(text) is not None and not named_benefits(text)
    return also or (taken_up is not None and taken_up[1] in quoted)


_ALSO_IN_IT = re.compile(r"(?:也|还)(?:算?在里[面头]|在这里[面头]?|包括在内|在内|管得?到|适用)(?:吗|么|不|嘛|没|\?|$)")
"""那开货拉拉的，也在里面吗."""
_THIS = re.compile(r"^(?:那么?|哦|噢|对了|[,。?])*[这那](?:个|种|项|样|些)([\u4e00-\u9fff]{2})")


def _clause_by_number(text: str) -> Decision | None:
    number = clause_asked(text)
    return Decision([("search_policy", {"query": "", "clause": number})], intent={"clause": number}) if number else None


def _outside(text: str, named: Sequence[str], within: float) -> Decision | None:
    """Another place, or a question whose own words are another subject's, whatever is talked about."""
    if elsewhere := elsewhere_than_here(text):
        return Decision([("decline", {"reason": "out_of_scope", "topic": f"{elsewhere}的政策"})])
    firm = find_aside(text, "out_of_scope")
    aside = None if named else firm if firm and firm.firm else asks_outside(text, near=within >= SURELY_NEAR)
    return declined("out_of_scope", aside) if aside else None


def _going_on(at: Bearings, memory: Memory, topics: Topics, as_of: date) -> Decision:
    """What goes on with a benefit, unless it turns to another: 那失业保险呢, 还引进了一个博士."""
    text, denied = at.text, denied_benefits(at.text)
    rivals = sorted((t for t in {at.best, *at.benefits[:5]} if t.id not in denied), key=lambda t: -fit_of(text, t, as_of))
    away = asked_anew(text, memory, topics, as_of) or ("" if at.named else spoken_instead(text, memory.tool))
    away = away or next((topic.id for topic in rivals if turns_away(text, memory, topic, at.benefits, as_of)), "")
    if not away:
        return follow_up(text, memory, at.named, as_of)
    decision = calculation_of(text, [away], memory, as_of, further=not has_heads(away, text, as_of))
    both = catalogue()[memory.tool].benefit.otherwise == away and BOTH.search(text)
    if memory.facts and both:
        decision.calls.insert(0, (memory.tool, memory.facts))
    return decision


def _same_clause(text: str, memory: Memory, topics: Topics) -> Decision:
    """找谁, after a clause: what that clause says about it; 那工伤呢 is near enough to another to mean that one."""
    ranked = topics.rank(text)
    nearest = max((t for t in ranked if t.kind == "clause"), key=lambda t: t.similarity)
    clause = int(nearest.id) if nearest.similarity > FAIRLY_NEAR + 0.01 else memory.clause
    search = {"query": f"{memory.question} {text}" if clause == memory.clause else text, "clause": clause}
    return Decision([("search_policy", search)], intent={"asks": kinds_of_question(text), "follows": clause == memory.clause})
