"""The OpenAI-compatible endpoint: any chat client can use the assistant as a model.

A chat client sends the whole conversation each time. The session in which its last answer was given is found by what
was said so far; where there is none (another answer was asked for, the service started anew), what the person said
before is said again in a fresh session.
"""

import json
import threading
import time
import uuid
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from datetime import UTC, date, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Request

from assistant.answer import Answer
from assistant.channels.http_api import KEY, event_schema, session_of, stream_of
from assistant.channels.http_input import JsonRoute
from assistant.channels.http_problems import texts
from assistant.channels.http_workers import Workers
from assistant.channels.openai_format import (
    MODEL,
    ChatRequest,
    Completion,
    ModelCard,
    ModelList,
    OpenAIErrorBody,
    Option,
    Reply,
    Turns,
    Usage,
    known_model,
)
from assistant.service import Assistant
from corpus import clause_label, load_plan

_REMEMBERED = 5000
"""Conversations whose session can be found again."""
_ABOUT = texts()["operations"]
_SAID = texts()["openai"]


class Sessions:
    """The session that a conversation has come to; each can be taken up once."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: OrderedDict[str, str] = OrderedDict()

    def take(self, key: str) -> str | None:
        with self._lock:
            return self._known.pop(key, None)

    def put(self, key: str, session: str) -> None:
        with self._lock:
            self._known[key] = session
            while len(self._known) > _REMEMBERED:
                self._known.popitem(last=False)


_ERRORS: dict[int | str, dict[str, Any]] = {
    status: {"model": OpenAIErrorBody, "description": texts()["problem"]}
    for status in (400, 401, 403, 404, 413, 415, 429, 500, 503)
}


def router(assistant: Assistant, workers: Workers) -> APIRouter:
    """``/v1/chat/completions`` and ``/v1/models``."""
    api = APIRouter(prefix="/v1", route_class=JsonRoute, responses=_ERRORS, dependencies=[Depends(KEY)])
    sessions = Sessions()
    streamed = {"text/event-stream": {"schema": event_schema()}}

    @api.post(
        "/chat/completions", operation_id="chat", response_model=Completion, responses={200: {"content": streamed}},
        **_ABOUT["chat"],
    )
    async def chat(body: ChatRequest, request: Request) -> Any:
        turns = body.turns()
        speaker = _Speaker(assistant, sessions, turns, request)
        if not body.stream:
            answer = await workers.run(speaker.answer, body.as_of)
            return speaker.completion(answer)
        usage = bool(body.stream_options and body.stream_options.include_usage)
        pieces: AsyncIterator[str | Answer] = workers.each(lambda: speaker.pieces(body.as_of))
        return await stream_of(pieces, speaker.chunks(usage), request)

    @api.get("/models", operation_id="models", **_ABOUT["models"])
    async def models() -> ModelList:
        return ModelList(data=[_card()])

    @api.get("/models/{name}", operation_id="model", **_ABOUT["model"])
    async def model(name: Annotated[str, Path(json_schema_extra={"enum": [MODEL]})]) -> ModelCard:
        known_model(name)
        return _card()

    return api


class _Speaker:
    """One completion."""

    def __init__(self, assistant: Assistant, sessions: Sessions, turns: Turns, request: Request) -> None:
        self._assistant, self._sessions, self._turns = assistant, sessions, turns
        self._request, self._caller = request, request.state.caller
        self.content = ""
        """What the client is shown, so far."""
        self._about = {"id": f"chatcmpl-{uuid.uuid4().hex}", "created": int(time.time()), "model": MODEL}

    def pieces(self, as_of: date | None) -> Iterator[str | Answer]:
        """The text in pieces, the clauses it rests on, then the Answer."""
        session = self._session(as_of)
        for piece in self._assistant.stream(self._turns.question, session, as_of):
            if isinstance(piece, Answer):
                if quotes := _quotes(piece):
                    self.content += quotes
                    yield quotes
                yield self._done(piece, session)
            else:
                self.content += piece
                yield piece

    def answer(self, as_of: date | None) -> Answer:
        """The whole Answer."""
        session = self._session(as_of)
        answer = self._assistant.ask(self._turns.question, session, as_of)
        self.content = content_of(answer)
        return self._done(answer, session)

    def _session(self, as_of: date | None) -> str:
        """A session that knows what was said before."""
        before = self._turns.key(self._caller)
        if self._turns.before and (known := self._sessions.take(before)):
            return known
        session = session_of(self._request, uuid.uuid4().hex)
        for question in self._turns.earlier_questions():
            self._assistant.ask(question, session, as_of)
        return session

    def _done(self, answer: Answer, session: str) -> Answer:
        self._sessions.put(self._turns.key_after(self._caller, self.content), session)
        return answer.model_copy(update={"session": ""})

    def completion(self, answer: Answer) -> Completion:
        """The completion as one piece."""
        choices = [Option(message=Reply(content=self.content))]
        return Completion(**self._about, choices=choices, usage=self._usage(), answer=answer)

    def chunks(self, with_usage: bool) -> Callable[[str | Answer], str]:
        """How each piece is sent: a chunk with what is new, at the end those that close the completion."""

        def chunk(piece: str | Answer) -> str:
            if isinstance(piece, str):
                return self._chunk({"role": "assistant", "content": piece})
            last = self._chunk({}, "stop", answer=piece.model_dump(mode="json"))
            if with_usage:
                usage = self._usage().model_dump()
                last += _data({**self._about, "object": "chat.completion.chunk", "choices": [], "usage": usage})
            return last + "data: [DONE]\n\n"

        return chunk

    def _chunk(self, delta: Mapping[str, str], finished: str | None = None, **more: Any) -> str:
        choice = {"index": 0, "delta": delta, "finish_reason": finished, "logprobs": None}
        return _data({**self._about, "object": "chat.completion.chunk", "choices": [choice], **more})

    def _usage(self) -> Usage:
        asked = sum(len(text) for _, text in self._turns.before) + len(self._turns.question)
        said = len(self.content)
        return Usage(prompt_tokens=asked, completion_tokens=said, total_tokens=asked + said)


def content_of(answer: Answer) -> str:
    """What a chat client shows (Markdown): the text, then the clauses it rests on in their own words."""
    return answer.text + _quotes(answer)


def _quotes(answer: Answer) -> str:
    lines = [
        _SAID["quote"].format(label=clause_label(citation.clause), quote=citation.quote)
        for citation in answer.citations_to_add()
    ]
    return "".join(f"\n\n{line}" for line in dict.fromkeys(lines))


def _card() -> ModelCard:
    published = load_plan().published
    return ModelCard(created=int(datetime(published.year, published.month, published.day, tzinfo=UTC).timestamp()))


def _data(value: Mapping[str, Any]) -> str:
    return f"data: {json.dumps(value, ensure_ascii=False)}\n\n"

