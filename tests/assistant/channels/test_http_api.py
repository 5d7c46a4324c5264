"""The HTTP API as a program on the same machine meets it."""

import json
import re
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from assistant.answer import Answer
from corpus import load_plan
from tests.assistant.channels.serving import (
    DAY,
    FOLLOW_UP,
    KEY,
    QUESTION,
    REFUND,
    client_of,
    is_problem,
)
from tools.catalogue import catalogue

BAD_BODIES = yaml.safe_load((Path(__file__).parent / "http_bad_bodies.yaml").read_text("utf-8"))


@pytest.fixture(scope="module")
def http(service_address: str) -> Iterator[httpx.Client]:
    with client_of(service_address) as client:
        yield client


def events(lines: Iterator[str]) -> Iterator[tuple[str, Any]]:
    """Server-sent events: (event, data)."""
    name = ""
    for line in lines:
        field, _, value = line.partition(": ")
        if field == "event":
            name = value
        elif field == "data":
            yield name, json.loads(value)


def test_a_question_gets_the_whole_answer(http: httpx.Client) -> None:
    answer = Answer.model_validate_json(http.post("/v1/ask", json={"question": QUESTION, "as_of": DAY}).content)
    assert (answer.status, answer.model) == ("answered", "embedded")
    assert str(answer.calculations[0].amount) == "7500.00" and "7500元" in answer.text
    assert {citation.clause for citation in answer.citations} == {1}
    assert all(load_plan().find_quote(citation.clause, citation.quote) for citation in answer.citations)


def test_the_conversation_goes_on_in_a_session(http: httpx.Client) -> None:
    first = http.post("/v1/ask", json={"question": QUESTION, "as_of": DAY}).json()
    second = http.post("/v1/ask", json={"question": FOLLOW_UP, "as_of": DAY, "session": first["session"]}).json()
    assert second["session"] == first["session"] and second["calculations"][0]["amount"] == "12000.00"


def test_the_answer_comes_in_pieces_and_then_whole(http: httpx.Client) -> None:
    body = {"question": QUESTION, "as_of": DAY, "stream": True, "session": "in pieces"}
    with http.stream("POST", "/v1/ask", json=body) as response:
        assert response.headers["content-type"].startswith("text/event-stream")
        received = list(events(response.iter_lines()))
    pieces = [data["text"] for name, data in received if name == "piece"]
    name, last = received[-1]
    answer = Answer.model_validate(last)
    assert len(pieces) > 3 and "".join(pieces) == answer.text
    assert name == "answer" and answer.session == "in pieces" and str(answer.calculations[0].amount) == "7500.00"


def test_whoever_leaves_in_the_middle_harms_nobody(http: httpx.Client) -> None:
    for _ in range(3):
        with http.stream("POST", "/v1/ask", json={"question": QUESTION, "stream": True}) as response:
            next(response.iter_bytes())
    assert http.post("/v1/ask", json={"question": QUESTION, "as_of": DAY}).json()["status"] == "answered"


def test_a_question_that_cannot_be_worked_with_gets_a_kind_answer(http: httpx.Client) -> None:
    answer = http.post("/v1/ask", json={"question": "？？？"}).json()
    assert answer["status"] == "needs_information" and answer["text"].startswith("请用文字说说")


def test_a_fact_is_declared_with_its_unit_and_range(http: httpx.Client) -> None:
    tools = {row["tool"]: row["schema"] for row in http.get("/v1/tools").json()}
    total = tools["stabilization_refund"]["properties"]["last_year_total"]
    assert total["title"] == "上年度实缴失业保险费" and total["description"].endswith("（单位：元）")
    amount, text, _ = total["anyOf"]
    assert (amount["minimum"], amount["maximum"]) == (0, 10**12)
    assert re.fullmatch(text["pattern"], "100000.50") and not re.fullmatch(text["pattern"], "1e400")
    assert tools["job_expansion_subsidy"]["properties"]["hires"]["maxItems"] == 20


def test_every_calculator_is_declared_and_described(http: httpx.Client) -> None:
    tools = {row["tool"]: row for row in http.get("/v1/tools").json()}
    assert list(tools) == list(catalogue())
    document = http.get("/openapi.json").json()
    assert document["openapi"].startswith("3.1")
    for name, tool in catalogue().items():
        assert set(tools[name]["schema"]["properties"]) == set(tool.facts.model_fields)
        assert document["paths"][f"/v1/calculate/{name}"]["post"]["summary"] == tool.title


