"""How a later message changes what is known: it adds, corrects, takes away, or tells part of a group apart."""

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from assistant.embedded.patterns import regex
from assistant.embedded.understanding.groups import (
    ENOUGH,
    HEADS,
    IDENTITY,
    PART,
    VAGUE_PART,
    Item,
    UnclearGroupError,
    counted,
    people_in,
    remaining,
    segment_around,
)
from assistant.embedded.understanding.mentions import find_mentions
from assistant.embedded.understanding.people import NAME
from assistant.embedded.understanding.shares import split_anywhere
from assistant.embedded.understanding.told import Reading
from assistant.embedded.understanding.words import asks, pattern
from tools.calculator import Calculator
from tools.facts import leaves

Row = dict[str, Any]
_OF_GROUP = ("employer_total", "employer_group_monthly", "personal_total")
_OF_ONE = ("age", "left_school_months", "worked_since")
_PERSONAL = ("heads", *IDENTITY, *_OF_ONE)
"""What somebody of another group does not share."""
_GROWING = ("money", "count", "months")
"""Kinds of facts of which there can be more: 再多交1万."""


def merge(tool: Calculator[Any], before: Mapping[str, Any], reading: Reading, pending: str, text: str) -> dict[str, Any]:
    """Earlier facts with what a message adds or corrects, groups matched by who they are."""
    facts = dict(before)
    more, many = _more_of(text), asks("increase", text)
    for name, value in reading.facts.items():
        if isinstance(value, list):
            told = {key for row in value for key in row}
            replaced = {other for key in told for other in pattern(key).replaces} - told
            known = list(facts.get(name) or [{}])
            if "retained" in told and (more or many):
                known = [_retained_of(row) for row in known]
            old = [{k: v for k, v in row.items() if k not in replaced} for row in known]
            beside = {"heads" if fact in HEADS else fact: (start, end) for fact, start, end in reading.places}
            rows = _rows_after(tool, facts, name, (counted(old), counted(value)), pending, text, beside)
            facts[name] = counted(rows, next((n for _, n, _ in leaves(tool.facts) if n in HEADS), "heads"))
        else:
            replaced = {k for k in facts if k in pattern(name).replaces and k not in reading.facts}
            if len(replaced) > 1 and name in reading.guessed and asks("correction", text):
                raise UnclearGroupError  # 单位3万个人2万 … 不对，是4万: of which of them is not said
            facts = {k: v for k, v in facts.items() if k not in replaced} | _turned_out(tool, before, replaced, text)
            grows = many if pattern(name).kind == "count" else more
            facts[name] = _sum(name, facts.get(name), value) if grows else value
    return facts


def _turned_out(tool: Calculator[Any], before: Mapping[str, Any], replaced: set[str], text: str) -> dict[str, Any]:
    """刚才那个只是单位那一半: what was taken for the whole, under the name of the part that it is."""
    parts = {name: pattern(name) for _, name, _ in leaves(tool.facts)}
    return {
        name: before[whole]
        for name, words in parts.items() if words.all_along and words.all_along.search(text)
        for whole in words.replaces if whole in replaced
    }


def _rows_after(
    tool: Calculator[Any], facts: Mapping[str, Any], name: str, groups: tuple[list[Row], list[Row]], pending: str, text: str,
    beside: Mapping[str, tuple[int, int]],
) -> list[Row]:
    """The groups after a message; where it leaves open which group a part belongs to, any will do if all come out alike."""
    old, new = groups
    try:
        return _merge_rows([dict(row) for row in old], [dict(row) for row in new], pending, text, beside)
    except UnclearGroupError:
        fewer = asks("decrease", text)
        told = fewer or new[0].keys() - {"heads"}  # else nothing is said of them
        if len(new) != 1 or len(old) < 2 or not told or not (_SOME.search(text) or PART.search(text)):
            raise
    return split_anywhere(tool, facts, name, old, new[0], gone=fewer)


def _more_of(text: str) -> bool:
    return asks("more_of", text) and not _IN_TOTAL_THEN.search(text)


_IN_TOTAL_THEN = regex(r"(?:再多?|多)留[^,。;]{0,4},?(?:一共|总共|就是|也就是|变成|那就是)?留(?:下|用|了|到)*(?=[{numeral}])")
"""再留一个，留5个: five in all."""


