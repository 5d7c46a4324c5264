"""The page in a real browser: what a person types, sees, clicks and finds again."""

import json
import re
import urllib.request
from pathlib import Path
from urllib.parse import quote

from playwright.sync_api import Page, expect

from tests.assistant.channels.web.conftest import Open, say

HIRED = "我们公司招了5个应届毕业生，签了合同，社保交满3个月，能领多少钱？"
INTERNS = {
    "is_internship_base": True,
    "interns": [{"heads": 10, "category": "离校2年内未就业高校毕业生", "left_school_months": 12, "worked_since": False,
                 "internship_months": 6, "retained": 4}],
}  # fmt: skip


def amounts(page: Page) -> list[str]:
    return page.locator(".bot .amount").all_inner_texts()


def test_a_question_gets_its_amount_clause_and_steps(page: Page) -> None:
    say(page, HIRED)
    card = page.locator(".card")
    expect(card.locator(".amount")).to_have_text("可领7500 元")
    expect(card.locator(".steps")).to_have_text("5 人 × 1500 元/人 = 7500 元")
    expect(page.locator(".sources .clause")).to_have_text("第（一）条 加强企业吸纳就业政策支持")
    expect(page.locator("q").first).to_have_text("按每招用1人1500元的标准发放一次性扩岗补助")
    card.locator("summary").first.click()
    expect(card.locator(".conditions").first).to_contain_text("✓已签订劳动合同（是）")
    expect(page.get_by_label("您的问题")).to_have_value("")
    expect(page.locator(".offers button")).to_have_count(3)


def test_a_question_back_is_answered_with_one_click(page: Page) -> None:
    say(page, "稳岗返还能返多少？我们去年交了10万失业保险费")
    page.locator(".option-button").first.click()
    expect(page.locator(".bot .actions")).to_have_count(2)
    expect(page.locator(".user.message")).to_have_count(2)
    expect(page.locator(".turn").first.locator(".offers")).to_be_hidden()


def test_on_a_phone_question_words_and_choices_are_seen_at_once(opened: Open) -> None:
    page = opened(width=360, height=740)
    for text in (HIRED, "稳岗返还能返多少？我们去年交了10万失业保险费"):
        say(page, text)
    page.wait_for_timeout(600)  # the page comes to rest
    for part in (".turn:last-child .user", ".turn:last-child .words", ".turn:last-child .option-button"):
        expect(page.locator(part).last).to_be_in_viewport(ratio=1)
    top = page.locator(".turn").last.locator(".user").bounding_box()
    assert top is not None and top["y"] < 100
    page.reload()
    expect(page.locator(".option-button:visible")).to_have_count(4)


def test_on_a_phone_the_earlier_conversations_are_a_drawer(opened: Open) -> None:
    page = opened(width=360, height=740)
    say(page, HIRED)
    button = page.get_by_role("button", name="以前的对话", exact=True)
    button.click()
    expect(page.locator("#history")).to_be_in_viewport()
    expect(button).to_have_attribute("aria-expanded", "true")
    page.keyboard.press("Escape")
    expect(page.locator("#history")).to_be_hidden()
    expect(button).to_be_focused()
    button.click()
    page.mouse.click(350, 400)
    expect(page.locator("#history")).to_be_hidden()
    button.click()
    page.locator("#history").get_by_role("button", name="新对话").click()
    expect(page.locator("#history")).to_be_hidden()
    expect(page.locator("#welcome")).to_be_visible()


def test_the_day_is_told_in_words(opened: Open) -> None:
    page = opened(day="")
    expect(page.locator("#day-words")).to_have_text("今天")
    page.get_by_label("按哪一天算").fill("2025-09-01")
    expect(page.locator("#day-words")).to_have_text("2025年9月1日")
    say(page, HIRED)
    expect(page.locator(".bot .help").last).to_have_text("按2025年9月1日计算")


def test_a_citation_opens_its_clause_with_the_quoted_words_marked(page: Page) -> None:
    say(page, HIRED)
    page.locator(".sources .clause").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.locator("h4")).to_be_in_viewport()
    expect(dialog.locator("mark").filter(has_text="按每招用1人1500元的标准发放一次性扩岗补助")).to_be_visible()
    dialog.get_by_role("link", name="在全文里看").click()
    expect(page).to_have_url(re.compile(r"view=clauses&clause=1&quote="))
    expect(page.locator("#clause-1 mark").first).to_be_visible()
    page.go_back()
    expect(page.locator(".bot .amount")).to_be_visible()


