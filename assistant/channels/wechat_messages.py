"""What a person sent through WeChat or WeCom, and what it asks of us."""

from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Annotated, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from assistant.channels.wechat_codec import Refused

Name = Annotated[str, StringConstraints(min_length=1, max_length=128, pattern=r"^[^\x00-\x20]+$")]


class Phrases(BaseModel):
    """``messages.yaml``."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    welcome: str
    no_speech: str
    kinds: dict[str, str]
    other_kind: str
    continue_words: list[str] = Field(alias="continue")
    restart_words: list[str] = Field(alias="restart")
    help_words: list[str] = Field(alias="help")
    restarted: str
    unfinished: str
    thinking: str
    thinking_will_send: str
    still_thinking: str
    nothing_left: str
    crowded: str
    one_by_one: str
    broken: str
    interrupted: str
    choices: str
    suggestions: str
    link: str


@cache
def phrases() -> Phrases:
    """What the channels say of their own accord."""
    text = files("assistant.channels").joinpath("messages.yaml").read_text("utf-8")
    return Phrases.model_validate(yaml.safe_load(text))


class Incoming(BaseModel):
    """A message or event of the platform; fields that it does not have are empty."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    account: Name = Field(alias="ToUserName")
    sender: Name = Field(alias="FromUserName")
    created: int = Field(alias="CreateTime", ge=0)
    kind: Name = Field(alias="MsgType")
    message_id: str = Field("", alias="MsgId", max_length=128)
    content: str = Field("", alias="Content", max_length=20_000)
    recognition: str = Field("", alias="Recognition", max_length=20_000)
    event: str = Field("", alias="Event", max_length=128)
    event_key: str = Field("", alias="EventKey", max_length=2048)

    @property
    def identity(self) -> tuple[str, ...]:
        """What the retries of one message have in common."""
        if self.message_id and self.kind.lower() != "event":
            return self.sender, "message", self.message_id
        return self.sender, "event", str(self.created), self.event, self.event_key


def incoming(fields: dict[str, str]) -> Incoming:
    """The message in the fields of a document. Refuses what lacks a sender, an account, a time or a type."""
    try:
        return Incoming.model_validate(fields)
    except ValidationError:
        raise Refused(400, "消息缺少必要的字段") from None


@dataclass(frozen=True, slots=True)
class Wish:
    """What a message asks of us.

    ask: answer ``text``; say: reply with ``text`` as it stands; next: go on with what remains to be told;
    restart: begin anew and say ``text``; nothing: no reply.
    """

    kind: Literal["ask", "say", "next", "restart", "nothing"]
    text: str = ""


def wish_of(message: Incoming) -> Wish:
    """What to do about a message."""
    said, kind = phrases(), message.kind.lower()
    if kind == "text":
        return _wish_of_words(message.content)
    if kind == "voice":
        return _wish_of_words(message.recognition) if message.recognition.strip() else Wish("say", said.no_speech)
    if kind == "event":
        return _wish_of_event(message)
    return Wish("say", said.kinds.get(kind, said.other_kind))


def _wish_of_event(message: Incoming) -> Wish:
    event = message.event.lower()
    if event == "subscribe":
        return Wish("restart", phrases().welcome)  # whoever comes back starts afresh
    if event == "unsubscribe":
        return Wish("restart")  # nothing is owed any more, and nobody to tell
    if event == "click":
        # The key of a menu item is what the person would have typed.
        return _wish_of_words(message.event_key)
    return Wish("nothing")


def _wish_of_words(words: str) -> Wish:
    said = phrases()
    bare = words.strip(" \t\r\n\u3000“”\"'‘’「」『』《》【】[]().。!！?？,，~～")
    if bare in said.continue_words:
        return Wish("next")
    if bare in said.restart_words:
        return Wish("restart", said.restarted)
    if bare in said.help_words or not words.strip():
        return Wish("say", said.welcome)
    return Wish("ask", words)
