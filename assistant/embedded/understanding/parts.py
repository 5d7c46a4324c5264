"""Amounts told for one insurance after another, and whose share each is: 养老单位23000个人11500，医保9000，失业600."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from assistant.embedded.understanding.groups import Item, segment_around
from assistant.embedded.understanding.mentions import Mention
from assistant.embedded.understanding.words import pattern

_INSURANCE = r"(?:(?:企业)?职工|城镇)?(?:基本)?(?P<insurance>养老|医疗|医保|失业|工伤|生育)(?:保险|险)?费?"
_PAYS = r"(?:这边|那边|部分|那份|每个?月|每人|一个月|实际|要|应|得|也|都|只)*"
_PAYING = rf"(?={_PAYS}(?:[交缴出付掏扣:]|承担|负担|部分|那|的|养老|医|失业|工伤|基本|\s*\d|[一二两三四五六七八九十]))"
"""What follows whoever pays; 我们是中小微企业 tells of nobody's share."""
_TOKEN = re.compile(
    rf"{_INSURANCE}"
    r"|(?P<object>[给替为帮][^,。;\d]{0,4}(?:员工|职工|工人|个人)们?)"
    rf"|(?P<employer>(?:单位|公司|企业|老板|厂里?){_PAYING})"
    rf"|(?P<employee>(?<![\d一二两三四五六七八九十几俩仨])(?:个人|职工|员工|工人|自己|本人){_PAYING}|扣|掏)"
)
_TO_AMOUNT = re.compile(
    r"(?:保险|险|费|每个?月|每人|一个月|月|要|交|缴|扣|出|了|的|是|还?有|各|部分|单独|分别|依次|实缴|[这那][块份边]|元|[:+\s])*"
)
_BESIDE = re.compile(r"(?:保险|险|费|[、,和及与加+/\s])*")
"""Between the names or the amounts of a list."""
_TOGETHER = re.compile(r"[^,。;\d]{0,10}")
_SAME_PAYMENT = re.compile(r"(?:元|块钱?)?[,、\s]?")


_DISTRIBUTED = re.compile(r"[^。;\d]{0,16}")
"""Between several names and as many amounts: 养老医疗失业都交着，每月扣的是320、80、20."""


@dataclass(frozen=True, slots=True)
class Part:
    """An amount of one insurance, or of several together; ``payer`` is 单位, 职工 or empty where that is not told."""

    insurances: tuple[str, ...]
    payer: str
    mention: Mention
    start: int
    """Where the insurance was named."""


def find_parts(mentions: Sequence[Mention], text: str) -> list[Part]:
    """The amounts that stand beside the insurance they are paid for, from left to right.

    As many amounts as names before them go to those in turn (养老、医疗、失业分别是320、80、20); one amount after
    several names is their sum.
    """
    amounts = [m for m in mentions if m.kind in ("number", "money")]
    parts: list[Part] = []
    named: list[re.Match[str]] = []
    payer, beside, apart = "", "", False
    end = 0
    for token in _tokens(text, amounts):
        if isinstance(token, Mention):
            if any(part.mention is token for part in parts):
                continue
            row = _row_from(token, amounts, text)
            names = [_name(m) for m in named]
            near = named and _TO_AMOUNT.fullmatch(text, end, token.start) is not None
            if len(named) > 1 and len(row) == len(named) and _DISTRIBUTED.fullmatch(text, end, token.start):
                parts += [Part((name,), payer, m, named[0].start()) for name, m in zip(names, row, strict=True)]
            elif near and len(named) == 1:
                parts.append(Part((names[0],), payer, token, named[0].start()))
            elif len(named) > 1 and _TOGETHER.fullmatch(text, end, token.start):
                parts.append(Part(tuple(names), payer, token, named[0].start()))
            else:
                named = []
                continue
            apart = beside == "payer" and len(named) == 1
            beside, end = "amount", parts[-1].mention.end
            continue
        if token["insurance"]:
            joined = beside == "insurance" and _BESIDE.fullmatch(text, end, token.start())
            named = [*named, token] if joined else [token]
            beside, end = "insurance", token.end()
        elif not token["object"]:
            payer = "单位" if token["employer"] else "职工"
            if beside == "insurance" and len(named) > 1:
                continue  # 养老医疗失业都交着, 每月扣…
            same = beside == "insurance" and _TO_AMOUNT.fullmatch(text, end, token.start())
            other = beside == "amount" and apart and _SAME_PAYMENT.fullmatch(text, end, token.start())
            named, beside = (named, "payer") if same or other else ([], "")
            end = token.end()
    return parts