def _sum(name: str, old: Any, new: Any) -> Any:
    """再多交1万: that much more of what can be counted."""
    if old is None or new == ENOUGH or isinstance(new, bool) or pattern(name).kind not in _GROWING:
        return new
    return old + new if isinstance(new, int) else f"{Decimal(old) + Decimal(new):f}"


def _merge_rows(
    old: list[Row], new: list[Row], pending: str, text: str, beside: Mapping[str, tuple[int, int]]
) -> list[Row]:
    if old == [{}]:
        return [dict(row) for row in new]
    new = _without_their_number(old, new, text)
    added = _adds(old, new, text)
    if VAGUE_PART.search(text) and "heads" not in new[0] and any("heads" in row for row in old):
        raise UnclearGroupError  # 有几个没签; not 一半是别家的，只算我这10个
    if instead := (
        _told_after_general(old, new)
        or _instead_of(old, text)
        or _another_person(old, new, text)
        or _somebody_named(old, new, text)
        or _told_anew_within(old, new, text)
        or (asks("correction", text) and (_so_many_in_all(old, new, text) or _each_number_anew(old, new)))
    ):
        return instead
    if len(new) == 1 and "retained" in new[0]:
        if instead := _retained_in_all(old, new[0], text):
            return instead
        if len(old) > 1 and _NO_OTHERS.search(text):
            old = [{**row, "retained": 0} for row in old]  # 就留了1个毕业生: none of the others
    if instead := _in_their_turn(old, new) or _some_and_others(old, new, text) or _told_closer(old, new, text):
        return instead
    if len(new) > 1 and len(old) == 1 and not added:
        return _all_told_anew(old[0], new, in_place=asks("correction", text))
    if asks("decrease", text) and len(new) == 1 and (left := _fewer(old, new[0])) is not None:
        return left
    if len(new) == 1 and (parted := _part(old, new[0], text, beside)):
        return parted
    for row in new:
        _merge_row(old, row, pending, added, text)
    return old


def _in_their_turn(old: list[Row], new: list[Row]) -> list[Row]:
    """张某32岁，李某34岁; A厂4个月，B厂3个月: as many as told of one by one before, in that order. Else empty."""
    if len(new) != len(old) or len(new) < 2:
        return []
    nameless = not any(row.keys() & {"heads", *IDENTITY} for row in new)
    ages = all(row.keys() == {"heads", "age"} and one.get("heads") == row["heads"] for row, one in zip(new, old, strict=True))
    return [{**one, **row} for row, one in zip(new, old, strict=True)] if nameless or ages else []


def _counts_all(row: Row, old: list[Row], new: list[Row]) -> bool:
    """Whether a group without a name has as many people as all told of together."""
    return not row.keys() & {*IDENTITY, "age"} and row.get("heads") == people_in(old) + people_in(new) - int(row.get("heads") or 0)


def _without_their_number(old: list[Row], new: list[Row], text: str) -> list[Row]:
    """What a message tells without a number that counts nobody anew: 毕业生那个交1100，两个人加起来补多少; 漏登了一个，留用是10个."""
    if len(new) != 1:
        # 还有个管理学博士，36了，我们三个人里谁能享受
        return [row for row in new if not _counts_all(row, old, new)] or new
    heads, kept = int(new[0].get("heads") or 0), new[0].get("retained")
    of_all = len(old) > 1 and heads == people_in(old) and _ALL_TOGETHER.search(text)
    if of_all or (isinstance(kept, int) and heads < kept):
        return [{key: value for key, value in new[0].items() if key != "heads"}]
    return new


_ALL_TOGETHER = regex(r"(?:{some}|[{numeral}]人)人?(?:加起来|加(?:在|到)?一起|合起来|一共|总共|合计|拢共)")


def _told_after_general(old: list[Row], new: list[Row]) -> list[Row]:
    """毕业生和脱贫的各补多少, then 招了2个脱贫的: only those told of. Else empty."""
    if len(old) == 1 or people_in(old) or not all("heads" in row and row.keys() & {*IDENTITY} for row in new):
        return []
    shared = {k: v for k, v in old[0].items() if k not in IDENTITY and all(row.get(k) == v for row in old)}
    return [{**shared, **row} for row in new]


