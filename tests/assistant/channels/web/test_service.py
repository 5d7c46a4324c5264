"""The page while the server is slow, goes away and comes back, or has thirty people at once."""

import json
import os
import re
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from fastapi import FastAPI
from playwright.sync_api import Browser, expect

from assistant.answer import Answer
from assistant.channels.web import mount_page
from assistant.channels.web_bench import Visitor, visit
from assistant.settings import Settings
from corpus.index import IndexUnavailableError
from tests.assistant.channels.web.conftest import DAY, say
from tests.assistant.channels.web.test_page import HIRED
from tests.conftest import ROOT


class SlowAssistant:
    """Says a few words, and the rest when allowed to."""

    def __init__(self, folder: Path) -> None:
        self.settings = Settings(data_dir=folder)
        self.go_on = threading.Event()
        self.asked: list[str] = []
        self.error: Exception | None = None
        self.rest = "先说几句，再说完。"

    def stream(self, question: str, session: str, as_of: date | None) -> Iterator[str | Answer]:
        self.asked.append(question)
        if self.error:
            raise self.error
        yield "先说几句"
        self.go_on.wait(30)
        yield Answer(text=self.rest, status="answered", session=session, model="m", elapsed_ms=1)


@pytest.fixture
def slow(tmp_path: Path) -> Iterator[tuple[SlowAssistant, str]]:
    assistant = SlowAssistant(tmp_path)
    app = FastAPI()
    mount_page(app, assistant)  # type: ignore[arg-type]
    with socket.create_server(("127.0.0.1", 0)) as door:
        server = uvicorn.Server(uvicorn.Config(app, log_level="error"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [door]})
        thread.start()
        yield assistant, f"http://127.0.0.1:{door.getsockname()[1]}"
        assistant.go_on.set()
        server.should_exit = True
        thread.join(20)


def test_words_are_shown_as_they_come_and_stop_stops(slow: tuple[SlowAssistant, str], browser: Browser) -> None:
    assistant, address = slow
    page = browser.new_page(locale="zh-CN")
    page.goto(address)
    page.get_by_label("您的问题").fill("问")
    page.get_by_label("您的问题").press("Enter")
    expect(page.locator(".bot .words")).to_have_text("先说几句")
    expect(page.locator(".progress")).to_contain_text("已经2秒")
    page.get_by_role("button", name="停止").click()
    expect(page.locator(".again")).to_contain_text("已停止")
    expect(page.get_by_role("button", name="发送")).to_be_visible()
    assistant.go_on.set()
    page.wait_for_timeout(300)
    expect(page.locator(".bot .words")).to_have_text("先说几句")
    page.get_by_role("button", name="重新回答").click()
    expect(page.locator(".bot .words")).to_have_text("先说几句，再说完。")
    assert assistant.asked == ["问"]
    page.close()


def test_what_a_model_returns_is_shown_as_text(slow: tuple[SlowAssistant, str], browser: Browser) -> None:
    assistant, address = slow
    assistant.go_on.set()
    assistant.rest = "<img src=x onerror=alert(1)> [x](http://example.com) $$a^2$$ {{value}} ${value} <script>alert(1)</script>"
    page = browser.new_page(locale="zh-CN")
    dialogs: list[str] = []
    page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    page.goto(address)
    say(page, "问")
    expect(page.locator(".bot .words")).to_have_text(assistant.rest)
    expect(page.locator("#log :is(img, a, script, .katex)")).to_have_count(0)
    assert dialogs == []
    page.close()


def test_an_installation_that_is_broken_is_explained_in_the_chat(slow: tuple[SlowAssistant, str], browser: Browser) -> None:
    assistant, address = slow
    assistant.error = IndexUnavailableError("检索索引读不出来：请重新启动程序")
    page = browser.new_page(locale="zh-CN")
    page.goto(address)
    say(page, "招人有补助吗")
    expect(page.locator(".bot .problem")).to_have_text("现在答不了：检索索引读不出来：请重新启动程序")
    page.close()


def test_a_restart_of_the_server_loses_nothing_and_doubles_nothing(
    start: Callable[[int], "subprocess.Popen[bytes]"], browser: Browser
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as door:
        port = door.getsockname()[1]
    server = start(port)
    page = browser.new_page(locale="zh-CN")
    page.goto(f"http://127.0.0.1:{port}/?date={DAY}")
    say(page, HIRED)
    server.terminate()
    server.wait(20)
    page.get_by_label("您的问题").fill("那如果是8个呢")
    page.get_by_label("您的问题").press("Enter")
    expect(page.locator(".progress")).to_contain_text("正在重新连接")
    start(port)
    expect(page.locator(".bot .amount")).to_have_text(["可领7500 元", "可领12000 元"], timeout=20_000)
    expect(page.locator(".turn")).to_have_count(2)
    page.close()


@pytest.fixture
def start(data_dir: Path, tmp_path: Path) -> Iterator[Callable[[int], "subprocess.Popen[bytes]"]]:
    running: list[subprocess.Popen[bytes]] = []

    def begin(port: int) -> "subprocess.Popen[bytes]":
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "ASSISTANT_DATA_DIR": str(data_dir)}
        command = [sys.executable, "-m", "assistant", "serve", "--port", str(port)]
        server = subprocess.Popen(command, cwd=tmp_path, env=environment, stderr=subprocess.PIPE)
        running.append(server)
        assert server.stderr is not None
        assert any(re.search(rb"http://127", line) for line in server.stderr)
        return server

    yield begin
    for server in running:
        server.kill()
        server.wait()
        assert server.stderr is not None
        server.stderr.close()


def test_thirty_people_at_once_each_get_their_own_answer(page_address: str) -> None:
    """The figures are measured by ``python -m assistant.channels.web_bench``; here nothing may be lost or crossed."""
    visitors = [Visitor(number) for number in range(1, 31)]
    began = time.perf_counter()
    with ThreadPoolExecutor(len(visitors)) as crowd:
        answers: list[list[dict[str, Any]]] = list(crowd.map(lambda visitor: visit(page_address, visitor), visitors))
    assert time.perf_counter() - began < 30
    for visitor, turns in zip(visitors, answers, strict=True):
        assert f"{visitor.number * 1500}" in turns[0]["html"], json.dumps(turns[0], ensure_ascii=False)
        assert f"{(visitor.number + 40) * 1500}" in turns[1]["html"]