def paid_by_other(mention: Mention, payer: str, text: str) -> bool:
    """个人部分养老还有9千: whose share it is is told in its part of the sentence, and it is not this payer's."""
    left, _ = segment_around(text, mention)
    told = [m for m in _TOKEN.finditer(text, left) if m.end() <= mention.start and (m["employer"] or m["employee"])]
    return bool(told) and (payer == "单位") != (told[-1]["employer"] is not None)


def _name(match: re.Match[str]) -> str:
    return "医疗" if match["insurance"] == "医保" else match["insurance"]


def _tokens(text: str, amounts: Sequence[Mention]) -> Iterator[re.Match[str] | Mention]:
    words = [m for m in _TOKEN.finditer(text) if not any(a.start < m.end() and m.start() < a.end for a in amounts)]
    tokens: list[re.Match[str] | Mention] = [*words, *amounts]
    yield from sorted(tokens, key=lambda token: token.start if isinstance(token, Mention) else token.start())


def _row_from(first: Mention, amounts: Sequence[Mention], text: str) -> list[Mention]:
    """The amounts that follow each other with nothing but a comma between: 320、80、20."""
    row = [first]
    for amount in amounts:
        if amount.start >= row[-1].end and re.fullmatch(r"(?:元|块钱?)?[、,和加+/\s]", text[row[-1].end : amount.start]):
            row.append(amount)
    return row


def read_parts(
    mentions: Sequence[Mention], facts: Sequence[str], text: str
) -> tuple[list[Item], list[Mention], list[Mention]]:
    """Each part as its own fact of a calculator, the quantities that are left to read, and which of these are sums.

    Other insurances' amounts and the other payer's share are nothing that the calculator asks for. One that asks for
    the sum of the employer's parts alone gets that as one quantity.
    """
    own = {(pattern(fact).paid_by, pattern(fact).insurance): fact for fact in facts if pattern(fact).insurance}
    parts = find_parts(mentions, text)
    sums = [part.mention for part in parts if len(part.insurances) > 1]
    parts = [part for part in parts if len(part.insurances) == 1]
    if not own:
        return [], _summed(parts, mentions) if "employer_monthly" in facts else list(mentions), sums
    items = []
    for part in parts:
        for payer in {payer for payer, _ in own if part.payer in ("", payer)}:
            fact = own.get((payer, part.insurances[0]))
            needs = pattern(fact).needs if fact else None
            if fact and (part.payer or not needs or needs.search(text)):
                items.append(Item(fact, f"{part.mention.value:f}", part.mention.start, part.mention.end, 12))
    if not items and not any(part.payer for part in parts):
        return [], list(mentions), sums
    read = [part.mention for part in parts]
    return items, [m for m in mentions if m not in read], sums


def _summed(parts: Sequence[Part], mentions: Sequence[Mention]) -> list[Mention]:
    """单位每月养老640、医保300、失业20、工伤8: what an employer pays for somebody, as one amount."""
    theirs = [part for part in parts if part.payer != "职工"]
    if len(theirs) < 2 or len({part.insurances for part in theirs}) < len(theirs):
        return list(mentions)
    first, last = theirs[0], theirs[-1].mention
    total = sum((part.mention.value for part in theirs), Decimal(0))
    whole = replace(first.mention, kind="money", value=total, start=first.start, end=last.end)
    read = [part.mention for part in parts]
    return [whole if m is first.mention else m for m in mentions if m is first.mention or m not in read]
