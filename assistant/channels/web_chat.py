"""问一问: the conversation. What was said is kept by the browser; each turn is answered once, however often it is sent."""

import logging
from collections.abc import AsyncIterator
from datetime import date
from typing import Any

from assistant.answer import Answer
from assistant.channels.web_card import answer_html, answer_markdown
from assistant.channels.web_html import Html, el, icon, markdown, texts
from assistant.channels.web_turns import Turns
from assistant.service import Assistant
from assistant.settings import SettingsError
from corpus import PlanFormatError
from corpus.embedding import EmbeddingModelError
from corpus.index import IndexUnavailableError
from tools.parameters import ParameterError

MENDABLE = (IndexUnavailableError, EmbeddingModelError, ParameterError, PlanFormatError, SettingsError)
"""What the assistant lets through: the installation needs mending, and the error says how."""
EXPORTS = {"print": "print", "html": "download", "markdown": "download"}
"""Ways to take a conversation along, and their drawings."""
log = logging.getLogger(__name__)
Update = dict[str, Any]


def chat_view(longest: int) -> Html:
    """The conversation, the earlier ones beside it, and the box to write in, for at most ``longest`` characters."""
    said = texts()["chat"]
    examples = [el("li", el("button", text, type="button", class_="example", data_say=text)) for text in said["examples"]]
    welcome = el(
        "div", _landscape(), el("h2", said["welcome"], tabindex="-1"), el("p", said["lead"], class_="lead"),
        el("p", id="ended", hidden=True),
        el("h3", said["examples_label"], class_="card-label"), el("ul", examples, class_="examples"), id="welcome",
    )  # fmt: skip
    side = el(
        "aside",
        _round("hide-history", "close", said["hide"]),
        el("button", icon("plus"), said["new"], type="button", id="new", class_="quiet strong"),
        el("h2", said["history"], class_="card-label"),
        el("ul", id="earlier", data_empty=said["history_empty"]),
        el("div", [_export(said, kind) for kind in EXPORTS], class_="exports", role="group", aria_label=said["export"]),
        id="history", aria_label=said["history"],
    )  # fmt: skip
    bar = el(
        "div",
        el("button", icon("history"), said["history"], type="button", id="show-history", aria_expanded="false", aria_controls="history"),
        el("button", icon("plus"), said["new"], type="button", id="new-here"),
        class_="chat-bar",
    )
    heading = el("h2", said["log"], class_="sr")
    log_ = el("div", id="log", role="log", aria_label=said["log"], aria_live="polite")
    box = el(
        "form",
        el("label", said["question"], for_="question", class_="sr"),
        el("textarea", id="question", rows="1", maxlength=longest, placeholder=said["placeholder"], enterkeyhint="send"),
        _round("send", "send", said["send"], type="submit"),
        _round("stop", "stop", said["stop"], hidden=True),
        id="composer",
    )
    return el("div", side, el("div", bar, welcome, heading, log_, el("div", box, class_="dock"), class_="conversation"), class_="chat-page")


def _landscape() -> Html:
    """A drawing and nothing more: a screen reader passes over it."""
    hills = [el("path", d=path) for path in texts()["landscape"]]
    river = [el("path", d=f"M{x} {y}h{width}") for x, y, width in ((60, 148, 190), (300, 152, 260), (600, 147, 90))]
    return el("svg", el("circle", cx="456", cy="56", r="15"), hills, el("g", river), viewBox="0 0 720 156",
              preserveAspectRatio="xMidYMax slice", aria_hidden="true", focusable="false", class_="landscape")  # fmt: skip


def _export(said: Any, kind: str) -> Html:
    return el("button", icon(EXPORTS[kind]), said[f"export_{kind}"], type="button", class_="quiet", data_export=kind)


def _round(name: str, drawing: str, label: str, **attributes: Any) -> Html:
    return el("button", icon(drawing), id=name, aria_label=label, title=label, class_="round", **{"type": "button", **attributes})


async def converse(
    assistant: Assistant, turns: Turns, session: str, turn: str, question: str, as_of: str
) -> AsyncIterator[Update]:
    """The words of an answer as they come, ``{html}``, then all of it, ``{done, html, markdown, choices, …}``."""
    try:
        on = _day(as_of)
        async for piece in turns.follow(f"{session}/{turn}", lambda: assistant.stream(question, session, on)):
            yield finished(piece) if isinstance(piece, Answer) else {"html": el("div", markdown(piece), class_="words")}
    except MENDABLE as error:
        log.error("%s", error)
        yield _told(texts()["broken"].format(reason=error))
    except ValueError:
        yield _told(texts()["bad_day"].format(day=as_of))


def _day(text: str) -> date | None:
    return date.fromisoformat(text.strip()) if text.strip() else None


def finished(answer: Answer) -> Update:
    """A whole answer as the page takes it: what to show, what to copy, what to offer next."""
    return {
        "done": True,
        "html": answer_html(answer),
        "markdown": answer_markdown(answer),
        "status": answer.status,
        "choices": [[choice.label, choice.reply] for choice in answer.choices],
        "suggestions": answer.suggestions,
    }


def _told(text: str) -> Update:
    html = el("p", text, class_="problem")
    return {"done": True, "html": html, "markdown": text, "status": "error", "choices": [], "suggestions": []}

