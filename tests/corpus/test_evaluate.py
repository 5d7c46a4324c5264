import json
from pathlib import Path

import pytest

from corpus.evaluate import main, read_questions


def write(path: Path, *lines: object) -> Path:
    path.write_text("\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines), "utf-8")
    return path


def test_questions_of_one_turn_that_a_clause_answers(tmp_path: Path) -> None:
    path = write(
        tmp_path / "q.jsonl",
        {"question": "甲", "clauses": [1], "quote": "乙"},
        "",
        {"turns": ["丙"], "clauses": [2, 3]},
        {"turns": ["丁", "戊"], "clauses": [4]},
        {"question": "己", "clauses": []},
    )
    questions = read_questions(path)
    assert [(q.text, q.clauses, q.quote) for q in questions] == [("甲", (1,), "乙"), ("丙", (2, 3), None)]


@pytest.mark.parametrize("line", ["{", "[]", '{"question": "甲"}', '{"question": "甲", "clauses": ["x"]}'])
def test_a_bad_line_is_named(tmp_path: Path, line: str, capsys: pytest.CaptureFixture[str]) -> None:
    path = write(tmp_path / "q.jsonl", {"question": "甲", "clauses": [1]}, line)
    assert main([str(path)]) == 2
    assert capsys.readouterr().err == "读不了问题文件：q.jsonl 第 2 行不是一条问题\n"


def test_figures_and_misses_are_printed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = write(
        tmp_path / "q.jsonl",
        {"question": "扩岗补助一个人多少钱", "clauses": [1], "quote": "1500元"},
        {"question": "扩岗补助一个人多少钱", "clauses": [22]},
    )
    assert main([str(path), "--data-dir", str(tmp_path), "--misses"]) == 0
    first, miss = capsys.readouterr().out.splitlines()
    assert first == "q.jsonl 全部 2 问：recall@1=0.500 recall@3=0.500 句子=1.000"
    assert "应为 [22]，得到 [1, " in miss
