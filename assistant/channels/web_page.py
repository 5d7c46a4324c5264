"""The page, built with Gradio: five views as HTML made here, and the functions that its scripts call.

Nothing of a conversation is kept in Gradio's own session: the browser holds it, so a reload, another tab or a restart
of the server loses nothing. Everything the page loads comes from this machine.
"""

import json
import secrets
from collections.abc import AsyncIterator
from datetime import date
from functools import cache
from html import escape
from importlib.resources import files
from typing import Literal

import gradio as gr

from assistant.channels.web_about import about_view
from assistant.channels.web_calc import calc_view, calculate_scenarios, facts_from, tool_form
from assistant.channels.web_chat import MENDABLE, chat_view, converse
from assistant.channels.web_check import check_html, check_view
from assistant.channels.web_clauses import clause_page, clauses_view, found_html
from assistant.channels.web_html import Html, el, icon, join, texts
from assistant.channels.web_turns import Turns
from assistant.service import Assistant
from tools.catalogue import UnknownTool
from tools.facts import FactError

STYLES = ("web.css", "web_views.css")
SCRIPTS = ("web_base.js", "web_chat.js", "web_views.js")
FONTS = ["system-ui", "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", "sans-serif"]


def css() -> str:
    """The page's own style sheets."""
    return "\n".join(_read(name) for name in STYLES)


def head() -> str:
    """The page's language and scripts, with what the scripts say."""
    said = {"script": texts()["script"], "calc": texts()["calc"], "icons": texts()["icons"], "title": texts()["title"],
            "theme": texts()["theme"], "views": {view["id"]: view["label"] for view in texts()["views"]},
            "delete": texts()["chat"]["delete"]}  # fmt: skip
    words = json.dumps(said, ensure_ascii=False).replace("<", "\\u003c")
    scripts = "\n".join(_read(name) for name in SCRIPTS)
    return (
        f'<meta name="description" content="{escape(texts()["slogan"])}">'
        f"<script>document.documentElement.lang = 'zh-CN'; window.PAGE = {words};</script>"
        f"<script>\n{scripts}\n</script>"
    )


@cache
def _read(name: str) -> str:
    return files("assistant.channels").joinpath(name).read_text("utf-8")


def theme() -> gr.Theme:
    """The ground that Gradio paints before the page's own style is there; fonts that the reader's machine has."""
    return gr.themes.Base(primary_hue="teal", neutral_hue="stone", font=FONTS, font_mono=["ui-monospace", "monospace"]).set(
        body_background_fill="#f6f5f1", body_background_fill_dark="#111817",
        body_text_color="#1c2826", body_text_color_dark="#e6ecea",
        block_background_fill="transparent", block_border_width="0px", block_padding="0", layout_gap="0",
    )  # fmt: skip


def build_page(assistant: Assistant) -> gr.Blocks:
    """The page and the functions behind it."""
    page: gr.Blocks
    views = {
        "chat": chat_view(assistant.settings.max_question_length), "calc": calc_view(), "check": check_view(),
        "clauses": clauses_view(), "about": about_view(assistant.settings),
    }  # fmt: skip
    with gr.Blocks(title=texts()["title"], analytics_enabled=False, fill_width=True) as page:
        gr.HTML(_shell(views), js_on_load="startPage(element)", apply_default_css=False, elem_id="page")
        _functions(assistant)
    return page


def _shell(views: dict[str, Html]) -> Html:
    """The head of the page, the five views of which one is shown, and the dialog a citation opens."""
    said, clauses = texts(), texts()["clauses"]
    links = [
        el("a", icon(view["icon"]), el("span", view["label"]), href=f"?view={view['id']}", data_view=view["id"], data_nav=True)
        for view in said["views"]
    ]
    day = el("div", el("label", said["day"], for_="day"), el("input", type="date", id="day", title=said["day_help"]), class_="day")
    look = el("button", icon("sun"), type="button", id="theme", class_="round", aria_label=said["theme"]["auto"])
    name = el("a", el("span", said["title"][:2], class_="seal", aria_hidden="true"),
              el("span", el("b", said["title"]), el("small", said["slogan"])), href="?view=chat", data_nav=True, class_="brand")  # fmt: skip
    head_ = el("div", name, el("nav", links, aria_label=said["menu"]), el("div", day, look, class_="head-tools"), class_="page-head")
    dialog = el(
        "dialog", el("div", el("p", clauses["quoted"], class_="help"),
                     el("button", icon("close"), type="button", class_="round", aria_label=clauses["close"], data_close=True),
                     class_="dialog-head"),
        el("div", id="dialog-body"),
        el("a", clauses["open"], icon("arrow"), id="dialog-open", href="?view=clauses", data_nav=True), id="dialog", aria_label=said["views"][3]["label"],
    )  # fmt: skip
    shown = [el("section", inner, id=f"view-{name}", hidden=True, class_="view") for name, inner in views.items()]
    skip = el("a", said["skip"], href="#main", class_="skip")
    toast = el("div", id="toast", role="status")
    return join(skip, el("h1", said["title"], class_="sr"), head_, el("div", shown, id="main", tabindex="-1"), dialog, toast)


def _functions(assistant: Assistant) -> None:
    """What the scripts call, by name; all of it takes and gives JSON."""
    turns = Turns(assistant.settings.data_dir)

    async def ask(session: str, turn: str, question: str, as_of: str) -> AsyncIterator[dict]:  # type: ignore[type-arg]
        """Answer one message of a conversation; the same turn sent again gets the same answer."""
        async for update in converse(assistant, turns, session or secrets.token_hex(16), turn or secrets.token_hex(8), question, as_of):
            yield update

    def form(tool: str, scenarios: str) -> dict:  # type: ignore[type-arg]
        """The form of a calculator, with facts filled in (a JSON array of them)."""
        try:
            return {"html": tool_form(tool, [facts_from(json.dumps(facts)) for facts in json.loads(scenarios or "[]")])}
        except FactError as error:
            return {"html": join(el("p", str(error), class_="problem", role="alert"), tool_form(tool))}
        except UnknownTool:
            return {"html": ""}

    def calculate(tool: str, scenarios: str, as_of: str) -> dict:  # type: ignore[type-arg]
        """The result of one or two situations (a JSON array of facts)."""
        return calculate_scenarios(tool, json.loads(scenarios), _day(as_of))

    def check(facts: str, subject: str, as_of: str) -> str:
        """The screening (政策体检) of a company (企业) or a person (个人)."""
        who: Literal["企业", "个人"] = "个人" if subject == "个人" else "企业"
        return check_html(facts_from(facts), who, _day(as_of))

    def search(question: str) -> str:
        """The clauses nearest to a question."""
        try:
            return found_html(assistant.retriever, question[: assistant.settings.max_question_length])
        except MENDABLE as error:
            return el("p", texts()["broken"].format(reason=error), class_="problem")

    def clause(number: int, quotes: str) -> str:
        """One clause with the quoted words marked (a JSON array of them)."""
        return clause_page(int(number), json.loads(quotes or "[]"))

    def rate(session: str, turn: str, good: bool, word: str) -> bool:
        """Note whether an answer helped."""
        turns.rate(f"{session}/{turn}", good, word)
        return True

    gr.api(ask, concurrency_limit=None, api_visibility="undocumented")
    for function in (form, calculate, check, search, clause, rate):
        gr.api(function, queue=False, api_visibility="undocumented")


def _day(text: str) -> date:
    return date.fromisoformat(text) if text else date.today()

