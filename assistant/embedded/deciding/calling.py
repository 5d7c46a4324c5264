"""Which calculators to call with which facts, for a message that opens a subject."""

import re
from collections.abc import Sequence
from datetime import date
from typing import Any

from assistant.embedded.deciding.carrying import carried_over, told_across, valid, with_people
from assistant.embedded.deciding.decision import Call, Decision
from assistant.embedded.deciding.questions import (
    IN_GENERAL,
    WHETHER_WE,
    asks_per_unit,
    claims_of,
    in_general_terms,
    kinds_of_question,
    later_than,
    own_words,
)
from assistant.embedded.deciding.several import Supposed, firms_of, supposed_in
from assistant.embedded.deciding.topics import named_benefits
from assistant.embedded.memory import Memory
from assistant.embedded.patterns import regex
from assistant.embedded.phrasing.phrases import say
from assistant.embedded.understanding.changing import left_open, settled
from assistant.embedded.understanding.groups import HEADS, IDENTITY, UnclearGroupError
from assistant.embedded.understanding.merging import merge
from assistant.embedded.understanding.reading import read_facts
from assistant.embedded.understanding.told import Reading
from assistant.embedded.understanding.words import asks
from tools.calculator import Calculator
from tools.catalogue import catalogue
from tools.facts import group_model, word
from tools.presume import calculate_presuming


def calculation_of(
    text: str, benefits: Sequence[str], memory: Memory, as_of: date, *, further: bool = False
) -> Decision:
    """Call the calculators with what the message says; the standard as well when that is what is asked.

    ``further``: it goes on about the same people (要是AI的工种呢).
    """
    asked = kinds_of_question(text)
    calls: list[Call] = []
    intent: dict[str, Any] = {"asks": asked, "benefits": list(benefits)}
    if len(benefits) == 1 and (apart := _apart(text, benefits, memory, as_of, further=further)):
        return apart
    for benefit in benefits:
        tool = catalogue()[benefit]
        further = further or (bool(memory.facts and SAME_PEOPLE.search(text)) and not has_heads(benefit, text, as_of))
        reading = read_facts(tool, own_words(text, asked, tool), as_of)
        if reading.unclear:
            raise UnclearGroupError
        further = further or _same_case(text, asked, reading, memory)
        if further:
            told_across(tool, reading, memory, text, as_of)
        before = carried_over(tool, memory, text, reading, as_of, further=further)
        told_of = with_people(tool, before, memory, reading, as_of)
        merged = further or told_of is not before
        facts = settled(tool, merge(tool, told_of, reading, "", text) if merged else {**before, **reading.facts})
        facts = left_open(tool, facts, reading.rough)
        intent |= {"rough": reading.told_roughly, "further": further, "addition": asks("addition", text)}
        intent.setdefault("facts", facts)
        if reading.summed_up:
            intent["preface"] = say("summed_up")
        side_by_side = further and len(benefits) > 1  # 扩岗补助和社保补贴各能拿多少, of the people told of before
        specific = (side_by_side or _specific(tool, reading)) and not (_EVERY_GRADE.search(text) and not any(set(HEADS) & row.keys() for row in reading.rows))
        if "deadline" in asked and (then := later_than(text, as_of)):
            intent["then"] = then
        if "premise" in asked:
            whole = "全额" in tool.benefit.summary  # 都说百分之百补, and so it is
            intent["claims"] = [claim for claim in claims_of(text, reading, as_of) if not (whole and claim == "100")]
        own_case = _of_own_case(tool, text, asked, reading, further=further and bool(memory.facts))
        if not specific and not own_case:
            calls.append(("policy_standard", {"benefit": benefit}))
            continue
        instead = remaining_benefit(tool, facts, as_of)
        if not instead and tool.benefit.otherwise and reading.several and not reading.rows:
            instead = [(tool.benefit.otherwise, {})]  # 无人机、养老护理有没有重点培训的
        if instead and not reading.rows and ("conditions" in asked or not named_benefits(text)):
            # 想学无人机，有补贴吗 does not ask for the addition, which is not due.
            calls += [("policy_standard", {"benefit": name}) for name in (tool.benefit.otherwise, benefit)]
            continue
        calls += [(benefit, variant) for variant in variants_of(tool, facts, reading)]
        calls += instead or _of_the_rest(tool, facts, reading)
        # A question that gives no number of its own is answered from the plan, unless the case fails or is settled.
        per_unit = tool.kind != "fee" and asks_per_unit(text) and not has_heads(benefit, text, as_of)
        # 听人讲补返25%，我每月扣360，能返多少: what is believed is right, and how much it comes to is asked.
        right = own_case and (not intent.get("claims") or ((quantified(reading) or reading.told_roughly) and _figures_of(tool).issuperset(intent["claims"])))
        believed = "premise" in asked and not right
        if in_general_terms(asked) or believed or per_unit or not (own_case or reading.rough or quantified(reading)):
            calls.append(("policy_standard", {"benefit": benefit}))
    return Decision(calls, intent=intent)


