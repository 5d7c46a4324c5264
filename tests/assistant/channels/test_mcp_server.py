"""The MCP server, met by the official client: as a program of its own, and at /mcp of the service."""

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx
import httpx2
import jsonschema
import pytest
from mcp import Client, MCPError, StdioServerParameters
from mcp.client.streamable_http import streamable_http_client

from corpus import load_plan
from tests.assistant.channels.serving import DAY, KEY, REFUND, is_problem
from tests.conftest import ROOT
from tools.catalogue import catalogue

Play = Callable[[Client], Awaitable[None]]


@pytest.fixture(params=["stdio", "http"])
def meet(request: pytest.FixtureRequest, data_dir: Path, tmp_path: Path) -> Callable[[Play], None]:
    """Let a client play with the server, over one transport or the other."""
    if request.param == "http":
        address = request.getfixturevalue("service_address")

        async def over_http(play: Play) -> None:
            async with (
                httpx2.AsyncClient(headers={"Authorization": f"Bearer {KEY}"}) as http,
                Client(streamable_http_client(f"{address}/mcp", http_client=http)) as client,
            ):
                await play(client)

        return lambda play: asyncio.run(over_http(play))

    async def over_stdio(play: Play) -> None:
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "ASSISTANT_DATA_DIR": str(data_dir)}
        command = StdioServerParameters(command=sys.executable, args=["-m", "assistant", "mcp"], env=environment, cwd=tmp_path)
        async with Client(command) as client:
            await play(client)

    return lambda play: asyncio.run(over_stdio(play))


def test_an_agent_finds_and_uses_the_tools(meet: Callable[[Play], None]) -> None:
    async def play(client: Client) -> None:
        await _lists(client)
        await _calculates(client)
        await _reads(client)
        await _screens(client)
        await _is_told_what_is_wrong(client)

    meet(play)


async def _lists(client: Client) -> None:
    tools = {tool.name: tool for tool in (await client.list_tools()).tools}
    assert set(tools) == {"screen_benefits", "search_clauses", "read_clause", *catalogue()}
    refund = tools["stabilization_refund"]
    assert refund.title == "失业保险稳岗返还" and refund.description is not None and "第（十四）条" in refund.description
    assert set(refund.input_schema["properties"]) == {*catalogue()["stabilization_refund"].facts.model_fields, "as_of"}
    for tool in tools.values():
        jsonschema.Draft202012Validator.check_schema(tool.input_schema)
        assert tool.annotations is not None and tool.annotations.read_only_hint
    jsonschema.validate({**REFUND, "as_of": DAY}, refund.input_schema)


async def _calculates(client: Client) -> None:
    result = await client.call_tool("stabilization_refund", {**REFUND, "as_of": DAY})
    found = result.structured_content
    assert not result.is_error and found["amount"] == "60000.00" and found["verdict"] == "met"
    assert {citation["clause"] for citation in found["citations"]} == {14}
    assert all(load_plan().find_quote(14, citation["quote"]) for citation in found["citations"])
    text = _text(result)
    assert "100000 元 × 60% = 60000 元" in text and "依据：第（十四）条" in text
    ended = await client.call_tool("stabilization_refund", {**REFUND, "as_of": "2026-03-01"})
    assert ended.structured_content["amount"] is None and ended.structured_content["state"] == "已到期"
    open_still = await client.call_tool("stabilization_refund", {"as_of": DAY})
    assert open_still.structured_content["verdict"] == "unknown" and open_still.structured_content["missing"]


async def _reads(client: Client) -> None:
    found = (await client.call_tool("search_clauses", {"query": "工伤保险费率降了多少", "top": 2})).structured_content
    assert found["results"][0]["clause"] == 14 and len(found["results"]) == 2
    clause = await client.call_tool("read_clause", {"clause": 14})
    assert clause.structured_content["text"] == load_plan().clause(14).text in _text(clause)


async def _screens(client: Client) -> None:
    result = await client.call_tool("screen_benefits", {**REFUND, "as_of": DAY})
    groups = result.structured_content
    assert "stabilization_refund" in [row["tool"] for row in groups["due"]]
    assert sorted(row["tool"] for group in ("due", "open", "not", "ended") for row in groups[group]) == sorted(catalogue())
    assert "【能享受】" in _text(result)


async def _is_told_what_is_wrong(client: Client) -> None:
    wrong: list[tuple[str, dict[str, Any], str]] = [
        ("stabilization_refund", {"last_year_total": -1}, "「上年度实缴失业保险费」（last_year_total）应为0 到 1000000000000 的数"),
        ("stabilization_refund", {"salary": 1}, "没有「salary」这一项"),
        ("stabilization_refund", {"as_of": "2025-9-1"}, "2025-09-01"),
        ("job_expansion_subsidy", {"hires": [{"heads": 5, "has_contract": "yes"}]}, "是（true）或否（false）"),
        ("search_clauses", {}, "query"),
        ("search_clauses", {"query": "工伤", "top": 99}, "1 到 22"),
        ("read_clause", {"clause": "十四"}, "1 到 22"),
    ]
    for tool, arguments, message in wrong:
        result = await client.call_tool(tool, arguments)
        assert result.is_error and message in _text(result), (tool, arguments, _text(result))
    with pytest.raises(MCPError, match="没有名为“nothing”的工具"):
        await client.call_tool("nothing", {})


def _text(result: Any) -> str:
    (block,) = result.content
    return str(block.text)


def test_other_pages_and_strangers_are_kept_out(service_address: str) -> None:
    call = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
    accept = {"Accept": "application/json, text/event-stream"}
    is_problem(httpx.post(f"{service_address}/mcp", json=call, headers=accept), 401)
    known = {**accept, "Authorization": f"Bearer {KEY}"}
    assert httpx.post(f"{service_address}/mcp", json=call, headers=known).status_code == 200
    is_problem(httpx.post(f"{service_address}/mcp", content=b"a" * 100_000, headers=known), 413)
    for content in (b"{", b"\xff", b"[]", b'{"jsonrpc": "2.0", "id": NaN}'):
        answer = httpx.post(f"{service_address}/mcp", content=content, headers={**known, "Content-Type": "application/json"})
        assert answer.status_code == 400 and "Traceback" not in answer.text
