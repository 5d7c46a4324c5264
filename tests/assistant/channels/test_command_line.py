"""The command line as a contract: the result alone on stdout, exit codes, one Chinese line for every mistake."""

import json
import re
import socket
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from assistant.answer import Answer
from corpus import load_plan
from tests.conftest import ROOT, Run
from tools.calculation import Calculation

Cli = Callable[..., tuple[int, str, str]]

QUESTION = "我们公司招了5个应届毕业生，签了合同，社保交满3个月，能领多少钱？"
HIRES = (
    '{"employer_type": "企业", "hires": [{"heads": 5, "category": "毕业年度高校毕业生", "has_contract": true,'
    ' "insured_months": 3, "uninsured": [], "paid_in_full": true}]}'
)
AS_OF = ("--as-of", "2025-09-01")
ODD = yaml.safe_load(Path(__file__).with_name("odd_inputs.yaml").read_text("utf-8"))


# --- ask ------------------------------------------------------------------------------------------------------


def test_ask_as_json_is_an_answer(cli: Cli) -> None:
    code, out, err = cli("ask", QUESTION, *AS_OF, "--json")
    answer = Answer.model_validate_json(out)
    assert (code, err, out.count("\n")) == (0, "", 1)
    assert (answer.status, str(answer.calculations[0].amount)) == ("answered", "7500.00")
    assert '"amount":"7500.00"' in out


def test_ask_for_people_shows_the_words_the_clause_and_the_steps(cli: Cli) -> None:
    _, out, _ = cli("ask", QUESTION, *AS_OF)
    assert "7500元" in out and "**" not in out
    assert "依据：第（一）条 “按每招用1人1500元的标准发放一次性扩岗补助”" in out
    assert out.count("5 人 × 1500 元/人 = 7500 元") == 1


def test_a_session_goes_on_in_the_next_process(cli: Cli) -> None:
    cli("ask", QUESTION, *AS_OF, "--session", "wang")
    _, out, _ = cli("ask", "那如果是8个呢", *AS_OF, "--session", "wang", "--json")
    answer = Answer.model_validate_json(out)
    assert (answer.session, str(answer.calculations[0].amount)) == ("wang", "12000.00")


def test_lines_are_answered_in_order_each_in_a_conversation_of_its_own(cli: Cli) -> None:
    lines = [
        {"id": "b", "turns": [QUESTION, "那如果是8个呢"], "as_of": "2025-09-01"},
        {"id": 1, "turns": ["那如果是8个呢"], "as_of": "2025-09-01"},
    ]
    code, out, err = cli("ask", "--jsonl", stdin="\ufeff" + "\n\n".join(json.dumps(line) for line in lines))
    records = [json.loads(line) for line in out.splitlines()]
    assert (code, err) == (0, "")
    assert [record["id"] for record in records] == ["b", 1]
    assert [answer["calculations"][0]["amount"] for answer in records[0]["answers"]] == ["7500.00", "12000.00"]
    assert len({answer["session"] for record in records for answer in record["answers"]}) == 2
    assert not records[1]["answers"][0]["calculations"]


@pytest.mark.parametrize(
    "broken",
    [
        "{", "[]", '"招"', "null", '{"turns": []}', '{"turns": "招"}', '{"turns": [1]}', '{"id": "x"}', "[" * 5000,
        '{"id": "x", "turns": ["招人有补助吗"], "as_of": "2025-02-30"}', '{"id": "x", "turns": ["招"], "as_of": 5}',
        '{"id": {}, "turns": ["招"]}', b'{"turns": ["\xff\xfe"',
    ],
)
def test_a_broken_line_gets_an_error_record_and_the_rest_go_on(cli: Cli, broken: str | bytes) -> None:
    good = json.dumps({"id": "good", "turns": ["招应届生有补助吗"]}).encode()
    raw = broken if isinstance(broken, bytes) else broken.encode()
    code, out, err = cli("ask", "--jsonl", stdin=raw + b"\n" + good + b"\n")
    first, second = (json.loads(line) for line in out.splitlines())
    assert code == 0 and "Traceback" not in err
    assert first["line"] == 1 and first["error"].startswith("第1行")
    assert Answer.model_validate(first["answers"][0]).status == "error"
    assert set(first["answers"][0]) == set(second["answers"][0])
    assert second["id"] == "good" and second["answers"][0]["citations"]


