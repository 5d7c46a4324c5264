"""The figure check: no figure leaves the house that a calculation, a quotation or the person did not supply.

It reads replies as text and knows no model. A figure is a value with a unit and a role; it is traced when a
source has the same value in the same unit and may play that role. Money that a person is told they receive must
come from a calculation or the plan, never from their own words; a ceiling must be called one (最高).
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Literal

from corpus import load_plan
from corpus.numerals import Number, find_numbers, parse_chinese
from corpus.text import normalise

Role = Literal["claim", "total", "mention"]
"""claim: money somebody receives or pays; total: a sum of it; mention: everything else."""
Unit = Literal["元", "人", "月", "岁", "%", "条", "日期", "天", "倍", "号码", ""]

_UNITS: tuple[tuple[Unit, str], ...] = (
    ("元", r"万?(?:元|块钱?|圆|rmb)|万(?!人|个|名)"),
    ("月", r"个?月(?![底份初\d])|年(?![底度级内]?\d)|个?季度|年半"),
    ("岁", r"周?岁"),
    ("天", r"天|个?工作日|日(?!期)|小时|分钟|个?星期|周"),
    ("人", r"(?:个|多|余)?(?:人|员工|职工)|名|位|人次|户|家|个(?!百分|月|季|工作日|星期|方面|行动|点|问题|步骤|条件|部分|环节|险|等级|阶段|公式)"),
    ("倍", r"倍"),
    ("条", r"条(?!件)"),
)
_DATE = re.compile(
    r"(?P<y>\d{4})\s*[年\-/.]\s*(?:(?P<m>1[0-2]|0?[1-9])\s*[月\-/.]\s*(?:(?P<d>3[01]|[12]\d|0?[1-9])\s*[日号]?|(?P<end>底))?)?年?"
    r"|(?<!\d)(?P<m2>1[0-2]|0?[1-9])月(?P<d2>3[01]|[12]\d|0?[1-9])[日号]"
)
_CLAUSE = re.compile(r"第?\(([一二三四五六七八九十]+)\)(?:条|$)?|第([一二三四五六七八九十]+|\d+)条")
_PHONE = re.compile(r"(?<![\d.,])(?:\d{3,4}-\d{7,8}|1[3-9]\d{9}|\d{5,6}(?=热线|电话)|(?:电话|热线|拨打|致电|联系)[^\d]{0,6}\d{3,12})(?![\d.,])")
_LIST_NUMBER = re.compile(r"(?:^|\n)\s*(?:[-*>#]*\s*)?(?:\d{1,2}[.、)]|[一二三四五六七八九十]{1,2}[、.](?=\D)|\(\d{1,2}\))\s*")
_IDIOM = re.compile(
    r"一次性|一般|一定|一下|一起|一样|一直|一些|一旦|一并|一对一|一企一策|一站式|一卡通|统一|唯一|同一|万一|千万(?=别|不|要)|十分|"
    r"第[一二三四五六七八九十\d]+(?:步|点|种|类|次|项|名员工|档|个问题)|[一二两三四五六七八九十几]+(?:项|种|类|步|点|方面|者|方|档|部分|句|边|层|样|险|金|份|遍|道|起|口)|"
    r"四个明确|五大行动|三方|两者|二者|半|零工|百校|千企|百联|八级工|1\+19|10\+n|24小时内?"
)
_CLAIM = re.compile(
    r"(?:可|能|会|应|将|就|共|得|给|您|你|再|还)?(?:以)?(?:领取?|拿到?|享受|获得|得到|补贴|补助|奖励|发放|返还?|退还?|贷款?|资助|补|发|给|收到|到手|缴纳?|交)"
)
_TOTAL = re.compile(r"一共|总共|合计|共计|总计|总额|加起来|共(?=可|能|领|补)")
_NEGATED = re.compile(r"(?:不是|并非|而不是|没有|不等于|不能?领|不会?给|不能?按|无法|说的|听说的?|提到的|所说的?)[^,。;!?]{0,10}$")
_CAPPED = re.compile(r"[×=]|最高|上限|不超过|至多|最多|封顶|以内|之间|上浮后")
_ENDED = re.compile(r"到期|过期|有效期|期限|截止|结束|已止|不再|如果|假如|没有开始")
_STOPS = re.compile(r"[。!?;\n]")


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure in a text: its value in base units (元, 月, %), its unit and the role it plays."""

    value: Decimal
    unit: Unit
    role: Role
    start: int
    end: int
    text: str