def _of_own_case(tool: Calculator[Any], text: str, asked: Sequence[str], reading: Reading, *, further: bool) -> bool:
    """Whether somebody asks what it comes to for themselves; ``further``: it goes on with a case told before."""
    general = IN_GENERAL.search(_A_MONTH.sub("", text) if tool.kind == "fee" else text)
    of_the_case = "standard" not in asked or not general or (quantified(reading) and _I_GET.search(text) is not None)
    if asks("own", text) and WHETHER_WE.search(text) and not in_general_terms(asked):
        return True  # 我们厂算不算用工困难企业
    return "amount" in asked and of_the_case and (asks("own", text) or further) and not in_general_terms(asked)


def _figures_of(tool: Calculator[Any]) -> frozenset[str]:
    return frozenset(f"{figure.value:f}" for figure in tool.benefit.figures.values())


def _apart(text: str, benefits: Sequence[str], memory: Memory, as_of: date, *, further: bool) -> Decision | None:
    """Several firms, or one case and what is supposed instead: each worked out by itself; None if it is one case."""
    if firms := firms_of(text):
        # Each firm has people and a share of its own, and nothing of it holds for a later message.
        alone = [calculation_of(firm.text, benefits, memory, as_of) for firm in firms]
        if all([name for name, _ in one.calls] == list(benefits) for one in alone):
            intent = {"asks": kinds_of_question(text), "benefits": list(benefits), "facts": {}, "apart": [firm.name for firm in firms]}
            return Decision([one.calls[0] for one in alone], intent=intent)
    if supposed := supposed_in(text):
        first = calculation_of(supposed[0].text, benefits, memory, as_of, further=further)
        if [name for name, _ in first.calls] == list(benefits) and (rest := _supposed_instead(supposed[1:], benefits[0], first, as_of)):
            return Decision(first.calls + rest, intent={**first.intent, "apart": [case.name for case in supposed]})
    return None


def _same_case(text: str, asked: Sequence[str], reading: Reading, memory: Memory) -> bool:
    """就问那个全额的社保补贴，能补多少, after the people were told of: what they bring by another benefit."""
    told = any(isinstance(rows, list) and any(set(HEADS) & row.keys() for row in rows) for rows in memory.facts.values())
    others = any(row.keys() & {*HEADS, *IDENTITY} for row in reading.rows)
    return told and not others and _PAID_HOW_MUCH.search(text) is not None and not (IN_GENERAL.search(text) or asks_per_unit(text) or in_general_terms(asked))


_PAID_HOW_MUCH = re.compile(r"(?:补|领|拿|给|得|返|贷|交|缴|扣|奖|报|算|补贴|补助)[^,。?\d]{0,8}(?:多少(?!岁|人|条|天)|几多|好多|几钱)|多少钱")


def _supposed_instead(cases: Sequence[Supposed], benefit: str, first: Decision, as_of: date) -> list[Call]:
    """The same case with what is supposed instead in each; empty if one of them tells nothing that the benefit asks for."""
    tool, calls = catalogue()[benefit], []
    for case in cases:
        reading = read_facts(tool, case.text, as_of)
        if reading.empty or reading.rough or reading.unclear:
            return []
        facts = settled(tool, merge(tool, dict(first.calls[0][1]), reading, "", case.text))
        calls.append((benefit, facts))
    return calls


_EVERY_GRADE = regex(r"(?:各|每)(?:个|种)?(?:等级|级别|档)|(?:列|说)全|从初级[^,。?]{0,4}到")
"""各等级的标准，从初级到高级技师: the whole table."""


_I_GET = re.compile(r"(?:我|我们|咱们?)(?:公司|厂|店|单位)?[^,。;?]{0,6}(?:拿|领|得|补|返|贷)[^,。;?]{0,5}(?:多少|几多|好多|几钱)")
"""我每月扣360，我今年拿得几多: of one's own, whatever is said 每月."""
_A_MONTH = re.compile(r"(?:一个?|每个?)(?:月|年|季度)")
"""工伤保险一个月要交多少: for which time a fee is asked."""


