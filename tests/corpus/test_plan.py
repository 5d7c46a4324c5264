import hashlib
import re
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus import Plan, PlanFormatError, chinese_numeral, clause_label, load_plan
from corpus.plan import FOLDER, METADATA_NAME, TEXT_NAME, read_plan

TEXT = (FOLDER / TEXT_NAME).read_text("utf-8")
METADATA = (FOLDER / METADATA_NAME).read_text("utf-8")
HEADINGS = [
    line
    for line in TEXT.splitlines()
    if re.match(r"（[一二三四五六七八九十]+）|[一二三四五六七八九十]+、", line)
]


@pytest.fixture
def plan() -> Plan:
    return load_plan()


def parse(folder: Path, text: str = TEXT, metadata: str = METADATA) -> Plan:
    (folder / TEXT_NAME).write_text(text, "utf-8")
    (folder / METADATA_NAME).write_text(metadata, "utf-8")
    return read_plan(folder)


def failure(folder: Path, text: str = TEXT, metadata: str = METADATA) -> str:
    with pytest.raises(PlanFormatError) as caught:
        parse(folder, text, metadata)
    message = str(caught.value)
    assert "\n" not in message
    return message


def test_the_text_is_the_published_one() -> None:
    digest = hashlib.sha256((FOLDER / TEXT_NAME).read_bytes()).hexdigest()
    assert digest == "828ea80a543fe11325c6c3173898a1c670a88a8582eed13ccc580e3760e2b7f3"


def test_five_actions_and_22_clauses(plan: Plan) -> None:
    assert [action.number for action in plan.actions] == [1, 2, 3, 4, 5]
    assert [clause.number for clause in plan.clauses] == list(range(1, 23))
    assert [action.clauses[0].number for action in plan.actions] == [1, 7, 14, 17, 20]
    assert plan.clause(1).title == "加强企业吸纳就业政策支持"
    assert plan.clause(22).title == "强化宣传推介引导"
    assert plan.preamble.startswith("为落实自治区党委") and plan.preamble.endswith("制定如下行动方案。")


def test_every_piece_is_a_slice_of_the_source(plan: Plan) -> None:
    assert plan.text == TEXT
    for clause in plan.clauses:
        assert TEXT[clause.start : clause.end] == clause.text
        heading = TEXT[clause.heading_start : clause.start]
        assert heading == f"（{clause.numeral}）{clause.title}。"
    for sentence in plan.sentences:
        assert TEXT[sentence.start : sentence.end] == sentence.text
        assert sentence.text.endswith("。") and "\n" not in sentence.text


def test_sentences_tile_their_clause(plan: Plan) -> None:
    for clause in plan.clauses:
        ends = [clause.start, *(sentence.end for sentence in clause.sentences)]
        assert [sentence.start for sentence in clause.sentences] == ends[:-1]
        assert ends[-1] == clause.end
        assert {(s.clause, s.heading) for s in clause.sentences} == {(clause.number, clause.title)}


def test_clauses_leave_nothing_of_the_body_out(plan: Plan) -> None:
    covered = "".join(TEXT[clause.heading_start : clause.end] for clause in plan.clauses)
    headings = "".join(f"{chinese_numeral(action.number)}、{action.title}" for action in plan.actions)
    whole = re.sub(r"\s", "", TEXT)
    assert sorted(re.sub(r"\s", "", plan.title + plan.preamble + headings + covered)) == sorted(whole)


@given(st.data())
def test_any_slice_of_a_clause_is_found_as_a_quote(data: st.DataObject) -> None:
    plan = load_plan()
    clause = data.draw(st.sampled_from(plan.clauses))
    start = data.draw(st.integers(clause.start, clause.end - 1))
    end = data.draw(st.integers(start + 1, clause.end))
    span = plan.find_quote(clause.number, TEXT[start:end])
    assert span is not None
    assert TEXT[slice(*span)] == TEXT[start:end] and clause.heading_start <= span[0] and span[1] <= clause.end


def test_a_quote_of_another_clause_or_in_other_words_is_not_found(plan: Plan) -> None:
    assert plan.find_quote(1, "按每招用1人1500元的标准发放一次性扩岗补助") is not None
    assert plan.find_quote(2, "按每招用1人1500元的标准发放一次性扩岗补助") is None
    assert plan.find_quote(1, "按每招用1人2500元的标准发放一次性扩岗补助") is None
    assert plan.find_quote(1, "") is None


@pytest.mark.parametrize("number", [0, 23, -1])
def test_a_clause_that_does_not_exist(plan: Plan, number: int) -> None:
    with pytest.raises(LookupError, match="没有第"):
        plan.clause(number)


