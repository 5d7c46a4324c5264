"""The page, built with Gradio: five views as HTML made here, and the functions behind them as its API.

Nothing of a conversation is kept in Gradio's own session: the browser holds it, so a reload, another tab or a restart
of the server loses nothing. Everything the page loads comes from this machine.
"""

import json
from functools import cache
from html import escape
from importlib.resources import files
from urllib.parse import quote

import gradio as gr

from assistant.channels.web_about import about_view
from assistant.channels.web_calc import calc_view
from assistant.channels.web_chat import chat_view
from assistant.channels.web_check import check_view
from assistant.channels.web_clauses import clauses_view
from assistant.channels.web_functions import Functions
from assistant.channels.web_html import Html, el, icon, join, texts
from assistant.service import Assistant
from tools.catalogue import catalogue

STYLES = ("web.css", "web_views.css")
AT_ONCE = ("form", "calculate", "check", "search", "clause", "rate", "forget")
"""Functions that answer at once, without Gradio's queue."""
SCRIPTS = ("web_base.js", "web_chat.js", "web_views.js")
_SEAL = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="7" fill="#0f6257"/>'
    '<path d="M9 9h14M16 6v3M11 9v8q0 6-3 9M14 16h8v9h-8z" fill="none" stroke="#fff" stroke-width="2.4"/></svg>'
)
"""The sign in the browser's tab."""
FONTS = ["PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", "Noto Sans SC", "system-ui", "sans-serif"]
"""By name first: where the system's own font has no Chinese, digits and characters would not match."""


def head() -> str:
    """The page's style sheets, language and scripts, with what the scripts say.

    The style sheets stand here and not in Gradio's ``css``, which rewrites selectors and breaks ``:is()``.
    """
    said = {"script": texts()["script"], "calc": texts()["calc"], "icons": texts()["icons"], "title": texts()["title"],
            "theme": texts()["theme"], "views": {view["id"]: view["label"] for view in texts()["views"]},
            "delete": texts()["chat"]["delete"], "ends": _ends()}  # fmt: skip
    words = json.dumps(said, ensure_ascii=False).replace("<", "\\u003c")
    scripts = "\n".join(_read(name) for name in SCRIPTS)
    styles = "\n".join(_read(name) for name in STYLES)
    return (
        f'<link rel="icon" href="data:image/svg+xml,{quote(_SEAL)}">'
        f"<style>{styles}</style>"
        f'<meta name="description" content="{escape(texts()["slogan"])}">'
        f"<script>document.documentElement.lang = 'zh-CN'; window.PAGE = {words};</script>"
        f"<script>(() => {{\n{scripts}\nwindow.startPage = startPage;\n}})();</script>"
    )


def _ends() -> list[str]:
    """For every benefit the last day of its period; empty for one without."""
    days = [[w.valid_until for w in tool.benefit.windows if w.valid_until] for tool in catalogue().values()]
    return [min(found).isoformat() if found else "" for found in days]


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
        functions = Functions(assistant)
        gr.api(functions.ask, concurrency_limit=None, api_visibility="undocumented")  # type: ignore[attr-defined]
        for function in (getattr(functions, name) for name in AT_ONCE):
            gr.api(function, queue=False, api_visibility="undocumented")  # type: ignore[attr-defined]
    return page


def _shell(views: dict[str, Html]) -> Html:
    """The head of the page, the five views of which one is shown, and the dialog a citation opens."""
    said, clauses = texts(), texts()["clauses"]
    links = [
        el("a", icon(view["icon"]), el("span", view["label"]), href=f"?view={view['id']}", data_view=view["id"], data_nav=True)
        for view in said["views"]
    ]
    day = el("div", el("label", said["day"], for_="day"), el("span", id="day-words", aria_hidden="true"),
             el("input", type="date", id="day", title=said["day_help"]), class_="day")  # fmt: skip
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