@pytest.mark.parametrize("name", ["stabilization_refund", "失业保险稳岗返还"])
def test_a_calculation_by_name_or_title(http: httpx.Client, name: str) -> None:
    result = http.post(f"/v1/calculate/{name}", json={"facts": REFUND, "as_of": DAY}).json()
    assert (result["verdict"], result["amount"], result["state"]) == ("met", "60000.00", "有效")
    assert result["steps"] == ["100000 元 × 60% = 60000 元"]
    assert [citation["clause"] for citation in result["citations"]] == [14, 14, 14]


def test_what_has_ended_has_no_amount(http: httpx.Client) -> None:
    result = http.post("/v1/calculate/stabilization_refund", json={"facts": REFUND, "as_of": "2026-03-01"}).json()
    assert (result["amount"], result["in_force"], result["state"]) == (None, False, "已到期")


def test_missing_facts_are_named_not_guessed(http: httpx.Client) -> None:
    result = http.post("/v1/calculate/stabilization_refund", json={"as_of": DAY}).json()
    assert result["verdict"] == "unknown" and result["amount"] is None and "firm_size" in result["missing"]


@pytest.mark.parametrize(
    ("tool", "facts", "fact", "words"),
    [
        ("job_expansion_subsidy", {"hires": [{"heads": -1}]}, "hires.0.heads", ["人数", "0 到 1000000 的整数", "单位：人", "-1"]),
        ("job_expansion_subsidy", {"hired_on": 0}, "hired_on", ["日期"]),
        ("job_expansion_subsidy", {"hires": [{"has_contract": 1}]}, "hires.0.has_contract", ["是（true）或否（false）"]),
        ("job_expansion_subsidy", {"hires": [{"heads": "5"}]}, "hires.0.heads", ["整数", '"5"']),
        ("stabilization_refund", {"last_year_total": 0.001}, "last_year_total", ["最多 2 位小数", "单位：元"]),
        ("stabilization_refund", {"last_year_total": "1e400"}, "last_year_total", ["0 到 1000000000000 的数"]),
        ("stabilization_refund", {"firm_size": "巨型"}, "firm_size", ["小微企业", "巨型"]),
        ("stabilization_refund", {"salary": 1}, "salary", ["没有「salary」这一项", "firm_size（企业规模）"]),
    ],
)
def test_a_wrong_fact_is_told_with_its_unit_and_range(
    http: httpx.Client, tool: str, facts: dict[str, Any], fact: str, words: list[str]
) -> None:
    details = is_problem(http.post(f"/v1/calculate/{tool}", json={"facts": facts}), 422, *words)
    assert details["errors"][0]["fact"] == fact
    assert details["errors"][0]["pointer"] == "#/facts/" + fact.replace(".", "/")


def test_facts_that_contradict_each_other(http: httpx.Client) -> None:
    facts = {"interns": [{"heads": 2, "retained": 3}]}
    is_problem(http.post("/v1/calculate/internship_subsidy", json={"facts": facts}), 422, "期满留用人数（3人）不能多于见习人数（2人）")


def test_more_groups_than_anybody_has(http: httpx.Client) -> None:
    facts = {"hires": [{}] * 21}
    is_problem(http.post("/v1/calculate/job_expansion_subsidy", json={"facts": facts}), 422, "最多 20 组")


def test_groups_of_which_nothing_is_known(http: httpx.Client) -> None:
    address, known = "/v1/calculate/job_expansion_subsidy", {"category": "毕业年度高校毕业生", "has_contract": True}
    refused = http.post(address, json={"facts": {"hires": [{}] * 20}, "as_of": DAY})
    is_problem(refused, 422, "「招用人员」里还有 180 项不知道，最多 60 项")
    hire = {**known, "heads": 1, "age": 22, "insured_months": 4, "uninsured": [], "paid_in_full": True}
    result = http.post(address, json={"facts": {"employer_type": "企业", "hires": [hire] * 20}, "as_of": DAY}).json()
    assert result["amount"] == "30000.00"
    assert http.post(address, json={"facts": {"hires": [known] * 5}, "as_of": DAY}).elapsed.total_seconds() < 3


def test_a_screening_holds_every_benefit_once(http: httpx.Client) -> None:
    facts = {"firm_size": "小微企业", "employer_type": "企业", "layoffs": "不裁员", "last_year_total": 100000}
    found = http.post("/v1/screen", json={"facts": facts, "as_of": DAY}).json()
    names = [row["tool"] for group in ("due", "open", "not", "ended") for row in found[group]]
    assert sorted(names) == sorted(catalogue())
    assert "stabilization_refund" in [row["tool"] for row in found["due"]]


