"""Several questions in one message: 1…2…, 两个事, 另外, 还有, 顺便, or one sentence after another."""

import re
from dataclasses import dataclass

from assistant.embedded.deciding.questions import QUESTION
from assistant.embedded.patterns import regex
from assistant.embedded.phrasing.phrases import say

_NUMBER = re.compile(
    r"(?:^|(?<=[^\d.]))(?:第|其)?(?P<n>[一二三四1-4])"
    r"(?:(?:个问题|个事|点|件事)?(?:是(?!不是)|、|\.(?!\d)|\)|,|:|\s)|(?<=[1-4])(?=[\u4e00-\u9fff])(?![个名人位年月日号岁万千百块元成点家户批次级类折天周份张套份来多]))"
)
"""1. / 1、/ (一) / 一是 / 第二个问题, / 1听讲…: what numbers a question, where 2 follows 1."""
_APART = re.compile(
    r"(?<=[?。;!])|(?:,|\s|^)(?=(?:另外|还有(?!没有|吗|没|什么|啥|哪)|顺便|顺带|再问|再一个|再就是|还想(?:问|知道|了解)|也想(?:问|知道)|第二个|同时想))"
)
_LEAD = re.compile(r"^(?:另外|还有|顺便|顺带|再|一个|就是|还|也|想|我(?=想|要|请|问)|请|问|知道|了解|一?下|,|哈|啊|呢|那)+(?=[^,]{4,})")
_ANNOUNCED = re.compile(r"[,。:;]?(?:我)?(?:想|要|再)?(?:问|咨询|请教|打听)?(?:你|您|一下)?(?:两|俩|三|几|2|3)(?:个|件|样)(?:事情?|问题|东西)(?:哈|啊|呢|吧|想问|要问|问一?下)*[,。:;]?")
_SHORTEST = 4


@dataclass(frozen=True, slots=True)
class Asked:
    """The questions of a message, one by one."""

    parts: tuple[str, ...]
    listed: bool
    """Numbered, or said to be several."""
    before: str
    """What was told before the first of them."""


@dataclass(frozen=True, slots=True)
class Firm:
    """One of several firms in a message, with what is told of it and of all of them."""

    name: str
    text: str


def firms_of(text: str) -> list[Firm]:
    """甲公司4个…；乙公司6个…。都是…: what is told of each firm, with what is said before the first and of all; empty if of one alone."""
    names = list(_FIRM.finditer(text))
    if len({m["name"] for m in names}) < 2 or len({m["name"] for m in names}) < len(names):
        return []
    shared = text[: names[0].start()]
    bounds = [*(m.start() for m in names), len(text)]
    parts = [text[start:end] for start, end in zip(bounds, bounds[1:], strict=False)]
    last, *others = re.split(r"(?<=[。;])|,(?=(?:两家|都|全|均|合同|人))", parts[-1])
    parts[-1] = last
    told = [part.strip(",。; ") for part in parts]
    if not all(re.search(r"\d|[一二两三四五六七八九十俩仨](?:个|名|人|位|万|千)|[俩仨]", part) for part in told):
        return []
    before, after = shared.strip(",。; "), [other.strip(",。; ") for other in others if other]
    return [Firm(m["name"].upper(), ",".join((before, part, *after))) for m, part in zip(names, told, strict=True)]


_FIRM = regex(r"(?:(?<=[,。;:!? ])|^)(?P<name>(?:[甲乙丙丁]|(?<![a-z])[abcd])(?:公司|厂|单位|企业|家|基地)|第[一二三]家(?:公司|厂|单位|企业)?|(?:集团)?(?:总部|本部)|(?:集团)?母公司|(?:下面的?)?(?:子|分)公司|(?:另|还有)?外?一家(?:公司|厂|单位|企业)?(?=[{numeral}俩仨招来有]))")


@dataclass(frozen=True, slots=True)
class Supposed:
    """One of several ways in which a case may turn out, as the message tells it."""

    name: str
    text: str


def supposed_in(text: str) -> list[Supposed]:
    """…留用7个的话补贴多少？只留5个又是多少: the case, and what is supposed instead; empty if only one case is asked about."""
    parts = [part for part in re.split(r"(?<=[?。;!])", text) if part.strip(" ?。;!")]
    later = next((i for i, part in enumerate(parts) if i and _OTHERWISE.match(part)), 0)
    if not later or not _HOW_MUCH.search("".join(parts[:later])) or not all(_OTHERWISE.match(part) for part in parts[later:]):
        return []
    told = ["".join(parts[:later]), *parts[later:]]
    asked = re.split(r"[,。;]", told[0].strip(" ?。;!"))[-1]
    first = _HOW_MUCH.split(asked)[0]
    names = [first if _NUMBERED.search(first) else say("as_told"), *(_SUPPOSED.sub("", re.split(r"[,。;?!]", part)[0]) for part in parts[later:])]
    return [Supposed(_HOW_MUCH.split(name)[0], part) for name, part in zip(names, told, strict=True)]


_NUMBERED = regex(r"[{numeral}]")
_SUPPOSED = re.compile(r"^(?:那么?|又)?(?:要是|如果|假如|万一|若是?)|(?:的话)?呢$")
_HOW_MUCH = re.compile(r"(?:的话|的时候|补贴|补助|总共|一共|合计|能|可以|领|拿|又|呢|就|该|应该|得|是|有|补|返|到)*(?:多少|几多|好多|几钱)")
_OTHERWISE = regex(r",?(?:那么?|又)?(?:要是|如果|假如|万一|若是?|换成|改成|(?:只|就|仅)(?:有|留|招|签|交|请|剩)?)(?=[^。?;]{0,20}[{numeral}])(?=[^。?;]{0,30}(?:多少|几多|好多|几钱|呢))")


def questions_of(text: str) -> Asked:
    """The parts of a text in normal form that ask something each; one part if it asks but one thing."""
    numbers = _numbering(text)
    announced = _ANNOUNCED.search(text)
    if numbers:
        bounds = [*numbers, (len(text), len(text))]
        before = _ANNOUNCED.sub(",", text[: numbers[0][0]]).strip(" ,。:;(")
        parts = [text[end : start] for (_, end), (start, _) in zip(bounds, bounds[1:], strict=False)]
        parts = [piece for part in parts for piece in _apart(part)]
        return Asked(tuple(parts), True, before)
    if announced:
        rest = text[announced.end() :]
        pieces = _apart(rest)
        if len(pieces) < 2:
            pieces = [p for p in rest.split(",") if len(p) > _SHORTEST] if rest.count(",") == 1 else pieces
        return Asked(tuple(pieces), True, text[: announced.start()].strip(" ,。:;"))
    return Asked(tuple(_apart(text)), False, "")


def _numbering(text: str) -> list[tuple[int, int]]:
    """Where 1, 2, 3 stand, in this order; empty if they do not."""
    found: list[tuple[int, int]] = []
    for m in _NUMBER.finditer(text):
        value = "一二三四".find(m["n"]) + 1 or int(m["n"])
        if value == len(found) + 1:
            found.append(m.span())
    return found if len(found) > 1 else []


def _apart(text: str) -> list[str]:
    """Sentences; what asks nothing (我妈八十岁了) belongs to the question after it."""
    parts: list[str] = []
    told = ""
    for piece in _APART.split(text):
        words = piece.strip(" ,:(?。;!")
        if not words:
            continue
        told = f"{told},{words}" if told else words
        if len(told) > _SHORTEST and QUESTION.search(piece):
            parts.append(_LEAD.sub("", told))
            told = ""
    if told and parts:
        parts[-1] += f",{told}"
    elif told:
        parts.append(told)
    return parts
