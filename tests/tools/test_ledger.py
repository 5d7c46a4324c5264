"""No number of the plan is overlooked, and no reason outlives its number."""

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from corpus import load_plan
from tools import ledger as module
from tools.ledger import Entry, LedgerError, ledger, main, render, stale
from tools.parameters import benefit_names, load_benefit


def entry(clause: int, text: str, context: str = "") -> Entry:
    return next(e for e in ledger() if e.clause == clause and e.text == text and context in e.context)


@pytest.fixture
def reasons(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A copy of the reasons that a test may change."""
    path = tmp_path / "ledger.yaml"
    path.write_text(module.REASONS.read_text("utf-8"), "utf-8")
    monkeypatch.setattr(module, "REASONS", path)
    module._reasons.cache_clear()
    yield path
    module._reasons.cache_clear()


def test_every_number_is_accounted_for() -> None:
    missing = [f"第{e.clause}条 …{e.context}…" for e in ledger() if not e.accounted]
    assert not missing, "没有参数也没有理由：" + "；".join(missing)


def test_no_reason_is_out_of_date() -> None:
    assert stale() == ()


def test_every_parameter_stands_in_the_ledger() -> None:
    held = {name for e in ledger() for name in e.held_by}
    for name in benefit_names():
        for figure in load_benefit(name).figures:
            assert f"{name}.{figure}" in held


def test_entries_are_slices_of_the_plan_in_order() -> None:
    text, entries = load_plan().text, ledger()
    assert all(text[e.start : e.end] == e.text and e.text in e.context for e in entries)
    assert all(a.end <= b.start for a, b in pairwise(entries))


def test_every_digit_of_the_clauses_is_in_an_entry() -> None:
    plan = load_plan()
    covered = {place for e in ledger() for place in range(e.start, e.end)}
    for clause in plan.clauses:
        for place in range(clause.start, clause.end):
            assert place in covered or not plan.text[place].isdigit()


@pytest.mark.parametrize(
    ("clause", "text", "context"),
    [(6, "三", "三年行动"), (20, "三", "三级人社部门"), (10, "四", "四位一体"), (10, "三", "三类"), (10, "八", "新八级工"),
     (2, "2万", "不少于"), (9, "千亿", ""), (16, "31", ""), (1, "全额", ""), (4, "四", "四个明确")],
)  # fmt: skip
def test_numbers_that_compute_nothing_have_a_reason(clause: int, text: str, context: str) -> None:
    found = entry(clause, text, context)
    assert found.reason
    assert not found.held_by


def test_a_period_is_one_entry_held_by_the_benefits_it_ends() -> None:
    assert entry(1, "2025年12月底").held_by == ("job_expansion_subsidy（政策执行期限）",)
    assert len(entry(14, "2025年12月底").held_by) >= 4


def test_a_number_without_reason_is_found(reasons: Path, capsys: pytest.CaptureFixture[str]) -> None:
    reasons.write_text(reasons.read_text("utf-8").replace("[31项]", "[机器人流程自动化]"), "utf-8")
    assert not entry(16, "31").accounted
    assert "31" in render([entry(16, "31")])
    assert "没有交代" in render([entry(16, "31")])
    assert main() == 1
    assert "「机器人流程自动化」里没有数字" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "says"),
    [("不在方案里的话", "第16条里没有"), ("银行“柜面办”", "里没有数字")],
)
def test_a_reason_that_applies_to_nothing_is_found(reasons: Path, words: str, says: str) -> None:
    reasons.write_text(reasons.read_text("utf-8").replace("[31项]", f"[31项, {words}]"), "utf-8")
    assert len(stale()) == 1
    assert says in stale()[0]


def test_a_reason_for_what_a_parameter_holds_is_found(reasons: Path) -> None:
    reasons.write_text(reasons.read_text("utf-8").replace("[给予全额补贴]", "[给予全额补贴, 3个月以上]"), "utf-8")
    (line,) = stale()
    assert "job_expansion_subsidy.insured_months" in line


@pytest.mark.parametrize("text", ["- reason: 短", "- [", "- {reason: 足够长的理由, places: {30: [x]}}", "- 词"])
def test_reasons_that_cannot_be_read(reasons: Path, text: str) -> None:
    reasons.write_text(text, "utf-8")
    with pytest.raises(LedgerError, match=r"ledger\.yaml"):
        ledger()


def test_the_command_prints_every_entry(capsys: pytest.CaptureFixture[str]) -> None:
    assert main() == 0
    out, err = capsys.readouterr()
    assert len(out.splitlines()) == len(ledger()) + 1
    assert not err
    assert "0 处没有交代" in out