@pytest.mark.parametrize("case", ODD, ids=[case["name"] for case in ODD])
def test_odd_input_gets_a_clear_sentence(cli: Cli, case: dict[str, str]) -> None:
    said = case["say"] * int(case.get("times", 1))
    line = json.dumps({"turns": [said], "as_of": "2025-09-01"})
    code, out, err = cli("ask", "--jsonl", stdin=line)
    (answer,) = (Answer.model_validate(row) for row in json.loads(out)["answers"])
    assert (code, err) == (0, "")
    assert answer.status == case["status"]
    assert case.get("says", "") in answer.text and re.search("[。？.]”?$", answer.text)
    assert [str(c.amount) for c in answer.calculations if c.amount is not None] == ([case["amount"]] if "amount" in case else [])


def test_bytes_that_are_no_text_are_answered_too(run: Run) -> None:
    done = run("-m", "assistant", "ask", "--json", b"\xff\xfe\xe6\x8b\x9b".decode("utf-8", "surrogateescape"))
    assert done.returncode == 0 and json.loads(done.stdout)["text"]


# --- search, calculate, screen --------------------------------------------------------------------------------


def test_search_ranks_clauses_with_their_sentences(cli: Cli) -> None:
    code, out, _ = cli("search", "公司招不到人政府帮不帮忙", "--top", "3", "--json")
    hits = json.loads(out)
    assert code == 0 and len(hits) == 3 and hits[0]["clause"] == 4
    assert set(hits[0]) == {"clause", "title", "score", "sentences"}
    assert all(load_plan().find_quote(hit["clause"], text) for hit in hits for text in hit["sentences"])
    assert "第（四）条" in cli("search", "公司招不到人政府帮不帮忙")[1].splitlines()[0]


@pytest.mark.parametrize("name", ["job_expansion_subsidy", "一次性扩岗补助"])
def test_calculate_by_either_name(cli: Cli, name: str) -> None:
    code, out, err = cli("calculate", name, "--facts", HIRES, *AS_OF, "--json")
    result = Calculation.model_validate_json(out)
    assert (code, err, str(result.amount), result.in_force) == (0, "", "7500.00", True)


def test_facts_come_from_a_file_or_standard_input(cli: Cli, tmp_path: Path) -> None:
    path = tmp_path / "facts.json"
    path.write_text("\ufeff" + HIRES, "utf-8")
    expected = cli("calculate", "一次性扩岗补助", "--facts", HIRES, *AS_OF)
    assert "金额：7500 元" in expected[1] and "✓ 已签订劳动合同（是）" in expected[1]
    assert cli("calculate", "一次性扩岗补助", "--facts", f"@{path}", *AS_OF) == expected
    assert cli("calculate", "一次性扩岗补助", "--facts", "-", *AS_OF, stdin=HIRES) == expected


def test_an_ended_benefit_says_so_before_any_amount(cli: Cli) -> None:
    _, out, _ = cli("calculate", "一次性扩岗补助", "--facts", HIRES, "--as-of", "2026-01-01")
    ended = "一次性扩岗补助：已到期（政策执行期限至2025年12月31日），现在不能再按方案办理"
    assert out.splitlines()[:2] == [ended, "如在期限内：7500 元"]


def test_the_list_is_enough_to_fill_in_the_facts(cli: Cli) -> None:
    rows = json.loads(cli("calculate", "--list", "--json")[1])
    assert {"tool", "title", "clauses", "schema"} == set(rows[0])
    hiring = next(row for row in rows if row["tool"] == "job_expansion_subsidy")
    assert hiring["clauses"] == [1] and "hires" in hiring["schema"]["properties"]


