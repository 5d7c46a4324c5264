"""OpenAI's chat completions as data: what a client sends, and what it gets."""

import hashlib
import json
from collections.abc import Sequence
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from assistant.answer import Answer
from assistant.channels.http_input import Day
from assistant.channels.http_problems import Problem, texts
from assistant.conversations import KEPT_TURNS

MODEL = "guangxi-policy-assistant"
_SAID = texts()["openai"]


class Part(BaseModel):
    """A part of a message's content; only text can be answered."""

    type: str
    text: str = ""


class Message(BaseModel):
    """A message. Those of system, developer and tools are passed over: the assistant has its own instructions."""

    role: Literal["system", "developer", "user", "assistant", "tool", "function"]
    content: str | list[Part] | None = None

    @property
    def text(self) -> str:
        """The content as text. Raises Problem for images and sound."""
        if not isinstance(self.content, list):
            return self.content or ""
        if any(part.type != "text" for part in self.content):
            raise Problem("bad_request", why=_SAID["only_text"])
        return "".join(part.text for part in self.content)


class StreamOptions(BaseModel):
    include_usage: bool | None = False


class ResponseFormat(BaseModel):
    type: str = "text"


class ChatRequest(BaseModel):
    """A request for a completion; what is not named here (temperature, tools …) changes nothing."""

    model_config = ConfigDict(extra="allow")

    model: str = Field(json_schema_extra={"enum": [MODEL]})
    messages: list[Message] = Field(min_length=1, description=texts()["fields"]["messages"])
    stream: bool | None = False
    stream_options: StreamOptions | None = None
    n: int | None = 1
    response_format: ResponseFormat | None = None
    as_of: Day = Field(None, description=texts()["fields"]["as_of"])

    def turns(self) -> "Turns":
        """The conversation. Raises Problem when it cannot be answered."""
        known_model(self.model)
        if (self.n or 1) != 1:
            raise Problem("bad_request", why=_SAID["one"])
        if self.response_format is not None and self.response_format.type != "text":
            raise Problem("bad_request", why=_SAID["plain"])
        said = [(message.role, message.text.strip()) for message in self.messages if message.role in ("user", "assistant")]
        if not said or self.messages[-1].role != "user":
            raise Problem("bad_request", why=_SAID["no_user"])
        return Turns(said[:-1], said[-1][1])


class Turns:
    """What was said before, and the question now."""

    def __init__(self, before: Sequence[tuple[str, str]], question: str) -> None:
        self.before, self.question = list(before), question

    def key(self, caller: str) -> str:
        """Names the conversation up to the question, for this caller."""
        return _digest([caller, *self.before])

    def key_after(self, caller: str, content: str) -> str:
        """Names the conversation once it has been answered."""
        said = [*self.before, ("user", self.question), ("assistant", content.strip())]
        return _digest([caller, *said])

    def earlier_questions(self) -> list[str]:
        """What the person said before, as far back as the assistant remembers."""
        return [text for role, text in self.before if role == "user"][-KEPT_TURNS:]


class Usage(BaseModel):
    """In characters: the embedded model has no tokens, and what a set model used is its own affair."""

    prompt_tokens: int
    completion_tokens: int
    total_tokens: int


class Reply(BaseModel):
    role: Literal["assistant"] = "assistant"
    content: str


class Option(BaseModel):
    index: int = 0
    message: Reply
    finish_reason: Literal["stop"] = "stop"
    logprobs: None = None


class Completion(BaseModel):
    """OpenAI's completion; ``answer`` is the assistant's own Answer, with citations and calculations."""

    id: str
    object: Literal["chat.completion"] = "chat.completion"
    created: int
    model: str = MODEL
    choices: list[Option]
    usage: Usage
    answer: Answer


class ModelCard(BaseModel):
    id: str = MODEL
    object: Literal["model"] = "model"
    created: int
    owned_by: str = MODEL


class ModelList(BaseModel):
    object: Literal["list"] = "list"
    data: list[ModelCard]


class OpenAIError(BaseModel):
    message: str
    type: str
    param: str | None
    code: str | None


class OpenAIErrorBody(BaseModel):
    """The body of every error at these addresses."""

    error: OpenAIError


def known_model(name: str) -> None:
    """Raises Problem when there is no such model."""
    if name != MODEL:
        raise Problem("no_model", name=name[:100], known=MODEL)


def _digest(value: Sequence[Any]) -> str:
    return hashlib.sha256(json.dumps(value, ensure_ascii=False).encode()).hexdigest()
