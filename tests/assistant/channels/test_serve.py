"""The service as a whole: what it says when it starts, and what it does when something is broken."""

import asyncio
import os
import re
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from assistant.answer import Answer
from assistant.channels import http_workers
from assistant.channels.http_problems import Problem
from assistant.channels.http_workers import Workers
from assistant.channels.serve import Channels, build_service, start_up_lines
from assistant.service import Assistant
from corpus.index import IndexUnavailableError
from tests.assistant.channels.serving import QUESTION, client_of, is_problem, serving, settings_with
from tests.conftest import ROOT


class Broken(Assistant):
    """An assistant whose inside fails as told."""

    failure: Exception = RuntimeError("secret inside")

    def ask(self, *_: Any, **__: Any) -> Answer:
        raise self.failure

    def stream(self, *_: Any, **__: Any) -> Iterator[str | Answer]:
        yield "第一"
        raise self.failure

    @property
    def retriever(self) -> Any:
        raise self.failure


@pytest.fixture(scope="module")
def broken(data_dir: Path) -> Iterator[tuple[Broken, httpx.Client]]:
    assistant = Broken(settings_with(data_dir))
    with serving(assistant) as address, client_of(address) as client:
        yield assistant, client


def test_the_start_up_lines_say_what_is_on_and_what_is_missing(data_dir: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "assistant", "serve", "--port", "0"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "ASSISTANT_DATA_DIR": str(data_dir)}
    with subprocess.Popen(command, cwd=tmp_path, env=environment, stderr=subprocess.PIPE, text=True) as server:
        assert server.stderr is not None
        lines = [server.stderr.readline().strip() for _ in range(5)]
        server.terminate()
        rest = server.stderr.read()
    assert re.fullmatch(r"网页已启动：http://127\.0\.0\.1:\d+（按 Ctrl\+C 结束）", lines[0])
    assert re.fullmatch(r"HTTP 接口已开启：http://127\.0\.0\.1:\d+/v1", lines[1])
    assert re.fullmatch(r"MCP已开启：http://127\.0\.0\.1:\d+/mcp", lines[2])
    assert lines[3].startswith("公众号没有开启：还缺 ASSISTANT_WECHAT_TOKEN")
    assert lines[4].startswith("企业微信没有开启：还缺 ASSISTANT_WECOM_")
    assert "Traceback" not in rest


def test_what_is_written_is_for_the_services_user_alone(data_dir: Path, tmp_path: Path) -> None:
    shutil.copytree(data_dir / "index", tmp_path / "data" / "index")
    (tmp_path / "data").chmod(0o755)  # as an index made before leaves it
    command = [sys.executable, "-m", "assistant", "serve", "--port", "0"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "ASSISTANT_DATA_DIR": str(tmp_path / "data"), "ASSISTANT_WECHAT_TOKEN": "t"}
    with subprocess.Popen(command, cwd=tmp_path, env=environment, stderr=subprocess.PIPE, text=True) as server:
        assert server.stderr is not None
        server.stderr.readline()
        written = [path for path in (tmp_path / "data").iterdir() if path.is_file()]
        server.terminate()
        server.stderr.read()
    assert {"conversations.sqlite", "messages.sqlite"} <= {path.name for path in written}
    assert [path.name for path in written if path.stat().st_mode & 0o077] == []


def test_an_open_address_without_keys_is_said_to_have_no_api(data_dir: Path) -> None:
    service = build_service(Assistant(settings_with(data_dir, keys="", host="0.0.0.0")))
    lines = start_up_lines(service, "http://0.0.0.0:7860")
    assert "HTTP 接口和 MCP没有开启：监听的地址不只本机能到，还缺 ASSISTANT_API_KEYS" in lines
    assert not any("/v1" in line for line in lines)


def test_a_channel_that_is_set_up_is_on(data_dir: Path) -> None:
    secrets = {
        "wechat_token": SecretStr("try-it-here"), "wecom_token": SecretStr("try-it-here"), "wecom_corp_id": "ww0123456789abcdef",
        "wecom_aes_key": SecretStr("abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"),
    }
    assistant = Assistant(settings_with(data_dir, **secrets))
    service = build_service(assistant)
    assert service.on[-2:] == [("公众号", "/wechat"), ("企业微信", "/wecom")] and service.off == []
    with serving(assistant) as address, client_of(address) as client:
        for path in ("/wechat", "/wecom"):
            assert client.get(path, params={"signature": "wrong"}).status_code in (400, 401, 403)
        assert not any(path in ("/wechat", "/wecom") for path in client.get("/openapi.json").json()["paths"])
    assistant.close()


