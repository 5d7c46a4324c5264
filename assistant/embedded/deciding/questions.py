"""What a message asks, apart from what it tells of a case."""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any

from assistant.embedded.deciding.topics import named_benefits
from assistant.embedded.patterns import NUMERAL, alternation, load_data, regex
from assistant.embedded.understanding.mentions import find_mentions
from assistant.embedded.understanding.told import Reading
from assistant.embedded.understanding.words import asks
from corpus import load_plan
from corpus.numerals import find_numbers
from tools.calculator import Calculator
from tools.catalogue import catalogue
from tools.facts import leaves

QUESTION = re.compile(r"[吗么呢?]|([\u4e00-\u9fff])不\1|什么|啥|怎么|咋|哪|谁|多少|几[岁时多成号]|能不能|可不可以|是不是|有没有|会不会|行不行|(?:能|有|可以|领|拿|算)[^,。?]{0,4}没(?=[,。!?\s]|$)")


IN_GENERAL = re.compile(r"标准|比例|费率|每|(?<![了过有招雇请收来带留进聘])一(?:个|人|名)|最高|最多|上限|怎么|如何|是多少")
"""Asks for what the plan gives in general; 一共补多少 asks for the case."""


WHETHER_WE = re.compile(r"(?:我们|咱们?)(?:这|家|公司|企业|厂|店|单位)*(?:算不算|属不属于|符不符合|够不够(?:格|条件)?|是否符合|算是?)[^,。?]{0,14}(?:[吗么?]|企业|条件|$)")
"""我们厂算不算用工困难企业."""


def clause_asked(text: str) -> int:
    """第5条说了什么: the clause that is asked for by its number; 0 if none is."""
    found = _CLAUSE.search(text)
    numbers = list(find_numbers(found[1])) if found and len(text) <= 30 else []
    number = int(numbers[0].value) if numbers else 0
    return number if 1 <= number <= len(load_plan().clauses) else 0


_CLAUSE = re.compile(r"第?\(?([\d一二三四五六七八九十]{1,3})\)?条(?=[^,。?]{0,6}(?:讲|说|写|是|有|规定|内容|原文|什么|啥)|[?。]?$)")


def kinds_of_question(text: str) -> list[str]:
    """The kinds of question in a message, in the order of ``asks.yaml``."""
    order = ("premise", "deadline", "how", "conditions", "difference", "standard", "amount", "existence")
    found = [kind for kind in order if asks(kind, text)]
    if "difference" in found and len(named_benefits(text)) > 1:
        return [kind for kind in found if kind != "deadline"]  # 领了扩岗补助还能领社保补贴吗
    return found


def in_general_terms(asked: Sequence[str]) -> bool:
    return bool({"deadline", "conditions", "how", "difference"} & set(asked))


def kinds_asked(text: str) -> set[str]:
    """The kinds of result that the words of a message ask for (``data/kinds.yaml``)."""
    return {kind for kind, words in _kinds().items() if words.search(text)}


@cache
def _kinds() -> Mapping[str, re.Pattern[str]]:
    return {kind: alternation(words) for kind, words in load_data("kinds").items()}


def own_words(text: str, asked: Sequence[str], tool: Calculator[Any]) -> str:
    """The message without numbers that are no facts of a case: 一个人多少钱, and what somebody heard (补3000对吧)."""
    text = _TAKEN_BACK.sub(_blank, text)
    text = _NOT_BUT.sub(lambda m: f"{_blank(m)[1:]}是", text)
    text = _IS_NOT.sub(_blank, _WHICH_OF_TWO.sub(_blank, _NO_NEED.sub(_blank, text)))
    text = _FIGURE_MEANT.sub(lambda m: _blank(m) if tool.id in _paying(m) else m[0], text)
    if tool.kind != "fee" and "years" not in {name for _, name, _ in leaves(tool.facts)}:  # 一年交多少 asks for twelve months of a fee, 一年补多少 for a rate
        text = PER_UNIT.sub(_blank, text)
        text = text if _PEOPLE.search(text) else _MONTH_OF_IT.sub(_blank, text)
    elif tool.kind != "fee":
        text = PER_UNIT.sub(lambda m: m[0] if "年" in m[0] or "月" in m[0] else _blank(m), text)
    if "premise" not in asked:
        return text
    text = _FORMULA.sub(_blank, text)
    # 算社会组织对吧。今年招了3个…: only the sentence that believes something holds hearsay.
    return "".join(_HEARD.sub(_blank, part) if asks("premise", part) or _CHECKS.search(part) else part for part in re.split(r"(?<=[。?!;])", text))