def _adds(old: list[Row], new: list[Row], text: str) -> bool:
    """还有4个…: more people; not 12个…, 还有4个…, which are all there are, nor 45个签的一年，还有15个…, of 60."""
    parts = len(new) > 1 and (people_in(new) == people_in(old) or not any(row.get("heads") for row in old))
    return not parts and asks("increase", text) and not asks("correction", text) and not _ONE_ALONE.search(text)


def _retained_in_all(old: list[Row], row: Row, text: str) -> list[Row]:
    """还有一个也留下了，是6个; 又有一个留下来了，变成8个: that many are retained in all. Else empty."""
    before, heads = old[0].get("retained"), row.get("heads")
    if heads is None or "heads" not in old[0] or not (asks("increase", text) or heads == row["retained"] + (before or 0)):
        return []
    kept = {key: value for key, value in row.items() if key not in ("heads", "retained")}
    if "internship_months" in kept and _BATCH.search(text):
        return []  # 还有第二批：10人，见习3个月，留用6人
    return [{**old[0], **kept, "retained": heads}, *old[1:]]


_BATCH = re.compile(r"第[二三四]批|另一?批|又一批|下一批")
_NO_OTHERS = re.compile(r"(?:就|只|仅|一共|总共|统共)(?:只|就)?(?:是|有)?留|留(?:下|用)?了?(?:就|只)")


def _some_and_others(old: list[Row], new: list[Row], text: str) -> list[Row]:
    """有1个只交了2个月，其他都4个月: the others are all but that many. Else empty."""
    if len(new) != 2 or "heads" in new[0] or "heads" not in new[1] or len(old) != 1 or remaining(text) is None:
        return []
    whole = old[0].get("heads")
    others = {"heads": whole - new[1]["heads"]} if isinstance(whole, int) and whole > new[1]["heads"] else {}
    return [{**old[0], **new[0], **others}, {**old[0], **new[1]}]


def _so_many_in_all(old: list[Row], new: list[Row], text: str) -> list[Row]:
    """不对，是5个; 是三个，还有个小韦也是今年毕业的: so many of the one group known. Else empty."""
    number = _rightly(text) if len(old) == 1 and "heads" in old[0] else 0
    said = [(key, value) for row in new for key, value in row.items() if key not in ("heads", *_OF_ONE)]
    return [{**old[0], "heads": number}] if number and all(old[0].get(key) == value for key, value in said) else []


def _each_number_anew(old: list[Row], new: list[Row]) -> list[Row]:
    """签一年的是28个，签短工的7个, of 26 and 9: each group with its right number, by what is said of one of them. Else empty."""
    if len(old) != 2 or len(new) != 2 or not all("heads" in row for row in (*old, *new)):
        return []
    if sum(int(row["heads"]) for row in new) != sum(int(row["heads"]) for row in old):
        return []
    pairs = [(i, j) for i, row in enumerate(new) for j, other in enumerate(old) if _describes(row, other)]
    if len(pairs) != 1:
        return []
    (i, j), rows = pairs[0], list(old)
    rows[j] = {**old[j], **new[i]}
    rows[1 - j] = {**old[1 - j], "heads": new[1 - i]["heads"]}
    return rows


def _describes(row: Row, other: Row) -> bool:
    said = {key: value for key, value in row.items() if key != "heads"}
    return bool(said) and said.items() <= other.items()


def _fewer(old: list[Row], row: Row) -> list[Row] | None:
    """中级的去掉: without that group; 其中2个要去掉: that many fewer. None if it takes nobody away."""
    if "heads" not in row:
        return [other for other in old if not row.items() <= other.items()] or old if len(old) > 1 else None
    if any(name not in ("heads", "age") and not isinstance(value, bool | str) for name, value in row.items()):
        return None  # 有一个辞职了，交了11个月 counts with what was paid for them
    fewer = old[0] if len(old) == 1 and row["heads"] <= int(old[0].get("heads") or 0) else _meant(old, row)
    fewer["heads"] = max(0, int(fewer.get("heads") or 0) - row["heads"])
    return old


def _all_told_anew(old: Row, new: list[Row], *, in_place: bool) -> list[Row]:
    """这8个里头有3个是技师: several groups in place of one; the other 5 are what all were called.

    ``in_place``: of the same people, though their number is put right (是7个不是9个，里面有1个…).
    """
    shared = {key: value for key, value in old.items() if key not in ("heads", *IDENTITY)}
    called = {key: value for key, value in old.items() if key in IDENTITY}
    same = in_place or old.get("heads") in (None, people_in(new))
    return [{**shared, **(called if same and not row.keys() & {*IDENTITY} else {}), **row} for row in new]


