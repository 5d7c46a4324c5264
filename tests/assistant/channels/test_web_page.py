"""The page in a real browser: what a person types, sees and clicks."""

import os
import shutil
import urllib.request
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from assistant.channels.web_page import converse
from corpus.index import IndexUnavailableError

BROWSER = shutil.which("chromium") or shutil.which("chromium-browser")
ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]
QUESTION = "我们公司招了5个应届毕业生，签了合同，社保交满3个月，能领多少钱？"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if BROWSER is None:
        if os.environ.get("REQUIRE_BROWSER"):
            pytest.fail("chromium is not installed")
        pytest.skip("chromium is not installed (apt-get install chromium)")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=BROWSER, args=ARGUMENTS)
        yield started
        started.close()


@pytest.fixture
def page(browser: Browser, page_address: str) -> Iterator[Page]:
    """The page opened in Chinese; it asks nothing of another machine and logs no error."""
    tab = browser.new_page(locale="zh-CN")
    asked: list[str] = []
    errors: list[str] = []
    tab.on("request", lambda request: asked.append(request.url))
    tab.on("pageerror", lambda error: errors.append(str(error)))
    tab.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    tab.on("dialog", lambda dialog: (errors.append(dialog.message), dialog.dismiss()))
    tab.goto(page_address)
    tab.get_by_label("按哪一天算").fill("2025-09-01")
    yield tab
    tab.close()
    assert [url for url in asked if not url.startswith((f"{page_address}/", "data:", "blob:"))] == []
    assert errors == []


def say(page: Page, text: str) -> None:
    page.get_by_label("您的问题").fill(text)
    page.get_by_label("您的问题").press("Enter")


def test_a_question_gets_its_amount_clause_and_steps(page: Page) -> None:
    say(page, QUESTION)
    card = page.locator(".card")
    expect(card.locator(".amount")).to_have_text("可领7500 元")
    expect(card.locator(".steps")).to_have_text("5 人 × 1500 元/人 = 7500 元")
    expect(page.locator(".sources")).to_contain_text("第（一）条 加强企业吸纳就业政策支持")
    expect(page.locator("q").first).to_have_text("按每招用1人1500元的标准发放一次性扩岗补助")
    card.locator("summary").click()
    expect(card.locator(".conditions")).to_contain_text("✓已签订劳动合同（是）")
    expect(page.get_by_label("您的问题")).to_have_value("")


def test_the_conversation_goes_on_until_a_new_one_begins(page: Page) -> None:
    say(page, QUESTION)
    expect(page.locator(".amount")).to_have_count(1)
    say(page, "那如果是8个呢")
    expect(page.locator(".amount").nth(1)).to_have_text("可领12000 元")
    page.get_by_role("button", name="新对话").click()
    expect(page.locator(".amount")).to_have_count(0)
    say(page, "那如果是8个呢")
    expect(page.locator(".bot").last).to_contain_text("。")
    expect(page.get_by_text("12000")).to_have_count(0)


def test_two_tabs_are_two_conversations(page: Page, browser: Browser, page_address: str) -> None:
    say(page, QUESTION)
    expect(page.locator(".amount")).to_have_count(1)
    other = browser.new_page(locale="zh-CN")
    other.goto(page_address)
    say(other, "那如果是8个呢")
    expect(other.locator(".bot.message")).to_contain_text("。")
    expect(other.locator(".amount")).to_have_count(0)
    other.close()
    say(page, "那如果是8个呢")
    expect(page.locator(".amount").nth(1)).to_have_text("可领12000 元")


def test_examples_and_suggested_replies_are_one_click(page: Page) -> None:
    page.get_by_text("我们公司招了5个应届毕业生").click()
    expect(page.locator(".amount")).to_have_text("可领7500 元")
    page.locator("button.option").first.click()
    expect(page.locator(".bot.message")).to_have_count(2)


def test_what_one_types_is_shown_as_text(page: Page) -> None:
    typed = "<img src=x onerror=alert(1)> **粗** [x](http://example.com) $$a^2$$"
    say(page, typed)
    expect(page.locator(".user.message")).to_have_text(typed)
    expect(page.locator("#chat img, #chat a, #chat strong, #chat .katex")).to_have_count(0)


def test_a_date_that_does_not_exist_is_explained(page: Page) -> None:
    page.get_by_label("按哪一天算").fill("2025-02-30")
    say(page, QUESTION)
    expect(page.locator(".bot.message")).to_contain_text("日期“2025-02-30”不对")


def test_an_installation_that_is_broken_is_explained_in_the_chat() -> None:
    class Broken:
        def stream(self, *_: object) -> Iterator[str]:
            raise IndexUnavailableError("检索索引读不出来：请重新启动程序")
            yield ""

    *_, (box, history) = converse(Broken(), "招人有补助吗", [], "s", "")  # type: ignore[arg-type]
    assert box == "" and "检索索引读不出来：请重新启动程序" in history[-1]["content"]


def test_the_page_may_load_nothing_from_elsewhere(page_address: str) -> None:
    with urllib.request.urlopen(page_address) as response:
        assert response.status == 200
        assert "default-src 'self'" in response.headers["Content-Security-Policy"]
        assert "广西人社政策助手" in response.read().decode()