_FORMULA = re.compile(r"(?:全部|都|按|所有)*[\d.]+[个名人月年]*(?:[×x*][\d.]+(?:元|块|个?月|人|%)?)+(?:=[\d.]+(?:万|元|块)*)?")
"""按全部20人×2000元×6个月=240000元填报，没错吧: what somebody worked out."""
_WHICH_OF_TWO = regex(r"(?:是|拿|领|得|能)?[{numeral}百千万.]+(?:元|块)?还是[{numeral}百千万.]+(?:元|块)?(?=[,。?]|$)")
"""总数是五千还是一万: figures to choose from, and none of the case."""
_CHECKS = regex(r"(?:补|返|给|领|拿|贷|奖)(?:我们?|到|回|得)?\s*[{numeral}百千万.]+(?:元|块|万)?\?$")
"""合计补38000？"""


def benefits_meant(text: str) -> frozenset[str]:
    """那个一千块一个的, 第二个5000: the subsidies that are meant by an amount of the plan's."""
    return frozenset().union(*(_paying(match) for match in _FIGURE_MEANT.finditer(text)))


def _paying(match: re.Match[str]) -> frozenset[str]:
    """The subsidies that pay the amount that is used as a name."""
    number = next(iter(find_numbers(match["before"] or match["after"])), None)
    return _payments().get(number.value, frozenset()) if number else frozenset()


@cache
def _payments() -> Mapping[Decimal, frozenset[str]]:
    """Every amount that a subsidy pays, and the subsidies that pay it."""
    paid = [
        (figure.value, tool.id)
        for tool in catalogue().values() if tool.kind == "subsidy"
        for figure in tool.benefit.figures.values() if "元" in figure.unit
    ]
    return {value: frozenset(name for other, name in paid if other == value) for value, _ in paid}


_AMOUNT = rf"[{NUMERAL}百千万]{{2,}}"
_FIGURE_MEANT = re.compile(
    rf"(?:那|这|第[一二2]|另外那?一?|后面那?)(?:一|每)?(?:个|笔|种|份|档|人|月)*(?P<before>{_AMOUNT})(?:元|块钱?)?(?!(?!一[个人]){_AMOUNT[:-4]}|[多来几]?(?:号|名|位|人|个|年|月|岁|天|%|基数))(?:(?:一|每)个?[人月]?的)?"
    rf"|(?<!{_AMOUNT[:-4]})(?P<after>{_AMOUNT})(?:元|块钱?)?(?:(?:一个|每人|一人|每个|每)[人月]?(?=的)|(?=那(?:个|种|笔|档|份)))"
)
"""那个一千块一个的, 第二笔5000, 2000那档."""


def _blank(match: re.Match[str]) -> str:
    """Spaces of the same length, so that places in the text stay what they are."""
    return " " * len(match[0])


_NOT_BUT = regex(r"不是[^,。;?]{0,3}[{numeral}百千万]+[^,。;?\d]{0,4}[,;]?\s*(?:而)?是(?=[^,。;?]{0,3}[{numeral}百千万])")
"""不是4个，是2个: only what is is read."""


_NO_NEED = re.compile(r"(?:个人|职工|员工|单位|公司)[^,。;?]{0,12}(?:不用算|不用管|不要算|不问|不用说)")
_IS_NOT = regex(r"(?<=[个名位人月年元块万岁%\d]),?(?:而|可|并)?不是[{numeral}百千万.]+(?:个月|[个名位人年元块万岁%])")
"""是7个不是9个"""


_FIGURE = rf"[{NUMERAL}.百千万俩仨]+"
_TAKEN_BACK = re.compile(
    rf"{_FIGURE}(?P<unit>个月|个|名|人|岁|年|元|块|万|%)(?=[^,。;?\d]{{0,10}}[,。;! ]*(?:啊|哦|哎|唉)?(?:不对|不不|(?:说|讲|打|记|写)?错了|不是)[,。!; ]*(?:应该|其实|而)?(?:就)?是{_FIGURE}(?P=unit))"
)
"""3个应届生，不对，是4个: what was told first."""


