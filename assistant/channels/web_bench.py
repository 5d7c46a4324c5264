"""``python -m assistant.channels.web_bench``: how the page fares with thirty people at once, and how soon it stands.

The people speak to the queue as the page's script does, each in a session of their own, two turns each. With
Playwright and a chromium on this machine, the time to a page that can be used and to an answer's first words as well.
"""

import importlib
import json
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from secrets import token_hex
from typing import Any

DAY = "2025-09-01"
PEOPLE = 30
ROUNDS = 3
LATE_SECONDS = 1.5
READY_SECONDS = 3.0
WORDS_SECONDS = 0.3
"""Targets, on two cores."""


@dataclass(slots=True)
class Visitor:
    """One person, whose number tells their answers from those of all others."""

    number: int
    session: str = field(default_factory=lambda: token_hex(16))
    took: list[float] = field(default_factory=list)
    """Seconds from asking to the whole answer, by turn."""

    def questions(self) -> tuple[str, str]:
        return (
            f"我们公司招了{self.number}个应届毕业生，签了合同，社保交满3个月，能领多少钱？",
            f"那如果是{self.number + 40}个呢",
        )


def visit(address: str, visitor: Visitor) -> list[dict[str, Any]]:
    """Ask both questions one after another and return the finished turns. Raises OSError, RuntimeError."""
    turns = []
    for question in visitor.questions():
        start = time.perf_counter()
        turns.append(_ask(address, visitor.session, question))
        visitor.took.append(time.perf_counter() - start)
    return turns


def _ask(address: str, session: str, question: str) -> dict[str, Any]:
    body = json.dumps({"data": [session, token_hex(16), question, DAY]}).encode()
    request = urllib.request.Request(f"{address}/gradio_api/call/ask", body, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=60) as reply:
        event = json.loads(reply.read())["event_id"]
    with urllib.request.urlopen(f"{address}/gradio_api/call/ask/{event}", timeout=60) as stream:
        for line in stream:
            if line.startswith(b"data: [") and (update := json.loads(line[6:])[0]).get("done"):
                return dict(update)
    raise RuntimeError(f"no answer came to: {question}")


@contextmanager
def served(data_dir: str) -> Iterator[str]:
    """The page in a process of its own, on a free port; its address."""
    with socket.create_server(("127.0.0.1", 0)) as door:
        port = door.getsockname()[1]
    command = [sys.executable, "-m", "assistant", "serve", "--port", str(port)]
    environment = {**os.environ, "ASSISTANT_DATA_DIR": data_dir}
    with subprocess.Popen(command, stderr=subprocess.PIPE, env=environment) as server:
        assert server.stderr is not None
        try:
            if not any(b"http://" in line for line in server.stderr):
                raise RuntimeError("the page did not start")
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()


@contextmanager
def chromium() -> Iterator[Any]:
    """A browser to drive. Raises RuntimeError when there is none.

    Playwright is a tool for development: it is imported here when asked for, and the service never needs it.
    """
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    try:
        playwright = importlib.import_module("playwright.sync_api")
    except ImportError:
        playwright = None
    if path is None or playwright is None:
        raise RuntimeError("要有 chromium 和 Playwright：apt-get install chromium，pip install playwright")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"], env={**os.environ, "LC_ALL": "zh_CN.UTF-8"})
        yield browser
        browser.close()


def crowd_seconds(address: str) -> list[float]:
    """How long each of the answers took while thirty people asked at once, several times over."""
    took: list[float] = []
    for _ in range(ROUNDS):
        visitors = [Visitor(number) for number in range(1, PEOPLE + 1)]
        with ThreadPoolExecutor(PEOPLE) as crowd:
            answers = list(crowd.map(lambda visitor: visit(address, visitor), visitors))
        for visitor, turns in zip(visitors, answers, strict=True):
            if str(visitor.number * 1500) not in turns[0]["html"] or str((visitor.number + 40) * 1500) not in turns[1]["html"]:
                raise RuntimeError(f"an answer went astray: {visitor.number}")
            took += visitor.took
    return sorted(took)


def browser_seconds(browser: Any, address: str) -> tuple[float, float]:
    """To a page that can be used, and from Enter to the first words, medians of five."""
    ready, words = [], []
    for _ in range(5):
        page = browser.new_page(locale="zh-CN")
        start = time.perf_counter()
        page.goto(f"{address}/?date={DAY}")
        page.wait_for_selector("body[data-ready]")
        ready.append(time.perf_counter() - start)
        page.get_by_label("您的问题").fill(Visitor(5).questions()[0])
        start = time.perf_counter()
        page.get_by_label("您的问题").press("Enter")
        page.wait_for_selector(".bot .words")
        words.append(time.perf_counter() - start)
        page.close()
    return statistics.median(ready), statistics.median(words)


def main() -> int:
    """Print the figures; 1 when one misses its target."""
    with tempfile.TemporaryDirectory() as folder, served(folder) as address:
        visit(address, Visitor(1))
        took = crowd_seconds(address)
        late = took[int(len(took) * 0.95)]
        print(f"{statistics.median(took):8.2f} s   {PEOPLE} 人同时提问，中位数（{len(took)} 轮，没有丢失或串话）")
        print(f"{late:8.2f} s   {PEOPLE} 人同时提问，95 分位（目标 ≤ {LATE_SECONDS} s）")
        try:
            with chromium() as browser:
                ready, words = browser_seconds(browser, address)
        except RuntimeError as error:
            print(error)
            return 1 if late > LATE_SECONDS else 0
    print(f"{ready:8.2f} s   网页从打开到能用（中位数；目标 ≤ {READY_SECONDS:.0f} s）")
    print(f"{words * 1000:8.0f} ms  按下回车到看见回答（中位数；目标 ≤ {WORDS_SECONDS * 1000:.0f} ms）")
    return 1 if late > LATE_SECONDS or ready > READY_SECONDS or words > WORDS_SECONDS else 0


if __name__ == "__main__":
    sys.exit(main())