def _another_person(old: list[Row], new: list[Row], text: str) -> list[Row]:
    """我老婆也是博士，法学的: one more; 那他师弟呢: that one alone. What was said of the first alone is not theirs."""
    other = _ANOTHER_PERSON.search(text)
    if len(new) != 1 or not old[0] or not other:
        return []
    if len(old) == 1 and new[0].get("heads", 0) > 1 + int(old[0].get("heads") or 1) and re.search(r"都|一共|加起来", text):
        return [{**old[0], **new[0]}]  # 那我跟我老婆也去学，三个人都考到这个证
    person = {**{k: v for k, v in old[-1].items() if k not in (*_PERSONAL, *_OF_GROUP)}, "heads": 1, **new[0]}
    if person["heads"] == 1 + sum(int(row.get("heads") or 1) for row in old):
        person["heads"] = 1  # 我们俩一共多少: both together
    return [*({"heads": 1, **row} for row in old), person]


def asked_alone(facts: Mapping[str, Any], reading: Reading, text: str) -> dict[str, Any]:
    """The facts with that one of several people alone whom a message asks about: 那他师弟呢, 学法律那个呢."""
    name = next((n for n, value in reading.facts.items() if isinstance(value, list)), "")
    rows = facts.get(name)
    if not isinstance(rows, list) or len(rows) < 2 or len(reading.rows) != 1:
        return dict(facts)
    other = _ANOTHER_PERSON.search(text)
    if other and (other["alone"] or _ONE_ALONE.search(text)):
        return {**facts, name: rows[-1:]}
    number = reading.rows[0].get("heads")
    so_many = [row for row in rows if number and row.get("heads") == number]
    if len(so_many) == 1 and _THESE_ALONE.search(text) and not _WITH_THE_OTHERS.search(text):
        return {**facts, name: so_many}  # 其中2个7月1日签了，这两个的补贴是多少
    said = {key: value for key, value in reading.rows[0].items() if key not in HEADS}
    meant = [row for row in rows if said and said.items() <= row.items()]
    return {**facts, name: meant} if len(meant) == 1 and _THAT_ONE.search(text) else dict(facts)


_THESE_ALONE = regex(r"[这那](?:{some}|[俩仨])(?:人)?(?!都|全|里|当中|中)[^,。;?\d]{0,14}(?:多少|几多|几钱)")
_WITH_THE_OTHERS = re.compile(r"加上|加起来|加进|一起|连(?:上|同)?[这那]|合起来")
_THAT_ONE = re.compile(r"(?<![岗贴助款险费还工制才])那(?:个|位|名)[^,。;?\d]{0,8}(?:呢|多少|几多|几)[^,。]{0,4}[,。?]*$")


_ANOTHER_PERSON = re.compile(
    r"(?:我|他|她|一起来)?的?(?:(?:老婆|老公|爱人|对象|妻子|丈夫|媳妇|师弟|师兄|师姐|师妹|同学|同事|同门|朋友|弟弟?|妹妹?|哥哥?|姐姐?|表弟|表妹|表哥|表姐)(?:(?P<alone>呢)|[^,。;\d]{0,4}(?:也是?|又是)))"
)
"""Somebody else than the one told of before, by how they belong together."""
def _somebody_named(old: list[Row], new: list[Row], text: str) -> list[Row]:
    """小刘其实没签合同, of the two told of as one group: the one apart. Else empty."""
    number = old[0].get("heads") if len(old) == 1 else None
    about = [m for m in NAME.finditer(text) if not re.match(r"[^,。;]{0,2}(?:说|讲|告诉|问|跟我|提醒)", text[m.end() :])]
    if len(new) != 1 or new[0].keys() & {"heads", "retained"} or not new[0] or not isinstance(number, int) or number < 2 or len(about) != 1:
        return []
    shared = {key: value for key, value in old[0].items() if key not in _OF_GROUP}
    return [{**shared, "heads": number - 1}, {**shared, **new[0], "heads": 1}]