PER_UNIT = regex(
    r"(?<=[训习])(?:每|一)个?人(?=(?:能|可以|是|给|有|补|得|大概|最高|最多|又)+[^,。;?\d]{0,6}(?:多少|几多|几[块百千万元]))|"
    # 一年一共 is twelve months of what was told by the month.
    r"再(?:过|等|干|开)(?:[{numeral}]{1,2})个?(?:月|年)|"
    r"(?<![招雇用请训学签习交缴营开满了期])(?:每|一)(?:个)?(?:人|月|年(?!一共|总共|合计|下来)|名|户)(?!半|各|分别|[^,。;?]{0,12}合计)(?=[^,。;?\d]{0,12}(?:多少|几多|几[块百千万元]|怎么补|补多|给多|标准))"
    r"|(?<=呢,)一个月(?=[?。]|$)"
    r"|(?<=多少钱)(?:每|一)个?(?:人|月|年|户)|(?<=[多几好]多)(?:每|一)个?(?:人|月|年|户)|(?<=多少)(?:每|一)个?(?:人|月|年|户)|(?<=补[助贴])(?:每|一)个?(?:人|月|年|户)(?![^,。;?]{0,3}\d)"
    r"|(?<=[元块])(?<![这那]块)(?:钱)?(?:每|一)个?人|(?:每|一)个?人(?=[\d ]{3,})|(?<=[\d元块])(?:每|一)个?月(?=吧|对|是|算|,|。|\?|$)"
)


def asks_per_unit(text: str) -> bool:
    """一个人多少, 见习一个月几多钱: the rate, whatever else is told."""
    return bool(PER_UNIT.search(text) or (_MONTH_OF_IT.search(text) and not _PEOPLE.search(text)))


_MONTH_OF_IT = re.compile(r"(?<=[习训])一个月(?=(?:能|可以|有|是|给|补|拿|领|得|到手|会|大概)*(?:多少|几多|好多|几[百千块钱]))")
_PEOPLE = regex(r"[{numeral}俩仨](?:个(?!月)|名|位|人)")
"""去见习一个月有几多钱 asks for the rate, 5个人见习一个月多少 for a case."""


_HEARD = regex(
    r"(?:最高|最多|封顶|上限(?:是)?|(?:直接|只要?|只用|就|应该|是不是)(?:交|缴|扣)|降|下调|减|补|给|领|拿|是|返|贷|奖|发|到|按|算|有|每月|每人|一个月|涨到|提高到)(?:了|的)?\s*(?:每人|每月|一个月|每人每月)?\s*"
    r"[{numeral},.百千万]+\s*(?:万|千)?(?:元|块钱?|%|个点)?(?:算|给)?(?![{numeral}百千万个名位人月年届])"
)


HEARD_OF = re.compile(r"真的吗|真的假的|是真的|属实|真有|靠谱|听[^,。]{0,4}(?:说|讲)|(?:干部|喇叭|邻居|朋友|同事|网上|群里|人家?|别人|隔壁|亲戚|中介|老板|他们)[^,。?\d]{0,6}(?:说|讲|传)")
"""Asks whether what others say is right."""


def later_than(text: str, as_of: date) -> list[int]:
    """The later year, or year and month, that a message asks about: 明年1月还能申请吗. Empty if there is none."""
    for m in find_mentions(text, as_of):
        if m.day and m.day > as_of and (m.precise_day or m.day.year > as_of.year):
            return [m.day.year, m.day.month] if m.precise_day else [m.day.year]
    return []


_REQUIRED = re.compile(r"(?:要|需要?|必须|至少|得)(?:有|缺|招|满|够|到|达到|超过)+$")
"""要缺两百人以上: a number that somebody holds to be asked for."""


def claims_of(text: str, reading: Reading, as_of: date) -> list[str]:
    """Amounts and shares that a person has heard of; what they told of their own case is none."""
    kinds = ("money", "percent", "number")
    told = [(start, end) for _, start, end in reading.places]
    figures = [
        f"{m.value:f}"
        for m in find_mentions(text, as_of)
        if (m.kind in kinds or (m.kind == "count" and _REQUIRED.search(text, 0, m.start)))
        and m.value > 4 and not any(start <= m.start < end for start, end in told)
    ]
    return list(dict.fromkeys(figures))
