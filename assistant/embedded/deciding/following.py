"""A message that goes on with the benefit last talked about: what it adds, corrects, or asks beside it."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from assistant.embedded.deciding.calling import SAME_PEOPLE, quantified, remaining_benefit, variants_of
from assistant.embedded.deciding.carrying import told_across, with_people
from assistant.embedded.deciding.decision import Call, Decision
from assistant.embedded.deciding.nearness import CLAUSE_LEAD, SURELY_NEAR, Bearings, fit_of, known_to
from assistant.embedded.deciding.questions import (
    HEARD_OF,
    IN_GENERAL,
    QUESTION,
    WHETHER_WE,
    benefits_meant,
    claims_of,
    in_general_terms,
    kinds_asked,
    kinds_of_question,
    own_words,
)
from assistant.embedded.deciding.topics import Topic, Topics, find_aside
from assistant.embedded.memory import Memory
from assistant.embedded.patterns import regex
from assistant.embedded.phrasing.phrases import say
from assistant.embedded.understanding.changing import (
    after_waiting,
    corrected,
    doubled,
    left_open,
    one_for_another,
    put_right,
    settled,
    without_share,
)
from assistant.embedded.understanding.groups import HEADS
from assistant.embedded.understanding.mentions import find_mentions
from assistant.embedded.understanding.merging import asked_alone, merge, refers_back
from assistant.embedded.understanding.reading import read_facts
from assistant.embedded.understanding.told import GOING_ON, Reading
from assistant.embedded.understanding.words import asks, pattern
from tools.calculator import Calculator, outcome_of, unknowns
from tools.catalogue import catalogue
from tools.facts import get_path, leaves, with_value, word
from tools.presume import calculate_presuming, presume

CHANGE_LEAD = 0.05
"""How much better another benefit must fit a short message before the subject is taken to have changed."""


SPOKEN_OF = re.compile(r"那|这(?:笔|个|些|项)?(?:钱|补贴|补助)")
"""那是我自己去申请, 这笔钱是公司留着: of what was talked about."""


def continues(at: Bearings, memory: Memory, as_of: date) -> bool:
    """The message goes on with the benefit last talked about, or comes back to an earlier one."""
    text, named = at.text, at.named
    if named and memory.tool not in named:
        return sum(name in memory.by_tool for name in named) == 1 and any(asks(kind, text) for kind in ("back", "more", "increase"))
    if memory.tool not in catalogue():
        return False
    reading = read_facts(catalogue()[memory.tool], text + GOING_ON, as_of, memory.pending_name)
    if memory.facts and not named and asks("decrease", text) and reading.rows:
        return True  # 其中两个没签合同，刨掉这俩是多少
    if not named and (who_applies(text, memory) or (asks("how", text) and SPOKEN_OF.match(text) and not find_aside(text, "out_of_scope"))):
        return True
    again = memory.tool in benefits_meant(text) or (reading.rows and refers_back(text) and memory.facts)
    taken_up = memory.facts and (_TAKEN_UP.search(text) or put_right(memory.facts, text, as_of) or one_for_another(memory.facts, text, as_of))
    answers = memory.pending and (reading.unsure or _says(reading, memory.pending_name))
    figures = {figure.value for figure in catalogue()[memory.tool].benefit.figures.values()}
    if not named and asks("premise", text) and any(m.kind in ("money", "percent", "number") and m.value in figures for m in find_mentions(text, as_of)):
        return True  # 批下来就有30万，对不对, of the benefit that gives so much
    if again and named == [memory.tool]:
        return True  # 里面有2个不是脱贫户，这个社保补贴重新算一下
    if ((again or taken_up) and not named) or answers or _of_the_addition(text, memory):
        return True
    if find_aside(text, "out_of_scope") and not (named or asks("correction", text)) and len(reading.places) < 2:
        return False
    if named:
        whole = any(row.keys() & {"category", "grade"} and "heads" in row for row in reading.rows)
        return asks("more", text) or asks("increase", text) or not whole
    if reading.empty and not reading.places and not reading.set_aside:
        return _continues_without_facts(at, memory)
    own = {fact for fact, _, _ in reading.places if known_to(fact) == 1} - reading.guessed
    # After a general answer, which ends by asking for the case, the case may be told at any length.
    changed = any(
        memory.facts.get(name) != value and (name in memory.facts or known_to(name) <= 2)
        for name, value in reading.facts.items() if name not in reading.guessed
    )
    return bool(memory.pending) or bool((own or changed) and memory.facts) or memory.invited or asks("more", text) or len(text) <= 16 or not kinds_of_question(text)


def who_applies(text: str, memory: Memory) -> bool:
    """那是我自己拿身份证去申请，还是厂里去: of the benefit talked about, whatever papers are named."""
    return memory.tool in catalogue() and asks("how", text) and text.startswith("那是")


def _continues_without_facts(at: Bearings, memory: Memory) -> bool:
    text, nearness = at.text, at.within
    present = next((topic.similarity for topic in at.benefits if topic.id == memory.tool), 0.0)
    if memory.facts and at.best.similarity - present < CLAUSE_LEAD and at.within > at.off.similarity and asks("amount", text):
        return True  # 去年忙忘了，今天才来申请，能补多少: no nearer to any other
    if _THAT_MONEY.search(text) or (len(text) <= 14 and catalogue()[memory.tool].kind in kinds_asked(text)):
        return True  # 能贷多少款, after the loan
    if (asks("how", text) or asks("deadline", text)) and nearness < SURELY_NEAR + 0.02:
        return True  # 要准备哪几样材料，复印件几份
    if asks("more", text) and SAME_PEOPLE.search(text):
        return True  # 那他们个人交的呢
    if memory.facts and _MINE.search(text):
        return True  # 我不是大学生，就问我这个能不能领
    if _LINKED.match(text) and nearness < SURELY_NEAR:
        return True  # 不一样的话哪个是固定的
    told = not kinds_of_question(text) and not re.search(r"[吗呢么?]", text)
    return len(text) <= 14 and (told or asks("more", text) or nearness < SURELY_NEAR + 0.01)


_LINKED = re.compile(r"还有(?=是不是|要不要|必须|能不能|可不可以)|(?:听(?:讲|说)|那么?|哦|,)*这个(?:也|还|是|能|要|有|到|现在|补)|(?:所以|不一样|一样|哪个|哪一?[种样])")
_MINE = re.compile(r"(?:我|我们|咱们?)(?:家|店|公司|厂)?这(?:个|种|样)?(?:情况|条件|店)?[^,。?]{0,3}(?:能不能|可不可以|有没有|能|可以|算|够)[^,。?]{0,4}(?:领|拿|申请|享受|报|有)")
_THAT_MONEY = re.compile(r"(?:这|那)(?:一)?(?:笔|个|份|项)?(?:钱|款项|补贴|补助)(?!的事)")
"""那我现在就去申请那笔钱得不得: what was talked about."""


def _of_the_addition(text: str, memory: Memory) -> bool:
    """第二个5000也有份吧, of a benefit that has such an addition."""
    return bool(memory.facts) and asks("addition", text) and len(outcome_of(catalogue()[memory.tool], memory.facts).lines) > 1


_TAKEN_UP = re.compile(r"(?:这|那|同|一)(?:个|样|种|些)?的?(?:基数|数额?|情况|条件|合同|等级|工资|年限|比例)")
"""我们店6个人都是这个基数: what was told before, of others too."""


def came_back(text: str, memory: Memory) -> str:
    """回到刚才那个: the benefit talked about before what came in between; empty if none is meant."""
    if not _BACK.search(text):
        return ""
    earlier = [name for name in memory.by_tool if name in catalogue() and name != memory.tool]
    return earlier[-1] if earlier else ""


_BACK = re.compile(r"(?:回到|说回|转回|绕回|接着|继续)(?:去|来)?(?:说|讲|问|算)?(?:刚才|刚刚|前面|之前|上面|那个|原来|最开始|最早|一开始|开头|我们?(?:自己)?的?那|咱们?(?:自己)?的?那|自己那)|还是(?:说|讲|问|算)?(?:回)?(?:刚才|刚刚|前面|之前|原来|一开始)(?:的|那)")


def back_by_kind(text: str, memory: Memory) -> str:
    """贷款那个要是小微企业呢: an earlier benefit of the kind that is meant; empty if there is none."""
    kinds = kinds_asked(text)
    if memory.tool not in catalogue() or catalogue()[memory.tool].kind in kinds:
        return ""
    return next((name for name in reversed(memory.by_tool) if name in catalogue() and catalogue()[name].kind in kinds), "")


def sibling_benefit(text: str, memory: Memory, named: Sequence[str]) -> str:
    """那补贴呢, after a loan: the subsidy talked about before, or the one of the same clause; empty if there is none."""
    if named or memory.tool not in catalogue() or len(text) > 12 or not asks("kind_subsidy", text):
        return ""
    tool = catalogue()[memory.tool]
    if tool.kind == "subsidy":
        return ""
    others = [t for t in catalogue().values() if t.kind == "subsidy"]
    same = [t.id for t in others if t.id in memory.by_tool or set(t.benefit.clauses) & set(tool.benefit.clauses)]
    return same[-1] if same else ""


def asked_anew(text: str, memory: Memory, topics: Topics, as_of: date) -> str:
    """那失业保险呢, after the other fee: the benefit that this alone means, if it tells nothing of the present case."""
    if after_waiting(memory.facts, text, as_of)[0]:
        return ""
    asked = re.search(r"(?:^|谢谢[你您]?[,。]|[好行][的嘞]?[,。])(?:那么?|哦,?|嗯,?)?([^,。?]{2,8})呢(?=[,。?]|$)", text)
    if not asked or read_facts(catalogue()[memory.tool], asked[1] + GOING_ON, as_of).places:
        return ""
    nearest = {topic.id: topic.similarity for topic in topics.rank(asked[1]) if topic.kind == "benefit"}
    best = max(nearest, key=lambda name: nearest[name])
    return best if nearest[best] > SURELY_NEAR and nearest[best] > nearest[memory.tool] + 2 * CLAUSE_LEAD else ""


def turns_away(text: str, memory: Memory, other: Topic, benefits: Sequence[Topic], as_of: date) -> bool:
    """还引进了一个博士, after the workstation: another benefit understands what this one does not, and fits much better."""
    if other.id in (memory.tool, *memory.others) or memory.tool not in catalogue() or (other.named and other.id in memory.by_tool):
        return False
    if _of_the_addition(text, memory) or (asks("decrease", text) and memory.facts):
        return False
    if memory.pending and _says(read_facts(catalogue()[memory.tool], text, as_of, memory.pending_name), memory.pending_name):
        return False
    kinds = kinds_asked(text)
    if catalogue()[memory.tool].kind in kinds and catalogue()[other.id].kind not in kinds:
        return False  # 个人扣的那部分能一起缓吗, after a deferral
    text = own_words(text, kinds_of_question(text), catalogue()[other.id])
    known = {name for _, name, _ in leaves(catalogue()[memory.tool].facts)}
    here = read_facts(catalogue()[memory.tool], text + GOING_ON, as_of)
    understood = [*((start, end) for _, start, end in here.places), *here.set_aside]
    told = {
        fact
        for fact, start, end in read_facts(catalogue()[other.id], text, as_of).places
        if all(end <= a or start >= b for a, b in understood)
    }
    present = next(topic for topic in benefits if topic.id == memory.tool)
    lead = fit_of(text, other, as_of) - fit_of(text, present, as_of)
    # A choice or a yes that this benefit does not ask for (AI的工种) tells a change; a number could be anything's,
    # unless only words of its own make it one (个人部分…).
    presumed = {*catalogue()[other.id].benefit.presumptions, *(fact for fact in told if word(fact).presume is not None)}
    certain = told - read_facts(catalogue()[other.id], text, as_of).guessed
    telling = [
        fact for fact in told - known - presumed
        if (pattern(fact).kind and (pattern(fact).needs or (pattern(fact).kind == "percent" and fact in certain and known_to(fact) == 1)))
        or not (pattern(fact).kind or pattern(fact).otherwise)
    ]
    return bool(telling) and lead > (CHANGE_LEAD / 2 if any(known_to(fact) == 1 for fact in telling) else CHANGE_LEAD)


def _says(reading: Reading, name: str) -> bool:
    return name in reading.facts or any(name in row for row in reading.rows)


def follow_up(text: str, memory: Memory, named: Sequence[str], as_of: date) -> Decision:
    """The same calculator with what the message adds or corrects."""
    if named and memory.tool not in named:
        meant = next((name for name in named if name in memory.by_tool), named[0])
        memory = replace(memory, tool=meant, facts=memory.by_tool[meant], pending="", others={})
    tool = catalogue()[memory.tool]
    asked = kinds_of_question(text)
    reading = read_facts(tool, text + GOING_ON, as_of, memory.pending_name)
    invited = memory.invited and not QUESTION.search(text.replace("吧", ""))
    if not (invited or (memory.pending and _says(reading, memory.pending_name))):  # 就按三十八万吧 answers, and is no hearsay
        reading = read_facts(tool, own_words(text, asked, tool) + GOING_ON, as_of, memory.pending_name)
    if reading.unclear:
        return say_total()
    told_across(tool, reading, memory, text, as_of)
    if changed := _changed_as_a_whole(text, memory, named, reading, as_of):
        return changed
    intent: dict[str, Any]
    if _in_general(text, asked, reading, memory, as_of):
        intent = {"asks": asked, "facts": memory.facts, "benefits": [tool.id]}
        intent["claims"] = claims_of(text, reading, as_of) if "premise" in asked else []
        fails = intent["claims"] and calculate_presuming(tool, memory.facts, as_of).verdict == "not_met"
        case: list[Call] = [(tool.id, memory.facts)] if fails else []  # 批下来就有30万，对不对, of what gets nothing
        return Decision([*case, ("policy_standard", {"benefit": tool.id})], intent=intent)
    if reading.empty:
        return _the_same_again(text, memory, asked, as_of)
    part = _part_unknown(text, reading) or _part_of_all(text, reading)
    if part and _have_been_counted(memory.facts) and not asks("decrease", text):
        return say_total()  # 后来有3个没通过: whether these count is not for us to guess
    both: list[Call] = []
    if _others_besides(tool, memory, reading, text):
        both = [(tool.id, memory.facts)] if BOTH.search(text) else []
        memory = replace(memory, facts={})  # 还有5个养老护理员: those by themselves
    facts = _only(merge(tool, with_people(tool, memory.facts, memory, reading, as_of), reading, memory.pending, text), text)
    if tool.kind == "fee" and not _says(reading, "insured_heads") and re.search(r"(?:每个?|一个?)人", text):
        facts = {**facts, "insured_heads": 1}  # 那每个人自己扣多少
    facts = left_open(tool, settled(tool, facts), reading.rough)
    intent = {"asks": asked or ["amount"], "facts": facts, "rough": reading.told_roughly, "benefits": [tool.id]}
    intent |= {"preface": say("summed_up")} if reading.summed_up else {}
    intent["addition"] = asks("addition", text) or memory.addition
    general = _general_beside(text, asked, reading, memory)
    if "premise" in asked and general:
        intent["claims"] = claims_of(text, reading, as_of)
    if reading.unsure and not (_says(reading, memory.pending_name) or memory.pending_name in reading.rough):
        calls = _both_ways(tool, facts, memory.pending)
        return Decision(calls, intent={**intent, "unsure": memory.pending})
    # An addition that is not due (那养老护理员呢) leaves the ordinary benefit, unless it is the addition that is asked for.
    remains = remaining_benefit(tool, facts, as_of)
    calls = [(tool.id, variant) for variant in variants_of(tool, asked_alone(facts, reading, text), reading)]
    calls = [*calls, *remains] if named else remains or calls
    calls += [] if named else _along_with_it(memory, text, as_of)
    return Decision(both + calls + general, intent=intent)


def _along_with_it(memory: Memory, text: str, as_of: date) -> list[Call]:
    """What was asked about side by side is answered side by side: the other benefits with what the message adds."""
    calls: list[Call] = []
    for name, before in memory.others.items():
        other = catalogue()[name]
        reading = read_facts(other, text + GOING_ON, as_of)
        if reading.unclear or reading.empty:
            calls.append((name, before))
            continue
        facts = left_open(other, settled(other, merge(other, before, reading, "", text)), reading.rough)
        calls.append((name, facts))
    return calls


BOTH = re.compile(r"两[项个批班笔]|一共|总共|加起来|合计|各")
"""另有6人家政，两项最高各多少: those before too."""


def _others_besides(tool: Calculator[Any], memory: Memory, reading: Reading, text: str) -> bool:
    """More people, for whom what is told once for all is another than for those before: an addition to a benefit or none."""
    differs = any(memory.facts.get(name, value) != value for name, value in reading.facts.items() if isinstance(value, str))
    counted = any(set(HEADS) & row.keys() for row in reading.rows)
    of_both = not reading.rows and BOTH.search(text) is not None  # 另外还批了一个…，那两个加起来
    return differs and asks("increase", text) and ((bool(tool.benefit.otherwise) and counted) or of_both)


def _changed_as_a_whole(
    text: str, memory: Memory, named: Sequence[str], reading: Reading, as_of: date
) -> Decision | None:
    """What changes the case without telling a fact of its own: a correction, twice as many, some months later."""
    tool, asked = catalogue()[memory.tool], kinds_of_question(text)
    correction = asks("correction", text)
    if correction and (added := _ADDED.search(text)) and memory.before and asks("increase", memory.question):
        # 说错了，加的是一个: in place of the addition before.
        return follow_up(f"再加{text[added.end():]}", replace(memory, facts=memory.before), named, as_of)
    if correction and _MORE_OR_FEWER.search(text):
        return say_total()
    facts = doubled(memory.facts) if asks("double", text) and memory.facts else None
    if facts is None and reading.empty:
        facts = corrected(tool, memory.facts, own_words(text, asked, tool), as_of)
    if facts is None and correction:
        facts = put_right(memory.facts, text, as_of) or (one_for_another(memory.facts, text, as_of) if reading.empty else None)
    facts = without_share(memory.facts, text, as_of) or facts
    if facts is not None:
        return Decision([(tool.id, facts)], intent={"asks": ["amount"], "facts": facts, "benefits": [tool.id]})
    waited, later = after_waiting(memory.facts, text, as_of)
    return _then(tool, memory, later, waited, asked, as_of) if waited and later != memory.facts else None


def _then(
    tool: Calculator[Any], memory: Memory, later: dict[str, Any], months: int, asked: Sequence[str], as_of: date
) -> Decision:
    """The case as it will be in some months; by when the benefit ends, where that comes first."""
    year, month = divmod(as_of.year * 12 + as_of.month - 1 + months, 12)
    ends = min((w.valid_until for w in tool.benefit.windows if w.valid_until), default=None)
    if ends and (year, month + 1) > (ends.year, ends.month):
        intent = {"asks": ["deadline"], "preface": say("then_ended"), "facts": memory.facts, "benefits": [tool.id]}
        return Decision([("policy_standard", {"benefit": tool.id})], intent=intent)
    return Decision([(tool.id, later)], intent={"asks": list(asked) or ["amount"], "facts": later, "benefits": [tool.id]})


def _general_beside(text: str, asked: Sequence[str], reading: Reading, memory: Memory) -> list[Call]:
    """What the plan gives in general, next to the case: where a belief is put right, or a rate alone is asked for."""
    believes = "premise" in asked and not _says(reading, memory.pending_name)
    # 那中小企业返几成, after a general answer; 我们能返多少 asks for the case.
    rate = "standard" in asked and not (memory.facts or quantified(reading) or asks("own", text))
    return [("policy_standard", {"benefit": memory.tool})] if believes or rate else []


_MORE_OR_FEWER = regex(r"(?<![{numeral}年月个])(?:加|多|减|少)(?:的|了)是?")
_ADDED = regex(r"(?:加|多)(?:了|进来|招|来)?的?(?:其实|应该)?是(?=[{numeral}俩仨])")


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
    if any(m.kind != "date" for m in find_mentions(text, as_of)) and not QUESTION.search(text):
        intent["preface"] = say("which_fact")
    return Decision([(memory.tool, memory.facts)], intent=intent)


def _part_unknown(text: str, reading: Reading) -> bool:
    """有3个没通过: something is said of a part of the people that this benefit knows nothing of."""
    some = _SOME_OF_THEM.search(text)
    if not some:
        return False
    right = re.compile(r"[,;。?!]|$").search(text, some.end())
    return right is not None and not any(n not in HEADS and some.start() <= at < right.start() for n, at, _ in reading.places)


def _have_been_counted(facts: Mapping[str, Any]) -> bool:
    """Of nobody told of before, 有个员工 is no part."""
    rows = [facts, *(row for value in facts.values() if isinstance(value, list) for row in value)]
    return any(isinstance(value, int) and not isinstance(value, bool) for row in rows for value in row.values())


_SOME_OF_THEM = regex(r"(?:其中|里面|后来|但是?|不过|有)有?[{numeral}俩仨]+{of_people}人?(?:没|不(?!对|是)|未|退|被)")


def _part_of_all(text: str, reading: Reading) -> bool:
    """有2个高级的学的是家政: of a part something is said that this benefit asks once for all."""
    some = _SOME_PART.search(text)
    once = {name for name, value in reading.facts.items() if not isinstance(value, list)}
    right = re.compile(r"[,;。?!]|$").search(text, some.end()) if some else None
    return bool(some and right and any(n in once and some.start() <= at < right.start() for n, at, _ in reading.places))


_SOME_PART = regex(r"^(?:那|要是|如果|但是?|不过|哦|其实|对了|不对)*[,]?(?:其中|里面)?有[{numeral}俩仨]+{of_people}")


def _in_general(text: str, asked: Sequence[str], reading: Reading, memory: Memory, as_of: date) -> bool:
    """Asks about the benefit as such: 要小微企业吗, 最高多少, 那这6个每月多少; not about the case, 一共补多少."""
    if {"how", "deadline"} & set(asked) and not (quantified(reading) or reading.unsure or _says(reading, memory.pending_name)):
        return True  # 钱几时打到公司账上: that it is a firm's tells nothing new
    own = quantified(reading) or reading.rows or _says(reading, memory.pending_name) or asks("own", text)
    if "premise" in asked and not own and HEARD_OF.search(text) and claims_of(text, reading, as_of):
        return True  # 大喇叭讲开个店就给两万，真的吗
    asks_own = asks("own", text) and "amount" in asked
    told = reading.rows or any(value != word(name).presume for name, value in reading.facts.items())
    asks_own = asks_own or (asks("own", text) and WHETHER_WE.search(text) is not None)
    if not (memory.facts or told or reading.rough or asks_own) and QUESTION.search(text):
        return True  # 那公司拿到了压着不发呢, when nothing of a case has been told yet
    if asks("own", text) and WHETHER_WE.search(text) and not in_general_terms(asked):
        return False
    if reading.empty and "premise" in asked and "amount" not in asked:
        return True  # 对吧; 听讲这个也是做到12月底就没有了
    if reading.empty:
        wondering = not asked and re.search(r"什么|啥|怎么|吗|么|哪|\?", text) and not asks("more", text)
        standard = "standard" in asked and IN_GENERAL.search(text)
        return bool(in_general_terms(asked) or standard or wondering or not memory.facts)
    counts_only = all(isinstance(v, list) for v in reading.facts.values()) and all(r.keys() <= set(HEADS) for r in reading.rows)
    if counts_only and _THESE_EACH.search(text):
        return True
    return asks("requirement", text) and not memory.facts and not any(set(HEADS) & row.keys() for row in reading.rows)


_THESE_EACH = regex(r"[这那][{numeral}俩仨]+[个名人位]人?(?:每|一个)(?:人|月)")
"""那这6个每月多少 asks for the standard, and changes nobody's number."""


def _both_ways(tool: Calculator[Any], facts: dict[str, Any], path: str) -> list[Call]:
    """不知道: the result for each value of the fact that would make a difference."""
    filled, _ = presume(tool, facts)
    values = dict(unknowns(outcome_of(tool, filled))).get(path)
    if values is None or None in values or isinstance(get_path(facts, path), list):
        return [(tool.id, facts), ("policy_standard", {"benefit": tool.id})]
    variants = [(tool.id, facts)]
    for value in reversed(values):
        start = dict(facts)
        head, _, rest = path.partition(".")
        if rest and head not in start:
            start[head] = [{}]
        variants.append((tool.id, with_value(start, path, value)))
    return variants


def say_total() -> Decision:
    """Whom a change concerns is left open: how many there are of whom is to be said anew."""
    return Decision(reply=say("say_total"), status="needs_information", intent={"asks": ["amount"]})