def _told_anew_within(old: list[Row], new: list[Row], text: str) -> list[Row]:
    """这7个里面应届的其实是5个: of two groups one has so many, and the other what is left of all. Else empty."""
    whole = sum(int(row.get("heads") or 0) for row in old)
    if len(new) == 2 and new[0].get("category") == "其他" and sum(int(row.get("heads") or 0) for row in new) == whole:
        new = new[1:]
    named = {key: value for key, value in new[0].items() if key in IDENTITY}
    if len(old) < 2 or len(new) != 1 or not named or "heads" not in new[0] or not _OF_ALL_THESE.search(text):
        return []
    among = [i for i, row in enumerate(old) if named.items() <= row.items()]
    if len(among) != 1 or len(old) > 2 or new[0]["heads"] > whole:
        raise UnclearGroupError
    rows = [{**row, "heads": whole - new[0]["heads"]} for row in old]
    rows[among[0]] = {**old[among[0]], **new[0]}
    return rows


_OF_ALL_THESE = regex(r"[这那](?:[{numeral}]+{of_people}人?|[俩仨]|些人?|批人?)(?:里面?头?|当中|中间|之中|中)")
_INSTEAD = regex(r"不是([{numeral}俩仨]+){of_people}[^,。]{0,4}[,，]?\s*(?:应该|而)?是([{numeral}俩仨]+){of_people}")


def _instead_of(old: list[Row], text: str) -> list[Row]:
    """不是5个，是3个: the one group of so many; where it was told apart from a whole, the whole stays. Else empty."""
    found = _INSTEAD.search(text)
    if not found or len(old) < 2:
        return []
    wrong, right = (int(find_mentions(f"{n}个", date.max)[0].value) for n in found.groups())
    places = [i for i, row in enumerate(old) if row.get("heads") == wrong]
    if len(places) != 1:
        return []
    rows = [{**row, "heads": right} if i in places else row for i, row in enumerate(old)]
    part = len(old) == 2 and places == [1] and _told_apart(*old)
    return [{**rows[0], "heads": rows[0]["heads"] + wrong - right}, rows[1]] if part else rows


def _told_apart(rest: Row, part: Row) -> bool:
    """其中5个是在校学生: a part has all that is said of the rest, and more, or the opposite."""
    return all(name in part and (part[name] == value or isinstance(value, bool)) for name, value in rest.items() if name != "heads")


_RIGHT = re.compile(r"(?:不对|错了?|不是)(?:(?!里面|中间|其中)[^。]){0,6}?[,。]?(?:应该|其实)?(?:是|有)")


def _rightly(text: str) -> int:
    """不对，是5个，有一个走了: the number that is right; 0 if there is none."""
    found = _RIGHT.search(text)
    counts = [m for m in find_mentions(text, date.max.replace(year=2000)) if m.kind == "count" and found and m.start - found.end() in (0, 1)]
    return int(counts[0].value) if counts else 0


def _retained_of(row: Row) -> Row:
    """A share of all (四成五) as the number of people it comes to, where that is whole."""
    share = Decimal(row.get("retention_rate") or 0) * int(row.get("heads") or 0) / 100
    if not share or share % 1:
        return row
    return {**{k: v for k, v in row.items() if k != "retention_rate"}, "retained": int(share)}


_SOME = regex(
    r"(?:^|[,。;! ]|(?:讲|说|发现|告诉我?|通知|查|核|问)(?:了|到|出|的是)?)(?:那|要是|如果|但是?|不过|哦|其实|对了|不对|等下|(?:弄|记|说|搞|写|看|算)?(?:错|混|漏)了?)*(?:里面|里头|中间|其中)?有{some}"
    r"|{some}[^,。;\d]{0,6}(?:改|换|转|调|升)(?:成|为|到)"
)
"""有一个没签: some of those told of before."""


def refers_back(text: str) -> bool:
    """里面有2个…, 21岁那个…, 扣掉他: something of the people told of before."""
    return bool(_SOME.search(text) or _ANOTHER_PERSON.search(text) or _DESCRIBED.search(text) or _OF_THOSE.search(text) or re.search(r"[扣减去除]掉?[他她这]", text))


def _of_all(text: str, part: tuple[int, int], place: tuple[int, int]) -> bool:
    """有1个只交了2个月，合同都签了: what has a 都 in a clause of its own is said of all."""
    left, right = segment_around(text, Item("", None, *place))
    return not left <= part[0] < right and re.search(r"都|全|均", text[left:right]) is not None