@pytest.mark.parametrize(
    ("number", "numeral"), [(1, "一"), (10, "十"), (14, "十四"), (20, "二十"), (22, "二十二")]
)
def test_numerals(number: int, numeral: str) -> None:
    assert chinese_numeral(number) == numeral
    assert clause_label(number) == load_plan().clause(number).label == f"第（{numeral}）条"


def test_stated_periods(plan: Plan) -> None:
    assert [(p.clause, p.kind, p.until) for p in plan.periods] == [
        (1, "validity", date(2025, 12, 31)),
        (2, "validity", date(2025, 12, 31)),
        (3, "application", date(2025, 12, 31)),
        (14, "validity", date(2025, 12, 31)),
    ]
    assert all(plan.find_quote(period.clause, period.quote) for period in plan.periods)
    assert plan.periods_of(5) == ()
    assert plan.published == date(2025, 8, 25)


@pytest.mark.parametrize("heading", HEADINGS, ids=lambda line: str(line)[:6])
def test_a_missing_heading_is_named(tmp_path: Path, heading: str) -> None:
    message = failure(tmp_path, TEXT.replace(heading + "\n", ""))
    assert "缺少" in message or "顺序" in message or "应有" in message
    name = re.match(r"（(.+?)）|(.+?)、", heading)
    assert name is not None
    assert (f"第（{name[1]}）条" if name[1] else f"第{name[2]}项行动") in message


@pytest.mark.parametrize("heading", HEADINGS, ids=lambda line: str(line)[:6])
def test_a_doubled_heading_is_named(tmp_path: Path, heading: str) -> None:
    assert "2 次" in failure(tmp_path, TEXT.replace(heading, f"{heading}\n\n{heading}"))


def test_two_clauses_in_the_wrong_order(tmp_path: Path) -> None:
    eight = next(line for line in HEADINGS if line.startswith("（八）"))
    nine = next(line for line in HEADINGS if line.startswith("（九）"))
    swapped = TEXT.replace(eight, "@").replace(nine, eight).replace("@", nine)
    assert "第（九）条顺序不对，此处应为第（八）条" in failure(tmp_path, swapped)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("（五）完善", "完善", "既不是行动标题也不是条款"),
        ("二、实施人才", "实施人才", "既不是行动标题也不是条款"),
        ("（五）", "（五五）", "不是规范的数字"),
        ("（二十二）", "（二十三）", "缺少第（二十二）条"),
        ("全面优化人社领域营商环境服务壮大实体经济\n", "别的方案\n", "标题与 plan.yaml 不一致"),
        ("制定如下行动方案。", "制定如下行动方案。\n\n另有一段。", "只有一段前言"),
        ("缓缴期间免收滞纳金。上述政策执行期限至2025年12月底。", "缓缴期间免收滞纳金", "不以句号结尾"),
        ("至2025年12月底。2025年，全区", "至2026年12月底。2025年，全区", "期限引文不在第（二）条里"),
        ("及时总结", "至2026年6月底。及时总结", "漏了第（二十二）条写明的期限：2026年6月底"),
    ],
)
def test_a_changed_text(tmp_path: Path, old: str, new: str, says: str) -> None:
    changed = TEXT.replace(old, new, 1)
    assert changed != TEXT and says in failure(tmp_path, changed)


def test_a_clause_under_the_wrong_action(tmp_path: Path) -> None:
    seven = next(line for line in HEADINGS if line.startswith("（七）"))
    moved = TEXT.replace(seven + "\n\n", "").replace("二、实施人才", f"{seven}\n\n二、实施人才")
    assert "第一项行动应有 6 条，现有 7 条" in failure(tmp_path, moved)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("until: 2025-12-31", "until: 2026-12-31", "与引文不符"),
        ("clause: 14", "clause: 13", "不在第（十三）条里"),
        ("clause: 14", "clause: 40", "不存在的第 40 条"),
        ("published: 2025-08-25", "published: 去年", "published"),
        ("periods:", "periods: [", "不是有效的 YAML"),
        ("issuer:", "publisher:", "issuer"),
    ],
)
def test_wrong_metadata(tmp_path: Path, old: str, new: str, says: str) -> None:
    assert says in failure(tmp_path, metadata=METADATA.replace(old, new, 1))


def test_no_plan_at_all(tmp_path: Path) -> None:
    with pytest.raises(PlanFormatError, match="读不到行动方案"):
        read_plan(tmp_path)
    assert "没有行动标题" in failure(tmp_path, "随便一段话。\n")
