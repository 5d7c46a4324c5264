"""What earlier turns said that holds for a message too: single facts, and the people who are talked about."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from assistant.embedded.memory import Memory
from assistant.embedded.understanding.groups import HEADS, IDENTITY, counted, people_in
from assistant.embedded.understanding.reading import read_facts
from assistant.embedded.understanding.told import GOING_ON, Reading
from assistant.embedded.understanding.words import asks, pattern
from tools.calculator import Calculator
from tools.catalogue import catalogue
from tools.facts import FactError, group_model, leaves, parse_facts


def carried_over(
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
    before = _told_before(tool, carried, memory, as_of)
    carried = before if further else {**{k: v for k, v in before.items() if not isinstance(v, list)}, **carried}
    groups = [name for name, field in fields.items() if group_model(field.annotation)]
    told = memory.facts.get("employees") or next((row.get("heads") for row in _rows_of(memory.facts)), None)
    if groups and told and groups[0] not in carried and not reading.rows and len(text) <= 12 and memory.pending:
        carried[groups[0]] = [{"heads": told}]  # 我们招了三个人 … 就扩岗那个
    return {name: value for name, value in carried.items() if valid(tool, {name: value})}


def with_people(
    tool: Calculator[Any], facts: dict[str, Any], memory: Memory, reading: Reading, as_of: date
) -> dict[str, Any]:
    """The facts with the people last told of, where a message says something of people and does not say who they are."""
    group = next((name for name, field in tool.facts.model_fields.items() if group_model(field.annotation)), "")
    known = group_model(tool.facts.model_fields[group].annotation) if group else None
    who = {*HEADS, *IDENTITY}
    heads = [row[name] for row in reading.rows for name in HEADS if name in row]
    others = any(row.keys() & (who - set(HEADS)) for row in reading.rows) or (heads and sum(heads) != people_in(memory.people))
    if known is None or not (memory.people and reading.rows) or others or not _same_people(facts.get(group) or [], memory.people):
        return facts
    own = next((name for name in HEADS if name in known.model_fields), "heads")
    rows = [{k: v for k, v in row.items() if k in known.model_fields} for row in counted(memory.people, own)]
    earlier = (facts.get(group) or [{}])[0] if len(facts.get(group) or []) < 2 else {}
    if len(rows) == 1:
        said = [read_facts(tool, text, as_of).rows for text in memory.said]  # 签了一年半, which the benefit before did not need
        rows = [{**{k: v for told in said if len(told) == 1 for k, v in told[0].items() if k not in who}, **rows[0]}]
    carried = {**facts, group: [{**row, **earlier} for row in rows]}
    return carried if valid(tool, carried) else facts


def told_across(tool: Calculator[Any], reading: Reading, memory: Memory, text: str, as_of: date) -> None:
    """定的是1月1号到12月31号 … 10月1号就签了: a time between two days that two messages tell of is read from both together."""
    group = next((group for group, name, _ in leaves(tool.facts) if group and pattern(name).began), "")
    missing = [n for _, n, _ in leaves(tool.facts) if pattern(n).began and not any(n in row for row in reading.rows) and not any(n in row for row in memory.facts.get(group) or [])]
    if not (group and missing and memory.said) or len(reading.rows) > 1:
        return
    both = read_facts(tool, f"{memory.said[-1]}。{text}{GOING_ON}", as_of).rows
    number = next((row["heads"] for row in reading.rows if "heads" in row), None)
    same = both if len(both) == 1 else [row for row in both if number and row.get("heads") == number]
    told = {name: same[0][name] for name in missing if name in same[0]} if len(same) == 1 else {}
    if told:
        reading.facts[group] = [{**(reading.rows[0] if reading.rows else {}), **told}]
        reading.rough = [name for name in reading.rough if name not in told]


def _same_people(rows: Sequence[Mapping[str, Any]], people: Sequence[Mapping[str, Any]]) -> bool:
    """Whether nothing is known of who the rows are, or nothing else than that they are these people."""
    own = [{key: row[key] for key in ("heads", *IDENTITY) if key in row} for row in counted(rows)]
    return not any(own) or (len(own) == len(people) and all(a.items() <= b.items() for a, b in zip(own, people, strict=True)))


def _told_before(tool: Calculator[Any], carried: dict[str, Any], memory: Memory, as_of: date) -> dict[str, Any]:
    """合同签了两年, said when another benefit was asked about that did not need it."""
    known = {name for _, name, _ in leaves(catalogue()[memory.tool].facts)} if memory.tool in catalogue() else set()
    for text in memory.said:
        reading = read_facts(tool, text, as_of)
        for name, value in reading.facts.items():
            if name in reading.guessed:
                continue  # 去年交了10万失业保险费 is no sum to borrow
            rows = carried.get(name)
            if not isinstance(value, list):
                carried = carried if name in known else {name: value, **carried}
            elif isinstance(rows, list) and len(rows) == len(value) and (len(rows) == 1 or _same_people(value, rows)):
                told = [{k: v for k, v in new.items() if k not in known} | row for new, row in zip(value, rows, strict=True)]
                carried = {**carried, name: told}
    return carried


def _rows_of(facts: Mapping[str, Any]) -> list[dict[str, Any]]:
    return next((v for v in facts.values() if isinstance(v, list) and v and isinstance(v[0], dict)), [])


def valid(tool: Calculator[Any], facts: Mapping[str, Any]) -> bool:
    try:
        parse_facts(tool.facts, facts)
    except FactError:
        return False
    return True