def _told_closer(old: list[Row], new: list[Row], text: str) -> list[Row]:
    """不是的那俩，一个22一个27: one of several groups, by its number, as what is now told of it. Else empty."""
    heads = [int(row["heads"]) for row in new if "heads" in row]
    if len(old) < 2 or len(new) < 2 or len(heads) < len(new) or not _THOSE.search(text):
        return []
    same = [i for i, row in enumerate(old) if row.get("heads") == sum(heads)]
    meant = [i for i in same if old[i].get("category") == "其他"] or same
    called = {row.get("category") for row in new}
    if len(meant) > 1 and len(called) == 1 and (name := called.pop()):
        meant = [i for i in meant if _alike(str(old[i].get("category", "")), name)]  # 登记失业那4个, beside 4 graduates
    if len(meant) != 1:
        return []
    kept = {k: v for k, v in old[meant[0]].items() if k != "heads" and (k, v) != ("category", "其他")}
    called = {"heads", "category"}  # 登记失业那3个: by what they are called nothing new is told of them
    closer = ({k: v for k, v in row.items() if (k, v) != ("category", "其他") and (k != "category" or row.keys() - called)} for row in new)
    return [*old[: meant[0]], *({**kept, **row} for row in closer), *old[meant[0] + 1 :]]


def _alike(one: str, other: str) -> bool:
    """登记失业人员 may be 16—24岁登记失业青年, 高校毕业生 those of this year."""
    return one.endswith(other) or ("失业" in one and "失业" in other and "毕业" not in one + other)


_OF_THOSE = regex(r"的有[{numeral}俩仨]+{of_people}")
"""去年毕业的有1个其实上过班"""
_ONE_ALONE = re.compile(r"(?<!加上)(?<!算上)(?<!连)(?<!包括)(?<!和)(?<!跟)[他她](?:这|那)?(?:边)?(?:又|该|一共|总共|就|自己)?(?:能|可以|可不可以|有没有|是不是|够不够|行不行|有?(?:多少|几多|几)|[拿领得补算](?!了|过)|呢)")
"""还有个38岁的博士，他能拿多少: of that one alone."""
_DESCRIBED = regex(r"(?:的|岁|业|生|工)(?:的)?那(?:个|位|名|几个|些|批|[{numeral}俩仨])|那[俩仨](?:个)?(?![个,。])|那[{numeral}俩仨]+(?:个|名|位)(?:应届|登记|失业|硕士|博士|中级|高级|初级|技师|普工|老)")
"""21岁那个, 那俩硕士: one of the groups told of, by what it is."""
_THOSE_MANY = regex(r"(?:[那这]|[他她]们?){some}")
_THOSE = regex(r"那[{numeral}俩仨]+{of_people}?|剩下|其余|另外|其他|不是的")


def _part(old: list[Row], row: Row, text: str, beside: Mapping[str, tuple[int, int]]) -> list[Row]:
    """其中2个没签合同: they become a group of their own; 不对，是1个没签: so many. Empty if it is no such thing."""
    heads = "heads" if "heads" in row else ""
    said = {key: value for key, value in row.items() if key != heads}
    if not heads or not said:
        return []
    number, whole = row[heads], sum(int(other.get(heads) or 0) for other in old)
    if PART.search(text) or _SOME.search(text) or _OF_THOSE.search(text):
        identity = {key: row[key] for key in IDENTITY if key in row}
        among = [i for i, other in enumerate(old) if len(old) == 1 or (identity and identity.items() <= other.items())]
        if len(among) == 1 and number < int(old[among[0]].get(heads) or 0):
            group = old[among[0]]
            own = {key for key in said if key in beside and not _of_all(text, beside[heads], beside[key])}
            opposite = {key: not said[key] for key in own if isinstance(said[key], bool)}
            shared = {key: value for key, value in said.items() if key not in own | {*IDENTITY}}
            # What all were paid together says nothing of a part.
            group = {key: value for key, value in group.items() if key not in _OF_GROUP}
            rest = {**opposite, **group, **shared, heads: group[heads] - number}
            return [*old[: among[0]], rest, {**group, **row}, *old[among[0] + 1 :]]
    if len(old) == 2 and asks("correction", text) and all(old[1].get(key) == value for key, value in said.items()):
        if number <= whole:
            return [{**old[0], heads: whole - number}, {**old[1], heads: number}]
    return []