def variants_of(tool: Calculator[Any], facts: dict[str, Any], reading: Reading) -> list[dict[str, Any]]:
    """One fact set for each value named of a choice: 单位和职工各交多少."""
    variants = _each_alone(tool, facts)
    if len(variants) == 1 and reading.each_asked:
        variants = [{**facts, name: [row]} for name, rows in facts.items() if isinstance(rows, list) for row in rows] or variants
    for name, values in reading.several.items():
        if name in reading.unsaid and name in facts:
            continue
        variants = [{**variant, name: value} for variant in variants for value in values]
    return variants[:4]


def remaining_benefit(tool: Calculator[Any], facts: dict[str, Any], as_of: date) -> list[Call]:
    """The benefit that remains when an addition to it is not due: without 上浮 the ordinary training subsidy."""
    if not tool.benefit.otherwise or calculate_presuming(tool, facts, as_of).verdict != "not_met":
        return []
    instead = catalogue()[tool.benefit.otherwise]
    shared = {name: value for name, value in facts.items() if name in instead.facts.model_fields}
    return [(instead.id, shared)] if valid(instead, shared) else []


def _of_the_rest(tool: Calculator[Any], facts: dict[str, Any], reading: Reading) -> list[Call]:
    """10个初级工，其中4个学人工智能: the ordinary training subsidy for the other 6."""
    if not reading.rest or not tool.benefit.otherwise:
        return []
    instead = catalogue()[tool.benefit.otherwise]
    rows = {name: reading.rest for name in facts if _is_group(instead, name)}
    return [(instead.id, rows)] if rows and valid(instead, rows) else []


def _is_group(tool: Calculator[Any], name: str) -> bool:
    return name in tool.facts.model_fields and group_model(tool.facts.model_fields[name].annotation) is not None


def _each_alone(tool: Calculator[Any], facts: dict[str, Any]) -> list[dict[str, Any]]:
    """初级工补多少, 中级工呢: of several groups without a number each is told alone, never their sum."""
    for name, rows in facts.items():
        if isinstance(rows, list) and len(rows) > 1 and isinstance(rows[0], dict) and not any(set(HEADS) & row.keys() for row in rows):
            return [{**facts, name: [row]} for row in rows]
    return [facts]


def _specific(tool: Calculator[Any], reading: Reading) -> bool:
    """The message tells something of a case: more than whom it is about, or how much one person gets."""
    rows = [row for row in reading.rows if row != {"heads": 1}]
    said = {name for name, value in reading.facts.items() if not isinstance(value, list) and value != word(name).presume}
    return bool(rows or said or reading.several or reading.rough)


def quantified(reading: Reading) -> bool:
    """The message gives a number or a yes or no, not only whom it is about."""
    pairs = [(name, v) for name, v in reading.facts.items() if not isinstance(v, list)]
    pairs += [pair for row in reading.rows for pair in row.items()]
    values = [v for name, v in pairs if (name, v) != ("heads", 1) and v != word(name).presume]
    return any(isinstance(v, bool | int) or (isinstance(v, str) and v[:1].isdigit()) for v in values)


SAME_PEOPLE = regex(r"他们?|她们?|这些人|这批人?|这几个人?|同一批|同样这|[这那][{numeral}俩仨]+[个名人位]")
"""The people already told of."""


def has_heads(benefit: str, text: str, as_of: date) -> bool:
    """Whether a message tells of people of its own; 这7个 are those told of before."""
    if regex(r"[这那][{numeral}]+[个名人位]|[他她]们?(?:[俩仨]|[{numeral}]+[个名人位])").search(text):
        return False
    return any(set(HEADS) & row.keys() for row in read_facts(catalogue()[benefit], text, as_of).rows)


def screening_of(text: str, memory: Memory, as_of: date) -> Decision:
    """政策体检: all that the message and earlier turns say, for all calculators."""
    facts: dict[str, Any] = dict(memory.profile)
    for tool in catalogue().values():
        reading = read_facts(tool, text, as_of)
        for name, value in settled(tool, reading.facts).items():
            if name in reading.guessed:
                continue  # 二十来号人 may be anything's number
            if not valid(tool, {name: value}):
                continue
            if isinstance(value, list) and isinstance(facts.get(name), list) and len(facts[name]) == len(value):
                facts[name] = [{**a, **b} for a, b in zip(facts[name], value, strict=True)]
            else:
                facts.setdefault(name, value)
    return Decision([("screen_benefits", {"facts": facts})], intent={"asks": ["screen"], "facts": facts})