@dataclass
class Evidence:
    """Where figures may come from."""

    calculated: set[tuple[Decimal, Unit]] = field(default_factory=set)
    """Results and steps of calculations in force."""
    capped: set[tuple[Decimal, Unit]] = field(default_factory=set)
    """Ceilings: to be called 最高."""
    ended: set[tuple[Decimal, Unit]] = field(default_factory=set)
    """What would have been due: to be told with the end of the period."""
    quoted: set[tuple[Decimal, Unit]] = field(default_factory=set)
    """Quoted sentences of the plan, and its conditions and periods."""
    said: set[tuple[Decimal, Unit]] = field(default_factory=set)
    """The person's own words."""
    clauses: set[int] = field(default_factory=set)

    def traces(self, figure: Figure, sentence: str) -> bool:
        """Whether a figure has a source that may stand in its place."""
        if figure.unit == "条":
            return int(figure.value) in self.clauses or self._among(figure, self.said)
        if figure.role == "total":
            return self._among(figure, self.calculated) or self._qualified(figure, sentence)
        if self._among(figure, self.calculated) or self._among(figure, self.quoted):
            return True
        if self._qualified(figure, sentence):
            return True
        return figure.role == "mention" and self._among(figure, self.said)

    def _qualified(self, figure: Figure, sentence: str) -> bool:
        if self._among(figure, self.capped) and _CAPPED.search(sentence):
            return True
        return self._among(figure, self.ended) and _ENDED.search(sentence) is not None

    @staticmethod
    def _among(figure: Figure, known: set[tuple[Decimal, Unit]]) -> bool:
        if (figure.value, figure.unit) in known:
            return True
        # A bare number is the same figure whatever unit it was given with; a unit is never made up.
        if figure.unit == "":
            return figure.role == "mention" and any(value == figure.value for value, _ in known)
        return figure.role == "mention" and figure.unit not in ("元", "%") and (figure.value, "") in known


def find_figures(text: str) -> list[Figure]:
    """All figures of a reply, idioms (一次性, 三项保险) and list numbers left out."""
    plain = normalise_lines(text)
    hidden = [(m.start(), m.end()) for m in _LIST_NUMBER.finditer(plain)]
    found: list[Figure] = []

    def free(start: int, end: int) -> bool:
        return all(end <= a or start >= b for a, b in hidden)

    for finder in (_phones, _clauses, _dates):
        for figure in finder(plain):
            if free(figure.start, figure.end):
                found.append(figure)
                hidden.append((figure.start, figure.end))
    hidden += [(m.start(), m.end()) for m in _IDIOM.finditer(plain)]
    found += [_figure(plain, number) for number in find_numbers(plain) if free(number.start, number.end)]
    return sorted((f for f in found if not _trivial(f)), key=lambda f: f.start)


def ungrounded(text: str, evidence: Evidence) -> list[Figure]:
    """The figures of a reply that no source bears out."""
    plain = normalise_lines(text)
    # Once a reply says that the period is over, what it would have been may follow in sentences of its own.
    over = "到期" if _ENDED.search(plain) else ""
    return [f for f in find_figures(text) if not evidence.traces(f, _sentence(plain, f) + over)]


def strike(text: str, figures: Sequence[Figure]) -> str:
    """The text without the sentences that hold figures nobody can trace; empty if nothing is left."""
    kept = []
    for part in re.split(r"(?<=[。！？!?；;\n])", text):
        if not any(f.text in normalise_lines(part) for f in figures):
            kept.append(part)
    return "".join(kept).strip()