def test_screen_sorts_the_benefits_into_four_groups(cli: Cli) -> None:
    _, out, _ = cli("screen", "--facts", HIRES, *AS_OF, "--json")
    found = json.loads(out)
    assert {"due", "open", "not", "ended"} <= set(found)
    assert "job_expansion_subsidy" in [row["tool"] for row in found["due"]]
    assert "【能享受】" in cli("screen", "--facts", HIRES, *AS_OF)[1]


def test_chat_until_told_to_stop(cli: Cli) -> None:
    code, out, _ = cli("chat", *AS_OF, stdin=f"{QUESTION}\n\n那如果是8个呢\n新对话\n那如果是8个呢\n退出\n多余的话\n")
    assert code == 0 and "7500元" in out
    assert out.count("12000元") == 1


def test_chat_ends_with_its_input(cli: Cli) -> None:
    assert cli("chat", stdin="")[0] == 0


# --- mistakes -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        ([], "要写明用哪个命令"),
        (["asks"], "没有 'asks' 这个命令"),
        (["ask"], "要写上问题"),
        (["ask", "--jsonl", "招"], "不要再写问题"),
        (["ask", "招", "--as-of", "2025-02-30"], "日期“2025-02-30”不对"),
        (["ask", "招", "--as-of"], "后面要跟一个值"),
        (["ask", "招", "--colour"], "不认识的参数"),
        (["simulate", "wechat", "--mode", "plaintext", "你好"], "“你好”要写在各个 -- 参数前面"),
        (["search"], "缺少参数"),
        (["search", " "], "要写上要查的问题"),
        (["search", "招", "--top", "0"], "1 到 22"),
        (["search", "招", "--top", "五"], "1 到 22"),
        (["calculate"], "--list"),
        (["calculate", "nothing"], "job_expansion_subsidy"),
        (["calculate", "一次性扩岗补助", "--facts", "{"], "不是有效的 JSON"),
        (["calculate", "一次性扩岗补助", "--facts", "[" * 100_000], "不是有效的 JSON"),
        (["calculate", "一次性扩岗补助", "--facts", '{"employer_type": NaN}'], "「单位类型」（employer_type）应为企业、"),
        (["calculate", "工伤保险费", "--facts", '{"payroll": -Infinity}'], "1000000000000 的数，单位：元/月；现在是「-Infinity」"),
        (["calculate", "一次性扩岗补助", "--facts", "[1]"], "JSON 对象"),
        (["calculate", "一次性扩岗补助", "--facts", "@/no/such/file"], "读不到事实文件"),
        (["calculate", "一次性扩岗补助", "--facts", '{"colour": 1}'], "colour"),
        (["calculate", "一次性扩岗补助", "--facts", '{"hires": [{"heads": -3}]}'], "0 到 1000000"),
        (["calculate", "一次性扩岗补助", "--facts", '{"hires": [{"heads": 2.5}]}'], "整数"),
        (["screen", "--facts", '{"hires": 5}'], "列表"),
        (["serve", "--port", "70000"], "0 到 65535"),
    ],
)
def test_wrong_arguments_are_two_with_one_line_that_says_how(cli: Cli, arguments: list[str], hint: str) -> None:
    code, out, err = cli(*arguments)
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert hint in err