def test_the_conversation_goes_on_until_a_new_one_begins_and_is_found_again(page: Page) -> None:
    say(page, HIRED)
    say(page, "那如果是8个呢")
    assert amounts(page) == ["可领\n7500 元", "可领\n12000 元"]
    page.get_by_role("button", name="新对话").click()
    expect(page.locator(".turn")).to_have_count(0)
    say(page, "那如果是8个呢")
    expect(page.get_by_text("12000")).to_have_count(0)
    page.locator("#earlier").get_by_role("button", name="我们公司招了5个应届毕业生").first.click()
    assert amounts(page) == ["可领\n7500 元", "可领\n12000 元"]
    page.on("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="删除这个对话：那如果").click()
    expect(page.locator("#earlier li")).to_have_count(1)


def test_a_reload_loses_nothing_and_doubles_nothing(page: Page) -> None:
    page.get_by_label("您的问题").fill(HIRED)
    page.get_by_label("您的问题").press("Enter")
    page.reload()  # while it is being answered
    expect(page.locator(".bot .amount")).to_have_text(["可领7500 元"])
    say(page, "那如果是8个呢")
    page.reload()
    expect(page.locator(".bot .amount")).to_have_text(["可领7500 元", "可领12000 元"])


def test_sending_twice_at_once_asks_once(page: Page) -> None:
    page.get_by_label("您的问题").fill(HIRED)
    page.evaluate("for (let i = 0; i < 3; i++) document.querySelector('#composer').requestSubmit()")
    expect(page.locator(".bot .actions")).to_have_count(1)
    page.locator(".offers button").first.dblclick()
    expect(page.locator(".bot .actions")).to_have_count(2)
    expect(page.locator(".turn")).to_have_count(2)


def test_two_tabs_are_two_conversations(page: Page) -> None:
    say(page, HIRED)
    other = page.context.new_page()
    other.goto(page.url)
    other.wait_for_selector("body[data-ready]")
    say(other, "那如果是8个呢")
    expect(other.locator(".amount")).to_have_count(0)
    say(page, "那如果是8个呢")
    assert amounts(page)[1] == "可领\n12000 元"
    expect(page.locator("#earlier li")).to_have_count(2)


def test_what_is_deleted_in_one_tab_is_gone_in_the_other(page: Page) -> None:
    say(page, HIRED)
    other = page.context.new_page()
    other.goto(page.url)
    other.wait_for_selector("body[data-ready]")
    other.locator("#earlier").get_by_role("button", name="我们公司招了5个应届毕业生").first.click()
    expect(other.locator(".turn")).to_have_count(1)
    page.on("dialog", lambda dialog: dialog.accept())
    with page.expect_response(lambda response: "/forget" in response.url) as forgotten:
        page.get_by_role("button", name="删除这个对话").click()
    assert forgotten.value.ok  # on the server as well
    expect(other.locator(".turn")).to_have_count(0)
    say(other, "那如果是8个呢")
    expect(other.locator(".turn")).to_have_count(1)


def test_what_one_types_is_shown_as_text_here_and_in_what_is_exported(page: Page, tmp_path: Path) -> None:
    typed = "<img src=x onerror=alert(1)> **粗** [x](http://example.com) $$a^2$$ {{value}} ${value}"
    say(page, typed)
    expect(page.locator(".user.message")).to_have_text(f"您：{typed}")
    expect(page.locator("#log img, .user a, .user strong")).to_have_count(0)
    expect(page.locator("#earlier img")).to_have_count(0)
    with page.expect_download() as html:
        page.get_by_role("button", name="导出为网页").click()
    html.value.save_as(tmp_path / "c.html")
    written = (tmp_path / "c.html").read_text("utf-8")
    assert "&lt;img src=x onerror=alert(1)&gt;" in written and "<img" not in written and "<script" not in written


def test_a_conversation_is_exported(page: Page, tmp_path: Path) -> None:
    say(page, HIRED)
    for label, must in (("导出为 Markdown", "> 第（一）条"), ("导出为网页", "<strong>7500<small> 元</small></strong>")):
        with page.expect_download() as file:
            page.get_by_role("button", name=label).click()
        file.value.save_as(tmp_path / "file")
        written = (tmp_path / "file").read_text("utf-8")
        assert HIRED in written and must in written and "5 人 × 1500 元/人 = 7500 元" in written
        assert "按2025年9月1日计算" in written
        assert file.value.suggested_filename.startswith("政策咨询 20")


def test_a_long_list_stays_a_list_in_what_is_exported(page: Page, tmp_path: Path) -> None:
    say(page, "公司大概能享受哪些政策")
    with page.expect_download() as file:
        page.get_by_role("button", name="导出为网页").click()
    file.value.save_as(tmp_path / "c.html")
    page.context.new_page().goto((tmp_path / "c.html").as_uri())
    saved = page.context.pages[-1]
    expect(saved.locator(".row[open]")).to_have_count(0)
    expect(saved.locator(".row")).to_have_count(18)


def test_a_question_of_several_lines_is_one_heading_in_markdown(page: Page, tmp_path: Path) -> None:
    say(page, "# 标题\n<b>招人</b> $$x$$")
    with page.expect_download() as file:
        page.get_by_role("button", name="导出为 Markdown").click()
    file.value.save_as(tmp_path / "c.md")
    assert "## 您：\\# 标题 \\<b\\>招人\\</b\\> \\$\\$x\\$\\$\n" in (tmp_path / "c.md").read_text("utf-8")


def test_on_paper_the_conditions_are_open_and_nothing_else_is_in_the_way(page: Page) -> None:
    say(page, HIRED)
    page.evaluate("window.print = () => { dispatchEvent(new Event('beforeprint')); }")
    page.get_by_role("button", name="打印或存成 PDF").click()
    page.emulate_media(media="print")
    expect(page.locator(".bot .conditions").first).to_be_visible()
    for part in ("#composer", "nav", "#history", ".offers", ".actions"):
        expect(page.locator(part).first).to_be_hidden()
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    expect(page.locator(".bot .card details[open]")).to_have_count(0)


def test_an_answer_is_copied_and_rated(opened: Open) -> None:
    page = opened(permissions=["clipboard-read", "clipboard-write"])
    say(page, HIRED)
    page.get_by_role("button", name="复制").click()
    assert "按每招用1人1500元" in page.evaluate("navigator.clipboard.readText()")
    page.get_by_role("button", name="没帮助").click()
    page.get_by_label("哪里不好").fill("太长")
    page.get_by_role("button", name="提交").click()
    expect(page.locator("#toast")).to_have_text("谢谢，已记下")
    page.reload()
    expect(page.get_by_role("button", name="没帮助")).to_have_attribute("aria-pressed", "true")
    page.get_by_role("button", name="有帮助").click()
    page.get_by_label("哪里有帮助").fill("算得清楚")
    page.get_by_label("哪里有帮助").press("Enter")
    expect(page.get_by_role("button", name="有帮助")).to_be_focused()


def test_an_opinion_that_does_not_arrive_is_told(page: Page) -> None:
    say(page, HIRED)
    page.evaluate("() => { const real = fetch; window.fetch = (to, ...rest) => to.includes('rate') ? Promise.reject(new Error('lost')) : real(to, ...rest); }")
    page.get_by_role("button", name="有帮助").click()
    expect(page.locator("#toast")).to_have_text("没有记上，请稍后再试")
    expect(page.get_by_role("button", name="有帮助")).to_have_attribute("aria-pressed", "false")


def test_a_calculation_is_made_in_a_form_shared_and_compared(opened: Open) -> None:
    page = opened("?view=calc")
    page.get_by_role("link", name="就业见习补贴 就业见习基地吸纳").click()
    form = page.locator("#tool-form form").first
    for label, value in (("人数（人）", "10"), ("见习月数（个月）", "6"), ("期满留用人数（人）", "4")):
        form.get_by_label(label, exact=True).fill(value)
    expect(page.locator(".result .amount")).to_have_text("可领90000 元")
    expect(page.locator(".result")).to_contain_text("如果期满留用人数再增加1人（留用率达到50%）")
    expect(page.locator("svg.chart")).to_have_attribute("aria-label", re.compile("期满留用人数.*现在是 4，90000 元"))
    page.get_by_role("button", name="比一比").click()
    second = page.locator("#tool-form form").nth(1)
    second.get_by_label("期满留用人数（人）", exact=True).fill("5")
    expect(page.locator("#difference")).to_have_text("情况一可领 90000 元情况二可领 105000 元情况二比情况一多 15000 元")
    expect(page.locator(".differs")).to_have_attribute("data-fact", "retained")
    again = opened(page.url[page.url.index("?"):].replace("&date=2025-09-01", ""))
    expect(again.locator(".result .amount")).to_have_text(["可领90000 元", "可领105000 元即10.5万元"])


def test_on_a_phone_the_outcome_looks_in_while_one_fills_in_the_form(opened: Open) -> None:
    page = opened(f"?view=calc&tool=internship_subsidy&facts={quote(json.dumps(INTERNS))}", width=360, height=740)
    peek = page.locator(".peek")
    expect(peek).to_have_text("可领 90000 元")
    expect(peek).to_be_in_viewport()
    peek.click()
    expect(page.locator(".result .amount")).to_be_in_viewport()


def test_a_browser_that_keeps_nothing_can_still_be_used(opened: Open) -> None:
    page = opened()
    page.add_init_script("for (const name of ['localStorage', 'sessionStorage']) Object.defineProperty(window, name, {get() { throw new Error(name) }})")
    page.reload()
    page.wait_for_selector("body[data-ready]")
    say(page, HIRED)
    say(page, "那如果是8个呢")
    assert amounts(page) == ["可领\n7500 元", "可领\n12000 元"]


def test_a_link_with_a_question_fills_the_box_and_sends_nothing(opened: Open) -> None:
    page = opened(f"?ask={quote(HIRED)}")
    expect(page.get_by_label("您的问题")).to_have_value(HIRED)
    expect(page.locator(".turn")).to_have_count(0)


def test_groups_are_added_and_removed(opened: Open) -> None:
    page = opened(f"?view=calc&tool=internship_subsidy&facts={quote(json.dumps(INTERNS))}")
    expect(page.locator(".result .amount")).to_have_text("可领90000 元")
    page.get_by_role("button", name="再加一组").click()
    group = page.locator("[data-row]").nth(1)
    expect(group.locator("legend").first).to_have_text("第2组")
    group.get_by_label("人数（人）", exact=True).fill("2")
    expect(page.locator(".result")).to_contain_text("还要知道")
    group.get_by_role("button", name="去掉这一组").click()
    expect(page.locator(".result .amount")).to_have_text("可领90000 元")


def test_facts_that_cannot_be_are_explained(opened: Open) -> None:
    page = opened(f"?view=calc&tool=internship_subsidy&facts={quote(json.dumps(INTERNS))}")
    retained = page.locator("#tool-form").get_by_label("期满留用人数（人）", exact=True)
    retained.fill("11")
    expect(page.locator(".result .problem")).to_have_text("期满留用人数（11人）不能多于见习人数（10人）")
    retained.fill("-1")
    expect(page.locator(".result .problem")).to_contain_text("「期满留用人数」")
    broken = opened("?view=calc&tool=startup_loan&facts=%7Bbad")
    expect(broken.locator("#tool-form .problem")).to_have_text("链接里的情况读不出来，请重新填写")
    unknown = opened("?view=calc&tool=nothing")
    expect(unknown.locator("#tool-list")).to_be_visible()


def test_the_screening_groups_every_benefit(opened: Open) -> None:
    page = opened("?view=check")
    company = page.locator("form[data-subject=企业]")
    company.get_by_role("group", name="企业规模").get_by_text("小微企业", exact=True).click()
    company.get_by_label("单位类型").select_option("企业")
    company.get_by_role("button", name="下一步：招用人员").click()
    expect(company.locator(".step[open] > summary")).to_have_text("招用人员")
    company.get_by_label("人数（人）").first.fill("3")
    company.get_by_label("人员类别").first.select_option("毕业年度高校毕业生")
    company.get_by_role("group", name="已签劳动合同").get_by_text("是", exact=True).first.click()
    company.get_by_label("参保缴费月数（个月）").fill("4")
    company.locator("summary", has_text="社会保险").click()
    company.get_by_role("group", name="裁员情况").get_by_text("不裁员", exact=True).click()
    company.get_by_label("上年度实缴失业保险费（元）").fill("20000")
    company.get_by_role("button", name="开始体检").click()
    due = page.locator(".group-due")
    expect(due).to_contain_text("可领 4500 元")
    expect(due).to_contain_text("可返还 12000 元")
    expect(due.locator(".caution")).to_have_text("方案未规定能否同时享受")
    counts = [int(count) for count in page.locator("#check-result .count").all_inner_texts()]
    assert len(counts) == 4 and sum(counts) == 18
    due.locator("summary").filter(has_text="一次性扩岗补助").click()
    expect(due).to_contain_text("按足额缴纳计")
    page.get_by_label("按哪一天算").fill("2026-01-01")
    expect(page.locator(".group-ended .row").filter(has_text="失业保险稳岗返还")).to_have_count(1)


def test_a_person_is_not_asked_about_what_only_companies_can_have(opened: Open) -> None:
    page = opened("?view=check&subject=个人")
    page.get_by_role("button", name="开始体检").click()
    page.locator(".others").wait_for()
    counts = [int(count) for count in page.locator("#check-result .count").all_inner_texts()]
    assert sum(counts) == 7
    expect(page.locator(".group-open")).not_to_contain_text("失业保险稳岗返还")
    others = page.locator(".others")
    expect(others.locator(".row").first).to_be_hidden()
    others.locator("summary").first.click()
    expect(others).to_contain_text("只由企业申请的11项")
    expect(others.locator(".row").filter(has_text="失业保险稳岗返还")).to_be_visible()


def test_the_question_on_which_most_hangs_is_named_once(opened: Open) -> None:
    page = opened("?view=check")
    page.get_by_role("button", name="开始体检").click()
    expect(page.locator(".group-open .caution")).to_have_text(re.compile(r"^\d项都要先知道：.+"))


def test_the_plan_is_searched_by_meaning_and_asked_about(opened: Open) -> None:
    page = opened("?view=clauses")
    expect(page.locator(".plan .clause-card")).to_have_count(22)
    page.get_by_label("找政策").press_sequentially("招不到人怎么办", delay=15)
    expect(page.locator(".found a").first).to_contain_text("第（四）条 强化重点企业用工保障")
    page.locator(".found a").first.click()
    expect(page).to_have_url(re.compile("view=clauses&clause=4"))
    expect(page.locator("#clause-4")).to_be_in_viewport()
    page.locator("#clause-4").get_by_role("link", name="用工困难企业帮扶").click()
    expect(page.locator("#tool-form h2")).to_have_text("用工困难企业帮扶")
    expect(page.locator("#tool-form h2")).to_be_focused()
    page.go_back()
    page.locator("#clause-4").get_by_role("link", name="问问这一条").click()
    expect(page.locator(".user.message")).to_contain_text("强化重点企业用工保障")
    expect(page.locator(".bot .actions")).to_have_count(1)


def test_a_link_to_a_clause_opens_it(opened: Open) -> None:
    page = opened(f"?view=clauses&clause=14&quote={quote('中小微企业按60%返还')}")
    expect(page.locator("#clause-14 mark")).to_have_text("中小微企业按60%返还")
    expect(page.locator("#clause-14")).to_be_in_viewport()
    assert page.title() == "看政策 · 广西人社政策助手"


def test_about_tells_who_answers_and_what_it_rests_on(opened: Open) -> None:
    page = opened("?view=about")
    expect(page.locator("#view-about")).to_contain_text("2025年8月25日")
    expect(page.locator("#view-about")).to_contain_text("自带的离线模型")


def test_the_page_may_load_nothing_from_elsewhere(page_address: str) -> None:
    with urllib.request.urlopen(page_address) as response:
        assert response.status == 200
        assert "default-src 'self'" in response.headers["Content-Security-Policy"]
        assert "广西人社政策助手" in response.read().decode()