def normalise_lines(text: str) -> str:
    """Normal form line by line, Markdown emphasis removed."""
    return "\n".join(normalise(line.replace("**", "").replace("`", "")) for line in text.split("\n"))


def gather(artifacts: Iterable[Mapping[str, Any]], said: Iterable[str], as_of: str = "") -> Evidence:
    """The evidence of a turn: what its tools returned, and what the person has said in the conversation."""
    evidence = Evidence()
    plan = load_plan()
    evidence.quoted.add((Decimal(len(plan.clauses)), "条"))
    for text in said:
        evidence.said |= {(f.value, f.unit) for f in find_figures(text)}
    if as_of:
        evidence.quoted |= {(f.value, f.unit) for f in find_figures(as_of)}
    for artifact in artifacts:
        _gather(artifact, evidence)
    evidence.clauses |= {len(plan.clauses)}
    return evidence


def _gather(artifact: Mapping[str, Any], evidence: Evidence) -> None:
    kind = artifact.get("type")
    if kind == "calculation":
        _gather_calculation(artifact, evidence)
    elif kind == "screening":
        for group in ("due", "open", "not", "ended"):
            for row in artifact.get(group, []):
                _gather_calculation(row, evidence)
    elif kind == "standard":
        texts = [f"{f['label']}{f['text']}" for f in artifact["figures"]] + artifact["conditions"] + artifact["notes"]
        evidence.quoted |= _of(*texts, artifact["summary"], *artifact["open_points"])
        _gather_sources(artifact, evidence)
    elif kind == "clauses":
        for hit in artifact["hits"]:
            evidence.clauses.add(hit["clause"])
            evidence.quoted |= _of(*hit["sentences"])
    elif kind in ("invalid", "error"):
        evidence.quoted |= _of(str(artifact.get("message", "")))


def _gather_calculation(result: Mapping[str, Any], evidence: Evidence) -> None:
    money = evidence.calculated if result["in_force"] else evidence.ended
    for name in ("amount", "low", "high"):
        if result.get(name) is not None:
            money.add((Decimal(str(result[name])), "元"))
    if result.get("if_in_force") is not None:
        evidence.ended.add((Decimal(str(result["if_in_force"])), "元"))
    if result.get("ceiling") is not None:
        evidence.capped.add((Decimal(str(result["ceiling"])), "元"))
    steps = _of(*result["steps"])
    if result.get("ceiling") is not None:
        # A step of a ceiling is a ceiling too; what is counted (人, 月, %) is not.
        evidence.capped |= {pair for pair in steps if pair[1] == "元"}
        evidence.calculated |= {pair for pair in steps if pair[1] != "元"}
    else:
        money |= {pair for pair in steps if pair[1] == "元"}
        evidence.calculated |= {pair for pair in steps if pair[1] != "元"}
    for extra in (*result.get("changes", ()), *result.get("alternatives", ())):
        for name in ("amount", "ceiling"):
            if extra.get(name) is not None:
                (evidence.capped if name == "ceiling" else money).add((Decimal(str(extra[name])), "元"))
        money |= _of(extra.get("label", ""), extra.get("condition", ""), *extra.get("steps", ()))
    texts = [*result.get("notes", ()), *result.get("assumptions", ()), *result.get("open_points", ())]
    texts += [reason for line in result.get("lines", ()) for reason in (*line["reasons"], line["label"])]
    texts += [text for condition in result["conditions"] for text in _labels(condition)]
    evidence.quoted |= _of(*texts)
    evidence.said |= _of(*(str(value) for value in _leaves(result["facts"])))
    for line in result.get("lines", ()):
        if line.get("amount") is not None:
            (evidence.capped if line["ceiling"] else money).add((Decimal(str(line["amount"])), "元"))
    _gather_sources(result, evidence)