def test_clauses_word_for_word(http: httpx.Client) -> None:
    rows = http.get("/v1/clauses").json()
    assert [row["clause"] for row in rows] == list(range(1, 23))
    clause = http.get("/v1/clauses/14").json()
    assert clause["text"] == load_plan().clause(14).text and "".join(clause["sentences"]) == clause["text"]
    assert clause["periods"][0]["until"] == "2025-12-31"
    is_problem(http.get("/v1/clauses/23"), 404, "没有第 23 条")
    is_problem(http.get("/v1/clauses/0"), 404, "没有第 0 条")
    is_problem(http.get("/v1/clauses/十四"), 422, "整数")


def test_search(http: httpx.Client) -> None:
    found = http.get("/v1/search", params={"q": "工伤保险费率降了多少", "top": 3}).json()
    assert len(found) == 3 and found[0]["clause"] == 14 and "下调50%" in found[0]["sentences"][0]
    details = is_problem(http.get("/v1/search", params={"q": "工伤", "top": 23}), 422, "不能大于 22")
    assert details["errors"][0]["parameter"] == "top"


def test_alive_and_ready_need_no_key(service_address: str) -> None:
    with client_of(service_address, key=None) as anyone:
        assert anyone.get("/healthz").json() == {"status": "alive"}
        assert anyone.get("/readyz").json() == {"ready": True, "checks": {"检索索引": "可用", "对话": "可用"}}


@pytest.mark.parametrize("body", BAD_BODIES, ids=lambda body: body["name"])
def test_bad_bodies(http: httpx.Client, body: dict[str, Any]) -> None:
    content = bytes.fromhex(body["hex"]) if "hex" in body else body["text"].encode()
    response = http.post("/v1/ask", content=content, headers={"content-type": "application/json"})
    is_problem(response, body["status"], body["says"])


def test_a_body_nested_beyond_reason(http: httpx.Client) -> None:
    response = http.post("/v1/ask", content=b"[" * 60_000, headers={"content-type": "application/json"})
    is_problem(response, 400)


def test_what_is_not_said_to_be_json(http: httpx.Client) -> None:
    is_problem(http.post("/v1/ask", data={"question": "招人"}), 415, "application/json")
    is_problem(http.post("/v1/ask", content=b'{"question": "1"}'), 415, "application/json")


@pytest.mark.parametrize("size", [64 * 1024 + 1, 1_000_000, 9_000_000])
def test_large_bodies_are_refused(http: httpx.Client, size: int) -> None:
    body = b'{"question": "' + b"a" * (size - 16) + b'"}'
    is_problem(http.post("/v1/ask", content=body, headers={"content-type": "application/json"}), 413, "65536")


def test_a_large_body_of_unknown_length_is_refused(http: httpx.Client) -> None:
    chunks = (b"a" * 10_000 for _ in range(20))
    is_problem(http.post("/v1/ask", content=chunks, headers={"content-type": "application/json"}), 413)


def test_addresses_and_methods_there_are_not(http: httpx.Client) -> None:
    is_problem(http.get("/v1/nothing"), 404, "/v1/nothing")
    is_problem(http.get("/v1"), 404)
    is_problem(http.get("/v1/clauses/1/"), 404)
    is_problem(http.post("/v1/calculate/nothing", json={}), 404, "没有名为「nothing」的计算器", "stabilization_refund")
    refused = http.put("/v1/ask", json={})
    is_problem(refused, 405, "PUT", "POST")
    assert refused.headers["allow"] == "POST"
    is_problem(http.delete("/healthz"), 405)


def test_the_headers_of_every_answer(http: httpx.Client) -> None:
    for path in ("/", "/healthz", "/v1/nothing"):
        headers = http.get(path).headers
        assert headers["x-content-type-options"] == "nosniff" and headers["referrer-policy"] == "no-referrer"
        assert "default-src 'self'" in headers["content-security-policy"]


def test_many_at_once_get_their_own_answers(service_address: str) -> None:
    amounts: dict[int, str] = {}

    def ask(heads: int) -> None:
        with client_of(service_address, KEY) as client:
            question = QUESTION.replace("5个", f"{heads}个")
            answer = client.post("/v1/ask", json={"question": question, "as_of": DAY, "session": f"of {heads}"}).json()
            amounts[heads] = answer["calculations"][0]["amount"]

    threads = [threading.Thread(target=ask, args=(heads,)) for heads in range(1, 101)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert amounts == {heads: f"{heads * 1500}.00" for heads in range(1, 101)}
