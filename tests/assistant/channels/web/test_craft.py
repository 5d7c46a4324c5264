"""For everybody: WCAG 2.2 AA by axe-core, the keyboard alone, 400 % zoom, light and dark, little motion."""

import json
from importlib.resources import files
from typing import Any
from urllib.parse import quote

import pytest
from playwright.sync_api import Page, expect

from tests.assistant.channels.web.conftest import Open, say
from tests.assistant.channels.web.test_page import HIRED, INTERNS

AXE = files("axe_playwright_python").joinpath("axe.min.js").read_text("utf-8")
RULES = {
    "light": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "dark": ["color-contrast"],  # nothing else depends on the colours
}
FORM = f"?view=calc&tool=internship_subsidy&facts={quote(json.dumps(INTERNS))}"
VIEWS = ["", "?view=calc", FORM, "?view=check", "?view=clauses&clause=2&quote=" + quote("每人每月1500元"), "?view=about"]


def findings(page: Page, look: str) -> list[tuple[str, str, list[str]]]:
    """What axe-core has to object to, however slight: (rule, weight, places)."""
    page.evaluate(AXE)
    found: Any = page.evaluate("rules => axe.run(document, {runOnly: rules})", RULES[look])
    return [(v["id"], v["impact"], [f"{n['target']} {n['any'][:1]}" for n in v["nodes"][:4]]) for v in found["violations"]]


@pytest.mark.parametrize("look", ["light", "dark"])
def test_every_view_is_without_findings(opened: Open, look: str) -> None:
    page = opened(color_scheme=look)
    for view in VIEWS:
        page.goto(page.url.split("?")[0] + view)
        page.wait_for_selector("body[data-ready]")
        if view == FORM:
            page.locator(".result .card").wait_for()
        assert findings(page, look) == [], view


@pytest.mark.parametrize("look", ["light", "dark"])
def test_answers_screenings_and_the_dialog_are_without_findings(opened: Open, look: str) -> None:
    page = opened(width=360, height=740, color_scheme=look)
    say(page, HIRED)
    say(page, "返乡农民工在县城开店有补贴吗")
    page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    assert findings(page, look) == []
    page.locator(".sources .clause").first.click()
    page.locator("dialog mark").first.wait_for()
    assert findings(page, look) == []
    page.get_by_role("button", name="关闭").click()
    page.get_by_role("link", name="政策体检").click()
    page.get_by_role("button", name="开始体检").click()
    page.locator("#check-result section").first.wait_for()
    # To the end: wherever else the page stands, the tabs along the bottom cover half of something.
    page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true); scrollTo(0, 1e6)")
    assert findings(page, look) == []


def test_the_keyboard_alone_is_enough(opened: Open) -> None:
    page = opened()
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="跳到主要内容")).to_be_focused()
    page.get_by_label("您的问题").focus()
    page.keyboard.type(HIRED)
    page.keyboard.press("Enter")
    page.locator(".bot .actions").wait_for()
    reach(page, ".sources .clause")
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
    expect(page.locator(".sources .clause")).to_be_focused()
    reach(page, ".offers button")
    page.keyboard.press("Enter")
    expect(page.locator(".bot .actions")).to_have_count(2)
    expect(page.locator(".user").last).to_be_focused()
    page.locator("nav a").nth(1).focus()
    page.keyboard.press("Enter")
    expect(page.locator("#view-calc h2")).to_be_focused()
    reach(page, ".tools a")
    page.keyboard.press("Enter")
    page.locator("#tool-form form").wait_for()
    reach(page, "#tool-form [type=radio]")
    page.keyboard.press("ArrowRight")
    outline = page.evaluate("getComputedStyle(document.activeElement.parentElement).outlineStyle")
    assert outline == "solid"


def reach(page: Page, selector: str) -> None:
    """Go on with Tab until an element of that kind has the focus; all on the way can be seen."""
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("s => document.activeElement.matches(s)", selector):
            return
    raise AssertionError(f"{selector} cannot be reached with Tab")


@pytest.mark.parametrize(("width", "height"), [(360, 740), (320, 256)])
def test_nothing_is_cut_off_on_a_phone_or_at_400_percent(opened: Open, width: int, height: int) -> None:
    page = opened(width=width, height=height)
    say(page, HIRED)
    for view in ["", *VIEWS[1:]]:
        if view:
            page.goto(page.url.split("?")[0] + view)
            page.wait_for_selector("body[data-ready]")
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= width, f"{view}: {wide}"
    fixed = page.evaluate("""() => [...document.querySelectorAll('#page *')].filter(e => ['fixed', 'sticky'].includes(getComputedStyle(e).position)
        && e.offsetParent !== null && getComputedStyle(e).opacity > 0).reduce((sum, e) => sum + e.offsetHeight, 0)""")
    assert fixed <= height / 2


def test_what_stays_in_place_hides_nothing_that_has_the_focus(opened: Open) -> None:
    page = opened("?view=clauses", width=360, height=740)
    page.locator("#clause-search").focus()
    for _ in range(25):
        page.keyboard.press("Tab")
        seen = page.evaluate("""() => { const box = document.activeElement.getBoundingClientRect();
            const at = document.elementFromPoint(box.x + box.width / 2, box.y + Math.min(box.height, 20) / 2);
            return document.activeElement.contains(at) || at?.contains(document.activeElement) }""")
        assert seen, page.evaluate("document.activeElement.outerHTML.slice(0, 200)")


def test_light_and_dark_are_kept(opened: Open) -> None:
    page = opened(color_scheme="light")
    button = page.locator("#theme")
    button.click()
    button.click()
    expect(button).to_have_attribute("aria-label", "外观：深色")
    dark = page.evaluate("getComputedStyle(document.body).backgroundColor")
    page.reload()
    page.wait_for_selector("body[data-ready]")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == dark == "rgb(17, 24, 23)"


def test_little_motion_is_respected(opened: Open) -> None:
    page = opened(reduced_motion="reduce")
    page.evaluate("document.querySelector('#log').innerHTML = '<p class=progress><span class=dots></span></p>'")
    assert page.evaluate("getComputedStyle(document.querySelector('.dots')).animationName") == "none"
