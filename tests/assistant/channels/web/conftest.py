"""A real browser, and the page opened in it: it may ask nothing of another machine and log no error."""

import os
import shutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]
DAY = "2025-09-01"
Open = Callable[..., Page]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Of one module only: while it runs, Playwright's event loop is in the way of every other."""
    if CHROMIUM is None:
        if os.environ.get("REQUIRE_BROWSER"):
            pytest.fail("chromium is not installed")
        pytest.skip("chromium is not installed (apt-get install chromium)")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield started
        started.close()


@pytest.fixture
def opened(browser: Browser, page_address: str) -> Iterator[Open]:
    """Open an address of the page: ``opened("?view=calc", width=360)``; every call is a browser of its own."""
    contexts: list[BrowserContext] = []
    asked: list[str] = []
    errors: list[str] = []

    def open_page(address: str = "", *, width: int = 1280, height: int = 800, day: str = DAY, **options: Any) -> Page:
        context = browser.new_context(locale="zh-CN", viewport={"width": width, "height": height}, **options)
        contexts.append(context)
        tab = context.new_page()
        watch(tab, asked, errors)
        join = "&" if "?" in address else "?"
        tab.goto(f"{page_address}/{address}{join}date={day}")
        tab.wait_for_selector("body[data-ready]")
        return tab

    yield open_page
    for context in contexts:
        context.close()
    assert [url for url in asked if not url.startswith((f"{page_address}/", "data:", "blob:"))] == []
    assert errors == []


def watch(tab: Page, asked: list[str], errors: list[str]) -> None:
    """Note every request and every error of a tab."""
    tab.on("request", lambda request: asked.append(request.url))
    tab.on("pageerror", lambda error: errors.append(str(error)))
    tab.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)


@pytest.fixture
def page(opened: Open) -> Page:
    """The chat, empty, as of a day on which most benefits are in force."""
    return opened()


def say(page: Page, text: str) -> None:
    """Ask in the chat and wait for the whole answer."""
    before = page.locator(".bot.message .actions").count()
    page.get_by_label("您的问题").fill(text)
    page.get_by_label("您的问题").press("Enter")
    page.locator(".bot.message .actions").nth(before).wait_for()
