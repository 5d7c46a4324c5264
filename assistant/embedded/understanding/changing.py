"""What changes in the facts known without anybody being told apart: corrections, doubling, time that passes, what suffices."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from assistant.embedded.patterns import regex
from assistant.embedded.understanding.groups import ENOUGH, HEADS
from assistant.embedded.understanding.mentions import find_mentions
from assistant.embedded.understanding.words import asks, pattern
from tools.calculator import Calculator, outcome_of, unknowns
from tools.facts import leaves, with_value
from tools.presume import presume


def doubled(facts: Mapping[str, Any]) -> dict[str, Any]:
    """人数翻倍: twice as many of every group."""
    return {
        name: [{**row, "heads": 2 * row["heads"]} if "heads" in row else row for row in value]
        if isinstance(value, list) else value
        for name, value in facts.items()
    }


def left_open(tool: Calculator[Any], facts: dict[str, Any], rough: Sequence[str]) -> dict[str, Any]:
    """十来个 is several, not one: their number is left open, so that it is asked for."""
    for group, name, _ in leaves(tool.facts):
        if group and name in rough:
            facts = {**facts, group: [{name: None, **row} for row in facts.get(group) or [{}]]}
    return facts


def settled(tool: Calculator[Any], facts: dict[str, Any]) -> dict[str, Any]:
    """全留下来了 is as many as there are, 交满了 as long as the plan asks for; while that is not known it says nothing."""

    def row_settled(row: dict[str, Any]) -> dict[str, Any]:
        full = {name: row.get("heads") if value == "all" else value for name, value in row.items()}
        return {name: value for name, value in full.items() if value is not None}

    facts = {
        name: [row_settled(row) for row in value] if isinstance(value, list) else value for name, value in facts.items()
    }
    return _sufficing(tool, facts)


def _sufficing(tool: Calculator[Any], facts: dict[str, Any]) -> dict[str, Any]:
    """What is said to be enough, as the least with which its condition is met."""
    enough = [path for path, value in told_facts(facts) if value == ENOUGH]
    if not enough:
        return facts
    for path in enough:
        facts = with_value(facts, path, None)
    wanted = dict(unknowns(outcome_of(tool, presume(tool, facts)[0])))
    for path in enough:
        facts = with_value(facts, path, wanted[path][1] if path in wanted else None)
    return _without_none(facts)


def _without_none(facts: dict[str, Any]) -> dict[str, Any]:
    return {
        name: [{k: v for k, v in row.items() if v is not None} for row in value] if isinstance(value, list) else value
        for name, value in facts.items()
        if value is not None
    }


def put_right(facts: Mapping[str, Any], text: str, as_of: date) -> dict[str, Any] | None:
    """不是一年，是九个月: the one fact told before that had the wrong value, with the right one; None if that is not clear."""
    found = _WRONG_RIGHT.search(text) or _RIGHT_WRONG.search(text) or _SOMETHING_ELSE.search(text)
    if not found:
        return None
    wrong, right = (find_mentions(found[side], as_of) for side in ("wrong", "right"))
    if len(wrong) != 1 or not right or wrong[0].kind != right[0].kind or not right[0].exact:
        return None
    kind, places = wrong[0].kind, []
    for path, old in told_facts(facts):
        name = path.rsplit(".", 1)[-1]
        number = isinstance(old, int | str) and not isinstance(old, bool) and re.fullmatch(r"[\d.]+", str(old))
        if name not in HEADS and number and pattern(name).kind in (kind, *(("money",) if kind == "number" else ())):
            worth = Decimal(12 if name == "years" else 1)
            places += [(path, old, worth)] if Decimal(old) * worth == wrong[0].value else []
    if len(places) != 1:
        return None
    path, old, worth = places[0]
    value = right[0].value / worth
    return with_value(dict(facts), path, int(value) if isinstance(old, int) else f"{value:f}")


def one_for_another(facts: Mapping[str, Any], text: str, as_of: date) -> dict[str, Any] | None:
    """数字拿错了，96万是几个险种的总数，失业保险实缴64万: of two amounts the one told before is replaced by the other."""
    amounts = [m for m in find_mentions(text, as_of) if m.kind in ("money", "number") and m.value >= _LEAST and m.exact]
    values = list(dict.fromkeys(m.value for m in amounts))
    if len(values) != 2 or not asks("correction", text):
        return None
    told = [(path, old) for path, old in told_facts(facts) if pattern(path.rsplit(".", 1)[-1]).kind == "money"]
    places = [(path, other) for path, old in told for value, other in (values, values[::-1]) if Decimal(old) == value]
    return with_value(dict(facts), places[0][0], f"{places[0][1]:f}") if len(places) == 1 else None


_LEAST = 200
_WRONG_RIGHT = re.compile(r"不是(?P<wrong>[^,。;?]{1,8}?)(?:的|了)?[,;]?(?:[^,。;\d]{1,8}[,;])?(?:应该|而|其实)?是(?P<right>[^,。;?]{1,10})")


_RIGHT_WRONG = re.compile(r"(?<!不)是(?P<right>[^,。;?不]{1,10}),(?:而|可|并)?不是(?P<wrong>[^,。;?]{1,8})")
"""是31800，不是38000"""


_SOMETHING_ELSE = re.compile(
    r"(?:^|[,。;])(?P<wrong>[^,。;?]{1,10}?)是(?:上|下)?(?:个?月|一?年|季度|别[的人]|去年|前年|旧|错|另外)[^,。;?\d]{0,6}的?[^,。;?\d]{0,3},[^,。;?\d]{0,6}?(?:是|为)(?P<right>[^,。;?]{1,10})"
)
"""26万8是上个月的数，这个月是28万"""


def without_share(facts: Mapping[str, Any], text: str, as_of: date) -> dict[str, Any] | None:
    """1650里面有480是从他工资里扣的: of what was told as the employer's payment, the employer's own; None if it is no such thing."""
    found = _INCLUDES.search(text)
    if not found:
        return None
    whole, share = (find_mentions(found[side], as_of) for side in ("whole", "share"))
    if len(whole) != 1 or len(share) != 1 or share[0].value >= whole[0].value:
        return None
    told = [(path, old) for path, old in told_facts(facts) if path.rsplit(".", 1)[-1].startswith("employer_")]
    paths = [path for path, old in told if re.fullmatch(r"[\d.]+", str(old)) and Decimal(old) == whole[0].value]
    return with_value(dict(facts), paths[0], f"{whole[0].value - share[0].value:f}") if len(paths) == 1 else None


_INCLUDES = re.compile(
    r"(?P<whole>[\d.,]+万?)(?:元|块)?钱?(?:里面?头?|里边|当中|中)(?:有|含|包含|包括)?了?(?P<share>[\d.,]+万?)(?:元|块)?钱?[^,。;]{0,6}(?:工资|个人|他自己|她自己|员工|职工)"
)


def after_waiting(facts: Mapping[str, Any], text: str, as_of: date) -> tuple[int, dict[str, Any]]:
    """要是再等俩月: for how many months more, and the facts that run on with the time, as they will be then."""
    found = _WAITING.search(text)
    months = next((m for m in find_mentions(text, as_of) if found and m.kind == "months" and m.start >= found.end(1)), None)
    if not found or not months or not months.exact or months.value % 1:
        return 0, dict(facts)
    later = dict(facts)
    for path, old in told_facts(facts):
        if pattern(path.rsplit(".", 1)[-1]).runs and isinstance(old, int):
            later = with_value(later, path, old + int(months.value))
    return int(months.value), later


_WAITING = regex(r"((?:再|多)(?:过|等|开|熬|坚持|经营|撑|拖)(?:上|个|满|多)*)(?=[{numeral}俩半])")


def corrected(tool: Calculator[Any], facts: Mapping[str, Any], text: str, as_of: date) -> dict[str, Any] | None:
    """改一下, 是4600; 一年呢: a number alone replaces the one fact of its kind; None if that is not clear."""
    mentions = [m for m in find_mentions(text, as_of) if m.kind in ("number", "money", "count", "months") and m.exact]
    if len(mentions) != 1:
        return None
    value = mentions[0].value
    if mentions[0].kind == "months":
        lasting = [(group, name) for group, name, _ in leaves(tool.facts) if pattern(name).kind == "months"]
        return {**facts, lasting[0][1]: int(value)} if len(lasting) == 1 and not lasting[0][0] else None
    kinds = ("money", "percent", "count", "age") if mentions[0].kind == "number" else (mentions[0].kind,)
    for kind in kinds:
        told = [(path, old) for path, old in told_facts(facts) if pattern(path.rsplit(".", 1)[-1]).kind == kind]
        if len(told) == 1:
            path, old = told[0]
            return with_value(facts, path, int(value) if isinstance(old, int) else f"{value:f}")
    return None


def told_facts(facts: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """(path, value) of every single fact."""
    for name, value in facts.items():
        if isinstance(value, list) and value and isinstance(value[0], dict):
            for index, row in enumerate(value):
                yield from told_facts(row, f"{prefix}{name}.{index}.")
        else:
            yield f"{prefix}{name}", value