def _gather_sources(result: Mapping[str, Any], evidence: Evidence) -> None:
    for citation in result["citations"]:
        evidence.clauses.add(citation["clause"])
        evidence.quoted |= _of(citation["quote"])
    for window in result["windows"]:
        evidence.quoted |= _of(window["quote"], *(day for day in (window["valid_from"], window["valid_until"]) if day))


def _labels(condition: Mapping[str, Any]) -> Iterator[str]:
    yield condition["label"]
    yield condition.get("have", "")
    for child in condition.get("children", ()):
        yield from _labels(child)


def _leaves(value: Any) -> Iterator[Any]:
    if isinstance(value, Mapping):
        for inner in value.values():
            yield from _leaves(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _leaves(inner)
    else:
        yield value


def _of(*texts: str) -> set[tuple[Decimal, Unit]]:
    return {(f.value, f.unit) for text in texts if text for f in find_figures(text)}


def _phones(text: str) -> Iterator[Figure]:
    for m in _PHONE.finditer(text):
        digits = re.sub(r"\D", "", m.group())
        yield Figure(Decimal(digits), "号码", "mention", m.start(), m.end(), m.group())


def _clauses(text: str) -> Iterator[Figure]:
    for m in _CLAUSE.finditer(text):
        numeral = m[1] or m[2]
        value = Decimal(numeral) if numeral.isdigit() else parse_chinese(numeral)
        if value is not None:
            yield Figure(value, "条", "mention", m.start(), m.end(), m.group())


def _dates(text: str) -> Iterator[Figure]:
    """A date is one figure, year, month and day together; 12月底 is the month's last day."""
    for m in _DATE.finditer(text):
        year, month = int(m["y"] or 0), int(m["m"] or m["m2"] or 0)
        if m["y"] and not 1900 < year < 2100:
            continue
        if m["y"] and not m["m"] and "年" not in m.group():
            continue
        last = {2: 28, 4: 30, 6: 30, 9: 30, 11: 30}.get(month, 31)
        day = last if m["end"] else int(m["d"] or m["d2"] or 0)
        yield Figure(Decimal(year * 10000 + month * 100 + day), "日期", "mention", m.start(), m.end(), m.group())


def _figure(text: str, number: Number) -> Figure:
    if number.percent:
        return Figure(number.value, "%", _role(text, number.start, number.end, "%"), number.start, number.end, number.text)
    rest = text[number.end :]
    for unit, pattern in _UNITS:
        m = re.match(rf"\s*(?:{pattern})", rest)
        if m:
            value, end = number.value, number.end + m.end()
            if unit == "元" and "万" in m.group():
                value *= 10_000
            if unit == "月":
                value *= 12 if "年" in m.group() else 3 if "季" in m.group() else 1
            return Figure(value, unit, _role(text, number.start, end, unit), number.start, end, text[number.start : end])
    return Figure(number.value, "", _role(text, number.start, number.end, ""), number.start, number.end, number.text)


def _role(text: str, start: int, end: int, unit: Unit) -> Role:
    """What a figure is used for, by the words of its part of the sentence before it."""
    before = re.split(r"[,。;!?\n:]", text[:start])[-1]
    if unit not in ("元", "") or _NEGATED.search(before):
        return "mention"
    if unit == "" and not re.search(r"(?:领|拿|补|返|贷|给|得|奖)(?:到|取|还)?(?:约|大约|共)?$", before.strip()):
        return "mention"
    if _TOTAL.search(before):
        return "total"
    return "claim" if _CLAIM.search(before) else "mention"


def _trivial(figure: Figure) -> bool:
    """One person, one month: a unit, no figure (每1人, 一个人); 0 people or months."""
    return figure.value == 1 and figure.unit in ("人", "月", "", "天")


def _sentence(text: str, figure: Figure) -> str:
    start = max((m.end() for m in _STOPS.finditer(text, 0, figure.start)), default=0)
    stop = _STOPS.search(text, figure.end)
    return text[start : stop.start() if stop else len(text)]