def _meant(old: list[Row], row: Row) -> Row:
    """登记失业那个, 那俩硕士, 21岁那个: the one group that a message describes; UnclearGroupError if it could be several."""
    told = {key: value for key, value in row.items() if key in (*IDENTITY, "age")}
    alike: list[Row] = []
    for names in (told.keys(), told.keys() - {"age"}):  # 登记失业那俩其实26岁: the age is what is new
        alike = alike or [r for r in old if names and all(str(r.get(key, "")).endswith(str(told[key])) for key in names)]
    alike = alike or (old if not told else [])
    if len(alike) != 1:
        raise UnclearGroupError
    return alike[0]


def _those(old: list[Row], heads: int) -> Row | None:
    """那4个再交一个月: the group of so many."""
    same = [row for row in old if row.get("heads") == heads]
    if len(old) > 1 and len(same) != 1:
        raise UnclearGroupError
    return same[0] if same else None


def _merge_row(old: list[Row], row: Row, pending: str, added: bool, text: str) -> None:
    """One group of a message, into the groups known; UnclearGroupError where it could be any of several."""
    more = _more_of(text)
    if len(old) > 1 and _one_of_several(old, row, added, text):
        return
    identity = next((key for key in IDENTITY if key in row), "")
    if len(old) > 1 and not (identity or added) and row.get("heads") == sum(int(r.get("heads") or 0) for r in old):
        row = {key: value for key, value in row.items() if key != "heads"}  # 这俩一共多少: all of them
    same = [r for r in old if identity and r.get(identity) == row[identity]]
    parts = pending.split(".")
    if not identity and "heads" in row and _THOSE_MANY.search(text) and (those := _those(old, row["heads"])):
        those.update({k: _sum(k, those.get(k), v) if more and k != "heads" else v for k, v in row.items()})
    elif added and "heads" in row:
        _add(old, row, same, identity)
    elif same:
        same[0].update(row)
    elif identity and "heads" in row and asks("increase", text) and asks("correction", text):
        _add(old, row, same, identity)  # 高级工只有2个，另外还有4个拿的是专项
    elif len(parts) == 3 and int(parts[1]) < len(old) and set(row) == {parts[2]} and parts[2] in ("heads", "category", "grade", "age"):
        old[int(parts[1])].update(row)
    elif len(old) == 1 or "heads" not in row:
        for target in old:
            target.update({k: _sum(k, target.get(k), v) if more else v for k, v in row.items()})
    else:
        raise UnclearGroupError


def _one_of_several(old: list[Row], row: Row, added: bool, text: str) -> bool:
    """Whether a group that is described (那个35岁的) is one of those known, which then has what is told anew.

    UnclearGroupError where it is open which.
    """
    if "heads" not in row and any(row.items() <= other.items() for other in old):
        return True
    if (_DESCRIBED.search(text) or NAME.search(text)) and not added:
        if row.keys() & {*IDENTITY, "age"}:
            meant = _meant(old, row)
            if row.get("heads", meant.get("heads")) != meant.get("heads"):
                raise UnclearGroupError
            meant.update({k: v for k, v in row.items() if k not in IDENTITY})
            return True
        if "heads" not in row:
            raise UnclearGroupError  # 小梁没签合同
    if row.keys() & {*_OF_ONE} and not row.keys() & {"heads", *IDENTITY} and re.search(r"[他她](?!们)", text):
        raise UnclearGroupError  # 他要是36岁呢, of one of two
    return False


def _add(old: list[Row], row: Row, same: list[Row], identity: str) -> None:
    """More people: as many more of a group known, or a group of their own with what all have in common."""
    target = same[0] if same else old[0]
    differs = any(key in target and target[key] != value for key, value in row.items() if key not in ("heads", identity))
    if differs and (same or len(old) == 1):
        # 又招了一个, 才交了2个月: of the same kind, with something of its own. 招了个… before was one.
        old.append({**{k: v for k, v in target.items() if identity or k not in _OF_ONE}, **row})
        target.setdefault("heads", 1)
    elif same or (not identity and len(old) == 1):
        target["heads"] = int(target.get("heads") or (1 if target else 0)) + row["heads"]
        target |= {key: value for key, value in row.items() if key not in ("heads", identity)}
    else:
        # Of which group they are is asked where it was not told.
        old.append({**{k: v for k, v in old[0].items() if k not in _PERSONAL}, **row})
