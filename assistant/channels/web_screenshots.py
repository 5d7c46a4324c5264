"""``python -m assistant.channels.web_screenshots`` takes the pictures of the README anew, with a chromium on this machine."""

import json
import sys
import tempfile
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from assistant.channels.web_bench import DAY, chromium, served

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "screenshots"
SIZES = {"desktop": (1120, 700), "phone": (360, 740)}
QUESTION = "见习基地带了10个见习生，干了6个月，留用了5个，补贴有多少？"
_INTERNS = {
    "is_internship_base": True,
    "interns": [{"heads": 10, "category": "离校2年内未就业高校毕业生", "left_school_months": 12, "worked_since": False,
                 "internship_months": 6, "retained": 4}],
}  # fmt: skip
ADDRESSES = {
    "chat": {"view": "chat"},
    "calc": {"view": "calc", "tool": "internship_subsidy", "facts": json.dumps(_INTERNS, ensure_ascii=False)},
    "check": {"view": "check"},
    "clauses": {"view": "clauses", "clause": "14", "quote": "中小微企业按60%返还"},
    "about": {"view": "about"},
}


def take(browser: Any, address: str, folder: Path) -> list[Path]:
    """Every view at both sizes, and the chat in the dark."""
    shots = [(name, size, "light") for name in ADDRESSES for size in SIZES]
    shots += [("chat", size, "dark") for size in SIZES]
    return [_take(browser, address, folder, *shot) for shot in shots]


def _take(browser: Any, address: str, folder: Path, name: str, size: str, look: str) -> Path:
    width, height = SIZES[size]
    page = browser.new_page(viewport={"width": width, "height": height}, color_scheme=look, locale="zh-CN")
    page.goto(f"{address}/?{urlencode({**ADDRESSES[name], 'date': DAY}, quote_via=quote)}")
    page.wait_for_selector("body[data-ready]")
    _fill(page, name, size)
    page.wait_for_timeout(500)  # what moves has come to rest
    path = folder / f"{name}-{size}{'' if look == 'light' else '-dark'}.png"
    page.screenshot(path=path)
    page.close()
    return path


def _fill(page: Any, name: str, size: str) -> None:
    """Do what there is to show."""
    if name == "chat":
        page.get_by_label("您的问题").fill(QUESTION)
        page.keyboard.press("Enter")
        page.locator(".bot .actions").wait_for()
    elif name == "calc":
        page.locator(".result .card").wait_for()
        if size == "phone":
            page.locator(".result").scroll_into_view_if_needed()
            page.locator(".result").evaluate("box => box.scrollIntoView()")
    elif name == "check":
        form = page.locator("form[data-subject=企业]")
        form.get_by_label("单位类型").select_option("企业")
        form.get_by_role("group", name="企业规模").get_by_text("小微企业", exact=True).click()
        form.locator("summary", has_text="社会保险").click()
        form.get_by_role("group", name="裁员情况").get_by_text("不裁员", exact=True).click()
        form.get_by_label("上年度实缴失业保险费（元）").fill("100000")
        form.locator("summary", has_text="贷款").click()
        form.get_by_role("group", name="借款人").get_by_text("小微企业", exact=True).click()
        form.get_by_role("button", name="开始体检").click()
        page.locator("#check-result section").first.wait_for()
    elif name == "clauses":
        page.locator("mark").first.wait_for()


def main() -> int:
    """Write the pictures; 1 when there is no browser."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    try:
        with tempfile.TemporaryDirectory() as data, served(data) as address, chromium() as browser:
            for path in take(browser, address, FOLDER):
                print(path.relative_to(FOLDER.parents[1]), f"{path.stat().st_size // 1024} KB")
    except RuntimeError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