def test_a_document_that_takes_long_to_make_keeps_nobody_waiting(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    began, go_on = threading.Event(), threading.Event()

    def slowly(_: Channels) -> dict[str, str]:
        began.set()
        go_on.wait(20)
        return {"openapi": "3.1.0"}

    monkeypatch.setattr(Channels, "openapi", slowly)
    assistant = Assistant(settings_with(data_dir))
    with serving(assistant) as address, client_of(address, key=None) as client, ThreadPoolExecutor(1) as pool:
        document = pool.submit(httpx.get, f"{address}/openapi.json", timeout=30)
        try:
            assert began.wait(20) and client.get("/healthz", timeout=5).status_code == 200
        finally:
            go_on.set()
        assert document.result(30).json() == {"openapi": "3.1.0"}
    assistant.close()


def test_a_channel_that_is_off_has_no_address(service_address: str) -> None:
    with client_of(service_address, key=None) as client:
        is_problem(client.get("/wechat"), 404, "/wechat")
        is_problem(client.post("/wecom"), 404)


def test_a_failure_inside_is_told_without_its_inside(broken: tuple[Broken, httpx.Client]) -> None:
    assistant, client = broken
    assistant.failure = RuntimeError("secret inside")
    for path, body in (("/v1/ask", {"question": QUESTION}), ("/v1/search", None)):
        response = client.post(path, json=body) if body else client.get(path, params={"q": "工伤"})
        is_problem(response, 500, "稍后再试")
        assert "secret" not in response.text


def test_an_installation_to_be_mended_is_unavailable(broken: tuple[Broken, httpx.Client]) -> None:
    assistant, client = broken
    assistant.failure = IndexUnavailableError("secret inside")
    response = client.post("/v1/ask", json={"question": QUESTION})
    is_problem(response, 503, "管理员")
    assert "secret" not in response.text
    time.sleep(2.1)  # a moment's readiness is remembered
    is_problem(client.get("/readyz"), 503, "检索索引：不可用", "对话：可用")
    assert client.get("/healthz").status_code == 200


def test_a_failure_in_the_middle_of_a_stream_is_its_last_event(broken: tuple[Broken, httpx.Client]) -> None:
    assistant, client = broken
    assistant.failure = RuntimeError("secret inside")
    text = client.post("/v1/ask", json={"question": QUESTION, "stream": True}).text
    assert text.splitlines()[0] == "event: piece" and "event: error" in text and "secret" not in text


def test_a_store_that_cannot_be_written_to_is_not_ready(tmp_path: Path, data_dir: Path) -> None:
    (tmp_path / "conversations.sqlite").write_text("no database at all" * 100)
    assistant = Assistant(settings_with(data_dir))
    assistant.prepare()
    assistant.settings = settings_with(tmp_path)
    with serving(assistant) as address:
        is_problem(httpx.get(f"{address}/readyz"), 503, "检索索引：可用", "对话：不可用")


def test_more_than_can_wait_are_told_to_come_again(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_workers.Workers.__init__, "__defaults__", (1, 1))
    go_on = threading.Event()

    class Slow(Assistant):
        def ask(self, question: str, session: str | None = None, as_of: Any = None) -> Answer:
            go_on.wait(20)
            return Answer(text="好了", status="answered", session=session or "", model="embedded", elapsed_ms=0)

    codes: list[int] = []

    def ask(address: str) -> None:
        response = httpx.post(f"{address}/v1/ask", json={"question": "一"}, headers={"X-API-Key": "k"}, timeout=30)
        codes.append(response.status_code)

    with serving(Slow(settings_with(data_dir, keys="k"))) as address:
        threads = [threading.Thread(target=ask, args=(address,)) for _ in range(2)]
        for thread in threads:
            thread.start()
        time.sleep(0.5)
        refused = httpx.post(f"{address}/v1/ask", json={"question": "一"}, headers={"X-API-Key": "k"})
        is_problem(refused, 503, "秒后再试")
        assert refused.headers["retry-after"] == "2"
        assert httpx.get(f"{address}/healthz").status_code == 200, "alive all the while"
        go_on.set()
        for thread in threads:
            thread.join(20)
    assert codes == [200, 200]


def test_a_place_in_the_queue_is_given_back() -> None:
    async def use() -> None:
        workers = Workers(1, 0)
        for _ in range(3):
            assert await workers.run(lambda: 1) == 1
            assert [item async for item in workers.each(lambda: iter("ab"))] == ["a", "b"]
            await asyncio.sleep(0.01)  # until the thread is back
            with pytest.raises(ZeroDivisionError):
                await workers.run(lambda: 1 // 0)
        slow = asyncio.create_task(workers.run(time.sleep, 0.2))
        await asyncio.sleep(0.05)
        with pytest.raises(Problem):
            await workers.run(lambda: 1)
        await slow
        workers.close()

    asyncio.run(use())


def test_a_turn_is_finished_though_nobody_listens_any_more() -> None:
    steps: list[str] = []

    def turn() -> Iterator[str]:
        for step in ("一", "二", "三"):
            yield step
            time.sleep(0.05)
            steps.append(step)

    async def use() -> None:
        workers = Workers(1, 0)
        pieces = workers.each(turn)
        assert await anext(pieces) == "一"
        await pieces.aclose()  # type: ignore[attr-defined]  # an async generator
        await asyncio.sleep(0.4)
        assert steps == ["一", "二", "三"]
        assert await workers.run(lambda: 1) == 1, "and its place is free again"
        workers.close()

    asyncio.run(use())