@pytest.mark.parametrize(
    ("setting", "value", "hint"),
    [
        ("ASSISTANT_PORT", "many", "要填整数"),
        ("ASSISTANT_PORT", "70000", "不大于 65535"),
        ("ASSISTANT_MODEL_TIMEOUT", "0", "要大于 0"),
        ("ASSISTANT_LOG_LEVEL", "loud", "可填 DEBUG、INFO、WARNING、ERROR"),
        ("ASSISTANT_EMBEDDING_MODEL", "/no/such/folder", "/no/such/folder"),
        ("ASSISTANT_MODEL", "no-such-provider:m", "no-such-provider"),
        ("ASSISTANT_MODEL", "openai:m", "ASSISTANT_MODEL_API_KEY"),
    ],
)
def test_a_wrong_setting_is_one_line_that_says_how_to_mend_it(
    cli: Cli, monkeypatch: pytest.MonkeyPatch, setting: str, value: str, hint: str
) -> None:
    monkeypatch.setenv(setting, value)
    code, out, err = cli("ask", "公司招不到人政府帮不帮忙")
    assert (code, out, err.count("\n")) == (1, "", 1)
    assert hint in err


def test_a_chroma_server_that_does_not_answer_is_one_line(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASSISTANT_CHROMA_URL", "http://127.0.0.1:9")
    code, out, err = cli("search", "公司招不到人政府帮不帮忙")
    assert (code, out, err.count("\n")) == (1, "", 1)
    assert "http://127.0.0.1:9" in err


def test_a_misspelt_setting_is_mentioned(run: Run) -> None:
    done = run("-m", "assistant", "search", "招人", "--json", ASSISTANT_PROT="80")
    assert done.returncode == 0 and json.loads(done.stdout)
    assert "没有 ASSISTANT_PROT 这项设置" in done.stderr


def test_a_port_that_is_taken_is_one_line(cli: Cli) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        code, out, err = cli("serve", "--port", str(taken.getsockname()[1]))
    assert (code, out, err.count("\n")) == (1, "", 1)
    assert "ASSISTANT_PORT" in err


@pytest.mark.parametrize("host", ["203.0.113.1", "no such host"])
def test_an_address_that_is_not_ours_is_one_line(cli: Cli, host: str) -> None:
    code, _, err = cli("serve", "--host", host, "--port", "0")
    assert (code, err.count("\n")) == (1, 1)
    assert "--host" in err


def test_a_data_folder_that_cannot_be_made_is_no_obstacle(run: Run, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    done = run("-m", "assistant", "ask", QUESTION, *AS_OF, "--json", ASSISTANT_DATA_DIR=str(tmp_path / "file" / "data"))
    assert done.returncode == 0 and json.loads(done.stdout)["calculations"][0]["amount"] == "7500.00"
    assert "Traceback" not in done.stderr and str(tmp_path / "file") in done.stderr


def test_a_reader_that_goes_away_is_no_error(run: Run) -> None:
    program = (
        "import subprocess, sys\n"
        "p = subprocess.Popen([sys.executable, '-m', 'assistant', 'calculate', '--list', '--json'], stdout=subprocess.PIPE)\n"
        "p.stdout.close(); sys.exit(p.wait())"
    )
    done = run("-c", program)
    assert (done.returncode, done.stderr) == (1, "")


# --- what is loaded -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "not_loaded"),
    [
        (["--help"], ["langchain", "chromadb", "gradio", "torch", "numpy", "jieba"]),
        (["calculate", "--list"], ["langchain", "langchain_core", "chromadb", "gradio", "torch", "onnxruntime"]),
        (["search", "招人"], ["langchain", "langchain_core", "gradio", "torch"]),
        (["ask", "招人有补助吗"], ["gradio", "torch", "transformers", "sentence_transformers"]),
    ],
)
def test_a_command_loads_only_what_it_needs(run: Run, arguments: list[str], not_loaded: list[str]) -> None:
    program = (
        f"import sys; from assistant.channels.command_line import main; code = main({arguments!r})\n"
        f"print([name for name in {not_loaded!r} if name in sys.modules], file=sys.stderr); sys.exit(code)"
    )
    done = run("-c", program)
    assert (done.returncode, done.stderr) == (0, "[]\n")


def test_app_py_is_the_server(run: Run) -> None:
    done = run(str(ROOT / "app.py"), "--port", "none")
    assert done.returncode == 2 and "--port" in done.stderr
