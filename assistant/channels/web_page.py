"""The chat page, built with Gradio; everything it loads comes from this machine."""

import logging
import uuid
from collections.abc import Iterator
from datetime import date
from importlib.resources import files
from typing import Any

import gradio as gr

from assistant.answer import Answer
from assistant.channels.web_card import answer_html, as_markdown, as_text, texts
from assistant.service import Assistant
from assistant.settings import SettingsError
from corpus import PlanFormatError
from corpus.embedding import EmbeddingModelError
from corpus.index import IndexUnavailableError
from tools.parameters import ParameterError

CSS = files("assistant.channels").joinpath("web.css").read_text("utf-8")
HEAD = '<script>document.documentElement.lang = "zh-CN"</script>'
FONTS = ["system-ui", "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", "sans-serif"]
MENDABLE = (IndexUnavailableError, EmbeddingModelError, ParameterError, PlanFormatError, SettingsError)
"""What the assistant lets through: the installation needs mending, and the error says how."""
AT_ONCE = 16
"""Questions worked on at the same time; more wait their turn."""

log = logging.getLogger(__name__)
Message = dict[str, Any]
Update = tuple[str, list[Message]]


def theme() -> gr.Theme:
    """Fonts that the reader's own machine has."""
    return gr.themes.Soft(primary_hue="blue", font=FONTS, font_mono=["ui-monospace", "monospace"])


def build_page(assistant: Assistant) -> gr.Blocks:
    """The page: a chat with one conversation of its own per tab."""
    said = texts()
    page: gr.Blocks
    with gr.Blocks(title=said["title"], analytics_enabled=False) as page:
        session = gr.State(_new_session)
        with gr.Row(elem_id="head"):
            gr.Markdown(f"# {said['title']}", container=False)
            day = gr.Textbox(
                label=said["day"], placeholder=said["today"], max_length=10, scale=0, min_width=140, elem_id="day",
            )
            new = gr.Button(said["new"], scale=0, min_width=100, elem_id="new")
        chat = gr.Chatbot(
            label=said["title"], show_label=False, elem_id="chat", height="calc(100dvh - 13rem)", layout="bubble",
            buttons=[], latex_delimiters=[], allow_tags=False, placeholder=said["welcome"],
            examples=[{"text": example} for example in said["examples"]],
        )
        box = gr.Textbox(
            label=said["question"], show_label=False, placeholder=said["ask_placeholder"], lines=1, max_lines=6,
            submit_btn=said["send"], autofocus=True, elem_id="question",
        )

        def reply(question: str, history: list[Message], name: str, as_of: str) -> Iterator[Update]:
            yield from converse(assistant, question, history, name, as_of)

        def choose(event: gr.SelectData, history: list[Message], name: str, as_of: str) -> Iterator[Update]:
            picked = event.value
            question = picked["text"] if isinstance(picked, dict) else str(picked)
            yield from converse(assistant, question, history, name, as_of)

        shared = [chat, session, day]
        events = (
            (box.submit, reply, [box, *shared]), (chat.option_select, choose, shared), (chat.example_select, choose, shared),
        )
        for listen, answer, inputs in events:
            listen(
                answer, inputs, [box, chat], trigger_mode="once", concurrency_limit=AT_ONCE, concurrency_id="ask",
                show_progress="hidden", api_visibility="private",
            )
        for begin_anew in (new.click, chat.clear):
            begin_anew(lambda: (_new_session(), [], ""), None, [session, chat, box], api_visibility="private")
    return page


def converse(
    assistant: Assistant, question: str, history: list[Message], session: str, as_of: str
) -> Iterator[Update]:
    """The conversation as it grows: the question, the words of the answer as they come, then its card."""
    history = [*history, {"role": "user", "content": as_text(question)}, {"role": "assistant", "content": "…"}]
    yield "", history
    try:
        on = date.fromisoformat(as_of.strip()) if as_of.strip() else None
    except ValueError:
        yield "", [*history[:-1], _spoken(texts()["bad_day"].format(day=as_of))]
        return
    words = ""
    try:
        for piece in assistant.stream(question, session, on):
            if isinstance(piece, Answer):
                yield "", [*history[:-1], _answered(piece)]
            else:
                words += piece
                yield "", [*history[:-1], {"role": "assistant", "content": as_markdown(words)}]
    except MENDABLE as error:
        log.error("%s", error)
        yield "", [*history[:-1], _spoken(texts()["broken"].format(reason=error))]


def _answered(answer: Answer) -> Message:
    """The finished answer, with the replies or next questions one can pick."""
    picks = [(choice.label, choice.reply) for choice in answer.choices] or [(text, text) for text in answer.suggestions]
    options = [{"label": label, "value": value} for label, value in picks]
    return {"role": "assistant", "content": answer_html(answer), "options": options}


def _spoken(text: str) -> Message:
    return {"role": "assistant", "content": as_text(text)}


def _new_session() -> str:
    return uuid.uuid4().hex
