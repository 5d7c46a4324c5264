"""A language model's words as they come: sentence by sentence, each with its figures traced before it is shown."""

import re
from collections.abc import Iterator, Sequence
from typing import Any

from langchain_core.messages import AIMessageChunk, AnyMessage

from assistant.grounding import Evidence, gather, ungrounded
from assistant.messages import artifacts_of, present_turn, said_by_person

_SENTENCES = re.compile(r".*[。！？!?\n]", re.S)
_CALL = re.compile(r"\s*(?:[{\[`<]|$)")
"""A tool call that a small model writes as text."""


class Sentences:
    """The sentences of the one reply that follows the tools, as far as they can be shown.

    When the model has to try again, what it says then is not shown piece by piece: ``shown`` no longer begins the answer.
    """

    def __init__(self, as_of: str) -> None:
        self._as_of = as_of
        self._evidence: Evidence | None = None
        self._message: str | None = None
        self._text = ""
        self.shown = ""

    def learn(self, messages: Sequence[AnyMessage]) -> None:
        """The conversation after a step: what its tools returned is what figures may rest on."""
        found = artifacts_of(present_turn(messages))
        self._evidence = gather(found, said_by_person(messages), self._as_of) if found else None

    def of(self, chunk: Any) -> Iterator[str]:
        """What a piece of the model's reply completes."""
        if self._evidence is None or not isinstance(chunk, AIMessageChunk) or chunk.tool_call_chunks:
            return
        self._message = self._message or chunk.id
        if chunk.id != self._message:
            return
        self._text += str(chunk.text)
        ready = _SENTENCES.match(self._text)
        if ready is None or len(ready[0]) <= len(self.shown) or _CALL.match(self._text):
            return
        if not ungrounded(ready[0], self._evidence):
            piece = ready[0][len(self.shown) :]
            self.shown = ready[0]
            yield piece
